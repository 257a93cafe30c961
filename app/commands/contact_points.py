"""Ways to reach a person or company: e-mails, phones, social handles, websites and addresses."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.commands.common import clean, load, required
from app.commands.settings import workspace_settings
from app.conflicts import fields_to_write
from app.errors import UserError
from models.ids import new_id
from models.records import Address, Company, Contact, ContactPoint
from models.values import PointKind, normal_email, normal_phone

PointText = str | tuple[str, str | None]  # the value, or the value with its label

ADDRESS_LIMITS: Final[Mapping[str, int]] = {
    "label": 60,
    "street": 500,
    "postal_code": 40,
    "city": 150,
    "region": 150,
    "country": 100,
}
_LIMITS: Final = {PointKind.EMAIL: 320, PointKind.PHONE: 64}
_EMAIL: Final = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+")


def point_normal(session: Session, kind: PointKind, value: str) -> str:
    """Return the form by which two contact points are the same; UserError when it is not one."""
    if kind is PointKind.EMAIL:
        normal = normal_email(value)
        if not _EMAIL.fullmatch(normal):
            raise UserError(
                "“{text}” is not an e\u2011mail address: it needs a name, an @ and a domain.",
                field="email",
                text=value,
            )
        return normal
    if kind is PointKind.PHONE:
        normal = normal_phone(value, workspace_settings(session).phone_region)
        if not normal:
            raise UserError("“{text}” has no digits to dial.", field="phone", text=value)
        return normal
    return website_key(value) if kind is PointKind.WEBSITE else value.strip().casefold()


def website_key(value: str) -> str:
    """Return a web address without scheme, "www." and closing slash."""
    bare = re.sub(r"^[a-z][a-z0-9+.-]*://", "", value.strip().casefold())
    return re.sub(r"^www\.", "", bare).rstrip("/")


def domain_of(website: str | None) -> str | None:
    """Return the domain of a web address, None where there is none."""
    host = re.split(r"[/?#:]", website_key(website or ""), maxsplit=1)[0]
    return host[:253] if "." in host else None


def add_contact_point(
    session: Session,
    *,
    kind: PointKind,
    value: str,
    label: str | None = None,
    contact_id: int | None = None,
    company_id: int | None = None,
) -> int:
    """Add a way to reach a person or company; the first of its kind is the primary one."""
    owner = _owner(session, contact_id, company_id)
    kind = PointKind(kind)
    text = required(value, _LIMITS.get(kind, 2000), kind.value)
    normal = point_normal(session, kind, text)
    others = _points(session, owner, kind)
    if any(point.normal == normal for point in others):
        raise UserError("“{text}” stands here already.", field=kind.value, text=text)
    point = ContactPoint(
        id=new_id(),
        contact_id=contact_id,
        company_id=company_id,
        kind=kind,
        label=clean(label, 60, "label"),
        value=text,
        normal=normal,
        is_primary=not others,
        position=1 + max((other.position for other in others), default=-1),
    )
    session.add(point)
    session.flush()
    _copy_primary(session, owner, kind)
    return point.id


def change_contact_point(
    session: Session,
    *,
    point_id: int,
    value: str | None = None,
    label: str | None = None,
    opened: Mapping[str, Any] | None = None,
    resolution: Mapping[str, Any] | None = None,
) -> int:
    """Write a contact point differently; None leaves a part as it is, "" takes the label off."""
    point = load(session, ContactPoint, point_id)
    sent = {key: x for key, x in (("value", value), ("label", label)) if x is not None}
    wanted = fields_to_write(session, point, sent, opened=opened, resolution=resolution)
    value, label = wanted.get("value"), wanted.get("label")
    if value is not None:
        text = required(value, _LIMITS.get(point.kind, 2000), point.kind.value)
        point.normal = point_normal(session, point.kind, text)
        point.value = text
    if label is not None:
        point.label = clean(label, 60, "label")
    session.flush()
    _copy_primary(session, _owner(session, point.contact_id, point.company_id), point.kind)
    return point.id


def remove_contact_point(
    session: Session,
    *,
    point_id: int,
    opened: Mapping[str, Any] | None = None,
    resolution: Mapping[str, Any] | None = None,
) -> int:
    """Take a contact point away; the next of its kind becomes the primary one."""
    point = load(session, ContactPoint, point_id)
    wanted = fields_to_write(session, point, {"value": None}, opened=opened, resolution=resolution)
    if wanted.get("value", point.value) is not None:  # it was changed meanwhile, and is kept
        return change_contact_point(session, point_id=point_id, value=wanted.get("value"))
    owner, kind = _owner(session, point.contact_id, point.company_id), point.kind
    was_primary = point.is_primary
    session.delete(point)
    session.flush()
    left = _points(session, owner, kind)
    if was_primary and left:
        left[0].is_primary = True
        session.flush()
    _copy_primary(session, owner, kind)
    return point_id


def make_point_primary(session: Session, *, point_id: int) -> int:
    """Let an e-mail or phone be the one that is shown, mailed and called first."""
    point = load(session, ContactPoint, point_id)
    owner = _owner(session, point.contact_id, point.company_id)
    for other in _points(session, owner, point.kind):
        other.is_primary = other.id == point.id
    session.flush()
    _copy_primary(session, owner, point.kind)
    return point.id


def set_primary(session: Session, contact: Contact, kind: PointKind, value: str | None) -> None:
    """Write the primary e-mail or phone of a person; empty takes it away."""
    points = _points(session, contact, kind)
    primary = next((point for point in points if point.is_primary), None)
    if not (value or "").strip():
        if primary is not None:
            remove_contact_point(session, point_id=primary.id)
        return
    text = required(value, _LIMITS[kind], kind.value)
    normal = point_normal(session, kind, text)
    twin = next((p for p in points if p.normal == normal and p is not primary), None)
    if twin is not None:
        make_point_primary(session, point_id=twin.id)
    elif primary is not None:
        change_contact_point(session, point_id=primary.id, value=text)
    else:
        add_contact_point(session, contact_id=contact.id, kind=kind, value=text)


def add_points(
    session: Session,
    *,
    kind: PointKind,
    values: Iterable[PointText],
    contact_id: int | None = None,
    company_id: int | None = None,
) -> None:
    """Add several contact points of one kind, each once."""
    seen = set()
    for entry in values:
        value, label = (entry, None) if isinstance(entry, str) else entry
        if not value.strip() or (key := point_normal(session, kind, value)) in seen:
            continue
        seen.add(key)
        add_contact_point(
            session,
            kind=kind,
            value=value,
            label=label,
            contact_id=contact_id,
            company_id=company_id,
        )


def add_address(
    session: Session,
    *,
    contact_id: int | None = None,
    company_id: int | None = None,
    **parts: str | None,
) -> int:
    """Add a postal address; a person's first one also gives city and country in lists."""
    owner = _owner(session, contact_id, company_id)
    tidy = _address_parts(parts)
    if not any(value for key, value in tidy.items() if key != "label"):
        raise UserError("An address needs at least a city or a country.", field="city")
    column = Address.contact_id if contact_id is not None else Address.company_id
    last = session.scalar(select(func.max(Address.position)).where(column == owner.id))
    address = Address(
        id=new_id(),
        contact_id=contact_id,
        company_id=company_id,
        position=0 if last is None else last + 1,
        **tidy,
    )
    session.add(address)
    session.flush()
    _copy_place(session, owner)
    return address.id


