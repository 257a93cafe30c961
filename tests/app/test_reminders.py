"""A reminder fires once per occurrence, for its owner only, wherever the owner has it open."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.commands.activities import log_activity
from app.commands.appointments import cancel_appointment, create_appointment
from app.commands.contacts import create_contact
from app.commands.reminders import (
    FiredReminder,
    claim_due_reminders,
    mark_reminders_seen,
    snooze_reminder,
)
from app.commands.tasks import complete_task, create_task, reopen_task, snooze_task
from app.commands.users import create_user
from app.errors import UserError
from app.history import undo_candidate, undo_step
from app.queries.tasks import next_reminder_at, notification_rows, task_rows
from app.workspace import Workspace
from models.clock import standing_at
from models.records import Reminder, Task
from models.values import ActivityKind, Direction, TaskBucket
from tests.conftest import USER, count, read, run, undo_roundtrip

NINE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
DUE = NINE + timedelta(hours=1)


@pytest.fixture(autouse=True)
def at_nine() -> Iterator[None]:
    with standing_at(NINE):
        yield


def claim(store: Workspace, at: datetime = DUE, user_id: int | None = -1) -> list[FiredReminder]:
    """Claim as the job does: not undoable, in the user's name."""
    user = store.user_id if user_id == -1 else user_id
    with standing_at(at):
        found = store.writer.submit(
            "Remind", claim_due_reminders, user_id=user, undoable=False
        ).result()
    value: list[FiredReminder] = found.value
    return value


def only_reminder(store: Workspace) -> int:
    return int(read(store, lambda session: session.scalars(select(Reminder.id)).one()))


def test_a_reminder_fires_once(store: Workspace) -> None:
    person = run(store, create_contact, name="Nadia Petrova")
    made = run(store, create_task, title="Call back", due_at=DUE, contact_id=person)
    assert claim(store, NINE) == []
    [fired] = claim(store)
    assert (fired.kind, fired.record_id, fired.title) == ("task", made, "Call back")
    assert (fired.contact_name, fired.at) == ("Nadia Petrova", DUE)
    assert claim(store, DUE + timedelta(days=1)) == []


def test_never_for_somebody_else(store: Workspace) -> None:
    jonas = run(store, create_user, name="Jonas Lind")
    run(store, create_task, title="Call back", due_at=DUE, owner_id=jonas)
    assert claim(store) == []
    assert claim(store, user_id=None) == []
    assert [fired.title for fired in claim(store, user_id=jonas)] == ["Call back"]


def test_two_programs_of_one_owner_share_it(workspace_path: Path) -> None:
    office = Workspace.open(workspace_path, user_name=USER, watch=False)
    laptop = Workspace.open(workspace_path, user_name=USER, watch=False)
    try:
        assert office.user_id == laptop.user_id
        run(office, create_task, title="Call back", due_at=DUE)
        both = [claim(office), claim(laptop)]
        assert sorted(len(fired) for fired in both) == [0, 1]
    finally:
        office.close()
        laptop.close()


def test_two_programs_at_the_same_time(workspace_path: Path) -> None:
    office = Workspace.open(workspace_path, user_name=USER, watch=False)
    laptop = Workspace.open(workspace_path, user_name=USER, watch=False)
    try:
        for number in range(20):
            run(office, create_task, title=f"Call {number}", due_at=DUE)
        with standing_at(DUE):
            running = [
                place.writer.submit(
                    "Remind", claim_due_reminders, user_id=place.user_id, undoable=False
                )
                for _ in range(5)
                for place in (office, laptop)
            ]
            titles = [one.title for future in running for one in future.result().value]
        assert sorted(titles) == sorted(f"Call {number}" for number in range(20))
    finally:
        office.close()
        laptop.close()


def test_what_fell_due_while_closed_comes_newest_first(workspace_path: Path) -> None:
    before = Workspace.open(workspace_path, user_name=USER, watch=False)
    for hours in (1, 3, 2):
        run(before, create_task, title=f"In {hours} h", due_at=NINE + timedelta(hours=hours))
    before.close()
    after = Workspace.open(workspace_path, user_name=USER, watch=False)
    try:
        fired = claim(after, NINE + timedelta(days=1))
        assert [one.title for one in fired] == ["In 3 h", "In 2 h", "In 1 h"]
        assert claim(after, NINE + timedelta(days=2)) == []
    finally:
        after.close()


def test_done_and_cancelled_things_do_not_remind(store: Workspace) -> None:
    task = run(store, create_task, title="Call back", due_at=DUE)
    run(store, complete_task, task_id=task)
    meeting = run(store, create_appointment, title="Demo", starts_at=DUE)
    run(store, cancel_appointment, appointment_id=meeting)
    assert claim(store) == []
    run(store, reopen_task, task_id=task)
    assert claim(store) == []  # its moment has passed


