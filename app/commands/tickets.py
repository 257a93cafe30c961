"""Tickets: opened, answered, put off, resolved and reopened; SEMANTICS, Tickets, says the rules."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.commands.common import clean, load, required
from app.commands.field_setters import Fields
from app.commands.ticket_clocks import (
    ClockRules,
    clock_rules,
    log_misses,
    pause,
    resume,
    say,
    set_deadlines,
)
from app.conflicts import fields_to_write
from app.database import acting_user
from app.errors import UserError
from models.clock import now
from models.ids import new_id
from models.records import Company, Contact, Deal, Ticket, TicketMessage, User
from models.values import (
    MessageKind,
    StatusCategory,
    TicketPriority,
    TicketStatus,
    TicketType,
)

REOPEN_WITHIN: Final = timedelta(days=7)
BODY_LIMIT: Final = 1_000_000
FIRST_NUMBER: Final = 1001

FIELDS: Final = Fields(
    texts={"subject": 500, "category": 120, "team": 120, "channel": 60},
    links={"owner_id": User, "contact_id": Contact, "company_id": Company, "deal_id": Deal},
    choices={"type": TicketType, "priority": TicketPriority},
)
STATUS_WORDS: Final = {
    TicketStatus.NEW: "New",
    TicketStatus.OPEN: "Open",
    TicketStatus.WAITING: "Waiting on customer",
    TicketStatus.ON_HOLD: "On hold",
    TicketStatus.RESOLVED: "Resolved",
    TicketStatus.CLOSED: "Closed",
}


def create_ticket(
    session: Session,
    *,
    subject: str,
    body: str | None = None,
    priority: TicketPriority = TicketPriority.NORMAL,
    type: TicketType = TicketType.QUESTION,  # noqa: A002  the record's own word
    contact_id: int | None = None,
    company_id: int | None = None,
    owner_id: int | None = None,
    category: str | None = None,
    team: str | None = None,
    channel: str | None = None,
    deal_id: int | None = None,
    opened_at: datetime | None = None,
    follows_id: int | None = None,
) -> int:
    """Open a ticket under the next number; its text is the customer's first message."""
    ticket = Ticket(
        id=new_id(),
        number=_next_number(session),
        status=TicketStatus.NEW,
        opened_at=opened_at or now(),
        hold_seconds=0,
        response_steps=0,
        answer_steps=0,
        resolution_steps=0,
        escalation_level=0,
        follows_id=follows_id,
    )
    given = {"priority": priority, "type": type, "category": category, "team": team}
    links = {"contact_id": contact_id, "owner_id": owner_id, "deal_id": deal_id}
    FIELDS.apply(session, ticket, {**given, **links, "company_id": company_id, "channel": channel})
    ticket.subject = required(subject, 500, "subject")
    if ticket.company_id is None and ticket.contact_id is not None:
        ticket.company_id = load(session, Contact, ticket.contact_id).company_id
    ticket.target_priority = ticket.priority
    set_deadlines(ticket, clock_rules(session))
    session.add(ticket)
    session.flush()  # messages point at it, and without relationships nothing else orders the two
    text = clean(body, BODY_LIMIT, "body")
    if text:
        _write(session, ticket, MessageKind.CUSTOMER, text, ticket.opened_at)
    return ticket.id


def reply_to_ticket(
    session: Session, *, ticket_id: int, body: str, then_status: TicketStatus | None = None
) -> int:
    """Answer the customer; the first two clocks stop, a new ticket becomes open."""
    ticket, moment = _living(session, ticket_id), now()
    text = required(body, BODY_LIMIT, "body")
    log_misses(session, ticket, moment)
    message = _write(session, ticket, MessageKind.REPLY, text, moment)
    ticket.first_response_at = ticket.first_response_at or moment
    _stop_waiting(ticket)
    if ticket.owner_id is None:
        ticket.owner_id = acting_user(session)
    rules = clock_rules(session)
    wanted = then_status
    if wanted is None and ticket.status is TicketStatus.NEW:
        wanted = TicketStatus.OPEN
    if wanted is not None:
        _set_status(session, ticket, TicketStatus(wanted), moment, rules)
    set_deadlines(ticket, rules)
    return message


def add_ticket_note(session: Session, *, ticket_id: int, body: str) -> int:
    """Write an internal note; no clock notices."""
    ticket = load(session, Ticket, ticket_id)
    return _write(session, ticket, MessageKind.NOTE, required(body, BODY_LIMIT, "body"), now())


