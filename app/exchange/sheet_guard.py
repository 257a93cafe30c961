"""Looks through a workbook before calamine opens it, in constant memory.

calamine lays a sheet out as a whole rectangle, and a file of one kilobyte can ask for one that no
machine has room for; the process then ends without a word. So what a sheet would need is reckoned
here first, from its own cells and not from the sizes that it states.
"""

import re
import struct
import zipfile
import zlib
from array import array
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from app.errors import UserError
from app.exchange.compound_guard import chains_end

MAX_CELLS: Final = 9_000_000  # of the rectangle around all that is filled; 32 bytes each
MAX_TEXT: Final = 300_000_000  # bytes of texts, one that many cells share counted for each
MAX_CELL: Final = 16_000_000  # bytes of one text
MAX_UNPACKED: Final = 1_500_000_000
_MAX_RATIO: Final = 400
_SMALL: Final = 50_000_000  # bytes; below it no ratio is a bomb
_PIECE: Final = 1 << 20
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_LOCAL_HEADER: Final = 30
_DEFLATED: Final = 8
_TAG: Final = re.compile(
    rb"<(?:\w+:)?(row|c|v|is|si|table-row|table-cell|covered-table-cell|table)(?=[\s/>])"
    rb"([^<>]*)>([^<]{0,12})"
)
_PLACE: Final = re.compile(rb"(?<![\w:])r\s*=\s*[\"']\s*([A-Za-z]*)(\d+)")
_SHARED: Final = re.compile(rb"(?<![\w:])t\s*=\s*[\"']s[\"']")
_COLUMNS: Final = re.compile(rb"number-columns-repeated\s*=\s*[\"']\s*(\d+)")
_ROWS: Final = re.compile(rb"number-rows-repeated\s*=\s*[\"']\s*(\d+)")
# The cells of BIFF, all of them beginning with row and column.
_BIFF_CELLS: Final = frozenset(
    {0x06, 0xBD, 0xD6, 0xFD, 0x203, 0x204, 0x205, 0x207, 0x27E, 0x206, 0x406}
    | {0x02, 0x03, 0x04, 0x05}
)
_BIFF_SHEET: Final = (0x809, 0x409, 0x209, 0x09)
_BINARY_ROW: Final = 0
_BINARY_CELLS: Final = range(2, 12)


def check_workbook(path: Path) -> None:
    """Refuse a workbook that asks for more room than a usual one; what is broken is let pass."""
    with path.open("rb") as file:
        start = file.read(4)
        if start == _ZIP:
            _Guard(path).check(file)
    if start == _OLE:
        _check_old(path)


