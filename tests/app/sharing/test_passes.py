"""Who may write: the home computer, those with a pass, and whoever takes over."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.errors import EnvironmentFault, UserError
from app.recorder import writes_allowed
from app.sharing.admission import admission
from app.sharing.machine import mount_key, this_machine
from app.sharing.mounts import Mount
from app.sharing.passes import (
    checked_machines,
    claim_home,
    home_of,
    may_write_here,
    store_machine_pass,
    take_over_workspace,
    withdraw_machine_passes,
)
from app.sharing.verdict import Mode, Verdict
from app.workspace import Workspace
from models.clock import now, standing_at
from models.sharing_records import Presence
from tests.conftest import run

NFS = Mount("/mnt/office", "nfs4", "nas:/office", ("rw", "vers=4.2", "hard"))
SSH = Mount("/mnt/ssh", "fuse.sshfs", "elena@nas:/srv", ("rw",))


def at(mode: Mode, mount: Mount | None = NFS) -> Verdict:
    return Verdict(mode, "somewhere", "Why.", "What to do.", mount, mode is Mode.SHARED)


def be_present(session: Session, *, machine: str, read_only: bool = False) -> None:
    with writes_allowed(session):
        session.execute(
            insert(Presence),
            {
                "process": machine,
                "user_id": None,
                "host": f"host of {machine}",
                "machine": machine,
                "pid": 1,
                "version": "1",
                "read_only": read_only,
                "opened_at": now(),
                "seen_at": now(),
            },
        )


def give_pass(workspace: Workspace, machine: str, mount: Mount = NFS) -> None:
    run(
        workspace,
        store_machine_pass,
        machine=machine,
        mount=mount_key(mount),
        host=f"host of {machine}",
        checked_with="host of A",
    )


def test_the_first_computer_becomes_the_home_and_the_others_wait(store: Workspace) -> None:
    shared = at(Mode.SHARED)
    assert store.read(may_write_here, shared, "A").allowed
    assert run(store, claim_home, verdict=shared, machine="A") is True
    assert run(store, claim_home, verdict=shared, machine="B") is False
    home = store.read(home_of)
    assert home is not None
    assert home.machine == "A"
    assert store.read(may_write_here, shared, "A").allowed
    refused = store.read(may_write_here, shared, "B")
    assert not refused.allowed
    assert "not yet been checked" in refused.why
    assert "half a minute" in refused.remedy


def test_a_pass_lets_a_computer_write_at_its_place_and_only_there(store: Workspace) -> None:
    shared = at(Mode.SHARED)
    run(store, claim_home, verdict=shared, machine="A")
    give_pass(store, "B")
    give_pass(store, "B")  # repeated: the newer stands
    assert store.read(may_write_here, shared, "B").allowed
    other = Mount("/mnt/office", "nfs4", "nas:/office", ("rw", "vers=4.2", "hard", "nocto"))
    assert not store.read(may_write_here, at(Mode.SHARED, other), "B").allowed
    assert not store.read(may_write_here, shared, "C").allowed
    assert [x.machine for x in store.read(checked_machines)] == ["B"]
    assert run(store, withdraw_machine_passes, machine="B") == 1
    assert not store.read(may_write_here, shared, "B").allowed


def test_the_home_computer_is_checked_again_when_its_way_to_the_file_changed(
    workspace: Workspace,
) -> None:
    run(workspace, claim_home, verdict=at(Mode.SHARED), machine="A")
    moved = at(Mode.SHARED, Mount("/mnt/office", "nfs4", "new-nas:/office", NFS.options))
    permission = workspace.read(may_write_here, moved, "A")
    assert not permission.allowed
    assert "has changed" in permission.why


def test_a_pass_is_worth_nothing_where_locks_do_not_reach(workspace: Workspace) -> None:
    one = at(Mode.ONE_COMPUTER, SSH)
    run(workspace, claim_home, verdict=one, machine="A")
    give_pass(workspace, "B", SSH)
    permission = workspace.read(may_write_here, one, "B")
    assert not permission.allowed
    assert "one computer works at a time" in permission.why
    second = Mount("/mnt/ssh2", "fuse.sshfs", SSH.source, SSH.options)
    assert not workspace.read(may_write_here, at(Mode.ONE_COMPUTER, second), "A").allowed


def test_taking_over_waits_until_the_other_was_away_for_three_minutes(workspace: Workspace) -> None:
    one = at(Mode.ONE_COMPUTER, SSH)
    run(workspace, claim_home, verdict=one, machine="A")
    run(workspace, be_present, machine="A")
    permission = workspace.read(may_write_here, one, "B")
    assert (permission.allowed, permission.can_take_over) == (False, False)
    assert "host of A" in permission.remedy
    with pytest.raises(UserError, match="host of A has this workspace open"):
        run(workspace, take_over_workspace, verdict=one, machine="B")
    with standing_at(now() + timedelta(minutes=3, seconds=1)):
        assert workspace.read(may_write_here, one, "B").can_take_over
        run(workspace, take_over_workspace, verdict=one, machine="B")
        assert workspace.read(may_write_here, one, "B").allowed
        assert not workspace.read(may_write_here, one, "A").allowed


def test_a_second_mount_of_the_same_computer_waits_for_the_first(workspace: Workspace) -> None:
    machine = this_machine()  # whose program has the workspace open: the fixture's
    run(workspace, claim_home, verdict=at(Mode.ONE_COMPUTER, SSH), machine=machine)
    second = at(Mode.ONE_COMPUTER, Mount("/mnt/two", "fuse.sshfs", SSH.source, SSH.options))
    permission = workspace.read(may_write_here, second, machine)
    assert (permission.allowed, permission.can_take_over) == (False, False)
    with pytest.raises(UserError, match="has this workspace open"):
        run(workspace, take_over_workspace, verdict=second, machine=machine)
    with standing_at(now() + timedelta(minutes=3, seconds=1)):
        assert workspace.read(may_write_here, second, machine).can_take_over


def test_who_only_looks_keeps_nobody_from_taking_over(workspace: Workspace) -> None:
    one = at(Mode.ONE_COMPUTER, SSH)
    run(workspace, claim_home, verdict=one, machine="A")
    run(workspace, be_present, machine="C", read_only=True)
    run(workspace, take_over_workspace, verdict=one, machine=this_machine())
    home = workspace.read(home_of)
    assert home is not None
    assert home.machine == this_machine()


def test_a_local_file_with_a_home_elsewhere_is_not_written_unasked(workspace: Workspace) -> None:
    disk = Mount("/", "ext4", "/dev/sda1", ("rw",), device="8:1")
    local = at(Mode.LOCAL, disk)
    assert workspace.read(may_write_here, local, "A").allowed
    run(workspace, claim_home, verdict=at(Mode.SHARED), machine="A")
    assert workspace.read(may_write_here, local, "A").allowed
    assert not workspace.read(may_write_here, local, "B").allowed  # the server of the others
    give_pass(workspace, "B", disk)
    assert workspace.read(may_write_here, local, "B").allowed


def test_nothing_is_written_where_it_cannot_be(workspace: Workspace) -> None:
    for mode in (Mode.READ_ONLY, Mode.REFUSED):
        assert not workspace.read(may_write_here, at(mode), "A").allowed
        with pytest.raises(EnvironmentFault, match="Why"):
            run(workspace, take_over_workspace, verdict=at(mode), machine="A")


def test_admission_says_the_same_from_the_closed_file(workspace_path: Path) -> None:
    shared = at(Mode.SHARED)
    assert admission(workspace_path, shared, "A").allowed
    opened = Workspace.open(workspace_path, watch=False)
    run(opened, claim_home, verdict=shared, machine="A")
    opened.close()
    before = workspace_path.read_bytes()
    assert admission(workspace_path, shared, "A").allowed
    assert not admission(workspace_path, shared, "B").allowed
    assert not admission(workspace_path, at(Mode.READ_ONLY), "A").allowed
    assert workspace_path.read_bytes() == before


def test_admission_of_files_that_know_nothing_of_it(tmp_path: Path) -> None:
    shared = at(Mode.SHARED)
    assert admission(tmp_path / "new", shared, "A").allowed
    (tmp_path / "empty").write_bytes(b"")
    assert admission(tmp_path / "empty", shared, "A").allowed
    (tmp_path / "noise").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    assert not admission(tmp_path / "noise", shared, "A").allowed


_WRITER = """
import sys, pysqlite3.dbapi2 as s
c = s.connect(sys.argv[1], isolation_level=None)
c.execute("PRAGMA journal_mode=TRUNCATE")
c.execute("PRAGMA cache_size=4")
c.execute("BEGIN IMMEDIATE")
c.execute("CREATE TABLE filler (a)")
c.execute("WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 80) "
          "INSERT INTO filler SELECT zeroblob(4000) FROM k")
