"""Mails as an mbox (mboxrd), which every mail program and our own import reads."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC
from pathlib import Path
from typing import IO, Final, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.exchange.mail.addresses import Address
from app.exchange.mail.message import Mail, MailFile, Person
from app.exchange.mail.writing import source_of
from app.exchange.out.reading import Item
from app.workspace import Workspace
from models.records import (
    Activity,
    ActivityParticipant,
    Attachment,
    AttachmentLink,
    Contact,
    User,
)
from models.values import ActivityKind, Direction, MailRole

_AT_ONCE: Final = 20  # mails with their files
_FROM_LINE: Final = re.compile(rb"^(>*From )", re.MULTILINE)
_NO_MOMENT: Final = "Thu Jan  1 00:00:00 1970"
_YEARS: Final = range(1901, 2199)  # that readers take for those of an envelope
_NO_WORD: Final = re.compile(r"[^!-~]")


class Items(Protocol):
    """The activities to write, and where their people and files are read."""

    workspace: Workspace

    def __iter__(self) -> Iterator[Item]:
        """Yield the activities."""


def write_items(path: Path, items: Items) -> list[str]:
    """Write the mails among activities; the notes returned say what was left out."""
    left = 0
    waiting: list[int] = []
    with path.open("wb") as file:
        for item in items:
            if item.values.get("kind") is not ActivityKind.EMAIL:
                left += 1
                continue
            waiting.append(item.values["id"])
            if len(waiting) == _AT_ONCE:
                _write(file, items.workspace, waiting)
                waiting = []
        _write(file, items.workspace, waiting)
    return [f"{left:,} calls, meetings and notes are no mails and were left out."] if left else []


def _write(file: IO[bytes], workspace: Workspace, ids: Sequence[int]) -> None:
    for mail in workspace.read(stored_mails, ids) if ids else ():
        write_mail(file, mail)


def write_mail(file: IO[bytes], mail: Mail) -> None:
    """Add a mail to an mbox."""
    sender = next((a.address for a in mail.of_role(MailRole.FROM)), "")
    word = _NO_WORD.sub("", sender) or "MAILER-DAEMON"
    known = mail.at is not None and mail.at.year in _YEARS
    moment = mail.at.astimezone(UTC).ctime() if mail.at and known else _NO_MOMENT
    file.write(f"From {word} {moment}\n".encode())
    file.write(_FROM_LINE.sub(rb">\1", source_of(mail)) + b"\n")


def stored_mails(session: Session, ids: Sequence[int]) -> list[Mail]:
    """Return stored mails with their people and files, in the order of their ids given."""
    rows = session.execute(
        select(Activity, User.name, User.email, Contact.name, Contact.email)
        .outerjoin(User, User.id == Activity.user_id)
        .outerjoin(Contact, Contact.id == Activity.contact_id)
        .where(Activity.id.in_(ids))
    )
    people, files = _people(session, ids), _files(session, ids)
    found: dict[int, Mail] = {}
    for activity, user, user_email, contact, contact_email in rows:
        mail = Mail(
            subject=activity.subject or "",
            at=activity.at,
            body=activity.body or "",
            body_html=activity.body_html or "",
            message_id=activity.message_id or "",
            people=people.get(activity.id, []),
            files=files.get(activity.id, []),
        )
        if activity.thread_key and activity.thread_key != activity.message_id:
            mail.references = (activity.thread_key,)
        if not mail.people:  # written down here, not received: its contact and its user
            ours = Address(user or "", user_email) if user_email else None
            theirs = Address(contact or "", contact_email) if contact_email else None
            pair = (ours, theirs) if activity.direction is Direction.OUTBOUND else (theirs, ours)
            roles = zip((MailRole.FROM, MailRole.TO), pair, strict=True)
            mail.people = [Person(role, address) for role, address in roles if address]
        found[activity.id] = mail
    return [found[activity_id] for activity_id in ids if activity_id in found]


def _people(session: Session, ids: Sequence[int]) -> dict[int, list[Person]]:
    found: dict[int, list[Person]] = {}
    for each in session.scalars(
        select(ActivityParticipant)
        .where(ActivityParticipant.activity_id.in_(ids))
        .order_by(ActivityParticipant.position, ActivityParticipant.id)
    ):
        person = Person(each.role, Address(each.name or "", each.address))
        found.setdefault(each.activity_id, []).append(person)
    return found


def _files(session: Session, ids: Sequence[int]) -> dict[int, list[MailFile]]:
    found: dict[int, list[MailFile]] = {}
    link = AttachmentLink
    rows = session.execute(
        select(link.activity_id, link.name, link.media_type, Attachment.content, Attachment.digest)
        .join(Attachment, Attachment.id == link.attachment_id)
        .where(link.activity_id.in_(ids), link.archived_at.is_(None))
        .order_by(link.id)
    )
    for activity_id, name, media_type, content, digest in rows:
        file = MailFile(name, media_type, bytes(content), digest)
        found.setdefault(activity_id or 0, []).append(file)
    return found
