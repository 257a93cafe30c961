"""What the Analytics page can be asked, and its whole answer in one read."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.queries.analytics import Overview, overview
from app.queries.deals import DealFilter
from app.queries.lookups import Option, pipeline_options, user_options
from app.queries.periods import Period, months_on, named_period, quarter_key, quarter_start
from models.clock import today
from models.records import Deal, User

_QUARTERS: Final = 4  # that far back one by one, before that by years


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the sentence on top says; no period means the latest in which something was closed."""

    pipeline_id: int | None = None
    owner_id: int | None = None
    team: str | None = None
    period: str | None = None
    against: str = "before"  # or "year_before"


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen in the sentence."""

    pipelines: tuple[Option, ...]
    owners: tuple[Option, ...]
    teams: tuple[str, ...]
    first_closed: date | None
    last_closed: date | None
    day: date

    def past_periods(self) -> list[str]:
        """Return the keys of older quarters and years in which something was closed."""
        if self.first_closed is None or self.last_closed is None:
            return []
        last = min(self.last_closed, months_on(quarter_start(self.day), -4))
        quarters: list[str] = []
        quarter = quarter_start(last)
        while quarter >= quarter_start(self.first_closed) and len(quarters) < _QUARTERS:
            quarters.append(quarter_key(quarter))
            quarter = months_on(quarter, -3)
        newest = min(self.last_closed.year, self.day.year - 2)
        years = range(newest, max(self.first_closed.year, newest - 3) - 1, -1)
        return [*quarters, *(str(year) for year in years)]

    def usual_period(self) -> str:
        """Return the running quarter, or the last one in which something was closed."""
        if self.last_closed is None or self.last_closed >= quarter_start(self.day):
            return "quarter"
        if self.last_closed >= months_on(quarter_start(self.day), -3):
            return "last_quarter"
        return quarter_key(self.last_closed)


@dataclass(frozen=True, slots=True)
class AnalyticsAnswer:
    """Everything the page shows, all of one moment."""

    wanted: Wanted
    choices: Choices
    numbers: Overview


def analytics_choices(session: Session) -> Choices:
    """Return what can be chosen."""
    teams = session.scalars(
        select(User.team)
        .where(User.team.is_not(None), User.team != "", User.archived_at.is_(None))
        .distinct()
        .order_by(User.team)
    )
    first, last = session.execute(
        select(func.min(Deal.closed_on), func.max(Deal.closed_on)).where(Deal.archived_at.is_(None))
    ).one()
    return Choices(
        pipelines=tuple(pipeline_options(session)),
        owners=tuple(user_options(session)),
        teams=tuple(team for team in teams if team),
        first_closed=first,
        last_closed=last,
        day=today(),
    )


def analytics(session: Session, wanted: Wanted) -> AnalyticsAnswer:
    """Return the choices and the numbers; what no longer exists is let go."""
    choices = analytics_choices(session)
    wanted = _still_there(wanted, choices)
    period = named_period(wanted.period or choices.usual_period(), choices.day)
    wanted = replace(wanted, period=period.key)
    chosen = DealFilter(pipeline_id=wanted.pipeline_id, owner_id=wanted.owner_id, team=wanted.team)
    numbers = overview(session, chosen, period, compared(period, wanted.against))
    return AnalyticsAnswer(wanted, choices, numbers)


def compared(period: Period, against: str) -> Period:
    """Return the period that another is compared with."""
    return period.year_before() if against == "year_before" else period.before()


def _still_there(wanted: Wanted, choices: Choices) -> Wanted:
    if wanted.pipeline_id not in {None, *(p.id for p in choices.pipelines)}:
        wanted = replace(wanted, pipeline_id=None)
    if wanted.owner_id not in {None, *(o.id for o in choices.owners)}:
        wanted = replace(wanted, owner_id=None)
    if wanted.team not in {None, *choices.teams}:
        wanted = replace(wanted, team=None)
    return wanted
