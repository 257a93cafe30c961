"""Counting, matching, problems, undo, cancel: what an import promises."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.commands.contacts import change_contact
from app.exchange.counts import Outcome
from app.exchange.plan import plan_file
from app.exchange.runs import ImportRun, undo_batches
from app.queries.imports import import_batches, unfinished_imports
from app.workspace import Workspace
from models.records import Company, Contact, ContactPoint, Deal, ImportBatch, Stage, Ticket, User
from models.values import BatchState, LostReason, StageType
from tests.app.exchange.conftest import MakeFile, counts, take
from tests.conftest import read, run, snapshot

HEAD = ["First name", "Last name", "E-mail", "Phone", "Company"]


def contacts(session: Session) -> list[tuple[Any, ...]]:
    rows = session.execute(
        select(Contact.name, Contact.email, Contact.phone_key, Company.name)
        .outerjoin(Company, Company.id == Contact.company_id)
        .order_by(Contact.id)
    )
    return [tuple(row) for row in rows]


def test_contacts_come_with_their_company_and_ways_to_be_reached(
    store: Workspace, make_file: MakeFile
) -> None:
    file = make_file([HEAD, ["Anna", "Berg", "anna@x.example", "+49 30 5557 0142", "Foo GmbH"]])
    (result,) = take(store, file)
    assert counts(result) == {"created": 1}
    assert read(store, contacts) == [("Anna Berg", "anna@x.example", "+493055570142", "Foo GmbH")]
    points = read(store, lambda s: s.scalar(select(func.count(ContactPoint.id))))
    assert points == 2


def test_file_wins_over_what_is_stored_and_blanks_do_not(
    store: Workspace, make_file: MakeFile
) -> None:
    take(store, make_file([HEAD, ["Anna", "Berg", "anna@x.example", "+49 30 5557 0142", "Foo"]]))
    newer = make_file([HEAD, ["Anna", "Berg", "ANNA@x.example", "", "Bar"]])
    (result,) = take(store, newer)
    assert counts(result) == {"updated": 1}
    assert read(store, contacts) == [("Anna Berg", "anna@x.example", "+493055570142", "Bar")]
    assert counts(take(store, newer)[0]) == {"unchanged": 1}


def test_two_rows_about_one_person_merge_and_the_second_fills_blanks_only(
    workspace: Workspace, make_file: MakeFile
) -> None:
    file = make_file(
        [
            [*HEAD, "Job title"],
            ["Anna", "Berg", "anna@x.example", "", "Foo", ""],
            ["Anna", "Berg", "anna@x.example", "+49 30 5557 0142", "Bar", "Head"],
        ]
    )
    (result,) = take(workspace, file)
    assert counts(result) == {"created": 1, "merged": 1}
    assert read(workspace, contacts) == [("Anna Berg", "anna@x.example", "+493055570142", "Foo")]
    assert counts(take(workspace, file)[0]) == {"unchanged": 2}


def test_a_shared_address_does_not_glue_two_people_together(
    workspace: Workspace, make_file: MakeFile
) -> None:
    rows = [["Anna", "Berg", "info@x.example", "", ""], ["Bo", "Lund", "info@x.example", "", ""]]
    file = make_file([HEAD, *rows])
    assert counts(take(workspace, file)[0]) == {"created": 2}
    assert counts(take(workspace, file)[0]) == {"unchanged": 2}


def test_one_bad_value_leaves_its_field_empty_and_the_row_in(
    store: Workspace, make_file: MakeFile, tmp_path: Path
) -> None:
    rows = [
        ["Name", "E-mail", "Birthday", "Job title"],
        ["Anna Berg", "nope", "31.02.1990", "x" * 300],
        ["", "", "", ""],
        ["", "", "", "Head"],
        ["Bo Lund", "bo@x.example", "24.12.1990", "Head"],
    ]
    rejects = tmp_path / "rejects.csv"
    (result,) = take(store, make_file(rows), rejects=rejects)
    assert counts(result) == {"created": 2, "skipped": 1, "failed": 1}
    reasons = {(p.row, p.column) for p in result.tally.problems}
    assert reasons == {(2, "E-mail"), (2, "Birthday"), (2, "Job title"), (3, ""), (4, "")}

    def anna(session: Session) -> tuple[Any, ...]:
        found = session.scalars(select(Contact).where(Contact.name == "Anna Berg")).one()
        return found.email, found.birthday, found.job_title, found.description

    email, birthday, title, description = read(store, anna)
    assert (email, birthday, title) == (None, None, "x" * 200)
    assert "x" * 300 in description
    lines = rejects.read_text("utf-8-sig").splitlines()
    assert lines[0] == "Name,E-mail,Birthday,Job title,Not taken because"
    assert len(lines) == 3


def test_a_reject_file_can_be_mended_and_read_again(
    workspace: Workspace, make_file: MakeFile, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.csv"
    take(
        workspace,
        make_file([["Name", "E-mail", "City"], ["", "", "Bonn"], ["A B", "", "Ulm"]]),
        rejects=rejects,
    )
    mended = rejects.read_text("utf-8-sig").replace(",,Bonn", "Cara Dahl,,Bonn")
    (result,) = take(workspace, make_file(mended, "mended.csv"))
    assert counts(result) == {"created": 1}


def test_header_only_reads_nothing(workspace: Workspace, make_file: MakeFile) -> None:
    (result,) = take(workspace, make_file([HEAD]))
    assert result.as_json()["read"] == 0


def test_an_unknown_owner_becomes_a_user_and_is_told_once(
    workspace: Workspace, make_file: MakeFile
) -> None:
    rows = [
        ["Name", "E-mail", "Owner"],
        ["A B", "a@x.example", "E. Novak"],
        ["C D", "c@x.example", "E. Novak"],
    ]
    (result,) = take(workspace, make_file(rows))
    assert [(p.row, p.column, p.value) for p in result.tally.problems] == [(2, "Owner", "E. Novak")]
    assert read(workspace, lambda s: s.scalar(select(func.count(User.id)))) == 2


def test_deals_are_won_and_lost_in_a_pipeline_of_the_file(
    store: Workspace, make_file: MakeFile
) -> None:
    rows = [
        ["Deal", "Stage", "Amount", "Created", "Close date", "Lost reason", "Company"],
        ["One", "Closed Won", "1.234,56 €", "01.02.2024", "20.03.2024", "", "Foo"],
        ["Two", "Closed Lost", "10,00", "01.02.2024", "20.03.2024", "too expensive", "Foo"],
        ["Three", "Proposal", "", "01.02.2024", "20.03.2099", "", "Foo"],
    ]
    file = make_file(rows, "my_deals.csv")
    (result,) = take(store, file)
    assert counts(result) == {"created": 3}

    def deals(session: Session) -> list[tuple[Any, ...]]:
        rows = session.execute(
            select(Deal.name, Stage.name, Deal.stage_type, Deal.amount_minor, Deal.lost_reason)
            .join(Stage, Stage.id == Deal.stage_id)
            .order_by(Deal.board_order)
        )
        return [tuple(row) for row in rows]

    assert read(store, deals) == [
        ("One", "Closed Won", StageType.WON, 123_456, None),
        ("Two", "Closed Lost", StageType.LOST, 1_000, LostReason.PRICE),
        ("Three", "Proposal", StageType.OPEN, None, None),
    ]
    moved = make_file(
        [*rows[:3], ["Three", "Closed Won", "5,00", "01.02.2024", "01.04.2024", "", "Foo"]],
        "newer.csv",
    )
    assert counts(take(store, moved)[0]) == {"unchanged": 2, "updated": 1}
    assert read(store, deals)[2] == ("Three", "Closed Won", StageType.WON, 500, None)
    assert counts(take(store, moved)[0]) == {"unchanged": 3}


def test_tickets_and_activities(store: Workspace, make_file: MakeFile) -> None:
    tickets = make_file(
        "Ticket ID,Subject,Description,Status,Priority,Created time,Full name,Email\n"
        "7,Help,It broke,Pending,Urgent,2024-01-02 10:00,Ann Lee,ann@x.example\n",
        "t.csv",
    )
    calls = make_file(
        "Activity Type,Date,Subject,Notes,Contact,Duration\n"
        "Call,2024-01-02 11:00,Hello,we spoke,Ann Lee,5\n",
        "a.csv",
    )
    first = take(store, calls, tickets)
    assert [counts(r) for r in first] == [{"created": 1}, {"created": 1}]
    assert [counts(r) for r in take(store, calls, tickets)] == [{"unchanged": 1}] * 2
    assert read(store, contacts) == [("Ann Lee", "ann@x.example", None, None)]
    status = read(store, lambda s: s.scalars(select(Ticket.status)).one().value)
    assert status == "waiting"


def test_undo_restores_and_says_what_it_could_not_take_back(
    store: Workspace, make_file: MakeFile
) -> None:
    take(store, make_file([HEAD, ["Anna", "Berg", "anna@x.example", "", "Foo"]]))
    before = snapshot(store)
    rows = [
        ["Anna", "Berg", "anna@x.example", "+49 30 5557 0142", "Bar"],
        ["Bo", "Lund", "bo@x.example", "", "Baz"],
        ["Cara", "Dahl", "cara@x.example", "", "Baz"],
    ]
    (result,) = take(store, make_file([HEAD, *rows]))
    assert result.batch_id is not None
    cara = read(
        store, lambda s: s.scalars(select(Contact.id).where(Contact.name == "Cara Dahl")).one()
    )
    run(store, change_contact, contact_id=cara, job_title="Head")
    undo_batches(store, [result.batch_id])
    after = snapshot(store)
    kept = read(store, import_batches)[0]
    assert kept.state is BatchState.UNDONE
    assert kept.undo_report is not None
    reasons = {entry["kind"]: entry["reason"] for entry in kept.undo_report["kept"]}
    assert reasons == {
        "contact": "It was edited since.",
        "company": "Something made since uses it.",
    }
    assert set(after["contact"]) - set(before["contact"]) == {cara}
    assert {k: v for k, v in after["contact"].items() if k != cara} == before["contact"]
    points = {k for k, v in after["contact_point"].items() if v["contact_id"] != cara}
    assert points == set(before["contact_point"])


def test_cancelled_and_cut_off_imports_continue_and_undo(
    workspace: Workspace, make_file: MakeFile
) -> None:
    empty = snapshot(workspace)
    rows = [[f"N{i}", f"F{i}", f"p{i}@x.example", "", f"C{i % 7}"] for i in range(50)]
    file = make_file([HEAD, *rows])
    plans = [plan_file(file)]
    cut = ImportRun(workspace, plans, chunk=10)
    cut.on_progress = lambda progress: cut.cancel() if progress.done >= 20 else None
    (part,) = cut.run()
    assert part.tally.counts[Outcome.CREATED] == 20
    states = [batch.state for batch in read(workspace, import_batches)]
    assert states == [BatchState.CANCELLED]
    (rest,) = take(workspace, file, chunk=10)
    assert counts(rest) == {"unchanged": 20, "created": 30}
    assert read(workspace, unfinished_imports) == []
    assert part.batch_id is not None
    assert rest.batch_id is not None
    undo_batches(workspace, [part.batch_id, rest.batch_id])
    after = snapshot(workspace)
    del empty["import_batch"], after["import_batch"]
    assert after == empty


_WORDS = st.sampled_from(["", "Anna", "Bo", "Berg", "Lund", "Anna Berg", " ", "-"])
_MAILS = st.sampled_from(["", "a@x.example", "A@X.example", "b@x.example", "info@x.example", "no"])
_PHONES = st.sampled_from(["", "+49 30 5557 0142", "030 55570142", "+49 30 5557 0143", "none"])
_ROW = st.tuples(_WORDS, _WORDS, _MAILS, _PHONES, st.sampled_from(["", "Foo", "Foo GmbH", "Bar"]))


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(_ROW, max_size=12), st.integers(1, 5))
def test_the_counts_always_add_up_a_second_run_changes_nothing_and_undo_takes_all_back(
    workspace: Workspace, make_file: MakeFile, rows: list[tuple[str, ...]], chunk: int
) -> None:
    before = snapshot(workspace)
    file = make_file([HEAD, *rows], delimiter=",")
    (dry,) = take(workspace, file, kind="contact", dry=True, chunk=chunk)
    (first,) = take(workspace, file, kind="contact", chunk=chunk)
    assert dry.as_json() == first.as_json()
    found = first.as_json()
    assert found["read"] == len(list(first.plan.table.rows()))
    assert found["read"] == sum(found[outcome.value] for outcome in Outcome)
    lost = {p.row for p in first.tally.problems if not p.column}
    assert len(lost) >= found["skipped"] + found["failed"]
    (second,) = take(workspace, file, kind="contact", chunk=chunk)
    again = counts(second)
    assert not again.keys() & {"created", "updated", "merged"}, again
    assert first.batch_id is not None
    assert second.batch_id is not None
    undo_batches(workspace, [first.batch_id, second.batch_id])
    after = snapshot(workspace)
    del before["import_batch"], after["import_batch"]
    assert after == before


def test_an_import_broken_off_by_an_error_leaves_a_batch_that_can_be_undone(
    workspace: Workspace, make_file: MakeFile
) -> None:
    file = make_file([HEAD, *[[f"N{i}", "F", f"p{i}@x.example", "", ""] for i in range(30)]])
    plan = plan_file(file)

    def fail(_progress: object) -> None:
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        ImportRun(workspace, [plan], chunk=10, on_progress=fail).run()
    (batch,) = read(workspace, unfinished_imports)
    assert (batch.state, batch.created) == (BatchState.RUNNING, 10)
    undo_batches(workspace, [batch.id])
    assert read(workspace, contacts) == []
    assert read(workspace, lambda s: s.get(ImportBatch, batch.id).state) is BatchState.UNDONE
