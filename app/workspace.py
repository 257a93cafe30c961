"""The open CRM database and all that hangs on it; passed in, never a global."""

import contextlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, make_url, select
from sqlalchemy.exc import ArgumentError

from app.changes import ChangeFeed
from app.commands.settings import workspace_settings
from app.commands.users import enter_workspace
from app.database import Database, execute_patiently
from app.database_faults import sentence_of
from app.errors import EnvironmentFault
from app.node_lease import Lease
from app.readers import Readers
from app.sqlite_file import check_path, check_whole, has_wal
from app.watcher import Watcher
from app.writer import Writer
from models.migrations import HEAD
from models.records import LogHead

log = logging.getLogger(__name__)

T = TypeVar("T")


class Workspace:
    """An open workspace. Make one with `Workspace.open`; end it with `close`."""

    def __init__(self, location: str, database: Database) -> None:
        self.location = location
        self.database = database
        self.feed = database.feed
        self.is_new = False
        self.user_id: int | None = None
        self._closed = False
        self._before_close: list[Callable[[], None]] = []
        with database.reading() as session:
            settings = workspace_settings(session)
        self.name, self.currency = settings.name, settings.currency
        self.watcher = Watcher(database)
        self.readers = Readers(database)
        self._lease = Lease(database.process)
        database.before_change = self._lease.keep
        self.writer = Writer(database, lambda: self.user_id)

    @classmethod
    def open(
        cls,
        location: str | Path,
        *,
        create: bool = False,
        user_name: str | None = None,
        watch: bool = True,
    ) -> "Workspace":
        """Open a SQLite path or a PostgreSQL URL; with `create`, make it where there is none.

        Raises EnvironmentFault, with a remedy, for whatever cannot be opened; leaves it untouched.
        """
        url = _url_of(str(location))
        is_sqlite = url.get_backend_name() == "sqlite"
        if is_sqlite:
            check_path(Path(str(url.database)), create=create)
        database = Database(url, ChangeFeed())
        try:
            _prepare_schema(database, create=create)
            workspace = cls(str(location), database)
        except BaseException as error:
            database.dispose()
            if isinstance(error, Exception) and not isinstance(error, EnvironmentFault):
                fault = sentence_of(getattr(error, "orig", None) or error, url)
                if fault is not None:
                    raise fault from error
            raise
        workspace._enter(user_name, watch=watch)
        return workspace

    def _enter(self, user_name: str | None, *, watch: bool) -> None:
        try:
            with self.database.changing("Open workspace", undoable=False) as session:
                # By the log, not by who made the tables: its maker may have died before this.
                self.is_new = session.scalar(select(LogHead.n)) == 0
                if self.is_new:
                    from app.seed import seed_workspace

                    seed_workspace(session)
            if user_name:
                self.set_user(self.change("Enter workspace", enter_workspace, name=user_name))
        except BaseException:
            self.close()
            raise
        if watch:
            self.watcher.start()

    @property
    def node(self) -> int:
        """The node of the ids that this process makes."""
        return self._lease.node

    def set_user(self, user_id: int | None) -> None:
        """Say in whose name changes are made from now on."""
        self.user_id = user_id

    def change(self, label: str, command: Callable[..., T], /, **fields: Any) -> T:
        """Run a command now and wait; for the command line, tests and start-up, not for windows."""
        if self.writer.is_current_thread:
            raise RuntimeError("a command would wait for itself; call the other command directly")
        value: T = self.writer.submit(label, command, **fields).result().value
        return value

    def read(self, query: Callable[..., T], /, *args: Any, **fields: Any) -> T:
        """Run a query now and wait; not for windows."""
        with self.database.reading() as session:
            return query(session, *args, **fields)

    def renew_lease(self) -> None:
        """Store that this process still holds its node; called by a job each minute."""
        self.writer.submit("Renew lease", self._lease.renew, undoable=False)

    def before_close(self, end: Callable[[], None]) -> None:
        """Have `end` called first when the workspace closes (the scheduler's shutdown)."""
        self._before_close.append(end)

    def close(self) -> None:
        """End everything in the one order that neither hangs nor reports stored saves as failed."""
        if self._closed:
            return
        self._closed = True
        try:
            for end in self._before_close:
                with contextlib.suppress(Exception):
                    end()
            self.writer.refuse()
            self.readers.close()
            self.writer.drain()
            self.watcher.stop()
            self.feed.clear()
            with (
                contextlib.suppress(Exception),  # a lost drive must not keep the program open
                self.database.changing("Close workspace", undoable=False) as session,
            ):
                self._lease.release(session)
        finally:
            self.database.dispose()


def _url_of(location: str) -> URL:
    if location.startswith(("postgresql:", "postgres:", "postgresql+psycopg:")):
        try:
            url = make_url(location)
        except (ArgumentError, ValueError):
            raise EnvironmentFault(
                "This is not a complete PostgreSQL address.",  # unshown: it may hold a password
                remedy="Write postgresql://user:password@server:5432/database.",
            ) from None
        return url.set(drivername="postgresql+psycopg")
    if "://" in location:
        raise EnvironmentFault(
            "{place} is not a place Closeknit can open.",
            remedy="Give the path of a .closeknit file or a postgresql:// address.",
            place=location.partition("://")[0] + "://…",  # the rest may hold a password
        )
    path = Path(location).expanduser()
    return URL.create("sqlite", database=str(path.absolute()))


def _prepare_schema(database: Database, *, create: bool) -> None:
    """Create or upgrade the schema where that is needed."""
    from app import schema

    with database.engine.connect().execution_options(closeknit="read") as connection:
        revision = schema.quick_revision(connection)
        if revision is None:
            revision = schema.stored_revision(connection)
        connection.rollback()
    place = database.url.database
    if revision == HEAD:
        if database.dialect == "sqlite":
            _check_file(database)
        return
    if revision is not None:
        schema.refuse_newer(revision, place)
        if database.dialect == "sqlite":
            with database.engine.connect() as connection:
                raw = connection.connection.dbapi_connection
                schema.back_up_before_upgrade(raw, Path(str(place)), revision)
    elif not create:
        raise EnvironmentFault(
            "{place} is empty.",
            remedy="Choose another file, or start a new workspace there.",
            place=place,
        )
    elif database.dialect == "sqlite":
        _set_wal(database)
    schema.migrate(database.engine)


def _check_file(database: Database) -> None:
    path = Path(str(database.url.database))
    check_whole(path)
    if not has_wal(path):  # a copy made by another tool
        _set_wal(database)


def _set_wal(database: Database) -> None:
    # Once: the mode stays in the file, connections need not set it again.
    with database.engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None  # noqa: S101  just connected
        cursor = raw.cursor()
        mode = execute_patiently(cursor, "PRAGMA journal_mode=WAL").fetchone()[0]
        cursor.close()
    if mode != "wal":
        log.warning("%s does not take write-ahead logging (%s)", database.url.database, mode)
