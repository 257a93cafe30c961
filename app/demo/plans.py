"""Tasks, appointments and their reminders."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from app.demo.moments import workday
from app.demo.office import DealPlan, Office, Person, Row, TableRow
from app.demo.words import dice, words
from models.ids import new_id
from models.records import Appointment, Reminder, Task
from models.values import RepeatFrom, StageType, TaskPriority

_SUNDAY = 6


def task_rows(office: Office) -> Iterator[TableRow]:
    """Give what is overdue, due today and planned, and what was done."""
    yield from _featured(office)
    rng = dice(office.seed, "tasks")
    titles = words("texts")["tasks"]
    for plan in office.deals:
        person = office.people[plan.person]
        if plan.kind is StageType.OPEN:
            if not plan.rotting and rng.random() < 0.62:  # noqa: PLR2004
                title = _title(rng.choice(titles["deal"]), office, plan, rng)
                due = _due(office, rng, own=plan.owner == 0)
                yield from _task(office, title, due, person, plan.owner, rng, plan=plan)
        elif rng.random() < 0.3:  # noqa: PLR2004
            due = office.moments.between(plan.opened, plan.ended, rng.random(), rng)
            title = rng.choice(titles["done"])
            yield from _task(office, title, due, person, plan.owner, rng, plan=plan, done=True)
    for person in office.people[len(words("people")["featured"]) :]:
        if rng.random() < 0.06:  # noqa: PLR2004
            title = rng.choice(titles["contact"]).format(given=person.given)
            due = _due(office, rng, own=person.owner == 0)
            yield from _task(office, title, due, person, person.owner, rng)


def _title(pattern: str, office: Office, plan: DealPlan, rng: random.Random) -> str:
    return pattern.format(
        deal=plan.name,
        given=office.people[plan.person].given,
        company=office.firms[plan.firm].name,
        quote=f"A-{rng.randint(1000, 9999)}",
    )


def _due(office: Office, rng: random.Random, *, own: bool) -> datetime:
    """Return when something is due; the first user's today and overdue tasks are chosen by hand."""
    roll = rng.random()
    if own or roll < 0.78:  # noqa: PLR2004
        day = office.moments.today + timedelta(days=rng.randint(2, 18))
        day += timedelta(days=max(0, day.weekday() - 4) and 7 - day.weekday())
    elif roll < 0.9:  # noqa: PLR2004
        day = office.moments.today
    else:
        day = workday(office.moments.ago(rng.randint(1, 6)))
    return office.moments.at(day, rng.randint(9, 17), rng.choice([0, 0, 30]))


def _featured(office: Office) -> Iterator[TableRow]:
    rng = dice(office.seed, "featured tasks")
    known = words("texts")["tasks"]
    today = office.moments.today
    parts = [*known["featured_overdue"], *known["featured_today"], *known["featured_later"]]
    for part in parts:
        place = office.person_named(part["person"])
        if part["person"] is not None and place is None:
            continue
        day = today + timedelta(days=part.get("days", 0))
        hour = part.get("hour", 17)
        due = office.moments.at(day, 0 if hour is None else hour)
        person = None if place is None else office.people[place]
        plan = _open_deal(office, person)
        yield from _task(
            office, part["title"], due, person, 0, rng, plan=plan, part=part, all_day=hour is None
        )


def _open_deal(office: Office, person: Person | None) -> DealPlan | None:
    if person is None:
        return None
    mine = (
        plan
        for plan in office.deals
        if plan.kind is StageType.OPEN and plan.firm == person.firm and not plan.rotting
    )
    return next(mine, None)


