"""Moves a whole workspace from a file to a server or back: copy, verify, then mark the old one.

One transaction on the target while nobody can write to the source. Until both sides have been read
and compared, table by table, the old workspace stays the one in use.
"""

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.changes import ChangeFeed
from app.database import Database
from app.database_faults import place_of, sentence_of
from app.engines import WRITER_LOCK
from app.errors import EnvironmentFault, UserError
from app.sharing.backup_files import Reason
from app.sharing.backups import BackupStopped, Wish, back_up
from app.sharing.canonical import Row, Sum, TableReader, moved_tables, sum_of
from app.sharing.move_targets import Target, target_of
from app.sharing.moved_mark import mark_moved, moved_to
from app.sharing.passes import FORGET_HOME
from app.sharing.pointer_file import Pointer, pointer_path
from app.sharing.server_address import address_of
from models.ids import new_id
from models.migrations import HEAD

log = logging.getLogger(__name__)

# Rows done and rows in all; every row counts twice, copied and compared.
Progress = Callable[[int, int], None]


class MoveStoppedError(UserError):
    """A person stopped a move; both sides are as they were."""


@dataclass(frozen=True, slots=True)
class TableSums:
    """One table's count and checksum on both sides."""

    name: str
    rows: int
    checksum: str
    moved_rows: int
    moved_checksum: str

    @property
    def agrees(self) -> bool:
        """Whether both sides hold the same."""
        return (self.rows, self.checksum) == (self.moved_rows, self.moved_checksum)


@dataclass(frozen=True, slots=True)
class MoveReport:
    """What was moved where, how long it took, and the sums that prove it."""

    source: str
    target: str
    tables: tuple[TableSums, ...]
    seconds: float
    pointer: str | None

    @property
    def rows(self) -> int:
        """All rows together."""
        return sum(table.rows for table in self.tables)


