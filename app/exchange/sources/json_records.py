"""JSON and JSON lines: arrays of objects, lists in a wrapper, Salesforce's sObject trees."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from app.errors import UserError
from app.exchange.encodings import detect_encoding
from app.exchange.sources.json_flat import flatten, headers_of
from app.exchange.sources.json_scan import Piece, Scanner, parse, read_lines
from app.exchange.tables import MAX_COLUMNS, Dialect, RawTable, SourceRow

SURVEYED: Final = 2_000  # records whose names become columns
# With one of these of its own an object is a record, whatever lists it holds.
_OWN: Final = frozenset(
    {"name", "email", "firstname", "first_name", "lastname", "last_name", "subject", "full_name"}
)
_FIRST_LINES: Final = 6
_FLAT_ENOUGH: Final = 8  # levels of objects around a list


def recognises(path: Path, head: bytes) -> bool:
    """Say whether a file is JSON that holds objects."""
    del path
    if head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] not in {b"{", b"["}:
        return False
    text = _text(head)
    inner = text[1:].lstrip()
    return inner[:1] in ({'"', "}"} if text.startswith("{") else {"{", "[", "]"})


def open_source(path: Path, head: bytes, **reading: Any) -> RawTable:
    """Open a JSON file; UserError where it holds no records."""
    from app.exchange.sources.json_lists import JsonLists

    encoding = reading.get("encoding") or detect_encoding(head)
    source = JsonSource(path, encoding, _text(head, encoding))
    sample = list(islice(source.pieces(), SURVEYED))
    records = [piece for piece in sample if not piece.problem]
    if not records:
        reason = next((piece.problem for piece in sample), "")
        raise UserError(
            "{file} is JSON, but no record in it can be read. {reason} Save the records as a list "
            "of objects, or as one object in each line.",
            file=path.name,
            reason=reason,
        )
    paths = dict.fromkeys(piece.path for piece in records)
    wanted: str | None = reading.get("sheet")
    if wanted in paths:
        records = [piece for piece in records if piece.path == wanted]
        paths = {wanted: None}
    if len(paths) > 1 or any(_is_sobject(piece.record) for piece in records):
        return JsonLists(source, records)
    return JsonTable(source, next(iter(paths)), records)


def _is_sobject(record: dict[str, Any]) -> bool:
    about = record.get("attributes")
    return isinstance(about, dict) and isinstance(about.get("type"), str)


def _text(head: bytes, encoding: str | None = None) -> str:
    text = head.decode(encoding or detect_encoding(head), errors="replace")
    return text.lstrip("\ufeff \t\r\n\x1e")


class JsonSource:
    """The records of one file, in whichever of its forms they stand."""

    def __init__(self, path: Path, encoding: str, start: str) -> None:
        self.path = path
        self.encoding = encoding
        self._lines, self._wrapped = _form(start)

    def pieces(self) -> Iterator[Piece]:
        """Yield the records of all lists in their order; each call starts anew."""
        if self._lines:
            return read_lines(self.path, self.encoding)
        return Scanner(self.path, self.encoding, wrapped=self._wrapped).pieces()


def _form(start: str) -> tuple[bool, bool]:
    """Say whether a file is JSON lines, and whether an object around all holds the lists."""
    if not start.startswith("{"):
        return False, False
    if _is_lines(start):
        return True, False
    try:
        value, end = json.JSONDecoder().raw_decode(start)
    except (ValueError, RecursionError):
        return False, "[" in start and not _names_itself(start)
    if start[end:].strip():
        return False, False  # one object after the other
    return False, _is_wrapper(value)


def _is_lines(start: str) -> bool:
    """Say whether objects stand on lines of their own, though one of the first may be broken."""
    lines = [line.strip("\r, ") for line in start.split("\n", _FIRST_LINES)[:_FIRST_LINES]]
    filled = [line for line in lines if line]
    if len(filled) < 2 or not all(line.startswith("{") for line in filled[:2]):  # noqa: PLR2004  one record is no list
        return False
    first = filled[0]
    if first.count("[") != first.count("]") and parse(first)[1]:
        return False  # a wrapper whose list goes on in the next line
    return any(isinstance(parse(line)[0], dict) for line in filled)


def _names_itself(start: str) -> bool:
    """Say whether an object that is too long to be read names itself before its first list."""
    before = start[: start.index("[")]
    value, problem = parse(before.rstrip().rpartition(",")[0] + "}")
    return not problem and isinstance(value, dict) and not _OWN.isdisjoint(map(str.casefold, value))


def _is_wrapper(value: Any, level: int = 0) -> bool:
    if not isinstance(value, dict) or level > _FLAT_ENOUGH:
        return False
    if any(key.casefold() in _OWN and isinstance(value[key], str) for key in value):
        return False
    return any(
        _is_wrapper(inner, level + 1)
        or (isinstance(inner, list) and any(isinstance(each, dict) for each in inner))
        for inner in value.values()
    )


class JsonTable:
    """Records of one list as a table: row 1 names the columns, record 1 is row 2."""

    header_row = 1

    def __init__(self, source: JsonSource, path: str, records: list[Piece]) -> None:
        self._source = source
        self._path = path
        self._headers = headers_of((flatten(piece.record) for piece in records), MAX_COLUMNS)

    @property
    def dialect(self) -> Dialect:
        """How the table is written."""
        return Dialect("json", self._source.encoding, "", 1, self._path)

    def raw_rows(self) -> Iterator[SourceRow]:
        """Yield the names, then every record."""
        yield SourceRow(1, self._headers)
        known = frozenset(self._headers)
        blank = ("",) * len(self._headers)
        for number, piece in enumerate(self._source.pieces(), 2):
            if piece.problem:
                yield SourceRow(number, (piece.text, *blank[1:]), piece.problem)
            elif piece.path != self._path:
                yield SourceRow(number, blank, _of_another_list(piece.path))
            else:
                cells = flatten(piece.record)
                surplus = tuple(
                    f"{name}: {cell}" for name, cell in cells.items() if name not in known and cell
                )
                row = tuple(cells.get(name, "") for name in self._headers)
                yield SourceRow(number, row, "", surplus)


def _of_another_list(path: str) -> str:
    return f"This record is in another list of the file, {path!r}; import that list by itself."
