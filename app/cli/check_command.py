"""The command `check`."""

import argparse
import sys
from dataclasses import asdict

from app.check import check_workspace
from app.cli.run import DONE, FAILED, print_json
from app.workspace import Workspace


def run_check(args: argparse.Namespace) -> int:
    """Print the verdict of every check; status 1 when one has failed."""
    workspace = Workspace.open(args.workspace, watch=False)
    try:
        checks = workspace.read(check_workspace)
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
