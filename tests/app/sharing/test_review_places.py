"""A file at a place without locks is read honestly; a copy of a shared one belongs to nobody."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from app.commands.companies import create_company
from app.errors import EnvironmentFault, FaultKind
from app.sharing.backup_files import Reason
from app.sharing.backups import back_up
from app.sharing.mounts import Mount
from app.sharing.move_targets import FileTarget, ServerTarget
from app.sharing.moving import move_workspace
from app.sharing.passes import claim_home, home_of, store_machine_pass
from app.sharing.passwords import login_url
from app.sharing.restoring import restore
from app.sharing.verdict import Mode, Verdict
from app.workspace import Workspace
from tests.app.sharing.test_fuse_mounts import _KILLED, bindfs, mounted, wait_for
from tests.app.sharing.test_fuse_mounts import pytestmark as needs_fuse
from tests.app.sharing.test_moving import server, stored
from tests.conftest import USER, run

__all__ = ["server"]
NFS = Mount("/mnt/office", "nfs4", "nas:/office", ("rw", "vers=4.2", "hard"))


def opens_it(path: Path, _here: Workspace) -> None:
    Workspace.open(path, watch=False)


def reads_it(_path: Path, here: Workspace) -> None:
    here.read(lambda s: s.execute(text("SELECT * FROM workspace_setting")).all())


@pytest.mark.parametrize("reads", [opens_it, reads_it])
def test_a_file_half_written_by_another_computer_is_not_called_damaged(
    tmp_path: Path, reads: Callable[[Path, Workspace], None]
) -> None:
    for mark in needs_fuse:
        if mark.args[0]:
            pytest.skip(mark.kwargs["reason"])
    (tmp_path / "office").mkdir()
    one, two = tmp_path / "one", tmp_path / "two"
    with (
        mounted(bindfs(tmp_path / "office", one), one),
        mounted(bindfs(tmp_path / "office", two), two),
    ):
        Workspace.open(one / "crm.closeknit", create=True, watch=False).close()
        here = Workspace.open(two / "crm.closeknit", watch=False)
        writer = subprocess.Popen(
            [sys.executable, "-c", _KILLED, str(one / "crm.closeknit")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        try:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"written\n"  # and some of it is in the file
            journal = two / "crm.closeknit-journal"
            wait_for(lambda: journal.stat().st_size > 0)  # such a drive tells it a second later
            with pytest.raises(EnvironmentFault, match="another computer") as told:
                reads(two / "crm.closeknit", here)
            assert told.value.kind in {FaultKind.BUSY, FaultKind.STOPPED}
            assert "backup" not in str(told.value)
            writer.communicate(b"")  # it ends, and its connection undoes what was not committed
            Workspace.open(one / "crm.closeknit", watch=False).close()
            wait_for(lambda: not journal.exists() or journal.stat().st_size == 0)
            assert here.read(lambda s: s.scalar(text("SELECT n FROM log_head"))) > 0
        finally:
            writer.kill()
            writer.communicate()
            here.close()


@pytest.fixture
def shared_file(workspace_path: Path) -> Path:
    """Give a file that has its home on a computer far away, which has checked another one."""
    opened = Workspace.open(workspace_path, user_name=USER, watch=False, mode=Mode.SHARED)
    verdict = Verdict(Mode.SHARED, "nfs4", "", "", NFS, needs_handshake=True)
    run(opened, claim_home, verdict=verdict, machine="far away")
    run(
        opened,
        store_machine_pass,
        machine="another",
        mount="its mount",
        host="another",
        checked_with="far away",
    )
    run(opened, create_company, name="Ours")
    opened.close()
    assert Workspace.open(workspace_path, watch=False, read_only=True).read(home_of) is not None
    return workspace_path


def is_everybody_s(path: Path) -> bool:
    opened = Workspace.open(path, user_name=USER, watch=False)
    try:
        assert not opened.read_only, opened.why_read_only
        assert opened.mode is Mode.LOCAL
        run(opened, create_company, name="Here")
        passes = opened.read(lambda s: s.scalar(text("SELECT count(*) FROM machine_pass")))
        return opened.read(home_of) is None and passes == 0
    finally:
        opened.close()


def test_a_restored_copy_of_a_shared_file_can_be_written_to(shared_file: Path) -> None:
    made = back_up(shared_file, Reason.ASKED)
    target = shared_file.with_name("copy.closeknit")
    restore(made.path, target)
    assert is_everybody_s(target)


def test_a_shared_file_that_was_moved_to_a_server_and_back_can_be_written_to(
    shared_file: Path, server: str
) -> None:
    source = stored(shared_file)
    source.shared = True
    move_workspace(source, ServerTarget(login_url(server)))
    source.dispose()
    back = shared_file.with_name("back.closeknit")
    there = Workspace.open(server, watch=False)
    assert there.read(home_of) is None
    move_workspace(there.database, FileTarget(back))
    there.close()
    assert is_everybody_s(back)
