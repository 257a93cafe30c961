"""How files come to the page: chosen, as a folder, or pasted from the clipboard."""

import shutil
import tempfile
from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from views.shared.text import tr

PASTED = "clipboard"
_TABLES = "*.csv *.tsv *.tab *.txt *.xlsx *.xls *.xlsb *.ods"
_PEOPLE = "*.vcf *.vcard *.json"
_MAIL = "*.eml *.mbox *.msg"
_CALENDARS = "*.ics *.ical"
_DATA = "*.json *.jsonl *.ndjson *.gz *.zip *.data"


def file_filter() -> str:
    """Return the kinds of files that can be chosen, as Qt's dialog takes them."""
    known = " ".join(dict.fromkeys(f"{_TABLES} {_PEOPLE} {_MAIL} {_CALENDARS} {_DATA}".split()))
    groups = [
        (tr("Everything that can be imported"), known),
        (tr("Tables: CSV, TSV, Excel, OpenDocument"), _TABLES),
        (tr("People: vCard, jCard"), _PEOPLE),
        (tr("Mail: messages and mailboxes"), _MAIL),
        (tr("Calendars"), _CALENDARS),
        (tr("Data: JSON, packed files"), _DATA),
        (tr("All files"), "*"),
    ]
    return ";;".join(f"{words} ({patterns})" for words, patterns in groups)


def choose_files(parent: QWidget) -> list[str]:
    """Ask for files; empty where the person thought better of it."""
    names, _ = QFileDialog.getOpenFileNames(parent, tr("Import files"), "", file_filter())
    return list(names)


def choose_folder(parent: QWidget) -> str:
    """Ask for a folder of mail; empty where the person thought better of it."""
    return QFileDialog.getExistingDirectory(parent, tr("Import a mail folder"))


class PastedFiles:
    """Tables from the clipboard as files of their own, until the page is closed."""

    def __init__(self) -> None:
        self._folder: Path | None = None

    def take(self, mime: QMimeData | None = None) -> list[str]:
        """Return the files that the clipboard holds, or its text as a file."""
        found = mime if mime is not None else QGuiApplication.clipboard().mimeData()
        files = [url.toLocalFile() for url in found.urls() if url.isLocalFile()]
        if files or not found.text().strip():
            return files
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="closeknit-"))
        number = sum(1 for _ in self._folder.iterdir()) + 1
        name = tr("Pasted table") + (f" {number}" if number > 1 else "")
        path = self._folder / f"{name}.txt"
        path.write_text(found.text(), "utf-8", newline="")
        return [str(path)]

    def holds(self, path: Path) -> bool:
        """Say whether a file came from the clipboard."""
        return self._folder is not None and path.parent == self._folder

    def remove(self) -> None:
        """Remove the files."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
