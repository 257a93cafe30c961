"""Mails as records to be taken in."""

import hashlib
import logging
from datetime import datetime
from typing import Any, Final

from app.exchange.mail.message import Mail, read_message
from app.exchange.tables import Cells, Dialect, Given, SourceRow, Stated
from models.values import MailRole

log = logging.getLogger(__name__)

KIND: Final = "activity"
SYSTEM: Final = "mail"  # under which message ids are kept
HEADERS: Final = ("Date", "From", "To", "Subject", "Attachments", "Message-ID")
MAIL: Final = "mail"  # the value that holds what is no field: people, files, thread
_LONGEST_ID: Final = 300
_SHOWN_PEOPLE: Final = 20
UNREADABLE: Final = (
    "This message could not be read. Save it from a mail program as .eml and import that file."
)
TOO_LARGE: Final = (
    "The message is larger than {limit} MB. Take its attachments out in a mail program, or "
    "attach it to a contact as a file."
)


def stated(title: str) -> Stated:
    """Return what a format of mails says of its files."""
    return Stated(KIND, title, SYSTEM, HEADERS)


def dialect(name: str) -> Dialect:
    """Return how such a file is written: mails name their charsets themselves."""
    return Dialect(name, header_row=0)


def given_of(
    raw: bytes, *, fallback_at: datetime | None = None, make_people: bool = False
) -> Given:
    """Return a mail's source as a record; `fallback_at` is its moment where it states none."""
    return given_of_mail(read_message(raw, arrived=fallback_at), make_people=make_people)


def given_of_mail(mail: Mail, *, make_people: bool = False) -> Given:
    """Return a mail as a record.

    `make_people`: whoever wrote it becomes a contact if they are none. Off unless asked for: the
    strangers of one mailbox outnumber the people of most workspaces.
    """
    values: dict[str, Any] = {
        "kind": "email",
        "at": mail.at,
        "subject": mail.subject,
        "body": mail.body,
        "external_id": external_id(mail),
    }
    values = {key: value for key, value in values.items() if value not in {None, ""}}
    values[MAIL] = mail
    if make_people and mail.sender:
        sender = mail.of_role(MailRole.FROM)[0]
        values["contact_email"] = sender.address
        values["contact"] = sender.name or sender.address
    return Given(KIND, values, list(mail.problems), weight=mail.size)


def external_id(mail: Mail) -> str:
    """Return what a mail is found again by: its Message-ID, else a digest of what it says."""
    if mail.message_id:
        if len(mail.message_id) <= _LONGEST_ID:
            return mail.message_id
        return f"sha256:{hashlib.sha256(mail.message_id.encode()).hexdigest()}"
    people = sorted(f"{p.role.value} {p.address.normal}" for p in mail.people)
    parts = [str(mail.at), mail.subject, mail.body, *people, *(f.digest for f in mail.files)]
    return f"sha256:{hashlib.sha256(chr(31).join(parts).encode()).hexdigest()}"


def row_of_source(number: int, raw: bytes, at: datetime | None) -> SourceRow:
    """Return a mail's source as a row; what cannot be read is a row that says so."""
    try:
        mail = read_message(raw, arrived=at)
    except Exception:  # one message must not end the reading of all that follow
        log.exception("A message of %d bytes cannot be read", len(raw))
        return SourceRow(number, ("",) * len(HEADERS), problem=UNREADABLE)
    return row_of(number, mail)


def row_of(number: int, mail: Mail) -> SourceRow:
    """Return a mail as a row."""
    return SourceRow(number, cells_of(mail), given=given_of_mail(mail))


def cells_of(mail: Mail) -> Cells:
    """Return what people see of a mail in a preview and in a reject file."""
    receivers = mail.of_role(MailRole.TO)[:_SHOWN_PEOPLE]
    return (
        mail.at.isoformat(sep=" ") if mail.at else "",
        ", ".join(a.text for a in mail.of_role(MailRole.FROM)),
        ", ".join(a.text for a in receivers),
        mail.subject,
        ", ".join(file.name for file in mail.files[:_SHOWN_PEOPLE]),
        mail.message_id,
    )
