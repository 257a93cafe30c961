"""The engine and its two doors: `reading()` and `changing(label)`. Only this file commits."""

import contextlib
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Engine, create_engine, event, insert, select, text, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.changes import ChangeFeed, Changes
from app.database_faults import fault_of, is_busy
from app.errors import UserError
from app.recorder import (
    OVERDUE,
    Line,
    Recording,
    check_statement,
    guard,
    refuse_what_was_rolled_back,
    unguard,
    unrecorded,
    writes_allowed,
)
from app.sqlite_file import FileIdentity
from models.clock import now
from models.records import ChangeLog, ChangeStep, LogHead

log = logging.getLogger(__name__)

BUSY_TIMEOUT_MS = 10_000
COMMIT_RETRY_SECONDS = 10.0
SHARED_READ_LIMIT_SECONDS = 2.0
WRITER_LOCK = 0x636C6F73  # "clos": one writer per workspace on PostgreSQL
POSTGRESQL_CONNECT_SECONDS = 10
# Engines whose file was replaced: closing them would delete the new file's write-ahead log.
_ABANDONED: Final[list[Engine]] = []


def acting_user(session: Session) -> int | None:
    """Return the id of the user in whose name a command runs."""
    found = session.info.get("user_id")
    return int(found) if found is not None else None


