"""Lists as CSV and TSV."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.exchange.out.cells import plain_number
from app.exchange.own_tables import guarded


def write_delimited(
    path: Path, headers: Sequence[str], rows: Iterable[Sequence[Any]], *, delimiter: str
) -> list[str]:
    """Write rows; texts that a spreadsheet would run as formulas get an apostrophe before them.

    UTF-8 with a mark, because spreadsheets take UTF-8 without one for something else.
    """
    with path.open("w", encoding="utf-8-sig", newline="", buffering=1 << 18) as file:
        out = csv.writer(file, delimiter=delimiter)
        out.writerow([guarded(header) for header in headers])
        for row in rows:
            out.writerow(list(map(cell_text, row)))
    return []


def cell_text(value: Any) -> str:
    """Return a cell as text: ISO days and moments, decimals with a point, yes or no."""
    if value is None:  # nearly all are nothing or text
        return ""
    if isinstance(value, str):
        return guarded(value) if value[:1] in _STARTS else value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return plain_number(value) if isinstance(value, float) else str(value)


_STARTS = frozenset("'=+-@\t\r")
