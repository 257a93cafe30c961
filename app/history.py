"""Undo, redo and the audit trail, from the change log that every step writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, inspect, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import UserError
from app.recorder import from_log, same_value, to_log
from models.records import RECORDS, Base, ChangeLog, ChangeStep, Record, User

_PIECE = 500


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the log: its number and the name of what was done."""

    n: int
    label: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One column that a step changed, for the audit trail."""

    step: int
    at: datetime
    label: str
    user_id: int | None
    user_name: str | None
    action: str
    field: str
    before: Any
    after: Any


def undo_candidate(
    session: Session, user_id: int | None, *, process: str | None = None
) -> Step | None:
    """Return the step that Ctrl+Z would take back: this user's newest, of this run if given."""
    return _newest(
        session,
        user_id,
        process,
        and_(or_(ChangeStep.undoes.is_(None), ChangeStep.is_redo), ChangeStep.undone_by.is_(None)),
    )


def redo_candidate(
    session: Session, user_id: int | None, *, process: str | None = None
) -> Step | None:
    """Return the undo that Ctrl+Shift+Z would take back, None after any new work."""
    own = _own(user_id, process)
    newest_work = select(func.max(ChangeStep.n)).where(
        own, ChangeStep.undoable, ChangeStep.undoes.is_(None)
    )
    return _newest(
        session,
        user_id,
        process,
        and_(
            ChangeStep.undoes.is_not(None),
            ChangeStep.is_redo.is_(False),
            ChangeStep.undone_by.is_(None),
            ChangeStep.n > func.coalesce(newest_work.scalar_subquery(), 0),
        ),
    )


def _own(user_id: int | None, process: str | None) -> Any:
    user = ChangeStep.user_id.is_(None) if user_id is None else ChangeStep.user_id == user_id
    return and_(user, ChangeStep.process == process) if process is not None else user


