"""The counts beside the rail's tabs."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

from views.operations import Lookup

if TYPE_CHECKING:
    from app.changes import Changes
    from views.context import PageContext
    from views.rail import Rail

KINDS: Final = ("task", "ticket", "ticket_message", "deal", "user")
CALM_MS: Final = 300
MINUTES_MS: Final = 60_000


class Badges(QObject):
    """Counts what waits for the person, again after each change and each minute."""

    def __init__(self, context: "PageContext", rail: "Rail", parent: QObject) -> None:
        super().__init__(parent)
        self.context, self._rail = context, rail
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(CALM_MS)
        self._soon.timeout.connect(self.count)
        self._minutes = QTimer(self)
        self._minutes.setInterval(MINUTES_MS)
        self._minutes.timeout.connect(self.count)
        self._minutes.start()
        context.changed.connect(self._note)
        context.user_changed.connect(self.count)
        self.count()

    def count(self) -> None:
        """Ask for the counts."""
        from app.queries.badges import waiting_counts  # noqa: PLC0415 - loads the ORM

        Lookup(self, waiting_counts, self.context.user_id, key="counts").then(self._take)

    def _note(self, changes: "Changes") -> None:
        if changes.touches(*KINDS) and not self._soon.isActive():
            self._soon.start()

    def _take(self, counts: dict[str, int]) -> None:
        for key, count in counts.items():
            self._rail.tabs.set_badge(key, count)
