"""How a file is opened at its place, and how it changes its journal; reading leaves no trace."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.commands.companies import create_company
from app.commands.settings import store_setting
from app.errors import EnvironmentFault, UserError
from app.sharing import modes
from app.sharing.modes import VARIABLE, Opening, settle_journal
from app.sharing.passes import HOME, home_of
from app.sharing.presence import who
from app.sharing.verdict import Mode, Verdict
from app.sqlite_file import has_wal
from app.workspace import Workspace
from models.records import Company
from models.sharing_records import Presence
from tests.app.sharing.office import Colleague
from tests.conftest import USER, count, run


def journal_of(workspace: Workspace) -> str:
    return str(workspace.read(lambda s: s.execute(text("PRAGMA journal_mode")).scalar()))


def test_a_local_file_is_in_the_write_ahead_log(workspace: Workspace) -> None:
    assert workspace.mode is Mode.LOCAL
    assert workspace.verdict is not None
    assert (workspace.read_only, workspace.is_server) == (False, False)
    assert journal_of(workspace) == "wal"


def test_a_server_has_no_place(postgresql: Workspace) -> None:
    assert (postgresql.mode, postgresql.verdict, postgresql.is_server) == (None, None, True)


@pytest.mark.parametrize("mode", [Mode.SHARED, Mode.ONE_COMPUTER])
def test_a_file_changes_its_journal_with_its_place_and_keeps_all(
    workspace_path: Path, mode: Mode
) -> None:
    for place, journal in ((mode, "truncate"), (Mode.LOCAL, "wal"), (mode, "truncate")):
        opened = Workspace.open(workspace_path, user_name=USER, watch=False, mode=place)
        run(opened, create_company, name=f"on {journal}")
        assert (opened.mode, journal_of(opened)) == (place, journal)
        assert opened.database.shared is (journal == "truncate")
        opened.close()
        assert has_wal(workspace_path) is (journal == "wal")
        assert not Path(f"{workspace_path}-wal").exists()
    opened = Workspace.open(workspace_path, watch=False, mode=mode)
    assert count(opened, Company) == 3
    opened.close()


def test_the_mode_can_be_given_from_outside(
    workspace_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "shared")
    opened = Workspace.open(workspace_path, watch=False)
    assert (opened.mode, journal_of(opened)) == (Mode.SHARED, "truncate")
    opened.close()


def test_a_file_in_use_elsewhere_is_not_taken_out_of_the_write_ahead_log(
    workspace_path: Path,
) -> None:
    colleague = Colleague(str(workspace_path), "Jonas Lind", mode="local")
    with pytest.raises(EnvironmentFault, match="only one computer may use") as caught:
        Workspace.open(workspace_path, watch=False, mode=Mode.SHARED)
    assert "Close it there" in caught.value.remedy
    assert has_wal(workspace_path)
    assert colleague.ask("save still there").isdigit()
    assert colleague.close() == 0


def test_a_local_file_that_somebody_has_open_as_shared_is_joined_so(workspace_path: Path) -> None:
    colleague = Colleague(str(workspace_path), "Jonas Lind", mode="shared")
    here = Workspace.open(workspace_path, user_name=USER, watch=False, mode=Mode.LOCAL)
    assert (here.mode, journal_of(here)) == (Mode.SHARED, "truncate")
    run(here, create_company, name="mine")
    assert colleague.ask("save theirs").isdigit()
    here.close()
    assert colleague.close() == 0
    assert not has_wal(workspace_path)


def test_after_a_crash_of_the_only_program_the_file_is_free(workspace_path: Path) -> None:
    colleague = Colleague(str(workspace_path), "Jonas Lind", mode="shared")
    assert colleague.ask("save kept").isdigit()
    colleague.kill()
    here = Workspace.open(workspace_path, watch=False, mode=Mode.LOCAL)
    assert (here.mode, journal_of(here), count(here, Company)) == (Mode.LOCAL, "wal", 1)
    here.close()


def test_a_file_with_a_home_keeps_its_journal_on_the_computer_that_serves_it(
    workspace_path: Path,
) -> None:
    opened = Workspace.open(workspace_path, watch=False, mode=Mode.SHARED)
    run(opened, put_setting, key=HOME, value={"machine": "nas", "mount": "", "host": "nas"})
    opened.close()
    assert settle_journal(workspace_path, Opening(Mode.LOCAL)).mode is Mode.SHARED
    assert not has_wal(workspace_path)


def put_setting(session: Session, *, key: str, value: object) -> None:
    store_setting(session, key, value)


def at(mode: Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every place be of this mode."""
    verdict = Verdict(mode, "test", "It lies on a test.", "Put it elsewhere.")
    monkeypatch.setattr(modes, "placement", lambda _path: verdict)


