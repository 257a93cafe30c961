"""Remembered mappings: how the columns of files of one shape become fields."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.commands.common import load, required
from app.recorder import unrecorded
from models.base import freeze
from models.clock import now
from models.ids import new_id
from models.records import ImportMapping, ImportReject


def remember_mapping(
    session: Session, *, name: str, kind: str, shape: str, definition: Mapping[str, Any]
) -> int:
    """Keep a mapping for files of a shape; one of the same name and kind gives way to it."""
    title = required(name, 120, "name")
    found = session.scalars(
        select(ImportMapping).where(
            ImportMapping.shape == shape,
            ImportMapping.kind == kind,
            ImportMapping.name == title,
            ImportMapping.archived_at.is_(None),
        )
    ).first()
    if found is None:
        found = ImportMapping(id=new_id(), name=title, kind=kind, shape=shape)
        session.add(found)
    found.definition = freeze({**definition, "name": title})
    found.used_at = now()
    return found.id


def rename_mapping(session: Session, *, mapping_id: int, name: str) -> int:
    """Give a mapping another name."""
    mapping = load(session, ImportMapping, mapping_id)
    mapping.name = required(name, 120, "name")
    mapping.definition = freeze({**mapping.definition, "name": mapping.name})
    return mapping.id


def forget_mapping(session: Session, *, mapping_id: int) -> int:
    """Forget a mapping; what was imported with it stays."""
    session.delete(load(session, ImportMapping, mapping_id))
    return mapping_id


def mark_rejects_taken(session: Session, *, batch_id: int, rows: Sequence[int]) -> int:
    """Write down that rows which were not taken have been mended and taken since."""
    with unrecorded(session, "import_batch"):
        for start in range(0, len(rows), 500):
            session.execute(
                update(ImportReject)
                .where(
                    ImportReject.batch_id == batch_id,
                    ImportReject.row_number.in_(rows[start : start + 500]),
                )
                .values(taken_at=now())
            )
    return batch_id
