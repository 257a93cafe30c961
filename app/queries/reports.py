"""The numbers behind each chart and behind `report` on the command line.

Every row carries the filter that finds its deals, so that a click on a bar shows what it stands on.
Amounts are in minor units of the workspace's currency.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Integer, and_, case, cast, distinct, extract, func, literal, select
from sqlalchemy.orm import Session

from app.commands.settings import workspace_settings
from app.errors import UserError
from app.queries.deals import DealFilter, deal_conditions, value_of, weighted_of
from models.clock import today
from models.records import Contact, Deal, DealLine, LeadSource, Product, Stage, User
from models.values import ForecastCategory, StageType

NONE: Final = "(none)"
MONTH, QUARTER, OWNER, TEAM, PRODUCT, REGION = (
    "month",
    "quarter",
    "owner",
    "team",
    "product",
    "region",
)
BY: Final = (MONTH, QUARTER, OWNER, TEAM, PRODUCT, REGION)


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One bar: its key, how many deals, what they come to, and further measures by name."""

    key: str
    count: int
    amount_minor: int
    more: Mapping[str, int | float] = field(default_factory=dict)  # “…_minor” are amounts
    deals: DealFilter | None = None
    record_id: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A finished report; `start` and `end` are both inside the period, None where it is open."""

    name: str
    start: date | None
    end: date | None
    currency: str
    total: ReportRow
    rows: tuple[ReportRow, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    """How a report is cut: the columns that make the key, and how they read."""

    columns: tuple[Any, ...]
    label: Callable[[Sequence[Any]], str]
    narrow: Callable[[DealFilter, Sequence[Any]], DealFilter | None]
    order_by_amount: bool = True


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
    rows = _grouped(session, by or MONTH, Deal.closed_on, chosen, {})
    return _total(session, chosen, {}), rows


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
    measures = {"won": _counted(_WON), "lost": _counted(_LOST), "won_minor": _summed(_WON)}
    rows = _grouped(session, by or MONTH, Deal.closed_on, chosen, measures)
    return _rated(_total(session, chosen, measures)), [_rated(row) for row in rows]


def _team_report(
    session: Session, start: date | None, end: date | None, by: str | None, chosen: DealFilter
) -> _Built:
    closed = _closed(chosen, start, end)
    measures = {"won": _counted(_WON), "lost": _counted(_LOST), "won_minor": _summed(_WON)}
    cut = by or OWNER
    done = {row.key: row for row in _grouped(session, cut, Deal.closed_on, closed, measures)}
    running = replace(chosen, stage_type=StageType.OPEN)
    weights = {"weighted_minor": _weighted}
    open_rows = {
        row.key: row for row in _grouped(session, cut, Deal.expected_close_on, running, weights)
    }
    rows = [_team_row(key, done.get(key), open_rows.get(key)) for key in done | open_rows]
    rows.sort(key=lambda row: (-row.amount_minor, row.key))
    total = _team_row("total", _total(session, closed, measures), _total(session, running, weights))
    return total, rows


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
    measures = {"weighted_minor": _weighted}
    if by is None:
        rows = _stage_rows(session, chosen)
    else:
        rows = _grouped(session, by, Deal.expected_close_on, chosen, measures)
    return _total(session, chosen, measures), [_whole(row) for row in rows]


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
            Stage.archived_at.is_(None),
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
        "weighted_minor": _weighted,
        "commit_minor": _summed(Deal.forecast_category == ForecastCategory.COMMIT),
        "best_case_minor": _summed(Deal.forecast_category == ForecastCategory.BEST_CASE),
        "overdue": _counted(Deal.expected_close_on < today()),
    }
    rows = _grouped(session, by or MONTH, Deal.expected_close_on, running, measures)
    rows = [_whole(row) for row in rows]
    total = _whole(_total(session, running, measures))
    won = _total(
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
    inside = deal_conditions(session, chosen)
    if start is not None:
        inside.append(Deal.opened_on >= start)
    if end is not None:
        inside.append(Deal.opened_on <= end)
    people = select(Contact.lead_source_id, func.count().label("contacts")).where(
        Contact.archived_at.is_(None)
    )
    contacts = dict(session.execute(people.group_by(Contact.lead_source_id)).tuples().all())
    found = session.execute(
        select(
            Deal.lead_source_id,
            func.count().label("deals"),
            func.coalesce(func.sum(value_of()), 0).label("amount"),
            _counted(_WON)(None).label("won"),
            _counted(_LOST)(None).label("lost"),
            func.coalesce(func.sum(case((_WON, value_of()), else_=0)), 0).label("won_minor"),
        )
        .where(*inside)
        .group_by(Deal.lead_source_id)
    ).all()
    names = dict(session.execute(select(LeadSource.id, LeadSource.name)).tuples().all())
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
                record_id=row.lead_source_id,
            )
        )
        for row in found
    ]
    rows.sort(key=lambda row: (-float(row.more["won_minor"]), -row.count, row.key))
    sums = {
        key: sum(int(row.more[key]) for row in rows) for key in ("won", "lost", "won_minor")
    } | {"contacts": sum(contacts.values())}
    total = ReportRow("total", sum(r.count for r in rows), sum(r.amount_minor for r in rows), sums)
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


# --- how a report is cut -------------------------------------------------------------------

_VALUE: Final = DealLine.quantity * func.coalesce(DealLine.unit_price_minor, 0)


def _shares() -> Any:
    """Return each deal's products with the share of the amount that is theirs; shares sum to 1."""
    whole = func.sum(_VALUE).over(partition_by=DealLine.deal_id)
    lines = func.count().over(partition_by=DealLine.deal_id)
    share = case((whole > 0, _VALUE * 1.0 / whole), else_=literal(1.0) / lines)
    return (
        select(DealLine.deal_id, DealLine.product_id, share.label("share"))
        .where(DealLine.archived_at.is_(None))
        .subquery("line_share")
    )


