"""Exports of other CRMs come in, a second time change nothing, and go back without a trace."""

import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.exchange.plan import plan_file
from app.exchange.runs import undo_batches
from app.queries.imports import import_batches
from app.workspace import Workspace
from models.records import Company, Contact, Deal, ExternalId, Stage, Tag, TagLink, User
from tests.app.exchange.conftest import MakeFile, counts, take
from tests.conftest import read, snapshot

REAL = Path(os.environ.get("CLOSEKNIT_REAL_DATA", Path(__file__).parents[4] / "shared/data/real"))


def real(name: str) -> Path:
    path = REAL / name
    if not path.exists():
        pytest.skip(f"{name} is not in {REAL}")
    return path


def number_of(workspace: Workspace, model: Any) -> int:
    return int(read(workspace, lambda s: s.scalar(select(func.count(model.id)))) or 0)


def content(workspace: Workspace) -> dict[str, Any]:
    """Return everything stored but the list of imports and what each of them did not take."""
    kept = {"import_batch", "import_reject"}
    return {table: rows for table, rows in snapshot(workspace).items() if table not in kept}


def take_back(workspace: Workspace) -> None:
    undo_batches(workspace, [batch.id for batch in reversed(read(workspace, import_batches))])


@pytest.mark.parametrize(
    ("name", "kind", "rows", "expected"),
    [
        ("crm-salesforce/accountData.csv", "company", 423, {"created": 423}),
        ("crm-salesforce/opportunityData.csv", "deal", 38, {"created": 38}),
        # Two rows have one id: ids decide, and the second row's other name is told as a problem.
        ("crm-salesforce/error0413060133.csv", "deal", 11, {"created": 10, "merged": 1}),
        ("crm-salesforce/insertAccountCsv.csv", "company", 100, {"created": 100}),
        ("crm-salesforce/sf_account_data.csv", "company", 10, {"created": 1, "skipped": 9}),
        ("crm-salesforce/dreamhouse-lwc_contacts-data.json", "contact", 5, {"created": 5}),
        ("crm-salesforce/ebikes-lwc_Accounts.json", "company", 3, {"created": 3}),
        ("crm-odoo/o2m_customers_contacts.csv", "contact", 8, {"created": 8}),
        ("crm-odoo/m2m_customers_tags.csv", "company", 5, {"created": 5}),
        ("crm-generic/relaticle_companies.csv", "company", 5, {"created": 5}),
        ("xlsx/relaticle_companies.xlsx", "company", 5, {"created": 5}),
        ("dedupe/febrl_dataset1.csv", "contact", 1000, {"created": 1000}),
        # Id 0 is no id (SEMANTICS), so this row is found by its name.
        ("dedupe/csv_example_messy_input.csv", "company", 3337, {"created": 3336, "merged": 1}),
        ("dirty/tb_csv_semicolon.csv", "contact", 2, {"created": 2}),
        ("dirty/spectrum_comma_in_quotes.csv", "contact", 1, {"created": 1}),
        ("dirty/sfdl_dateWithTimeZone.csv", "company", 2, {"created": 2}),
        ("dirty/sfdl_emptyFirstRowFieldValueInCsvTemplate.csv", "company", 2, {"created": 2}),
    ],
)
def test_a_real_file_comes_in_stays_as_it_is_and_goes_back(
    workspace: Workspace, name: str, kind: str, rows: int, expected: dict[str, int]
) -> None:
    file = real(name)
    before = content(workspace)
    (first,) = take(workspace, file)
    assert (first.plan.kind, first.plan.rows) == (kind, rows)
    assert counts(first) == expected
    (second,) = take(workspace, file)
    skipped = expected.get("skipped", 0)
    again = {"unchanged": rows - skipped}
    assert counts(second) == (again | {"skipped": skipped} if skipped else again)
    take_back(workspace)
    assert content(workspace) == before


ORDERS = (
    ("accountData.csv", "opportunityData.csv"),
    ("opportunityData.csv", "accountData.csv"),
)


@pytest.mark.parametrize("order", ORDERS)
def test_opportunities_find_their_accounts_in_any_order(
    workspace: Workspace, order: tuple[str, str]
) -> None:
    before = content(workspace)
    for name in order:
        take(workspace, real(f"crm-salesforce/{name}"))

    def facts(session: Session) -> tuple[Any, ...]:
        return tuple(
            session.execute(
                select(
                    func.count(Deal.id),
                    func.sum(Deal.amount_minor),
                    func.count(func.distinct(Deal.company_id)),
                    func.count(func.distinct(Deal.stage_id)),
                )
            ).one()
        )

    assert read(workspace, facts) == (38, 6_270_000_00, 7, 7)
    assert number_of(workspace, Company) == 423
    again = [counts(take(workspace, real(f"crm-salesforce/{name}"))[0]) for name in order]
    assert [set(each) for each in again] == [{"unchanged"}, {"unchanged"}]
    take_back(workspace)
    assert content(workspace) == before


