"""Workbooks: XLSX, XLS, XLSB, ODS."""

from pathlib import Path
from typing import Any

from app.exchange.sheet_table import SheetTable, is_workbook
from app.exchange.tables import RawTable


def recognises(path: Path, head: bytes) -> bool:
    """Say whether a file is a workbook."""
    del path
    return is_workbook(head)


def open_source(path: Path, head: bytes, **reading: Any) -> RawTable:
    """Open one sheet of a workbook."""
    del head
    return SheetTable(path, reading["sheet"])
