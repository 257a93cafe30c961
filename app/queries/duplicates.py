"""Warns on entry that a person or company may be there already; it never stops anybody."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.commands.contact_points import domain_of
from app.commands.settings import workspace_settings
from models.records import Company, Contact, ContactPoint
from models.values import (
    PointKind,
    company_key,
    comparable_email,
    fold,
    name_key,
    normal_email,
    normal_phone,
)

_GMAIL: Final = ("@gmail.com", "@googlemail.com")
_MIN_DIGITS: Final = 5


@dataclass(frozen=True, slots=True)
class PossibleDuplicate:
    """A record like the one being entered; `reasons` are of "email", "phone", "name", "domain"."""

    id: int
    name: str
    detail: str
    reasons: tuple[str, ...]


def possible_duplicates(
    session: Session,
    *,
    name: str | None = None,
    given_name: str | None = None,
    family_name: str | None = None,
    emails: Iterable[str] = (),
    phones: Iterable[str] = (),
    exclude_id: int | None = None,
    limit: int = 5,
) -> list[PossibleDuplicate]:
    """Return people with the same e-mail or phone, or with equal first and last name."""
    reasons: dict[int, list[str]] = {}
    for kind, ids in (
        ("email", _same_emails(session, emails)),
        ("phone", _same_phones(session, phones)),
        ("name", _same_names(session, name, given_name, family_name)),
    ):
        for contact_id in ids:
            if contact_id != exclude_id:
                reasons.setdefault(contact_id, []).append(kind)
    rows = session.execute(
        select(Contact.id, Contact.name, Company.name.label("company"), Contact.email)
        .outerjoin(Company, Company.id == Contact.company_id)
        .where(Contact.id.in_(reasons), Contact.archived_at.is_(None))
    )
    found = [
        PossibleDuplicate(r.id, r.name, r.company or r.email or "", tuple(reasons[r.id]))
        for r in rows
    ]
    return sorted(found, key=lambda item: (-len(item.reasons), item.name, item.id))[:limit]


def possible_company_duplicates(
    session: Session,
    *,
    name: str,
    website: str | None = None,
    exclude_id: int | None = None,
    limit: int = 5,
) -> list[PossibleDuplicate]:
    """Return companies of the same name, legal form left out, or of the same domain."""
    key = company_key(name) if name.strip() else ""
    domain = domain_of(website)
    same: list[Any] = []
    if key:
        same.append(Company.name_key == key)
    if domain:
        same.append(Company.domain == domain)
    if not same:
        return []
    rows = session.execute(
        select(Company.id, Company.name, Company.name_key, Company.country, Company.domain)
        .where(or_(*same), Company.archived_at.is_(None), Company.id != (exclude_id or 0))
        .order_by(Company.sort_name, Company.id)
        .limit(limit)
    )
    return [
        PossibleDuplicate(
            r.id,
            r.name,
            r.country or r.domain or "",
            tuple(
                reason
                for reason, is_so in (
                    ("name", bool(key) and r.name_key == key),
                    ("domain", bool(domain) and r.domain == domain),
                )
                if is_so
            ),
        )
        for r in rows
    ]


def _same_emails(session: Session, emails: Iterable[str]) -> set[int]:
    found: set[int] = set()
    for email in emails:
        wanted = comparable_email(email)
        local, at, domain = wanted.partition("@")
        if not (local and at and domain):
            continue
        looks: list[Any] = [ContactPoint.normal.in_({wanted, normal_email(email)})]
        tails = _GMAIL if domain == "gmail.com" else (f"@{domain}",)
        for tail in tails:
            head = local[0] if domain == "gmail.com" else f"{local}+"
            looks.append(
                and_(
                    ContactPoint.normal.startswith(head, autoescape=True),
                    ContactPoint.normal.endswith(tail, autoescape=True),
                )
            )
        rows = session.execute(
            select(ContactPoint.contact_id, ContactPoint.normal).where(
                ContactPoint.kind == PointKind.EMAIL,
                ContactPoint.contact_id.is_not(None),
                or_(*looks),
            )
        )
        found |= {r.contact_id for r in rows if comparable_email(r.normal) == wanted}
    return found


def _same_phones(session: Session, phones: Iterable[str]) -> set[int]:
    region = workspace_settings(session).phone_region
    normals = {normal_phone(phone, region) for phone in phones if phone.strip()}
    normals = {number for number in normals if len(number) >= _MIN_DIGITS}
    if not normals:
        return set()
    rows = session.scalars(
        select(ContactPoint.contact_id).where(
            ContactPoint.kind == PointKind.PHONE, ContactPoint.normal.in_(normals)
        )
    )
    return {contact_id for contact_id in rows if contact_id is not None}


def _same_names(
    session: Session, name: str | None, given: str | None, family: str | None
) -> set[int]:
    """Return who has the same first and last name; one word alone is not both."""
    full = (name or "").strip() or f"{given or ''} {family or ''}".strip()
    words = fold(full).split()
    if len(words) < 2:  # noqa: PLR2004  a first and a last name
        return set()
    keys = {name_key(full), name_key(" ".join([words[-1], *words[:-1]]))}
    return set(session.scalars(select(Contact.id).where(Contact.name_key.in_(keys))))
