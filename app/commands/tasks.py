"""To-dos: make, change, complete, snooze, and the next occurrence of those that repeat."""

from collections.abc import Collection, Mapping
from datetime import datetime, time, tzinfo
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.common import archive_records, load, required, restore_records
from app.commands.field_setters import Fields
from app.commands.reminders import (
    minutes_of,
    plan_task_reminder,
    remind_again,
    wait_for_answer,
    zone_of,
)
from app.conflicts import fields_to_write
from app.database import acting_user
from app.errors import UserError
from app.recurrence import checked_rule, next_occurrence
from models.clock import now
from models.ids import new_id
from models.records import Company, Contact, Deal, Reminder, Task, Ticket, User
from models.values import RepeatFrom, TaskPriority

FIELDS: Final = Fields(
    texts={"notes": 1_000_000},
    links={
        "owner_id": User,
        "contact_id": Contact,
        "company_id": Company,
        "deal_id": Deal,
        "ticket_id": Ticket,
    },
    choices={"priority": TaskPriority, "repeat_from": RepeatFrom},
    plain=frozenset({"due_at", "due_all_day"}),
)
MINE: Final = -1  # stands for "whoever creates it"
KEEP: Final = -1  # stands for "the reminder stays as long before as it was"
_DUE: Final = {"due_at", "due_all_day", "owner_id"}


def create_task(
    session: Session,
    *,
    title: str,
    due_at: datetime | None = None,
    due_all_day: bool = False,
    owner_id: int | None = MINE,
    remind_minutes_before: int | None = 0,
    repeat_rule: str | None = None,
    repeat_from: RepeatFrom = RepeatFrom.COMPLETION,
    **more: Any,
) -> int:
    """Add a to-do, one's own unless told otherwise; it reminds its owner when it is due."""
    task = Task(id=new_id(), title=required(title, 500, "title"))
    mine = acting_user(session) if owner_id in {MINE, None} else owner_id
    given = {
        "due_at": due_at,
        "due_all_day": due_all_day,
        "owner_id": mine,
        "repeat_from": repeat_from,
    }
    FIELDS.apply(session, task, {**given, **more})
    _follow_links(session, task)
    _repeat(task, repeat_rule)
    session.add(task)
    session.flush()
    plan_task_reminder(session, task, remind_minutes_before if due_at is not None else None)
    return task.id


def change_task(
    session: Session,
    *,
    task_id: int,
    row_version: int | None = None,
    opened: Mapping[str, Any] | None = None,
    resolution: Mapping[str, Any] | None = None,
    **fields: Any,
) -> int:
    """Change a to-do; the reminder follows the due moment and the owner."""
    task = load(session, Task, task_id)
    fields = fields_to_write(
        session,
        task,
        fields,
        row_version=row_version,
        opened=opened,
        resolution=resolution,
        current={"remind_minutes_before": minutes_of(session, task_id=task.id)},
    )
    minutes = fields.pop("remind_minutes_before", KEEP)
    repeats = "repeat_rule" in fields
    rule = fields.pop("repeat_rule", None)
    if "title" in fields:
        task.title = required(fields.pop("title"), 500, "title")
    FIELDS.apply(session, task, fields)
    if repeats or (task.repeat_rule and _DUE & set(fields)):
        _repeat(task, rule if repeats else task.repeat_rule)
    if minutes != KEEP:
        plan_task_reminder(session, task, minutes)
    elif _DUE & set(fields):
        plan_task_reminder(session, task, minutes_of(session, task_id=task.id))
    return task.id


def complete_task(session: Session, *, task_id: int) -> int | None:
    """Tick a to-do off; return the id of the next occurrence when it repeats."""
    task = load(session, Task, task_id)
    if task.done_at is not None:
        raise UserError("“{title}” is done already.", title=task.title)
    task.done_at = now()
    return _make_next(session, task)


def reopen_task(session: Session, *, task_id: int) -> int:
    """Take the tick off again; the next occurrence, once made, stays."""
    task = load(session, Task, task_id)
    task.done_at = None
    return task.id


