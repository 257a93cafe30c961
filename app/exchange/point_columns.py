"""Columns that are one of many ways to reach somebody: `Phone 2 - Value`, `Home Street`."""

from collections.abc import Sequence

from app.exchange.shapes import ColumnLook


def point_columns(
    headers: Sequence[str], looks: Sequence[ColumnLook], kind: str
) -> dict[int, str | None]:
    """Return the columns that become made fields (`phone:home`), by their place; None: left out."""
    del headers, looks, kind
    return {}
