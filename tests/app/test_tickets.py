"""Every sentence of SEMANTICS, Tickets, on both stores."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.commands.canned_replies import (
    ReplyScope,
    archive_canned_reply,
    change_canned_reply,
    create_canned_reply,
    filled_reply,
)
from app.commands.contacts import create_contact
from app.commands.settings import change_workspace_settings
from app.commands.ticket_escalation import escalate_due_tickets
from app.commands.ticket_merge import merge_tickets, unmerge_ticket
from app.commands.tickets import (
    add_ticket_note,
    change_ticket,
    close_ticket,
    create_ticket,
    hold_ticket,
    rate_ticket,
    receive_customer_message,
    reply_to_ticket,
    resolve_ticket,
)
from app.commands.users import create_user
from app.errors import UserError
from app.queries.ticket_details import canned_reply_rows, thread, ticket_facts
from app.workspace import Workspace
from models.clock import standing_at
from models.records import Ticket
from models.values import MessageKind, TicketPriority, TicketStatus, TicketType
from tests.conftest import read, run, undo_roundtrip

BERLIN = ZoneInfo("Europe/Berlin")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in November 2026; the 16th and the 23rd are Mondays."""
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN)


@pytest.fixture
def desk(store: Workspace) -> Workspace:
    """A workspace whose hours are Berlin's, Mon-Fri 10:00-18:00."""
    run(store, change_workspace_settings, time_zone="Europe/Berlin")
    return store


def state(desk: Workspace, ticket_id: int) -> dict[str, Any]:
    def load(session: Any) -> dict[str, Any]:
        ticket = session.get(Ticket, ticket_id)
        return {c.key: getattr(ticket, c.key) for c in Ticket.__table__.columns}

    return read(desk, load)


def bodies(desk: Workspace, ticket_id: int) -> list[str]:
    return [entry.body for entry in read(desk, thread, ticket_id)]


def opened(desk: Workspace, when: datetime, **fields: Any) -> int:
    with standing_at(when):
        return run(desk, create_ticket, **{"subject": "Scanner stops", "body": "Help", **fields})


def do(desk: Workspace, when: datetime, command: Any, **fields: Any) -> Any:
    with standing_at(when):
        return undo_roundtrip(desk, command, **fields)


def test_numbers_count_up_from_the_highest(desk: Workspace) -> None:
    first, second = opened(desk, at(16, 10)), opened(desk, at(16, 10))
    assert state(desk, second)["number"] == state(desk, first)["number"] + 1


def test_creating_fills_company_and_thread_and_can_be_undone(desk: Workspace) -> None:
    from app.commands.companies import create_company

    company = run(desk, create_company, name="Kestrel Logistics")
    person = run(desk, create_contact, name="Piotr Kowalski", company_id=company)
    ticket = do(desk, at(16, 10), create_ticket, subject="Lost", body="Where?", contact_id=person)
    assert state(desk, ticket)["company_id"] == company
    entry = read(desk, thread, ticket)[0]
    assert (entry.kind, entry.author_name) == (MessageKind.CUSTOMER, "Piotr Kowalski")


@pytest.mark.parametrize(
    ("priority", "response", "resolution"),
    [
        (TicketPriority.URGENT, at(16, 10, 30), at(16, 12)),
        (TicketPriority.HIGH, at(16, 11), at(16, 14)),
        (TicketPriority.NORMAL, at(16, 18), at(18, 18)),
        (TicketPriority.LOW, at(18, 18), at(26, 18)),
    ],
)
def test_targets_run_in_working_time(
    desk: Workspace, priority: TicketPriority, response: datetime, resolution: datetime
) -> None:
    found = state(desk, opened(desk, at(16, 10), priority=priority))
    assert found["response_by"] == response
    assert found["resolution_by"] == resolution
    assert found["next_due_at"] == response


def test_a_friday_evening_ticket_is_due_on_monday(desk: Workspace) -> None:
    ticket = opened(desk, at(20, 17, 48), priority=TicketPriority.URGENT)
    assert state(desk, ticket)["response_by"] == at(23, 10, 18)
    with standing_at(at(23, 8, 55)):
        facts = read(desk, ticket_facts, ticket)
    assert facts is not None
    clock = facts.clocks[0]
    assert (clock.used_seconds, clock.allowed_seconds) == (12 * 60, 30 * 60)
    assert clock.starts_at == at(23, 10)


