"""Conditions over deals that charts ask for: whose team, how far they came, how long they took."""

from datetime import date
from typing import Any, Protocol

from sqlalchemy import Integer, and_, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from models.records import Deal, Stage, StageChange, User
from models.values import StageType


class Scoped(Protocol):
    """The fields that only charts set; DealFilter has them."""

    @property
    def team(self) -> str | None: ...  # noqa: D102
    @property
    def region(self) -> str | None: ...  # noqa: D102
    @property
    def opened_from(self) -> date | None: ...  # noqa: D102
    @property
    def opened_to(self) -> date | None: ...  # noqa: D102
    @property
    def cycle_from(self) -> int | None: ...  # noqa: D102
    @property
    def cycle_to(self) -> int | None: ...  # noqa: D102
    @property
    def reached_stage_id(self) -> int | None: ...  # noqa: D102


def cycle_days(session: Session) -> Any:
    """Return the SQL of the whole days from a deal's opening to its closing."""
    if session.get_bind().dialect.name == "sqlite":
        return cast(
            func.round(func.julianday(Deal.closed_on) - func.julianday(Deal.opened_on)), Integer
        )
    return Deal.closed_on - Deal.opened_on


def scope_conditions(session: Session, chosen: Scoped) -> list[Any]:
    """Return the conditions of the fields that only charts set."""
    found: list[Any] = []
    if chosen.team is not None:
        found.append(Deal.owner_id.in_(select(User.id).where(User.team == chosen.team)))
    if chosen.region is not None:
        found.append(Deal.owner_id.in_(select(User.id).where(User.region == chosen.region)))
    if chosen.opened_from is not None:
        found.append(Deal.opened_on >= chosen.opened_from)
    if chosen.opened_to is not None:
        found.append(Deal.opened_on <= chosen.opened_to)
    if chosen.cycle_from is not None:
        found.append(cycle_days(session) >= chosen.cycle_from)
    if chosen.cycle_to is not None:
        found.append(cycle_days(session) <= chosen.cycle_to)
    if chosen.reached_stage_id is not None:
        found.append(_reached(chosen.reached_stage_id))
    return found


def _reached(stage_id: int) -> Any:
    """Return the condition that a deal came to a stage, or past it, in this pipeline.

    Going back does not undo it, and a won deal came past all of them.
    """
    goal, there, moved_to = aliased(Stage), aliased(Stage), aliased(Stage)
    position = select(goal.position).where(goal.id == stage_id).scalar_subquery()
    pipeline = select(goal.pipeline_id).where(goal.id == stage_id).scalar_subquery()
    stands = select(there.id).where(
        there.pipeline_id == pipeline, there.type == StageType.OPEN, there.position >= position
    )
    moved = (
        select(StageChange.deal_id)
        .join(moved_to, moved_to.id == StageChange.to_stage_id)
        .where(
            moved_to.pipeline_id == pipeline,
            moved_to.type == StageType.OPEN,
            moved_to.position >= position,
        )
    )
    return and_(
        Deal.pipeline_id == pipeline,
        or_(
            Deal.stage_type == StageType.WON,
            Deal.stage_id.in_(stands),
            Deal.last_open_stage_id.in_(stands),
            Deal.id.in_(moved),
        ),
    )
