"""Tells how long the first paint took, for the benchmark."""

import os
import time
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

VARIABLE = "CLOSEKNIT_BENCH_FIRST_PAINT"


class FirstPaint(QObject):
    """Prints the milliseconds from process start to the first paint, then ends the program."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Wait for the window's first paint."""
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self._report)
        return False

    @staticmethod
    def _report() -> None:
        print(round(milliseconds_since_start(), 1), flush=True)  # noqa: T201 - the benchmark reads it
        QCoreApplication.exit(0)


def wanted() -> bool:
    """Tell whether the benchmark asked for the figure."""
    return os.environ.get(VARIABLE) == "1"


def milliseconds_since_start() -> float:
    """Return the age of this process: exact to 10 ms where the system tells it."""
    try:
        started = int(Path("/proc/self/stat").read_text("ascii").rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return time.process_time() * 1_000
    return (time.clock_gettime(time.CLOCK_BOOTTIME) - started / os.sysconf("SC_CLK_TCK")) * 1_000
