"""One deal with everything its pane shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.queries.deal_attention import step_light
from app.queries.deals import DealRow, deal_rows
from models.clock import now
from models.records import (
    Activity,
    Company,
    Contact,
    Deal,
    DealLine,
    Product,
    Stage,
    StageChange,
    Task,
    User,
)
from models.values import NextStep, StageType


@dataclass(frozen=True, slots=True)
class LineRow:
    """A product on the deal; the price in minor units of the deal's currency."""

    id: int
    product_id: int | None
    name: str
    quantity: Decimal
    unit_price_minor: int | None

    @property
    def total_minor(self) -> int | None:
        """Quantity times price, rounded to the minor unit."""
        return (
            None if self.unit_price_minor is None else round(self.quantity * self.unit_price_minor)
        )


@dataclass(frozen=True, slots=True)
class StageVisit:
    """A time the deal spent in a stage; `seconds` runs on for the present one."""

    stage_id: int
    stage_name: str
    stage_type: StageType
    entered_at: datetime
    left_at: datetime | None
    seconds: int | None
    user_name: str | None


@dataclass(frozen=True, slots=True)
class StageStep:
    """A stage of the deal's pipeline, for the row of steps."""

    id: int
    name: str
    type: StageType
    probability: int


@dataclass(frozen=True, slots=True)
class TaskLine:
    """An open task of the deal."""

    id: int
    title: str
    due_at: datetime | None
    due_all_day: bool
    light: NextStep


@dataclass(frozen=True, slots=True)
class DealDetails:
    """All of one deal but its timeline."""

    row: DealRow
    own_probability: int | None
    description: str | None
    lost_note: str | None
    last_open_stage: str | None
    created_at: datetime
    is_archived: bool
    lines: tuple[LineRow, ...]
    history: tuple[StageVisit, ...]
    stages: tuple[StageStep, ...]
    tasks: tuple[TaskLine, ...]

    @property
    def amount_follows_lines(self) -> bool:
        """Whether the amount is the sum of the lines and cannot be typed."""
        return any(line.unit_price_minor is not None for line in self.lines)


def deal_details(session: Session, deal_id: int) -> DealDetails | None:
    """Return one deal with its lines, stage history and open tasks; None when it is gone."""
    rows = deal_rows(session, [deal_id])
    if not rows:
        return None
    row = rows[0]
    last_open = aliased(Stage)
    more = session.execute(
        select(
            Deal.probability,
            Deal.description,
            Deal.lost_note,
            last_open.name.label("last_open_stage"),
            Deal.created_at,
            Deal.archived_at,
        )
        .outerjoin(last_open, last_open.id == Deal.last_open_stage_id)
        .where(Deal.id == deal_id)
    ).one()
    return DealDetails(
        row=row,
        own_probability=more.probability,
        description=more.description,
        lost_note=more.lost_note,
        last_open_stage=more.last_open_stage,
        created_at=more.created_at,
        is_archived=more.archived_at is not None,
        lines=_lines(session, deal_id),
        history=tuple(stage_history(session, deal_id)),
        stages=tuple(pipeline_stages(session, row.pipeline_id)),
        tasks=_tasks(session, deal_id),
    )


def stage_history(session: Session, deal_id: int) -> Sequence[StageVisit]:
    """Return the deal's stay in each stage, the first one first."""
    moves = session.execute(
        select(
            StageChange.to_stage_id,
            Stage.name,
            Stage.type,
            StageChange.at,
            User.name.label("user_name"),
        )
        .join(Stage, Stage.id == StageChange.to_stage_id)
        .outerjoin(User, User.id == StageChange.user_id)
        .where(StageChange.deal_id == deal_id)
        .order_by(StageChange.at, StageChange.id)
    ).all()
    visits = []
    for place, move in enumerate(moves):
        left = moves[place + 1].at if place + 1 < len(moves) else None
        until = left or (now() if move.type is StageType.OPEN else None)
        spent = None if until is None else max(0, int((until - move.at).total_seconds()))
        visits.append(
            StageVisit(move.to_stage_id, move.name, move.type, move.at, left, spent, move.user_name)
        )
    return visits


