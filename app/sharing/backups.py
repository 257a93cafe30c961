"""Makes backups of a workspace's file: copied at one moment, checked, and only then counted."""

import contextlib
import errno
import itertools
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.errors import EnvironmentFault, FaultKind
from app.sharing.backup_files import (
    DRAFT_ENDING,
    Backup,
    Reason,
    backup_folder,
    backups_of,
    draft_of,
    file_digest,
    free_name,
    manifest_of,
    manifest_text,
    remove_backup,
    remove_leftovers,
    sync,
    sync_folder,
)
from app.sharing.retention import expired
from app.sqlite_file import in_use, uri_of
from models.clock import now

log = logging.getLogger(__name__)

PAGES_PER_STEP: Final = 1_000
STEPS_PER_SYNC: Final = 4
BUSY_TIMEOUT_MS: Final = 10_000
PATIENT_INSTRUCTIONS: Final = 10_000
_SPARE_BYTES: Final = 16_000_000
_FULL: Final = "disk is full"
_DAMAGED: Final = ("malformed", "not a database")

Asked = Callable[[], bool]
_one_at_a_time = threading.Lock()


class BackupStopped(Exception):  # noqa: N818  not an error: the program is closing
    """A backup was given up because it is no longer wanted; nothing of it is left."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What a database holds at one moment."""

    revision: str
    head: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Wish:
    """How a copy is to be made: until `unwanted`, telling `begun` once its moment is fixed.

    `copy_seconds`: after so long it is given up, where a copy keeps others from writing.
    """

    unwanted: Asked = lambda: False
    begun: Callable[[], None] = lambda: None
    copy_seconds: float | None = None


_PLAIN: Final = Wish()


def back_up(source: Path, reason: Reason, *, user: str = "", wish: Wish = _PLAIN) -> Backup:
    """Copy a workspace's file to this computer's folder of backups, check the copy, return it.

    Others may read and write meanwhile. Raises EnvironmentFault, with nothing half left behind;
    BackupStopped once it is no longer wanted.
    """
    folder = backup_folder(source)
    started = time.monotonic()
    try:
        with _one_at_a_time:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            remove_leftovers(folder)
            _check_room(source, folder)
            backup = _made(source.expanduser().resolve(), folder, reason, user, wish)
    except OSError as error:
        raise _fault_of_folder(error, folder) from error
    log.info("%s: %s bytes in %.1f s", backup.path, backup.size, time.monotonic() - started)
    _thin_out(source)
    return backup


def _made(source: Path, folder: Path, reason: Reason, user: str, wish: Wish) -> Backup:
    at = now()
    path = free_name(folder, at, reason)
    draft = draft_of(path)
    try:
        moment = copy_database(source, draft, wish)
        _check_copy(draft, moment, source, wish.unwanted)
        backup = Backup(
            path=path,
            source=source,
            at=at,
            reason=reason,
            size=draft.stat().st_size,
            digest=file_digest(draft),
            revision=moment.revision,
            head=moment.head,
            counts=moment.counts,
            user=user,
            verified=True,
        )
        _put_in_place(backup, draft)
    finally:
        for left in (draft, Path(f"{draft}-journal"), Path(f"{draft}-wal")):
            left.unlink(missing_ok=True)
    return backup


def _thin_out(source: Path) -> None:
    for backup in expired(backups_of(source), now()):
        log.info("Backup %s is no longer needed", backup.path)
        remove_backup(backup)


def _check_room(source: Path, folder: Path) -> None:
    size = sum(place.stat().st_size for place in (source, Path(f"{source}-wal")) if place.exists())
    free = shutil.disk_usage(folder).free
    if free < size + _SPARE_BYTES:
        raise _full(folder)


def _full(folder: Path) -> EnvironmentFault:
    return EnvironmentFault(
        "The disk that holds {folder} is too full for a backup; none was made.",
        remedy="Free some space there and repeat it.",
        kind=FaultKind.FULL,
        folder=str(folder),
    )


def _fault_of_folder(error: OSError, folder: Path) -> EnvironmentFault:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _full(folder)
    return EnvironmentFault(
        "No backup was made: {folder} cannot be written to ({reason}).",
        remedy="Check the permissions of that folder and repeat the backup.",
        folder=str(folder),
        reason=error.strerror or str(error),
    )


# The copy.


def copy_database(source: Path, target: Path, wish: Wish = _PLAIN) -> Moment:
    """Copy a SQLite workspace as it is at one moment to `target`, which needs no other file.

    All within one read transaction: SQLite begins a copy anew only when the reader's own moment
    changes, so here it ends however much others write, though it goes in steps that can be stopped.
    """
    import pysqlite3.dbapi2 as sqlite

    started, steps = time.monotonic(), itertools.count(1)

    def between_steps(_status: int, _remaining: int, _total: int) -> None:
        slow = wish.copy_seconds is not None and time.monotonic() - started > wish.copy_seconds
        if slow or wish.unwanted():
            raise BackupStopped
        # In portions: put on the disk at once, 500 MB would hold up whoever saves meanwhile.
        if wish.copy_seconds is None and next(steps) % STEPS_PER_SYNC == 0:
            sync(target)

    try:
        with opened(source) as old, opened(target, create=True) as new:
            new.execute("PRAGMA journal_mode=OFF")  # a draft that is not finished is thrown away
            new.execute("PRAGMA synchronous=OFF")  # it is put on the disk once, at its end
            new.execute("PRAGMA locking_mode=EXCLUSIVE")
            old.execute("BEGIN")
            moment = moment_of(old)
            wish.begun()
            old.backup(new, pages=PAGES_PER_STEP, progress=between_steps)
            old.execute("ROLLBACK")
            new.execute("PRAGMA journal_mode=DELETE")  # out of write-ahead mode: complete alone
        sync(target)
    except sqlite.Error as error:
        raise _fault_of_copy(error, source, target.parent) from error
    return moment


