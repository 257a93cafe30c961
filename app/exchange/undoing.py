"""Takes back what an import wrote, newest first; what was edited since stays and is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, delete, select, update
from sqlalchemy.orm import Session

from app.exchange.events.undoing import OF_MANY, undo_events
from app.exchange.ledger import TABLES, update_rows
from app.exchange.undoing_files import attached_files, drop_unused_files
from app.recorder import from_log, to_log, unrecorded
from models.clock import now
from models.ids import new_id
from models.records import RECORDS, ImportRow

_MAX_TOLD: Final = 1_000
# What hangs on a record and was made with it: it carries the record's own version.
_CHILDREN: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "contact": (("contact_point", "contact_id"), ("address", "contact_id"), ("tag_link", "contact_id"), ("attachment_link", "contact_id")),  # noqa: E501  data, kept on its line
    "company": (("contact_point", "company_id"), ("address", "company_id"), ("tag_link", "company_id"), ("attachment_link", "company_id")),  # noqa: E501  data, kept on its line
    "deal": (("deal_line", "deal_id"), ("stage_change", "deal_id"), ("tag_link", "deal_id")),
    "ticket": (("ticket_message", "ticket_id"), ("tag_link", "ticket_id")),
    "activity": (("activity_participant", "activity_id"), ("attachment_link", "activity_id")),
    "order": (("order_line", "order_id"),),
    "task": (("reminder", "task_id"),),
    "appointment": (("reminder", "appointment_id"),),
}  # fmt: skip
# What belongs to a record by its id alone, whatever its kind.
_BY_ID: Final = (("external_id", "record_id"), ("pending_link", "record_id"), ("custom_value", "record_id"))  # fmt: skip  # noqa: E501  data, kept on its line
_CHANGED: Final = "It was edited since."
_IN_USE: Final = "Something made since uses it."


@dataclass(frozen=True, slots=True)
class Undone:
    """How many notes were handled, and the report so far."""

    handled: int
    report: dict[str, Any]


def references_to(kind: str) -> list[tuple[str, Column[Any]]]:
    """Return every column that can point to a kind of record."""
    table = TABLES[kind]
    return [
        (other, column)
        for other, place in TABLES.items()
        for column in place.columns
        if any(key.column.table is table for key in column.foreign_keys)
    ]


def undo_rows(session: Session, batch_id: int, report: dict[str, Any], limit: int) -> Undone:
    """Take back the newest notes of a batch below the place the report remembers."""
    below = report.get("below")
    statement = select(ImportRow).where(ImportRow.batch_id == batch_id)
    if below is not None:
        statement = statement.where(ImportRow.id < int(below))
    notes = session.scalars(statement.order_by(ImportRow.id.desc()).limit(limit)).all()
    # A note that stands for thousands is a chunk of its own.
    notes = notes[: next((n for n, x in enumerate(notes, 1) if x.action in OF_MANY), len(notes))]
    told = list(report.get("kept", ()))
    removed, restored, kept = (int(report.get(k, 0)) for k in ("removed", "restored", "left"))
    if notes:
        work = _Work(session, notes)
        work.run()
        removed, restored = removed + work.removed, restored + work.restored
        kept += len(work.kept)
        told = (told + work.kept)[:_MAX_TOLD]
        below = notes[-1].id
    return Undone(
        len(notes),
        {
            # As text: JSON numbers of this size lose digits in other programs.
            "below": str(below) if below is not None else None,
            "removed": removed,
            "restored": restored,
            "left": kept,
            "kept": told,
        },
    )


class _Work:
    """One chunk of notes, taken back."""

    def __init__(self, session: Session, notes: Sequence[ImportRow]) -> None:
        self.session = session
        self.notes = notes
        self.removed = self.restored = 0
        self.kept: list[dict[str, Any]] = []

    def run(self) -> None:
        """Restore and remove, in runs of one kind and action so that the order is kept."""
        kinds = {note.record_kind for note in self.notes}
        touched = kinds | {child for kind in kinds for child, _ in _CHILDREN.get(kind, ())}
        if "tag" in touched:
            touched.add("tag_link")
        if "attachment_link" in touched:
            touched.add("attachment")
        with unrecorded(self.session, *sorted(touched | {child for child, _ in _BY_ID})):
            start = 0
            while start < len(self.notes):
                first = self.notes[start]
                end = start
                while end < len(self.notes) and (
                    self.notes[end].record_kind == first.record_kind
                    and self.notes[end].action == first.action
                ):
                    end += 1
                run = self.notes[start:end]
                if first.action in OF_MANY:
                    removed, restored = undo_events(self.session, run)
                    self.removed, self.restored = self.removed + removed, self.restored + restored
                elif first.action == "created":
                    self._remove(first.record_kind, run)
                else:
                    self._restore(first.record_kind, run)
                start = end

    def _keep(self, note: ImportRow, reason: str) -> None:
        self.kept.append(
            {
                "kind": note.record_kind,
                "id": str(note.record_id),
                "row": note.row_number,
                "reason": reason,
            }
        )

    def _remove(self, kind: str, notes: Sequence[ImportRow]) -> None:
        table = TABLES[kind]
        wanted = {note.record_id: note for note in notes}
        for ids in _pieces(list(wanted)):
            rows = self.session.execute(
                select(table.c.id, table.c.row_version).where(table.c.id.in_(ids))
            )
            good: list[int] = []
            for record_id, version in rows:
                if version == wanted[record_id].row_version:
                    good.append(record_id)
                else:
                    self._keep(wanted[record_id], _CHANGED)
            good = self._not_in_use(kind, good, wanted)
            self._delete(kind, good)
            self.removed += len(good)

    def _not_in_use(self, kind: str, ids: list[int], notes: Mapping[int, ImportRow]) -> list[int]:
        """Leave out records that something points to which did not come with them."""
        if not ids:
            return ids
        children = dict(_CHILDREN.get(kind, ()))
        if kind == "tag":
            self._untag(ids)
        used: set[int] = set()
        own_values = TABLES["custom_value"]
        typed = select(own_values.c.record_id, own_values.c.row_version).where(
            own_values.c.record_id.in_(ids)
        )
        for record_id, version in self.session.execute(typed):
            if version != notes[record_id].row_version:
                used.add(record_id)
        for other, column in references_to(kind):
            place = TABLES[other]
            if column.nullable and children.get(other) != column.name:
                self._loosen(other, column, ids)
            statement = select(column, place.c.row_version).where(column.in_(ids))
            for record_id, version in self.session.execute(statement):
                own = children.get(other) == column.name
                if not own or version != notes[record_id].row_version:
                    used.add(record_id)
        for record_id in used:
            self._keep(notes[record_id], _IN_USE)
        return [record_id for record_id in ids if record_id not in used]

    def _untag(self, ids: list[int]) -> None:
        """Take tags from records that this very import made: of a later row, they go first."""
        link, note = TABLES["tag_link"].c, ImportRow.__table__.c
        for owner, children in _CHILDREN.items():
            column = dict(children).get("tag_link")
            if column is None:
                continue
            record = TABLES[owner].c
            own = (
                select(link.id)
                .join(TABLES[owner], record.id == link[column])
                .join(ImportRow.__table__, note.record_id == record.id)
                .where(
                    link.tag_id.in_(ids),
                    link.row_version == record.row_version,
                    note.batch_id == self.notes[0].batch_id,
                    note.action == "created",
                    note.row_version == record.row_version,
                )
            )
            found = list(self.session.scalars(own))
            if found:
                self.session.execute(delete(TABLES["tag_link"]).where(link.id.in_(found)))

    def _loosen(self, kind: str, column: Column[Any], ids: list[int]) -> None:
        """Cut links from records that this very import made: both ends go, in whatever order."""
        table = TABLES[kind]
        note = ImportRow.__table__.c
        pointing = (
            select(table.c.id)
            .join(ImportRow.__table__, note.record_id == table.c.id)
            .where(
                column.in_(ids),
                note.batch_id == self.notes[0].batch_id,
                note.action == "created",
                note.row_version == table.c.row_version,
            )
        )
        own = list(self.session.scalars(pointing))
        if own:
            self.session.execute(
                update(table).where(table.c.id.in_(own)).values({column.name: None})
            )

    def _delete(self, kind: str, ids: list[int]) -> None:
        if not ids:
            return
        files = attached_files(self.session, "id", ids) if kind == "attachment_link" else []
        for child, column in _CHILDREN.get(kind, ()):
            if child == "attachment_link":
                files += attached_files(self.session, column, ids)
            place = TABLES[child]
            self.session.execute(delete(place).where(place.c[column].in_(ids)))
        for child, column in _BY_ID:
            place = TABLES[child]
            self.session.execute(delete(place).where(place.c[column].in_(ids)))
        table = TABLES[kind]
        self.session.execute(delete(table).where(table.c.id.in_(ids)))
        drop_unused_files(self.session, files)

    def _restore(self, kind: str, notes: Sequence[ImportRow]) -> None:
        record = RECORDS[kind]
        table = TABLES[kind]
        changes: dict[int, dict[str, Any]] = {}
        stored: dict[int, dict[str, Any]] = {}
        for ids in _pieces([note.record_id for note in notes]):
            for row in self.session.execute(select(table).where(table.c.id.in_(ids))):
                stored[row.id] = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name
        for note in notes:
            current = stored.get(note.record_id)
            if current is None:
                continue
            before = dict(note.before or {})
            version = before.pop("row_version", None)
            back = {
                key: from_log(record, key, value)
                for key, value in before.items()
                if to_log(current[key]) == (note.after or {}).get(key)
            }
            if len(back) < len(before):
                self._keep(note, _CHANGED)
            if back:
                # Exactly as it was: an older import of it can then be taken back too.
                exact = len(back) == len(before) and current["row_version"] == note.row_version
                back["row_version"] = version if exact and version is not None else new_id()
                current.update(back)
                changes.setdefault(note.record_id, {}).update(back)
                self.restored += 1
        for values in changes.values():
            values["updated_at"] = now()
        update_rows(self.session, kind, changes)


def _pieces(ids: list[int], size: int = 900) -> list[list[int]]:
    return [ids[i : i + size] for i in range(0, len(ids), size)]
