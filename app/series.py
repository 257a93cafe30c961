"""Series of appointments as calendars write them: iCalendar text → the occurrences in a span."""

import re
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import islice
from typing import Any, Final

MOST_OCCURRENCES: Final = 5_000
MOST_SECONDS: Final = 1.5
_RULE: Final = re.compile(r"^RRULE[^:\r\n]*:([^\r\n]*)", re.MULTILINE | re.IGNORECASE)
_COUNT: Final = re.compile(r"COUNT=(\d{1,9})")
_NO_STEP: Final = re.compile(r"INTERVAL=\s*(?:-|0+(?!\d))")
_LONGEST: Final = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # days, by month
_TOO_SLOW: Final = "it takes too long"
_MOST_SLOW: Final = 1_000
_too_slow: set[str] = set()  # series that no computer has patience for
_AHEAD: Final = (timedelta(days=60), timedelta(days=400), timedelta(days=1_500))


class TooSlowError(ValueError):
    """A series takes longer to look through than anybody waits."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that an appointment of a series takes place."""

    starts_at: datetime
    ends_at: datetime
    all_day: bool
    title: str | None = None
    location: str | None = None
    cancelled: bool = False


def occurrences(series: str, begin: datetime, end: datetime, zone: tzinfo) -> list[Occurrence]:
    """Return the occurrences that touch a span, in order; `zone` is for times without one.

    A rule that cannot be read gives none: the importer has told so, and keeps the first time.
    """
    try:
        with quietly():
            found = _expander(series).between(begin.astimezone(zone), end.astimezone(zone))
        return sorted((_occurrence(x, zone) for x in found), key=lambda x: x.starts_at)
    except Exception:  # noqa: BLE001  rules of strangers; the library fails in many ways
        return []


@contextmanager
def quietly() -> Iterator[None]:
    """Leave out what the library says to programmers about strangers' calendars."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def next_after(series: str, moment: datetime, zone: tzinfo) -> Occurrence | None:
    """Return the first occurrence that starts after a moment, within some four years."""
    for ahead in _AHEAD:
        for found in occurrences(series, moment, moment + ahead, zone):
            if found.starts_at > moment and not found.cancelled:
                return found
    return None


def check_series(series: str, begin: datetime, zone: tzinfo) -> datetime | None:
    """Return when a series ends at the latest; None where it has no end, or a distant one.

    Raise ValueError where its rules cannot be read, or would keep a computer busy for ever.
    """
    if series in _too_slow:  # a file is read more than once
        raise TooSlowError(_TOO_SLOW)
    rules = [found.group(1).upper() for found in _RULE.finditer(series)]
    for rule in rules:
        if any(f"FREQ={word}" in rule for word in ("SECONDLY", "MINUTELY")) or _never(rule):
            raise ValueError("a rule of seconds or minutes, or of a day that never comes")
        if _NO_STEP.search(rule):  # it would stay on its first day for ever
            raise ValueError("it repeats every 0 times")
    try:
        return _within_seconds(lambda: _end(series, rules, begin, zone))
    except TimeoutError as error:
        if len(_too_slow) < _MOST_SLOW:
            _too_slow.add(series)
        raise TooSlowError(_TOO_SLOW) from error


def _within_seconds(work: Callable[[], datetime | None]) -> datetime | None:
    """Return what work returns; a rule that holds the library fast is left to a thread of its own.

    dateutil keeps its lock after an error in a rule: whoever asks again waits for ever.
    """
    found: list[datetime | None] = []
    errors: list[ValueError] = []

    def run() -> None:
        try:
            with quietly():
                found.append(work())
        except ValueError as error:
            errors.append(error)

    thread = threading.Thread(target=run, name="series", daemon=True)
    thread.start()
    thread.join(MOST_SECONDS)
    if errors:
        raise errors[0]
    if not found:
        raise TimeoutError
    return found[0]


def _end(series: str, rules: list[str], begin: datetime, zone: tzinfo) -> datetime | None:
    try:
        _expander(series).between(begin, begin + _AHEAD[0])
        if any("COUNT=" not in rule and "UNTIL=" not in rule for rule in rules):
            return None
        if any(int(n) > MOST_OCCURRENCES for n in _COUNT.findall(" ".join(rules))):
            return None
        found = islice(_expander(series).after(begin - timedelta(days=1)), MOST_OCCURRENCES)
        ends = [_occurrence(each, zone).ends_at for each in found]
        return max(ends, default=None) if len(ends) < MOST_OCCURRENCES else None
    except Exception as error:
        raise ValueError(str(error) or type(error).__name__) from error


def _never(rule: str) -> bool:
    """Say whether a rule names a day that none of its months has: 30 February."""
    parts = dict(part.split("=", 1) for part in rule.split(";") if "=" in part)
    months, days = _numbers(parts.get("BYMONTH")), _numbers(parts.get("BYMONTHDAY"))
    if not days:
        return False
    return all(abs(day) > max(_LONGEST[month % 13] for month in months or [1]) for day in days)


def _numbers(text: str | None) -> list[int]:
    found = (text or "").split(",")
    return [int(each) for each in found if each.strip().lstrip("+-").isdecimal()]


@lru_cache(maxsize=256)
def _expander(series: str) -> Any:
    import recurring_ical_events
    from icalendar import Calendar

    return recurring_ical_events.of(Calendar.from_ical(series))


def _occurrence(found: Any, zone: tzinfo) -> Occurrence:
    start: date | datetime = found["DTSTART"].dt
    end: date | datetime = found["DTEND"].dt if "DTEND" in found else start
    all_day = not isinstance(start, datetime)
    return Occurrence(
        starts_at=moment_of(start, zone),
        ends_at=max(moment_of(end, zone), moment_of(start, zone)),
        all_day=all_day,
        title=str(found["SUMMARY"]) if "SUMMARY" in found else None,
        location=str(found["LOCATION"]) if "LOCATION" in found else None,
        cancelled=str(found.get("STATUS", "")).upper() == "CANCELLED",
    )


def moment_of(value: date | datetime, zone: tzinfo) -> datetime:
    """Return a calendar's day or time as a moment; a day begins at midnight of the zone."""
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001  gets its zone below
    return value if value.tzinfo is not None else value.replace(tzinfo=zone)
