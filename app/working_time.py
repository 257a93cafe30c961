"""Working time: the hours between opening and closing, on working days, in one time zone.

Promises to customers run in working time. All moments in and out are aware; the hours are wall
clock hours of the workspace's zone, so a day on which the clocks change has what its wall shows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

_DAY: Final = timedelta(days=1)
_FURTHEST: Final = 20_000  # days; a calendar that never opens must not loop for ever


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """When we work; days count from Monday = 0."""

    days: frozenset[int]
    start: time
    end: time
    zone: tzinfo
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a calendar without any working time."""
        if not self.days or self.start >= self.end:
            raise ValueError("a calendar needs working days and hours")

    def is_working_day(self, day: date) -> bool:
        """Tell whether we work on a day."""
        return day.weekday() in self.days and day not in self.holidays

    def add(self, moment: datetime, seconds: float) -> datetime:
        """Return the moment by which so many working seconds have passed, in UTC."""
        left = timedelta(seconds=max(0.0, seconds))
        if not left:
            return moment.astimezone(UTC)
        for opens, closes in self._spans(moment):
            if closes - opens >= left:
                return opens + left
            left -= closes - opens
        raise AssertionError  # the spans end by an error of their own

    def between(self, earlier: datetime, later: datetime) -> float:
        """Return the working seconds between two moments; 0 for a span that runs backwards."""
        total = timedelta()
        if later <= earlier:
            return 0.0
        for opens, closes in self._spans(earlier, later):
            total += closes - opens
        return total.total_seconds()

    def next_start(self, moment: datetime) -> datetime:
        """Return the moment itself in working time, else when work begins again, in UTC."""
        for opens, _ in self._spans(moment):
            return opens
        raise AssertionError

    def is_working(self, moment: datetime) -> bool:
        """Tell whether the clocks run at a moment."""
        return self.next_start(moment) == moment

    def _hours(self, day: date) -> tuple[datetime, datetime]:
        return (
            datetime.combine(day, self.start, self.zone).astimezone(UTC),
            datetime.combine(day, self.end, self.zone).astimezone(UTC),
        )

    def _spans(
        self, moment: datetime, until: datetime | None = None
    ) -> Iterator[tuple[datetime, datetime]]:
        """Yield the stretches of work from a moment on, the first and last cut to fit, in UTC."""
        at = moment.astimezone(UTC)
        last = until.astimezone(UTC) if until is not None else None
        day = moment.astimezone(self.zone).date()
        for _ in range(_FURTHEST):
            if self.is_working_day(day):
                opens, closes = self._hours(day)
                if last is not None and opens >= last:
                    return
                opens, closes = max(opens, at), min(closes, last) if last is not None else closes
                if opens < closes:
                    yield opens, closes
            elif last is not None and datetime.combine(day, time(), self.zone) >= last:
                return
            day += _DAY
        if last is None:
            raise ValueError("no working time within fifty years")
