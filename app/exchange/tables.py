"""A table in a file: its headers and its rows, one at a time, whatever the format."""

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final, Protocol

from app.errors import UserError

MAX_LINE: Final = 8_000_000  # characters of one line; longer ones are reported, not read
MAX_COLUMNS: Final = 4_096
SAMPLE_ROWS: Final = 2_000
SAMPLE_TEXT: Final = 20_000_000  # characters
SAMPLE_OF_STATED: Final = 50
SAMPLE_BYTES: Final = 262_144

Cells = tuple[str, ...]

_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3", "a database"),
    (b"\x1f\x8b", "a compressed file; unpack it first"),
    (b"7z\xbc\xaf", "a compressed file; unpack it first"),
    (b"Rar!", "a compressed file; unpack it first"),
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a table is written: what was guessed, in words the person may correct."""

    format: str  # csv, xlsx
    encoding: str = "utf-8"
    delimiter: str = ","
    header_row: int = 1  # as a spreadsheet counts; 0: the file has no header line
    sheet: str = ""


@dataclass(slots=True)
class Given:
    """A record that a format states by itself, so that nothing has to be mapped.

    `values` are by field key and of the field's type (a moment, a tuple of amount and currency …);
    `problems` are field, value and reason. What is no field of the kind goes to the kind's book:
    points, addresses, attachments, participants, lines.
    """

    kind: str
    values: dict[str, Any]
    problems: list[tuple[str, str, str]] = field(default_factory=list)
    weight: int = 0  # bytes it holds, where they may be many: chunks of them are kept small


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row with the number a spreadsheet shows; `problem` says why it cannot be read."""

    number: int
    cells: Cells
    problem: str = ""
    surplus: Cells = ()
    given: Given | None = None


class RawTable(Protocol):
    """What a format has to offer."""

    @property
    def dialect(self) -> Dialect:
        """How the table is written."""

    def raw_rows(self) -> Iterator[SourceRow]:
        """Yield every row of the file, from its first; each call starts anew."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What a format with records of its own says of a file: it needs no header and no mapping.

    A RawTable that has this as its attribute `stated` yields rows with `given`; `headers` name the
    cells, which are for people's eyes and for the reject file.
    """

    kind: str  # of most of its records
    title: str  # "vCard 3.0", "mbox"
    system: str  # the name under which its ids are kept
    headers: Cells
    kinds: tuple[str, ...] = ()  # of its other records, where there are several
    # Beside the headers, the made keys of fields of the workspace's own (`custom:…`) that its
    # records hold, so that they are made before the first row; empty for none.
    fields: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table ready to be mapped. `rows()` starts anew each time and keeps nothing."""

    path: Path
    dialect: Dialect
    headers: Cells
    sample: tuple[Cells, ...] = field(repr=False)
    raw: RawTable = field(repr=False)
    stated: Stated | None = None

    def rows(self) -> Iterator[SourceRow]:
        """Yield the rows below the header, each as wide as the header."""
        width = len(self.headers)
        first = self.dialect.header_row
        for row in self.raw.raw_rows():
            if row.number <= first:
                continue
            yield fitted(row, width)


def fitted(row: SourceRow, width: int) -> SourceRow:
    """Return a row of exactly `width` cells; what stands beyond them is kept as surplus."""
    count = len(row.cells)
    if count == width:
        return row
    if count < width:
        cells = row.cells + ("",) * (width - count)
        return SourceRow(row.number, cells, row.problem, given=row.given)
    surplus = tuple(cell for cell in row.cells[width:] if cell.strip())
    return SourceRow(row.number, row.cells[:width], row.problem, surplus, row.given)


def refuse_endless(path: Path) -> None:
    """Raise UserError for a pipe or a device, which can be read only once or without end."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise UserError(
            "{file} is no file but a pipe or a device. Save what it gives to a file, or pass it "
            "as standard input.",
            file=path.name,
        )


