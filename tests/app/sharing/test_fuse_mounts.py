"""Real drives made by programs: sshfs over loopback and bindfs, two mounts as two computers."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from app.check import check_workspace
from app.sharing.machine import mount_key
from app.sharing.mounts import MOUNT_TABLE
from app.sharing.placement import Mode, placement
from app.sharing.probe import probe
from app.workspace import Workspace
from tests.app.sharing.two_computers import inviting, joining

pytestmark = [
    pytest.mark.skipif(not os.access("/dev/fuse", os.W_OK), reason="there is no /dev/fuse here"),
    pytest.mark.skipif(shutil.which("fusermount3") is None, reason="fuse3 is not installed"),
]
SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def wait_for(there: Callable[[], bool], seconds: float = 20) -> None:
    ends_at = time.monotonic() + seconds
    while not there():
        if time.monotonic() > ends_at:
            pytest.fail("a drive of the test did not come up")
        time.sleep(0.02)  # nobody tells when a mount or a port is there


def is_mounted(point: Path) -> bool:
    return f" {point} " in MOUNT_TABLE.read_text("utf-8")


@contextmanager
def mounted(command: list[str], point: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a drive's program in the foreground; unmount however the test ends."""
    point.mkdir()
    program = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: is_mounted(point) or program.poll() is not None)
        if program.poll() is not None:
            pytest.skip(f"{command[0]} cannot mount on this machine")
        yield program
    finally:
        with suppress(ProcessLookupError):
            program.send_signal(signal.SIGCONT)
        subprocess.run(["fusermount3", "-u", "-z", str(point)], check=False, capture_output=True)
        program.terminate()
        program.wait(10)


@pytest.fixture
def ssh_port(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Run an SSH server of our own with throw-away keys; give its port and the client's key."""
    if shutil.which("sshfs") is None or SSHD is None or shutil.which("ssh-keygen") is None:
        pytest.skip("sshfs or an SSH server is not installed")
    if os.geteuid() != 0:
        pytest.skip("an SSH server of our own needs root")
    for name in ("host", "client"):
        make_key = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)]
        subprocess.run(make_key, check=True)
    shutil.copy(tmp_path / "client.pub", tmp_path / "authorized")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    Path("/run/sshd").mkdir(exist_ok=True)  # sshd wants it for its separation of privileges
    options = {
        "ListenAddress": "127.0.0.1",
        "Port": str(port),
        "HostKey": str(tmp_path / "host"),
        "AuthorizedKeysFile": str(tmp_path / "authorized"),
        "PermitRootLogin": "prohibit-password",
        "StrictModes": "no",
        "UsePAM": "no",
        "PidFile": "none",
        "Subsystem": "sftp internal-sftp",
    }
    given = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    server = subprocess.Popen([SSHD, "-D", "-f", "/dev/null", *given], stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: _answers(port))
        yield port, tmp_path / "client"
    finally:
        server.terminate()
        server.wait(10)


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as to:
        return to.recv(4) == b"SSH-"
    return False


def sshfs(folder: Path, point: Path, port: int, key: Path) -> list[str]:
    options = (
        f"port={port},IdentityFile={key},StrictHostKeyChecking=no,UserKnownHostsFile=/dev/null"
    )
    return ["sshfs", "-f", f"root@127.0.0.1:{folder}", str(point), "-o", options]


def bindfs(folder: Path, point: Path) -> list[str]:
    if shutil.which("bindfs") is None:
        pytest.skip("bindfs is not installed")
    return ["bindfs", "-f", str(folder), str(point)]


