"""`check --deep` finds every seeded fault by name, and nothing wrong in sound workspaces."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.check import Check
from app.cli import main
from app.commands.attachments import attach_file
from app.commands.companies import create_company
from app.commands.contacts import archive_contacts, change_contact, create_contact
from app.commands.custom_fields import create_custom_field, set_custom_value
from app.commands.deal_lines import add_deal_line
from app.commands.deal_moves import move_deal_to_stage
from app.commands.deals import create_deal
from app.commands.tags import tag_records
from app.deep_check import check_deeply
from app.history import undo_candidate, undo_step
from app.paths import data_folder
from app.workspace import Workspace
from models.clock import now
from models.records import ImportBatch, Stage
from models.values import BatchState, FieldType, LostReason
from tests.conftest import run


def take_in(session: Session) -> None:
    moment = now()
    session.add(
        ImportBatch(
            file_name="people.csv",
            kind="contact",
            state=BatchState.DONE,
            started_at=moment,
            ended_at=moment,
            read=3,
            created=2,
            failed=1,
        )
    )


def stages(workspace: Workspace) -> dict[str, int]:
    return workspace.read(
        lambda session: {s.type.value: s.id for s in session.query(Stage).order_by(Stage.position)}
    )


def fill(workspace: Workspace) -> None:
    """Use every part of the program that the checks look at."""
    company = run(workspace, create_company, name="Ångström GmbH", emails=["office@a.example"])
    ada = run(
        workspace,
        create_contact,
        name="Ada Lovelace",
        company_id=company,
        emails=["ada@example.org", "countess@example.org"],
        phones=["030 5557014", "+1 212 555 0100"],
    )
    gone = run(workspace, create_contact, name="Gone Away", phones=["0171 5557014"])
    run(workspace, archive_contacts, contact_ids=[gone])
    run(workspace, change_contact, contact_id=ada, job_title="Countess")
    step = workspace.read(undo_candidate, workspace.user_id)
    assert step is not None
    workspace.change("Undo", undo_step, step=step.n)
    run(workspace, tag_records, kind="contact", ids=[ada], name="VIP")
    run(workspace, attach_file, name="letter.txt", content=b"Dear Ada", contact_id=ada)
    field = run(
        workspace, create_custom_field, record_kind="contact", name="Mill", type=FieldType.TEXT
    )
    run(workspace, set_custom_value, field_id=field, record_id=ada, value="Analytical")
    friend = run(
        workspace,
        create_custom_field,
        record_kind="contact",
        name="Friend",
        type=FieldType.LINK,
        choices=["contact"],
    )
    run(workspace, set_custom_value, field_id=friend, record_id=ada, value=gone)
    places = stages(workspace)
    for name, stage in (("Open", None), ("Won", "won"), ("Lost", "lost"), ("Again", "won")):
        deal = run(workspace, create_deal, name=name, company_id=company)
        run(workspace, add_deal_line, deal_id=deal, name="Wheel", quantity=3, unit_price_minor=333)
        if stage is not None:
            reason = LostReason.PRICE if stage == "lost" else None
            run(
                workspace,
                move_deal_to_stage,
                deal_id=deal,
                stage_id=places[stage],
                lost_reason=reason,
            )
        if name == "Again":
            run(workspace, move_deal_to_stage, deal_id=deal, stage_id=places["open"])
    run(workspace, take_in)


def failed(workspace: Workspace) -> dict[str, str]:
    checks: list[Check] = workspace.read(check_deeply)
    assert len({check.name for check in checks}) == len(checks) >= 20
    return {check.name: check.detail for check in checks if not check.passed}


def harm(workspace: Workspace, *statements: str, **values: Any) -> None:
    key = "rowid" if workspace.database.dialect == "sqlite" else "id"
    engine = workspace.database.engine.execution_options(closeknit="write")
    with engine.begin() as connection:
        for statement in statements:
            done = connection.execute(text(statement.format(key=key)), values)
            assert done.rowcount > 0


def test_a_sound_workspace_passes(store: Workspace) -> None:
    fill(store)
    assert failed(store) == {}


MIDDLE = "(SELECT max(n) / 2 FROM change_step)"
FAULTS = [
    (
        "search index entries",
        "lead to another record",
        ["UPDATE search_index SET owner = owner + 1 WHERE kind = 'contact'"],
    ),
    (
        "search index entries",
        "though they are archived",
        [
            "INSERT INTO search_index ({key}, title, body, kind, owner) "
            "SELECT id, name, '', 'contact', id FROM contact WHERE archived_at IS NOT NULL"
        ],
    ),
    ("change steps", "steps are missing", [f"DELETE FROM change_step WHERE n = {MIDDLE}"]),
    ("change steps", "the log stands at", ["UPDATE log_head SET n = n + 5"]),
    ("change steps", "0 rows instead of one", ["DELETE FROM log_head"]),
    ("change lines", "belong to no step", [f"DELETE FROM change_step WHERE n = {MIDDLE}"]),
    ("change lines", "have no lines", [f"DELETE FROM change_log WHERE step = {MIDDLE}"]),
    (
        "change lines",
        "have lost lines",
        [
            "DELETE FROM change_log WHERE line = 0 "
            "AND step IN (SELECT step FROM change_log WHERE line = 1)"
        ],
    ),
    ("change lines", "“ghost”", ["UPDATE change_log SET kind = 'ghost' WHERE kind = 'tag'"]),
    (
        "undone steps",
        "does not know of it",
        ["UPDATE change_step SET undone_by = NULL WHERE undone_by IS NOT NULL"],
    ),
    (
        "undone steps",
        "undid another",
        ["UPDATE change_step SET undone_by = 1 WHERE n = (SELECT max(n) FROM change_step)"],
    ),
    (
        "records as last saved",
        "city is not what was saved",
        ["UPDATE contact SET city = 'Elsewhere' WHERE name = 'Ada Lovelace'"],
    ),
    ("records as last saved", "is lost", ["DELETE FROM tag_link"]),
    (
        "records as last saved",
        "was removed, but is there",
        ["UPDATE change_log SET action = 'deleted' WHERE kind = 'tag_link'"],
    ),
    ("ids", "is newer than", ["UPDATE node_lease SET last_stamp = 1000, process = ''"]),
    ("imports", "3 rows read, but 4", ["UPDATE import_batch SET merged = 1"]),
    ("imports", "its end", ["UPDATE import_batch SET state = 'running'"]),
    (
        "ends of deals",
        "open deals have a closing day",
        ["UPDATE deal SET closed_on = '2026-01-01' WHERE stage_type = 'open'"],
    ),
    (
        "ends of deals",
        "won deals have a reason",
        ["UPDATE deal SET lost_reason = 'price' WHERE stage_type = 'won'"],
    ),
    ("moves of deals", "do not lead to its stage", ["DELETE FROM stage_change"]),
    (
        "moves of deals",
        "do not lead to its stage",
        ["UPDATE deal SET stage_id = last_open_stage_id WHERE last_open_stage_id IS NOT NULL"],
    ),
    (
        "amounts of deals",
        "not the sum of its lines",
        ["UPDATE deal SET amount_minor = amount_minor + 1"],
    ),
    (
        "ways to reach people",
        "no, or more than one",
        ["UPDATE contact_point SET is_primary = true"],
    ),
    (
        "main e-mails and phones",
        "another email than",
        ["UPDATE contact SET email = 'x@example.org' WHERE email IS NOT NULL"],
    ),
    (
        "main e-mails and phones",
        "another phone than",
        ["UPDATE contact SET phone_key = NULL WHERE phone IS NOT NULL"],
    ),
    (
        "normal forms",
        "email",
        ["UPDATE contact_point SET normal = 'x@example.org' WHERE kind = 'email'"],
    ),
    ("normal forms", "phone", ["UPDATE contact_point SET normal = '+491' WHERE kind = 'phone'"]),
    ("names", "company", ["UPDATE company SET name_key = 'x'"]),
    ("names", "contact", ["UPDATE contact SET name_key = 'x'"]),
    ("files", "have changed", ["UPDATE attachment SET content = :other"]),
    ("files", "8 of 9 bytes", ["UPDATE attachment SET size = 9"]),
    (
        "links between records",
        "belong to a missing contact",
        ["UPDATE custom_value SET record_id = 7 WHERE text IS NOT NULL"],
    ),
    (
        "links between records",
        "point to a missing contact",
        ["UPDATE custom_value SET linked_id = 7 WHERE linked_id IS NOT NULL"],
    ),
]


@pytest.mark.parametrize(
    ("name", "sentence", "statements"), FAULTS, ids=[f"{f[0]}: {f[1]}" for f in FAULTS]
)
@pytest.mark.parametrize("kind", ["workspace", "postgresql"])
def test_a_seeded_fault_is_found(
    request: pytest.FixtureRequest, kind: str, name: str, sentence: str, statements: list[str]
) -> None:
    store: Workspace = request.getfixturevalue(kind)
    fill(store)
    values = {"other": b"Dear Bob"} if ":other" in statements[0] else {}
    harm(store, *statements, **values)
    found = failed(store)
    assert sentence in found[name]


def test_a_constraint_that_is_switched_off_is_found(postgresql: Workspace) -> None:
    with postgresql.database.engine.connect() as connection:
        connection.execute(
            text("ALTER TABLE deal ADD CONSTRAINT loose CHECK (amount_minor < 0) NOT VALID")
        )
        checks = {check.name: check for check in check_deeply(Session(connection))}
        connection.rollback()
    assert "loose of deal" in checks["constraints"].detail
    assert failed(postgresql) == {}


def test_many_faults_are_counted_and_the_first_named(workspace: Workspace) -> None:
    for n in range(9):
        run(workspace, create_company, name=f"Company {n}")
    harm(workspace, "UPDATE company SET name_key = 'x'")
    assert failed(workspace)["names"].endswith("; and 4 more")


def test_a_lost_table_fails_checks_and_the_others_still_speak(workspace: Workspace) -> None:
    fill(workspace)
    harm(workspace, "UPDATE company SET name_key = 'x'")
    with workspace.database.engine.connect().execution_options(closeknit="write") as connection:
        connection.execute(text("DROP TABLE import_row"))
        connection.commit()
    found = failed(workspace)
    assert "no such table" in found["imports"]
    assert "company" in found["names"]


def test_the_command_line_says_it_in_its_status(
    workspace_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = Workspace.open(workspace_path, user_name="Elena Novak", watch=False)
    fill(opened)
    place = str(workspace_path)
    assert main(["check", "--deep", "-w", place]) == 0
    assert "FAILED" not in capsys.readouterr().out
    harm(opened, "UPDATE deal SET amount_minor = amount_minor + 1")
    opened.close()
    assert main(["check", "-w", place]) == 0
    capsys.readouterr()
    assert main(["check", "--deep", "-w", place, "--json"]) == 1
    said = capsys.readouterr()
    verdict = json.loads(said.out)
    assert not verdict["passed"]
    assert "amounts of deals" in said.err


def test_a_shared_file_is_checked_without_holding_the_others_up(
    workspace_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLOSEKNIT_MODE", "shared")
    looked_at: list[str] = []

    def look(session: Session) -> list[Check]:
        looked_at.append(str(session.get_bind().engine.url.database))
        return check_deeply(session)

    monkeypatch.setattr("app.cli.check_command.check_deeply", look)
    opened = Workspace.open(workspace_path, user_name="Elena Novak", watch=False)
    for n in range(20):
        run(opened, create_company, name=f"Company {n}")
    harm(opened, "UPDATE company SET name_key = 'x'")
    opened.close()
    assert main(["check", "--deep", "-w", str(workspace_path), "--json"]) == 1
    verdict = json.loads(capsys.readouterr().out)
    assert [c["name"] for c in verdict["checks"] if not c["passed"]] == [
        "records as last saved",
        "names",
    ]
    assert Path(looked_at[0]).parent.parent == data_folder()
    assert list(data_folder().glob("check-*")) == []


def test_the_demo_is_sound(tmp_path: Path) -> None:
    place = str(tmp_path / "demo.closeknit")
    assert main(["demo", "-w", place, "--contacts", "60"]) == 0
    assert main(["check", "--deep", "-w", place]) == 0
