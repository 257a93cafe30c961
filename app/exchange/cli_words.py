"""What the command line's `import` prints: for machines, and for people."""

import sys
from typing import Any

from app.errors import UserError
from app.exchange.counts import Outcome
from app.exchange.fields import KINDS
from app.exchange.plan import FilePlan
from app.exchange.runs import FileResult, Progress
from app.exchange.stdin_file import STDIN


def as_json(result: FileResult, *, recognised: bool = False) -> dict[str, Any]:
    """Return what became of a file as the command line prints it."""
    found = result.as_json()
    if result.plan.source == STDIN:
        found["file"] = STDIN
    if result.batch_id is not None:
        found["batch"] = str(result.batch_id)
    if recognised:
        found["recognised"] = recognition(result.plan)
    return found


def recognition(plan: FilePlan) -> dict[str, Any]:
    """Return what a file was recognised as: program, kind, how sure, and its columns."""
    dialect, layout = plan.table.dialect, plan.guess.layout
    return {
        "program": layout.title if layout else None,
        "kind": KINDS[plan.kind].plural,
        "confidence": plan.guess.confidence,
        "format": dialect.format,
        "encoding": dialect.encoding or None,
        "delimiter": dialect.delimiter or None,
        "header_row": dialect.header_row or None,
        "sheet": dialect.sheet or None,
        "columns": plan.mapping(),
        "left_out": [c.header for c in plan.guess.columns if c.field is None and not plan.stated],
    }


def refusal(name: str, error: UserError) -> dict[str, Any]:
    """Return a file that could not be read in the shape of those that were, with the reason."""
    found: dict[str, Any] = {"file": name, "kind": None, "read": 0}
    found.update({outcome.value: 0 for outcome in Outcome})
    found["links"] = {}
    found["problems"] = [{"row": 0, "column": "", "value": "", "reason": str(error)}]
    found["refused"] = str(error)
    return found


def tell_progress(progress: Progress) -> None:
    """Print how far an import is, over the line before."""
    print(
        f"\r{progress.path.name}: {progress.done:,} of {progress.total:,} rows, "
        f"{progress.rate:,.0f} a second ",
        end="",
        file=sys.stderr,
        flush=True,
    )


def nothing_written(dry: bool) -> str:
    """Return what is said of a dry run."""
    return " (nothing written)" if dry else ""


def print_results(results: list[FileResult], *, dry: bool, recognised: bool) -> None:
    """Print what became of files, for people."""
    for result in results:
        counts: dict[str, Any] = result.as_json()
        if recognised:
            _print_recognition(result.plan)
        words = ", ".join(f"{counts[o.value]:,} {o.value}" for o in Outcome if counts[o.value])
        links = ", ".join(f"{n:,} {kind}" for kind, n in counts["links"].items())
        head = f"{result.plan.path.name}: {counts['read']:,} {counts['kind']}"
        linked = f"; linked to {links}" if links else ""
        print(f"{head}: {words or 'no rows'}{linked}{nothing_written(dry)}")
        for problem in counts["problems"][:20]:
            where = f"row {problem['row']}" + (
                f", {problem['column']}" if problem["column"] else ""
            )
            value = f" “{problem['value'][:60]}”" if problem["value"] else ""
            print(f"  {where}:{value} {problem['reason']}")
        if len(counts["problems"]) > 20:  # noqa: PLR2004  what fits a screen
            print(f"  … and {len(counts['problems']) - 20:,} more (--json lists them)")


def _print_recognition(plan: FilePlan) -> None:
    found = recognition(plan)
    sure = f"{round(100 * found['confidence'])} % sure"
    what = found["program"] or "no known program"
    print(f"{plan.path.name}: recognised as {found['kind']} ({what}, {sure})")
    for header, field in found["columns"].items():
        if field is not None:
            print(f"  {header} → {KINDS[plan.kind].field(field).label}")
    if found["left_out"]:
        print(f"  left out: {', '.join(found['left_out'])}")
