"""Customers' issues and their threads."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped

from models.base import Choice, Moment, Record, column
from models.values import MessageKind, TicketPriority, TicketStatus, TicketType


class Ticket(Record):
    """A customer's issue. The three deadlines are in working time; see app/commands/tickets.py."""

    __table_args__ = (
        Index(None, "number", unique=True),
        Index(None, "status", "next_due_at"),
        Index(None, "owner_id", "status"),
        Index(None, "contact_id"),
        Index(None, "company_id"),
        Index(None, "next_due_at"),
        Index(None, "opened_at"),
        Index(None, "escalate_at"),
    )

    number: Mapped[int] = column(Integer)
    subject: Mapped[str] = column(String(500))
    status: Mapped[TicketStatus] = column(Choice(TicketStatus), default=TicketStatus.NEW)
    priority: Mapped[TicketPriority] = column(Choice(TicketPriority), default=TicketPriority.NORMAL)
    type: Mapped[TicketType] = column(Choice(TicketType), default=TicketType.QUESTION)
    category: Mapped[str | None] = column(String(120))
    team: Mapped[str | None] = column(String(120))
    channel: Mapped[str | None] = column(String(60))
    opened_at: Mapped[datetime] = column(Moment)
    first_response_at: Mapped[datetime | None] = column(Moment)
    resolved_at: Mapped[datetime | None] = column(Moment)
    closed_at: Mapped[datetime | None] = column(Moment)
    # Working seconds spent paused, or between resolved and reopened; they push the resolution out.
    hold_seconds: Mapped[int] = column(Integer, default=0)
    paused_since: Mapped[datetime | None] = column(Moment)
    waiting_since: Mapped[datetime | None] = column(Moment)  # customer's last unanswered message
    response_by: Mapped[datetime | None] = column(Moment)
    resolution_by: Mapped[datetime | None] = column(Moment)
    answer_by: Mapped[datetime | None] = column(Moment)
    next_due_at: Mapped[datetime | None] = column(Moment)  # the earliest that still runs
    response_missed_at: Mapped[datetime | None] = column(Moment)
    resolution_missed_at: Mapped[datetime | None] = column(Moment)
    answer_missed_at: Mapped[datetime | None] = column(Moment)  # the latest miss of that clock
    # The clocks are measured by this priority where an escalation has raised the shown one.
    target_priority: Mapped[TicketPriority | None] = column(Choice(TicketPriority))
    # How many of the steps 75, 100 and 150 % each clock's present deadline has gone through.
    response_steps: Mapped[int] = column(Integer, default=0)
    resolution_steps: Mapped[int] = column(Integer, default=0)
    answer_steps: Mapped[int] = column(Integer, default=0)
    escalate_at: Mapped[datetime | None] = column(Moment)  # when the next step is due
    escalation_level: Mapped[int] = column(Integer, default=0)  # the highest step so far
    satisfaction: Mapped[int | None] = column(Integer)  # 1 to 5
    satisfaction_reason: Mapped[str | None] = column(Text)
    owner_id: Mapped[int | None] = column(ForeignKey("user.id"))
    contact_id: Mapped[int | None] = column(ForeignKey("contact.id"))
    company_id: Mapped[int | None] = column(ForeignKey("company.id"))
    deal_id: Mapped[int | None] = column(ForeignKey("deal.id"))
    merged_into_id: Mapped[int | None] = column(ForeignKey("ticket.id"))
    follows_id: Mapped[int | None] = column(ForeignKey("ticket.id"))


class TicketMessage(Record):
    """One entry of a ticket's thread."""

    __table_args__ = (Index(None, "ticket_id", "at"),)

    ticket_id: Mapped[int] = column(ForeignKey("ticket.id"))
    kind: Mapped[MessageKind] = column(Choice(MessageKind))
    at: Mapped[datetime] = column(Moment)
    body: Mapped[str] = column(Text)
    user_id: Mapped[int | None] = column(ForeignKey("user.id"))
    contact_id: Mapped[int | None] = column(ForeignKey("contact.id"))
    message_id: Mapped[str | None] = column(String(998))


class CannedReply(Record):
    """A ready answer: its owner's alone, its team's, or everybody's where it has neither."""

    __table_args__ = (Index(None, "name_key"),)

    name: Mapped[str] = column(String(120))
    name_key: Mapped[str] = column(String(120))
    body: Mapped[str] = column(Text)
    owner_id: Mapped[int | None] = column(ForeignKey("user.id"))
    team: Mapped[str | None] = column(String(120))
