"""Who has the workspace open, since when, on which computer; advisory, never a lock.

The rows are no history: they make no step, so that nobody's pages wake for them.
"""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.recorder import writes_allowed
from app.sharing.machine import host_name, this_machine
from app.sharing.versions import VERSION
from models.clock import now
from models.records import User
from models.sharing_records import Presence

BEAT_SECONDS: Final = 60.0
STALE_AFTER: Final = timedelta(minutes=3)
FORGET_AFTER: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Attendant:
    """One running program that has the workspace open, or had when its computer died."""

    process: str
    user_id: int | None
    user: str | None
    host: str
    machine: str
    version: str
    since: datetime
    seen: datetime
    read_only: bool
    this_process: bool
    stale: bool  # not heard of for three minutes: shown grey


class Attendance:
    """This process's own row."""

    def __init__(self, process: str) -> None:
        self.process = process
        self._opened_at = now()

    def beat(self, session: Session, user_id: int | None) -> None:
        """Say that this process is in, in the transaction of whoever calls."""
        moment = stamp(session)
        values = {
            "user_id": user_id,
            "seen_at": moment,
            "version": VERSION,
        }
        with writes_allowed(session):
            known = session.execute(
                update(Presence)
                .where(Presence.process == self.process)
                .values(**values)
                .returning(Presence.process)
            ).scalar()
            if known is not None:
                return
            session.execute(delete(Presence).where(Presence.seen_at < moment - FORGET_AFTER))
            session.execute(
                insert(Presence),
                {
                    **values,
                    "process": self.process,
                    "host": host_name()[:255],
                    "machine": this_machine()[:64],
                    "pid": os.getpid(),
                    "read_only": False,
                    "opened_at": min(self._opened_at, moment),
                },
            )

    def leave(self, session: Session) -> None:
        """Take the row away."""
        with writes_allowed(session):
            session.execute(delete(Presence).where(Presence.process == self.process))


def stamp(session: Session) -> datetime:
    """Return the moment that everybody who shares this store goes by: the server's, or ours."""
    if session.get_bind().dialect.name == "postgresql":
        moment = session.execute(select(func.clock_timestamp())).scalar_one()
        assert isinstance(moment, datetime)  # noqa: S101  what PostgreSQL says
        return moment
    return now()


def who(session: Session, *, process: str = "") -> list[Attendant]:
    """Return who is in, the longest first; `process` is the asking one."""
    fresh = stamp(session) - STALE_AFTER
    rows = session.execute(
        select(Presence, User.name)
        .outerjoin(User, User.id == Presence.user_id)
        .order_by(Presence.opened_at, Presence.process)
    )
    return [
        Attendant(
            process=row.process,
            user_id=row.user_id,
            user=name,
            host=row.host,
            machine=row.machine,
            version=row.version,
            since=row.opened_at,
            seen=row.seen_at,
            read_only=row.read_only,
            this_process=row.process == process,
            stale=row.seen_at < fresh,
        )
        for row, name in rows
    ]
