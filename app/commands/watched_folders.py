"""Folders of a computer that take in what arrives there."""

from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from app.commands.common import load, required
from app.errors import UserError
from app.recorder import unrecorded
from models.clock import now
from models.ids import new_id
from models.records import ImportMapping, User, WatchedFile, WatchedFolder
from models.values import WatchState

MAX_REPORT: Final = 4_000  # characters
_FOLDERS: Final = cast("Table", WatchedFolder.__table__)
_FILES: Final = cast("Table", WatchedFile.__table__)


def create_watched_folder(
    session: Session,
    *,
    path: str,
    machine: str,
    kind: str | None = None,
    mapping_id: int | None = None,
    owner_id: int | None = None,
) -> int:
    """Have a folder, or one file, of a computer taken in from now on."""
    tidy = required(path, 4_000, "path")
    if not Path(tidy).is_absolute():
        raise UserError("Write the whole path of the folder.", field="path")
    if mapping_id is not None:
        load(session, ImportMapping, mapping_id)
    if owner_id is not None:
        load(session, User, owner_id)
    folder = _known(session, tidy, machine)
    if folder is None:
        folder = WatchedFolder(id=new_id(), path=tidy, machine=machine)
        session.add(folder)
    elif folder.archived_at is None:
        raise UserError("This folder is watched already.", field="path")
    # One that was watched before still knows which of its files were taken.
    folder.archived_at, folder.is_paused = None, False
    folder.kind, folder.mapping_id, folder.owner_id = kind, mapping_id, owner_id
    return folder.id


def adopt_watched_folder(session: Session, *, path: str, machine: str, kind: str | None) -> int:
    """Remember what is taken from a folder that nobody watches but a command that runs now."""
    folder = _known(session, path, machine)
    if folder is None:
        folder = WatchedFolder(
            id=new_id(), path=path, machine=machine, kind=kind, archived_at=now()
        )
        session.add(folder)
    elif folder.archived_at is not None and folder.kind != kind:
        folder.kind = kind
    return folder.id


def _known(session: Session, path: str, machine: str) -> WatchedFolder | None:
    return session.scalars(
        select(WatchedFolder)
        .where(WatchedFolder.path == path, WatchedFolder.machine == machine)
        .order_by(WatchedFolder.archived_at.is_not(None), WatchedFolder.id.desc())
    ).first()


def change_watched_folder(
    session: Session, *, folder_id: int, is_paused: bool | None = None
) -> int:
    """Pause a watched folder, or go on with it."""
    folder = load(session, WatchedFolder, folder_id)
    if is_paused is not None:
        folder.is_paused = is_paused
    return folder.id


def remove_watched_folder(session: Session, *, folder_id: int) -> int:
    """Watch a folder no more; what was taken from it stays."""
    folder = load(session, WatchedFolder, folder_id)
    folder.archived_at = folder.archived_at or now()
    return folder.id


def note_watched_look(
    session: Session, *, folder_id: int, error: str | None, moment: datetime | None = None
) -> int:
    """Write down that a folder was looked at, and what went wrong with it."""
    with unrecorded(session, "watched_folder"):  # the program's own bookkeeping
        session.execute(
            update(_FOLDERS)
            .where(_FOLDERS.c.id == folder_id)
            .values(looked_at=moment or now(), error=error)
        )
    return folder_id


def note_watched_file(
    session: Session,
    *,
    folder_id: int,
    name: str,
    size: int,
    changed_ns: int,
    digest: str | None,
    state: WatchState,
    batch_id: int | None = None,
    report: str | None = None,
) -> int:
    """Write down what became of a file as it is now; one line for each of its states."""
    values: dict[str, Any] = {
        "size": size,
        "changed_ns": changed_ns,
        "digest": digest,
        "state": state,
        "batch_id": batch_id,
        "report": report[:MAX_REPORT] if report else None,
    }
    held = session.scalars(
        select(WatchedFile)
        .where(WatchedFile.folder_id == folder_id, WatchedFile.name == name[:1_000])
        .order_by(WatchedFile.id.desc())
    ).first()
    if held is not None and held.digest == digest:
        for key, value in values.items():
            setattr(held, key, value)
        held.updated_at = now()
        return held.id
    file = WatchedFile(id=new_id(), folder_id=folder_id, name=name[:1_000], **values)
    session.add(file)
    return file.id


def forget_failed_files(session: Session, *, folder_id: int) -> int:
    """Have the files that could not be taken tried once more; return how many."""
    failed = session.scalars(
        select(WatchedFile).where(
            WatchedFile.folder_id == folder_id, WatchedFile.state == WatchState.FAILED
        )
    ).all()
    for file in failed:
        session.delete(file)
    return len(failed)
