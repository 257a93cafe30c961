"""Reminders: planned with their task or appointment, fired once for their owner, snoozed, seen."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from app.commands.common import load
from app.commands.settings import workspace_settings
from app.errors import UserError
from app.series import next_after
from app.task_times import MORNING
from models.clock import local_zone, now
from models.ids import new_id
from models.records import (
    Activity,
    Appointment,
    Company,
    Contact,
    Reminder,
    Task,
    TicketMessage,
    User,
)
from models.values import Direction, MessageKind

MOST_MINUTES: Final = 366 * 24 * 60
CLAIM_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class FiredReminder:
    """A reminder that has just fired, with what a notification shows."""

    id: int
    kind: str  # task or appointment
    record_id: int
    title: str
    contact_name: str | None
    company_name: str | None
    at: datetime | None  # when the task is due or the appointment starts
    all_day: bool
    due_at: datetime  # when the reminder fell due


def zone_of(session: Session, user_id: int | None) -> tzinfo:
    """Return a user's time zone: their own, the workspace's, or the computer's."""
    user = session.get(User, user_id) if user_id is not None else None
    for name in (user.time_zone if user else None, workspace_settings(session).time_zone):
        if name:
            try:
                return ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError):
                continue
    return local_zone()


def plan_task_reminder(session: Session, task: Task, minutes_before: int | None) -> None:
    """Give a task the one reminder of this occurrence, move it, or take it away (None)."""
    found = _reminder_of(session, Reminder.task_id == task.id)
    if minutes_before is None or task.due_at is None:
        if found is not None:
            session.delete(found)
        return
    base = task.due_at
    if task.due_all_day:
        zone = zone_of(session, task.owner_id)
        base = datetime.combine(base.astimezone(zone).date(), MORNING, zone)
    due = base - timedelta(minutes=_checked(minutes_before))
    if found is None:
        found = Reminder(id=new_id(), task_id=task.id, due_at=due)
        session.add(found)
    _set(found, owner_id=task.owner_id, due=due, minutes_before=minutes_before)


def plan_appointment_reminder(
    session: Session, appointment: Appointment, minutes_before: int | None
) -> None:
    """Give an appointment its reminder, move it, or take it away (None)."""
    found = _reminder_of(session, Reminder.appointment_id == appointment.id)
    if minutes_before is None:
        if found is not None:
            session.delete(found)
        return
    due = appointment.starts_at - timedelta(minutes=_checked(minutes_before))
    if found is None:
        found = Reminder(id=new_id(), appointment_id=appointment.id, due_at=due)
        session.add(found)
    _set(found, owner_id=appointment.owner_id, due=due, minutes_before=minutes_before)


def minutes_of(
    session: Session, *, task_id: int | None = None, appointment_id: int | None = None
) -> int | None:
    """Return how many minutes before it somebody is reminded; None for not at all."""
    column = Reminder.task_id == task_id
    if appointment_id is not None:
        column = Reminder.appointment_id == appointment_id
    found = _reminder_of(session, column)
    return found.minutes_before if found is not None else None


def remind_again(reminder: Reminder, until: datetime) -> None:
    """Let a reminder fire at another moment."""
    reminder.due_at = until
    reminder.fired_at = reminder.seen_at = None
    reminder.until_answered = False


def wait_for_answer(reminder: Reminder) -> None:
    """Let a reminder wait until the customer has written or called."""
    reminder.due_at = now()  # what counts as an answer must be later than this
    reminder.fired_at = reminder.seen_at = None
    reminder.until_answered = True


def claim_due_reminders(session: Session, *, user_id: int | None) -> list[FiredReminder]:
    """Mark the user's due reminders as fired and return those still worth telling, newest first.

    One transaction of the one writer: of several computers only one gets each reminder.
    """
    if user_id is None:
        return []
    _wake_answered(session, user_id)
    session.flush()
    moment = now()
    fired = []
    for reminder in session.scalars(_due(user_id, moment)):
        reminder.fired_at = moment
        told = _told(session, reminder)
        if told is None:  # done or cancelled meanwhile
            reminder.seen_at = moment
        else:
            fired.append(told)
            _plan_next_of_series(session, reminder, moment)
    return sorted(fired, key=lambda one: (one.due_at, one.id), reverse=True)


def _plan_next_of_series(session: Session, reminder: Reminder, moment: datetime) -> None:
    """Plan the reminder of an appointment's next time, where it is one of a series."""
    found = session.get(Appointment, reminder.appointment_id) if reminder.appointment_id else None
    if found is None or not found.repeats or not found.series:
        return
    ahead = timedelta(minutes=reminder.minutes_before)
    coming = next_after(found.series, moment + ahead, zone_of(session, found.owner_id))
    if coming is not None:
        session.add(
            Reminder(
                id=new_id(),
                appointment_id=found.id,
                owner_id=reminder.owner_id,
                due_at=coming.starts_at - ahead,
                minutes_before=reminder.minutes_before,
            )
        )


