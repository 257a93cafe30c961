"""What a kind of record needs beyond its plain columns: lines, histories, threads."""

from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, Final, Protocol

from sqlalchemy.orm import Session

from app.exchange.ledger import Ledger
from app.exchange.shaping import Shaped
from app.exchange.state import FileState


class Book(Protocol):
    """Writes what belongs to the records of one kind; made anew for each chunk.

    `again`: an earlier row of this file was about the same record; `own`: this import made it, so
    that its children share its version (`ledger.insert(…, version=row["row_version"])`) and are
    undone with it; else they are noted one by one (`ledger.note_created`).
    """

    def look_up(self, shaped: Sequence[Shaped], ids: Iterable[int]) -> None:
        """Read what the rows will be compared with; `ids` are the records they may be about."""

    def columns_for_new(self, shaped: Shaped) -> dict[str, Any]:
        """Return the columns that a new record must have besides the row's own."""

    def columns_for_known(
        self, shaped: Shaped, current: dict[str, Any], *, again: bool
    ) -> dict[str, Any]:
        """Return what the row wants in a stored record besides its plain columns."""

    def write_new(self, shaped: Shaped, row: dict[str, Any]) -> None:
        """Write what belongs to a new record."""

    def write_more(self, shaped: Shaped, current: dict[str, Any], *, own: bool) -> bool:
        """Write what a stored record has not yet; return whether that was anything."""


# Kind → module and class of its book; `prepare` of the module, where there is one, is called once
# for each file with (state, session, ledger).
_BOOKS: Final = {
    "contact": ("app.exchange.kinds.contact_book", "ContactBook"),
    "company": ("app.exchange.kinds.contact_book", "CompanyBook"),
    "deal": ("app.exchange.deal_book", "DealBook"),
    "order": ("app.exchange.kinds.order_book", "OrderBook"),
    "ticket": ("app.exchange.kinds.ticket_book", "TicketBook"),
    "activity": ("app.exchange.kinds.activity_book", "ActivityBook"),
    "task": ("app.exchange.kinds.task_book", "TaskBook"),
    "appointment": ("app.exchange.kinds.appointment_book", "AppointmentBook"),
    "pipeline": ("app.exchange.kinds.pipeline_book", "PipelineBook"),
    "stage": ("app.exchange.kinds.pipeline_book", "StageBook"),
    "stage_change": ("app.exchange.kinds.pipeline_book", "StageChangeBook"),
    "ticket_message": ("app.exchange.kinds.ticket_book", "TicketMessageBook"),
    "message": ("app.exchange.kinds.message_book", "MessageBook"),
}


def open_book(kind: str, state: FileState, ledger: Ledger) -> Book | None:
    """Return the book of a kind, None where its plain columns are all."""
    place = _BOOKS.get(kind)
    if place is None:
        return None
    book: Book = getattr(import_module(place[0]), place[1])(state, ledger)
    return book


def prepare_kind(kind: str, state: FileState, session: Session, ledger: Ledger) -> None:
    """Prepare a file for a kind: fill the state with what its rows will need."""
    place = _BOOKS.get(kind)
    prepare = getattr(import_module(place[0]), "prepare", None) if place is not None else None
    if prepare is not None:
        prepare(state, session, ledger)


class PlainBook:
    """A book of nothing, to begin with."""

    def __init__(self, state: FileState, ledger: Ledger) -> None:
        self.state = state
        self.ledger = ledger

    def look_up(self, shaped: Sequence[Shaped], ids: Iterable[int]) -> None:
        """Read nothing."""

    def columns_for_new(self, shaped: Shaped) -> dict[str, Any]:
        """Return no columns."""
        del shaped
        return {}

    def columns_for_known(
        self, shaped: Shaped, current: dict[str, Any], *, again: bool
    ) -> dict[str, Any]:
        """Return no columns."""
        del shaped, current, again
        return {}

    def write_new(self, shaped: Shaped, row: dict[str, Any]) -> None:
        """Write nothing."""

    def write_more(self, shaped: Shaped, current: dict[str, Any], *, own: bool) -> bool:
        """Write nothing."""
        del shaped, current, own
        return False

    def add_child(
        self,
        child: str,
        values: dict[str, Any],
        parent: dict[str, Any],
        number: int,
        *,
        own: bool,
    ) -> dict[str, Any]:
        """Insert a child: of an own record it shares the version, else it is noted by itself."""
        row = self.ledger.insert(child, values, version=parent["row_version"] if own else 0)
        if not own:
            self.ledger.note_created(child, row, number)
        return row
