"""Workbooks (XLSX, XLS, XLSB, ODS): dates and numbers come typed and leave as plain text."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from app.errors import UserError
from app.exchange.sheet_guard import check_workbook
from app.exchange.tables import Dialect, SourceRow

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_SHEETS: Final = 1_000
_WHOLE: Final = 1e15  # larger floats have no exact units
_MIDNIGHT: Final = time(0)


def is_workbook(head: bytes) -> bool:
    """Say whether the first bytes are those of a workbook, whatever the file is called."""
    return head.startswith((_ZIP, _OLE))


class SheetTable:
    """One sheet of a workbook: the one named, or the first visible one that holds anything."""

    def __init__(self, path: Path, sheet: str | None = None) -> None:
        self.path = path
        check_workbook(path)
        self._book: Any = self._opened()
        # All sheets, for people to choose from: name and whether it is visible.
        self.sheets = tuple(self._all_sheets())
        self._sheet = sheet or self._first_filled()

    def __getstate__(self) -> dict[str, Any]:
        """Leave the open workbook behind: another process opens it itself, if it reads at all."""
        return self.__dict__ | {"_book": None}

    @property
    def dialect(self) -> Dialect:
        """How the table is written."""
        return Dialect("xlsx", "", "", sheet=self._sheet)

    def raw_rows(self) -> Iterator[SourceRow]:
        """Yield every row of the sheet."""
        if self._book is None:
            self._book = self._opened()
        try:
            sheet = self._book.get_sheet_by_name(self._sheet)
        except Exception as error:
            raise self._refusal(error) from error
        # iter_rows leaves out what stands above the first filled row.
        above = sheet.start[0] if sheet.start else 0
        for offset, cells in enumerate(sheet.iter_rows()):
            yield SourceRow(above + offset + 1, tuple(map(cell_text, cells)))

    def _opened(self) -> Any:
        from python_calamine import CalamineWorkbook, PasswordError

        try:
            return CalamineWorkbook.from_path(str(self.path))
        except PasswordError as error:
            raise UserError(
                "{file} is locked with a password. Save it without one and try again.",
                file=self.path.name,
            ) from error
        except Exception as error:
            raise self._refusal(error) from error

    def _all_sheets(self) -> Iterator[tuple[str, bool]]:
        from python_calamine import SheetTypeEnum, SheetVisibleEnum

        for sheet in self._book.sheets_metadata:
            if sheet.typ == SheetTypeEnum.WorkSheet:
                yield str(sheet.name), sheet.visible == SheetVisibleEnum.Visible

    def _first_filled(self) -> str:
        from python_calamine import SheetTypeEnum, SheetVisibleEnum

        sheets = [
            x.name
            for x in self._book.sheets_metadata
            if x.typ == SheetTypeEnum.WorkSheet and x.visible == SheetVisibleEnum.Visible
        ]
        for name in sheets:
            if self._book.get_sheet_by_name(name).height:
                return str(name)
        raise UserError(
            "{file} is empty. Choose a file with a header line and rows.", file=self.path.name
        )

    def _refusal(self, error: Exception) -> UserError:
        return UserError(
            "{file} cannot be read as a workbook ({reason}). Open it in a spreadsheet program, "
            "save it as XLSX or CSV and try again.",
            file=self.path.name,
            reason=str(error)[:120],
        )


def cell_text(value: Any) -> str:  # noqa: PLR0911  one line for each type
    """Return a cell as text that reads the same everywhere: 5, 12.5, 2024-02-29, true."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _WHOLE else repr(value)
    if isinstance(value, datetime):
        plain = value.time() == _MIDNIGHT
        return value.date().isoformat() if plain else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(int(value.total_seconds()))
    return "" if value is None else str(value)
