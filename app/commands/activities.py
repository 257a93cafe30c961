"""What happened with customers: calls, e-mails, meetings and notes."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from app.commands.common import archive_records, load, restore_records
from app.commands.field_setters import Fields
from app.database import acting_user
from app.errors import UserError
from models.clock import now
from models.ids import new_id
from models.records import Activity, Company, Contact, Deal, Ticket, User
from models.values import ActivityKind, CallOutcome, Direction

FIELDS: Final = Fields(
    texts={"subject": 500, "body": 1_000_000, "message_id": 998},
    links={
        "contact_id": Contact,
        "company_id": Company,
        "deal_id": Deal,
        "ticket_id": Ticket,
        "user_id": User,
    },
    choices={"kind": ActivityKind, "direction": Direction, "outcome": CallOutcome},
    plain=frozenset({"at"}),
    amounts=frozenset({"duration_seconds"}),
)


def log_activity(
    session: Session,
    *,
    kind: ActivityKind,
    at: datetime | None = None,
    subject: str | None = None,
    body: str | None = None,
    direction: Direction | None = None,
    outcome: CallOutcome | None = None,
    duration_seconds: int | None = None,
    contact_id: int | None = None,
    company_id: int | None = None,
    deal_id: int | None = None,
    ticket_id: int | None = None,
    **more: Any,
) -> int:
    """Note what happened; a deal, ticket or person also tells the person and company."""
    activity = Activity(id=new_id(), user_id=acting_user(session))
    given = {
        "kind": kind,
        "at": at or now(),
        "subject": subject,
        "body": body,
        "direction": direction,
        "outcome": outcome,
        "duration_seconds": duration_seconds,
        "contact_id": contact_id,
        "company_id": company_id,
        "deal_id": deal_id,
        "ticket_id": ticket_id,
    }
    FIELDS.apply(session, activity, {**given, **more})
    _follow_links(session, activity)
    _check(activity)
    session.add(activity)
    return activity.id


def change_activity(session: Session, *, activity_id: int, **fields: Any) -> int:
    """Correct what was noted."""
    activity = load(session, Activity, activity_id)
    FIELDS.apply(session, activity, fields)
    _check(activity)
    return activity.id


def archive_activity(session: Session, *, activity_id: int) -> int:
    """Take an activity out of the timelines, without losing it."""
    return archive_records(session, kind="activity", ids=[activity_id])


def restore_activity(session: Session, *, activity_id: int) -> int:
    """Bring an archived activity back."""
    return restore_records(session, kind="activity", ids=[activity_id])


def _follow_links(session: Session, activity: Activity) -> None:
    """Fill person and company from what the activity is about, so that their timelines show it."""
    about: list[Deal | Ticket] = []
    if activity.deal_id is not None:
        about.append(load(session, Deal, activity.deal_id))
    if activity.ticket_id is not None:
        about.append(load(session, Ticket, activity.ticket_id))
    for record in about:
        if activity.contact_id is None:
            activity.contact_id = record.contact_id
        if activity.company_id is None:
            activity.company_id = record.company_id
    if activity.company_id is None and activity.contact_id is not None:
        activity.company_id = load(session, Contact, activity.contact_id).company_id


def _check(activity: Activity) -> None:
    if activity.kind is ActivityKind.NOTE and not (activity.body or activity.subject):
        raise UserError("Write something first.", field="body")
    if activity.at is None:
        raise UserError("Say when it happened.", field="at")
    if activity.kind is not ActivityKind.CALL and activity.outcome is not None:
        raise UserError("Only a call has an outcome.", field="outcome")
