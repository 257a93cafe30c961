"""Collects garbage on the GUI thread only.

Python's collector runs on whichever thread happens to allocate. When that is a worker, it may
destroy a closed window that sits in a reference cycle, and that crashes off the GUI thread.
"""

import gc
from time import perf_counter
from typing import Final

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS: Final = 1_000
FULL_EVERY: Final = 30
LONG_SECONDS: Final = 0.03


class GuiGarbage(QObject):
    """Turns automatic collection off and collects by a timer of the thread that made it."""

    def __init__(self, parent: QObject | None = None, interval_ms: int = INTERVAL_MS) -> None:
        super().__init__(parent)
        self._rounds = 0
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(interval_ms)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> int:
        """Collect the young generation, or everything each half minute; return what was freed."""
        self._rounds += 1
        if self._rounds % FULL_EVERY:
            return gc.collect(1)
        started = perf_counter()
        freed = gc.collect()
        if perf_counter() - started > LONG_SECONDS:
            # Nearly all that survived is code and pages. Without this every full round would walk
            # them again, and a person would feel it: 200 ms with all pages open.
            gc.freeze()
        return freed

    @staticmethod
    def thaw() -> None:
        """Let everything be collected again: the pages of a workspace were closed."""
        gc.unfreeze()

    def settle(self) -> None:
        """Exempt what start-up loaded, mostly code, from every later round."""
        gc.collect()
        gc.freeze()

    def stop(self) -> None:
        """Give collection back to Python."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
