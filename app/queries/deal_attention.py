"""What a deal needs: its next step, when it was last touched, and whether it rots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, false, func, or_, select
from sqlalchemy.orm import Session

from models.clock import local, now, today
from models.records import Activity, Appointment, Deal, Stage, Task
from models.values import NextStep, StageType


@dataclass(frozen=True, slots=True)
class Attention:
    """A deal's next-activity light, the moment behind it, the last touch, and rotting."""

    light: NextStep = NextStep.NONE
    next_title: str | None = None
    next_at: datetime | None = None
    next_all_day: bool = False
    last_touch: datetime | None = None
    is_rotting: bool = False
    quiet_days: int = 0  # whole days since the last touch
    days_ahead: int | None = None  # from today to the day of the next step; below 0 it is late


@dataclass(frozen=True, slots=True)
class _Step:
    light: NextStep
    title: str
    at: datetime | None
    all_day: bool


def attention_of(
    session: Session, deals: Mapping[int, tuple[datetime, int]]
) -> dict[int, Attention]:
    """Return what each deal needs; given its last move and its stage's rotting days (0 = off)."""
    ids = list(deals)
    steps = _next_steps(session, ids)
    touches = _last_touches(session, ids)
    moment = now()
    found = {}
    for deal_id, (moved_at, rotting_days) in deals.items():
        touch = max(moved_at, touches.get(deal_id, moved_at))
        own = steps.get(deal_id, [])
        # A step that is only late plans nothing: such a deal goes on rotting.
        planned = any(step.light is not NextStep.LATE for step in own)
        old = rotting_days > 0 and moment - touch > timedelta(days=rotting_days)
        first = own[0] if own else None
        found[deal_id] = Attention(
            light=first.light if first else NextStep.NONE,
            next_title=first.title if first else None,
            next_at=first.at if first else None,
            next_all_day=first.all_day if first else False,
            last_touch=touch,
            is_rotting=old and not planned,
            quiet_days=max(0, (moment - touch).days),
            days_ahead=(local(first.at).date() - today()).days if first and first.at else None,
        )
    return found


def step_light(at: datetime | None, *, all_day: bool = False) -> NextStep:
    """Return the light of an open step: late once its moment, or its whole day, has passed."""
    if at is None:
        return NextStep.PLANNED
    day, this_day = local(at).date(), today()
    if day < this_day or (not all_day and at < now()):
        return NextStep.LATE
    return NextStep.TODAY if day == this_day else NextStep.PLANNED


def _next_steps(session: Session, ids: Sequence[int]) -> dict[int | None, list[_Step]]:
    """Return each deal's open tasks and coming appointments, the most urgent first."""
    tasks = session.execute(
        select(Task.deal_id, Task.title, Task.due_at, Task.due_all_day).where(
            Task.deal_id.in_(ids), Task.done_at.is_(None), Task.archived_at.is_(None)
        )
    )
    meetings = session.execute(
        select(
            Appointment.deal_id, Appointment.title, Appointment.starts_at, Appointment.all_day
        ).where(
            Appointment.deal_id.in_(ids),
            Appointment.cancelled_at.is_(None),
            Appointment.archived_at.is_(None),
            Appointment.ends_at >= now(),
        )
    )
    found: dict[int | None, list[_Step]] = {}
    for deal_id, title, at, all_day in tasks:
        found.setdefault(deal_id, []).append(
            _Step(step_light(at, all_day=all_day), title, at, all_day)
        )
    for deal_id, title, at, all_day in meetings:
        # One that has begun is still today's, not late.
        light = step_light(max(at, now()), all_day=all_day)
        found.setdefault(deal_id, []).append(_Step(light, title, at, all_day))
    for steps in found.values():
        steps.sort(key=_urgency)
    return found


_FAR = datetime.max.replace(tzinfo=UTC)
_ORDER = {NextStep.LATE: 0, NextStep.TODAY: 1, NextStep.PLANNED: 2, NextStep.NONE: 3}


def _urgency(step: _Step) -> tuple[int, datetime]:
    return _ORDER[step.light], step.at or _FAR


def _last_touches(session: Session, ids: Sequence[int]) -> dict[int, datetime]:
    """Return the last note, call, mail, meeting or completed task of each deal."""
    activities = session.execute(
        select(Activity.deal_id, func.max(Activity.at))
        .where(Activity.deal_id.in_(ids), Activity.archived_at.is_(None))
        .group_by(Activity.deal_id)
    )
    tasks = session.execute(
        select(Task.deal_id, func.max(Task.done_at))
        .where(Task.deal_id.in_(ids), Task.done_at.is_not(None), Task.archived_at.is_(None))
        .group_by(Task.deal_id)
    )
    found: dict[int, datetime] = {}
    for deal_id, at in (*activities, *tasks):
        found[deal_id] = max(at, found.get(deal_id, at))
    return found


def rotting_condition(session: Session) -> Any:
    """Return the SQL condition of rotting deals, by the same rules as `Attention.is_rotting`."""
    stages = session.execute(
        select(Stage.id, Stage.rotting_days).where(
            Stage.rotting_days > 0, Stage.type == StageType.OPEN
        )
    )
    quiet = [_quiet_since(stage_id, now() - timedelta(days=days)) for stage_id, days in stages]
    return and_(or_(false(), *quiet), ~_planned()) if quiet else false()


def _quiet_since(stage_id: int, moment: datetime) -> Any:
    spoken = exists().where(
        Activity.deal_id == Deal.id, Activity.at >= moment, Activity.archived_at.is_(None)
    )
    done = exists().where(
        Task.deal_id == Deal.id, Task.done_at >= moment, Task.archived_at.is_(None)
    )
    return and_(
        Deal.stage_id == stage_id,
        Deal.stage_type == StageType.OPEN,
        Deal.stage_since < moment,
        ~spoken,
        ~done,
    )


def _planned() -> Any:
    midnight = local(now()).replace(hour=0, minute=0, second=0, microsecond=0)
    not_late = or_(
        Task.due_at.is_(None),
        Task.due_at >= now(),
        and_(Task.due_all_day, Task.due_at >= midnight),
    )
    task = exists().where(
        Task.deal_id == Deal.id, Task.done_at.is_(None), Task.archived_at.is_(None), not_late
    )
    meeting = exists().where(
        Appointment.deal_id == Deal.id,
        Appointment.cancelled_at.is_(None),
        Appointment.archived_at.is_(None),
        Appointment.ends_at >= now(),
    )
    return or_(task, meeting)
