"""One mail saved by Outlook (.msg): a compound file of properties."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.exchange.mail.limits import MAX_FILE, MAX_MESSAGE
from app.exchange.mail.parsing import HEADERS, TOO_LARGE, UNREADABLE, dialect, row_of, stated
from app.exchange.tables import Dialect, RawTable, SourceRow, Stated

if TYPE_CHECKING:
    from olefile import OleFileIO

log = logging.getLogger(__name__)

_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROPERTIES: Final = "__properties_version1.0"
_HEADER: Final = 32  # bytes before the properties of a message that is no other's attachment


def recognises(path: Path, head: bytes) -> bool:
    """Say whether a file is a compound file with a message's properties."""
    if not head.startswith(_MAGIC):
        return False
    import olefile

    try:
        with olefile.OleFileIO(str(path)) as storage:
            return bool(storage.exists(_PROPERTIES))
    except Exception:  # noqa: BLE001  of a broken file nothing is promised; other readers may try
        return False


def open_source(path: Path, head: bytes, **reading: Any) -> RawTable:
    """Open a message of Outlook."""
    del head, reading
    return OutlookMessage(path)


@dataclass(frozen=True, slots=True)
class OutlookMessage:
    """A table of one row."""

    path: Path
    stated: Stated = field(default_factory=lambda: stated("Outlook message"))
    dialect: Dialect = field(default_factory=lambda: dialect("msg"))

    def raw_rows(self) -> Iterator[SourceRow]:
        """Yield the one row; a broken file is a row that says so."""
        size = self.path.stat().st_size
        blank = ("",) * len(HEADERS)
        if size > MAX_MESSAGE:
            reason = TOO_LARGE.format(limit=MAX_MESSAGE // 1_000_000)
            yield SourceRow(1, blank, problem=reason)
            return
        try:
            row = self._row(size)
        except Exception:  # whatever a broken file does to its reader
            log.exception("%s cannot be read", self.path.name)
            row = SourceRow(1, blank, problem=UNREADABLE)
        yield row

    def count_rows(self) -> int:
        """Return 1: a message is one record."""
        return 1

    def _row(self, size: int) -> SourceRow:
        import olefile

        from app.exchange.mail.mapi import Item, read_item
        from app.exchange.mail.writing import source_of

        with olefile.OleFileIO(str(self.path)) as file:
            mail = read_item(Item(OleStorage(file), "", _HEADER), source_of)
        mail.size = size
        return row_of(1, mail)


class OleStorage:
    """The streams of a compound file, each at most as large as an attachment may be."""

    def __init__(self, file: "OleFileIO") -> None:
        self._file = file
        self._folders: dict[str, list[str]] = {}
        for parts in file.listdir(streams=False, storages=True):
            inside = "".join(f"{part}/" for part in parts[:-1])
            self._folders.setdefault(inside, []).append(parts[-1])

    def read(self, path: str) -> bytes | None:
        """Return a stream, None where there is none of this path."""
        if not self._file.exists(path) or self._file.get_type(path) != 2:  # noqa: PLR2004  a stream
            return None
        if self._file.get_size(path) > MAX_FILE:
            return bytes(MAX_FILE + 1)  # told as too large, and not read
        content: bytes = self._file.openstream(path).read()
        return content

    def folders(self, path: str) -> list[str]:
        """Return the names of the storages within one."""
        return self._folders.get(path, [])
