"""What can be typed, in one place; wrong usage ends with status 2 and says what is right."""

import argparse
import os
from datetime import date

LIST_KINDS = (
    "companies", "contacts", "products", "users", "deals", "tickets", "tasks", "activities",
    "appointments", "orders", "events",
)  # fmt: skip
EXPORT_KINDS = (*LIST_KINDS, "all")
# The kinds that `show` takes; a plural is as good as a singular.
SHOW_KINDS = {
    "company": "company", "companies": "company", "contact": "contact", "contacts": "contact",
    "product": "product", "products": "product", "user": "user", "users": "user",
    "deal": "deal", "deals": "deal", "ticket": "ticket", "tickets": "ticket",
    "task": "task", "tasks": "task", "activity": "activity", "activities": "activity",
    "appointment": "appointment", "appointments": "appointment",
    "order": "order", "orders": "order", "event": "event", "events": "event",
    "campaign": "campaign", "campaigns": "campaign",
}  # fmt: skip
REPORTS = ("pipeline", "won", "winrate", "team", "forecast", "sources")
CUTS = ("month", "quarter", "owner", "team", "product", "region")
MAIL_ACTIONS = ("add", "list", "poll", "remove")
LOGIN_ACTIONS = ("list", "add", "change", "remove")
_EPILOG = """\
Exit status: 0 done, 1 the work could not be done (standard error says why), 2 wrong usage.
Without a command, the window opens; with --read-only only to look, without writing a byte."""


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
    _add_import(
        add("import", "Take in files of any program: tables, contacts, mail, calendars, events."),
        declare=command == "import",
    )
    _add_export(add("export", "Write records, or a whole workspace, into a file."))
    _add_imports(add("imports", "List what was taken in, and what became of it."))
    _add_list(add("list", "List records."))
    _add_show(add("show", "Show one record with all that belongs to it."))
    _add_report(add("report", "Print the numbers behind a chart."))
    check = add("check", "Say whether a workspace is whole.")
    check.add_argument("--deep", action="store_true", help="look at every record")
    add("backup", "Make a checked backup on this computer now.")
    _add_backups(add("backups", "Show the backups of a workspace on this computer."))
    _add_restore(add("restore", "Bring a backup back."))
    _add_place(add("where", "Say what the place of a file is good for."))
    _add_probe(add("probe", "Try whether several can work on a file at its place."))
    _add_move(add("move", "Move a workspace to a database server, or from there into a file."))
    _add_logins(add("logins", "Say who may open a workspace on a server, and to do what."))
    add("who", "Say who has a workspace open.")
    _add_mail(add("mail", "Read mailboxes over IMAP into the timeline; nothing there is changed."))
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


def _add_move(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--to", metavar="URL_OR_FILE", help="an empty database, or a new file")
    where.add_argument(
        "--take-back", action="store_true", help="use the old place again, the new one is given up"
    )
    parser.add_argument("--verify", action="store_true", help="read it once more when it is done")


def _add_logins(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", choices=LOGIN_ACTIONS, default="list")
    parser.add_argument("name", nargs="?", metavar="NAME")
    parser.add_argument("--role", choices=("owner", "member", "read-only"), default="member")


def _add_mail(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=MAIL_ACTIONS, metavar="|".join(MAIL_ACTIONS))
    parser.add_argument("account", nargs="?", metavar="ACCOUNT", help="its name or id; else all")
    new = parser.add_argument_group("of a new mailbox")
    new.add_argument("--host", metavar="HOST")
    new.add_argument("--port", type=count, metavar="N", help="else 993 for TLS, 143 for others")
    new.add_argument("--security", choices=("tls", "starttls", "plain"), default="tls")
    new.add_argument("--user", metavar="NAME", help="the login's name; the password is asked for")
    new.add_argument("--name", metavar="NAME", help="how the account is called here")
    new.add_argument(
        "--folder", action="append", metavar="NAME", help="else the inbox and what was sent"
    )
    new.add_argument("--since", type=day, metavar="DATE", help="leave older mail where it is")


def _add_import(parser: argparse.ArgumentParser, *, declare: bool) -> None:
    if declare:
        from app.exchange.cli_import import add_import_arguments

        add_import_arguments(parser)


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=EXPORT_KINDS, metavar="|".join(EXPORT_KINDS))
    parser.add_argument(
        "--to",
        required=True,
        metavar="FILE",
        help="its ending says the format: .csv .tsv .xlsx .jsonl .vcf .ics .mbox; all: .zip",
    )
    parser.add_argument("--filter", default="", metavar="TEXT", help="words that occur in it")
    parser.add_argument("--force", action="store_true", help="replace a file that is there")


def _add_imports(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("list",), nargs="?", default="list", metavar="list")
    parser.add_argument("--limit", type=count, metavar="N")


def _add_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=LIST_KINDS, metavar="|".join(LIST_KINDS))
    parser.add_argument("--filter", default="", metavar="TEXT", help="words that occur in it")
    parser.add_argument("--limit", type=count, metavar="N")


def _add_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=SHOW_KINDS, metavar="KIND")
    parser.add_argument("id", type=record_id, metavar="ID")


def _add_place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", help="of a workspace, there or yet to be made")


def _add_probe(parser: argparse.ArgumentParser) -> None:
    _add_place(parser)
    parser.add_argument("--join", default="", metavar="CODE", help="the other computer's code")
    parser.add_argument(
        "--wait-for-partner", type=count, metavar="SECONDS", help="show a code and wait"
    )


def _add_backups(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("list",), nargs="?", default="list", metavar="list")


def _add_restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("backup", metavar="BACKUP", help="its path, or “newest”")
    parser.add_argument("--to", required=True, metavar="FILE", help="where to restore it")
    parser.add_argument("--preview", action="store_true", help="only say what would change")
    parser.add_argument("--replace", action="store_true", help="keep what stands there aside")


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("report", choices=REPORTS, metavar="|".join(REPORTS))
    parser.add_argument("--from", dest="start", type=day, metavar="DATE")
    parser.add_argument("--to", dest="end", type=day, metavar="DATE")
    parser.add_argument("--by", choices=CUTS, metavar="|".join(CUTS))
