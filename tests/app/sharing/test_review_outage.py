"""An outage ends by itself, whatever happens meanwhile; closing never waits for a lost drive."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from app.check import check_workspace
from app.errors import EnvironmentFault, FaultKind
from app.sharing.backup_files import Backup, Reason, manifest_of
from app.sharing.backups import back_up
from app.sharing.outage import KeptForLaterError, Standing
from app.workspace import Workspace
from tests.app.sharing.places import Passage, passage, wait_until
from tests.app.sharing.test_outage import (
    HOLDER,
    PACE,
    ROOT,
    Office,
    _move,
    is_away,
    is_open,
    office,
)
from tests.conftest import USER

__all__ = ["office", "passage"]


@pytest.fixture
def holder(office: Office) -> Iterator["subprocess.Popen[bytes]"]:
    """Give a process that holds the lock of writers and stands still."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(office.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    process.send_signal(signal.SIGSTOP)
    yield process
    process.kill()
    process.communicate()


def test_a_file_that_somebody_holds_for_long_is_busy_and_not_away(
    office: Office, holder: "subprocess.Popen[bytes]"
) -> None:
    busy = EnvironmentFault("{place} is busy.", kind=FaultKind.BUSY, place="office")
    office.outage.note(busy)
    planned = [office.outage.situation.next_try]
    for _ in range(3):  # looks that each last longer than an answer may take
        situation = wait_until(office.outage, lambda now: now.next_try not in planned)
        planned.append(situation.next_try)
        assert situation.standing is Standing.UNWRITABLE
        assert situation.fault is not None
        assert situation.fault.kind is FaultKind.BUSY
    holder.kill()
    wait_until(office.outage, is_open)
    office.add("After")
    assert office.names() == ["After"]


def changed_manifest(backup: Backup, **values: object) -> None:
    manifest = manifest_of(backup.path)
    manifest.write_text(json.dumps(json.loads(manifest.read_text("utf-8")) | values), "utf-8")


def test_a_backup_of_an_older_version_is_not_read_meanwhile(office: Office) -> None:
    office.add("Before")
    older = back_up(office.path, Reason.ASKED)
    newer = back_up(office.path, Reason.MIGRATION)
    changed_manifest(newer, revision="0001")
    _move(office.path, office.path.with_name("hidden"))
    assert isinstance(office.try_to_add("Kept"), KeptForLaterError)
    assert wait_until(office.outage, is_away).snapshot == older.path
    _move(office.path.with_name("hidden"), office.path)
    wait_until(office.outage, is_open)


def test_a_copy_that_cannot_be_read_does_not_end_the_search_for_the_workspace(
    office: Office,
) -> None:
    office.add("Before")
    backup = back_up(office.path, Reason.ASKED)
    _move(office.path, office.path.with_name("hidden"))
    assert isinstance(office.try_to_add("Kept"), KeptForLaterError)
    wait_until(office.outage, is_away)
    backup.path.chmod(0o600)
    os.truncate(backup.path, 4096)
    with pytest.raises(EnvironmentFault, match="copy"):
        office.names()
    assert is_away(office.outage.situation)
    _move(office.path.with_name("hidden"), office.path)
    wait_until(office.outage, is_open)
    office.save_what_was_kept()
    assert office.names() == ["Before", "Kept"]


@pytest.mark.parametrize("noticed", [True, False])
def test_an_idle_window_closes_while_the_share_hangs(
    passage: Passage, template: Path, noticed: bool
) -> None:
    office = Office(passage.root / "office.closeknit", template)
    office.add("Before")
    passage.hang()
    if noticed:
        office.outage.note(EnvironmentFault("It does not answer.", kind=FaultKind.GONE))
        wait_until(office.outage, is_away)
    ended = threading.Thread(target=office.workspace.close, daemon=True)
    ended.start()
    ended.join(30)
    closed = not ended.is_alive()
    passage.go_on()
    assert closed
    assert office.workspace.hung


def test_a_damaged_file_s_sentence_names_the_newest_backup(office: Office) -> None:
    office.add("Before")
    backup = back_up(office.path, Reason.ASKED)
    os.truncate(office.path, office.path.stat().st_size // 2)
    assert isinstance(office.try_to_add("Kept"), KeptForLaterError)
    fault = office.outage.situation.fault
    assert fault is not None
    assert fault.kind is FaultKind.DAMAGED
    assert str(backup.path) in str(fault)


@pytest.mark.parametrize("at", ["INSERT INTO contact", "INSERT INTO change_log", "UPDATE log_head"])
def test_a_share_that_breaks_off_in_the_middle_of_a_save_keeps_the_edit(
    passage: Passage, template: Path, at: str
) -> None:
    office = Office(passage.root / "office.closeknit", template)
    engine = office.workspace.database.engine
    broken = threading.Event()

    def break_off(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(at) and not broken.is_set():
            broken.set()
            passage.break_off()

    try:
        office.add("Before")
        event.listen(engine, "after_cursor_execute", break_off)
        told = office.try_to_add("Kept")
        assert isinstance(told, KeptForLaterError), told
        passage.unmount()
        passage.mount()
        wait_until(office.outage, is_open)
        office.save_what_was_kept()
        assert office.names() == ["Before", "Kept"]
        assert all(check.passed for check in office.workspace.read(check_workspace))
    finally:
        office.close()


def test_an_idle_window_notices_that_its_share_broke_off(passage: Passage, template: Path) -> None:
    path = passage.root / "office.closeknit"
    path.write_bytes(template.read_bytes())
    workspace = Workspace.open(path, user_name=USER)
    outage = workspace.start_rescue(**PACE).outage
    try:
        passage.break_off()
        wait_until(outage, is_away)
        passage.unmount()
        passage.mount()
        wait_until(outage, is_open)
    finally:
        workspace.close()
