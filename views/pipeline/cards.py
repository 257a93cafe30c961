"""The rows behind the cards: kept by deal id, read in windows as cards come into sight."""

from collections.abc import Iterable
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.errors import UserError
from app.queries.deals import DealRow, deal_rows
from views.context import PageContext
from views.operations import Lookup
from views.shared.row_cache import RowCache

WINDOW: Final = 200


class CardStore(QObject):
    """One store for all columns; `arrived` tells which deals have news."""

    arrived = Signal(object)

    def __init__(self, context: PageContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self._rows: RowCache[DealRow] = RowCache()
        self._wanted: dict[int, None] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._ask)

    def row(self, deal_id: int) -> DealRow | None:
        """Return the row as last seen, and see to it that a fresh one comes."""
        if not self._rows.is_fresh(deal_id) and not self._rows.is_asked(deal_id):
            self._wanted[deal_id] = None
            if not self._timer.isActive():
                self._timer.start()
        return self._rows.get(deal_id)

    def peek(self, deal_id: int) -> DealRow | None:
        """Return the row as last seen without asking for it."""
        return self._rows.get(deal_id)

    def prime(self, ids: Iterable[int]) -> None:
        """Ask for these rows before they are painted."""
        for deal_id in ids:
            self.row(deal_id)

    def expire(self, ids: Iterable[int]) -> None:
        """Read these deals again when they are next in sight: they changed."""
        touched = frozenset(ids)
        self._rows.expire(touched)
        self.arrived.emit(touched)

    def expire_all(self) -> None:
        """Anything may have changed."""
        self._rows.expire_all()

    def _ask(self) -> None:
        ids = tuple(self._wanted)
        self._wanted.clear()
        for start in range(0, len(ids), WINDOW):
            piece = ids[start : start + WINDOW]
            question = self._rows.ask(piece)
            look = Lookup(self, deal_rows, piece).then(partial(self._take, question))
            look.or_else(self._fail).lastly(partial(self._rows.close, question))

    def _take(self, question: int, rows: list[DealRow]) -> None:
        self.arrived.emit(frozenset(self._rows.answer(question, rows)))

    def _fail(self, _error: UserError) -> None:
        """Wait for the next paint to ask again: a read has no error of the person's."""
