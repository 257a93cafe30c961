"""Reads one ticket: its thread, its facts with the clocks, and the replies ready for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from app.commands.ticket_clocks import (
    CLOCKS,
    ClockName,
    ClockRules,
    clock_rules,
    clock_start,
    deadline,
    is_running,
)
from app.queries.tickets import DONE, TicketRow, ticket_rows
from models.clock import now
from models.records import (
    Attachment,
    AttachmentLink,
    CannedReply,
    Company,
    Contact,
    Deal,
    Order,
    Ticket,
    TicketMessage,
    User,
)
from models.values import MessageKind, OrderStatus, StageType


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file on a message."""

    id: int
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One entry of a thread; `from_number` names the merged ticket it came with."""

    id: int
    kind: MessageKind
    at: datetime
    body: str
    author_id: int
    author_name: str
    company_name: str | None
    from_number: int | None
    files: tuple[FileRow, ...] = ()


@dataclass(frozen=True, slots=True)
class ClockRow:
    """A clock: how much of its working time is used, and whether it still runs."""

    name: ClockName
    due_at: datetime
    used_seconds: float
    allowed_seconds: float
    running: bool
    met: bool
    missed: bool
    starts_at: datetime | None  # when work begins again, where it stands still now

    @property
    def share(self) -> float:
        """How much of the time is used, 1 = all."""
        return self.used_seconds / self.allowed_seconds if self.allowed_seconds else 1.0


@dataclass(frozen=True, slots=True)
class OtherTicket:
    """A ticket of the same company or person."""

    id: int
    number: int
    subject: str
    done: bool
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """What stands beside a thread."""

    row: TicketRow
    row_version: int
    channel: str | None
    first_response_at: datetime | None
    hold_seconds: int
    satisfaction: int | None
    satisfaction_reason: str | None
    merged_into: tuple[int, int] | None  # id and number
    follows: tuple[int, int] | None
    contact_title: str | None
    contact_email: str | None
    contact_phone: str | None
    company_since: datetime | None
    company_industry: str | None
    orders: int
    order_minor: int
    order_currency: str | None
    open_deals: int
    open_deal_name: str | None
    tickets_open: int
    tickets_done: int
    clocks: tuple[ClockRow, ...]
    others: tuple[OtherTicket, ...]


@dataclass(frozen=True, slots=True)
class CannedReplyRow:
    """A ready answer that a person may use."""

    id: int
    name: str
    body: str
    scope: str


def _merged_ids(session: Session, ticket_id: int) -> dict[int, int | None]:
    """Return the ids of a ticket and of all that were merged into it, with the latter's numbers."""
    found: dict[int, int | None] = {ticket_id: None}
    layer = [ticket_id]
    while layer:
        merged = select(Ticket.id, Ticket.number).where(Ticket.merged_into_id.in_(layer))
        fresh = {i: n for i, n in session.execute(merged).all() if i not in found}
        found.update(fresh)
        layer = list(fresh)
    return found


def thread(session: Session, ticket_id: int) -> list[MessageRow]:
    """Return a ticket's thread in order of time, with the threads merged into it."""
    numbers = _merged_ids(session, ticket_id)
    company = (
        select(Company.name)
        .where(Company.id == Contact.company_id)
        .correlate(Contact)
        .scalar_subquery()
    )
    statement = (
        select(TicketMessage, User.name, Contact.name, company)
        .outerjoin(User, User.id == TicketMessage.user_id)
        .outerjoin(Contact, Contact.id == TicketMessage.contact_id)
        .where(TicketMessage.ticket_id.in_(list(numbers)), TicketMessage.archived_at.is_(None))
        .order_by(TicketMessage.at, TicketMessage.id)
    )
    entries = session.execute(statement).all()
    files = _files(session, list(numbers))
    return [
        MessageRow(
            id=message.id,
            kind=message.kind,
            at=message.at,
            body=message.body,
            author_id=message.user_id or message.contact_id or 0,
            author_name=user or contact or "",
            company_name=firm,
            from_number=numbers[message.ticket_id],
            files=tuple(files.get(message.id, ())),
        )
        for message, user, contact, firm in entries
    ]


def _files(session: Session, ticket_ids: list[int]) -> dict[int, list[FileRow]]:
    statement = (
        select(
            AttachmentLink.ticket_message_id,
            AttachmentLink.id,
            AttachmentLink.name,
            Attachment.size,
        )
        .join(Attachment, Attachment.id == AttachmentLink.attachment_id)
        .join(TicketMessage, TicketMessage.id == AttachmentLink.ticket_message_id)
        .where(TicketMessage.ticket_id.in_(ticket_ids), AttachmentLink.archived_at.is_(None))
        .order_by(AttachmentLink.id)
    )
    found: dict[int, list[FileRow]] = {}
    for message_id, link_id, name, size in session.execute(statement):
        found.setdefault(int(message_id or 0), []).append(FileRow(link_id, name, size))
    return found


def clock_rows(ticket: Ticket, rules: ClockRules, moment: datetime) -> tuple[ClockRow, ...]:
    """Return a ticket's clocks as they stand at a moment; the third only while one waits."""
    rows: list[ClockRow] = []
    calendar = rules.calendar
    begins = calendar.next_start(moment)
    for clock in CLOCKS:
        start, due = clock_start(ticket, clock), deadline(ticket, clock)
        if start is None or due is None:
            continue
        ended = {"response": ticket.first_response_at, "resolution": ticket.resolved_at}.get(clock)
        # A paused clock shows what was used when it stopped.
        stop = ended or ticket.paused_since or moment
        hold = ticket.hold_seconds if clock == "resolution" else 0
        used = max(0.0, calendar.between(start, stop) - hold)
        missed = getattr(ticket, f"{clock}_missed_at") is not None if clock != "answer" else False
        rows.append(
            ClockRow(
                name=clock,
                due_at=due,
                used_seconds=used,
                allowed_seconds=rules.target_seconds(ticket, clock),
                running=is_running(ticket, clock),
                met=ended is not None and ended <= due,
                missed=missed or (ended or (moment if is_running(ticket, clock) else due)) > due,
                starts_at=None if begins == moment else begins,
            )
        )
    return tuple(rows)


