"""Watched folders: files are taken when they are whole, each content once."""

import os
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.commands.watched_folders import (
    change_watched_folder,
    create_watched_folder,
    forget_failed_files,
    remove_watched_folder,
)
from app.errors import EnvironmentFault, UserError
from app.exchange.intake import Intake
from app.exchange.watch import AGAIN, FolderWatch, Taken, WatchResult, watch
from app.exchange.watch_names import is_temporary
from app.exchange.watch_taking import take_file
from app.queries.intake import WatchedFolderRow, watched_files, watched_folders
from app.sharing.machine import this_machine
from app.workspace import Workspace
from models.records import Appointment, Contact, ImportBatch, WatchedFile
from models.values import WatchState
from tests.conftest import count, run, undo_roundtrip

PEOPLE = "First name,Last name,E-mail\nAnna,Berg,anna@example.org\nIvo,Lang,ivo@example.org\n"
MORE = PEOPLE + "Mia,Sand,mia@example.org\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "inbox"
    made.mkdir()
    return made


def row_of(workspace: Workspace, folder_id: int) -> WatchedFolderRow:
    rows = workspace.read(watched_folders, this_machine())
    return next(row for row in rows if row.id == folder_id)


def watching(workspace: Workspace, path: Path, **more: Any) -> FolderWatch:
    folder_id = run(
        workspace, create_watched_folder, path=str(path), machine=this_machine(), **more
    )
    return FolderWatch(workspace, row_of(workspace, folder_id), take_file(workspace))


def looks(watching: FolderWatch, times: int = 2) -> list[WatchResult]:
    return [result for _ in range(times) for result in watching.look()]


def names(workspace: Workspace) -> list[str]:
    return sorted(workspace.read(lambda s: list(s.scalars(select(Contact.name)))))


def test_a_file_is_taken_when_it_stood_still_for_two_looks(store: Workspace, folder: Path) -> None:
    here = watching(store, folder)
    file = folder / "people.csv"
    file.write_text(PEOPLE[:40])
    assert looks(here, 1) == []
    file.write_text(PEOPLE)  # still being written
    assert looks(here, 1) == []
    (result,) = looks(here, 1)
    assert (result.state, result.tally and result.tally.as_json()["created"]) == (
        WatchState.DONE,
        2,
    )
    assert names(store) == ["Anna Berg", "Ivo Lang"]
    assert looks(here, 3) == []
    (known,) = store.read(watched_files, here.folder.id)
    assert (known.state, known.batch_id, known.name) == (
        WatchState.DONE,
        result.batch_id,
        "people.csv",
    )


def test_a_changed_file_is_taken_again_and_the_same_content_never(
    workspace: Workspace, folder: Path
) -> None:
    here = watching(workspace, folder)
    file = folder / "people.csv"
    file.write_text(PEOPLE)
    looks(here)
    file.write_text(MORE)
    (result,) = looks(here)
    assert result.tally is not None
    counted = result.tally.as_json()
    assert (counted["created"], counted["unchanged"]) == (1, 2)
    os.utime(file, ns=(1, 1))  # touched
    (folder / "copy.csv").write_text(MORE)
    again = looks(here)
    assert {r.path.name: (r.again, r.tally) for r in again} == {
        "people.csv": (True, None),
        "copy.csv": (True, None),
    }
    assert count(workspace, ImportBatch) == 2
    # Another process, or tomorrow: what is written down is enough.
    tomorrow = FolderWatch(workspace, here.folder, take_file(workspace))
    assert looks(tomorrow, 3) == []


@pytest.mark.parametrize(
    "name",
    [
        "a.csv.part", "a.crdownload", "~$book.xlsx", "a.tmp", ".hidden.csv", "a.filepart",
        ".~lock.a.ods#", "Thumbs.db", "a.CSV.PART", "a.csv~", "._a.csv", "Unconfirmed 1.download",
    ],
)  # fmt: skip
def test_temporary_names_are_left_alone(workspace: Workspace, folder: Path, name: str) -> None:
    assert is_temporary(name)
    (folder / name).write_text(PEOPLE)
    assert looks(watching(workspace, folder), 3) == []
    assert count(workspace, Contact) == 0


