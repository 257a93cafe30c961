"""Errors that are ours: into the log, and before the person with what can be done."""

import logging
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Final

from PySide6.QtCore import QThread
from PySide6.QtWidgets import QApplication

from app.paths import data_folder

log = logging.getLogger(__name__)
MAX_DIALOGS: Final = 3
_shown: list[str] = []


def log_file() -> Path:
    """Return where the program's log lies."""
    return data_folder() / "closeknit.log"


def start_logging() -> None:
    """Write warnings and errors to a file that never grows beyond 3 MB."""
    from logging.handlers import RotatingFileHandler  # noqa: PLC0415 - behind the first paint

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
    from views.crash_dialog import CrashDialog  # noqa: PLC0415 - hopefully never

    CrashDialog(details, str(log_file()), QApplication.activeWindow()).open()
