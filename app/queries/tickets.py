"""Reads the tickets page: filter, ordered list, rows, queues and the week's figures."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from app.commands.settings import workspace_settings
from app.commands.ticket_clocks import calendar_of
from app.queries.id_pages import collect_ids
from app.working_time import WorkCalendar
from models.clock import now
from models.records import Company, Contact, Ticket, TicketMessage, User
from models.values import MessageKind, TicketPriority, TicketStatus, TicketType

RUNNING: Final = (TicketStatus.NEW, TicketStatus.OPEN)
PAUSED: Final = (TicketStatus.WAITING, TicketStatus.ON_HOLD)
DONE: Final = (TicketStatus.RESOLVED, TicketStatus.CLOSED)
SOON_SECONDS: Final = 30 * 60  # of working time: this close to its deadline a ticket is breaching
NEAR_SECONDS: Final = 2 * 3600
_PREVIEW: Final = 160


class Queue(StrEnum):
    """The lists beside the tickets."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    BREACHING = "breaching"
    WAITING = "waiting"
    OPEN = "open"
    CLOSED = "closed"
    ALL = "all"


class DueState(StrEnum):
    """How a ticket stands with its next deadline."""

    MISSED = "missed"
    SOON = "soon"
    NEAR = "near"
    LATER = "later"
    PAUSED = "paused"
    DONE = "done"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """Which tickets to list; `user_id` is who `Queue.MINE` means."""

    queue: Queue = Queue.OPEN
    user_id: int | None = None
    statuses: tuple[TicketStatus, ...] = ()
    priorities: tuple[TicketPriority, ...] = ()
    types: tuple[TicketType, ...] = ()
    owner_id: int | None = None
    category: str | None = None
    team: str | None = None
    text: str = ""
    contact_id: int | None = None
    company_id: int | None = None


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket as the list shows it."""

    id: int
    number: int
    subject: str
    status: TicketStatus
    priority: TicketPriority
    type: TicketType
    category: str | None
    team: str | None
    owner_id: int | None
    owner_name: str | None
    contact_id: int | None
    contact_name: str | None
    company_id: int | None
    company_name: str | None
    opened_at: datetime
    resolved_at: datetime | None
    next_due_at: datetime | None
    due_state: DueState
    waits_for_us: bool
    preview: str
    preview_is_ours: bool


@dataclass(frozen=True, slots=True)
class WeekFigures:
    """How the last seven days went."""

    resolved: int
    in_target: float | None  # share of the resolved without a miss
    first_answer_seconds: float | None  # median, in working time
    satisfaction: float | None  # mean, 1 to 5
    ratings: int


def _queue_clause(wanted: TicketFilter, breach_limit: datetime) -> ColumnElement[bool] | None:
    not_done = Ticket.status.not_in(DONE)
    clauses: dict[Queue, ColumnElement[bool]] = {
        Queue.MINE: and_(not_done, Ticket.owner_id == wanted.user_id),
        Queue.UNASSIGNED: and_(not_done, Ticket.owner_id.is_(None)),
        Queue.BREACHING: and_(Ticket.status.in_(RUNNING), Ticket.next_due_at <= breach_limit),
        Queue.WAITING: Ticket.status.in_(PAUSED),
        Queue.OPEN: not_done,
        Queue.CLOSED: Ticket.status.in_(DONE),
    }
    return clauses.get(wanted.queue)


def _filtered(session: Session, wanted: TicketFilter, found: Select[Any]) -> Select[Any]:
    found = found.where(Ticket.archived_at.is_(None))
    limit = now()
    if wanted.queue is Queue.BREACHING:
        limit = _calendar(session).add(limit, SOON_SECONDS)
    clause = _queue_clause(wanted, limit)
    if clause is not None:
        found = found.where(clause)
    choices: tuple[tuple[Any, Any], ...] = (
        (Ticket.status, wanted.statuses),
        (Ticket.priority, wanted.priorities),
        (Ticket.type, wanted.types),
    )
    for column, values in choices:
        if values:
            found = found.where(column.in_(values))
    exact: tuple[tuple[Any, Any], ...] = (
        (Ticket.owner_id, wanted.owner_id),
        (Ticket.category, wanted.category),
        (Ticket.team, wanted.team),
        (Ticket.contact_id, wanted.contact_id),
        (Ticket.company_id, wanted.company_id),
    )
    for column, value in exact:
        if value is not None:
            found = found.where(column == value)
    return _with_words(found, wanted.text)


def _with_words(found: Select[Any], text: str) -> Select[Any]:
    """Narrow to tickets that have every word in subject, person, company, or as number."""
    words = text.split()
    if not words:
        return found
    found = found.outerjoin(Contact, Contact.id == Ticket.contact_id)
    found = found.outerjoin(Company, Company.id == Ticket.company_id)
    for word in words:
        places: list[ColumnElement[bool]] = [
            Ticket.subject.icontains(word, autoescape=True),
            Contact.name.icontains(word, autoescape=True),
            Company.name.icontains(word, autoescape=True),
        ]
        digits = word.removeprefix("#")
        if digits.isascii() and digits.isdigit() and len(digits) < 10:  # noqa: PLR2004  an integer
            places.append(Ticket.number == int(digits))
        found = found.where(or_(*places))
    return found


def _calendar(session: Session) -> WorkCalendar:
    return calendar_of(workspace_settings(session))


_RANK: Final = case(
    {
        TicketPriority.URGENT.value: 0,
        TicketPriority.HIGH.value: 1,
        TicketPriority.NORMAL.value: 2,
        TicketPriority.LOW.value: 3,
    },
    value=Ticket.priority,
)
_DEADLINE: Final = (Ticket.next_due_at.is_(None), Ticket.next_due_at)
_ORDERS: Final[dict[str, tuple[Any, ...]]] = {
    "deadline": (*_DEADLINE, Ticket.opened_at.desc(), Ticket.id),
    "priority": (_RANK, *_DEADLINE, Ticket.opened_at, Ticket.id),
    "oldest": (Ticket.opened_at, Ticket.id),
    "newest": (Ticket.opened_at.desc(), Ticket.id.desc()),
}


def ticket_ids(
    session: Session,
    wanted: TicketFilter,
    sort: str = "deadline",
    descending: bool = False,
    limit: int | None = None,
) -> "array[int]":
    """Return the ids of the tickets that match, by next deadline, priority or age."""
    if sort == "age":
        sort = "newest" if descending else "oldest"
    order = _ORDERS[sort]
    found = _filtered(session, wanted, select(Ticket.id)).order_by(*order)
    return collect_ids(session, found, limit)


def count_tickets(session: Session, wanted: TicketFilter) -> int:
    """Return how many tickets match."""
    return session.scalar(_filtered(session, wanted, select(func.count(Ticket.id)))) or 0


def ticket_rows(session: Session, ids: Sequence[int]) -> list[TicketRow]:
    """Return the rows of some tickets, in the order of the ids."""
    last = (
        select(TicketMessage.id)
        .where(
            TicketMessage.ticket_id == Ticket.id,
            TicketMessage.kind.in_((MessageKind.CUSTOMER, MessageKind.REPLY)),
        )
        .order_by(TicketMessage.at.desc(), TicketMessage.id.desc())
        .limit(1)
        .correlate(Ticket)
        .scalar_subquery()
    )
    statement = (
        select(
            Ticket,
            User.name.label("owner"),
            Contact.name.label("contact"),
            Company.name.label("company"),
            func.substr(TicketMessage.body, 1, _PREVIEW).label("body"),
            TicketMessage.kind.label("message_kind"),
        )
        .outerjoin(User, User.id == Ticket.owner_id)
        .outerjoin(Contact, Contact.id == Ticket.contact_id)
        .outerjoin(Company, Company.id == Ticket.company_id)
        .outerjoin(TicketMessage, TicketMessage.id == last)
        .where(Ticket.id.in_(ids))
    )
    moment, calendar = now(), _calendar(session)
    soon, near = calendar.add(moment, SOON_SECONDS), calendar.add(moment, NEAR_SECONDS)
    found = {}
    for ticket, owner, contact, company, body, kind in session.execute(statement):
        found[ticket.id] = _row(
            ticket, (owner, contact, company), (body, kind), (moment, soon, near)
        )
    return [found[record_id] for record_id in ids if record_id in found]


def _row(
    ticket: Ticket,
    names: tuple[str | None, str | None, str | None],
    message: tuple[str | None, MessageKind | None],
    limits: tuple[datetime, datetime, datetime],
) -> TicketRow:
    owner, contact, company = names
    body, kind = message
    unanswered = ticket.waiting_since is not None or (
        ticket.first_response_at is None and kind is MessageKind.CUSTOMER
    )
    return TicketRow(
        id=ticket.id,
        number=ticket.number,
        subject=ticket.subject,
        status=ticket.status,
        priority=ticket.priority,
        type=ticket.type,
        category=ticket.category,
        team=ticket.team,
        owner_id=ticket.owner_id,
        owner_name=owner,
        contact_id=ticket.contact_id,
        contact_name=contact,
        company_id=ticket.company_id,
        company_name=company,
        opened_at=ticket.opened_at,
        resolved_at=ticket.resolved_at,
        next_due_at=ticket.next_due_at,
        due_state=due_state(ticket.status, ticket.next_due_at, limits),
        waits_for_us=unanswered and ticket.status in RUNNING,
        preview=" ".join((body or "").split()),
        preview_is_ours=kind is MessageKind.REPLY,
    )


def due_state(
    status: TicketStatus, due: datetime | None, limits: tuple[datetime, datetime, datetime]
) -> DueState:
    """Say how near a deadline is; the limits are now, and the ends of soon and near."""
    moment, soon, near = limits
    if status in DONE:
        return DueState.DONE
    if status in PAUSED:
        return DueState.PAUSED
    if due is None:
        return DueState.NONE
    if due < moment:
        return DueState.MISSED
    if due <= soon:
        return DueState.SOON
    return DueState.NEAR if due <= near else DueState.LATER


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many tickets each queue and each team holds."""

    queues: dict[Queue, int]
    teams: tuple[tuple[str, int], ...]
    categories: tuple[str, ...]


