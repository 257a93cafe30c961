"""What one person has to do now, and what the day holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from app.commands.reminders import zone_of
from app.commands.ticket_clocks import CLOCKS, clock_rules, deadline, is_running
from app.queries.appointments import AppointmentRow, appointment_rows
from app.queries.call_next import CallSuggestion, call_suggestions
from app.queries.deal_attention import rotting_condition
from app.queries.deals import DealRow, deal_rows, value_of
from app.queries.goal import Goal, month_goal
from app.queries.tasks import (
    TaskRow,
    bucket_counts,
    open_task_rows,
    open_tasks,
    task_rows,
    waiting_for_answer,
)
from app.task_times import at_clock, week_end
from models.clock import now
from models.records import Activity, Appointment, Company, Contact, Deal, Stage, Task, Ticket, User
from models.values import (
    ActivityKind,
    CallOutcome,
    Direction,
    TaskBucket,
    TicketPriority,
    TicketStatus,
)

CLOSE_TO_BREACH: Final = 2 * 3600  # working seconds
MOST_TICKETS: Final = 50
MOST_DEALS: Final = 20
RECENT: Final = 8


@dataclass(frozen=True, slots=True)
class TicketDue:
    """A ticket whose next deadline is near or past."""

    id: int
    number: int
    subject: str
    priority: TicketPriority
    clock: str  # response, resolution or answer
    due_at: datetime
    is_late: bool
    contact_name: str | None
    company_name: str | None


@dataclass(frozen=True, slots=True)
class QuietDeal:
    """A deal past its stage's limit without a touch and without a plan."""

    deal: DealRow
    limit_days: int

    @property
    def days_over(self) -> int:
        """By how many days the limit has passed."""
        return max(1, self.deal.attention.quiet_days - self.limit_days)


@dataclass(frozen=True, slots=True)
class RecentActivity:
    """Something that just happened with a customer."""

    id: int
    kind: ActivityKind
    at: datetime
    subject: str | None
    body: str | None
    direction: Direction | None
    outcome: CallOutcome | None
    user_name: str | None
    contact_id: int | None
    contact_name: str | None
    company_id: int | None
    company_name: str | None
    deal_id: int | None
    ticket_id: int | None


@dataclass(frozen=True, slots=True)
class TodayList:
    """Everything the Today page shows."""

    at: datetime
    is_empty_workspace: bool
    overdue: tuple[TaskRow, ...]
    tickets: tuple[TicketDue, ...]
    tickets_run_again_at: datetime | None  # the working clock stands until then
    due_today: tuple[TaskRow, ...]
    quiet_deals: tuple[QuietDeal, ...]
    quiet_deal_count: int
    counts: dict[TaskBucket, int]
    appointments: tuple[AppointmentRow, ...]
    goal: Goal
    call_next: tuple[CallSuggestion, ...]
    recent: tuple[RecentActivity, ...]


def today_list(session: Session, user_id: int | None) -> TodayList:
    """Return what needs the person now, and the day's appointments, goal and calls."""
    zone, moment = zone_of(session, user_id), now()
    day = moment.astimezone(zone).date()
    begin = at_clock(day, time(), zone)
    tonight = at_clock(day + timedelta(days=1), time(), zone)
    tasks = open_task_rows(session, user_id, before=tonight)
    tickets, runs_again = _tickets(session, user_id, moment)
    quiet, quiet_count = _quiet_deals(session, user_id)
    return TodayList(
        at=moment,
        is_empty_workspace=_is_empty(session),
        overdue=tuple(row for row in tasks if row.bucket is TaskBucket.OVERDUE),
        tickets=tickets,
        tickets_run_again_at=runs_again,
        due_today=_timed_first(row for row in tasks if row.bucket is TaskBucket.TODAY),
        quiet_deals=quiet,
        quiet_deal_count=quiet_count,
        counts=bucket_counts(session, user_id),
        appointments=tuple(appointment_rows(session, user_id, begin, tonight)),
        goal=month_goal(session),
        call_next=tuple(call_suggestions(session, user_id)),
        recent=tuple(recent_activity(session)),
    )


def bucket_rows(
    session: Session, user_id: int | None, bucket: TaskBucket, limit: int = 100
) -> list[TaskRow]:
    """Return the to-dos of tomorrow, this week or later."""
    zone = zone_of(session, user_id)
    day = now().astimezone(zone).date()
    midnight = [at_clock(day + timedelta(days=n), time(), zone) for n in range(3)]
    monday = max(at_clock(week_end(day) + timedelta(days=1), time(), zone), midnight[2])
    waits = waiting_for_answer()
    wanted = {
        TaskBucket.TOMORROW: (Task.due_at >= midnight[1]) & (Task.due_at < midnight[2]) & ~waits,
        TaskBucket.THIS_WEEK: (Task.due_at >= midnight[2]) & (Task.due_at < monday) & ~waits,
        TaskBucket.LATER: or_(Task.due_at.is_(None), Task.due_at >= monday, waits),
    }[bucket]
    ids = session.scalars(
        select(Task.id)
        .where(open_tasks(user_id), wanted)
        .order_by(Task.due_at.is_(None), Task.due_at, Task.id)
        .limit(limit)
    )
    return task_rows(session, list(ids))


