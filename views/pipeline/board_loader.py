"""Reads the board, and who moved the cards that moved elsewhere."""

from functools import partial

from PySide6.QtCore import QObject, Signal

from app.changes import Changes
from app.queries.board import board
from app.queries.deal_movers import Mover, deal_movers
from app.queries.deals import DealFilter
from views.context import PageContext
from views.operations import Lookup
from views.pipeline.glide import AT_ONCE


class BoardLoader(QObject):
    """Answers with `arrived`: the board, and the movers of what colleagues moved, by deal."""

    arrived = Signal(object, object)

    def __init__(self, context: PageContext, parent: QObject) -> None:
        super().__init__(parent)
        self.context = context
        self._movers: dict[int, Mover] = {}

    def load(self, chosen: DealFilter) -> None:
        """Read the board."""
        Lookup(self, board, chosen, key="board").then(self._take)

    def follow(self, changes: Changes | None, chosen: DealFilter) -> None:
        """Read the board after a change; cards move only once it is known who moved them."""
        moved: frozenset[int] = frozenset()
        if changes is not None and changes.foreign and changes.created.get("stage_change"):
            moved = changes.ids("deal")
        if moved and len(moved) <= AT_ONCE:
            Lookup(self, deal_movers, tuple(moved), key="movers").then(
                partial(self._take_movers, chosen)
            )
        else:
            self.load(chosen)

    def _take_movers(self, chosen: DealFilter, movers: list[Mover]) -> None:
        self._movers |= {mover.deal_id: mover for mover in movers}
        self.load(chosen)

    def _take(self, read: object) -> None:
        movers, self._movers = self._movers, {}
        self.arrived.emit(read, movers)
