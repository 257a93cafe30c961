"""Two processes on one workspace, from the first day; and processes that die."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.changes import Changes
from app.check import check_workspace
from app.workspace import Workspace
from models.ids import new_id
from models.records import Company, NodeLease, Pipeline, User
from tests.conftest import run

ROOT = Path(__file__).resolve().parents[2]

WRITER = textwrap.dedent("""
    import sys
    from app.workspace import Workspace
    from models.ids import new_id
    from models.records import Company

    def make(session, name):
        company = Company(id=new_id(), name=name, name_key=name, sort_name=name)
        session.add(company)
        return company.id

    workspace = Workspace.open(sys.argv[1], user_name=sys.argv[2], watch=False)
    print("open", flush=True)
    for number in range(int(sys.argv[3])):
        name = f"{sys.argv[2]} {number}"
        made = workspace.writer.submit("Make company", make, name).result().value
        print(made, flush=True)
    workspace.close()
""")


def start(location: str, name: str, amount: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, location, name, str(amount)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def test_every_foreign_step_is_seen_once_and_in_order(store: Workspace) -> None:
    seen: list[Changes] = []
    store.feed.subscribe(seen.append)
    location = store.location
    others = [start(location, name, 40) for name in ("jonas", "farah")]
    own = [run(store, make_company, name=f"own {n}") for n in range(20)]
    made: list[int] = []
    for other in others:
        output, _ = other.communicate(timeout=60)
        assert other.returncode == 0
        made += [int(line) for line in output.splitlines()[1:]]
    store.watcher.look()
    foreign = [changes for changes in seen if changes.foreign and changes.ids("company")]
    assert sorted(x for c in foreign for x in c.created["company"]) == sorted(made)
    steps = [changes.step for changes in seen if changes.foreign]
    assert steps == sorted(set(steps))
    assert len(set(made) | set(own)) == 100


def make_company(session: Session, *, name: str) -> int:
    company = Company(id=new_id(), name=name, name_key=name, sort_name=name)
    session.add(company)
    return company.id


def test_the_watcher_publishes_by_itself(workspace: Workspace) -> None:
    import threading

    arrived = threading.Event()
    workspace.feed.subscribe(lambda changes: arrived.set() if changes.foreign else None)
    workspace.watcher.start()
    with Workspace_open(workspace.location) as other:
        run(other, make_company, name="elsewhere")
        assert arrived.wait(5)


class Workspace_open:  # noqa: N801  reads as a function
    """A second opening of a workspace, closed at the end."""

    def __init__(self, location: str) -> None:
        self.workspace = Workspace.open(location, user_name="Jonas", watch=False)

    def __enter__(self) -> Workspace:
        return self.workspace

    def __exit__(self, *_: object) -> None:
        self.workspace.close()


def test_each_opening_has_a_node_of_its_own(store: Workspace) -> None:
    with Workspace_open(store.location) as other:
        assert other.node != store.node
        leases = store.read(
            lambda s: s.scalar(
                select(func.count()).select_from(NodeLease).where(NodeLease.process != "")
            )
        )
        assert leases == 2
    held = store.read(
        lambda s: s.scalar(
            select(func.count()).select_from(NodeLease).where(NodeLease.process != "")
        )
    )
    assert held == 1


def test_killed_in_the_middle_of_saves_nothing_acknowledged_is_lost(workspace_path: Path) -> None:
    chance = random.Random(7)
    acknowledged: set[int] = set()
    for round_number in range(25):
        writer = start(str(workspace_path), f"round{round_number}", 10_000)
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
        until = time.monotonic() + chance.uniform(0.0, 0.25)
        while time.monotonic() < until:
            acknowledged.add(int(writer.stdout.readline()))
        writer.send_signal(signal.SIGKILL)
        rest, _ = writer.communicate()
        acknowledged |= {int(line) for line in rest.splitlines() if len(line) > 15}
    opened = Workspace.open(workspace_path, watch=False)
    try:
        stored = set(opened.read(lambda s: list(s.scalars(select(Company.id)))))
        assert acknowledged <= stored
        assert len(acknowledged) > 25
        failed = [c for c in opened.read(check_workspace) if not c.passed]
        assert failed == []
    finally:
        opened.close()


CREATOR = textwrap.dedent("""
    import sys
    from app.workspace import Workspace

    print("ready", flush=True)
    sys.stdin.readline()
    workspace = Workspace.open(sys.argv[1], create=True, user_name=sys.argv[2], watch=False)
    print(int(workspace.is_new), flush=True)
    workspace.close()
""")


def start_creator(location: Path, name: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", CREATOR, str(location), name],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def test_of_several_that_make_a_workspace_at_once_one_makes_it(tmp_path: Path) -> None:
    path = tmp_path / "new.closeknit"
    creators = [start_creator(path, f"user{n}") for n in range(4)]
    for creator in creators:
        assert creator.stdout is not None
        assert creator.stdout.readline() == "ready\n"
    for creator in creators:
        assert creator.stdin is not None
        creator.stdin.write("go\n")
        creator.stdin.flush()
    said = [creator.communicate(timeout=60)[0].strip() for creator in creators]
    assert [creator.returncode for creator in creators] == [0] * 4
    assert sorted(said) == ["0", "0", "0", "1"]
    opened = Workspace.open(path, watch=False)
    assert opened.read(lambda s: s.scalar(select(func.count()).select_from(Pipeline))) == 1
    assert opened.read(lambda s: s.scalar(select(func.count()).select_from(User))) == 4
    assert all(check.passed for check in opened.read(check_workspace))
    opened.close()


def test_killed_while_it_is_made_a_workspace_can_still_be_made(tmp_path: Path) -> None:
    chance = random.Random(11)
    path = tmp_path / "new.closeknit"
    for number in range(5):
        creator = start_creator(path, f"user{number}")
        assert creator.stdin is not None
        assert creator.stdout is not None
        assert creator.stdout.readline() == "ready\n"
        creator.stdin.write("go\n")
        creator.stdin.flush()
        try:
            creator.wait(chance.uniform(0.05, 0.6))
        except subprocess.TimeoutExpired:
            creator.send_signal(signal.SIGKILL)
        creator.communicate()
    opened = Workspace.open(path, create=True, user_name="Elena Novak", watch=False)
    assert opened.read(lambda s: s.scalar(select(func.count()).select_from(Pipeline))) == 1
    assert all(check.passed for check in opened.read(check_workspace))
    opened.close()


@pytest.mark.parametrize("step_back_ms", [500, 3_600_000])
def test_ids_stay_unique_when_the_clock_steps_back(
    monkeypatch: pytest.MonkeyPatch, step_back_ms: int
) -> None:
    from models import ids

    real = time.time_ns
    maker = ids.IdMaker(3)
    first = [maker() for _ in range(10_000)]
    monkeypatch.setattr("models.ids.time.time_ns", lambda: real() - step_back_ms * 1_000_000)
    later = [maker() for _ in range(10_000)]
    made = first + later
    assert made == sorted(set(made))
    # A restart under the stepped-back clock starts above the last stamp that was stored.
    restarted = ids.IdMaker(3, above=maker.last_stamp)
    assert restarted() > made[-1]
    assert max(made) < 2**63
