"""What columns with made keys say: points with their labels, addresses, a birthday in parts."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from app.exchange.dates import DateOrder, parse_date
from app.exchange.values import UnfitValueError
from models.values import PointKind

if TYPE_CHECKING:
    from app.exchange.drafts import Draft
    from app.exchange.shaping import Shaped

SEVERAL: Final = ":::"  # between the values of one cell, as Google writes them
_SORTS: Final = {kind.value: kind for kind in PointKind}
_NUMBER: Final = re.compile(r"\s*\d+$")
_LAST: Final = ("fax", "pager", "telex", "assistant", "callback", "tty", "isdn")
_USUAL: Final = frozenset(
    ("home", "work", "mobile", "other", "main", "fax", "pager", "custom", "profile", "blog", "page")
)
_LABEL: Final = 60  # characters


@dataclass(slots=True)
class MadePoints:
    """What a row says in them; the points that its program prefers come first, faxes last."""

    points: list[tuple[PointKind, str, str | None]] = field(default_factory=list)
    addresses: list[dict[str, Any]] = field(default_factory=list)
    birthday: date | None = None
    notes: list[str] = field(default_factory=list)


def several_reader(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a reader that takes several values in a cell; a bad one leaves the others in."""

    def read_all(text: str) -> Any:
        if SEVERAL not in text:
            return read(text)
        found: list[Any] = []
        reason = ""
        for part in text.split(SEVERAL):
            try:
                value = read(part.strip())
            except UnfitValueError as error:
                reason = str(error)
            else:
                found += [] if value is None else [value]
        if reason:
            raise UnfitValueError(reason, kept=tuple(found))
        return tuple(found)

    return read_all


def made_points(draft: "Draft") -> MadePoints:
    """Return what a draft's made fields say."""
    made = MadePoints()
    ranked: list[tuple[int, PointKind, str, str | None]] = []
    parts: dict[str, dict[str, Any]] = {}
    born: dict[str, str] = {}
    for key, value in draft.values.items():
        sort, colon, rest = key.partition(":")
        if not colon:
            continue
        if sort == "address":
            stem, _, part = rest.partition(":")
            parts.setdefault(stem, {})[part] = value
        elif sort == "born":
            born[rest] = value
        elif sort == "note":
            label = _label(rest, draft)[0] if "@" in rest else rest
            made.notes.append(f"{label or rest.partition('@')[0]}: {value}")
        elif sort in _SORTS:
            label, is_first = _label(rest, draft)
            last = any(word in (label or "").casefold() for word in _LAST)
            rank = 0 if is_first else 2 if last else 1
            texts = (value,) if isinstance(value, str) else value
            ranked += [(rank, _SORTS[sort], text, label) for text in texts]
    made.points = [each[1:] for each in sorted(ranked, key=lambda each: each[0])]
    made.addresses = [
        {"label": _label(stem, draft)[0], **_whole(found)} for stem, found in parts.items()
    ]
    if born:
        made.birthday = _birthday(born, draft)
    return made


def _label(text: str, draft: "Draft") -> tuple[str | None, bool]:
    """Return a label, and whether its program says that the value is the preferred one."""
    bare, at, column = text.partition("@")
    if not at:
        return _NUMBER.sub("", bare)[:_LABEL] or None, False
    place = int(column)
    said = draft.cells[place].partition(SEVERAL)[0].strip() if place < len(draft.cells) else ""
    label = said.lstrip("*").strip()
    # "Work" of one program and "work" of another are one label; what people write stays.
    usual = label.casefold() if _USUAL.issuperset(label.casefold().split()) else label
    return usual[:_LABEL] or None, said.startswith("*")


def _whole(parts: dict[str, Any]) -> dict[str, Any]:
    """Join the lines of a street."""
    address = {key: text for key, text in parts.items() if key not in _LINES and key != "po_box"}
    lines = [str(parts[key]) for key in _LINES if parts.get(key)]
    box = str(parts.get("po_box") or "")
    if box:
        lines.append(f"P.O. Box {box}" if box.isdecimal() else box)
    if lines:
        address["street"] = "\n".join(lines)[:500]
    return address


_LINES: Final = ("street", "street_2", "street_3")


def _birthday(born: dict[str, str], draft: "Draft") -> date | None:
    text = f"{born.get('year', '')}-{born.get('month', '')}-{born.get('day', '')}"
    found = parse_date(text, DateOrder("ymd"))
    if found is None:
        draft.complain("born:year", text, "This is no whole date; the birthday was left empty.")
    return found


def more_of_contact(shaped: "Shaped", made: MadePoints) -> None:
    """Put into a person's columns what made fields say of them."""
    if made.notes:
        said = shaped.columns.get("description")
        shaped.columns["description"] = "\n\n".join(filter(None, [said, "\n".join(made.notes)]))
    if made.birthday is not None:
        shaped.columns.setdefault("birthday", made.birthday)
    if not shaped.address and made.addresses:  # the list shows where somebody lives
        for part in ("city", "country"):
            if part in made.addresses[0]:
                shaped.columns.setdefault(part, made.addresses[0][part])
