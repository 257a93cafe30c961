"""“Share with my office” against a real server: there, its logins, and back to a file."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog, QLabel
from pytestqt.qtbot import QtBot
from sqlalchemy import make_url

from app.commands.contacts import create_contact
from app.errors import EnvironmentFault
from app.sharing.backup_files import backup_folder
from app.sharing.moved_mark import moved_to
from app.sharing.pointer_file import read_pointer
from app.sharing.server_look import address_from, look_at_server
from app.sharing.server_rights import ServerRole
from app.workspace import Workspace
from models.records import Contact
from tests.app.sharing.servers import new_database, sql
from tests.conftest import USER, count, run
from views.context import Reopening
from views.sharing.banner import SharingBanner
from views.sharing.bring_back import BringBackDialog
from views.sharing.logins_dialog import LoginsDialog
from views.sharing.wizard import ADDRESS, COPY, EXPLAIN, MOVE, ShareWizard
from views.stage import Stage

SOON = 60_000


@pytest.fixture
def server(postgresql_url: str) -> Iterator[str]:
    with new_database(postgresql_url) as address:
        yield address


@pytest.fixture
def stage(qapp: Any, workspace: Workspace) -> Iterator[Stage]:
    run(workspace, create_contact, name="Lena Ott", city="Ulm")
    with Stage(workspace) as made:
        yield made
    shutil.rmtree(backup_folder(Path(workspace.location)), ignore_errors=True)


@pytest.fixture
def wizard(stage: Stage) -> ShareWizard:
    made = ShareWizard(stage.context, stage.window)
    made.open()
    stage.settle()
    return made


def words(widget: Any) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]


def test_the_wizard_moves_the_workspace_and_opens_the_server(
    qtbot: QtBot, stage: Stage, wizard: ShareWizard, server: str
) -> None:
    assert wizard.step == EXPLAIN
    wizard.try_confirm()
    assert wizard.step == ADDRESS
    wizard.try_confirm()
    assert wizard.address.form.rows["server"].error_text() != ""
    wizard.address.server.setText(server)
    wizard.address.test.click()
    qtbot.waitUntil(lambda: wizard.sight is not None, timeout=SOON)
    assert wizard.address.state.text == "ready"
    wizard.try_confirm()
    assert wizard.step == COPY
    assert {"Contacts", "1"} <= set(words(wizard.copy))
    asked: list[Reopening] = []
    stage.context.reopen_requested.connect(asked.append)
    wizard.try_confirm()
    assert wizard.step == MOVE
    qtbot.waitUntil(lambda: wizard.report is not None, timeout=SOON)
    report = wizard.report
    assert report is not None
    assert all(table.agrees for table in report.tables)
    stage.settle()
    assert "Contacts" in words(wizard.last)
    pointer = Path(stage.workspace.location).with_suffix(".closeknit-server")
    assert report.pointer == str(pointer)
    assert str(pointer) in wizard.pointer.text()
    assert read_pointer(pointer).database == make_url(server).database
    assert stage.workspace.read(moved_to) is not None
    wizard.try_confirm()
    assert [request.location for request in asked] == [wizard.location]
    there = Workspace.open(wizard.location, watch=False)
    assert count(there, Contact) == 1
    assert not there.read_only
    there.close()


def test_what_cannot_be_used_is_said_before_anything_is_copied(
    qtbot: QtBot, wizard: ShareWizard, server: str
) -> None:
    sql(server, "CREATE TABLE recipes (name text)")
    wizard.go(ADDRESS)
    wizard.address.server.setText(server)
    wizard.try_confirm()
    qtbot.waitUntil(wizard.error.isVisible, timeout=SOON)
    assert "holds tables of something else" in wizard.error.text()
    assert wizard.step == ADDRESS
    wizard.address.server.setText("127.0.0.1:1")
    wizard.address.database.setText("office")
    wizard.try_confirm()
    qtbot.waitUntil(lambda: "does not answer" in wizard.error.text(), timeout=SOON)


def test_a_move_that_fails_leaves_the_wizard_where_it_can_be_mended(
    qtbot: QtBot, stage: Stage, wizard: ShareWizard, server: str
) -> None:
    wizard.go(ADDRESS)
    wizard.address.server.setText(server)
    wizard.try_confirm()
    qtbot.waitUntil(lambda: wizard.step == COPY, timeout=SOON)
    sql(server, "CREATE TABLE recipes (name text)")  # between the test and the move
    wizard.try_confirm()
    qtbot.waitUntil(wizard.error.isVisible, timeout=SOON)
    assert "nothing was moved" in wizard.error.text()
    assert wizard.step == COPY
    assert stage.workspace.read(moved_to) is None
    run(stage.workspace, create_contact, name="Still at home")


def test_a_move_is_stopped(qtbot: QtBot, stage: Stage, wizard: ShareWizard, server: str) -> None:
    wizard.go(ADDRESS)
    wizard.address.server.setText(server)
    wizard.try_confirm()
    qtbot.waitUntil(lambda: wizard.step == COPY, timeout=SOON)
    wizard.try_confirm()
    wizard.reject()  # while it runs: stops it, does not close
    qtbot.waitUntil(wizard.error.isVisible, timeout=SOON)
    assert "stopped" in wizard.error.text()
    assert wizard.isVisible()
    assert stage.workspace.read(moved_to) is None


def test_addresses_as_people_type_them() -> None:
    assert address_from("db.example", "crm", "ann", "p@ss/word") == (
        "postgresql://ann:p%40ss%2Fword@db.example:5432/crm"
    )
    assert address_from("db.example:6000", "crm", "", "") == "postgresql://db.example:6000/crm"
    assert "host=%2Fvar%2Frun" in address_from("/var/run", "crm", "", "")
    with pytest.raises(EnvironmentFault, match="readable over the network"):
        look_at_server("postgresql://db.example/crm?sslmode=disable")


@pytest.fixture
def at_server(qapp: Any, server: str) -> Iterator[Stage]:
    workspace = Workspace.open(server, create=True, user_name=USER, watch=False)
    run(workspace, create_contact, name="Lena Ott")
    try:
        with Stage(workspace) as made:
            yield made
    finally:
        workspace.close()


def test_back_to_a_file(
    qtbot: QtBot, at_server: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "home.closeknit"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(target), ""))
    asked: list[Reopening] = []
    at_server.context.reopen_requested.connect(asked.append)
    dialog = BringBackDialog(at_server.context, at_server.window)
    dialog.open()
    dialog.try_confirm()
    qtbot.waitUntil(lambda: dialog.report is not None, timeout=SOON)
    dialog.try_confirm()
    assert asked == [Reopening(str(target))]
    home = Workspace.open(target, watch=False)
    assert count(home, Contact) == 1
    home.close()


def test_a_moved_workspace_says_so_in_the_banner(
    qtbot: QtBot, at_server: Stage, tmp_path: Path
) -> None:
    dialog = BringBackDialog(at_server.context, at_server.window)
    dialog.open()
    dialog.start(tmp_path / "home.closeknit")
    qtbot.waitUntil(lambda: dialog.report is not None, timeout=SOON)
    again = Workspace.open(at_server.workspace.location, watch=False)
    try:
        assert again.read_only
        with Stage(again) as stage:
            banner = stage.window.findChild(SharingBanner)
            assert banner is not None
            assert banner.said is not None
            assert "home.closeknit" in banner.said.detail
    finally:
        again.close()


def test_logins_are_made_changed_and_removed(
    qtbot: QtBot, at_server: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = LoginsDialog(at_server.context, at_server.window)
    dialog.open()
    qtbot.waitUntil(lambda: dialog.logins == [], timeout=SOON)
    dialog.name.setText("ann.weber_test")
    dialog.role.set_value(ServerRole.READER)
    dialog.add()
    qtbot.waitUntil(lambda: bool(dialog.logins), timeout=SOON)
    assert dialog.logins is not None
    assert [(login.name, login.role) for login in dialog.logins] == [
        ("ann.weber_test", ServerRole.READER)
    ]
    assert "User name ann.weber_test, password " in dialog.secret.text()
    dialog._change("ann.weber_test", ServerRole.MEMBER)
    qtbot.waitUntil(
        lambda: dialog.logins is not None and dialog.logins[0].role is ServerRole.MEMBER,
        timeout=SOON,
    )
    monkeypatch.setattr("views.sharing.logins_dialog.ask", lambda *_args: True)
    dialog._remove("ann.weber_test")
    qtbot.waitUntil(lambda: dialog.logins == [], timeout=SOON)
    dialog.name.setText("Not A Name")
    dialog.add()
    qtbot.waitUntil(dialog.error.isVisible, timeout=SOON)
    assert "small letters" in dialog.error.text()
