"""Files packed with gzip, whatever is in them: unpacked on the way, never to a file."""

import gzip
import io
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from app.errors import UserError
from app.exchange.tables import SAMPLE_BYTES, RawTable

MAX_RATIO: Final = 200  # a log of events packs to a twentieth, zeros to a thousandth
MAX_BYTES: Final = 64 * 10**9
_WITHOUT_DOUBT: Final = 32_000_000  # bytes; what is smaller harms nobody
_MAGIC: Final = b"\x1f\x8b\x08"

if TYPE_CHECKING:
    _PathOfSystem = Path
else:
    _PathOfSystem = type(Path())


def recognises(path: Path, head: bytes) -> bool:
    """Say whether a file is packed with gzip."""
    del path
    return head.startswith(_MAGIC)


def open_source(path: Path, head: bytes, **reading: Any) -> RawTable:
    """Open what is in the file with the reader that recognises it."""
    from app.exchange.formats import open_raw

    del head
    if isinstance(path, PackedPath):
        raise UserError(
            "{file} is packed twice. Unpack it once and import what is in it.", file=path.name
        )
    inner = PackedPath(path)
    with inner.open("rb") as file:
        start = file.read(SAMPLE_BYTES)
    return open_raw(inner, start, **reading)


class PackedPath(_PathOfSystem):
    """The path of a packed file, whose content reads as if it were unpacked."""

    def open(self, mode: str = "r", *args: Any, **kwargs: Any) -> IO[Any]:  # type: ignore[override]
        """Open for reading, as text or as bytes."""
        stream = io.BufferedReader(_Unpacking(Path(str(self))), 1 << 18)
        if "b" in mode:
            return stream
        kwargs.pop("buffering", None)
        return io.TextIOWrapper(stream, *args, **kwargs)


class _Unpacking(io.RawIOBase):
    """The unpacked bytes of a file; UserError where it is broken or made to swell."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._packed = path.stat().st_size
        self._file = gzip.open(path, "rb")  # noqa: SIM115  closed by `close`
        self._given = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can go back to places it has passed."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, unpacking anew what lies before it."""
        self._given = self._file.seek(offset, whence)
        return self._given

    def tell(self) -> int:
        """Return the place, in unpacked bytes."""
        return self._given

    def readinto(self, buffer: Any) -> int:
        """Unpack the next bytes."""
        try:
            data = self._file.read(len(buffer))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise UserError(
                "{file} is not whole: what is packed in it breaks off. Pack or download it again.",
                file=self._path.name,
            ) from error
        self._given += len(data)
        swollen = self._given > _WITHOUT_DOUBT and self._given > self._packed * MAX_RATIO
        if swollen or self._given > MAX_BYTES:
            raise UserError(
                "{file} unpacks to more than {limit} times its size, as files do that are made to "
                "fill a disk. It was not read. Unpack it yourself if you trust it.",
                file=self._path.name,
                limit=MAX_RATIO,
            )
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()
