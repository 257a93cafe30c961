"""The command `demo`."""

import argparse
import sys
import time

from app.cli.run import DONE, print_json
from app.demo import make_demo
from app.workspace import Workspace


def run_demo(args: argparse.Namespace) -> int:
    """Make a workspace, fill it and say what is in it."""
    started = time.perf_counter()
    workspace = Workspace.open(args.workspace, create=True, watch=False)
    try:
        counts = make_demo(
            workspace,
            contacts=args.contacts,
            deals=args.deals,
            tickets=args.tickets,
            events=args.events,
            seed=args.seed,
            progress=_tell if sys.stderr.isatty() else None,
        )
    finally:
        workspace.close()
    seconds = round(time.perf_counter() - started, 1)
    if args.json:
        made = dict(sorted(counts.by_kind.items()))
        print_json({"workspace": workspace.location, "created": made, "seconds": seconds})
    else:
        print(f"{counts.total} records in {workspace.location} ({seconds} s):")
        for kind, number in sorted(counts.by_kind.items(), key=lambda item: -item[1]):
            print(f"{number:>9} {kind.replace('_', ' ')}")
    return DONE


def _tell(done: int, expected: int) -> None:
    end = "\n" if done == expected else ""
    print(f"\r{done} of about {expected} records", end=end, file=sys.stderr, flush=True)
