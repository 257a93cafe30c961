"""Whose a file of kept edits is: its process's while that lives, then whoever takes it over.

Two windows that offered the same edit could both save it.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from app.sharing.byte_lock import ByteLock

_LOCK_ENDING: Final = ".lock"
_AGAIN_SECONDS: Final = 0.01
_in_process = threading.RLock()
# Of this process: a lock does not keep its own process out, and looking would drop it.
_own: Final[set[Path]] = set()


class Owner:
    """Says to all other processes, for as long as ours lives, that a file is ours."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock: ByteLock | None = None

    def hold(self) -> None:
        """Make the file ours, before it is first written."""
        if self._lock is not None:
            return
        with _in_process:
            place = _lock_of(self._file)
            lock = ByteLock(place, create=True)
            while not lock.try_lock() or not place.exists():  # for as long as somebody looks
                lock.close()
                time.sleep(_AGAIN_SECONDS)
                lock = ByteLock(place, create=True)
            self._lock = lock
            _own.add(self._file)

    def let_go(self) -> None:
        """Leave the file to whoever comes next."""
        with _in_process:
            if self._lock is None:
                return
            _own.discard(self._file)
            if not self._file.exists():
                _lock_of(self._file).unlink(missing_ok=True)
            self._lock.close()
            self._lock = None


@contextmanager
def inheriting(file: Path) -> Iterator[bool]:
    """Tell whether a file's process has ended, and keep all others from taking it over as well."""
    with _in_process:
        if file in _own:
            yield False
            return
        lock = ByteLock(_lock_of(file), create=True)
        has_ended = False
        try:
            has_ended = lock.try_lock()
            yield has_ended and file.exists()
        finally:
            if has_ended and not file.exists():
                _lock_of(file).unlink(missing_ok=True)
            lock.close()


def _lock_of(file: Path) -> Path:
    return file.with_suffix(_LOCK_ENDING)
