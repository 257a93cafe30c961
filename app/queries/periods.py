"""Named periods, and the period of the same length that they are compared with."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from app.errors import UserError

RUNNING: Final = ("month", "quarter", "year")
PAST: Final = ("last_month", "last_quarter", "last_year", "twelve_months")
_QUARTER: Final = re.compile(r"(\d{4})-Q([1-4])")
_YEAR: Final = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both inside; a running one goes on until its `horizon`."""

    key: str
    start: date
    end: date
    horizon: date

    @property
    def days(self) -> int:
        """How many days have passed, both ends counted."""
        return (self.end - self.start).days + 1

    @property
    def is_running(self) -> bool:
        """Whether days are still to come."""
        return self.horizon > self.end

    def before(self) -> "Period":
        """Return the period of the same length that ends the day before."""
        end = self.start - timedelta(days=1)
        return Period("before", end - timedelta(days=self.days - 1), end, end)

    def year_before(self) -> "Period":
        """Return the period of the same length that began a year earlier."""
        start = _year_back(self.start)
        end = start + timedelta(days=self.days - 1)
        return Period("year_before", start, end, end)


def months_on(day: date, months: int) -> date:
    """Return the first day of the month some months after a day's."""
    place = day.year * 12 + day.month - 1 + months
    return date(place // 12, place % 12 + 1, 1)


def quarter_start(day: date) -> date:
    """Return the first day of a day's quarter."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def quarter_key(day: date) -> str:
    """Return the key of a day's quarter, such as "2017-Q4"."""
    return f"{day.year:04d}-Q{(day.month + 2) // 3}"


def named_period(key: str, day: date) -> Period:
    """Return a period by key, such as "quarter", "last_month", "2017-Q4" or "2017", from a day."""
    month, quarter = day.replace(day=1), quarter_start(day)
    starts = {
        "month": (month, 1),
        "quarter": (quarter, 3),
        "year": (date(day.year, 1, 1), 12),
        "last_month": (months_on(day, -1), 1),
        "last_quarter": (months_on(quarter, -3), 3),
        "last_year": (date(day.year - 1, 1, 1), 12),
        "twelve_months": (months_on(day, -11), 12),
    }
    if match := _QUARTER.fullmatch(key):
        starts[key] = (date(int(match[1]), int(match[2]) * 3 - 2, 1), 3)
    elif _YEAR.fullmatch(key):
        starts[key] = (date(int(key), 1, 1), 12)
    if key not in starts:
        raise UserError("There is no period “{name}”.", name=key)
    start, months = starts[key]
    last = months_on(start, months) - timedelta(days=1)
    return Period(key, start, max(start, min(day, last)), last)


def _year_back(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)
