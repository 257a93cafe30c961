"""Reads the cells of tables this program wrote itself: texts to the letter, the rest as ever.

Other programs' blanks ("n/a", "-", "null") are words here: somebody's family name is Null.
"""

import csv
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, Final

from app.exchange.field_types import Field, Shape
from app.exchange.own_tables import unguarded
from app.exchange.values import MAX_LONG, Format, UnfitValueError, read_value

_TEXTS: Final = frozenset(
    {
        Shape.TEXT, Shape.LONG, Shape.NAME, Shape.LINK, Shape.ID, Shape.EMAIL, Shape.PHONE,
        Shape.URL, Shape.CHOICE,
    }
)  # fmt: skip
# What no store takes; other control characters stay.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def exact_reader(target: Field, how: Format) -> Callable[[str], Any]:
    """Return a function that reads one column's cells; None for an empty one."""

    def read(text: str) -> Any:
        if how.guarded:
            text = unguarded(text)
        if not text:
            return None
        if target.shape in _TEXTS:
            return _text(text, target)
        if not text.strip():
            return None
        special = _SPECIAL.get(target.shape)
        found = special(text) if special is not None else None
        return found if found is not None else read_value(text, target, how)

    return read


def _text(text: str, target: Field) -> str:
    limit = MAX_LONG if target.shape is Shape.LONG else target.limit
    tidy = text if text.isprintable() else _UNSTORABLE.sub("", text)
    if limit and len(tidy) > limit:
        raise UnfitValueError(
            f"This text has {len(tidy):,} characters; the first {limit:,} were taken.",
            kept=tidy[:limit],
        )
    return tidy


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo is not None else None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _tags(text: str) -> tuple[str, ...]:
    words = next(csv.reader([text], skipinitialspace=True, strict=False), [])
    return tuple(dict.fromkeys(word[:80] for word in words if word.strip()))


_SPECIAL: Final[dict[Shape, Callable[[str], Any]]] = {
    Shape.MOMENT: _moment,
    Shape.DATE: _date,
    Shape.TAGS: _tags,
}