def test_sshfs_is_one_computers_and_its_locks_fail_between_two(
    tmp_path: Path, ssh_port: tuple[int, Path]
) -> None:
    office = tmp_path / "office"
    office.mkdir()
    one, two = tmp_path / "one", tmp_path / "two"
    with mounted(sshfs(office, one, *ssh_port), one), mounted(sshfs(office, two, *ssh_port), two):
        verdict = placement(one / "crm.closeknit")
        assert (verdict.mode, verdict.place_kind) == (Mode.ONE_COMPUTER, "fuse.sshfs")
        assert "SSH" in verdict.why
        assert "PostgreSQL" in verdict.remedy
        other = placement(two / "crm.closeknit")
        assert mount_key(other.mount) != mount_key(verdict.mount)
        # What a test on one computer would have said: all is well.
        assert probe(one / "crm.closeknit").passed
        first, code = inviting(one / "crm.closeknit")
        assert "Locks do not hold between the two computers" in joining(two / "crm.closeknit", code)
        assert "Locks do not hold between the two computers" in first.end()
    assert list(office.iterdir()) == []


def test_bindfs_is_one_computers_and_its_locks_fail_between_two(tmp_path: Path) -> None:
    office = tmp_path / "office"
    office.mkdir()
    one, two = tmp_path / "one", tmp_path / "two"
    with mounted(bindfs(office, one), one), mounted(bindfs(office, two), two):
        assert placement(one / "crm.closeknit").mode is Mode.ONE_COMPUTER
        assert placement(office / "crm.closeknit").mode is Mode.LOCAL
        first, code = inviting(one / "crm.closeknit")
        assert "Locks do not hold" in joining(two / "crm.closeknit", code)
        assert "Locks do not hold" in first.end()


def test_a_drive_that_hangs_holds_neither_the_verdict_nor_the_probe(tmp_path: Path) -> None:
    office = tmp_path / "office"
    (office / "team").mkdir(parents=True)
    point = tmp_path / "one"
    with mounted(bindfs(office, point), point) as program:
        program.send_signal(signal.SIGSTOP)
        started = time.monotonic()
        verdict = placement(point / "team" / "crm.closeknit", seconds=0.3)
        assert (verdict.mode, verdict.place_kind) == (Mode.REFUSED, "not-answering")
        result = probe(point / "team" / "crm.closeknit", seconds=1)
        assert time.monotonic() - started < 15
        assert not result.passed
        assert "did not answer in time" in result.checks[0].detail
        program.send_signal(signal.SIGCONT)
        wait_for(lambda: placement(point / "team" / "x").mode is Mode.ONE_COMPUTER)
        assert probe(point / "team" / "crm.closeknit").passed


_KILLED = """
import sys, pysqlite3.dbapi2 as s
c = s.connect(sys.argv[1], isolation_level=None)
c.execute("PRAGMA cache_size=4")
c.execute("BEGIN IMMEDIATE")
c.execute("WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 80) "
          "INSERT INTO workspace_setting (id, key, value, created_at, updated_at, row_version) "
          "SELECT -i, 'k' || i, printf('%4000d', i), '2026-11-23', '2026-11-23', 1 FROM k")
print("written", flush=True)
sys.stdin.read()
"""


def test_only_the_home_writes_and_it_comes_back_after_a_crash(tmp_path: Path) -> None:
    (tmp_path / "office").mkdir()
    one, two = tmp_path / "one", tmp_path / "two"
    with (
        mounted(bindfs(tmp_path / "office", one), one),
        mounted(bindfs(tmp_path / "office", two), two),
    ):
        path = one / "crm.closeknit"
        home = Workspace.open(path, create=True, watch=False)
        assert (home.mode, home.read_only) == (Mode.ONE_COMPUTER, False)
        other = Workspace.open(two / "crm.closeknit", watch=False)
        assert other.read_only
        assert "another connection of this computer" in other.why_read_only
        other.close()
        home.close()
        assert not Path(f"{path}-wal").exists()
        writer = subprocess.Popen(
            [sys.executable, "-c", _KILLED, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"written\n"
        writer.kill()
        writer.communicate()
        assert Path(f"{path}-journal").stat().st_size > 0
        home = Workspace.open(path, watch=False)
        try:
            assert not home.read_only
            assert all(check.passed for check in home.read(check_workspace))
        finally:
            home.close()
