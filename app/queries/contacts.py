"""People as lists choose, order and read them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Final

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from app.queries.filter_parts import (
    any_of,
    custom_conditions,
    day_conditions,
    open_deals_by,
    ordered,
    tag_conditions,
    text_condition,
    touched_since,
)
from app.queries.id_pages import collect_ids
from models.clock import now
from models.records import Activity, Company, Contact, Deal, LeadSource, Tag, TagLink, User
from models.values import LeadStatus, Lifecycle, fold

MAX_IDS: Final = 500  # one IN list


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """Which people; everything unset lets all through. Periods include both their days.

    In `owner_ids` and `lead_source_ids` None stands for "nobody" and "no source".
    """

    READERS: ClassVar[dict[str, Any]] = {
        "lifecycles": Lifecycle,
        "lead_status": LeadStatus,
        "created_from": date.fromisoformat,
        "created_to": date.fromisoformat,
    }

    text: str = ""
    owner_ids: tuple[int | None, ...] = ()
    lifecycles: tuple[Lifecycle, ...] = ()
    lead_status: LeadStatus | None = None
    tag_ids: tuple[int, ...] = ()
    company_id: int | None = None
    lead_source_ids: tuple[int | None, ...] = ()
    has_email: bool | None = None
    has_phone: bool | None = None
    has_open_deals: bool | None = None
    city: str = ""
    created_from: date | None = None
    created_to: date | None = None
    untouched_days: int | None = None  # nothing happened with them for so long
    custom: tuple[tuple[int, Any], ...] = ()
    archived: bool = False


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One person as a table row shows them; open deals in the workspace's currency."""

    id: int
    name: str
    job_title: str | None
    company_id: int | None
    company_name: str | None
    email: str | None
    phone: str | None
    city: str | None
    country: str | None
    lifecycle: Lifecycle
    lead_status: LeadStatus | None
    owner_id: int | None
    owner_name: str | None
    source_name: str | None
    created_at: datetime
    archived_at: datetime | None
    row_version: int
    tags: tuple[str, ...] = ()
    open_deals: int = 0
    open_minor: int = 0
    last_touch: datetime | None = None


def contact_conditions(session: Session, chosen: ContactFilter) -> list[Any]:
    """Return the SQL conditions of a filter over `Contact`."""
    away = Contact.archived_at
    found: list[Any] = [away.is_not(None) if chosen.archived else away.is_(None)]
    words = text_condition(session, chosen.text, "contact", Contact)
    if words is not None:
        found.append(words)
    several: list[tuple[Any, Sequence[Any]]] = [
        (Contact.owner_id, chosen.owner_ids),
        (Contact.lifecycle, chosen.lifecycles),
        (Contact.lead_source_id, chosen.lead_source_ids),
    ]
    found += [any_of(column, values) for column, values in several if values]
    if chosen.company_id is not None:
        found.append(Contact.company_id == chosen.company_id)
    if chosen.lead_status is not None:
        found.append(Contact.lead_status == chosen.lead_status)
    filled: list[tuple[Any, bool | None]] = [
        (Contact.email, chosen.has_email),
        (Contact.phone, chosen.has_phone),
    ]
    found += [
        column.is_not(None) if wanted else column.is_(None)
        for column, wanted in filled
        if wanted is not None
    ]
    if chosen.city.strip():
        found.append(func.lower(Contact.city) == chosen.city.strip().lower())
    found += day_conditions(Contact.created_at, chosen.created_from, chosen.created_to)
    found += tag_conditions(chosen.tag_ids, TagLink.contact_id, Contact.id)
    found += custom_conditions(session, chosen.custom, Contact.id)
    return [*found, *_happening_conditions(chosen)]


def _happening_conditions(chosen: ContactFilter) -> list[Any]:
    found = []
    if chosen.has_open_deals is not None:
        having = Contact.id.in_(select(open_deals_by(Deal.contact_id).c.record_id))
        found.append(having if chosen.has_open_deals else ~having)
    if chosen.untouched_days is not None:
        since = now() - timedelta(days=chosen.untouched_days)
        found.append(Contact.id.not_in(touched_since(Activity.contact_id, since)))
    return found


_WAY: Final = case(
    {stage.value: place for place, stage in enumerate(Lifecycle)}, value=Contact.lifecycle
)
_LAST_TOUCH: Final = (
    select(func.max(Activity.at))
    .where(Activity.contact_id == Contact.id, Activity.archived_at.is_(None))
    .correlate(Contact)
    .scalar_subquery()
)
_SORTS: Final[dict[str, Any]] = {
    "company": Company.sort_name,
    "email": Contact.email_key,
    "phone": Contact.phone_key,
    "city": Contact.city,
    "job_title": Contact.job_title,
    "lifecycle": _WAY,
    "last_touch": _LAST_TOUCH,
    "owner": User.name_key,
    "source": LeadSource.name_key,
    "created": Contact.created_at,
}
_JOINS: Final[dict[str, tuple[type[Any], Any]]] = {
    "company": (Company, Company.id == Contact.company_id),
    "owner": (User, User.id == Contact.owner_id),
    "source": (LeadSource, LeadSource.id == Contact.lead_source_id),
}


