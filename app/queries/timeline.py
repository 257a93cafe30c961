"""Everything that ever happened with a person, a company or a deal, as one list, newest first."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.queries.mails import activities_of, with_mails
from app.queries.timeline_changes import TimelineScope, change_entries
from app.queries.timeline_entry import FieldChange, Timeline, TimelineEntry, entry_page
from models.records import (
    Activity,
    Appointment,
    Contact,
    Deal,
    Order,
    Stage,
    StageChange,
    Task,
    Ticket,
    TicketMessage,
    User,
)
from models.values import ActivityKind, MessageKind

__all__ = ["KINDS", "FieldChange", "Timeline", "TimelineEntry", "timeline", "timeline_counts"]

PAGE: Final = 50
_ACTIVITIES: Final = tuple(kind.value for kind in ActivityKind)


@dataclass(frozen=True, slots=True)
class _Source:
    """One table of the timeline: how it is read and counted."""

    statement: Callable[[TimelineScope], Any]
    at: Any
    entry: Callable[[Any], TimelineEntry]


def timeline(
    session: Session,
    *,
    contact_id: int | None = None,
    company_id: int | None = None,
    deal_id: int | None = None,
    before: datetime | None = None,
    kinds: Collection[str] | None = None,
    limit: int = PAGE,
) -> Timeline:
    """Return the newest entries older than `before`, of some kinds or of all (`KINDS`).

    A company's timeline holds that of its people. Entries of one moment are never torn apart.
    """
    scope = TimelineScope(contact_id, company_id, deal_id)
    wanted = set(KINDS if kinds is None else kinds)
    found: list[TimelineEntry] = []
    for kind, source in _SOURCES.items():
        if kind not in wanted and not (kind == "activity" and wanted & set(_ACTIVITIES)):
            continue
        statement = source.statement(scope)
        if kind == "activity":
            statement = statement.where(Activity.kind.in_(sorted(wanted & set(_ACTIVITIES))))
        if before is not None:
            statement = statement.where(source.at < before)
        rows = session.execute(statement.order_by(source.at.desc()).limit(limit + 1))
        found += [source.entry(row) for row in rows]
    if "change" in wanted:
        found += change_entries(session, scope, before, limit + 1)
    return with_mails(session, entry_page(found, limit))


def timeline_counts(
    session: Session,
    *,
    contact_id: int | None = None,
    company_id: int | None = None,
    deal_id: int | None = None,
) -> dict[str, int]:
    """Return how many entries of each kind there are; field changes are not counted."""
    scope = TimelineScope(contact_id, company_id, deal_id)
    counts: dict[str, int] = {}
    for kind, source in _SOURCES.items():
        inner = source.statement(scope).subquery()
        if kind == "activity":
            rows = session.execute(select(inner.c.kind, func.count()).group_by(inner.c.kind))
            counts |= {str(name): number for name, number in rows}
        else:
            counts[kind] = session.scalar(select(func.count()).select_from(inner)) or 0
    return counts


def _activities(scope: TimelineScope) -> Any:
    person = aliased(Contact)
    return (
        select(
            Activity.id,
            Activity.kind,
            Activity.at,
            Activity.subject,
            Activity.body,
            Activity.direction,
            Activity.outcome,
            Activity.duration_seconds,
            Activity.contact_id,
            User.name.label("who"),
            Activity.user_id,
            person.name.label("person"),
        )
        .outerjoin(User, User.id == Activity.user_id)
        .outerjoin(person, person.id == Activity.contact_id)
        .where(activities_of(scope), Activity.archived_at.is_(None))
    )


def _activity(row: Any) -> TimelineEntry:
    return TimelineEntry(
        kind=row.kind.value,
        record_kind="activity",
        record_id=row.id,
        at=row.at,
        who=row.who,
        user_id=row.user_id,
        person=row.person,
        title=row.subject or "",
        body=row.body or "",
        direction=row.direction,
        outcome=row.outcome,
        duration_seconds=row.duration_seconds,
    )


def _stage_moves(scope: TimelineScope) -> Any:
    before = aliased(Stage)
    after = aliased(Stage)
    return (
        select(
            StageChange.deal_id,
            StageChange.at,
            Deal.name,
            Deal.amount_minor,
            Deal.currency,
            before.name.label("stage_from"),
            after.name.label("stage_to"),
            after.type.label("stage_type"),
            User.name.label("who"),
            StageChange.user_id,
        )
        .join(Deal, Deal.id == StageChange.deal_id)
        .join(after, after.id == StageChange.to_stage_id)
        .outerjoin(before, before.id == StageChange.from_stage_id)
        .outerjoin(User, User.id == StageChange.user_id)
        .where(scope.of(Deal, own="deal"), Deal.archived_at.is_(None))
    )


def _stage_move(row: Any) -> TimelineEntry:
    return TimelineEntry(
        kind="deal",
        record_kind="deal",
        record_id=row.deal_id,
        at=row.at,
        who=row.who,
        user_id=row.user_id,
        title=row.name,
        stage_from=row.stage_from,
        stage_to=row.stage_to,
        stage_type=row.stage_type,
        amount_minor=row.amount_minor,
        currency=row.currency,
    )


def _tickets(scope: TimelineScope) -> Any:
    return (
        select(
            Ticket.id,
            Ticket.opened_at,
            Ticket.subject,
            Ticket.number,
            Ticket.status,
            Contact.name.label("person"),
        )
        .outerjoin(Contact, Contact.id == Ticket.contact_id)
        .where(scope.of(Ticket), Ticket.archived_at.is_(None))
    )


def _ticket(row: Any) -> TimelineEntry:
    return TimelineEntry(
        kind="ticket",
        record_kind="ticket",
        record_id=row.id,
        at=row.opened_at,
        title=row.subject,
        number=str(row.number),
        status=row.status,
        person=row.person,
    )


def _messages(scope: TimelineScope) -> Any:
    return (
        select(
            TicketMessage.ticket_id,
            TicketMessage.at,
            TicketMessage.kind,
            TicketMessage.body,
            Ticket.subject,
            Ticket.number,
            User.name.label("who"),
            TicketMessage.user_id,
            Contact.name.label("person"),
        )
        .join(Ticket, Ticket.id == TicketMessage.ticket_id)
        .outerjoin(User, User.id == TicketMessage.user_id)
        .outerjoin(
            Contact, Contact.id == func.coalesce(TicketMessage.contact_id, Ticket.contact_id)
        )
        .where(
            scope.of(Ticket),
            Ticket.archived_at.is_(None),
            TicketMessage.kind != MessageKind.SYSTEM,
        )
    )


def _message(row: Any) -> TimelineEntry:
    return TimelineEntry(
        kind="message",
        record_kind="ticket",
        record_id=row.ticket_id,
        at=row.at,
        who=row.who,
        user_id=row.user_id,
        person=row.person,
        title=row.subject,
        number=str(row.number),
        body=row.body,
        message_kind=row.kind,
    )


def _orders(scope: TimelineScope) -> Any:
    return select(
        Order.id, Order.at, Order.number, Order.total_minor, Order.currency, Order.channel
    ).where(scope.of(Order), Order.archived_at.is_(None))


def _order(row: Any) -> TimelineEntry:
    return TimelineEntry(
        kind="order",
        record_kind="order",
        record_id=row.id,
        at=row.at,
        title=row.channel or "",
        number=row.number,
        amount_minor=row.total_minor,
        currency=row.currency,
    )


def _tasks(scope: TimelineScope) -> Any:
    return (
        select(Task.id, Task.done_at, Task.title, Task.notes, User.name.label("who"), Task.owner_id)
        .outerjoin(User, User.id == Task.owner_id)
        .where(scope.of(Task), Task.done_at.is_not(None), Task.archived_at.is_(None))
    )


def _task(row: Any) -> TimelineEntry:
    return TimelineEntry(
        kind="task",
        record_kind="task",
        record_id=row.id,
        at=row.done_at,
        who=row.who,
        user_id=row.owner_id,
        title=row.title,
        body=row.notes or "",
    )


def _appointments(scope: TimelineScope) -> Any:
    return (
        select(
            Appointment.id,
            Appointment.starts_at,
            Appointment.ends_at,
            Appointment.title,
            Appointment.location,
            User.name.label("who"),
        )
        .outerjoin(User, User.id == Appointment.owner_id)
        .where(
            scope.of(Appointment),
            Appointment.cancelled_at.is_(None),
            Appointment.archived_at.is_(None),
        )
    )


def _appointment(row: Any) -> TimelineEntry:
    return TimelineEntry(
        kind="appointment",
        record_kind="appointment",
        record_id=row.id,
        at=row.starts_at,
        who=row.who,
        title=row.title,
        body=row.location or "",
        duration_seconds=int((row.ends_at - row.starts_at).total_seconds()),
    )


_SOURCES: Final[dict[str, _Source]] = {
    "activity": _Source(_activities, Activity.at, _activity),
    "deal": _Source(_stage_moves, StageChange.at, _stage_move),
    "ticket": _Source(_tickets, Ticket.opened_at, _ticket),
    "message": _Source(_messages, TicketMessage.at, _message),
    "order": _Source(_orders, Order.at, _order),
    "task": _Source(_tasks, Task.done_at, _task),
    "appointment": _Source(_appointments, Appointment.starts_at, _appointment),
}
KINDS: Final = (*_ACTIVITIES, *(kind for kind in _SOURCES if kind != "activity"), "change")
