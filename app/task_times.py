"""When tasks are due: buckets, what "snooze" may mean, and words such as "in 3 days"."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from models.values import TaskBucket, fold

MORNING: Final = time(9, 0)  # when a day "begins" for reminders and snoozing
EVENING: Final = time(18, 0)
_SUNDAY: Final = 6


@dataclass(frozen=True, slots=True)
class SnoozeChoice:
    """One way to snooze; without a moment it waits until the customer has answered."""

    key: str
    until: datetime | None


def bucket_of(
    due_at: datetime | None, now: datetime, zone: tzinfo, *, all_day: bool = False
) -> TaskBucket:
    """Return where a task stands; an all-day task is overdue only when its day is over."""
    if due_at is None:
        return TaskBucket.LATER
    day, today = due_at.astimezone(zone).date(), now.astimezone(zone).date()
    if day < today or (not all_day and due_at < now):
        return TaskBucket.OVERDUE
    if day == today:
        return TaskBucket.TODAY
    if day == today + timedelta(days=1):
        return TaskBucket.TOMORROW
    return TaskBucket.THIS_WEEK if day <= week_end(today) else TaskBucket.LATER


def week_end(day: date) -> date:
    """Return the Sunday of a day's week."""
    return day + timedelta(days=_SUNDAY - day.weekday())


def at_clock(day: date, clock: time, zone: tzinfo) -> datetime:
    """Return the moment at which a zone's wall clock shows this."""
    return datetime.combine(day, clock, zone).astimezone(UTC)