def receive_customer_message(
    session: Session,
    *,
    ticket_id: int,
    body: str,
    at: datetime | None = None,
    contact_id: int | None = None,
    message_id: str | None = None,
) -> int:
    """Take in what the customer wrote; return the id of the ticket it went to.

    It reopens what is paused or resolved, and what was closed within seven days; later it opens
    a ticket of its own that names the old one. What was merged goes on in the other thread.
    """
    ticket, moment = _final(session, load(session, Ticket, ticket_id)), at or now()
    text = required(body, BODY_LIMIT, "body")
    if message_id is not None and _known_message(session, message_id) is not None:
        return ticket.id
    closed = ticket.closed_at
    if ticket.status is TicketStatus.CLOSED and closed and moment - closed > REOPEN_WITHIN:
        return _follow_up(session, ticket, text, moment, message_id)
    rules = clock_rules(session)
    log_misses(session, ticket, moment)
    _write(session, ticket, MessageKind.CUSTOMER, text, moment, contact_id, message_id)
    if ticket.status.category is not StatusCategory.OPEN:
        _set_status(session, ticket, TicketStatus.OPEN, moment, rules)
    ticket.waiting_since, ticket.answer_steps = moment, 0
    set_deadlines(ticket, rules)
    return ticket.id


def change_ticket(
    session: Session,
    *,
    ticket_id: int,
    row_version: int | None = None,
    opened: Mapping[str, Any] | None = None,
    resolution: Mapping[str, Any] | None = None,
    **fields: Any,
) -> int:
    """Change fields of a ticket; status, priority and owner are told in its thread."""
    ticket, moment = load(session, Ticket, ticket_id), now()
    fields = fields_to_write(
        session,
        ticket,
        fields,
        row_version=row_version,
        opened=opened,
        resolution=resolution,
    )
    rules = clock_rules(session)
    log_misses(session, ticket, moment)
    before_owner, before_priority = ticket.owner_id, ticket.priority
    status = fields.pop("status", None)
    if "subject" in fields:
        required(fields["subject"], 500, "subject")
    for name in ("priority", "type"):
        if name in fields and fields[name] is None:
            raise UserError("Choose one.", field=name)
    FIELDS.apply(session, ticket, fields)
    if status is not None:
        _set_status(session, ticket, TicketStatus(status), moment, rules)
    if ticket.priority is not before_priority:
        ticket.target_priority = ticket.priority
        ticket.response_steps = ticket.answer_steps = ticket.resolution_steps = 0
        words = f"Priority changed from {before_priority.title()} to {ticket.priority.title()}"
        _tell(session, ticket, words, moment)
    if ticket.owner_id != before_owner:
        _tell(session, ticket, _owner_words(session, ticket), moment)
    set_deadlines(ticket, rules)
    return ticket.id


def set_ticket_status(session: Session, *, ticket_id: int, status: TicketStatus) -> int:
    """Put a ticket into a status."""
    return change_ticket(session, ticket_id=ticket_id, status=status)


def hold_ticket(session: Session, *, ticket_id: int) -> int:
    """Put a ticket on hold: its clocks stand still."""
    return change_ticket(session, ticket_id=ticket_id, status=TicketStatus.ON_HOLD)


def resolve_ticket(session: Session, *, ticket_id: int) -> int:
    """Call a ticket resolved; the customer's answer would reopen it."""
    return change_ticket(session, ticket_id=ticket_id, status=TicketStatus.RESOLVED)


def close_ticket(session: Session, *, ticket_id: int) -> int:
    """Close a ticket for good; after seven days an answer opens a linked one."""
    return change_ticket(session, ticket_id=ticket_id, status=TicketStatus.CLOSED)


def rate_ticket(
    session: Session, *, ticket_id: int, satisfaction: int | None, reason: str | None = None
) -> int:
    """Keep how content the customer was, 1 to 5, and why; None takes it back."""
    ticket = load(session, Ticket, ticket_id)
    if satisfaction is not None and not 1 <= satisfaction <= 5:  # noqa: PLR2004  the scale
        raise UserError("Satisfaction is a number from 1 to 5.", field="satisfaction")
    if satisfaction is not None and ticket.status.category is not StatusCategory.DONE:
        raise UserError("A ticket is rated after it is resolved.", field="satisfaction")
    ticket.satisfaction = satisfaction
    ticket.satisfaction_reason = clean(reason, 10_000, "satisfaction_reason")
    return ticket.id


