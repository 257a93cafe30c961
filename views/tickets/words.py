"""How the tickets page says things: statuses, priorities, types, queues, deadlines."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from PySide6.QtCore import QLocale

from app.queries.ticket_details import ClockRow
from app.queries.tickets import DueState, Queue, TicketRow
from models.values import TicketPriority, TicketStatus, TicketType
from views.shared.format import (
    clock_time,
    local,
    locale,
    moment_words,
    short_date,
    today_here,
)
from views.shared.text import tr


class Words(NamedTuple):
    """A value in words, with its colours and icon."""

    text: str
    tone: str
    icon: str


STATUS_ICONS: Final = {
    TicketStatus.NEW: ("info", "circle-dot"),
    TicketStatus.OPEN: ("info", "circle-dot"),
    TicketStatus.WAITING: ("neutral", "pause"),
    TicketStatus.ON_HOLD: ("neutral", "pause"),
    TicketStatus.RESOLVED: ("good", "check"),
    TicketStatus.CLOSED: ("neutral", "archive"),
}
QUEUE_ICONS: Final = {
    Queue.MINE: "user",
    Queue.UNASSIGNED: "circle-dashed",
    Queue.BREACHING: "timer",
    Queue.WAITING: "pause",
    Queue.OPEN: "inbox",
    Queue.CLOSED: "archive",
}
PRIORITIES: Final = (
    TicketPriority.URGENT,
    TicketPriority.HIGH,
    TicketPriority.NORMAL,
    TicketPriority.LOW,
)
BARS: Final = {
    TicketPriority.LOW: 1,
    TicketPriority.NORMAL: 2,
    TicketPriority.HIGH: 3,
    TicketPriority.URGENT: 3,
}
PRIORITY_COLOURS: Final = {
    TicketPriority.LOW: "muted",
    TicketPriority.NORMAL: "muted",
    TicketPriority.HIGH: "warning",
    TicketPriority.URGENT: "bad",
}


def status_words(status: TicketStatus) -> Words:
    """Say a status."""
    texts = {
        TicketStatus.NEW: tr("New"),
        TicketStatus.OPEN: tr("Open"),
        TicketStatus.WAITING: tr("Waiting"),
        TicketStatus.ON_HOLD: tr("On hold"),
        TicketStatus.RESOLVED: tr("Resolved"),
        TicketStatus.CLOSED: tr("Closed"),
    }
    return Words(texts[status], *STATUS_ICONS[status])


def priority_words(priority: TicketPriority) -> Words:
    """Say a priority."""
    texts = {
        TicketPriority.LOW: Words(tr("Low"), "neutral", "chevron-down"),
        TicketPriority.NORMAL: Words(tr("Normal"), "neutral", "minus"),
        TicketPriority.HIGH: Words(tr("High"), "warning", "chevron-up"),
        TicketPriority.URGENT: Words(tr("Urgent"), "bad", "triangle-alert"),
    }
    return texts[priority]


def type_words(kind: TicketType) -> str:
    """Say a type."""
    return {
        TicketType.QUESTION: tr("Question"),
        TicketType.INCIDENT: tr("Incident"),
        TicketType.PROBLEM: tr("Problem"),
        TicketType.COMPLAINT: tr("Complaint"),
        TicketType.REQUEST: tr("Request"),
    }[kind]


def queue_words(queue: Queue) -> str:
    """Say the name of a queue."""
    return {
        Queue.MINE: tr("Mine"),
        Queue.UNASSIGNED: tr("Unassigned"),
        Queue.BREACHING: tr("Breaching"),
        Queue.WAITING: tr("Waiting"),
        Queue.OPEN: tr("All open"),
        Queue.CLOSED: tr("Closed"),
        Queue.ALL: tr("All tickets"),
    }[queue]


def clock_words(name: str) -> str:
    """Say the name of a clock."""
    return {
        "response": tr("First response"),
        "answer": tr("Next answer"),
        "resolution": tr("Resolution"),
    }[name]


def due_moment(due: datetime) -> str:
    """Say a deadline as shortly as it stays clear: "10:18", "Wed", "4 Dec"."""
    day, here = local(due).date(), today_here()
    if day == here:
        return clock_time(due)
    if timedelta(0) < day - here < timedelta(days=7):
        short = locale().standaloneDayName(day.isoweekday(), QLocale.FormatType.ShortFormat)
        return f"{short} {clock_time(due)}"
    return short_date(day)


def due_words(row: TicketRow) -> Words | None:
    """Say how a ticket stands with its next deadline."""
    if row.due_state is DueState.DONE:
        return Words(status_words(row.status).text.lower(), "neutral", "check")
    if row.due_state is DueState.PAUSED:
        return Words(tr("paused"), "neutral", "pause")
    if row.due_state is DueState.MISSED:
        return Words(tr("missed"), "bad", "circle-alert")
    if row.next_due_at is None:
        return None
    tones = {DueState.SOON: "bad", DueState.NEAR: "warning"}
    return Words(due_moment(row.next_due_at), tones.get(row.due_state, "neutral"), "timer")


def clock_note(clock: ClockRow) -> str:
    """Say how much of a clock is used: "12 of 30 min used, clock starts 10:00"."""
    used, allowed = clock.used_seconds, clock.allowed_seconds
    if allowed < 2 * 3600:
        text = tr(
            "{used} of {allowed} min used", used=round(used / 60), allowed=round(allowed / 60)
        )
    else:
        shown = f"{used / 3600:.1f}".removesuffix(".0")
        text = tr("{used} of {allowed} h used", used=shown, allowed=round(allowed / 3600))
    if clock.starts_at is not None and clock.running:
        start = clock.starts_at
        if local(start).date() == today_here():
            return tr("{used}, clock starts {moment}", used=text, moment=clock_time(start))
        return tr("{used}, clock starts {moment}", used=text, moment=moment_words(start))
    return text


def reply_values(row: TicketRow, my_name: str) -> dict[str, str]:
    """Return what the places of a canned reply are filled with."""
    name = row.contact_name or ""
    return {
        "name": name,
        "first_name": name.split(" ")[0],
        "company": row.company_name or "",
        "number": str(row.number),
        "subject": row.subject,
        "my_name": my_name,
        "my_first_name": my_name.split(" ", maxsplit=1)[0],
    }
