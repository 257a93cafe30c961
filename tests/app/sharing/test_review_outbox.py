"""An edit that waits is offered by one window at a time, and never lost by another's reading."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.commands.contacts import create_contact
from app.sharing.outbox import Kept, Outbox
from tests.app.sharing.test_outage import ROOT

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
