"""Texts of a file become values; what cannot is said with a reason and left empty."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from app.exchange.amounts import CURRENCIES, NumberStyle, parse_amount, parse_number
from app.exchange.dates import DateOrder, parse_date, parse_moment
from app.exchange.field_types import Field, Shape
from models.clock import local_zone
from models.values import fold, normal_email, normal_phone

BLANK: Final = frozenset(
    {"", "-", "--", "—", "–", "null", "none", "n/a", "na", "#n/a", "nan", "nil", "undefined", "(null)",  # noqa: E501  data, kept on its line
     "\\n", "(empty)", "not set", "k.a.", "?"}
)  # fmt: skip
NOBODY: Final = BLANK | {"unassigned", "nobody", "no owner", "unknown", "(unassigned)", "nicht zugewiesen", "offen"}  # fmt: skip  # noqa: E501  data, kept on its line
_YES: Final = frozenset(
    [
        "yes",
        "y",
        "true",
        "t",
        "1",
        "x",
        "ja",
        "j",
        "wahr",
        "oui",
        "o",
        "vrai",
        "si",
        "sí",
        "s",
        "sì",
        "verdadero",
        "vero",
        "sim",
        "tak",
        "da",
        "on",
        "✓",
        "✔",
        "wahr",
        "checked",
        "subscribed",
        "active",
        "aktiv",
        "enabled",
    ]
)
_NO: Final = frozenset(
    [
        "no",
        "n",
        "false",
        "f",
        "0",
        "nein",
        "falsch",
        "non",
        "faux",
        "não",
        "nao",
        "nie",
        "niet",
        "nej",
        "off",
        "✗",
        "unchecked",
        "falso",
        "unsubscribed",
        "inactive",
        "inaktiv",
        "disabled",
        "nee",
    ]
)
_PLAIN_EMAIL: Final = re.compile(
    r"[A-Za-z0-9_%+-]+(?:\.[A-Za-z0-9_%+-]+)*@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
_PLAIN_PHONE: Final = re.compile(r"\+[1-9]\d{0,3}[ \-./]?[1-9][\d \-./]{5,14}")
_ANGLED: Final = re.compile(r"<([^<>@\s]+@[^<>\s]+)>")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_NOT_DIGIT: Final = re.compile(r"\D")
MAX_LONG: Final = 100_000
_MAX_EMAIL: Final = 254  # RFC 5321
# In columns of these shapes few values stand again and again: cities, titles, owners, days.
_REPEATED: Final = frozenset(
    {
        Shape.TEXT,
        Shape.NAME,
        Shape.LINK,
        Shape.CHOICE,
        Shape.CURRENCY,
        Shape.YES_NO,
        Shape.DATE,
        Shape.MOMENT,
        Shape.YEAR,
        Shape.INTEGER,
        Shape.PERCENT,
        Shape.TAGS,
    }
)
_REMEMBERED: Final = 2048  # values of a column
_SHORT: Final = 80  # characters; longer ones hardly repeat, and would fill the memory


class UnfitValueError(ValueError):
    """A text that does not fit its field; the message is for the person.

    `kept` is what goes in all the same (a shortened text), None for nothing.
    """

    def __init__(self, reason: str, kept: Any = None) -> None:
        super().__init__(reason)
        self.kept = kept


@dataclass(frozen=True, slots=True)
class Format:
    """How one column writes its values."""

    dates: DateOrder = field(default_factory=DateOrder)
    numbers: NumberStyle = field(default_factory=NumberStyle)
    scale: int = 1  # what a number is multiplied with: "revenue (millions)"
    unit_seconds: int = 60  # of a duration given as a plain number
    region: str = "DE"
    zone: tzinfo = field(default_factory=local_zone)
    exact: bool = False  # a table this program wrote: texts to the letter
    guarded: bool = False  # … with apostrophes before what looks like a formula


def is_blank(text: str) -> bool:
    """Say whether a cell says nothing: empty, "-", "n/a", "null" and the like."""
    return not text or text.strip().casefold() in BLANK


def read_value(text: str, target: Field, how: Format) -> Any:
    """Return a cell as its field's value; UnfitValueError says why it is none."""
    return _READERS[target.shape](without_control(text).strip(), target, how)


