"""Columns that come in numbered groups: `E-mail 2`, `E-mail 2 label`, `Address 1 street`.

Unlike `phone:home`, where the label stands in the header, each row names its own labels here.
"""

from collections.abc import Mapping
from typing import Any, Final

from app.exchange.field_types import Field, Shape
from models.values import PointKind

NUMBERED: Final = "nth:"
_SHAPES: Final = {"email": Shape.EMAIL, "phone": Shape.PHONE, "website": Shape.URL}
_LIMITS: Final = {
    "label": 60, "street": 500, "postal_code": 40, "city": 150, "region": 150, "country": 100,
}  # fmt: skip


def numbered_key(sort: str, place: int, part: str) -> str:
    """Return the key of a part (value, label, street …) of the so-manieth point or address."""
    return f"{NUMBERED}{sort}:{place}:{part}"


def numbered_field(key: str) -> Field:
    """Return the field that such a key means."""
    _, sort, place, part = key.split(":")
    shape = _SHAPES.get(sort, Shape.TEXT) if part == "value" else Shape.TEXT
    label = f"{sort.capitalize()} {place}" + ("" if part == "value" else f", {part}")
    return Field(key, label, shape, (), limit=_LIMITS.get(part, 2000))


def numbered_values(
    values: Mapping[str, Any],
) -> tuple[list[tuple[PointKind, str, str | None]], list[dict[str, Any]]]:
    """Return the points and the addresses of a row, each in the order of its numbers."""
    groups: dict[tuple[str, int], dict[str, Any]] = {}
    for key, value in values.items():
        if key.startswith(NUMBERED):
            _, sort, place, part = key.split(":")
            groups.setdefault((sort, int(place)), {})[part] = value
    points: list[tuple[PointKind, str, str | None]] = []
    addresses: list[dict[str, Any]] = []
    for (sort, _), group in sorted(groups.items()):
        if sort == "address":
            addresses.append(group)
        elif "value" in group:
            points.append((PointKind(sort), group["value"], group.get("label")))
    return points, addresses
