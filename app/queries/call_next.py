"""Whom to call next, with reasons that stand in the data."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models.clock import now, today
from models.records import Activity, Company, Contact, Deal, Event, Ticket
from models.values import ActivityKind, Direction, Lifecycle, StageType, TicketStatus

# Reason → its weight, and how much more when it is stronger (by number of times or days).
WEIGHTS: Final = {
    "wrote": 50,
    "opened": 40,
    "closes": 35,
    "solved": 20,
    "new_lead": 25,
    "no_call": 10,
    "never_called": 8,
}
SIGNALS: Final = ("Email Opened", "Email Link Clicked", "Product Viewed", "Cart Viewed")
CLOSES_WITHIN: Final = 21
QUIET_DAYS: Final = 21
JUST_CALLED: Final = timedelta(days=2)
CANDIDATES: Final = 60


@dataclass(frozen=True, slots=True)
class Reason:
    """Why to call: the kind, a count or a number of days, and a moment where there is one."""

    kind: str
    count: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallSuggestion:
    """A person to call, the best reason first."""

    contact_id: int
    name: str
    company_name: str | None
    phone: str
    deal_id: int | None
    reasons: tuple[Reason, ...]


@dataclass(slots=True)
class _Candidate:
    reasons: list[Reason] = field(default_factory=list)
    deal_id: int | None = None

    @property
    def score(self) -> float:
        return sum(WEIGHTS[reason.kind] + min(reason.count, 5) / 5 for reason in self.reasons)


def call_suggestions(session: Session, user_id: int | None, limit: int = 4) -> list[CallSuggestion]:
    """Return people of the user with a telephone and a reason, the strongest reasons first."""
    found: dict[int, _Candidate] = {}
    for gather in _SOURCES:
        gather(session, user_id, found)
    ids = list(found)
    spoken = _last_calls(session, ids)
    _add_silence(found, spoken)
    recently = {i for i, at in spoken.items() if at > now() - JUST_CALLED}
    people = _people(session, user_id, [i for i in ids if i not in recently])
    ranked = sorted(people, key=lambda row: (-found[row[0]].score, row[1], row[0]))
    return [
        CallSuggestion(
            contact_id=row[0],
            name=row[1],
            company_name=row[3],
            phone=row[2],
            deal_id=found[row[0]].deal_id,
            reasons=tuple(sorted(found[row[0]].reasons, key=lambda r: -WEIGHTS[r.kind])),
        )
        for row in ranked[:limit]
    ]


def _of(found: dict[int, _Candidate], contact_id: int | None) -> _Candidate:
    """Return the candidate of a contact; nobody's is thrown away."""
    return found.setdefault(contact_id, _Candidate()) if contact_id is not None else _Candidate()


def _mine(owner: Any, user_id: int | None) -> Any:
    return or_(owner == user_id, owner.is_(None))


def _closing_deals(session: Session, user_id: int | None, found: dict[int, _Candidate]) -> None:
    day = today()
    rows = session.execute(
        select(Deal.contact_id, Deal.id, Deal.expected_close_on)
        .where(
            Deal.stage_type == StageType.OPEN,
            Deal.archived_at.is_(None),
            Deal.contact_id.is_not(None),
            Deal.expected_close_on >= day,
            Deal.expected_close_on <= day + timedelta(days=CLOSES_WITHIN),
            _mine(Deal.owner_id, user_id),
        )
        .order_by(Deal.expected_close_on, Deal.id)
        .limit(CANDIDATES)
    )
    for contact_id, deal_id, closes_on in rows:
        candidate = _of(found, contact_id)
        if candidate.deal_id is None and closes_on is not None:
            candidate.deal_id = deal_id
            candidate.reasons.append(Reason("closes", (closes_on - day).days))


def _unanswered(session: Session, user_id: int | None, found: dict[int, _Candidate]) -> None:
    """People who wrote or called within a week and have heard nothing since."""
    since = now() - timedelta(days=7)
    incoming = func.max(Activity.at).filter(Activity.direction == Direction.INBOUND)
    outgoing = func.max(Activity.at).filter(Activity.direction == Direction.OUTBOUND)
    rows = session.execute(
        select(Activity.contact_id, incoming)
        .join(Contact, Contact.id == Activity.contact_id)
        .where(
            Activity.at >= since,
            Activity.at <= now(),
            Activity.archived_at.is_(None),
            _mine(Contact.owner_id, user_id),
        )
        .group_by(Activity.contact_id)
        .having(incoming.is_not(None))
        .having(or_(outgoing.is_(None), outgoing < incoming))
        .order_by(incoming.desc())
        .limit(CANDIDATES)
    )
    for contact_id, at in rows:
        _of(found, contact_id).reasons.append(Reason("wrote", at=at))


