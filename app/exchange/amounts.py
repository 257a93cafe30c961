"""Numbers and money in the ways of many countries."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

# Longest first: "CA$" before "$".
_SYMBOLS: Final = (
    ("US$", "USD"),
    ("CA$", "CAD"),
    ("A$", "AUD"),
    ("NZ$", "NZD"),
    ("R$", "BRL"),
    ("HK$", "HKD"),
    ("S$", "SGD"),
    ("CHF", "CHF"),
    ("Fr.", "CHF"),
    ("zł", "PLN"),
    ("Kč", "CZK"),
    ("Ft", "HUF"),
    ("€", "EUR"),
    ("$", "USD"),
    ("£", "GBP"),
    ("¥", "JPY"),
    ("₹", "INR"),
    ("₽", "RUB"),
    ("₺", "TRY"),
    ("₩", "KRW"),
    ("₪", "ILS"),
    ("₴", "UAH"),
)
CURRENCIES: Final = frozenset(
    [
        "EUR",
        "USD",
        "GBP",
        "CHF",
        "JPY",
        "CAD",
        "AUD",
        "NZD",
        "SEK",
        "NOK",
        "DKK",
        "PLN",
        "CZK",
        "HUF",
        "RON",
        "BGN",
        "TRY",
        "RUB",
        "UAH",
        "INR",
        "CNY",
        "HKD",
        "SGD",
        "KRW",
        "BRL",
        "MXN",
        "ARS",
        "CLP",
        "COP",
        "ZAR",
        "ILS",
        "AED",
        "SAR",
        "QAR",
        "KWD",
        "BHD",
        "OMR",
        "JOD",
        "EGP",
        "MAD",
        "TND",
        "THB",
        "MYR",
        "IDR",
        "PHP",
        "VND",
        "TWD",
        "ISK",
        "RSD",
        "KES",
        "NGN",
        "GHS",
        "PEN",
        "UYU",
        "PYG",
    ]
)
_GROUP: Final = 3  # digits between the signs of thousands
_CODE: Final = re.compile(r"\b([A-Z]{3})\b")
_NUMBER: Final = re.compile(r"^\d+(?:[.,]\d*)?$|^[.,]\d+$")
_SCALES: Final = {"k": 1_000, "tsd": 1_000, "m": 10**6, "mio": 10**6, "mn": 10**6, "mm": 10**6,
                  "b": 10**9, "bn": 10**9, "mrd": 10**9}  # fmt: skip
_SCALED: Final = re.compile(r"^(.*\d)\s*(k|tsd|mio|mn|mm|m|bn|b|mrd)\.?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How a column writes numbers: the sign before the decimals, "" where it has none."""

    decimal: str = ""


def guess_style(values: Iterable[str]) -> NumberStyle:
    """Decide the decimal sign of a column from the numbers that leave no doubt."""
    points = commas = 0
    for value in values:
        digits = re.sub(r"[^\d.,]", "", value)
        last = max(digits.rfind("."), digits.rfind(","))
        if last < 0:
            continue
        mark, after = digits[last], len(digits) - last - 1
        both = "." in digits and "," in digits
        repeated = digits.count(mark) > 1
        if repeated:
            points += mark == ","
            commas += mark == "."
        elif both or after != 3:  # noqa: PLR2004  three digits after it may be thousands
            points += mark == "."
            commas += mark == ","
    if points == commas:
        return NumberStyle()
    return NumberStyle("." if points > commas else ",")


@lru_cache(maxsize=65536)
def parse_amount(text: str, style: NumberStyle) -> tuple[Decimal, str | None] | None:
    """Return an amount and the currency that stands with it, None where there is no number."""
    rest = text.strip().replace("\u00a0", " ").replace("\u202f", " ").replace("−", "-")
    currency: str | None = None
    code = _CODE.search(rest)
    if code is not None and code.group(1) in CURRENCIES:
        currency = code.group(1)
        rest = rest.replace(currency, " ", 1).strip()
    for symbol, name in _SYMBOLS:
        if symbol in rest:
            currency = currency or name
            rest = rest.replace(symbol, " ", 1).strip()
            break
    rest = rest.removesuffix(",--").removesuffix(",-").removesuffix(".-").removesuffix(".–").strip()
    negative = False
    if rest.startswith("(") and rest.endswith(")"):
        negative, rest = True, rest[1:-1].strip()
    if rest.endswith("-") or rest.startswith("-"):
        negative, rest = not negative, rest.strip("- ")
    rest = rest.lstrip("+ ").strip()
    value = _decimal(rest, style)
    if value is None:
        return None
    return (-value if negative else value), currency


def parse_number(text: str, style: NumberStyle) -> Decimal | None:
    """Return a plain number."""
    found = parse_amount(text, style)
    return found[0] if found is not None else None


def _decimal(text: str, style: NumberStyle) -> Decimal | None:
    scale = 1
    scaled = _SCALED.match(text)
    if scaled is not None:
        text, scale = scaled.group(1), _SCALES[scaled.group(2).casefold()]
    if re.fullmatch(r"[\d.,]+[eE][+-]?\d{1,2}", text):
        try:
            return Decimal(text.replace(",", ".")) * scale
        except InvalidOperation:
            return None
    digits = re.sub(r"(?<=\d)[ '’_](?=\d)", "", text)
    if not digits or not re.fullmatch(r"[\d.,]+", digits):
        return None
    digits = _one_point(digits, style)
    if not _NUMBER.match(digits) or len(digits) > 40:  # noqa: PLR2004  no sum is longer
        return None
    return Decimal(digits.rstrip(".") or "0") * scale


def _one_point(digits: str, style: NumberStyle) -> str:
    """Return the digits with a point before the decimals and nothing between thousands."""
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        decimal = "." if digits.rfind(".") > digits.rfind(",") else ","
    elif points + commas > 1:
        decimal = "" if points != 1 and commas != 1 else style.decimal
    elif points + commas == 1:
        mark = "." if points else ","
        after = len(digits) - digits.index(mark) - 1
        thousands = after == _GROUP and (
            style.decimal not in {"", mark} or _grouping(mark, digits, style)
        )
        decimal = "" if thousands else mark
    else:
        return digits
    for mark in ".,":
        if mark != decimal:
            digits = digits.replace(mark, "")
    return digits.replace(decimal, ".") if decimal else digits


def _grouping(mark: str, digits: str, style: NumberStyle) -> bool:
    # "1,200" with nothing else to go by is twelve hundred; "1.200" is one and a fifth.
    return not style.decimal and mark == "," and not digits.startswith("0")