def moment_of(connection: Any) -> Moment:
    """Return what an open database holds; all of one moment inside a transaction."""
    tables = [
        row[0]
        for row in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
            " AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name"
        )
    ]
    counts = {
        table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608  its own names
        for table in tables
    }
    revision = head = None
    if "alembic_version" in counts:
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if "log_head" in counts:
        head = connection.execute("SELECT n FROM log_head").fetchone()
    return Moment(revision[0] if revision else "", head[0] if head else 0, counts)


@contextmanager
def opened(path: Path, *, create: bool = False, immutable: bool = False) -> Iterator[Any]:
    """Give a connection of our own to a SQLite file, by the one library the program uses.

    Another copy of SQLite, or opening the file any other way, would drop this program's locks.
    """
    import pysqlite3.dbapi2 as sqlite

    how = "ro&immutable=1" if immutable else "rwc" if create else "rw"
    with in_use(path):
        connection = sqlite.connect(uri_of(path, how), uri=True, timeout=BUSY_TIMEOUT_MS / 1000)
        try:
            connection.isolation_level = None
            connection.execute("PRAGMA trusted_schema=OFF")
            connection.execute("PRAGMA mmap_size=0")
            if not create:
                connection.execute("PRAGMA query_only=ON")
            yield connection
        finally:
            connection.close()


def _fault_of_copy(error: Exception, source: Path, folder: Path) -> EnvironmentFault:
    said = str(error).lower()  # the copying itself gives its errors no codes
    if _FULL in said:
        return _full(folder)
    if any(word in said for word in _DAMAGED):
        return _damaged(source, str(error))
    return EnvironmentFault(
        "No backup of {place} was made ({reason}).",
        remedy="Check that it and {folder} can be reached, and repeat the backup.",
        place=str(source),
        folder=str(folder),
        reason=str(error),
    )


def _damaged(source: Path, problem: str) -> EnvironmentFault:
    return EnvironmentFault(
        "{place} is damaged ({problem}), so no backup of it was made; older backups are kept.",
        remedy="Keep the file as it is and restore the newest backup.",
        kind=FaultKind.DAMAGED,
        place=str(source),
        problem=problem,
    )


# The check.


def problems_of(path: Path, moment: Moment | None, unwanted: Asked = lambda: False) -> list[str]:
    """Return what is wrong with a closed file; nothing else may be writing to it.

    `moment`: what it must hold, where that is known.
    """
    import pysqlite3.dbapi2 as sqlite

    try:
        with opened(path, immutable=True) as copy:
            # Asked every now and then, so that the program need not wait for a check to close.
            copy.set_progress_handler(lambda: int(unwanted()), PATIENT_INSTRUCTIONS)
            found = [
                str(row[0]) for row in copy.execute("PRAGMA integrity_check(5)") if row[0] != "ok"
            ]
            found += [
                f"{row[0]} row {row[1]} points to a missing {row[2]}"
                for row in copy.execute("PRAGMA foreign_key_check").fetchmany(5)
            ]
            held = moment_of(copy)
    except sqlite.Error as error:
        if unwanted():
            raise BackupStopped from error
        return [str(error)]
    if moment is not None and held != moment:
        found.append(_difference(held, moment))
    return found


def _difference(held: Moment, wanted: Moment) -> str:
    for table, count in wanted.counts.items():
        if held.counts.get(table) != count:
            return f"{held.counts.get(table, 0)} of {count} rows of {table}"
    return f"schema {held.revision} at step {held.head}, not {wanted.revision} at {wanted.head}"


def _check_copy(draft: Path, moment: Moment, source: Path, unwanted: Asked) -> None:
    problems = problems_of(draft, moment, unwanted)
    if problems:
        raise _damaged(source, "; ".join(problems))


def _put_in_place(backup: Backup, draft: Path) -> None:
    """Let a checked draft count: first its manifest, then, in one rename, the backup itself."""
    manifest = manifest_of(backup.path)
    written = manifest.with_name(f"{manifest.name}.{os.getpid()}{DRAFT_ENDING}")
    try:
        written.write_text(manifest_text(backup), encoding="utf-8")
        sync(written)
        written.replace(manifest)
        draft.replace(backup.path)
    except OSError:
        for left in (written, manifest):
            left.unlink(missing_ok=True)
        raise
    with contextlib.suppress(OSError):
        backup.path.chmod(0o400)  # opened as a workspace by mistake, it would no longer be a backup
    sync_folder(backup.path.parent)
