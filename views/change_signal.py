"""Carries the change feed, which any thread may feed, to the GUI thread."""

from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.changes import ChangeFeed, Changes
from views.shared.change_merge import merge_changes

STORM_SECONDS: Final = 1.0  # while others write without end, pages are told this seldom
_CALM: Final = 2  # so many tellings within that time are not yet a storm


class ChangeSignal(QObject):
    """Re-emits published changes on the GUI thread.

    One's own change is told at once; those of others that come together, as an import's do, are
    told as one, and about once a second while they stream.
    """

    changed = Signal(object)
    _published = Signal(object)

    def __init__(self, feed: ChangeFeed, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._published.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._unsubscribe: Callable[[], object] | None = feed.subscribe(self._listen)
        self._waiting: Changes | None = None
        self._told: deque[float] = deque(maxlen=_CALM)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._tell)

    def close(self) -> None:
        """Stop listening; safe to call twice."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self._timer.stop()

    def catch_up(self) -> None:
        """Tell at once of changes that were held back because they came in a stream."""
        self._timer.stop()
        self._tell()

    def _listen(self, changes: Changes) -> None:
        try:
            self._published.emit(changes)
        except RuntimeError:  # deleted while a last change was under way: nobody is left to tell
            return

    def _take(self, changes: object) -> None:
        if self._unsubscribe is None or not isinstance(changes, Changes):
            return
        if not changes.foreign:
            self.changed.emit(changes)
            return
        waiting = self._waiting
        self._waiting = changes if waiting is None else merge_changes(waiting, changes)
        if not self._timer.isActive():
            self._timer.start(round(self._pause() * 1000))

    def _pause(self) -> float:
        """Return how long to wait: not at all, but for a storm of changes."""
        if len(self._told) < _CALM:
            return 0.0
        now = monotonic()
        if now - self._told[0] > _CALM * STORM_SECONDS:
            return 0.0
        return max(0.0, self._told[-1] + STORM_SECONDS - now)

    def _tell(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and self._unsubscribe is not None:
            self._told.append(monotonic())
            self.changed.emit(waiting)
