"""Brings a backup back. What stands in its place is kept, and nothing is overwritten unasked."""

import contextlib
import errno
import os
import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from app.errors import EnvironmentFault, FaultKind, UserError
from app.sharing.backup_files import (
    DRAFT_ENDING,
    Backup,
    Reason,
    backup_at,
    file_digest,
    newest_verified,
    sync,
    sync_folder,
)
from app.sharing.backups import back_up, opened, problems_of
from app.sharing.differences import Differences, KindDifference, LastChange, preview
from app.sharing.passes import FORGET_HOME
from models.clock import now
from models.migrations import HEAD

PRESENT_FOR: Final = timedelta(minutes=3)
_JOURNALS: Final = ("-journal", "-wal")
_BESIDE: Final = (*_JOURNALS, "-shm")
_BUSY: Final = ("SQLITE_BUSY", "SQLITE_LOCKED")
_DAMAGED: Final = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


@dataclass(frozen=True, slots=True)
class Restored:
    """Where a backup was restored to, and where is kept what stood there before.

    `replaced`: a backup of it, where it was sound; `kept`: its files under new names, where not.
    """

    path: Path
    replaced: Backup | None
    kept: tuple[Path, ...]


def restore(backup: Path, target: Path, *, replace: bool = False, user: str = "") -> Restored:
    """Put a backup in place as a workspace; with `replace` also where one stands already.

    Raises UserError or EnvironmentFault, with everything as it was, where that cannot be.
    """
    _check_target(backup, target, replace=replace)
    draft = target.with_name(f"{target.name}.{os.getpid()}{DRAFT_ENDING}")
    aside = _free(target.with_stem(f"{target.stem}-before-restore-{now():%Y%m%d-%H%M%S}"))
    journals = _copy_journals(target, aside)
    try:
        if target.exists():
            refuse_if_open(target)
        _copy(backup, draft, check_backup(backup))
        replaced = _backed_up(target, user) if target.exists() else None
        kept = [] if replaced is not None else [*_put_aside(target, aside), *journals]
        draft.replace(target)
        sync_folder(target.parent)
        journals = [] if replaced is None else journals
    except OSError as error:
        raise _fault_of_target(error, target) from error
    finally:
        for left in (draft, *journals):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)
    return Restored(target, replaced, tuple(kept))


def check_backup(path: Path) -> str:
    """Read a backup in full and return its digest; EnvironmentFault where it is not whole."""
    if not path.is_file():
        raise UserError("There is no backup {path}. “backups list” shows them.", path=str(path))
    digest = file_digest(path)
    problem = _problem(path, digest)
    if problem is not None:
        raise EnvironmentFault(
            "The backup {path} cannot be relied upon: {problem}. Nothing was restored.",
            remedy="Choose another one; “backups list” shows them.",
            path=str(path),
            problem=problem,
        )
    return digest


def _problem(path: Path, digest: str) -> str | None:
    known = backup_at(path)
    if known is not None and digest != known.digest:
        return "it was changed or damaged after it was checked"
    # Byte for byte what was checked needs no second check: of 500 MB that takes ten seconds.
    found = problems_of(path, None) if known is None else []
    if found:
        return found[0]
    with opened(path, immutable=True) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema")}
        if not {"alembic_version", "log_head"} <= tables:
            return "it is not a Closeknit workspace"
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if revision is None or not str(revision[0]).isdecimal() or int(revision[0]) > int(HEAD):
        return f"it was written by a newer version of Closeknit (schema {revision and revision[0]})"
    return None


# The place.


def _stands(target: Path) -> bool:
    """Say whether anything stands there; also a journal alone, which would damage a new file."""
    return any(os.path.lexists(place) for place in _files_of(target))


def _files_of(target: Path) -> list[Path]:
    return [target, *(Path(f"{target}{end}") for end in _BESIDE)]


def _check_target(backup: Path, target: Path, *, replace: bool) -> None:
    if target.is_dir():
        raise UserError(
            "{path} is a folder. Give the path of a file in it, such as {example}.",
            path=str(target),
            example=str(target / "My business.closeknit"),
        )
    if not target.parent.is_dir():
        raise UserError(
            "The folder {folder} does not exist. Make it first, or choose another place.",
            folder=str(target.parent),
        )
    if target.resolve() == backup.resolve():
        raise UserError("This is the backup itself. Choose another place to restore it to.")
    if _stands(target) and not replace:
        raise UserError(
            "{path} exists already; nothing was restored. Choose another place, or repeat it with "
            "--replace: what stands there is then kept under another name.",
            path=str(target),
        )


def refuse_if_open(target: Path) -> None:
    """Raise UserError where a program has this file open; a damaged file cannot be asked."""
    import pysqlite3.dbapi2 as sqlite

    try:
        with opened(target) as connection:
            connection.execute("PRAGMA busy_timeout=200")
            _refuse_the_present(connection, target)
        with opened(target) as connection:
            connection.execute("PRAGMA busy_timeout=200")
            connection.execute("PRAGMA query_only=OFF")
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")  # refused while anybody holds any lock
            connection.execute("ROLLBACK")
    except sqlite.Error as error:
        name = str(getattr(error, "sqlite_errorname", ""))
        if name.startswith(_BUSY):
            raise UserError(
                "{path} is open in another window or on another computer. Close it there first; "
                "nothing was restored.",
                path=str(target),
            ) from error
        if not name.startswith(_DAMAGED):
            raise EnvironmentFault(
                "{path} cannot be reached ({reason}); nothing was restored.",
                remedy="Check the drive and the permissions, or restore to another place.",
                path=str(target),
                reason=str(error),
            ) from error


