"""Settings → Sharing and Backups: the place, who is in, backups and what they would bring back."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.commands.contacts import create_contact
from app.commands.deals import create_deal
from app.sharing.backup_files import Reason, backup_folder, backups_of
from app.sharing.backups import back_up
from app.sharing.machine import mount_key, this_machine
from app.sharing.mounts import Mount
from app.sharing.passes import checked_machines, home_of
from app.sharing.verdict import Mode, Verdict
from app.workspace import Workspace
from models.records import Contact
from tests.app.sharing.two_computers import Party, inviting
from tests.conftest import USER, count, run
from tests.views.two_windows import OtherWindow
from views.context import Reopening
from views.sharing.backups_section import BackupsSection
from views.sharing.handshake_dialogs import InviteDialog, JoinDialog
from views.sharing.restore_dialog import RestoreDialog
from views.sharing.sharing_section import SharingSection
from views.stage import Stage

SOON = 20_000
NFS = Verdict(
    Mode.SHARED,
    "nfs4",
    "A drive whose locks hold.",
    mount=Mount("/mnt/office", "nfs4", "server:/office", ("rw", "vers=4.2")),
    needs_handshake=True,
)


@pytest.fixture
def stage(qapp: Any, workspace: Workspace) -> Iterator[Stage]:
    with Stage(workspace) as made:
        yield made
    shutil.rmtree(backup_folder(Path(workspace.location)), ignore_errors=True)


def backups(stage: Stage) -> BackupsSection:
    stage.go("settings", section="backups")
    found = stage.page.findChild(BackupsSection)
    assert found is not None
    return found


def sharing(stage: Stage) -> SharingSection:
    stage.go("settings", section="sharing")
    found = stage.page.findChild(SharingSection)
    assert found is not None
    return found


def words(widget: Any) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]


def dialog(stage: Stage, kind: type[Any]) -> Any:
    shown = [w for w in stage.app.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]
    return shown[0] if shown else None


def test_a_backup_is_made_and_listed(qtbot: QtBot, stage: Stage) -> None:
    section = backups(stage)
    assert section.found == []
    assert "There is no backup yet. The first one is made within a minute." in words(section)
    section.now.click()
    qtbot.waitUntil(lambda: bool(section.found), timeout=SOON)
    stage.settle()
    (made,) = backups_of(Path(stage.workspace.location))
    assert section.found == [made]
    assert (made.reason, made.user, made.verified) == (Reason.ASKED, USER, True)
    assert any("asked for" in text and f"by {USER}" in text for text in words(section))
    qtbot.waitUntil(section.now.isEnabled, timeout=SOON)


def test_a_restore_shows_what_would_differ_and_makes_a_new_file(
    qtbot: QtBot, stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = stage.workspace
    run(workspace, create_contact, name="In the backup")
    back_up(Path(workspace.location), Reason.ASKED)
    run(workspace, create_contact, name="Since the backup")
    run(workspace, create_deal, name="Heat pumps")
    section = backups(stage)
    assert section.found is not None
    section.restore(section.found[0])
    found = dialog(stage, RestoreDialog)
    qtbot.waitUntil(lambda: found.found is not None, timeout=SOON)
    kinds = {kind.kind: kind for kind in found.found.kinds}
    assert (kinds["contact"].only_in_current, kinds["deal"].only_in_current) == (1, 1)
    assert found.summary.text() == "2 changes made since the backup would be undone."
    assert {"Contacts", "Deals"} <= set(words(found))
    target = tmp_path / "restored.closeknit"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(target), ""))
    asked: list[Reopening] = []
    stage.context.reopen_requested.connect(asked.append)
    found.try_confirm()
    qtbot.waitUntil(lambda: bool(asked), timeout=SOON)
    assert asked == [Reopening(str(target))]
    restored = Workspace.open(target, watch=False)
    assert count(restored, Contact) == 1
    restored.close()
    assert count(workspace, Contact) == 2  # the workspace stays as it is


def test_a_restore_in_its_place_runs_while_nothing_is_open(
    qtbot: QtBot, stage: Stage, workspace: Workspace
) -> None:
    back_up(Path(workspace.location), Reason.ASKED)
    run(workspace, create_contact, name="Since the backup")
    section = backups(stage)
    assert section.found is not None
    section.restore(section.found[0])
    found = dialog(stage, RestoreDialog)
    qtbot.waitUntil(lambda: found.found is not None, timeout=SOON)
    asked: list[Reopening] = []
    stage.context.reopen_requested.connect(asked.append)
    found.replace.setChecked(True)
    found.try_confirm()
    assert asked[0].first is not None
    workspace.close()
    asked[0].first()
    again = Workspace.open(asked[0].location, watch=False)
    assert count(again, Contact) == 0
    again.close()
    assert backups_of(Path(workspace.location))[0].reason is Reason.RESTORE


def test_a_damaged_backup_is_not_offered(stage: Stage) -> None:
    made = back_up(Path(stage.workspace.location), Reason.ASKED)
    made.path.chmod(0o600)
    with made.path.open("ab") as file:
        file.write(b"more")
    section = backups(stage)
    buttons = section.findChildren(QPushButton)
    button = next(b for b in buttons if b.text() == "Restore…")
    assert not button.isEnabled()


def test_a_server_has_its_own_backups(qapp: Any, postgresql: Workspace) -> None:
    with Stage(postgresql) as stage:
        section = backups(stage)
        assert not section.now.isVisible()
        assert any("administrator" in text for text in words(section))


def test_the_place_is_told_and_tested(qtbot: QtBot, stage: Stage) -> None:
    section = sharing(stage)
    assert stage.workspace.location in words(section)
    assert not section.computers.isVisible()  # one computer, nothing to check
    section.test.click()
    qtbot.waitUntil(lambda: section.checks.count() == 8, timeout=40_000)
    stage.settle()
    assert any("none was lost" in text for text in words(section))
    qtbot.waitUntil(section.test.isEnabled, timeout=SOON)


def test_who_is_in_is_listed(qtbot: QtBot, stage: Stage) -> None:
    section = sharing(stage)
    qtbot.waitUntil(lambda: section.people.count() == 1, timeout=SOON)
    other = OtherWindow(stage.workspace.location)
    try:
        section.look()
        qtbot.waitUntil(lambda: section.people.count() == 2, timeout=SOON)
        qtbot.waitUntil(lambda: {USER, "Ann Weber"} <= set(words(section)), timeout=SOON)
    finally:
        other.close()
    section.look()
    qtbot.waitUntil(lambda: section.people.count() == 1, timeout=SOON)


def test_the_palette_leads_there(stage: Stage) -> None:
    stage.go("settings")
    assert stage.page.begin("backups")
    assert stage.page.save_state() == {"section": "backups"}
    assert not stage.page.begin("nothing")


# Two computers.


@pytest.fixture
def shared(
    qapp: Any, shared_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Give a file whose place counts as a share, for this test."""
    monkeypatch.setattr("app.sharing.modes.placement", lambda _path: NFS)
    return Path(shutil.copy(shared_template, tmp_path / "office.closeknit"))


