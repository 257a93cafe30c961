"""One person, or one company, with everything their pane and page show."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.queries.companies import CompanyRow, company_rows
from app.queries.contacts import ContactRow, contact_rows
from app.queries.record_facts import RecordFacts, record_facts
from models.records import Company, Contact, ImportBatch, ImportRow, LeadSource


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record came from: the line of a file."""

    batch_id: int
    file_name: str
    row_number: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ContactDetails:
    """A person's fields and facts; `company` is None where they have none."""

    row: ContactRow
    given_name: str | None
    family_name: str | None
    language: str | None
    birthday: date | None
    description: str | None
    lead_source_id: int | None
    email_consent: bool | None
    phone_consent: bool | None
    ads_consent: bool | None
    company: CompanyRow | None
    vat_number: str | None
    facts: RecordFacts
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class CompanyDetails:
    """A company's fields and facts; `people` are its first ones by name."""

    row: CompanyRow
    founded_year: int | None
    vat_number: str | None
    description: str | None
    lead_source_id: int | None
    source_name: str | None
    people: tuple[ContactRow, ...]
    facts: RecordFacts
    origin: Origin | None


def contact_details(session: Session, contact_id: int) -> ContactDetails | None:
    """Return one person; None when they are gone."""
    rows = contact_rows(session, [contact_id])
    if not rows:
        return None
    row = rows[0]
    more = session.execute(
        select(
            Contact.given_name,
            Contact.family_name,
            Contact.language,
            Contact.birthday,
            Contact.description,
            Contact.lead_source_id,
            Contact.email_consent,
            Contact.phone_consent,
            Contact.ads_consent,
            Company.vat_number,
        )
        .outerjoin(Company, Company.id == Contact.company_id)
        .where(Contact.id == contact_id)
    ).one()
    companies = company_rows(session, [row.company_id]) if row.company_id is not None else []
    return ContactDetails(
        row=row,
        company=companies[0] if companies else None,
        facts=record_facts(session, "contact", contact_id),
        origin=_origin(session, "contact", contact_id),
        **more._mapping,  # noqa: SLF001  documented; underscored against clashes only
    )


def company_details(session: Session, company_id: int) -> CompanyDetails | None:
    """Return one company with its first people; None when it is gone."""
    rows = company_rows(session, [company_id])
    if not rows:
        return None
    more = session.execute(
        select(
            Company.founded_year,
            Company.vat_number,
            Company.description,
            Company.lead_source_id,
            LeadSource.name.label("source_name"),
        )
        .outerjoin(LeadSource, LeadSource.id == Company.lead_source_id)
        .where(Company.id == company_id)
    ).one()
    people = session.scalars(
        select(Contact.id)
        .where(Contact.company_id == company_id, Contact.archived_at.is_(None))
        .order_by(Contact.sort_name, Contact.id)
        .limit(50)
    ).all()
    return CompanyDetails(
        row=rows[0],
        people=tuple(contact_rows(session, people)),
        facts=record_facts(session, "company", company_id),
        origin=_origin(session, "company", company_id),
        **more._mapping,  # noqa: SLF001  documented; underscored against clashes only
    )


def _origin(session: Session, kind: str, record_id: int) -> Origin | None:
    row = session.execute(
        select(ImportBatch.id, ImportBatch.file_name, ImportRow.row_number, ImportBatch.started_at)
        .join(ImportBatch, ImportBatch.id == ImportRow.batch_id)
        .where(
            ImportRow.record_id == record_id,
            ImportRow.record_kind == kind,
            ImportRow.action == "created",
        )
        .limit(1)
    ).first()
    return None if row is None else Origin(*row)
