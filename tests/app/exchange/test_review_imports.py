"""What people choose for an import, links in any order, and fields of their own."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.contacts import change_contact
from app.exchange.counts import Outcome
from app.exchange.plan import (
    MatchBy,
    OnMatch,
    Taking,
    plan_file,
    with_columns,
    with_taking,
)
from app.exchange.runs import FileResult, ImportRun, region_of, undo_batches
from app.workspace import Workspace
from models.records import (
    Company,
    Contact,
    CustomField,
    CustomValue,
    Deal,
    ExternalId,
    ImportBatch,
    PendingLink,
    StageChange,
    User,
)
from models.values import StageType
from tests.app.exchange.conftest import MakeFile, counts, take
from tests.conftest import read, run, snapshot

PEOPLE = ["First name", "Last name", "E-mail", "Phone", "Job title"]


def take_as(
    workspace: Workspace,
    file: Path,
    taking: Taking | None = None,
    *,
    fields: Mapping[int, str | None] | None = None,
    kind: str | None = None,
    chunk: int = 1_000,
) -> FileResult:
    """Import a file as a person has chosen."""
    region = region_of(workspace)
    plan = plan_file(file, kind=kind, region=region)
    if fields is not None:
        plan = with_columns(plan, fields, region)
    if taking is not None:
        plan = with_taking(plan, taking, region)
    return ImportRun(workspace, [plan], chunk=chunk).run()[0]


def column(workspace: Workspace, *columns: Any) -> list[Any]:
    """Return the values of columns, in the order in which the records were made."""
    rows = read(
        workspace,
        lambda s: [tuple(r) for r in s.execute(select(*columns).order_by(columns[0].class_.id))],
    )
    return [row[0] for row in rows] if len(columns) == 1 else rows


def undo(workspace: Workspace, *results: FileResult) -> None:
    undo_batches(workspace, [r.batch_id for r in results if r.batch_id is not None])


def same_but_for_batches(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return {k: v for k, v in one.items() if k != "import_batch"} == {
        k: v for k, v in other.items() if k != "import_batch"
    }


# --- Who wins ---------------------------------------------------------------------------------


def test_fill_takes_only_what_is_blank_and_undo_takes_it_back(
    store: Workspace, make_file: MakeFile
) -> None:
    take(store, make_file([PEOPLE, ["Anna", "Berg", "anna@x.example", "", "Head"]]))
    before = snapshot(store)
    file = make_file([[*PEOPLE, "City"], ["Anna", "Berg", "anna@x.example", "", "Cook", "Bonn"]])
    result = take_as(store, file, Taking(OnMatch.FILL))
    assert counts(result) == {"updated": 1}
    assert column(store, Contact.job_title, Contact.city) == [("Head", "Bonn")]
    assert counts(take_as(store, file, Taking(OnMatch.FILL))) == {"unchanged": 1}
    undo(store, result)
    assert same_but_for_batches(snapshot(store), before)


def test_fill_leaves_a_deal_where_it_stands(store: Workspace, make_file: MakeFile) -> None:
    head = ["Deal", "Stage", "Amount", "Created", "Closed date", "Lost reason", "Company"]
    take(store, make_file([head, ["One", "Proposal", "", "2024-02-01", "", "", "Foo"]], "a.csv"))
    lost = ["One", "Closed Lost", "", "2024-02-01", "2024-03-20", "price", "Foo"]
    file = make_file([head, lost], "b.csv")
    moves = column(store, StageChange.deal_id)
    since = column(store, Deal.stage_since)
    take_as(store, file, Taking(OnMatch.FILL))
    assert column(store, Deal.stage_type, Deal.closed_on, Deal.lost_reason) == [
        (StageType.OPEN, None, None)
    ]
    assert column(store, StageChange.deal_id) == moves
    assert column(store, Deal.stage_since) == since
    assert column(store, Deal.last_open_stage_id) == [None]


def test_fill_brings_an_amount_with_its_currency(store: Workspace, make_file: MakeFile) -> None:
    head = ["Deal", "Stage", "Amount", "Created", "Company"]
    take(store, make_file([head, ["One", "Proposal", "", "2024-02-01", "Foo"]], "a.csv"))
    file = make_file([head, ["One", "Proposal", "$ 100.00", "2024-02-01", "Foo"]], "b.csv")
    take_as(store, file, Taking(OnMatch.FILL))
    assert column(store, Deal.amount_minor, Deal.currency) == [(10_000, "USD")]


def test_a_further_row_brings_an_amount_with_its_currency(
    workspace: Workspace, make_file: MakeFile
) -> None:
    head = ["Deal ID", "Deal", "Stage", "Amount", "Created", "Company"]
    rows = [
        ["7", "One", "Proposal", "", "2024-02-01", "Foo"],
        ["7", "One", "Proposal", "$ 100.00", "2024-02-01", "Foo"],
    ]
    result = take_as(workspace, make_file([head, *rows], "a.csv"))
    assert counts(result) == {"created": 1, "merged": 1}
    assert column(workspace, Deal.amount_minor, Deal.currency) == [(10_000, "USD")]


def test_newest_lets_the_later_change_win(store: Workspace, make_file: MakeFile) -> None:
    head = [*PEOPLE, "Last modified"]
    anna = ["Anna", "Berg", "anna@x.example", ""]
    take(store, make_file([head, [*anna, "Head", "2020-01-01 10:00"]]))
    older = make_file([head, [*anna, "Cook", "2021-01-01 10:00"]], "older.csv")
    assert counts(take_as(store, older, Taking(OnMatch.NEWEST))) == {"unchanged": 1}
    newer = make_file([head, [*anna, "Chef", "2099-01-01 10:00"]], "newer.csv")
    assert counts(take_as(store, newer, Taking(OnMatch.NEWEST))) == {"updated": 1}
    assert column(store, Contact.job_title) == ["Chef"]


def test_a_company_keeps_its_parent_unless_the_file_wins(
    store: Workspace, make_file: MakeFile
) -> None:
    head = ["Company name", "Industry", "Parent company"]
    take(store, make_file([head, ["Bar", "", ""], ["Baz", "", ""], ["Foo", "", "Bar"]]))
    file = make_file([head, ["Foo", "", "Baz"]], "b.csv")
    assert counts(take_as(store, file, Taking(OnMatch.FILL))) == {"unchanged": 1}
    unknown = make_file([head, ["Foo", "", "Later"], ["Later", "", ""]], "c.csv")
    assert counts(take_as(store, unknown, Taking(OnMatch.FILL))) == {"unchanged": 1, "created": 1}
    names = dict(column(store, Company.id, Company.name))
    parents = {n: names.get(p) for n, p in column(store, Company.name, Company.parent_id)}
    assert parents["Foo"] == "Bar"
    assert counts(take_as(store, file)) == {"updated": 1}
    parents = {n: names.get(p) for n, p in column(store, Company.name, Company.parent_id)}
    assert parents["Foo"] == "Baz"


# --- How records are found again --------------------------------------------------------------


def test_match_by_says_what_finds_a_record(store: Workspace, make_file: MakeFile) -> None:
    head = ["Contact ID", *PEOPLE]
    take(store, make_file([head, ["1", "Anna", "Berg", "anna@x.example", "", ""]]))
    other = make_file([head, ["1", "Bo", "Lund", "bo@x.example", "", ""]], "b.csv")
    by_mail = Taking(match_by=frozenset({MatchBy.EMAIL}))
    assert counts(take_as(store, other, by_mail)) == {"created": 1}
    assert counts(take_as(store, other, by_mail)) == {"unchanged": 1}
    named = make_file([head, ["", "Anna", "Berg", "new@x.example", "", ""]], "c.csv")
    assert counts(take_as(store, named, by_mail)) == {"created": 1}


def test_a_record_that_went_leaves_its_id_free(store: Workspace, make_file: MakeFile) -> None:
    head = ["Contact ID", *PEOPLE]
    file = make_file([head, ["1", "Anna", "Berg", "anna@x.example", "", ""]])
    first = take_as(store, file)
    undo(store, first)
    assert counts(take_as(store, file)) == {"created": 1}
    assert len(column(store, ExternalId.value)) == 1


def test_words_of_the_file_are_read_as_others(store: Workspace, make_file: MakeFile) -> None:
    head = ["Ticket ID", "Subject", "Status", "Priority", "Agent"]
    rows = [["1", "Help", "Parked", "P1", "E. Novak"], ["2", "More", "Open", "P1", "Nobody known"]]
    taking = Taking(
        words={
            "status": {"parked": "on hold"},
            "priority": {"p1": "urgent"},
            "owner": {"enovak": "Elena Novak", "nobodyknown": None},
        }
    )
    from models.records import Ticket

    result = take_as(store, make_file([head, *rows]), taking)
    assert counts(result) == {"created": 2}
    assert result.tally.problems == []
    found = column(store, Ticket.status, Ticket.priority, Ticket.owner_id)
    assert [(s.value, p.value, bool(o)) for s, p, o in found] == [
        ("on_hold", "urgent", True),
        ("open", "urgent", False),
    ]
    assert len(column(store, User.id)) == 1


# --- Fields of their own ----------------------------------------------------------------------

OWN = ["E-mail", "First name", "Last name", "Size", "Shoe", "Since", "Fan", "Paid"]
OWN_FIELDS = {
    3: "custom:text:Size",
    4: "custom:number:Shoe",
    5: "custom:date:Since",
    6: "custom:yes_no:Fan",
    7: "custom:money:Paid",
}


def values(workspace: Workspace) -> list[tuple[Any, ...]]:
    def query(session: Session) -> list[tuple[Any, ...]]:
        rows = session.execute(
            select(
                CustomField.name, CustomValue.text, CustomValue.number, CustomValue.day,
                CustomValue.yes, CustomValue.money_minor, CustomValue.currency,
            ).join(CustomField, CustomField.id == CustomValue.field_id)
            .order_by(CustomField.position, CustomValue.id)
        )  # fmt: skip
        return [tuple(x for x in row if x is not None) for row in rows]

    return read(workspace, query)


def test_columns_become_fields_of_their_own_and_undo_takes_them_back(
    store: Workspace, make_file: MakeFile
) -> None:
    empty = snapshot(store)
    anna = ["anna@x.example", "Anna", "Berg"]
    file = make_file([OWN, [*anna, "XL", "42.123456789", "2024-02-01", "yes", "12.50 USD"]])
    first = take_as(store, file, fields=OWN_FIELDS)
    assert counts(first) == {"created": 1}
    assert values(store) == [
        ("Size", "XL"),
        ("Shoe", Decimal("42.12345679")),
        ("Since", date(2024, 2, 1)),
        ("Fan", True),
        ("Paid", 1_250, "USD"),
    ]
    fill = Taking(OnMatch.FILL)  # not the same way, so that every row is looked up
    assert counts(take_as(store, file, fill, fields=OWN_FIELDS)) == {"unchanged": 1}
    assert counts(take_as(store, file, fields=OWN_FIELDS)) == {"unchanged": 1}
    before = snapshot(store)
    other = make_file([OWN, [*anna, "S", "42.123456789", "2024-02-01", "no", "12.50 USD"]], "b.csv")
    assert counts(take_as(store, other, fill, fields=OWN_FIELDS)) == {"unchanged": 1}
    second = take_as(store, other, fields=OWN_FIELDS)
    assert counts(second) == {"updated": 1}
    assert values(store)[0] == ("Size", "S")
    undo(store, second)
    assert same_but_for_batches(snapshot(store), before)
    undo(store, first)
    assert same_but_for_batches(snapshot(store), empty)


def test_of_two_rows_about_one_record_the_first_fills_its_own_fields(
    workspace: Workspace, make_file: MakeFile
) -> None:
    anna = ["anna@x.example", "Anna", "Berg"]
    head = OWN[:4]
    fields = {3: "custom:text:Size"}
    rows = [[*anna, "XL"], [*anna, "S"]]
    result = take_as(workspace, make_file([head, *rows]), fields=fields)
    assert counts(result) == {"created": 1, "merged": 1}
    assert values(workspace) == [("Size", "XL")]
    assert [(p.row, p.column, p.value) for p in result.tally.problems] == [(3, "Size", "S")]
    newest = make_file([head, *rows, [*anna, "M"]], "b.csv")
    assert counts(take_as(workspace, newest, fields=fields)) == {"unchanged": 3}
    assert values(workspace) == [("Size", "XL")]


def test_a_field_of_a_long_or_doubled_name_is_one_field(
    workspace: Workspace, make_file: MakeFile
) -> None:
    long = "x" * 130
    file = make_file([["E-mail", "First name", "A", "B"], ["a@x.example", "Anna", "1", "2"]])
    fields = {2: f"custom:text:{long}", 3: f"custom:text:{long}"}
    for file_name in ("b.csv", "c.csv"):
        again = make_file(file.read_text(), file_name)
        take_as(workspace, again, Taking(OnMatch.FILL), fields=fields)
    assert len(column(workspace, CustomField.id)) == 1
    two = {2: "custom:text:Size", 3: "custom:text:size!"}
    take_as(workspace, file, fields=two)
    assert len(column(workspace, CustomField.id)) == 2


def test_a_persons_field_is_not_written_on_a_company(
    workspace: Workspace, make_file: MakeFile
) -> None:
    rows = [["Name", "Is a company", "E-mail", "Size"], ["Foo", "yes", "a@x.example", "XL"]]
    fields = {0: "name", 1: "is_company", 2: "email", 3: "custom:text:Size"}
    result = take_as(workspace, make_file(rows), fields=fields, kind="contact")
    assert counts(result) == {"created": 1}
    companies = column(workspace, Company.id)
    held = column(workspace, CustomValue.record_id, CustomValue.field_id)
    kinds = dict(column(workspace, CustomField.id, CustomField.record_kind))
    assert [(owner, kinds[field]) for owner, field in held] in (
        [],
        [(companies[0], "company")],
    )
    assert held or any("Size" in p.column for p in result.tally.problems)


# --- Links by the other program's ids ---------------------------------------------------------

COMPANIES = [["Company ID", "Company name", "Industry"], ["5", "Foo", "Steel"]]
STAFF = [
    ["Contact ID", "First name", "Last name", "E-mail", "Company ID"],
    ["1", "Anna", "Berg", "anna@x.example", "5"],
]


@pytest.mark.parametrize("order", ["people first", "companies first"])
@pytest.mark.parametrize("back", ["newest first", "oldest first"])
def test_links_resolve_in_any_order_and_are_taken_back(
    store: Workspace, make_file: MakeFile, order: str, back: str
) -> None:
    empty = snapshot(store)
    people, companies = make_file(STAFF, "people.csv"), make_file(COMPANIES, "companies.csv")
    files = [people, companies] if order == "people first" else [companies, people]
    first, second = (take_as(store, file) for file in files)
    assert column(store, Contact.company_id) == column(store, Company.id)
    fill = Taking(OnMatch.FILL)
    for file in files:
        assert counts(take_as(store, file, fill)) == {"unchanged": 1}
    results = [second, first] if back == "newest first" else [first, second]
    for result in results:
        undo(store, result)
    if back == "newest first":
        assert same_but_for_batches(snapshot(store), empty)
    else:  # what the later import used stays, and says so
        assert read(store, lambda s: s.get(ImportBatch, first.batch_id).undo_report)["kept"]


def test_a_link_waits_for_an_id_that_a_row_gives_beside_a_name(
    workspace: Workspace, make_file: MakeFile
) -> None:
    take_as(workspace, make_file(STAFF, "people.csv"))
    head = ["Contact ID", "First name", "Last name", "E-mail", "Company ID", "Company name"]
    more = make_file([head, ["2", "Bo", "Lund", "bo@x.example", "5", "Foo"]], "more.csv")
    take_as(workspace, more)
    (foo,) = column(workspace, Company.id)
    assert column(workspace, Contact.company_id) == [foo, foo]
    assert column(workspace, PendingLink.value) == ["5"]


def test_a_company_is_not_its_own_parent(workspace: Workspace, make_file: MakeFile) -> None:
    head = ["Company ID", "Company name", "Parent ID"]
    fields = {0: "external_id", 1: "name", 2: "parent_ref"}
    file = make_file([head, ["5", "Foo", "5"], ["6", "Bar", "5"]])
    take_as(workspace, file, fields=fields, kind="company")
    again = take_as(workspace, file, Taking(OnMatch.NEWEST), fields=fields, kind="company")
    assert counts(again) == {"unchanged": 2}
    file.write_text(file.read_text() + "\n")
    third = take_as(workspace, file, fields=fields, kind="company")
    assert third.tally.counts[Outcome.UPDATED] == 0
    foo, _ = column(workspace, Company.id)
    assert column(workspace, Company.parent_id) == [None, foo]


# --- The shortcut for a file taken before ------------------------------------------------------


def test_a_record_edited_while_the_import_ran_is_looked_at_again(
    workspace: Workspace, make_file: MakeFile
) -> None:
    rows = [[f"N{i}", f"F{i}", f"p{i}@x.example", "", "Head"] for i in range(30)]
    file = make_file([PEOPLE, *rows])
    plan = plan_file(file)

    def edit(progress: Any) -> None:
        if progress.done == 10:
            found = column(workspace, Contact.id)[0]
            run(workspace, change_contact, contact_id=found, job_title="Cook")

    ImportRun(workspace, [plan], chunk=10, on_progress=edit).run()
    assert column(workspace, Contact.job_title)[0] == "Cook"
    (again,) = take(workspace, file)
    assert counts(again) == {"unchanged": 29, "updated": 1}
    assert column(workspace, Contact.job_title)[0] == "Head"


def test_a_record_edited_while_nothing_was_looked_up_is_looked_at_again(
    workspace: Workspace, make_file: MakeFile
) -> None:
    rows = [[f"N{i}", f"F{i}", f"p{i}@x.example", "", "Head"] for i in range(30)]
    file = make_file([PEOPLE, *rows])
    take(workspace, file)

    def edit(progress: Any) -> None:
        if progress.done == 10:
            found = column(workspace, Contact.id)[0]
            run(workspace, change_contact, contact_id=found, job_title="Cook")

    ImportRun(workspace, [plan_file(file)], chunk=10, on_progress=edit).run()
    (again,) = take(workspace, file)
    assert counts(again) == {"unchanged": 29, "updated": 1}


def test_another_mapping_of_columns_of_one_name_is_another_reading(
    workspace: Workspace, make_file: MakeFile
) -> None:
    file = make_file(
        [["E-mail", "First name", "Note", "Note"], ["a@x.example", "Anna", "one", "two"]]
    )
    take_as(workspace, file, fields={2: None, 3: "custom:text:Note"})
    result = take_as(workspace, file, fields={2: "custom:text:Other", 3: "custom:text:Note"})
    assert counts(result) == {"updated": 1}


def test_after_an_undo_or_another_import_the_file_is_looked_at_again(
    store: Workspace, make_file: MakeFile
) -> None:
    file = make_file([PEOPLE, ["Anna", "Berg", "anna@x.example", "", "Head"]])
    first = take_as(store, file)
    other = make_file([PEOPLE, ["Anna", "Berg", "anna@x.example", "", "Cook"]], "b.csv")
    second = take_as(store, other)
    assert counts(take_as(store, file)) == {"updated": 1}
    assert counts(take_as(store, file)) == {"unchanged": 1}
    undo(store, second)
    undo(store, first)
    assert counts(take_as(store, file)).keys() <= {"created", "updated", "unchanged"}
    assert column(store, Contact.job_title) == ["Head"]


# --- What must not break an import -------------------------------------------------------------


def test_deals_of_two_files_that_count_alike_stay_two_and_come_once(
    workspace: Workspace, make_file: MakeFile
) -> None:
    head = ["Deal ID", "Deal", "Stage", "Amount", "Created", "Company"]
    one = make_file([head, ["1", "One", "Proposal", "5", "2024-02-01", "Foo"]], "a.csv")
    two = make_file([head, ["1", "Two", "Proposal", "7", "2024-02-01", "Bar"]], "b.csv")
    take_as(workspace, one)
    assert counts(take_as(workspace, two)) == {"created": 1}
    for file in (two, one):
        assert counts(take_as(workspace, file, Taking(OnMatch.FILL))) == {"unchanged": 1}
    assert column(workspace, Deal.name) == ["One", "Two"]


def test_a_tag_of_a_later_row_is_taken_back_with_its_import(
    store: Workspace, make_file: MakeFile
) -> None:
    empty = snapshot(store)
    anna = ["Anna", "Berg", "anna@x.example"]
    rows = [["First name", "Last name", "E-mail", "Tags"], [*anna, ""], [*anna, "vip"]]
    result = take_as(store, make_file(rows), chunk=1)
    assert counts(result) == {"created": 1, "merged": 1}
    undo(store, result)
    assert same_but_for_batches(snapshot(store), empty)


def test_long_names_and_what_no_database_holds_come_in(
    store: Workspace, make_file: MakeFile
) -> None:
    head = ["First name", "Last name", "E-mail", "Owner", "Lead source", "Birthday"]
    rows = [["Anna", "Berg", f"p{i}@x.example", "ß" * 250, "ß" * 150, ""] for i in range(2)]
    padding = [[f"N{i}", "L" * 120, f"q{i}@x.example", "", "", ""] for i in range(2_000)]
    file = make_file([head, *rows, *padding, ["Bo\0", "L", "b@x.example", "a\0b", "c\0d", "e\0"]])
    result = take_as(store, file)
    assert counts(result) == {"created": 2_003}
    assert len(column(store, User.id)) == 3
    assert counts(take_as(store, file, Taking(OnMatch.FILL))) == {"unchanged": 2_003}


def test_an_appointment_at_the_end_of_the_calendar_comes_in(
    workspace: Workspace, make_file: MakeFile
) -> None:
    rows = [["Title", "Start"], ["For ever", "9999-12-31 23:59"], ["Soon", "2024-01-02 10:00"]]
    result = take_as(
        workspace, make_file(rows), fields={0: "title", 1: "starts_at"}, kind="appointment"
    )
    assert result.tally.read == 2
    assert result.tally.counts[Outcome.CREATED] >= 1