def move_workspace(
    source: Database,
    target: Target,
    *,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> MoveReport:
    """Move a workspace into an empty place; leave both sides as they were unless all agrees."""
    began = time.perf_counter()
    _back_up(source, should_stop)
    with _faults_of(source.url), _held(source) as connection:
        _check_source(connection, place_of(source.url))
        connection.exec_driver_sql(FORGET_HOME)  # with the mark, or not at all
        work = _Work(connection, source.dialect, target, progress, should_stop)
        try:
            with _faults_of(target.url):
                target.begin()
                sums = work.copy()
                target.finish()
                tables = tuple(work.compare(sums))
                target.commit()
        except BaseException:
            target.discard()
            raise
        finally:
            target.close()
        mark_moved(connection, target.address, new_id())
        connection.commit()
    seconds = time.perf_counter() - began
    pointer = _write_pointer(source, target)
    address = address_of(source.url) if source.dialect == "postgresql" else place_of(source.url)
    return MoveReport(address, target.address, tables, seconds, pointer)


def _back_up(source: Database, should_stop: Callable[[], bool]) -> None:
    """Back a file up first; a server's own backups are its administrator's."""
    if source.dialect != "sqlite":
        return
    try:
        back_up(Path(str(source.url.database)), Reason.MOVE, wish=Wish(unwanted=should_stop))
    except BackupStopped:
        raise MoveStoppedError("The move was stopped; everything is as it was before.") from None


def move_closed(
    url: URL,
    to: str,
    *,
    shared: bool = False,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> MoveReport:
    """Move a workspace that this program does not have open; `to` is an address or a path."""
    target = target_of(to)
    source = Database(url, ChangeFeed(), shared=shared)
    try:
        return move_workspace(source, target, progress=progress, should_stop=should_stop)
    finally:
        source.dispose()


def read_again(report: MoveReport, to: str) -> list[TableSums]:
    """Read what was moved over a new connection; return the tables that are not what they were."""
    database = Database(target_of(to).url, ChangeFeed())
    wrong = []
    try:
        with database.reading(patient=True) as session:
            raw = session.connection().connection.dbapi_connection
            for table, known in zip(moved_tables(), report.tables, strict=True):
                found = sum_of(TableReader(table, database.dialect), raw)
                again = replace(known, moved_rows=found.rows, moved_checksum=found.checksum)
                if not again.agrees:
                    wrong.append(again)
    finally:
        database.dispose()
    return wrong


class _Work:
    """Copies and compares, telling how far it is and listening for a stop."""

    def __init__(
        self,
        connection: Connection,
        dialect: str,
        target: Target,
        progress: Progress | None,
        should_stop: Callable[[], bool],
    ) -> None:
        self._raw: Any = connection.connection.dbapi_connection
        self._readers = [TableReader(table, dialect) for table in moved_tables()]
        self._target = target
        self._progress = progress
        self._should_stop = should_stop
        counts = (connection.scalar(select(func.count()).select_from(t)) for t in moved_tables())
        self._total = 2 * sum(count or 0 for count in counts)
        self._done = 0

    def copy(self) -> list[Sum]:
        """Write every table to the target; return the sums of what was read."""
        sums = []
        for reader in self._readers:
            taken = Sum()
            try:
                with closing(reader.rows(self._raw)) as rows:
                    self._target.write(reader, self._passed(reader, rows, taken))
            except Exception as error:
                self._name_refused_row(reader, error)
                raise
            sums.append(taken)
        return sums

    def compare(self, sums: list[Sum]) -> Iterator[TableSums]:
        """Read every table back from the target; raise where it is not what was read."""
        for reader, taken in zip(self._readers, sums, strict=True):
            back = TableReader(reader.table, self._target.dialect)
            found = Sum()
            with closing(back.rows(self._target.raw)) as rows:
                for _ in self._passed(back, rows, found):
                    pass
            table = TableSums(
                reader.table.name, taken.rows, taken.checksum, found.rows, found.checksum
            )
            if not table.agrees:
                raise EnvironmentFault(
                    "The copy of {table} in {place} differs from the original "
                    "({rows} rows, {found} found there); nothing was moved.",
                    remedy="Keep working as before and send us the program's log.",
                    table=table.name,
                    place=self._target.address,
                    rows=table.rows,
                    found=table.moved_rows,
                )
            yield table

    def _passed(
        self, reader: TableReader, pieces: Iterator[list[Row]], taken: Sum
    ) -> Iterator[list[Row]]:
        for rows in pieces:
            if self._should_stop():
                raise MoveStoppedError("The move was stopped; everything is as it was before.")
            taken.add(reader.lines(rows), len(rows))
            yield rows
            self._done += len(rows)
            if self._progress is not None:
                self._progress(self._done, self._total)

    def _name_refused_row(self, reader: TableReader, error: Exception) -> None:
        """Raise a sentence that names the record whose value a server does not take.

        A file keeps texts and numbers of any length, a server those that were agreed.
        """
        where = getattr(getattr(error, "diag", None), "context", None) or ""
        found = re.search(r"line (\d+)(?:, column (\w+))?", where)
        if found is None:
            return
        keys = ", ".join(f'"{column.name}"' for column in reader.table.primary_key)
        cursor = self._raw.cursor()
        row = cursor.execute(
            f'SELECT {keys} FROM "{reader.table.name}" ORDER BY {keys} LIMIT 1 OFFSET {int(found[1]) - 1}'  # noqa: S608, E501  our own names
        ).fetchone()
        raise UserError(
            "The server does not take the {column} of {kind} {id} ({reason}); nothing was moved. "
            "Shorten or correct it, then move again.",
            column=found[2] or "values",
            kind=reader.table.name.replace("_", " "),
            id=row[0] if row else "?",
            reason=str(error).splitlines()[0],
        ) from error


@contextmanager
def _held(source: Database) -> Iterator[Connection]:
    """Give a connection in a transaction that sees one moment, while nobody else can write."""
    if source.dialect == "sqlite":
        with source.engine.connect().execution_options(closeknit="write") as connection:
            connection.begin()
            yield connection
        return
    with source.engine.connect() as connection:
        # Before the transaction: its one moment must not be older than the lock.
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": WRITER_LOCK})
        connection.commit()
        try:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield connection
        finally:
            try:
                connection.rollback()
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": WRITER_LOCK})
                connection.commit()
            except DBAPIError:  # the lock ends with its connection
                connection.invalidate()


def _check_source(connection: Connection, place: str) -> None:
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision != HEAD:
        raise EnvironmentFault(
            "{place} is a workspace of another version of Closeknit; nothing was moved.",
            remedy="Open it once with this version, then move it.",
            place=place,
        )
    with Session(connection) as session:
        moved = moved_to(session)
    if moved is not None:
        raise moved.fault(place)


def _write_pointer(source: Database, target: Target) -> str | None:
    """Write the small file that colleagues open instead of the old one; return its path."""
    if source.dialect != "sqlite" or target.dialect != "postgresql":
        return None
    path = pointer_path(Path(str(source.url.database)))
    try:
        Pointer.of(target.url, name=path.stem).write(path)
    except OSError as error:  # the move itself is done
        log.warning("The pointer file %s cannot be written: %s", path, error)
        return None
    return str(path)


@contextmanager
def _faults_of(url: Any) -> Iterator[None]:
    """Turn what a driver says into sentences."""
    try:
        yield
    except (EnvironmentFault, UserError):
        raise
    except Exception as error:
        fault = None
        with suppress(Exception):
            fault = sentence_of(getattr(error, "orig", None) or error, url)
        if fault is None:
            raise
        raise fault from error
