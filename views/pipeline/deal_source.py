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
        if self.deal_id is None or (changes is not None and not changes.touches(*KINDS)):
            return
        others = changes.ids("deal") if changes is not None else frozenset()
        only_deals = changes is not None and not changes.touches(*KINDS[1:])
        if (
            only_deals
            and self.deal_id not in others
            and "deal" not in (changes.reload if changes else ())
        ):
            return
        self.load()

    def _take(self, details: DealDetails | None) -> None:
        if details is not None and details.row.id != self.deal_id:
            return
        self.details = details
        if details is None:
            self.deal_id = None
        self.arrived.emit(details)
