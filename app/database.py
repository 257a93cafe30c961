"""The engine and its two doors: `reading()` and `changing(label)`. Only this file commits."""

import contextlib
import logging
import os
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Engine, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.changes import ChangeFeed, Changes
from app.commit_outcome import was_stored
from app.database_faults import fault_of, fault_of_copy
from app.engines import end_reading, postgresql_engine, sqlite_engine
from app.errors import UserError
from app.recorder import (
    OVERDUE,
    Line,
    Recording,
    guard,
    refuse_what_was_rolled_back,
    unguard,
    unrecorded,
    writes_allowed,
)
from app.sqlite_file import FileIdentity, ReadOnlyFile
from models.clock import now
from models.records import ChangeLog, ChangeStep, LogHead

log = logging.getLogger(__name__)

NEW_STEP: Final = "closeknit_step"  # the channel on which PostgreSQL tells of commits
BULK_LINES = 100  # a change of more records than this is preceded by a backup
SHARED_READ_LIMIT_SECONDS = 2.0
# Engines whose file was replaced: closing them would delete the new file's write-ahead log.
_ABANDONED: Final[list[Engine]] = []


def acting_user(session: Session) -> int | None:
    """Return the id of the user in whose name a command runs."""
    found = session.info.get("user_id")
    return int(found) if found is not None else None


