"""Settings → Mail accounts and Watched folders, with a real server and real files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.queries.intake import mail_accounts, watched_folders
from app.workspace import Workspace
from models.records import Activity, Contact
from models.values import MailSecurity
from tests.app.exchange.imap_server import PASSWORD, USER, WHY_NOT, Dovecot, has_dovecot
from tests.app.exchange.test_imap import mail, put
from tests.app.sharing.test_passwords import Drawer
from tests.conftest import count
from views.intake.mail_dialogs import AddMailDialog, FoldersDialog, PasswordDialog
from views.intake.mail_section import MailSection
from views.intake.watch_dialogs import AddFolderDialog, FilesDialog
from views.intake.watch_section import WatchSection
from views.stage import Stage

SOON = 30_000
PEOPLE = "First name,Last name,E-mail\nAnna,Berg,anna@example.org\nIvo,Lang,ivo@example.org\n"


@pytest.fixture
def stage(qapp: Any, workspace: Workspace) -> Iterator[Stage]:
    with Stage(workspace) as made:
        yield made


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    before, made = keyring.get_keyring(), Drawer()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    if not has_dovecot():
        pytest.skip(WHY_NOT)
    made = Dovecot()
    put(made, mail(1), mail(2))
    put(made, mail(3), folder="Projects & more")
    yield made
    made.close()


def section(stage: Stage, key: str, kind: type[Any]) -> Any:
    stage.go("settings", section=key)
    found = stage.page.findChild(kind)
    assert found is not None
    return found


def words(widget: Any) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]


def dialog(stage: Stage, kind: type[Any]) -> Any:
    shown = [w for w in stage.app.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]
    return shown[0] if shown else None


def button(widget: Any, name: str) -> QPushButton:
    found: list[QPushButton] = [
        b
        for b in widget.findChildren(QPushButton)
        if name in {b.text(), b.accessibleName()} and b.isVisible()
    ]
    assert found, name
    return found[0]


def fill(shown: AddMailDialog, server: Dovecot, password: str) -> None:
    shown.user.setText(USER)
    shown.host.setText("localhost")
    shown.security.set_value(MailSecurity.PLAIN)
    shown.port.setValue(server.ports["plain"])
    shown.password.setText(password)


def test_a_mailbox_is_added_read_paused_and_removed(
    qtbot: QtBot, stage: Stage, server: Dovecot, drawer: Drawer
) -> None:
    here = section(stage, "mail", MailSection)
    assert any("No mailbox is read yet" in text for text in words(here))
    here.add.click()
    shown = dialog(stage, AddMailDialog)
    assert not shown.confirm_button.isEnabled()
    fill(shown, server, "not-this-one")
    shown.try_confirm()
    row = shown.form.rows["password"]
    qtbot.waitUntil(lambda: "does not accept" in row.error_text(), timeout=SOON)
    shown.password.setText(PASSWORD)
    qtbot.waitUntil(shown.confirm_button.isEnabled, timeout=SOON)
    shown.try_confirm()
    qtbot.waitUntil(lambda: shown.is_connected, timeout=SOON)
    assert shown.folders.chosen() == ["INBOX"]
    shown.folders.box("Projects & more").setChecked(True)
    shown.try_confirm()
    qtbot.waitUntil(lambda: dialog(stage, AddMailDialog) is None, timeout=SOON)
    qtbot.waitUntil(lambda: list(drawer.kept.values()) == [PASSWORD], timeout=SOON)
    qtbot.waitUntil(lambda: count(stage.workspace, Activity) == 3, timeout=SOON)
    (account,) = stage.workspace.read(mail_accounts)
    assert [folder.name for folder in account.chosen] == ["INBOX", "Projects & more"]
    put(server, mail(9))
    qtbot.waitUntil(lambda: bool(here.accounts) and not here.polling, timeout=SOON)
    button(here, "Read now").click()
    qtbot.waitUntil(lambda: count(stage.workspace, Activity) == 4, timeout=SOON)
    qtbot.waitUntil(lambda: not here.polling, timeout=SOON)
    here.pause(account)
    qtbot.waitUntil(lambda: bool(here.accounts) and here.accounts[0].is_paused, timeout=SOON)
    here.remove(account)
    qtbot.waitUntil(lambda: not here.accounts, timeout=SOON)
    qtbot.waitUntil(lambda: not drawer.kept, timeout=SOON)
    assert count(stage.workspace, Activity) == 4


def test_a_computer_without_the_password_asks_for_it_and_shows_folders(
    qtbot: QtBot, stage: Stage, server: Dovecot, drawer: Drawer
) -> None:
    from app.commands.mail_accounts import create_mail_account
    from tests.conftest import run

    access = server.access()
    run(
        stage.workspace,
        create_mail_account,
        host=access.host,
        port=access.port,
        security=access.security,
        user_name=USER,
        folders=["INBOX"],
    )
    here = section(stage, "mail", MailSection)
    qtbot.waitUntil(lambda: "no password here" in _pills(here), timeout=SOON)
    here.ask_password(here.accounts[0])
    shown = dialog(stage, PasswordDialog)
    shown.password.setText(PASSWORD)
    shown.keep.setChecked(False)  # until the program ends
    shown.try_confirm()
    qtbot.waitUntil(lambda: dialog(stage, PasswordDialog) is None, timeout=SOON)
    qtbot.waitUntil(lambda: here.known.get(here.accounts[0].id) is True, timeout=SOON)
    assert drawer.kept == {}
    here.choose_folders(here.accounts[0])
    qtbot.waitUntil(lambda: dialog(stage, FoldersDialog) is not None, timeout=SOON)
    chooser = dialog(stage, FoldersDialog)
    qtbot.waitUntil(lambda: chooser.is_connected, timeout=SOON)
    assert chooser.folders.chosen() == ["INBOX"]
    chooser.folders.box("Projects & more").setChecked(True)
    chooser.try_confirm()
    qtbot.waitUntil(lambda: len(here.accounts[0].chosen) == 2, timeout=SOON)


def _pills(widget: Any) -> str:
    from views.shared.labels import PillLabel

    return " ".join(pill.accessibleName() for pill in widget.findChildren(PillLabel))


def test_a_plain_connection_across_a_network_warns(stage: Stage) -> None:
    here = section(stage, "mail", MailSection)
    here.add.click()
    shown = dialog(stage, AddMailDialog)
    shown.host.setText("mail.example.org")
    assert not shown.warning.isVisible()
    shown.security.set_value(MailSecurity.PLAIN)
    assert shown.warning.isVisible()
    assert shown.port.value() == 143
    shown.security.set_value(MailSecurity.TLS)
    assert not shown.warning.isVisible()
    shown.reject()


def test_a_folder_is_watched_looked_into_and_left_alone(
    qtbot: QtBot, stage: Stage, tmp_path: Path
) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    here = section(stage, "watched", WatchSection)
    assert any("No folder is watched yet" in text for text in words(here))
    here.add.click()
    shown = dialog(stage, AddFolderDialog)
    shown.path.setText("inbox")
    shown.try_confirm()
    row = shown.form.rows["path"]
    qtbot.waitUntil(lambda: "whole path" in row.error_text(), timeout=SOON)
    shown.path.setText(str(folder))
    shown.try_confirm()
    qtbot.waitUntil(lambda: dialog(stage, AddFolderDialog) is None, timeout=SOON)
    qtbot.waitUntil(lambda: len(here.folders) == 1, timeout=SOON)
    (folder / "people.csv").write_text(PEOPLE)
    (folder / "bad.csv").write_bytes(b"GIF89a" + b"data" * 20)
    here.look_now(here.folders[0])
    qtbot.waitUntil(lambda: count(stage.workspace, Contact) == 2, timeout=SOON)
    qtbot.waitUntil(lambda: not here.looking, timeout=SOON)
    qtbot.waitUntil(lambda: (here.folders[0].taken, here.folders[0].failed) == (1, 1), timeout=SOON)
    told = "1 file taken · 1 not taken"
    qtbot.waitUntil(lambda: any(told in text for text in words(here)), timeout=SOON)
    here.show_files(here.folders[0])
    files = dialog(stage, FilesDialog)
    qtbot.waitUntil(lambda: "people.csv" in words(files), timeout=SOON)
    assert any("a picture" in text for text in words(files))
    files.accept()
    here.remove(here.folders[0])
    qtbot.waitUntil(lambda: not here.folders, timeout=SOON)
    assert stage.workspace.read(watched_folders) == []
    assert count(stage.workspace, Contact) == 2
