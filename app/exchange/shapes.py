"""What the values of a column look like, whatever its header says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.exchange.amounts import NumberStyle, parse_amount
from app.exchange.dates import DateOrder, parse_date, parse_moment
from app.exchange.field_types import Shape
from app.exchange.values import is_blank
from models.clock import local_zone

_EMAIL: Final = re.compile(r"^\s*(?:.*<)?[^@\s<>]+@[^@\s<>]+\.[^@\s<>]{2,}>?\s*$")
_PHONE: Final = re.compile(r"^[+(]?[\d\s()./\-–]{6,24}(?:\s*(?:x|ext\.?)\s*\d+)?$", re.IGNORECASE)
_URL: Final = re.compile(r"^(?:https?://|www\.)\S+$|^[\w-]+(?:\.[\w-]+)*\.[a-z]{2,10}(?:/\S*)?$", re.IGNORECASE)  # fmt: skip  # noqa: E501  data, kept on its line
_YEAR: Final = re.compile(r"^(?:1[6-9]|20)\d\d$")
_QUARTER: Final = re.compile(r"^(?:q[1-4][\s\-/]?\d{2,4}|\d{4}[\s\-/]?q[1-4])$", re.IGNORECASE)
_YES_NO: Final = frozenset(
    [
        "yes",
        "no",
        "true",
        "false",
        "y",
        "n",
        "0",
        "1",
        "ja",
        "nein",
        "oui",
        "non",
        "si",
        "sí",
        "t",
        "f",
    ]
)
_LONGEST: Final = 1_000  # characters of a cell that are looked at
_LOOK_AT: Final = 400


@dataclass(frozen=True, slots=True)
class ColumnLook:
    """Shares (0 to 1) of a column's filled values that read as each shape."""

    filled: float
    count: int
    distinct: float
    email: float = 0.0
    phone: float = 0.0
    url: float = 0.0
    number: float = 0.0
    date: float = 0.0
    year: float = 0.0
    quarter: float = 0.0
    yes_no: float = 0.0
    words: float = 0.0  # mean number of words
    length: float = 0.0
    few: int = 0  # how many distinct values
    unit_interval: bool = False  # all numbers lie between 0 and 1


def look_at(values: Sequence[str]) -> ColumnLook:
    """Describe a column by its sample."""
    filled = [value[:_LONGEST].strip() for value in values if not is_blank(value)]
    if not filled:
        return ColumnLook(0.0, 0, 0.0)
    sample = filled[:_LOOK_AT]
    total = len(sample)
    zone, order, style = local_zone(), DateOrder(), NumberStyle()
    amounts = [parse_amount(value.removesuffix("%").rstrip(), style) for value in sample]
    numbers = [x[0] for x in amounts if x is not None]
    return ColumnLook(
        filled=len(filled) / max(len(values), 1),
        count=len(filled),
        distinct=len(set(sample)) / total,
        email=sum(1 for v in sample if _EMAIL.match(v)) / total,
        phone=sum(1 for v in sample if _PHONE.match(v) and sum(map(str.isdigit, v)) > 5) / total,  # noqa: PLR2004  digits of a short number
        url=sum(1 for v in sample if _URL.match(v) and "@" not in v) / total,
        number=len(numbers) / total,
        date=sum(
            1 for v in sample if parse_date(v, order) or (len(v) > 7 and parse_moment(v, order, zone))  # noqa: PLR2004,E501  the shortest moment
        ) / total,
        year=sum(1 for v in sample if _YEAR.match(v)) / total,
        quarter=sum(1 for v in sample if _QUARTER.match(v)) / total,
        yes_no=sum(1 for v in sample if v.casefold() in _YES_NO) / total,
        words=sum(len(v.split()) for v in sample) / total,
        length=sum(map(len, sample)) / total,
        few=len(set(sample)),
        unit_interval=bool(numbers) and all(0 <= n <= 1 for n in numbers),
    )  # fmt: skip


def fits(shape: Shape, look: ColumnLook) -> float:  # noqa: PLR0911  one line for each shape
    """Return how well a column's values fit a shape, 0 to 1; an empty column fits a little."""
    if not look.count:
        return 0.6
    if shape in {Shape.EMAIL, Shape.URL}:
        return look.email if shape is Shape.EMAIL else max(look.url, 0.5 - look.email / 2)
    if shape is Shape.PHONE:
        return max(look.phone, min(look.number, 0.6)) * (1 - look.date * 0.8)
    if shape in {Shape.MONEY, Shape.NUMBER, Shape.PERCENT, Shape.DURATION}:
        return look.number * (1 - look.date * 0.9)
    if shape is Shape.INTEGER:
        return max(look.number, 0.4) * (1 - look.date * 0.9)
    if shape is Shape.YEAR:
        return max(look.year, look.date * 0.9)
    if shape in {Shape.DATE, Shape.MOMENT}:
        return look.date
    if shape is Shape.YES_NO:
        return max(look.yes_no, 0.3)
    return _fits_text(shape, look)


def _fits_text(shape: Shape, look: ColumnLook) -> float:
    alien = max(look.email, look.date, look.quarter)
    if shape is Shape.NAME:
        return 1.0 - 0.95 * max(alien, look.yes_no, look.number)
    if shape is Shape.LINK:
        return 1.0 - 0.8 * max(alien, look.yes_no)  # "Customer: yes" names nobody
    return 1.0 - 0.8 * alien if shape in {Shape.TEXT, Shape.CHOICE} else 1.0
