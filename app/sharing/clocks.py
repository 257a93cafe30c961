"""Tells when this computer's clock is far from those of the others or of the server.

A stamp of somebody else that lies ahead of us says that one of two clocks is wrong. That ours runs
ahead shows only by a heartbeat that has come in since we looked last, or by a server's own clock.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import EnvironmentFault
from models.clock import now
from models.records import ChangeStep
from models.sharing_records import Presence

TOLERANCE: Final = timedelta(minutes=3)
_BEHIND: Final = "This computer's clock is {minutes} minutes behind that of {other}."
_AHEAD: Final = "This computer's clock is {minutes} minutes ahead of that of {other}."
_REMEDY: Final = "Set the clock that is wrong: due times, reminders and the history go by it."


class ClockCheck:
    """Compares our clock with the stamps of others; remembers which heartbeats it has seen."""

    def __init__(self, process: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.process = process
        self._monotonic = monotonic
        self._seen: dict[str, datetime] = {}
        self._looked_at: float | None = None

    def look(self, session: Session) -> EnvironmentFault | None:
        """Return a warning where a clock differs by over three minutes; None where none does."""
        moment = now()
        if session.get_bind().dialect.name == "postgresql":
            server = session.execute(select(func.clock_timestamp())).scalar_one()
            return _warning(moment - server, "the database server")
        beats = self._beats_of_others(session)
        newest = max(
            [*((at, host) for _, host, at in beats), *_newest_step(session)],
            default=(moment, ""),
        )
        behind = _warning(min(moment - newest[0], timedelta(0)), newest[1])
        return behind or self._ahead(beats, moment)

    def _beats_of_others(self, session: Session) -> list[tuple[str, str, datetime]]:
        rows = session.execute(
            select(Presence.process, Presence.host, Presence.seen_at).where(
                Presence.process != self.process
            )
        )
        return [(row.process, row.host, row.seen_at) for row in rows]

    def _ahead(
        self, beats: list[tuple[str, str, datetime]], moment: datetime
    ) -> EnvironmentFault | None:
        """Compare the heartbeats that came since the last look: none can be older than that."""
        tick = self._monotonic()
        before, self._looked_at = self._looked_at, tick
        known, self._seen = self._seen, {process: at for process, _, at in beats}
        if before is None:
            return None
        earliest = moment - timedelta(seconds=tick - before)
        for process, host, at in beats:
            if process in known and known[process] != at:
                warning = _warning(max(earliest - at, timedelta(0)), host)
                if warning is not None:
                    return warning
        return None


def _newest_step(session: Session) -> list[tuple[datetime, str]]:
    newest = session.scalar(select(ChangeStep.at).order_by(ChangeStep.n.desc()).limit(1))
    return [(newest, "another computer")] if newest is not None else []


def _warning(difference: timedelta, other: str) -> EnvironmentFault | None:
    if abs(difference) <= TOLERANCE:
        return None
    return EnvironmentFault(
        _AHEAD if difference > timedelta(0) else _BEHIND,
        remedy=_REMEDY,
        minutes=round(abs(difference).total_seconds() / 60),
        other=other,
    )
