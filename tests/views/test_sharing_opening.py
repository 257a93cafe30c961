"""How the program opens, opens anew and asks for a password, and who is seen to be in."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sqlalchemy import make_url

from app.commands.contacts import change_contact, create_contact
from app.errors import UserError
from app.settings import Settings
from app.sharing.backup_files import Reason
from app.sharing.backups import back_up
from app.sharing.outage import KeptForLaterError
from app.sharing.passwords import Login, ask_with
from app.sharing.presence import who
from app.sharing.restoring import restore
from app.workspace import Workspace
from models.records import Contact
from tests.app.sharing.servers import OwnServer, new_database, sql
from tests.conftest import USER, count, run
from tests.views.two_windows import OtherWindow
from views.application import Starter
from views.context import Reopening
from views.main_window import MainWindow
from views.sharing.banner import SharingBanner
from views.sharing.banner_words import Offer
from views.sharing.kept_dialog import KeptDialog
from views.sharing.login import LoginAsker, LoginDialog
from views.sharing.presence_row import PresenceRow
from views.sharing.restore_dialog import RestoreDialog
from views.sharing.wizard import ADDRESS, COPY, ShareWizard
from views.stage import Stage
from views.welcome.page import WelcomePage

SOON = 20_000
SECRET = "right and long"  # noqa: S105  of a server that lives as long as the test


class Program:
    """The window and what opens workspaces in it."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot
        self.settings = Settings(user_name=USER)
        self.window = MainWindow(settings=self.settings)
        self.window.show()
        self.starter = Starter(self.window, self.settings)

    def opened(self, begin: Callable[[], object]) -> Workspace:
        """Begin something that opens a workspace; return it once it is open."""
        with self._qtbot.waitSignal(self.starter.opened, timeout=SOON):
            begin()
        assert self.starter.workspace is not None
        return self.starter.workspace

    def close(self) -> None:
        self.starter.end()
        self.window.close()
        self.window.deleteLater()


@pytest.fixture
def program(qtbot: QtBot) -> Iterator[Program]:
    made = Program(qtbot)
    yield made
    made.close()


def test_a_window_that_may_write_rescues(program: Program, workspace_path: Path) -> None:
    workspace = program.opened(lambda: program.starter.open(str(workspace_path)))
    assert workspace.rescue is not None
    assert not program.starter.hung


def test_a_backup_takes_the_place_of_the_open_workspace(
    program: Program, workspace_path: Path
) -> None:
    backup = back_up(workspace_path, Reason.ASKED)
    workspace = program.opened(lambda: program.starter.open(str(workspace_path)))
    run(workspace, create_contact, name="Since the backup")
    assert program.starter.context is not None
    asking = program.starter.context
    request = Reopening(
        workspace.location, first=lambda: restore(backup.path, workspace_path, replace=True)
    )
    again = program.opened(lambda: asking.reopen(request))
    assert again is not workspace
    assert count(again, Contact) == 0


def test_what_fails_before_opening_is_told(
    qtbot: QtBot, program: Program, workspace_path: Path
) -> None:
    def fail() -> None:
        raise UserError("It is open elsewhere.")

    program.opened(lambda: program.starter.open(str(workspace_path)))
    program.starter.reopen(Reopening(str(workspace_path), first=fail))
    qtbot.waitUntil(lambda: program.window.findChild(WelcomePage) is not None, timeout=SOON)
    program.opened(lambda: program.window.workspace_requested.emit(str(workspace_path)))


