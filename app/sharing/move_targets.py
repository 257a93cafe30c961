"""Where a workspace can be moved to: an empty server database, or a new file.

Both are filled with indexes, foreign keys and triggers taken off and put back at the end (written
row by row they cost three times as long), in one transaction.
"""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol, cast

from sqlalchemy import URL, Connection, func, inspect, select, text

from app.changes import ChangeFeed
from app.database import Database
from app.errors import EnvironmentFault
from app.schema import migrate
from app.sharing.canonical import Row, TableReader, moved_tables
from app.sharing.placement import Mode, placement
from app.sharing.pointer_file import is_pointer
from app.sharing.server_address import address_of, is_server
from models.migrations import HEAD
from models.records import LogHead
from models.search_index import rebuild

_INDEX_MEMORY = "256MB"


class Target(Protocol):
    """What a move needs of the place it fills."""

    dialect: str
    address: str
    url: URL

    def begin(self) -> None:
        """Make the schema and open the one transaction."""

    @property
    def raw(self) -> Any:
        """The driver's connection, inside that transaction."""

    def write(self, reader: TableReader, pieces: Iterable[list[Row]]) -> None:
        """Write one table's rows."""

    def finish(self) -> None:
        """Fill the search index and put back indexes, foreign keys and triggers."""

    def commit(self) -> None:
        """Keep everything."""

    def discard(self) -> None:
        """Leave the place as it was."""

    def close(self) -> None:
        """Let go of the place."""


def target_of(location: str) -> Target:
    """Return the place to move to: an address, a pointer file, or the path of a new file."""
    if is_server(location) or is_pointer(location):
        from app.sharing.passwords import login_url

        return ServerTarget(login_url(location))
    if "://" in location:
        raise EnvironmentFault(
            "{place} is not a place Closeknit can move to.",
            remedy="Give a postgresql:// address or the path of a new .closeknit file.",
            place=location.partition("://")[0] + "://…",  # the rest may hold a password
        )
    return FileTarget(Path(location).expanduser().absolute())


class ServerTarget:
    """An empty database on a PostgreSQL server."""

    dialect = "postgresql"

    def __init__(self, url: URL) -> None:
        self.url = url
        self.address = address_of(url)
        self._database = Database(url, ChangeFeed())
        self._connection: Connection | None = None
        self._put_back: list[str] = []

    def begin(self) -> None:
        """Make the schema and open the one transaction; refuse a database that holds anything."""
        engine = self._database.engine
        with engine.connect() as connection:
            fresh = not self._check_empty(connection)
        if fresh:
            migrate(engine)
        self._connection = engine.connect().execution_options(closeknit="write")
        self._connection.begin()  # takes the writers' lock
        for setting in ("TimeZone = 'UTC'", f"maintenance_work_mem = '{_INDEX_MEMORY}'"):
            self._sql(f"SET LOCAL {setting}")
        if self._check_empty(self._connection) is None:  # somebody was quicker
            raise self._refusal("has just been changed by somebody else")
        self._take_off()

    def _check_empty(self, connection: Connection) -> str | None:
        """Return the revision of an empty workspace, None for no table; refuse everything else."""
        tables = set(inspect(connection).get_table_names())
        if not tables:
            return None
        if "log_head" not in tables or "alembic_version" not in tables:
            raise self._refusal("holds tables of something else")
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if revision != HEAD:
            raise self._refusal("holds a workspace of another version of Closeknit")
        if connection.scalar(select(func.coalesce(func.max(LogHead.n), 0))) or any(
            connection.execute(select(table).limit(1)).first() is not None
            for table in moved_tables()
            if table.name not in {"log_head", "node_lease"}
        ):
            raise self._refusal("holds a workspace already")
        return str(revision)

    def _refusal(self, why: str) -> EnvironmentFault:
        return EnvironmentFault(
            "The database {place} " + why + "; nothing was moved there.",
            remedy="Give an empty database (CREATE DATABASE on the server makes one).",
            place=self.address,
        )

    def _take_off(self) -> None:
        rows = self._all(
            "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) "
            "FROM pg_constraint WHERE contype = 'f' "
            "AND connamespace = current_schema()::regnamespace"
        )
        keys = [f"ALTER TABLE {t} ADD CONSTRAINT {name} {as_is}" for t, name, as_is in rows]
        for table, name, _ in rows:
            self._sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        rows = self._all(
            "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i "
            "JOIN pg_class c ON c.oid = i.indexrelid "
            "WHERE c.relnamespace = current_schema()::regnamespace "
            "AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.indexrelid)"
        )
        indexes = [as_is for _, as_is in rows]
        for name, _ in rows:
            self._sql(f"DROP INDEX {name}")
        for table in moved_tables():
            self._sql(f'ALTER TABLE "{table.name}" DISABLE TRIGGER USER')
            # A new schema has its log_head, and perhaps node leases.
            self._sql(f'DELETE FROM "{table.name}"')  # noqa: S608  our own names
        self._put_back = [*indexes, *keys]

    def write(self, reader: TableReader, pieces: Iterable[list[Row]]) -> None:
        """Write one table's rows by COPY."""
        columns = ", ".join(f'"{name}"' for name in reader.columns)
        statement = f'COPY "{reader.table.name}" ({columns}) FROM STDIN'
        with self.raw.cursor() as cursor, cursor.copy(statement) as copy:
            for rows in pieces:
                for row in rows:
                    copy.write_row(row)

    def finish(self) -> None:
        """Fill the search index and put back indexes, foreign keys and triggers."""
        assert self._connection is not None  # noqa: S101  begin() was called
        rebuild(self._connection)
        for statement in self._put_back:
            self._sql(statement)
        for table in moved_tables():
            self._sql(f'ALTER TABLE "{table.name}" ENABLE TRIGGER USER')
        self._sql("ANALYZE")

    def commit(self) -> None:
        """Keep everything."""
        assert self._connection is not None  # noqa: S101  begin() was called
        self._connection.commit()

    def discard(self) -> None:
        """Roll back; the empty schema stays, and a later move fills it."""
        if self._connection is not None:
            with contextlib.suppress(Exception):  # the server may be gone
                self._connection.rollback()

    def close(self) -> None:
        """Let go of the server."""
        if self._connection is not None:
            with contextlib.suppress(Exception):
                self._connection.close()
        self._database.dispose()

    @property
    def raw(self) -> Any:
        """The driver's connection, inside the one transaction."""
        assert self._connection is not None  # noqa: S101  begin() was called
        return self._connection.connection.dbapi_connection

    def _sql(self, statement: str) -> None:
        assert self._connection is not None  # noqa: S101  begin() was called
        self._connection.exec_driver_sql(statement)

    def _all(self, statement: str) -> list[Any]:
        assert self._connection is not None  # noqa: S101  begin() was called
        return list(self._connection.exec_driver_sql(statement))