def test_holidays_push_deadlines_out(desk: Workspace) -> None:
    run(desk, change_workspace_settings, holidays=(at(17, 0).date(),))
    assert state(desk, opened(desk, at(16, 17)))["response_by"] == at(18, 17)


def test_a_reply_stops_the_first_clock_and_opens_the_ticket(desk: Workspace) -> None:
    ticket = opened(desk, at(16, 10))
    do(desk, at(16, 11), reply_to_ticket, ticket_id=ticket, body="Try this")
    found = state(desk, ticket)
    assert found["status"] is TicketStatus.OPEN
    assert found["first_response_at"] == at(16, 11)
    assert found["next_due_at"] == found["resolution_by"]
    assert found["owner_id"] == desk.user_id
    assert found["response_missed_at"] is None


def test_a_reply_may_set_the_status(desk: Workspace) -> None:
    ticket = opened(desk, at(16, 10))
    do(
        desk, at(16, 11), reply_to_ticket,
        ticket_id=ticket, body="Try this", then_status=TicketStatus.WAITING,
    )  # fmt: skip
    found = state(desk, ticket)
    assert found["status"] is TicketStatus.WAITING
    assert found["next_due_at"] is None


def test_an_empty_reply_is_refused(desk: Workspace) -> None:
    ticket = opened(desk, at(16, 10))
    with pytest.raises(UserError, match="Fill this in"):
        run(desk, reply_to_ticket, ticket_id=ticket, body="  ")


def test_a_note_leaves_the_clocks_alone(desk: Workspace) -> None:
    ticket = opened(desk, at(16, 10))
    before = state(desk, ticket)
    do(desk, at(16, 11), add_ticket_note, ticket_id=ticket, body="Firmware bug")
    assert state(desk, ticket) == before
    assert read(desk, thread, ticket)[-1].kind is MessageKind.NOTE


def test_hold_is_working_time_in_a_paused_status(desk: Workspace) -> None:
    ticket = opened(desk, at(16, 10))
    do(desk, at(16, 17), hold_ticket, ticket_id=ticket)
    assert state(desk, ticket)["next_due_at"] is None
    do(desk, at(17, 12), change_ticket, ticket_id=ticket, status=TicketStatus.OPEN)
    found = state(desk, ticket)
    assert found["hold_seconds"] == 3 * 3600
    assert found["resolution_by"] == at(19, 13)
    assert found["response_by"] == at(16, 18)


def test_changing_between_paused_statuses_counts_hold_once(desk: Workspace) -> None:
    ticket = opened(desk, at(16, 10))
    do(desk, at(16, 11), hold_ticket, ticket_id=ticket)
    do(desk, at(16, 12), change_ticket, ticket_id=ticket, status=TicketStatus.WAITING)
    do(desk, at(16, 13), change_ticket, ticket_id=ticket, status=TicketStatus.OPEN)
    assert state(desk, ticket)["hold_seconds"] == 2 * 3600


def test_time_from_resolved_to_reopened_is_hold(desk: Workspace) -> None:
    ticket = opened(desk, at(16, 10))
    run_at = at(16, 12)
    do(desk, run_at, resolve_ticket, ticket_id=ticket)
    do(desk, at(17, 11), receive_customer_message, ticket_id=ticket, body="Not yet")
    found = state(desk, ticket)
    assert found["status"] is TicketStatus.OPEN
    assert found["resolved_at"] is None
    assert found["hold_seconds"] == 7 * 3600
    assert found["waiting_since"] == at(17, 11)


def test_paused_then_resolved_then_reopened_counts_each_span_once(desk: Workspace) -> None:
    ticket = opened(desk, at(16, 10))
    do(desk, at(16, 11), hold_ticket, ticket_id=ticket)
    do(desk, at(16, 13), resolve_ticket, ticket_id=ticket)
    do(desk, at(16, 14), close_ticket, ticket_id=ticket)
    do(desk, at(16, 15), change_ticket, ticket_id=ticket, status=TicketStatus.OPEN)
    assert state(desk, ticket)["hold_seconds"] == 4 * 3600


