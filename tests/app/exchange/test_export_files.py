"""Exported files themselves: harmless cells, what is refused, nothing left half done."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from app.cli import main
from app.commands.companies import create_company
from app.commands.contacts import create_contact
from app.errors import EnvironmentFault, UserError
from app.exchange.out.run import ExportStoppedError, Wanted, endings_for, export_list
from app.exchange.own_tables import COLUMNS, guarded, own_layout, unguarded
from app.exchange.plan import plan_file
from app.workspace import Workspace
from tests.conftest import run

FORMULAS = ("=HYPERLINK(1)", "+1+cmd", "-2+3", "@SUM(A1)", "\tx", "\rx")


@given(st.text())
def test_guarding_is_undone_exactly(text: str) -> None:
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert guarded(text) == "'" + text
    assert guarded("'" + text) == "''" + text


@pytest.mark.parametrize("number", ["-5", "-12.50", "12", "0"])
def test_plain_numbers_stay_numbers(number: str) -> None:
    assert guarded(number) == number


def people(workspace: Workspace) -> None:
    company = run(workspace, create_company, name="=Evil & Sons")
    for name in ("@Bo", "-Lee", "Zoë 👩‍👩‍👧 O'Neil"):
        run(workspace, create_contact, name=name, company_id=company, phone="+49 30 5557014")


def test_csv_holds_no_formula_and_no_byte_of_another_encoding(
    workspace: Workspace, tmp_path: Path
) -> None:
    people(workspace)
    path = tmp_path / "people.csv"
    export_list(workspace, Wanted("contact"), path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 4
    assert not [cell for row in rows for cell in row if cell[:1] in set("=+-@\t\r")]
    assert {row[1] for row in rows[1:]} == {"'@Bo", "'-Lee", "Zoë 👩‍👩‍👧 O'Neil"}


def test_workbook_holds_texts_as_they_are_and_numbers_as_numbers(
    workspace: Workspace, tmp_path: Path
) -> None:
    run(workspace, create_company, name="=1+1", employees=12)
    path = tmp_path / "companies.xlsx"
    export_list(workspace, Wanted("company"), path)
    head, row = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    cells = dict(zip(head, row, strict=True))
    assert cells["Company name"] == "=1+1"
    assert cells["Employees"] == 12.0


@pytest.mark.parametrize("kind", sorted(COLUMNS))
def test_own_headers_are_recognised_without_help(
    workspace: Workspace, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "renamed.csv"
    export_list(workspace, Wanted(kind), path)
    plan = plan_file(path)
    assert plan.kind == kind
    assert plan.system == "closeknit"
    assert plan.column_of("message_id" if kind == "event" else "external_id") is not None


def test_headers_of_a_custom_field_are_made_harmless_and_understood() -> None:
    headers = ["Closeknit id (contact)", "Name", "'=Size (own field, number)", "E-mail 2 label"]
    layout = own_layout(headers)
    assert layout is not None
    assert sorted(filter(None, layout.renames.values())) == [
        "custom:number:=Size", "external_id", "name", "nth:email:2:label",
    ]  # fmt: skip


def test_words_narrow_an_export(workspace: Workspace, tmp_path: Path) -> None:
    people(workspace)
    path = tmp_path / "people.jsonl"
    assert export_list(workspace, Wanted("contact", "neil"), path).records == 1
    assert json.loads(path.read_text("utf-8"))["name"] == "Zoë 👩‍👩‍👧 O'Neil"


def test_file_that_is_there_stays(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("mine", "utf-8")
    with pytest.raises(UserError, match="is there already"):
        export_list(workspace, Wanted("contact"), path)
    assert path.read_text("utf-8") == "mine"
    export_list(workspace, Wanted("contact"), path, force=True)
    assert "Name" in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda folder: folder / "no" / "people.csv", "does not exist"),
        (lambda folder: folder / "people.doc", "Use one of .csv"),
        (lambda folder: folder / "people.ics", "Use one of .csv"),
        (lambda folder: folder, "Use one of .csv"),
    ],
)
def test_impossible_places_are_refused(
    workspace: Workspace, tmp_path: Path, make: Callable[[Path], Path], reason: str
) -> None:
    with pytest.raises(UserError, match=reason):
        export_list(workspace, Wanted("contact"), make(tmp_path))


def test_folder_under_the_name_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "people.csv").mkdir()
    with pytest.raises(UserError, match="is a folder"):
        export_list(workspace, Wanted("contact"), tmp_path / "people.csv", force=True)


def test_stopped_export_leaves_nothing(workspace: Workspace, tmp_path: Path) -> None:
    people(workspace)
    with pytest.raises(ExportStoppedError):
        export_list(workspace, Wanted("contact"), tmp_path / "people.csv", should_stop=lambda: True)
    assert not list(tmp_path.glob("*people*"))


def test_full_disk_is_told_and_leaves_nothing(workspace: Workspace) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    people(workspace)
    with pytest.raises((EnvironmentFault, UserError)):
        export_list(workspace, Wanted("contact"), Path("/proc/people.csv"))


def test_too_long_text_for_a_workbook_is_told(workspace: Workspace, tmp_path: Path) -> None:
    run(workspace, create_contact, name="Ann", description="x" * 40_000)
    workbook = export_list(workspace, Wanted("contact"), tmp_path / "people.xlsx")
    assert "were cut" in workbook.notes[0]
    assert export_list(workspace, Wanted("contact"), tmp_path / "people.csv").notes == []


def test_formats_of_other_programs_are_offered_where_they_fit() -> None:
    assert ".vcf" in endings_for("contact")
    assert ".ics" in endings_for("appointment")
    assert ".mbox" in endings_for("activity")
    assert ".vcf" not in endings_for("deal")


def typed(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(list(words))
    said = capsys.readouterr()
    return status, said.out, said.err


def test_command_line_counts_and_refuses(
    workspace_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = Workspace.open(workspace_path, watch=False)
    people(opened)
    opened.close()
    place = ("-w", str(workspace_path))
    path = tmp_path / "people.csv"
    status, out, _ = typed(capsys, "export", "contacts", "--to", str(path), "--json", *place)
    report: dict[str, Any] = json.loads(out)
    assert (status, report["records"], report["kind"]) == (0, 3, "contacts")
    status, _, err = typed(capsys, "export", "contacts", "--to", str(path), *place)
    assert status == 1
    assert "is there already" in err
    status, _, err = typed(capsys, "export", "all", "--to", str(path), *place)
    assert status == 1
    assert ".zip" in err
    status, _, _ = typed(capsys, "export", "nonsense", "--to", str(path), *place)
    assert status == 2
