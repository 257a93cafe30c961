"""What happened with customers."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped

from models.base import Choice, Moment, Record, column
from models.values import ActivityKind, CallOutcome, Direction, MailRole


class Activity(Record):
    """A call, e-mail, meeting or note, linked to any of contact, company, deal and ticket."""

    __table_args__ = (
        Index(None, "contact_id", "at"),
        Index(None, "company_id", "at"),
        Index(None, "deal_id", "at"),
        Index(None, "ticket_id", "at"),
        Index(None, "at"),
        Index(None, "user_id", "at"),
        Index(None, "message_id"),
        Index(None, "thread_key"),
    )

    kind: Mapped[ActivityKind] = column(Choice(ActivityKind))
    at: Mapped[datetime] = column(Moment)
    subject: Mapped[str | None] = column(String(500))
    body: Mapped[str | None] = column(Text)
    direction: Mapped[Direction | None] = column(Choice(Direction))
    outcome: Mapped[CallOutcome | None] = column(Choice(CallOutcome))
    duration_seconds: Mapped[int | None] = column(Integer)
    message_id: Mapped[str | None] = column(String(998))
    # Of mail: the Message-ID the thread began with, and the body as safe HTML.
    thread_key: Mapped[str | None] = column(String(998))
    body_html: Mapped[str | None] = column(Text)
    user_id: Mapped[int | None] = column(ForeignKey("user.id"))
    contact_id: Mapped[int | None] = column(ForeignKey("contact.id"))
    company_id: Mapped[int | None] = column(ForeignKey("company.id"))
    deal_id: Mapped[int | None] = column(ForeignKey("deal.id"))
    ticket_id: Mapped[int | None] = column(ForeignKey("ticket.id"))


class ActivityParticipant(Record):
    """An address a mail came from or went to; whose it is follows from people's addresses."""

    __recorded__ = False  # as sent; never edited
    __table_args__ = (Index(None, "activity_id"), Index(None, "address", "activity_id"))

    activity_id: Mapped[int] = column(ForeignKey("activity.id"))
    role: Mapped[MailRole] = column(Choice(MailRole))
    name: Mapped[str | None] = column(String(300))
    address: Mapped[str] = column(String(320))  # in the form that is compared
    position: Mapped[int] = column(Integer, default=0)
