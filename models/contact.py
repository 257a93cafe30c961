"""Contacts: the people, with their ways to be reached."""

from datetime import date

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped

from models.base import Choice, Record, column
from models.values import LeadStatus, Lifecycle, PointKind


class Contact(Record):
    """A person; `name` is shown, `sort_name` ("family given", folded) sorts lists."""

    __table_args__ = (
        Index(None, "sort_name", "id"),
        Index(None, "name_key", "company_id"),
        Index(None, "company_id"),
        Index(None, "owner_id"),
        Index(None, "lifecycle", "sort_name"),
        Index(None, "email_key"),
        Index(None, "phone_key"),
        Index(None, "created_at"),
    )

    name: Mapped[str] = column(String(300))
    given_name: Mapped[str | None] = column(String(150))
    family_name: Mapped[str | None] = column(String(150))
    name_key: Mapped[str] = column(String(300))
    sort_name: Mapped[str] = column(String(300))
    job_title: Mapped[str | None] = column(String(200))
    # The primary e-mail and phone, copied from their contact points by the commands so that the
    # list can show, sort and match them without a join. `*_key` are the normal forms.
    email: Mapped[str | None] = column(String(320))
    email_key: Mapped[str | None] = column(String(320))
    phone: Mapped[str | None] = column(String(64))
    phone_key: Mapped[str | None] = column(String(64))
    city: Mapped[str | None] = column(String(150))
    country: Mapped[str | None] = column(String(100))
    lifecycle: Mapped[Lifecycle] = column(Choice(Lifecycle), default=Lifecycle.LEAD)
    lead_status: Mapped[LeadStatus | None] = column(Choice(LeadStatus))
    language: Mapped[str | None] = column(String(35))
    birthday: Mapped[date | None] = column(Date)
    description: Mapped[str | None] = column(Text)
    email_consent: Mapped[bool | None] = column(Boolean)
    phone_consent: Mapped[bool | None] = column(Boolean)
    ads_consent: Mapped[bool | None] = column(Boolean)
    company_id: Mapped[int | None] = column(ForeignKey("company.id"))
    owner_id: Mapped[int | None] = column(ForeignKey("user.id"))
    lead_source_id: Mapped[int | None] = column(ForeignKey("lead_source.id"))
    campaign_id: Mapped[int | None] = column(ForeignKey("campaign.id"))


class ContactPoint(Record):
    """An e-mail, phone, social handle or website of a contact or a company."""

    __table_args__ = (
        CheckConstraint("(contact_id IS NULL) <> (company_id IS NULL)", name="one_owner"),
        Index(None, "contact_id", "kind", "position"),
        Index(None, "company_id", "kind", "position"),
        Index(None, "kind", "normal"),
    )

    contact_id: Mapped[int | None] = column(ForeignKey("contact.id"))
    company_id: Mapped[int | None] = column(ForeignKey("company.id"))
    kind: Mapped[PointKind] = column(Choice(PointKind))
    label: Mapped[str | None] = column(String(60))  # work, home, mobile, LinkedIn …
    value: Mapped[str] = column(String(2000))
    normal: Mapped[str] = column(String(2000))
    is_primary: Mapped[bool] = column(Boolean, default=False)
    position: Mapped[int] = column(Integer, default=0)


class Address(Record):
    """A postal address of a contact or a company."""

    __table_args__ = (
        CheckConstraint("(contact_id IS NULL) <> (company_id IS NULL)", name="one_owner"),
        Index(None, "contact_id"),
        Index(None, "company_id"),
    )

    contact_id: Mapped[int | None] = column(ForeignKey("contact.id"))
    company_id: Mapped[int | None] = column(ForeignKey("company.id"))
    label: Mapped[str | None] = column(String(60))
    street: Mapped[str | None] = column(String(500))
    postal_code: Mapped[str | None] = column(String(40))
    city: Mapped[str | None] = column(String(150))
    region: Mapped[str | None] = column(String(150))
    country: Mapped[str | None] = column(String(100))
    position: Mapped[int] = column(Integer, default=0)


class ExternalId(Record):
    """The id by which another system knows a record, so that a later file finds it again."""

    __table_args__ = (
        Index(None, "system", "record_kind", "value", unique=True),
        Index(None, "record_id"),
    )

    system: Mapped[str] = column(String(60))
    record_kind: Mapped[str] = column(String(40))
    value: Mapped[str] = column(String(300))
    record_id: Mapped[int] = column()
