"""Dates as people write them; the order of day and month is decided per column."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Final

_LONGEST: Final = 200  # characters of a date with time, zone and words
_THREE: Final = re.compile(
    r"^(\d{1,4})([-./ ])\s*(\d{1,2})\2\s*(\d{1,4})(?:\.|,)?(?:[T\s,]+(.+))?$"
)
_COMPACT: Final = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?Z?)?$")
_CLOCK: Final = re.compile(
    r"^(\d{1,2})(?::(\d{2}))?(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp]\.?[Mm]\.?)?\s*"
    r"(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?$"
)
_WORDS: Final = re.compile(r"^(?:[^\W\d_]{2,}\.?,?\s+)?(\d{1,2})\.?(?:st|nd|rd|th)?[\s/-]+(?:de\s+)?([^\W\d_]+)\.?,?[\s/-]+(?:de\s+)?(\d{4}|\d{2})(?:[T\s,]+(?:at\s+|um\s+)?(.+))?$")  # fmt: skip  # noqa: E501  data, kept on its line
_WORD_FIRST: Final = re.compile(
    r"^(?:[^\W\d_]{2,}\.?,?\s+)?([^\W\d_]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?:[T\s,]+(?:at\s+)?(.+))?$"
)
_MONTHS: Final[dict[str, int]] = {}
for _number, _names in enumerate(
    (
        "jan januar january janvier enero gennaio januari ene gen jän jänner janv janeiro",
        "feb februar february février fevrier febrero febbraio februari fév fev févr fevereiro",
        "mar märz maerz march mars marzo maart mär mrz maa mrt março",
        "apr april avril abril aprile avr abr",
        "may mai mayo maggio mei mag maj maio",
        "jun juni june juin junio giugno giu junho",
        "jul juli july juillet julio luglio juil lug julho",
        "aug august août aout agosto augustus aoû ago augusti",
        "sep sept september septembre septiembre settembre set setembro",
        "oct oktober october octobre octubre ottobre okt ott outubro out",
        "nov november novembre noviembre novembro",
        "dec dezember december décembre diciembre dicembre dez déc dic desember dezembro",
    ),
    start=1,
):
    for _name in _names.split():
        _MONTHS[_name] = _number


@dataclass(frozen=True, slots=True)
class DateOrder:
    """How a column writes its dates: `order` is "dmy", "mdy" or "ymd"."""

    order: str = "dmy"
    sure: bool = False
    two_digit_first_is_year: bool = False


def guess_order(values: Iterable[str], fallback: str = "") -> DateOrder:
    """Decide the order from every date of a column: a group over 12 cannot be a month."""
    day_first = month_first = four_first = last_over_31 = first_over_31 = seen = slashes = 0
    for value in values:
        found = _THREE.match(value.strip())
        if found is None:
            continue
        seen += 1
        first, separator, middle, last = found.group(1, 2, 3, 4)
        if len(first) > 2:  # noqa: PLR2004  a year of four digits
            four_first += 1
            continue
        a, b = int(first), int(middle)
        slashes += separator == "/"
        if len(last) <= 2:  # noqa: PLR2004  a year of two digits
            first_over_31 += a > 31  # noqa: PLR2004  days
            last_over_31 += int(last) > 31  # noqa: PLR2004  days
        day_first += 12 < a <= 31  # noqa: PLR2004  months, days
        month_first += b > 12  # noqa: PLR2004  months
    if first_over_31 and not last_over_31:
        return DateOrder("ymd", sure=True, two_digit_first_is_year=True)
    if day_first or month_first:
        return DateOrder("dmy" if day_first >= month_first else "mdy", sure=True)
    if four_first and four_first == seen:
        return DateOrder("ymd", sure=True)
    if fallback:
        return DateOrder(fallback)
    return DateOrder("mdy" if slashes > seen / 2 else "dmy")


@lru_cache(maxsize=65536)
def parse_date(text: str, order: DateOrder) -> date | None:
    """Return the day that a text names, None where there is no such day."""
    parts = _split(text.strip(), order)
    return parts[0] if parts is not None else None


def parse_moment(text: str, order: DateOrder, zone: tzinfo) -> datetime | None:
    """Return the moment that a text names in UTC; one without zone is in `zone`, a day is noon."""
    tidy = text.strip()
    if tidy.isdigit() and len(tidy) in {10, 13}:  # seconds or milliseconds since 1970
        seconds = int(tidy) / (1000 if len(tidy) == 13 else 1)  # noqa: PLR2004  milliseconds
        return datetime.fromtimestamp(seconds, UTC)
    parts = _split(tidy, order)
    if parts is None:
        return None
    day, rest = parts
    if not rest:
        return at_noon(day, zone)
    found = _CLOCK.match(rest.strip())
    if found is None:
        return None
    clock = _clock(found)
    if clock is None:
        return None
    offset = found.group(5)
    return _in_utc(datetime.combine(day, clock, _zone(offset) if offset else zone))


def at_noon(day: date, zone: tzinfo) -> datetime:
    """Return noon of a day in UTC: the moment of what is known only by its day."""
    return _in_utc(datetime.combine(day, time(12), zone))


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # year 1 or 9999 at the edge of a zone
        return moment.replace(tzinfo=UTC)


def _zone(text: str) -> tzinfo:
    if text[0] not in "+-":
        return UTC
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    from datetime import timezone

    return timezone(sign * timedelta(minutes=min(minutes, 23 * 60)))


def _clock(found: re.Match[str]) -> time | None:
    hour, minute, second = (int(found.group(i) or 0) for i in (1, 2, 3))
    half = (found.group(4) or "").replace(".", "").lower()
    if not half and found.group(2) is None:
        return None  # a lone number is no time of day
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        return time(hour, minute, min(second, 59))
    except ValueError:
        return None


def _split(text: str, order: DateOrder) -> tuple[date, str] | None:
    if len(text) > _LONGEST:
        return None
    found = _THREE.match(text)
    if found is not None:
        first, _, middle, last, rest = found.groups()
        return _built(_ordered(first, middle, last, order), rest)
    found = _COMPACT.match(text)
    if found is not None:
        year, month, day, hour, minute, second = found.groups()
        rest = f"{hour}:{minute}:{second or '00'}" if hour else ""
        return _built((int(year), int(month), int(day)), rest)
    found = _WORDS.match(text)
    if found is not None:
        named = _MONTHS.get(found.group(2).casefold())
        return _built((_year(found.group(3)), named, int(found.group(1))), found.group(4))
    found = _WORD_FIRST.match(text)
    if found is not None:
        named = _MONTHS.get(found.group(1).casefold())
        return _built((_year(found.group(3)), named, int(found.group(2))), found.group(4))
    return None


def _ordered(first: str, middle: str, last: str, order: DateOrder) -> tuple[int, int, int]:
    a, b, c = int(first), int(middle), int(last)
    if len(first) > 2 or order.two_digit_first_is_year:  # noqa: PLR2004  a year comes first
        return _year(first), b, c
    if order.order == "mdy":
        # 13/02 in a month-first column can only be the other way round.
        return (_year(last), a, b) if a <= 12 else (_year(last), b, a)  # noqa: PLR2004  months
    return (_year(last), b, a) if b <= 12 else (_year(last), a, b)  # noqa: PLR2004  months


def _year(text: str) -> int:
    value = int(text)
    if len(text) > 2:  # noqa: PLR2004  written in full
        return value
    return value + (2000 if value < 70 else 1900)  # noqa: PLR2004  as POSIX strptime turns


def _built(parts: tuple[int, int | None, int], rest: str | None) -> tuple[date, str] | None:
    year, month, day = parts
    if month is None:
        return None
    try:
        return date(year, month, day), rest or ""
    except ValueError:
        return None
