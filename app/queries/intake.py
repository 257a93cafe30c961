"""Reads of what comes in by itself: mail accounts and watched folders."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.records import ImportMapping, MailAccount, MailFolder, WatchedFile, WatchedFolder
from models.values import MailSecurity, WatchState


@dataclass(frozen=True, slots=True)
class MailFolderRow:
    """A folder of a mailbox; `uid_validity` is None until it is read for the first time."""

    id: int
    name: str
    is_chosen: bool
    uid_validity: int | None
    last_uid: int


@dataclass(frozen=True, slots=True)
class MailAccountRow:
    """A mailbox that is read."""

    id: int
    name: str
    host: str
    port: int
    security: MailSecurity
    user_name: str
    owner_id: int | None
    since: date | None
    every_minutes: int
    is_paused: bool
    polled_at: datetime | None
    error: str | None
    folders: tuple[MailFolderRow, ...]

    @property
    def chosen(self) -> tuple[MailFolderRow, ...]:
        """The folders that are read."""
        return tuple(folder for folder in self.folders if folder.is_chosen)


@dataclass(frozen=True, slots=True)
class WatchedFolderRow:
    """A folder that is watched, with how many of its files were taken and were not."""

    id: int
    path: str
    machine: str
    kind: str | None
    mapping_id: int | None
    mapping_name: str | None
    owner_id: int | None
    is_paused: bool
    looked_at: datetime | None
    error: str | None
    taken: int
    failed: int


@dataclass(frozen=True, slots=True)
class WatchedFileRow:
    """A file of a watched folder as it was when it was taken."""

    id: int
    name: str
    size: int
    changed_ns: int
    digest: str | None
    state: WatchState
    batch_id: int | None
    report: str | None
    at: datetime


def mail_accounts(session: Session, account_id: int | None = None) -> list[MailAccountRow]:
    """Return the mailboxes that are read (or the one with this id), with their folders."""
    wanted = select(MailAccount).where(MailAccount.archived_at.is_(None))
    if account_id is not None:
        wanted = wanted.where(MailAccount.id == account_id)
    accounts = session.scalars(wanted.order_by(MailAccount.name, MailAccount.id)).all()
    folders: dict[int, list[MailFolderRow]] = {account.id: [] for account in accounts}
    for folder in session.scalars(
        select(MailFolder)
        .where(MailFolder.account_id.in_(list(folders)))
        .order_by(MailFolder.name, MailFolder.id)
    ):
        folders[folder.account_id].append(
            MailFolderRow(
                folder.id, folder.name, folder.is_chosen, folder.uid_validity, folder.last_uid
            )
        )
    return [_account_row(account, folders[account.id]) for account in accounts]


def _account_row(account: MailAccount, folders: Iterable[MailFolderRow]) -> MailAccountRow:
    return MailAccountRow(
        account.id,
        account.name,
        account.host,
        account.port,
        account.security,
        account.user_name,
        account.owner_id,
        account.since,
        account.every_minutes,
        account.is_paused,
        account.polled_at,
        account.error,
        tuple(folders),
    )


def watched_folders(
    session: Session, machine: str | None = None, *, archived: bool = False
) -> list[WatchedFolderRow]:
    """Return the folders that are watched, of one computer or of all; `archived`: or were once."""
    counts: dict[tuple[int, WatchState], int] = {
        (folder, state): count
        for folder, state, count in session.execute(
            select(WatchedFile.folder_id, WatchedFile.state, func.count()).group_by(
                WatchedFile.folder_id, WatchedFile.state
            )
        )
    }
    wanted = (
        select(WatchedFolder, ImportMapping.name)
        .outerjoin(ImportMapping, ImportMapping.id == WatchedFolder.mapping_id)
        .order_by(WatchedFolder.path, WatchedFolder.id)
    )
    if not archived:
        wanted = wanted.where(WatchedFolder.archived_at.is_(None))
    if machine is not None:
        wanted = wanted.where(WatchedFolder.machine == machine)
    return [
        WatchedFolderRow(
            folder.id,
            folder.path,
            folder.machine,
            folder.kind,
            folder.mapping_id,
            mapping,
            folder.owner_id,
            folder.is_paused,
            folder.looked_at,
            folder.error,
            counts.get((folder.id, WatchState.DONE), 0),
            counts.get((folder.id, WatchState.FAILED), 0),
        )
        for folder, mapping in session.execute(wanted)
    ]


def watched_files(
    session: Session, folder_id: int, names: Iterable[str] | None = None, limit: int = 200
) -> list[WatchedFileRow]:
    """Return the files of a watched folder, newest first; with `names` all of these."""
    wanted = select(WatchedFile).where(WatchedFile.folder_id == folder_id)
    wanted = wanted.order_by(WatchedFile.updated_at.desc(), WatchedFile.id.desc())
    if names is not None:
        wanted = wanted.where(WatchedFile.name.in_(list(names)))
    else:
        wanted = wanted.limit(limit)
    return [_file_row(file) for file in session.scalars(wanted)]


def content_taken(session: Session, folder_id: int, digest: str) -> WatchedFileRow | None:
    """Return the file of a folder that had this very content and was taken, None if none had."""
    file = session.scalars(
        select(WatchedFile)
        .where(
            WatchedFile.folder_id == folder_id,
            WatchedFile.digest == digest,
            WatchedFile.state == WatchState.DONE,
        )
        .limit(1)
    ).first()
    return None if file is None else _file_row(file)


def _file_row(file: WatchedFile) -> WatchedFileRow:
    return WatchedFileRow(
        file.id,
        file.name,
        file.size,
        file.changed_ns,
        file.digest,
        file.state,
        file.batch_id,
        file.report,
        file.updated_at,
    )


def anything_comes_in(session: Session, machine: str) -> bool:
    """Say whether there is a mail account, or a folder that this computer watches."""
    account = select(MailAccount.id).where(MailAccount.archived_at.is_(None)).limit(1)
    folder = (
        select(WatchedFolder.id)
        .where(WatchedFolder.archived_at.is_(None), WatchedFolder.machine == machine)
        .limit(1)
    )
    return session.scalar(account) is not None or session.scalar(folder) is not None
