"""What can be typed, in one place; wrong usage ends with status 2 and says what is right."""

import argparse
import os
from datetime import date

LIST_KINDS = (
    "companies", "contacts", "products", "users", "deals", "tickets", "tasks", "activities",
)  # fmt: skip
# The kinds that `show` takes; a plural is as good as a singular.
SHOW_KINDS = {
    "company": "company", "companies": "company", "contact": "contact", "contacts": "contact",
    "product": "product", "products": "product", "user": "user", "users": "user",
    "deal": "deal", "deals": "deal", "ticket": "ticket", "tickets": "ticket",
    "task": "task", "tasks": "task", "activity": "activity", "activities": "activity",
    "appointment": "appointment", "appointments": "appointment",
    "order": "order", "orders": "order", "campaign": "campaign", "campaigns": "campaign",
}  # fmt: skip
REPORTS = ("pipeline", "won", "winrate", "team", "forecast", "sources")
CUTS = ("month", "quarter", "owner", "team", "product", "region")
_EPILOG = """\
Exit status: 0 done, 1 the work could not be done (standard error says why), 2 wrong usage.
Without a command, the window opens."""


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """Return the parser; `command` is the one whose arguments are costly to declare (import)."""
    parser = argparse.ArgumentParser(
        prog="closeknit",
        description="A CRM and customer-data platform on your own computer.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[_common()],
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, summary: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=summary, description=summary, parents=[_common()])

    _add_demo(add("demo", "Fill a new workspace with a lively invented office."))
    _add_import(add("import", "Take in CSV, TSV and XLSX files."), declare=command == "import")
    _add_list(add("list", "List records."))
    _add_show(add("show", "Show one record with all that belongs to it."))
    _add_report(add("report", "Print the numbers behind a chart."))
    add("check", "Say whether a workspace is whole.")
    pictures = add("screenshots", "Write a picture of every page, light and dark.")
    pictures.add_argument("folder", metavar="DIR")
    pictures.add_argument("--only", nargs="+", default=[], metavar="NAME", help="only these")
    tour = add("tour", "Drive the real window through a short tour, without a display.")
    tour.add_argument("folder", nargs="?", default=os.path.join("build", "tour"), metavar="DIR")  # noqa: PTH118  argparse wants text
    return parser


def _common() -> argparse.ArgumentParser:
    # SUPPRESS: what stands before the command must not be overwritten by the default after it.
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "-w",
        "--workspace",
        default=argparse.SUPPRESS,
        metavar="PATH_OR_URL",
        help="the workspace; else the variable CLOSEKNIT_WORKSPACE",
    )
    common.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="machine-readable output"
    )
    return common


def count(text: str) -> int:
    """Read a number of records."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"give a number of 0 or more, not {text!r}")
    return int(text)


def record_id(text: str) -> int:
    """Read the id of a record."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"give an id as “list” shows it, not {text!r}")
    return int(text)


def day(text: str) -> date:
    """Read a day as 2026-11-23."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"write a day as 2026-11-23, not {text!r}") from None


def _add_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--contacts", type=count, default=240, metavar="N")
    for name in ("deals", "tickets", "events"):
        parser.add_argument(f"--{name}", type=count, metavar="N", help="else in proportion")
    parser.add_argument(
        "--seed", type=int, default=1, metavar="S", help="the same seed gives the same office"
    )


def _add_import(parser: argparse.ArgumentParser, *, declare: bool) -> None:
    if declare:
        from app.exchange.cli_import import add_import_arguments

        add_import_arguments(parser)


def _add_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=LIST_KINDS, metavar="|".join(LIST_KINDS))
    parser.add_argument("--filter", default="", metavar="TEXT", help="words that occur in it")
    parser.add_argument("--limit", type=count, metavar="N")


def _add_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=SHOW_KINDS, metavar="KIND")
    parser.add_argument("id", type=record_id, metavar="ID")


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("report", choices=REPORTS, metavar="|".join(REPORTS))
    parser.add_argument("--from", dest="start", type=day, metavar="DATE")
    parser.add_argument("--to", dest="end", type=day, metavar="DATE")
    parser.add_argument("--by", choices=CUTS, metavar="|".join(CUTS))