class _Box:
    """The rectangle around the filled cells of a sheet, and how many bytes their texts have."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._first_row = self._first_column = -1
        self._last_row = self._last_column = 0
        self.text = 0

    def add(self, row: int, column: int) -> None:
        """Take in a filled cell."""
        if self._first_row < 0:
            self._first_row = self._last_row = row
            self._first_column = self._last_column = column
        elif (
            self._first_row <= row <= self._last_row
            and self._first_column <= column <= self._last_column
        ):
            return
        self._first_row = min(self._first_row, row)
        self._last_row = max(self._last_row, row)
        self._first_column = min(self._first_column, column)
        self._last_column = max(self._last_column, column)
        height = self._last_row - self._first_row + 1
        width = self._last_column - self._first_column + 1
        if height * width > MAX_CELLS:
            raise UserError(
                "{file} has a sheet of {rows} rows × {columns} columns; {limit} cells are "
                "possible. Delete what stands far away from the table, or save it as CSV.",
                file=self._file,
                rows=f"{height:,}",
                columns=f"{width:,}",
                limit=f"{MAX_CELLS:,}",
            )

    def weigh(self, size: int) -> None:
        """Take in a text."""
        self.text += size
        if self.text > MAX_TEXT:
            raise UserError(
                "{file} has more than {limit} MB of text in one sheet. Save it as CSV.",
                file=self._file,
                limit=MAX_TEXT // 1_000_000,
            )


class _Guard:
    """The parts of one zipped workbook."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._packed = max(path.stat().st_size, 1)
        self._unpacked = 0
        self._shared = array("L")  # bytes of each shared text

    def check(self, file: IO[bytes]) -> None:
        """Unpack all parts, keeping none."""
        try:
            parts = zipfile.ZipFile(file).infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error):
            return  # calamine says better what is wrong with it
        # What swells is found by unpacking alone, twenty times as fast as by reading the tags.
        for info in parts:
            with suppress(zlib.error, OSError, ValueError, struct.error):
                for _ in self._inflated(file, info):
                    pass
        self._unpacked = 0
        # The texts that cells share are read before the cells.
        for info in sorted(parts, key=lambda part: "sharedstrings" not in part.filename.casefold()):
            pieces = self._inflated(file, info)
            try:
                start = next(pieces, b"")
                self._look(start, pieces)
            except (zlib.error, OSError, ValueError, struct.error):
                continue

    def _look(self, start: bytes, pieces: Iterator[bytes]) -> None:
        if b"<" in start[:64]:
            self._look_at_xml(_chain(start, pieces))
        elif start[:2] == b"\x81\x01":  # the beginning of a sheet of XLSB
            self._look_at_records(_chain(start, pieces))
        else:
            for _ in pieces:  # to count what it unpacks to
                pass

    def _inflated(self, file: IO[bytes], info: zipfile.ZipInfo) -> Iterator[bytes]:
        """Yield the bytes of a part as they really are, whatever its entry states."""
        file.seek(info.header_offset)
        header = file.read(_LOCAL_HEADER)
        if len(header) < _LOCAL_HEADER:
            return
        name, extra = struct.unpack("<HH", header[26:30])
        file.seek(name + extra, 1)
        left = info.compress_size
        inflater = zlib.decompressobj(-15) if info.compress_type == _DEFLATED else None
        while left > 0 and (raw := file.read(min(_PIECE, left))):
            left -= len(raw)
            while raw:
                piece = raw if inflater is None else inflater.decompress(raw, _PIECE)
                raw = b"" if inflater is None else inflater.unconsumed_tail
                self._count(len(piece))
                if piece:
                    yield piece

    def _count(self, size: int) -> None:
        self._unpacked += size
        swollen = self._unpacked > _SMALL and self._unpacked / self._packed > _MAX_RATIO
        if swollen or self._unpacked > MAX_UNPACKED:
            raise UserError(
                "{file} would unpack to more than {size} MB. That is no usual workbook; save it "
                "as CSV.",
                file=self._path.name,
                size=self._unpacked // 1_000_000,
            )

    def _look_at_xml(self, pieces: Iterator[bytes]) -> None:
        sheet = _XmlSheet(self._path.name, self._shared)
        carried, offset = b"", 0
        for piece in pieces:
            buffer = carried + piece
            whole = buffer.rfind(b"<")
            for found in _TAG.finditer(buffer, 0, max(whole, 0)):
                sheet.take(found[1], found[2], found[3], offset + found.start())
            whole = max(whole, 0)
            carried, offset = buffer[whole:], offset + whole
            if len(carried) > MAX_CELL:
                raise UserError(
                    "{file} has a cell of more than {limit} MB. Shorten it and try again.",
                    file=self._path.name,
                    limit=MAX_CELL // 1_000_000,
                )
        sheet.end(offset + len(carried))

    def _look_at_records(self, pieces: Iterator[bytes]) -> None:
        box, row = _Box(self._path.name), 0
        for kind, body in _binary_records(pieces):
            if kind == _BINARY_ROW and len(body) >= 4:  # noqa: PLR2004  a number of 32 bits
                row = int.from_bytes(body[:4], "little")
            elif kind in _BINARY_CELLS and len(body) >= 4:  # noqa: PLR2004  a number of 32 bits
                box.add(row, int.from_bytes(body[:4], "little"))


