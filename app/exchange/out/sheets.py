"""Lists as XLSX workbooks: texts as texts, numbers as numbers, days as days."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from app.errors import UserError
from app.exchange.out.delimited import cell_text

_MAX_ROWS: Final = 1_048_576
_MAX_COLUMNS: Final = 16_384
_MAX_TEXT: Final = 32_767  # characters of a cell
_DIGITS: Final = 15  # a spreadsheet keeps no more
_FIRST_DAY: Final = date(1900, 3, 1)  # before it spreadsheets disagree about the calendar
_WIDE: Final = 40
_NARROW: Final = 12


def write_workbook(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """Write rows into one sheet, in constant memory; return what could not go in as it is."""
    import xlsxwriter

    if len(headers) > _MAX_COLUMNS:
        raise UserError(
            "{count} columns do not go into a workbook. Export as CSV instead.", count=len(headers)
        )
    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "in_memory": False, "tmpdir": str(path.parent)}
    )
    try:
        sheet = _Sheet(book, headers)
        for row in rows:
            sheet.add(row)
    finally:
        book.close()
    return sheet.notes()


class _Sheet:
    def __init__(self, book: Any, headers: Sequence[str]) -> None:
        self._sheet = book.add_worksheet("Export")
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        bold = book.add_format({"bold": True})
        for column, header in enumerate(headers):
            self._sheet.set_column(column, column, min(max(len(header) + 2, _NARROW), _WIDE))
        self._sheet.freeze_panes(1, 0)
        for column, header in enumerate(headers):
            self._sheet.write_string(0, column, header, bold)
        self._row = 0
        self._shortened = 0

    def add(self, row: Sequence[Any]) -> None:
        self._row += 1
        if self._row >= _MAX_ROWS:
            raise UserError(
                "A workbook holds {limit} rows; there are more. Export as CSV instead.",
                limit=f"{_MAX_ROWS:,}",
            )
        for column, value in enumerate(row):
            if value is not None and value != "":
                self._write(column, value)

    def _write(self, column: int, value: Any) -> None:
        sheet, row = self._sheet, self._row
        if isinstance(value, bool):
            sheet.write_boolean(row, column, value)
        elif isinstance(value, int | Decimal | float) and _fits(value):
            sheet.write_number(row, column, float(value))
        elif isinstance(value, date) and not isinstance(value, datetime) and value >= _FIRST_DAY:
            sheet.write_datetime(row, column, value, self._day)
        else:
            text = value if isinstance(value, str) else cell_text(value)
            if len(text) > _MAX_TEXT:
                self._shortened += 1
                text = text[:_MAX_TEXT]
            sheet.write_string(row, column, text)

    def notes(self) -> list[str]:
        if not self._shortened:
            return []
        note = (
            f"{self._shortened:,} texts are longer than the {_MAX_TEXT:,} characters that a cell "
            "of a workbook holds and were cut. CSV and JSON lines keep them whole."
        )
        return [note]


def _fits(number: float | Decimal) -> bool:
    """Say whether a spreadsheet keeps a number to its last digit."""
    digits = Decimal(str(number)).normalize().as_tuple().digits
    return len(digits) <= _DIGITS
