"""An edit that waits is offered by one window at a time, and never lost by another's reading."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.commands.contacts import create_contact
from app.sharing.outage import settle_doubts
from app.sharing.outbox import Kept, Outbox
from app.workspace import Workspace
from models.records import Contact
from tests.app.sharing.test_outage import ROOT
from tests.conftest import USER

_WINDOW = """
import sys
from app.commands.contacts import create_contact
from app.sharing.outbox import Outbox
outbox = Outbox(sys.argv[1], sys.argv[2])
for line in sys.stdin:
    what, _, name = line.strip().partition(" ")
    if what == "keep":
        outbox.keep("Add", create_contact, {"name": name}, user_id=None, after_step=0)
    print(*(kept.fields["name"] for kept in outbox.waiting()), flush=True)
"""


class Window:
    """Another program on the same computer that keeps edits of the same workspace."""

    def __init__(self, location: str, process: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _WINDOW, location, process],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def say(self, line: str) -> list[str]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().split()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    kept = Outbox(str(tmp_path / "office.closeknit"), "ours")
    yield kept
    kept.forget(*[entry.id for entry in kept.waiting()])
    kept.close()


def names(outbox: Outbox) -> list[str]:
    return [kept.fields["name"] for kept in outbox.waiting()]


def keep(outbox: Outbox, name: str) -> Kept:
    return outbox.keep("Add", create_contact, {"name": name}, user_id=None, after_step=0)


def test_a_living_window_s_edits_are_its_own_and_a_dead_one_s_go_to_one_other(
    outbox: Outbox,
) -> None:
    first, second = (Window(outbox.folder_location, name) for name in ("first", "second"))
    try:
        assert first.say("keep Ann") == ["Ann"]
        assert names(outbox) == []
        assert second.say("look") == []
        assert first.say("keep Bea") == ["Ann", "Bea"]
        first.kill()
        assert second.say("look") == ["Ann", "Bea"]
        assert names(outbox) == []
        assert second.say("keep Cleo") == ["Ann", "Bea", "Cleo"]
        second.kill()
        assert names(outbox) == ["Ann", "Bea", "Cleo"]
    finally:
        first.kill()
        second.kill()


def test_what_was_taken_over_twice_by_a_crash_is_there_once(outbox: Outbox) -> None:
    ann = keep(outbox, "Ann")
    (outbox.folder / "dead.json").write_bytes((outbox.folder / "ours.json").read_bytes())
    assert [kept.id for kept in outbox.waiting()] == [ann.id]


def test_an_entry_of_another_version_stays_whatever_happens_around_it(outbox: Outbox) -> None:
    ann = keep(outbox, "Ann")
    path = outbox.folder / "ours.json"
    newer = {"id": "77", "command": "app.commands.moods:set_mood", "fields": {"mood": {"$": "sky"}}}
    path.write_text(json.dumps([*json.loads(path.read_text("utf-8")), newer]), "utf-8")
    keep(outbox, "Bea")
    outbox.settle(ann)
    outbox.forget(ann.id)
    assert names(outbox) == ["Bea"]
    assert newer in json.loads(path.read_text("utf-8"))
    outbox.forget(77)


def test_edits_stay_in_the_order_they_were_made_though_the_clock_was_set_back(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    from app.sharing import outbox as module
    from models.clock import now

    keep(outbox, "First")
    monkeypatch.setattr(module, "now", lambda: now() - timedelta(hours=1))
    keep(outbox, "Second")
    assert names(outbox) == ["First", "Second"]


_SAVER = """
import os, signal, sys
from app.sharing.outage import Outage
from app.workspace import Workspace
workspace = Workspace.open(sys.argv[1], user_name="Elena Novak", watch=False)
outage = workspace.start_rescue().outage
for kept in outage.outbox.waiting():
    outage.trying(kept)
    if sys.argv[2] == "saved":
        workspace.change(kept.label, kept.function, **kept.fields)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("came_to", ["saved", "not saved"])
def test_a_crash_while_what_waited_is_saved_neither_loses_nor_repeats_it(
    workspace_path: Path, came_to: str
) -> None:
    before = Outbox(str(workspace_path), "before")
    keep(before, "Ann")
    before.close()
    crashed = subprocess.run(
        [sys.executable, "-c", _SAVER, str(workspace_path), came_to], cwd=ROOT, check=False
    )
    assert crashed.returncode == -signal.SIGKILL
    workspace = Workspace.open(workspace_path, user_name=USER, watch=False)
    outbox = Outbox(str(workspace_path), "after")
    try:
        assert [kept.in_doubt for kept in outbox.waiting()] == [True]
        workspace.read(settle_doubts, outbox)
        waiting = outbox.waiting()
        stored = workspace.read(lambda s: list(s.scalars(select(Contact.name))))
        if came_to == "saved":
            assert (stored, waiting) == (["Ann"], [])
        else:
            assert stored == []
            assert [kept.in_doubt for kept in waiting] == [False]
    finally:
        outbox.forget(*[kept.id for kept in outbox.waiting()])
        workspace.close()
