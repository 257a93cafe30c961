"""Work that one process of all does: who holds it, when it passes on, and why never two act.

Who acts is decided inside the transaction that does the work: it reads the lease's row, and all
writers of a workspace come one after the other. A holder that slept finds another `turn` there
and does nothing. Clocks decide only how soon a dead holder is replaced, never who may act; and as
two computers' clocks differ, each observer counts by its own monotonic clock since it saw the row
change last. On PostgreSQL the server's clock is everybody's.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

from sqlalchemy import event, insert, select, update
from sqlalchemy.orm import Session

from app.recorder import writes_allowed
from app.sharing.presence import stamp
from models.sharing_records import JobLease, Presence

T = TypeVar("T")

LEASE_SECONDS: Final = 40.0
RENEW_SECONDS: Final = 15.0  # two renewals may fail before another takes over
_PENDING: Final = "job_turns"
LOOK_SECONDS: Final = 5.0  # seen ≤ 5 s after a renewal + 40 s of silence + 5 s: within a minute


class Turn(StrEnum):
    """What an observer should do about a lease."""

    RENEW = "renew"  # it is ours, and it is time
    TAKE = "take"  # nobody's, or its holder fell silent
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class _Row:
    process: str
    turn: int
    until: datetime


class JobLeases:
    """The leases of one workspace as this process sees them; used from any thread."""

    def __init__(
        self,
        process: str,
        host: str,
        *,
        seconds: float = LEASE_SECONDS,
        renew_seconds: float = RENEW_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.process, self.host = process, host
        self.seconds, self.renew_seconds = seconds, renew_seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[_Row, float]] = {}
        self._turns: dict[str, int] = {}  # of the leases that we took and have not lost

    def is_held(self, name: str) -> bool:
        """Say whether the lease was ours when we looked last; the work itself looks again."""
        with self._lock:
            return name in self._turns

    def look(self, session: Session, name: str) -> Turn:
        """Observe a lease without writing; call it every few seconds."""
        row = _stored(session, name)
        if row is None or not row.process:
            return Turn.TAKE
        if self._is_ours(session, name, row):
            due = self._observe(name, row) >= self.renew_seconds and self._is_observed(session)
            return Turn.RENEW if due else Turn.WAIT
        self._lose(name)
        return Turn.TAKE if self._is_silent(session, name, row) else Turn.WAIT

    def claim(self, session: Session, name: str) -> bool:
        """Take a free or silent lease, or renew ours, in a transaction; False: it is another's."""
        row = _stored(session, name)
        if row is None:
            self._store(session, name, 1, is_new=True)
        elif self._is_ours(session, name, row):
            self._store(session, name, row.turn)
        elif not row.process or self._is_silent(session, name, row):
            self._store(session, name, row.turn + 1)
        else:
            self._lose(name)
            return False
        return True

    def release(self, session: Session, name: str) -> None:
        """Give a lease back, so that the next may take it at once."""
        row = _stored(session, name)
        if row is not None and self._is_ours(session, name, row):
            with writes_allowed(session):
                session.execute(update(JobLease).where(JobLease.name == name).values(process=""))
        self._lose(name)

    def elected(self, name: str, command: Callable[..., T]) -> Callable[..., T | None]:
        """Return the command as one that does nothing unless the lease is ours as it runs."""

        def run(session: Session, **fields: Any) -> T | None:
            return command(session, **fields) if self.claim(session, name) else None

        return run

    def _is_ours(self, session: Session, name: str, row: _Row) -> bool:
        with self._lock:
            turn = (self._turns | session.info.get(_PENDING, {})).get(name)
        return row.process == self.process and row.turn == turn

    def _is_silent(self, session: Session, name: str, row: _Row) -> bool:
        if _is_server(session):
            return row.until <= stamp(session)
        return self._observe(name, row) >= self.seconds

    def _observe(self, name: str, row: _Row) -> float:
        """Return for how many seconds, by our own clock, we have seen the row as it is."""
        moment = self._monotonic()
        with self._lock:
            seen = self._seen.get(name)
            if seen is None or seen[0] != row:
                self._seen[name] = row, moment
                return 0.0
            return moment - seen[1]

    def _is_observed(self, session: Session) -> bool:
        """Say whether anybody else is in; alone, the lease needs no renewal and the disk no write.

        Whoever comes in meanwhile may take it from us after a while: then it is theirs.
        """
        others = select(Presence.process).where(
            Presence.process != self.process, Presence.read_only.is_(False)
        )
        return session.scalar(others.limit(1)) is not None

    def _lose(self, name: str) -> None:
        with self._lock:
            self._turns.pop(name, None)

    def _store(self, session: Session, name: str, turn: int, *, is_new: bool = False) -> None:
        until = stamp(session) + timedelta(seconds=self.seconds)
        values = {"process": self.process, "host": self.host[:255], "turn": turn, "until": until}
        with writes_allowed(session):
            if is_new:
                session.execute(insert(JobLease), {"name": name} | values)
            else:
                session.execute(update(JobLease).where(JobLease.name == name).values(**values))
        session.info.setdefault(_PENDING, {})[name] = turn
        # Only what is committed is ours; a unit that is run again starts from what is stored.
        event.listen(
            session, "after_commit", lambda _session: self._take(name, turn, until), once=True
        )

    def _take(self, name: str, turn: int, until: datetime) -> None:
        with self._lock:
            self._turns[name] = turn
            self._seen[name] = _Row(self.process, turn, until), self._monotonic()


def _stored(session: Session, name: str) -> _Row | None:
    found = session.execute(
        select(JobLease.process, JobLease.turn, JobLease.until).where(JobLease.name == name)
    ).first()
    return _Row(found.process, found.turn, found.until) if found is not None else None


def _is_server(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
