"""How much waits for a person, for the rail."""

from datetime import datetime, time, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models.clock import local_zone, today
from models.task import Task
from models.ticket import Ticket
from models.values import TicketStatus

OPEN_TICKETS = (TicketStatus.NEW, TicketStatus.OPEN)


def waiting_counts(session: Session, user_id: int | None) -> dict[str, int]:
    """Return the counts per page: own tasks due by tonight, tickets that wait for an answer.

    Unassigned records wait for everybody.
    """
    tonight = datetime.combine(today() + timedelta(days=1), time(), local_zone())
    tasks = select(func.count()).where(
        Task.done_at.is_(None),
        Task.archived_at.is_(None),
        Task.due_at < tonight,
        or_(Task.owner_id == user_id, Task.owner_id.is_(None)),
    )
    tickets = select(func.count()).where(
        Ticket.status.in_(OPEN_TICKETS), Ticket.archived_at.is_(None)
    )
    return {
        "today": session.scalar(tasks) or 0,
        "tickets": session.scalar(tickets) or 0,
    }
