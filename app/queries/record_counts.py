"""How much a workspace holds, for a person who is about to copy it."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.records import RECORDS

_MAIN = ("contact", "company", "deal", "ticket", "task", "activity", "attachment", "product")


def record_counts(session: Session) -> dict[str, int]:
    """Return the number of records of each kind that people know, the main ones first."""
    counts: dict[str, int] = {}
    for kind in _MAIN:
        found = session.scalar(select(func.count()).select_from(RECORDS[kind]))
        if found:
            counts[kind] = int(found)
    return counts
