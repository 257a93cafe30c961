"""Writes the demo's rows in bulk, and reads what the workspace holds before."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.database import unrecorded
from app.demo.office import Ground, Row, StagePlan, TableRow
from app.errors import UserError
from models.base import Base, Record
from models.records import (
    RECORDS,
    Company,
    Contact,
    CustomField,
    Deal,
    LeadSource,
    Pipeline,
    Stage,
    Tag,
    Ticket,
    User,
)
from models.search_index import indexed_at_once

BATCH_ROWS = 12_000
# `__tablename__` is worked out at each access; a million rows ask.
KINDS = {record: kind for kind, record in RECORDS.items()}
_FIRST_NUMBER = 1000


def read_ground(session: Session, *, currency: str, user_id: int | None) -> Ground:
    """Return what the demo builds upon; UserError where others' records would be mixed with it."""
    for record in (Contact, Company, Deal, Ticket):
        if session.scalar(select(record.id).limit(1)) is not None:
            raise UserError(
                "This workspace holds records already; the demo goes into a new workspace."
            )
    pipeline = session.scalar(
        select(Pipeline.id)
        .where(Pipeline.archived_at.is_(None))
        .order_by(Pipeline.is_default.desc(), Pipeline.position)
        .limit(1)
    )
    if pipeline is None:
        raise UserError("The demo needs a pipeline; add one in Settings first.")
    stages = session.scalars(
        select(Stage)
        .where(Stage.pipeline_id == pipeline, Stage.archived_at.is_(None))
        .order_by(Stage.position)
    ).all()
    own = session.get(User, user_id) if user_id is not None else None
    return Ground(
        currency=currency,
        pipeline_id=pipeline,
        stages=tuple(StagePlan(s.id, s.type, s.probability, s.rotting_days) for s in stages),
        user_id=own.id if own is not None else None,
        user_name=own.name if own is not None else None,
        users=session.scalar(select(func.count()).select_from(User)) or 0,
        sources=dict(session.execute(select(LeadSource.name_key, LeadSource.id)).all()),
        tags=dict(session.execute(select(Tag.name_key, Tag.id)).all()),
        fields=frozenset(
            session.execute(select(CustomField.record_kind, CustomField.name_key)).all()
        ),
        last_ticket=session.scalar(select(func.max(Ticket.number))) or _FIRST_NUMBER,
    )


def batches(rows: Iterable[TableRow], size: int = BATCH_ROWS) -> Iterator[list[TableRow]]:
    """Give the rows in batches of one commit each; their order is the order of references."""
    batch: list[TableRow] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch


def write_rows(session: Session, *, rows: list[TableRow]) -> int:
    """Write one batch past the history: a demo is not undone, its workspace is thrown away."""
    kinds = sorted({KINDS[record] for record, _row in rows})
    ids: dict[str, list[int]] = {}
    for record, row in rows:
        ids.setdefault(KINDS[record], []).append(row["id"])
    connection = session.connection()
    with unrecorded(session, *kinds), indexed_at_once(connection, ids):
        for record, found in _in_table_order(rows):
            # On the table: as ORM bulk insert it took half as long again.
            connection.execute(insert(Base.metadata.tables[KINDS[record]]), found)
    return len(rows)


_ORDER = (
    "user", "lead_source", "campaign", "product", "tag", "custom_field", "company", "contact",
    "contact_point", "address", "deal", "deal_line", "stage_change", "ticket", "ticket_message",
    "activity", "task", "appointment", "reminder", "order", "order_line", "event", "tag_link",
    "custom_value",
)  # fmt: skip


def _in_table_order(rows: list[TableRow]) -> Iterator[tuple[type[Record], list[Row]]]:
    places = {RECORDS[kind]: place for place, kind in enumerate(_ORDER)}
    ordered = sorted(rows, key=lambda pair: places[pair[0]])  # stable: parents stay before children
    for record, pairs in groupby(ordered, key=lambda pair: pair[0]):
        yield record, [_complete(row) for _record, row in pairs]


def _complete(row: dict[str, Any]) -> Row:
    row["row_version"] = row["id"]
    row["archived_at"] = None
    row.setdefault("updated_at", row["created_at"])
    return row