def test_owners_of_another_program_are_linked_when_they_come(
    workspace: Workspace, make_file: MakeFile
) -> None:
    accounts = (
        "Id,Name,OwnerId,ParentId,BillingCity,SystemModstamp\n"
        "{a},Foo,{u},{b},Ulm,x\n{b},Bar,{u},,Bonn,x\n"
    )
    users = (
        "Id,Username,FirstName,LastName,Email,ProfileId,UserRoleId\n"
        "{u},u@x.example,Ann,Lee,u@x.example,1,2\n"
    )
    ids = {"a": "001000000000001", "b": "001000000000002", "u": "005000000000001"}
    take(workspace, make_file(accounts.format(**ids), "accounts.csv"))
    take(workspace, make_file(users.format(**ids), "users.csv"))

    def facts(session: Session) -> list[tuple[Any, ...]]:
        parent = select(Company.id, Company.name).subquery()
        rows = session.execute(
            select(Company.name, User.name, parent.c.name)
            .outerjoin(User, User.id == Company.owner_id)
            .outerjoin(parent, parent.c.id == Company.parent_id)
            .order_by(Company.name)
        )
        return [tuple(row) for row in rows]

    assert read(workspace, facts) == [("Bar", "Ann Lee", None), ("Foo", "Ann Lee", "Bar")]


def test_odoo_keeps_companies_and_people_apart(workspace: Workspace) -> None:
    (result,) = take(workspace, real("crm-odoo/o2m_customers_contacts.csv"))
    assert result.plan.system == "odoo"
    assert number_of(workspace, Company) == 3
    assert number_of(workspace, Contact) == 5
    linked = read(workspace, lambda s: s.scalar(select(func.count(Contact.company_id))))
    assert linked == 4  # Michael Mason works for nobody here
    assert result.tally.links["company"] == 4


def test_several_tags_in_a_cell_are_several_tags(workspace: Workspace) -> None:
    before = number_of(workspace, Tag)
    take(workspace, real("crm-odoo/m2m_customers_tags.csv"))
    assert number_of(workspace, Tag) - before == 7
    assert number_of(workspace, TagLink) > 7


def test_children_of_a_tree_are_linked_to_their_parents(
    workspace: Workspace, make_file: MakeFile
) -> None:
    text = """{"records": [
      {"attributes": {"type": "Account", "referenceId": "AccountRef1"}, "Name": "Foo",
       "Contacts": {"records": [
         {"attributes": {"type": "Contact", "referenceId": "ContactRef1"}, "LastName": "Lee"}]}},
      {"attributes": {"type": "Opportunity", "referenceId": "OppRef1"}, "Name": "Big one",
       "StageName": "Prospecting", "CloseDate": "2030-01-02", "Amount": 5,
       "AccountId": "@AccountRef1"},
      {"attributes": {"type": "House__c", "referenceId": "HouseRef1"}, "Name": "Hut"}]}"""
    before = content(workspace)
    file = make_file(text, "tree.json")
    (first,) = take(workspace, file)
    assert counts(first) == {"created": 3, "failed": 1}
    company = read(workspace, lambda s: s.scalar(select(Company.id)))
    assert read(workspace, lambda s: s.scalar(select(Contact.company_id))) == company
    assert read(workspace, lambda s: s.scalar(select(Deal.company_id))) == company
    assert counts(take(workspace, file)[0]) == {"unchanged": 3, "failed": 1}
    take_back(workspace)
    assert content(workspace) == before


def test_rows_that_were_deleted_there_are_not_taken(
    workspace: Workspace, make_file: MakeFile
) -> None:
    text = "Id,Name,Industry,Is Deleted\n1,Foo,Retail,true\n2,Bar,Retail,false\n"
    (result,) = take(workspace, make_file(text))
    assert counts(result) == {"created": 1, "skipped": 1}
    reasons = [problem.reason for problem in result.tally.problems]
    assert reasons == ["Deleted in the other program; not taken."]


SHOP = "Id,First name,Last name,E-mail\n1,{},{},{}\n"


def test_the_same_number_in_two_shops_is_two_people(
    workspace: Workspace, make_file: MakeFile
) -> None:
    before = content(workspace)
    one = make_file(SHOP.format("Ann", "Lee", "ann@x.example"), "one.csv")
    two = make_file(SHOP.format("Bo", "Ray", "bo@y.example"), "two.csv")
    take(workspace, one)
    assert counts(take(workspace, two)[0]) == {"created": 1}
    assert number_of(workspace, Contact) == 2
    assert number_of(workspace, ExternalId) == 1
    for file in (one, two):
        assert counts(take(workspace, file)[0]) == {"unchanged": 1}
    take_back(workspace)
    assert content(workspace) == before


def test_a_number_still_finds_somebody_with_a_new_address(
    workspace: Workspace, make_file: MakeFile
) -> None:
    take(workspace, make_file(SHOP.format("Ann", "Lee", "ann@x.example")))
    newer = make_file(SHOP.format("Ann", "Lee-Ray", "ann@new.example"))
    assert counts(take(workspace, newer)[0]) == {"updated": 1}


def test_a_stage_of_a_lost_opportunity_is_a_stage(workspace: Workspace) -> None:
    take(workspace, real("crm-salesforce/opportunityData.csv"))
    names = read(workspace, lambda s: set(s.scalars(select(Stage.name))))
    assert {"Closed Won", "Value Proposition"} <= names


@pytest.mark.parametrize("name", ["opportunityData.csv", "error0413060133.csv"])
def test_the_other_programs_name_is_known(name: str) -> None:
    plan = plan_file(real(f"crm-salesforce/{name}"))
    assert (plan.system, plan.kind) == ("salesforce", "deal")
