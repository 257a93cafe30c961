"""Deals as the board, the table and the reports choose and read them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Numeric, Select, and_, case, cast, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from app.queries.deal_attention import Attention, attention_of, rotting_condition
from app.queries.deal_scopes import scope_conditions
from app.queries.id_pages import collect_ids
from models.clock import today
from models.records import Company, Contact, Deal, DealLine, Pipeline, Product, Stage, User
from models.values import ForecastCategory, LostReason, NextStep, StageType, fold

MAX_IDS: Final = 500  # one IN list; SQLite and PostgreSQL both take far more


@dataclass(frozen=True, slots=True)
class DealFilter:
    """Which deals; everything unset lets all through. Periods include both their days."""

    pipeline_id: int | None = None
    stage_id: int | None = None
    stage_type: StageType | None = None
    owner_id: int | None = None
    product_id: int | None = None
    company_id: int | None = None
    contact_id: int | None = None
    text: str = ""
    expected_from: date | None = None
    expected_to: date | None = None
    closed_from: date | None = None
    closed_to: date | None = None
    # Open deals by the day they are expected to close, closed ones by the day they closed.
    close_from: date | None = None
    close_to: date | None = None
    rotting: bool = False
    overdue: bool = False
    archived: bool = False
    lost_reason: LostReason | None = None
    lead_source_id: int | None = None
    ids: tuple[int, ...] = ()
    # What charts ask for (deal_scopes): whose, opened when, how far, how many days to close.
    team: str | None = None
    region: str | None = None
    opened_from: date | None = None
    opened_to: date | None = None
    cycle_from: int | None = None
    cycle_to: int | None = None
    reached_stage_id: int | None = None


@dataclass(frozen=True, slots=True)
class DealRow:
    """One deal as a card or a table row shows it."""

    id: int
    name: str
    pipeline_id: int
    stage_id: int
    stage_name: str
    stage_type: StageType
    stage_since: datetime
    amount_minor: int | None
    currency: str
    probability: int
    forecast_category: ForecastCategory
    opened_on: date
    expected_close_on: date | None
    closed_on: date | None
    lost_reason: LostReason | None
    company_id: int | None
    company_name: str | None
    contact_id: int | None
    contact_name: str | None
    owner_id: int | None
    owner_name: str | None
    products: str
    attention: Attention
    row_version: int

    @property
    def is_overdue(self) -> bool:
        """Whether the day on which it was to close has passed."""
        expected = self.expected_close_on
        return self.stage_type is StageType.OPEN and expected is not None and expected < today()

    @property
    def next_step(self) -> NextStep:
        """The next-activity light."""
        return self.attention.light


def probability_of() -> Any:
    """Return the SQL of a deal's probability in percent: its own, or its stage's."""
    return func.coalesce(Deal.probability, Stage.probability)


def value_of() -> Any:
    """Return the SQL of a deal's amount in minor units of the workspace's currency."""
    return func.coalesce(Deal.amount_minor, 0) * cast(Deal.rate, Numeric(18, 8, asdecimal=False))


def weighted_of() -> Any:
    """Return the SQL of a deal's weighted value; a deal that is not open weighs nothing."""
    weighted = value_of() * probability_of() / literal(100.0)
    return case((Deal.stage_type == StageType.OPEN, weighted), else_=0)


def deal_conditions(session: Session, chosen: DealFilter) -> list[Any]:
    """Return the SQL conditions of a filter over `Deal`."""
    archived = Deal.archived_at.is_not(None) if chosen.archived else Deal.archived_at.is_(None)
    found: list[Any] = [archived]
    for field in (
        "pipeline_id",
        "stage_id",
        "stage_type",
        "owner_id",
        "company_id",
        "contact_id",
        "lost_reason",
        "lead_source_id",
    ):
        value = getattr(chosen, field)
        if value is not None:
            found.append(getattr(Deal, field) == value)
    if chosen.ids:
        found.append(Deal.id.in_(chosen.ids))
    if chosen.product_id is not None:
        lines = select(DealLine.deal_id).where(
            DealLine.product_id == chosen.product_id, DealLine.archived_at.is_(None)
        )
        found.append(Deal.id.in_(lines))
    if chosen.overdue:
        found += [Deal.stage_type == StageType.OPEN, Deal.expected_close_on < today()]
    if chosen.rotting:
        found.append(rotting_condition(session))
    found += scope_conditions(session, chosen)
    return [*found, *_period_conditions(chosen), *_text_conditions(chosen.text)]


def _period_conditions(chosen: DealFilter) -> list[Any]:
    found: list[Any] = [
        *_between(Deal.expected_close_on, chosen.expected_from, chosen.expected_to),
        *_between(Deal.closed_on, chosen.closed_from, chosen.closed_to),
    ]
    if chosen.close_from is not None or chosen.close_to is not None:
        is_open = Deal.stage_type == StageType.OPEN
        expected = _between(Deal.expected_close_on, chosen.close_from, chosen.close_to)
        closed = _between(Deal.closed_on, chosen.close_from, chosen.close_to)
        found.append(or_(and_(is_open, *expected), and_(~is_open, *closed)))
    return found


def _between(day: Any, start: date | None, end: date | None) -> list[Any]:
    found = []
    if start is not None:
        found.append(day >= start)
    if end is not None:
        found.append(day <= end)
    return found


