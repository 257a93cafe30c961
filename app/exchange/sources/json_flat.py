"""Turns nested JSON records into rows of named cells."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

# Around what a record really says: HubSpot's `properties`, Airtable's `fields`, GraphQL's `node`.
_COVERS: Final = frozenset(
    {"properties", "attributes", "fields", "data", "values", "record", "node", "_source"}
)
_MANY: Final = 10  # objects of one list that get cells of their own


def flatten(record: Mapping[str, Any]) -> dict[str, str]:
    """Return a record as header → cell: `address.city`, `emails.2.value`."""
    cells: dict[str, str] = {}
    for key, value in record.items():
        if key.casefold() in _COVERS and isinstance(value, dict):
            inner: dict[str, str] = {}
            _put(inner, "", value)
            for name, cell in inner.items():
                cells[name if name not in cells and name not in record else f"{key}.{name}"] = cell
        else:
            _put(cells, key, value)
    return cells


def _put(cells: dict[str, str], name: str, value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _put(cells, f"{name}.{key}" if name else str(key), inner)
    elif isinstance(value, list):
        _put_list(cells, name, value)
    else:
        cells[name] = cell_of(value)


def _put_list(cells: dict[str, str], name: str, values: list[Any]) -> None:
    if not any(isinstance(each, dict | list) for each in values):
        texts = [text for text in map(cell_of, values) if text]
        cells[name] = ("; " if any("," in text for text in texts) else ", ").join(texts)
        return
    for place, each in enumerate(values[:_MANY], 1):
        if isinstance(each, dict):
            _put(cells, name if place == 1 else f"{name}.{place}", each)
        else:
            cells[f"{name}.{place}"] = as_json(each)
    if len(values) > _MANY:
        cells[f"{name}.more"] = as_json(values[_MANY:])


def cell_of(value: Any) -> str:
    """Return a single value as a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE:
        return str(int(value))
    return str(value) if isinstance(value, int | float | Decimal) else as_json(value)


_WHOLE: Final = 1e15  # larger floats have no exact units


def as_json(value: Any) -> str:
    """Return a value as JSON text."""
    return json.dumps(value, ensure_ascii=False, default=str)


def headers_of(rows: Iterable[Mapping[str, str]], limit: int) -> tuple[str, ...]:
    """Return the names of the rows' cells in the order of their first standing, up to `limit`."""
    seen: dict[str, None] = {}
    for row in rows:
        seen.update(dict.fromkeys(row))
    return tuple(seen)[:limit]
