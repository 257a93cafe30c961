"""Nothing this program does beside a change may let another process into the file meanwhile."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.commands.companies import create_company
from app.errors import EnvironmentFault, FaultKind
from app.sharing.admission import admission
from app.sharing.backup_files import Reason
from app.sharing.backups import back_up, opened
from app.sharing.placement import placement
from app.sharing.verdict import Mode
from app.sqlite_file import check_whole, has_wal
from app.workspace import Workspace
from tests.conftest import USER

_OTHER = """
import sys
import pysqlite3.dbapi2 as sqlite
connection = sqlite.connect(sys.argv[1], isolation_level=None, timeout=0.2)
try:
    connection.execute("BEGIN EXCLUSIVE")
    print("let in")
except sqlite.OperationalError as error:
    print(error)
"""


def others_are_let_in(path: Path) -> bool:
    """Ask in another process, as locks say nothing within one."""
    run = subprocess.run(
        [sys.executable, "-c", _OTHER, str(path)], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() in {"let in", "database is locked"}
    return run.stdout.strip() == "let in"


@pytest.fixture
def shared(shared_template: Path, tmp_path: Path) -> Iterator[Workspace]:
    """Give a shared file whose head has been looked at, as each opening does."""
    path = tmp_path / "office.closeknit"
    path.write_bytes(shared_template.read_bytes())
    workspace = Workspace.open(path, user_name=USER, watch=False, mode=Mode.SHARED)
    yield workspace
    workspace.close()


def connects_anew(workspace: Workspace) -> None:
    workspace.database.connect_anew(healthy=True)


def looks_at_its_head(workspace: Workspace) -> None:
    assert not has_wal(Path(workspace.location))
    check_whole(Path(workspace.location))


def asks_for_admission(workspace: Workspace) -> None:
    path = Path(workspace.location)
    admission(path, placement(path))


def is_opened_again(workspace: Workspace) -> None:
    Workspace.open(workspace.location, read_only=True, mode=Mode.SHARED, watch=False).close()


def begins_a_backup(workspace: Workspace) -> None:
    back_up(Path(workspace.location), Reason.ASKED)


@pytest.mark.parametrize(
    "does",
    [connects_anew, looks_at_its_head, asks_for_admission, is_opened_again, begins_a_backup],
)
def test_a_change_keeps_its_lock_whatever_else_the_program_does(
    shared: Workspace, does: Callable[[Workspace], None]
) -> None:
    path = Path(shared.location)
    with shared.database.changing("Add company") as session:
        create_company(session, name="Ours")
        session.flush()
        assert not others_are_let_in(path)
        does(shared)
        assert not others_are_let_in(path)
    assert others_are_let_in(path)
    assert shared.read(lambda s: s.scalar(text("SELECT count(*) FROM company"))) == 1


def test_a_backup_keeps_its_lock_when_the_workspace_closes(shared: Workspace) -> None:
    path = Path(shared.location)
    with opened(path) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM company").fetchone()
        assert not others_are_let_in(path)
        shared.close()
        assert not others_are_let_in(path)
        connection.execute("ROLLBACK")
    assert others_are_let_in(path)


def test_reading_a_file_that_is_gone_makes_no_empty_one_in_its_place(shared: Workspace) -> None:
    path = Path(shared.location)
    path.rename(path.with_name("elsewhere"))
    shared.database.connect_anew()
    with pytest.raises(EnvironmentFault) as told:
        shared.read(_count)
    assert told.value.kind is FaultKind.GONE
    assert not path.exists()
    path.with_name("elsewhere").rename(path)
    assert shared.read(_count) == 0


def _count(session: Session) -> int:
    return int(session.scalar(text("SELECT count(*) FROM company")) or 0)


def test_looking_who_may_write_keeps_the_lock_of_a_save_that_is_being_stored(
    shared: Workspace,
) -> None:
    path = Path(shared.location)
    with opened(path) as connection:
        connection.execute("PRAGMA query_only=OFF")
        connection.execute("BEGIN EXCLUSIVE")  # nobody may read: the look goes on in a copy
        admission(path, placement(path))
        assert not others_are_let_in(path)
        connection.execute("ROLLBACK")
