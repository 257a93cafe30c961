"""What must be known of a workspace's file itself: is it whole, is it still the one we opened."""

import os
from pathlib import Path

from app.errors import EnvironmentFault, FaultKind

HEADER = b"SQLite format 3\x00"
_LOCKS_WITHOUT_READERS = 2  # the header's read version of a file with a write-ahead log


class FileIdentity:
    """Knows a file again after it was deleted, moved away or replaced.

    Linux and macOS let SQLite write on into a deleted file: every save would seem to succeed, and
    be gone with the program's end.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: tuple[int, int] | None = None

    def remember(self) -> None:
        """Take the file that stands at the path now for ours; only the first call counts."""
        if self._known is None:
            self._known = self._found()

    @property
    def is_replaced(self) -> bool:
        """Whether another file stands in the place of ours."""
        found = self._found()
        return found is not None and self._known is not None and found != self._known

    def check(self) -> None:
        """Raise EnvironmentFault where the file is not ours any more."""
        if self._known is None or self._found() == self._known:
            return
        raise EnvironmentFault(
            "{place} was deleted, moved or replaced while it was open; this change was not saved.",
            remedy="Put the file back in its place, or open another workspace or a backup.",
            kind=FaultKind.REPLACED if self.is_replaced else FaultKind.GONE,
            place=str(self.path),
        )

    def _found(self) -> tuple[int, int] | None:
        try:
            status = os.stat(self.path)  # noqa: PTH116  each save pays for it: 2 µs, Path 4
        except OSError:
            return None
        return status.st_dev, status.st_ino


def check_path(path: Path, *, create: bool) -> None:
    """Raise EnvironmentFault, with a remedy, for a path that cannot be a workspace."""
    try:
        _check_path(path, create=create)
    except (OSError, ValueError) as error:  # no permission, a name too long, a NUL in the name
        raise EnvironmentFault(
            "{place} cannot be opened ({reason}).",
            remedy="Check the path and the permissions of the file and of its folder.",
            place=str(path),
            reason=getattr(error, "strerror", None) or str(error),
        ) from error


def _check_path(path: Path, *, create: bool) -> None:
    if "\x00" in str(path):
        raise ValueError("its name holds a NUL")
    if path.is_dir():
        raise EnvironmentFault(
            "{place} is a folder.",
            remedy="Give the path of a file in it, such as {example}.",
            place=str(path),
            example=str(path / "My business.closeknit"),
        )
    if not path.exists():
        _check_new(path, create=create)
        return
    if not path.is_file():  # a pipe would be waited for without end
        raise EnvironmentFault(
            "{place} is not a file.",
            remedy="Give the path of a .closeknit file.",
            place=str(path),
        )
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        raise EnvironmentFault(
            "{place} cannot be written to.",
            remedy="Check the permissions of the file and of its folder, or open a copy of it.",
            place=str(path),
        )
    with path.open("rb") as file:
        head = file.read(len(HEADER))
    if head and head != HEADER:
        raise EnvironmentFault(
            "{place} is not a Closeknit workspace; it was left as it is.",
            remedy="Choose a .closeknit file, or import the file instead of opening it.",
            place=str(path),
        )


def _check_new(path: Path, *, create: bool) -> None:
    if not create:
        raise EnvironmentFault(
            "{place} does not exist.",
            remedy="Check the path, or make a workspace with “demo” or “import”.",
            place=str(path),
        )
    if not path.parent.is_dir():
        raise EnvironmentFault(
            "The folder {folder} does not exist.",
            remedy="Make the folder first, or choose another place.",
            place=str(path),
            folder=str(path.parent),
        )


def check_whole(path: Path) -> None:
    """Raise EnvironmentFault for a file cut short; such a file opens without complaint."""
    with path.open("rb") as file:
        head = file.read(32)
    page = int.from_bytes(head[16:18], "big")
    page = 65536 if page == 1 else page
    pages = int.from_bytes(head[28:32], "big")
    wal = Path(f"{path}-wal")
    if pages * page > path.stat().st_size and not (wal.exists() and wal.stat().st_size > 0):
        raise EnvironmentFault(
            "{place} is incomplete: {missing} bytes are missing at its end; it was left as it is.",
            remedy="Copy it again from where it came, or restore the newest backup.",
            place=str(path),
            missing=pages * page - path.stat().st_size,
        )


def has_wal(path: Path) -> bool:
    """Say whether a file is in write-ahead mode, by its header."""
    with path.open("rb") as file:
        head = file.read(20)
    return len(head) == 20 and head[19] == _LOCKS_WITHOUT_READERS  # noqa: PLR2004  bytes of the header
