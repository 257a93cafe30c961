"""Tickets with their threads and clocks."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.commands.ticket_clocks import (
    CLOCKS,
    STEPS,
    ClockRules,
    deadline,
    is_running,
    set_deadlines,
    step_due_at,
)
from app.demo.moments import workday
from app.demo.office import Office, Row, TableRow
from app.demo.words import Weighted, dice, words
from models.ids import new_id
from models.records import Ticket, TicketMessage
from models.values import (
    MessageKind,
    StatusCategory,
    TicketPriority,
    TicketStatus,
    TicketType,
)

_DAYS = 700
_RECENT_DAYS = 6
_PRIORITIES = Weighted.of(
    {
        TicketPriority.LOW: 18,
        TicketPriority.NORMAL: 52,
        TicketPriority.HIGH: 22,
        TicketPriority.URGENT: 8,
    }
)
_RECENT = Weighted.of(
    {
        TicketStatus.NEW: 24,
        TicketStatus.OPEN: 34,
        TicketStatus.WAITING: 20,
        TicketStatus.ON_HOLD: 6,
        TicketStatus.RESOLVED: 16,
    }
)
_OLD = Weighted.of(
    {
        TicketStatus.CLOSED: 88,
        TicketStatus.RESOLVED: 8,
        TicketStatus.ON_HOLD: 1,
        TicketStatus.WAITING: 2,
    }
)
# New and open tickets are young: their clocks run.
_HASTE = {TicketStatus.NEW: 0.15, TicketStatus.OPEN: 0.35}
_SCORES = Weighted.of({5: 52, 4: 26, 3: 11, 2: 6, 1: 5})
_CLOCK_COLUMNS = (
    "response_by", "resolution_by", "answer_by", "next_due_at", "escalate_at",
    "response_missed_at", "resolution_missed_at", "answer_missed_at", "target_priority",
    "response_steps", "resolution_steps", "answer_steps",
)  # fmt: skip
_FEATURED = (
    ("Kestrel Logistics", 0, TicketPriority.URGENT, TicketStatus.NEW),
    ("Maple & Finch", 2, TicketPriority.HIGH, TicketStatus.OPEN),
    ("Osprey Health", 3, TicketPriority.NORMAL, TicketStatus.OPEN),
    ("Brightwater Labs", 1, TicketPriority.HIGH, TicketStatus.OPEN),
    ("Aldgate Partners", 5, TicketPriority.HIGH, TicketStatus.WAITING),
    ("Lumen Studio", 8, TicketPriority.NORMAL, TicketStatus.WAITING),
)


@dataclass(slots=True)
class _Case:
    """A ticket as planned; moments are in order."""

    id: int
    story: Row
    person: int
    status: TicketStatus
    priority: TicketPriority
    opened: datetime
    owner: int | None
    replied: datetime | None = None
    answered: datetime | None = None  # the customer's last message after our reply
    resolved: datetime | None = None
    closed: datetime | None = None
    hold: int = 0
    messages: list[Row] = field(default_factory=list)


def plan_tickets(office: Office, rules: ClockRules) -> list[_Case]:
    """Return all tickets in the order in which they came."""
    rng = dice(office.seed, "tickets")
    stories = Weighted((story, story["weight"]) for story in words("texts")["tickets"])
    total = office.sizes.tickets if office.people else 0
    recent = min(total // 3, 36 + total // 40)
    cases = []
    for n in range(total):
        fresh = n < recent
        days = rng.random() * _RECENT_DAYS if fresh else _RECENT_DAYS + _DAYS * rng.random() ** 1.3
        status = (_RECENT if fresh else _OLD).pick(rng)
        days *= _HASTE.get(status, 1.0)
        person = int(len(office.people) * rng.random() ** 1.5)
        story, priority = stories.pick(rng), _PRIORITIES.pick(rng)
        if n < min(recent, len(_FEATURED)):
            firm, place, priority, status = _FEATURED[n]
            story = words("texts")["tickets"][place]
            found = [
                i for i, p in enumerate(office.people[:40]) if _works_at(office, i, firm) and p
            ]
            person, days = (found or [person])[0], rng.random() * (n + 1) / 2
        owner = _owner(office, status, fresh=fresh, rng=rng)
        opened = _opened(office, days, rng)
        case = _Case(new_id(), story, person, status, priority, opened, owner)
        _live(office, case, rules, rng)
        cases.append(case)
    cases.sort(key=lambda case: case.opened)
    return cases


def _works_at(office: Office, place: int, firm_name: str) -> bool:
    firm = office.people[place].firm
    return firm is not None and office.firms[firm].name == firm_name


def _owner(office: Office, status: TicketStatus, *, fresh: bool, rng: random.Random) -> int | None:
    if status is TicketStatus.NEW and rng.random() < 0.45:  # noqa: PLR2004
        return None
    if rng.random() < (0.35 if fresh else 0.1):
        return 0
    return rng.choice(office.supporters)


def _opened(office: Office, days: float, rng: random.Random) -> datetime:
    moment = office.moments.now - timedelta(minutes=int(days * 1440) + rng.randint(5, 50))
    day = workday(office.moments.day_of(moment))
    return min(office.moments.at(day, rng.randint(8, 18), rng.randrange(60)), moment)


def _live(office: Office, case: _Case, rules: ClockRules, rng: random.Random) -> None:
    """Let the thread run as far as the status says."""
    target = 60 * rules.targets[case.priority][0]
    story, person = case.story, office.people[case.person]
    order = rng.choice(office.order_numbers) if office.order_numbers else "S-80001"
    slots = {"given": person.given, "name": person.name, "order": order}
    now = office.moments.now
    _say(case, MessageKind.CUSTOMER, case.opened, story["open"].format_map(slots))
    if case.status is TicketStatus.NEW:
        return
    # Nine of ten within the target; a quiet ticket of today may still wait for its first answer.
    replied = rules.calendar.add(
        case.opened, int(target * min(2.5, rng.lognormvariate(-1.0, 0.75)))
    )
    if replied >= now:
        if case.status is not TicketStatus.OPEN:
            case.status = TicketStatus.OPEN
        if story["note"]:
            _say(case, MessageKind.NOTE, _within(case.opened, now, 0.6), story["note"])
        return
    if story["note"]:
        _say(case, MessageKind.NOTE, _within(case.opened, replied, 0.7), story["note"])
    case.replied = replied
    _say(case, MessageKind.REPLY, replied, story["reply"].format_map(slots))
    if case.status.category is StatusCategory.PAUSED:
        return
    answered = rules.calendar.add(replied, rng.randint(20, 900) * 60)
    if answered >= now:
        case.status = TicketStatus.WAITING
        return
    case.answered, case.hold = answered, round(rules.calendar.between(replied, answered))
    if case.status is TicketStatus.OPEN:
        _say(
            case,
            MessageKind.CUSTOMER,
            answered,
            "Thank you. One question is still open: does this hold for all our sites?",
        )
        return
    _say(case, MessageKind.CUSTOMER, answered, story["thanks"].format_map(slots))
    case.resolved = min(rules.calendar.add(answered, rng.randint(5, 120) * 60), now)
    if case.status is TicketStatus.CLOSED:
        case.closed = min(case.resolved + timedelta(days=7), now)


def _within(start: datetime, end: datetime, share: float) -> datetime:
    return start + (end - start) * share


def _say(case: _Case, kind: MessageKind, at: datetime, body: str) -> None:
    case.messages.append({"kind": kind, "at": at.replace(microsecond=0), "body": body})


def ticket_rows(office: Office, cases: list[_Case], rules: ClockRules) -> Iterator[TableRow]:
    """Give the rows of the tickets and their threads."""
    rng = dice(office.seed, "ticket rows")
    for place, case in enumerate(cases):
        yield Ticket, _ticket(office, case, rules, office.ground.last_ticket + 1 + place, rng)
        for message in case.messages:
            ours = message["kind"] in {MessageKind.REPLY, MessageKind.NOTE}
            speaker = case.owner if case.owner is not None else office.supporters[0]
            if message["kind"] is MessageKind.NOTE:
                speaker = office.supporters[place % len(office.supporters)]
            yield (
                TicketMessage,
                {
                    "id": new_id(),
                    "created_at": message["at"],
                    "ticket_id": case.id,
                    "kind": message["kind"],
                    "at": message["at"],
                    "body": message["body"],
                    "user_id": office.users[speaker].id if ours else None,
                    "contact_id": None if ours else office.people[case.person].id,
                    "message_id": None,
                },
            )


def _ticket(office: Office, case: _Case, rules: ClockRules, number: int, rng: random.Random) -> Row:
    person = office.people[case.person]
    order = rng.choice(office.order_numbers) if office.order_numbers else "S-80001"
    score = _SCORES.pick(rng) if case.resolved is not None and rng.random() < 0.45 else None  # noqa: PLR2004
    reasons = words("texts")["satisfaction"].get(str(score), [])
    paused = case.status.category is StatusCategory.PAUSED
    unanswered = case.opened if case.replied is None else case.answered
    row: Row = {
        "id": case.id,
        "created_at": case.opened,
        "updated_at": case.messages[-1]["at"],
        "number": number,
        "subject": case.story["subject"].format(order=order),
        "status": case.status,
        "priority": case.priority,
        "type": TicketType(case.story["type"]),
        "category": case.story["category"],
        "team": case.story["team"],
        "channel": rng.choice(words("texts")["channels"]["tickets"]),
        "opened_at": case.opened,
        "first_response_at": case.replied,
        "resolved_at": case.resolved,
        "closed_at": case.closed,
        "hold_seconds": case.hold,
        "paused_since": case.replied if paused else None,
        "waiting_since": unanswered if case.status.category is StatusCategory.OPEN else None,
        "response_steps": 0,
        "resolution_steps": 0,
        "answer_steps": 0,
        "escalation_level": 0,
        "satisfaction": score,
        "satisfaction_reason": rng.choice(reasons) if reasons and rng.random() < 0.5 else None,  # noqa: PLR2004
        "owner_id": None if case.owner is None else office.users[case.owner].id,
        "contact_id": person.id,
        "company_id": None if person.firm is None else office.firms[person.firm].id,
        "deal_id": None,
        "merged_into_id": None,
        "follows_id": None,
    }
    return row | _clocks(office, row, rules)


def _clocks(office: Office, row: Row, rules: ClockRules) -> Row:
    """Return the clocks' columns, worked out by the same functions as for every ticket."""
    ticket = Ticket(**row)
    set_deadlines(ticket, rules)
    now, last = office.moments.now, ticket.resolved_at or ticket.paused_since
    for clock in CLOCKS:
        due = deadline(ticket, clock)
        ended = ticket.first_response_at if clock == "response" else last
        if due is not None and clock != "answer" and (ended or now) > due:
            setattr(ticket, f"{clock}_missed_at", due)
        # What was due before the demo was made has been told: no flood of warnings at the start.
        for _ in STEPS if is_running(ticket, clock) else ():
            step = step_due_at(ticket, clock, rules)
            if step is not None and step <= now:
                setattr(ticket, f"{clock}_steps", getattr(ticket, f"{clock}_steps") + 1)
    set_deadlines(ticket, rules)
    return {key: getattr(ticket, key) for key in _CLOCK_COLUMNS}