def _next_number(session: Session) -> int:
    """Return the number after the highest; there is one writer per workspace, so it is free."""
    highest = session.scalar(select(func.max(Ticket.number)))
    return FIRST_NUMBER if highest is None else highest + 1


def _write(
    session: Session,
    ticket: Ticket,
    kind: MessageKind,
    body: str,
    at: datetime,
    contact_id: int | None = None,
    message_id: str | None = None,
) -> int:
    from_customer = kind is MessageKind.CUSTOMER
    message = TicketMessage(
        id=new_id(),
        ticket_id=ticket.id,
        kind=kind,
        at=at,
        body=body,
        user_id=None if from_customer else acting_user(session),
        contact_id=(contact_id or ticket.contact_id) if from_customer else None,
        message_id=message_id,
    )
    session.add(message)
    return message.id


def _tell(session: Session, ticket: Ticket, words: str, moment: datetime) -> None:
    user_id = acting_user(session)
    name = load(session, User, user_id).name if user_id is not None else None
    say(session, ticket, f"{words} by {name}" if name else words, moment)


def _owner_words(session: Session, ticket: Ticket) -> str:
    if ticket.owner_id is None:
        return "Owner removed"
    return f"Assigned to {load(session, User, ticket.owner_id).name}"


def _set_status(
    session: Session, ticket: Ticket, status: TicketStatus, moment: datetime, rules: ClockRules
) -> None:
    """Change the status, with what it does to the clocks; `set_deadlines` must follow."""
    before = ticket.status
    if status is before:
        return
    if ticket.merged_into_id is not None:
        raise UserError("This ticket was merged; go on in the other one.", field="status")
    if status is TicketStatus.NEW and ticket.first_response_at is not None:
        raise UserError("An answered ticket is not new any more.", field="status")
    old, new = before.category, status.category
    if old is not new and old is not StatusCategory.OPEN:
        resume(ticket, moment, rules)
    if new is StatusCategory.PAUSED:
        pause(ticket, moment)
    if new is StatusCategory.DONE:
        ticket.resolved_at = ticket.resolved_at or moment
        _stop_waiting(ticket)
    else:
        ticket.resolved_at = None
    ticket.closed_at = moment if status is TicketStatus.CLOSED else None
    ticket.status = status
    words = f"Status changed from {STATUS_WORDS[before]} to {STATUS_WORDS[status]}"
    if old is StatusCategory.DONE and new is StatusCategory.OPEN:
        words = f"Reopened from {STATUS_WORDS[before]}"
    _tell(session, ticket, words, moment)


def _stop_waiting(ticket: Ticket) -> None:
    ticket.waiting_since, ticket.answer_steps = None, 0


def _living(session: Session, ticket_id: int) -> Ticket:
    ticket = load(session, Ticket, ticket_id)
    if ticket.merged_into_id is not None:
        raise UserError("This ticket was merged; answer in the other one.")
    return ticket


def _final(session: Session, ticket: Ticket) -> Ticket:
    seen = {ticket.id}
    while ticket.merged_into_id is not None and ticket.merged_into_id not in seen:
        ticket = load(session, Ticket, ticket.merged_into_id)
        seen.add(ticket.id)
    return ticket


def _known_message(session: Session, message_id: str) -> int | None:
    found = select(TicketMessage.id).where(TicketMessage.message_id == message_id).limit(1)
    return session.scalar(found)


def _follow_up(
    session: Session, old: Ticket, text: str, moment: datetime, message_id: str | None
) -> int:
    """Open the ticket that follows one closed long ago."""
    fresh_id = create_ticket(
        session,
        subject=old.subject,
        priority=old.target_priority or old.priority,
        type=old.type,
        contact_id=old.contact_id,
        company_id=old.company_id,
        owner_id=old.owner_id,
        category=old.category,
        team=old.team,
        channel=old.channel,
        opened_at=moment,
        follows_id=old.id,
    )
    fresh = load(session, Ticket, fresh_id)
    _write(session, fresh, MessageKind.CUSTOMER, text, moment, None, message_id)
    say(session, fresh, f"Follows #{old.number}, closed more than 7 days ago", moment)
    say(session, old, f"Goes on in #{fresh.number}", moment)
    return fresh_id
