"""A call with its next step: one intention, so one step to undo."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.commands.activities import log_activity
from app.commands.tasks import create_task
from models.values import ActivityKind, CallOutcome, Direction


def log_call(
    session: Session,
    *,
    contact_id: int,
    direction: Direction = Direction.OUTBOUND,
    outcome: CallOutcome = CallOutcome.REACHED,
    body: str | None = None,
    deal_id: int | None = None,
    next_title: str = "",
    next_due_at: datetime | None = None,
    next_all_day: bool = False,
) -> int:
    """Note a call and, with a title, add the task that follows from it; return the call's id."""
    call = log_activity(
        session,
        kind=ActivityKind.CALL,
        direction=direction,
        outcome=outcome,
        body=body,
        contact_id=contact_id,
        deal_id=deal_id,
    )
    if next_title.strip():
        create_task(
            session,
            title=next_title,
            due_at=next_due_at,
            due_all_day=next_all_day,
            contact_id=contact_id,
            deal_id=deal_id,
        )
    return call
