"""Money, numbers, dates and names as a person of this locale writes them.

English uses one house style for every currency and country: ``€ 36 500``, ``34 %``, ``09:12``.
Other languages follow their QLocale.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from PySide6.QtCore import QLocale, QTime

from models.values import currency_exponent
from views.shared.text import tr, tr_n

NBSP: Final = "\u00a0"
GROUP_SPACE: Final = "\u00a0"  # as wide as in the mock-ups; U+202F is too tight at 13 px
MINUS: Final = "\u2212"
DASH: Final = "\u2013"
SYMBOLS: Final = {
    "EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CNY": "CN¥", "INR": "₹", "KRW": "₩",
    "UAH": "₴", "ILS": "₪", "TRY": "₺", "VND": "₫", "PLN": "zł", "CZK": "Kč", "BRL": "R$",
    "CAD": "CA$", "AUD": "A$", "NZD": "NZ$", "MXN": "MX$", "HKD": "HK$", "SGD": "S$",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Rules:
    """What the number formats need of a locale, looked up once."""

    locale: QLocale
    house: bool
    point: str
    group: str
    money: str
    percent: str


def _rules_of(locale: QLocale) -> _Rules:
    house = locale.language() in {QLocale.Language.English, QLocale.Language.C}
    if house:
        return _Rules(locale, True, ".", GROUP_SPACE, f"¤{NBSP}1", f"1{NBSP}%")
    pattern = locale.toCurrencyString(1.0, "¤", 0).replace("\u200e", "").replace("\u200f", "")
    one = locale.toString(1)
    percent = f"1{NBSP}%" if pattern.endswith("¤") else "1%"
    return _Rules(
        locale,
        False,
        locale.decimalPoint(),
        locale.groupSeparator(),
        pattern.replace(one, "1"),
        percent,
    )


def _wall_clock() -> datetime:
    return datetime.now(UTC).astimezone()


class _Current:
    """The locale and the clock in force."""

    rules = _rules_of(QLocale())
    now: Callable[[], datetime] = staticmethod(_wall_clock)


def locale() -> QLocale:
    """Give the locale in force."""
    return _Current.rules.locale


def set_locale(chosen: QLocale) -> None:
    """Write everything by this locale from now on."""
    QLocale.setDefault(chosen)
    _Current.rules = _rules_of(chosen)


def set_clock(now: Callable[[], datetime] | None = None) -> None:
    """Take now, with its zone, from elsewhere: the workspace's clock, or a test's."""
    _Current.now = staticmethod(now or _wall_clock)


def local(moment: datetime) -> datetime:
    """Turn a moment into the person's own time; one without a zone is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(_Current.now().tzinfo) if _frozen() else aware.astimezone()


def _frozen() -> bool:
    return _Current.now is not _wall_clock


def from_local(day: date, clock: time) -> datetime:
    """Turn a day and a time on the person's clock into a moment with its zone."""
    wall = datetime.combine(day, clock)
    return wall.replace(tzinfo=_Current.now().tzinfo) if _frozen() else wall.astimezone()


def today_here() -> date:
    """Give today's date where the person is."""
    return _Current.now().date()


# --- numbers and money


def _grouped(digits: str) -> str:
    # Four digits stay together in German and others only by taste; the mock-ups group them.
    return f"{int(digits):,}".replace(",", _Current.rules.group)


def number(value: float | Decimal, decimals: int = 0) -> str:
    """Write a number with the locale's groups: ``1 204``."""
    text = f"{value:.{decimals}f}"
    sign = MINUS if text.startswith("-") and any(c in "123456789" for c in text) else ""
    whole, _, part = text.lstrip("-").partition(".")
    return sign + _grouped(whole) + (_Current.rules.point + part if part else "")


def percent(share: float | Decimal | None, decimals: int = 0) -> str:
    """Write a share of one as percent: ``34 %``."""
    if share is None:
        return DASH
    return _Current.rules.percent.replace("1", number(Decimal(str(share)) * 100, decimals))


def signed(value: float | Decimal, decimals: int = 0) -> str:
    """Write a change with its sign: ``+7``, a true minus sign, ``0``."""
    text = number(value, decimals)
    return f"+{text}" if value > 0 and any(c in "123456789" for c in text) else text


def currency_symbol(currency: str) -> str:
    """Give the sign of a currency, or its code where the sign is unknown."""
    return SYMBOLS.get(currency, currency)


