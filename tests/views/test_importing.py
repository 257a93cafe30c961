"""The import page: files in, corrected, counted, stored, taken back."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot
from sqlalchemy import func, select

from app.exchange.counts import Outcome
from app.workspace import Workspace
from models.records import Contact
from tests.conftest import read
from views.context import NoticeRequest, PageContext
from views.importing.page import ImportPage

PATIENCE = 60_000  # a process starts for each of these tests, on a machine that may be busy
LINES = (
    "First name;Last name;E-mail;Betrag\n"
    "Anna;Berg;anna@x.example;1\n"
    "Bo;Lund;nope;2\n"
    ";;;\n"
    "Anna;Berg;anna@x.example;1\n"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "leads.csv"
    path.write_text(LINES, "utf-8-sig")
    return path


@pytest.fixture
def page(qtbot: QtBot, workspace: Workspace) -> Iterator[ImportPage]:
    context = PageContext(workspace)
    made = ImportPage(context)
    qtbot.addWidget(made)
    made.resize(1232, 900)
    made.show()
    yield made
    made.hide()
    made.work.close()
    context.close()


def counted(qtbot: QtBot, page: ImportPage) -> dict[str, int]:
    qtbot.waitUntil(
        lambda: bool(page.tallies) and page.context.courier.pending == 0, timeout=PATIENCE
    )
    return {o.value: n for o, n in page.tallies[0].counts.items() if n}


def stored(workspace: Workspace) -> int:
    return read(workspace, lambda s: s.scalar(select(func.count(Contact.id)))) or 0


def test_a_dropped_file_is_recognised_and_counted_before_anything_is_written(
    qtbot: QtBot, page: ImportPage, workspace: Workspace, file: Path
) -> None:
    QAbstractItemModelTester(page.mapping.model())
    page.arrive(None, None, files=[str(file)])
    assert counted(qtbot, page) == {"created": 2, "skipped": 1, "merged": 1}
    assert stored(workspace) == 0
    assert page.steps.step == 1
    assert [row.guess.field for row in page.mapping.rows] == [
        "given_name",
        "family_name",
        "email",
        None,
    ]
    assert page.counts.numbers[Outcome.CREATED].text() == "2"
    assert page.counts.read.text() == "4"
    assert page.go.text() == "Import 3 contacts"
    assert page.grab().width() > 0


def test_a_column_can_become_another_field(qtbot: QtBot, page: ImportPage, file: Path) -> None:
    page.open_files([str(file)])
    counted(qtbot, page)
    page.views.set_value("columns")
    page.mapping.setCurrentIndex(page.mapping.model().index(3, 0))
    assert page.mapping.editor.isVisible()
    page.mapping.editor.set_value("job_title")
    qtbot.waitUntil(lambda: page.mapping.rows[3].guess.field == "job_title", timeout=PATIENCE)
    assert page.mapping.rows[3].guess.chosen
    assert counted(qtbot, page)["created"] == 2
    page.views.set_value("preview")
    qtbot.waitUntil(lambda: "job_title" in dict(page.preview.rows[0].values), timeout=PATIENCE)


def test_import_and_undo(qtbot: QtBot, page: ImportPage, workspace: Workspace, file: Path) -> None:
    page.open_files([str(file)])
    counted(qtbot, page)
    page.go.click()
    qtbot.waitUntil(lambda: page.steps.step == 3, timeout=PATIENCE)
    assert stored(workspace) == 2
    assert page.undo.isVisible()
    assert page.counts.title.text() == "What happened"
    page.undo.click()
    qtbot.waitUntil(lambda: page.promise.text().startswith("The import is"), timeout=PATIENCE)
    assert not page.undo.isVisible()
    assert stored(workspace) == 0


@pytest.fixture
def long_file(tmp_path: Path) -> Path:
    path = tmp_path / "many.csv"
    lines = [f"Given{n};Family{n};p{n}@x.example\n" for n in range(5_000)]
    path.write_text("First name;Last name;E-mail\n" + "".join(lines), "utf-8")
    return path


def test_cancel_keeps_what_is_stored_and_undo_takes_it_back(
    qtbot: QtBot, page: ImportPage, workspace: Workspace, long_file: Path
) -> None:
    page.open_files([str(long_file)])
    counted(qtbot, page)
    page.work.progressed.connect(lambda _: page.progress.cancelled.emit())
    page.go.click()
    qtbot.waitUntil(lambda: page.steps.step == 3, timeout=PATIENCE)
    kept = stored(workspace)
    assert 0 < kept < 5_000
    assert page.promise.text().startswith("Cancelled after ")
    page.undo.click()
    qtbot.waitUntil(lambda: page.promise.text().startswith("The import is"), timeout=PATIENCE)
    assert not page.undo.isVisible()
    assert stored(workspace) == 0


def test_a_crash_of_the_importing_process_is_told_and_its_rows_can_be_taken_back(
    qtbot: QtBot, page: ImportPage, workspace: Workspace, long_file: Path
) -> None:
    notices: list[NoticeRequest] = []
    page.context.notice_requested.connect(notices.append)
    page.open_files([str(long_file)])
    counted(qtbot, page)

    def crash(_progress: object) -> None:
        if page.work.process_id is not None and not notices and page.steps.step == 2:
            os.kill(page.work.process_id, signal.SIGKILL)

    page.work.progressed.connect(crash)
    page.go.click()
    qtbot.waitUntil(lambda: bool(notices), timeout=PATIENCE)
    assert notices[0].text == "The import of many.csv ended unexpectedly."
    assert page.steps.step == 3
    assert 0 < stored(workspace) < 5_000
    page.undo.click()
    qtbot.waitUntil(lambda: page.promise.text().startswith("The import is"), timeout=PATIENCE)
    assert not page.undo.isVisible()
    assert stored(workspace) == 0


def test_the_process_ends_after_the_import_and_when_the_page_is_left(
    qtbot: QtBot, page: ImportPage, file: Path
) -> None:
    page.open_files([str(file)])
    counted(qtbot, page)
    assert page.work.process_id is not None
    page.hide()
    qtbot.waitUntil(lambda: page.work.process_id is None, timeout=PATIENCE)
    page.show()
    page.go.click()
    qtbot.waitUntil(lambda: page.steps.step == 3, timeout=PATIENCE)
    qtbot.waitUntil(lambda: page.work.process_id is None, timeout=PATIENCE)


def test_a_file_that_cannot_be_read_says_what_to_do(
    qtbot: QtBot, page: ImportPage, tmp_path: Path
) -> None:
    bad = tmp_path / "photo.csv"
    bad.write_bytes(b"\x89PNG\r\n\x1a\n")
    page.open_files([str(bad)])
    qtbot.waitUntil(lambda: "picture" in page.empty.text.accessibleName(), timeout=PATIENCE)
    assert page.stack.currentIndex() == 0


def test_another_kind_and_delimiter_can_be_chosen(
    qtbot: QtBot, page: ImportPage, file: Path
) -> None:
    page.open_files([str(file)])
    counted(qtbot, page)
    page.file_card.kind.drop.set_value("user")
    qtbot.waitUntil(lambda: page.plans[0].kind == "user", timeout=PATIENCE)
    page.file_card.delimiter.drop.set_value(",")
    qtbot.waitUntil(lambda: len(page.plans[0].table.headers) == 1, timeout=PATIENCE)
