"""Who changed which field of a record and when; and the import that made it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.queries.timeline_entry import FieldChange, TimelineEntry
from models.records import (
    Campaign,
    ChangeLog,
    ChangeStep,
    Company,
    Contact,
    ImportBatch,
    ImportRow,
    LeadSource,
    Pipeline,
    Stage,
    User,
)

# Columns that follow from others or are told by another entry.
_SILENT: Final = frozenset(
    {
        "id", "name_key", "sort_name", "email_key", "phone_key", "created_at", "board_order",
        "stage_id", "stage_type", "stage_since", "closed_on", "last_open_stage_id", "pipeline_id",
        "rate",
    }
)  # fmt: skip
_NAMES: Final[dict[str, Any]] = {
    "owner_id": User,
    "company_id": Company,
    "contact_id": Contact,
    "parent_id": Company,
    "lead_source_id": LeadSource,
    "campaign_id": Campaign,
    "pipeline_id": Pipeline,
    "stage_id": Stage,
}


# Lines that name fields; of "kept" the value that gave way stands before, the other one after.
_TOLD: Final = frozenset({"updated", "kept"})


@dataclass(frozen=True, slots=True)
class TimelineScope:
    """Whose timeline it is: exactly one of the three."""

    contact_id: int | None = None
    company_id: int | None = None
    deal_id: int | None = None

    @property
    def kind(self) -> str:
        """The kind of the record."""
        if self.contact_id is not None:
            return "contact"
        return "company" if self.company_id is not None else "deal"

    @property
    def record_id(self) -> int:
        """The id of the record."""
        for given in (self.contact_id, self.company_id, self.deal_id):
            if given is not None:
                return given
        raise TypeError("a timeline is of a contact, a company or a deal")

    def of(self, record: Any, *, own: str = "") -> Any:
        """Return "belongs to the record"; to a company also what belongs to its people."""
        if self.contact_id is not None:
            return record.contact_id == self.contact_id
        if self.company_id is not None:
            people = select(Contact.id).where(Contact.company_id == self.company_id)
            return or_(record.company_id == self.company_id, record.contact_id.in_(people))
        column = record.id if own == "deal" else getattr(record, "deal_id", None)
        return column == self.record_id if column is not None else record.id.is_(None)


def change_entries(
    session: Session, scope: TimelineScope, before: datetime | None, limit: int
) -> list[TimelineEntry]:
    """Return field changes that stand (not undone), the making of the record, and its imports."""
    statement = (
        select(ChangeLog, ChangeStep.at, ChangeStep.label, ChangeStep.user_id, User.name)
        .join(ChangeStep, ChangeStep.n == ChangeLog.step)
        .outerjoin(User, User.id == ChangeStep.user_id)
        .where(
            ChangeLog.record_id == scope.record_id,
            ChangeLog.kind == scope.kind,
            ChangeStep.undone_by.is_(None),
            or_(ChangeStep.undoes.is_(None), ChangeStep.is_redo),
        )
        .order_by(ChangeLog.step.desc())
    )
    if before is not None:
        statement = statement.where(ChangeStep.at < before)
    rows = session.execute(statement.limit(limit)).all()
    names = _names(session, (line for line, *_ in rows))
    found = []
    for line, at, _label, user_id, who in rows:
        told = line.action in _TOLD
        fields = _fields(line, names) if told else ()
        if told and not fields:
            continue
        found.append(
            TimelineEntry(
                kind="change" if line.action == "updated" else line.action,
                record_kind=scope.kind,
                record_id=scope.record_id,
                at=at,
                who=who,
                user_id=user_id,
                fields=fields,
            )
        )
    return found + _imports(session, scope, before, limit)


def _imports(
    session: Session, scope: TimelineScope, before: datetime | None, limit: int
) -> list[TimelineEntry]:
    statement = (
        select(
            ImportRow.action,
            ImportRow.row_number,
            ImportBatch.id,
            ImportBatch.file_name,
            ImportBatch.started_at,
            ImportBatch.user_id,
            User.name,
        )
        .join(ImportBatch, ImportBatch.id == ImportRow.batch_id)
        .outerjoin(User, User.id == ImportBatch.user_id)
        .where(ImportRow.record_id == scope.record_id, ImportRow.record_kind == scope.kind)
        .order_by(ImportBatch.started_at.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(ImportBatch.started_at < before)
    return [
        TimelineEntry(
            kind="import",
            record_kind="import_batch",
            record_id=row.id,
            at=row.started_at,
            who=row.name,
            user_id=row.user_id,
            title=row.file_name,
            body=row.action,
            number=str(row.row_number or ""),
        )
        for row in session.execute(statement)
    ]


def _fields(line: ChangeLog, names: Mapping[int, str]) -> tuple[FieldChange, ...]:
    before: Mapping[str, Any] = line.before or {}
    after: Mapping[str, Any] = line.after or {}
    return tuple(
        FieldChange(key, _words(key, before.get(key), names), _words(key, value, names))
        for key, value in after.items()
        if key not in _SILENT or line.action == "kept"
    )


def _words(key: str, value: Any, names: Mapping[int, str]) -> str:
    if value is None:
        return ""
    if key in _NAMES:
        return names.get(int(value), "")
    return str(value)


def _names(session: Session, lines: Iterable[ChangeLog]) -> dict[int, str]:
    """Return the names of every record that the lines mention, one statement per kind."""
    wanted: dict[Any, set[int]] = {}
    for line in lines:
        for side in (line.before or {}, line.after or {}):
            for key, value in side.items():
                if key in _NAMES and value is not None and line.action in _TOLD:
                    wanted.setdefault(_NAMES[key], set()).add(int(value))
    found: dict[int, str] = {}
    for record, ids in wanted.items():
        found |= dict(
            session.execute(select(record.id, record.name).where(record.id.in_(ids))).all()
        )
    return found
