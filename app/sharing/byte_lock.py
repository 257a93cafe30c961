"""A lock on one byte of a file, of the same kind as SQLite's own."""

import contextlib
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

_BYTE = 1 << 30  # far behind the contents: Windows lets nobody read what is locked


class ByteLock:
    """An open file with a lock to be had.

    The file is opened once and stays open: closing any descriptor of it would drop the lock.
    """

    def __init__(self, path: Path, *, create: bool) -> None:
        flags = os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        self._file = os.open(path, flags | (os.O_CREAT if create else 0), 0o666)
        self._is_windows = sys.platform.startswith("win")
        self._module: Any = import_module("msvcrt" if self._is_windows else "fcntl")

    def try_lock(self) -> bool:
        """Take the lock if it is free; say whether it was."""
        try:
            if self._is_windows:
                os.lseek(self._file, _BYTE, os.SEEK_SET)
                self._module.locking(self._file, self._module.LK_NBLCK, 1)
            else:
                how = self._module.LOCK_EX | self._module.LOCK_NB
                self._module.lockf(self._file, how, 1, _BYTE)
        except (BlockingIOError, PermissionError):  # POSIX allows both; Windows gives the second
            return False
        return True

    def unlock(self) -> None:
        """Give the lock back."""
        if self._is_windows:
            os.lseek(self._file, _BYTE, os.SEEK_SET)
            self._module.locking(self._file, self._module.LK_UNLCK, 1)
        else:
            self._module.lockf(self._file, self._module.LOCK_UN, 1, _BYTE)

    def write(self, contents: bytes) -> None:
        """Put contents at the start, through to the drive."""
        os.lseek(self._file, 0, os.SEEK_SET)
        os.write(self._file, contents)
        os.fsync(self._file)

    def read(self, size: int) -> bytes:
        """Return what stands at the start, as a new look through the same opening shows it."""
        os.lseek(self._file, 0, os.SEEK_SET)
        return os.read(self._file, size)

    def close(self) -> None:
        """Close the file, and with it the lock."""
        with contextlib.suppress(OSError):
            os.close(self._file)