def _text_conditions(text: str) -> list[Any]:
    found = []
    for word in fold(text).split():
        like = f"%{_escaped(word)}%"
        companies = select(Company.id).where(Company.sort_name.like(like, escape="\\"))
        contacts = select(Contact.id).where(Contact.sort_name.like(like, escape="\\"))
        found.append(
            or_(
                Deal.sort_name.like(like, escape="\\"),
                Deal.company_id.in_(companies),
                Deal.contact_id.in_(contacts),
            )
        )
    return found


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_SORTS: Final[dict[str, Any]] = {
    "name": Deal.sort_name,
    "amount": Deal.amount_minor * Deal.rate,
    "company": Company.sort_name,
    "owner": User.name_key,
    "expected_close": Deal.expected_close_on,
    "closed": Deal.closed_on,
    "opened": Deal.opened_on,
    "stage_since": Deal.stage_since,
    "created": Deal.created_at,
}
_JOINS: Final[dict[str, tuple[type[Any], Any]]] = {
    "company": (Company, Company.id == Deal.company_id),
    "owner": (User, User.id == Deal.owner_id),
}


def deal_ids_statement(
    session: Session, chosen: DealFilter, sort: str = "expected_close", descending: bool = False
) -> Select[Any]:
    """Return the ordered select of the ids of a filter."""
    statement = select(Deal.id).where(*deal_conditions(session, chosen))
    if sort in _JOINS:
        statement = statement.outerjoin(*_JOINS[sort])
    if sort in {"stage", "probability"}:
        statement = statement.join(Stage, Stage.id == Deal.stage_id)
        statement = statement.join(Pipeline, Pipeline.id == Deal.pipeline_id)
        order = (
            [Pipeline.position, Stage.position, Deal.board_order]
            if sort == "stage"
            else [probability_of()]
        )
    else:
        order = [_SORTS[sort]]
    if sort == "name":  # never empty, and its index serves the order
        ordered = [o.desc() if descending else o.asc() for o in (*order, Deal.id)]
        return statement.order_by(*ordered)
    # Rows without a value stand last in both directions.
    ways = [(o.desc() if descending else o.asc()).nulls_last() for o in order]
    return statement.order_by(*ways, Deal.id.desc() if descending else Deal.id)


def deal_ids(
    session: Session,
    chosen: DealFilter,
    sort: str = "expected_close",
    descending: bool = False,
    limit: int | None = None,
) -> Sequence[int]:
    """Return the ids of the deals of a filter, in order."""
    return collect_ids(session, deal_ids_statement(session, chosen, sort, descending), limit)


def deal_count(session: Session, chosen: DealFilter) -> int:
    """Return how many deals a filter lets through."""
    counted = select(func.count()).select_from(Deal).where(*deal_conditions(session, chosen))
    return session.scalar(counted) or 0


def deal_rows(session: Session, ids: Iterable[int]) -> list[DealRow]:
    """Return the rows of these deals, in the order given, in a constant number of statements."""
    wanted = list(ids)
    found: dict[int, DealRow] = {}
    for start in range(0, len(wanted), MAX_IDS):
        for row in _rows(session, wanted[start : start + MAX_IDS]):
            found[row.id] = row
    return [found[deal_id] for deal_id in wanted if deal_id in found]


def _rows(session: Session, ids: Sequence[int]) -> list[DealRow]:
    owner = aliased(User)
    records = session.execute(
        select(
            Deal.id,
            Deal.name,
            Deal.pipeline_id,
            Deal.stage_id,
            Stage.name.label("stage_name"),
            Deal.stage_type,
            Deal.stage_since,
            Deal.amount_minor,
            Deal.currency,
            probability_of().label("probability"),
            Deal.forecast_category,
            Deal.opened_on,
            Deal.expected_close_on,
            Deal.closed_on,
            Deal.lost_reason,
            Deal.company_id,
            Company.name.label("company_name"),
            Deal.contact_id,
            Contact.name.label("contact_name"),
            Deal.owner_id,
            owner.name.label("owner_name"),
            Deal.row_version,
            Stage.rotting_days,
        )
        .join(Stage, Stage.id == Deal.stage_id)
        .outerjoin(Company, Company.id == Deal.company_id)
        .outerjoin(Contact, Contact.id == Deal.contact_id)
        .outerjoin(owner, owner.id == Deal.owner_id)
        .where(Deal.id.in_(ids))
    ).all()
    products = _products(session, ids)
    touched = {
        r.id: (r.stage_since, r.rotting_days if r.stage_type is StageType.OPEN else 0)
        for r in records
    }
    attention = attention_of(session, touched)
    return [
        DealRow(
            **{name: value for name, value in r._mapping.items() if name != "rotting_days"},  # noqa: SLF001  documented, underscored only against clashes with columns
            products=", ".join(products.get(r.id, ())),
            attention=attention[r.id],
        )
        for r in records
    ]


def _products(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    lines = session.execute(
        select(DealLine.deal_id, func.coalesce(DealLine.name, Product.name).label("name"))
        .outerjoin(Product, Product.id == DealLine.product_id)
        .where(DealLine.deal_id.in_(ids), DealLine.archived_at.is_(None))
        .order_by(DealLine.deal_id, DealLine.position)
    )
    found: dict[int, list[str]] = {}
    for line in lines:
        if line.name:
            found.setdefault(line.deal_id, []).append(line.name)
    return found
