"""The commands `where` and `probe`, as they are typed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.sharing.machine import this_machine
from app.sharing.passes import checked_machines
from app.workspace import Workspace

ROOT = Path(__file__).parents[3]


def run_json(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any, str]:
    status = main([*words, "--json"])
    told = capsys.readouterr()
    return status, json.loads(told.out), told.err


def test_where_tells_the_verdict_on_a_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "crm.closeknit")
    status, told, _ = run_json(capsys, "where", path)
    assert status == 0
    assert (told["path"], told["mode"]) == (path, "local")
    assert told["mount"]["point"]
    assert main(["where", path]) == 0
    assert "of this computer" in capsys.readouterr().out


def test_where_refuses_a_synchronised_folder_with_a_way_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".stfolder").mkdir()
    status, told, errors = run_json(capsys, "where", str(tmp_path / "crm.closeknit"))
    assert status == 1
    assert (told["mode"], told["place"]) == ("refused", "cloud:Syncthing")
    assert errors.startswith("closeknit: Syncthing copies this folder")
    assert "PostgreSQL" in errors


def test_a_server_is_no_place_of_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("where", "probe"):
        assert main([command, "postgresql://nas/crm"]) == 1
        assert "address of a server" in capsys.readouterr().err


def test_probe_prints_a_line_for_every_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "crm.closeknit")
    assert main(["probe", path]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("ok ")][-1].endswith("The file is whole.")
    status, told, _ = run_json(capsys, "probe", path)
    assert status == 0
    assert told["probe"]["passed"] is True
    assert len(told["probe"]["checks"]) == 8


def test_probe_of_a_refused_place_tries_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".stfolder").mkdir()
    status, told, _ = run_json(capsys, "probe", str(tmp_path / "crm.closeknit"))
    assert status == 1
    assert "probe" not in told
    assert [x.name for x in tmp_path.iterdir()] == [".stfolder"]


def test_joining_where_nobody_waits_and_waiting_where_nobody_joins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "crm.closeknit")
    assert main(["probe", path, "--join", "ABC234"]) == 1
    assert "No computer is waiting here" in capsys.readouterr().err
    assert main(["probe", path, "--wait-for-partner", "1"]) == 1
    errors = capsys.readouterr().err
    assert "The code is" in errors
    assert "No other computer has joined in time" in errors
    assert main(["probe", path, "--wait-for-partner", "soon"]) == 2


def test_two_computers_pass_and_the_workspace_remembers(
    workspace_path: Path, tmp_path: Path
) -> None:
    """The second computer is a namespace with another machine-id and another name."""
    if os.name != "posix" or os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("a second computer needs root and unshare")
    identity = tmp_path / "machine-id"
    identity.write_text("0123456789abcdef0123456789abcdef\n")
    command = [sys.executable, "main.py", "probe", str(workspace_path)]
    enter = f"mount --bind {identity} /etc/machine-id && hostname other && exec "
    first = subprocess.Popen(
        [*command, "--wait-for-partner", "60"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert first.stderr is not None
    line = first.stderr.readline()
    assert line.startswith("The code is ")
    code = line.split()[3].rstrip(".")
    second = subprocess.run(
        ["unshare", "--mount", "--uts", "sh", "-c", enter + '"$@"', "sh", *command, "--join", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    if "ermission" in second.stderr and "mount" in second.stderr:
        first.kill()
        first.communicate()
        pytest.skip("this machine lets us make no namespaces")
    told, errors = first.communicate(timeout=90)
    assert (second.returncode, first.returncode) == (0, 0), second.stderr + errors
    assert "Passed together with other" in told
    opened = Workspace.open(workspace_path, watch=False)
    try:
        passed = opened.read(checked_machines)
    finally:
        opened.close()
    assert {x.host for x in passed} >= {"other"}
    assert this_machine() in {x.machine for x in passed}  # the other side could write too
    assert sorted(x.name for x in workspace_path.parent.glob("*probe*")) == []
