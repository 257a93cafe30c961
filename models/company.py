"""Companies: the organisations we sell to."""

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped

from models.base import Record, column


class Company(Record):
    """An organisation; `name_key` is the form by which spellings are compared."""

    __table_args__ = (
        Index(None, "name_key"),
        Index(None, "domain"),
        Index(None, "owner_id"),
        Index(None, "parent_id"),
        Index(None, "sort_name", "id"),
    )

    name: Mapped[str] = column(String(300))
    name_key: Mapped[str] = column(String(300))
    sort_name: Mapped[str] = column(String(300))
    domain: Mapped[str | None] = column(String(253))
    website: Mapped[str | None] = column(String(2000))
    industry: Mapped[str | None] = column(String(200))
    employees: Mapped[int | None] = column(Integer)
    annual_revenue_minor: Mapped[int | None] = column()
    currency: Mapped[str | None] = column(String(3))
    founded_year: Mapped[int | None] = column(Integer)
    country: Mapped[str | None] = column(String(100))
    vat_number: Mapped[str | None] = column(String(40))
    description: Mapped[str | None] = column(Text)
    parent_id: Mapped[int | None] = column(ForeignKey("company.id"))
    owner_id: Mapped[int | None] = column(ForeignKey("user.id"))
    lead_source_id: Mapped[int | None] = column(ForeignKey("lead_source.id"))
