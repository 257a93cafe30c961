"""What customers did on the web, in the app, in the shop: Segment's vocabulary."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.exchange.field_types import Shape, a_field, a_kind

if TYPE_CHECKING:
    from app.exchange.shaping import Shaped, Shaper

EVENT = a_kind(
    "event",
    "Event",
    "events",
    (
        a_field("name", "Event", Shape.TEXT, "event|event name|event type", 2.0, 120),
        a_field("at", "When", Shape.MOMENT, "timestamp|sent at|original timestamp|time", 1.2),
        a_field("message_id", "Event's id", Shape.ID, "message id|event id|insert id", 1.5, 200),
        a_field(
            "anonymous_id",
            "Anonymous id",
            Shape.ID,
            "anonymous id|visitor id|distinct id|device id",
            2.0,
            200,
        ),
        a_field("user_id", "User's id", Shape.ID, "user id", 1.0, 200),
    ),
    "name",
    "message_id",
)


def shape(shaper: "Shaper", shaped: "Shaped", values: Mapping[str, Any]) -> None:
    """Put a row's values into the columns of its record."""
    del shaper
    shaped.columns.update({key: values[key] for key in ("title",) if key in values})