def contact_ids_statement(
    session: Session, chosen: ContactFilter, sort: str = "name", descending: bool = False
) -> Select[int]:
    """Return the ordered select of the ids of a filter."""
    statement = select(Contact.id).where(*contact_conditions(session, chosen))
    by_name = [Contact.sort_name, Contact.id]
    if sort == "name":  # never empty, and its index serves the order
        return statement.order_by(*[key.desc() if descending else key for key in by_name])
    if sort == "created":
        keys = [Contact.created_at, Contact.id]
        return statement.order_by(*[key.desc() if descending else key for key in keys])
    if sort in _JOINS:
        statement = statement.outerjoin(*_JOINS[sort])
    if sort == "open_deals":
        sums = open_deals_by(Deal.contact_id)
        statement = statement.outerjoin(sums, sums.c.record_id == Contact.id)
        key = sums.c.minor
    else:
        key = _SORTS[sort]
    found: Select[int] = ordered(statement, [key], Contact.sort_name, descending=descending)
    return found.order_by(Contact.id)


def contact_ids(
    session: Session,
    chosen: ContactFilter | None,
    sort: str = "name",
    descending: bool = False,
    limit: int | None = None,
) -> Sequence[int]:
    """Return the ids of the people of a filter, in order."""
    statement = contact_ids_statement(session, chosen or ContactFilter(), sort, descending)
    return collect_ids(session, statement, limit)


def contact_count(session: Session, chosen: ContactFilter | None = None) -> int:
    """Return how many people a filter lets through."""
    conditions = contact_conditions(session, chosen or ContactFilter())
    return session.scalar(select(func.count()).select_from(Contact).where(*conditions)) or 0


def contact_rows(session: Session, ids: Iterable[int]) -> list[ContactRow]:
    """Return these people in the order given, in a constant number of statements per 500."""
    wanted = list(ids)
    found: dict[int, ContactRow] = {}
    for start in range(0, len(wanted), MAX_IDS):
        for row in _rows(session, wanted[start : start + MAX_IDS]):
            found[row.id] = row
    return [found[record_id] for record_id in wanted if record_id in found]


def _rows(session: Session, ids: Sequence[int]) -> list[ContactRow]:
    records = session.execute(
        select(
            Contact.id,
            Contact.name,
            Contact.job_title,
            Contact.company_id,
            Company.name.label("company_name"),
            Contact.email,
            Contact.phone,
            Contact.city,
            Contact.country,
            Contact.lifecycle,
            Contact.lead_status,
            Contact.owner_id,
            User.name.label("owner_name"),
            LeadSource.name.label("source_name"),
            Contact.created_at,
            Contact.archived_at,
            Contact.row_version,
        )
        .outerjoin(Company, Company.id == Contact.company_id)
        .outerjoin(User, User.id == Contact.owner_id)
        .outerjoin(LeadSource, LeadSource.id == Contact.lead_source_id)
        .where(Contact.id.in_(ids))
    ).all()
    tags = tags_of(session, TagLink.contact_id, ids)
    deals = open_deals_of(session, Deal.contact_id, ids)
    touches = last_touches(session, Activity.contact_id, ids)
    rows = []
    for r in records:
        count, minor = deals.get(r.id, (0, 0))
        rows.append(
            ContactRow(
                **r._mapping,  # noqa: SLF001  documented; underscored against clashes only
                tags=tags.get(r.id, ()),
                open_deals=count,
                open_minor=minor,
                last_touch=touches.get(r.id),
            )
        )
    return rows


def tags_of(session: Session, link: Any, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return each record's tags by name."""
    found: dict[int, tuple[str, ...]] = {}
    pairs = session.execute(
        select(link, Tag.name)
        .join(Tag, Tag.id == TagLink.tag_id)
        .where(link.in_(ids))
        .order_by(Tag.name_key)
    )
    for record_id, name in pairs:
        found[record_id] = (*found.get(record_id, ()), name)
    return found


def open_deals_of(session: Session, link: Any, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return each record's number of open deals and their sum in the workspace's currency."""
    sums = open_deals_by(link)
    rows = session.execute(
        select(sums.c.record_id, sums.c.deals, sums.c.minor).where(sums.c.record_id.in_(ids))
    )
    return {record_id: (deals, round(minor or 0)) for record_id, deals, minor in rows}


def last_touches(session: Session, link: Any, ids: Sequence[int]) -> dict[int, datetime]:
    """Return when something last happened with each record."""
    rows = session.execute(
        select(link, func.max(Activity.at))
        .where(link.in_(ids), Activity.archived_at.is_(None))
        .group_by(link)
    )
    return dict(rows.all())


def city_options(session: Session, text: str = "", limit: int = 20) -> list[str]:
    """Return the cities people live in, the most frequent first."""
    found = (
        select(Contact.city)
        .where(Contact.city.is_not(None), Contact.archived_at.is_(None))
        .group_by(Contact.city)
        .order_by(func.count().desc(), Contact.city)
        .limit(limit)
    )
    if text.strip():
        begins = func.lower(Contact.city).startswith(fold(text.strip()), autoescape=True)
        found = found.where(begins)
    return [city for city in session.scalars(found) if city]