def without_control(text: str) -> str:
    """Return a text without what no database holds and nobody sees."""
    return text if text.isprintable() else _CONTROL.sub(" ", text)


def cell_reader(target: Field, how: Format) -> Callable[[str], Any]:
    """Return a function that reads one column's cells as `read_value` does; None for a blank."""
    if how.exact:
        from app.exchange.exact_values import exact_reader

        return exact_reader(target, how)
    is_link = target.shape is Shape.LINK

    def read(text: str) -> Any:
        if is_blank(text) or (is_link and text.casefold() in NOBODY):
            return None
        return read_value(text, target, how)

    if target.shape not in _REPEATED:
        return read
    remembered = lru_cache(maxsize=_REMEMBERED)(read)
    return lambda text: remembered(text) if len(text) <= _SHORT else read(text)


def _text(text: str, target: Field, _how: Format) -> str:
    tidy = " ".join(text.split()) if "\n" not in text else text
    if target.limit and len(tidy) > target.limit:
        raise UnfitValueError(
            f"This text has {len(tidy):,} characters; the first {target.limit} were taken "
            "and the whole text stands in the description.",
            kept=tidy[: target.limit],
        )
    return tidy


def _long(text: str, _target: Field, _how: Format) -> str:
    if len(text) > MAX_LONG:
        raise UnfitValueError(
            f"This text has {len(text):,} characters; the first {MAX_LONG:,} were taken. "
            "Attach the whole as a file.",
            kept=text[:MAX_LONG],
        )
    return text


def _id(text: str, target: Field, _how: Format) -> str:
    if len(text) > (target.limit or 300):
        raise UnfitValueError(f"An id has at most {target.limit or 300} characters.")
    return text


def _email(text: str, _target: Field, _how: Format) -> str:
    if len(text) <= _MAX_EMAIL and _PLAIN_EMAIL.fullmatch(text):  # nearly all
        return text
    return _email_text(text)


