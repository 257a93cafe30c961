"""The funnel: how far the deals opened in a period came, and how long they stayed in each stage."""

from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import case, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from app.queries.deals import DealFilter, deal_conditions
from models.records import Deal, Pipeline, Stage, StageChange
from models.values import StageType

_DAY: Final = 86_400
_WON: Final = 1_000_000  # a won deal came past every stage


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One stage: how many came to it, the share lost since the step before, the median stay."""

    stage_id: int | None  # None: won
    name: str
    count: int
    drop: float | None  # 0.31 = 31 % did not come here from the step before
    median_days: float | None
    deals: DealFilter


def default_pipeline_id(session: Session) -> int | None:
    """Return the pipeline that stands for all when none is chosen."""
    return session.scalar(
        select(Pipeline.id)
        .where(Pipeline.archived_at.is_(None))
        .order_by(Pipeline.is_default.desc(), Pipeline.position, Pipeline.id)
        .limit(1)
    )


def funnel(session: Session, chosen: DealFilter) -> tuple[FunnelStep, ...]:
    """Return the steps for the deals of a filter, in one pipeline; each deal once per stage."""
    pipeline_id = chosen.pipeline_id or default_pipeline_id(session)
    if pipeline_id is None:
        return ()
    chosen = replace(chosen, pipeline_id=pipeline_id)
    stages = session.execute(
        select(Stage.id, Stage.name, Stage.position)
        .where(
            Stage.pipeline_id == pipeline_id,
            Stage.type == StageType.OPEN,
            Stage.archived_at.is_(None),
        )
        .order_by(Stage.position)
    ).all()
    reached = _reached(session, chosen)
    medians = _median_days(session, chosen)
    steps: list[FunnelStep] = []
    for stage in stages:
        count = sum(deals for position, deals in reached.items() if position >= stage.position)
        narrowed = replace(chosen, reached_stage_id=stage.id)
        drop = _drop(steps, count)
        median = medians.get(stage.id)
        steps.append(FunnelStep(stage.id, stage.name, count, drop, median, narrowed))
    won = reached.get(_WON, 0)
    narrowed = replace(chosen, stage_type=StageType.WON)
    return (*steps, FunnelStep(None, "", won, _drop(steps, won), None, narrowed))


def _drop(steps: list[FunnelStep], count: int) -> float | None:
    before = steps[-1].count if steps else 0
    return (before - count) / before if before else None


def _reached(session: Session, chosen: DealFilter) -> dict[int, int]:
    """Return how many deals came as far as each position, and no farther."""
    now, died, moved = aliased(Stage), aliased(Stage), aliased(Stage)
    conditions = deal_conditions(session, chosen)
    stands = (
        select(Deal.id.label("deal_id"), now.position.label("place"))
        .join(now, now.id == Deal.stage_id)
        .where(now.type == StageType.OPEN, *conditions)
    )
    won = select(Deal.id, literal(_WON)).where(Deal.stage_type == StageType.WON, *conditions)
    dead = (
        select(Deal.id, died.position)
        .join(died, died.id == Deal.last_open_stage_id)
        .where(died.type == StageType.OPEN, died.pipeline_id == Deal.pipeline_id, *conditions)
    )
    passed = (
        select(Deal.id, moved.position)
        .select_from(StageChange)
        .join(Deal, Deal.id == StageChange.deal_id)
        .join(moved, moved.id == StageChange.to_stage_id)
        .where(moved.type == StageType.OPEN, moved.pipeline_id == Deal.pipeline_id, *conditions)
    )
    places = union_all(stands, won, dead, passed).subquery()
    farthest = select(func.max(places.c.place).label("place")).group_by(places.c.deal_id).subquery()
    counted = select(farthest.c.place, func.count()).group_by(farthest.c.place)
    return dict(session.execute(counted).all())


def _median_days(session: Session, chosen: DealFilter) -> dict[int, float]:
    """Return the median stay in each stage by those who left it; re-entries add up."""
    stays = (
        select(
            StageChange.from_stage_id.label("stage_id"),
            func.sum(StageChange.seconds_in_from).label("seconds"),
        )
        .join(Deal, Deal.id == StageChange.deal_id)
        .where(
            StageChange.from_stage_id.is_not(None),
            StageChange.seconds_in_from.is_not(None),
            *deal_conditions(session, chosen),
        )
        .group_by(StageChange.deal_id, StageChange.from_stage_id)
        .subquery()
    )
    place: Any = func.row_number().over(partition_by=stays.c.stage_id, order_by=stays.c.seconds)
    many: Any = func.count().over(partition_by=stays.c.stage_id)
    ranked = select(
        stays.c.stage_id, stays.c.seconds, place.label("place"), many.label("many")
    ).subquery()
    # One middle, or two whose mean it is.
    middle = case(
        (ranked.c.place * 2 == ranked.c.many, 1),
        (ranked.c.place * 2 == ranked.c.many + 1, 1),
        (ranked.c.place * 2 == ranked.c.many + 2, 1),
        else_=0,
    )
    found = session.execute(
        select(ranked.c.stage_id, func.avg(ranked.c.seconds))
        .where(middle == 1)
        .group_by(ranked.c.stage_id)
    )
    return {stage_id: float(seconds) / _DAY for stage_id, seconds in found}
