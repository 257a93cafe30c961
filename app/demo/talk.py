"""What was said and written: calls, mails, meetings and notes."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from app.demo.office import DealPlan, Office, Person, Row, TableRow
from app.demo.words import dice, words
from models.ids import new_id
from models.records import Activity
from models.values import ActivityKind, CallOutcome, Direction, StageType

_PHASES = ("early", "middle", "late")


def activity_rows(office: Office) -> Iterator[TableRow]:
    """Give the timeline of every deal, and what was said besides."""
    rng = dice(office.seed, "talk")
    texts = words("texts")["activities"]
    by_language = {lang: _texts_for(texts, lang) for lang in ("en", "de", "fr", "ar")}
    for number, plan in enumerate(office.deals):
        person = office.people[plan.person]
        language = words("people")["cultures"][person.culture]["language"]
        known = by_language.get(language, by_language["en"])
        yield from _of_deal(office, plan, number, known, rng)
    for person in office.people:
        if rng.random() < 0.4:  # noqa: PLR2004
            since = office.moments.at(person.created, 9)
            moment = office.moments.between(since, office.moments.now, rng.random(), rng)
            entry = rng.choice(texts["contact"])
            slots = {"given": person.given, "user": office.users[person.owner].name}
            yield _row(office, entry, moment, person, person.owner, slots, None, rng)
    yield from _this_morning(office)


def _texts_for(texts: dict[str, list[Row]], language: str) -> dict[str, list[Row]]:
    return {
        phase: [x for x in entries if x.get("language", language) == language]
        for phase, entries in texts.items()
    }


def _of_deal(
    office: Office, plan: DealPlan, number: int, texts: dict[str, list[Row]], rng: random.Random
) -> Iterator[TableRow]:
    person = office.people[plan.person]
    stages = max(1, len(office.ground.open_stages) - 1)
    reach = plan.died_in / stages
    count = rng.randint(2, 4) + round(2 * reach)
    slots = {
        "deal": plan.name,
        "given": person.given,
        "name": person.name,
        "company": office.firms[plan.firm].name,
        "user": office.users[plan.owner].name,
        "quote": f"A-{1000 + number}",
        "reason": plan.note or "No clear reason given.",
    }
    shares = sorted(rng.random() for _ in range(count))
    if plan.kind is StageType.OPEN:
        shares[-1] = 1.0  # the last touch, from which rotting counts
    for share in shares:
        moment = office.moments.between(plan.opened, plan.ended, share, rng)
        phase = _PHASES[min(2, int(share * reach * 3))]
        entry = rng.choice(texts[phase])
        yield _row(office, entry, moment, person, plan.owner, slots, plan, rng)
    if plan.kind is not StageType.OPEN:
        entry = rng.choice(texts[plan.kind.value])
        moment = plan.ended - timedelta(minutes=rng.randint(2, 25))
        yield _row(office, entry, moment, person, plan.owner, slots, plan, rng)


def _row(
    office: Office,
    entry: Row,
    moment: datetime,
    person: Person,
    owner: int,
    slots: dict[str, Any],
    plan: DealPlan | None,
    rng: random.Random,
) -> TableRow:
    kind = ActivityKind(entry["kind"])
    outcome, seconds = None, None
    if kind is ActivityKind.CALL:
        outcome, seconds = CallOutcome.REACHED, rng.randint(2, 28) * 60 + rng.randrange(60)
    elif kind is ActivityKind.MEETING:
        seconds = rng.choice([1800, 2700, 3600, 5400])
    return (
        Activity,
        {
            "id": new_id(),
            "created_at": moment,
            "kind": kind,
            "at": moment,
            "subject": entry["subject"].format_map(slots),
            "body": entry["body"].format_map(slots),
            "direction": Direction(entry["direction"]) if "direction" in entry else None,
            "outcome": outcome,
            "duration_seconds": seconds,
            "message_id": None,
            "user_id": office.users[owner].id,
            "contact_id": person.id,
            "company_id": None if person.firm is None else office.firms[person.firm].id,
            "deal_id": None if plan is None else plan.id,
            "ticket_id": None,
        },
    )


def _this_morning(office: Office) -> Iterator[TableRow]:
    """Give a few entries of the last hours, so that the newest activity is from today."""
    rng = dice(office.seed, "morning")
    recent = (
        ("Priya Raman", "email", "inbound", "Re: Quote A-1187", 95,
         "Could you send the 36-month option as well? I can sign this week."),
        ("Piotr Kowalski", "call", "inbound", "Truck at half past ten", 170,
         "Asked whether the pallet scanners can go back to the version before."),
        ("Ingrid Bauer", "email", "outbound", "Demo today", 230,
         "Dear Ingrid,\n\nthe link for our demo is in the invitation.\n\nBest regards"),
    )  # fmt: skip
    for name, kind, direction, subject, minutes, body in recent:
        place = office.person_named(name)
        if place is None:
            continue
        person = office.people[place]
        entry = {"kind": kind, "direction": direction, "subject": subject, "body": body}
        moment = office.moments.now - timedelta(minutes=minutes)
        yield _row(office, entry, moment, person, 0, {}, None, rng)
