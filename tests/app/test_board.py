"""The board and its rows: counts, totals, filters, the next-activity light, rotting."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session

from app.commands.activities import log_activity
from app.commands.companies import create_company
from app.commands.contacts import create_contact
from app.commands.deals import archive_deals, create_deal, move_deal_to_stage
from app.commands.products import create_product
from app.commands.users import create_user
from app.database import unrecorded
from app.queries.board import Board, BoardColumn, board
from app.queries.deal_details import deal_details, deal_touches
from app.queries.deals import DealFilter, DealRow, deal_count, deal_ids, deal_rows
from app.workspace import Workspace
from models.clock import local, standing_at
from models.ids import new_id
from models.records import Appointment, Deal, Stage, Task
from models.values import ActivityKind, LostReason, NextStep, StageType
from tests.conftest import read, run

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TODAY = local(NOON).date()


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with standing_at(NOON):
        yield


@contextmanager
def days_ago(days: float) -> Iterator[None]:
    with standing_at(NOON - timedelta(days=days)):
        yield


def stage(store: Workspace, name: str) -> int:
    def found_stage(session: Session) -> int:
        return session.scalars(select(Stage.id).where(Stage.name == name)).one()

    return read(store, found_stage)


def columns(store: Workspace, **chosen: Any) -> dict[str, BoardColumn]:
    return {c.name: c for c in read(store, board, DealFilter(**chosen)).columns}


def row(store: Workspace, deal_id: int) -> DealRow:
    return read(store, deal_rows, [deal_id])[0]


def add(session: Session, *, record: Any) -> int:
    session.add(record)
    return int(record.id)


def task(store: Workspace, deal: int, due: datetime | None, **more: Any) -> None:
    made = Task(id=new_id(), title="Call back", deal_id=deal, due_at=due, **more)
    run(store, add, record=made)


def meeting(store: Workspace, deal: int, starts: datetime, **more: Any) -> None:
    made = Appointment(
        id=new_id(),
        title="Demo on site",
        deal_id=deal,
        starts_at=starts,
        ends_at=starts + timedelta(hours=1),
        **more,
    )
    run(store, add, record=made)


def found(
    store: Workspace, sort: str = "name", *, descending: bool = False, **chosen: Any
) -> list[str]:
    ids = read(store, deal_ids, DealFilter(**chosen), sort, descending)
    assert len(ids) == read(store, deal_count, DealFilter(**chosen))
    return [r.name for r in read(store, deal_rows, ids)]


def test_counts_totals_and_weights_per_stage(store: Workspace) -> None:
    run(store, create_deal, name="a", amount_minor=100_00)
    run(store, create_deal, name="b", amount_minor=300_00, probability=50)
    run(store, create_deal, name="c")
    first = columns(store)["Qualification"]
    assert (first.count, first.total_minor, first.weighted_minor) == (3, 400_00, 160_00)
    assert columns(store)["Demo"].count == 0


def test_only_open_deals_are_weighted(store: Workspace) -> None:
    for name, target in (("a", "Won"), ("b", "Lost")):
        deal = run(store, create_deal, name=name, amount_minor=100_00)
        run(
            store,
            move_deal_to_stage,
            deal_id=deal,
            stage_id=stage(store, target),
            lost_reason=LostReason.PRICE if target == "Lost" else None,
        )
    read_board: Board = read(store, board, DealFilter())
    assert read_board.weighted_minor == 0
    assert read_board.open_total_minor == 0
    assert columns(store)["Won"].total_minor == 100_00


def test_closed_columns_hold_thirty_days_and_count_the_older(store: Workspace) -> None:
    won = stage(store, "Won")
    for name, age in (("old", 31), ("edge", 30), ("new", 1)):
        with days_ago(age):
            deal = run(store, create_deal, name=name, amount_minor=100)
            run(store, move_deal_to_stage, deal_id=deal, stage_id=won)
    column = columns(store)["Won"]
    assert [r.name for r in read(store, deal_rows, column.ids)] == ["new", "edge"]
    assert (column.count, column.older, column.total_minor) == (2, 1, 200)
    chosen = columns(store, close_from=TODAY - timedelta(days=31), close_to=TODAY)["Won"]
    assert (chosen.count, chosen.older) == (3, 0)


def test_archived_deals_are_in_no_column_and_no_figure(store: Workspace) -> None:
    deal = run(store, create_deal, name="a", amount_minor=100)
    run(store, archive_deals, deal_ids=[deal])
    assert columns(store)["Qualification"].count == 0
    assert not read(store, board, DealFilter()).has_any_deal
    assert found(store, archived=True) == ["a"]


def test_filters(store: Workspace) -> None:
    jonas = run(store, create_user, name="Jonas Weber")
    company = run(store, create_company, name="Größer & Söhne")
    contact = run(store, create_contact, name="Priya Raman")
    product = run(store, create_product, name="Scanner")
    run(
        store,
        create_deal,
        name="Alpha",
        owner_id=jonas,
        company_id=company,
        expected_close_on=date(2026, 12, 1),
    )
    run(
        store,
        create_deal,
        name="Beta 100%",
        contact_id=contact,
        lines=[{"product_id": product}],
        expected_close_on=date(2026, 11, 22),
    )
    won = run(store, create_deal, name="Gamma", stage_id=stage(store, "Won"))
    assert found(store, owner_id=jonas) == ["Alpha"]
    assert found(store, product_id=product) == ["Beta 100%"]
    assert found(store, company_id=company) == ["Alpha"]
    assert found(store, contact_id=contact) == ["Beta 100%"]
    assert found(store, stage_type=StageType.WON) == ["Gamma"]
    assert found(store, stage_id=stage(store, "Won")) == ["Gamma"]
    assert found(store, ids=(won,)) == ["Gamma"]
    assert found(store, overdue=True) == ["Beta 100%"]
    assert row(store, won).is_overdue is False
    assert found(store, expected_from=date(2026, 12, 1), expected_to=date(2026, 12, 1)) == ["Alpha"]
    assert found(store, closed_from=TODAY, closed_to=TODAY) == ["Gamma"]
    assert found(store, close_from=date(2026, 11, 23), close_to=date(2026, 11, 30)) == ["Gamma"]
    assert found(store, text="GROSSER") == ["Alpha"]  # ß folds to ss, ö to o
    assert found(store, text="größer sohne") == ["Alpha"]
    assert found(store, text="priya") == ["Beta 100%"]
    assert found(store, text="100%") == ["Beta 100%"]
    assert found(store, text="_") == []
    assert read(store, board, DealFilter(owner_id=jonas)).columns[0].count == 1


def test_every_order_works_both_ways_and_puts_the_empty_last(store: Workspace) -> None:
    company = run(store, create_company, name="Zeta")
    run(store, create_deal, name="b", amount_minor=200, company_id=company)
    run(store, create_deal, name="a", amount_minor=300, expected_close_on=date(2026, 1, 1))
    run(store, create_deal, name="c", stage_id=stage(store, "Proposal"))
    assert found(store, "name") == ["a", "b", "c"]
    assert found(store, "amount") == ["b", "a", "c"]
    assert found(store, "amount", descending=True) == ["a", "b", "c"]
    assert found(store, "company")[0] == "b"
    assert found(store, "company", descending=True)[0] == "b"
    assert found(store, "expected_close")[0] == "a"
    assert found(store, "stage") == ["a", "b", "c"]
    assert found(store, "probability", descending=True)[0] == "c"
    for sort in ("owner", "closed", "opened", "stage_since", "created"):
        assert sorted(found(store, sort)) == ["a", "b", "c"]


def test_the_light_none_planned_today_late(store: Workspace) -> None:
    deal = run(store, create_deal, name="a")
    assert row(store, deal).next_step is NextStep.NONE
    task(store, deal, NOON + timedelta(days=3))
    attention = row(store, deal).attention
    assert (attention.light, attention.days_ahead, attention.next_title) == (
        NextStep.PLANNED,
        3,
        "Call back",
    )
    task(store, deal, NOON + timedelta(hours=2))
    assert row(store, deal).next_step is NextStep.TODAY
    task(store, deal, NOON - timedelta(hours=2))
    assert row(store, deal).next_step is NextStep.LATE


def test_a_whole_day_task_is_late_only_on_the_next_day(store: Workspace) -> None:
    deal = run(store, create_deal, name="a")
    midnight = local(NOON).replace(hour=0, minute=0)
    task(store, deal, midnight, due_all_day=True)
    assert row(store, deal).next_step is NextStep.TODAY
    with standing_at(NOON + timedelta(days=1)):
        assert row(store, deal).next_step is NextStep.LATE


def test_done_tasks_and_cancelled_or_past_appointments_plan_nothing(store: Workspace) -> None:
    deal = run(store, create_deal, name="a")
    task(store, deal, NOON + timedelta(days=1), done_at=NOON)
    meeting(store, deal, NOON + timedelta(days=1), cancelled_at=NOON)
    meeting(store, deal, NOON - timedelta(days=1))
    assert row(store, deal).next_step is NextStep.NONE
    meeting(store, deal, NOON + timedelta(days=1))
    assert row(store, deal).next_step is NextStep.PLANNED
    meeting(store, deal, NOON - timedelta(minutes=20))  # has begun and still goes on
    assert row(store, deal).next_step is NextStep.TODAY


def rots(store: Workspace, deal: int) -> bool:
    """Ask the row and the filter: both go by the same rules."""
    by_row = row(store, deal).attention.is_rotting
    assert (deal in read(store, deal_ids, DealFilter(rotting=True))) is by_row
    return by_row


def test_rotting_counts_from_the_last_touch(store: Workspace) -> None:
    with days_ago(15):  # 14 days in this stage
        deal = run(store, create_deal, name="a")
    assert rots(store, deal)
    with days_ago(3):
        run(store, log_activity, kind=ActivityKind.NOTE, body="spoke", deal_id=deal)
    assert not rots(store, deal)
    assert row(store, deal).attention.quiet_days == 3


def test_a_completed_task_and_a_move_are_touches(store: Workspace) -> None:
    with days_ago(40):
        deal = run(store, create_deal, name="a")
        other = run(store, create_deal, name="b")
    task(store, deal, NOON - timedelta(days=9), done_at=NOON - timedelta(days=9))
    assert not rots(store, deal)
    assert rots(store, other)
    with days_ago(9):
        run(store, move_deal_to_stage, deal_id=other, stage_id=stage(store, "Demo"))
    assert not rots(store, other)


def test_rotting_never_counts_from_creation(store: Workspace) -> None:
    deal = run(store, create_deal, name="imported", opened_on=TODAY - timedelta(days=900))

    def age(session: Session) -> int:
        session.get_one(Deal, deal).created_at = NOON - timedelta(days=900)
        return 0

    run(store, age)
    assert not rots(store, deal)


def test_a_planned_deal_does_not_rot_but_a_late_step_plans_nothing(store: Workspace) -> None:
    with days_ago(40):
        deal = run(store, create_deal, name="a")
    task(store, deal, NOON - timedelta(days=1))
    assert rots(store, deal)
    assert row(store, deal).next_step is NextStep.LATE
    meeting(store, deal, NOON + timedelta(days=2))
    assert not rots(store, deal)


def test_zero_days_turn_rotting_off_and_closed_deals_never_rot(store: Workspace) -> None:
    def turn_off(session: Session) -> int:
        session.get_one(Stage, demo).rotting_days = 0
        return 0

    demo = stage(store, "Demo")
    with days_ago(400):
        quiet = run(store, create_deal, name="a", stage_id=demo)
        won = run(store, create_deal, name="b", stage_id=stage(store, "Won"))
    assert rots(store, quiet)
    run(store, turn_off)
    assert not rots(store, quiet)
    assert not rots(store, won)


def test_details_and_touches(store: Workspace) -> None:
    deal = run(
        store, create_deal, name="a", lines=[{"name": "x", "unit_price_minor": 3, "quantity": 2}]
    )
    task(store, deal, NOON + timedelta(days=1))
    task(store, deal, NOON - timedelta(days=1), done_at=NOON - timedelta(hours=1))
    run(store, log_activity, kind=ActivityKind.CALL, body="spoke", deal_id=deal)
    shown = read(store, deal_details, deal)
    assert shown is not None
    assert shown.amount_follows_lines
    assert [line.total_minor for line in shown.lines] == [6]
    assert shown.lines[0].quantity == Decimal(2)
    assert [t.light for t in shown.tasks] == [NextStep.PLANNED]
    assert [t.kind for t in read(store, deal_touches, deal)] == ["call", "task"]


def test_rows_take_a_constant_number_of_statements(workspace: Workspace) -> None:
    deals = [run(workspace, create_deal, name=f"d{n}") for n in range(30)]
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append(statement)

    event.listen(workspace.database.engine, "before_cursor_execute", note)
    read(workspace, deal_rows, deals[:1])
    few = len(seen)
    seen.clear()
    read(workspace, deal_rows, deals)
    event.remove(workspace.database.engine, "before_cursor_execute", note)
    assert len(seen) == few <= 6


def test_rows_keep_the_order_asked_and_leave_out_what_is_gone(store: Workspace) -> None:
    a, b = (run(store, create_deal, name=name) for name in "ab")
    assert [r.id for r in read(store, deal_rows, [b, 1, a])] == [b, a]


def test_more_ids_than_one_statement_takes(workspace: Workspace) -> None:
    demo = stage(workspace, "Demo")

    def many(session: Session) -> int:
        pipeline = session.get_one(Stage, demo).pipeline_id
        with unrecorded(session, "deal"):
            session.execute(
                insert(Deal),
                [
                    {
                        "id": new_id(),
                        "row_version": n,
                        "name": f"d{n}",
                        "sort_name": f"d{n}",
                        "pipeline_id": pipeline,
                        "stage_id": demo,
                        "stage_since": NOON,
                        "currency": "EUR",
                        "amount_minor": 100,
                        "opened_on": TODAY,
                        "board_order": float(n),
                    }
                    for n in range(1_203)
                ],
            )
        return 0

    run(workspace, many)
    column = columns(workspace)["Demo"]
    assert (column.count, column.total_minor) == (1_203, 120_300)
    rows = read(workspace, deal_rows, column.ids)
    assert [r.name for r in rows] == [f"d{n}" for n in range(1_203)]


def test_very_full_columns_are_read_in_pieces_and_hold_the_same(
    store: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(5):
        run(store, create_deal, name=f"d{n}", stage_id=stage(store, "Demo"), amount_minor=100 + n)
    at_once = columns(store)
    monkeypatch.setattr("app.queries.board.AT_ONCE", 2)
    assert columns(store) == at_once
    assert len(at_once["Demo"].ids) == at_once["Demo"].count == 5