def pipeline_stages(session: Session, pipeline_id: int) -> Sequence[StageStep]:
    """Return the stages of a pipeline in order."""
    found = session.execute(
        select(Stage.id, Stage.name, Stage.type, Stage.probability)
        .where(Stage.pipeline_id == pipeline_id, Stage.archived_at.is_(None))
        .order_by(Stage.position, Stage.id)
    )
    return [StageStep(s.id, s.name, s.type, s.probability) for s in found]


def _lines(session: Session, deal_id: int) -> tuple[LineRow, ...]:
    found = session.execute(
        select(
            DealLine.id,
            DealLine.product_id,
            DealLine.name,
            Product.name.label("product_name"),
            DealLine.quantity,
            DealLine.unit_price_minor,
        )
        .outerjoin(Product, Product.id == DealLine.product_id)
        .where(DealLine.deal_id == deal_id, DealLine.archived_at.is_(None))
        .order_by(DealLine.position, DealLine.id)
    )
    return tuple(
        LineRow(r.id, r.product_id, r.name or r.product_name or "", r.quantity, r.unit_price_minor)
        for r in found
    )


def _tasks(session: Session, deal_id: int) -> tuple[TaskLine, ...]:
    found = session.execute(
        select(Task.id, Task.title, Task.due_at, Task.due_all_day)
        .where(Task.deal_id == deal_id, Task.done_at.is_(None), Task.archived_at.is_(None))
        .order_by(Task.due_at.is_(None), Task.due_at, Task.id)
    )
    return tuple(
        TaskLine(
            t.id, t.title, t.due_at, t.due_all_day, step_light(t.due_at, all_day=t.due_all_day)
        )
        for t in found
    )


@dataclass(frozen=True, slots=True)
class TouchRow:
    """Something that happened with a deal: an activity, or a task that was done."""

    id: int
    kind: str  # call, email, meeting, note, task
    at: datetime
    title: str
    body: str
    user_name: str | None
    direction: str | None = None
    outcome: str | None = None
    duration_seconds: int | None = None


def deal_touches(session: Session, deal_id: int, limit: int = 50) -> list[TouchRow]:
    """Return what happened with a deal, the newest first."""
    activities = session.execute(
        select(
            Activity.id,
            Activity.kind,
            Activity.at,
            Activity.subject,
            Activity.body,
            User.name,
            Activity.direction,
            Activity.outcome,
            Activity.duration_seconds,
        )
        .outerjoin(User, User.id == Activity.user_id)
        .where(Activity.deal_id == deal_id, Activity.archived_at.is_(None))
        .order_by(Activity.at.desc(), Activity.id.desc())
        .limit(limit)
    )
    found = [
        TouchRow(i, kind, at, subject or "", body or "", user, direction, outcome, seconds)
        for i, kind, at, subject, body, user, direction, outcome, seconds in activities
    ]
    tasks = session.execute(
        select(Task.id, Task.title, Task.done_at, User.name)
        .outerjoin(User, User.id == Task.owner_id)
        .where(Task.deal_id == deal_id, Task.done_at.is_not(None), Task.archived_at.is_(None))
        .order_by(Task.done_at.desc())
        .limit(limit)
    )
    found += [TouchRow(i, "task", at, title, "", user) for i, title, at, user in tasks if at]
    return sorted(found, key=lambda touch: touch.at, reverse=True)[:limit]


def deal_parties(session: Session, kind: str, record_id: int) -> dict[str, Any]:
    """Return company and contact, ids and names, that a new deal with this record begins with."""
    known: dict[str, Any] = {}
    company_id: int | None = record_id if kind == "company" else None
    if kind == "contact":
        contact = session.execute(
            select(Contact.name, Contact.company_id).where(Contact.id == record_id)
        ).first()
        if contact is None:
            return known
        known = {"contact_id": record_id, "contact_name": contact.name}
        company_id = contact.company_id
    if company_id is not None:
        name = session.scalar(select(Company.name).where(Company.id == company_id))
        known |= {"company_id": company_id, "company_name": name or ""}
    return known
