"""Brings what an outage tells, on whatever thread, to the GUI thread."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from app.sharing.outage import Situation, Standing

if TYPE_CHECKING:
    from app.sharing.outage import Outage
    from app.workspace import Workspace


class SituationSignal(QObject):
    """Re-emits each new situation of a workspace on the GUI thread; silent without a rescue."""

    changed = Signal(object)
    came_back = Signal()
    _told = Signal(object)

    def __init__(self, workspace: "Workspace", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._told.connect(self._take, Qt.ConnectionType.QueuedConnection)
        rescue = workspace.rescue
        self.outage: Outage | None = rescue.outage if rescue is not None else None
        self.situation: Situation | None = None
        self._unsubscribe: Callable[[], None] | None = None
        if self.outage is not None:
            self._unsubscribe = self.outage.subscribe(self._listen)
            self.situation = self.outage.situation

    def stop(self) -> None:
        """Hear nothing more; safe to call twice."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    def _listen(self, situation: Situation) -> None:
        try:
            self._told.emit(situation)
        except RuntimeError:  # deleted while a last word was under way: nobody is left to tell
            return

    def _take(self, situation: object) -> None:
        if self._unsubscribe is None or not isinstance(situation, Situation):
            return
        before, self.situation = self.situation, situation
        self.changed.emit(situation)
        was_away = before is not None and before.standing is not Standing.OPEN
        if was_away and situation.standing is Standing.OPEN:
            self.came_back.emit()
