"""Workbooks (XLSX, XLS, XLSB, ODS): dates and numbers come typed and leave as plain text."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
_SHOWN: Final = 20  # names of sheets in a sentence
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
        self._sheet = self._known(sheet) if sheet else self._first_filled()

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
        sheet = self._sheet_named(self._sheet)
        if not sheet.height:
            return
        # iter_rows leaves out what stands above the first filled row.
        above = sheet.start[0] if sheet.start else 0
        with self._faults():
            for offset, cells in enumerate(sheet.iter_rows()):
                yield SourceRow(above + offset + 1, tuple(map(cell_text, cells)))

    def _opened(self) -> Any:
        from python_calamine import CalamineWorkbook

        try:
            return CalamineWorkbook.from_path(str(self.path))
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # noqa: BLE001  its panics are no Exception; told of below
            # By the name it may have taken it for another format.
            with self._faults(), self.path.open("rb") as file:
                return CalamineWorkbook.from_filelike(file)

    def _sheet_named(self, name: str) -> Any:
        with self._faults():
            return self._book.get_sheet_by_name(name)

    def _all_sheets(self) -> Iterator[tuple[str, bool]]:
        from python_calamine import SheetTypeEnum, SheetVisibleEnum

        for sheet in self._book.sheets_metadata:
            if sheet.typ == SheetTypeEnum.WorkSheet:
                yield str(sheet.name), sheet.visible == SheetVisibleEnum.Visible

    def _known(self, name: str) -> str:
        names = [known for known, _ in self.sheets]
        found = next((n for n in names if n.casefold() == name.strip().casefold()), None)
        if name in names or found is not None:
            return name if name in names else str(found)
        raise UserError(
            "{file} has no sheet called {sheet}. Choose one of {sheets}.",
            file=self.path.name,
            sheet=name[:60],
            sheets=_listed(names),
        )

    def _first_filled(self) -> str:
        if len(self.sheets) > MAX_SHEETS:
            raise UserError(
                "{file} has {count} sheets; {limit} are possible. Delete sheets, or save the one "
                "with the table as CSV.",
                file=self.path.name,
                count=len(self.sheets),
                limit=MAX_SHEETS,
            )
        for name, is_visible in self.sheets:
            if is_visible and self._sheet_named(name).height:
                return name
        hidden = [
            name for name, is_visible in self.sheets
            if not is_visible and self._sheet_named(name).height
        ]  # fmt: skip
        if hidden:
            raise UserError(
                "{file} shows no sheet with anything in it, but has hidden ones: {sheets}. Choose "
                "the sheet that you want.",
                file=self.path.name,
                sheets=_listed(hidden),
            )
        raise UserError(
            "{file} is empty. Choose a file with a header line and rows.", file=self.path.name
        )

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Turn whatever a broken workbook does to its parser into a sentence."""
        from python_calamine import PasswordError

        try:
            yield
        except PasswordError as error:
            raise UserError(
                "{file} is locked with a password. Save it without one and try again.",
                file=self.path.name,
            ) from error
        except (KeyboardInterrupt, SystemExit, GeneratorExit, UserError):
            raise
        except BaseException as error:  # its panics are no Exception
            raise UserError(
                "{file} cannot be read as a workbook ({reason}). Open it in a spreadsheet program, "
                "save it as XLSX or CSV and try again.",
                file=self.path.name,
                reason=" ".join(str(error).split())[:120],
            ) from error


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(name[:60] for name in names[:_SHOWN])
    return shown + (" …" if len(names) > _SHOWN else "")


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
