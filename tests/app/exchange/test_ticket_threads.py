"""Threads that come in files of their own: each message once, by whom and for whom."""

import itertools
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.exchange.kinds.ticket_thread import Comment, read_comments
from app.exchange.plan import plan_file
from app.exchange.runs import undo_batches
from app.workspace import Workspace
from models.records import Ticket
from models.values import TicketStatus
from tests.app.exchange.conftest import MakeFile, counts, take
from tests.app.exchange.test_ticket_files import picture
from tests.conftest import read, snapshot

TICKETS = (
    "id,requester_id,assignee_id,subject,organization_id,submitter_id,brand_id,via_channel,status,"
    "created_at,description\n"
    "5,22,11,Printer,,22,1,web,open,2024-01-02 10:00:00,It smokes\n"
)
COMMENTS = (
    "id,body,public,ticket_id,author_id,created_at\n"
    "101,It smokes,true,5,22,2024-01-02 10:00:02\n"
    "102,Since when?,true,5,11,2024-01-02 11:00:00\n"
    "103,Ask the maker,false,5,11,2024-01-02 11:05:00\n"
    "104,Since noon,true,5,22,2024-01-02 12:00:00\n"
    "105,,true,5,22,2024-01-02 12:01:00\n"
    "106,When?,true,,22,2024-01-02 12:01:00\n"
)
PEOPLE = (
    "id,name,role,organization_id,time_zone,locale,ticket_restriction,suspended,email\n"
    "11,Sam Hill,agent,,,en,,FALSE,sam@x.example\n22,Ann Lee,end-user,,,en,,FALSE,\n"
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_thread_is_the_same_in_whatever_order_it_comes(
    workspace: Workspace, make_file: MakeFile, order: tuple[int, ...]
) -> None:
    before = snapshot(workspace)
    files = [
        make_file(TICKETS, "tickets.csv"),
        make_file(COMMENTS, "comments.csv"),
        make_file(PEOPLE, "people.csv"),
    ]
    done = [take(workspace, files[place])[0] for place in order]
    comments = done[order.index(1)]
    assert counts(comments)["failed"] == 1
    assert counts(comments)["skipped"] == 1
    assert sum(counts(comments).values()) == 6
    found = read(workspace, picture)
    assert [(m[1], m[2], m[3][11:19], m[4], m[5]) for m in found["messages"]] == [
        ("customer", "It smokes", "10:00:02", "", "Ann Lee"),
        ("customer", "Since noon", "12:00:00", "", "Ann Lee"),
        ("note", "Ask the maker", "11:05:00", "Sam Hill", ""),
        ("reply", "Since when?", "11:00:00", "Sam Hill", ""),
    ]
    assert found["tickets"] == [
        ("Printer", "open", "normal", "question", "web", "", "Ann Lee", "Sam Hill")
    ]
    again = [take(workspace, files[place])[0] for place in order]
    assert all(set(counts(r)) <= {"unchanged", "skipped", "failed"} for r in again)
    assert read(workspace, picture) == found
    undo_batches(workspace, [r.batch_id for r in (*done, *again) if r.batch_id])
    after = snapshot(workspace)
    own = {"import_batch", "import_reject"}  # what the imports say of themselves
    assert {k: v for k, v in after.items() if k not in own} == {
        k: v for k, v in before.items() if k not in own
    }


def test_zendesk_exports_of_its_own_window(workspace: Workspace, make_file: MakeFile) -> None:
    file = make_file(
        "Summation column,Id,Requester,Requester id,Requester external id,Requester email,"
        "Requester domain,Submitter,Assignee,Group,Subject,Tags,Status,Priority,Via,Ticket type,"
        "Created at,Updated at,Assigned at,Organization,Due date,Solved at,Resolution time,"
        "Satisfaction Score,Reopens,Replies,First reply time in minutes\n"
        "1,31,Ann Lee,77,,ann@x.example,x.example,Ann Lee,Sam Hill,Support,Printer,vip billing,"
        "Solved,Urgent,Mail,Incident,2024-01-02 10:00:00,2024-01-03 10:00:00,2024-01-02 10:01:00,"
        "Foo,,2024-01-03 10:00:00,24,Good,0,2,31\n",
        "export.csv",
    )
    (result,) = take(workspace, file)
    assert counts(result) == {"created": 1}

    def facts(session: Session) -> tuple[Any, ...]:
        t = session.scalars(select(Ticket)).one()
        return t.status, t.satisfaction, t.category, f"{t.resolved_at:%d %H}", t.first_response_at

    assert read(workspace, facts) == (TicketStatus.RESOLVED, 5, "Support", "03 10", None)
    found = read(workspace, picture)
    assert found["tickets"] == [
        ("Printer", "resolved", "urgent", "incident", "Mail", "Foo", "Ann Lee", "Sam Hill")
    ]
    assert counts(take(workspace, file)[0]) == {"unchanged": 1}


def test_chatwoot_conversations_and_messages(workspace: Workspace, make_file: MakeFile) -> None:
    conversations = make_file(
        "id,account_id,inbox_id,status,assignee_id,created_at,updated_at,contact_id,display_id,"
        "contact_last_seen_at,last_activity_at,first_reply_created_at,priority\n"
        "4,1,2,1,1,2024-01-02 10:00:00,2024-01-03 10:00:00,1,9,,2024-01-03 10:00:00,"
        "2024-01-02 10:20:00,3\n",
        "conversations.csv",
    )
    messages = make_file(
        "id,content,account_id,inbox_id,conversation_id,message_type,created_at,private,"
        "sender_type,sender_id\n"
        "1,It smokes,1,2,4,0,2024-01-02 10:00:00,false,Contact,1\n"
        "2,Since when?,1,2,4,1,2024-01-02 10:20:00,false,User,1\n"
        "3,Ask the maker,1,2,4,1,2024-01-02 10:21:00,true,User,1\n"
        "4,Sam resolved it,1,2,4,2,2024-01-02 10:22:00,false,,\n",
        "messages.csv",
    )
    results = take(workspace, messages, conversations)
    assert [counts(r) for r in results] == [{"created": 1}, {"created": 4}]
    found = read(workspace, picture)
    assert found["tickets"] == [("Ticket 4", "resolved", "urgent", "question", "", "", "", "")]
    assert [(m[1], m[2]) for m in found["messages"]] == [
        ("customer", "It smokes"),
        ("note", "Ask the maker"),
        ("reply", "Since when?"),
        ("system", "Sam resolved it"),
    ]
    again = take(workspace, messages, conversations)
    assert [counts(r) for r in again] == [{"unchanged": 1}, {"unchanged": 4}]


def test_comments_of_a_program_nobody_knows_are_found_again_by_what_they_say(
    workspace: Workspace, make_file: MakeFile
) -> None:
    tickets = make_file(
        "Case number,Subject,Status,Priority,Opened,Requester\n"
        "C-9,Printer,Open,High,2024-01-02 10:00,Ann Lee\n",
        "cases.csv",
    )
    comments = make_file(
        "Case ID,Author,Comment,Created at\n"
        "C-9,Ann Lee,It smokes,2024-01-02 10:00\nC-9,Elena Novak,Since when?,2024-01-02 11:00\n"
        "C-9,Elena Novak,Since when?,2024-01-02 11:00\nC-9,Nobody Known,Me too,2024-01-02 12:00\n",
        "comments.csv",
    )
    first, second = take(workspace, tickets, comments)
    assert counts(first) == {"created": 1}
    assert second.plan.kind == "ticket_message"
    assert counts(second) == {"created": 3, "merged": 1}
    assert [p.value for p in second.tally.problems] == ["Nobody Known"]
    found = read(workspace, picture)
    assert [(m[1], m[2], m[4], m[5]) for m in found["messages"]] == [
        ("customer", "It smokes", "", "Ann Lee"),
        ("customer", "Me too", "", ""),
        ("reply", "Since when?", "Elena Novak", ""),
    ]
    assert counts(take(workspace, comments)[0]) == {"unchanged": 4}


def test_comments_in_cells_are_read_as_trackers_write_them() -> None:
    cells = [
        "05/Feb/24 9:00 AM;557058:f58131cb;Second; with a semicolon\nand a line",
        "04/Feb/24 11:30 PM;ann;First",
        "No moment here; only text",
        "06/Feb/24 9:00 AM;ann;  ",
    ]
    read_ = read_comments(cells)
    assert [(c.author, c.body) for c in read_] == [
        ("ann", "First"),
        ("557058:f58131cb", "Second; with a semicolon\nand a line"),
        ("", "No moment here; only text"),
    ]
    assert read_[2] == Comment("No moment here; only text")
    american = read_comments(["2/13/24 9:00 AM;a;x", "2/3/24 9:00 AM;a;y"])
    assert [c.at.month for c in american if c.at] == [2, 2]


def test_semicolons_in_comments_do_not_cut_a_table_of_commas(make_file: MakeFile) -> None:
    head = "Summary,Issue key,Issue Type,Status,Reporter,Created," + ",".join(["Comment"] * 20)
    cells = ",".join(f"2024-01-02 11:{n:02d};Sam;text {n}" for n in range(20))
    rows = [f"S{n},HD-{n},Bug,Open,Ann,2024-01-02 10:00,{cells}" for n in range(250)]
    plan = plan_file(make_file("\n".join([head, *rows]) + "\n", "jira.csv"))
    assert (plan.table.dialect.delimiter, plan.kind, len(plan.table.headers)) == (",", "ticket", 26)
