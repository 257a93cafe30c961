"""Help desks: tickets with their threads, people and companies, in whatever order files come."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import UserError
from app.exchange.plan import plan_file
from app.exchange.runs import undo_batches
from app.workspace import Workspace
from models.records import Company, Contact, Tag, TagLink, Ticket, TicketMessage, User
from models.values import MessageKind, TicketPriority, TicketStatus, TicketType
from tests.app.exchange.conftest import MAVEN, MakeFile, counts, take
from tests.conftest import read, snapshot

ZENDESK = MAVEN.parent / "tickets-zendesk"
NAMES = ("organization", "user", "ticket", "ticket_comment", "ticket_tag")


@pytest.fixture
def zendesk() -> dict[str, Path]:
    files = {name: ZENDESK / f"zendesk_{name}_data.csv" for name in NAMES}
    if not all(file.exists() for file in files.values()):
        pytest.skip(f"the Zendesk files are not in {ZENDESK}")
    return files


def picture(session: Session) -> dict[str, Any]:
    """Return what a person sees, without ids and moments of writing."""
    companies = {x.id: x.name for x in session.scalars(select(Company))}
    people = {x.id: x.name for x in session.scalars(select(Contact))}
    users = {x.id: x.name for x in session.scalars(select(User))}
    tickets = {t.id: t for t in session.scalars(select(Ticket))}
    tags = session.execute(
        select(TagLink.ticket_id, Tag.name).join(Tag, Tag.id == TagLink.tag_id)
    ).all()
    return {
        "tickets": sorted(
            (
                t.subject, t.status.value, t.priority.value, t.type.value, t.channel or "",
                companies.get(t.company_id, ""), people.get(t.contact_id, ""),
                users.get(t.owner_id, ""),
            )
            for t in tickets.values()
        ),
        "messages": sorted(
            (
                tickets[m.ticket_id].subject, m.kind.value, m.body, m.at.isoformat(),
                users.get(m.user_id, ""), people.get(m.contact_id, ""),
            )
            for m in session.scalars(select(TicketMessage))
        ),
        "tags": sorted((tickets[i].subject, name) for i, name in tags if i is not None),
        "people": sorted(
            (c.name, companies.get(c.company_id, "")) for c in session.scalars(select(Contact))
        ),
        "companies": sorted(companies.values()),
        "users": sorted(users.values()),
    }  # fmt: skip


def test_zendesk_extracts(workspace: Workspace, zendesk: dict[str, Path]) -> None:
    before = snapshot(workspace)
    dry = take(workspace, *zendesk.values(), dry=True)
    assert snapshot(workspace) == before
    results = take(workspace, *zendesk.values())
    by_name = {r.plan.path.stem.removeprefix("zendesk_").removesuffix("_data"): r for r in results}
    assert {name: counts(r) for name, r in by_name.items()} == {
        "organization": {"created": 10},
        "user": {"created": 10},
        "ticket": {"created": 8, "skipped": 2},
        "ticket_comment": {"created": 20},
        "ticket_tag": {"created": 5, "merged": 5},
    }
    assert {r.plan.path.name: counts(r) for r in dry} == {
        r.plan.path.name: counts(r) for r in results
    }
    deleted = [p for p in by_name["ticket"].tally.problems if "deleted" in p.reason]
    assert [p.row for p in deleted] == [2, 7]
    found = read(workspace, picture)
    assert len(found["tickets"]) == 8 + 7 + 5
    assert [row[1:5] for row in found["tickets"] if row[6] == "Earnest End User"] == [
        ("closed", "urgent", "question", "email")
    ]
    assert [row[7] for row in found["tickets"] if row[6] == "Earnest End User"] == ["Arthur Agent"]
    bodies = [row for row in found["messages"] if row[2].startswith("body")]
    assert len(bodies) == 20
    assert found["users"] == ["Arthur Agent", "Elena Novak"]
    assert len(found["people"]) == 9
    again = take(workspace, *zendesk.values())
    assert all(set(counts(r)) <= {"unchanged", "skipped"} for r in again), [
        (r.plan.path.name, counts(r)) for r in again
    ]
    assert read(workspace, picture) == found
    undo_batches(workspace, [r.batch_id for r in (*results, *again) if r.batch_id])
    after = snapshot(workspace)
    del before["import_batch"], after["import_batch"]
    assert after == before


@pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::11])
def test_any_order_of_the_zendesk_files_ends_the_same(
    workspace: Workspace, zendesk: dict[str, Path], order: tuple[int, ...]
) -> None:
    before = snapshot(workspace)
    files = list(zendesk.values())
    done = [take(workspace, files[place])[0] for place in order]
    found = read(workspace, picture)
    again = [take(workspace, files[place])[0] for place in order]
    assert all(set(counts(r)) <= {"unchanged", "skipped"} for r in again)
    undo_batches(workspace, [r.batch_id for r in (*done, *again) if r.batch_id])
    after = snapshot(workspace)
    assert {k: v for k, v in after.items() if k != "import_batch"} == {
        k: v for k, v in before.items() if k != "import_batch"
    }
    take(workspace, *files)
    assert read(workspace, picture) == found


def test_groups_of_a_help_desk_are_refused_with_the_reason() -> None:
    file = ZENDESK / "zendesk_group_data.csv"
    if not file.exists():
        pytest.skip(f"the Zendesk files are not in {ZENDESK}")
    with pytest.raises(UserError, match="groups of a help desk"):
        plan_file(file)
