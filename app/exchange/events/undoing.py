"""Takes back events: one note of an import stands for a whole chunk of them."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from models.records import Event, ImportRow, PendingLink

PACKED: Final = "packed"  # a note that stands for many events of one version
JOINED: Final = "joined"  # one that stands for events of earlier imports that found their person
OF_MANY: Final = frozenset({PACKED, JOINED})


def undo_events(session: Session, notes: Sequence[ImportRow]) -> tuple[int, int]:
    """Take back what such notes stand for; return how many were removed and how many restored."""
    removed = restored = 0
    for note in notes:
        if note.action == PACKED:
            removed += _remove(session, note)
        else:
            restored += _part(session, note)
    return removed, restored


def _remove(session: Session, note: ImportRow) -> int:
    """Delete a chunk's events: those between its ids that carry its version."""
    event = Event.__table__.c
    after: Any = note.after
    chunk = event.id.between(note.record_id, int(after["last"])) & (
        event.row_version == note.row_version
    )
    link = PendingLink.__table__.c
    session.execute(
        delete(PendingLink).where(
            link.record_kind == "event", link.record_id.in_(select(event.id).where(chunk))
        )
    )
    result: Any = session.execute(delete(Event).where(chunk))
    return int(result.rowcount)


def _part(session: Session, note: ImportRow) -> int:
    """Part stored events from the person they found, if it is still theirs."""
    event = Event.__table__.c
    after: Any = note.after
    parted = 0
    for contact, ids in dict(after["to"]).items():
        for some in _pieces([int(each) for each in ids]):
            result: Any = session.execute(
                update(Event)
                .where(event.id.in_(some), event.contact_id == int(contact))
                .values(contact_id=None, updated_at=event.updated_at)
                .execution_options(synchronize_session=False)
            )
            parted += int(result.rowcount)
    return parted


def _pieces(ids: list[int], size: int = 900) -> Iterator[list[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