def test_what_cannot_be_taken_is_reported_and_stays_where_it_is(
    workspace: Workspace, folder: Path
) -> None:
    here = watching(workspace, folder)
    bad = folder / "picture.csv"
    bad.write_bytes(b"\x89PNG\r\n\x1a\n" + b"IHDR" * 20)
    (result,) = looks(here)
    assert result.state is WatchState.FAILED
    assert "a picture" in result.report
    assert bad.exists()
    report = folder / "Not taken" / "picture.csv.report.txt"
    assert result.report in report.read_text("utf-8")
    assert row_of(workspace, here.folder.id).failed == 1
    assert looks(here, 3) == []  # reported once, and the report itself is not taken
    bad.write_text(PEOPLE)  # mended
    (result,) = looks(here)
    assert result.state is WatchState.DONE
    assert not report.exists()
    assert not report.parent.exists()


def test_failures_can_be_moved_aside_and_tried_again(workspace: Workspace, folder: Path) -> None:
    here = watching(workspace, folder)
    here.move = True
    (folder / "bad.csv").write_bytes(b"%PDF-1.7\n" + b"obj " * 20)
    assert [r.state for r in looks(here)] == [WatchState.FAILED]
    assert sorted(p.name for p in (folder / "Not taken").iterdir()) == [
        "bad.csv",
        "bad.csv.report.txt",
    ]
    assert not (folder / "bad.csv").exists()
    assert run(workspace, forget_failed_files, folder_id=here.folder.id) == 1


def test_rows_with_problems_are_in_the_report(workspace: Workspace, folder: Path) -> None:
    here = watching(workspace, folder, kind="contact")
    (folder / "people.csv").write_text("Name,E-mail\nAnna Berg,not-an-address\nIvo Lang,i@e.org\n")
    (result,) = looks(here)
    assert result.state is WatchState.DONE
    assert "Row 2, E-mail" in result.report
    (known,) = workspace.read(watched_files, here.folder.id)
    assert known.report == result.report


def test_a_file_that_vanishes_and_an_empty_one(workspace: Workspace, folder: Path) -> None:
    here = watching(workspace, folder)
    file = folder / "people.csv"
    file.write_text(PEOPLE)
    looks(here, 1)
    file.unlink()
    (folder / "empty.csv").touch()
    assert looks(here, 3) == []
    (result,) = looks(here, 6)
    assert (result.path.name, result.state) == ("empty.csv", WatchState.FAILED)
    assert "is empty" in result.report
    assert count(workspace, WatchedFile) == 1


def test_a_folder_that_is_gone_says_so_and_is_looked_for_again(
    workspace: Workspace, folder: Path
) -> None:
    here = watching(workspace, folder)
    (folder / "people.csv").write_text(PEOPLE)
    away = folder.rename(folder.with_name("unplugged"))
    assert looks(here) == []
    error = row_of(workspace, here.folder.id).error
    assert error is not None
    assert "is not there. If it lies on a network drive" in error
    away.rename(folder)
    assert [r.state for r in looks(here)] == [WatchState.DONE]
    assert row_of(workspace, here.folder.id).error is None


def test_a_fault_of_the_surroundings_is_tried_again_later(
    workspace: Workspace, folder: Path
) -> None:
    here = watching(workspace, folder)
    real, tried = here.take, []

    def take(path: Path, row: WatchedFolderRow) -> Taken:
        tried.append(path)
        if len(tried) == 1:
            raise EnvironmentFault("The disk is full.", remedy="Make room.")
        return real(path, row)

    here.take = take
    (folder / "people.csv").write_text(PEOPLE)
    assert looks(here) == []
    error = row_of(workspace, here.folder.id).error
    assert error == "people.csv: The disk is full. Make room."
    assert looks(here, AGAIN - 1) == []
    assert [r.state for r in looks(here, 1)] == [WatchState.DONE]
    assert row_of(workspace, here.folder.id).error is None


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_a_file_that_may_not_be_read_is_told(workspace: Workspace, folder: Path) -> None:
    here = watching(workspace, folder)
    file = folder / "people.csv"
    file.write_text(PEOPLE)
    file.chmod(0)
    assert looks(here) == []
    assert "may not be read" in (row_of(workspace, here.folder.id).error or "")
    file.chmod(0o600)
    assert [r.state for r in looks(here, AGAIN + 1)] == [WatchState.DONE]


CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test\r\nBEGIN:VEVENT\r\nUID:visit@test\r\n"
    "DTSTAMP:20260301T080000Z\r\nSEQUENCE:%d\r\nDTSTART:20260310T%02d0000Z\r\n"
    "DTEND:20260310T180000Z\r\nSUMMARY:Visit\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_a_calendar_file_is_watched_for_change(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "team.ics"
    file.write_text(CALENDAR % (0, 9))
    here = watching(workspace, file)
    assert [r.state for r in looks(here)] == [WatchState.DONE]
    file.write_text(CALENDAR % (1, 11))
    (result,) = looks(here)
    assert result.tally is not None
    assert result.tally.as_json()["updated"] == 1
    starts = workspace.read(lambda s: list(s.scalars(select(Appointment.starts_at))))
    assert [start.hour for start in starts] == [11]


def test_the_command_line_watches_once_or_until_it_is_stopped(
    workspace: Workspace, folder: Path
) -> None:
    (folder / "people.csv").write_text(PEOPLE)
    told: list[WatchResult] = []
    results = watch(workspace, folder, once=True, on_result=told.append, seconds=0.01)
    assert [r.state for r in results] == [WatchState.DONE]
    assert told == results
    assert watch(workspace, folder, once=True, seconds=0.01) == []
    end = threading.Event()
    (folder / "more.csv").write_text(MORE)
    taken = watch(workspace, folder, on_result=lambda _r: end.set(), seconds=0.01, stopped=end)
    assert [r.path.name for r in taken] == ["more.csv"]
    # A window does not go on watching what a command has watched, but knows its files.
    assert workspace.read(watched_folders) == []
    assert looks(watching(workspace, folder), 3) == []
    with pytest.raises(UserError, match="is not there"):
        watch(workspace, folder / "missing", once=True)


def test_a_folder_is_watched_once_by_its_own_computer(workspace: Workspace, folder: Path) -> None:
    folder_id = watching(workspace, folder).folder.id
    fields = {"path": str(folder), "machine": this_machine()}
    with pytest.raises(UserError, match="watched already"):
        run(workspace, create_watched_folder, **fields)
    with pytest.raises(UserError, match="the whole path"):
        run(workspace, create_watched_folder, path="inbox", machine=this_machine())
    run(workspace, create_watched_folder, path=str(folder), machine="another")
    assert len(workspace.read(watched_folders, this_machine())) == 1
    run(workspace, change_watched_folder, folder_id=folder_id, is_paused=True)
    assert row_of(workspace, folder_id).is_paused
    run(workspace, remove_watched_folder, folder_id=folder_id)
    assert workspace.read(watched_folders, this_machine()) == []
    assert run(workspace, create_watched_folder, **fields) == folder_id


def test_the_window_takes_files_in_through_the_importing_process(
    workspace: Workspace, folder: Path
) -> None:
    watching(workspace, folder)
    (folder / "people.csv").write_text(PEOPLE)
    intake = Intake(workspace)
    intake.turn()
    assert count(workspace, Contact) == 0
    intake.turn()
    assert names(workspace) == ["Anna Berg", "Ivo Lang"]
    # Another process of the same computer leaves it alone: it has not the lease.
    (folder / "more.csv").write_text(MORE)
    other = Workspace.open(workspace.location, watch=False)
    try:
        second = Intake(other)
        for _ in range(3):
            second.turn()
        assert count(workspace, Contact) == 2
    finally:
        other.close()
    intake.stop()


def test_look_now_answers_and_stopping_ends_the_thread(workspace: Workspace, folder: Path) -> None:
    here = watching(workspace, folder)
    (folder / "bad.csv").write_bytes(b"GIF89a" + b"data" * 20)
    intake = Intake(workspace, seconds=3_600)
    intake.start()
    (result,) = intake.look_now(here.folder.id).result(60)
    assert result.state is WatchState.FAILED
    (folder / "bad.csv").write_text(PEOPLE)
    (result,) = intake.look_now(here.folder.id).result(60)
    assert result.state is WatchState.DONE
    intake.stop()
    with pytest.raises(UserError):
        intake.look_now(here.folder.id).result(1)


def test_watching_pausing_and_leaving_a_folder_is_undone(workspace: Workspace) -> None:
    fields = {"path": "/exports", "machine": this_machine()}
    folder_id = undo_roundtrip(workspace, create_watched_folder, **fields)
    undo_roundtrip(workspace, change_watched_folder, folder_id=folder_id, is_paused=True)
    undo_roundtrip(workspace, remove_watched_folder, folder_id=folder_id)
