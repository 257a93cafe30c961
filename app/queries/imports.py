"""Reads of the import page: the imports made so far, newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.queries.record_names import record_names
from models.base import thaw
from models.records import ImportBatch, ImportMapping, ImportReject, ImportRow, User
from models.values import BatchState

# Written with a record and part of it: no record that a person would look for.
_PARTS = (
    "contact_point", "address", "tag_link", "external_id", "pending_link", "custom_value",
    "deal_line", "stage_change", "order_line", "ticket_message", "activity_participant",
    "attachment_link", "reminder",
)  # fmt: skip


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
    source: str | None = None


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


def notes_of_batches(session: Session, batch_ids: Sequence[int]) -> int:
    """Return how many records imports have written, each time they wrote one."""
    statement = select(func.count(ImportRow.id)).where(ImportRow.batch_id.in_(batch_ids))
    return session.scalar(statement) or 0


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
        batch.source,
    )


@dataclass(frozen=True, slots=True)
class MappingRow:
    """A remembered mapping; `definition` is as it is exported."""

    id: int
    name: str
    kind: str
    shape: str
    used_at: datetime
    definition: Mapping[str, Any]


def import_mappings(session: Session, limit: int = 200) -> list[MappingRow]:
    """Return the remembered mappings, the one used last first."""
    return [_mapping(row) for row in session.scalars(_mappings().limit(limit))]


def mapping_for(session: Session, shape: str) -> MappingRow | None:
    """Return the mapping last used for files of a shape."""
    found = session.scalars(_mappings().where(ImportMapping.shape == shape).limit(1)).first()
    return _mapping(found) if found is not None else None


def _mappings() -> Select[ImportMapping]:
    return (
        select(ImportMapping)
        .where(ImportMapping.archived_at.is_(None))
        .order_by(ImportMapping.used_at.desc(), ImportMapping.id.desc())
    )


def _mapping(row: ImportMapping) -> MappingRow:
    definition = thaw(row.definition) or {}
    return MappingRow(row.id, row.name, row.kind, row.shape, row.used_at, definition)


@dataclass(frozen=True, slots=True)
class BehindRow:
    """A record behind a number of an import; the name is empty where it is gone."""

    row: int
    kind: str
    record_id: int
    name: str


@dataclass(frozen=True, slots=True)
class BatchDetails:
    """What is kept of an import besides its counts: how its rows were read, and what was wrong."""

    batch: ImportBatchRow
    headers: tuple[str, ...]
    mapping: Mapping[str, str | None]
    links: Mapping[str, int]
    problems: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class RejectRow:
    """A row that was not taken, and why."""

    row: int
    reason: str
    cells: tuple[str, ...]


def import_details(session: Session, batch_id: int) -> BatchDetails | None:
    """Return what is kept of an import, None where there is none."""
    batch = session.get(ImportBatch, batch_id)
    row = import_batch(session, batch_id)
    if batch is None or row is None:
        return None
    return BatchDetails(
        row,
        tuple(thaw(batch.headers) or ()),
        thaw(batch.mapping) or {},
        thaw(batch.links) or {},
        tuple(thaw(batch.problems) or ()),
    )


def named_rows(
    session: Session, rows: Sequence[tuple[int, str, int]], limit: int = 1_000
) -> list[BehindRow]:
    """Return the names of records given as row, kind and id."""
    some = [(row, kind, record_id) for row, kind, record_id in rows[:limit] if record_id]
    names = record_names(session, [(kind, record_id) for _, kind, record_id in some])
    return [BehindRow(row, k, id_, names.get((k, id_), "")) for row, k, id_ in some]


def written_rows(
    session: Session, batch_id: int, action: str, limit: int = 1_000
) -> list[BehindRow]:
    """Return the records that an import has "created" or "updated", in the file's order."""
    found = session.execute(
        select(ImportRow.row_number, ImportRow.record_kind, ImportRow.record_id)
        .where(
            ImportRow.batch_id == batch_id,
            ImportRow.action == action,
            ImportRow.record_kind.not_in(_PARTS),
        )
        .order_by(ImportRow.id)
        .limit(limit)
    )
    return named_rows(session, [(row or 0, kind, id_) for row, kind, id_ in found], limit)


def rejected_rows(session: Session, batch_id: int, limit: int = 1_000) -> list[RejectRow]:
    """Return the rows that an import did not take and that nobody has mended since."""
    found = session.execute(
        select(ImportReject.row_number, ImportReject.reason, ImportReject.cells)
        .where(ImportReject.batch_id == batch_id, ImportReject.taken_at.is_(None))
        .order_by(ImportReject.row_number)
        .limit(limit)
    )
    return [RejectRow(row, reason, tuple(thaw(cells))) for row, reason, cells in found]
