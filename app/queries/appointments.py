"""Appointments as pages read them: of a series each time."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.queries.tasks import minutes_of_reminder
from app.series import Occurrence, occurrences
from models.clock import local_zone
from models.records import Appointment, Company, Contact, Deal, Reminder


@dataclass(frozen=True, slots=True)
class AppointmentRow:
    """One appointment."""

    id: int
    title: str
    notes: str | None
    starts_at: datetime
    ends_at: datetime
    all_day: bool
    location: str | None
    owner_id: int | None
    contact_id: int | None
    contact_name: str | None
    company_id: int | None
    company_name: str | None
    deal_id: int | None
    deal_name: str | None
    remind_minutes_before: int | None
    row_version: int


def appointment_rows(
    session: Session, user_id: int | None, begin: datetime, end: datetime
) -> list[AppointmentRow]:
    """Return a person's appointments that touch a span of time, in order; of series each time."""
    mine = or_(Appointment.owner_id == user_id, Appointment.owner_id.is_(None))
    there = (mine, Appointment.cancelled_at.is_(None), Appointment.archived_at.is_(None))
    single = _appointment_rows(
        session,
        *there,
        Appointment.repeats.is_(False),
        Appointment.starts_at < end,
        Appointment.ends_at > begin,
    )
    in_series = [
        _at(row, time)
        for row, series in _series_rows(session, *there, *touching(begin, end))
        for time in occurrences(series, begin, end, local_zone())
        if not time.cancelled
    ]
    if not in_series:
        return single
    return sorted([*single, *in_series], key=lambda row: (row.starts_at, row.id))


def touching(begin: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of the series that may take place in a span."""
    return (
        Appointment.repeats.is_(True),
        Appointment.series.is_not(None),
        Appointment.starts_at < end,
        or_(Appointment.repeats_until.is_(None), Appointment.repeats_until > begin),
    )


def _at(row: AppointmentRow, time: Occurrence) -> AppointmentRow:
    return replace(
        row,
        starts_at=time.starts_at,
        ends_at=time.ends_at,
        title=time.title or row.title,
        location=time.location or row.location,
    )


def _series_rows(session: Session, *conditions: Any) -> list[tuple[AppointmentRow, str]]:
    rows = {row.id: row for row in _appointment_rows(session, *conditions)}
    texts = session.execute(
        select(Appointment.id, Appointment.series).where(Appointment.id.in_(list(rows)))
    )
    return [(rows[id_], series) for id_, series in texts if series is not None]


def appointment_row(session: Session, appointment_id: int) -> AppointmentRow | None:
    """Return one appointment."""
    found = _appointment_rows(session, Appointment.id == appointment_id)
    return found[0] if found else None


def _appointment_rows(session: Session, *conditions: Any) -> list[AppointmentRow]:
    statement = (
        select(
            Appointment,
            Contact.name,
            Company.name,
            Deal.name,
            minutes_of_reminder(Reminder.appointment_id, Appointment.id),
        )
        .outerjoin(Contact, Contact.id == Appointment.contact_id)
        .outerjoin(Company, Company.id == Appointment.company_id)
        .outerjoin(Deal, Deal.id == Appointment.deal_id)
        .where(*conditions)
        .order_by(Appointment.starts_at, Appointment.id)
    )
    return [
        AppointmentRow(
            id=found.id,
            title=found.title,
            notes=found.notes,
            starts_at=found.starts_at,
            ends_at=found.ends_at,
            all_day=found.all_day,
            location=found.location,
            owner_id=found.owner_id,
            contact_id=found.contact_id,
            contact_name=contact,
            company_id=found.company_id,
            company_name=company,
            deal_id=found.deal_id,
            deal_name=deal,
            remind_minutes_before=minutes,
            row_version=found.row_version,
        )
        for found, contact, company, deal, minutes in session.execute(statement)
    ]
