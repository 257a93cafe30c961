"""The command `who`."""

import argparse
from datetime import datetime
from typing import Any

from app.cli.run import DONE, print_json
from app.cli.table import print_table
from app.sharing.presence import Attendant, who
from app.workspace import Workspace
from models.clock import local


def run_who(args: argparse.Namespace) -> int:
    """Print who has the workspace open; looks without coming in, so it writes nothing."""
    workspace = Workspace.open(args.workspace, watch=False, read_only=True)
    try:
        present = workspace.read(who)
    finally:
        workspace.close()
    if args.json:
        print_json({"workspace": args.workspace, "present": [_as_json(one) for one in present]})
    else:
        print_table([_as_row(one) for one in present])
    return DONE


def _as_json(one: Attendant) -> dict[str, Any]:
    return {
        "user_id": None if one.user_id is None else str(one.user_id),
        "user": one.user,
        "host": one.host,
        "version": one.version,
        "since": one.since.isoformat(),
        "seen": one.seen.isoformat(),
        "read_only": one.read_only,
        "stale": one.stale,
    }


def _as_row(one: Attendant) -> dict[str, Any]:
    return {
        "who": one.user or "(no name yet)",
        "computer": one.host,
        "version": one.version,
        "since": _moment(one.since),
        "last seen": f"{_moment(one.seen)}{' (silent)' if one.stale else ''}",
    }


def _moment(moment: datetime) -> str:
    return f"{local(moment):%Y-%m-%d %H:%M}"
