"""Companies: making, changing, archiving them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from app.commands.common import archive_records, load, required, restore_records
from app.commands.contact_points import add_address, add_points, domain_of
from app.commands.custom_fields import set_custom_values
from app.commands.field_setters import Fields
from app.commands.settings import workspace_settings
from app.commands.tags import tag_records
from app.conflicts import fields_to_write
from app.database import acting_user
from app.errors import UserError
from models.ids import new_id
from models.records import Company, LeadSource, User
from models.values import PointKind, company_key, fold

FIELDS: Final = Fields(
    texts={
        "domain": 253,
        "website": 2000,
        "industry": 200,
        "country": 100,
        "vat_number": 40,
        "description": 100_000,
        "currency": 3,
    },
    links={"parent_id": Company, "owner_id": User, "lead_source_id": LeadSource},
    amounts=frozenset({"employees", "annual_revenue_minor", "founded_year"}),
)


def create_company(session: Session, *, name: str, owner_id: int | None = None, **more: Any) -> int:
    """Add a company.

    `more` takes the other fields of `change_company`, and `emails`, `phones`, `socials`, `websites`
    (texts or (text, label)), `addresses` (mappings), `tags` (names), `custom` (field id to value).
    """
    company = Company(id=new_id())
    _set_name(company, name)
    lists = {
        key: more.pop(key, ())
        for key in ("emails", "phones", "socials", "websites", "addresses", "tags")
    }
    custom: Mapping[int, Any] = more.pop("custom", {})
    owner = owner_id if owner_id is not None else acting_user(session)
    _apply(session, company, {"owner_id": owner, **more})
    session.add(company)
    session.flush()  # the company first: everything below refers to it
    for key, kind in (
        ("emails", PointKind.EMAIL),
        ("phones", PointKind.PHONE),
        ("socials", PointKind.SOCIAL),
        ("websites", PointKind.WEBSITE),
    ):
        add_points(session, kind=kind, values=lists[key], company_id=company.id)
    for parts in lists["addresses"]:
        add_address(session, company_id=company.id, **parts)
    for tag in lists["tags"]:
        tag_records(session, kind="company", ids=[company.id], name=tag)
    set_custom_values(session, kind="company", record_id=company.id, values=custom)
    return company.id


def change_company(
    session: Session,
    *,
    company_id: int,
    row_version: int | None = None,
    opened: Mapping[str, Any] | None = None,
    resolution: Mapping[str, Any] | None = None,
    **fields: Any,
) -> int:
    """Change some fields of a company."""
    company = load(session, Company, company_id)
    fields = fields_to_write(
        session,
        company,
        fields,
        row_version=row_version,
        opened=opened,
        resolution=resolution,
    )
    if "name" in fields:
        _set_name(company, fields.pop("name"))
    _apply(session, company, fields)
    return company.id


def archive_companies(session: Session, *, company_ids: Sequence[int]) -> int:
    """Take companies out of the lists and the search, without losing them; return how many."""
    return archive_records(session, kind="company", ids=company_ids)


def restore_companies(session: Session, *, company_ids: Sequence[int]) -> int:
    """Bring archived companies back; return how many."""
    return restore_records(session, kind="company", ids=company_ids)


def _set_name(company: Company, name: str | None) -> None:
    tidy = required(name, 300, "name")
    company.name = tidy
    company.name_key = company_key(tidy)[:300] or fold(tidy)[:300]
    company.sort_name = fold(tidy)[:300]


def _apply(session: Session, company: Company, fields: dict[str, Any]) -> None:
    if fields.get("parent_id") is not None:
        _check_parent(session, company, fields["parent_id"])
    FIELDS.apply(session, company, fields)
    if "website" in fields and "domain" not in fields:
        company.domain = domain_of(company.website)
    elif fields.get("domain"):
        company.domain = domain_of(company.domain) or company.domain
    if company.annual_revenue_minor is not None and not company.currency:
        company.currency = workspace_settings(session).currency


def _check_parent(session: Session, company: Company, parent_id: int) -> None:
    """Refuse a parent that stands under the company itself."""
    above: int | None = parent_id
    seen: set[int] = set()
    while above is not None and above not in seen:
        if above == company.id:
            raise UserError("A company cannot stand under itself.", field="parent_id")
        seen.add(above)
        above = load(session, Company, above).parent_id
