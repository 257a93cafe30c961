"""The command line's `import`: the same recognition, dry run and engine as the window's."""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.errors import CloseknitError, UserError
from app.exchange.counts import Outcome
from app.exchange.fields import BY_PLURAL
from app.exchange.pace import import_pace
from app.exchange.plan import FilePlan, plan_file
from app.exchange.runs import LARGE_CHUNK, FileResult, ImportRun, Progress, region_of
from app.sharing.backup_keeper import BackupKeeper
from app.sqlite_file import check_path
from app.workspace import Workspace


def add_import_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `import`; --workspace and --json are common to all commands."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="CSV, TSV or XLSX files")
    parser.add_argument(
        "--as",
        dest="kind",
        choices=sorted(BY_PLURAL),
        help="what the rows are, where that should not be guessed",
    )
    parser.add_argument("--dry-run", action="store_true", help="count, but write nothing")
    parser.add_argument(
        "--reject", metavar="FILE", help="write the rows that were not taken here, with the reason"
    )


def run_import(args: argparse.Namespace) -> int:
    """Import files into the workspace `args.workspace`; return the exit status.

    0: all files were read (rows may have problems); 1: a file could not be; stderr says why.
    """
    try:
        with _opened(args) as workspace, import_pace():
            return import_into(workspace, args)
    except CloseknitError as error:
        print(error, file=sys.stderr)
        return 1


@contextmanager
def _opened(args: argparse.Namespace) -> Iterator[Workspace]:
    """Open the workspace; a dry run where there is none counts against one that is thrown away."""
    with ExitStack() as stack:
        location, create = args.workspace, not args.dry_run
        if args.dry_run and _is_new_file(location):
            folder = stack.enter_context(TemporaryDirectory(prefix="closeknit-dry-run-"))
            location, create = str(Path(folder) / "dry-run.closeknit"), True
        # With create: the first import of a stranger's files makes the workspace.
        workspace = Workspace.open(location, create=create, watch=False)
        stack.callback(workspace.close)
        if not (args.dry_run or workspace.is_new):
            keeper = BackupKeeper(workspace.database, workspace.feed)
            keeper.start(by_the_clock=False)
            stack.callback(keeper.stop, finish=True)
        yield workspace


def _is_new_file(location: str) -> bool:
    """Say whether a workspace would be made at a path; raise where that could not be."""
    if "://" in location:
        return False
    path = Path(location).expanduser().absolute()
    check_path(path, create=True)
    return not path.exists() or path.stat().st_size == 0


def import_into(workspace: Workspace, args: argparse.Namespace) -> int:
    """Import files into an open workspace and print what became of them."""
    plans, failed = _plans(workspace, args)
    run = ImportRun(
        workspace,
        plans,
        dry=args.dry_run,
        rejects=Path(args.reject) if args.reject else None,
        on_progress=_tell if sys.stderr.isatty() else None,
        chunk=LARGE_CHUNK,
    )
    try:
        results = run.run()
    except CloseknitError as error:
        print(error, file=sys.stderr)
        failed = True
        results = run.results
    except KeyboardInterrupt:
        print("Stopped. What was stored can be undone or continued.", file=sys.stderr)
        failed = True
        results = run.results
    # In the order in which the files were named, whatever the order of dependency.
    places = {id(plan): place for place, plan in enumerate(plans)}
    results = sorted(results, key=lambda result: places[id(result.plan)])
    if getattr(args, "json", False):
        print(json.dumps([r.as_json() for r in results], ensure_ascii=False, indent=1))
    else:
        _print(results, dry=args.dry_run)
    return 1 if failed else 0


def _plans(workspace: Workspace, args: argparse.Namespace) -> tuple[list[FilePlan], bool]:
    region = region_of(workspace)
    plans, failed = [], False
    for name in args.files:
        try:
            plans.append(plan_file(name, kind=args.kind, region=region))
        except UserError as error:
            print(error, file=sys.stderr)
            failed = True
    return plans, failed


def _tell(progress: Progress) -> None:
    print(
        f"\r{progress.path.name}: {progress.done:,} of {progress.total:,} rows, "
        f"{progress.rate:,.0f} a second ",
        end="",
        file=sys.stderr,
        flush=True,
    )


def _print(results: list[FileResult], *, dry: bool) -> None:
    for result in results:
        counts: dict[str, Any] = result.as_json()
        words = ", ".join(f"{counts[o.value]:,} {o.value}" for o in Outcome if counts[o.value])
        head = f"{result.plan.path.name}: {counts['read']:,} {counts['kind']}"
        print(f"{head}: {words or 'no rows'}{' (nothing written)' if dry else ''}")
        for problem in counts["problems"][:20]:
            where = f"row {problem['row']}" + (
                f", {problem['column']}" if problem["column"] else ""
            )
            value = f" “{problem['value'][:60]}”" if problem["value"] else ""
            print(f"  {where}:{value} {problem['reason']}")
        if len(counts["problems"]) > 20:  # noqa: PLR2004  what fits a screen
            print(f"  … and {len(counts['problems']) - 20:,} more (--json lists them)")
