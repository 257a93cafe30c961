"""`python -m benchmarks`: prints one table; status 1 when a target is missed with --strict."""

import argparse
import os
import sys
from collections.abc import Callable
from importlib import import_module

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from benchmarks.figures import Figure, heading
from benchmarks.ground import Ground, prepare

PARTS = ("start", "finding", "window", "bulk", "importing", "mail", "events")


def main() -> int:
    """Measure the parts and print each figure as soon as it is there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--deals", type=int, default=20_000)
    parser.add_argument("--cards", type=int, default=12_000)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--fresh", action="store_true", help="make the demo anew and time it")
    parser.add_argument("--strict", action="store_true", help="status 1 when a target is missed")
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()
    print(f"Preparing {args.contacts:,} contacts and {args.deals:,} deals …", flush=True)
    ground = prepare(args.contacts, args.deals, args.cards, fresh=args.fresh)
    print(heading(), flush=True)
    over = False
    for part in args.only:
        measure: Callable[[Ground], list[Figure]] = import_module(f"benchmarks.{part}").measure
        for figure in measure(ground):
            print(figure.line(), flush=True)
            over |= figure.verdict == "OVER"
    return 1 if over and args.strict else 0


if __name__ == "__main__":
    sys.exit(main())