_SHARES: Final = _shares()


_Measure = Callable[[Any], Any]  # gives the SQL for the share of a deal that a row stands for


def _counted(condition: Any) -> _Measure:
    return lambda _share: func.count(distinct(case((condition, Deal.id))))


def _summed(condition: Any) -> _Measure:
    return lambda share: func.coalesce(
        func.sum(case((condition, _part(value_of(), share)), else_=0)), 0
    )


def _weighted(share: Any) -> Any:
    return func.coalesce(func.sum(_part(weighted_of(), share)), 0)


def _part(value: Any, share: Any) -> Any:
    return value if share is None else value * func.coalesce(share, 1.0)


def _name_or_none(values: Sequence[Any]) -> str:
    return str(values[-1]) if values[-1] else NONE


def _narrow_owner(chosen: DealFilter, values: Sequence[Any]) -> DealFilter | None:
    return replace(chosen, owner_id=values[0]) if values[0] else None


def _narrow_product(chosen: DealFilter, values: Sequence[Any]) -> DealFilter | None:
    return replace(chosen, product_id=values[0]) if values[0] else None


def month_span(year: int, month: int, months: int = 1) -> tuple[date, date]:
    """Return the first and last day of a month, or of several from it on."""
    after = year * 12 + month - 1 + months
    return date(year, month, 1), date(after // 12, after % 12 + 1, 1) - timedelta(days=1)


def _group(by: str, day: Any) -> _Group:
    year, month = extract("year", day), extract("month", day)
    if by == MONTH:
        return _Group(
            (year, month), _month_label, _narrow_months(day.key, 1), order_by_amount=False
        )
    if by == QUARTER:
        quarter = (cast(month, Integer) + 2) // literal(3, Integer)
        return _Group(
            (year, quarter), _quarter_label, _narrow_months(day.key, 3), order_by_amount=False
        )
    if by == OWNER:
        return _Group((Deal.owner_id, User.name), _name_or_none, _narrow_owner)
    if by == PRODUCT:
        return _Group((_SHARES.c.product_id, Product.name), _name_or_none, _narrow_product)
    column = User.team if by == TEAM else User.region
    return _Group((column,), _name_or_none, lambda _chosen, _values: None)


def _month_label(values: Sequence[Any]) -> str:
    return f"{int(values[0]):04d}-{int(values[1]):02d}" if values[0] else NONE


def _quarter_label(values: Sequence[Any]) -> str:
    return f"{int(values[0]):04d} Q{int(values[1])}" if values[0] else NONE


def _narrow_months(
    column: str, months: int
) -> Callable[[DealFilter, Sequence[Any]], DealFilter | None]:
    prefix = "closed" if column == "closed_on" else "expected"

    def narrow(chosen: DealFilter, values: Sequence[Any]) -> DealFilter | None:
        if not values[0]:
            return None
        first, last = month_span(int(values[0]), (int(values[1]) - 1) * months + 1, months)
        start, end = getattr(chosen, f"{prefix}_from"), getattr(chosen, f"{prefix}_to")
        since, until = max(first, start or first), min(last, end or last)
        if prefix == "closed":
            return replace(chosen, closed_from=since, closed_to=until)
        return replace(chosen, expected_from=since, expected_to=until)

    return narrow


def _grouped(
    session: Session, by: str, day: Any, chosen: DealFilter, measures: Mapping[str, _Measure]
) -> list[ReportRow]:
    group = _group(by, day)
    share = _SHARES.c.share if by == PRODUCT else None
    statement = (
        select(
            *group.columns,
            func.count(distinct(Deal.id)),
            func.coalesce(func.sum(_part(value_of(), share)), 0),
            *(measure(share) for measure in measures.values()),
        )
        .select_from(Deal)
        .join(Stage, Stage.id == Deal.stage_id)
        .where(*deal_conditions(session, chosen))
        .group_by(*group.columns)
    )
    statement = _joined(statement, by)
    width = len(group.columns)
    rows = []
    for row in session.execute(statement):
        values, count, amount = row[:width], row[width], row[width + 1]
        more = {
            key: round(value) if key.endswith("_minor") else value
            for key, value in zip(measures, row[width + 2 :], strict=True)
        }
        record_id = values[0] if by in {OWNER, PRODUCT} else None
        deals = group.narrow(chosen, values)
        rows.append(ReportRow(group.label(values), count, round(amount), more, deals, record_id))
    if group.order_by_amount:
        return sorted(rows, key=lambda row: (-row.amount_minor, row.key))
    return sorted(rows, key=lambda row: row.key)


def _joined(statement: Any, by: str) -> Any:
    if by == PRODUCT:
        return statement.outerjoin(_SHARES, _SHARES.c.deal_id == Deal.id).outerjoin(
            Product, Product.id == _SHARES.c.product_id
        )
    if by in {OWNER, TEAM, REGION}:
        return statement.outerjoin(User, User.id == Deal.owner_id)
    return statement


def _total(session: Session, chosen: DealFilter, measures: Mapping[str, _Measure]) -> ReportRow:
    row = session.execute(
        select(
            func.count(distinct(Deal.id)),
            func.coalesce(func.sum(value_of()), 0),
            *(measure(None) for measure in measures.values()),
        )
        .select_from(Deal)
        .join(Stage, Stage.id == Deal.stage_id)
        .where(*deal_conditions(session, chosen))
    ).one()
    more = {
        key: round(value) if key.endswith("_minor") else value
        for key, value in zip(measures, row[2:], strict=True)
    }
    return ReportRow("total", row[0], round(row[1]), more, chosen)
