"""What other programs call the events of Segment's vocabulary."""

from typing import Final

CALLS: Final = frozenset({"identify", "track", "page", "screen", "group", "alias"})
_SAME: Final = {
    # Snowplow
    "page_view": "page",
    "screen_view": "screen",
    "transaction": "Order Completed",
    "add_to_cart": "Product Added",
    "remove_from_cart": "Product Removed",
    # Mixpanel
    "$mp_web_page_view": "page",
    "$pageview": "page",
    "$identify": "identify",
    "$create_alias": "alias",
}
EMAIL_EVENTS: Final = {
    "SENT": "Email Sent",
    "PROCESSED": "Email Sent",
    "DELIVERED": "Email Delivered",
    "OPEN": "Email Opened",
    "CLICK": "Email Link Clicked",
    "BOUNCE": "Email Bounced",
    "DROPPED": "Email Dropped",
    "DEFERRED": "Email Deferred",
    "SPAMREPORT": "Email Marked as Spam",
    "STATUSCHANGE": "Unsubscribed",
    "UNSUBSCRIBE": "Unsubscribed",
}


def common_name(name: str) -> str:
    """Return the name that Segment's vocabulary has for an event, else the name itself."""
    found = _SAME.get(name)
    return found if found is not None else " ".join(name.replace("\x00", "").split())
