"""Runs one command of the command line and turns every failure into one clear sentence."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

from app.cli.arguments import SHOW_KINDS, build_parser
from app.errors import CloseknitError

DONE, FAILED, WRONG_USAGE = 0, 1, 2


def main(argv: list[str]) -> int:
    """Run a command; return 0 done, 1 not done (standard error says why), 2 wrong usage."""
    parser = build_parser("import" if "import" in argv else None)
    try:
        args = parser.parse_args(argv)
        args.json = getattr(args, "json", False)
        args.workspace = getattr(args, "workspace", None) or os.environ.get("CLOSEKNIT_WORKSPACE")
        if not args.workspace and args.command not in _NEED_NO_WORKSPACE:
            parser.error("say which workspace: -w FILE, or set CLOSEKNIT_WORKSPACE")
    except SystemExit as ending:  # argparse has said what is wrong, or printed the help
        return ending.code if isinstance(ending.code, int) else WRONG_USAGE
    _ask_on_terminal(args.workspace, getattr(args, "to", None))
    try:
        return _COMMANDS[args.command](args)
    except CloseknitError as error:
        print(f"closeknit: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("closeknit: stopped.", file=sys.stderr)
    except BrokenPipeError:
        # Whoever read our output has left; nothing more may be flushed to it at the end.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED


def _ask_on_terminal(*locations: str | None) -> None:
    """Have a server's password asked for on the terminal where nothing else knows it."""
    if any(x and (x.startswith("postgres") or x.endswith(".closeknit-server")) for x in locations):
        from app.sharing.passwords import ask_on_terminal, ask_with

        ask_with(ask_on_terminal)


def print_json(value: Any) -> None:
    """Print data as JSON, with every script as it is."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


def _demo(args: argparse.Namespace) -> int:
    from app.cli.demo_command import run_demo

    return run_demo(args)


def _import(args: argparse.Namespace) -> int:
    from app.exchange.cli_import import run_import

    return run_import(args)


def _export(args: argparse.Namespace) -> int:
    from app.cli.export_command import run_export

    return run_export(args)


def _imports(args: argparse.Namespace) -> int:
    from app.cli.imports_command import run_imports

    return run_imports(args)


def _list(args: argparse.Namespace) -> int:
    from app.cli.record_commands import run_list

    return run_list(args)


def _show(args: argparse.Namespace) -> int:
    from app.cli.record_commands import run_show

    args.kind = SHOW_KINDS[args.kind]
    return run_show(args)


def _report(args: argparse.Namespace) -> int:
    from app.cli.report_command import run_report

    return run_report(args)


def _check(args: argparse.Namespace) -> int:
    from app.cli.check_command import run_check

    return run_check(args)


def _backup(args: argparse.Namespace) -> int:
    from app.cli.backup_commands import run_backup

    return run_backup(args)


def _backups(args: argparse.Namespace) -> int:
    from app.cli.backup_commands import run_backups

    return run_backups(args)


def _restore(args: argparse.Namespace) -> int:
    from app.cli.backup_commands import run_restore

    return run_restore(args)


def _where(args: argparse.Namespace) -> int:
    from app.cli.place_commands import run_where

    return run_where(args)


def _probe(args: argparse.Namespace) -> int:
    from app.cli.place_commands import run_probe

    return run_probe(args)


def _move(args: argparse.Namespace) -> int:
    from app.cli.move_command import run_move

    return run_move(args)


def _logins(args: argparse.Namespace) -> int:
    from app.cli.move_command import run_logins

    return run_logins(args)


def _screenshots(args: argparse.Namespace) -> int:
    # By name: `app` imports no views, and only these two commands need Qt.
    count = import_module("views.screenshots").run(args.folder, args.workspace, args.only)
    if args.json:
        print_json({"folder": args.folder, "pictures": count})
    else:
        print(f"{count} pictures in {args.folder}")
    return DONE if count else FAILED


def _tour(args: argparse.Namespace) -> int:
    return int(import_module("views.tour").run(args.folder))


def _who(args: argparse.Namespace) -> int:
    from app.cli.who_command import run_who

    return run_who(args)


def _mail(args: argparse.Namespace) -> int:
    from app.cli.mail_command import run_mail

    return run_mail(args)


_NEED_NO_WORKSPACE = frozenset({"probe", "restore", "tour", "where"})
_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "demo": _demo,
    "import": _import,
    "imports": _imports,
    "export": _export,
    "list": _list,
    "show": _show,
    "report": _report,
    "check": _check,
    "backup": _backup,
    "backups": _backups,
    "restore": _restore,
    "where": _where,
    "probe": _probe,
    "move": _move,
    "logins": _logins,
    "who": _who,
    "mail": _mail,
    "screenshots": _screenshots,
    "tour": _tour,
}
