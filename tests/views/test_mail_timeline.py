"""Mails on a person's timeline: who wrote to whom, files, and the mail opened to be read."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from pytestqt.qtbot import QtBot

from app.commands.contacts import create_contact
from app.exchange.plan import plan_file
from app.exchange.runs import ImportRun
from app.workspace import Workspace
from tests.app.exchange.test_mail_import import OFFER
from tests.conftest import run
from views.contacts.mail_dialog import MailDialog
from views.contacts.timeline_panel import TimelinePanel
from views.context import PageContext


@pytest.fixture
def context(qtbot: QtBot, workspace: Workspace) -> Iterator[PageContext]:
    made = PageContext(workspace)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def panel(
    qtbot: QtBot, workspace: Workspace, context: PageContext, tmp_path: Path
) -> TimelinePanel:
    person = run(workspace, create_contact, name="Ann Lee", email="ann@customer.example")
    box = tmp_path / "inbox.mbox"
    box.write_bytes(OFFER)
    ImportRun(workspace, [plan_file(box)]).run()
    made = TimelinePanel(context)
    qtbot.addWidget(made)
    made.resize(700, 600)
    made.show()
    made.show_record("contact", person)
    qtbot.waitUntil(lambda: made.view.records.rowCount() > 4)
    qtbot.waitUntil(lambda: context.courier.pending == 0)
    return made


def lines(panel: TimelinePanel) -> dict[str, int]:
    model = panel.view.records
    return {str(model.index(row).data()): row for row in range(model.rowCount())}


def opened(qtbot: QtBot, panel: TimelinePanel) -> MailDialog:
    qtbot.waitUntil(lambda: bool(panel.findChildren(MailDialog)))
    dialog = panel.findChildren(MailDialog)[-1]
    qtbot.waitUntil(lambda: dialog.facts is not None)
    return dialog


def test_a_mail_says_who_wrote_to_whom(panel: TimelinePanel) -> None:
    said = lines(panel)
    assert "Offer · Ann Lee → Elena, Bo" in said
    assert "Re: Offer · Elena → Ann Lee" in said
    row = panel.view.records.row_at(said["Offer · Ann Lee → Elena, Bo"])
    assert row.line is not None
    assert [pill.text for pill in row.line.pills] == ["plan.pdf"]
    assert row.line.body == "Please send the offer."


def test_a_click_on_a_file_opens_the_mail(qtbot: QtBot, panel: TimelinePanel) -> None:
    row = lines(panel)["Offer · Ann Lee → Elena, Bo"]
    view = panel.view
    view.scrollTo(view.records.index(row))
    place = view.visualRect(view.records.index(row))
    at = QPoint(place.left() + 90, place.bottom() - 10)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    dialog = opened(qtbot, panel)
    assert dialog.title.text() == "Offer"
    assert dialog.plain.toPlainText() == "Please send the offer."
    assert dialog.facts is not None
    assert [file.name for file in dialog.facts.files] == ["plan.pdf"]
    dialog.close()


def test_formatted_text_fetches_nothing(qtbot: QtBot, panel: TimelinePanel) -> None:
    row = lines(panel)["Offer · Ann Lee → Elena, Bo"]
    entry = panel.view.records.row_at(row).entry
    assert entry is not None
    panel.view.entry_activated.emit(entry)
    dialog = opened(qtbot, panel)
    assert not dialog.formatted.isHidden()
    dialog.formatted.click()
    assert dialog.pages.currentWidget() is dialog.rich
    assert dialog.rich.toPlainText() == "Please send the offer."
    assert dialog.rich.loadResource(2, QUrl("http://track.example/1.gif")) == b""
    dialog.formatted.click()
    assert dialog.pages.currentWidget() is dialog.plain
    dialog.close()


def test_a_file_is_saved_where_the_person_says(
    qtbot: QtBot, panel: TimelinePanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = lines(panel)["Offer · Ann Lee → Elena, Bo"]
    entry = panel.view.records.row_at(row).entry
    assert entry is not None
    panel.view.entry_activated.emit(entry)
    dialog = opened(qtbot, panel)
    place = tmp_path / "saved.pdf"
    monkeypatch.setattr(
        "views.contacts.mail_dialog.QFileDialog.getSaveFileName", lambda *_: (str(place), "")
    )
    assert dialog.facts is not None
    dialog.save_file(dialog.facts.files[0])
    qtbot.waitUntil(place.exists)
    assert place.read_bytes() == b"PDF content"
    dialog.close()
