"""What `check --deep` adds: whether the records of a workspace agree with each other and the log.

Each check says in a sentence what is wrong, or "ok"; it reads only, and works on both stores.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.check import Check, check_workspace
from app.deep_check_records import RECORD_CHECKS
from app.node_lease import MARGIN_MS
from app.recorder import SKIPPED, from_log, same_value, to_log
from models import ids
from models.clock import now
from models.records import RECORDS, ChangeLog, ImportBatch, ImportRow, NodeLease, Record
from models.search_index import INDEXED
from models.values import BatchState

Problems = Iterator[str]
_SHOWN: Final = 5
_PIECE: Final = 500


def check_deeply(session: Session) -> list[Check]:
    """Return the verdict of every check, the quick ones first; a damaged store raises nothing."""
    return check_workspace(session) + [
        _tried(name, check, session) for name, check in {**_CHECKS, **RECORD_CHECKS}.items()
    ]


def _tried(name: str, check: Callable[[Session], Iterable[str]], session: Session) -> Check:
    try:
        found = list(check(session))
    except DBAPIError as error:
        session.rollback()  # PostgreSQL answers nothing more in a failed transaction
        return Check(name, False, str(error.orig))
    shown = "; ".join(found[:_SHOWN])
    more = f"; and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else ""
    return Check(name, not found, shown + more or "ok")


def _number(session: Session, statement: str) -> int:
    return int(session.execute(text(statement)).scalar() or 0)


# The store.


def _constraints(session: Session) -> Problems:
    """PostgreSQL keeps foreign keys by itself, but for those that were switched off."""
    if session.get_bind().dialect.name != "postgresql":
        return
    rows = session.execute(
        text(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint "
            "WHERE NOT convalidated AND connamespace = current_schema()::regnamespace"
        )
    )
    for table, name in rows:
        yield f"{name} of {table} is not enforced"


def _index_rows(session: Session) -> Problems:
    """Compare what each entry of the index opens; the quick check has compared its words."""
    key = "rowid" if session.get_bind().dialect.name == "sqlite" else "id"
    for source in INDEXED:
        wrong = _number(
            session,
            f'SELECT count(*) FROM "{source.table}" AS r '  # noqa: S608  our own names
            f"JOIN search_index AS s ON s.{key} = r.id WHERE {source.live('r')} "
            f"AND (s.kind <> {source.kind_sql.format(r='r')} "
            f"OR s.owner <> {source.owner.format(r='r')})",
        )
        if wrong:
            yield f"{wrong:,} entries of {source.table} lead to another record"
        archived = _number(
            session,
            f'SELECT count(*) FROM "{source.table}" AS r '  # noqa: S608  our own names
            f"JOIN search_index AS s ON s.{key} = r.id WHERE NOT ({source.live('r')})",
        )
        if archived:
            yield f"{archived:,} of {source.table} are found though they are archived"


# The change log.


def _steps(session: Session) -> Problems:
    row = session.execute(
        text("SELECT count(*), coalesce(min(n), 0), coalesce(max(n), 0) FROM change_step")
    ).one()
    count, first, last = (int(value) for value in row)
    head = session.execute(text("SELECT n FROM log_head")).scalars().all()
    if len(head) != 1:
        yield f"log_head has {len(head)} rows instead of one"
    elif head[0] != last:
        yield f"the newest step is {last}, but the log stands at {head[0]}"
    if count and count != last - first + 1:
        yield f"{last - first + 1 - count:,} steps are missing between {first} and {last}"


def _lines(session: Session) -> Problems:
    lone = _number(
        session,
        "SELECT count(*) FROM change_log AS l "
        "WHERE NOT EXISTS (SELECT 1 FROM change_step AS s WHERE s.n = l.step)",
    )
    if lone:
        yield f"{lone:,} lines belong to no step"
    empty = _number(
        session,
        "SELECT count(*) FROM change_step AS s "
        "WHERE NOT EXISTS (SELECT 1 FROM change_log AS l WHERE l.step = s.n)",
    )
    if empty:
        yield f"{empty:,} steps have no lines"
    gaps = _number(
        session,
        "SELECT count(*) FROM (SELECT step FROM change_log GROUP BY step "
        "HAVING count(*) <> max(line) + 1) AS g",
    )
    if gaps:
        yield f"{gaps:,} steps have lost lines"
    for kind in session.execute(text("SELECT DISTINCT kind FROM change_log")).scalars():
        if kind not in RECORDS:
            yield f"lines speak of “{kind}”, which there is not"


def _undone(session: Session) -> Problems:
    wrong = _number(
        session,
        "SELECT count(*) FROM change_step AS u "
        "LEFT JOIN change_step AS s ON s.n = u.undoes "
        "WHERE u.undoes IS NOT NULL "
        "AND (s.n IS NULL OR s.n >= u.n OR s.undone_by IS NULL OR s.undone_by <> u.n)",
    )
    if wrong:
        yield f"{wrong:,} steps claim to undo a step that does not know of it"
    lost = _number(
        session,
        "SELECT count(*) FROM change_step AS s LEFT JOIN change_step AS u ON u.n = s.undone_by "
        "WHERE s.undone_by IS NOT NULL AND (u.n IS NULL OR u.undoes IS NULL OR u.undoes <> s.n)",
    )
    if lost:
        yield f"{lost:,} steps are marked undone by a step that undid another"


def _as_logged(session: Session) -> Problems:
    """Compare each record with what the log's newest line of it left there: no lost update."""
    bulk = (
        select(ChangeLog.kind, func.max(ChangeLog.step))
        .where(ChangeLog.record_id.is_(None))
        .group_by(ChangeLog.kind)
    )
    after_bulk = {kind: step for kind, step in session.execute(bulk)}  # noqa: C416  rows are no pairs
    for kind, record in RECORDS.items():
        if record.__recorded__:
            yield from _kind_as_logged(session, record, after_bulk.get(kind, 0))


