"""Which import is meant, and what taking it back has done."""

from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import UserError
from models.records import ImportBatch
from models.values import BatchState

LAST: Final = "last"


def batch_to_undo(session: Session, *, text: str) -> int:
    """Return the import of an id, or the last that is not undone; UserError where there is none."""
    if text == LAST:
        newest = session.scalar(
            select(ImportBatch.id)
            .where(ImportBatch.state != BatchState.UNDONE)
            .order_by(ImportBatch.started_at.desc(), ImportBatch.id.desc())
            .limit(1)
        )
        if newest is None:
            raise UserError("There is no import to take back.")
        return int(newest)
    batch = session.get(ImportBatch, int(text)) if text.isdecimal() else None
    if batch is None:
        raise UserError(
            "There is no import {id}. “imports list” shows what there is.", id=text[:40]
        )
    if batch.state is BatchState.UNDONE:
        raise UserError("This import is undone already.")
    return batch.id


def undo_report(session: Session, *, batch_id: int) -> dict[str, Any]:
    """Return what taking an import back removed, restored and had to leave, with the reasons."""
    batch = session.get(ImportBatch, batch_id)
    report = dict((batch.undo_report if batch is not None else None) or {})
    return {
        "batch": str(batch_id),
        "removed": report.get("removed", 0),
        "restored": report.get("restored", 0),
        "left": report.get("left", 0),
        "kept": report.get("kept", []),
    }
