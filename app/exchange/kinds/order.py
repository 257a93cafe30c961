"""Orders: one row an order, or one row a line of it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.exchange.field_types import ID_WORDS, Shape, a_field, a_kind

if TYPE_CHECKING:
    from app.exchange.shaping import Shaped, Shaper

ORDER = a_kind(
    "order",
    "Order",
    "orders",
    (
        a_field(
            "number",
            "Order number",
            Shape.ID,
            "order|order number|order no|order id|invoice|invoice number|invoice no|orderid",
            2.5,
            100,
        ),
        a_field("at", "When", Shape.MOMENT, "order date|invoice date|date|paid at|created at", 1.2),
        a_field("total", "Total", Shape.MONEY, "total|order total|grand total", 1.5),
        a_field("external_id", "Other system's id", Shape.ID, ID_WORDS, 0.3, 300),
    ),
    "number",
    "external_id",
)


def shape(shaper: "Shaper", shaped: "Shaped", values: Mapping[str, Any]) -> None:
    """Put a row's values into the columns of its record."""
    del shaper
    shaped.columns.update({key: values[key] for key in ("title",) if key in values})