def _refuse_the_present(connection: Any, target: Path) -> None:
    """Look who is in, where idle programs hold no lock: a file shared by several computers."""
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
        return  # everybody who has it open holds a lock
    if not connection.execute(
        "SELECT 1 FROM sqlite_schema WHERE name = 'presence' AND type = 'table'"
    ).fetchone():
        return
    since = (now() - PRESENT_FOR).replace(tzinfo=None).isoformat(sep=" ")
    row = connection.execute(
        'SELECT p.host, u.name FROM presence AS p LEFT JOIN "user" AS u ON u.id = p.user_id '
        "WHERE p.seen_at >= ? ORDER BY p.seen_at DESC LIMIT 1",
        (since,),
    ).fetchone()
    if row is not None:
        raise UserError(
            "{who} has {path} open on {host}. Close it there first (after a crash, wait three "
            "minutes); nothing was restored.",
            who=row[1] or "Somebody",
            path=str(target),
            host=row[0],
        )


def _backed_up(target: Path, user: str) -> Backup | None:
    """Back up what stands at the target, where it is sound, so that it can be replaced."""
    with contextlib.suppress(EnvironmentFault):
        backup = back_up(target, Reason.RESTORE, user=user)
        if _settle(target):
            return backup
    return None


def _copy_journals(target: Path, aside: Path) -> list[Path]:
    """Copy the journals before SQLite looks at them: what it cannot use it removes."""
    copies = []
    for end in _JOURNALS:
        journal, copy = Path(f"{target}{end}"), Path(f"{aside}{end}")
        if journal.is_file() and journal.stat().st_size:
            shutil.copyfile(journal, copy)
            copies.append(copy)
    return copies


def _put_aside(target: Path, aside: Path) -> list[Path]:
    """Give a file that is not sound a new name; its journals have been copied there before."""
    kept = []
    if os.path.lexists(target):
        target.rename(aside)
        kept.append(aside)
    for end in _BESIDE:  # left here, they would be taken for those of the new file
        Path(f"{target}{end}").unlink(missing_ok=True)
    return kept


def _free(wanted: Path) -> Path:
    path, n = wanted, 2
    while any(os.path.lexists(place) for place in _files_of(path)):
        path, n = wanted.with_stem(f"{wanted.stem}-{n}"), n + 1
    return path


def _settle(target: Path) -> bool:
    """Take the write-ahead log into the file; return whether the file now stands alone."""
    import pysqlite3.dbapi2 as sqlite

    try:
        with opened(target) as connection:
            connection.execute("PRAGMA query_only=OFF")
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite.Error:
        return False
    return not any(os.path.lexists(f"{target}{end}") for end in _BESIDE)


def _copy(backup: Path, draft: Path, digest: str) -> None:
    shutil.copyfile(backup, draft)
    if file_digest(draft) != digest:
        raise EnvironmentFault(
            "The copy of {path} is not equal to it; nothing was restored.",
            remedy="Check the drive and repeat it, or restore to another place.",
            path=str(backup),
        )
    _nobody_is_in(draft)


def _nobody_is_in(draft: Path) -> None:
    """Take out who had the workspace open when the backup was made, and whose it was there."""
    import pysqlite3.dbapi2 as sqlite

    try:
        with opened(draft) as connection:
            connection.execute("PRAGMA query_only=OFF")
            for table in ("presence", "job_lease", "machine_pass"):
                if connection.execute(
                    "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", (table,)
                ).fetchone():
                    connection.execute(f"DELETE FROM {table}")  # noqa: S608  one of these
            connection.execute(FORGET_HOME)
    except sqlite.Error as error:
        full = "disk is full" in str(error)
        raise OSError(errno.ENOSPC if full else errno.EIO, str(error)) from error
    sync(draft)


def _fault_of_target(error: OSError, target: Path) -> EnvironmentFault:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return EnvironmentFault(
            "The disk that holds {folder} is too full; nothing was restored.",
            remedy="Free some space there, or restore to another place.",
            kind=FaultKind.FULL,
            folder=str(target.parent),
        )
    return EnvironmentFault(
        "{path} could not be restored ({reason}).",
        remedy="Check the permissions of its folder, or restore to another place.",
        path=str(target),
        reason=error.strerror or str(error),
    )


# What a damaged file's sentence says.


def with_backup(
    fault: EnvironmentFault, source: Path, folder: Path | None = None
) -> EnvironmentFault:
    """Return a damaged file's fault with the newest backup that is whole, and how to restore it.

    The fault itself where there is none. `folder`: that of the backups, where it is known, so that
    nothing is asked of the place of the file.
    """
    backup = newest_verified(source, folder)
    if backup is None:
        return fault
    return EnvironmentFault(
        fault.template,
        remedy="Keep the file and what lies beside it as they are. The newest backup is of {at} "
        "({steps} changes); bring it back with: closeknit restore “{backup}” --to “{to}” --replace",
        kind=FaultKind.DAMAGED,
        **(
            fault.values
            | {
                "at": f"{backup.at.astimezone():%Y-%m-%d %H:%M}",
                "steps": backup.head,
                "backup": str(backup.path),
                "to": str(source),
            }
        ),
    )


__all__ = [
    "Differences",
    "KindDifference",
    "LastChange",
    "Restored",
    "check_backup",
    "preview",
    "restore",
    "with_backup",
]
