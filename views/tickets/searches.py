"""Ties the relation pickers of the page to the queries."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject

from app.queries.lookups import Option
from app.queries.tickets import TicketFilter, TicketRow
from app.queries.tickets import found_tickets as find_tickets
from views.operations import Lookup

Found = list[tuple[Any, ...]]
Search = Callable[[str, Callable[[Found], None]], object]


def search_with(owner: QObject, query: Callable[..., list[Option]]) -> Search:
    """Return a search for pickers that asks a lookup query off the GUI thread."""

    def search(text: str, found: Callable[[Found], None]) -> object:
        def take(options: list[Option]) -> None:
            found([(option.id, option.label, option.detail) for option in options])

        return Lookup(owner, query, text, key=query.__name__).then(take)

    return search


def ticket_search(owner: QObject, wanted: TicketFilter, without: int) -> Search:
    """Return a search for tickets, one left out."""

    def search(text: str, found: Callable[[Found], None]) -> object:
        def take(rows: list[TicketRow]) -> None:
            found(
                [
                    (row.id, f"#{row.number} {row.subject}", row.company_name or "")
                    for row in rows
                    if row.id != without
                ]
            )

        return Lookup(owner, find_tickets, wanted, text, key="tickets").then(take)

    return search