def test_the_third_clock_runs_from_the_last_unanswered_message(desk: Workspace) -> None:
    ticket = opened(desk, at(16, 10), priority=TicketPriority.HIGH)
    do(desk, at(16, 10, 10), reply_to_ticket, ticket_id=ticket, body="Hello")
    do(desk, at(16, 11), receive_customer_message, ticket_id=ticket, body="And?")
    assert state(desk, ticket)["answer_by"] == at(16, 12)
    do(desk, at(16, 11, 30), receive_customer_message, ticket_id=ticket, body="Hello?")
    found = state(desk, ticket)
    assert found["answer_by"] == at(16, 12, 30)
    assert found["next_due_at"] == at(16, 12, 30)  # earlier than resolution at 14:00
    do(desk, at(16, 12), reply_to_ticket, ticket_id=ticket, body="Here")
    found = state(desk, ticket)
    assert found["answer_by"] is None
    assert found["next_due_at"] == at(16, 14)


def test_a_miss_is_logged_once_and_stays(desk: Workspace) -> None:
    ticket = opened(desk, at(16, 10), priority=TicketPriority.URGENT)
    do(desk, at(16, 10, 45), escalate_due_tickets)
    do(desk, at(16, 10, 50), reply_to_ticket, ticket_id=ticket, body="Sorry")
    with standing_at(at(16, 10, 55)):
        assert run(desk, escalate_due_tickets) == []
        run(desk, change_ticket, ticket_id=ticket, priority=TicketPriority.LOW)
    assert bodies(desk, ticket).count("First response missed") == 1
    assert state(desk, ticket)["response_missed_at"] == at(16, 10, 30)


def test_a_miss_is_logged_by_a_late_answer_too(desk: Workspace) -> None:
    ticket = opened(desk, at(16, 10), priority=TicketPriority.URGENT)
    do(desk, at(16, 11), reply_to_ticket, ticket_id=ticket, body="Sorry")
    assert state(desk, ticket)["response_missed_at"] == at(16, 10, 30)
    do(desk, at(16, 13), resolve_ticket, ticket_id=ticket)
    assert state(desk, ticket)["resolution_missed_at"] == at(16, 12)


def test_each_unanswered_message_can_be_missed_once(desk: Workspace) -> None:
    ticket = opened(desk, at(16, 10), priority=TicketPriority.HIGH)
    for hour in (10, 12):
        do(desk, at(16, hour, 5), reply_to_ticket, ticket_id=ticket, body="Hello")
        do(desk, at(16, hour, 10), receive_customer_message, ticket_id=ticket, body="And?")
        do(desk, at(16, hour + 1, 20), add_ticket_note, ticket_id=ticket, body="busy")
        do(desk, at(16, hour + 1, 30), reply_to_ticket, ticket_id=ticket, body="Late")
    assert bodies(desk, ticket).count("Next answer missed") == 2


def test_changing_priority_recomputes_from_creation_and_keeps_hold(desk: Workspace) -> None:
    ticket = opened(desk, at(16, 10))
    do(desk, at(16, 11), hold_ticket, ticket_id=ticket)
    do(desk, at(16, 12), change_ticket, ticket_id=ticket, status=TicketStatus.OPEN)
    do(desk, at(16, 12, 5), change_ticket, ticket_id=ticket, priority=TicketPriority.HIGH)
    found = state(desk, ticket)
    assert found["response_by"] == at(16, 11)
    assert found["resolution_by"] == at(16, 15)
    assert "Priority changed from Normal to High by Elena Novak" in bodies(desk, ticket)


def test_escalation_takes_each_step_once_per_deadline(desk: Workspace) -> None:
    lead = run(desk, create_user, name="Farah Aziz")
    agent = run(desk, create_user, name="Tom Ash", manager_id=lead)
    ticket = opened(desk, at(16, 10), priority=TicketPriority.HIGH, owner_id=agent)
    with standing_at(at(16, 10, 44)):
        assert run(desk, escalate_due_tickets) == []
    taken = do(desk, at(16, 10, 45), escalate_due_tickets)
    assert [(step.percent, step.user_id) for step in taken] == [(75, agent)]
    with standing_at(at(16, 10, 59)):
        assert run(desk, escalate_due_tickets) == []
    taken = do(desk, at(16, 11, 1), escalate_due_tickets)
    assert [(step.percent, step.user_id) for step in taken] == [(100, lead)]
    found = state(desk, ticket)
    assert found["priority"] is TicketPriority.URGENT
    assert found["resolution_by"] == at(16, 14), "an escalation does not move what was promised"
    taken = do(desk, at(16, 11, 31), escalate_due_tickets)
    assert [(step.percent, step.user_id) for step in taken] == [(150, lead)]
    assert state(desk, ticket)["owner_id"] == lead
    assert state(desk, ticket)["escalation_level"] == 3
    assert sum("First response" in body for body in bodies(desk, ticket)) == 4  # and the miss