@lru_cache(maxsize=4096)
def _email_text(text: str) -> str:
    angled = _ANGLED.search(text)
    address = angled.group(1) if angled else text.removeprefix("mailto:").strip()
    if len(address) <= _MAX_EMAIL and _PLAIN_EMAIL.fullmatch(address):
        return address
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(address, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise UnfitValueError(f"This is no e-mail address: {error}") from error
    except ValueError as error:
        raise UnfitValueError("This is no e-mail address.") from error


def _phone(text: str, _target: Field, _how: Format) -> str:
    if len(text) > 64:  # noqa: PLR2004  the column's width
        raise UnfitValueError("This is too long for a phone number.")
    if not any(map(str.isdigit, text)):
        raise UnfitValueError("A phone number needs digits.")
    return text


def phone_key(text: str, region: str) -> str:
    """Return a phone number in the form that is compared; E.164 where it can be read so."""
    if _PLAIN_PHONE.fullmatch(text):  # the usual case, a twentieth of the time
        return "+" + _NOT_DIGIT.sub("", text)
    return normal_phone(text, region)


def email_key(text: str) -> str:
    """Return an e-mail address in the form that is compared."""
    return normal_email(text)


def _money(text: str, _target: Field, how: Format) -> tuple[Decimal, str | None]:
    found = parse_amount(text, how.numbers)
    if found is None:
        raise UnfitValueError("This is no amount of money.")
    amount = found[0] * how.scale
    if abs(amount) >= 10**15:
        raise UnfitValueError("This amount is too large to be true.")
    return amount, found[1]


def _number(text: str, _target: Field, how: Format) -> Decimal:
    found = parse_number(text, how.numbers)
    if found is None:
        raise UnfitValueError("This is no number.")
    if abs(found) >= 10**10:
        raise UnfitValueError("This number is too large to be true.")
    return found * how.scale


def _integer(text: str, _target: Field, how: Format) -> int:
    parts = re.split(r"\s*(?:-|–|to|bis)\s*", text)
    if len(parts) == 2 and all(p and p[0].isdigit() for p in parts):  # noqa: PLR2004  "51-200"
        text = parts[0]
    found = parse_number(text.rstrip("+").lstrip("<>~ca. "), how.numbers)
    if found is None:
        raise UnfitValueError("This is no number.")
    whole = int(found * how.scale)
    if abs(whole) > 2**31 - 1:
        raise UnfitValueError("This number is too large to be true.")
    return whole


def _year(text: str, _target: Field, how: Format) -> int:
    if text.isdigit() and len(text) == 4:  # noqa: PLR2004  a year
        return int(text)
    day = parse_date(text, how.dates)
    if day is None:
        raise UnfitValueError("This is no year.")
    return day.year


def _percent(text: str, _target: Field, how: Format) -> int:
    found = parse_number(text.replace("%", ""), how.numbers)
    if found is None:
        raise UnfitValueError("This is no percentage.")
    if "%" not in text and how.scale == 100:  # noqa: PLR2004  the column holds shares of one
        found *= 100
    if not 0 <= found <= 100:  # noqa: PLR2004  percent
        raise UnfitValueError("A percentage lies between 0 and 100.")
    return int(found)


def _date(text: str, _target: Field, how: Format) -> Any:
    day = parse_date(text, how.dates)
    if day is None:
        moment = parse_moment(text, how.dates, how.zone)
        if moment is None:
            raise UnfitValueError("There is no such date; the field was left empty.")
        day = moment.astimezone(how.zone).date()
    return day


def _moment(text: str, _target: Field, how: Format) -> Any:
    moment = parse_moment(text, how.dates, how.zone)
    if moment is None:
        raise UnfitValueError("There is no such date; the field was left empty.")
    return moment


def _yes_no(text: str, _target: Field, _how: Format) -> bool:
    word = fold(text)
    if word in _YES or text.casefold() in _YES:
        return True
    if word in _NO:
        return False
    raise UnfitValueError("This is neither yes nor no.")


def _currency(text: str, _target: Field, _how: Format) -> str:
    code = text.strip().upper()
    if code in CURRENCIES:
        return code
    found = parse_amount("1 " + text, NumberStyle())
    if found is None or found[1] is None:
        raise UnfitValueError("This currency is not known; use its three letters, such as EUR.")
    return found[1]


def _tags(text: str, _target: Field, _how: Format) -> tuple[str, ...]:
    parts = (p.strip().lstrip("*").strip() for p in re.split(r":::|[,;|\n]", text))
    return tuple(dict.fromkeys(p[:80] for p in parts if p))


def _duration(text: str, _target: Field, how: Format) -> int:
    clock = re.fullmatch(r"(?:(\d+):)?(\d{1,2}):(\d{2})", text)
    if clock is not None:
        hours, minutes, seconds = (int(x or 0) for x in clock.groups())
        return hours * 3600 + minutes * 60 + seconds
    words = re.fullmatch(r"(?:(\d+)\s*h\w*)?\s*(?:(\d+)\s*m\w*)?\s*(?:(\d+)\s*s\w*)?", text.lower())
    if words is not None and any(words.groups()):
        hours, minutes, seconds = (int(x or 0) for x in words.groups())
        return hours * 3600 + minutes * 60 + seconds
    found = parse_number(text, how.numbers)
    if found is None or not 0 <= found < 10**7:
        raise UnfitValueError("This is no length of time.")
    return int(found * how.unit_seconds)


_READERS: Final[Mapping[Shape, Callable[[str, Field, Format], Any]]] = {
    Shape.TEXT: _text,
    Shape.NAME: _text,
    Shape.LINK: _text,
    Shape.CHOICE: _text,
    Shape.URL: _text,
    Shape.LONG: _long,
    Shape.ID: _id,
    Shape.EMAIL: _email,
    Shape.PHONE: _phone,
    Shape.MONEY: _money,
    Shape.NUMBER: _number,
    Shape.INTEGER: _integer,
    Shape.YEAR: _year,
    Shape.PERCENT: _percent,
    Shape.DATE: _date,
    Shape.MOMENT: _moment,
    Shape.YES_NO: _yes_no,
    Shape.CURRENCY: _currency,
    Shape.TAGS: _tags,
    Shape.DURATION: _duration,
}