def refuse_binary(path: Path, head: bytes) -> None:
    """Raise UserError for a file that is no text, saying what it seems to be."""
    for magic, what in _MAGIC:
        if head.startswith(magic):
            raise UserError(
                "{file} is not a table but {what}. Save the table as CSV or XLSX and try again.",
                file=path.name,
                what=what,
            )
    if b"\x00" in head:
        raise UserError(
            "{file} holds binary data, not a table. Save the table as CSV or XLSX and try again.",
            file=path.name,
        )


def unique_headers(cells: Sequence[str]) -> Cells:
    """Return headers without blanks and repeats: "Phone", "Phone (2)", "Column 7"."""
    seen: dict[str, int] = {}
    names: list[str] = []
    for index, cell in enumerate(cells):
        name = " ".join(cell.split()) or f"Column {index + 1}"
        count = seen[name] = seen.get(name, 0) + 1
        names.append(name if count == 1 else f"{name} ({count})")
    return tuple(names)


def open_table(
    path: str | Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    header_row: int | None = None,
    sheet: str | None = None,
) -> Table:
    """Open a table and guess what is not given; UserError says what to do where that fails."""
    from app.exchange.headers import find_header

    place = Path(path)
    raw = _raw_table(place, encoding=encoding, delimiter=delimiter, sheet=sheet)
    stated: Stated | None = getattr(raw, "stated", None)
    if stated is not None:
        rows = [row.cells for row in islice(raw.raw_rows(), SAMPLE_OF_STATED)]
        return Table(
            place, replace(raw.dialect, header_row=0), stated.headers, tuple(rows), raw, stated
        )
    if header_row is None:
        header_row = getattr(raw, "header_row", None)  # a format that names its columns itself
    sample: list[SourceRow] = []
    room = SAMPLE_TEXT
    for row in raw.raw_rows():
        sample.append(row)
        room -= sum(map(len, row.cells))
        if len(sample) >= SAMPLE_ROWS or room < 0:
            break
    filled = [row for row in sample if any(cell.strip() for cell in row.cells)]
    if not filled:
        raise UserError(
            "{file} is empty. Choose a file with a header line and rows.", file=place.name
        )
    head = find_header(sample) if header_row is None else header_row
    width = max(len(row.cells) for row in filled)
    names = next((row.cells for row in sample if row.number == head), ())
    if head and not names:
        raise UserError(
            "{file} has nothing in line {number} that could name its columns. Give the number of "
            "the line that does, or 0 where none does.",
            file=place.name,
            number=head,
        )
    headers = unique_headers(_trimmed(names) if head else [""] * width)
    if len(headers) > MAX_COLUMNS:
        raise UserError(
            "{file} has {count} columns; {limit} are possible. Leave out columns and try again.",
            file=place.name,
            count=len(headers),
            limit=MAX_COLUMNS,
        )
    below = [fitted(row, len(headers)).cells for row in sample if row.number > head]
    dialect = Dialect(
        raw.dialect.format, raw.dialect.encoding, raw.dialect.delimiter, head, raw.dialect.sheet
    )
    return Table(place, dialect, headers, tuple(below), raw)


def _trimmed(cells: Cells) -> Cells:
    end = len(cells)
    while end > 1 and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def _raw_table(
    path: Path, *, encoding: str | None, delimiter: str | None, sheet: str | None
) -> RawTable:
    from app.exchange.formats import open_raw

    try:
        head = b""
        if not path.is_dir():  # a Maildir is a folder
            refuse_endless(path)
            with path.open("rb") as file:
                head = file.read(SAMPLE_BYTES)
        return open_raw(path, head, encoding=encoding, delimiter=delimiter, sheet=sheet)
    except FileNotFoundError as error:
        raise UserError("{file} is not there. Check the name.", file=str(path)) from error
    except OSError as error:
        raise UserError(
            "{file} cannot be read: {reason}. Check its permissions.",
            file=path.name,
            reason=error.strerror or str(error),
        ) from error
