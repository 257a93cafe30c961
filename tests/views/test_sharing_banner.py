"""The banner and the changes that wait: real faults under the real window, which stays alive."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from app.commands.contacts import change_contact, create_contact
from app.errors import EnvironmentFault
from app.sharing.backup_files import Reason
from app.sharing.backups import back_up
from app.sharing.outage import Standing
from app.workspace import Workspace
from models.records import Contact
from tests.conftest import USER, run
from tests.views.two_windows import dialog_of, field_of
from views.contacts.composer import Composer
from views.contacts.new_dialogs import NewContactDialog
from views.context import Reopening
from views.sharing.banner import SharingBanner
from views.sharing.banner_words import Offer
from views.sharing.kept_dialog import KeptDialog
from views.stage import Stage

PACE: dict[str, Any] = {"waits": (0.3,), "patience": 1.0, "hangs_after": 1.0}
SLOW: dict[str, Any] = PACE | {"waits": (60.0,)}
SOON = 10_000


class Office:
    """A window on a workspace whose file can be taken away."""

    def __init__(self, path: Path, template: Path, pace: dict[str, Any]) -> None:
        shutil.copy(template, path)
        self.path, self.hidden = path, path.with_name("hidden.closeknit")
        self.workspace = Workspace.open(path, user_name=USER, watch=False)
        self.outage = self.workspace.start_rescue(**pace).outage
        self.person = run(self.workspace, create_contact, name="Lena Ott", city="Ulm")
        self.stage = Stage(self.workspace)

    @property
    def banner(self) -> SharingBanner:
        found = self.stage.window.findChild(SharingBanner)
        assert found is not None
        return found

    def move(self, one: Path, other: Path) -> None:
        for end in ("", "-wal", "-shm"):
            if (file := Path(f"{one}{end}")).exists():
                file.rename(f"{other}{end}")

    def lose(self) -> None:
        self.move(self.path, self.hidden)

    def return_(self) -> None:
        self.move(self.hidden, self.path)

    def city(self) -> Any:
        return self.workspace.read(
            lambda session: session.scalar(select(Contact.city).where(Contact.id == self.person))
        )

    def type_city(self, town: str) -> None:
        """Change the city in the pane as a person does."""
        self.stage.go("contacts", "contact", self.person)
        field = field_of(self.stage, "City")
        field.start()
        editor = field.edit_widget
        assert isinstance(editor, QLineEdit)
        editor.setText(town)
        QTest.keyClick(editor, Qt.Key.Key_Return)
        self.stage.settle()

    def kept_dialog(self) -> KeptDialog | None:
        shown = [w for w in self.stage.app.topLevelWidgets() if isinstance(w, KeptDialog)]
        return next((w for w in shown if w.isVisible()), None)

    def close(self) -> None:
        self.stage.close()
        self.workspace.close()
        self.outage.outbox.forget(*[kept.id for kept in self.outage.outbox.waiting()])


@pytest.fixture
def office(qapp: Any, tmp_path: Path, template: Path) -> Iterator[Office]:
    opened = Office(tmp_path / "office.closeknit", template, PACE)
    yield opened
    opened.close()


@pytest.fixture
def slow_office(qapp: Any, tmp_path: Path, template: Path) -> Iterator[Office]:
    opened = Office(tmp_path / "office.closeknit", template, SLOW)
    yield opened
    opened.close()


def until(qtbot: QtBot, condition: Callable[[], bool]) -> None:
    qtbot.waitUntil(condition, timeout=SOON)


def test_all_is_well_and_nothing_is_said(office: Office) -> None:
    assert not office.banner.isVisible()


def test_the_banner_comes_with_the_fault_and_goes_when_the_file_is_back(
    qtbot: QtBot, office: Office
) -> None:
    back_up(office.path, Reason.ASKED)
    toasts: list[str] = []
    office.stage.context.toast_requested.connect(lambda request: toasts.append(request.text))
    office.lose()
    office.type_city("Bonn")
    until(qtbot, office.banner.isVisible)
    said = office.banner.said
    assert said is not None
    assert str(office.path) in said.text
    assert "You read the copy of" in said.detail
    assert "1 change waits on this computer." in said.detail
    assert said.offers == (Offer.TRY, Offer.KEPT)
    assert toasts == ["Kept on this computer"]
    assert not office.stage.window.notices.isVisible()  # the banner says it; nothing twice
    until(qtbot, lambda: field_of(office.stage, "City").view.words == "Ulm")  # what is stored
    assert office.stage.go("pipeline").isVisible()  # the window lives
    office.return_()
    until(qtbot, lambda: office.banner.said is not None and office.banner.said.tone == "info")
    assert office.banner.said is not None
    assert office.banner.said.offers == (Offer.KEPT,)
    assert "The workspace is back" in toasts


def test_without_a_backup_the_banner_says_so_and_nothing_is_said_twice(
    qtbot: QtBot, office: Office
) -> None:
    office.lose()
    office.type_city("Bonn")
    until(qtbot, office.banner.isVisible)
    said = office.banner.said
    assert said is not None
    assert "There is no backup to read meanwhile." in said.detail
    for page in ("today", "pipeline", "tickets"):  # they read, perhaps in vain
        office.stage.go(page)
    assert not office.stage.window.notices.isVisible()


def test_try_now_looks_at_once(qtbot: QtBot, slow_office: Office) -> None:
    office = slow_office
    office.lose()
    office.type_city("Bonn")
    until(qtbot, office.banner.isVisible)
    until(
        qtbot, lambda: "Tries again in" in (office.banner.said.detail if office.banner.said else "")
    )
    office.return_()
    qtbot.mouseClick(office.banner.buttons[Offer.TRY], Qt.MouseButton.LeftButton)
    until(qtbot, lambda: office.outage.is_open)
    until(qtbot, lambda: office.banner.said is not None and office.banner.said.tone == "info")


def test_kept_changes_are_saved_through_the_dialog(qtbot: QtBot, office: Office) -> None:
    office.lose()
    office.type_city("Bonn")
    until(qtbot, office.banner.isVisible)
    office.return_()
    until(qtbot, lambda: office.outage.is_open)
    office.stage.settle()
    office.banner.buttons[Offer.KEPT].click()
    until(qtbot, lambda: (shown := office.kept_dialog()) is not None and bool(shown.rows))
    dialog = office.kept_dialog()
    assert dialog is not None
    assert dialog.rows[0].box.accessibleName() == "Change contact: Lena Ott · City: Bonn"
    dialog.confirm_button.click()
    until(qtbot, lambda: office.kept_dialog() is None)
    assert office.city() == "Bonn"
    assert office.outage.situation.kept == 0
    until(qtbot, lambda: not office.banner.isVisible())


def test_a_kept_change_that_meets_anothers_is_asked_about(qtbot: QtBot, office: Office) -> None:
    office.lose()
    office.type_city("Bonn")
    until(qtbot, office.banner.isVisible)
    office.return_()
    until(qtbot, lambda: office.outage.is_open)
    run(office.workspace, change_contact, contact_id=office.person, city="Trier")
    office.stage.settle()
    office.banner.show_kept()
    until(qtbot, lambda: (shown := office.kept_dialog()) is not None and bool(shown.rows))
    dialog = office.kept_dialog()
    assert dialog is not None
    dialog.confirm_button.click()
    until(qtbot, lambda: dialog_of(office.stage) is not None)
    conflict = dialog_of(office.stage)
    assert conflict is not None
    conflict.reject()  # not decided: it goes on waiting, and says why
    until(qtbot, dialog.rows[0].error.isVisible)
    assert office.city() == "Trier"
    assert office.outage.situation.kept == 1
    dialog.confirm_button.click()
    until(qtbot, lambda: dialog_of(office.stage) not in {None, conflict})
    again = dialog_of(office.stage)
    assert again is not None
    again.choices[0].mine.click()
    again.try_confirm()
    until(qtbot, lambda: office.city() == "Bonn")
    until(qtbot, lambda: office.kept_dialog() is None)


def test_discarded_changes_are_gone_after_a_question(
    qtbot: QtBot, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.lose()
    office.type_city("Bonn")
    until(qtbot, office.banner.isVisible)
    office.banner.show_kept()
    until(qtbot, lambda: (shown := office.kept_dialog()) is not None and bool(shown.rows))
    dialog = office.kept_dialog()
    assert dialog is not None
    assert not dialog.confirm_button.isEnabled()  # the place is away: nothing can be saved
    asked: list[str] = []

    def agree(_parent: Any, title: str, *_more: Any) -> bool:
        asked.append(title)
        return True

    monkeypatch.setattr("views.sharing.kept_dialog.ask", agree)
    dialog.discard()
    until(qtbot, lambda: office.kept_dialog() is None)
    assert asked == ["Discard 1 change?"]
    assert office.outage.outbox.waiting() == []


def test_a_dialog_closes_and_a_composer_empties_when_the_change_is_kept(
    qtbot: QtBot, office: Office
) -> None:
    office.stage.go("contacts", "contact", office.person)
    office.lose()
    form = NewContactDialog(office.stage.context, office.stage.page)
    form.open()
    office.stage.settle()
    form.given.setText("Otto")
    form.try_confirm()
    until(qtbot, lambda: not form.isVisible())
    composer = office.stage.page.findChild(Composer)
    assert composer is not None
    composer.text.setPlainText("He asks for storage")
    composer.submit()
    until(qtbot, lambda: composer.text.toPlainText() == "")
    assert [kept.label for kept in office.outage.outbox.waiting()] == [
        "Create contact",
        "Write note",
    ]


def test_a_damaged_file_stops_and_leads_to_the_backups(qtbot: QtBot, office: Office) -> None:
    back_up(office.path, Reason.ASKED)
    os.truncate(office.path, office.path.stat().st_size // 2)
    office.type_city("Bonn")
    until(qtbot, office.banner.isVisible)
    assert office.outage.situation.standing is Standing.STOPPED
    said = office.banner.said
    assert said is not None
    assert (said.tone, said.offers) == ("bad", (Offer.BACKUPS, Offer.KEPT))


def test_reading_only_says_why_and_saves_nothing(
    qtbot: QtBot, qapp: Any, workspace_path: Path
) -> None:
    maker = Workspace.open(workspace_path, user_name=USER, watch=False)
    person = run(maker, create_contact, name="Lena Ott", city="Ulm")
    maker.close()
    workspace = Workspace.open(workspace_path, user_name=USER, watch=False, read_only=True)
    try:
        with Stage(workspace) as stage:
            banner = stage.window.findChild(SharingBanner)
            assert banner is not None
            assert banner.isVisible()
            assert banner.said is not None
            assert banner.said.detail == "It was opened for reading only."
            toasts: list[str] = []
            stage.context.toast_requested.connect(lambda request: toasts.append(request.text))
            stage.go("contacts", "contact", person)
            field = field_of(stage, "City")
            field.start()
            editor = field.edit_widget
            assert isinstance(editor, QLineEdit)
            editor.setText("Bonn")
            QTest.keyClick(editor, Qt.Key.Key_Return)
            until(
                qtbot,
                lambda: any("reading only" in words for words in [*toasts, field.error_text()]),
            )
    finally:
        workspace.close()


def test_a_wrong_clock_is_told_and_can_be_closed(qtbot: QtBot, office: Office) -> None:
    office.workspace.warnings = [EnvironmentFault("The clock is wrong.", remedy="Set it.")]
    office.banner.look()
    assert office.banner.isVisible()
    office.banner._close.click()
    office.banner.look()
    assert not office.banner.isVisible()


def test_opening_anew_asks_the_frame(office: Office) -> None:
    asked: list[Reopening] = []
    office.stage.context.reopen_requested.connect(asked.append)
    office.banner._act(Offer.REOPEN)
    assert asked == [Reopening(office.workspace.location)]
