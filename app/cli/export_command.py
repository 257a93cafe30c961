"""The command `export`: a list of records, or a whole workspace, into a file."""

import argparse
import sys
from pathlib import Path
from typing import Any

from app.cli.opening import open_to_look
from app.cli.run import DONE, print_json
from app.errors import UserError
from app.workspace import Workspace

_ALL = "all"
_ZIP = ".zip"


def run_export(args: argparse.Namespace) -> int:
    """Write records into a file whose ending says the format; print what was written."""
    path = Path(args.to).expanduser().absolute()
    if (args.kind == _ALL) != (path.suffix.lower() == _ZIP):
        raise UserError(
            "A whole workspace goes into a .zip file, and only it: export all --to FILE.zip, "
            "or one kind of records to .csv, .xlsx, .jsonl …"
        )
    if args.kind == _ALL and args.filter:
        raise UserError("A whole workspace has no filter. Leave out --filter, or name a kind.")
    workspace = open_to_look(args.workspace)
    try:
        report = (_whole if args.kind == _ALL else _list)(workspace, args, path)
    finally:
        workspace.close()
    if args.json:
        print_json(report)
    else:
        print(_sentence(report))
        for note in report["notes"]:
            print(f"  {note}")
    return DONE


def _list(workspace: Workspace, args: argparse.Namespace, path: Path) -> dict[str, Any]:
    from app.exchange.out.run import KINDS, Wanted, export_list

    wanted = Wanted(KINDS[args.kind], args.filter)
    progress = _tell if sys.stderr.isatty() else None
    result = export_list(workspace, wanted, path, force=args.force, on_progress=progress)
    return {
        "file": str(path),
        "kind": args.kind,
        "records": result.records,
        "notes": result.notes,
    }


def _whole(workspace: Workspace, args: argparse.Namespace, path: Path) -> dict[str, Any]:
    from app.exchange.out.whole import export_workspace

    progress = _tell if sys.stderr.isatty() else None
    counts = export_workspace(workspace, path, force=args.force, on_progress=progress)
    return {
        "file": str(path),
        "kind": _ALL,
        "records": sum(counts.values()),
        "tables": counts,
        "notes": [],
    }


def _sentence(report: dict[str, Any]) -> str:
    what = "rows of all tables" if report["kind"] == _ALL else report["kind"]
    return f"{what}: {report['records']:,} in {report['file']}"


def _tell(done: int, total: int) -> None:
    print(f"\r{done:,} of {total:,} ", end="", file=sys.stderr, flush=True)
