"""Creates and upgrades a workspace's schema; refuses what a newer version has made."""

from collections.abc import Collection
from pathlib import Path

from sqlalchemy import Connection, insert, inspect, text
from sqlalchemy.engine import Engine

from app.errors import EnvironmentFault
from models.migrations import HEAD
from models.records import LogHead

MIGRATIONS = Path(__file__).resolve().parent.parent / "models" / "migrations"


def known_revisions() -> list[str]:
    """Return the revisions this program knows, oldest first."""
    return [f"{n:04d}" for n in range(1, int(HEAD) + 1)]


def stored_revision(connection: Connection) -> str | None:
    """Return the revision of a workspace; None where the store is empty.

    Raises EnvironmentFault for a database that is not a workspace.
    """
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return None
    refuse_foreign(tables, connection.engine.url.database)
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def quick_revision(connection: Connection) -> str | None:
    """Return the stored revision by one statement where all is well, as at every start."""
    try:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except Exception:  # noqa: BLE001  any failure is looked at closely by the caller
        connection.rollback()
        return None


def refuse_foreign(tables: Collection[str], place: str | None) -> None:
    """Raise EnvironmentFault for tables that are not those of a workspace."""
    if "alembic_version" not in tables or "log_head" not in tables:
        raise EnvironmentFault(
            "{place} is a database, but not a Closeknit workspace; it was left as it is.",
            remedy="Choose a .closeknit file, or a new name to start a workspace.",
            place=place,
        )


def refuse_newer(revision: str, place: str | None) -> None:
    """Raise EnvironmentFault for a workspace of a newer version."""
    if revision not in known_revisions():
        raise EnvironmentFault(
            "{place} was written by a newer version of Closeknit (schema {revision}); "
            "it was left untouched.",
            remedy="Update Closeknit on this computer and open it again.",
            place=place,
            revision=revision,
        )


def migrate(engine: Engine, *, target: str = "head") -> None:
    """Create or upgrade the schema in one transaction; of several at once, one does the work."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    writer = engine.execution_options(closeknit="write")
    with writer.begin() as connection:
        # Inside the transaction: another process may have made the schema a moment ago.
        fresh = not inspect(connection).has_table("log_head")
        config.attributes["connection"] = connection
        command.upgrade(config, target)
        if fresh:
            connection.execute(insert(LogHead), {"one": 1, "n": 0})
