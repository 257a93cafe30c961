"""Bytes of a file that wait to be stored: a chunk's pictures together would fill the memory."""

import hashlib
import tempfile
import threading
import weakref
from dataclasses import dataclass
from typing import IO, Final

_SMALL: Final = 16_384  # bytes that are worth no file


class Spool:
    """A temporary file that is gone with the last who needs it; safe to use from several threads."""  # noqa: E501  data, kept on its line

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._file: IO[bytes] | None = None
        self._end = 0

    def keep(self, content: bytes) -> "Kept":
        """Set bytes aside."""
        digest, size = hashlib.sha256(content).hexdigest(), len(content)
        if size <= _SMALL:
            return Kept(digest, size, content)
        with self._lock:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed with the spool
                weakref.finalize(self, self._file.close)
            at = self._end
            self._file.seek(at)
            self._file.write(content)
            self._end += size
        return Kept(digest, size, (self, at))

    def read(self, at: int, size: int) -> bytes:
        """Return bytes that were set aside."""
        with self._lock:
            assert self._file is not None  # noqa: S101  `keep` made it
            self._file.seek(at)
            return self._file.read(size)


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes set aside; `digest` is SHA-256 in hex."""

    digest: str
    size: int
    place: "bytes | tuple[Spool, int]"

    def content(self) -> bytes:
        """Return the bytes."""
        if isinstance(self.place, bytes):
            return self.place
        spool, at = self.place
        return spool.read(at, self.size)

    def __reduce__(self) -> "tuple[type[Kept], tuple[str, int, bytes]]":
        """Cross to another process with the bytes themselves."""
        return Kept, (self.digest, self.size, self.content())


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that belongs to a record."""

    name: str
    media_type: str
    kept: Kept
