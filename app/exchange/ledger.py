"""The writes of one chunk, gathered as plain rows and then written in bulk.

Bulk, because 100,000 contacts through the unit of work take minutes. Every record written is noted
in `import_row` with what it was before: that is the import's own undo log.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, cast

from sqlalchemy import Column, Dialect, Table, bindparam, update
from sqlalchemy.orm import Session

from app.recorder import SKIPPED, to_log, unrecorded
from models.base import Choice, Moment
from models.clock import now
from models.ids import new_ids
from models.records import RECORDS, Base, ImportRow
from models.search_index import indexed_at_once

# Below this many rows, dropping and making the triggers anew costs more than it saves.
_WORTH_INDEXING_AT_ONCE: Final = 200
# Parents before children: the order of insertion.
_ORDER: Final = {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}
TABLES: Final[Mapping[str, Table]] = {
    kind: cast("Table", record.__table__) for kind, record in RECORDS.items()
}
_IDS_AT_ONCE: Final = 200
_FEW_VALUES: Final = (Moment, Choice)
_NOTES: Final = cast("Table", ImportRow.__table__)


def _blank_row(table: Table) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in table.columns:
        default = column.default
        fixed = default is not None and default.is_scalar
        row[column.name] = default.arg if fixed else None  # type: ignore[union-attr]
    return row


_BLANKS: Final = {kind: _blank_row(table) for kind, table in TABLES.items()}


class Ledger:
    """What one chunk writes."""

    def __init__(self, batch_id: int, moment: datetime | None = None) -> None:
        self.batch_id = batch_id
        self.moment = moment or now()
        self.inserts: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.updates: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
        self.notes: list[dict[str, Any]] = []
        self._fresh: dict[int, dict[str, Any]] = {}
        self._ids: list[int] = []

    def insert(self, kind: str, values: Mapping[str, Any], *, version: int = 0) -> dict[str, Any]:
        """Add a record; a child shares its parent's version, by which undo knows it."""
        row = _BLANKS[kind].copy()
        row.update(values)
        record_id: int = row["id"] or self._new_id()
        row["id"] = record_id
        row["created_at"] = row["created_at"] or self.moment
        row["updated_at"] = self.moment
        row["row_version"] = version or self._new_id()
        self.inserts[kind].append(row)
        self._fresh[record_id] = row
        return row

    def _new_id(self) -> int:
        if not self._ids:
            self._ids = new_ids(_IDS_AT_ONCE)
            self._ids.reverse()
        return self._ids.pop()

    def note_created(self, kind: str, row: Mapping[str, Any], number: int | None) -> None:
        """Write down that the import made this record."""
        self._note(kind, row["id"], number, "created", row["row_version"], None, None)

    def update(
        self,
        kind: str,
        current: dict[str, Any],
        changes: Mapping[str, Any],
        number: int | None,
        *,
        own: bool,
    ) -> None:
        """Change a record; `own`: this import made it, so its note of creation stands for it."""
        record_id: int = current["id"]
        before = {key: current.get(key) for key in changes}
        current.update(changes)
        if record_id in self._fresh:
            self._fresh[record_id].update(changes)
            return
        version = current["row_version"] if own else self._new_id()
        if not own:
            self._note(
                kind,
                record_id,
                number,
                "updated",
                version,
                {k: to_log(v) for k, v in before.items() if k not in SKIPPED}
                # Taken back, the record is again what the import that made it knows.
                | {"row_version": current["row_version"]},
                {k: to_log(v) for k, v in changes.items()},
            )
        current["row_version"] = version
        pending = self.updates[kind].setdefault(record_id, {})
        pending.update(changes)
        pending.update(row_version=version, updated_at=self.moment)

    def _note(
        self,
        kind: str,
        record_id: int,
        number: int | None,
        action: str,
        version: int,
        before: Any,
        after: Any,
    ) -> None:
        self.notes.append(
            {
                "id": self._new_id(),
                "batch_id": self.batch_id,
                "row_number": number,
                "record_kind": kind,
                "record_id": record_id,
                "action": action,
                "row_version": version,
                "before": before,
                "after": after,
            }
        )

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of record that are written."""
        return frozenset(self.inserts) | frozenset(self.updates)

    def write(self, session: Session) -> None:
        """Write everything in bulk, parents first."""
        if not self.kinds:
            return
        with unrecorded(session, *sorted(self.kinds)):
            later = self._links_to_own_kind()
            many = {
                kind: [row["id"] for row in rows]
                for kind, rows in self.inserts.items()
                if len(rows) >= _WORTH_INDEXING_AT_ONCE
            }
            with indexed_at_once(session.connection(), many):
                for kind in sorted(self.inserts, key=_ORDER.__getitem__):
                    _insert(session, TABLES[kind], self.inserts[kind])
            for kind, link, rows in later:
                _update(session, kind, {row["id"]: {link: row[link]} for row in rows})
            for kind, changes in self.updates.items():
                _update(session, kind, changes)
            if self.notes:
                _insert(session, _NOTES, self.notes)

    def _links_to_own_kind(self) -> list[tuple[str, str, list[dict[str, Any]]]]:
        """Take out links between rows of one table: the other row may be inserted after."""
        found = []
        for kind, link in (("company", "parent_id"), ("user", "manager_id")):
            rows = [row for row in self.inserts.get(kind, ()) if row[link] is not None]
            if rows:
                found.append((kind, link, [{"id": r["id"], link: r[link]} for r in rows]))
                for row in rows:
                    row[link] = None
        return found


def _insert(session: Session, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows as plain tuples: SQLAlchemy's own way per row costs as much as SQLite's work."""
    connection = session.connection()
    dialect = connection.dialect
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    quoted = dialect.identifier_preparer
    series = _series(dialect, table, rows)
    columns = [column for column, _ in series]
    names = ", ".join(quoted.quote(column.name) for column in columns)
    statement = (
        f"INSERT INTO {quoted.format_table(table)} ({names}) "  # noqa: S608  our own names
        f"VALUES ({', '.join([mark] * len(columns))})"
    )
    tuples = zip(*(values for _, values in series), strict=True)
    connection.exec_driver_sql(statement, list(tuples))


