"""Which records make a good picture: those with the most to show."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.records import (
    Activity,
    Contact,
    Deal,
    Reminder,
    StageChange,
    Ticket,
    TicketMessage,
)
from models.values import StageType


@dataclass(frozen=True, slots=True)
class Showcase:
    """The liveliest contact, company, open deal and ticket; None where there is none."""

    contact_id: int | None
    company_id: int | None
    deal_id: int | None
    ticket_id: int | None


def showcase(session: Session) -> Showcase:
    """Return the records with the longest history."""
    contact = _most(session, Activity.contact_id)
    company = session.scalar(select(Contact.company_id).where(Contact.id == contact))
    moves = (
        select(Deal.id)
        .join(StageChange, StageChange.deal_id == Deal.id)
        .where(Deal.stage_type == StageType.OPEN, Deal.archived_at.is_(None))
        .group_by(Deal.id)
        .order_by(func.count().desc(), Deal.id)
        .limit(1)
    )
    talk = (
        select(Ticket.id)
        .join(TicketMessage, TicketMessage.ticket_id == Ticket.id)
        .where(Ticket.next_due_at.is_not(None), Ticket.archived_at.is_(None))
        .group_by(Ticket.id)
        .order_by(func.count().desc(), Ticket.id)
        .limit(1)
    )
    return Showcase(contact, company, session.scalar(moves), session.scalar(talk))


def _most(session: Session, column: Any) -> int | None:
    return session.scalar(
        select(column)
        .where(column.is_not(None))
        .group_by(column)
        .order_by(func.count().desc(), column)
        .limit(1)
    )


def has_fired(session: Session, task_id: int) -> bool:
    """Say whether a task's reminder has been shown."""
    found = select(Reminder.id).where(Reminder.task_id == task_id, Reminder.fired_at.is_not(None))
    return session.scalar(found.limit(1)) is not None