def queue_counts(session: Session, user_id: int | None) -> QueueCounts:
    """Count the queues of a person, and what is not done per team."""
    limit = _calendar(session).add(now(), SOON_SECONDS)
    counted = [queue for queue in Queue if queue is not Queue.ALL]
    clauses = [_queue_clause(TicketFilter(queue, user_id), limit) for queue in counted]
    sums = [func.sum(case((c, 1), else_=0)) for c in clauses if c is not None]
    row = session.execute(select(*sums).where(Ticket.archived_at.is_(None))).one()
    teams = session.execute(
        select(Ticket.team, func.count())
        .where(Ticket.archived_at.is_(None), Ticket.team.is_not(None), Ticket.status.not_in(DONE))
        .group_by(Ticket.team)
        .order_by(func.count().desc(), Ticket.team)
    )
    categories = session.scalars(
        select(Ticket.category)
        .where(Ticket.archived_at.is_(None), Ticket.category.is_not(None))
        .group_by(Ticket.category)
        .order_by(Ticket.category)
    )
    return QueueCounts(
        {queue: int(value or 0) for queue, value in zip(counted, row, strict=True)},
        tuple((str(name), int(n)) for name, n in teams),
        tuple(str(name) for name in categories),
    )


def week_figures(session: Session) -> WeekFigures:
    """Return how the last seven days went: kept promises, first answer, satisfaction."""
    since, calendar = now() - timedelta(days=7), _calendar(session)
    kept = and_(Ticket.response_missed_at.is_(None), Ticket.resolution_missed_at.is_(None))
    resolved, in_target, mean, ratings = session.execute(
        select(
            func.count(),
            func.sum(case((and_(kept, Ticket.answer_missed_at.is_(None)), 1), else_=0)),
            func.avg(Ticket.satisfaction),
            func.count(Ticket.satisfaction),
        ).where(
            Ticket.resolved_at >= since,
            Ticket.archived_at.is_(None),
            Ticket.merged_into_id.is_(None),
        )
    ).one()
    answered = session.execute(
        select(Ticket.opened_at, Ticket.first_response_at).where(
            Ticket.first_response_at >= since, Ticket.archived_at.is_(None)
        )
    )
    spans = [calendar.between(opened, first) for opened, first in answered if first is not None]
    return WeekFigures(
        resolved=resolved,
        in_target=int(in_target or 0) / resolved if resolved else None,
        first_answer_seconds=median(spans) if spans else None,
        satisfaction=float(mean) if mean is not None else None,
        ratings=ratings,
    )


def found_tickets(
    session: Session, wanted: TicketFilter, text: str, limit: int = 20
) -> list[TicketRow]:
    """Return the newest tickets that match a filter and some words, to choose one."""
    ids = ticket_ids(session, replace(wanted, text=text), "newest", limit=limit)
    return ticket_rows(session, ids)
