"""Which row names the columns: not always the first."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from app.exchange.fields import HEADER_WORDS
from app.exchange.own_tables import kind_of_header
from app.exchange.tables import SourceRow
from models.values import name_key

_LOOK_AT: Final = 40
_DATA: Final = re.compile(
    r"^\s*(?:[-+(]?\s*[$€£¥]?\s*\d[\d.,'\s]*\)?\s*[%€$£]?|\S+@\S+\.\S+|https?://\S+|"
    r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}.*|true|false|null|n/a)\s*$",
    re.IGNORECASE,
)
_YEAR: Final = re.compile(r"^(?:19|20)\d\d$")
# How other programs and their extracts mark what was deleted there, as name_key has it.
_DELETION_FLAGS: Final = frozenset(
    {"isdeleted", "deleted", "fivetrandeleted", "gelöscht", "geloscht", "supprime", "eliminado"}
)
_DELETION_DATES: Final = frozenset({"deletedat", "deletedon", "datedeleted", "sdcdeletedat"})
_NOT_SET: Final = frozenset({"", "false", "0", "no", "f", "n", "nein", "non", "null", "none"})


def marks_deletion(header: str, value: str) -> bool:
    """Say whether a cell under a header marks its row as deleted in the other program."""
    if not says_deletion(header):
        return False
    text = value.strip().casefold()
    if name_key(header) in _DELETION_DATES:
        return text not in _NOT_SET and not text.startswith("0000")
    return text in {"true", "1", "yes", "t", "y", "ja", "oui", "si", "sí", "deleted"}


def says_deletion(header: str) -> bool:
    """Say whether a header names the mark of deleted rows."""
    key = name_key(header)
    return key in _DELETION_FLAGS or key in _DELETION_DATES


def find_header(rows: Sequence[SourceRow]) -> int:
    """Return the number of the header row, 0 where the file has none."""
    top = [row for row in rows[:_LOOK_AT] if any(cell.strip() for cell in row.cells)]
    if not top:
        return 1
    if any(map(kind_of_header, top[0].cells)):
        return top[0].number
    widths = Counter(_filled(row) for row in rows[:200] if _filled(row))
    usual = max(widths, key=lambda width: (widths[width] * min(width, 4), width))
    best, best_score = 0, 0.0
    for place, row in enumerate(top):
        score = _score(row, usual) - place * 0.1
        if score > best_score:
            best, best_score = row.number, score
    return best


def _filled(row: SourceRow) -> int:
    return sum(1 for cell in row.cells if cell.strip())


def _score(row: SourceRow, usual: int) -> float:
    cells = [cell.strip() for cell in row.cells if cell.strip()]
    if not cells or len(cells) < max(1, usual * 0.5):
        return 0.0
    if cells[0].startswith("#"):  # a comment, or a header that is written like one
        cells = [cell.lstrip("# ") for cell in cells]
        if len(cells) < usual or not all(name_key(cell) in HEADER_WORDS for cell in cells):
            return 0.0
    known = sum(1 for cell in cells if name_key(cell) in HEADER_WORDS) / len(cells)
    data = sum(1 for cell in cells if _DATA.match(cell) and not _YEAR.match(cell)) / len(cells)
    if data > 0.25 and known < 0.5:  # noqa: PLR2004  a row of values
        return 0.0
    distinct = len(set(cells)) / len(cells)
    short = sum(1 for cell in cells if len(cell) <= 60) / len(cells)  # noqa: PLR2004  header words
    return 0.4 + 2 * known + 0.3 * distinct + 0.3 * short - data
