"""Keeps what a session does, for the change log: hung on mapper events, which see every flush.

Session lists (`session.new`, `dirty`, `deleted`) would miss delete-orphan deletes, and
`do_orm_execute` misses four forms of bulk write; hence mapper events and a guard at the cursor.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any

from sqlalchemy import ClauseElement, Connection, event, inspect
from sqlalchemy.engine.interfaces import ExecutionContext
from sqlalchemy.orm import Mapper, Session, SessionTransaction, object_session

from app.errors import EnvironmentFault
from models.base import Base, Choice, Moment, Record, thaw

SKIPPED = frozenset({"updated_at", "row_version"})
OVERDUE = "closeknit_overdue"
_PLAIN = frozenset({str, int, float, bool})
_ALLOW = "closeknit_writes_allowed"
_GUARDED = "closeknit_guarded"
_START = r"^(?:\s+|--[^\n]*\n|/\*.*?\*/)*"  # blanks and comments may stand before
_WRITES = re.compile(
    _START + r"(?:INSERT|UPDATE|DELETE|REPLACE|MERGE|TRUNCATE|COPY|CREATE|ALTER|DROP)\b",
    re.IGNORECASE | re.DOTALL,
)
_WITH_WRITE = re.compile(
    _START + r"WITH\b.*\b(?:INSERT\s+INTO|REPLACE\s+INTO|UPDATE|DELETE\s+FROM)\b",
    re.IGNORECASE | re.DOTALL,
)


class UnrecordedWriteError(RuntimeError):
    """A command wrote past the history; a fault of ours."""


@dataclass(slots=True)
class Line:
    """What a step did to one record, merged over all flushes of the step."""

    kind: str
    record_id: int | None
    action: str
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Recording:
    """The lines of one step, in order of first touch."""

    lines: dict[tuple[str, int | None], Line] = field(default_factory=dict)
    given_way: list[Line] = field(default_factory=list)

    def created(self, kind: str, record_id: int, after: dict[str, Any]) -> None:
        """Note a new record."""
        known = self.lines.get((kind, record_id))
        if known is not None and known.action == "deleted":
            self.lines[kind, record_id] = Line(kind, record_id, "updated", known.before, after)
        else:
            self.lines[kind, record_id] = Line(kind, record_id, "created", {}, after)

    def updated(
        self, kind: str, record_id: int, before: dict[str, Any], after: dict[str, Any]
    ) -> None:
        """Note changed columns."""
        known = self.lines.get((kind, record_id))
        if known is None:
            self.lines[kind, record_id] = Line(kind, record_id, "updated", before, after)
            return
        if known.action == "updated":
            known.before = before | known.before
        known.after |= after

    def deleted(self, kind: str, record_id: int, before: dict[str, Any]) -> None:
        """Note a deleted record with all it held."""
        known = self.lines.pop((kind, record_id), None)
        if known is not None and known.action == "created":
            return
        if known is not None:
            before = before | known.before
        self.lines[kind, record_id] = Line(kind, record_id, "deleted", before, {})

    def kept(self, kind: str, record_id: int, key: str, mine: Any, theirs: Any) -> None:
        """Note a value that gave way to another person's: told in the history, never undone."""
        self.given_way.append(Line(kind, record_id, "kept", {key: mine}, {key: theirs}))

    def reload(self, kind: str) -> None:
        """Note that a kind was written in bulk."""
        self.lines[kind, None] = Line(kind, None, "reload")

    def result(self) -> list[Line]:
        """Return the lines that say something; a column set back to what it was says nothing."""
        for line in self.lines.values():
            if line.action == "updated":
                same = [k for k in line.after if line.before.get(k) == line.after[k]]
                for key in same:
                    line.before.pop(key, None)
                    del line.after[key]
        said = [x for x in self.lines.values() if x.action != "updated" or x.after]
        return said + self.given_way


def to_log(value: Any) -> Any:
    """Return a column's value as JSON data."""
    if value is None or type(value) in _PLAIN:  # nearly all; 20,000 records have a million values
        return value
    if isinstance(value, datetime):  # in UTC, as it is read back: one moment, one text
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, Enum):
        return value.value
    return thaw(value)


def from_log(record: type[Record], key: str, value: Any) -> Any:
    """Return a column's value from its JSON data."""
    if value is None:
        return None
    kind = inspect(record).columns[key].type
    if isinstance(kind, Moment):
        return datetime.fromisoformat(value)
    if isinstance(kind, Choice):
        return kind.choices(value)
    try:
        python = kind.python_type
    except NotImplementedError:
        return value
    if python is date:
        return date.fromisoformat(value)
    return Decimal(value) if python is Decimal else value


def same_value(record: type[Record], key: str, one: Any, other: Any) -> bool:
    """Say whether two values of a column are the same, once stored.

    A number is stored with so many decimals, and SQLite keeps no more than 15 digits of it.
    """
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        scale = getattr(inspect(record).columns[key].type, "scale", None) or 0
        smallest = Decimal(1).scaleb(-scale)
        return abs(one - other) <= max(smallest / 2, abs(one) / 10**15)
    return bool(to_log(one) == to_log(other))


