"""Sleep in the middle of a save, and clocks set anew: nothing stored is lost or made twice."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.check import check_workspace
from app.commands.companies import create_company
from app.history import undo_candidate, undo_step
from app.sharing.presence import who
from app.sharing.verdict import Mode
from app.workspace import Workspace
from models.clock import now, standing_at
from models.records import ChangeStep, Company
from tests.app.sharing.office import Colleague
from tests.conftest import USER, run

SLEEP_SECONDS = 15.0  # longer than SQLite and PostgreSQL wait for a lock


@pytest.fixture(params=["local", "shared", "postgresql"])
def place(request: pytest.FixtureRequest, workspace_path: Path) -> tuple[str, str]:
    """Give an address and a mode of each kind of store."""
    if request.param == "postgresql":
        request.getfixturevalue("postgresql").close()
        return request.getfixturevalue("postgresql_url"), ""
    return str(workspace_path), request.param


@pytest.fixture
def sleeper(place: tuple[str, str]) -> Iterator[Colleague]:
    """Give a program that falls asleep in the middle of a save."""
    program = Colleague(place[0], "Jonas Lind", mode=place[1])
    yield program
    program.kill()


def names(session: Session) -> list[str]:
    return list(session.scalars(select(Company.name).order_by(Company.name)))


@pytest.mark.parametrize("wakes", [True, False])
def test_a_laptop_that_sleeps_in_the_middle_of_a_save_loses_nobody_s_work(
    place: tuple[str, str], sleeper: Colleague, wakes: bool
) -> None:
    here = Workspace.open(
        place[0], user_name=USER, watch=False, mode=Mode(place[1]) if place[1] else None
    )
    try:
        assert sleeper.ask("hold Theirs") == "holding"
        sleeper.stop()
        saved = here.writer.submit("Add company", create_company, name="Ours")
        waking = threading.Timer(SLEEP_SECONDS, sleeper.go_on if wakes else sleeper.kill)
        waking.start()
        if wakes:
            waking.join()
            assert sleeper.ask("") == "released"  # nothing was let in meanwhile: it is stored
        assert saved.result(90).changes is not None
        assert here.read(names) == (["Ours", "Theirs"] if wakes else ["Ours"])
        assert all(check.passed for check in here.read(check_workspace))
    finally:
        here.close()


def test_opening_waits_out_a_laptop_that_sleeps_in_the_middle_of_a_save(
    place: tuple[str, str], sleeper: Colleague
) -> None:
    assert sleeper.ask("hold Theirs") == "holding"
    sleeper.stop()
    waking = threading.Timer(SLEEP_SECONDS, sleeper.kill)
    waking.start()
    mode = Mode(place[1]) if place[1] else None
    here = Workspace.open(place[0], user_name=USER, watch=False, mode=mode)
    here.close()
    waking.join()


def test_clocks_set_forward_and_back_while_open_lose_and_repeat_nothing(
    place: tuple[str, str],
) -> None:
    mode = Mode(place[1]) if place[1] else None
    here = Workspace.open(place[0], user_name=USER, watch=False, mode=mode)
    fast = Colleague(place[0], "Jonas Lind", mode=place[1], skew=60)
    slow = Colleague(place[0], "Mia Berg", mode=place[1], skew=-60)
    try:
        made: dict[int, str] = {}
        for number, hours in enumerate((0, 1, -1, 0, -2, 2, 0)):
            with standing_at(now() + timedelta(hours=hours)):
                made[run(here, create_company, name=f"here {number}")] = f"here {number}"
                here.change("Heartbeat", here.heartbeat)
            for colleague, who_says in ((fast, "fast"), (slow, "slow")):
                name = f"{who_says} {number}"
                made[int(colleague.ask(f"save {name}"))] = name
                assert colleague.ask("beat") == "beaten"
        assert len(made) == 21  # every id was made once
        stored = here.read(
            lambda s: {row.id: row.name for row in s.execute(select(Company.id, Company.name))}
        )
        assert stored == made
        assert {x.user for x in here.read(who)} == {USER, "Jonas Lind", "Mia Berg"}
        # Undo goes by the order of saving, not by the clock.
        step = here.read(undo_candidate, here.user_id)
        assert step is not None
        run(here, undo_step, step=step.n)
        assert "here 6" not in here.read(names)
        assert here.read(lambda s: s.scalar(select(func.max(ChangeStep.n)))) == here.database.head()
        assert all(check.passed for check in here.read(check_workspace))
    finally:
        here.close()
        assert fast.close() == slow.close() == 0
