"""Purchases as plain columns of digits: customer, day, quantity, amount, without any header.

So come research data (CDNOW) and listings of old till and mainframe programs. Known by structure:
each line has the same four to eight parts between blanks, one of them a day as yyyymmdd, before it
an id, behind it a whole number and an amount.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from app.exchange.dates import at_noon
from app.exchange.encodings import detect_encoding
from app.exchange.tables import MAX_LINE, Dialect, Given, RawTable, SourceRow, Stated
from models.clock import local_zone

_DAY: Final = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_WHOLE: Final = re.compile(r"[-+]?\d{1,9}")
_AMOUNT: Final = re.compile(r"[-+]?\d{1,9}\.\d{1,4}")
_ID: Final = re.compile(r"[A-Za-z0-9][\w\-]{0,40}")
_PARTS: Final = range(4, 9)
_ENOUGH_LINES: Final = 3
_LOOK_AT: Final = 200


def recognises(path: Path, head: bytes) -> bool:
    """Say whether the first lines are such columns."""
    del path
    return _columns_of(head) is not None


def open_source(path: Path, head: bytes, **reading: Any) -> RawTable:
    """Open a file of this format."""
    place = _columns_of(head)
    encoding = reading.get("encoding") or detect_encoding(head)
    return FixedWidth(path, encoding, place or (_PARTS[0], 1))


def _columns_of(head: bytes) -> tuple[int, int] | None:
    """Return how many parts a line has and which is the day, None for another kind of text."""
    if b"\x00" in head or b"," in head[:4096] or b";" in head[:4096]:
        return None
    lines = [line.split() for line in head.decode("latin-1").splitlines()[: _LOOK_AT + 1]]
    filled = [line for line in (lines if len(lines) <= _LOOK_AT else lines[:-1]) if line]
    if len(filled) < _ENOUGH_LINES or len(filled[0]) not in _PARTS:
        return None
    width = len(filled[0])
    whole = [line for line in filled[:-1] if len(line) == width] or filled[:1]
    if len(whole) < 0.9 * (len(filled) - 1):
        return None
    for place in range(1, width - 2):
        if all(_fits(line, place) for line in whole[:50]):
            return width, place
    return None


def _fits(parts: Sequence[str], day: int) -> bool:
    return (
        _DAY.fullmatch(parts[day]) is not None
        and all(_ID.fullmatch(part) for part in parts[:day])
        and _WHOLE.fullmatch(parts[day + 1]) is not None
        and _AMOUNT.fullmatch(parts[-1]) is not None
    )


class FixedWidth:
    """Such a file; each line is a purchase of one customer on one day."""

    def __init__(self, path: Path, encoding: str, place: tuple[int, int]) -> None:
        self.path = path
        self._encoding = encoding
        self._width, self._day = place
        ids = ["Customer", *(f"Id {n}" for n in range(2, self._day + 1))]
        rest = [f"Column {n}" for n in range(self._day + 3, self._width)]
        headers = (*ids, "Date", "Quantity", *rest, "Amount")
        self.stated = Stated("order", "Purchases in columns", "purchases", headers)

    @property
    def dialect(self) -> Dialect:
        """How the table is written."""
        return Dialect("columns", self._encoding, " ", 0)

    def raw_rows(self) -> Iterator[SourceRow]:
        """Yield the purchases; several of one customer on one day are numbered."""
        customer = ""
        days: Counter[str] = Counter()  # of one customer: constant memory however long the file
        with self.path.open(encoding=self._encoding, errors="replace") as file:
            number = 0
            while line := file.readline(MAX_LINE):
                number += 1
                parts = line.split()
                if not parts:
                    continue
                if len(parts) == self._width and parts[0] != customer:
                    customer = parts[0]
                    days.clear()
                yield self._row(number, parts, days)

    def _row(self, number: int, parts: list[str], days: "Counter[str]") -> SourceRow:
        cells = tuple(parts[: self._width]) + ("",) * (self._width - len(parts))
        if len(parts) != self._width:
            reason = (
                f"The line has {len(parts)} parts, the others have {self._width}. Mend it, so that "
                "it has as many."
            )
            return SourceRow(number, cells, reason)
        customer, day = parts[0], parts[self._day]
        quantity, amount = parts[self._day + 1], parts[-1]
        days[day] += 1
        name = f"{customer}-{day}" + (f"-{days[day]}" if days[day] > 1 else "")
        values: dict[str, Any] = {"number": name[:100], "external_id": name[:300]}
        values["contact_ref"] = customer
        problems: list[tuple[str, str, str]] = []
        try:
            values["at"] = at_noon(date.fromisoformat(day), local_zone())
        except ValueError:
            problems.append(("Date", day, "There is no such date; the field was left empty."))
        if _AMOUNT.fullmatch(amount) or _WHOLE.fullmatch(amount):
            values["total"] = values["line_total"] = (Decimal(amount), None)
        else:
            problems.append(("Amount", amount, "This is no amount of money."))
        if _WHOLE.fullmatch(quantity):
            values["quantity"] = Decimal(quantity)
        else:
            problems.append(("Quantity", quantity, "This is no number."))
        return SourceRow(number, cells, given=Given("order", values, problems))