print("written", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def half_written(workspace_path: Path) -> Callable[[], Path]:
    """Give a file whose writer was killed in the middle of a change; its journal is there."""

    def make() -> Path:
        opened = Workspace.open(workspace_path, watch=False)
        run(opened, claim_home, verdict=at(Mode.ONE_COMPUTER, SSH), machine="A")
        opened.close()
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(workspace_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"written\n"
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        assert Path(f"{workspace_path}-journal").stat().st_size > 0
        return workspace_path

    return make


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_looking_who_may_write_never_undoes_a_change_that_may_be_under_way(
    half_written: Callable[[], Path],
) -> None:
    path = half_written()
    journal = Path(f"{path}-journal")
    before = path.read_bytes(), journal.read_bytes()
    one = at(Mode.ONE_COMPUTER, SSH)
    assert not admission(path, one, "B").allowed
    assert admission(path, one, "A").allowed  # after its own crash the home computer gets in
    assert (path.read_bytes(), journal.read_bytes()) == before


def test_admission_reads_what_stands_in_a_write_ahead_log_only(workspace_path: Path) -> None:
    shared = at(Mode.SHARED)
    opened = Workspace.open(workspace_path, watch=False, mode=Mode.LOCAL)
    try:
        run(opened, claim_home, verdict=shared, machine="A")
        assert Path(f"{workspace_path}-wal").stat().st_size > 0
        assert not admission(workspace_path, shared, "B").allowed
        assert admission(workspace_path, at(Mode.LOCAL), "B").allowed
    finally:
        opened.close()
