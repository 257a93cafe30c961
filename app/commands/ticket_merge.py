"""Merging tickets: both threads stay whole and are read as one; it can be undone and unmerged."""

from sqlalchemy.orm import Session

from app.commands.common import load
from app.commands.ticket_clocks import clock_rules, log_misses, say, set_deadlines
from app.errors import UserError
from models.clock import now
from models.records import Ticket
from models.values import StatusCategory, TicketStatus


def merge_tickets(session: Session, *, ticket_id: int, into_id: int) -> int:
    """Close a ticket into another, which shows both threads in order of time and answers both."""
    source, target, moment = load(session, Ticket, ticket_id), load(session, Ticket, into_id), now()
    if ticket_id == into_id:
        raise UserError("Choose another ticket to merge into.", field="into_id")
    if source.merged_into_id is not None or target.merged_into_id is not None:
        raise UserError("One of these tickets was merged before.", field="into_id")
    rules = clock_rules(session)
    for ticket in (source, target):
        log_misses(session, ticket, moment)
    waits = [m for m in (source.waiting_since, target.waiting_since) if m is not None]
    if source.first_response_at is None and source.status.category is StatusCategory.OPEN:
        waits.append(source.opened_at)
    if waits and target.status.category is not StatusCategory.DONE:
        latest = max(waits)
        if latest != target.waiting_since:
            target.waiting_since, target.answer_steps = latest, 0
    source.merged_into_id = target.id
    source.status, source.closed_at = TicketStatus.CLOSED, moment
    source.resolved_at = source.resolved_at or moment
    say(session, source, f"Merged into #{target.number}", moment)
    say(session, target, f"#{source.number} was merged into this ticket", moment)
    set_deadlines(source, rules)
    set_deadlines(target, rules)
    return target.id


def unmerge_ticket(session: Session, *, ticket_id: int) -> int:
    """Take a merged ticket out again, open, with its own thread."""
    source, moment = load(session, Ticket, ticket_id), now()
    if source.merged_into_id is None:
        raise UserError("This ticket was not merged.")
    target = load(session, Ticket, source.merged_into_id)
    source.merged_into_id = None
    source.status, source.closed_at, source.resolved_at = TicketStatus.OPEN, None, None
    say(session, source, f"Taken out of #{target.number} again", moment)
    say(session, target, f"#{source.number} was taken out again", moment)
    set_deadlines(source, clock_rules(session))
    return source.id