def money(minor: int | None, currency: str = "EUR", *, compact: bool = False) -> str:
    """Write an amount of minor units: ``€ 36 500``, ``€ 12.50``, compact ``€ 36.5 k``."""
    if minor is None:
        return DASH
    exponent = currency_exponent(currency)
    amount = abs(Decimal(minor)).scaleb(-exponent)
    if compact and amount >= 1000:
        digits = _compact(amount)
    else:
        whole = amount == amount.to_integral_value()
        digits = number(amount, 0 if whole else exponent)
    written = _Current.rules.money.replace("1", digits).replace("¤", currency_symbol(currency))
    return (MINUS if minor < 0 else "") + written


def _compact(amount: Decimal) -> str:
    for size, unit in ((10**9, "bn"), (10**6, "M"), (10**3, "k")):
        if amount >= size * Decimal("0.9995"):
            scaled = amount / size
            tenth = round(scaled, 1)
            decimals = 0 if tenth >= 100 or tenth == tenth.to_integral_value() else 1
            return f"{number(scaled, decimals)}{NBSP}{unit}"
    return number(amount)


def parse_money(text: str, currency: str = "EUR") -> int | None:
    """Read an amount as typed, "1.234,56 €" or "1,234.56" or "36 500"; None if it is none."""
    kept = "".join(c for c in text.replace(MINUS, "-") if c.isdigit() or c in ".,-")
    sign = -1 if kept.startswith("-") or text.strip().startswith("(") else 1
    kept = kept.strip("-").strip(".,") if any(c.isdigit() for c in kept) else ""
    if not kept or "-" in kept:
        return None
    exponent = currency_exponent(currency)
    last = max(kept.rfind("."), kept.rfind(","))
    whole, part = kept, ""
    if last >= 0 and _is_point(kept, last, exponent):
        whole, part = kept[:last], kept[last + 1 :]
    digits = "".join(c for c in whole if c.isdigit()) or "0"
    amount = Decimal(f"{digits}.{part or '0'}")
    return sign * int((amount * 10**exponent).to_integral_value())


def _is_point(text: str, place: int, exponent: int) -> bool:
    """Whether the last separator divides decimals, not thousands."""
    mark, after = text[place], len(text) - place - 1
    if text.count(mark) > 1:
        return False
    if ("." in text) and ("," in text):
        return True
    # One mark and three digits: thousands, unless there are such decimals in the locale's writing.
    # "12.500" euros is no price of twelve and a half in any language.
    has_such = exponent > 2 or text.startswith("0")
    return after != 3 or (mark == _Current.rules.point and has_such)


def file_size(count: int) -> str:
    """Write a size: ``84 kB``, ``1.2 MB``."""
    if count < 1000:
        return tr_n("{n} byte", "{n} bytes", count)
    units = iter(("kB", "MB", "GB", "TB"))
    size, unit = count / 1000, next(units)
    while size >= 999.5 and unit != "TB":
        size, unit = size / 1000, next(units)
    decimals = 1 if size < 9.95 and unit != "kB" else 0
    return f"{number(size, decimals)}{NBSP}{unit}"


# --- names


def initials(name: str) -> str:
    """Give one or two letters for an avatar, whatever the script of the name."""
    import unicodedata  # noqa: PLC0415 - 1 ms at start, needed by the first avatar only

    clean = unicodedata.normalize("NFC", name if " " in name else name.partition("@")[0])
    firsts = [letter for word in clean.split() if (letter := _first_letter(word))]
    if not firsts:
        return "?"
    if len(firsts) == 1 or unicodedata.east_asian_width(firsts[0]) in "WF":
        return firsts[0]
    pair = (firsts[0], firsts[-1])
    # Letters that join in writing (Arabic and others) are kept apart by a thin space.
    joined = all(unicodedata.bidirectional(letter) == "AL" for letter in pair)
    return ("\u2009" if joined else "").join(pair)


def _first_letter(word: str) -> str:
    for letter in word:
        if letter in "([{":
            return ""
        if letter.isalnum():
            upper = letter.upper()
            return upper if len(upper) == 1 else letter
    return ""


# --- days and moments


def _day(value: date | datetime) -> date:
    return local(value).date() if isinstance(value, datetime) else value


def _weekday(day: date, form: QLocale.FormatType = QLocale.FormatType.LongFormat) -> str:
    return locale().standaloneDayName(day.isoweekday(), form)


def _month(day: date, form: QLocale.FormatType = QLocale.FormatType.LongFormat) -> str:
    return locale().monthName(day.month, form).rstrip(".")