class Database:
    """One workspace's store: SQLite file or PostgreSQL database.

    `shared` keeps a file that several computers open in the rollback journal; `read_only` neither
    writes to the store nor holds a lock between two reads; `unlocked`: the locks of those who write
    do not reach it.
    """

    def __init__(
        self,
        url: URL,
        feed: ChangeFeed,
        *,
        shared: bool = False,
        read_only: bool = False,
        unlocked: bool = False,
    ) -> None:
        self.url = url
        self.dialect = url.get_backend_name()
        self.shared = shared
        self.read_only = read_only
        self.feed = feed
        self.process = uuid.uuid4().hex
        # Called first in every `changing`, inside its transaction (versions, the lease of ids).
        self.before_change: Callable[[Session], None] | None = None
        # Called before a large change is committed, with its label (a backup).
        self.before_bulk: Callable[[str], None] | None = None
        path = Path(str(url.database))
        self.file = FileIdentity(path) if self.dialect == "sqlite" else None
        is_read_only_file = read_only and self.file is not None
        self._read_only_file = ReadOnlyFile(path, unlocked=unlocked) if is_read_only_file else None
        self._may_create = not os.path.lexists(path)
        self.own_step = 0  # the newest step this process has written
        self._reading: dict[Any, dict[Any, Any]] = {}
        self._lock = threading.Lock()
        self._copy: Engine | None = None
        self._connect()

    def _connect(self) -> None:
        self.engine = self._create_engine()
        self._writer = self.engine.execution_options(closeknit="write")
        self._reader = self._reading_engine()

    def connect_anew(self, *, healthy: bool = False) -> None:
        """Leave all connections behind: they may hang in, or belong to, a place that is gone.

        Where another file lies at the path, it is taken for ours; ask first whether it is.
        `healthy` connections are closed instead.
        """
        if healthy:
            self.engine.dispose()  # others may be in the middle of a change: our file stays known
        else:
            _ABANDONED.append(self.engine)  # closing could wait for the drive, or harm the new file
            if self.file is not None:
                self.file.abandon()
        self._connect()

    def read_from(self, copy: Path | None) -> None:
        """Let all reads be answered by a copy of the workspace; None: by itself again."""
        if copy is None:
            self._copy = None
            return
        engine = sqlite_engine(
            URL.create("sqlite", database=str(copy)),
            shared=False,
            on_connect=lambda: None,
            read_only=ReadOnlyFile(copy),
        )
        self._copy = engine.execution_options(closeknit="read")

    def _create_engine(self) -> Engine:
        if self.file is None:
            return postgresql_engine(self.url)
        return sqlite_engine(
            self.url,
            shared=self.shared,
            on_connect=self._connected,
            read_only=self._read_only_file,
            may_create=lambda: self._may_create,
        )

    def _connected(self) -> None:
        assert self.file is not None  # noqa: S101  called by the engine of a file
        self._may_create = False
        self.file.remember()

    def _reading_engine(self) -> Engine:
        if self.dialect == "sqlite":
            return self.engine.execution_options(closeknit="read")
        return self.engine.execution_options(
            closeknit="read", isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    @contextmanager
    def reading(self, *, patient: bool = False) -> Iterator[Session]:
        """Give a session that sees one moment and cannot write.

        `patient` lets it last for longer than others should wait (a check, a backup).
        """
        copy = self._copy
        file = self._read_only_file if copy is None else None
        seen = file.state() if file is not None else None
        session = Session(copy or self._reader, autoflush=False, expire_on_commit=False)
        raw: Any = None
        watchdog: threading.Timer | None = None
        try:
            connection = session.connection()
            raw = connection.connection.dbapi_connection
            with self._lock:
                self._reading[raw] = connection.info
            # A reader that outlasts the time-out would make COMMIT fail elsewhere.
            if self.shared and copy is None and not patient:
                session.execute(text("PRAGMA schema_version"))  # waits for its turn; then it counts
                watchdog = threading.Timer(SHARED_READ_LIMIT_SECONDS, self._end_overdue, [raw])
                watchdog.daemon = True
                watchdog.start()
            yield session
            if file is not None:
                file.check_undisturbed(seen)
        except DBAPIError as error:
            fault = fault_of(error, self)
            if copy is not None:
                fault = fault_of_copy(fault)
            elif file is not None:
                fault = file.explained(fault)
            raise fault from error
        finally:
            if watchdog is not None:
                watchdog.cancel()
            with self._lock:  # before the connection goes back: nobody else is interrupted
                info = self._reading.pop(raw, None)
            if info is not None:
                info.pop(OVERDUE, None)
            _roll_back(session)
            session.close()

    def _end_overdue(self, raw: Any) -> None:
        with self._lock:
            info = self._reading.get(raw)
            if info is not None:
                info[OVERDUE] = True  # a read that computes between statements meets it later
                end_reading(raw)

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
        if self.read_only:
            raise UserError("This workspace is open for reading only; nothing was saved.")
        session = Session(self._writer, expire_on_commit=False)
        recording = Recording()
        session.info.update(recording=recording, user_id=user_id, process=self.process)
        guarded: dict[Any, Any] = {}
        try:
            if self.file is not None:
                self.file.check(grows=not self.shared)
            guarded = guard(session.connection())
            if self.before_change is not None:
                self.before_change(session)
            yield session
            session.flush()
            refuse_what_was_rolled_back(session)
            changes = self._write_log(session, recording, label, origin, undoable=undoable)
            session.info["may_commit"] = True
            self._commit(session, changes)
        except StaleDataError as error:
            _roll_back(session)
            raise UserError(
                "This was changed or removed meanwhile. Look at it again and repeat your change."
            ) from error
        except DBAPIError as error:
            _roll_back(session)
            raise fault_of(error, self) from error
        except BaseException:
            # Always: closing after a failed commit would put the connection back into the pool
            # with its write transaction open.
            _roll_back(session)
            raise
        finally:
            unguard(guarded)
            session.close()
        session.info["changes"] = changes
        if changes is not None:
            self.own_step = changes.step
            self.feed.publish(changes)

    def _commit(self, session: Session, changes: Changes | None) -> None:
        """Commit; where the connection broke meanwhile, find out whether that has arrived."""
        try:
            session.commit()
        except DBAPIError as error:
            step = changes.step if changes is not None else None
            stored = was_stored(self._writer, error, step, self.process)
            if not stored:
                _roll_back(session)
                raise fault_of(error, self, doubtful=stored is None) from error

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
        if self.before_bulk is not None and _is_bulk(lines, undoable=undoable):
            self.before_bulk(label)
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
                    "undoable": undoable and _can_be_undone(lines),
                    "undoes": undoes,
                    "is_redo": bool(session.info.get("is_redo")),
                },
            )
            session.execute(insert(ChangeLog), [_log_row(step, i, x) for i, x in enumerate(lines)])
            if undoes is not None:
                session.execute(
                    update(ChangeStep).where(ChangeStep.n == undoes).values(undone_by=step)
                )
            if self.dialect == "postgresql":  # delivered with the commit
                session.execute(select(func.pg_notify(NEW_STEP, self.process)))
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

    def dispose(self, *, hung: bool = False) -> None:
        """Close all connections; those into a place that hangs are left to the program's end."""
        self._copy = None
        if hung or (self.file is not None and self.file.is_replaced):
            _ABANDONED.append(self.engine)
        else:
            self.engine.dispose()
            if self.file is not None:
                self.file.forget()


def _roll_back(session: Session) -> None:
    """Roll back; what fails even in that must not hide the fault that led to it."""
    try:
        session.rollback()
    except DBAPIError:
        log.warning("A connection that cannot even roll back is closed")
        session.invalidate()


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
            action = "updated" if line.action == "kept" else line.action
            by_action[action].setdefault(line.kind, set()).add(line.record_id)
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


def _can_be_undone(lines: list[Line]) -> bool:
    is_reload = any(line.action == "reload" for line in lines)
    return not is_reload and any(line.action != "kept" for line in lines)


def _is_bulk(lines: list[Line], *, undoable: bool) -> bool:
    """Say whether a change is large work of a person; the program's own jobs are not."""
    return (undoable and len(lines) > BULK_LINES) or any(line.record_id is None for line in lines)


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


__all__ = ["Database", "acting_user", "changes_of", "unrecorded"]
