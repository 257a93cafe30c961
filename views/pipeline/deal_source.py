"""The deal that a pane or a page shows, read again when something of it changes."""

from PySide6.QtCore import QObject, Signal

from app.changes import Changes
from app.queries.deal_details import DealDetails, deal_details
from views.context import PageContext
from views.operations import Lookup

KINDS = (
    "deal",
    "deal_line",
    "stage",
    "stage_change",
    "pipeline",
    "product",
    "task",
    "appointment",
    "activity",
    "company",
    "contact",
    "user",
)


def touched_deals(changes: Changes) -> tuple[frozenset[int], bool]:
    """Return the deals that changed, and whether something changed that any card may show."""
    others = tuple(kind for kind in KINDS if kind not in {"deal", "stage_change"})
    return changes.ids("deal"), changes.touches(*others) or "deal" in changes.reload


class DealSource(QObject):
    """Holds one deal's details; `arrived` tells when they are there, with None when it is gone."""

    arrived = Signal(object)

    def __init__(self, context: PageContext, parent: QObject) -> None:
        super().__init__(parent)
        self.context = context
        self.deal_id: int | None = None
        self.details: DealDetails | None = None

    def show(self, deal_id: int | None) -> None:
        """Show another deal, or none."""
        if deal_id == self.deal_id:
            return
        self.deal_id, self.details = deal_id, None
        self.load()

    def load(self) -> None:
        """Read the deal again."""
        if self.deal_id is None:
            self.arrived.emit(None)
            return
        Lookup(self, deal_details, self.deal_id, key="details").then(self._take)

    def refresh(self, changes: Changes | None) -> None:
        """Read again when a change may concern the deal."""
        if self.deal_id is None:
            return
        if changes is not None:
            own, others = touched_deals(changes)
            if self.deal_id not in own and not others:
                return
        self.load()

    def _take(self, details: DealDetails | None) -> None:
        if details is not None and details.row.id != self.deal_id:
            return
        self.details = details
        if details is None:
            self.deal_id = None
        self.arrived.emit(details)