def _series(
    dialect: Dialect, table: Table, rows: Sequence[Mapping[str, Any]]
) -> list[tuple[Column[Any], Sequence[Any]]]:
    """Return the columns that any of the rows fills, with their values as the driver takes them.

    Of a contact's 32 columns a file fills half; binding the others cost a third of the insertion.
    """
    series: list[tuple[Column[Any], Sequence[Any]]] = []
    read = itemgetter(*(column.name for column in table.columns))
    for column, values in zip(table.columns, zip(*map(read, rows), strict=True), strict=True):
        if values.count(None) == len(values):
            continue
        process = column.type.dialect_impl(dialect).bind_processor(dialect)
        if process is not None:
            # JSON writes None as a word of its own; a column without a value stays NULL.
            once = lru_cache(process) if isinstance(column.type, _FEW_VALUES) else process
            series.append((column, [None if x is None else once(x) for x in values]))
        else:
            series.append((column, values))
    return series


def _update(session: Session, kind: str, changes: Mapping[int, Mapping[str, Any]]) -> None:
    table = TABLES[kind]
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for record_id, values in changes.items():
        alike[tuple(sorted(values))].append(
            {"wanted_id": record_id} | {f"new_{key}": value for key, value in values.items()}
        )
    for keys, rows in alike.items():
        statement = (
            update(table)
            .where(table.c.id == bindparam("wanted_id"))
            .values({key: bindparam(f"new_{key}", type_=table.c[key].type) for key in keys})
        )
        session.execute(statement.execution_options(synchronize_session=False), rows)


update_rows = _update