def snooze_choices(now: datetime, zone: tzinfo) -> list[SnoozeChoice]:
    """Return the ways to snooze; "this evening" only while it is still ahead."""
    today = now.astimezone(zone).date()
    evening = at_clock(today, EVENING, zone)
    monday = today + timedelta(days=7 - today.weekday())
    found = [
        SnoozeChoice("ten_minutes", now + timedelta(minutes=10)),
        SnoozeChoice("one_hour", now + timedelta(hours=1)),
    ]
    if evening > now + timedelta(hours=1):
        found.append(SnoozeChoice("this_evening", evening))
    found += [
        SnoozeChoice("tomorrow", at_clock(today + timedelta(days=1), MORNING, zone)),
        SnoozeChoice("monday", at_clock(monday, MORNING, zone)),
        SnoozeChoice("until_answered", None),
    ]
    return found


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed, taken apart: the title, and the due moment or day in it."""

    title: str
    due_at: datetime | None = None
    all_day: bool = False
    words: str = ""  # the part that was understood as a date


_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS: Final = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_MONTH: Final = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in _MONTHS)
_COUNTED: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBERS: Final = {word: n for n, word in enumerate(_COUNTED, 1)} | {"a": 1, "an": 1}
_UNIT_DAYS: Final = {"day": 1, "week": 7}
_DAY: Final = re.compile(
    r"\b(?:(?:on|by|for|at)\s+)?(?:"
    r"(?P<near>today|tonight|tomorrow|day after tomorrow)"
    rf"|in\s+(?P<count>\d{{1,3}}|{'|'.join(_NUMBERS)})\s+"
    r"(?P<unit>minute|min|hour|day|week|month|year)s?"
    r"|(?P<next>next\s+)(?P<period>week|month)"
    rf"|(?:next\s+|this\s+)?(?P<weekday>{'|'.join(_WEEKDAYS)}|mon|tue|wed|thu|fri)"
    r"|(?P<iso>\d{4}-\d{2}-\d{2})"
    rf"|(?P<dom>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?P<month>{_MONTH})"
    r")\b",
    re.IGNORECASE,
)
_CLOCK: Final = re.compile(
    r"\b(?:at\s+)?(?:(?P<h>[01]?\d|2[0-3]):(?P<m>[0-5]\d)(?:\s*(?P<half>am|pm))?"
    r"|(?P<h2>1[0-2]|[1-9])\s*(?P<half2>am|pm)|at\s+(?P<h3>[01]?\d|2[0-3])(?:\s*h)?)\b",
    re.IGNORECASE,
)


def parse_task(text: str, now: datetime, zone: tzinfo) -> Typed:
    """Take "call back in 3 days at 14:00" apart; what is no date stays in the title."""
    plain = " ".join(text.split())
    day_found = None
    for candidate in _DAY.finditer(plain):
        if _day_of(candidate, now.astimezone(zone)) is not None:
            day_found = candidate  # the last one: "ask about Monday's order tomorrow"
    clock_found = None
    for candidate in _CLOCK.finditer(plain):
        if day_found is None or not _overlap(candidate.span(), day_found.span()):
            clock_found = candidate
    if day_found is None and clock_found is None:
        return Typed(plain)
    return _typed(plain, day_found, clock_found, now, zone)


def _typed(
    plain: str,
    day_found: re.Match[str] | None,
    clock_found: re.Match[str] | None,
    now: datetime,
    zone: tzinfo,
) -> Typed:
    here = now.astimezone(zone)
    spans = sorted(found.span() for found in (day_found, clock_found) if found is not None)
    title = plain
    for begin, end in reversed(spans):
        title = f"{title[:begin].rstrip()} {title[end:].lstrip()}"
    title = title.strip(" ,;:-") or plain
    words = " ".join(plain[begin:end] for begin, end in spans)
    if day_found is not None and (soon := _soon(day_found, now)) is not None:
        return Typed(title, soon, all_day=False, words=words)
    day = _day_of(day_found, here) if day_found is not None else here.date()
    assert day is not None  # noqa: S101  only matches with a day come here
    clock = _clock_of(clock_found) if clock_found is not None else None
    if clock is None and day_found is not None and _word(day_found, "near") == "tonight":
        clock = EVENING
    if clock is None:
        return Typed(title, at_clock(day, time(), zone), all_day=True, words=words)
    due = at_clock(day, clock, zone)
    if day_found is None and due <= now:
        due = at_clock(day + timedelta(days=1), clock, zone)
    return Typed(title, due, all_day=False, words=words)


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _word(found: re.Match[str], group: str) -> str:
    return (found[group] or "").lower()


def _count(found: re.Match[str]) -> int:
    word = _word(found, "count")
    return int(word) if word.isdigit() else _NUMBERS[fold(word)]


def _soon(found: re.Match[str], now: datetime) -> datetime | None:
    unit = _word(found, "unit")
    if unit in {"minute", "min"}:
        return now + timedelta(minutes=_count(found))
    return now + timedelta(hours=_count(found)) if unit == "hour" else None


def _day_of(found: re.Match[str], here: datetime) -> date | None:
    today = here.date()
    near = {"today": 0, "tonight": 0, "tomorrow": 1, "day after tomorrow": 2}
    if word := _word(found, "near"):
        return today + timedelta(days=near[word])
    if unit := _word(found, "unit"):
        return _later(today, _count(found), unit)
    if period := _word(found, "period"):
        monday = today + timedelta(days=7 - today.weekday())
        return monday if period == "week" else _later(today.replace(day=1), 1, "month")
    if word := _word(found, "weekday"):
        wanted = next(i for i, name in enumerate(_WEEKDAYS) if name.startswith(word))
        return today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)
    return _calendar_day(found, today)


def _calendar_day(found: re.Match[str], today: date) -> date | None:
    try:
        if word := _word(found, "iso"):
            return date.fromisoformat(word)
        begins = _word(found, "month")
        month = next(i for i, name in enumerate(_MONTHS, 1) if name.startswith(begins))
        day = date(today.year, month, int(found["dom"]))
        return day if day >= today else day.replace(year=today.year + 1)
    except ValueError:  # 31 June
        return None


def _later(day: date, count: int, unit: str) -> date:
    if unit in _UNIT_DAYS:
        return day + timedelta(days=count * _UNIT_DAYS[unit])
    if unit in {"month", "year"}:
        from dateutil.relativedelta import relativedelta

        return day + relativedelta(months=count * (12 if unit == "year" else 1))
    return day


def _clock_of(found: re.Match[str]) -> time:
    hour = int(found["h"] or found["h2"] or found["h3"])
    half = (found["half"] or found["half2"] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, int(found["m"] or 0))
