"""What can be wrong with the place of a workspace gets a sentence; nothing stored is harmed."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, select
from sqlalchemy.orm import Session

from app.check import check_workspace
from app.errors import EnvironmentFault, UserError
from app.workspace import Workspace
from models.ids import new_id
from models.records import Company
from tests.conftest import count, run


def make_company(session: Session, *, name: str, description: str | None = None) -> int:
    company = Company(
        id=new_id(), name=name, name_key=name, sort_name=name, description=description
    )
    session.add(company)
    return company.id


def names(workspace: Workspace) -> set[str]:
    return set(workspace.read(lambda s: list(s.scalars(select(Company.name)))))


def assert_whole(workspace: Workspace) -> None:
    assert [c for c in workspace.read(check_workspace) if not c.passed] == []


@pytest.mark.parametrize("happening", ["deleted", "moved", "replaced"])
def test_a_save_says_so_when_the_file_is_gone(
    workspace_path: Path, template: Path, happening: str
) -> None:
    opened = Workspace.open(workspace_path, user_name="Elena Novak", watch=False)
    run(opened, make_company, name="Stored")
    elsewhere = workspace_path.with_name("elsewhere.closeknit")
    if happening == "deleted":
        workspace_path.unlink()
    elif happening == "moved":
        workspace_path.rename(elsewhere)
    else:
        copy = Path(shutil.copy(template, workspace_path.with_name("copy")))
        held = copy.read_bytes()
        copy.replace(workspace_path)
    with pytest.raises(EnvironmentFault, match="deleted, moved or replaced") as caught:
        run(opened, make_company, name="Lost")
    assert caught.value.remedy
    assert names(opened) == {"Stored"}  # what is shown stays readable
    if happening == "moved":
        elsewhere.rename(workspace_path)
        run(opened, make_company, name="Later")
        assert names(opened) == {"Stored", "Later"}
    opened.close()
    if happening == "deleted":
        assert not workspace_path.exists()
    elif happening == "replaced":
        assert workspace_path.read_bytes() == held


def test_a_write_ahead_log_left_by_a_killed_process_is_taken_in(
    workspace_path: Path, tmp_path: Path
) -> None:
    opened = Workspace.open(workspace_path, user_name="Elena Novak", watch=False)
    run(opened, make_company, name="Stored")
    copy = tmp_path / "crashed.closeknit"
    for end in ("", "-wal"):  # as a power cut leaves them
        shutil.copy(f"{workspace_path}{end}", f"{copy}{end}")
    opened.close()
    assert Path(f"{copy}-wal").stat().st_size > 0
    again = Workspace.open(copy, watch=False)
    assert names(again) == {"Stored"}
    assert_whole(again)
    again.close()
    assert not Path(f"{copy}-wal").exists()


def test_a_torn_write_ahead_log_loses_only_its_last_transaction(
    workspace_path: Path, tmp_path: Path
) -> None:
    opened = Workspace.open(workspace_path, user_name="Elena Novak", watch=False)
    run(opened, make_company, name="First")
    run(opened, make_company, name="Second")
    copy = tmp_path / "torn.closeknit"
    shutil.copy(workspace_path, copy)
    log = Path(f"{workspace_path}-wal").read_bytes()
    Path(f"{copy}-wal").write_bytes(log[:-100])
    opened.close()
    again = Workspace.open(copy, watch=False)
    assert names(again) == {"First"}
    assert_whole(again)
    again.close()


def test_a_copy_in_another_journal_mode_is_put_into_write_ahead_mode(workspace_path: Path) -> None:
    import pysqlite3.dbapi2 as sqlite

    connection = sqlite.connect(str(workspace_path))
    assert connection.execute("PRAGMA journal_mode=DELETE").fetchone() == ("delete",)
    connection.close()
    opened = Workspace.open(workspace_path, watch=False)
    with opened.database.engine.connect() as check:
        assert check.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    opened.close()


@pytest.mark.parametrize("what", ["pipe", "long", "nul", "under a file", "link to nothing"])
def test_strange_paths_get_a_sentence(tmp_path: Path, what: str) -> None:
    (tmp_path / "file").write_text("x")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "no" / "where")
    path = {
        "pipe": tmp_path / "pipe",
        "long": tmp_path / ("x" * 300),
        "nul": tmp_path / "a\x00b",
        "under a file": tmp_path / "file" / "w.closeknit",
        "link to nothing": tmp_path / "link",
    }[what]
    with pytest.raises(EnvironmentFault) as caught:
        Workspace.open(path, create=True)
    assert caught.value.remedy


@pytest.fixture
def immutable(workspace_path: Path) -> Iterator[Path]:
    """Give a workspace that not even root can write to."""
    chattr = shutil.which("chattr")
    if (
        chattr is None
        or subprocess.run(
            [chattr, "+i", workspace_path], check=False, capture_output=True
        ).returncode
    ):
        pytest.skip("files cannot be made immutable here")
    yield workspace_path
    subprocess.run([chattr, "-i", workspace_path], check=True)


def assert_only_read(path: Path) -> None:
    """Assert that a workspace opens, shows what it holds, refuses to save, and stays as it is."""
    held = path.read_bytes()
    beside = sorted(path.parent.iterdir())
    opened = Workspace.open(path, user_name="Elena Novak")
    assert opened.read_only
    assert "permission" in opened.why_read_only
    assert opened.user_id is not None
    with pytest.raises(UserError, match="for reading only"):
        run(opened, make_company, name="c")
    assert names(opened) == set()
    opened.close()
    assert path.read_bytes() == held
    assert sorted(path.parent.iterdir()) == beside


def test_a_read_only_file_opens_for_reading(immutable: Path) -> None:
    assert_only_read(immutable)


def test_missing_rights_open_for_reading(
    workspace_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.access
    for refused in (workspace_path, workspace_path.parent):
        monkeypatch.setattr(os, "access", lambda p, mode, r=refused: Path(p) != r and real(p, mode))
        assert_only_read(workspace_path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a folder on a disk of five megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", "size=5m", "tmpfs", str(folder)]
    if subprocess.run(["mount", *options], check=False, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_loses_nothing_and_works_again_once_there_is_room(
    small_disk: Path, template: Path
) -> None:
    path = Path(shutil.copy(template, small_disk / "w.closeknit"))
    opened = Workspace.open(path, user_name="Elena Novak", watch=False)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(2_500_000))
    stored: set[str] = set()
    with pytest.raises(EnvironmentFault, match="is full; nothing was saved") as caught:  # noqa: PT012
        for number in range(1000):
            run(opened, make_company, name=f"c{number}", description=os.urandom(30_000).hex())
            stored.add(f"c{number}")
    assert "Free some space" in caught.value.remedy
    assert names(opened) == stored
    assert len(stored) > 1
    ballast.unlink()
    run(opened, make_company, name="after")
    assert_whole(opened)
    opened.close()
    again = Workspace.open(path, watch=False)
    assert names(again) == {*stored, "after"}
    assert_whole(again)
    again.close()


def test_a_new_workspace_on_a_full_disk_gets_a_sentence(small_disk: Path) -> None:
    ballast = os.open(small_disk / "ballast", os.O_WRONLY | os.O_CREAT)
    with pytest.raises(OSError, match="No space"):  # noqa: PT012
        while True:
            os.write(ballast, bytes(4096))
    os.close(ballast)
    with pytest.raises(EnvironmentFault, match=r"full|cannot be opened|failed"):
        Workspace.open(small_disk / "new.closeknit", create=True)


def test_a_damaged_workspace_fails_its_check_instead_of_raising(workspace_path: Path) -> None:
    opened = Workspace.open(workspace_path, user_name="Elena Novak", watch=False)
    for number in range(300):
        run(opened, make_company, name=f"c{number}", description="x" * 500)
    opened.close()
    data = bytearray(workspace_path.read_bytes())
    page = data.index(b"x" * 500) // 4096  # one of those that hold the companies
    data[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    workspace_path.write_bytes(data)
    damaged = Workspace.open(workspace_path, watch=False)
    failed = [check.name for check in damaged.read(check_workspace) if not check.passed]
    assert "integrity" in failed
    damaged.close()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "There is no nowhere"),
        ("postgresql://u:secret@127.0.0.1:1/x", "does not answer"),
        ("postgresql://u:secret@no-such-host.invalid/x", "does not answer"),
        ("postgresql://u:secret@host:notaport/x", "not a complete PostgreSQL address"),
        ("mysql://u:secret@host/x", "not a place"),
    ],
)
def test_a_server_that_does_not_let_us_in_gets_a_sentence(
    request: pytest.FixtureRequest, url: str, sentence: str
) -> None:
    if not url:
        server = make_url(request.getfixturevalue("postgresql_url"))
        url = server.set(database="nowhere").render_as_string(hide_password=False)
    with pytest.raises(EnvironmentFault, match=sentence) as caught:
        Workspace.open(url, create=True)
    assert caught.value.remedy
    assert "secret" not in str(caught.value)


def test_a_wrong_password_is_named() -> None:
    from app.database_faults import sentence_of

    said = Exception(
        'connection failed: connection to server at "127.0.0.1", port 5432 failed: '
        'FATAL:  password authentication failed for user "elena"'
    )
    fault = sentence_of(said, make_url("postgresql+psycopg://elena:secret@db.example/crm"))
    assert fault is not None
    assert "user name and password for crm (db.example)" in str(fault)
    assert "secret" not in str(fault)


def test_an_equal_unique_name_is_a_sentence_for_the_person(store: Workspace) -> None:
    from models.records import Tag

    def make_tag(session: Session) -> None:
        session.add(Tag(id=new_id(), name="VIP", name_key="vip"))

    run(store, make_tag)
    with pytest.raises(UserError, match="one like this already"):
        run(store, make_tag)
    assert count(store, Tag) == 1