def _newest(session: Session, user_id: int | None, process: str | None, rule: Any) -> Step | None:
    row = session.execute(
        select(ChangeStep.n, ChangeStep.label, ChangeStep.undoes)
        .where(_own(user_id, process), ChangeStep.undoable, rule)
        .order_by(ChangeStep.n.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    label, undoes = row.label, row.undoes
    while undoes is not None:  # an undo is named after what it took back
        before = session.execute(
            select(ChangeStep.label, ChangeStep.undoes).where(ChangeStep.n == undoes)
        ).one()
        label, undoes = before.label, before.undoes
    return Step(row.n, label)


def undo_step(session: Session, *, step: int) -> int:
    """Take a step back where nothing it touched has changed since; return the number of records.

    Raises UserError naming who changed what, and leaves everything as it is.
    """
    return _reverse(session, step, is_redo=False)


def redo_step(session: Session, *, step: int) -> int:
    """Take an undo back; `step` is the number of the undo."""
    return _reverse(session, step, is_redo=True)


def _reverse(session: Session, step: int, *, is_redo: bool) -> int:
    head = session.get(ChangeStep, step)
    if head is None or not head.undoable:
        raise UserError("This step cannot be undone.")
    label = head.label
    if head.undone_by is not None:
        raise UserError("“{label}” is undone already.", label=label)
    lines = session.scalars(
        select(ChangeLog)
        .where(ChangeLog.step == step, ChangeLog.action != "kept")  # that changed nothing
        .order_by(ChangeLog.line.desc())
    ).all()
    session.info["undoes"] = step
    session.info["is_redo"] = is_redo
    records = _load(session, lines)
    _refuse_what_cannot_be(session, lines, records)
    try:
        _take_back(session, lines, records)
    except IntegrityError as error:
        raise UserError(
            "“{label}” cannot be undone: something made since uses it.", label=label
        ) from error
    return len(lines)


def _load(session: Session, lines: Sequence[ChangeLog]) -> dict[int, Record]:
    wanted: dict[str, list[int]] = {}
    for line in lines:
        if line.record_id is not None:
            wanted.setdefault(line.kind, []).append(line.record_id)
    found: dict[int, Record] = {}
    for kind, ids in wanted.items():
        record = RECORDS[kind]
        for start in range(0, len(ids), _PIECE):
            piece = ids[start : start + _PIECE]
            found |= {x.id: x for x in session.scalars(select(record).where(record.id.in_(piece)))}
    return found


def _refuse_what_cannot_be(
    session: Session, lines: Sequence[ChangeLog], records: dict[int, Record]
) -> None:
    """Raise UserError where anything stands in the way, before anything is touched."""
    for line in lines:
        if line.record_id is None:
            raise UserError("This step wrote in bulk and cannot be undone here.")
        record = records.get(line.record_id)
        if line.action == "deleted":
            if record is not None:
                raise UserError("What was removed has come back meanwhile; nothing was undone.")
        elif record is None:
            raise UserError("What this step touched was removed meanwhile; nothing was undone.")
        else:
            _refuse_if_changed(session, line, record)


def _take_back(session: Session, lines: Sequence[ChangeLog], records: dict[int, Record]) -> None:
    """Reverse the lines in an order that keeps every foreign key and unique name valid.

    What was removed comes back first, then changed columns point to it again, then what was made
    goes: nothing points to it any more. Only of a kind that lost one and got another under the
    same unique name the new one goes first.
    """
    removed = [line for line in lines if line.action == "deleted"]
    made = [line for line in lines if line.action == "created"]
    both = {line.kind for line in removed} & {line.kind for line in made}
    early = [line for line in made if line.kind in both and _has_unique_name(line.kind)]
    _delete(session, early, records)
    _rebuild(session, removed)
    for line in lines:
        if line.action == "updated":
            record = records[line.record_id or 0]
            for key, value in (line.before or {}).items():
                setattr(record, key, from_log(type(record), key, value))
    session.flush()
    _delete(session, [line for line in made if line not in early], records)


def _rebuild(session: Session, lines: Sequence[ChangeLog]) -> None:
    # As in _delete: a child may come back before its parent, so it gets its parent afterwards.
    later: list[tuple[Record, str, int]] = []
    for line in lines:
        record = _rebuilt(RECORDS[line.kind], line.before or {})
        for key in _own_parents(type(record)):
            if (parent := getattr(record, key)) is not None:
                later.append((record, key, parent))
                setattr(record, key, None)
        session.add(record)
    session.flush()
    for record, key, parent in later:
        setattr(record, key, parent)
    session.flush()


def _delete(session: Session, lines: Sequence[ChangeLog], records: dict[int, Record]) -> None:
    doomed = [records[line.record_id or 0] for line in lines]
    # The unit of work orders tables, not the rows within one: a parent may go before its child.
    for record in doomed:
        for key in _own_parents(type(record)):
            if getattr(record, key) is not None:
                setattr(record, key, None)
    session.flush()
    for record in doomed:
        session.delete(record)
    session.flush()


def _own_parents(record: type[Record]) -> list[str]:
    """Return the nullable columns that point to the same table."""
    return [
        column.key
        for column in inspect(record).local_table.columns
        if column.nullable and any(key.column.table is column.table for key in column.foreign_keys)
    ]


def _has_unique_name(kind: str) -> bool:
    return any(index.unique for index in Base.metadata.tables[kind].indexes)


def _rebuilt(record_type: type[Record], held: Any) -> Record:
    return record_type(**{key: from_log(record_type, key, value) for key, value in held.items()})


def _refuse_if_changed(session: Session, line: ChangeLog, record: Record) -> None:
    # Only the columns this step wrote: other columns edited since do not block.
    columns = type(record).__table__.columns
    for key, value in (line.after or {}).items():
        if columns[key].info.get("kept_by_program"):
            continue
        if value == to_log(getattr(record, key)):
            continue
        if same_value(type(record), key, from_log(type(record), key, value), getattr(record, key)):
            continue
        who = session.execute(
            select(User.name)
            .join(ChangeStep, ChangeStep.user_id == User.id)
            .join(ChangeLog, ChangeLog.step == ChangeStep.n)
            .where(ChangeLog.record_id == record.id, ChangeLog.step > line.step)
            .order_by(ChangeLog.step.desc())
            .limit(1)
        ).scalar()
        raise UserError(
            "Changed since by {who}: {column}. Nothing was undone.",
            who=who or "somebody",
            column=key.removesuffix("_id").replace("_", " "),
        )


def trail(session: Session, record_id: int, *, limit: int = 200) -> list[FieldChange]:
    """Return what was done to a record, newest first, one entry per changed column."""
    rows = session.execute(
        select(ChangeLog, ChangeStep, User.name)
        .join(ChangeStep, ChangeStep.n == ChangeLog.step)
        .outerjoin(User, User.id == ChangeStep.user_id)
        .where(ChangeLog.record_id == record_id)
        .order_by(ChangeLog.step.desc())
        .limit(limit)
    )
    found: list[FieldChange] = []
    for line, step, name in rows:
        for key in sorted(line.after or line.before or {}):
            before, after = (line.before or {}).get(key), (line.after or {}).get(key)
            found.append(
                FieldChange(
                    step.n, step.at, step.label, step.user_id, name, line.action, key, before, after
                )
            )
    return found
