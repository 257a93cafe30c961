"""Of all processes one does the work: however others die, sleep, or have their clocks set."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.sharing.job_leases import LEASE_SECONDS, LOOK_SECONDS, JobLeases, Turn
from app.workspace import Workspace
from models.clock import standing_at
from models.records import Company
from models.sharing_records import JobLease
from tests.app.sharing.office import Colleague, wait_until
from tests.conftest import run

NAME = "job"


class Ticks:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def one(ticks: Ticks) -> JobLeases:
    return JobLeases("one", "pc-1", monotonic=ticks)


@pytest.fixture
def two(ticks: Ticks) -> JobLeases:
    return JobLeases("two", "pc-2", monotonic=ticks)


def claim(workspace: Workspace, leases: JobLeases) -> bool:
    return workspace.change("Claim", leases.claim, name=NAME)


def look(workspace: Workspace, leases: JobLeases) -> Turn:
    return workspace.read(leases.look, NAME)


def turn_of(workspace: Workspace) -> int:
    return int(workspace.read(lambda s: s.execute(select(JobLease.turn)).scalar_one()))


def test_the_first_holds_it_until_it_gives_it_back(
    store: Workspace, one: JobLeases, two: JobLeases
) -> None:
    assert look(store, one) is Turn.TAKE
    assert claim(store, one)
    assert look(store, two) is Turn.WAIT
    assert not claim(store, two)
    assert (one.is_held(NAME), two.is_held(NAME)) == (True, False)
    store.change("Release", one.release, name=NAME)
    assert look(store, two) is Turn.TAKE
    assert claim(store, two)
    assert (turn_of(store), look(store, one)) == (2, Turn.WAIT)


def test_a_silent_holder_is_replaced_within_a_minute_and_not_before(
    workspace: Workspace, one: JobLeases, two: JobLeases, ticks: Ticks
) -> None:
    claim(workspace, one)
    ticks.seconds += LOOK_SECONDS - 0.1  # as late as an observer may be
    assert look(workspace, two) is Turn.WAIT
    ticks.seconds += LEASE_SECONDS - 0.1
    assert look(workspace, two) is Turn.WAIT
    ticks.seconds += LOOK_SECONDS
    assert look(workspace, two) is Turn.TAKE
    assert claim(workspace, two)
    assert workspace.change("Work", one.elected(NAME, lambda _session: True)) is None
    assert 2 * LOOK_SECONDS + LEASE_SECONDS < 60
    assert not one.is_held(NAME)


def test_a_holder_that_renews_keeps_it(
    workspace: Workspace, one: JobLeases, two: JobLeases, ticks: Ticks
) -> None:
    claim(workspace, one)
    for _ in range(10):
        ticks.seconds += LEASE_SECONDS / 2
        assert look(workspace, two) is Turn.WAIT
        assert claim(workspace, one)
    assert turn_of(workspace) == 1


def test_it_is_renewed_only_while_somebody_else_is_in(workspace: Workspace, ticks: Ticks) -> None:
    mine = JobLeases(workspace.database.process, "pc", monotonic=ticks)
    claim(workspace, mine)
    ticks.seconds += LEASE_SECONDS
    assert look(workspace, mine) is Turn.WAIT
    other = Workspace.open(workspace.location, user_name="Jonas Lind", watch=False)
    assert look(workspace, mine) is Turn.RENEW
    other.close()


@pytest.mark.parametrize("hours", [-24, 24])
def test_a_wall_clock_set_anew_replaces_nobody(
    workspace: Workspace, one: JobLeases, two: JobLeases, ticks: Ticks, hours: int
) -> None:
    claim(workspace, one)
    with standing_at(lambda: datetime.now(UTC) + timedelta(hours=hours)):
        assert look(workspace, two) is Turn.WAIT
        ticks.seconds += 1
        assert not claim(workspace, two)
        assert claim(workspace, one)


def test_on_a_server_its_clock_decides(postgresql: Workspace, ticks: Ticks) -> None:
    brief = JobLeases("one", "pc-1", seconds=0.2, monotonic=ticks)
    other = JobLeases("two", "pc-2", seconds=0.2, monotonic=ticks)
    assert claim(postgresql, brief)
    wait_until(lambda: look(postgresql, other) is Turn.TAKE, seconds=5)
    assert claim(postgresql, other)
    assert postgresql.change("Work", brief.elected(NAME, lambda _session: True)) is None


def test_a_claim_that_was_rolled_back_holds_nothing(workspace: Workspace, one: JobLeases) -> None:
    def fail(session: Session) -> None:
        assert one.claim(session, NAME)
        raise KeyError("no")

    with pytest.raises(KeyError):
        run(workspace, fail)
    assert not one.is_held(NAME)
    assert look(workspace, one) is Turn.TAKE


# --- with real processes ----------------------------------------------------------------------


class Office:
    """Three programs that each try to do the elected one's work."""

    def __init__(self, location: str, mode: str) -> None:
        self.location = location
        skews = {"ada": 0.0, "ben": 90.0, "cy": -90.0}  # minutes: their clocks do not agree
        self.all = {n: Colleague(location, n, mode=mode, skew=s) for n, s in skews.items()}
        self._started = list(self.all.values())

    def round(self) -> set[str]:
        """Let everybody who is awake try once; return who worked."""
        return {name for name, one in self.all.items() if one.ask("work") == "worked"}

    def close(self) -> None:
        for one in self._started:
            one.kill()


@pytest.fixture(params=["local", "shared", "server"])
def office(request: pytest.FixtureRequest) -> Iterator[tuple[Workspace, Office]]:
    names = {"local": "workspace", "shared": "shared_workspace", "server": "postgresql"}
    workspace = request.getfixturevalue(names[request.param])
    made = Office(workspace.location, "" if request.param == "server" else request.param)
    yield workspace, made
    made.close()


def deeds(workspace: Workspace) -> list[tuple[int, str]]:
    """Return what was done, in the order in which it was stored: the turn, and by whom."""
    found = workspace.read(lambda s: list(s.scalars(select(Company.name).order_by(Company.id))))
    return sorted((int(turn), who) for turn, who in (name.split() for name in found))


def test_never_two_act_when_the_holder_sleeps_dies_or_wakes(
    office: tuple[Workspace, Office],
) -> None:
    workspace, programs = office
    first = programs.round() | programs.round()
    assert len(first) == 1
    (holder,) = first
    sleeper = programs.all.pop(holder)
    sleeper.stop()
    after: set[str] = set()

    def somebody_else() -> bool:
        after.update(programs.round())
        return bool(after)

    wait_until(somebody_else)
    sleeper.go_on()
    assert sleeper.ask("work") == "not elected"
    (second,) = after
    programs.all.pop(second).kill()
    programs.all[holder] = sleeper
    last: set[str] = set()

    def somebody() -> bool:
        last.update(programs.round())
        return bool(last)

    wait_until(somebody)
    done = deeds(workspace)
    holders = {turn: {who for t, who in done if t == turn} for turn, _ in done}
    assert all(len(names) == 1 for names in holders.values()), done
    assert len(holders) == 3


def test_what_is_elected_does_nothing_without_the_lease(
    workspace_path: Path, one: JobLeases, two: JobLeases
) -> None:
    workspace = Workspace.open(workspace_path, watch=False)
    done: list[str] = []

    def work(session: Session, *, who: str) -> str:
        assert session.in_transaction()
        done.append(who)
        return who

    assert run(workspace, one.elected(NAME, work), who="one") == "one"
    assert run(workspace, two.elected(NAME, work), who="two") is None
    assert done == ["one"]
    workspace.close()