def ticket_facts(session: Session, ticket_id: int) -> TicketFacts | None:
    """Return what stands beside a ticket's thread; None where the ticket is gone."""
    ticket = session.get(Ticket, ticket_id)
    rows = ticket_rows(session, [ticket_id])
    if ticket is None or not rows:
        return None
    contact = session.get(Contact, ticket.contact_id) if ticket.contact_id else None
    company = session.get(Company, ticket.company_id) if ticket.company_id else None
    orders = _orders(session, ticket)
    deals = _open_deals(session, ticket)
    tickets = _ticket_counts(session, ticket)
    return TicketFacts(
        row=rows[0],
        row_version=ticket.row_version,
        channel=ticket.channel,
        first_response_at=ticket.first_response_at,
        hold_seconds=ticket.hold_seconds,
        satisfaction=ticket.satisfaction,
        satisfaction_reason=ticket.satisfaction_reason,
        merged_into=_link(session, ticket.merged_into_id),
        follows=_link(session, ticket.follows_id),
        contact_title=contact.job_title if contact else None,
        contact_email=contact.email if contact else None,
        contact_phone=contact.phone if contact else None,
        company_since=company.created_at if company else None,
        company_industry=company.industry if company else None,
        orders=orders[0],
        order_minor=orders[1],
        order_currency=orders[2],
        open_deals=deals[0],
        open_deal_name=deals[1],
        tickets_open=tickets[0],
        tickets_done=tickets[1],
        clocks=clock_rows(ticket, clock_rules(session), now()),
        others=_others(session, ticket),
    )


def _link(session: Session, ticket_id: int | None) -> tuple[int, int] | None:
    if ticket_id is None:
        return None
    number = session.scalar(select(Ticket.number).where(Ticket.id == ticket_id))
    return (ticket_id, number) if number is not None else None


def _orders(session: Session, ticket: Ticket) -> tuple[int, int, str | None]:
    whose = _whose(Order.company_id, Order.contact_id, ticket)
    if whose is None:
        return 0, 0, None
    found = session.execute(
        select(
            func.count(),
            func.sum(Order.total_minor - Order.refunded_minor),
            func.max(Order.currency),
        ).where(whose, Order.archived_at.is_(None), Order.status != OrderStatus.CANCELLED)
    ).one()
    return int(found[0]), int(found[1] or 0), found[2]


def _open_deals(session: Session, ticket: Ticket) -> tuple[int, str | None]:
    whose = _whose(Deal.company_id, Deal.contact_id, ticket)
    if whose is None:
        return 0, None
    found = session.execute(
        select(func.count(), func.min(Deal.name)).where(
            whose, Deal.stage_type == StageType.OPEN, Deal.archived_at.is_(None)
        )
    ).one()
    return int(found[0]), found[1]


def _ticket_counts(session: Session, ticket: Ticket) -> tuple[int, int]:
    whose = _whose(Ticket.company_id, Ticket.contact_id, ticket)
    if whose is None:
        return 0, 0
    done = case((Ticket.status.in_(DONE), 1), else_=0)
    found = session.execute(
        select(func.count(), func.sum(done)).where(whose, Ticket.archived_at.is_(None))
    ).one()
    finished = int(found[1] or 0)
    return int(found[0]) - finished, finished


def _others(session: Session, ticket: Ticket) -> tuple[OtherTicket, ...]:
    whose = _whose(Ticket.company_id, Ticket.contact_id, ticket)
    if whose is None:
        return ()
    found = session.execute(
        select(Ticket.id, Ticket.number, Ticket.subject, Ticket.status, Ticket.opened_at)
        .where(whose, Ticket.id != ticket.id, Ticket.archived_at.is_(None))
        .order_by(Ticket.opened_at.desc())
        .limit(3)
    )
    return tuple(OtherTicket(i, n, s, status in DONE, at) for i, n, s, status, at in found)


def _whose(company: Any, contact: Any, ticket: Ticket) -> ColumnElement[bool] | None:
    """Return the clause for records of the ticket's company, else of its person."""
    if ticket.company_id is not None:
        return cast("ColumnElement[bool]", company == ticket.company_id)
    if ticket.contact_id is not None:
        return cast("ColumnElement[bool]", contact == ticket.contact_id)
    return None


def canned_reply_rows(session: Session, user_id: int | None) -> list[CannedReplyRow]:
    """Return the replies a person may use: own, of the team, of all."""
    team = session.scalar(select(User.team).where(User.id == user_id))
    everybody = CannedReply.owner_id.is_(None) & CannedReply.team.is_(None)
    mine = CannedReply.owner_id == user_id
    found = select(CannedReply).where(
        CannedReply.archived_at.is_(None), or_(everybody, mine, CannedReply.team == team)
    )
    return [
        CannedReplyRow(
            reply.id,
            reply.name,
            reply.body,
            "personal" if reply.owner_id else "team" if reply.team else "all",
        )
        for reply in session.scalars(found.order_by(CannedReply.name_key, CannedReply.id))
    ]
