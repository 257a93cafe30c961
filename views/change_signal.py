"""Carries the change feed, which any thread may feed, to the GUI thread."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal

from app.changes import ChangeFeed, Changes


class ChangeSignal(QObject):
    """Re-emits published changes on the GUI thread."""

    changed = Signal(object)
    _published = Signal(object)

    def __init__(self, feed: ChangeFeed, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._published.connect(self._emit_here, Qt.ConnectionType.QueuedConnection)
        self._unsubscribe: Callable[[], object] | None = feed.subscribe(self._listen)

    def close(self) -> None:
        """Stop listening; safe to call twice."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    def _listen(self, changes: Changes) -> None:
        try:
            self._published.emit(changes)
        except RuntimeError:  # deleted while a last change was under way: nobody is left to tell
            return

    def _emit_here(self, changes: object) -> None:
        if self._unsubscribe is not None:
            self.changed.emit(changes)
