"""Messages people have written each other in a network such as LinkedIn: they become activities."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from app.exchange.field_types import Shape, a_field, a_kind
from models.values import ActivityKind, Direction, name_key

if TYPE_CHECKING:
    from app.exchange.shaping import Shaped, Shaper

MESSAGE = a_kind(
    "message",
    "Message",
    "messages",
    (
        a_field("thread", "Conversation's id", Shape.ID, "conversation id|thread id|chat id", 1.2, 300),
        a_field("title", "Conversation", Shape.TEXT, "conversation title|chat title", 0.8, 400),
        a_field("sender", "From", Shape.TEXT, "from|sender|sender name|von|de|absender|expéditeur|"
           "remitente", 1.0, 300),
        a_field("sender_url", "Sender's profile", Shape.URL, "sender profile url|sender url", 1.2, 2000),
        a_field("recipients", "To", Shape.LONG, "to|recipient|recipients|recipient name|an|empfänger|"
           "destinataire|destinatario", 1.0),
        a_field("recipient_urls", "Recipients' profiles", Shape.LONG,
           "recipient profile urls|recipient profile url", 0.8),
        a_field("at", "When", Shape.MOMENT, "date|sent at|sent|time|datum|fecha", 0.6),
        a_field("subject", "Subject", Shape.TEXT, "subject|betreff|objet|asunto", 0.4, 400),
        a_field("body", "Text", Shape.LONG, "content|message|body|text|nachricht|mensaje", 0.6),
        a_field("folder", "Folder", Shape.TEXT, "folder|direction", 0.2, 60),
    ),
    "body",
    "subject",
)  # fmt: skip

_PLACES: Final[Mapping[str, str]] = {"linkedin": "LinkedIn"}
_SENT: Final = frozenset(name_key(w) for w in ("sent", "outgoing", "outbound", "gesendet"))
_PROFILE: Final = re.compile(r"(?:https?://)?(?:www\.)?([^\s?#]+?)/*(?:[?#].*)?", re.IGNORECASE)


def profile_keys(url: str) -> tuple[str, ...]:
    """Return the forms under which a profile's address may be stored, as they are compared."""
    found = _PROFILE.fullmatch(url.strip())
    if found is None:
        return ()
    bare = found.group(1).casefold()
    starts = ("https://www.", "https://", "http://www.", "http://", "www.", "")
    return tuple(f"{start}{bare}{end}" for start in starts for end in ("", "/"))


def people(text: str) -> list[str]:
    """Return the names of a list of recipients."""
    return [name for part in re.split(r"[,;\n]", text) if (name := " ".join(part.split()))]


def owner_of(conversations: Iterable[tuple[str, str]], known: str) -> str:
    """Return whose messages these are (sender, recipients): who takes part in all of them.

    Where that leaves two, as in a single conversation, it is `known` or nobody.
    """
    everywhere: dict[str, str] | None = None
    for sender, recipients in conversations:
        there = {name_key(name): name for name in (sender, *people(recipients)) if name}
        if everywhere is None:
            everywhere = there
        else:
            everywhere = {key: name for key, name in everywhere.items() if key in there}
    if not everywhere:
        return ""
    if name_key(known) in everywhere:
        return known
    return next(iter(everywhere.values())) if len(everywhere) == 1 else ""


def shape(shaper: "Shaper", shaped: "Shaped", values: Mapping[str, Any]) -> None:
    """Make a message an activity with the person at the other end of it."""
    from app.exchange.shaping import by_print

    shaped.draft.kind = "activity"
    place = _PLACES.get(shaper.system, "Message")
    sender, to = values.get("sender", ""), people(values.get("recipients", ""))
    owner = name_key(shaper.owner)
    sent = name_key(sender) == owner if owner else None
    if name_key(values.get("folder", "")) in _SENT:
        sent = True
    others = [name for name in to if name_key(name) != owner]
    other = (others[0] if others else "") if sent else sender
    body = values.get("body", "")
    if len(others) > 1:  # the others of a group have no place of their own
        body = f"{body}\n\nTo: {', '.join(to)}".strip()
    topic = values.get("subject") or values.get("title") or ""
    shaped.columns.update(
        kind=ActivityKind.EMAIL,
        subject=f"{place}: {topic}" if topic else f"{place} message",
        body=body,
        direction=None if sent is None else Direction.OUTBOUND if sent else Direction.INBOUND,
    )
    if "at" in values:
        shaped.columns["at"] = values["at"]
    if "thread" in values:
        shaped.columns["thread_key"] = f"{shaper.system}:{values['thread']}"
    if other and name_key(other) != name_key("LinkedIn Member"):  # somebody who has left it
        shaped.links["contact_id"] = ("contact", other)
    urls = people(values.get("recipient_urls", "")) if sent else [values.get("sender_url", "")]
    if urls and urls[0] and (not sent or len(others) == 1):
        shaped.extra["contact_profile"] = urls[0]
    by_print(shaped, ("thread", "at", "sender", "recipients", "body", "subject"))
