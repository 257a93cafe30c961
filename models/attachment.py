"""Files kept with records."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped

from models.base import Record, column


class Attachment(Record):
    """A file's bytes, stored once however often it is attached; `digest` is SHA-256 in hex."""

    __recorded__ = False  # bytes never change and are never undone: the link is
    __table_args__ = (Index(None, "digest", unique=True),)

    digest: Mapped[str] = column(String(64))
    size: Mapped[int] = column()
    content: Mapped[bytes] = column(LargeBinary, deferred=True, active_history=False)


class AttachmentLink(Record):
    """A file on a record, under a name."""

    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN contact_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN company_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN deal_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN activity_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN ticket_message_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_owner",
        ),
        Index(None, "contact_id"),
        Index(None, "company_id"),
        Index(None, "deal_id"),
        Index(None, "activity_id"),
        Index(None, "ticket_message_id"),
    )

    attachment_id: Mapped[int] = column(ForeignKey("attachment.id"))
    name: Mapped[str] = column(String(255))
    media_type: Mapped[str] = column(String(127), default="application/octet-stream")
    contact_id: Mapped[int | None] = column(ForeignKey("contact.id"))
    company_id: Mapped[int | None] = column(ForeignKey("company.id"))
    deal_id: Mapped[int | None] = column(ForeignKey("deal.id"))
    activity_id: Mapped[int | None] = column(ForeignKey("activity.id"))
    ticket_message_id: Mapped[int | None] = column(ForeignKey("ticket_message.id"))