def capital(text: str) -> str:
    """Begin with a capital letter, for words that open a line."""
    return text[:1].upper() + text[1:]


def short_date(day: date | datetime, *, today: date | None = None) -> str:
    """Write a day briefly: ``11 Dec``, with the year when it is another one."""
    there = _day(day)
    month = _month(there, QLocale.FormatType.ShortFormat)
    if there.year == (today or today_here()).year:
        return tr("{day} {month}", day=there.day, month=month).replace(" ", NBSP)
    text = tr("{day} {month} {year}", day=there.day, month=month, year=there.year)
    return text.replace(" ", NBSP)


def long_date(day: date | datetime) -> str:
    """Write a day in full: ``14 March 2024``."""
    there = _day(day)
    return tr("{day} {month} {year}", day=there.day, month=_month(there), year=there.year)


def date_words(value: date | datetime | None, today: date | None = None) -> str:
    """Say when: "today", "yesterday", "in 3 days", "Friday", "11 Dec", "11 Dec 2025"."""
    if value is None:
        return DASH
    here = today or today_here()
    away = (_day(value) - here).days
    near = {0: tr("today"), -1: tr("yesterday"), 1: tr("tomorrow")}.get(away)
    if near is not None:
        return near
    if 1 < away < 7:
        return tr_n("in {n} day", "in {n} days", away)
    if -7 < away < 0:
        return _weekday(_day(value))
    return short_date(value, today=here)


def clock_time(moment: datetime) -> str:
    """Write the time of day: ``09:12``."""
    there = local(moment)
    if _Current.rules.house:
        return f"{there:%H:%M}"
    return locale().toString(QTime(there.hour, there.minute), QLocale.FormatType.ShortFormat)


def moment_words(moment: datetime | None, now: datetime | None = None) -> str:
    """Say when, with the time: "today 09:12", "Friday 16:20", "18 Nov 15:05", "3 Jan 2024"."""
    if moment is None:
        return DASH
    here = _day(now) if now is not None else today_here()
    words = date_words(moment, here)
    if abs((_day(moment) - here).days) > 300:
        return words
    return f"{words} {clock_time(moment)}"


def exact_moment(value: date | datetime | None) -> str:
    """Write a day or moment in full for a tooltip: "Friday 20 November 2026, 16:20"."""
    if value is None:
        return ""
    day = _day(value)
    text = tr("{weekday} {date}", weekday=_weekday(day), date=long_date(day))
    return f"{text}, {clock_time(value)}" if isinstance(value, datetime) else text


def day_heading(value: date | datetime, today: date | None = None) -> str:
    """Head a day in a timeline: "Today", "Yesterday", "Friday 20 November"."""
    here, day = today or today_here(), _day(value)
    if -1 <= (day - here).days <= 1:
        return capital(date_words(day, here))
    month, weekday = _month(day), _weekday(day)
    if day.year == here.year:
        return tr("{weekday} {day} {month}", weekday=weekday, day=day.day, month=month)
    return long_date(day)


def duration_words(length: float | timedelta | None) -> str:
    """Say how long: "41 min", "2 h 5 min", "3 days"."""
    if length is None:
        return DASH
    seconds = length.total_seconds() if isinstance(length, timedelta) else float(length)
    minutes = round(abs(seconds) / 60)
    if minutes < 1:
        return tr("under 1 min")
    if minutes < 60:
        return tr("{n} min", n=minutes)
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return tr_n("{n} day", "{n} days", round(minutes / 1440))
    if rest and hours < 24:
        return tr("{hours} h {minutes} min", hours=hours, minutes=rest)
    return tr("{n} h", n=hours)


def age_words(moment: datetime | None, now: datetime | None = None) -> str:
    """Say how long ago or ahead, in one unit: "5 min", "2 h", "3 days", "6 weeks"."""
    if moment is None:
        return DASH
    seconds = abs(((now or _Current.now()) - local(moment)).total_seconds())
    hours, days = int(seconds // 3600), int(seconds // 86400)
    if hours < 1:
        return duration_words(seconds)
    if days < 1:
        return tr("{n} h", n=hours)
    for limit, size, one, many in _AGES:
        if days < limit:
            return tr_n(one, many, days // size)
    return tr_n("{n} year", "{n} years", days // 365)


_AGES: Final = (
    (21, 1, "{n} day", "{n} days"),
    (90, 7, "{n} week", "{n} weeks"),
    (730, 30, "{n} month", "{n} months"),
)
