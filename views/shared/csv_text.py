"""Rows as CSV text for the clipboard and for dragging out."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Final

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_text(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return the rows as CSV; what a spreadsheet would run as a formula is made harmless."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(titles)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def _harmless(cell: str) -> str:
    if cell.startswith(FORMULA_STARTS) and not _is_number(cell):
        return "'" + cell
    return cell


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return cell.startswith("+") and cell[1:].replace(" ", "").isdigit()
    return True
