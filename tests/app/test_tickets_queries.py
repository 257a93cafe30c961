"""What the tickets page reads: queues, order, rows and the week's figures."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from app.commands.common import archive_records
from app.commands.companies import create_company
from app.commands.settings import change_workspace_settings
from app.commands.tickets import (
    change_ticket,
    create_ticket,
    hold_ticket,
    rate_ticket,
    reply_to_ticket,
    resolve_ticket,
)
from app.queries.ticket_details import thread, ticket_facts
from app.queries.tickets import (
    DueState,
    Queue,
    TicketFilter,
    count_tickets,
    found_tickets,
    queue_counts,
    ticket_ids,
    ticket_rows,
    week_figures,
)
from app.workspace import Workspace
from models.clock import standing_at
from models.values import TicketPriority, TicketStatus, TicketType
from tests.conftest import read, run

BERLIN = ZoneInfo("Europe/Berlin")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN)


@pytest.fixture
def office(store: Workspace) -> dict[str, int]:
    """Five tickets of Monday 16 November, one of each kind of state."""
    run(store, change_workspace_settings, time_zone="Europe/Berlin")
    company = run(store, create_company, name="Kestrel Logistics")
    made: dict[str, int] = {}
    with standing_at(at(16, 10)):
        plans: dict[str, dict[str, Any]] = {
            "urgent": {"priority": TicketPriority.URGENT, "company_id": company},
            "normal": {"owner_id": store.user_id, "team": "Support"},
            "low": {"priority": TicketPriority.LOW, "team": "Billing", "category": "VAT"},
            "held": {"owner_id": store.user_id, "type": TicketType.COMPLAINT},
            "done": {"owner_id": store.user_id},
        }
        for name, fields in plans.items():
            given: dict[str, Any] = {"subject": f"About {name}", "body": "Please help", **fields}
            made[name] = run(store, create_ticket, **given)
        run(store, hold_ticket, ticket_id=made["held"])
    with standing_at(at(16, 11)):
        run(store, reply_to_ticket, ticket_id=made["done"], body="Done it")
        run(store, resolve_ticket, ticket_id=made["done"])
        run(store, rate_ticket, ticket_id=made["done"], satisfaction=4)
    return made


def names(office: dict[str, int], ids: Any) -> list[str]:
    back = {record_id: name for name, record_id in office.items()}
    return [back[record_id] for record_id in ids]


@pytest.mark.parametrize(
    ("queue", "expected"),
    [
        (Queue.MINE, ["normal", "held"]),
        (Queue.UNASSIGNED, ["urgent", "low"]),
        (Queue.BREACHING, ["urgent"]),
        (Queue.WAITING, ["held"]),
        (Queue.OPEN, ["urgent", "normal", "low", "held"]),
        (Queue.CLOSED, ["done"]),
    ],
)
def test_queues_hold_what_they_say(
    store: Workspace, office: dict[str, int], queue: Queue, expected: list[str]
) -> None:
    wanted = TicketFilter(queue, store.user_id)
    with standing_at(at(16, 10, 5)):
        assert names(office, read(store, ticket_ids, wanted)) == expected
        assert read(store, queue_counts, store.user_id).queues[queue] == len(expected)
        assert read(store, count_tickets, wanted) == len(expected)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"statuses": (TicketStatus.ON_HOLD,)}, ["held"]),
        ({"priorities": (TicketPriority.LOW,)}, ["low"]),
        ({"types": (TicketType.COMPLAINT,)}, ["held"]),
        ({"team": "Billing"}, ["low"]),
        ({"category": "VAT"}, ["low"]),
        ({"text": "about URGENT"}, ["urgent"]),
        ({"text": "kestrel"}, ["urgent"]),
        ({"text": "50%"}, []),
    ],
)
def test_filters_narrow(
    store: Workspace, office: dict[str, int], changes: dict[str, Any], expected: list[str]
) -> None:
    found = read(store, ticket_ids, TicketFilter(Queue.ALL, **changes))
    assert names(office, found) == expected


def test_a_number_finds_its_ticket(store: Workspace, office: dict[str, int]) -> None:
    number = read(store, ticket_rows, [office["low"]])[0].number
    found = read(store, found_tickets, TicketFilter(Queue.ALL), f"#{number}")
    assert [row.id for row in found] == [office["low"]]


def test_orders(store: Workspace, office: dict[str, int]) -> None:
    wanted = TicketFilter(Queue.OPEN)
    by_priority = read(store, ticket_ids, wanted, "priority")
    assert names(office, by_priority) == ["urgent", "normal", "held", "low"]
    assert list(read(store, ticket_ids, wanted, "newest")) == sorted(
        read(store, ticket_ids, wanted, "oldest"), reverse=True
    )
    assert len(read(store, ticket_ids, wanted, "deadline", limit=2)) == 2


def test_rows_say_how_near_the_deadline_is(store: Workspace, office: dict[str, int]) -> None:
    with standing_at(at(16, 10, 45)):
        rows = read(store, ticket_rows, list(office.values()))
    states = {name: row.due_state for name, row in zip(office, rows, strict=True)}
    assert states == {
        "urgent": DueState.MISSED,
        "normal": DueState.LATER,
        "low": DueState.LATER,
        "held": DueState.PAUSED,
        "done": DueState.DONE,
    }
    assert rows[0].waits_for_us
    assert rows[0].company_name == "Kestrel Logistics"
    assert rows[-1].preview_is_ours
    with standing_at(at(16, 10, 5)):
        assert read(store, ticket_rows, [office["urgent"]])[0].due_state is DueState.SOON


def test_archived_tickets_are_in_no_queue(store: Workspace, office: dict[str, int]) -> None:
    run(store, archive_records, kind="ticket", ids=[office["held"]])
    assert office["held"] not in read(store, ticket_ids, TicketFilter(Queue.ALL))


def test_a_page_of_rows_takes_two_statements(store: Workspace, office: dict[str, int]) -> None:
    seen: list[str] = []

    def count(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engine = store.database.engine
    event.listen(engine, "before_cursor_execute", count)
    read(store, ticket_rows, list(office.values()))
    event.remove(engine, "before_cursor_execute", count)
    assert len([s for s in seen if s.lstrip().upper().startswith("SELECT")]) == 2


def test_week_figures(store: Workspace, office: dict[str, int]) -> None:
    with standing_at(at(17, 10)):
        week = read(store, week_figures)
    assert (week.resolved, week.in_target, week.ratings) == (1, 1.0, 1)
    assert week.first_answer_seconds == 3600
    assert week.satisfaction == 4
    with standing_at(at(30, 10)):
        empty = read(store, week_figures)
    assert (empty.resolved, empty.in_target, empty.first_answer_seconds) == (0, None, None)


def test_a_late_answer_is_not_in_target(store: Workspace, office: dict[str, int]) -> None:
    with standing_at(at(16, 15)):
        run(store, change_ticket, ticket_id=office["urgent"], status=TicketStatus.RESOLVED)
        assert read(store, week_figures).in_target == 0.5


def test_facts_count_what_the_company_has(store: Workspace, office: dict[str, int]) -> None:
    facts = read(store, ticket_facts, office["urgent"])
    assert facts is not None
    assert (facts.tickets_open, facts.tickets_done, facts.orders) == (1, 0, 0)
    assert [clock.name for clock in facts.clocks] == ["response", "resolution"]
    assert read(store, ticket_facts, 1) is None
    assert read(store, thread, 1) == []