def test_each_occurrence_reminds_once(store: Workspace) -> None:
    task = run(store, create_task, title="Stock", due_at=DUE, repeat_rule="FREQ=DAILY")
    assert len(claim(store)) == 1
    with standing_at(DUE):
        run(store, complete_task, task_id=task)
    assert claim(store) == []
    assert len(claim(store, DUE + timedelta(days=1))) == 1


def test_an_appointment_reminds_before_it_starts(store: Workspace) -> None:
    run(store, create_appointment, title="Demo", starts_at=DUE, remind_minutes_before=15)
    assert claim(store, DUE - timedelta(minutes=16)) == []
    [fired] = claim(store, DUE - timedelta(minutes=15))
    assert (fired.kind, fired.at) == ("appointment", DUE)


def test_the_list_holds_what_was_not_answered(store: Workspace) -> None:
    run(store, create_task, title="Call back", due_at=DUE)
    assert read(store, notification_rows, store.user_id) == []
    claim(store)
    [row] = read(store, notification_rows, store.user_id)
    assert row.title == "Call back"
    assert undo_roundtrip(store, mark_reminders_seen, ids=[row.id]) == 1
    assert read(store, notification_rows, store.user_id) == []
    assert run(store, mark_reminders_seen, ids=[row.id]) == 0


def test_done_takes_it_out_of_the_list(store: Workspace) -> None:
    task = run(store, create_task, title="Call back", due_at=DUE)
    claim(store)
    run(store, complete_task, task_id=task)
    assert read(store, notification_rows, store.user_id) == []


def test_snoozed_it_comes_again(store: Workspace) -> None:
    run(store, create_task, title="Call back", due_at=DUE)
    claim(store)
    with standing_at(DUE):
        later = DUE + timedelta(minutes=10)
        undo_roundtrip(store, snooze_reminder, reminder_id=only_reminder(store), until=later)
    assert read(store, notification_rows, store.user_id) == []
    assert read(store, next_reminder_at, store.user_id) == later
    assert claim(store, DUE + timedelta(minutes=9)) == []
    assert len(claim(store, later)) == 1


def test_a_snoozed_appointment_comes_again(store: Workspace) -> None:
    run(store, create_appointment, title="Demo", starts_at=DUE, remind_minutes_before=30)
    claim(store, DUE - timedelta(minutes=30))
    later = DUE - timedelta(minutes=5)
    reminder = only_reminder(store)
    with standing_at(DUE - timedelta(minutes=20)):
        undo_roundtrip(store, snooze_reminder, reminder_id=reminder, until=later)
        with pytest.raises(UserError):
            run(store, snooze_reminder, reminder_id=reminder, until=None)
    assert len(claim(store, later)) == 1


def answered(store: Workspace, **fields: Any) -> None:
    run(store, log_activity, kind=ActivityKind.EMAIL, direction=Direction.INBOUND, **fields)


def test_until_answered(store: Workspace) -> None:
    person = run(store, create_contact, name="Nadia Petrova")
    other = run(store, create_contact, name="Oskar Virtanen")
    task = run(store, create_task, title="Contract", due_at=DUE, contact_id=person)
    claim(store)
    with standing_at(DUE):
        undo_roundtrip(store, snooze_task, task_id=task, until=None)
        [row] = read(store, task_rows, [task])
        assert (row.waits_for_answer, row.bucket) == (True, TaskBucket.LATER)
    assert read(store, next_reminder_at, store.user_id) is None
    with standing_at(DUE + timedelta(hours=1)):
        answered(store, contact_id=other)
        run(store, log_activity, kind=ActivityKind.EMAIL, contact_id=person)  # our own mail
        assert claim(store, DUE + timedelta(hours=1)) == []
        answered(store, contact_id=person)
        assert [one.title for one in claim(store, DUE + timedelta(hours=1))] == ["Contract"]
        [row] = read(store, task_rows, [task])
        assert (row.waits_for_answer, row.due_at) == (False, DUE + timedelta(hours=1))


def test_a_task_can_be_taken_back_after_its_reminder_fired(store: Workspace) -> None:
    run(store, create_task, title="Call back", due_at=DUE)
    assert len(claim(store)) == 1
    step = read(store, undo_candidate, store.user_id, process=store.database.process)
    assert step is not None
    store.change("Undo", undo_step, step=step.n)
    assert (count(store, Task), count(store, Reminder)) == (0, 0)
