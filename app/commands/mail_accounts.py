"""Mail accounts that are read over IMAP: which, which folders, and how far; never a password."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final, cast

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from app.commands.common import load, required
from app.errors import UserError
from app.recorder import unrecorded
from models.clock import now
from models.ids import new_id
from models.records import MailAccount, MailFolder, User
from models.values import MailSecurity

MINUTES: Final = range(1, 24 * 60 + 1)
_LAST_PORT: Final = 65_535
_ACCOUNTS: Final = cast("Table", MailAccount.__table__)
_FOLDERS: Final = cast("Table", MailFolder.__table__)


def create_mail_account(
    session: Session,
    *,
    host: str,
    user_name: str,
    folders: Collection[str],
    name: str = "",
    port: int = 993,
    security: MailSecurity = MailSecurity.TLS,
    since: date | None = None,
    every_minutes: int = 5,
    owner_id: int | None = None,
) -> int:
    """Have a mailbox read from now on; its password goes to the keyring, by the caller."""
    tidy_host = required(host, 255, "host")
    tidy_user = required(user_name, 320, "user_name")
    _check_free(session, tidy_host, port, tidy_user)
    if owner_id is not None:
        load(session, User, owner_id)
    account = MailAccount(
        id=new_id(),
        name=required(name or tidy_user, 120, "name"),
        host=tidy_host,
        port=_port(port),
        security=MailSecurity(security),
        user_name=tidy_user,
        owner_id=owner_id,
        since=since,
        every_minutes=_minutes(every_minutes),
    )
    session.add(account)
    session.flush()
    _choose(session, account.id, folders)
    return account.id


def change_mail_account(
    session: Session,
    *,
    account_id: int,
    name: str | None = None,
    every_minutes: int | None = None,
    is_paused: bool | None = None,
    folders: Collection[str] | None = None,
) -> int:
    """Rename an account, read it more or less often, pause it, or choose other folders."""
    account = load(session, MailAccount, account_id)
    if name is not None:
        account.name = required(name, 120, "name")
    if every_minutes is not None:
        account.every_minutes = _minutes(every_minutes)
    if is_paused is not None:
        account.is_paused = is_paused
    if folders is not None:
        _choose(session, account_id, folders)
    return account.id


def remove_mail_account(session: Session, *, account_id: int) -> int:
    """Read a mailbox no more; the mails that came from it stay, and the server keeps its own."""
    account = load(session, MailAccount, account_id)
    account.archived_at = account.archived_at or now()
    return account.id


def move_mail_position(
    session: Session,
    *,
    folder_id: int,
    before: tuple[int | None, int],
    after: tuple[int, int],
) -> int:
    """Write down how far a folder is read: UIDVALIDITY and the last UID; in the mails' own commit.

    UserError where it is not at `before` any more: another computer reads the same mailbox.
    """
    held = session.execute(
        select(_FOLDERS.c.uid_validity, _FOLDERS.c.last_uid).where(_FOLDERS.c.id == folder_id)
    ).one_or_none()
    if held is None or (held.uid_validity, held.last_uid) != before:
        raise UserError("Another computer reads this mailbox at the moment.")
    if before != after:
        validity, last_uid = after
        _write(session, _FOLDERS, folder_id, uid_validity=validity, last_uid=last_uid)
    return folder_id


def note_mail_poll(
    session: Session, *, account_id: int, error: str | None, moment: datetime | None = None
) -> int:
    """Write down that an account was looked at, and what went wrong with it."""
    _write(session, _ACCOUNTS, account_id, polled_at=moment or now(), error=error)
    return account_id


def _write(session: Session, table: Table, record_id: int, **values: Any) -> None:
    # The program's own bookkeeping, every few minutes: no history of it is wanted.
    with unrecorded(session, table.name):
        session.execute(update(table).where(table.c.id == record_id).values(values))


def _choose(session: Session, account_id: int, names: Collection[str]) -> None:
    """Read these folders; the others keep how far they were read."""
    wanted = [name.strip() for name in names if name.strip()]
    if not wanted:
        raise UserError("Choose at least one folder.", field="folders")
    known: Mapping[str, MailFolder] = {
        folder.name: folder
        for folder in session.scalars(select(MailFolder).where(MailFolder.account_id == account_id))
    }
    for name, folder in known.items():
        folder.is_chosen = name in wanted
    for name in dict.fromkeys(wanted):
        if name not in known:
            session.add(MailFolder(id=new_id(), account_id=account_id, name=name[:1_000]))


def _check_free(session: Session, host: str, port: int, user_name: str) -> None:
    taken = session.scalar(
        select(MailAccount.name).where(
            MailAccount.host == host,
            MailAccount.port == port,
            MailAccount.user_name == user_name,
            MailAccount.archived_at.is_(None),
        )
    )
    if taken is not None:
        raise UserError("This mailbox is read already, as “{name}”.", field="user_name", name=taken)


def _port(port: int) -> int:
    if not 0 < port <= _LAST_PORT:
        raise UserError("A port is a number from 1 to 65535.", field="port")
    return port


def _minutes(minutes: int) -> int:
    if minutes not in MINUTES:
        raise UserError("Choose between a minute and a day.", field="every_minutes")
    return minutes