def _task(
    office: Office,
    title: str,
    due: datetime,
    person: Person | None,
    owner: int,
    rng: random.Random,
    *,
    plan: DealPlan | None = None,
    part: Row | None = None,
    all_day: bool = False,
    done: bool = False,
) -> Iterator[TableRow]:
    part = part or {}
    task_id = new_id()
    made = min(due, office.moments.now) - timedelta(days=rng.randint(1, 9), hours=rng.randint(0, 5))
    if plan is not None:
        made = max(made, plan.opened)
    finished = min(due + timedelta(hours=rng.randint(-3, 20)), office.moments.now)
    if plan is not None and done:
        finished = min(finished, plan.ended)
    rule = part.get("repeat")
    priority = part.get("priority") or rng.choice(["normal", "normal", "normal", "high", "low"])
    yield (
        Task,
        {
            "id": task_id,
            "created_at": made,
            "updated_at": finished if done else made,
            "title": title,
            "notes": part.get("notes"),
            "due_at": due,
            "due_all_day": all_day,
            "done_at": finished if done else None,
            "priority": TaskPriority(priority),
            "repeat_rule": rule,
            "repeat_from": RepeatFrom.COMPLETION,
            "repeat_start_at": due if rule else None,
            "series_id": task_id if rule else None,
            "owner_id": office.users[owner].id,
            "contact_id": None if person is None else person.id,
            "company_id": None
            if person is None or person.firm is None
            else office.firms[person.firm].id,
            "deal_id": None if plan is None else plan.id,
            "ticket_id": None,
        },
    )
    if not done and not all_day and (part or rng.random() < 0.35):  # noqa: PLR2004
        yield _reminder(office, due, rng.choice([10, 15, 30]), owner, made, task_id=task_id)


def _reminder(
    office: Office, due: datetime, minutes: int, owner: int, made: datetime, **link: int
) -> TableRow:
    moment = due - timedelta(minutes=minutes)
    # What lay before the demo was made has been seen; only what comes will ring.
    fired = moment if moment <= office.moments.now + timedelta(hours=1) else None
    return (
        Reminder,
        {
            "id": new_id(),
            "created_at": min(made, moment),
            "task_id": link.get("task_id"),
            "appointment_id": link.get("appointment_id"),
            "owner_id": office.users[owner].id,
            "due_at": moment,
            "minutes_before": minutes,
            "fired_at": fired,
            "seen_at": fired,
            "until_answered": False,
        },
    )


def appointment_rows(office: Office) -> Iterator[TableRow]:
    """Give today's appointments of the first user, and everybody's of the weeks around."""
    rng = dice(office.seed, "appointments")
    known = words("texts")["appointments"]
    for part in known["today"]:
        place = office.person_named(part["person"])
        if part["person"] is not None and place is None:
            continue
        person = None if place is None else office.people[place]
        start = office.moments.at(office.moments.today, *part["start"])
        yield from _appointment(office, part["title"], start, part, person, 0, rng)
    busy: set[tuple[int, datetime]] = set()
    for _ in range(min(600, 24 + office.sizes.deals // 40) if office.deals else 0):
        plan = rng.choice(office.deals)
        if plan.kind is StageType.OPEN and plan.rotting:
            continue
        day = office.moments.today + timedelta(days=rng.randint(-21, 21))
        weekend = day.weekday() in {5, _SUNDAY}
        if (
            weekend
            or day == office.moments.today
            or (plan.kind is not StageType.OPEN and day > office.moments.today)
        ):
            continue
        start = office.moments.at(day, rng.randint(9, 16), rng.choice([0, 30]))
        if (plan.owner, start) in busy:
            continue
        busy.add((plan.owner, start))
        person = office.people[plan.person]
        title = rng.choice(known["other"]).format(
            company=office.firms[plan.firm].name, given=person.given
        )
        part = {"minutes": rng.choice([30, 45, 60]), "location": rng.choice(known["places"])}
        yield from _appointment(office, title, start, part, person, plan.owner, rng, plan)


def _appointment(
    office: Office,
    title: str,
    start: datetime,
    part: dict[str, Any],
    person: Person | None,
    owner: int,
    rng: random.Random,
    plan: DealPlan | None = None,
) -> Iterator[TableRow]:
    appointment_id = new_id()
    made = min(start, office.moments.now) - timedelta(days=rng.randint(1, 8))
    yield (
        Appointment,
        {
            "id": appointment_id,
            "created_at": made,
            "title": title,
            "notes": None,
            "starts_at": start,
            "ends_at": start + timedelta(minutes=part["minutes"]),
            "all_day": False,
            "location": part["location"],
            "cancelled_at": None,
            "owner_id": office.users[owner].id,
            "contact_id": None if person is None else person.id,
            "company_id": None
            if person is None or person.firm is None
            else office.firms[person.firm].id,
            "deal_id": None if plan is None else plan.id,
        },
    )
    if "remind" in part:
        yield _reminder(office, start, part["remind"], owner, made, appointment_id=appointment_id)
