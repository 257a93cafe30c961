"""What the find-or-run box shows of each record it found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.search import SearchHit, search
from models.records import Company, Contact, Deal, Stage, Task, Ticket
from models.values import Lifecycle, StageType, TicketStatus

PER_KIND = 6
TAKEN = 60


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """One found record; only the fields of its kind are filled."""

    kind: str
    id: int
    title: str
    job_title: str | None = None
    company: str | None = None
    email: str | None = None
    lifecycle: Lifecycle | None = None
    people: int = 0
    open_deals: int = 0
    stage: str | None = None
    stage_type: StageType | None = None
    closes_on: date | None = None
    amount_minor: int | None = None
    currency: str = ""
    number: int | None = None
    status: TicketStatus | None = None
    due_at: datetime | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class FoundRecords:
    """The best rows in order, and how many there are of each kind among the first matches."""

    rows: tuple[FoundRecord, ...]
    counts: dict[str, int]


def find_records(
    session: Session, typed: str, kinds: Sequence[str] | None = None, per_kind: int = PER_KIND
) -> FoundRecords:
    """Return the best matches with what tells them apart, by one statement per kind more."""
    # The people of a found company count as found, so companies are searched for them as well.
    searched = {*kinds, "company"} if kinds is not None and "contact" in kinds else kinds
    hits = search(session, typed, searched, limit=TAKEN)
    if kinds is not None:
        hits = [hit for hit in hits if hit.kind in kinds]
    counts: dict[str, int] = {}
    kept: list[SearchHit] = []
    for hit in hits:
        counts[hit.kind] = counts.get(hit.kind, 0) + 1
        if counts[hit.kind] <= per_kind:
            kept.append(hit)
    found: dict[tuple[str, int], FoundRecord] = {}
    for kind, read in _READERS.items():
        ids = [hit.id for hit in kept if hit.kind == kind]
        if ids:
            found.update({(kind, row.id): row for row in read(session, ids)})
    rows = [
        found.get((hit.kind, hit.id)) or FoundRecord(hit.kind, hit.id, hit.title)
        for hit in kept
        if hit.kind not in _READERS or (hit.kind, hit.id) in found
    ]
    return FoundRecords(tuple(rows), counts)


def _contacts(session: Session, ids: Sequence[int]) -> list[FoundRecord]:
    rows = session.execute(
        select(
            Contact.id,
            Contact.name,
            Contact.job_title,
            Company.name,
            Contact.email,
            Contact.lifecycle,
        )
        .outerjoin(Company, Company.id == Contact.company_id)
        .where(Contact.id.in_(ids))
    )
    return [
        FoundRecord("contact", r[0], r[1], job_title=r[2], company=r[3], email=r[4], lifecycle=r[5])
        for r in rows
    ]


def _companies(session: Session, ids: Sequence[int]) -> list[FoundRecord]:
    people = (
        select(func.count())
        .where(Contact.company_id == Company.id, Contact.archived_at.is_(None))
        .scalar_subquery()
    )
    deals = (
        select(func.count())
        .where(
            Deal.company_id == Company.id,
            Deal.stage_type == StageType.OPEN,
            Deal.archived_at.is_(None),
        )
        .scalar_subquery()
    )
    rows = session.execute(
        select(Company.id, Company.name, people, deals).where(Company.id.in_(ids))
    )
    return [FoundRecord("company", r[0], r[1], people=r[2], open_deals=r[3]) for r in rows]


def _deals(session: Session, ids: Sequence[int]) -> list[FoundRecord]:
    rows = session.execute(
        select(
            Deal.id,
            Deal.name,
            Stage.name,
            Deal.stage_type,
            Deal.expected_close_on,
            Deal.closed_on,
            Deal.amount_minor,
            Deal.currency,
            Company.name,
        )
        .join(Stage, Stage.id == Deal.stage_id)
        .outerjoin(Company, Company.id == Deal.company_id)
        .where(Deal.id.in_(ids))
    )
    return [
        FoundRecord(
            "deal",
            r[0],
            r[1],
            stage=r[2],
            stage_type=r[3],
            closes_on=r[5] or r[4],
            amount_minor=r[6],
            currency=r[7],
            company=r[8],
        )
        for r in rows
    ]


def _tickets(session: Session, ids: Sequence[int]) -> list[FoundRecord]:
    rows = session.execute(
        select(
            Ticket.id,
            Ticket.subject,
            Ticket.number,
            Ticket.status,
            Ticket.next_due_at,
            Company.name,
            Contact.name,
        )
        .outerjoin(Company, Company.id == Ticket.company_id)
        .outerjoin(Contact, Contact.id == Ticket.contact_id)
        .where(Ticket.id.in_(ids))
    )
    return [
        FoundRecord(
            "ticket",
            r[0],
            r[1],
            number=r[2],
            status=r[3],
            due_at=r[4],
            company=r[5] or r[6],
        )
        for r in rows
    ]


def _tasks(session: Session, ids: Sequence[int]) -> list[FoundRecord]:
    rows = session.execute(
        select(Task.id, Task.title, Task.due_at, Task.done_at, Contact.name)
        .outerjoin(Contact, Contact.id == Task.contact_id)
        .where(Task.id.in_(ids))
    )
    return [
        FoundRecord("task", r[0], r[1], due_at=r[2], done=r[3] is not None, company=r[4])
        for r in rows
    ]


def ticket_of_number(session: Session, number: int) -> FoundRecords:
    """Return the ticket of a number, as "#2038" names it."""
    ids = list(session.scalars(select(Ticket.id).where(Ticket.number == number)))
    return FoundRecords(tuple(_tickets(session, ids)) if ids else (), {"ticket": len(ids)})


_READERS: dict[str, Callable[[Session, Sequence[int]], list[FoundRecord]]] = {
    "contact": _contacts,
    "company": _companies,
    "deal": _deals,
    "ticket": _tickets,
    "task": _tasks,
}
