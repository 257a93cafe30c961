"""Real faults of the place of an open workspace: nothing acknowledged or typed is lost."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.contacts import change_contact, create_contact
from app.errors import EnvironmentFault, FaultKind
from app.sharing.backup_files import Reason
from app.sharing.backups import back_up
from app.sharing.outage import KeptForLaterError, Outage, Standing
from app.sharing.outbox import Outbox
from app.sharing.rescue import Rescue
from app.workspace import Workspace
from app.writer import Done
from models.records import Contact
from tests.app.sharing.places import Passage, SmallDisk, passage, small_disk, wait_until
from tests.conftest import USER, run

__all__ = ["passage", "small_disk"]
PACE: dict[str, Any] = {"waits": (0.2,), "patience": 1.0, "hangs_after": 1.0}
ROOT = Path(__file__).resolve().parents[3]


class Office:
    """An open workspace as a window has it, and what is expected of it."""

    def __init__(self, path: Path, template: Path) -> None:
        shutil.copy(template, path)
        self.path = path
        self.workspace = Workspace.open(path, user_name=USER, watch=False)
        self.rescue: Rescue = self.workspace.start_rescue(**PACE)

    @property
    def outage(self) -> Outage:
        return self.rescue.outage

    def add(self, name: str) -> int:
        """Add a contact, stored for certain."""
        return run(self.workspace, create_contact, name=name)

    def try_to_add(self, name: str) -> BaseException:
        """Add a contact while that cannot work; return what the person is told."""
        with pytest.raises(EnvironmentFault) as told:
            self.workspace.writer.submit("Add contact", create_contact, name=name).result(30)
        return told.value

    def names(self) -> list[str]:
        """Read as a page does."""
        return list(self.workspace.readers.submit(_names).result(30))

    def save_what_was_kept(self) -> None:
        """Do what the window does when the person agrees."""
        for kept in self.outage.outbox.waiting():
            self.workspace.writer.submit(kept.label, kept.function, **kept.fields).result(30)
            self.outage.forget(kept.id)

    def close(self) -> None:
        self.workspace.close()
        self.outage.outbox.forget(*[kept.id for kept in self.outage.outbox.waiting()])


def _names(session: Session) -> list[str]:
    return list(session.scalars(select(Contact.name).order_by(Contact.name)))


@pytest.fixture
def office(tmp_path: Path, template: Path) -> Iterator[Office]:
    folder = tmp_path / "office"
    folder.mkdir()
    opened = Office(folder / "office.closeknit", template)
    yield opened
    opened.close()


def is_open(situation: Any) -> bool:
    return bool(situation.standing is Standing.OPEN)


def is_away(situation: Any) -> bool:
    return bool(situation.standing is Standing.AWAY)


def test_a_disk_that_fills_up_loses_nothing_and_goes_on_when_there_is_room(
    small_disk: SmallDisk, template: Path
) -> None:
    office = Office(small_disk.root / "office.closeknit", template)
    try:
        office.add("Before")
        small_disk.fill()
        told = [office.try_to_add(f"Ünal {n}") for n in range(3)]
        assert all(isinstance(error, KeptForLaterError) for error in told)
        assert "full" in str(told[0])
        situation = office.outage.situation
        assert (situation.standing, situation.kept) == (Standing.UNWRITABLE, 3)
        assert office.names() == ["Before"]  # reading goes on
        small_disk.free()
        wait_until(office.outage, is_open)
        office.add("After")
        office.save_what_was_kept()
        assert office.names() == ["After", "Before", "Ünal 0", "Ünal 1", "Ünal 2"]
        assert office.outage.situation.kept == 0
    finally:
        office.close()


def test_without_the_right_to_write_edits_are_kept_here(
    small_disk: SmallDisk, template: Path
) -> None:
    office = Office(small_disk.root / "office.closeknit", template)
    try:
        office.add("Before")
        small_disk.forbid(write=False)
        told = office.try_to_add("Later")
        assert isinstance(told, KeptForLaterError), told
        small_disk.forbid(write=True)
        wait_until(office.outage, is_open)
        office.save_what_was_kept()
        assert office.names() == ["Before", "Later"]
    finally:
        office.close()


def test_a_file_moved_away_is_read_from_the_newest_backup_until_it_is_back(
    office: Office,
) -> None:
    office.add("In the backup")
    backup = back_up(office.path, Reason.ASKED)
    office.add("Since the backup")
    hidden = office.path.with_name("hidden.closeknit")
    _move(office.path, hidden)
    told = office.try_to_add("Kept")
    assert isinstance(told, KeptForLaterError)
    situation = wait_until(office.outage, is_away)
    assert situation.snapshot == backup.path
    assert office.names() == ["In the backup"]
    _move(hidden, office.path)
    wait_until(office.outage, is_open)
    assert office.names() == ["In the backup", "Since the backup"]
    office.save_what_was_kept()
    assert office.names() == ["In the backup", "Kept", "Since the backup"]


def _move(one: Path, other: Path) -> None:
    for end in ("", "-wal", "-shm"):
        if (file := Path(f"{one}{end}")).exists():
            file.rename(f"{other}{end}")


def test_another_file_in_its_place_is_never_written_to(office: Office, template: Path) -> None:
    office.add("Ours")
    hidden = office.path.with_name("hidden.closeknit")
    _move(office.path, hidden)
    shutil.copy(template, office.path)
    before = office.path.read_bytes()
    told = office.try_to_add("Kept")
    assert isinstance(told, KeptForLaterError)
    assert told.kind is FaultKind.REPLACED
    # Two looks later it still waits, and says why.
    looked = office.outage.situation.next_try
    wait_until(
        office.outage,
        lambda now: bool(now.next_try != looked and now.fault is not None and is_away(now)),
    )
    assert office.path.read_bytes() == before
    office.path.unlink()
    for end in ("-wal", "-shm"):
        Path(f"{office.path}{end}").unlink(missing_ok=True)
    _move(hidden, office.path)
    wait_until(office.outage, is_open)
    office.save_what_was_kept()
    assert office.names() == ["Kept", "Ours"]


def test_a_share_that_breaks_off_comes_back(passage: Passage, template: Path) -> None:
    office = Office(passage.root / "office.closeknit", template)
    try:
        office.add("Before")
        passage.break_off()
        told = office.try_to_add("Kept")
        assert isinstance(told, KeptForLaterError), told
        assert is_away(office.outage.situation)
        passage.unmount()
        passage.mount()
        wait_until(office.outage, is_open)
        office.save_what_was_kept()
        assert office.names() == ["Before", "Kept"]
    finally:
        office.close()


def test_a_share_that_hangs_holds_neither_readers_nor_what_is_typed(
    passage: Passage, template: Path
) -> None:
    office = Office(passage.root / "office.closeknit", template)
    try:
        office.add("Before")
        back_up(office.path, Reason.ASKED)
        passage.hang()
        hanging: Future[Done] = office.workspace.writer.submit(
            "Add contact", create_contact, name="Hanging"
        )
        behind = office.workspace.writer.submit("Add contact", create_contact, name="Behind")
        stuck = office.workspace.readers.submit(_names)
        wait_until(office.outage, is_away)
        assert isinstance(behind.exception(30), KeptForLaterError)
        assert office.names() == ["Before"]  # from the copy, by new threads
        assert not hanging.done()
        passage.go_on()
        wait_until(office.outage, is_open)
        hanging.exception(30)  # it went through or was kept; either way it is not lost
        office.save_what_was_kept()
        assert office.names() == ["Before", "Behind", "Hanging"]
        assert stuck.done() or stuck.cancel() or stuck.exception(30) is None
    finally:
        passage.go_on()
        office.close()


def test_closing_does_not_wait_for_a_share_that_hangs(passage: Passage, template: Path) -> None:
    office = Office(passage.root / "office.closeknit", template)
    office.add("Before")
    passage.hang()
    office.workspace.writer.submit("Add contact", create_contact, name="Hanging")
    office.workspace.writer.submit("Add contact", create_contact, name="Behind")
    wait_until(office.outage, is_away)
    ended = threading.Thread(target=office.workspace.close)
    ended.start()
    ended.join(30)
    assert not ended.is_alive()
    assert office.workspace.hung
    kept = Outbox(str(office.path), "the next start").waiting()
    assert {(one.fields["name"], one.in_doubt) for one in kept} == {
        ("Hanging", True),
        ("Behind", False),
    }
    passage.go_on()
    office.outage.outbox.forget(*[one.id for one in kept])


def test_a_file_cut_short_stops_all_writing_and_names_the_backup(office: Office) -> None:
    office.add("Before")
    backup = back_up(office.path, Reason.ASKED)
    os.truncate(office.path, office.path.stat().st_size // 2)
    # The pages in memory would serve many saves more, all of them lost.
    assert isinstance(office.try_to_add("Kept"), KeptForLaterError)
    situation = office.outage.situation
    assert situation.standing is Standing.STOPPED, situation
    assert situation.snapshot == backup.path
    size = office.path.stat().st_size
    assert isinstance(office.try_to_add("Kept too"), KeptForLaterError)
    assert office.path.stat().st_size == size
    assert office.names() == ["Before"]


HOLDER = textwrap.dedent("""
    import sys
    import pysqlite3.dbapi2 as sqlite
    connection = sqlite.connect(sys.argv[1], isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    print("held", flush=True)
    sys.stdin.readline()
""")


def test_a_save_waits_out_a_stopped_process_that_holds_the_lock(office: Office) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(office.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    holder.send_signal(signal.SIGSTOP)
    saved = office.workspace.writer.submit("Add contact", create_contact, name="Patient")
    timer = threading.Timer(12, holder.kill)  # longer than SQLite itself waits
    timer.start()
    assert saved.result(60).changes is not None
    holder.communicate()
    assert is_open(office.outage.situation)
    assert office.names() == ["Patient"]


def test_an_edit_whose_answer_was_lost_is_not_made_twice(office: Office) -> None:
    contact = office.add("Ann")
    done = office.workspace.writer.submit(
        "Rename", change_contact, contact_id=contact, name="Anna"
    ).result(30)
    assert done.changes is not None
    for after in (done.changes.step - 1, done.changes.step):  # it arrived; it did not
        office.outage.outbox.keep(
            "Rename",
            change_contact,
            {"contact_id": contact, "name": "Anna"},
            user_id=office.workspace.user_id,
            after_step=after,
            in_doubt=True,
        )
    office.rescue.look_again()
    waiting = office.outage.outbox.waiting()
    assert [(kept.after_step, kept.in_doubt) for kept in waiting] == [(done.changes.step, False)]


def test_what_is_the_persons_own_mistake_is_no_outage(office: Office) -> None:
    from app.errors import UserError

    with pytest.raises(UserError):
        run(office.workspace, change_contact, contact_id=5, name="Nobody")
    assert is_open(office.outage.situation)
    assert office.outage.situation.kept == 0


def test_without_a_window_a_fault_is_only_told(tmp_path: Path, template: Path) -> None:
    path = tmp_path / "office.closeknit"
    shutil.copy(template, path)
    workspace = Workspace.open(path, user_name=USER, watch=False)
    try:
        hidden = path.with_name("hidden")
        _move(path, hidden)
        with pytest.raises(EnvironmentFault) as told:
            run(workspace, create_contact, name="Nobody")
        assert not isinstance(told.value, KeptForLaterError)
        assert Outbox(str(path), "x").waiting() == []
    finally:
        workspace.close()
