"""A chunk of events by columns: how the reading process hands them to the one that writes."""

import marshal
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

COLUMNS: Final = (
    "name", "at", "message_id", "anonymous_id", "revenue_minor", "currency", "order_ref",
    "cart_ref", "properties",
)  # fmt: skip
CHUNK: Final = 25_000  # a third to half a second of writing: others wait no longer
_SHARED_REFERENCES: Final = 2  # the last version of marshal without them, a third faster


@dataclass(slots=True)
class Person:
    """What one message says of who sent it."""

    row: int
    user: str | None
    anonymous: str | None
    traits: dict[str, Any]


@dataclass(slots=True)
class EventChunk:
    """Events in columns of equal length; `at` is UTC as `2026-01-31 12:00:00.000000`."""

    names: list[str] = field(default_factory=list)
    moments: list[str] = field(default_factory=list)
    message_ids: list[str] = field(default_factory=list)
    anonymous: list[str | None] = field(default_factory=list)
    revenues: list[int | None] = field(default_factory=list)
    currencies: list[str | None] = field(default_factory=list)
    orders: list[str | None] = field(default_factory=list)
    carts: list[str | None] = field(default_factory=list)
    properties: list[str | None] = field(default_factory=list)
    users: list[str | None] = field(default_factory=list)
    persons: list[Person] = field(default_factory=list)
    # Row, column, value, reason; and row, cells, reason of what cannot be taken.
    problems: list[tuple[int, str, str, str]] = field(default_factory=list)
    failed: list[tuple[int, tuple[str, ...], str]] = field(default_factory=list)
    blank: int = 0

    def __len__(self) -> int:
        """Return how many events it holds."""
        return len(self.names)

    @property
    def read(self) -> int:
        """How many rows of the file it stands for."""
        return len(self.names) + len(self.failed) + self.blank

    def columns(self) -> tuple[list[Any], ...]:
        """Return the columns of the table `event` in the order of COLUMNS."""
        return (
            self.names, self.moments, self.message_ids, self.anonymous, self.revenues,
            self.currencies, self.orders, self.carts, self.properties,
        )  # fmt: skip

    def first(self) -> dict[str, Any]:
        """Return the first event by the keys of its fields, to be shown."""
        values = dict(zip(COLUMNS, (column[0] for column in self.columns()), strict=True))
        values["at"] = datetime.fromisoformat(values["at"]).replace(tzinfo=UTC)
        values["user_id"] = self.users[0]
        return {key: value for key, value in values.items() if value is not None}

    def packed(self) -> bytes:
        """Return the chunk for a pipe; marshal, as pickling costs four times as much."""
        persons = [(p.row, p.user, p.anonymous, p.traits) for p in self.persons]
        parts: Any = (*self.columns(), self.users, persons, self.problems, self.failed, self.blank)
        return marshal.dumps(parts, _SHARED_REFERENCES)

    @classmethod
    def unpacked(cls, data: bytes | memoryview) -> "EventChunk":
        """Return a chunk that this program has packed."""
        parts = list(marshal.loads(data))  # noqa: S302  from our own process
        parts[10] = [Person(*each) for each in parts[10]]
        return cls(*parts)
