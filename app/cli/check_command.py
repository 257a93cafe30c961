"""The command `check`."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL

from app.changes import ChangeFeed
from app.check import Check, check_workspace
from app.cli.opening import open_to_look
from app.cli.run import DONE, FAILED, print_json
from app.database import Database
from app.deep_check import check_deeply
from app.paths import data_folder
from app.sharing.backups import copy_database
from app.workspace import Workspace


def run_check(args: argparse.Namespace) -> int:
    """Print the verdict of every check; status 1 when one has failed."""
    workspace = open_to_look(args.workspace)
    try:
        checks = _checks(workspace, check_deeply if args.deep else check_workspace)
    finally:
        workspace.close()
    failed = [check for check in checks if not check.passed]
    if args.json:
        verdict = {"workspace": args.workspace, "passed": not failed}
        print_json(verdict | {"checks": [asdict(check) for check in checks]})
    else:
        for check in checks:
            print(f"{'ok    ' if check.passed else 'FAILED'} {check.name}: {check.detail}")
    for check in failed:
        print(f"closeknit: {check.name}: {check.detail}", file=sys.stderr)
    return FAILED if failed else DONE


def _checks(workspace: Workspace, check: Callable[..., list[Check]]) -> list[Check]:
    if not workspace.database.shared:
        return workspace.read(check)
    # Reading for long would keep the others from saving: look at a copy of one moment.
    data_folder().mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="check-", dir=data_folder()) as folder:
        copy = Path(folder) / "copy.closeknit"
        copy_database(Path(str(workspace.database.url.database)), copy)
        database = Database(URL.create("sqlite", database=str(copy)), ChangeFeed())
        try:
            with database.reading() as session:
                return check(session)
        finally:
            database.dispose()
