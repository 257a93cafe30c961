"""Makes the engine of a store: pragmas, how a transaction begins, and COMMIT repeated on BUSY."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Engine, create_engine, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from app.database_faults import is_busy, place_of
from app.errors import EnvironmentFault, FaultKind
from app.recorder import check_statement
from app.sqlite_file import ReadOnlyFile, uri_of
from models.search_index import VOCABULARY

BUSY_TIMEOUT_MS: Final = 10_000
COMMIT_RETRY_SECONDS: Final = 10.0
POSTGRESQL_CONNECT_SECONDS: Final = 10
WRITER_LOCK: Final = 0x636C6F73  # "clos": one writer per workspace on PostgreSQL
SHARED_POOL: Final = 2  # connections kept; more are made and closed again at need
_AGAIN_SECONDS: Final = 0.02
_TRIES_TO_END: Final = 50


def sqlite_engine(
    url: URL,
    *,
    shared: bool,
    on_connect: Callable[[], None],
    read_only: ReadOnlyFile | None,
    may_create: Callable[[], bool] = lambda: False,
) -> Engine:
    """Return the engine of a file; `shared` keeps it in the rollback journal.

    `may_create`: whether a connection may make the file. Where a drive was taken away, an empty
    one would be made in its place.
    """
    import pysqlite3.dbapi2  # the sqlite3 of most Pythons can corrupt in WAL mode

    seconds = BUSY_TIMEOUT_MS / 1000
    options: dict[str, Any] = {"pool_size": SHARED_POOL} if shared else {}
    if read_only is not None:
        # Without a pool: in WAL mode a connection holds a lock for as long as it lives.
        options = {"poolclass": NullPool}
    path = Path(str(url.database))

    def connect() -> Any:
        if read_only is not None:
            place = read_only.uri()
        else:
            place = uri_of(path, "rwc" if may_create() else "rw")
        return pysqlite3.dbapi2.connect(place, uri=True, timeout=seconds, check_same_thread=False)

    engine = create_engine(
        url, module=pysqlite3.dbapi2, creator=connect, hide_parameters=True, **options
    )

    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in _pragmas(shared=shared, read_only=read_only is not None):
            execute_patiently(connection, f"PRAGMA {pragma}")
        if shared and read_only is None:
            _keep_rollback_journal(connection, url)
        connection.execute(VOCABULARY)
        on_connect()

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "commit", _commit_sqlite)
    event.listen(engine, "before_cursor_execute", check_statement)
    return engine


def postgresql_engine(url: URL) -> Engine:
    """Return the engine of a server's database.

    Neither an unreachable server nor a stuck writer elsewhere may hold a save for ever.
    """
    wanted = {
        "connect_timeout": POSTGRESQL_CONNECT_SECONDS,
        "options": f"-c lock_timeout={BUSY_TIMEOUT_MS}",
    }
    arguments = {key: value for key, value in wanted.items() if key not in url.query}
    # What people typed is nobody's business in a log.
    engine = create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args=arguments)
    event.listen(engine, "begin", _begin_postgresql)
    event.listen(engine, "before_cursor_execute", check_statement)
    return engine


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
            time.sleep(_AGAIN_SECONDS)


def end_reading(connection: Any) -> None:
    """End the read of another thread at once, and with it the lock that keeps writers waiting.

    Interrupting alone leaves the transaction open while the reader computes between two statements.
    """
    for _ in range(_TRIES_TO_END):
        connection.interrupt()
        if not connection.in_transaction:
            return
        with contextlib.suppress(Exception):  # interrupted itself while the other ends
            connection.execute("ROLLBACK")
        time.sleep(_AGAIN_SECONDS)


def _pragmas(*, shared: bool, read_only: bool) -> list[str]:
    pragmas = [
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "cache_size=-16000",  # 16 MB: an import's indexes outgrow the usual 2
    ]
    if shared:
        pragmas.append("mmap_size=0")
    if not read_only:
        pragmas += [
            "wal_autocheckpoint=8000",  # 32 MB: each chunk of an import is larger than the usual 4
            "synchronous=EXTRA" if shared else "synchronous=FULL",
        ]
    return pragmas


def _keep_rollback_journal(connection: Any, url: URL) -> None:
    """Have this connection cut its journal; never convert a file, which others may have open."""
    if execute_patiently(connection, "PRAGMA journal_mode").fetchone()[0] == "wal":
        raise EnvironmentFault(
            "Another program has switched {place} to a way of writing that only one computer "
            "may use.",
            remedy="Close it on every computer and open it again here.",
            kind=FaultKind.OUTDATED,
            place=place_of(url),
        )
    execute_patiently(connection, "PRAGMA journal_mode=TRUNCATE")


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
            time.sleep(_AGAIN_SECONDS)