def test_another_computer_is_connected_with_a_code(qtbot: QtBot, shared: Path) -> None:
    workspace = Workspace.open(shared, user_name=USER, watch=False)
    try:
        assert workspace.mode is Mode.SHARED
        with Stage(workspace) as stage:
            section = sharing(stage)
            assert section.computers.isVisible()
            assert not section.join_this.isVisible()
            invitation = InviteDialog(stage.context, stage.window)
            invitation.open()
            qtbot.waitUntil(lambda: "·" not in invitation.code.text(), timeout=SOON)
            other = Party("join", shared, "B", invitation.code.text())
            qtbot.waitUntil(invitation.outcome.isVisible, timeout=SOON)
            assert invitation.outcome.text() == (
                "Passed: host of B may write to this workspace now."
            )
            assert other.end().startswith(f"PASSED|{this_machine()}")
            invitation.try_confirm()
            (machine,) = workspace.read(checked_machines)
            assert (machine.machine, machine.host) == ("B", "host of B")
            section.look()
            qtbot.waitUntil(lambda: section.machines.count() == 1, timeout=SOON)
            stage.settle()
            assert "host of B" in words(section)
    finally:
        workspace.close()


def test_closing_the_invitation_ends_it(qtbot: QtBot, shared: Path) -> None:
    workspace = Workspace.open(shared, user_name=USER, watch=False)
    try:
        with Stage(workspace) as stage:
            invitation = InviteDialog(stage.context, stage.window)
            invitation.open()
            beside = Path(f"{shared}.probe")
            qtbot.waitUntil(beside.exists, timeout=SOON)
            invitation.reject()
            qtbot.waitUntil(lambda: not beside.exists(), timeout=SOON)
    finally:
        workspace.close()


