"""The rows of companies and people, with their ways to be reached."""

import random
from collections.abc import Iterator
from datetime import datetime

from app.demo.office import Office, Person, Row, TableRow
from app.demo.words import dice, filled, words
from models.ids import new_id
from models.records import Address, Company, Contact, ContactPoint
from models.values import LeadStatus, Lifecycle, PointKind, company_key, fold, name_key


def firm_rows(office: Office) -> Iterator[TableRow]:
    """Give the rows of the companies."""
    rng = dice(office.seed, "company rows")
    for firm in office.firms:
        made = office.moments.office(firm.created, rng)
        euros = firm.employees * rng.uniform(60_000, 220_000)
        yield (
            Company,
            {
                "id": firm.id,
                "created_at": made,
                "name": firm.name,
                "name_key": company_key(firm.name),
                "sort_name": fold(firm.name),
                "domain": firm.domain,
                "website": f"https://{firm.domain}",
                "industry": firm.industry,
                "employees": firm.employees,
                "annual_revenue_minor": office.price(round(euros, -4)),
                "currency": office.currency,
                "founded_year": rng.randint(1921, 2023),
                "country": firm.country["name"],
                "vat_number": filled(firm.country["vat"], rng) or None,
                "description": None,
                "parent_id": firm.parent_id,
                "owner_id": office.users[firm.owner].id,
                "lead_source_id": rng.choice(office.source_ids),
            },
        )
        phone = filled(rng.choice(firm.country["phone"]), rng)
        yield _point(made, PointKind.PHONE, "work", phone, e164(phone), 0, company_id=firm.id)
        yield _point(
            made, PointKind.EMAIL, "work", f"office@{firm.domain}", f"office@{firm.domain}", 0,
            company_id=firm.id,
        )  # fmt: skip
        yield _address(made, firm.country, firm.city, "office", rng, company_id=firm.id)


def person_rows(office: Office) -> Iterator[TableRow]:
    """Give the rows of the people with their ways to be reached."""
    rng = dice(office.seed, "person rows")
    for person in office.people:
        made = office.moments.office(person.created, rng)
        phone = filled(rng.choice(person.country["phone"]), rng) if rng.random() < 0.85 else None  # noqa: PLR2004
        yield Contact, _contact(office, person, phone, made, rng)
        yield _point(
            made, PointKind.EMAIL, "work", person.mail, person.mail, 0, contact_id=person.id
        )
        if phone is not None:
            yield _point(made, PointKind.PHONE, "work", phone, e164(phone), 0, contact_id=person.id)
            if rng.random() < 0.4:  # noqa: PLR2004
                mobile = filled(rng.choice(person.country["mobile"]), rng)
                yield _point(
                    made, PointKind.PHONE, "mobile", mobile, e164(mobile), 1, contact_id=person.id
                )
        if rng.random() < 0.12:  # noqa: PLR2004
            handle = f"https://social.example/in/{person.mail.split('@')[0]}"
            yield _point(
                made, PointKind.SOCIAL, "LinkedIn", handle, handle, 0, contact_id=person.id
            )
        if person.firm is None or rng.random() < 0.1:  # noqa: PLR2004
            yield _address(made, person.country, person.city, "home", rng, contact_id=person.id)


def _contact(
    office: Office, person: Person, phone: str | None, made: datetime, rng: random.Random
) -> Row:
    lifecycle, status = _standing(person, rng)
    campaign = rng.choice(office.campaigns) if rng.random() < 0.3 else None  # noqa: PLR2004
    asked = rng.random()
    birthday = office.moments.ago(rng.randint(8_000, 22_000)) if rng.random() < 0.2 else None  # noqa: PLR2004
    return {
        "id": person.id,
        "created_at": made,
        "name": person.name,
        "given_name": person.given,
        "family_name": person.family,
        "name_key": name_key(person.name),
        "sort_name": fold(f"{person.family} {person.given}"),
        "job_title": person.title,
        "email": person.mail,
        "email_key": person.mail,
        "phone": phone,
        "phone_key": None if phone is None else e164(phone),
        "city": person.city[0],
        "country": person.country["name"],
        "lifecycle": lifecycle,
        "lead_status": status,
        "language": words("people")["cultures"][person.culture]["language"],
        "birthday": birthday,
        "description": None,
        "email_consent": True if asked < 0.6 else False if asked < 0.75 else None,  # noqa: PLR2004
        "phone_consent": True if asked < 0.5 else None,  # noqa: PLR2004
        "ads_consent": False if 0.3 < asked < 0.7 else True if asked < 0.3 else None,  # noqa: PLR2004
        "company_id": None if person.firm is None else office.firms[person.firm].id,
        "owner_id": office.users[person.owner].id,
        "lead_source_id": rng.choice(office.source_ids),
        "campaign_id": None if campaign is None else campaign[0],
    }


def _standing(person: Person, rng: random.Random) -> tuple[Lifecycle, LeadStatus | None]:
    """Return how far a person has come; their deals say so where they have any."""
    if person.has_won:
        return Lifecycle.CUSTOMER, None
    if person.has_open:
        return Lifecycle.OPPORTUNITY, LeadStatus.QUALIFIED
    if person.has_lost:
        return Lifecycle.LEAD, LeadStatus.NURTURE
    roll = rng.random()
    if roll < 0.2:  # noqa: PLR2004
        return Lifecycle.SUBSCRIBER, None
    if roll < 0.35:  # noqa: PLR2004
        return Lifecycle.QUALIFIED, LeadStatus.QUALIFIED
    new, contacted = LeadStatus.NEW, LeadStatus.CONTACTED
    return Lifecycle.LEAD, rng.choice([new, contacted, contacted, LeadStatus.UNQUALIFIED])


def e164(phone: str) -> str:
    """Return one of the demo's own numbers in its normal form; all are written internationally."""
    return "+" + "".join(c for c in phone if c.isdigit())


def _point(
    made: datetime,
    kind: PointKind,
    label: str,
    value: str,
    normal: str,
    position: int,
    *,
    contact_id: int | None = None,
    company_id: int | None = None,
) -> TableRow:
    return (
        ContactPoint,
        {
            "id": new_id(),
            "created_at": made,
            "contact_id": contact_id,
            "company_id": company_id,
            "kind": kind,
            "label": label,
            "value": value,
            "normal": normal,
            "is_primary": position == 0 and kind in {PointKind.EMAIL, PointKind.PHONE},
            "position": position,
        },
    )


def _address(
    made: datetime,
    country: Row,
    city: tuple[str, str],
    label: str,
    rng: random.Random,
    *,
    contact_id: int | None = None,
    company_id: int | None = None,
) -> TableRow:
    number = rng.randint(1, 140)
    street = rng.choice(country["streets"])
    return (
        Address,
        {
            "id": new_id(),
            "created_at": made,
            "contact_id": contact_id,
            "company_id": company_id,
            "label": label,
            "street": f"{number} {street}"
            if country["code"] in {"GB", "IE", "FR", "US"}
            else f"{street} {number}",
            "postal_code": filled(country["postal"], rng) or None,
            "city": city[0],
            "region": city[1],
            "country": country["name"],
            "position": 0,
        },
    )
