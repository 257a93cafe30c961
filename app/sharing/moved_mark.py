"""Marks a workspace that was moved: it tells where, and takes no more changes from any program.

A trigger on the step counter refuses every further change, also one of a window that has the old
workspace open, or of an older program that does not know the mark.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import URL, Connection, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.changes import ChangeFeed
from app.database import Database
from app.database_faults import MOVED, fault_of
from app.errors import EnvironmentFault
from models.base import thaw
from models.clock import now
from models.records import WorkspaceSetting

KEY = "moved_to"
_TRIGGER = "closeknit_moved"


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a workspace went, as an address without password or a path, and when."""

    address: str
    at: datetime

    def fault(self, place: str) -> EnvironmentFault:
        """Return the sentence that a person reads."""
        return EnvironmentFault(
            "{place} was moved to {address} on {day}; it can be read here but not changed.",
            remedy="Open {address} to go on working.",
            place=place,
            address=self.address,
            day=f"{self.at:%Y-%m-%d}",
        )


def moved_to(session: Session) -> Moved | None:
    """Return where the workspace went; None for one that is in use."""
    stored = session.scalar(select(WorkspaceSetting.value).where(WorkspaceSetting.key == KEY))
    if stored is None:
        return None
    value = thaw(stored)
    return Moved(str(value["address"]), datetime.fromisoformat(value["at"]))


def mark_moved(connection: Connection, address: str, new_id: int) -> None:
    """Mark the workspace, within the caller's transaction."""
    at = now()
    connection.execute(
        insert(WorkspaceSetting),
        {
            "id": new_id,
            "created_at": at,
            "updated_at": at,
            "row_version": new_id,
            "archived_at": None,
            "key": KEY,
            "value": {"address": address, "at": at.isoformat()},
        },
    )
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            f"CREATE TRIGGER {_TRIGGER} BEFORE UPDATE ON log_head "
            f"BEGIN SELECT RAISE(ABORT, '{MOVED}'); END"
        )
        return
    connection.exec_driver_sql(
        f"CREATE OR REPLACE FUNCTION {_TRIGGER}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{MOVED}'; END $$"
    )
    connection.exec_driver_sql(
        f"CREATE TRIGGER {_TRIGGER} BEFORE UPDATE ON log_head "
        f"FOR EACH ROW EXECUTE FUNCTION {_TRIGGER}()"
    )


def take_back(url: URL, *, shared: bool = False) -> bool:
    """Let a workspace that was moved be used again; return whether it was moved at all.

    For the day the new place is given up: from then on the two go different ways.
    """
    database = Database(url, ChangeFeed(), shared=shared)
    try:
        with database.engine.connect().execution_options(closeknit="write") as connection:
            was_moved = unmark_moved(connection)
            connection.commit()
    except DBAPIError as error:
        raise fault_of(error, database) from error
    finally:
        database.dispose()
    return was_moved


def unmark_moved(connection: Connection) -> bool:
    """Take the mark away, within the caller's transaction; return whether there was one."""
    on_log_head = " ON log_head" if connection.dialect.name == "postgresql" else ""
    connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {_TRIGGER}{on_log_head}")
    gone = connection.execute(text("DELETE FROM workspace_setting WHERE key = :key"), {"key": KEY})
    return bool(gone.rowcount)


__all__ = ["KEY", "Moved", "mark_moved", "moved_to", "unmark_moved"]