def test_this_computer_joins_and_is_opened_anew(
    qtbot: QtBot, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Workspace.open(shared, user_name=USER, watch=False)
    try:
        monkeypatch.setattr("app.sharing.passes.this_machine", lambda: "another computer")
        workspace = Workspace.open(shared, watch=False)
        assert workspace.read_only
        try:
            _join(qtbot, shared, first, workspace, monkeypatch)
        finally:
            workspace.close()
    finally:
        first.close()


def _join(
    qtbot: QtBot,
    shared: Path,
    first: Workspace,
    second: Workspace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from app.sharing.passes import store_machine_pass

    with Stage(second) as stage:
        section = sharing(stage)
        assert section.join_this.isVisible()
        assert not section.connect_other.isVisible()
        asked: list[Reopening] = []
        stage.context.reopen_requested.connect(asked.append)
        other, code = inviting(shared, "A")
        joining = JoinDialog(stage.context, stage.window)
        joining.open()
        assert not joining.confirm_button.isEnabled()
        joining.code.setText("WRONG2" if code != "WRONG2" else "WRONG3")
        joining.try_confirm()
        qtbot.waitUntil(joining.error.isVisible, timeout=SOON)
        assert "not the code" in joining.error.text()
        joining.code.setText(f"{code[:3]} {code[3:].lower()}")
        joining.try_confirm()
        assert other.end().startswith("PASSED")
        assert asked == []  # not before the first computer has stored the pass
        first.change(
            "Computer checked",
            store_machine_pass,
            machine="another computer",
            mount=mount_key(NFS.mount),
            host="here",
            checked_with="A",
        )
        qtbot.waitUntil(lambda: bool(asked), timeout=SOON)
        assert asked == [Reopening(str(shared))]
    again = Workspace.open(shared, watch=False)
    assert not again.read_only
    again.close()


def test_writing_is_taken_over_from_a_computer_that_is_gone(
    qtbot: QtBot, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Workspace.open(shared, user_name=USER, watch=False).close()
    monkeypatch.setattr("app.sharing.passes.this_machine", lambda: "another computer")
    workspace = Workspace.open(shared, watch=False)
    try:
        with Stage(workspace) as stage:
            section = sharing(stage)
            qtbot.waitUntil(section.take.isVisible, timeout=SOON)
            asked: list[Reopening] = []
            stage.context.reopen_requested.connect(asked.append)
            monkeypatch.setattr("views.sharing.sharing_section.ask", lambda *_a, **_k: True)
            section.take.click()
            assert asked == [Reopening(str(shared), take_over=True)]
    finally:
        workspace.close()
    taken = Workspace.open(shared, user_name=USER, watch=False, take_over=True)
    assert not taken.read_only
    home = taken.read(home_of)
    assert home is not None
    assert home.machine == "another computer"
    taken.close()
