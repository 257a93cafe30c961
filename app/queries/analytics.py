"""All numbers of the Analytics page, read at one moment so that they agree with each other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from math import sqrt
from typing import Any, Final

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased

from app.commands.settings import workspace_settings
from app.queries.deal_scopes import cycle_days
from app.queries.deals import DealFilter, deal_conditions, value_of
from app.queries.forecast import Forecast, forecast
from app.queries.funnel import FunnelStep, funnel
from app.queries.periods import Period, months_on
from app.queries.reports import ReportRow, report
from models.clock import local_zone, now, today
from models.records import Deal, Stage, StageChange
from models.values import LostReason, StageType

MONTHS: Final = 12
_Z: Final = 1.959964  # 95 %
_WIDTHS: Final = (1, 2, 5, 7, 10, 15, 20, 30, 45, 60, 90, 180)
_BINS: Final = 6


@dataclass(frozen=True, slots=True)
class Closed:
    """What was won and lost in a period."""

    won_count: int
    won_minor: int
    lost_count: int
    lost_minor: int

    @property
    def win_rate(self) -> float | None:
        """Won of closed; None when nothing was closed."""
        closed = self.won_count + self.lost_count
        return self.won_count / closed if closed else None

    @property
    def average_minor(self) -> int | None:
        """What a won deal came to on average."""
        return round(self.won_minor / self.won_count) if self.won_count else None


@dataclass(frozen=True, slots=True)
class OpenBook:
    """The open deals as they stood at the end of a day."""

    count: int
    amount_minor: int
    weighted_minor: int


@dataclass(frozen=True, slots=True)
class MonthBar:
    """One month and what was won in it; `is_running` while days are still to come."""

    month: date
    count: int
    amount_minor: int
    is_running: bool
    deals: DealFilter


@dataclass(frozen=True, slots=True)
class OwnerRate:
    """One owner's win rate with the range in which it likely lies (Wilson, 95 %)."""

    name: str
    won: int
    closed: int
    rate: float
    low: float
    high: float
    deals: DealFilter | None


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """Why deals were lost, how often, and how much more often than in the period before."""

    reason: LostReason
    count: int
    amount_minor: int
    change: int
    deals: DealFilter


