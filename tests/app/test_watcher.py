"""What another program commits is heard here: by looking, or told by the server."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from app.changes import Changes
from app.commands.contacts import create_contact
from app.commands.deals import create_deal, move_deal_to_stage
from app.queries.deal_movers import deal_movers
from app.sharing.verdict import Mode
from app.watcher import IDLE_SECONDS, LOOK_SECONDS, SHARED_LOOK_SECONDS, Watcher
from app.workspace import Workspace
from models.records import Stage
from tests.conftest import USER, run

PATIENCE = 20.0


class Heard:
    """The foreign changes of a workspace, for tests that wait for them."""

    def __init__(self, workspace: Workspace) -> None:
        self.changes: list[Changes] = []
        self._news = threading.Condition()
        self.end = workspace.feed.subscribe(self._take)

    def _take(self, changes: Changes) -> None:
        if changes.foreign:
            with self._news:
                self.changes.append(changes)
                self._news.notify_all()

    def wait_for(self, kind: str, record_id: int, seconds: float = PATIENCE) -> bool:
        def is_there() -> bool:
            return any(record_id in changes.ids(kind) for changes in self.changes)

        with self._news:
            return self._news.wait_for(is_there, seconds)


def wait_until(condition: Callable[[], bool]) -> bool:
    pause = threading.Event()
    for _ in range(int(PATIENCE / 0.02)):
        if condition():
            return True
        pause.wait(0.02)
    return False


@pytest.fixture
def heard(store: Workspace) -> Iterator[Heard]:
    found = Heard(store)
    yield found
    found.end()


@pytest.fixture
def watcher(store: Workspace, heard: Heard) -> Iterator[Watcher]:
    del heard
    made = Watcher(store.database)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def other(store: Workspace, postgresql_address: str) -> Iterator[Workspace]:
    place = postgresql_address if store.is_server else store.location
    opened = Workspace.open(place, user_name="Ann Weber", watch=False)
    yield opened
    opened.close()


@pytest.fixture
def postgresql_address(request: pytest.FixtureRequest, store: Workspace) -> str:
    return str(request.getfixturevalue("postgresql_url")) if store.is_server else ""


def test_a_change_of_another_is_heard_soon(
    store: Workspace, watcher: Watcher, other: Workspace, heard: Heard
) -> None:
    assert wait_until(lambda: watcher.is_told == store.is_server)
    soon = 3.0 if store.database.shared else 1.0
    for name in ("Lena", "Otto", "Ida"):
        person = run(other, create_contact, name=name)
        assert heard.wait_for("contact", person, seconds=soon)
    own = run(store, create_contact, name="Own")
    after = run(other, create_contact, name="After")
    assert heard.wait_for("contact", after)
    assert not any(own in changes.ids("contact") for changes in heard.changes)
    assert heard.changes[-1].user_id == other.user_id


def test_a_server_tells_so_that_looking_may_be_seldom(store: Workspace, watcher: Watcher) -> None:
    if not store.is_server and not store.database.shared:
        assert watcher.pace == LOOK_SECONDS
        watcher.set_pace(active=False)
        assert watcher.pace == LOOK_SECONDS  # two windows of one computer may both be in sight
    elif store.is_server:
        assert wait_until(lambda: watcher.is_told)
        assert watcher.pace == IDLE_SECONDS


def test_a_lost_connection_is_looked_through_and_comes_back(
    postgresql: Workspace, postgresql_url: str
) -> None:
    heard, made = Heard(postgresql), Watcher(postgresql.database)
    made.start()
    other = Workspace.open(postgresql_url, watch=False)
    try:
        assert wait_until(lambda: made.is_told)
        with postgresql.database.engine.connect() as connection:
            ended = connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE query LIKE 'LISTEN%' AND pid <> pg_backend_pid()"
                )
            ).all()
        assert ended
        person = run(other, create_contact, name="Meanwhile")
        assert heard.wait_for("contact", person)
        assert wait_until(lambda: made.is_told)
        later = run(other, create_contact, name="Afterwards")
        assert heard.wait_for("contact", later, seconds=1.0)
    finally:
        heard.end()
        made.stop()
        other.close()


def test_over_a_share_an_idle_window_looks_seldom_and_an_active_one_at_once(
    workspace_path: Path,
) -> None:
    here = Workspace.open(workspace_path, user_name=USER, mode=Mode.SHARED)
    heard = Heard(here)
    other = Workspace.open(workspace_path, user_name="Ann", mode=Mode.SHARED, watch=False)
    try:
        assert here.watcher.pace == SHARED_LOOK_SECONDS
        here.watcher.set_pace(active=False)
        assert here.watcher.pace == IDLE_SECONDS
        here.watcher.look_soon()  # the last look at the old pace
        person = run(other, create_contact, name="Lena")
        here.watcher.set_pace(active=True)
        assert heard.wait_for("contact", person, seconds=1.0)
        assert here.watcher.pace == SHARED_LOOK_SECONDS
    finally:
        heard.end()
        other.close()
        here.close()


def test_the_last_mover_of_a_deal_is_known(store: Workspace, other: Workspace) -> None:
    deal = run(store, create_deal, name="Heat pumps")
    unmoved = run(store, create_deal, name="Panels")

    steps = store.read(lambda s: list(s.scalars(select(Stage.id).order_by(Stage.position))))
    run(store, move_deal_to_stage, deal_id=deal, stage_id=steps[1])
    run(other, move_deal_to_stage, deal_id=deal, stage_id=steps[2])
    movers = {mover.deal_id: mover.name for mover in store.read(deal_movers, [deal, unmoved])}
    assert movers == {deal: "Ann Weber", unmoved: USER}
