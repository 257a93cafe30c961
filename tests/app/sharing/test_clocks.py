"""A clock that is wrong is told of, not guessed around."""

from datetime import UTC, datetime, timedelta

from app.commands.companies import create_company
from app.errors import EnvironmentFault
from app.sharing.clocks import ClockCheck
from app.workspace import Workspace
from models.clock import standing_at
from tests.app.sharing.office import Colleague
from tests.conftest import USER, run


def test_clocks_that_agree_are_not_spoken_of(store: Workspace) -> None:
    other = Workspace.open(store.location, user_name="Jonas Lind", watch=False)
    store.change("Heartbeat", store.heartbeat)
    other.change("Heartbeat", other.heartbeat)
    assert (store.warnings, other.warnings) == ([], [])
    other.close()


def test_who_opens_with_a_clock_far_behind_is_told(workspace: Workspace) -> None:
    run(workspace, create_company, name="now")
    with standing_at(lambda: datetime.now(UTC) - timedelta(minutes=20)):
        late = Workspace.open(workspace.location, user_name=USER, watch=False)
    (warning,) = late.warnings
    assert "20 minutes behind" in str(warning)
    assert "Set the clock" in warning.remedy
    late.change("Heartbeat", late.heartbeat)  # the clock was set right meanwhile
    assert late.warnings == []
    late.close()


def test_a_clock_ahead_shows_by_the_heartbeats_of_another(workspace: Workspace) -> None:
    fast = Colleague(workspace.location, "Jonas Lind", skew=25)
    assert fast.ask("beat") == "beaten"
    workspace.change("Heartbeat", workspace.heartbeat)
    assert fast.ask("beat") == "beaten"
    assert "25 minutes ahead" in fast.ask("warnings")
    workspace.change("Heartbeat", workspace.heartbeat)
    (mine,) = workspace.warnings  # one of the two is wrong: both are told
    assert "25 minutes behind" in str(mine)
    assert fast.close() == 0


def test_a_heartbeat_that_is_only_old_says_nothing(workspace: Workspace) -> None:
    elapsed = [1000.0]
    check = ClockCheck(workspace.database.process, monotonic=lambda: elapsed[0])
    other = Workspace.open(workspace.location, user_name="Jonas Lind", watch=False)
    assert workspace.read(check.look) is None
    elapsed[0] += 3600
    with standing_at(lambda: datetime.now(UTC) + timedelta(hours=1)):
        assert workspace.read(check.look) is None
    other.close()


def test_the_servers_clock_is_asked(postgresql: Workspace) -> None:
    for minutes, words in ((-7, "7 minutes behind"), (9, "9 minutes ahead")):
        with standing_at(lambda m=minutes: datetime.now(UTC) + timedelta(minutes=m)):  # type: ignore[misc]
            postgresql.change("Heartbeat", postgresql.heartbeat)
        (warning,) = postgresql.warnings
        assert isinstance(warning, EnvironmentFault)
        assert words in str(warning)
