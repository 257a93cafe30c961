"""Backups: whole under writers, nothing half after a kill or on a full disk, damage seen."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
import pytest

from app.commands.companies import create_company
from app.errors import EnvironmentFault, FaultKind
from app.sharing.backup_files import (
    Reason,
    backup_folder,
    backups_of,
    holds,
    manifest_of,
    newest_verified,
    workspace_id,
)
from app.sharing.backups import BackupStopped, Wish, back_up
from app.workspace import Workspace
from models.records import Company
from tests.conftest import USER, count, run

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    monkeypatch.setenv("CLOSEKNIT_HOME", str(home))
    return home


def child(what: str, *words: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.app.sharing.backup_children", what, *map(str, words)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def line_of(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def say(process: "subprocess.Popen[str]", word: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{word}\n")
    process.stdin.flush()


def rows(path: Path, statement: str) -> list[tuple[Any, ...]]:
    connection = sqlite.connect(str(path))
    try:
        return list(connection.execute(statement))
    finally:
        connection.close()


def everything(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables; who has the file open is no part of what it holds."""
    tables = rows(path, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    tables = [row for row in tables if row[0] not in {"presence", "job_lease"}]
    return {name: sorted(rows(path, f'SELECT * FROM "{name}"'), key=repr) for (name,) in tables}


def parts(source: Path) -> list[str]:
    return [path.name for path in backup_folder(source).glob("*") if ".part" in path.name]


def test_a_backup_is_whole_alone_and_known_by_its_manifest(
    workspace: Workspace, workspace_path: Path
) -> None:
    run(workspace, create_company, name="Müller GmbH")
    made = back_up(workspace_path, Reason.ASKED, user=USER)
    assert made.path.parent == backup_folder(workspace_path)
    assert [path.name for path in made.path.parent.iterdir() if path.suffix == ".closeknit"] == [
        made.path.name
    ]
    assert (made.user, made.reason, made.verified) == (USER, Reason.ASKED, True)
    assert made.counts["company"] == 1
    assert made.head == workspace.database.head()
    assert backups_of(workspace_path) == [made]
    assert holds(made)
    alone = Path(shutil.copy(made.path, workspace_path.with_name("alone.closeknit")))
    assert everything(alone) == everything(workspace_path)
    assert rows(alone, "PRAGMA journal_mode") == [("delete",)]
    assert sorted(path.name for path in alone.parent.glob("alone*")) == ["alone.closeknit"]


def test_a_backup_takes_what_stands_in_the_write_ahead_log_only(workspace: Workspace) -> None:
    path = Path(workspace.location)
    run(workspace, create_company, name="In the log")
    assert Path(f"{path}-wal").stat().st_size > 0
    made = back_up(path, Reason.ASKED)
    assert rows(made.path, "SELECT name FROM company") == [("In the log",)]


def test_a_backup_ends_and_is_of_one_moment_under_three_writing_processes(
    workspace: Workspace, workspace_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.sharing.backups.PAGES_PER_STEP", 40)
    writers = [child("write", workspace_path, f"Writer {n}") for n in range(3)]
    try:
        for writer in writers:
            assert line_of(writer) == "ready"
        steps = 0

        def let_them_write() -> bool:
            # Asked after every piece of the copy: each time all three have stored more.
            nonlocal steps
            steps += 1
            for writer in writers:
                say(writer, "go")
                assert line_of(writer).isdecimal()
            return False

        before = count(workspace, Company)
        made = back_up(workspace_path, Reason.ASKED, wish=Wish(unwanted=let_them_write))
        assert 5 < steps < 100  # SQLite would begin anew at each commit of another process
        assert made.counts["company"] == before
        assert count(workspace, Company) >= before + 3 * steps
    finally:
        for writer in writers:
            say(writer, "end")
            assert writer.wait(30) == 0
            assert writer.stdout is not None
            assert writer.stdin is not None
            writer.stdout.close()
            writer.stdin.close()
    assert holds(made)
    assert rows(made.path, "PRAGMA integrity_check") == [("ok",)]
    assert rows(made.path, "SELECT max(n) FROM change_step") == [(made.head,)]


def test_a_backup_killed_half_way_leaves_a_draft_that_goes_with_the_next(
    workspace: Workspace, workspace_path: Path
) -> None:
    dying = child("stop_half_way", workspace_path)
    try:
        assert line_of(dying) == "copying"
        assert len(parts(workspace_path)) == 1
        assert backups_of(workspace_path) == []
        made = back_up(workspace_path, Reason.ASKED)  # one that is being written is left alone
        assert len(parts(workspace_path)) == 1
    finally:
        dying.kill()
        dying.communicate()
    assert backups_of(workspace_path) == [made]
    run(workspace, create_company, name="Later")  # the dead one holds nobody up
    again = back_up(workspace_path, Reason.ASKED)
    assert parts(workspace_path) == []
    assert backups_of(workspace_path) == [again, made]


def test_a_backup_given_up_leaves_nothing(
    workspace: Workspace, workspace_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.sharing.backups.PATIENT_INSTRUCTIONS", 100)
    with pytest.raises(BackupStopped):
        back_up(workspace_path, Reason.ASKED, wish=Wish(unwanted=lambda: True))
    assert list(backup_folder(workspace_path).iterdir()) == []
    asked = 0

    def count_asked() -> bool:
        nonlocal asked
        asked += 1
        return False

    made = back_up(workspace_path, Reason.ASKED, wish=Wish(unwanted=count_asked))
    assert asked > 2
    answers = iter([False] * (asked - 1))
    with pytest.raises(BackupStopped):  # at the very end, while it is being checked
        back_up(workspace_path, Reason.ASKED, wish=Wish(unwanted=lambda: next(answers, True)))
    assert backups_of(workspace_path) == [made]
    assert len(list(backup_folder(workspace_path).iterdir())) == 2
    with pytest.raises(BackupStopped):
        back_up(workspace_path, Reason.ASKED, wish=Wish(copy_seconds=0.0))
    run(workspace, create_company, name="Not held up")


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Give a real file system of its own, so small that it fills up."""
    image, mount = folder / "disk.img", folder / "disk"
    if os.name != "posix" or os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        pytest.skip("mounting a small disk needs root and mkfs.ext4")
    with image.open("wb") as file:
        file.truncate(megabytes * 1_000_000)
    mount.mkdir()
    made = subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(image)], check=False)
    mounted = subprocess.run(["mount", "-o", "loop", image, mount], check=False)
    if made.returncode or mounted.returncode:
        pytest.skip("this machine does not let us mount a file")
    try:
        yield mount
    finally:
        subprocess.run(["umount", "-l", str(mount)], check=True)


def test_a_full_disk_gets_a_sentence_and_nothing_half(
    workspace: Workspace,
    workspace_path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with small_disk(tmp_path, 24) as disk:
        monkeypatch.setenv("CLOSEKNIT_HOME", str(disk))
        monkeypatch.setattr("app.sharing.backups._SPARE_BYTES", 0)
        first = back_up(workspace_path, Reason.ASKED)
        ballast = disk / "ballast"
        free = shutil.disk_usage(disk).free
        ballast.write_bytes(os.urandom(free - first.size // 2))
        with pytest.raises(EnvironmentFault, match="too full for a backup") as early:
            back_up(workspace_path, Reason.ASKED)
        assert early.value.kind is FaultKind.FULL
        # And where the room goes while it is being copied.
        monkeypatch.setattr("app.sharing.backups._check_room", lambda _source, _folder: None)
        with pytest.raises(EnvironmentFault, match="too full for a backup") as late:
            back_up(workspace_path, Reason.ASKED)
        assert late.value.remedy
        assert parts(workspace_path) == []
        assert backups_of(workspace_path) == [first]
        assert holds(first)
        ballast.unlink()
        second = back_up(workspace_path, Reason.ASKED)
        assert backups_of(workspace_path) == [second, first]
    run(workspace, create_company, name="The workspace itself was never touched")


def test_an_unreachable_folder_gets_a_sentence(workspace_path: Path, own_home: Path) -> None:
    own_home.write_text("in the way")
    with pytest.raises(EnvironmentFault, match="No backup was made"):
        back_up(workspace_path, Reason.ASKED)


def writable(path: Path) -> Path:
    path.chmod(0o600)
    return path


def test_damaged_backups_do_not_count(workspace_path: Path) -> None:
    good = back_up(workspace_path, Reason.ASKED)
    for harm in ("flipped", "cut", "gone", "no manifest", "unreadable manifest"):
        bad = back_up(workspace_path, Reason.ASKED)
        assert newest_verified(workspace_path) == bad
        if harm == "flipped":
            with writable(bad.path).open("rb+") as file:
                file.seek(bad.size // 2)
                byte = file.read(1)
                file.seek(bad.size // 2)
                file.write(bytes([byte[0] ^ 1]))
        elif harm == "cut":
            os.truncate(writable(bad.path), bad.size - 4096)
        elif harm == "gone":
            writable(bad.path).unlink()
        elif harm == "no manifest":
            manifest_of(bad.path).unlink()
        else:
            manifest_of(bad.path).write_text('{"at": "yesterday"}')
        assert newest_verified(workspace_path) == good
        listed = {backup.path: backup for backup in backups_of(workspace_path)}
        if harm == "cut":
            assert not listed[bad.path].verified
        if harm in {"gone", "no manifest", "unreadable manifest"}:
            assert bad.path not in listed


def test_a_damaged_workspace_is_not_backed_up(workspace_path: Path) -> None:
    good = back_up(workspace_path, Reason.ASKED)
    with workspace_path.open("rb+") as file:
        file.seek(4096 * 30)
        file.write(b"\xff" * 4096 * 20)
    with pytest.raises(EnvironmentFault, match="damaged") as caught:
        back_up(workspace_path, Reason.ASKED)
    assert caught.value.kind is FaultKind.DAMAGED
    assert backups_of(workspace_path) == [good]
    assert parts(workspace_path) == []


def test_a_row_that_points_nowhere_is_found(workspace_path: Path) -> None:
    connection = sqlite.connect(str(workspace_path))
    connection.execute("UPDATE stage SET pipeline_id = 12345 WHERE position = 0")
    connection.commit()
    connection.close()
    with pytest.raises(EnvironmentFault, match="points to a missing pipeline"):
        back_up(workspace_path, Reason.ASKED)


def test_two_workspaces_of_one_name_have_a_folder_each(tmp_path: Path) -> None:
    one, other = tmp_path / "a" / "crm.closeknit", tmp_path / "b" / "crm.closeknit"
    assert workspace_id(one) != workspace_id(other)
    assert workspace_id(one) == workspace_id(tmp_path / "b" / ".." / "a" / "crm.closeknit")
    assert workspace_id(tmp_path / "…:*?.closeknit").strip("_-")
