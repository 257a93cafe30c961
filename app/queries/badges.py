"""How much waits for a person, for the rail."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.queries.today import needs_now_count
from models.ticket import Ticket
from models.values import TicketStatus

OPEN_TICKETS = (TicketStatus.NEW, TicketStatus.OPEN)


def waiting_counts(session: Session, user_id: int | None) -> dict[str, int]:
    """Return the counts per page: what the Today list holds, tickets that wait for an answer.

    Unassigned records wait for everybody.
    """
    tickets = select(func.count()).where(
        Ticket.status.in_(OPEN_TICKETS), Ticket.archived_at.is_(None)
    )
    return {
        "today": needs_now_count(session, user_id),
        "tickets": session.scalar(tickets) or 0,
    }
