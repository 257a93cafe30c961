"""What is to be done, when, and the reminders of it."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped

from models.base import Choice, Moment, Record, column
from models.values import RepeatFrom, TaskPriority


class Task(Record):
    """A to-do with a due moment; `due_all_day` means the day counts and not the hour."""

    __table_args__ = (
        Index(None, "owner_id", "done_at", "due_at"),
        Index(None, "done_at", "due_at"),
        Index(None, "contact_id"),
        Index(None, "company_id"),
        Index(None, "deal_id"),
        Index(None, "ticket_id"),
        Index(None, "series_id"),
    )

    title: Mapped[str] = column(String(500))
    notes: Mapped[str | None] = column(Text)
    due_at: Mapped[datetime | None] = column(Moment)
    due_all_day: Mapped[bool] = column(Boolean, default=False)
    done_at: Mapped[datetime | None] = column(Moment)
    priority: Mapped[TaskPriority] = column(Choice(TaskPriority), default=TaskPriority.NORMAL)
    # RFC 5545 RRULE in the owner's time zone, counted from `due_at` of the first occurrence.
    repeat_rule: Mapped[str | None] = column(String(300))
    repeat_from: Mapped[RepeatFrom] = column(Choice(RepeatFrom), default=RepeatFrom.COMPLETION)
    repeat_start_at: Mapped[datetime | None] = column(Moment)
    series_id: Mapped[int | None] = column()
    owner_id: Mapped[int | None] = column(ForeignKey("user.id"))
    contact_id: Mapped[int | None] = column(ForeignKey("contact.id"))
    company_id: Mapped[int | None] = column(ForeignKey("company.id"))
    deal_id: Mapped[int | None] = column(ForeignKey("deal.id"))
    ticket_id: Mapped[int | None] = column(ForeignKey("ticket.id"))


class Appointment(Record):
    """Something with a start and an end."""

    __table_args__ = (
        Index(None, "owner_id", "starts_at"),
        Index(None, "starts_at"),
        Index(None, "repeats", "starts_at"),
        Index(None, "contact_id"),
        Index(None, "company_id"),
        Index(None, "deal_id"),
    )

    title: Mapped[str] = column(String(500))
    notes: Mapped[str | None] = column(Text)
    starts_at: Mapped[datetime] = column(Moment)
    ends_at: Mapped[datetime] = column(Moment)
    all_day: Mapped[bool] = column(Boolean, default=False)
    location: Mapped[str | None] = column(String(500))
    cancelled_at: Mapped[datetime | None] = column(Moment)
    # A series from a calendar: its iCalendar components (rules, exceptions, zones) as they came.
    # `starts_at` and `ends_at` are its first occurrence; `repeats_until` is None for ever.
    series: Mapped[str | None] = column(Text)
    repeats: Mapped[bool] = column(Boolean, default=False)
    repeats_until: Mapped[datetime | None] = column(Moment)
    time_zone: Mapped[str | None] = column(String(64))
    owner_id: Mapped[int | None] = column(ForeignKey("user.id"))
    contact_id: Mapped[int | None] = column(ForeignKey("contact.id"))
    company_id: Mapped[int | None] = column(ForeignKey("company.id"))
    deal_id: Mapped[int | None] = column(ForeignKey("deal.id"))


class Reminder(Record):
    """One reminder of one occurrence for its owner; `fired_at` is set once, by whoever fires it."""

    __table_args__ = (
        Index(None, "owner_id", "fired_at", "due_at"),
        Index(None, "task_id"),
        Index(None, "appointment_id"),
    )

    task_id: Mapped[int | None] = column(ForeignKey("task.id"))
    appointment_id: Mapped[int | None] = column(ForeignKey("appointment.id"))
    owner_id: Mapped[int | None] = column(ForeignKey("user.id"))
    due_at: Mapped[datetime] = column(Moment)
    minutes_before: Mapped[int] = column(Integer, default=0)
    # Set by the program as time goes by: that alone must not stand in the way of an undo.
    fired_at: Mapped[datetime | None] = column(Moment, info={"kept_by_program": True})
    seen_at: Mapped[datetime | None] = column(Moment, info={"kept_by_program": True})
    # Snoozed "until answered": comes back only when the customer has written or called.
    until_answered: Mapped[bool] = column(Boolean, default=False)