def snooze_task(session: Session, *, task_id: int, until: datetime | None) -> int:
    """Put a to-do off to a moment, or (None) until the customer has written or called."""
    task = load(session, Task, task_id)
    if task.done_at is not None:
        raise UserError("“{title}” is done already.", title=task.title)
    if until is not None and until <= now():
        raise UserError("Choose a moment that is still to come.", field="until")
    if until is None and task.contact_id is None and task.ticket_id is None:
        raise UserError("Nobody can answer: the task names no person and no ticket.")
    reminder = session.scalars(select(Reminder).where(Reminder.task_id == task.id)).first()
    if reminder is None:
        reminder = Reminder(id=new_id(), task_id=task.id, owner_id=task.owner_id, due_at=now())
        session.add(reminder)
    if until is None:
        wait_for_answer(reminder)
        return task.id
    if task.repeat_rule and task.repeat_from is RepeatFrom.SCHEDULE:
        _make_next(session, task)  # the schedule does not wait for this one
    task.due_at, task.due_all_day = until, False
    remind_again(reminder, until)
    return task.id


def archive_tasks(session: Session, *, ids: Collection[int]) -> int:
    """Put to-dos away without ticking them off; return how many."""
    return archive_records(session, kind="task", ids=ids)


def restore_tasks(session: Session, *, ids: Collection[int]) -> int:
    """Bring to-dos back; return how many."""
    return restore_records(session, kind="task", ids=ids)


def make_scheduled_occurrences(session: Session) -> int:
    """Make the next occurrence of to-dos that repeat on schedule and have fallen due.

    Of several missed while no program was open only the last is made, and the one to come.
    """
    made = 0
    due = select(Task).where(
        Task.done_at.is_(None),
        Task.archived_at.is_(None),
        Task.repeat_rule.is_not(None),
        Task.repeat_from == RepeatFrom.SCHEDULE,
        Task.due_at <= now(),
    )
    waiting = list(session.scalars(due))
    while waiting:
        following = _make_next(session, waiting.pop())
        if following is None:
            continue
        made += 1
        task = load(session, Task, following)
        if task.due_at is not None and task.due_at <= now():
            waiting.append(task)
    return made


def _make_next(session: Session, task: Task) -> int | None:
    """Hand the rule on to the next occurrence, so that it is made only once."""
    if task.repeat_rule is None or task.due_at is None:
        return None
    rule, moment = task.repeat_rule, now()
    start = task.repeat_start_at or task.due_at
    zone = zone_of(session, task.owner_id)
    if task.repeat_from is RepeatFrom.COMPLETION:
        due = next_occurrence(rule, start, max(moment, task.due_at), zone)
    else:
        due = next_occurrence(rule, start, task.due_at, zone, not_before=moment)
    minutes = minutes_of(session, task_id=task.id)
    task.repeat_rule = None
    task.series_id = task.series_id or task.id
    if due is None:
        return None
    following = Task(
        id=new_id(),
        title=task.title,
        notes=task.notes,
        due_at=due,
        due_all_day=_is_all_day(task, zone),
        priority=task.priority,
        repeat_rule=rule,
        repeat_from=task.repeat_from,
        repeat_start_at=start,
        series_id=task.series_id,
        owner_id=task.owner_id,
        contact_id=task.contact_id,
        company_id=task.company_id,
        deal_id=task.deal_id,
        ticket_id=task.ticket_id,
    )
    session.add(following)
    session.flush()
    plan_task_reminder(session, following, minutes)
    return following.id


def _is_all_day(task: Task, zone: tzinfo) -> bool:
    """Whether the series counts days: a snoozed occurrence has an hour, the others may not."""
    if task.due_all_day or task.repeat_start_at is None:
        return task.due_all_day
    return task.repeat_start_at.astimezone(zone).time() == time()


def _repeat(task: Task, rule: str | None) -> None:
    task.repeat_rule = checked_rule(rule)
    if task.repeat_rule is None:
        task.repeat_start_at = None
    elif task.due_at is None:
        raise UserError("Say when it is due first; then it can repeat.", field="due_at")
    else:
        task.repeat_start_at = task.due_at


def _follow_links(session: Session, task: Task) -> None:
    """Fill person and company from what the task is about, so that their pages show it."""
    about: list[Deal | Ticket] = []
    if task.deal_id is not None:
        about.append(load(session, Deal, task.deal_id))
    if task.ticket_id is not None:
        about.append(load(session, Ticket, task.ticket_id))
    for record in about:
        if task.contact_id is None:
            task.contact_id = record.contact_id
        if task.company_id is None:
            task.company_id = record.company_id
    if task.company_id is None and task.contact_id is not None:
        task.company_id = load(session, Contact, task.contact_id).company_id
