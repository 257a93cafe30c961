"""Working time for the tickets of the demo, by the workspace's own hours."""

from datetime import date, datetime, time, timedelta

from app.commands.settings import WorkspaceSettings
from app.demo.moments import Moments
from models.values import TicketPriority


class ServiceClock:
    """Adds and measures working seconds."""

    def __init__(self, moments: Moments, settings: WorkspaceSettings) -> None:
        self._moments = moments
        self._days = frozenset(settings.working_days)
        self._free = frozenset(settings.holidays)
        self._start = time.fromisoformat(settings.working_start)
        self._end = time.fromisoformat(settings.working_end)
        self._targets = settings.targets

    def targets(self, priority: TicketPriority) -> tuple[int, int]:
        """Return the working seconds to first response and to resolution."""
        response, resolution = self._targets[priority]
        return response * 60, resolution * 60

    def add(self, moment: datetime, seconds: int) -> datetime:
        """Return the moment at which so many working seconds have passed."""
        left = timedelta(seconds=seconds)
        day = self._moments.day_of(moment)
        while True:
            span = self._span(day)
            if span is not None and span[1] > moment:
                start = max(span[0], moment)
                if start + left <= span[1]:
                    return start + left
                left -= span[1] - start
            day += timedelta(days=1)

    def between(self, start: datetime, end: datetime) -> int:
        """Return the working seconds from start to end."""
        day, total = self._moments.day_of(start), timedelta()
        while day <= self._moments.day_of(end):
            span = self._span(day)
            if span is not None:
                total += max(timedelta(), min(end, span[1]) - max(start, span[0]))
            day += timedelta(days=1)
        return int(total.total_seconds())

    def _span(self, day: date) -> tuple[datetime, datetime] | None:
        if day.weekday() not in self._days or day in self._free:
            return None
        at = self._moments.at
        return (
            at(day, self._start.hour, self._start.minute),
            at(day, self._end.hour, self._end.minute),
        )
