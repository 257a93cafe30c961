"""iCalendar files: appointments, series with their exceptions, to-dos and journals."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from app.errors import UserError
from app.exchange.calendar.blocks import Block, blocks_of
from app.exchange.calendar.components import SYSTEM, Reader
from app.exchange.tables import Dialect, RawTable, SourceRow, Stated

MAX_BYTES: Final = 200_000_000
HEADERS: Final = ("What", "Title", "Starts", "Ends", "Where", "Repeats", "With", "Id")
_BEGIN: Final = "BEGIN:VCALENDAR"


def recognises(path: Path, head: bytes) -> bool:
    """Say whether a file is an iCalendar file."""
    del path
    for encoding in ("utf-8-sig", "utf-16"):
        text = head[:4096].decode(encoding, errors="replace").lstrip("\ufeff\r\n \t")
        if text[: len(_BEGIN)].upper() == _BEGIN:
            return True
    return False


def open_source(path: Path, head: bytes, **reading: Any) -> RawTable:
    """Open an iCalendar file."""
    del head, reading
    if path.stat().st_size > MAX_BYTES:
        raise UserError(
            "{file} is larger than {size} MB. Export the calendar year by year.",
            file=path.name,
            size=MAX_BYTES // 1_000_000,
        )
    return CalendarFile(path)


class CalendarFile:
    """One file of calendars; each event, to-do and journal is a row."""

    stated = Stated("appointment", "iCalendar", SYSTEM, HEADERS)

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def dialect(self) -> Dialect:
        """How the file is written."""
        return Dialect("ics", "", "")

    def count_rows(self) -> int:
        """Return how many components the file has."""
        return sum(1 for _ in self._blocks())

    def raw_rows(self) -> Iterator[SourceRow]:
        """Yield every component; `number` counts them."""
        blocks = list(self._blocks())
        reader = Reader(blocks)
        for number, block in enumerate(blocks, 1):
            yield reader.row(number, block)

    def _blocks(self) -> Iterator[Block]:
        data = self.path.read_bytes()
        return blocks_of(data)