def test_what_was_slept_through_is_escalated_in_order(desk: Workspace) -> None:
    opened(desk, at(16, 10), priority=TicketPriority.URGENT)
    taken = do(desk, at(16, 10, 50), escalate_due_tickets)
    assert [step.percent for step in taken] == [75, 100, 150]


def test_paused_and_done_tickets_do_not_escalate(desk: Workspace) -> None:
    held = opened(desk, at(16, 10), priority=TicketPriority.URGENT)
    done = opened(desk, at(16, 10), priority=TicketPriority.URGENT)
    do(desk, at(16, 10, 1), hold_ticket, ticket_id=held)
    do(desk, at(16, 10, 1), resolve_ticket, ticket_id=done)
    with standing_at(at(19, 10)):
        assert run(desk, escalate_due_tickets) == []


def test_a_new_message_is_a_new_deadline_to_escalate(desk: Workspace) -> None:
    ticket = opened(desk, at(16, 10), priority=TicketPriority.LOW)
    do(desk, at(16, 10), reply_to_ticket, ticket_id=ticket, body="Hello")
    do(desk, at(16, 10), receive_customer_message, ticket_id=ticket, body="One")
    assert [s.clock for s in do(desk, at(18, 13), escalate_due_tickets)] == ["answer"]
    do(desk, at(18, 13), receive_customer_message, ticket_id=ticket, body="Two")
    taken = do(desk, at(20, 16), escalate_due_tickets)
    assert [(s.clock, s.percent) for s in taken] == [("answer", 75)]


def test_an_answer_to_closed_reopens_within_seven_days(desk: Workspace) -> None:
    ticket = opened(desk, at(16, 10))
    do(desk, at(16, 11), close_ticket, ticket_id=ticket)
    inside = at(16, 11) + timedelta(days=7)
    assert do(desk, inside, receive_customer_message, ticket_id=ticket, body="Again") == ticket
    assert state(desk, ticket)["status"] is TicketStatus.OPEN
    assert state(desk, ticket)["closed_at"] is None


def test_an_answer_to_closed_later_opens_a_linked_ticket(desk: Workspace) -> None:
    ticket = opened(desk, at(2, 10), type=TicketType.INCIDENT)
    do(desk, at(2, 11), close_ticket, ticket_id=ticket)
    later = at(2, 11) + timedelta(days=7, seconds=1)
    fresh = do(desk, later, receive_customer_message, ticket_id=ticket, body="Again")
    assert fresh != ticket
    found = state(desk, fresh)
    assert found["follows_id"] == ticket
    assert found["type"] is TicketType.INCIDENT
    assert state(desk, ticket)["status"] is TicketStatus.CLOSED
    assert "Again" in bodies(desk, fresh)
    assert bodies(desk, ticket)[-1] == f"Goes on in #{found['number']}"


def test_the_same_mail_twice_is_taken_once(desk: Workspace) -> None:
    ticket = opened(desk, at(16, 10))
    for _ in range(2):
        with standing_at(at(16, 11)):
            run(desk, receive_customer_message, ticket_id=ticket, body="Mail", message_id="<1@x>")
    assert bodies(desk, ticket).count("Mail") == 1


def test_merging_keeps_both_threads_in_order_of_time_with_a_cross_link(desk: Workspace) -> None:
    kept = opened(desk, at(16, 10), body="first")
    other = opened(desk, at(16, 11), body="second")
    do(desk, at(16, 12), add_ticket_note, ticket_id=kept, body="third")
    do(desk, at(16, 13), merge_tickets, ticket_id=other, into_id=kept)
    numbers = {state(desk, i)["number"] for i in (kept, other)}
    entries = read(desk, thread, kept)
    assert [e.body for e in entries][:3] == ["first", "second", "third"]
    assert entries[1].from_number in numbers
    assert bodies(desk, other) == ["second", f"Merged into #{state(desk, kept)['number']}"]
    assert state(desk, other)["status"] is TicketStatus.CLOSED
    assert state(desk, kept)["waiting_since"] == at(16, 11)
    # What the customer writes to the merged one goes on in the other.
    with standing_at(at(16, 14)):
        assert run(desk, receive_customer_message, ticket_id=other, body="fourth") == kept
        with pytest.raises(UserError, match="merged"):
            run(desk, reply_to_ticket, ticket_id=other, body="Hello")
        with pytest.raises(UserError, match="merged"):
            run(desk, merge_tickets, ticket_id=kept, into_id=other)
    do(desk, at(16, 15), unmerge_ticket, ticket_id=other)
    assert state(desk, other)["merged_into_id"] is None
    assert "second" not in bodies(desk, kept)


