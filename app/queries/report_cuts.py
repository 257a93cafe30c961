"""How a report is cut: by month, quarter, owner, team, product or region, and what is summed.

A deal with several products counts for each of them, with the share of its amount that their lines
make; the shares of a deal are one, so the rows of any cut come to the total.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from math import floor
from typing import Any, Final

from sqlalchemy import Integer, Select, case, cast, distinct, extract, func, literal, select
from sqlalchemy.orm import Session

from app.queries.deals import DealFilter, deal_conditions, value_of, weighted_of
from models.records import Deal, DealLine, Product, Stage, User

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
    deals: DealFilter | None = None  # None: no filter can say it (deals of nobody)
    record_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Group:
    """How a report is cut: the columns that make the key, and how they read."""

    columns: tuple[Any, ...]
    label: Callable[[Sequence[Any]], str]
    narrow: Callable[[DealFilter, Sequence[Any]], DealFilter | None]
    order_by_amount: bool = True


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


Measure = Callable[[Any], Any]  # gives the SQL for the share of a deal that a row stands for


def counted(condition: Any) -> Measure:
    """Return the measure that counts the deals of a condition, each once."""
    return lambda _share: func.count(distinct(case((condition, Deal.id))))


def summed(condition: Any) -> Measure:
    """Return the measure that adds up the amounts of the deals of a condition."""
    return lambda share: func.coalesce(
        func.sum(case((condition, _part(value_of(), share)), else_=0)), 0
    )


def weighted(share: Any) -> Any:
    """Return the SQL of the weighted value of the open deals."""
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
    return _Group((column,), _name_or_none, _narrow_place(by))


def _narrow_place(by: str) -> Callable[[DealFilter, Sequence[Any]], DealFilter | None]:
    def narrow(chosen: DealFilter, values: Sequence[Any]) -> DealFilter | None:
        if not values[0]:
            return None
        if by == TEAM:
            return replace(chosen, team=values[0])
        return replace(chosen, region=values[0])

    return narrow


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


def grouped(
    session: Session, by: str, day: Any, chosen: DealFilter, measures: Mapping[str, Measure]
) -> list[ReportRow]:
    """Return one row per month, owner … of the deals of a filter, biggest or earliest first."""
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
    found = session.execute(_joined(statement, by)).all()
    width = len(group.columns)
    amounts = _fitted([row[width + 1] for row in found])
    sums = {
        key: _fitted(values) if key.endswith("_minor") else values
        for place, key in enumerate(measures)
        for values in [[row[width + 2 + place] for row in found]]
    }
    rows = []
    for n, row in enumerate(found):
        values = row[:width]
        more = {key: value[n] for key, value in sums.items()}
        record_id = values[0] if by in {OWNER, PRODUCT} else None
        deals = group.narrow(chosen, values)
        rows.append(ReportRow(group.label(values), row[width], amounts[n], more, deals, record_id))
    if group.order_by_amount:
        return sorted(rows, key=lambda row: (-row.amount_minor, row.key))
    return sorted(rows, key=lambda row: row.key)


def _fitted(values: Sequence[float]) -> list[int]:
    """Return whole minor units that add up to the rounded sum, by the largest remainders.

    Three products that share 100.00 would else come to 99.99.
    """
    found = [floor(value) for value in values]
    missing = round(sum(values)) - sum(found)
    by_remainder = sorted(range(len(found)), key=lambda n: (found[n] - values[n], n))
    for n in by_remainder[:missing]:
        found[n] += 1
    return found


def _joined(statement: Select[Any], by: str) -> Select[Any]:
    if by == PRODUCT:
        return statement.outerjoin(_SHARES, _SHARES.c.deal_id == Deal.id).outerjoin(
            Product, Product.id == _SHARES.c.product_id
        )
    if by in {OWNER, TEAM, REGION}:
        return statement.outerjoin(User, User.id == Deal.owner_id)
    return statement


def totalled(session: Session, chosen: DealFilter, measures: Mapping[str, Measure]) -> ReportRow:
    """Return the one row of all deals of a filter."""
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
