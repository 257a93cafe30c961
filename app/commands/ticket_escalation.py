"""Escalation in steps: 75 % warns the owner, 100 % raises, 150 % hands to a second level."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.ticket_clocks import (
    CLOCK_WORDS,
    CLOCKS,
    STEPS,
    ClockName,
    ClockRules,
    clock_rules,
    is_running,
    log_misses,
    say,
    set_deadlines,
    step_due_at,
)
from models.clock import now
from models.records import Ticket, User
from models.values import Role, TicketPriority, TicketStatus

_RAISED: Final = {
    TicketPriority.LOW: TicketPriority.NORMAL,
    TicketPriority.NORMAL: TicketPriority.HIGH,
    TicketPriority.HIGH: TicketPriority.URGENT,
    TicketPriority.URGENT: TicketPriority.URGENT,
}


@dataclass(frozen=True, slots=True)
class Escalation:
    """One step taken, and who should hear of it."""

    ticket_id: int
    number: int
    clock: ClockName
    percent: int
    user_id: int | None


def escalate_due_tickets(session: Session, *, limit: int = 500) -> list[Escalation]:
    """Take every escalation step that is due, each once per deadline, and say so in the threads."""
    moment, rules = now(), clock_rules(session)
    due = (
        select(Ticket)
        .where(
            Ticket.escalate_at <= moment,
            Ticket.status.in_((TicketStatus.NEW, TicketStatus.OPEN)),
            Ticket.archived_at.is_(None),
        )
        .order_by(Ticket.escalate_at, Ticket.id)
        .limit(limit)
    )
    taken: list[Escalation] = []
    for ticket in session.scalars(due).all():
        log_misses(session, ticket, moment)
        for clock in CLOCKS:
            taken += _take_steps(session, ticket, clock, moment, rules)
        set_deadlines(ticket, rules)
    return taken


def _take_steps(
    session: Session, ticket: Ticket, clock: ClockName, moment: datetime, rules: ClockRules
) -> list[Escalation]:
    taken: list[Escalation] = []
    while is_running(ticket, clock):
        due = step_due_at(ticket, clock, rules)
        if due is None or due > moment:
            break
        place: int = getattr(ticket, f"{clock}_steps")
        setattr(ticket, f"{clock}_steps", place + 1)
        ticket.escalation_level = max(ticket.escalation_level, place + 1)
        user_id = (_warn, _raise, _hand_over)[place](session, ticket, clock, moment)
        percent = round(STEPS[place] * 100)
        taken.append(Escalation(ticket.id, ticket.number, clock, percent, user_id))
    return taken


def _warn(session: Session, ticket: Ticket, clock: ClockName, moment: datetime) -> int | None:
    owner = session.get(User, ticket.owner_id) if ticket.owner_id is not None else None
    who = f"{owner.name} was warned" if owner is not None else "nobody owns this ticket yet"
    say(session, ticket, f"{CLOCK_WORDS[clock]}: 75 % of the time is used, {who}", moment)
    return ticket.owner_id


def _raise(session: Session, ticket: Ticket, clock: ClockName, moment: datetime) -> int | None:
    lead, before = _lead(session, ticket), ticket.priority
    ticket.target_priority = ticket.target_priority or before  # the promise stays what it was
    ticket.priority = _RAISED[before]
    done = f"priority raised to {ticket.priority.title()}"
    if ticket.priority is before:
        done = f"priority is {before.title()} already"
    told = f", {lead.name} was told" if lead is not None else ""
    say(session, ticket, f"{CLOCK_WORDS[clock]} is late: {done}{told}", moment)
    return lead.id if lead is not None else None


def _hand_over(session: Session, ticket: Ticket, clock: ClockName, moment: datetime) -> int | None:
    lead = _lead(session, ticket)
    start = f"{CLOCK_WORDS[clock]}: 150 % of the time is used"
    if lead is None or lead.id == ticket.owner_id:
        say(session, ticket, f"{start}, second level is needed", moment)
        return ticket.owner_id
    ticket.owner_id = lead.id
    say(session, ticket, f"{start}, handed to {lead.name} as second level", moment)
    return lead.id


def _lead(session: Session, ticket: Ticket) -> User | None:
    """Return the owner's manager, else the first who owns the workspace."""
    owner = session.get(User, ticket.owner_id) if ticket.owner_id is not None else None
    if owner is not None and owner.manager_id is not None:
        return session.get(User, owner.manager_id)
    leads = select(User).where(User.role == Role.OWNER, User.archived_at.is_(None))
    return session.scalars(leads.order_by(User.id).limit(1)).first()