def test_a_ticket_is_not_merged_into_itself(desk: Workspace) -> None:
    ticket = opened(desk, at(16, 10))
    with pytest.raises(UserError, match="another"):
        run(desk, merge_tickets, ticket_id=ticket, into_id=ticket)


def test_satisfaction_is_one_to_five_with_a_reason(desk: Workspace) -> None:
    ticket = opened(desk, at(16, 10))
    with pytest.raises(UserError, match="resolved"):
        run(desk, rate_ticket, ticket_id=ticket, satisfaction=5)
    do(desk, at(16, 11), resolve_ticket, ticket_id=ticket)
    with pytest.raises(UserError, match="1 to 5"):
        run(desk, rate_ticket, ticket_id=ticket, satisfaction=6)
    do(desk, at(16, 12), rate_ticket, ticket_id=ticket, satisfaction=4, reason="Quick")
    assert state(desk, ticket)["satisfaction_reason"] == "Quick"


def test_owner_changes_are_told_in_the_thread(desk: Workspace) -> None:
    farah = run(desk, create_user, name="Farah Aziz")
    ticket = opened(desk, at(16, 10))
    do(desk, at(16, 11), change_ticket, ticket_id=ticket, owner_id=farah)
    assert bodies(desk, ticket)[-1] == "Assigned to Farah Aziz by Elena Novak"


def test_a_form_opened_before_somebody_elses_save_is_refused(desk: Workspace) -> None:
    ticket = opened(desk, at(16, 10))
    version = state(desk, ticket)["row_version"]
    run(desk, change_ticket, ticket_id=ticket, subject="Other", row_version=version)
    with pytest.raises(UserError, match="Somebody changed"):
        run(desk, change_ticket, ticket_id=ticket, subject="Mine", row_version=version)
    with pytest.raises(UserError):
        run(desk, change_ticket, ticket_id=ticket, subject=" ")


def test_canned_replies_are_personal_team_or_all(desk: Workspace) -> None:
    tom = run(desk, create_user, name="Tom Ash", team="Support")
    for name, scope, team in (
        ("Mine", ReplyScope.PERSONAL, None),
        ("Ours", ReplyScope.TEAM, "Support"),
        ("Everybody's", ReplyScope.ALL, None),
    ):
        fields = {"name": name, "body": "Hi {{first_name}}", "scope": scope, "team": team}
        last = undo_roundtrip(desk, create_canned_reply, **fields)
    assert {r.name for r in read(desk, canned_reply_rows, desk.user_id)} == {"Mine", "Everybody's"}
    assert {r.name for r in read(desk, canned_reply_rows, tom)} == {"Ours", "Everybody's"}
    undo_roundtrip(desk, change_canned_reply, canned_reply_id=last, name="New", body="Bye")
    undo_roundtrip(desk, archive_canned_reply, canned_reply_id=last)
    assert {r.name for r in read(desk, canned_reply_rows, tom)} == {"Ours"}


def test_placeholders_are_filled_and_unknown_ones_refused(desk: Workspace) -> None:
    text = filled_reply(
        "Hi {{ first_name }}, #{{number}}{{company}}", {"first_name": "Ann", "number": "7"}
    )
    assert text == "Hi Ann, #7"
    with pytest.raises(UserError, match="nope"):
        run(desk, create_canned_reply, name="x", body="{{nope}}")
    with pytest.raises(UserError, match="team"):
        run(desk, create_canned_reply, name="x", body="y", scope=ReplyScope.TEAM)


def test_every_ticket_of_a_day_has_its_own_number(desk: Workspace) -> None:
    for minute in range(5):
        opened(desk, datetime(2026, 11, 16, 9, minute, tzinfo=UTC))
    numbers = read(desk, lambda session: list(session.scalars(select(Ticket.number))))
    assert len(set(numbers)) == 5
