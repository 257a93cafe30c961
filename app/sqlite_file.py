"""What must be known of a workspace's file itself: is it whole, is it still the one we opened."""

import contextlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from app.errors import EnvironmentFault, FaultKind

HEADER = b"SQLite format 3\x00"
_PIECE = 1 << 20
_LOCKS_WITHOUT_READERS = 2  # the header's read version of a file with a write-ahead log


class _OpenFiles:
    """The files that SQLite has open in this process.

    Closing any descriptor of a file drops all POSIX locks this process has on it, so what looks
    into such a file keeps its descriptor until the last connection has gone.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._uses: dict[tuple[int, int], int] = {}
        self._descriptors: dict[tuple[int, int], int] = {}

    def enter(self, file: tuple[int, int]) -> None:
        with self._lock:
            self._uses[file] = self._uses.get(file, 0) + 1

    def leave(self, file: tuple[int, int]) -> None:
        with self._lock:
            self._uses[file] -= 1
            if self._uses[file] > 0:
                return
            del self._uses[file]
            descriptor = self._descriptors.pop(file, None)
            if descriptor is not None:
                os.close(descriptor)

    @contextmanager
    def looking(self, path: Path) -> Iterator[int]:
        """Give a descriptor at the file's start; alone, as it has but one place."""
        with self._lock:
            status = path.stat()
            file = status.st_dev, status.st_ino
            descriptor = self._descriptors.get(file)
            if descriptor is None:
                descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
            try:
                os.lseek(descriptor, 0, os.SEEK_SET)
                yield descriptor
            finally:
                if file in self._uses:
                    self._descriptors[file] = descriptor
                else:
                    os.close(descriptor)


_open_files = _OpenFiles()


def read_head(path: Path, length: int) -> bytes:
    """Return the first bytes of a file, without dropping a lock that this process has on it."""
    with _open_files.looking(path) as descriptor:
        return os.read(descriptor, length)


def copy_contents(path: Path, target: Path) -> None:
    """Copy a file as `shutil.copyfile` does, without dropping a lock this process has on it."""
    with _open_files.looking(path) as descriptor, target.open("wb") as file:
        while piece := os.read(descriptor, _PIECE):
            file.write(piece)


@contextmanager
def in_use(path: Path) -> Iterator[None]:
    """Keep the locks of a connection that is opened and closed within, whoever else looks."""
    file = None
    with contextlib.suppress(OSError):  # not there yet: then nobody else has it open either
        status = path.stat()
        file = status.st_dev, status.st_ino
        _open_files.enter(file)
    try:
        yield
    finally:
        if file is not None:
            _open_files.leave(file)


