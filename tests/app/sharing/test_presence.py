"""Who is in; and that nothing of it is history, or wakes anybody's pages."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.changes import Changes
from app.recorder import writes_allowed
from app.sharing.machine import host_name
from app.sharing.presence import FORGET_AFTER, STALE_AFTER, Attendant, who
from app.sharing.versions import VERSION
from app.workspace import Workspace
from models.clock import now, standing_at
from models.records import ChangeStep
from models.sharing_records import Presence
from tests.app.sharing.office import ROOT, Colleague, wait_until
from tests.conftest import USER


def present(workspace: Workspace) -> list[Attendant]:
    return workspace.read(who, process=workspace.database.process)


def test_who_is_in_is_told_with_computer_version_and_moment(store: Workspace) -> None:
    store.beat()
    wait_until(lambda: [x.user for x in present(store)] == [USER])
    (mine,) = present(store)
    assert (mine.host, mine.version, mine.this_process) == (host_name(), VERSION, True)
    assert (mine.read_only, mine.stale) == (False, False)
    assert abs(mine.seen - now()) < timedelta(minutes=1)
    assert mine.since <= mine.seen


def test_who_leaves_is_gone_and_who_dies_goes_grey(workspace: Workspace) -> None:
    leaving = Colleague(workspace.location, "Jonas Lind")
    dying = Colleague(workspace.location, "Farah Haddad")
    assert [x.user for x in present(workspace)] == [USER, "Jonas Lind", "Farah Haddad"]
    assert leaving.close() == 0
    dying.kill()
    assert [x.user for x in present(workspace)] == [USER, "Farah Haddad"]
    with standing_at(lambda: datetime.now(UTC) + STALE_AFTER + timedelta(seconds=30)):
        assert {x.user: x.stale for x in present(workspace)} == {USER: True, "Farah Haddad": True}
        workspace.change("Heartbeat", workspace.heartbeat)
        assert {x.user: x.stale for x in present(workspace)} == {USER: False, "Farah Haddad": True}


def test_a_row_a_day_old_is_swept_by_who_comes_next(workspace: Workspace) -> None:
    Colleague(workspace.location, "Farah Haddad").kill()
    with standing_at(lambda: datetime.now(UTC) + FORGET_AFTER + timedelta(hours=1)):
        later = Workspace.open(workspace.location, user_name="Jonas Lind", watch=False)
        assert [x.user for x in present(later)] == ["Jonas Lind"]
        later.close()


def test_it_beats_by_itself(workspace_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.workspace.BEAT_SECONDS", 0.05)
    opened = Workspace.open(workspace_path, user_name=USER, watch=False)
    first = present(opened)[0].seen
    wait_until(lambda: present(opened)[0].seen > first)
    opened.close()


def test_it_is_no_history_and_wakes_nobody(store: Workspace) -> None:
    told: list[Changes] = []
    store.feed.subscribe(told.append)
    before = store.read(lambda s: s.scalar(select(func.count()).select_from(ChangeStep)))
    head = store.database.head()
    other = Workspace.open(store.location, user_name=USER, watch=False)
    other.change("Heartbeat", other.heartbeat)
    store.change("Heartbeat", store.heartbeat)
    other.close()
    assert store.watcher.look() == 0
    assert (told, store.database.head()) == ([], head)
    assert store.read(lambda s: s.scalar(select(func.count()).select_from(ChangeStep))) == before


def test_the_command_line_tells_it_without_coming_in(workspace: Workspace) -> None:
    told = subprocess.run(
        [sys.executable, "main.py", "who", "-w", workspace.location, "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    (one,) = json.loads(told.stdout)["present"]
    assert (one["user"], one["stale"], one["version"]) == (USER, False, VERSION)
    assert [x.user for x in present(workspace)] == [USER]


def test_a_name_given_later_is_told(workspace: Workspace) -> None:
    workspace.set_user(None)
    wait_until(lambda: present(workspace)[0].user is None)


def test_the_moments_are_the_servers(postgresql: Workspace) -> None:
    with standing_at(lambda: datetime.now(UTC) - timedelta(hours=5)):
        postgresql.change("Heartbeat", postgresql.heartbeat)
        assert not present(postgresql)[0].stale
    seen = postgresql.read(lambda s: s.scalar(select(Presence.seen_at)))
    assert abs(seen - datetime.now(UTC)) < timedelta(minutes=1)


def test_nobody_is_locked_out_by_it(workspace: Workspace) -> None:
    def stay_for_ever(session: Session) -> None:
        with writes_allowed(session):
            session.execute(update(Presence).values(seen_at=now() + timedelta(days=9)))

    workspace.change("Stay", stay_for_ever)
    other = Workspace.open(workspace.location, user_name="Jonas Lind", watch=False)
    assert not other.read_only
    other.close()
