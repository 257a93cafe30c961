"""Ties relation pickers to lookup queries."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject

from app.queries.lookups import Option
from views.operations import Lookup

Found = Sequence[tuple[Any, ...]]
Search = Callable[[str, Callable[[Found], None]], object]


def search_with(owner: QObject, query: Callable[..., list[Option]]) -> Search:
    """Return a search that asks a lookup query off the GUI thread."""

    def search(text: str, found: Callable[[Found], None]) -> object:
        def take(options: list[Option]) -> None:
            found([(option.id, option.label, option.detail) for option in options])

        return Lookup(owner, query, text, key=query.__name__).then(take)

    return search
