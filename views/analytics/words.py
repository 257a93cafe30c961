"""How periods, changes and reasons read on the Analytics page."""

from __future__ import annotations

from datetime import date

from app.queries.periods import Period
from models.values import LostReason, currency_exponent
from views.shared.format import currency_symbol, locale, money, number, short_date, signed
from views.shared.text import tr, tr_n

THIN = "\u2009"


def period_words(key: str) -> str:
    """Name a period: "this quarter so far", "Q4 2017"."""
    names = {
        "month": tr("this month so far"),
        "quarter": tr("this quarter so far"),
        "year": tr("this year so far"),
        "last_month": tr("last month"),
        "last_quarter": tr("last quarter"),
        "last_year": tr("last year"),
        "twelve_months": tr("the last 12 months"),
    }
    if key in names:
        return names[key]
    year, _, quarter = key.partition("-")
    return f"{quarter} {year}" if quarter else year


def against_words(period: Period, *, brief: bool = False) -> str:
    """Name the period compared with, by its days and how many they are."""
    first, last = short_date(period.start), short_date(period.end)
    if period.start.year == period.end.year:  # the year once is enough
        year = f"\u00a0{period.start.year}"
        first = first.removesuffix(year)
    if brief:
        return tr("{first} \u2013 {last}", first=first, last=last)
    days = tr_n("same {n} day", "same {n} days", period.days)
    return tr("{first} \u2013 {last}, {days}", first=first, last=last, days=days)


def month_words(month: date) -> str:
    """Name a month briefly."""
    return locale().standaloneMonthName(month.month, locale().FormatType.ShortFormat)


def reason_words(reason: LostReason) -> str:
    """Name a reason for losing, briefly enough for an axis."""
    return {
        LostReason.PRICE: tr("Price"),
        LostReason.COMPETITOR: tr("Competitor"),
        LostReason.NO_BUDGET: tr("No budget"),
        LostReason.NO_DECISION: tr("No decision"),
        LostReason.TIMING: tr("Timing"),
        LostReason.MISSING_FEATURE: tr("Missing feature"),
        LostReason.NO_ANSWER: tr("No answer"),
        LostReason.DUPLICATE: tr("Duplicate"),
        LostReason.OTHER: tr("Other"),
        LostReason.UNKNOWN: tr("Not recorded"),
    }[reason]


def rough_money(minor: int, currency: str) -> str:
    """Write an amount to the precision that a figure on a page deserves."""
    exponent = currency_exponent(currency)
    hundreds = abs(minor) >= 10_000 * 10**exponent
    return money(round(minor, -exponent - (2 if hundreds else 0)), currency)


def change_words(value: float) -> str:
    """Write a change with its sign; none at all is a plain 0."""
    return signed(value) if value else "0"


class Scale:
    """Amounts as an axis writes them: in thousands or millions, the unit said once."""

    def __init__(self, largest_minor: int, currency: str) -> None:
        exponent = currency_exponent(currency)
        major = largest_minor / 10**exponent
        symbol = currency_symbol(currency)
        if major >= 10_000_000:
            self._divisor, self.unit = 10 ** (exponent + 6), tr("{sign} million", sign=symbol)
        elif major >= 10_000:
            self._divisor, self.unit = 10 ** (exponent + 3), tr("{sign} thousand", sign=symbol)
        else:
            self._divisor, self.unit = 10**exponent, symbol
        self._decimals = 1 if largest_minor / self._divisor < 20 and self._divisor > 100 else 0

    def value(self, minor: float) -> float:
        """Return an amount in the unit of the axis."""
        return float(minor / self._divisor)

    def minor(self, value: float) -> float:
        """Return the amount of a value on the axis."""
        return float(value * self._divisor)

    def words(self, minor: float) -> str:
        """Write an amount in the unit of the axis."""
        return number(round(minor / self._divisor, self._decimals), self._decimals)


def nice_steps(largest: float, wanted: int = 3) -> list[float]:
    """Return round values from 0 up to a largest, for grid lines."""
    if largest <= 0:
        return [0.0]
    rough = largest / wanted
    power = 10 ** _floor_log10(rough)
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if size * power >= rough)
    return [n * step for n in range(int(largest / step) + 1)]


def _floor_log10(value: float) -> int:
    power = 0
    while 10 ** (power + 1) <= value:
        power += 1
    while 10**power > value:
        power -= 1
    return power
