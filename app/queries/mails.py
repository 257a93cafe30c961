"""Mails of a timeline: whose they are by their addresses, who took part, and their files."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.queries.record_facts import FileFact
from app.queries.timeline_changes import TimelineScope
from app.queries.timeline_entry import MailPerson, Timeline, TimelineEntry
from models.records import (
    Activity,
    ActivityParticipant,
    Attachment,
    AttachmentLink,
    Contact,
    ContactPoint,
)
from models.values import ActivityKind, PointKind


@dataclass(frozen=True, slots=True)
class MailFacts:
    """One mail, to be read; `html` is safe to show, empty where it has plain text only."""

    activity_id: int
    subject: str
    at: datetime
    text: str
    html: str
    people: tuple[MailPerson, ...]
    files: tuple[FileFact, ...]


def activities_of(scope: TimelineScope) -> Any:
    """Return "belongs to the record", by a link or by an address that took part in a mail.

    By the address, because a mailbox may be read before its people are there.
    """
    linked = scope.of(Activity)
    if scope.contact_id is not None:
        return or_(linked, _took_part(ContactPoint.contact_id == scope.contact_id))
    if scope.company_id is None:
        return linked
    people = select(Contact.id).where(Contact.company_id == scope.company_id)
    # Each by itself: within one condition the addresses of everybody would be read.
    return or_(
        linked,
        _took_part(ContactPoint.company_id == scope.company_id),
        _took_part(ContactPoint.contact_id.in_(people)),
    )


def _took_part(whose: Any) -> Any:
    took_part = (
        select(ActivityParticipant.activity_id)
        .join(ContactPoint, ContactPoint.normal == ActivityParticipant.address)
        .where(whose, ContactPoint.kind == PointKind.EMAIL)
    )
    return Activity.id.in_(took_part)


def with_mails(session: Session, page: Timeline) -> Timeline:
    """Return a page whose mails say who wrote to whom and what came with them."""
    ids = [entry.record_id for entry in page.entries if entry.kind == ActivityKind.EMAIL]
    if not ids:
        return page
    people, files = _people(session, ids), _files(session, ids)
    return Timeline(tuple(_told(entry, people, files) for entry in page.entries), page.more)


def _told(
    entry: TimelineEntry,
    people: dict[int, list[MailPerson]],
    files: dict[int, list[FileFact]],
) -> TimelineEntry:
    if entry.kind != ActivityKind.EMAIL:
        return entry
    return replace(
        entry,
        people=tuple(people.get(entry.record_id, ())),
        files=tuple(files.get(entry.record_id, ())),
    )


def mail_facts(session: Session, activity_id: int) -> MailFacts | None:
    """Return a mail with all that belongs to it; None when it is gone."""
    activity = session.get(Activity, activity_id)
    if activity is None:
        return None
    return MailFacts(
        activity_id=activity_id,
        subject=activity.subject or "",
        at=activity.at,
        text=activity.body or "",
        html=activity.body_html or "",
        people=tuple(_people(session, [activity_id]).get(activity_id, ())),
        files=tuple(_files(session, [activity_id]).get(activity_id, ())),
    )


def _people(session: Session, ids: Sequence[int]) -> dict[int, list[MailPerson]]:
    place = ActivityParticipant
    found: dict[int, list[MailPerson]] = {}
    rows = session.execute(
        select(place.activity_id, place.role, place.name, place.address)
        .where(place.activity_id.in_(ids))
        .order_by(place.position, place.id)
    )
    for activity_id, role, name, address in rows:
        found.setdefault(activity_id, []).append(MailPerson(role, name or "", address))
    return found


def _files(session: Session, ids: Sequence[int]) -> dict[int, list[FileFact]]:
    link = AttachmentLink
    found: dict[int, list[FileFact]] = {}
    rows = session.execute(
        select(link.activity_id, link.id, link.name, Attachment.size, link.media_type)
        .join(Attachment, Attachment.id == link.attachment_id)
        .where(link.activity_id.in_(ids), link.archived_at.is_(None))
        .order_by(link.id)
    )
    for activity_id, link_id, name, size, media_type in rows:
        found.setdefault(activity_id or 0, []).append(FileFact(link_id, name, size, media_type))
    return found
