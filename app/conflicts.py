"""Two people edit one record: what is merged, what is asked, and what the history keeps.

A save says what its editor showed when editing began (`opened`). Each field is compared three
ways: opened, mine and what is stored now (theirs). Only a field that both changed, to different
values, is a conflict; then nothing at all is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app.errors import UserError
from app.recorder import columns_of, same_value, to_log
from models.ids import id_moment_ms
from models.records import RECORDS, ChangeLog, ChangeStep, Record, User

_LOOK_BACK: Final = 200  # lines of one record's history
# What a record is called, in the order of preference.
_TITLES: Final = ("name", "title", "subject", "value")
# Columns that follow from others: no news of their own.
_FOLLOWING: Final = frozenset(
    {
        "name_key", "sort_name", "email_key", "phone_key", "normal", "board_order", "stage_type",
        "stage_since", "last_open_stage_id", "rate", "created_at",
    }
)  # fmt: skip


class Keep(StrEnum):
    """Whose value is to stand; in a resolution the alternative is `anew(value)`."""

    MINE = "mine"
    THEIRS = "theirs"


def anew(value: Any) -> dict[str, Any]:
    """Return the decision for a new value; JSON data like the other two, for the outbox."""
    return {"new": value}


@dataclass(frozen=True, slots=True)
class ConflictField:
    """A field that two people changed: its value at opening, mine, theirs, and whose theirs is."""

    name: str
    opened: Any
    mine: Any
    theirs: Any
    who: str | None = None
    when: datetime | None = None
    label: str = ""
    mine_words: str | None = None  # the name of what a link points to
    theirs_words: str | None = None

    @property
    def is_link(self) -> bool:
        """Whether the values are ids of records, which nobody types."""
        return self.mine_words is not None or self.theirs_words is not None


class Conflict(UserError):  # noqa: N818  not a fault: two people at work
    """Others changed the same fields meanwhile; nothing was written."""

    def __init__(
        self,
        kind: str,
        record_id: int,
        row_version: int,
        fields: list[ConflictField],
        *,
        title: str = "",
        currency: str | None = None,
    ) -> None:
        who = next((field.who for field in fields if field.who), None)
        super().__init__(
            "{who} changed this while you had it open. Your change is not saved yet: look at both "
            "and save again.",
            field=fields[0].name,
            who=who or "Somebody",
        )
        self.kind, self.record_id, self.row_version = kind, record_id, row_version
        self.title, self.currency, self.fields = title, currency, tuple(fields)

    def rebased(self, opened: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return `opened` for the next try: the person has now seen their values."""
        return {**(opened or {}), **{field.name: field.theirs for field in self.fields}}

    def yielded(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return a command's fields for the next try, in which what they wrote stands."""
        kept = {key: value for key, value in fields.items() if key != "row_version"}
        return {
            **kept,
            "opened": self.rebased(fields.get("opened")),
            "resolution": {field.name: Keep.THEIRS for field in self.fields},
        }


@dataclass(frozen=True, slots=True)
class Merged:
    """A save that met other people's changes to other fields: both stand."""

    kind: str
    record_id: int
    title: str
    fields: tuple[str, ...]
    who: str | None


def fields_to_write(
    session: Session,
    record: Record,
    fields: Mapping[str, Any],
    *,
    row_version: int | None = None,
    opened: Mapping[str, Any] | None = None,
    resolution: Mapping[str, Any] | None = None,
    current: Mapping[str, Any] | None = None,
    label: str = "",
) -> dict[str, Any]:
    """Return what of `fields` may be written; raise Conflict where both sides changed a field.

    Without `opened` a stale save is refused as a whole. `current` holds the stored values of
    fields that are no column of the record.
    """
    is_stale = row_version is not None and record.row_version != row_version
    if opened is None:
        if is_stale:
            raise UserError(
                "Somebody changed this while you had it open. "
                "Look at it again and repeat your change."
            )
        return dict(fields)
    chosen = resolution or {}
    wanted: dict[str, Any] = {}
    clashes: dict[str, tuple[Any, Any, Any]] = {}
    for name, mine in fields.items():
        theirs = _stored(record, name, current)
        before = opened.get(name, theirs)
        choice = chosen.get(name, Keep.MINE)
        if choice == Keep.THEIRS and _same(record, name, before, theirs):
            if not _same(record, name, mine, theirs):
                keep_theirs(session, record, name, mine, theirs)
            continue
        if isinstance(choice, Mapping):
            mine = choice["new"]  # noqa: PLW2901  both were written into a new value
        _settle(record, name, (before, mine, theirs), wanted, clashes)
    if clashes:
        raise _conflict(session, record, clashes, label)
    if is_stale and not chosen and row_version is not None:
        _note_merge(session, record, row_version, wanted)
    return wanted


def keep_theirs(session: Session, record: Record, field: str, mine: Any, theirs: Any) -> None:
    """Write into the history that my value gave way to theirs."""
    recording = session.info.get("recording")
    if recording is not None:
        recording.kept(record.__tablename__, record.id, field, to_log(mine), to_log(theirs))


def _settle(
    record: Record,
    name: str,
    values: tuple[Any, Any, Any],
    wanted: dict[str, Any],
    clashes: dict[str, tuple[Any, Any, Any]],
) -> None:
    before, mine, theirs = values
    if _same(record, name, before, theirs) or _same(record, name, mine, theirs):
        wanted[name] = mine
    elif not _same(record, name, mine, before):
        clashes[name] = values
    # Else only they changed it: theirs stays.


def _stored(record: Record, name: str, current: Mapping[str, Any] | None) -> Any:
    if current is not None and name in current:
        return current[name]
    return getattr(record, name, None)


def _same(record: Record, name: str, one: Any, other: Any) -> bool:
    """Say whether two values are the same to a person: "" is nothing, "5" typed is 5."""
    one, other = _tidy(one), _tidy(other)
    if one is None or other is None:
        return one is other
    if one == other or str(to_log(one)) == str(to_log(other)):
        return True
    both_decimal = isinstance(one, Decimal) and isinstance(other, Decimal)
    return (
        both_decimal
        and name in columns_of(type(record))
        and same_value(type(record), name, one, other)
    )


def _tidy(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip().replace("\r\n", "\n") or None
    return value


def _conflict(
    session: Session, record: Record, clashes: Mapping[str, tuple[Any, Any, Any]], label: str
) -> Conflict:
    found = []
    for name, (before, mine, theirs) in clashes.items():
        # What a record holds in a field of one's own stands in one of several columns.
        who, when = _last_change(session, record, None if label else name)
        found.append(
            ConflictField(
                name,
                before,
                mine,
                theirs,
                who,
                when or record.updated_at,
                label,
                _link_words(session, record, name, mine),
                _link_words(session, record, name, theirs),
            )
        )
    return Conflict(
        record.__tablename__,
        record.id,
        record.row_version,
        found,
        title=title_of(record),
        currency=getattr(record, "currency", None),
    )


def title_of(record: Record) -> str:
    """Return what a record is called."""
    return next((str(v) for key in _TITLES if (v := getattr(record, key, None))), "")


@lru_cache(maxsize=256)
def _linked(record: type[Record], name: str) -> type[Record] | None:
    """Return what kind of record a column points to."""
    column = inspect(record).columns.get(name)
    keys = column.foreign_keys if column is not None else ()
    return next((RECORDS.get(key.column.table.name) for key in keys), None)


def _link_words(session: Session, record: Record, name: str, value: Any) -> str | None:
    linked = _linked(type(record), name)
    if linked is None:
        return None
    found = session.get(linked, value) if value is not None else None
    return title_of(found) if found is not None else ""


def _lines(session: Session, record: Record) -> list[tuple[ChangeLog, ChangeStep, str | None]]:
    """Return the history of a record, newest first."""
    rows = session.execute(
        select(ChangeLog, ChangeStep, User.name)
        .join(ChangeStep, ChangeStep.n == ChangeLog.step)
        .outerjoin(User, User.id == ChangeStep.user_id)
        .where(
            ChangeLog.record_id == record.id,
            ChangeLog.kind == record.__tablename__,
            ChangeLog.action != "kept",
        )
        .order_by(ChangeLog.step.desc())
        .limit(_LOOK_BACK)
    )
    return [(line, step, name) for line, step, name in rows]


def _last_change(
    session: Session, record: Record, field: str | None
) -> tuple[str | None, datetime | None]:
    for line, step, name in _lines(session, record):
        if field is None or field in (line.after or {}):
            return name, step.at
    return None, None


def _note_merge(
    session: Session, record: Record, row_version: int, mine: Mapping[str, Any]
) -> None:
    """Tell the window whose changes to other fields this save was merged with."""
    since: list[tuple[ChangeLog, ChangeStep, str | None]] = []
    opened_ms = id_moment_ms(row_version)
    for entry in _lines(session, record):
        # The newest came after the opened version whatever the clocks say: the save is stale.
        if since and entry[1].at.timestamp() * 1000 < opened_ms:
            break
        since.append(entry)
    if len(since) > 1:  # the oldest of them is the very save that made the version opened
        since.pop()
    own = session.info.get("process")
    others = [entry for entry in since if entry[1].process != own]
    changed = {
        key: None
        for line, _step, _name in others
        for key in line.after or {}
        if key not in _FOLLOWING and key not in mine
    }
    if changed:
        who = next((name for _line, _step, name in others if name), None)
        session.info.setdefault("merged", []).append(
            Merged(record.__tablename__, record.id, title_of(record), tuple(changed), who)
        )


__all__ = [
    "Conflict",
    "ConflictField",
    "Keep",
    "Merged",
    "anew",
    "fields_to_write",
    "keep_theirs",
    "title_of",
]