class FileIdentity:
    """Knows a file again after it was deleted, moved away or replaced.

    Linux and macOS let SQLite write on into a deleted file: every save would seem to succeed, and
    be gone with the program's end.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: tuple[int, int] | None = None
        self._size = 0
        self._lock = threading.Lock()

    def remember(self) -> None:
        """Take the file that stands at the path now for ours; only the first call counts."""
        with self._lock:
            if self._known is None:
                self._known = self._found()
                if self._known is not None:
                    _open_files.enter(self._known)

    def forget(self) -> None:
        """Say that no connection to it is open any more."""
        with self._lock:
            if self._known is not None:
                _open_files.leave(self._known)
                self._known = None

    def abandon(self) -> None:
        """Take whatever stands at the path next for ours; connections to the old one live on."""
        with self._lock:
            self._known, self._size = None, 0  # not left: that might drop the locks they hold

    @property
    def is_replaced(self) -> bool:
        """Whether another file stands in the place of ours."""
        found = self._found()
        return found is not None and self._known is not None and found != self._known

    def check(self, *, grows: bool = False) -> None:
        """Raise EnvironmentFault where the file is not ours any more.

        `grows`: it is in write-ahead mode, where it never becomes smaller by itself. Cut short from
        outside it would take saves for a while, into memory and log, and lose them.
        """
        status = self._status()
        found = (status.st_dev, status.st_ino) if status is not None else None
        if self._known is None or found == self._known:
            if status is not None and grows:
                self._check_size(status.st_size)
            return
        raise EnvironmentFault(
            "{place} was deleted, moved or replaced while it was open; this change was not saved.",
            remedy="Put the file back in its place, or open another workspace or a backup.",
            kind=FaultKind.REPLACED if self.is_replaced else FaultKind.GONE,
            place=str(self.path),
        )

    def _check_size(self, size: int) -> None:
        if size < self._size:
            raise EnvironmentFault(
                "{place} was cut short while it was open: {missing} bytes are gone. "
                "This change was not saved.",
                remedy="Keep the file as it is and restore the newest backup.",
                kind=FaultKind.DAMAGED,
                place=str(self.path),
                missing=self._size - size,
            )
        self._size = size

    def _found(self) -> tuple[int, int] | None:
        status = self._status()
        return (status.st_dev, status.st_ino) if status is not None else None

    def _status(self) -> os.stat_result | None:
        try:
            return os.stat(self.path)  # noqa: PTH116  each save pays for it: 2 µs, Path 4
        except OSError:
            return None


def uri_of(path: Path, mode: str) -> str:
    """Return how SQLite is told to open a file: `ro`, `rw`, or `rwc`, which makes it at need."""
    place = path.absolute().as_posix()
    root = "" if place.startswith("/") else "/"  # a drive letter of Windows
    return f"file://{root}{quote(place)}?mode={mode}"


class ReadOnlyFile:
    """Opens a file so that not a byte changes in its folder, not even the helper files of SQLite.

    A file in write-ahead mode that nobody has open is read as unchangeable, as SQLite would make a
    `-wal` and a `-shm` beside it otherwise; whether that held is looked at after each read.
    So it is where the locks of who writes do not reach us (`unlocked`).
    """

    def __init__(self, path: Path, *, unlocked: bool = False) -> None:
        self.path = path
        self._unlocked = unlocked

    def uri(self) -> str:
        """Return what SQLite is told to open."""
        return uri_of(self.path, "ro&immutable=1" if self._is_quiet() else "ro")

    def state(self) -> tuple[int, int] | None:
        """Return what must stay the same during a read; None where SQLite's locks see to it.

        Raises EnvironmentFault where somebody is writing whose locks do not reach us.
        """
        try:
            if not (self._unlocked or self._is_quiet()):
                return None
            status = self.path.stat()
            if self._unlocked and _has_contents(Path(f"{self.path}-journal")):
                raise being_written(self.path)
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size

    def check_undisturbed(self, seen: tuple[int, int] | None) -> None:
        """Raise EnvironmentFault where somebody began to write during a read."""
        if seen is not None and self.state() != seen:
            raise EnvironmentFault(
                "{place} changed while it was being read.",
                remedy="Try again.",
                kind=FaultKind.STOPPED,
                place=str(self.path),
            )

    def explained(self, fault: BaseException) -> BaseException:
        """Return a read's fault; half of what somebody is just writing looks like damage."""
        misleading = {FaultKind.DAMAGED, FaultKind.FORBIDDEN}
        if self._unlocked and isinstance(fault, EnvironmentFault) and fault.kind in misleading:
            return being_written(self.path)
        return fault

    def _is_quiet(self) -> bool:
        return has_wal(self.path) and not _has_contents(Path(f"{self.path}-wal"))


def _has_contents(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def being_written(path: Path) -> EnvironmentFault:
    """Return the fault of a file that another computer is writing to, unhindered by locks."""
    return EnvironmentFault(
        "{place} is just being written to by another computer.",
        remedy="Try again in a moment. If it stays so, open it on the computer that works with it.",
        kind=FaultKind.STOPPED,
        place=str(path),
    )


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
    head = read_head(path, len(HEADER))
    if head and head != HEADER:
        raise EnvironmentFault(
            "{place} is not a Closeknit workspace; it was left as it is.",
            remedy="Choose a .closeknit file, or import the file instead of opening it.",
            kind=FaultKind.DAMAGED,  # or another program's: only a backup of it can tell
            place=str(path),
        )


def may_write(path: Path) -> bool:
    """Say whether the system lets us write to a file and beside it."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


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
    head = read_head(path, 32)
    page = int.from_bytes(head[16:18], "big")
    page = 65536 if page == 1 else page
    pages = int.from_bytes(head[28:32], "big")
    wal = Path(f"{path}-wal")
    if pages * page > path.stat().st_size and not (wal.exists() and wal.stat().st_size > 0):
        raise EnvironmentFault(
            "{place} is incomplete: {missing} bytes are missing at its end; it was left as it is.",
            remedy="Copy it again from where it came, or restore the newest backup.",
            kind=FaultKind.DAMAGED,
            place=str(path),
            missing=pages * page - path.stat().st_size,
        )


def has_wal(path: Path) -> bool:
    """Say whether a file is in write-ahead mode, by its header."""
    head = read_head(path, 20)
    return len(head) == 20 and head[19] == _LOCKS_WITHOUT_READERS  # noqa: PLR2004  bytes of the header
