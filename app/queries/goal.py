"""The month's goal: what is won, what is promised, and where today's pace should be."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.commands.settings import WorkspaceSettings, workspace_settings
from app.queries.deals import value_of
from models.clock import today
from models.records import Deal
from models.values import ForecastCategory, StageType


@dataclass(frozen=True, slots=True)
class Goal:
    """Won and committed this month in the workspace's currency; no goal, no pace."""

    month: date
    currency: str
    won_minor: int
    won_count: int
    commit_minor: int
    goal_minor: int | None
    pace_minor: int | None  # what should be won by this evening
    working_days_left: int  # today included


def month_goal(session: Session) -> Goal:
    """Return how the month stands for the whole workspace, whose goal it is."""
    settings, day = workspace_settings(session), today()
    first = day.replace(day=1)
    end = (first + timedelta(days=32)).replace(day=1)
    living = Deal.archived_at.is_(None)
    won = session.execute(
        select(func.coalesce(func.sum(value_of()), 0), func.count()).where(
            living,
            Deal.stage_type == StageType.WON,
            Deal.closed_on >= first,
            Deal.closed_on < end,
        )
    ).one()
    commit = session.scalar(
        select(func.coalesce(func.sum(value_of()), 0)).where(
            living,
            Deal.stage_type == StageType.OPEN,
            Deal.forecast_category == ForecastCategory.COMMIT,
            # One past its day may still come this month.
            or_(Deal.expected_close_on < end, Deal.expected_close_on.is_(None)),
        )
    )
    days = working_days(settings, first, end)
    done = sum(1 for one in days if one <= day)
    goal = settings.monthly_goal_minor
    return Goal(
        month=first,
        currency=settings.currency,
        won_minor=round(won[0]),
        won_count=int(won[1]),
        commit_minor=round(commit or 0),
        goal_minor=goal,
        pace_minor=round(goal * done / len(days)) if goal and days else None,
        working_days_left=sum(1 for one in days if one >= day),
    )


def working_days(settings: WorkspaceSettings, first: date, end: date) -> list[date]:
    """Return the working days from a day on, up to but without the end."""
    days = (first + timedelta(days=n) for n in range((end - first).days))
    return [
        day
        for day in days
        if day.weekday() in settings.working_days and day not in settings.holidays
    ]
