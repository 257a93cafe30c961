"""CSV, TSV and their kin: any encoding, delimiter and line end, in constant memory."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from app.errors import UserError
from app.exchange.encodings import detect_encoding
from app.exchange.own_tables import own_delimiter
from app.exchange.tables import MAX_LINE, Cells, Dialect, SourceRow, refuse_binary

DELIMITERS: Final = (",", ";", "\t", "|", "^", "~", "\x1f")
_TOO_LONG: Final = "\ue000closeknit: line too long\ue000"
_BROKEN: Final = re.compile("[\udc80-\udcff]+")
_OPEN_QUOTE: Final = (
    "A quotation mark in this row is not closed. Close it, or write it twice inside a text; the "
    "rows below were read line by line."
)
_SHOWN: Final = 1_000
_SAMPLE_RECORDS: Final = 200
_WIDE: Final = 4  # cells of a header that leaves no doubt
_LATE: Final = 0.05


class TextTable:
    """A delimited text file."""

    def __init__(
        self, path: Path, head: bytes, *, encoding: str | None, delimiter: str | None
    ) -> None:
        self.path = path
        self._encoding = _known(encoding) if encoding else detect_encoding(head)
        if not self._encoding.startswith(("utf-16", "utf-32")):
            refuse_binary(path, head)
        text = head.decode(self._encoding, errors="replace")
        if delimiter and (len(delimiter) != 1 or delimiter in '\r\n" '):
            raise UserError(
                "{delimiter} cannot be what stands between cells. Choose one character such as a "
                "comma, a semicolon or a tab.",
                delimiter=repr(delimiter[:20]),
            )
        self._delimiter = delimiter or guess_delimiter(text)

    @property
    def dialect(self) -> Dialect:
        """How the table is written."""
        return Dialect("csv", self._encoding, self._delimiter)

    def raw_rows(self) -> Iterator[SourceRow]:
        """Yield every record of the file; blank ones count in the numbering but are left out."""
        csv.field_size_limit(MAX_LINE)
        with self.path.open(
            encoding=self._encoding, errors="surrogateescape", newline="", buffering=1 << 18
        ) as file:
            number = 0
            try:
                for cells, problem in _Records(_lines(file), self._delimiter):
                    number += 1
                    if problem:
                        yield SourceRow(number, cells, problem)
                    elif cells and cells[0].startswith(_TOO_LONG):
                        yield SourceRow(number, (), _too_long_reason())
                    elif cells:
                        yield SourceRow(number, cells)
            except UnicodeError as error:
                raise UserError(
                    "{file} is not whole: its text ({encoding}) breaks off at row {row}.",
                    file=self.path.name,
                    encoding=self._encoding,
                    row=number + 1,
                ) from error


class _Records:
    """The records of delimited lines: their cells, and why one cannot be read.

    A quotation mark that is never closed would take all that follows into one cell. Then only its
    own line is given up, and the lines that it had taken are read one by one.
    """

    def __init__(self, lines: Iterator[str], delimiter: str) -> None:
        self._lines = lines
        self._delimiter = delimiter
        self._is_over = False
        self._taken: list[str] = []  # the lines of the record that is being read

    def __iter__(self) -> Iterator[tuple[Cells, str]]:
        """Yield every record."""
        while True:
            yield from self._records()
            if not self._taken:
                return
            first, *rest = self._taken
            self._taken = []
            if not self._is_over and self._is_text(rest):
                yield (first[:_SHOWN],), _too_long_reason()
                self._skip_text()
                continue
            yield self._alone(first), _OPEN_QUOTE
            for line in rest:
                yield self._alone(line), ""

    def _is_text(self, lines: list[str]) -> bool:
        """Say whether lines are those of one long text and not rows that a quote has taken."""
        looked = lines[:_SAMPLE_RECORDS]
        return sum(self._delimiter in line for line in looked) * 2 < len(looked)

    def _skip_text(self) -> None:
        """Go behind the line in which a text ends."""
        for line in self._lines:
            if line.count('"') % 2:
                return

    def _records(self) -> Iterator[tuple[Cells, str]]:
        """Yield records up to one that cannot be read, whose lines are then in `_taken`."""
        reader = self._reader(self._noted())
        while True:
            try:
                cells = next(reader, None)
            except csv.Error:
                return
            if cells is None:
                return
            # A record that is given out after the last line was ended by nothing but the file.
            if self._is_over and len(self._taken) > 1:
                return
            self._taken.clear()
            yield tuple(cells), ""

    def _noted(self) -> Iterator[str]:
        for line in self._lines:
            self._taken.append(line)
            yield line
        self._is_over = True

    def _alone(self, line: str) -> Cells:
        try:
            return tuple(next(self._reader([line]), ()))
        except csv.Error:
            return (line[:_SHOWN],)

    def _reader(self, lines: Iterable[str]) -> Iterator[list[str]]:
        return csv.reader(lines, delimiter=self._delimiter, skipinitialspace=True)


def _known(encoding: str) -> str:
    """Return the name of an encoding of text; UserError where there is none."""
    try:
        "".encode(encoding)
        b"".decode(encoding)
    except (LookupError, ValueError) as error:
        raise UserError(
            "There is no encoding called {encoding}. Choose one such as utf-8, utf-16 or cp1252.",
            encoding=encoding[:40],
        ) from error
    return encoding


def _too_long_reason() -> str:
    return (
        f"This line has more than {MAX_LINE:,} characters. Cut it, or check that the file "
        "has line ends."
    )


def _lines(file: io.TextIOBase) -> Iterator[str]:
    """Yield lines; one that never ends is dropped piece by piece and stands as a mark."""
    while line := file.readline(MAX_LINE):
        if len(line) >= MAX_LINE and line[-1] not in "\r\n":
            while (rest := file.readline(MAX_LINE)) and rest[-1] not in "\r\n":
                pass
            yield _TOO_LONG + "\n"
            continue
        yield line if line.isascii() else mended(line)


def mended(line: str) -> str:
    """Read bytes that do not fit the file's encoding as Windows' western one."""
    return _BROKEN.sub(
        lambda found: found.group().encode("utf-8", "surrogateescape").decode("cp1252", "replace"),
        line,
    )


def guess_delimiter(text: str) -> str:
    """Return the delimiter that cuts the sample into the most regular table."""
    own = own_delimiter(text)
    if own in DELIMITERS:
        return own
    lines = text.splitlines(keepends=True)[:-1] or [text]
    found = {candidate: _regularity(lines, candidate) for candidate in DELIMITERS}
    best, best_score = ",", 0.0
    for candidate, (score, _, first) in found.items():
        # The header is cut as well: what cuts only the rows below it stands inside their cells,
        # as in trackers' comments ("moment;author;text").
        late = any(w >= _WIDE and f < first for s, w, f in found.values() if s)
        if score - late * _LATE > best_score + 1e-9:
            best, best_score = candidate, score - late * _LATE
    return best


def _regularity(lines: Iterable[str], delimiter: str) -> tuple[float, int, int]:
    """Return how regularly a delimiter cuts, into how many cells, and from which record on."""
    csv.field_size_limit(MAX_LINE)
    counts: list[int] = []
    try:
        for cells in csv.reader(lines, delimiter=delimiter, skipinitialspace=True):
            if cells and any(cells):
                counts.append(len(cells))
            if len(counts) >= _SAMPLE_RECORDS:
                break
    except csv.Error:
        return 0.0, 0, 0
    several = [count for count in counts if count > 1]
    if not several:
        return 0.0, 0, 0
    width, times = Counter(several).most_common(1)[0]
    # Regular rows count most; more columns decide between two that are equally regular.
    return times / len(counts) + min(width, 50) / 500, width, counts.index(width)
