"""Exports of other CRMs: what they hold comes in, a second time changes nothing, and all goes back."""

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

REAL = Path(
    os.environ.get("CLOSEKNIT_REAL_DATA", Path(__file__).parents[4] / "shared/data/real")
)


def real(name: str) -> Path:
    path = REAL / name
    if not path.exists():
        pytest.skip(f"{name} is not in {REAL}")
    return path


def number_of(workspace: Workspace, model: Any) -> int:
    return int(read(workspace, lambda s: s.scalar(select(func.count(model.id)))) or 0)


def content(workspace: Workspace) -> dict[str, Any]:
    """Return everything stored but the list of imports."""
    return {table: rows for table, rows in snapshot(workspace).items() if table != "import_batch"}


def take_back(workspace: Workspace) -> None:
    undo_batches(workspace, [batch.id for batch in reversed(read(workspace, import_batches))])


@pytest.mark.parametrize(
    ("name", "kind", "rows", "expected"),
    [
        ("crm-salesforce/accountData.csv", "company", 423, {"created": 423}),
        ("crm-salesforce/opportunityData.csv", "deal", 38, {"created": 38}),
        # The same opportunity stands in the log of errors once for each attempt.
        ("crm-salesforce/error0413060133.csv", "deal", 11, {"created": 11}),
        ("crm-salesforce/insertAccountCsv.csv", "company", 100, {"created": 100}),
        ("crm-salesforce/sf_account_data.csv", "company", 10, {"created": 8, "skipped": 2}),
        ("crm-salesforce/dreamhouse-lwc_contacts-data.json", "contact", 5, {"created": 5}),
        ("crm-salesforce/ebikes-lwc_Accounts.json", "company", 3, {"created": 3}),
        ("crm-odoo/o2m_customers_contacts.csv", "contact", 8, {"created": 8}),
        ("crm-odoo/m2m_customers_tags.csv", "company", 5, {"created": 5}),
        ("crm-generic/relaticle_companies.csv", "company", 5, {"created": 5}),
        ("xlsx/relaticle_companies.xlsx", "company", 5, {"created": 5}),
        ("dedupe/febrl_dataset1.csv", "contact", 1000, {"created": 1000}),
        ("dedupe/csv_example_messy_input.csv", "company", 3337, {"created": 3337}),
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