@dataclass(slots=True)
class _Logged:
    """What a record must hold by all lines of it: for each column the newest that has it."""

    record_id: int
    gone: bool = False
    held: dict[str, Any] = field(default_factory=dict)

    def take(self, action: str, after: Any) -> None:
        self.gone = action == "deleted"
        if action != "updated":
            self.held.clear()
        self.held.update(after or {})


def _kind_as_logged(session: Session, record: type[Record], since: int) -> Problems:
    lines = session.execute(
        select(ChangeLog.record_id, ChangeLog.action, ChangeLog.after)
        .where(
            ChangeLog.kind == record.__tablename__,
            ChangeLog.record_id.is_not(None),
            ChangeLog.step > since,
        )
        .order_by(ChangeLog.record_id, ChangeLog.step, ChangeLog.line),
        # In pieces: the lines of a long history do not fit the memory.
        execution_options={"yield_per": _PIECE},
    )
    piece: list[_Logged] = []
    for record_id, action, after in lines:
        if not piece or piece[-1].record_id != record_id:
            if len(piece) == _PIECE:
                yield from _piece_as_logged(session, record, piece)
                piece = []
            piece.append(_Logged(record_id))
        piece[-1].take(action, after)
    yield from _piece_as_logged(session, record, piece)


def _piece_as_logged(session: Session, record: type[Record], piece: list[_Logged]) -> Problems:
    table = record.__table__
    rows = {
        row["id"]: row
        for row in session.execute(
            select(table).where(table.c.id.in_([logged.record_id for logged in piece]))
        ).mappings()
    }
    for logged in piece:
        held = rows.get(logged.record_id)
        name = f"{record.__tablename__} {logged.record_id}"
        if logged.gone:
            if held is not None:
                yield f"{name} was removed, but is there"
        elif held is None:
            yield f"{name} is lost"
        else:
            for key, value in logged.held.items():
                if _differs(record, key, value, held):
                    yield f"{name}: {key} is not what was saved"


def _differs(record: type[Record], key: str, logged: Any, held: Any) -> bool:
    column = record.__table__.columns.get(key)
    if column is None or key in SKIPPED or column.info.get("kept_by_program"):
        return False
    value = held[key]
    if logged == to_log(value):
        return False
    return not same_value(record, key, from_log(record, key, logged), value)


# Ids and imports.


def _ids(session: Session) -> Problems:
    """No id may be newer than what its maker has put down, or it would be given out again."""
    leases = {row.node: row for row in session.execute(select(NodeLease.__table__))}
    present = int(now().timestamp() * 1000) - ids.EPOCH_MS
    shift = ids.NODE_BITS + ids.SEQUENCE_BITS
    for kind in RECORDS:
        newest_of_each = text(
            f"SELECT (id >> {ids.SEQUENCE_BITS}) & {ids.MAX_NODE}, max(id) "  # noqa: S608  our own names
            f'FROM "{kind}" GROUP BY 1'
        )
        for number, newest in session.execute(newest_of_each):
            lease = leases.get(number)
            stamp = newest >> shift
            limit = present + MARGIN_MS
            if lease is not None:
                limit = lease.last_stamp
                if lease.process:  # still at work: it puts its newest stamp down every few minutes
                    limit = max(limit, present) + MARGIN_MS
            if stamp > limit:
                yield f"{kind} {newest} is newer than anything node {number} is known to have made"


def _imports(session: Session) -> Problems:
    for batch in session.scalars(select(ImportBatch)):
        total = (
            batch.created
            + batch.updated
            + batch.merged
            + batch.unchanged
            + batch.skipped
            + batch.failed
        )
        if batch.read != total:
            yield f"{batch.file_name}: {batch.read:,} rows read, but {total:,} accounted for"
        if (batch.ended_at is None) != (batch.state is BatchState.RUNNING):
            yield f"{batch.file_name}: {batch.state.value}, but its end does not say so"
    lost = session.scalar(
        select(func.count())
        .select_from(ImportRow)
        .where(~select(ImportBatch.id).where(ImportBatch.id == ImportRow.batch_id).exists())
    )
    if lost:
        yield f"{lost:,} notes of imports belong to no import"


_CHECKS: Final[dict[str, Callable[[Session], Problems]]] = {
    "constraints": _constraints,
    "search index entries": _index_rows,
    "change steps": _steps,
    "change lines": _lines,
    "undone steps": _undone,
    "records as last saved": _as_logged,
    "ids": _ids,
    "imports": _imports,
}
