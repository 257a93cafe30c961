"""Backups as they lie on this computer: their folder, their names, what is known of each."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from app.paths import data_folder
from models.clock import now

ENDING: Final = ".closeknit"
MANIFEST_ENDING: Final = ".json"
DRAFT_ENDING: Final = ".part"
_FORMAT: Final = 1
_DAY: Final = timedelta(days=1)
# A header's two versions, 1 = no write-ahead log beside the file: such a file is complete alone.
_COMPLETE_ALONE: Final = b"\x01\x01"
_HEADER: Final = b"SQLite format 3\x00"


class Reason(StrEnum):
    """Why a backup was made."""

    ASKED = "asked"
    DAILY = "daily"
    EDITS = "edits"
    MIGRATION = "migration"
    IMPORT = "import"
    BULK = "bulk"
    RESTORE = "restore"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup, as its manifest tells; `verified` says whether it can be relied upon."""

    path: Path
    source: Path
    at: datetime
    reason: Reason
    size: int
    digest: str
    revision: str
    head: int
    counts: Mapping[str, int]
    user: str
    verified: bool

    def age(self, moment: datetime | None = None) -> timedelta:
        """How long ago it was made."""
        return (moment or now()) - self.at

    def as_json(self) -> dict[str, Any]:
        """Return it as the command line prints it."""
        return {
            "path": str(self.path),
            "source": str(self.source),
            "at": self.at.isoformat(),
            "age_seconds": int(self.age().total_seconds()),
            "reason": self.reason.value,
            "size": self.size,
            "verified": self.verified,
            "revision": self.revision,
            "head": self.head,
            "user": self.user,
            "sha256": self.digest,
            "counts": dict(self.counts),
        }


def workspace_id(source: Path) -> str:
    """Return the name of a workspace's folder of backups.

    By its place, not by what it holds: it must be found when the file can no longer be read.
    """
    place = str(source.expanduser().resolve())
    digest = hashlib.sha256(os.path.normcase(place).encode()).hexdigest()[:12]
    stem = "".join(c if c.isalnum() or c in " -_" else "_" for c in source.stem)[:60].strip()
    return f"{stem or 'workspace'}-{digest}"


def backup_folder(source: Path) -> Path:
    """Return the folder on this computer that holds a workspace's backups."""
    return data_folder() / "backups" / workspace_id(source)


def backups_of(source: Path) -> list[Backup]:
    """Return the backups of a workspace, newest first.

    `verified` here is what can be seen at once: complete, and of the size it had when it was
    checked. `holds` reads the whole file.
    """
    return backups_in(backup_folder(source))


def backups_in(folder: Path) -> list[Backup]:
    """Return the backups in a folder, newest first; asks nothing of the workspace's own place."""
    if not folder.is_dir():
        return []
    found = [backup_at(path) for path in folder.glob(f"*{ENDING}")]
    known = [backup for backup in found if backup is not None]
    return sorted(known, key=lambda backup: (backup.at, backup.path.name), reverse=True)


def backup_at(path: Path) -> Backup | None:
    """Return what is known of the backup in a file; None where it has no (readable) manifest."""
    try:
        held = json.loads(manifest_of(path).read_text(encoding="utf-8"))
        return Backup(
            path=path,
            source=Path(held["source"]),
            at=datetime.fromisoformat(held["at"]),
            reason=Reason(held["reason"]),
            size=path.stat().st_size,
            digest=str(held["sha256"]),
            revision=str(held["revision"]),
            head=int(held["head"]),
            counts={str(k): int(v) for k, v in held["counts"].items()},
            user=str(held["user"]),
            verified=_looks_complete(path, int(held["size"])),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def manifest_of(path: Path) -> Path:
    """Return where a backup's manifest stands."""
    return path.with_name(path.name + MANIFEST_ENDING)


def manifest_text(backup: Backup) -> str:
    """Return what stands in a backup's manifest."""
    held = backup.as_json()
    del held["path"], held["age_seconds"], held["verified"]
    return json.dumps({"format": _FORMAT, **held}, ensure_ascii=False, indent=1) + "\n"


def holds(backup: Backup) -> bool:
    """Say whether a backup is, byte for byte, the one that was checked when it was made."""
    try:
        return backup.verified and file_digest(backup.path) == backup.digest
    except OSError:
        return False


def newest_verified(source: Path, folder: Path | None = None) -> Backup | None:
    """Return the newest backup that still is what was checked; reads it in full."""
    found = backups_in(folder if folder is not None else backup_folder(source))
    return next((backup for backup in found if holds(backup)), None)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file; never of a live database (closing it would drop its locks)."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def free_name(folder: Path, at: datetime, reason: Reason) -> Path:
    """Return a path for a new backup."""
    stem = f"{at:%Y%m%d-%H%M%S}-{reason.value}"
    path = folder / f"{stem}{ENDING}"
    n = 2
    while path.exists():
        path, n = folder / f"{stem}-{n}{ENDING}", n + 1
    return path


def draft_of(path: Path) -> Path:
    """Return the path under which this process writes a backup that does not count yet."""
    return path.with_name(f"{path.name}.{os.getpid()}{DRAFT_ENDING}")


def sync(path: Path) -> None:
    """Put a file on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk; Windows does so by itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_backup(backup: Backup) -> None:
    """Remove a backup and its manifest."""
    for path in (backup.path, manifest_of(backup.path)):
        with contextlib.suppress(OSError):
            if os.name == "nt":
                path.chmod(0o600)  # Windows removes nothing that is write-protected
            path.unlink()


def remove_leftovers(folder: Path) -> None:
    """Remove what a backup that ended half-way has left, and manifests without their backup."""
    for path in _leftovers(folder):
        with contextlib.suppress(OSError):  # in use on Windows, or gone meanwhile
            path.unlink()


def _leftovers(folder: Path) -> Iterator[Path]:
    for path in folder.glob(f"*{DRAFT_ENDING}*"):
        if not _is_being_written(path):
            yield path
    for path in folder.glob(f"*{ENDING}{MANIFEST_ENDING}"):
        backup = path.with_name(path.name.removesuffix(MANIFEST_ENDING))
        if not backup.exists() and _is_older(path, timedelta(minutes=1)):
            yield path


def _is_being_written(draft: Path) -> bool:
    pid = draft.name.partition(DRAFT_ENDING)[0].rpartition(".")[2]
    if not pid.isdecimal() or _is_older(draft, _DAY):
        return False
    if int(pid) == os.getpid():
        return True
    if os.name == "nt":
        return True  # a day old it goes; an open file cannot be removed there anyway
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _is_older(path: Path, age: timedelta) -> bool:
    try:
        return now().timestamp() - path.stat().st_mtime > age.total_seconds()
    except OSError:
        return False


def _looks_complete(path: Path, size: int) -> bool:
    with path.open("rb") as file:
        head = file.read(20)
    return path.stat().st_size == size and head[:16] == _HEADER and head[18:20] == _COMPLETE_ALONE