class FileTarget:
    """A new file; filled under another name and renamed when it is whole."""

    dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.address = str(path)
        self.url = URL.create("sqlite", database=str(path))
        self._draft = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._raw: Any = None
        self._put_back: list[str] = []

    def begin(self) -> None:
        """Make the schema under the draft's name and open the one transaction."""
        import pysqlite3.dbapi2 as sqlite

        self._check_free()
        self._remove_draft()
        database = Database(URL.create("sqlite", database=str(self._draft)), ChangeFeed())
        try:
            migrate(database.engine)
        finally:
            database.dispose()
        self._raw = sqlite.connect(str(self._draft), isolation_level=None)
        # Nobody reads a draft and a crash throws it away: no journal, no waiting for the disk.
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-64000"):
            self._raw.execute(f"PRAGMA {pragma}").fetchall()
        self._raw.execute("BEGIN")
        self._take_off()

    def _check_free(self) -> None:
        if self.path.exists():
            raise EnvironmentFault(
                "{place} is there already; nothing was moved.",
                remedy="Give the name of a new file.",
                place=str(self.path),
            )
        verdict = placement(self.path)
        if verdict.mode in {Mode.REFUSED, Mode.READ_ONLY}:
            raise EnvironmentFault(
                "{place} is no place for a workspace. {why}",
                remedy="{instead}",
                place=str(self.path),
                why=verdict.why,
                instead=verdict.remedy,
            )
        if not self.path.parent.is_dir():
            raise EnvironmentFault(
                "The folder {folder} does not exist.",
                remedy="Make the folder first, or choose another place.",
                folder=str(self.path.parent),
            )

    def _take_off(self) -> None:
        rows = self._raw.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND "
            "type IN ('index', 'trigger') ORDER BY type"  # indexes before triggers
        ).fetchall()
        for kind, name, _ in rows:
            self._raw.execute(f'DROP {kind} "{name}"')
        self._put_back = [statement for _, _, statement in rows]
        for table in moved_tables():
            self._raw.execute(f'DELETE FROM "{table.name}"')  # noqa: S608  our own names

    def write(self, reader: TableReader, pieces: Iterable[list[Row]]) -> None:
        """Write one table's rows."""
        columns = ", ".join(f'"{name}"' for name in reader.columns)
        marks = ", ".join("?" for _ in reader.columns)
        statement = f'INSERT INTO "{reader.table.name}" ({columns}) VALUES ({marks})'  # noqa: S608  our own names
        for rows in pieces:
            self._raw.executemany(statement, rows)

    def finish(self) -> None:
        """Fill the search index, put back indexes and triggers, and check the foreign keys."""
        rebuild(cast("Connection", _Statements(self._raw)))
        for statement in self._put_back:
            self._raw.execute(statement)
        broken = self._raw.execute("PRAGMA foreign_key_check").fetchone()
        if broken is not None:
            raise EnvironmentFault(
                "The {table} {row} points to a {target} that is missing; nothing was moved.",
                remedy="Run “check” on the workspace and restore a backup from before the damage.",
                table=broken[0],
                row=broken[1],
                target=broken[2],
            )
        self._raw.execute("ANALYZE")

    def commit(self) -> None:
        """Store everything on the disk and give the file its name."""
        self._raw.execute("COMMIT")
        self._raw.execute("PRAGMA synchronous=FULL")
        self._raw.execute("PRAGMA journal_mode=WAL").fetchall()
        self._raw.close()
        self._raw = None
        with self._draft.open("rb+") as file:
            os.fsync(file.fileno())
        self._check_free()
        self._draft.rename(self.path)
        _sync_folder(self.path.parent)

    def discard(self) -> None:
        """Remove the draft."""
        if self._raw is not None:
            self._raw.close()
            self._raw = None
        self._remove_draft()

    def close(self) -> None:
        """Nothing is held any more."""

    @property
    def raw(self) -> Any:
        """The driver's connection, inside the one transaction."""
        return self._raw

    def _remove_draft(self) -> None:
        for ending in ("", "-journal", "-wal", "-shm"):
            Path(f"{self._draft}{ending}").unlink(missing_ok=True)


class _Statements:
    """Lends a driver's connection to `rebuild`, which only executes statements."""

    class dialect:  # noqa: N801  the name SQLAlchemy uses
        """The dialect of a file."""

        name = "sqlite"

    def __init__(self, raw: Any) -> None:
        self.exec_driver_sql = raw.execute


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows has no descriptors of folders
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
