"""Comments on tickets, each in a row of its own."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from app.exchange.field_types import ID_WORDS, Shape, a_field, a_kind
from app.exchange.kinds.parts import copy, leave_out
from models.values import MessageKind, name_key

if TYPE_CHECKING:
    from app.exchange.shaping import Shaped, Shaper

TICKET_MESSAGE = a_kind(
    "ticket_message",
    "Ticket comment",
    "ticket-comments",
    (
        a_field("ticket_ref", "Ticket's id", Shape.ID, "ticket id|issue id|case id|conversation id|"
           "parent id|issue key|ticketnummer|vorgangsschlüssel|id de ticket|id del ticket", 2.0, 300),
        a_field("body", "Text", Shape.LONG, "body|comment|comment body|message|text|body text|content|"
           "comment text|plain body|kommentar|nachricht|commentaire|message texte|comentario|mensaje",
           1.5),
        a_field("at", "When", Shape.MOMENT, "created|created at|date|time|created date|posted at|"
           "sent at|erstellt|erstellt am|datum|créé le|fecha|creado", 0.8),
        a_field("public", "Public", Shape.YES_NO, "public|is public|is published|öffentlich|público",
           1.2),
        a_field("internal", "Internal", Shape.YES_NO, "private|internal|is private|is internal|intern|"
           "privat|interne|privado|interno", 1.2),
        a_field("incoming", "Incoming", Shape.YES_NO, "incoming|is incoming|eingehend", 1.2),
        a_field("direction", "Kind", Shape.CHOICE, "message type|direction|comment type", 0.6),
        a_field("author_kind", "Author's kind", Shape.CHOICE, "sender type|author type|author role",
           1.0),
        a_field("author", "Author", Shape.LINK, "author|author name|from|sender|user|by|verfasser|"
           "autor|auteur|author email|from email|commenter", 0.6, 320),
        a_field("author_ref", "Author's id", Shape.ID, "author id|user id|sender id|actor id", 0.8, 300),
        a_field("external_id", "Other system's id", Shape.ID, ID_WORDS + "|comment id|message id", 0.5,
           300),
    ),
    "body",
    "ticket_ref",
)  # fmt: skip

_NO_TIME: Final = "Nothing says when this was written. Fill in the moment and try again."
_NO_TICKET: Final = "Nothing says which ticket this belongs to. Fill in the ticket's id."
_WORDS: Final[Mapping[str, MessageKind]] = {
    name_key(word): kind
    for kind, words in (
        (MessageKind.CUSTOMER, "incoming|inbound|in|0|customer|received"),
        (MessageKind.REPLY, "outgoing|outbound|out|1|reply|public reply|sent"),
        (MessageKind.NOTE, "note|internal|private|internal note|private note"),
        (MessageKind.SYSTEM, "activity|template|2|3|system"),
    )
    for word in words.split("|")
}
_CUSTOMERS: Final = frozenset(
    name_key(word) for word in ("contact", "customer", "end-user", "enduser", "requester", "kunde")
)
_STAFF: Final = frozenset(
    name_key(word) for word in ("user", "agent", "admin", "agentbot", "captain", "staff")
)


def shape(shaper: "Shaper", shaped: "Shaped", values: Mapping[str, Any]) -> None:
    """Put a row's values into the columns of a message of the ticket it names."""
    from app.exchange.shaping import Ref

    del shaper
    if not str(values.get("body", "")).strip():
        leave_out(shaped, "The comment is empty, so it was left out.")
        return
    ticket = values.get("ticket_ref")
    if ticket is None or "at" not in values:
        shaped.draft.reject = _NO_TICKET if ticket is None else _NO_TIME
        return
    copy(shaped, "body", "at")
    shaped.refs.append(Ref("ticket_id", ("ticket",), ticket))
    kind = _kind(values)
    if kind is not None:
        shaped.columns["kind"] = kind
    if "author" in values:
        shaped.extra["author"] = values["author"]
    author = values.get("author_ref")
    if author is not None:
        word = name_key(values.get("author_kind", ""))
        if word not in _CUSTOMERS:
            shaped.refs.append(Ref("user_id", ("user",), author))
        if word not in _STAFF:
            shaped.refs.append(Ref("contact_id", ("contact",), author))


def _kind(values: Mapping[str, Any]) -> MessageKind | None:
    """Return what the row itself says, None where only its author can tell."""
    if values.get("public") is False or values.get("internal") is True:
        return MessageKind.NOTE
    if "incoming" in values:
        return MessageKind.CUSTOMER if values["incoming"] else MessageKind.REPLY
    said = _WORDS.get(name_key(values.get("direction", "")))
    if said is not None:
        return said
    word = name_key(values.get("author_kind", ""))
    if word in _CUSTOMERS:
        return MessageKind.CUSTOMER
    return MessageKind.REPLY if word in _STAFF else None


def when_linked(message: Mapping[str, Any], column: str) -> dict[str, Any]:
    """Return what else changes when the author of a message comes: our people answer."""
    if column == "user_id" and message["kind"] is MessageKind.CUSTOMER:
        return {"kind": MessageKind.REPLY}
    return {}