@lru_cache(maxsize=256)
def columns_of(record: type[Record]) -> list[str]:
    """Return the names of the columns that history keeps."""
    return [attr.key for attr in inspect(record).column_attrs if attr.key not in SKIPPED]


def _recording(target: Record) -> Recording | None:
    session = object_session(target)
    if session is None or not target.__recorded__:
        return None
    found = session.info.get("recording")
    return found if isinstance(found, Recording) else None


def _all_columns(target: Record) -> dict[str, Any]:
    return {key: to_log(getattr(target, key)) for key in columns_of(type(target))}


@event.listens_for(Record, "after_insert", propagate=True)
def _after_insert(_mapper: Mapper[Any], _connection: Connection, target: Record) -> None:
    recording = _recording(target)
    if recording is not None:
        recording.created(target.__tablename__, target.id, _all_columns(target))


@event.listens_for(Record, "before_update", propagate=True)
def _before_update(_mapper: Mapper[Any], _connection: Connection, target: Record) -> None:
    state = inspect(target)
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    # Only what was set since the load: asking all columns took most of a bulk edit's time.
    for key in columns_of(type(target)):
        if key not in state.committed_state:
            continue
        history = state.attrs[key].history
        if not history.has_changes():
            continue
        new = history.added[0] if history.added else None
        if isinstance(new, ClauseElement) or hasattr(new, "__clause_element__"):
            raise UnrecordedWriteError(
                f"{target.__tablename__}.{key} was set to a SQL expression; history needs its value"
            )
        before[key] = to_log(history.deleted[0] if history.deleted else None)
        after[key] = to_log(new)
    recording = _recording(target)
    if recording is not None and after:
        recording.updated(target.__tablename__, target.id, before, after)


@event.listens_for(Record, "before_delete", propagate=True)
def _before_delete(_mapper: Mapper[Any], _connection: Connection, target: Record) -> None:
    recording = _recording(target)
    if recording is not None:
        state = inspect(target)
        held = _all_columns(target)
        for key in held:
            history = state.attrs[key].history
            if history.deleted:
                held[key] = to_log(history.deleted[0])
        recording.deleted(target.__tablename__, target.id, held)


@event.listens_for(Session, "before_flush")
def _before_flush(session: Session, _context: Any, _instances: Any) -> None:
    if "recording" in session.info:
        info = session.connection().info
        info[_ALLOW] = info.get(_ALLOW, 0) + 1


@event.listens_for(Session, "after_flush")
def _after_flush(session: Session, _context: Any) -> None:
    if "recording" in session.info:
        session.connection().info[_ALLOW] -= 1


@event.listens_for(Session, "after_transaction_create")
def _after_transaction_create(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested and "recording" in session.info:
        raise UnrecordedWriteError("A savepoint rolled back would leave false lines in the log")


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    if "recording" in session.info and not session.info.get("may_commit"):
        raise UnrecordedWriteError("A command never commits; changing() does, once")


@event.listens_for(Session, "after_soft_rollback")
def _after_soft_rollback(session: Session, _transaction: SessionTransaction) -> None:
    if "recording" in session.info:
        session.info["rolled_back"] = True


def refuse_what_was_rolled_back(session: Session) -> None:
    """Raise where a command caught a failed flush and went on: its lines would be false."""
    if session.info.get("rolled_back"):
        raise UnrecordedWriteError("A command went on after its changes were rolled back")


def guard(connection: Connection) -> dict[Any, Any]:
    """Refuse writes outside flush on this connection until `unguard`; return what that needs."""
    info = connection.info
    info[_GUARDED] = True
    info[_ALLOW] = 0
    return info


def unguard(info: dict[Any, Any]) -> None:
    """End `guard`; works after the connection went back to the pool."""
    info.pop(_GUARDED, None)
    info.pop(_ALLOW, None)


@contextmanager
def writes_allowed(session: Session) -> Iterator[None]:
    """Let the spine itself write (change log, step numbers)."""
    info = session.connection().info
    info[_ALLOW] = info.get(_ALLOW, 0) + 1
    try:
        yield
    finally:
        if _ALLOW in info:
            info[_ALLOW] -= 1


@contextmanager
def unrecorded(session: Session, *kinds: str) -> Iterator[None]:
    """Let a command write in bulk; one "reload this kind" line stands in the log for each kind."""
    recording = session.info["recording"]
    for kind in kinds:
        recording.reload(kind)
    with writes_allowed(session):
        yield


def check_statement(
    connection: Connection,
    _cursor: Any,
    statement: str,
    _parameters: Any,
    _context: ExecutionContext | None,
    _many: bool,
) -> None:
    """Refuse a write that history would not see (listener of `before_cursor_execute`)."""
    info = connection.info
    if OVERDUE in info:
        raise EnvironmentFault("Reading took too long and was stopped.", remedy="Try again.")
    if not info.get(_GUARDED) or info.get(_ALLOW):
        return
    if _WRITES.match(statement) or _WITH_WRITE.match(statement):
        raise UnrecordedWriteError(
            "A command wrote outside the flush; wrap bulk writes in unrecorded(…): "
            + statement[:120]
        )


__all__ = ["Base", "Line", "Recording", "UnrecordedWriteError", "unrecorded"]