def change_address(
    session: Session,
    *,
    address_id: int,
    opened: Mapping[str, Any] | None = None,
    resolution: Mapping[str, Any] | None = None,
    **parts: str | None,
) -> int:
    """Change parts of an address."""
    address = load(session, Address, address_id)
    wanted = fields_to_write(session, address, parts, opened=opened, resolution=resolution)
    for key, value in _address_parts(wanted).items():
        setattr(address, key, value)
    session.flush()
    _copy_place(session, _owner(session, address.contact_id, address.company_id))
    return address.id


def remove_address(session: Session, *, address_id: int) -> int:
    """Take an address away."""
    address = load(session, Address, address_id)
    owner = _owner(session, address.contact_id, address.company_id)
    session.delete(address)
    session.flush()
    _copy_place(session, owner)
    return address_id


def _address_parts(parts: Mapping[str, str | None]) -> dict[str, Any]:
    unknown = parts.keys() - ADDRESS_LIMITS.keys()
    if unknown:
        raise TypeError(f"an address has no {', '.join(sorted(unknown))}")
    return {key: clean(value, ADDRESS_LIMITS[key], key) for key, value in parts.items()}


def _owner(session: Session, contact_id: int | None, company_id: int | None) -> Contact | Company:
    if contact_id is not None:
        return load(session, Contact, contact_id)
    return load(session, Company, company_id)


def _points(session: Session, owner: Contact | Company, kind: PointKind) -> list[ContactPoint]:
    column = ContactPoint.contact_id if isinstance(owner, Contact) else ContactPoint.company_id
    return list(
        session.scalars(
            select(ContactPoint)
            .where(column == owner.id, ContactPoint.kind == kind)
            .order_by(ContactPoint.position, ContactPoint.id)
        )
    )


def _copy_primary(session: Session, owner: Contact | Company, kind: PointKind) -> None:
    """Keep the person's own e-mail and phone columns equal to the primary points."""
    if not isinstance(owner, Contact) or kind not in _LIMITS:
        return
    points = _points(session, owner, kind)
    first = next((point for point in points if point.is_primary), None)
    value, normal = (first.value, first.normal) if first is not None else (None, None)
    if kind is PointKind.EMAIL:
        owner.email, owner.email_key = value, normal
    else:
        owner.phone, owner.phone_key = value, normal


def _copy_place(session: Session, owner: Contact | Company) -> None:
    column = Address.contact_id if isinstance(owner, Contact) else Address.company_id
    first = session.scalars(
        select(Address).where(column == owner.id).order_by(Address.position, Address.id).limit(1)
    ).first()
    if isinstance(owner, Contact):
        owner.city = first.city if first is not None else None
    owner.country = first.country if first is not None else None