@dataclass(frozen=True, slots=True)
class CycleBin:
    """Won deals that took from `start` to `end` days; the last bin has no end."""

    start: int
    end: int | None
    count: int
    deals: DealFilter


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the page."""

    counted_at: datetime
    currency: str
    has_deals: bool
    period: Period
    against: Period
    now: Closed
    before: Closed
    cycle_days: float | None
    cycle_days_before: float | None
    open: OpenBook
    open_before: OpenBook
    months: tuple[MonthBar, ...]
    goal_minor: int | None  # per month; only for all deals of everyone
    forecast: Forecast
    funnel: tuple[FunnelStep, ...]
    owners: tuple[OwnerRate, ...]
    reasons: tuple[ReasonRow, ...]
    cycle: tuple[CycleBin, ...]
    won_deals: DealFilter
    lost_deals: DealFilter
    open_deals: DealFilter | None  # None: as they stood on a day gone by


def overview(session: Session, chosen: DealFilter, period: Period, against: Period) -> Overview:
    """Return the numbers of a period beside those of another, for the deals of a filter.

    `chosen` holds pipeline, owner or team. The number of statements does not grow with the data.
    """
    settings = workspace_settings(session)
    won = replace(chosen, stage_type=StageType.WON, closed_from=period.start, closed_to=period.end)
    lost = replace(won, stage_type=StageType.LOST)
    days = _cycle_counts(session, won)
    days_before = _cycle_counts(
        session, replace(won, closed_from=against.start, closed_to=against.end)
    )
    is_whole = chosen.owner_id is None and chosen.team is None
    opened = replace(chosen, opened_from=period.start, opened_to=period.end)
    return Overview(
        counted_at=now(),
        currency=settings.currency,
        has_deals=session.scalar(select(Deal.id).where(Deal.archived_at.is_(None)).limit(1))
        is not None,
        period=period,
        against=against,
        now=closed(session, chosen, period),
        before=closed(session, chosen, against),
        cycle_days=_median(days),
        cycle_days_before=_median(days_before),
        open=open_at(session, chosen, period.end),
        open_before=open_at(session, chosen, against.end),
        months=won_by_month(session, chosen, period.end),
        goal_minor=settings.monthly_goal_minor if is_whole else None,
        forecast=forecast(session, chosen, period),
        funnel=funnel(session, opened),
        owners=owner_rates(session, chosen, period),
        reasons=lost_reasons(session, chosen, period, against),
        cycle=cycle_bins(days, won),
        won_deals=won,
        lost_deals=lost,
        open_deals=(replace(chosen, stage_type=StageType.OPEN) if period.end >= today() else None),
    )


def closed(session: Session, chosen: DealFilter, period: Period) -> Closed:
    """Return what was won and lost in a period."""
    inside = replace(chosen, closed_from=period.start, closed_to=period.end)
    won, lost = Deal.stage_type == StageType.WON, Deal.stage_type == StageType.LOST
    row = session.execute(
        select(
            func.count(case((won, 1))),
            func.coalesce(func.sum(case((won, value_of()), else_=0)), 0),
            func.count(case((lost, 1))),
            func.coalesce(func.sum(case((lost, value_of()), else_=0)), 0),
        ).where(*deal_conditions(session, inside))
    ).one()
    return Closed(row[0], round(row[1]), row[2], round(row[3]))


def open_at(session: Session, chosen: DealFilter, day: date) -> OpenBook:
    """Return the deals that were open at the end of a day, by the stages they stood in then.

    Amounts are today's: only stages have a history of their own.
    """
    moment = datetime.combine(day + timedelta(days=1), time(), local_zone())
    order = (StageChange.at.desc(), StageChange.id.desc())
    place: Any = func.row_number().over(partition_by=StageChange.deal_id, order_by=order)
    moves = (
        select(StageChange.deal_id, StageChange.to_stage_id, place.label("place"))
        .where(StageChange.at < moment)
        .subquery()
    )
    then, usual = aliased(Stage), aliased(Stage)
    chance: Any = case(
        (Deal.stage_type == StageType.OPEN, func.coalesce(Deal.probability, then.probability)),
        else_=then.probability,
    )
    chance = func.coalesce(chance, usual.probability)
    if day >= today():
        chance = func.coalesce(Deal.probability, usual.probability)
    statement = (
        select(
            func.count(),
            func.coalesce(func.sum(value_of()), 0),
            func.coalesce(func.sum(value_of() * chance / 100.0), 0),
        )
        .select_from(Deal)
        .join(usual, usual.id == func.coalesce(Deal.last_open_stage_id, Deal.stage_id))
    )
    if day < today():
        statement = statement.outerjoin(
            moves, (moves.c.deal_id == Deal.id) & (moves.c.place == 1)
        ).outerjoin(then, (then.id == moves.c.to_stage_id) & (then.type == StageType.OPEN))
        was_open = (Deal.stage_type == StageType.OPEN) | (Deal.closed_on > day)
        conditions = [Deal.opened_on <= day, was_open]
    else:
        conditions = [Deal.stage_type == StageType.OPEN]
    row = session.execute(statement.where(*conditions, *deal_conditions(session, chosen))).one()
    return OpenBook(row[0], round(row[1]), round(row[2]))


def won_by_month(session: Session, chosen: DealFilter, day: date) -> tuple[MonthBar, ...]:
    """Return twelve months up to a day's, by the day of closing; empty months are there too."""
    start = months_on(day, 1 - MONTHS)
    last = months_on(day, 1) - timedelta(days=1)
    found = {
        row.key: row
        for row in report(session, "won", start=start, end=last, by="month", chosen=chosen).rows
    }
    bars = []
    for n in range(MONTHS):
        month = months_on(start, n)
        end = months_on(month, 1) - timedelta(days=1)
        row = found.get(f"{month:%Y-%m}") or ReportRow("", 0, 0)
        deals = replace(chosen, stage_type=StageType.WON, closed_from=month, closed_to=end)
        bars.append(MonthBar(month, row.count, row.amount_minor, end > today(), deals))
    return tuple(bars)


