"""Tags and what carries them."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped

from models.base import Record, column


class Tag(Record):
    """A word that groups records."""

    __table_args__ = (Index(None, "name_key", unique=True),)

    name: Mapped[str] = column(String(80))
    name_key: Mapped[str] = column(String(80))


class TagLink(Record):
    """A tag on one record."""

    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN contact_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN company_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN deal_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN ticket_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_owner",
        ),
        Index(None, "contact_id", "tag_id", unique=True),
        Index(None, "company_id", "tag_id", unique=True),
        Index(None, "deal_id", "tag_id", unique=True),
        Index(None, "ticket_id", "tag_id", unique=True),
        Index(None, "tag_id"),
    )

    tag_id: Mapped[int] = column(ForeignKey("tag.id"))
    contact_id: Mapped[int | None] = column(ForeignKey("contact.id"))
    company_id: Mapped[int | None] = column(ForeignKey("company.id"))
    deal_id: Mapped[int | None] = column(ForeignKey("deal.id"))
    ticket_id: Mapped[int | None] = column(ForeignKey("ticket.id"))
