"""Reads of the import page: the imports made so far, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import thaw
from models.records import ImportBatch, User
from models.values import BatchState


@dataclass(frozen=True, slots=True)
class ImportBatchRow:
    """One import of one file."""

    id: int
    file_name: str
    kind: str
    layout: str | None
    state: BatchState
    started_at: datetime
    ended_at: datetime | None
    user_name: str | None
    read: int
    created: int
    updated: int
    merged: int
    unchanged: int
    skipped: int
    failed: int
    undo_report: dict[str, Any] | None


def import_batches(session: Session, limit: int = 100) -> list[ImportBatchRow]:
    """Return the newest imports."""
    rows = session.execute(
        select(ImportBatch, User.name)
        .outerjoin(User, User.id == ImportBatch.user_id)
        .order_by(ImportBatch.started_at.desc(), ImportBatch.id.desc())
        .limit(limit)
    )
    return [_row(batch, name) for batch, name in rows]


def import_batch(session: Session, batch_id: int) -> ImportBatchRow | None:
    """Return one import, None where there is none."""
    row = session.execute(
        select(ImportBatch, User.name)
        .outerjoin(User, User.id == ImportBatch.user_id)
        .where(ImportBatch.id == batch_id)
    ).first()
    return _row(row[0], row[1]) if row is not None else None


def unfinished_imports(session: Session) -> list[ImportBatchRow]:
    """Return imports that a crash or a closed window cut off; they can be undone or repeated."""
    rows = session.execute(
        select(ImportBatch, User.name)
        .outerjoin(User, User.id == ImportBatch.user_id)
        .where(ImportBatch.state.in_([BatchState.RUNNING, BatchState.UNDOING]))
        .order_by(ImportBatch.id.desc())
    )
    return [_row(batch, name) for batch, name in rows]


def _row(batch: ImportBatch, user_name: str | None) -> ImportBatchRow:
    return ImportBatchRow(
        batch.id,
        batch.file_name,
        batch.kind,
        batch.layout,
        batch.state,
        batch.started_at,
        batch.ended_at,
        user_name,
        batch.read,
        batch.created,
        batch.updated,
        batch.merged,
        batch.unchanged,
        batch.skipped,
        batch.failed,
        thaw(batch.undo_report) if batch.undo_report is not None else None,
    )
