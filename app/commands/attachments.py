"""Files on records; equal bytes are stored once, whatever they are called."""

import hashlib
import mimetypes
from collections.abc import Mapping
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.common import load, required
from app.errors import UserError
from models.ids import new_id
from models.records import (
    Activity,
    Attachment,
    AttachmentLink,
    Company,
    Contact,
    Deal,
    Record,
    TicketMessage,
)

MAX_BYTES: Final = 50_000_000
_OWNERS: Final[Mapping[str, type[Record]]] = {
    "contact_id": Contact,
    "company_id": Company,
    "deal_id": Deal,
    "activity_id": Activity,
    "ticket_message_id": TicketMessage,
}


def attach_file(
    session: Session,
    *,
    name: str,
    content: bytes,
    media_type: str | None = None,
    **owner: int | None,
) -> int:
    """Keep a file with a record (`contact_id=…`, `deal_id=…` and so on); return the link's id."""
    given = {key: value for key, value in owner.items() if value is not None}
    if len(given) != 1 or not given.keys() <= _OWNERS.keys():
        raise TypeError("a file is attached to exactly one record")
    for key, record_id in given.items():
        load(session, _OWNERS[key], record_id)
    if len(content) > MAX_BYTES:
        raise UserError(
            "“{name}” is larger than {limit} MB. Keep it elsewhere and note where.",
            field="file",
            name=name,
            limit=MAX_BYTES // 1_000_000,
        )
    tidy = required(name, 255, "name")
    link = AttachmentLink(
        id=new_id(),
        attachment_id=_stored(session, content),
        name=tidy,
        media_type=media_type or mimetypes.guess_type(tidy)[0] or "application/octet-stream",
        **given,
    )
    session.add(link)
    return link.id


def rename_attachment(session: Session, *, link_id: int, name: str) -> int:
    """Give a file on a record another name."""
    link = load(session, AttachmentLink, link_id)
    link.name = required(name, 255, "name")
    return link.id


def detach_file(session: Session, *, link_id: int) -> int:
    """Take a file off a record; its bytes stay for undo and for other records."""
    session.delete(load(session, AttachmentLink, link_id))
    return link_id


def _stored(session: Session, content: bytes) -> int:
    digest = hashlib.sha256(content).hexdigest()
    found = session.scalar(select(Attachment.id).where(Attachment.digest == digest))
    if found is not None:
        return found
    attachment = Attachment(id=new_id(), digest=digest, size=len(content), content=content)
    session.add(attachment)
    session.flush()
    return attachment.id
