"""Appointments: what has a start and an end."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from app.commands.common import archive_records, load, required, restore_records
from app.commands.field_setters import Fields
from app.commands.reminders import minutes_of, plan_appointment_reminder
from app.conflicts import fields_to_write
from app.database import acting_user
from app.errors import UserError
from models.clock import now
from models.ids import new_id
from models.records import Appointment, Company, Contact, Deal, User

FIELDS: Final = Fields(
    texts={"notes": 1_000_000, "location": 500},
    links={"owner_id": User, "contact_id": Contact, "company_id": Company, "deal_id": Deal},
    plain=frozenset({"starts_at", "ends_at", "all_day"}),
)
MINE: Final = -1  # stands for "whoever creates it"
KEEP: Final = -1  # stands for "the reminder stays as long before as it was"
USUAL_LENGTH: Final = timedelta(minutes=30)
USUAL_REMINDER: Final = 10
_PLANNED: Final = {"starts_at", "owner_id"}


def create_appointment(
    session: Session,
    *,
    title: str,
    starts_at: datetime,
    ends_at: datetime | None = None,
    all_day: bool = False,
    owner_id: int | None = MINE,
    remind_minutes_before: int | None = USUAL_REMINDER,
    **more: Any,
) -> int:
    """Add an appointment, half an hour long unless told otherwise."""
    found = Appointment(id=new_id(), title=required(title, 500, "title"))
    mine = acting_user(session) if owner_id in {MINE, None} else owner_id
    given = {
        "starts_at": starts_at,
        "ends_at": ends_at or starts_at + USUAL_LENGTH,
        "all_day": all_day,
        "owner_id": mine,
    }
    FIELDS.apply(session, found, {**given, **more})
    _follow_links(session, found)
    _check(found)
    session.add(found)
    session.flush()
    # One noted after it was held needs no reminder.
    plan_appointment_reminder(
        session, found, remind_minutes_before if found.ends_at > now() else None
    )
    return found.id


def change_appointment(
    session: Session,
    *,
    appointment_id: int,
    row_version: int | None = None,
    opened: Mapping[str, Any] | None = None,
    resolution: Mapping[str, Any] | None = None,
    **fields: Any,
) -> int:
    """Change an appointment; moving its start keeps its length, and the reminder follows."""
    found = load(session, Appointment, appointment_id)
    fields = fields_to_write(
        session,
        found,
        fields,
        row_version=row_version,
        opened=opened,
        resolution=resolution,
        current={"remind_minutes_before": minutes_of(session, appointment_id=found.id)},
    )
    minutes = fields.pop("remind_minutes_before", KEEP)
    if "title" in fields:
        found.title = required(fields.pop("title"), 500, "title")
    if fields.get("starts_at") is not None and "ends_at" not in fields:
        fields["ends_at"] = fields["starts_at"] + (found.ends_at - found.starts_at)
    FIELDS.apply(session, found, fields)
    _check(found)
    if minutes != KEEP:
        plan_appointment_reminder(session, found, minutes)
    elif _PLANNED & set(fields):
        plan_appointment_reminder(session, found, minutes_of(session, appointment_id=found.id))
    return found.id


def cancel_appointment(session: Session, *, appointment_id: int) -> int:
    """Call an appointment off; it stays in the history."""
    found = load(session, Appointment, appointment_id)
    if found.cancelled_at is not None:
        raise UserError("“{title}” is cancelled already.", title=found.title)
    found.cancelled_at = now()
    return found.id


def archive_appointment(session: Session, *, appointment_id: int) -> int:
    """Put an appointment away; return how many were not away before."""
    return archive_records(session, kind="appointment", ids=[appointment_id])


def restore_appointment(session: Session, *, appointment_id: int) -> int:
    """Bring an appointment back; return how many were away."""
    return restore_records(session, kind="appointment", ids=[appointment_id])


def _check(found: Appointment) -> None:
    if found.starts_at is None or found.ends_at is None:
        raise UserError("Say when it begins and ends.", field="starts_at")
    if found.ends_at < found.starts_at:
        raise UserError("It would end before it begins.", field="ends_at")


def _follow_links(session: Session, found: Appointment) -> None:
    if found.deal_id is not None:
        deal = load(session, Deal, found.deal_id)
        found.contact_id = found.contact_id or deal.contact_id
        found.company_id = found.company_id or deal.company_id
    if found.company_id is None and found.contact_id is not None:
        found.company_id = load(session, Contact, found.contact_id).company_id
