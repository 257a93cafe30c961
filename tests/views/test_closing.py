"""The end of the program: nothing typed or being stored is lost, however it ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit
from pytestqt.qtbot import QtBot
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.check import check_workspace
from app.commands.contacts import create_contact
from app.settings import Settings
from app.workspace import Workspace
from models.records import Contact, ImportBatch
from tests.conftest import USER, read, run
from views.application import Starter
from views.contacts.composer import Composer
from views.main_window import MainWindow
from views.operations import Operation
from views.stage import Stage

ROOT = Path(__file__).parents[2]
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def stage(workspace: Workspace) -> Iterator[Stage]:
    with Stage(workspace) as made:
        yield made


@pytest.fixture
def person(workspace: Workspace) -> int:
    return run(workspace, create_contact, name="Jürgen Groß", job_title="Buyer")


def title_of(workspace: Workspace) -> str | None:
    def look(session: Session) -> str | None:
        return session.scalars(select(Contact.job_title)).one()

    return read(workspace, look)


def begin_typing(stage: Stage, person: int, text: str) -> None:
    page: Any = stage.go("contact", "contact", person)
    field = page.form.field("job_title")
    field.start()
    field.edit_widget.setText(text)


def test_closing_the_window_saves_the_field_that_is_being_edited(
    stage: Stage, workspace: Workspace, person: int
) -> None:
    begin_typing(stage, person, "Head of purchasing")
    focused = QApplication.focusWidget()
    if focused is not None:
        QApplication.sendEvent(stage.window, QEvent(QEvent.Type.WindowDeactivate))
    stage.window.close()
    stage.settle()
    assert title_of(workspace) == "Head of purchasing"


def test_a_save_that_still_waits_is_stored_when_the_window_closes(
    stage: Stage, workspace: Workspace, person: int
) -> None:
    free, begun = Event(), Event()

    def hold(_session: Session) -> None:
        begun.set()
        free.wait(10)

    workspace.writer.submit("Hold", hold)
    assert begun.wait(10)
    begin_typing(stage, person, "Head of purchasing")
    stage.window.finish_editing()
    stage.context.close()
    free.set()
    workspace.close()
    again = Workspace.open(workspace.location, watch=False)
    try:
        assert title_of(again) == "Head of purchasing"
    finally:
        again.close()


def test_a_second_undo_means_the_step_before(
    stage: Stage, workspace: Workspace, qtbot: QtBot
) -> None:
    for name in ("Anna Berg", "Bo Lund"):
        Operation(stage.window.pages.page or stage.window, "Create", create_contact, name=name)
    stage.settle()
    told: list[str] = []
    stage.context.toast_requested.connect(lambda request: told.append(request.kind))
    stage.window.undo()
    stage.window.undo()
    stage.settle()
    assert read(workspace, lambda s: s.scalar(select(func.count(Contact.id)))) == 0
    assert "error" not in told
    stage.window.redo()
    stage.window.redo()
    stage.window.redo()  # there is no third
    stage.settle()
    assert read(workspace, lambda s: s.scalar(select(func.count(Contact.id)))) == 2


def test_undo_passes_through_an_empty_field_but_not_through_a_written_one(
    stage: Stage, person: int
) -> None:
    page: Any = stage.go("contact", "contact", person)
    composer = page.findChild(Composer)
    composer.begin("note")
    stage.window.activateWindow()
    stage.settle()
    undone: list[bool] = []
    stage.window.undo_actions.undo = lambda: undone.append(True)  # type: ignore[method-assign]
    QTest.keyClick(composer.text, Qt.Key.Key_Z, CTRL)
    assert undone == [True]
    QTest.keyClicks(composer.text, "A note")
    QTest.keyClick(composer.text, Qt.Key.Key_Z, CTRL)
    assert undone == [True]
    assert isinstance(composer.text, QPlainTextEdit)
    assert composer.text.toPlainText() == ""
    line = QLineEdit(stage.window)
    line.show()
    line.setFocus()
    event = QKeyEvent(QEvent.Type.ShortcutOverride, int(Qt.Key.Key_Z), CTRL)
    QApplication.sendEvent(line, event)
    assert not event.isAccepted()
    line.insert("x")
    QApplication.sendEvent(line, event)
    assert event.isAccepted()


def test_a_draft_waits_with_its_record(stage: Stage, workspace: Workspace, person: int) -> None:
    other = run(workspace, create_contact, name="Bo Lund")
    page: Any = stage.go("contact", "contact", person)
    composer = page.findChild(Composer)
    composer.begin("call")
    QTest.keyClicks(composer.text, "Wants the offer")
    stage.go("contact", "contact", other)
    assert (composer.kind, composer.text.toPlainText()) == ("note", "")
    stage.go("contact", "contact", person)
    assert (composer.kind, composer.text.toPlainText()) == ("call", "Wants the offer")


def test_closing_during_an_import_leaves_a_whole_workspace(
    workspace_path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "people.csv"
    lines = [f"Person {n},p{n}@example.com" for n in range(20_000)]
    file.write_text("\n".join(["Name,E-mail", *lines]), "utf-8")
    settings = Settings(user_name=USER)
    window = MainWindow(settings=settings)
    starter = Starter(window, settings)
    window.show()
    with qtbot.waitSignal(starter.opened, timeout=20_000):
        starter.open(str(workspace_path))
    context = starter.context
    assert context is not None
    context.navigate("import", files=[str(file)])
    page: Any = window.pages.page
    qtbot.waitUntil(lambda: bool(page.tallies), timeout=60_000)
    with qtbot.waitSignal(page.work.progressed, timeout=60_000):
        page.go.click()
    window.close()
    starter.end()
    window.deleteLater()
    again = Workspace.open(workspace_path, watch=False)
    try:
        assert all(check.passed for check in read(again, check_workspace))
        stored = read(again, lambda s: s.scalar(select(func.count(Contact.id)))) or 0
        batches = read(again, lambda s: s.scalar(select(func.count(ImportBatch.id)))) or 0
        assert batches == 1
        assert 0 < stored <= 20_000
    finally:
        again.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows ends programs in another way")
def test_a_terminated_program_ends_in_order(workspace_path: Path, tmp_path: Path) -> None:
    told = {**os.environ, "CLOSEKNIT_HOME": str(tmp_path / "home"), "PYTHONUNBUFFERED": "1"}
    code = (
        "from PySide6.QtCore import QTimer\n"
        "import views.application as a\n"
        "took = a.Starter._take\n"
        "def take(self, *answer):\n"
        "    took(self, *answer)\n"
        "    QTimer.singleShot(0, lambda: print('open'))\n"
        "a.Starter._take = take\n"
        f"raise SystemExit(a.run({str(workspace_path)!r}))\n"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=told, stdout=pipe) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert (tmp_path / "home" / "settings.json").exists()
    assert not workspace_path.with_name(workspace_path.name + "-wal").exists()