def _signals(session: Session, user_id: int | None, found: dict[int, _Candidate]) -> None:
    """People who opened mails or looked at products since yesterday, more than once."""
    rows = session.execute(
        select(Event.contact_id, func.count(), func.max(Event.at))
        .join(Contact, Contact.id == Event.contact_id)
        .where(
            Event.name.in_(SIGNALS),
            Event.at >= now() - timedelta(days=1),
            Event.at <= now(),
            _mine(Contact.owner_id, user_id),
        )
        .group_by(Event.contact_id)
        .having(func.count() > 1)
        .order_by(func.count().desc(), Event.contact_id)
        .limit(CANDIDATES)
    )
    for contact_id, times, at in rows:
        candidate = _of(found, contact_id)
        candidate.reasons.append(Reason("opened", int(times), at))


def _solved_tickets(session: Session, user_id: int | None, found: dict[int, _Candidate]) -> None:
    rows = session.execute(
        select(Ticket.contact_id, func.max(Ticket.resolved_at))
        .join(Contact, Contact.id == Ticket.contact_id)
        .where(
            Ticket.status.in_((TicketStatus.RESOLVED, TicketStatus.CLOSED)),
            Ticket.resolved_at >= now() - timedelta(days=5),
            Ticket.archived_at.is_(None),
            _mine(Contact.owner_id, user_id),
        )
        .group_by(Ticket.contact_id)
        .order_by(func.max(Ticket.resolved_at).desc())
        .limit(CANDIDATES)
    )
    for contact_id, at in rows:
        _of(found, contact_id).reasons.append(Reason("solved", at=at))


def _new_leads(session: Session, user_id: int | None, found: dict[int, _Candidate]) -> None:
    rows = session.execute(
        select(Contact.id, Contact.created_at)
        .where(
            Contact.lifecycle.in_((Lifecycle.LEAD, Lifecycle.QUALIFIED)),
            Contact.created_at >= now() - timedelta(days=7),
            Contact.phone_key.is_not(None),
            _mine(Contact.owner_id, user_id),
            Contact.archived_at.is_(None),
        )
        .order_by(Contact.created_at.desc())
        .limit(CANDIDATES)
    )
    for contact_id, at in rows:
        _of(found, contact_id).reasons.append(Reason("new_lead", at=at))


_SOURCES: Final[tuple[Callable[[Session, int | None, dict[int, _Candidate]], None], ...]] = (
    _unanswered,
    _signals,
    _closing_deals,
    _solved_tickets,
    _new_leads,
)


def _last_calls(session: Session, ids: Iterable[int]) -> dict[int, datetime]:
    rows = session.execute(
        select(Activity.contact_id, func.max(Activity.at))
        .where(
            Activity.contact_id.in_(list(ids)),
            Activity.kind == ActivityKind.CALL,
            Activity.archived_at.is_(None),
        )
        .group_by(Activity.contact_id)
    )
    return {int(contact_id): at for contact_id, at in rows if contact_id is not None}


def _add_silence(found: dict[int, _Candidate], spoken: dict[int, datetime]) -> None:
    for contact_id, candidate in found.items():
        at = spoken.get(contact_id)
        if at is None:
            candidate.reasons.append(Reason("never_called"))
        elif (quiet := (now() - at).days) >= QUIET_DAYS:
            candidate.reasons.append(Reason("no_call", quiet, at))


def _people(session: Session, user_id: int | None, ids: list[int]) -> list[Any]:
    rows = session.execute(
        select(Contact.id, Contact.name, Contact.phone, Company.name)
        .outerjoin(Company, Company.id == Contact.company_id)
        .where(
            Contact.id.in_(ids),
            Contact.archived_at.is_(None),
            Contact.phone.is_not(None),
            or_(Contact.phone_consent.is_(None), Contact.phone_consent.is_(True)),
            _mine(Contact.owner_id, user_id),
        )
    )
    return list(rows)
