"""The command line's `import`: the same recognition, dry run and engine as the window's."""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from app.errors import CloseknitError, UserError
from app.exchange.cli_words import (
    as_json,
    nothing_written,
    print_results,
    refusal,
    tell_progress,
)
from app.exchange.fields import BY_PLURAL
from app.exchange.own_fields import own_fields
from app.exchange.pace import import_pace
from app.exchange.plan import (
    FilePlan,
    MatchBy,
    OnMatch,
    Region,
    plan_file,
    with_columns,
    with_taking,
)
from app.exchange.runs import LARGE_CHUNK, ImportRun, region_of, undo_batches
from app.exchange.stdin_file import STDIN, taken_from_stdin
from app.queries.import_undo import batch_to_undo, undo_report
from app.sharing.backup_keeper import BackupKeeper
from app.sqlite_file import check_path
from app.workspace import Workspace
from models.values import name_key

WRONG_USAGE: Final = 2
AUTO: Final = "auto"


def add_import_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `import`; --workspace and --json are common to all commands."""
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="tables, contacts, mail, calendars, events, a whole workspace (zip); - for what "
        "comes on standard input",
    )
    parser.add_argument(
        "--as",
        "--kind",
        dest="kind",
        choices=[AUTO, *sorted(BY_PLURAL)],
        metavar="KIND",
        help="what the rows are: " + ", ".join(sorted(BY_PLURAL)) + "; auto guesses and prints "
        "what was recognised",
    )
    parser.add_argument("--dry-run", action="store_true", help="count, but write nothing")
    parser.add_argument(
        "--reject", metavar="FILE", help="write the rows that were not taken here, with the reason"
    )
    parser.add_argument("--mapping", metavar="FILE", help="columns and words as exported before")
    parser.add_argument(
        "--on-match",
        choices=[each.value for each in OnMatch if each is not OnMatch.ASK],
        help="of what is here already: fill blanks, let the newer win, or let the file win (usual)",
    )
    parser.add_argument(
        "--match-by",
        type=_match_keys,
        metavar="KEYS",
        help="find records again by these only, as in id,email: "
        + ", ".join(each.value for each in MatchBy),
    )
    parser.add_argument(
        "--new-fields",
        action="store_true",
        help="make a field of the workspace's own of each column that fits none",
    )
    parser.add_argument("--sheet", metavar="NAME", help="of a workbook")
    parser.add_argument("--encoding", metavar="NAME", help="of the text, such as cp1252")
    parser.add_argument("--delimiter", metavar="CHARACTER", help="between columns")
    parser.add_argument(
        "--header-row",
        type=_row,
        metavar="N",
        help="the line that names columns, as a spreadsheet counts; 0: none does",
    )
    parser.add_argument("--undo", metavar="BATCH", help="take an import back (its id, or “last”)")
    parser.add_argument("--watch", metavar="DIR", help="take in what arrives there, until stopped")


def _match_keys(text: str) -> frozenset[MatchBy]:
    try:
        return frozenset(MatchBy(key.strip()) for key in text.split(","))
    except ValueError:
        known = ", ".join(each.value for each in MatchBy)
        raise argparse.ArgumentTypeError(
            f"give one or several of {known}, with commas between, not {text!r}"
        ) from None


def _row(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"give the number of a line, 0 or more, not {text!r}")
    return int(text)


def run_import(args: argparse.Namespace) -> int:
    """Import files into the workspace `args.workspace`; return the exit status.

    0: all files were read (rows may have problems); 1: a file could not be; stderr says why.
    """
    wanted = [bool(args.files), args.undo is not None, args.watch is not None]
    if sum(wanted) != 1:
        print("closeknit import: give files, or --undo BATCH, or --watch DIR.", file=sys.stderr)
        return WRONG_USAGE
    try:
        with _opened(args) as workspace, import_pace():
            if args.undo is not None:
                return _undo(workspace, args)
            if args.watch is not None:
                return _watch(workspace, args)
            return import_into(workspace, args)
    except CloseknitError as error:
        print(error, file=sys.stderr)
        return 1


@contextmanager
def _opened(args: argparse.Namespace) -> Iterator[Workspace]:
    """Open the workspace; a dry run where there is none counts against one that is thrown away."""
    with ExitStack() as stack:
        location, create = args.workspace, not (args.dry_run or args.undo)
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
    if args.reject:
        _check_reject_place(Path(args.reject))
    with ExitStack() as stack:
        names = [stack.enter_context(taken_from_stdin()) if n == STDIN else n for n in args.files]
        if len(names) == 1 and (done := _restored(workspace, names[0], args)) is not None:
            return done
        plans, refused = _plans(workspace, names, args)
        return _run(workspace, plans, refused, args)


def _check_reject_place(path: Path) -> None:
    """Say before anything is stored that rejected rows would have no place to go."""
    if path.is_dir() or not path.parent.is_dir():
        raise UserError(
            "{path} cannot take the rows that are rejected: it is a folder, or its folder is not "
            "there. Name a file in a folder that is there.",
            path=str(path),
        )


def _run(
    workspace: Workspace,
    plans: list[FilePlan],
    refused: list[dict[str, Any]],
    args: argparse.Namespace,
) -> int:
    failed = bool(refused)
    run = ImportRun(
        workspace,
        plans,
        dry=args.dry_run,
        rejects=Path(args.reject) if args.reject else None,
        on_progress=tell_progress if sys.stderr.isatty() else None,
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
    show = args.kind == AUTO
    if getattr(args, "json", False):
        found = [as_json(result, recognised=show) for result in results] + refused
        print(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        print_results(results, dry=args.dry_run, recognised=show)
    return 1 if failed else 0


def _plans(
    workspace: Workspace, names: list[str], args: argparse.Namespace
) -> tuple[list[FilePlan], list[dict[str, Any]]]:
    plans: list[FilePlan] = []
    refused: list[dict[str, Any]] = []
    for name, given in zip(names, args.files, strict=True):
        try:
            plan = _plan(workspace, name, args)
        except UserError as error:
            print(error, file=sys.stderr)
            refused.append(refusal(given, error))
        else:
            plans.append(replace(plan, source=STDIN) if given == STDIN else plan)
    return plans, refused


def _plan(workspace: Workspace, name: str, args: argparse.Namespace) -> FilePlan:
    region = region_of(workspace)
    reading = {
        key: getattr(args, key)
        for key in ("encoding", "delimiter", "header_row", "sheet")
        if getattr(args, key) is not None
    }
    kind = None if args.kind == AUTO else args.kind
    if args.mapping is not None:
        plan = _mapped(name, args.mapping, region, reading)
    else:
        plan = plan_file(name, kind=kind, region=region, **reading)
    if args.new_fields:
        plan = with_columns(plan, own_fields(plan), region)
    taking = plan.taking
    if args.on_match:
        taking = replace(taking, on_match=OnMatch(args.on_match))
    if args.match_by:
        taking = replace(taking, match_by=args.match_by)
    return with_taking(plan, taking, region)


def _mapped(name: str, mapping_file: str, region: Region, reading: dict[str, Any]) -> FilePlan:
    from app.exchange.mappings import load, plan_mapped

    mapping = load(mapping_file)
    plan = plan_mapped(name, mapping, region, **reading)
    known = {name_key(header) for header in mapping.columns}
    if known and not plan.stated and known.isdisjoint(map(name_key, plan.table.headers)):
        raise UserError(
            "{mapping} is for other files: {file} has none of its columns. Choose the mapping that "
            "was made for such files, or leave out --mapping.",
            mapping=Path(mapping_file).name,
            file=plan.path.name,
        )
    return plan


def _restored(workspace: Workspace, name: str, args: argparse.Namespace) -> int | None:
    """Take in a whole workspace; None where the file is none."""
    from app.exchange.sources import workspace_zip

    path = Path(name)
    if not path.is_file():
        return None
    with path.open("rb") as file:
        head = file.read(4096)
    if not workspace_zip.recognises(path, head):
        return None
    counts = workspace_zip.restore_zip(workspace, path, dry=args.dry_run)
    if getattr(args, "json", False):
        print(json.dumps([{"file": name, "kind": "workspace", "tables": counts}], indent=1))
    else:
        total = sum(counts.values())
        print(
            f"{path.name}: {total:,} records of {len(counts)} tables{nothing_written(args.dry_run)}"
        )
    return 0


def _undo(workspace: Workspace, args: argparse.Namespace) -> int:
    batch_id = workspace.read(batch_to_undo, text=args.undo)
    undo_batches(workspace, [batch_id])
    report = workspace.read(undo_report, batch_id=batch_id)
    if getattr(args, "json", False):
        print(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        print(
            f"Taken back: {report['removed']:,} removed, {report['restored']:,} restored, "
            f"{report['left']:,} left as they are."
        )
        for kept in report["kept"][:20]:
            print(f"  {kept['kind']} {kept['id']} (row {kept['row']}): {kept['reason']}")
    return 0


def _watch(workspace: Workspace, args: argparse.Namespace) -> int:
    from app.exchange.watch import WatchResult, watch

    def tell(result: WatchResult) -> None:
        if getattr(args, "json", False):
            print(json.dumps(result.as_json(), ensure_ascii=False), flush=True)
        else:
            print("\n".join(result.lines()), flush=True)

    def complain(error: str | None) -> None:
        print(error or "It can be read again.", file=sys.stderr)

    try:
        watch(workspace, Path(args.watch), on_result=tell, on_error=complain)
    except KeyboardInterrupt:
        print("Stopped watching.", file=sys.stderr)
    return 0
