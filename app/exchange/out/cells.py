"""A record as a row of typed cells, under the headers of `own_tables`."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final

import orjson

from app.exchange.out.reading import CustomKey, Extent, Item, table_of
from app.exchange.own_tables import (
    ADDRESS_WORDS,
    COLUMNS,
    address_header,
    custom_header,
    id_header,
    point_header,
)
from models.base import Choice, Moment, thaw
from models.clock import local_zone
from models.values import LostReason, Money, PointKind

Getter = Callable[[Item], Any]


def columns_of(kind: str, extent: Extent) -> list[tuple[str, Getter]]:
    """Return the headers of a list and what fills each: texts, numbers, days, moments, yes or no.

    Moments are aware, in the computer's zone; amounts are decimals in major units.
    """
    found: list[tuple[str, Getter]] = [(id_header(kind), lambda item: str(item.values["id"]))]
    for col in COLUMNS[kind]:
        if col.header == "=points":
            found += _points(extent)
        elif col.header == "=addresses":
            found += _addresses(extent)
        elif col.header == "=custom":
            found += [(custom_header(key.name, key.type), _custom(key)) for key in extent.custom]
        else:
            found.append((col.header, getter(kind, col.source)))
    return found


def rows_of(item: Item) -> list[Item]:
    """Return a record as the rows of a table: an order has one for each of its lines.

    The further ones hold the line and whose it is, so that no total is summed up twice.
    """
    if item.kind != "order" or len(item.lines) <= 1:
        return [item]
    blank: dict[str, Any] = dict.fromkeys(item.values)
    shared = {key: item.values[key] for key in ("id", "number", "currency")}
    further = [Item(item.kind, {**blank, **shared}, lines=[line]) for line in item.lines[1:]]
    return [replace(item, lines=item.lines[:1]), *further]


def getter(kind: str, source: str) -> Getter:
    """Return what reads a source of `own_tables.Col` from a record of a kind."""
    sign, name = source[0], source[1:]
    if sign == "@":
        return lambda item: item.names.get(name)
    if sign == "#":
        return lambda item: _id_text(item.values[name])
    if sign == "$":
        return lambda item: item.money(name)
    if sign == "=":
        return _SPECIAL[name]
    if isinstance(table_of(kind).c[source].type, Choice | Moment):
        return lambda item: _plain(item.values[source])
    return lambda item: item.values[source]


def _id_text(value: int | None) -> str | None:
    return None if value is None else str(value)


def _plain(value: Any) -> Any:
    if value is None or type(value) is str:  # nearly all
        return value
    if isinstance(value, Enum):
        return str(value.value).replace("_", " ")
    if isinstance(value, datetime):
        return value.astimezone(local_zone())
    return value


def _points(extent: Extent) -> list[tuple[str, Getter]]:
    found: list[tuple[str, Getter]] = []
    for kind in PointKind:
        for place in range(1, extent.points.get(kind, 0) + 1):
            found.append((point_header(kind, place), _point(kind, place, "value")))
            found.append((point_header(kind, place, label=True), _point(kind, place, "label")))
    return found


def _point(kind: PointKind, place: int, part: str) -> Getter:
    def read(item: Item) -> Any:
        seen = 0
        for point in item.points:
            if point["kind"] == kind:
                seen += 1
                if seen == place:
                    return point[part]
        return None

    return read


def _addresses(extent: Extent) -> list[tuple[str, Getter]]:
    return [
        (address_header(part, place), _address(place, part))
        for place in range(1, extent.addresses + 1)
        for part in ADDRESS_WORDS
    ]


def _address(place: int, part: str) -> Getter:
    return lambda item: item.addresses[place - 1][part] if place <= len(item.addresses) else None


def _custom(key: CustomKey) -> Getter:
    def read(item: Item) -> Any:
        value = item.custom.get(key)
        if isinstance(value, Money):
            return f"{value.text()} {value.currency}"
        return value

    return read


def tags_text(tags: list[str]) -> str | None:
    """Return tags in one cell, as a line of CSV: VIP, "food, drinks"."""
    if not tags:
        return None
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(tags)
    return out.getvalue()


def _lost_reason(item: Item) -> Any:
    reason, note = item.values["lost_reason"], item.values["lost_note"]
    return note if reason is LostReason.OTHER and note else _plain(reason)


def _line_name(line: Mapping[str, Any]) -> str:
    return str(line["product"] or line["name"] or "")


def _first_line(key: str) -> Getter:
    def read(item: Item) -> Any:
        if not item.lines or not _line_name(item.lines[0]):
            return None
        line = item.lines[0]
        if key == "price":
            return item.money_of(line["unit_price_minor"])
        return _line_name(line) if key == "product" else line["quantity"].normalize()

    return read


def _products(item: Item) -> str | None:
    """Return all lines as people write them: 3 × GTX Basic; 1 × Installation."""
    if not item.lines:
        return None
    return "; ".join(f"{plain_number(x['quantity'])} × {_line_name(x)}" for x in item.lines)


def _first_message(item: Item) -> str | None:
    return item.messages[0]["body"] if item.messages else None


def _properties(item: Item) -> str | None:
    properties = item.values["properties"]
    return None if properties is None else orjson.dumps(thaw(properties)).decode()


def plain_number(number: Decimal | float) -> str:
    """Return a number without exponent and needless zeros."""
    return format(number.normalize(), "f") if isinstance(number, Decimal) else repr(number)


_SPECIAL: Final[Mapping[str, Getter]] = {
    "tags": lambda item: tags_text(item.tags),
    "lost_reason": _lost_reason,
    "product": _first_line("product"),
    "quantity": _first_line("quantity"),
    "price": _first_line("price"),
    "products": _products,
    "first_message": _first_message,
    "properties": _properties,
}
