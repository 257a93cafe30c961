"""Workbooks: XLSX, XLS, XLSB, ODS."""

import zipfile
from pathlib import Path
from typing import Any, Final

from app.errors import UserError
from app.exchange.sheet_table import SheetTable, is_workbook
from app.exchange.tables import RawTable

_ZIP: Final = b"PK\x03\x04"
# What every XLSX and XLSB has, and every ODS.
_PARTS: Final = frozenset({"[content_types].xml", "content.xml"})


def recognises(path: Path, head: bytes) -> bool:
    """Say whether a file is a workbook."""
    del path
    return is_workbook(head)


def open_source(path: Path, head: bytes, **reading: Any) -> RawTable:
    """Open one sheet of a workbook; UserError says of another ZIP archive what to do with it."""
    if head.startswith(_ZIP) and _is_other_archive(path):
        raise UserError(
            "{file} is a ZIP archive, but no workbook and no workspace that was exported. Unpack "
            "it and import what is in it.",
            file=path.name,
        )
    return SheetTable(path, reading["sheet"])


def _is_other_archive(path: Path) -> bool:
    """Say whether a ZIP can be listed and holds no part of a workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError):
        return False  # broken: calamine says so
    return not any(name.casefold() in _PARTS for name in names)
