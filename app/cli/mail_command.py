"""The command `mail`: which mailboxes are read, and reading them now."""

import argparse
import getpass
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import Any, Final

from app.cli.opening import open_to_look
from app.cli.run import DONE, FAILED, print_json
from app.cli.table import print_table
from app.commands.mail_accounts import create_mail_account, remove_mail_account
from app.errors import UserError
from app.queries.intake import MailAccountRow, mail_accounts
from app.workspace import Workspace
from models.clock import local
from models.values import MailSecurity

PASSWORD_VARIABLE: Final = "CLOSEKNIT_MAIL_PASSWORD"  # noqa: S105  the name of a variable


def run_mail(args: argparse.Namespace) -> int:
    """List, add, poll or remove mailboxes, as `args.action` says."""
    if args.action == "list":
        with closing(open_to_look(args.workspace)) as workspace:
            return _list(workspace, args)
    with closing(Workspace.open(args.workspace, watch=False)) as workspace:
        if args.action == "add":
            return _add(workspace, args)
        if args.action == "remove":
            return _remove(workspace, args)
        return _poll(workspace, args)


def _list(workspace: Workspace, args: argparse.Namespace) -> int:
    accounts = workspace.read(mail_accounts)
    if args.json:
        print_json([_as_json(account) for account in accounts])
    elif accounts:
        print_table([_as_row(account) for account in accounts])
    else:
        print("No mailbox is read. Add one: mail add --host HOST --user NAME")
    return DONE


def _add(workspace: Workspace, args: argparse.Namespace) -> int:
    from app.exchange.imap.access import PORTS, Access, keep_password
    from app.exchange.imap.client import Mailbox

    if not args.host or not args.user:
        raise UserError("Say which mailbox: mail add --host HOST --user NAME")
    security = MailSecurity(args.security)
    port = args.port or PORTS[security]
    bare = Access(args.host, port, security, args.user)
    if bare.is_exposed:
        print("Warning: without encryption, everybody on the way can read the password and all "
              "mails. Better use --security tls.", file=sys.stderr)  # fmt: skip
    access = Access(args.host, port, security, args.user, _asked_password(bare.key))
    with Mailbox.open(access) as box:
        listed = box.folders()
    there = [folder.name for folder in listed if folder.holds_mail]
    folders = args.folder or [folder.name for folder in listed if folder.wanted]
    missing = [name for name in folders if name not in there]
    if missing:
        raise UserError(
            "{host} has no folder “{folder}”. It has {there}.",
            host=access.host,
            folder=missing[0],
            there=", ".join(there),
        )
    account_id = workspace.change(
        "Add mail account",
        create_mail_account,
        name=args.name or "",
        host=access.host,
        port=port,
        security=security,
        user_name=access.user_name,
        folders=folders,
        since=args.since,
    )
    if not keep_password(access):
        print(f"This computer has no keyring that keeps the password: “mail poll” asks for it, or "
              f"set {PASSWORD_VARIABLE}.", file=sys.stderr)  # fmt: skip
    if args.json:
        print_json({"id": str(account_id), "folders": folders})
    else:
        print(f"Added {access.user_name}; reads {', '.join(folders)}. Read it now: mail poll")
    return DONE


def _remove(workspace: Workspace, args: argparse.Namespace) -> int:
    from app.exchange.imap.access import forget_password
    from app.exchange.imap.poll import access_of

    account = _named(workspace.read(mail_accounts), args.account)
    workspace.change("Remove mail account", remove_mail_account, account_id=account.id)
    forget_password(access_of(account))
    if args.json:
        print_json({"id": str(account.id)})
    else:
        print(f"{account.name} is read no more. Its mails stay, here and on the server.")
    return DONE


def _poll(workspace: Workspace, args: argparse.Namespace) -> int:
    from app.exchange.imap.access import kept_password
    from app.exchange.imap.poll import Poll, Polled, access_of

    accounts: Sequence[MailAccountRow] = workspace.read(mail_accounts)
    if args.account:
        accounts = [_named(accounts, args.account)]
    else:
        accounts = [account for account in accounts if not account.is_paused]
    results: list[tuple[MailAccountRow, Polled]] = []
    for account in accounts:
        access = access_of(account)
        password = os.environ.get(PASSWORD_VARIABLE) or kept_password(access)
        poll = Poll(workspace, account.id, password or _asked_password(access.key))
        if sys.stderr.isatty():
            poll.on_progress = lambda count: print(
                f"\r{count:,} mails ", end="", file=sys.stderr, flush=True
            )
        results.append((account, poll.run()))
    if args.json:
        print_json([{"name": account.name} | polled.as_json() for account, polled in results])
    else:
        for account, polled in results:
            _print_polled(account, polled)
    for account, polled in results:
        if polled.error:
            print(f"closeknit: {account.name}: {polled.error}", file=sys.stderr)
    return FAILED if any(polled.error for _, polled in results) else DONE


def _print_polled(account: MailAccountRow, polled: Any) -> None:
    if not polled.folders:
        print(f"{account.name}: {'not read' if polled.error else 'nothing new'}")
    for folder in polled.folders:
        counts = folder.tally.as_json()
        words = ", ".join(
            f"{counts[word]:,} {word}"
            for word in ("created", "updated", "merged", "unchanged", "skipped", "failed")
            if counts[word]
        )
        print(f"{account.name}, {folder.name}: {words or folder.error or 'nothing new'}")


def _asked_password(key: str) -> str:
    """Return the password from the variable or the terminal; never from the command itself."""
    told = os.environ.get(PASSWORD_VARIABLE)
    if told:
        return told
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UserError(
            "There is no password for {mailbox}. Run this in a terminal, or set {variable}.",
            mailbox=key,
            variable=PASSWORD_VARIABLE,
        )
    return getpass.getpass(f"Password for {key}: ")


def _named(accounts: Sequence[MailAccountRow], wanted: str | None) -> MailAccountRow:
    if not wanted:
        raise UserError("Say which mailbox, by the name or id that “mail list” shows.")
    found = [a for a in accounts if wanted in {str(a.id), a.name, a.user_name}]
    if len(found) != 1:
        raise UserError(
            "There is no single mailbox “{wanted}”. “mail list” shows names and ids.", wanted=wanted
        )
    return found[0]


def _as_json(account: MailAccountRow) -> dict[str, Any]:
    return {
        "id": str(account.id),
        "name": account.name,
        "host": account.host,
        "port": account.port,
        "security": account.security.value,
        "user": account.user_name,
        "folders": [folder.name for folder in account.chosen],
        "since": account.since.isoformat() if account.since else None,
        "paused": account.is_paused,
        "polled_at": account.polled_at.isoformat() if account.polled_at else None,
        "error": account.error,
    }


def _as_row(account: MailAccountRow) -> dict[str, Any]:
    return {
        "id": str(account.id),
        "name": account.name,
        "server": f"{account.host}:{account.port} ({account.security.value})",
        "folders": ", ".join(folder.name for folder in account.chosen),
        "last looked": _moment(account.polled_at),
        "state": "paused" if account.is_paused else account.error or "good",
    }


def _moment(moment: datetime | None) -> str:
    return f"{local(moment):%Y-%m-%d %H:%M}" if moment is not None else "never"
