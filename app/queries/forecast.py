"""What will be won by the end of a period: won so far, the owners' word, and simulated ranges."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.queries.deals import DealFilter, deal_conditions, probability_of, value_of
from app.queries.periods import Period
from models.clock import today
from models.records import Deal, Stage
from models.values import ForecastCategory, StageType

RUNS: Final = 4_000
_MAX_DRAWS: Final = 8_000_000  # many deals: fewer runs, the range hardly moves any more
_CHUNK: Final = 256  # deals drawn at a time, for the memory's sake
_SEED: Final = 20_231_001
_POINTS: Final = 16


@dataclass(frozen=True, slots=True)
class ForecastPoint:
    """What is won by a day: surely so far, or in one, five and nine of ten simulated runs."""

    day: date
    p10_minor: int
    p50_minor: int
    p90_minor: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """The cumulative curve of a period and where it may end; amounts include what is won."""

    won: tuple[tuple[date, int], ...]  # the day and all won by it
    won_minor: int
    ahead: tuple[ForecastPoint, ...]  # empty when the period is over
    commit_minor: int
    best_minor: int
    weighted_minor: int
    runs: int
    open_count: int
    overdue_count: int  # past their day: they count from today, and are listed
    overdue_minor: int
    won_deals: DealFilter
    open_deals: DealFilter
    overdue_deals: DealFilter


@dataclass(frozen=True, slots=True)
class _Open:
    day: date
    value: float
    chance: float
    category: ForecastCategory
    overdue: bool


def forecast(session: Session, chosen: DealFilter, period: Period) -> Forecast:
    """Return the curve of a period for the deals of a filter."""
    won = _won(session, chosen, period)
    so_far = won[-1][1]
    running = replace(chosen, stage_type=StageType.OPEN, expected_to=period.horizon)
    deals = _open_deals(session, running) if period.is_running else []
    commit = so_far + _sum(deals, ForecastCategory.COMMIT)
    overdue = [deal for deal in deals if deal.overdue]
    points, runs = simulate(deals, so_far, period) if period.is_running else ((), 0)
    return Forecast(
        won=won,
        won_minor=so_far,
        ahead=points,
        commit_minor=commit,
        best_minor=commit + _sum(deals, ForecastCategory.BEST_CASE),
        weighted_minor=so_far + round(sum(deal.value * deal.chance for deal in deals)),
        runs=runs,
        open_count=len(deals),
        overdue_count=len(overdue),
        overdue_minor=round(sum(deal.value for deal in overdue)),
        won_deals=_won_filter(chosen, period),
        open_deals=running,
        overdue_deals=replace(running, overdue=True),
    )


def _won_filter(chosen: DealFilter, period: Period) -> DealFilter:
    return replace(chosen, stage_type=StageType.WON, closed_from=period.start, closed_to=period.end)


def _won(session: Session, chosen: DealFilter, period: Period) -> tuple[tuple[date, int], ...]:
    """Return each day on which something was won, in the month it was, not the expected one."""
    found = session.execute(
        select(Deal.closed_on, func.sum(value_of()))
        .where(*deal_conditions(session, _won_filter(chosen, period)))
        .group_by(Deal.closed_on)
        .order_by(Deal.closed_on)
    ).all()
    sums = accumulate(float(amount) for _, amount in found)
    curve = [(day, round(total)) for (day, _), total in zip(found, sums, strict=True)]
    start = [(period.start, 0)] if not curve or curve[0][0] > period.start else []
    last = curve[-1][1] if curve else 0
    end = [(period.end, last)] if not curve or curve[-1][0] < period.end else []
    return (*start, *curve, *end)


def _open_deals(session: Session, running: DealFilter) -> list[_Open]:
    found = session.execute(
        select(Deal.expected_close_on, value_of(), probability_of(), Deal.forecast_category)
        .join(Stage, Stage.id == Deal.stage_id)
        .where(
            Deal.forecast_category != ForecastCategory.OMITTED,
            Deal.expected_close_on.is_not(None),
            *deal_conditions(session, running),
        )
        .order_by(Deal.id)  # the same draws for the same deals
    )
    day = today()
    return [
        _Open(max(expected, day), float(value), chance / 100, category, expected < day)
        for expected, value, chance, category in found
    ]


def _sum(deals: Sequence[_Open], category: ForecastCategory) -> int:
    return round(sum(deal.value for deal in deals if deal.category is category))


def simulate(
    deals: Sequence[_Open], so_far: int, period: Period
) -> tuple[tuple[ForecastPoint, ...], int]:
    """Draw every deal by its probability, many times; return the ranges by day, and the runs."""
    import numpy as np

    runs = max(500, min(RUNS, _MAX_DRAWS // max(1, len(deals))))
    random = np.random.default_rng(_SEED)
    total = np.full(runs, float(so_far), dtype=np.float64)
    points = [ForecastPoint(period.end, so_far, so_far, so_far)]
    waiting = sorted(deals, key=lambda deal: deal.day)
    taken = 0
    for day in _days_ahead(period):
        upto = taken
        while upto < len(waiting) and waiting[upto].day <= day:
            upto += 1
        for start in range(taken, upto, _CHUNK):
            part = waiting[start : min(start + _CHUNK, upto)]
            values = np.array([deal.value for deal in part])
            chances = np.array([deal.chance for deal in part], dtype=np.float32)
            drawn = random.random((runs, len(part)), dtype=np.float32) < chances
            total += drawn @ values
        taken = upto
        low, middle, high = np.percentile(total, (10, 50, 90))
        points.append(ForecastPoint(day, round(low), round(middle), round(high)))
    return tuple(points), runs


def _days_ahead(period: Period) -> list[date]:
    whole = (period.horizon - period.end).days
    step = max(1, -(-whole // _POINTS))
    days = [period.end + timedelta(days=n) for n in range(step, whole, step)]
    return [*days, period.horizon]
