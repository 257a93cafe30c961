"""The probe: two real processes on a scratch database; it finds faults and leaves nothing."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.sharing import probe as probe_module
from app.sharing.probe import probe

NAMES = ["create", "visible", "exclusive", "readers", "waiting", "counting", "crash", "whole"]


def test_a_local_disk_passes_every_check_and_nothing_is_left(tmp_path: Path) -> None:
    result = probe(tmp_path / "crm.closeknit")
    assert [check.name for check in result.checks] == NAMES
    assert result.passed, result.checks
    assert all(check.detail.endswith(".") for check in result.checks)
    assert list(tmp_path.iterdir()) == []
    assert result.as_json()["passed"] is True


def test_a_folder_that_takes_no_file_fails_with_sqlites_words(tmp_path: Path) -> None:
    result = probe(tmp_path / "missing" / "crm.closeknit")
    assert [(check.name, check.passed) for check in result.checks] == [("create", False)]
    assert "unable to open" in result.checks[0].detail


def test_a_place_without_locks_between_processes_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # SQLite itself without locks: what a drive that ignores them does to every program.
    path = str(tmp_path / "lockless.py")
    Path(path).write_text(
        "import sys, pysqlite3.dbapi2 as s\n"
        "real = s.connect\n"
        "s.connect = lambda p, **k: real(f'file:{p}?nolock=1', uri=True, **k)\n"
        "from app.sharing.probe_child import main\n"
        "main(sys.argv[1:])\n"
    )
    monkeypatch.setattr(probe_module, "_child_command", lambda: [sys.executable, path])
    result = probe(tmp_path / "crm.closeknit")
    assert not result.passed
    assert result.checks[-1].name == "exclusive"
    assert "same time" in result.checks[-1].detail
    assert sorted(x.name for x in tmp_path.iterdir()) == ["lockless.py"]


def test_a_process_that_stops_answering_ends_the_probe_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = [sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"]
    monkeypatch.setattr(probe_module, "_child_command", lambda: stopped)
    started = time.monotonic()
    result = probe(tmp_path / "crm.closeknit", seconds=0.5)
    assert time.monotonic() - started < 5
    assert [(check.name, check.passed) for check in result.checks] == [("create", False)]
    assert "did not answer in time" in result.checks[0].detail


def test_a_process_that_dies_is_said_to_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe_module, "_child_command", lambda: [sys.executable, "-c", ""])
    result = probe(tmp_path / "crm.closeknit")
    assert not result.passed
    assert "ended" in result.checks[0].detail


def test_scratch_files_of_a_probe_long_dead_are_removed(tmp_path: Path) -> None:
    old, fresh = tmp_path / ".closeknit-probe-1-1", tmp_path / ".closeknit-probe-2-2"
    for file in (old, fresh):
        file.write_bytes(b"")
    os.utime(old, (time.time() - 7200,) * 2)
    assert probe(tmp_path / "crm.closeknit").passed
    assert list(tmp_path.iterdir()) == [fresh]


def test_the_hidden_entry_of_the_program_serves_orders(tmp_path: Path) -> None:
    child = subprocess.run(
        [sys.executable, "main.py", "--probe-child", str(tmp_path / "x")],
        cwd=Path(__file__).parents[3],
        input=b'{"sql": ["CREATE TABLE t (a)", "SELECT 7"]}\n{"sql": ["SELECT absent"]}\n',
        capture_output=True,
        check=True,
        timeout=60,
    )
    first, second = child.stdout.splitlines()
    assert first == b'{"value": 7}'
    assert b"no such column" in second


def test_nothing_is_left_running(tmp_path: Path) -> None:
    before = _children()
    probe(tmp_path / "crm.closeknit")
    assert _children() <= before


def _children() -> set[int]:
    told = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(os.getpid())],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return {int(line.split()[0]) for line in told.splitlines() if "probe" in line}
