"""Moments of an office's life, counted from the moment the demo is made."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from models.clock import local_zone

_STEP = timedelta(minutes=25)
_SATURDAY = 5


class Moments:
    """Days and office hours around `now`, in the computer's time zone."""

    def __init__(self, now: datetime) -> None:
        # Whole hours: two makings within one hour agree to the second.
        self.now = now.replace(minute=0, second=0, microsecond=0)
        self.zone = local_zone()
        self.today = self.now.astimezone(self.zone).date()

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """Return a local time of a day as a moment in UTC."""
        return datetime.combine(day, time(hour, minute), self.zone).astimezone(UTC)

    def day_of(self, moment: datetime) -> date:
        """Return the local day of a moment."""
        return moment.astimezone(self.zone).date()

    def ago(self, days: int) -> date:
        """Return the day so many days before today."""
        return self.today - timedelta(days=days)

    def office(self, day: date, rng: random.Random) -> datetime:
        """Return a moment in the office hours of a day, never in the future."""
        return min(self.at(day, rng.randint(8, 17), rng.randrange(60)), self.now)

    def between(self, start: datetime, end: datetime, share: float, rng: random.Random) -> datetime:
        """Return an office moment about that far on the way from start to end."""
        day = self.day_of(start + (end - start) * share)
        return min(max(self.office(workday(day), rng), start), end)


def workday(day: date) -> date:
    """Return the day itself, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - _SATURDAY + 1))


def in_order(moments: Sequence[datetime]) -> list[datetime]:
    """Return moments that rise from the first to the last, both of which stay."""
    kept = list(moments)
    last = len(kept) - 1
    for i in range(last - 1, 0, -1):
        kept[i] = min(kept[i], kept[i + 1] - _STEP)
    for i in range(1, last):
        kept[i] = max(kept[i], kept[i - 1] + timedelta(minutes=1))
    return kept


def months_back(day: date, months: int) -> date:
    """Return the first day of the month so many months before."""
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)