def test_who_opens_a_shared_file_first_is_its_home_and_others_only_read(
    workspace_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(Mode.SHARED, monkeypatch)
    first = Workspace.open(workspace_path, user_name=USER, watch=False)
    home = first.read(home_of)
    assert home is not None
    assert not first.read_only
    first.close()
    monkeypatch.setattr("app.sharing.passes.this_machine", lambda: "another computer")
    second = Workspace.open(workspace_path, user_name=USER, watch=False)
    assert second.read_only
    assert home.host in second.why_read_only
    with pytest.raises(UserError, match="reading only"):
        run(second, create_company, name="no")
    second.close()
    third = Workspace.open(workspace_path, user_name=USER, watch=False, take_over=True)
    assert not third.read_only
    run(third, create_company, name="yes")
    third.close()


def test_a_refused_place_gets_its_sentences_and_stays_as_it_is(
    workspace_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(Mode.REFUSED, monkeypatch)
    held = workspace_path.read_bytes()
    with pytest.raises(EnvironmentFault, match="It lies on a test") as caught:
        Workspace.open(workspace_path)
    assert caught.value.remedy == "Put it elsewhere."
    assert workspace_path.read_bytes() == held


def test_a_place_that_is_only_read_tells_why(
    workspace_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(Mode.READ_ONLY, monkeypatch)
    opened = Workspace.open(workspace_path, watch=False)
    assert opened.why_read_only == "It lies on a test. Put it elsewhere."
    opened.close()


# --- reading only -----------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [Mode.LOCAL, Mode.SHARED])
def test_reading_only_leaves_no_trace_and_no_lock(workspace_path: Path, mode: Mode) -> None:
    Workspace.open(workspace_path, user_name=USER, watch=False, mode=mode).close()
    held, beside = workspace_path.read_bytes(), sorted(workspace_path.parent.iterdir())
    opened = Workspace.open(workspace_path, user_name=USER, read_only=True, mode=mode)
    assert opened.user_id is not None
    assert opened.read(who) == []
    with pytest.raises(UserError, match="open for reading only"):
        run(opened, create_company, name="no")
    with pytest.raises(UserError, match="open for reading only"), opened.database.changing("No"):
        pass
    assert inode_locks(workspace_path) == []
    opened.close()
    assert workspace_path.read_bytes() == held
    assert sorted(workspace_path.parent.iterdir()) == beside


def inode_locks(path: Path) -> list[str]:
    """Return the locks that the system knows on a file."""
    inode = f":{path.stat().st_ino} "
    return [line for line in Path("/proc/locks").read_text().splitlines() if inode in line]


@pytest.mark.parametrize("mode", ["local", "shared"])
def test_a_reader_sees_what_others_save_and_holds_nobody_up(
    workspace_path: Path, mode: str
) -> None:
    here = Workspace.open(workspace_path, read_only=True, watch=False, mode=Mode(mode))
    colleague = Colleague(str(workspace_path), "Jonas Lind", mode=mode)
    assert colleague.ask("save new").isdigit()
    assert here.watcher.look() > 0
    assert [x.user for x in here.read(who)] == ["Jonas Lind"]
    assert count(here, Company) == 1
    assert colleague.close() == 0
    assert count(here, Company) == 1
    here.close()


def test_an_older_schema_is_not_upgraded_by_a_reader(workspace_path: Path) -> None:
    opened = Workspace.open(workspace_path, watch=False)
    writer = opened.database.engine.execution_options(closeknit="write")
    with writer.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    opened.close()
    with pytest.raises(EnvironmentFault, match="older version") as caught:
        Workspace.open(workspace_path, read_only=True)
    assert "upgraded" in caught.value.remedy


def test_a_missing_file_is_not_made_by_a_reader(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="does not exist"):
        Workspace.open(tmp_path / "none.closeknit", create=True, read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_login_that_may_only_read_reads(postgresql: Workspace) -> None:
    with postgresql.database.engine.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS looker"))
        connection.execute(text("CREATE ROLE looker LOGIN PASSWORD 'x'"))
        connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker"))
    url = postgresql.database.url.set(username="looker", password="x")  # noqa: S106  a test's own
    try:
        opened = Workspace.open(url.render_as_string(hide_password=False), watch=False)
        assert opened.read_only
        assert "login" in opened.why_read_only
        assert opened.read(lambda s: s.scalar(text("SELECT count(*) FROM stage"))) > 0
        opened.close()
    finally:
        with postgresql.database.engine.begin() as connection:
            connection.execute(text("DROP OWNED BY looker"))
            connection.execute(text("DROP ROLE looker"))


def test_an_immutable_reader_notices_that_somebody_came_to_write(workspace_path: Path) -> None:
    here = Workspace.open(workspace_path, read_only=True, watch=False)
    with (  # noqa: PT012
        pytest.raises(EnvironmentFault, match="changed while it was being read"),
        here.database.reading() as session,
    ):
        session.execute(text("SELECT count(*) FROM company")).scalar()
        other = Workspace.open(workspace_path, watch=False)
        run(other, create_company, name="new")
    assert count(here, Company) == 1
    other.close()
    here.close()


def test_a_copy_of_a_shared_file_opens_where_it_was_put(workspace_path: Path) -> None:
    opened = Workspace.open(workspace_path, user_name=USER, watch=False, mode=Mode.SHARED)
    copy = Path(shutil.copy(workspace_path, workspace_path.with_name("copy.closeknit")))
    there = Workspace.open(copy, watch=False, mode=Mode.SHARED)
    assert count(there, Presence) == 2  # the copied row goes grey by itself
    there.close()
    opened.close()