def _chain(start: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield start
    yield from pieces


class _XmlSheet:
    """Follows the tags of one part: a sheet of XLSX, of ODS, or the shared texts."""

    def __init__(self, file: str, shared: "array[int]") -> None:
        self._box = _Box(file)
        self._file = file
        self._shared = shared
        self._row = self._column = -1
        self._is_shared = False
        self._text_from = -1
        self._repeated = 1  # rows of ODS that are written once

    def take(self, name: bytes, attributes: bytes, text: bytes, offset: int) -> None:
        """Take the next tag; `offset` is where it stands in the part."""
        if name == b"c":
            self._cell(attributes)
        elif name == b"v" or name == b"is":  # noqa: PLR1714  called for every cell: no tuple
            self._box.add(max(self._row, 0), max(self._column, 0))
            if self._is_shared and text.strip().isdigit():
                place = int(text)
                self._box.weigh(self._shared[place] if place < len(self._shared) else 0)
        elif name == b"row":
            found = _PLACE.search(attributes)
            self._row = int(found[2]) - 1 if found else self._row + 1
            self._column = -1
        elif name == b"si":
            self.end(offset)
            self._text_from = offset
        else:
            self._take_open_document(name, attributes)

    def end(self, offset: int) -> None:
        """Note how long the shared text is that ends here."""
        if self._text_from >= 0:
            self._shared.append(offset - self._text_from)
        self._text_from = -1

    def _cell(self, attributes: bytes) -> None:
        found = _PLACE.search(attributes)
        if found is not None and found[1]:
            column = 0
            for letter in found[1].upper()[:12]:
                column = column * 26 + letter - 64
            self._column = column - 1
            self._row = int(found[2]) - 1
        else:
            self._column += 1
        self._is_shared = _SHARED.search(attributes) is not None

    def _take_open_document(self, name: bytes, attributes: bytes) -> None:
        if name == b"table":
            self._box = _Box(self._file)
            self._row, self._repeated = -1, 1
        elif name == b"table-row":
            found = _ROWS.search(attributes)
            self._row += self._repeated
            self._repeated = min(int(found[1]), 1 << 40) if found else 1
            self._column = -1
        else:
            found = _COLUMNS.search(attributes)
            first = self._column + 1
            self._column += min(int(found[1]), 1 << 40) if found else 1
            if not attributes.rstrip().endswith(b"/"):
                row = max(self._row, 0)
                self._box.add(row, first)
                self._box.add(row + self._repeated - 1, self._column)


def _binary_records(pieces: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield kind and content of the records of XLSB; both numbers are of seven bits a byte."""
    buffer, at = b"", 0
    for piece in pieces:
        buffer, at = buffer[at:] + piece, 0
        if len(buffer) > MAX_CELL + _PIECE:
            raise ValueError("a record of XLSB is too long")
        while True:
            head = _binary_head(buffer, at)
            if head is None or head[2] + head[1] > len(buffer):
                break
            kind, size, place = head
            yield kind, buffer[place : place + min(size, 4)]
            at = place + size


def _binary_head(buffer: bytes, at: int) -> tuple[int, int, int] | None:
    """Return kind, size and where the content begins; None where the buffer ends before."""
    if at + 6 > len(buffer) and not buffer[at : at + 2]:
        return None
    kind, place = buffer[at], at + 1
    if kind & 0x80:
        if place >= len(buffer):
            return None
        kind = (kind & 0x7F) | buffer[place] << 7
        place += 1
    size = 0
    for shift in range(0, 28, 7):
        if place >= len(buffer):
            return None
        byte = buffer[place]
        size |= (byte & 0x7F) << shift
        place += 1
        if not byte & 0x80:
            break
    return kind, size, place


def _check_old(path: Path) -> None:
    """Go through the records of an XLS, as far as its storage can be read."""
    import olefile

    if not chains_end(path):
        raise UserError(
            "{file} is damaged: its parts run in a circle or break off. Open it in a spreadsheet "
            "program, save it as XLSX and try again.",
            file=path.name,
        )
    try:
        with olefile.OleFileIO(str(path)) as storage:
            name = next((n for n in ("Workbook", "Book") if storage.exists(n)), None)
            content = storage.openstream(name).read() if name else b""
    except Exception:  # noqa: BLE001  of a broken file nothing is promised; calamine says what is wrong
        return
    box, at = _Box(path.name), 0
    while at + 8 <= len(content):
        kind, size, row, column = struct.unpack_from("<HHHH", content, at)
        if kind in _BIFF_SHEET:
            box = _Box(path.name)
        elif kind in _BIFF_CELLS:
            box.add(row, column)
        at += 4 + size
