"""What the Today page reads: groups, counts, goal and reasons to call."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.commands.activities import log_activity
from app.commands.appointments import cancel_appointment, create_appointment
from app.commands.calls import log_call
from app.commands.contacts import create_contact
from app.commands.deals import create_deal, move_deal_to_stage
from app.commands.settings import change_workspace_settings
from app.commands.tasks import complete_task, create_task
from app.commands.tickets import create_ticket, reply_to_ticket
from app.commands.users import create_user
from app.queries.goal import Goal, month_goal, working_days
from app.queries.tasks import bucket_counts, linked_name
from app.queries.today import TodayList, bucket_rows, needs_now_count, today_list
from app.workspace import Workspace
from models.clock import standing_at
from models.records import Stage, Task
from models.values import (
    ActivityKind,
    CallOutcome,
    Direction,
    ForecastCategory,
    StageType,
    TaskBucket,
    TicketPriority,
)
from tests.conftest import count, read, run, undo_roundtrip

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # a Monday


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with standing_at(NOON):
        yield


@pytest.fixture
def office(store: Workspace) -> Workspace:
    run(store, change_workspace_settings, time_zone="UTC", monthly_goal_minor=9_000_000)
    return store


def today(store: Workspace) -> TodayList:
    return read(store, today_list, store.user_id)


def stage(store: Workspace, name: str) -> int:
    found = select(Stage.id).where(Stage.name == name)
    return int(read(store, lambda session: session.scalars(found).one()))


def task(store: Workspace, title: str, hours: float, **more: Any) -> int:
    made: int = run(store, create_task, title=title, due_at=NOON + timedelta(hours=hours), **more)
    return made


def test_a_new_workspace_is_empty_until_something_is_there(office: Workspace) -> None:
    assert today(office).is_empty_workspace
    run(office, create_task, title="First")
    assert not today(office).is_empty_workspace


def test_tasks_stand_in_their_groups_in_order(office: Workspace) -> None:
    task(office, "Late", -1)
    task(office, "Later late", -30)
    task(office, "Afternoon", 3)
    midnight = NOON.replace(hour=0)
    run(office, create_task, title="Some time today", due_at=midnight, due_all_day=True)
    task(office, "Tomorrow", 24)
    task(office, "Friday", 24 * 4)
    task(office, "Next week", 24 * 8)
    run(office, create_task, title="Some day")
    found = today(office)
    assert [row.title for row in found.overdue] == ["Later late", "Late"]
    assert [row.title for row in found.due_today] == ["Afternoon", "Some time today"]
    assert found.counts == {
        TaskBucket.OVERDUE: 2,
        TaskBucket.TODAY: 2,
        TaskBucket.TOMORROW: 1,
        TaskBucket.THIS_WEEK: 1,
        TaskBucket.LATER: 2,
    }
    for bucket, titles in (
        (TaskBucket.TOMORROW, ["Tomorrow"]),
        (TaskBucket.THIS_WEEK, ["Friday"]),
        (TaskBucket.LATER, ["Next week", "Some day"]),
    ):
        rows = read(office, bucket_rows, office.user_id, bucket)
        assert [row.title for row in rows] == titles
        assert {row.bucket for row in rows} == {bucket}
    assert read(office, needs_now_count, office.user_id) == 4


def test_on_a_sunday_tomorrow_is_not_counted_twice(office: Workspace) -> None:
    task(office, "Monday", 24 * 7)
    with standing_at(NOON + timedelta(days=6)):
        counts = read(office, bucket_counts, office.user_id)
        assert counts[TaskBucket.TOMORROW] == 1
        assert sum(counts.values()) == 1
        assert read(office, bucket_rows, office.user_id, TaskBucket.LATER) == []


def test_done_and_other_peoples_tasks_are_not_mine(office: Workspace) -> None:
    jonas = run(office, create_user, name="Jonas Lind")
    task(office, "His", -1, owner_id=jonas)
    run(office, complete_task, task_id=task(office, "Done", -1))
    assert today(office).overdue == ()


def test_tickets_close_to_breach(office: Workspace) -> None:
    urgent = run(office, create_ticket, subject="Down", priority=TicketPriority.URGENT)
    run(office, create_ticket, subject="Question", priority=TicketPriority.LOW)
    [row] = today(office).tickets
    assert (row.id, row.clock, row.due_at) == (urgent, "response", NOON + timedelta(minutes=30))
    assert not row.is_late
    assert today(office).tickets_run_again_at is None
    run(office, reply_to_ticket, ticket_id=urgent, body="We look into it")
    assert [row.clock for row in today(office).tickets] == ["resolution"]


def test_at_night_the_working_clock_stands_still(office: Workspace) -> None:
    with standing_at(NOON.replace(hour=20)):
        run(office, create_ticket, subject="Down", priority=TicketPriority.HIGH)
        found = today(office)
        # One working hour is left, though it is due fifteen hours from now.
        assert [row.due_at for row in found.tickets] == [datetime(2026, 11, 24, 11, tzinfo=UTC)]
        assert found.tickets_run_again_at == datetime(2026, 11, 24, 10, tzinfo=UTC)


def test_a_deal_goes_quiet_without_touch_or_plan(office: Workspace) -> None:
    with standing_at(NOON - timedelta(days=20)):
        deal = run(office, create_deal, name="Fleet upgrade", amount_minor=3_650_000)
    [row] = today(office).quiet_deals  # 14 days in Qualification
    assert (row.deal.id, row.limit_days, row.days_over) == (deal, 14, 6)
    assert today(office).quiet_deal_count == 1
    run(office, create_task, title="Call", due_at=NOON + timedelta(days=1), deal_id=deal)
    assert today(office).quiet_deals == ()


def test_appointments_of_the_day(office: Workspace) -> None:
    run(office, create_appointment, title="Demo", starts_at=NOON)
    run(office, create_appointment, title="Tomorrow", starts_at=NOON + timedelta(days=1))
    off = run(office, create_appointment, title="Off", starts_at=NOON + timedelta(hours=1))
    run(office, cancel_appointment, appointment_id=off)
    assert [row.title for row in today(office).appointments] == ["Demo"]


def test_the_months_goal(office: Workspace) -> None:
    won = run(office, create_deal, name="Won", amount_minor=6_420_000)
    run(office, move_deal_to_stage, deal_id=won, stage_id=stage(office, "Won"))
    with standing_at(NOON - timedelta(days=31)):
        before = run(office, create_deal, name="October", amount_minor=1_000_000)
        run(office, move_deal_to_stage, deal_id=before, stage_id=stage(office, "Won"))
    run(
        office,
        create_deal,
        name="Promised",
        amount_minor=1_840_000,
        expected_close_on=date(2026, 11, 28),
        forecast_category=ForecastCategory.COMMIT,
    )
    run(
        office,
        create_deal,
        name="Promised for December",
        amount_minor=700_000,
        expected_close_on=date(2026, 12, 1),
        forecast_category=ForecastCategory.COMMIT,
    )
    assert read(office, month_goal) == Goal(
        month=date(2026, 11, 1),
        currency="EUR",
        won_minor=6_420_000,
        won_count=1,
        commit_minor=1_840_000,
        goal_minor=9_000_000,
        pace_minor=round(9_000_000 * 16 / 21),  # the 16th of 21 working days
        working_days_left=6,
    )


def test_a_holiday_is_no_working_day(office: Workspace) -> None:
    run(office, change_workspace_settings, holidays=(date(2026, 11, 24),))
    assert read(office, month_goal).working_days_left == 5
    from app.commands.settings import workspace_settings

    settings = read(office, workspace_settings)
    assert date(2026, 11, 24) not in working_days(settings, date(2026, 11, 1), date(2026, 12, 1))


def test_reasons_to_call_stand_in_the_data(office: Workspace) -> None:
    wrote = run(office, create_contact, name="Amara Okafor", phone="+49 30 5557 0101")
    closes = run(office, create_contact, name="Jonas Lindqvist", phone="+49 30 5557 0102")
    run(office, create_contact, name="No Phone")
    run(
        office,
        log_activity,
        kind=ActivityKind.EMAIL,
        direction=Direction.INBOUND,
        at=NOON - timedelta(hours=3),
        contact_id=wrote,
    )
    deal = run(
        office,
        create_deal,
        name="Renewal",
        contact_id=closes,
        expected_close_on=date(2026, 12, 3),
    )
    found = {row.contact_id: row for row in today(office).call_next}
    assert set(found) == {wrote, closes}
    assert [r.kind for r in found[wrote].reasons] == ["wrote", "new_lead", "never_called"]
    assert found[closes].deal_id == deal
    assert (found[closes].reasons[0].kind, found[closes].reasons[0].count) == ("closes", 10)
    assert today(office).call_next[0].contact_id == wrote


def test_who_was_called_just_now_is_not_called_again(office: Workspace) -> None:
    person = run(office, create_contact, name="Amara Okafor", phone="+49 30 5557 0101")
    assert len(today(office).call_next) == 1
    undo_roundtrip(office, log_call, contact_id=person, outcome=CallOutcome.NO_ANSWER)
    assert today(office).call_next == ()


def test_who_does_not_want_calls_is_not_called(office: Workspace) -> None:
    run(office, create_contact, name="Amara", phone="+49 30 5557 0101", phone_consent=False)
    assert today(office).call_next == ()


def test_a_call_and_its_next_step_are_one_step(office: Workspace) -> None:
    person = run(office, create_contact, name="Nadia Petrova")
    undo_roundtrip(
        office,
        log_call,
        contact_id=person,
        body="Asks for the delivery window",
        next_title="Call back",
        next_due_at=NOON + timedelta(days=3),
    )
    assert count(office, Task) == 1
    [recent] = today(office).recent
    assert (recent.kind, recent.contact_name) == (ActivityKind.CALL, "Nadia Petrova")


def test_a_lost_deal_is_not_quiet_and_promises_nothing(office: Workspace) -> None:
    with standing_at(NOON - timedelta(days=40)):
        deal = run(office, create_deal, name="Gone", amount_minor=100, lost_reason=None)
    run(
        office,
        move_deal_to_stage,
        deal_id=deal,
        stage_id=stage(office, "Lost"),
        lost_reason="price",
    )
    found = today(office)
    assert found.quiet_deals == ()
    assert found.goal.won_minor == 0
    assert read(office, lambda s: s.scalars(select(Stage.type)).all()).count(StageType.LOST) == 1


@pytest.mark.parametrize("kind", ["contact", "company", "deal", "ticket"])
def test_the_name_of_what_is_gone_is_empty(office: Workspace, kind: str) -> None:
    assert read(office, linked_name, kind, 1) == ""
