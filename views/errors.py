"""Errors that are ours: into the log, and before the person with what can be done."""

import logging
import platform
import sys
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Final

from PySide6.QtCore import QThread
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QWidget

from app.paths import data_folder
from views.shared.dialogs import Dialog
from views.shared.text import tr

log = logging.getLogger(__name__)
MAX_DIALOGS: Final = 3
_shown: list[str] = []


def log_file() -> Path:
    """Return where the program's log lies."""
    return data_folder() / "closeknit.log"


def start_logging() -> None:
    """Write warnings and errors to a file that never grows beyond 3 MB."""
    path = log_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=1_000_000, backupCount=2, encoding="utf-8")
    except OSError:
        logging.basicConfig(level=logging.WARNING)
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)


def install_excepthook() -> None:
    """Log what nobody expected, and show it once; the program goes on."""
    sys.excepthook = report_bug


def report_bug(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Log an unexpected error and show it with its details ready to copy."""
    if issubclass(kind, KeyboardInterrupt):
        QApplication.quit()
        return
    log.error("Unexpected error", exc_info=(kind, error, trace))
    details = "".join(traceback.format_exception(kind, error, trace))
    app = QApplication.instance()
    if app is None or QThread.currentThread() is not app.thread():
        return
    if details in _shown or len(_shown) >= MAX_DIALOGS:
        return
    _shown.append(details)
    CrashDialog(details, QApplication.activeWindow()).open()


class CrashDialog(Dialog):
    """Says that a mistake of ours happened, and gives the details."""

    def __init__(self, details: str, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Something went wrong in Closeknit"),
            tr(
                "This is our mistake, not yours. What was saved is safe, and you can go on working."
                " The details below help us to mend it; they are also in {file}.",
                file=str(log_file()),
            ),
            parent,
            width=640,
            confirm=tr("Copy details"),
            cancel=tr("Close"),
        )
        self._details = f"{platform.platform()}, Python {platform.python_version()}\n\n{details}"
        text = QPlainTextEdit(self._details)
        text.setReadOnly(True)
        text.setMinimumHeight(200)
        text.setAccessibleName(tr("Details"))
        self.body.addWidget(text)

    def confirmed(self) -> bool:
        """Copy the details and stay open no longer."""
        QGuiApplication.clipboard().setText(self._details)
        return True