def snooze_reminder(session: Session, *, reminder_id: int, until: datetime | None) -> int:
    """Let a reminder come again at a moment, or (None) when the customer has answered."""
    reminder = load(session, Reminder, reminder_id)
    if reminder.task_id is not None:
        from app.commands.tasks import snooze_task

        return snooze_task(session, task_id=reminder.task_id, until=until)
    if until is None:
        raise UserError("An appointment cannot wait for an answer; choose a time.")
    if until <= now():
        raise UserError("Choose a moment that is still to come.", field="until")
    remind_again(reminder, until)
    return reminder.id


def mark_reminders_seen(session: Session, *, ids: Collection[int]) -> int:
    """Take reminders out of the notification list; return how many were in it."""
    seen = 0
    for reminder in session.scalars(select(Reminder).where(Reminder.id.in_(list(ids)))):
        if reminder.seen_at is None:
            reminder.seen_at = now()
            seen += 1
    return seen


def _checked(minutes: int) -> int:
    if not 0 <= minutes <= MOST_MINUTES:
        raise UserError("A reminder can come up to a year before.", field="remind_minutes_before")
    return minutes


def _set(reminder: Reminder, *, owner_id: int | None, due: datetime, minutes_before: int) -> None:
    reminder.owner_id = owner_id
    reminder.minutes_before = minutes_before
    if reminder.due_at != due or reminder.until_answered:
        reminder.due_at = due
        reminder.fired_at = reminder.seen_at = None
        reminder.until_answered = False


def _reminder_of(session: Session, condition: object) -> Reminder | None:
    return session.scalars(
        select(Reminder).where(condition).order_by(Reminder.id).limit(1)  # type: ignore[arg-type]
    ).first()


def _due(user_id: int, moment: datetime) -> Select[Reminder]:
    return (
        select(Reminder)
        .where(
            Reminder.owner_id == user_id,
            Reminder.fired_at.is_(None),
            Reminder.until_answered.is_(False),
            Reminder.due_at <= moment,
        )
        .order_by(Reminder.due_at.desc())
        .limit(CLAIM_AT_ONCE)
    )


def _told(session: Session, reminder: Reminder) -> FiredReminder | None:
    if reminder.task_id is not None:
        task = session.get(Task, reminder.task_id)
        if task is None or task.done_at is not None or task.archived_at is not None:
            return None
        return _fired(session, reminder, "task", task, task.due_at, all_day=task.due_all_day)
    found = session.get(Appointment, reminder.appointment_id)
    if found is None or found.cancelled_at is not None or found.archived_at is not None:
        return None
    return _fired(session, reminder, "appointment", found, found.starts_at, all_day=found.all_day)


def _fired(
    session: Session,
    reminder: Reminder,
    kind: str,
    record: Task | Appointment,
    at: datetime | None,
    *,
    all_day: bool,
) -> FiredReminder:
    contact = session.get(Contact, record.contact_id) if record.contact_id else None
    company = session.get(Company, record.company_id) if record.company_id else None
    return FiredReminder(
        id=reminder.id,
        kind=kind,
        record_id=record.id,
        title=record.title,
        contact_name=contact.name if contact else None,
        company_name=company.name if company else None,
        at=at,
        all_day=all_day,
        due_at=reminder.due_at,
    )


def _wake_answered(session: Session, user_id: int) -> None:
    """Make tasks that waited for an answer due now, once the customer has written or called."""
    waiting = session.execute(
        select(Reminder, Task)
        .join(Task, Task.id == Reminder.task_id)
        .where(
            Reminder.owner_id == user_id,
            Reminder.fired_at.is_(None),
            Reminder.until_answered.is_(True),
            Task.done_at.is_(None),
            Task.archived_at.is_(None),
        )
    ).all()
    for reminder, task in waiting:
        if _answered(session, task, reminder.due_at):
            reminder.until_answered = False
            reminder.due_at = now()
            task.due_at, task.due_all_day = now(), False


def _answered(session: Session, task: Task, since: datetime) -> bool:
    links = [
        getattr(Activity, name) == getattr(task, name)
        for name in ("contact_id", "company_id", "deal_id", "ticket_id")
        if getattr(task, name) is not None
    ]
    if not links:
        return False
    wrote = exists().where(
        Activity.direction == Direction.INBOUND,
        Activity.at > since,
        Activity.archived_at.is_(None),
        or_(*links),
    )
    people = []
    if task.ticket_id is not None:
        people.append(TicketMessage.ticket_id == task.ticket_id)
    if task.contact_id is not None:
        people.append(TicketMessage.contact_id == task.contact_id)
    answers = [select(wrote)]
    if people:
        answers.append(
            select(
                exists().where(
                    TicketMessage.kind == MessageKind.CUSTOMER,
                    TicketMessage.at > since,
                    or_(*people),
                )
            )
        )
    return any(session.scalar(answer) for answer in answers)
