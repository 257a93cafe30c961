"""The timeline: every source, in order, page by page, without what was undone; on both stores."""

from datetime import UTC, datetime, timedelta

import pytest

from app.commands.activities import (
    archive_activity,
    change_activity,
    log_activity,
    restore_activity,
)
from app.commands.companies import create_company
from app.commands.contacts import change_contact, create_contact
from app.commands.deals import create_deal, move_deal_to_stage
from app.commands.tasks import complete_task, create_task
from app.commands.tickets import create_ticket, reply_to_ticket
from app.commands.users import create_user
from app.errors import UserError
from app.history import undo_candidate, undo_step
from app.queries.lookups import stage_options
from app.queries.timeline import timeline, timeline_counts
from app.workspace import Workspace
from models.clock import standing_at
from models.values import ActivityKind, CallOutcome, Direction, StageType
from tests.conftest import read, run, undo_roundtrip

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_everything_stands_in_one_list_newest_first(store: Workspace) -> None:
    with standing_at(START):
        company_id = run(store, create_company, name="Aldgate Partners")
        contact_id = run(store, create_contact, name="Priya Raman", company_id=company_id)
    with standing_at(START + timedelta(hours=1)):
        run(store, log_activity, kind="call", outcome="reached", contact_id=contact_id, body="Hi")
    with standing_at(START + timedelta(hours=2)):
        deal_id = run(store, create_deal, name="Renewal", contact_id=contact_id, amount_minor=100)
    with standing_at(START + timedelta(hours=3)):
        stage = read(store, stage_options)[2]
        run(store, move_deal_to_stage, deal_id=deal_id, stage_id=stage.id)
    with standing_at(START + timedelta(hours=4)):
        ticket_id = run(
            store, create_ticket, subject="Scanner", body="It drops.", contact_id=contact_id
        )
    with standing_at(START + timedelta(hours=5)):
        run(store, reply_to_ticket, ticket_id=ticket_id, body="Try this.")
    with standing_at(START + timedelta(hours=6)):
        task_id = run(store, create_task, title="Send quote", contact_id=contact_id)
        run(store, complete_task, task_id=task_id)
    with standing_at(START + timedelta(hours=7)):
        run(store, change_contact, contact_id=contact_id, job_title="CEO")
    page = read(store, timeline, contact_id=contact_id)
    assert not page.more
    assert page.next_before is None
    told = [(entry.kind, entry.title) for entry in page.entries if entry.kind != "message"]
    assert told == [
        ("change", ""),
        ("task", "Send quote"),
        ("ticket", "Scanner"),
        ("deal", "Renewal"),
        ("deal", "Renewal"),
        ("call", ""),
        ("created", ""),
    ]
    replies = [entry.body for entry in page.entries if entry.kind == "message"]
    assert replies[0] == "Try this."
    change = page.entries[0].fields[0]
    assert (change.field, change.before, change.after) == ("job_title", "", "CEO")
    moved, opened = [entry for entry in page.entries if entry.kind == "deal"]
    assert (moved.stage_from, moved.stage_to, moved.stage_type) == (
        "Qualification",
        "Proposal",
        StageType.OPEN,
    )
    assert opened.stage_from is None
    assert page.entries[0].who == "Elena Novak"
    of_company = read(store, timeline, company_id=company_id)
    assert {entry.kind for entry in of_company.entries} >= {"call", "deal", "ticket", "task"}
    of_deal = read(store, timeline, deal_id=deal_id)
    assert [entry.kind for entry in of_deal.entries if entry.kind == "deal"] == ["deal", "deal"]
    counts = read(store, timeline_counts, contact_id=contact_id)
    assert (counts["call"], counts["deal"], counts["ticket"], counts["task"]) == (1, 2, 1, 1)
    calls = read(store, timeline, contact_id=contact_id, kinds=("call", "note"))
    assert [entry.outcome for entry in calls.entries] == [CallOutcome.REACHED]


def test_pages_follow_each_other_without_gap_or_repetition(store: Workspace) -> None:
    contact_id = run(store, create_contact, name="Priya Raman")
    made = []
    for n in range(23):
        # Every third pair shares a moment, which must not be torn apart.
        at = START + timedelta(days=n - (n % 3 == 1))
        made.append(
            run(store, log_activity, kind="note", body=str(n), at=at, contact_id=contact_id)
        )
    seen: list[int] = []
    before = None
    for _ in range(20):
        page = read(store, timeline, contact_id=contact_id, kinds=("note",), limit=5, before=before)
        seen += [entry.record_id for entry in page.entries]
        before = page.next_before
        if before is None:
            break
    assert len(seen) == len(set(seen)) == 23
    assert set(seen) == set(made)


def test_what_was_undone_is_not_told(store: Workspace) -> None:
    contact_id = run(store, create_contact, name="Priya Raman")
    run(store, change_contact, contact_id=contact_id, job_title="CEO")
    process = store.database.process
    step = store.read(undo_candidate, store.user_id, process=process)
    assert step is not None
    store.change("Undo", undo_step, step=step.n)
    kinds = [entry.kind for entry in read(store, timeline, contact_id=contact_id).entries]
    assert kinds == ["created"]


def test_names_stand_for_ids_in_changes(store: Workspace) -> None:
    contact_id = run(store, create_contact, name="Priya Raman")
    farah = run(store, create_user, name="Farah Aziz")
    run(store, change_contact, contact_id=contact_id, owner_id=farah)
    (change,) = read(store, timeline, contact_id=contact_id, kinds=("change",)).entries[0].fields
    assert (change.before, change.after) == ("Elena Novak", "Farah Aziz")


def test_activities_follow_their_links_and_can_be_undone(store: Workspace) -> None:
    company_id = run(store, create_company, name="Aldgate Partners")
    contact_id = run(store, create_contact, name="Priya Raman", company_id=company_id)
    deal_id = run(store, create_deal, name="Renewal", contact_id=contact_id)
    activity_id = undo_roundtrip(
        store,
        log_activity,
        kind=ActivityKind.CALL,
        direction=Direction.INBOUND,
        outcome=CallOutcome.REACHED,
        duration_seconds=840,
        body="Pricing",
        deal_id=deal_id,
    )
    entries = read(store, timeline, contact_id=contact_id, kinds=("call",)).entries
    assert [(e.record_id, e.duration_seconds) for e in entries] == [(activity_id, 840)]
    assert len(read(store, timeline, company_id=company_id, kinds=("call",)).entries) == 1
    undo_roundtrip(store, change_activity, activity_id=activity_id, body="Pricing for Q1")
    undo_roundtrip(store, archive_activity, activity_id=activity_id)
    assert read(store, timeline, contact_id=contact_id, kinds=("call",)).entries == ()
    undo_roundtrip(store, restore_activity, activity_id=activity_id)


def test_an_empty_note_and_an_outcome_without_call_are_refused(workspace: Workspace) -> None:
    contact_id = run(workspace, create_contact, name="Priya Raman")
    with pytest.raises(UserError) as refused:
        run(workspace, log_activity, kind="note", body="  ", contact_id=contact_id)
    assert refused.value.field == "body"
    with pytest.raises(UserError):
        run(workspace, log_activity, kind="email", outcome="busy", contact_id=contact_id)
