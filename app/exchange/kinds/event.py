"""What customers did on the web, in the app, in the shop: Segment's vocabulary.

Events come by the hundred thousand, so `app.exchange.events` takes them by a way of its own.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.exchange.field_types import CURRENCY_WORDS, EMAIL_WORDS, Shape, a_field, a_kind

if TYPE_CHECKING:
    from app.exchange.shaping import Shaped, Shaper

EVENT = a_kind(
    "event",
    "Event",
    "events",
    (
        a_field("name", "Event", Shape.TEXT, "event|event name|event type|event text|"
            "event action", 1.6, 120),
        a_field("at", "When", Shape.MOMENT, "timestamp|event time|event timestamp|"
            "original timestamp|occurred at|time|derived tstamp|event date", 1.2),
        a_field("received_at", "Received", Shape.MOMENT, "received at|sent at|collector tstamp", 0.6),
        a_field("message_id", "Event's id", Shape.ID, "message id|event id|event uuid", 1.5, 200),
        a_field("insert_id", "Event's id for doublets", Shape.ID, "insert id", 1.5, 200),
        a_field("anonymous_id", "Anonymous id", Shape.ID, "anonymous id|visitor id|distinct id|"
            "device id|domain userid|cookie id|client id|user pseudo id", 2.0, 200),
        a_field("user_id", "User's id", Shape.ID, "user id|customer id", 0.8, 200),
        a_field("person", "E-mail or id", Shape.ID, "recipient", 0.3, 320),
        a_field("email", "E-mail", Shape.EMAIL, EMAIL_WORDS + "|user email", 0.3, 320),
        a_field("person_name", "Person's name", Shape.TEXT, "user name|customer name", 0.1, 300),
        a_field("revenue", "Revenue", Shape.MONEY, "revenue|tr total", 0.4),
        a_field("currency", "Currency", Shape.CURRENCY, CURRENCY_WORDS, 0.2),
        a_field("order_ref", "Order", Shape.ID, "order id|order number", 0.2, 100),
        a_field("cart_ref", "Cart", Shape.ID, "cart id|cart token|checkout id", 0.6, 100),
        a_field("properties", "Properties", Shape.LONG, "properties|event properties|"
            "event params|payload", 1.2),
    ),
    "name",
    "message_id",
    "cart_ref",
)  # fmt: skip


def shape(shaper: "Shaper", shaped: "Shaped", values: Mapping[str, Any]) -> None:
    """Refuse an event among other records: nobody states one there."""
    del shaper, values
    shaped.draft.reject = "An event is taken from a file of events. Put it into one of its own."
