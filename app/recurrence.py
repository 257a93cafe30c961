"""Repeating moments: RRULE in a person's zone, correct across daylight-saving changes.

Beside RFC 5545 a rule may hold `X-BEFORE=30`: each occurrence lies that many days before the
moment the rest of the rule names ("every year, 30 days before the contract ends").
"""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final

from app.errors import UserError

MAX_RULE: Final = 300
MAX_BEFORE: Final = 3660
SHORTEST_MONTH: Final = 28
DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FREQUENCIES: Final = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
_UNTIL: Final = re.compile(r"UNTIL=(\d{8}T\d{6})Z")
_SLACK: Final = timedelta(hours=3)  # more than any daylight-saving change


def daily(every: int = 1) -> str:
    """Return the rule "every n days"."""
    return _rule("DAILY", every)


def weekly(days: Collection[int], every: int = 1) -> str:
    """Return the rule "on these weekdays" (Monday = 0)."""
    return _rule("WEEKLY", every, "BYDAY=" + ",".join(DAYS[day] for day in sorted(days)))


def monthly_on_day(day: int, every: int = 1) -> str:
    """Return the rule "on this day of the month", its last day where it is shorter."""
    return _rule("MONTHLY", every, _month_day(day))


def monthly_on_weekday(nth: int, weekday: int, every: int = 1) -> str:
    """Return the rule "on the nth weekday of the month"; -1 is the last."""
    return _rule("MONTHLY", every, f"BYDAY={nth}{DAYS[weekday]}")


def yearly(month: int, day: int) -> str:
    """Return the rule "on this day each year"; 29 February is the 28th in other years."""
    return _rule("YEARLY", 1, f"BYMONTH={month}", _month_day(day))


def yearly_before(end: date, days: int) -> str:
    """Return the rule "every year, so many days before this day" (a contract's end)."""
    return f"{yearly(end.month, end.day)};X-BEFORE={days}"


def checked_rule(text: str | None, *, field: str = "repeat_rule") -> str | None:
    """Return a rule in one spelling, None for none; UserError for what is no rule."""
    rule = (text or "").strip().upper().removeprefix("RRULE:")
    if not rule:
        return None
    try:
        plain, before = _split(rule)
        parts = dict(part.split("=", 1) for part in plain.split(";"))
        fine = parts.get("FREQ") in _FREQUENCIES and 0 <= before <= MAX_BEFORE
        _parsed(plain, datetime(2026, 1, 1), UTC)  # noqa: DTZ001  rules run on naive local time
    except (ValueError, KeyError, TypeError, IndexError):
        fine = False
    if not fine or len(rule) > MAX_RULE:
        raise UserError(
            "“{rule}” is no way to repeat that Closeknit knows.", field=field, rule=text
        )
    return rule


def next_occurrence(
    rule: str, start: datetime, after: datetime, zone: tzinfo, *, not_before: datetime | None = None
) -> datetime | None:
    """Return the first occurrence later than `after`, None when the rule has ended.

    `start` is the first occurrence; the hour on the zone's wall clock stays the same all year.
    With `not_before`, missed occurrences are passed over but for the last of them.
    """
    found = _after(rule, start, after, zone)
    if found is None or not_before is None or found > not_before:
        return found
    last = _before(rule, start, not_before, zone)
    return last if last is not None and last > found else found


def _after(rule: str, start: datetime, after: datetime, zone: tzinfo) -> datetime | None:
    parsed, shift = _prepared(rule, start, zone)
    wall = _wall(after, zone) + shift - _SLACK
    while (wall := parsed.after(wall)) is not None:
        moment = _moment(wall - shift, zone)
        if moment > after:
            return moment
    return None


def _before(rule: str, start: datetime, moment: datetime, zone: tzinfo) -> datetime | None:
    parsed, shift = _prepared(rule, start, zone)
    wall = _wall(moment, zone) + shift + _SLACK
    while (wall := parsed.before(wall, inc=True)) is not None:
        found = _moment(wall - shift, zone)
        if found <= moment:
            return found
        wall -= timedelta(seconds=1)
    return None


def _prepared(rule: str, start: datetime, zone: tzinfo) -> tuple[Any, timedelta]:
    plain, before = _split(rule)
    shift = timedelta(days=before)
    return _parsed(plain, _wall(start, zone) + shift, zone), shift


def _wall(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _moment(wall: datetime, zone: tzinfo) -> datetime:
    # An hour that does not exist becomes the one after the change, a doubled hour the first.
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _parsed(plain: str, start: datetime, zone: tzinfo) -> Any:
    from dateutil.rrule import rrulestr

    local = _UNTIL.sub(lambda found: "UNTIL=" + _local_until(found[1], zone), plain)
    return rrulestr(local, dtstart=start)


def _local_until(text: str, zone: tzinfo) -> str:
    moment = datetime.strptime(text, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return _wall(moment, zone).strftime("%Y%m%dT%H%M%S")


def _split(rule: str) -> tuple[str, int]:
    parts = rule.split(";")
    plain = ";".join(part for part in parts if not part.startswith("X-BEFORE="))
    before = [int(part.partition("=")[2]) for part in parts if part.startswith("X-BEFORE=")]
    return plain, sum(before)


def _rule(frequency: str, every: int, *parts: str) -> str:
    interval = [f"INTERVAL={every}"] if every != 1 else []
    return ";".join([f"FREQ={frequency}", *interval, *parts])


def _month_day(day: int) -> str:
    if day <= SHORTEST_MONTH:
        return f"BYMONTHDAY={day}"
    return "BYMONTHDAY=" + ",".join(map(str, range(SHORTEST_MONTH, day + 1))) + ";BYSETPOS=-1"