def test_a_file_damaged_while_open_is_restored_and_the_kept_change_is_offered(
    qtbot: QtBot, program: Program, workspace_path: Path
) -> None:
    workspace = program.opened(lambda: program.starter.open(str(workspace_path)))
    person = run(workspace, create_contact, name="Lena Ott", city="Ulm")
    back_up(workspace_path, Reason.ASKED)
    context = program.starter.context
    assert context is not None
    context.navigate("contacts", "contact", person)
    os.truncate(workspace_path, workspace_path.stat().st_size // 2)
    told = workspace.writer.submit("Change contact", change_contact, contact_id=person, city="Bonn")
    assert isinstance(told.exception(30), KeptForLaterError)
    banner = program.window.findChild(SharingBanner)
    assert banner is not None
    qtbot.waitUntil(banner.isVisible, timeout=SOON)
    banner.buttons[Offer.BACKUPS].click()

    def dialog() -> RestoreDialog | None:
        found = [w for w in QApplication.topLevelWidgets() if isinstance(w, RestoreDialog)]
        return next((w for w in found if w.isVisible()), None)

    qtbot.waitUntil(lambda: (d := dialog()) is not None and d.found is not None, timeout=SOON)
    restoring = dialog()
    assert restoring is not None
    restoring.replace.setChecked(True)
    again = program.opened(restoring.try_confirm)
    assert count(again, Contact) == 1
    assert again.rescue is not None
    anew = program.window.findChildren(SharingBanner)[-1]
    qtbot.waitUntil(lambda: anew.said is not None and anew.said.offers == (Offer.KEPT,))
    again.rescue.outage.forget(*[kept.id for kept in again.rescue.outage.outbox.waiting()])


def test_a_damaged_file_is_restored_from_the_welcome_page(
    qtbot: QtBot, program: Program, workspace_path: Path
) -> None:
    maker = Workspace.open(workspace_path, user_name=USER, watch=False)
    run(maker, create_contact, name="In the backup")
    maker.close()
    back_up(workspace_path, Reason.ASKED)
    os.truncate(workspace_path, workspace_path.stat().st_size // 2)
    damaged = workspace_path.read_bytes()
    program.starter.open(str(workspace_path))
    qtbot.waitUntil(lambda: program.window.findChild(WelcomePage) is not None, timeout=SOON)
    welcome = program.window.findChild(WelcomePage)
    assert welcome is not None
    workspace = program.opened(welcome.restore.click)
    assert count(workspace, Contact) == 1
    kept = next(workspace_path.parent.glob("*before-restore*.closeknit"))
    assert kept.read_bytes() == damaged


def test_the_way_to_a_server_ends_with_the_server_open(
    qtbot: QtBot, program: Program, workspace_path: Path, postgresql_url: str
) -> None:
    here = program.opened(lambda: program.starter.open(str(workspace_path)))
    run(here, create_contact, name="Lena Ott")
    with new_database(postgresql_url) as server:
        context = program.starter.context
        assert context is not None
        wizard = ShareWizard(context, program.window)
        wizard.open()
        wizard.go(ADDRESS)
        wizard.address.server.setText(server)
        wizard.try_confirm()
        qtbot.waitUntil(lambda: wizard.step == COPY, timeout=SOON)
        wizard.try_confirm()
        qtbot.waitUntil(lambda: wizard.report is not None, timeout=SOON)
        there = program.opened(wizard.try_confirm)
        assert there.is_server
        assert not there.read_only
        assert count(there, Contact) == 1
        assert program.settings.recent[0] == there.location
        # The old file is opened for reading, and says where the workspace went.
        old = program.opened(lambda: program.starter.open(str(workspace_path)))
        assert old.read_only
        banner = program.window.findChild(SharingBanner)
        assert banner is not None
        assert banner.isVisible()
        program.starter.end()


def test_a_place_that_is_slow_gives_way_to_what_was_chosen_since(
    qtbot: QtBot, program: Program, workspace_path: Path, tmp_path: Path
) -> None:
    let_go = threading.Event()
    slow = Reopening(str(workspace_path), first=lambda: let_go.wait(30))
    program.starter.reopen(slow)
    other = tmp_path / "other.closeknit"
    workspace = program.opened(lambda: program.starter.open(str(other)))
    let_go.set()
    closed = Workspace.open(workspace_path, watch=False)

    def is_alone() -> bool:
        return len(closed.read(who)) == 1  # the late one has come and left again

    qtbot.waitUntil(is_alone, timeout=SOON)
    closed.close()
    assert program.starter.workspace is workspace


def test_without_a_location_the_last_one_opens(
    program: Program, workspace_path: Path, tmp_path: Path
) -> None:
    program.settings.recent = [str(tmp_path / "gone.closeknit"), str(workspace_path)]
    workspace = program.opened(lambda: program.starter.open(""))
    assert workspace.location == str(workspace_path)


# The password.


@pytest.fixture
def guarded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give the address, without password, of a workspace that asks for one."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    server = OwnServer(tmp_path / "data")
    try:
        sql(server.local, f"CREATE ROLE ann SUPERUSER LOGIN PASSWORD '{SECRET}'")
        Workspace.open(server.local, create=True, user_name=USER, watch=False).close()
        yield server.tcp("ann")
    finally:
        ask_with(None)
        server.close()


def shown() -> LoginDialog | None:
    found = [w for w in QApplication.topLevelWidgets() if isinstance(w, LoginDialog)]
    return next((w for w in found if w.isVisible()), None)


def test_a_question_from_another_thread_is_asked_in_the_window(
    qtbot: QtBot, program: Program
) -> None:
    asker = LoginAsker(program.window)
    answers: list[Login | None] = []
    url = make_url("postgresql://ann@db.example/crm")
    asking = threading.Thread(target=lambda: answers.append(asker(url, True)))
    asking.start()
    qtbot.waitUntil(lambda: shown() is not None, timeout=SOON)
    dialog = shown()
    assert dialog is not None
    assert dialog.user.text() == "ann"
    assert dialog.error.isVisible()  # the last answer was wrong
    dialog.password.setText("secret")
    dialog.try_confirm()
    asking.join(20)
    assert answers == [Login("ann", "secret", keep=False)]
    again = threading.Thread(target=lambda: answers.append(asker(url, False)))
    again.start()
    qtbot.waitUntil(lambda: shown() is not None, timeout=SOON)
    given_up = shown()
    assert given_up is not None
    given_up.reject()
    again.join(20)
    assert answers[1] is None


def test_the_window_asks_for_the_password_until_it_is_right(
    qtbot: QtBot, program: Program, guarded: str
) -> None:
    def answer(password: str, *, wrong: bool) -> None:
        qtbot.waitUntil(lambda: (found := shown()) is not None and found.is_retry is wrong)
        dialog = shown()
        assert dialog is not None
        dialog.password.setText(password)
        dialog.try_confirm()

    with qtbot.waitSignal(program.starter.opened, timeout=SOON):
        program.starter.open(guarded)
        answer("wrong", wrong=False)
        answer(SECRET, wrong=True)
    workspace = program.starter.workspace
    assert workspace is not None
    assert workspace.is_server
    assert SECRET not in workspace.location
    assert SECRET not in "".join(program.settings.recent)


def test_a_server_that_goes_away_and_comes_back_needs_no_restart(
    qtbot: QtBot, qapp: Any, tmp_path: Path
) -> None:
    server = OwnServer(tmp_path / "data")
    try:
        workspace = Workspace.open(server.local, create=True, user_name=USER, watch=False)
        try:
            _lose_and_find(qtbot, workspace, server)
        finally:
            workspace.close()
    finally:
        server.close()


def _lose_and_find(qtbot: QtBot, workspace: Workspace, server: OwnServer) -> None:
    person = run(workspace, create_contact, name="Lena Ott", city="Ulm")
    outage = workspace.start_rescue(waits=(0.3,), patience=5.0).outage
    with Stage(workspace) as stage:
        banner = stage.window.findChild(SharingBanner)
        assert banner is not None
        server.stop()
        told = workspace.writer.submit(
            "Change contact", change_contact, contact_id=person, city="Bonn"
        )
        assert isinstance(told.exception(60), KeptForLaterError)
        qtbot.waitUntil(banner.isVisible, timeout=SOON)
        assert banner.said is not None
        assert Offer.TRY in banner.said.offers
        server.start()
        qtbot.waitUntil(lambda: outage.is_open, timeout=60_000)
        qtbot.waitUntil(lambda: banner.said is not None and banner.said.offers == (Offer.KEPT,))
        dialog = KeptDialog(stage.context, banner.signal, stage.window)
        dialog.open()
        qtbot.waitUntil(lambda: bool(dialog.rows), timeout=SOON)
        dialog.try_confirm()
        qtbot.waitUntil(lambda: not banner.isVisible(), timeout=SOON)
    city = workspace.read(lambda session: session.get(Contact, person).city)
    assert city == "Bonn"


# Who else is in.


def test_others_are_seen_above_the_person(qtbot: QtBot, workspace_path: Path, qapp: Any) -> None:
    workspace = Workspace.open(workspace_path, user_name=USER)
    try:
        with Stage(workspace) as stage:
            row = stage.window.findChild(PresenceRow)
            assert row is not None
            row.look()
            stage.settle()
            assert not row.isVisible()  # nobody else
            ann = OtherWindow(workspace.location)
            try:
                row.look()
                qtbot.waitUntil(row.isVisible, timeout=SOON)
                assert row.words() == "Ann Weber is in"
                assert "Ann Weber" in row.toolTip()
                row.click()
                stage.settle()
                assert stage.page.save_state() == {"section": "sharing"}
            finally:
                ann.close()
            row.look()
            qtbot.waitUntil(lambda: not row.isVisible(), timeout=SOON)
    finally:
        workspace.close()


def test_a_manager_looks_at_everything_and_changes_no_byte(
    qtbot: QtBot, program: Program, workspace_path: Path
) -> None:
    before = {path.name: path.read_bytes() for path in workspace_path.parent.iterdir()}
    workspace = program.opened(lambda: program.starter.open(str(workspace_path), read_only=True))
    assert workspace.read_only
    context = program.starter.context
    assert context is not None
    for page in ("today", "contacts", "pipeline", "tickets", "analytics", "settings"):
        context.navigate(page)
        qtbot.waitUntil(lambda: context.courier.pending == 0, timeout=SOON)
    banner = program.window.findChild(SharingBanner)
    assert banner is not None
    assert banner.said is not None
    assert "read" in banner.said.text
    assert program.window.findChild(WelcomePage) is None  # no name is asked for
    assert {path.name: path.read_bytes() for path in workspace_path.parent.iterdir()} == before
