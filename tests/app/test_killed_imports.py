"""An import killed at any moment leaves a whole workspace, and can be resumed and undone."""

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

from sqlalchemy import select

from app.check import check_workspace
from app.exchange.runs import undo_batches
from app.workspace import Workspace
from models.records import Company, Contact, ContactPoint, ImportBatch
from tests.conftest import count, snapshot

ROOT = Path(__file__).resolve().parents[2]
ROWS = 24_000
KILLS = 25


def write_leads(path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("First name,Last name,E-mail,Phone,Company\n")
        for n in range(ROWS):
            firm, phone = n % 700, 5_550_000 + n
            file.write(f"Given{n},Family{n},p{n}@firm{firm}.example,+49 30 {phone},Firm {firm}\n")


def start(path: Path, workspace: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "main.py", "import", str(path), "-w", str(workspace), "--json"]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ)
    )


def test_killed_imports_can_be_resumed_and_undone(workspace_path: Path, tmp_path: Path) -> None:
    chance = random.Random(11)
    leads = tmp_path / "leads.csv"
    write_leads(leads)
    opened = Workspace.open(workspace_path, watch=False)
    empty = snapshot(opened)
    opened.close()
    seen = []
    for _ in range(KILLS):
        process = start(leads, workspace_path)
        # A timer, so that the moment is random in the start-up, the first chunk or any later one.
        timer = threading.Timer(chance.uniform(0.5, 2.5), process.send_signal, [signal.SIGKILL])
        timer.start()
        process.communicate()
        timer.cancel()
        again = Workspace.open(workspace_path, watch=False)
        try:
            assert [c for c in again.read(check_workspace) if not c.passed] == []
            seen.append(count(again, Contact))
        finally:
            again.close()
    assert seen == sorted(seen)
    assert any(0 < number < ROWS for number in seen), "no kill fell into the middle"
    done = start(leads, workspace_path)
    output, errors = done.communicate()
    assert done.returncode == 0, errors.decode()
    assert b'"failed": 0' in output
    finished = Workspace.open(workspace_path, watch=False)
    try:
        assert count(finished, Contact) == ROWS
        assert count(finished, Company) == 700
        batches = finished.read(lambda s: list(s.scalars(select(ImportBatch.id))))
        undo_batches(finished, batches)
        after = snapshot(finished)
        assert [count(finished, kind) for kind in (Contact, ContactPoint, Company)] == [0, 0, 0]
        changed = {kind for kind in empty if after[kind] != empty[kind]}
        assert changed <= {ImportBatch.__tablename__}
        assert [c for c in finished.read(check_workspace) if not c.passed] == []
    finally:
        finished.close()
