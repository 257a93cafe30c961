"""To-dos, appointments and reminders as pages read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Any, Final

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from app.commands.reminders import zone_of
from app.task_times import at_clock, bucket_of, week_end
from models.clock import now
from models.records import Appointment, Company, Contact, Deal, Reminder, Task, Ticket, User
from models.values import RepeatFrom, TaskBucket, TaskPriority

MOST_NOTIFICATIONS: Final = 50


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One open or done to-do."""

    id: int
    title: str
    notes: str | None
    due_at: datetime | None
    due_all_day: bool
    done_at: datetime | None
    bucket: TaskBucket
    priority: TaskPriority
    repeat_rule: str | None
    repeat_from: RepeatFrom
    waits_for_answer: bool
    owner_id: int | None
    owner_name: str | None
    contact_id: int | None
    contact_name: str | None
    company_id: int | None
    company_name: str | None
    deal_id: int | None
    deal_name: str | None
    ticket_id: int | None
    ticket_number: int | None
    remind_minutes_before: int | None
    row_version: int


@dataclass(frozen=True, slots=True)
class NotificationRow:
    """A reminder that fired and was not answered yet."""

    id: int
    kind: str
    record_id: int
    title: str
    contact_name: str | None
    company_name: str | None
    at: datetime | None
    all_day: bool
    fired_at: datetime


def task_rows(session: Session, ids: Sequence[int]) -> list[TaskRow]:
    """Return to-dos by id, in the order of the ids; missing ones are left out."""
    found = {row.id: row for row in _task_rows(session, Task.id.in_(list(ids)), None)}
    return [found[i] for i in ids if i in found]


def open_task_rows(
    session: Session,
    user_id: int | None,
    *,
    before: datetime | None = None,
    limit: int = 500,
) -> list[TaskRow]:
    """Return a person's open to-dos, and those nobody owns, the most urgent first."""
    due = Task.due_at < before if before is not None else None
    conditions = [open_tasks(user_id)] + ([due] if due is not None else [])
    return _task_rows(session, *conditions, limit)


def open_tasks(user_id: int | None) -> Any:
    """Return the SQL condition of a person's open to-dos."""
    mine = or_(Task.owner_id == user_id, Task.owner_id.is_(None))
    return Task.done_at.is_(None) & Task.archived_at.is_(None) & mine


def waiting_for_answer() -> Any:
    """Return the SQL condition of to-dos that wait until the customer has answered."""
    return exists().where(
        Reminder.task_id == Task.id,
        Reminder.until_answered.is_(True),
        Reminder.fired_at.is_(None),
    )


def bucket_counts(session: Session, user_id: int | None) -> dict[TaskBucket, int]:
    """Return how many open to-dos stand in each bucket."""
    zone, moment = zone_of(session, user_id), now()
    today = moment.astimezone(zone).date()
    midnight = [at_clock(today + timedelta(days=n), time(), zone) for n in range(3)]
    monday = at_clock(week_end(today) + timedelta(days=1), time(), zone)
    late = or_(Task.due_at < midnight[0], Task.due_all_day.is_(False) & (Task.due_at < moment))
    due = Task.due_at
    waits = waiting_for_answer()
    conditions = {
        TaskBucket.OVERDUE: late & ~waits,
        TaskBucket.TODAY: ~late & (due < midnight[1]) & ~waits,
        TaskBucket.TOMORROW: (due >= midnight[1]) & (due < midnight[2]) & ~waits,
        TaskBucket.THIS_WEEK: (due >= midnight[2]) & (due < monday) & ~waits,
        TaskBucket.LATER: or_(due.is_(None), due >= max(monday, midnight[2]), waits),
    }
    counted = select(*(func.count().filter(wanted) for wanted in conditions.values()))
    row = session.execute(counted.where(open_tasks(user_id))).one()
    return dict(zip(conditions, (int(n) for n in row), strict=True))


def notification_rows(session: Session, user_id: int | None) -> list[NotificationRow]:
    """Return the fired reminders that wait for the person, newest first."""
    tasks = _notifications(user_id, Task, Reminder.task_id, Task.done_at)
    meetings = _notifications(
        user_id, Appointment, Reminder.appointment_id, Appointment.cancelled_at
    )
    found = [
        NotificationRow(row[0], kind, *row[1:])
        for kind, statement in (("task", tasks), ("appointment", meetings))
        for row in session.execute(statement)
    ]
    found.sort(key=lambda row: (row.fired_at, row.id), reverse=True)
    return found[:MOST_NOTIFICATIONS]


