"""Backups made by themselves: each day, after edits, before bulk work; closing waits for none."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.commands.companies import create_company
from app.database import Database
from app.errors import EnvironmentFault
from app.sharing import backup_keeper
from app.sharing.backup_files import Backup, Reason, backups_of
from app.sharing.backup_keeper import BackupKeeper, due
from app.workspace import Workspace
from models.clock import standing_at
from models.records import Company, Contact
from tests.app.sharing.test_backups import own_home, parts
from tests.conftest import USER, count, run

__all__ = ["own_home"]  # the fixture of a home of one's own


def made_at(at: datetime) -> Backup:
    return Backup(Path("x"), Path("y"), at, Reason.EDITS, 1, "", "0003", 1, {}, "", verified=True)


NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("newest", "edited", "expected"),
    [
        (None, False, Reason.DAILY),
        (NOON - timedelta(hours=13), False, Reason.DAILY),
        (NOON - timedelta(hours=11), False, None),
        (NOON - timedelta(minutes=29), True, None),
        (NOON - timedelta(minutes=31), False, None),
        (NOON - timedelta(minutes=31), True, Reason.EDITS),
    ],
)
def test_when_a_backup_is_due(
    newest: datetime | None, edited: bool, expected: Reason | None
) -> None:
    backup = made_at(newest) if newest is not None else None
    assert due(backup, edited, NOON, UTC) is expected


def keeper_of(workspace: Workspace) -> BackupKeeper:
    return BackupKeeper(
        workspace.database, workspace.feed, acting=lambda: workspace.user_id, first_pause=1e6
    )


def test_the_keeper_makes_one_a_day_and_one_after_thirty_minutes_of_edits(
    workspace: Workspace, workspace_path: Path
) -> None:
    keeper = keeper_of(workspace)
    keeper.start()
    reasons = []
    for minutes, edit in (
        (0, False),
        (1, True),
        (31, False),
        (32, False),
        (70, True),
        (24 * 60, False),
    ):
        with standing_at(NOON + timedelta(minutes=minutes)):
            if edit:
                run(workspace, create_company, name=f"Company {minutes}")
            keeper.look()
            reasons.append([b.reason for b in reversed(backups_of(workspace_path))])
    keeper.stop()
    assert reasons[0] == reasons[1] == [Reason.DAILY]
    assert reasons[2] == reasons[3] == [Reason.DAILY, Reason.EDITS]
    assert reasons[4] == [Reason.DAILY, Reason.EDITS, Reason.EDITS]
    assert reasons[5] == [*reasons[4], Reason.DAILY]
    assert {backup.user for backup in backups_of(workspace_path)} == {USER}


def many_companies(session: Any, *, first: int, number: int) -> int:
    for n in range(first, first + number):
        create_company(session, name=f"Company {n}")
    return number


@pytest.mark.parametrize("shared", [False, True])
def test_a_large_change_is_preceded_by_a_backup(
    workspace_path: Path, shared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.sharing.placement import Mode

    opened = Workspace.open(
        workspace_path,
        user_name=USER,
        watch=False,
        mode=Mode.SHARED if shared else Mode.LOCAL,
    )
    monkeypatch.setattr(backup_keeper, "_LARGEST_SHARE", 1e9)  # no backup is too recent
    keeper = keeper_of(opened)
    keeper.start(by_the_clock=False)
    try:
        opened.change("Add a few", many_companies, first=0, number=100)
        assert backups_of(workspace_path) == []
        opened.change("Add many", many_companies, first=100, number=101)
        opened.change("Add many", many_companies, first=300, number=101)  # the same work goes on
        keeper.stop(finish=True)
        (made,) = backups_of(workspace_path)
        assert (made.reason, made.counts["company"]) == (Reason.BULK, 100)
        assert count(opened, Company) == 302
    finally:
        keeper.stop()
        opened.close()


def test_a_keeper_tells_what_went_wrong_and_waits_before_it_tries_again(
    workspace: Workspace, workspace_path: Path, own_home: Path
) -> None:
    told: list[EnvironmentFault] = []
    own_home.write_text("in the way")
    keeper = BackupKeeper(workspace.database, workspace.feed, on_fault=told.append)
    with standing_at(NOON):
        keeper.look()
        keeper.look()
        assert len(told) == 1
        own_home.unlink()
    assert [keeper.fault] == told
    with standing_at(NOON + timedelta(minutes=11)):
        keeper.look()
    assert [keeper.fault] == [None]
    assert len(backups_of(workspace_path)) == 1


def test_a_closing_program_waits_for_no_backup(workspace: Workspace, workspace_path: Path) -> None:
    keeper = BackupKeeper(workspace.database, workspace.feed, first_pause=0.0)
    keeper.start()
    keeper.stop()
    thread = keeper._thread
    assert thread is not None
    thread.join(10)
    assert not thread.is_alive()
    assert parts(workspace_path) == []


def test_a_server_keeps_its_own_backups(postgresql: Workspace) -> None:
    keeper = keeper_of(postgresql)
    keeper.start()
    assert keeper.source is None
    assert keeper._thread is None
    assert isinstance(postgresql.database, Database)
    keeper.stop()


def test_an_import_of_the_command_line_is_preceded_by_a_backup(
    workspace: Workspace, workspace_path: Path, tmp_path: Path
) -> None:
    run(workspace, create_company, name="Here before")
    people = tmp_path / "people.csv"
    people.write_text("Name,Email\nAda Lovelace,ada@example.org\n", encoding="utf-8")
    assert main(["import", str(people), "-w", str(workspace_path)]) == 0
    (made,) = backups_of(workspace_path)
    assert (made.reason, made.counts["company"], made.counts["contact"]) == (Reason.IMPORT, 1, 0)
    assert count(workspace, Contact) == 1
    fresh = tmp_path / "fresh.closeknit"
    assert main(["import", str(people), "-w", str(fresh)]) == 0
    assert backups_of(fresh) == []  # nothing was there to lose