def needs_now_count(session: Session, user_id: int | None) -> int:
    """Return how many entries the Today list has, for the rail."""
    counts = bucket_counts(session, user_id)
    tickets, _ = _tickets(session, user_id, now())
    quiet = select(func.count()).select_from(Deal).where(*_quiet(session, user_id))
    tasks = counts[TaskBucket.OVERDUE] + counts[TaskBucket.TODAY]
    return tasks + len(tickets) + (session.scalar(quiet) or 0)


def recent_activity(session: Session, limit: int = RECENT) -> list[RecentActivity]:
    """Return what happened last with any customer."""
    statement = (
        select(Activity, User.name, Contact.name, Company.name)
        .outerjoin(User, User.id == Activity.user_id)
        .outerjoin(Contact, Contact.id == Activity.contact_id)
        .outerjoin(Company, Company.id == Activity.company_id)
        .where(Activity.archived_at.is_(None), Activity.at <= now())
        .order_by(Activity.at.desc(), Activity.id.desc())
        .limit(limit)
    )
    return [
        RecentActivity(
            id=found.id,
            kind=found.kind,
            at=found.at,
            subject=found.subject,
            body=found.body,
            direction=found.direction,
            outcome=found.outcome,
            user_name=user,
            contact_id=found.contact_id,
            contact_name=contact,
            company_id=found.company_id,
            company_name=company,
            deal_id=found.deal_id,
            ticket_id=found.ticket_id,
        )
        for found, user, contact, company in session.execute(statement)
    ]


def _timed_first(rows: Any) -> tuple[TaskRow, ...]:
    """Put what has an hour before what only has the day."""
    return tuple(sorted(rows, key=lambda row: row.due_all_day))


def _is_empty(session: Session) -> bool:
    """Tell whether nobody has put anything in yet: then the page offers demo and import."""
    kinds: Sequence[Any] = (Contact, Company, Deal, Task, Appointment, Ticket, Activity)
    return not any(session.scalar(select(exists().where(kind.id > 0))) for kind in kinds)


def _tickets(
    session: Session, user_id: int | None, moment: datetime
) -> tuple[tuple[TicketDue, ...], datetime | None]:
    rules = clock_rules(session)
    # Two working hours are never more than this far: SQL narrows, the calendar decides.
    horizon = rules.calendar.add(moment, CLOSE_TO_BREACH)
    statement = (
        select(Ticket, Contact.name, Company.name)
        .outerjoin(Contact, Contact.id == Ticket.contact_id)
        .outerjoin(Company, Company.id == Ticket.company_id)
        .where(
            Ticket.next_due_at <= horizon,
            Ticket.status.in_((TicketStatus.NEW, TicketStatus.OPEN)),
            Ticket.archived_at.is_(None),
            Ticket.merged_into_id.is_(None),
            or_(Ticket.owner_id == user_id, Ticket.owner_id.is_(None)),
        )
        .order_by(Ticket.next_due_at, Ticket.id)
        .limit(MOST_TICKETS)
    )
    found = [
        TicketDue(
            id=ticket.id,
            number=ticket.number,
            subject=ticket.subject,
            priority=ticket.priority,
            clock=_clock(ticket),
            due_at=ticket.next_due_at,
            is_late=ticket.next_due_at <= moment,
            contact_name=contact,
            company_name=company,
        )
        for ticket, contact, company in session.execute(statement)
        if ticket.next_due_at is not None
    ]
    runs_again = rules.calendar.next_start(moment)
    return tuple(found), runs_again if runs_again > moment else None


def _clock(ticket: Ticket) -> str:
    for clock in CLOCKS:
        if is_running(ticket, clock) and deadline(ticket, clock) == ticket.next_due_at:
            return clock
    return "resolution"


def _quiet(session: Session, user_id: int | None) -> list[Any]:
    return [
        rotting_condition(session),
        Deal.archived_at.is_(None),
        or_(Deal.owner_id == user_id, Deal.owner_id.is_(None)),
    ]


def _quiet_deals(session: Session, user_id: int | None) -> tuple[tuple[QuietDeal, ...], int]:
    conditions = _quiet(session, user_id)
    count = session.scalar(select(func.count()).select_from(Deal).where(*conditions)) or 0
    ids = list(
        session.scalars(
            select(Deal.id)
            .where(*conditions)
            .order_by(value_of().desc(), Deal.id)
            .limit(MOST_DEALS)
        )
    )
    limits = session.execute(select(Stage.id, Stage.rotting_days))
    stages = {stage_id: days for stage_id, days in limits}  # noqa: C416  a Result has keys() too
    rows = {row.id: QuietDeal(row, stages[row.stage_id]) for row in deal_rows(session, ids)}
    return tuple(rows[i] for i in ids if i in rows), count
