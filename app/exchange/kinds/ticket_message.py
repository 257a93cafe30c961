"""Comments on tickets."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.exchange.field_types import ID_WORDS, Shape, a_field, a_kind

if TYPE_CHECKING:
    from app.exchange.shaping import Shaped, Shaper

TICKET_MESSAGE = a_kind(
    "ticket_message",
    "Ticket comment",
    "ticket-comments",
    (
        a_field("ticket_ref", "Ticket's id", Shape.ID, "ticket id|issue id|case id", 2.0, 300),
        a_field("body", "Text", Shape.LONG, "body|comment|comment body|message|text", 1.5),
        a_field("at", "When", Shape.MOMENT, "created|created at|date|time", 0.8),
        a_field("external_id", "Other system's id", Shape.ID, ID_WORDS + "|comment id", 0.5, 300),
    ),
    "body",
)


def shape(shaper: "Shaper", shaped: "Shaped", values: Mapping[str, Any]) -> None:
    """Put a row's values into the columns of its record."""
    del shaper
    shaped.columns.update({key: values[key] for key in ("title",) if key in values})
