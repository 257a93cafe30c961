"""Rows by record id, with the rule when an answer still counts."""

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Final, Generic

from views.shared.column import RowT

KEEP: Final = 4_096


class RowCache(Generic[RowT]):
    """Keeps the rows that were looked at last.

    An expired row stays to be shown until its successor comes. An answer counts for an id only when
    no change touched that id since it was asked; a late answer would put the old text back.
    """

    def __init__(self, keep: int = KEEP) -> None:
        self._keep = keep
        self._rows: dict[int, RowT] = {}
        self._fresh: set[int] = set()
        self._open: dict[int, set[int]] = {}
        self._asked: dict[int, int] = {}
        self._numbers = count(1)

    def get(self, record_id: int) -> RowT | None:
        """Return the row as last seen."""
        return self._rows.get(record_id)

    def is_fresh(self, record_id: int) -> bool:
        """Tell whether the row is there and nothing touched it since."""
        return record_id in self._fresh

    def is_asked(self, record_id: int) -> bool:
        """Tell whether an answer that will count is under way."""
        return record_id in self._asked

    def expire(self, ids: Iterable[int]) -> None:
        """Take note that a change touched these records."""
        for record_id in ids:
            self._fresh.discard(record_id)
            question = self._asked.pop(record_id, None)
            if question is not None:
                self._open[question].discard(record_id)

    def expire_all(self) -> None:
        """Anything may have changed."""
        self._fresh.clear()
        self._asked.clear()
        for awaited in self._open.values():
            awaited.clear()

    def ask(self, ids: Iterable[int]) -> int:
        """Note that these ids are under way; return the number of the question."""
        number = next(self._numbers)
        self._open[number] = set(ids)
        for record_id in self._open[number]:
            self._asked[record_id] = number
        return number

    def answer(self, question: int, rows: Sequence[RowT]) -> set[int]:
        """Keep the rows that still count and return the ids the question was about."""
        awaited = self._open.get(question, set())
        for row in rows:
            if row.id in awaited:
                self._rows.pop(row.id, None)
                self._rows[row.id] = row
                self._fresh.add(row.id)
        # A record that is not there any more counts as known: the next id list drops it.
        self._fresh |= awaited
        self._trim()
        return {row.id for row in rows}

    def close(self, question: int) -> None:
        """End a question that came back, or never will."""
        for record_id in self._open.pop(question, set()):
            if self._asked.get(record_id) == question:
                del self._asked[record_id]

    def _trim(self) -> None:
        surplus = len(self._rows) - self._keep
        if surplus > 0:
            for record_id in list(self._rows)[:surplus]:
                del self._rows[record_id]
                self._fresh.discard(record_id)
