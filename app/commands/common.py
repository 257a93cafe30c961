"""What many commands need: load a record, tidy a text."""

from collections.abc import Collection
from typing import Final, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import UserError
from models.clock import now
from models.records import RECORDS, Record

R = TypeVar("R", bound=Record)

TOO_MUCH_MINOR: Final = 10**15  # thousands of these still fit into a sum of 64 bits

_NOUNS = {"stage_change": "stage change", "ticket_message": "message"}


def load(session: Session, record: type[R], record_id: int | None) -> R:
    """Return a record; UserError where there is none (any more)."""
    found = session.get(record, record_id) if record_id is not None else None
    if found is None:
        kind = record.__tablename__
        raise UserError(
            "This {noun} is not there any more.", noun=_NOUNS.get(kind, kind.replace("_", " "))
        )
    return found


def clean(text: str | None, limit: int, field: str) -> str | None:
    """Return text without outer blanks, None when empty; UserError when it is too long."""
    tidy = (text or "").strip()
    if len(tidy) > limit:
        raise UserError(
            "This text has {length} characters; {limit} fit here. Shorten it or use a note.",
            field=field,
            length=len(tidy),
            limit=limit,
        )
    return tidy or None


def money(minor: int | None, field: str) -> int | None:
    """Return an amount in minor units; UserError when no database could keep or add it up."""
    if minor is not None and abs(minor) >= TOO_MUCH_MINOR:
        raise UserError("This amount is too large to be true.", field=field)
    return minor


def required(text: str | None, limit: int, field: str) -> str:
    """Return text as `clean` does; UserError when there is none."""
    tidy = clean(text, limit, field)
    if tidy is None:
        raise UserError("Fill this in first.", field=field)
    return tidy


def archive_records(session: Session, *, kind: str, ids: Collection[int]) -> int:
    """Put records away, out of lists and search; return how many were not away before."""
    return _set_archived(session, kind, ids, away=True)


def restore_records(session: Session, *, kind: str, ids: Collection[int]) -> int:
    """Bring records back; return how many were away."""
    return _set_archived(session, kind, ids, away=False)


def _set_archived(session: Session, kind: str, ids: Collection[int], *, away: bool) -> int:
    record = RECORDS[kind]
    wanted, changed, moment = list(ids), 0, now()
    for start in range(0, len(wanted), 500):
        piece = wanted[start : start + 500]
        for found in session.scalars(select(record).where(record.id.in_(piece))):
            if (found.archived_at is not None) != away:
                found.archived_at = moment if away else None
                changed += 1
    return changed
