"""People: making, changing, archiving them; many at once is record_batches.py."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy.orm import Session

from app.commands.common import archive_records, clean, load, restore_records
from app.commands.contact_points import (
    PointText,
    add_address,
    add_contact_point,
    add_points,
    change_address,
    change_contact_point,
    make_point_primary,
    remove_address,
    remove_contact_point,
    set_primary,
)
from app.commands.custom_fields import set_custom_values
from app.commands.field_setters import Fields
from app.commands.tags import tag_records
from app.conflicts import fields_to_write
from app.database import acting_user
from app.errors import UserError
from models.ids import new_id
from models.records import Campaign, Company, Contact, LeadSource, User
from models.values import LeadStatus, Lifecycle, PointKind, fold, name_key

__all__ = [
    "add_address",
    "add_contact_point",
    "archive_contacts",
    "change_address",
    "change_contact",
    "change_contact_point",
    "create_contact",
    "make_point_primary",
    "remove_address",
    "remove_contact_point",
    "restore_contacts",
]

FIELDS: Final = Fields(
    texts={"job_title": 200, "city": 150, "country": 100, "language": 35, "description": 100_000},
    links={
        "company_id": Company,
        "owner_id": User,
        "lead_source_id": LeadSource,
        "campaign_id": Campaign,
    },
    choices={"lifecycle": Lifecycle, "lead_status": LeadStatus},
    plain=frozenset({"birthday", "email_consent", "phone_consent", "ads_consent"}),
)
_NAMES: Final = ("name", "given_name", "family_name")


def create_contact(
    session: Session,
    *,
    name: str | None = None,
    given_name: str | None = None,
    family_name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    company_id: int | None = None,
    job_title: str | None = None,
    owner_id: int | None = None,
    lifecycle: Lifecycle = Lifecycle.LEAD,
    lead_source_id: int | None = None,
    **more: Any,
) -> int:
    """Add a person; without a name the e-mail or the phone stands for it.

    `more` takes the other fields of `change_contact`, and `emails`, `phones`, `socials`, `websites`
    (texts or (text, label)), `addresses` (mappings), `tags` (names), `custom` (field id to value).
    """
    emails = [*([email] if email else []), *more.pop("emails", ())]
    phones = [*([phone] if phone else []), *more.pop("phones", ())]
    contact = Contact(id=new_id(), lifecycle=Lifecycle(lifecycle))
    if not any((text or "").strip() for text in (name, given_name, family_name)):
        name = _first_text(emails) or _first_text(phones)
    _set_names(contact, {"name": name, "given_name": given_name, "family_name": family_name})
    extras = {key: more.pop(key, ()) for key in ("socials", "websites", "addresses", "tags")}
    custom: Mapping[int, Any] = more.pop("custom", {})
    given = {
        "company_id": company_id,
        "job_title": job_title,
        "owner_id": owner_id if owner_id is not None else acting_user(session),
        "lead_source_id": lead_source_id,
    }
    FIELDS.apply(session, contact, {**given, **more})
    session.add(contact)
    session.flush()  # the person first: everything below refers to it
    _add_ways(session, contact.id, {"emails": emails, "phones": phones, **extras})
    for tag in extras["tags"]:
        tag_records(session, kind="contact", ids=[contact.id], name=tag)
    set_custom_values(session, kind="contact", record_id=contact.id, values=custom)
    return contact.id


def change_contact(
    session: Session,
    *,
    contact_id: int,
    row_version: int | None = None,
    opened: Mapping[str, Any] | None = None,
    resolution: Mapping[str, Any] | None = None,
    **fields: Any,
) -> int:
    """Change some fields of a person; `email` and `phone` write the primary ones."""
    contact = load(session, Contact, contact_id)
    fields = fields_to_write(
        session,
        contact,
        fields,
        row_version=row_version,
        opened=opened,
        resolution=resolution,
    )
    names: dict[str, str | None] = {k: fields.pop(k) for k in _NAMES if k in fields}
    if names:
        _set_names(contact, names)
    for key, kind in (("email", PointKind.EMAIL), ("phone", PointKind.PHONE)):
        if key in fields:
            set_primary(session, contact, kind, fields.pop(key))
    if fields.get("lifecycle", Lifecycle.LEAD) is None:
        raise UserError("Choose how far this person has come.", field="lifecycle")
    FIELDS.apply(session, contact, fields)
    return contact.id


def archive_contacts(session: Session, *, contact_ids: Sequence[int]) -> int:
    """Take people out of the lists and the search, without losing them; return how many."""
    return archive_records(session, kind="contact", ids=contact_ids)


def restore_contacts(session: Session, *, contact_ids: Sequence[int]) -> int:
    """Bring archived people back; return how many."""
    return restore_records(session, kind="contact", ids=contact_ids)


def sort_name_of(name: str, given_name: str | None, family_name: str | None) -> str:
    """Return what a list of people sorts by: "family given" where the parts are known."""
    known = " ".join(part for part in (family_name, given_name) if part)
    if not family_name and len(words := name.split()) == 2:  # noqa: PLR2004  "Given Family"
        known = " ".join(reversed(words))  # for the order only: the name itself is never split
    return fold(known if family_name or " " in known else name)[:300]


def _set_names(contact: Contact, given: Mapping[str, str | None]) -> None:
    """Set the name and its parts; the shown name follows the parts unless it is given itself."""
    for key in ("given_name", "family_name"):
        if key in given:
            setattr(contact, key, clean(given[key], 150, key))
    name = clean(given.get("name"), 300, "name")
    if name is None and ("name" not in given or contact.given_name or contact.family_name):
        name = " ".join(part for part in (contact.given_name, contact.family_name) if part)
    elif "name" in given and len(given) == 1:
        contact.given_name = contact.family_name = None  # they spoke of the former name
    if not name:
        raise UserError("Give a name, an e\u2011mail address or a phone number.", field="name")
    contact.name = name
    contact.name_key = name_key(name)[:300] or fold(name)
    contact.sort_name = sort_name_of(name, contact.given_name, contact.family_name)


def _add_ways(session: Session, contact_id: int, given: Mapping[str, Iterable[Any]]) -> None:
    for key, kind in (
        ("emails", PointKind.EMAIL),
        ("phones", PointKind.PHONE),
        ("socials", PointKind.SOCIAL),
        ("websites", PointKind.WEBSITE),
    ):
        add_points(session, kind=kind, values=given[key], contact_id=contact_id)
    for parts in given["addresses"]:
        add_address(session, contact_id=contact_id, **parts)


def _first_text(values: Sequence[PointText]) -> str | None:
    if not values:
        return None
    return values[0] if isinstance(values[0], str) else values[0][0]
