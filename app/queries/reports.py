"""The numbers behind each chart and behind `report` on the command line.

Every row carries the filter that finds its deals, so that a click on a bar shows what it stands on.
Amounts are in minor units of the workspace's currency.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from app.commands.settings import workspace_settings
from app.errors import UserError
from app.queries.deals import DealFilter, deal_conditions, value_of, weighted_of
from app.queries.report_cuts import (
    BY,
    MONTH,
    NONE,
    OWNER,
    ReportRow,
    counted,
    grouped,
    month_span,
    summed,
    totalled,
    weighted,
)
from models.clock import today
from models.records import Contact, Deal, LeadSource, Stage
from models.values import ForecastCategory, StageType

__all__ = ["BY", "NONE", "REPORTS", "Report", "ReportRow", "month_span", "report"]


@dataclass(frozen=True, slots=True)
class Report:
    """A finished report; `start` and `end` are both inside the period, None where it is open."""

    name: str
    start: date | None
    end: date | None
    currency: str
    total: ReportRow
    rows: tuple[ReportRow, ...]


def report(
    session: Session,
    name: str,
    *,
    start: date | None = None,
    end: date | None = None,
    by: str | None = None,
    chosen: DealFilter | None = None,
) -> Report:
    """Return a report by name; raise UserError for a name, cut or period that does not exist."""
    if name not in REPORTS:
        raise UserError("There is no report “{name}”; choose one of {all}.", name=name, all=_all())
    if by is not None and by not in BY:
        raise UserError("A report goes by {all}, not by “{by}”.", by=by, all=", ".join(BY))
    if start is not None and end is not None and start > end:
        raise UserError("The period ends before it starts.", field="to")
    build = REPORTS[name]
    total, rows = build(session, start, end, by, chosen or DealFilter())
    currency = workspace_settings(session).currency
    return Report(name, start, end, currency, total, tuple(rows))


_Built = tuple[ReportRow, list[ReportRow]]


def _all() -> str:
    return ", ".join(REPORTS)


def _won_report(
    session: Session, start: date | None, end: date | None, by: str | None, chosen: DealFilter
) -> _Built:
    chosen = replace(chosen, stage_type=StageType.WON, closed_from=start, closed_to=end)
    rows = grouped(session, by or MONTH, Deal.closed_on, chosen, {})
    return totalled(session, chosen, {}), rows


def _closed(chosen: DealFilter, start: date | None, end: date | None) -> DealFilter:
    # Open deals have no closing day; a day before all others leaves only closed ones.
    return replace(chosen, closed_from=start or date.min, closed_to=end)


_WON: Final = Deal.stage_type == StageType.WON
_LOST: Final = Deal.stage_type == StageType.LOST
_OPEN: Final = Deal.stage_type == StageType.OPEN


def _rated(row: ReportRow) -> ReportRow:
    won, lost = int(row.more["won"]), int(row.more["lost"])
    more = dict(row.more) | {"rate": won / (won + lost) if won + lost else 0.0}
    return replace(row, more=more)


def _win_rate_report(
    session: Session, start: date | None, end: date | None, by: str | None, chosen: DealFilter
) -> _Built:
    chosen = _closed(chosen, start, end)
    measures = {"won": counted(_WON), "lost": counted(_LOST), "won_minor": summed(_WON)}
    rows = grouped(session, by or MONTH, Deal.closed_on, chosen, measures)
    return _rated(totalled(session, chosen, measures)), [_rated(row) for row in rows]


def _team_report(
    session: Session, start: date | None, end: date | None, by: str | None, chosen: DealFilter
) -> _Built:
    closed = _closed(chosen, start, end)
    measures = {"won": counted(_WON), "lost": counted(_LOST), "won_minor": summed(_WON)}
    cut = by or OWNER
    done = _by_record(grouped(session, cut, Deal.closed_on, closed, measures))
    running = replace(chosen, stage_type=StageType.OPEN)
    weights = {"weighted_minor": weighted}
    open_rows = _by_record(grouped(session, cut, Deal.expected_close_on, running, weights))
    rows = [
        _team_row(row.key, done.get(key), open_rows.get(key))
        for key, row in (done | open_rows).items()
    ]
    rows.sort(key=lambda row: (-row.amount_minor, row.key))
    total = _team_row(
        "total", totalled(session, closed, measures), totalled(session, running, weights)
    )
    return total, rows


def _by_record(rows: list[ReportRow]) -> dict[object, ReportRow]:
    # Two people may bear one name.
    return {row.record_id or row.key: row for row in rows}


def _team_row(key: str, done: ReportRow | None, running: ReportRow | None) -> ReportRow:
    won = int(done.more["won"]) if done else 0
    lost = int(done.more["lost"]) if done else 0
    amount = int(done.more["won_minor"]) if done else 0
    deals = done.deals if done else None
    return ReportRow(
        key,
        won,
        amount,
        {
            "won": won,
            "lost": lost,
            "rate": won / (won + lost) if won + lost else 0.0,
            "average_minor": round(amount / won) if won else 0,
            "open": running.count if running else 0,
            "open_minor": running.amount_minor if running else 0,
            "weighted_minor": round(running.more["weighted_minor"]) if running else 0,
        },
        deals=replace(deals, stage_type=StageType.WON) if deals else None,
        record_id=(done or running or ReportRow("", 0, 0)).record_id,
    )


def _pipeline_report(
    session: Session, start: date | None, end: date | None, by: str | None, chosen: DealFilter
) -> _Built:
    chosen = replace(chosen, stage_type=StageType.OPEN, expected_from=start, expected_to=end)
    measures = {"weighted_minor": weighted}
    if by is None:
        rows = _stage_rows(session, chosen)
    else:
        rows = grouped(session, by, Deal.expected_close_on, chosen, measures)
    return totalled(session, chosen, measures), [_whole(row) for row in rows]


def _whole(row: ReportRow) -> ReportRow:
    more = {k: round(v) if k.endswith("_minor") else v for k, v in row.more.items()}
    return replace(row, more=more)


def _stage_rows(session: Session, chosen: DealFilter) -> list[ReportRow]:
    found = session.execute(
        select(
            Stage.id,
            Stage.name,
            Stage.probability,
            func.count(Deal.id).label("deals"),
            func.coalesce(func.sum(value_of()), 0).label("amount"),
            func.coalesce(func.sum(weighted_of()), 0).label("weighted"),
        )
        .select_from(Stage)
        .outerjoin(Deal, and_(Deal.stage_id == Stage.id, *deal_conditions(session, chosen)))
        .where(
            # One no longer in use still shows what lies in it.
            or_(Stage.archived_at.is_(None), Deal.id.is_not(None)),
            Stage.type == StageType.OPEN,
            *([Stage.pipeline_id == chosen.pipeline_id] if chosen.pipeline_id else []),
        )
        .group_by(Stage.id, Stage.name, Stage.probability, Stage.pipeline_id, Stage.position)
        .order_by(Stage.pipeline_id, Stage.position)
    ).all()
    several = len({row.name for row in found}) < len(found)
    return [
        ReportRow(
            row.name,
            row.deals,
            round(row.amount),
            {"weighted_minor": round(row.weighted), "probability": row.probability},
            replace(chosen, stage_id=row.id),
            row.id,
        )
        for row in found
        # With several pipelines, stages of one name would look like a mistake when empty.
        if row.deals or not several
    ]


def _forecast_report(
    session: Session, start: date | None, end: date | None, by: str | None, chosen: DealFilter
) -> _Built:
    running = replace(chosen, stage_type=StageType.OPEN, expected_from=start, expected_to=end)
    measures = {
        "weighted_minor": weighted,
        "commit_minor": summed(Deal.forecast_category == ForecastCategory.COMMIT),
        "best_case_minor": summed(Deal.forecast_category == ForecastCategory.BEST_CASE),
        "overdue": counted(Deal.expected_close_on < today()),
    }
    rows = grouped(session, by or MONTH, Deal.expected_close_on, running, measures)
    rows = [_whole(row) for row in rows]
    total = _whole(totalled(session, running, measures))
    won = totalled(
        session,
        replace(
            chosen,
            stage_type=StageType.WON,
            closed_from=start or _month_start(today()),
            closed_to=end,
        ),
        {},
    )
    commit = won.amount_minor + int(total.more["commit_minor"])
    more = dict(total.more) | {
        "won": won.count,
        "won_minor": won.amount_minor,
        "commit_minor": commit,
        "best_case_minor": commit + int(total.more["best_case_minor"]),
    }
    return replace(total, more=more), rows


def _month_start(day: date) -> date:
    return day.replace(day=1)


def _sources_report(
    session: Session, start: date | None, end: date | None, by: str | None, chosen: DealFilter
) -> _Built:
    if by is not None:
        raise UserError("The sources report goes by source only.", field="by")
    chosen = replace(chosen, opened_from=start, opened_to=end)
    inside = deal_conditions(session, chosen)
    people = select(Contact.lead_source_id, func.count().label("contacts")).where(
        Contact.archived_at.is_(None)
    )
    contacts = dict(session.execute(people.group_by(Contact.lead_source_id)).all())
    found = session.execute(
        select(
            Deal.lead_source_id,
            func.count().label("deals"),
            func.coalesce(func.sum(value_of()), 0).label("amount"),
            counted(_WON)(None).label("won"),
            counted(_LOST)(None).label("lost"),
            func.coalesce(func.sum(case((_WON, value_of()), else_=0)), 0).label("won_minor"),
        )
        .where(*inside)
        .group_by(Deal.lead_source_id)
    ).all()
    names = dict(session.execute(select(LeadSource.id, LeadSource.name)).all())
    rows = [
        _rated(
            ReportRow(
                names.get(row.lead_source_id, NONE),
                row.deals,
                round(row.amount),
                {
                    "contacts": contacts.get(row.lead_source_id, 0),
                    "won": row.won,
                    "lost": row.lost,
                    "won_minor": round(row.won_minor),
                },
                replace(chosen, lead_source_id=row.lead_source_id) if row.lead_source_id else None,
                row.lead_source_id,
            )
        )
        for row in found
    ]
    rows.sort(key=lambda row: (-float(row.more["won_minor"]), -row.count, row.key))
    sums = {
        key: sum(int(row.more[key]) for row in rows) for key in ("won", "lost", "won_minor")
    } | {"contacts": sum(contacts.values())}
    amount = sum(row.amount_minor for row in rows)
    total = ReportRow("total", sum(row.count for row in rows), amount, sums, chosen)
    return _rated(total), rows


REPORTS: Final[
    Mapping[str, Callable[[Session, date | None, date | None, str | None, DealFilter], _Built]]
] = {
    "pipeline": _pipeline_report,
    "won": _won_report,
    "winrate": _win_rate_report,
    "team": _team_report,
    "forecast": _forecast_report,
    "sources": _sources_report,
}