def next_reminder_at(session: Session, user_id: int | None) -> datetime | None:
    """Return when the user's next reminder falls due."""
    if user_id is None:
        return None
    return session.scalar(
        select(func.min(Reminder.due_at)).where(
            Reminder.owner_id == user_id,
            Reminder.fired_at.is_(None),
            Reminder.until_answered.is_(False),
        )
    )


def anything_scheduled(session: Session) -> bool:
    """Tell whether a to-do that repeats on schedule has fallen due."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    Task.done_at.is_(None),
                    Task.archived_at.is_(None),
                    Task.repeat_rule.is_not(None),
                    Task.repeat_from == RepeatFrom.SCHEDULE,
                    Task.due_at <= now(),
                )
            )
        )
    )


def anybody_awaited(session: Session, user_id: int | None) -> bool:
    """Tell whether one of the user's reminders waits for an answer."""
    waits = exists().where(
        Reminder.owner_id == user_id,
        Reminder.fired_at.is_(None),
        Reminder.until_answered.is_(True),
    )
    return bool(session.scalar(select(waits)))


def snooze_zone(session: Session, user_id: int | None) -> tzinfo:
    """Return the zone in which "tomorrow 9:00" is meant."""
    return zone_of(session, user_id)


def minutes_of_reminder(link: Any, record_id: Any) -> Any:
    """Return, as a part of a statement, how long before a record its reminder comes."""
    return (
        select(Reminder.minutes_before)
        .where(link == record_id)
        .order_by(Reminder.id)
        .limit(1)
        .scalar_subquery()
    )


def _task_rows(session: Session, *parts: Any) -> list[TaskRow]:
    *conditions, limit = parts
    statement = (
        select(
            Task,
            User.name,
            Contact.name,
            Company.name,
            Deal.name,
            Ticket.number,
            waiting_for_answer(),
            minutes_of_reminder(Reminder.task_id, Task.id),
        )
        .outerjoin(User, User.id == Task.owner_id)
        .outerjoin(Contact, Contact.id == Task.contact_id)
        .outerjoin(Company, Company.id == Task.company_id)
        .outerjoin(Deal, Deal.id == Task.deal_id)
        .outerjoin(Ticket, Ticket.id == Task.ticket_id)
        .where(*conditions)
        .order_by(Task.due_at.is_(None), Task.due_at, Task.id)
        .limit(limit)
    )
    moment = now()
    zones: dict[int | None, tzinfo] = {}
    found = []
    for task, owner, contact, company, deal, number, waits, minutes in session.execute(statement):
        if task.owner_id not in zones:
            zones[task.owner_id] = zone_of(session, task.owner_id)
        bucket = bucket_of(task.due_at, moment, zones[task.owner_id], all_day=task.due_all_day)
        found.append(
            TaskRow(
                id=task.id,
                title=task.title,
                notes=task.notes,
                due_at=task.due_at,
                due_all_day=task.due_all_day,
                done_at=task.done_at,
                bucket=TaskBucket.LATER if waits else bucket,
                priority=task.priority,
                repeat_rule=task.repeat_rule,
                repeat_from=task.repeat_from,
                waits_for_answer=bool(waits),
                owner_id=task.owner_id,
                owner_name=owner,
                contact_id=task.contact_id,
                contact_name=contact,
                company_id=task.company_id,
                company_name=company,
                deal_id=task.deal_id,
                deal_name=deal,
                ticket_id=task.ticket_id,
                ticket_number=number,
                remind_minutes_before=minutes,
                row_version=task.row_version,
            )
        )
    return found


def _notifications(user_id: int | None, record: Any, link: Any, ended: Any) -> Select[Any]:
    at = Task.due_at if record is Task else Appointment.starts_at
    all_day = Task.due_all_day if record is Task else Appointment.all_day
    return (
        select(
            Reminder.id,
            record.id,
            record.title,
            Contact.name,
            Company.name,
            at,
            all_day,
            Reminder.fired_at,
        )
        .join(record, record.id == link)
        .outerjoin(Contact, Contact.id == record.contact_id)
        .outerjoin(Company, Company.id == record.company_id)
        .where(
            Reminder.owner_id == user_id,
            Reminder.fired_at.is_not(None),
            Reminder.seen_at.is_(None),
            ended.is_(None),
            record.archived_at.is_(None),
        )
        .order_by(Reminder.fired_at.desc())
        .limit(MOST_NOTIFICATIONS)
    )


def linked_name(session: Session, kind: str, record_id: int) -> str:
    """Return the name of a record that a task can be about; "" where it is gone."""
    names: dict[str, Any] = {
        "contact": Contact.name,
        "company": Company.name,
        "deal": Deal.name,
        "ticket": Ticket.subject,
    }
    column = names[kind]
    return session.scalar(select(column).where(column.class_.id == record_id)) or ""
