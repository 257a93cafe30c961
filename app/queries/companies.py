"""Companies as lists choose, order and read them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Final, cast

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from app.queries.contacts import last_touches, open_deals_of, tags_of
from app.queries.filter_parts import (
    any_of,
    custom_conditions,
    day_conditions,
    open_deals_by,
    ordered,
    tag_conditions,
    text_condition,
)
from app.queries.id_pages import collect_ids
from models.records import Activity, Company, Contact, Deal, TagLink, User

MAX_IDS: Final = 500  # one IN list
_Parent = aliased(Company)


@dataclass(frozen=True, slots=True)
class CompanyFilter:
    """Which companies; everything unset lets all through. None as owner stands for "nobody"."""

    READERS: ClassVar[dict[str, Any]] = {
        "created_from": date.fromisoformat,
        "created_to": date.fromisoformat,
    }

    text: str = ""
    owner_ids: tuple[int | None, ...] = ()
    industry: str = ""
    country: str = ""
    parent_id: int | None = None
    tag_ids: tuple[int, ...] = ()
    has_open_deals: bool | None = None
    created_from: date | None = None
    created_to: date | None = None
    custom: tuple[tuple[int, Any], ...] = ()
    archived: bool = False


@dataclass(frozen=True, slots=True)
class CompanyRow:
    """One company as a table row shows it; open deals in the workspace's currency."""

    id: int
    name: str
    domain: str | None
    website: str | None
    industry: str | None
    employees: int | None
    annual_revenue_minor: int | None
    currency: str | None
    country: str | None
    parent_id: int | None
    parent_name: str | None
    owner_id: int | None
    owner_name: str | None
    created_at: datetime
    archived_at: datetime | None
    row_version: int
    people: int = 0
    tags: tuple[str, ...] = ()
    open_deals: int = 0
    open_minor: int = 0
    last_touch: datetime | None = None


def company_conditions(session: Session, chosen: CompanyFilter) -> list[Any]:
    """Return the SQL conditions of a filter over `Company`."""
    away = Company.archived_at
    found: list[Any] = [away.is_not(None) if chosen.archived else away.is_(None)]
    words = text_condition(session, chosen.text, "company", Company)
    if words is not None:
        found.append(words)
    if chosen.owner_ids:
        found.append(any_of(Company.owner_id, chosen.owner_ids))
    if chosen.parent_id is not None:
        found.append(Company.parent_id == chosen.parent_id)
    if chosen.industry.strip():
        found.append(func.lower(Company.industry) == chosen.industry.strip().lower())
    if chosen.country.strip():
        found.append(func.lower(Company.country) == chosen.country.strip().lower())
    if chosen.has_open_deals is not None:
        having = Company.id.in_(select(open_deals_by(Deal.company_id).c.record_id))
        found.append(having if chosen.has_open_deals else ~having)
    found += day_conditions(Company.created_at, chosen.created_from, chosen.created_to)
    found += tag_conditions(chosen.tag_ids, TagLink.company_id, Company.id)
    return found + custom_conditions(session, chosen.custom, Company.id)


_LAST_TOUCH: Final = (
    select(func.max(Activity.at))
    .where(Activity.company_id == Company.id, Activity.archived_at.is_(None))
    .correlate(Company)
    .scalar_subquery()
)
_PEOPLE: Final = (
    select(func.count())
    .select_from(Contact)
    .where(Contact.company_id == Company.id, Contact.archived_at.is_(None))
    .correlate(Company)
    .scalar_subquery()
)
_SORTS: Final[dict[str, Any]] = {
    "domain": Company.domain,
    "industry": Company.industry,
    "employees": Company.employees,
    "revenue": Company.annual_revenue_minor,
    "country": Company.country,
    "people": _PEOPLE,
    "last_touch": _LAST_TOUCH,
    "owner": User.name_key,
    "parent": _Parent.sort_name,
    "created": Company.created_at,
}


