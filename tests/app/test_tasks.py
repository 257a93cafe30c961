"""To-dos and appointments: commands, buckets, snoozing and natural text."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.appointments import (
    archive_appointment,
    cancel_appointment,
    change_appointment,
    create_appointment,
)
from app.commands.companies import create_company
from app.commands.contacts import create_contact
from app.commands.settings import change_workspace_settings
from app.commands.tasks import (
    archive_tasks,
    change_task,
    complete_task,
    create_task,
    make_scheduled_occurrences,
    reopen_task,
    snooze_task,
)
from app.commands.users import create_user
from app.errors import UserError
from app.recurrence import daily, weekly
from app.task_times import bucket_of, parse_task, snooze_choices
from app.workspace import Workspace
from models.clock import now, standing_at
from models.records import Appointment, Reminder, Task
from models.values import RepeatFrom, TaskBucket
from tests.conftest import count, read, run, undo_roundtrip

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 9, 12, tzinfo=BERLIN)


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with standing_at(MONDAY):
        yield


@pytest.fixture(autouse=True)
def in_berlin(request: pytest.FixtureRequest) -> None:
    if "store" in request.fixturenames:
        store: Workspace = request.getfixturevalue("store")
        run(store, change_workspace_settings, time_zone="Europe/Berlin")


def loose(store: Workspace, statement: Any) -> Any:
    def one(session: Session) -> Any:
        found = session.scalars(statement).one()
        session.expunge(found)
        return found

    return read(store, one)


def task(store: Workspace, task_id: int | None) -> Any:
    return loose(store, select(Task).where(Task.id == task_id))


def reminder(store: Workspace, task_id: int) -> Any:
    return loose(store, select(Reminder).where(Reminder.task_id == task_id))


def test_a_task_reminds_its_owner_when_it_is_due(store: Workspace) -> None:
    due = MONDAY + timedelta(days=3)
    made = undo_roundtrip(store, create_task, title=" Call back ", due_at=due)
    assert task(store, made).title == "Call back"
    assert task(store, made).owner_id == store.user_id
    assert reminder(store, made).due_at == due
    assert reminder(store, made).owner_id == store.user_id


def test_an_all_day_task_reminds_in_the_morning_of_its_day(store: Workspace) -> None:
    day = datetime(2026, 11, 26, tzinfo=BERLIN)
    made = run(store, create_task, title="Renew", due_at=day, due_all_day=True)
    assert reminder(store, made).due_at == datetime(2026, 11, 26, 9, tzinfo=BERLIN)


def test_a_task_about_a_person_is_about_the_company_too(store: Workspace) -> None:
    company = run(store, create_company, name="Osprey Health")
    person = run(store, create_contact, name="Leila Haddad", company_id=company)
    made = run(store, create_task, title="Ask", contact_id=person)
    assert task(store, made).company_id == company


def test_moving_a_task_moves_its_reminder(store: Workspace) -> None:
    due = MONDAY + timedelta(days=1)
    made = run(store, create_task, title="Call", due_at=due, remind_minutes_before=15)
    later = due + timedelta(hours=4)
    undo_roundtrip(store, change_task, task_id=made, due_at=later)
    assert reminder(store, made).due_at == later - timedelta(minutes=15)


def test_a_new_owner_gets_the_reminder(store: Workspace) -> None:
    jonas = run(store, create_user, name="Jonas Lind")
    made = run(store, create_task, title="Call", due_at=MONDAY + timedelta(days=1))
    run(store, change_task, task_id=made, owner_id=jonas)
    assert reminder(store, made).owner_id == jonas


def test_the_reminder_can_be_taken_away(store: Workspace) -> None:
    made = run(store, create_task, title="Call", due_at=MONDAY + timedelta(days=1))
    undo_roundtrip(store, change_task, task_id=made, remind_minutes_before=None)
    assert count(store, Reminder) == 0


def test_a_form_opened_before_a_save_is_refused(store: Workspace) -> None:
    made = run(store, create_task, title="Call")
    version = task(store, made).row_version
    run(store, change_task, task_id=made, row_version=version, title="Call Nadia")
    with pytest.raises(UserError):
        run(store, change_task, task_id=made, row_version=version, title="Call Oskar")


def test_completing_and_reopening(store: Workspace) -> None:
    made = run(store, create_task, title="Call")
    assert undo_roundtrip(store, complete_task, task_id=made) is None
    assert task(store, made).done_at == MONDAY
    with pytest.raises(UserError):
        run(store, complete_task, task_id=made)
    undo_roundtrip(store, reopen_task, task_id=made)
    assert task(store, made).done_at is None


def test_a_title_is_needed(store: Workspace) -> None:
    with pytest.raises(UserError) as refused:
        run(store, create_task, title="  ")
    assert refused.value.field == "title"


def test_completing_a_repeating_task_makes_the_next(store: Workspace) -> None:
    due = datetime(2026, 11, 16, 9, tzinfo=BERLIN)  # a week late
    made = run(
        store,
        create_task,
        title="Report",
        due_at=due,
        repeat_rule=weekly({0}),
        remind_minutes_before=30,
    )
    following = undo_roundtrip(store, complete_task, task_id=made)
    found = task(store, following)
    assert found.due_at == datetime(2026, 11, 30, 9, tzinfo=BERLIN)  # not the missed ones
    assert found.repeat_rule == weekly({0})
    assert found.series_id == made
    assert reminder(store, found.id).due_at == found.due_at - timedelta(minutes=30)
    assert task(store, made).repeat_rule is None  # the rule moved on: no second "next"
    run(store, reopen_task, task_id=made)
    assert run(store, complete_task, task_id=made) is None


def test_completing_early_does_not_repeat_the_same_day(store: Workspace) -> None:
    due = datetime(2026, 11, 23, 18, tzinfo=BERLIN)
    made = run(store, create_task, title="Backup", due_at=due, repeat_rule=daily())
    following = run(store, complete_task, task_id=made)
    assert task(store, following).due_at == due + timedelta(days=1)


def test_a_series_that_has_ended_makes_no_next(store: Workspace) -> None:
    made = run(store, create_task, title="Once", due_at=MONDAY, repeat_rule="FREQ=DAILY;COUNT=1")
    assert run(store, complete_task, task_id=made) is None
    assert count(store, Task) == 1


def test_on_schedule_the_next_comes_though_this_one_is_open(store: Workspace) -> None:
    due = datetime(2026, 11, 23, 9, tzinfo=BERLIN)
    made = run(
        store,
        create_task,
        title="Check stock",
        due_at=due,
        repeat_rule=daily(),
        repeat_from=RepeatFrom.SCHEDULE,
    )
    assert undo_roundtrip(store, make_scheduled_occurrences) == 1
    assert task(store, made).done_at is None
    assert run(store, make_scheduled_occurrences) == 0
    assert count(store, Task) == 2


def test_on_schedule_three_missed_weeks_make_one_late_and_one_coming_task(store: Workspace) -> None:
    due = datetime(2026, 11, 2, 9, tzinfo=BERLIN)
    run(
        store,
        create_task,
        title="Check stock",
        due_at=due,
        repeat_rule=daily(),
        repeat_from=RepeatFrom.SCHEDULE,
    )
    assert run(store, make_scheduled_occurrences) == 2
    dues = read(store, lambda s: list(s.scalars(select(Task.due_at).order_by(Task.due_at))))
    assert [d.astimezone(BERLIN).day for d in dues] == [2, 23, 24]


def test_before_it_is_due_a_schedule_makes_nothing(store: Workspace) -> None:
    run(
        store,
        create_task,
        title="Later",
        due_at=MONDAY + timedelta(hours=1),
        repeat_rule=daily(),
        repeat_from=RepeatFrom.SCHEDULE,
    )
    assert run(store, make_scheduled_occurrences) == 0


def test_a_rule_needs_a_due_moment_and_must_be_a_rule(store: Workspace) -> None:
    with pytest.raises(UserError):
        run(store, create_task, title="Sometime", repeat_rule=daily())
    with pytest.raises(UserError):
        run(store, create_task, title="Odd", due_at=MONDAY, repeat_rule="EVERY BLUE MOON")


def test_snoozing_moves_task_and_reminder(store: Workspace) -> None:
    made = run(store, create_task, title="Call", due_at=MONDAY - timedelta(days=1))
    until = MONDAY + timedelta(hours=1)
    undo_roundtrip(store, snooze_task, task_id=made, until=until)
    assert task(store, made).due_at == until
    assert reminder(store, made).due_at == until
    with pytest.raises(UserError):
        run(store, snooze_task, task_id=made, until=MONDAY - timedelta(hours=1))


def test_snoozing_an_all_day_task_does_not_take_the_day_from_its_series(store: Workspace) -> None:
    day = datetime(2026, 11, 23, tzinfo=BERLIN)
    made = run(store, create_task, title="Water", due_at=day, due_all_day=True, repeat_rule=daily())
    run(store, snooze_task, task_id=made, until=MONDAY + timedelta(hours=2))
    with standing_at(MONDAY + timedelta(hours=3)):
        following = task(store, run(store, complete_task, task_id=made))
    assert following.due_all_day
    assert following.due_at == day + timedelta(days=1)


def test_only_somebody_can_answer(store: Workspace) -> None:
    made = run(store, create_task, title="Think")
    with pytest.raises(UserError):
        run(store, snooze_task, task_id=made, until=None)


def test_archiving(store: Workspace) -> None:
    made = run(store, create_task, title="Old")
    assert undo_roundtrip(store, archive_tasks, ids=[made]) == 1


def test_an_appointment_keeps_its_length_when_it_moves(store: Workspace) -> None:
    start = MONDAY + timedelta(hours=2)
    made = undo_roundtrip(
        store,
        create_appointment,
        title="Demo",
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        location="Teams",
    )
    undo_roundtrip(
        store, change_appointment, appointment_id=made, starts_at=start + timedelta(days=1)
    )
    found = loose(store, select(Appointment).where(Appointment.id == made))
    assert found.ends_at == start + timedelta(days=1, hours=1)
    moved = loose(store, select(Reminder))
    assert moved.due_at == start + timedelta(days=1) - timedelta(minutes=10)
    undo_roundtrip(store, cancel_appointment, appointment_id=made)
    undo_roundtrip(store, archive_appointment, appointment_id=made)


def test_an_appointment_ends_after_it_begins(store: Workspace) -> None:
    with pytest.raises(UserError) as refused:
        run(
            store,
            create_appointment,
            title="Backwards",
            starts_at=MONDAY,
            ends_at=MONDAY - timedelta(hours=1),
        )
    assert refused.value.field == "ends_at"


@pytest.mark.parametrize(
    ("due", "all_day", "bucket"),
    [
        ((2026, 11, 22, 9), False, TaskBucket.OVERDUE),
        ((2026, 11, 23, 9, 0), False, TaskBucket.OVERDUE),
        ((2026, 11, 23, 0), True, TaskBucket.TODAY),
        ((2026, 11, 22, 0), True, TaskBucket.OVERDUE),
        ((2026, 11, 23, 23, 59), False, TaskBucket.TODAY),
        ((2026, 11, 24, 0), False, TaskBucket.TOMORROW),
        ((2026, 11, 25, 0), False, TaskBucket.THIS_WEEK),
        ((2026, 11, 29, 23, 59), False, TaskBucket.THIS_WEEK),
        ((2026, 11, 30, 0), False, TaskBucket.LATER),
    ],
)
def test_buckets(due: tuple[int, ...], all_day: bool, bucket: TaskBucket) -> None:
    moment = datetime(*due, tzinfo=BERLIN)  # type: ignore[arg-type,misc]
    assert bucket_of(moment, now(), BERLIN, all_day=all_day) is bucket


def test_without_a_due_moment_it_is_for_later() -> None:
    assert bucket_of(None, now(), BERLIN) is TaskBucket.LATER


def test_ways_to_snooze() -> None:
    found = {choice.key: choice.until for choice in snooze_choices(now(), BERLIN)}
    assert found == {
        "ten_minutes": MONDAY + timedelta(minutes=10),
        "one_hour": MONDAY + timedelta(hours=1),
        "this_evening": datetime(2026, 11, 23, 18, tzinfo=BERLIN),
        "tomorrow": datetime(2026, 11, 24, 9, tzinfo=BERLIN),
        "monday": datetime(2026, 11, 30, 9, tzinfo=BERLIN),
        "until_answered": None,
    }


def test_this_evening_is_offered_only_while_it_is_ahead() -> None:
    evening = datetime(2026, 11, 23, 19, tzinfo=BERLIN)
    assert "this_evening" not in {choice.key for choice in snooze_choices(evening, BERLIN)}


@pytest.mark.parametrize(
    ("text", "title", "due", "all_day"),
    [
        ("call back in 3 days", "call back", (2026, 11, 26), True),
        ("Call Nadia tomorrow at 14:00", "Call Nadia", (2026, 11, 24, 14), False),
        ("Call Nadia at 9 am on Friday", "Call Nadia", (2026, 11, 27, 9), False),
        ("ring in 10 minutes", "ring", (2026, 11, 23, 9, 22), False),
        ("in two weeks visit Osprey", "visit Osprey", (2026, 12, 7), True),
        ("Send the offer by 15 Dec", "Send the offer", (2026, 12, 15), True),
        ("Congratulate 3 March", "Congratulate", (2027, 3, 3), True),
        ("Pay 2026-12-01 10:30", "Pay", (2026, 12, 1, 10, 30), False),
        ("Plan next week", "Plan", (2026, 11, 30), True),
        ("Review monday", "Review", (2026, 11, 30), True),
        ("Call at 8:00", "Call", (2026, 11, 24, 8), False),
        ("Write tonight", "Write", (2026, 11, 23, 18), False),
        ("Renew in a year", "Renew", (2027, 11, 23), True),
    ],
)
def test_natural_text(text: str, title: str, due: tuple[int, ...], all_day: bool) -> None:
    found = parse_task(text, now(), BERLIN)
    moment = datetime(*due, tzinfo=BERLIN)  # type: ignore[arg-type,misc]
    assert (found.title, found.due_at, found.all_day) == (title, moment, all_day)


@pytest.mark.parametrize(
    "text", ["Send quote", "Order 15 marbles", "31 June is no day", "Version 12.30", ""]
)
def test_what_is_no_date_stays_in_the_title(text: str) -> None:
    found = parse_task(text, now(), BERLIN)
    assert (found.title, found.due_at) == (text, None)


def test_a_title_is_never_empty() -> None:
    assert parse_task("tomorrow", now(), BERLIN).title == "tomorrow"


def test_the_day_is_the_zones_own() -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # already Tuesday in Berlin
    found = parse_task("call tomorrow", late, BERLIN)
    assert found.due_at == datetime(2026, 11, 25, tzinfo=BERLIN)
