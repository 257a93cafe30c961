import json
import os
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from app.cli import main
from app.commands.contacts import create_contact
from app.commands.deals import change_deal, create_deal
from app.demo import make_demo
from app.queries.records_json import full_record, record_list
from app.workspace import Workspace
from models.records import Deal, StageChange
from tests.conftest import run

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("cli") / "office.closeknit"
    opened = Workspace.open(path, create=True, user_name="Elena Novak", watch=False)
    make_demo(opened, contacts=60)
    opened.close()
    return str(path)


def output(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_demo_makes_a_workspace_that_check_passes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "new.closeknit")
    made = output(capsys, "demo", "-w", path, "--contacts", "20", "--deals", "5", "--seed", "7")
    assert (made["created"]["contact"], made["created"]["deal"]) == (20, 5)
    verdict = output(capsys, "check", "-w", path)
    assert verdict["passed"] is True
    names = {check["name"] for check in verdict["checks"]}
    assert names >= {"integrity", "foreign keys", "search index", "schema revision"}


def test_a_second_demo_in_the_same_workspace_is_refused(
    office: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "-w", office]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "goes into a new workspace" in told.err


@pytest.mark.parametrize(
    "kind",
    ["users", "products", "companies", "contacts", "deals", "tickets", "tasks", "activities"],
)
def test_every_kind_is_listed_and_shown(
    office: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = output(capsys, "list", kind, "-w", office, "--limit", "3")
    assert len(rows) == 3
    for row in rows:
        assert row["id"].isdigit()
        assert all(isinstance(v, str | None) for k, v in row.items() if k.endswith("_id"))
        assert datetime.fromisoformat(row["created_at"]).tzinfo is not None
    shown = output(capsys, "show", kind, rows[0]["id"], "-w", office)
    assert {key: shown[key] for key in rows[0]} == rows[0]


def test_money_is_decimal_text_with_its_currency(
    office: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for row in output(capsys, "list", "deals", "-w", office):
        assert row["amount"] == f"{Decimal(row['amount']):.2f}"
        assert len(row["currency"]) == 3
        assert "amount_minor" not in row


def test_a_filter_finds_words_in_any_case_without_accents(
    office: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = output(capsys, "list", "contacts", "-w", office, "--filter", "SCHAFER jorg")
    assert [row["name"] for row in found] == ["Jörg Schäfer"]
    assert output(capsys, "list", "contacts", "-w", office, "--filter", "حداد الغائب") == []
    one_letter = output(capsys, "list", "products", "-w", office, "--filter", "4")
    assert all("4" in row["name"] for row in one_letter)
    assert one_letter


def test_the_option_stands_before_or_after_the_command_or_in_the_environment(
    office: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ["-w", office, "--json", "list", "users"]
    after = ["list", "users", "--json", "--workspace", office]
    answers = []
    for words in (before, after):
        assert main(words) == 0
        answers.append(capsys.readouterr().out)
    monkeypatch.setenv("CLOSEKNIT_WORKSPACE", office)
    assert main(["list", "users", "--json"]) == 0
    assert {*answers, capsys.readouterr().out} == {answers[0]}


def test_plain_output_is_a_table(office: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "products", "-w", office, "--filter", "dock"]) == 0
    head, line = capsys.readouterr().out.splitlines()
    assert head.split() == ["id", "name", "code", "category", "price", "currency"]
    assert "Dock 5-way" in line
    assert "249.00" in line


@pytest.mark.parametrize(
    "words",
    [
        ["list"],
        ["list", "dragons"],
        ["list", "users"],
        ["show", "contact", "abc", "-w", "x"],
        ["report", "won", "--from", "31.02.2026", "-w", "x"],
        ["report", "lost", "-w", "x"],
        ["demo", "-w", "x", "--contacts", "-5"],
        ["frobnicate"],
    ],
)
def test_wrong_usage_is_status_2(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLOSEKNIT_WORKSPACE", raising=False)
    assert main(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "usage:" in told.err


def test_help_is_status_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "screenshots" in capsys.readouterr().out


def test_what_cannot_be_done_is_status_1_with_a_sentence(
    office: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    not_one = tmp_path / "letter.closeknit"
    not_one.write_text("Dear Sirs, this is no database")
    for words in (
        ["list", "users", "-w", str(tmp_path)],
        ["check", "-w", str(tmp_path / "missing.closeknit")],
        ["check", "-w", str(not_one)],
        ["show", "contact", "12", "-w", office],
        ["report", "won", "--from", "2026-02-01", "--to", "2026-01-01", "-w", office],
    ):
        assert main(words) == 1, words
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err.startswith("closeknit: ")
        assert "Traceback" not in told.err
    assert not_one.read_text() == "Dear Sirs, this is no database"
    assert not (tmp_path / "missing.closeknit").exists()


def test_check_complains_about_an_index_that_has_lost_rows(
    workspace_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = Workspace.open(workspace_path, user_name="Elena Novak", watch=False)
    run(opened, create_contact, name="Ada Byron")
    with opened.database.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA query_only=OFF")
        connection.execute(text("DELETE FROM search_index WHERE kind = 'contact'"))
    opened.close()
    assert main(["check", "-w", str(workspace_path)]) == 1
    told = capsys.readouterr()
    assert "FAILED search index" in told.out
    assert "contact" in told.err


def test_a_report_adds_up_and_is_cut(office: str, capsys: pytest.CaptureFixture[str]) -> None:
    whole = output(capsys, "report", "won", "-w", office)
    assert set(whole) == {"report", "from", "to", "currency", "total", "rows"}
    for cut in ("month", "quarter", "owner", "team", "product", "region"):
        found = output(capsys, "report", "won", "-w", office, "--by", cut)
        assert found["total"] == whole["total"]
        added = sum(Decimal(row["amount"]) for row in found["rows"])
        # Each row is rounded to the cent by itself where a deal's amount is shared by products.
        assert abs(added - Decimal(whole["total"]["amount"])) < Decimal("0.2")
    part = output(
        capsys, "report", "won", "-w", office, "--from", "2000-01-01", "--to", "2000-12-31"
    )
    assert part["total"] == {"count": 0, "amount": "0.00"}
    for name in ("pipeline", "winrate", "team", "forecast", "sources"):
        assert output(capsys, "report", name, "-w", office)["rows"], name


def test_import_and_list_work_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people = tmp_path / "people.csv"
    people.write_text("First name,Last name,E-mail\nJörg,Schäfer,j@s.example\n,,\n", "utf-8")
    path = str(tmp_path / "new.closeknit")
    (report,) = output(capsys, "import", str(people), "-w", path, "--as", "contacts")
    assert report["created"] == 1
    (row,) = output(capsys, "list", "contacts", "-w", path)
    assert (row["name"], row["email"]) == ("Jörg Schäfer", "j@s.example")


def test_a_dry_import_makes_no_workspace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = tmp_path / "people.csv"
    people.write_text("First name,Last name,E-mail\nJörg,Schäfer,j@s.example\n", "utf-8")
    command = ("import", str(people), "--dry-run", "--as", "contacts", "-w")
    (report,) = output(capsys, *command, str(tmp_path / "new.closeknit"))
    assert (report["read"], report["created"]) == (1, 1)
    empty = tmp_path / "empty.closeknit"
    empty.touch()
    (report,) = output(capsys, *command, str(empty))
    assert report["created"] == 1
    assert {file.name: file.stat().st_size for file in tmp_path.glob("*.closeknit*")} == {
        "empty.closeknit": 0
    }
    assert main([*command, str(tmp_path / "no folder" / "new.closeknit")]) == 1
    assert "does not exist" in capsys.readouterr().err


def test_a_shown_deal_has_its_lines_moves_and_history(store: Workspace) -> None:
    deal_id = run(
        store, create_deal, name="Rollout", lines=[{"name": "Day", "unit_price_minor": 115_000}]
    )
    run(store, change_deal, deal_id=deal_id, description="Second hall as well")
    shown = store.read(full_record, "deal", deal_id)
    assert shown["amount"] == "1150.00"
    (line,) = shown["lines"]
    assert (line["name"], line["quantity"], line["unit_price"]) == ("Day", "1", "1150.00")
    (move,) = shown["stage_changes"]
    assert move["to_stage"] == shown["stage"] == "Qualification"
    last = shown["history"][-1]
    assert last["user"] == "Elena Novak"
    assert last["after"] == {"description": "Second hall as well"}
    assert shown["history"][0]["action"] == "created"
    assert shown["history"][0]["after"]["amount"] == "1150.00"
    assert json.loads(json.dumps(shown)) == shown


def test_archived_records_are_not_listed(store: Workspace) -> None:
    from app.commands.common import archive_records

    contact_id = run(store, create_contact, name="Ada Byron")
    assert [row["name"] for row in store.read(record_list, "contact")] == ["Ada Byron"]
    run(store, archive_records, kind="contact", ids=[contact_id])
    assert store.read(record_list, "contact") == []
    assert store.read(full_record, "contact", contact_id)["archived_at"] is not None


def test_lists_take_few_statements(workspace: Workspace) -> None:
    from sqlalchemy import event

    make_demo(workspace, contacts=60)
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    event.listen(workspace.database.engine, "before_cursor_execute", note)
    rows = workspace.read(record_list, "deal")
    event.remove(workspace.database.engine, "before_cursor_execute", note)
    assert len(rows) == workspace.read(lambda s: len(s.scalars(select(Deal.id)).all()))
    assert len(seen) < 20
    assert workspace.read(lambda s: s.scalar(select(StageChange.id).limit(1))) is not None


def test_no_command_imports_qt(office: str) -> None:
    program = (
        "import sys, main\n"
        "for words in sys.argv[2].split(';'):\n"
        "    status = main.main([*words.split(), '-w', sys.argv[1], '--json'])\n"
        "    assert status == 0, words\n"
        "heavy = {'PySide6', 'matplotlib', 'shiboken6'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    commands = "list users;report won;report forecast;check;list contacts --filter anna"
    done = subprocess.run(
        [sys.executable, "-c", program, office, commands],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_reader_that_leaves_early_ends_quietly(office: str) -> None:
    program = [sys.executable, "main.py", "list", "activities", "-w", office, "--json"]
    with subprocess.Popen(
        program, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.read(20)
        running.stdout.close()
        told = running.stderr.read()
    assert told == ""


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["list", "contacts", "--limit", "x"], "give a number of 0 or more, not 'x'"),
        (["list", "contacts", "--limit", "-3"], "give a number of 0 or more, not '-3'"),
        (["show", "contact", "abc"], "give an id as “list” shows it, not 'abc'"),
        (["report", "won", "--from", "2025-02-31"], "write a day as 2026-11-23"),
    ],
)
def test_a_wrong_value_is_answered_by_what_to_give(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "-w", "any.closeknit"]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["-w"], 2, "name a workspace after -w"),
        (["--workspace="], 2, "name a workspace after -w"),
        (["--nope"], 2, "there is no option --nope"),
        ([], 1, "there is no display here"),
    ],
)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="others always have a display")
def test_a_window_that_cannot_open_says_why(words: list[str], status: int, sentence: str) -> None:
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "CLOSEKNIT_WORKSPACE"}
    bare = {key: value for key, value in os.environ.items() if key not in hidden}
    command = [sys.executable, "main.py", *words]
    ended = subprocess.run(
        command, cwd=ROOT, env=bare, capture_output=True, text=True, check=False, timeout=60
    )
    assert (ended.returncode, ended.stdout) == (status, "")
    assert sentence in ended.stderr


@pytest.mark.parametrize(
    "words", [["list", "contacts"], ["report", "won"], ["check"], ["check", "--deep"]]
)
def test_who_only_looks_changes_no_byte(workspace_path: Path, words: list[str]) -> None:
    before = {path.name: path.read_bytes() for path in workspace_path.parent.iterdir()}
    assert main([*words, "-w", str(workspace_path), "--json"]) == 0
    assert {path.name: path.read_bytes() for path in workspace_path.parent.iterdir()} == before
