"""Brings a store to this program's schema, or says why that cannot be."""

import logging
from pathlib import Path

from app import schema
from app.database import Database
from app.database_faults import place_of
from app.engines import execute_patiently
from app.errors import EnvironmentFault, FaultKind
from app.sqlite_file import check_whole
from models.migrations import HEAD

log = logging.getLogger(__name__)


def prepare_schema(database: Database, *, create: bool) -> None:
    """Create or upgrade the schema where that is needed."""
    with database.engine.connect().execution_options(closeknit="read") as connection:
        revision = schema.quick_revision(connection)
        if revision is None:
            revision = schema.stored_revision(connection)
        connection.rollback()
    place = place_of(database.url)
    if revision == HEAD:
        _check_file(database)
        return
    if revision is not None:
        schema.refuse_newer(revision, place)
        if database.read_only:
            _refuse_older(place)
        if database.dialect == "sqlite":
            from app.sharing.backup_files import Reason
            from app.sharing.backups import back_up

            back_up(Path(str(database.url.database)), Reason.MIGRATION)
    elif not create or database.read_only:
        raise EnvironmentFault(
            "{place} is empty.",
            remedy="Choose another file, or start a new workspace there.",
            place=place,
        )
    elif database.dialect == "sqlite" and not database.shared:
        _set_wal(database)
    if database.dialect == "sqlite":
        schema.migrate(database.engine)
    else:
        _migrate_server(database)


def _refuse_older(place: str) -> None:
    raise EnvironmentFault(
        "{place} was written by an older version of Closeknit and is open for reading only.",
        remedy="Open it once where it can be written to; it is upgraded then.",
        kind=FaultKind.OUTDATED,
        place=place,
    )


def _check_file(database: Database) -> None:
    if database.dialect == "sqlite":
        check_whole(Path(str(database.url.database)))


def _set_wal(database: Database) -> None:
    # Once: the mode stays in the file, connections need not set it again.
    with database.engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None  # noqa: S101  just connected
        mode = execute_patiently(raw, "PRAGMA journal_mode=WAL").fetchone()[0]
    if mode != "wal":
        log.warning("%s does not take write-ahead logging (%s)", database.url.database, mode)


def _migrate_server(database: Database) -> None:
    from app import schema
    from app.sharing.server_rights import check_may_upgrade, settle_upgrade

    with database.engine.connect().execution_options(closeknit="read") as connection:
        check_may_upgrade(connection, database.url)
    schema.migrate(database.engine)
    with database.engine.begin() as connection:
        settle_upgrade(connection)