def company_ids_statement(
    session: Session, chosen: CompanyFilter, sort: str = "name", descending: bool = False
) -> Select[int]:
    """Return the ordered select of the ids of a filter."""
    statement: Any = select(Company.id).where(*company_conditions(session, chosen))
    if sort == "name":  # never empty, and its index serves the order
        by_name = [Company.sort_name, Company.id]
        return cast(
            "Select[int]", statement.order_by(*[k.desc() if descending else k for k in by_name])
        )
    if sort == "owner":
        statement = statement.outerjoin(User, User.id == Company.owner_id)
    if sort == "parent":
        statement = statement.outerjoin(_Parent, _Parent.id == Company.parent_id)
    if sort == "open_deals":
        sums = open_deals_by(Deal.company_id)
        statement = statement.outerjoin(sums, sums.c.record_id == Company.id)
        key = sums.c.minor
    else:
        key = _SORTS[sort]
    found = ordered(statement, [key], Company.sort_name, descending=descending)
    return cast("Select[int]", found.order_by(Company.id))


def company_ids(
    session: Session,
    chosen: CompanyFilter | None,
    sort: str = "name",
    descending: bool = False,
    limit: int | None = None,
) -> Sequence[int]:
    """Return the ids of the companies of a filter, in order."""
    statement = company_ids_statement(session, chosen or CompanyFilter(), sort, descending)
    return collect_ids(session, statement, limit)


def company_count(session: Session, chosen: CompanyFilter | None = None) -> int:
    """Return how many companies a filter lets through."""
    conditions = company_conditions(session, chosen or CompanyFilter())
    return session.scalar(select(func.count()).select_from(Company).where(*conditions)) or 0


def company_rows(session: Session, ids: Iterable[int]) -> list[CompanyRow]:
    """Return these companies in the order given, in a constant number of statements per 500."""
    wanted = list(ids)
    found: dict[int, CompanyRow] = {}
    for start in range(0, len(wanted), MAX_IDS):
        for row in _rows(session, wanted[start : start + MAX_IDS]):
            found[row.id] = row
    return [found[record_id] for record_id in wanted if record_id in found]


def _rows(session: Session, ids: Sequence[int]) -> list[CompanyRow]:
    records = session.execute(
        select(
            Company.id,
            Company.name,
            Company.domain,
            Company.website,
            Company.industry,
            Company.employees,
            Company.annual_revenue_minor,
            Company.currency,
            Company.country,
            Company.parent_id,
            _Parent.name.label("parent_name"),
            Company.owner_id,
            User.name.label("owner_name"),
            Company.created_at,
            Company.archived_at,
            Company.row_version,
        )
        .outerjoin(_Parent, _Parent.id == Company.parent_id)
        .outerjoin(User, User.id == Company.owner_id)
        .where(Company.id.in_(ids))
    ).all()
    people = dict(
        session.execute(
            select(Contact.company_id, func.count())
            .where(Contact.company_id.in_(ids), Contact.archived_at.is_(None))
            .group_by(Contact.company_id)
        ).all()
    )
    tags = tags_of(session, TagLink.company_id, ids)
    deals = open_deals_of(session, Deal.company_id, ids)
    touches = last_touches(session, Activity.company_id, ids)
    rows = []
    for r in records:
        count, minor = deals.get(r.id, (0, 0))
        rows.append(
            CompanyRow(
                **r._mapping,  # noqa: SLF001  documented; underscored against clashes only
                people=people.get(r.id, 0),
                tags=tags.get(r.id, ()),
                open_deals=count,
                open_minor=minor,
                last_touch=touches.get(r.id),
            )
        )
    return rows


def industry_options(session: Session) -> list[str]:
    """Return the industries in use, the most frequent first."""
    return _words_in_use(session, Company.industry)


def country_options(session: Session) -> list[str]:
    """Return the countries in use, the most frequent first."""
    return _words_in_use(session, Company.country)


def _words_in_use(session: Session, column: Any) -> list[str]:
    found = (
        select(column)
        .where(column.is_not(None), Company.archived_at.is_(None))
        .group_by(column)
        .order_by(func.count().desc(), column)
        .limit(40)
    )
    return list(session.scalars(found))
