"""The open CRM database and all that hangs on it; passed in, never a global."""

import contextlib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, make_url
from sqlalchemy.orm import Session

from app.changes import ChangeFeed
from app.commands.settings import workspace_settings
from app.commands.users import enter_workspace
from app.database import Database
from app.database_faults import sentence_of
from app.errors import EnvironmentFault
from app.node_lease import lease_node, release_node, renew_node
from app.readers import Readers
from app.watcher import Watcher
from app.writer import Writer
from models.migrations import HEAD

log = logging.getLogger(__name__)

T = TypeVar("T")
_SQLITE_HEADER = b"SQLite format 3\x00"


class Workspace:
    """An open workspace. Make one with `Workspace.open`; end it with `close`."""

    def __init__(self, location: str, database: Database, *, is_new: bool) -> None:
        self.location = location
        self.database = database
        self.feed = database.feed
        self.is_new = is_new
        self.user_id: int | None = None
        self.node = 0
        self._closed = False
        self.writer = Writer(database, lambda: self.user_id)
        self.readers = Readers(database)
        self.watcher = Watcher(database)
        self._before_close: list[Callable[[], None]] = []
        with database.reading() as session:
            settings = workspace_settings(session)
        self.name, self.currency = settings.name, settings.currency

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
            _check_path(Path(str(url.database)), create=create)
        database = Database(url, ChangeFeed())
        try:
            is_new = _prepare_schema(database, create=create)
            workspace = cls(str(location), database, is_new=is_new)
        except BaseException as error:
            database.dispose()
            if isinstance(error, Exception) and not isinstance(error, EnvironmentFault):
                fault = sentence_of(error, str(url.database))
                if fault is not None:
                    raise fault from error
            raise
        workspace._enter(user_name, watch=watch)
        return workspace

    def _enter(self, user_name: str | None, *, watch: bool) -> None:
        try:
            with self.database.changing("Open workspace", undoable=False) as session:
                self.node = lease_node(session, self.database.process)
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

    def set_user(self, user_id: int | None) -> None:
        """Say in whose name changes are made from now on."""
        self.user_id = user_id

    def change(self, label: str, command: Callable[..., T], /, **fields: Any) -> T:
        """Run a command now and wait; for the command line, tests and start-up, not for windows."""
        value: T = self.writer.submit(label, command, **fields).result().value
        return value

    def read(self, query: Callable[..., T], /, *args: Any, **fields: Any) -> T:
        """Run a query now and wait; not for windows."""
        with self.database.reading() as session:
            return query(session, *args, **fields)

    def renew_lease(self) -> None:
        """Store that this process still holds its node; called by a job each minute."""
        self.writer.submit("Renew lease", _renew, self.database.process, undoable=False)

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
                release_node(session, self.database.process)
        finally:
            self.database.dispose()


def _renew(session: Session, process: str) -> None:
    renew_node(session, process)


def _url_of(location: str) -> URL:
    if location.startswith(("postgresql:", "postgres:", "postgresql+psycopg:")):
        url = make_url(location)
        return url.set(drivername="postgresql+psycopg")
    if "://" in location:
        raise EnvironmentFault(
            "{place} is not a place Closeknit can open.",
            remedy="Give the path of a .closeknit file or a postgresql:// address.",
            place=location,
        )
    path = Path(location).expanduser()
    return URL.create("sqlite", database=str(path.absolute()))


def _check_path(path: Path, *, create: bool) -> None:
    if path.is_dir():
        raise EnvironmentFault(
            "{place} is a folder.",
            remedy="Give the path of a file in it, such as {example}.",
            place=str(path),
            example=str(path / "My business.closeknit"),
        )
    if not path.exists():
        if not create:
            raise EnvironmentFault(
                "{place} does not exist.",
                remedy="Check the path, or make a workspace with “demo” or “import”.",
                place=str(path),
            )
        if not path.parent.is_dir():
            raise EnvironmentFault(
                "The folder {folder} does not exist.",
                remedy="Make the folder first, or choose another place.",
                place=str(path),
                folder=str(path.parent),
            )
        return
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        raise EnvironmentFault(
            "{place} cannot be written to.",
            remedy="Check the permissions of the file and of its folder, or open a copy of it.",
            place=str(path),
        )
    with path.open("rb") as file:
        head = file.read(16)
    if head and head != _SQLITE_HEADER:
        raise EnvironmentFault(
            "{place} is not a Closeknit workspace; it was left as it is.",
            remedy="Choose a .closeknit file, or import the file instead of opening it.",
            place=str(path),
        )


def _prepare_schema(database: Database, *, create: bool) -> bool:
    """Create or upgrade the schema; return whether the workspace is new."""
    from app import schema

    with database.engine.connect().execution_options(closeknit="read") as connection:
        revision = schema.quick_revision(connection)
        if revision is None:
            revision = schema.stored_revision(connection)
        connection.rollback()
    place = database.url.database
    if revision == HEAD:
        if database.dialect == "sqlite":
            _check_whole(database)
        return False
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
    return revision is None


def _set_wal(database: Database) -> None:
    # Once, at creation: the mode stays in the file, connections need not set it again.
    with database.engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None  # noqa: S101  just connected
        cursor = raw.cursor()
        mode = cursor.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        cursor.close()
    if mode != "wal":
        log.warning("%s does not take write-ahead logging (%s)", database.url.database, mode)


def _check_whole(database: Database) -> None:
    # A file cut short by a broken copy opens without complaint; its length does not lie.
    path = Path(str(database.url.database))
    with path.open("rb") as file:
        head = file.read(32)
    page = int.from_bytes(head[16:18], "big")
    page = 65536 if page == 1 else page
    pages = int.from_bytes(head[28:32], "big")
    wal = Path(f"{path}-wal")
    if pages * page > path.stat().st_size and not (wal.exists() and wal.stat().st_size > 0):
        raise EnvironmentFault(
            "{place} is incomplete: {missing} bytes are missing at its end; it was left as it is.",
            remedy="Copy it again from where it came, or restore the newest backup.",
            place=str(path),
            missing=pages * page - path.stat().st_size,
        )