def owner_rates(session: Session, chosen: DealFilter, period: Period) -> tuple[OwnerRate, ...]:
    """Return the win rate of everybody who closed a deal, the highest first."""
    found = report(
        session, "winrate", start=period.start, end=period.end, by="owner", chosen=chosen
    )
    rows = []
    for row in found.rows:
        won, count = int(row.more["won"]), int(row.more["won"]) + int(row.more["lost"])
        if count:
            low, high = wilson(won, count)
            rows.append(OwnerRate(row.key, won, count, won / count, low, high, row.deals))
    return tuple(sorted(rows, key=lambda row: (-row.rate, -row.closed, row.name)))


def wilson(hits: int, cases: int) -> tuple[float, float]:
    """Return the range in which a rate likely lies (Wilson score interval, 95 %)."""
    if not cases:
        return 0.0, 1.0
    rate = hits / cases
    square = _Z * _Z
    middle = (rate + square / (2 * cases)) / (1 + square / cases)
    half = (
        _Z * sqrt(rate * (1 - rate) / cases + square / (4 * cases * cases)) / (1 + square / cases)
    )
    return max(0.0, middle - half), min(1.0, middle + half)


def lost_reasons(
    session: Session, chosen: DealFilter, period: Period, against: Period
) -> tuple[ReasonRow, ...]:
    """Return why deals were lost in a period, the commonest first."""
    lost = replace(
        chosen, stage_type=StageType.LOST, closed_from=period.start, closed_to=period.end
    )
    found = _reason_counts(session, lost)
    earlier = replace(lost, closed_from=against.start, closed_to=against.end)
    before = _reason_counts(session, earlier)
    rows = [
        ReasonRow(
            reason,
            found.get(reason, (0, 0))[0],
            found.get(reason, (0, 0))[1],
            found.get(reason, (0, 0))[0] - before.get(reason, (0, 0))[0],
            replace(lost, lost_reason=reason),
        )
        for reason in found
    ]
    return tuple(sorted(rows, key=lambda row: (-row.count, -row.amount_minor, row.reason)))


def _reason_counts(session: Session, lost: DealFilter) -> dict[LostReason, tuple[int, int]]:
    found = session.execute(
        select(Deal.lost_reason, func.count(), func.coalesce(func.sum(value_of()), 0))
        .where(*deal_conditions(session, lost))
        .group_by(Deal.lost_reason)
    )
    counts: dict[LostReason, tuple[int, int]] = {}
    for reason, count, amount in found:
        known = reason or LostReason.UNKNOWN
        so_far = counts.get(known, (0, 0))
        counts[known] = (so_far[0] + count, so_far[1] + round(amount))
    return counts


def _cycle_counts(session: Session, won: DealFilter) -> list[tuple[int, int]]:
    """Return how many won deals took how many days, by days."""
    days = cycle_days(session)
    found = session.execute(
        select(days, func.count())
        .where(*deal_conditions(session, won))
        .group_by(days)
        .order_by(days)
    )
    return [(max(0, taken), count) for taken, count in found if taken is not None]


def _median(counts: Sequence[tuple[int, int]]) -> float | None:
    many = sum(count for _, count in counts)
    if not many:
        return None
    low, high = _nth(counts, (many - 1) // 2), _nth(counts, many // 2)
    return (low + high) / 2


def _nth(counts: Sequence[tuple[int, int]], place: int) -> int:
    for days, count in counts:
        if place < count:
            return days
        place -= count
    raise IndexError(place)


def cycle_bins(counts: Sequence[tuple[int, int]], won: DealFilter) -> tuple[CycleBin, ...]:
    """Return six bins of equal width that hold nine deals of ten, the last one open-ended."""
    many = sum(count for _, count in counts)
    if not many:
        return ()
    common = _nth(counts, (many - 1) * 9 // 10)
    width = next((w for w in _WIDTHS if w * _BINS > common), _WIDTHS[-1] * 2)
    bins = []
    for n in range(_BINS):
        start, end = n * width, (n + 1) * width - 1 if n < _BINS - 1 else None
        inside = sum(c for days, c in counts if days >= start and (end is None or days <= end))
        deals = replace(won, cycle_from=start or None, cycle_to=end)
        bins.append(CycleBin(start, end, inside, deals))
    return tuple(bins)
