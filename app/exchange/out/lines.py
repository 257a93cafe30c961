"""Lists as JSON lines: one record a line, everything that belongs to it inside.

`{"closeknit":"contact","id":"…","name":…,"points":[…],"tags":[…],…}`: ids and amounts as text
(readers of JSON round long numbers), amounts in major units, moments in ISO 8601 with offset.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Final

import orjson

from app.exchange.out.cells import plain_number
from app.exchange.out.reading import Item
from app.exchange.own_tables import COLUMNS, SYSTEM
from models.base import thaw
from models.clock import local_zone
from models.values import Money

_REACHED: Final = frozenset({"contact", "company"})
_TAGGED: Final = frozenset({"contact", "company", "deal", "ticket"})


def write_lines(path: Path, items: Iterable[Item]) -> list[str]:
    """Write records, one a line."""
    with path.open("wb", buffering=1 << 18) as file:
        for item in items:
            file.write(orjson.dumps(record_of(item), option=orjson.OPT_APPEND_NEWLINE))
    return []


def json_key(source: str) -> str | None:
    """Return the key under which a source of `own_tables.Col` stands, None where it has none."""
    sign, name = source[:1], source[1:]
    if sign == "@":
        return name.removesuffix("_id")
    if sign == "$":
        return name.removesuffix("_minor")
    if sign in {"=", ""}:
        return None
    return name if sign == "#" else source


def record_of(item: Item) -> dict[str, Any]:
    """Return a record as JSON data."""
    found: dict[str, Any] = {SYSTEM: item.kind, "id": str(item.values["id"])}
    for col in COLUMNS[item.kind]:
        key = json_key(col.source)
        if key is not None:
            found[key] = _value(item, col.source)
    if item.kind in _REACHED:
        found["points"] = [_part(p, ("kind", "label", "value", "is_primary")) for p in item.points]
        found["addresses"] = [
            _part(a, ("label", "street", "postal_code", "city", "region", "country"))
            for a in item.addresses
        ]
    if item.kind in _TAGGED:
        found["tags"] = item.tags
    if item.custom:
        found["custom"] = [
            {"name": key.name, "type": key.type.value, "value": plain(value)}
            for key, value in item.custom.items()
        ]
    if item.kind == "deal":
        found |= _part(item.values, ("lost_reason", "lost_note"))
    if item.kind in {"deal", "order"}:
        found["lines"] = [_line(line, item.values["currency"]) for line in item.lines]
    if item.kind == "ticket":
        found["messages"] = [_message(m) for m in item.messages]
    if item.kind == "event":
        found["properties"] = thaw(item.values["properties"])
    return found


def _value(item: Item, source: str) -> Any:
    sign, name = source[0], source[1:]
    if sign == "@":
        return item.names.get(name)
    if sign == "#":
        linked = item.values[name]
        return None if linked is None else str(linked)
    if sign == "$":
        return plain(item.money(name))
    return plain(item.values[source])


def _part(row: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: plain(row[key]) for key in keys}


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    author = message["contact_id"] or message["user_id"]
    found = _part(message, ("kind", "at", "author", "body"))
    return {
        **found,
        "author_id": None if author is None else str(author),
        "author_kind": None if author is None else "contact" if message["contact_id"] else "user",
    }


def _line(line: Mapping[str, Any], currency: str) -> dict[str, Any]:
    minor = line["unit_price_minor"]
    price = None if minor is None else Money(minor, currency).text()
    return {
        "product": line["product"] or line["name"],
        "quantity": plain_number(line["quantity"]),
        "unit_price": price,
    }


def plain(value: Any) -> Any:
    """Return a value as JSON data."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, datetime):
        return value.astimezone(local_zone()).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Money):
        return {"amount": value.text(), "currency": value.currency}
    return format(value, "f") if isinstance(value, Decimal) else thaw(value)