class Database:
    """One workspace's store: SQLite file or PostgreSQL database.

    `shared` chooses the rollback journal for a file that several computers open.
    """

    def __init__(self, url: URL, feed: ChangeFeed, *, shared: bool = False) -> None:
        self.url = url
        self.dialect = url.get_backend_name()
        self.shared = shared
        self.feed = feed
        self.process = uuid.uuid4().hex
        # Called first in every `changing`, inside its transaction (the lease of ids).
        self.before_change: Callable[[Session], None] | None = None
        self.file = FileIdentity(Path(str(url.database))) if self.dialect == "sqlite" else None
        self._reading: dict[Any, dict[Any, Any]] = {}
        self._lock = threading.Lock()
        self.engine = self._create_engine()
        self._writer = self.engine.execution_options(closeknit="write")
        self._reader = self._reading_engine()

    def _create_engine(self) -> Engine:
        if self.dialect == "sqlite":
            import pysqlite3.dbapi2  # the sqlite3 of most Pythons can corrupt in WAL mode

            engine = create_engine(
                self.url,
                module=pysqlite3.dbapi2,
                connect_args={"timeout": BUSY_TIMEOUT_MS / 1000},
            )
            event.listen(engine, "connect", self._on_connect_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            event.listen(engine, "commit", _commit_sqlite)
        else:
            engine = create_engine(
                self.url, pool_pre_ping=True, connect_args=self._postgresql_arguments()
            )
            event.listen(engine, "begin", _begin_postgresql)
        event.listen(engine, "before_cursor_execute", check_statement)
        return engine

    def _postgresql_arguments(self) -> dict[str, Any]:
        """Neither an unreachable server nor a stuck writer elsewhere may hold a save for ever."""
        wanted = {
            "connect_timeout": POSTGRESQL_CONNECT_SECONDS,
            "options": f"-c lock_timeout={BUSY_TIMEOUT_MS}",
        }
        return {key: value for key, value in wanted.items() if key not in self.url.query}

    def _reading_engine(self) -> Engine:
        if self.dialect == "sqlite":
            return self.engine.execution_options(closeknit="read")
        return self.engine.execution_options(
            closeknit="read", isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    def _on_connect_sqlite(self, connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        pragmas = [
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "foreign_keys=ON",
            "trusted_schema=OFF",
            "wal_autocheckpoint=8000",  # 32 MB: each chunk of an import is larger than the usual 4
            "cache_size=-16000",  # 16 MB: an import's indexes outgrow the usual 2
            "synchronous=EXTRA" if self.shared else "synchronous=FULL",
        ]
        if self.shared:
            pragmas += ["mmap_size=0", "journal_mode=TRUNCATE"]
        for pragma in pragmas:
            execute_patiently(connection, f"PRAGMA {pragma}")
        if self.file is not None:
            self.file.remember()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees one moment and cannot write."""
        session = Session(self._reader, autoflush=False, expire_on_commit=False)
        raw: Any = None
        watchdog: threading.Timer | None = None
        try:
            connection = session.connection()
            raw = connection.connection.dbapi_connection
            with self._lock:
                self._reading[raw] = connection.info
            if self.shared:  # a reader outlasting the time-out would make COMMIT fail elsewhere
                watchdog = threading.Timer(SHARED_READ_LIMIT_SECONDS, self._end_overdue, [raw])
                watchdog.daemon = True
                watchdog.start()
            yield session
        except DBAPIError as error:
            raise fault_of(error, self) from error
        finally:
            if watchdog is not None:
                watchdog.cancel()
            with self._lock:  # before the connection goes back: nobody else is interrupted
                info = self._reading.pop(raw, None)
            if info is not None:
                info.pop(OVERDUE, None)
            session.rollback()
            session.close()

    def _end_overdue(self, raw: Any) -> None:
        with self._lock:
            info = self._reading.get(raw)
            if info is not None:
                info[OVERDUE] = True  # a read that computes between statements meets it later
                raw.interrupt()

    @contextmanager
    def changing(
        self,
        label: str,
        *,
        user_id: int | None = None,
        origin: object | None = None,
        undoable: bool = True,
    ) -> Iterator[Session]:
        """Give the one writing session: one intention, one commit, one undo step.

        After the block `session.info["changes"]` holds what was told to the feed, or None.
        """
        session = Session(self._writer, expire_on_commit=False)
        recording = Recording()
        session.info.update(recording=recording, user_id=user_id, process=self.process)
        guarded: dict[Any, Any] = {}
        try:
            if self.file is not None:
                self.file.check()
            guarded = guard(session.connection())
            if self.before_change is not None:
                self.before_change(session)
            yield session
            session.flush()
            refuse_what_was_rolled_back(session)
            changes = self._write_log(session, recording, label, origin, undoable=undoable)
            session.info["may_commit"] = True
            session.commit()
        except StaleDataError as error:
            session.rollback()
            raise UserError(
                "This was changed or removed meanwhile. Look at it again and repeat your change."
            ) from error
        except DBAPIError as error:
            session.rollback()
            raise fault_of(error, self) from error
        except BaseException:
            # Always: closing after a failed commit would put the connection back into the pool
            # with its write transaction open.
            session.rollback()
            raise
        finally:
            unguard(guarded)
            session.close()
        session.info["changes"] = changes
        if changes is not None:
            self.feed.publish(changes)

    def _write_log(
        self,
        session: Session,
        recording: Recording,
        label: str,
        origin: object | None,
        *,
        undoable: bool,
    ) -> Changes | None:
        lines = recording.result()
        if not lines:
            return None
        user_id = acting_user(session)
        undoes = session.info.get("undoes")
        with writes_allowed(session):
            step = session.execute(
                update(LogHead).values(n=LogHead.n + 1).returning(LogHead.n)
            ).scalar_one()
            session.execute(
                insert(ChangeStep),
                {
                    "n": step,
                    "at": now(),
                    "label": label[:200],
                    "user_id": user_id,
                    "process": self.process,
                    "undoable": undoable and all(line.action != "reload" for line in lines),
                    "undoes": undoes,
                    "is_redo": bool(session.info.get("is_redo")),
                },
            )
            session.execute(insert(ChangeLog), [_log_row(step, i, x) for i, x in enumerate(lines)])
            if undoes is not None:
                session.execute(
                    update(ChangeStep).where(ChangeStep.n == undoes).values(undone_by=step)
                )
        return changes_of(step, label, lines, user_id=user_id, origin=origin)

    def head(self) -> int:
        """Return the number of the newest step."""
        with self.reading() as session:
            return int(session.execute(select(LogHead.n)).scalar_one())

    def interrupt(self) -> None:
        """End every running read at once."""
        # Under the lock: a connection that came free meanwhile may serve the writer by now.
        with self._lock:
            for connection in self._reading:
                with contextlib.suppress(Exception):  # it may have ended by itself
                    (connection.interrupt if self.dialect == "sqlite" else connection.cancel)()

    def dispose(self) -> None:
        """Close all connections."""
        if self.file is not None and self.file.is_replaced:
            _ABANDONED.append(self.engine)
        else:
            self.engine.dispose()


def changes_of(
    step: int,
    label: str,
    lines: list[Line],
    *,
    user_id: int | None,
    origin: object | None = None,
    foreign: bool = False,
) -> Changes:
    """Return the summary of a step's lines."""
    by_action: dict[str, dict[str, set[int]]] = {"created": {}, "updated": {}, "deleted": {}}
    reload: set[str] = set()
    for line in lines:
        if line.record_id is None:
            reload.add(line.kind)
        else:
            by_action[line.action].setdefault(line.kind, set()).add(line.record_id)
    frozen = {
        action: {kind: frozenset(ids) for kind, ids in kinds.items()}
        for action, kinds in by_action.items()
    }
    return Changes(
        step,
        label,
        user_id,
        origin,
        foreign,
        reload=frozenset(reload),
        **frozen,
    )


def _log_row(step: int, number: int, line: Line) -> dict[str, Any]:
    return {
        "step": step,
        "line": number,
        "kind": line.kind,
        "record_id": line.record_id,
        "action": line.action,
        "before": line.before or None,
        "after": line.after or None,
    }


def execute_patiently(connection: Any, statement: str) -> Any:
    """Execute a pragma on a driver's connection, waiting while others hold the file."""
    # One of 36 parallel first openings met "database is locked" here despite the time-out.
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            return connection.execute(statement)
        except Exception as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("closeknit") == "write":
        connection.exec_driver_sql("PRAGMA query_only=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("PRAGMA query_only=ON")
        connection.exec_driver_sql("BEGIN DEFERRED")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("closeknit") == "write":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})


def _commit_sqlite(connection: Connection) -> None:
    """Repeat COMMIT while a reader elsewhere holds the file, as the busy time-out does not."""
    raw = connection.connection.dbapi_connection
    assert raw is not None  # noqa: S101  a connection that commits is connected
    deadline = time.monotonic() + COMMIT_RETRY_SECONDS
    while raw.in_transaction:
        try:
            raw.execute("COMMIT")
        except Exception as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise OperationalError("COMMIT", None, error) from error
            time.sleep(0.02)


__all__ = ["Database", "acting_user", "changes_of", "unrecorded"]
