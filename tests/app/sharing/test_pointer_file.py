"""The small file that colleagues open: it leads to the server and holds no secret."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from app.cli import main as command_line
from app.errors import EnvironmentFault
from app.sharing.pointer_file import Pointer, pointer_path, read_pointer
from app.sharing.server_address import server_url
from app.workspace import Workspace
from tests.app.sharing.servers import new_database

FULL = Pointer("db.example", "crm", 5433, "verify-full", "/etc/ca.crt", "Our office")


@pytest.fixture
def office(postgresql_url: str) -> Iterator[str]:
    with new_database(postgresql_url) as url:
        Workspace.open(url, create=True, user_name="Elena Novak", watch=False).close()
        yield url


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "Office.closeknit-server"
    FULL.write(path)
    assert read_pointer(path) == FULL
    assert list(tmp_path.iterdir()) == [path]
    assert json.loads(path.read_text("utf-8"))["name"] == "Our office"


@pytest.mark.parametrize(
    "location",
    [
        "postgresql://elena:tell-nobody@db.example:5433/crm?sslmode=verify-full",
        "postgresql://elena:tell-nobody@/crm?host=/run/postgresql",
        "postgresql://elena:tell-nobody@db.example/crm?password=tell-nobody",
        "postgresql://elena:tell-nobody@[::1]:5433/crm",
    ],
)
def test_it_names_the_place_and_nobody(location: str, tmp_path: Path) -> None:
    url = server_url(location)
    path = tmp_path / "Office.closeknit-server"
    Pointer.of(url, name="Office").write(path)
    text = path.read_text("utf-8")
    assert "tell-nobody" not in text
    assert "elena" not in text
    found = server_url(read_pointer(path).location())
    assert (found.username, found.password) == (None, None)
    assert found.database == "crm"
    assert (found.host or found.query["host"]) == (url.host or url.query["host"])
    assert found.query.get("sslmode") == url.query.get("sslmode")
    assert (found.port or 5432) == (url.port or 5432)


def test_it_stands_beside_the_old_file() -> None:
    assert pointer_path(Path("/x/My business.closeknit")) == Path("/x/My business.closeknit-server")


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "does not lead to a workspace"),
        ("[1, 2]", "says nothing of a server"),
        ("{}", "says nothing of a server"),
        ('{"closeknit_server": 2, "database": "x"}', "newer version"),
        ('{"closeknit_server": 1}', "database"),
        ('{"closeknit_server": 1, "database": "x", "port": "many"}', "many"),
        ('{"closeknit_server": 1, "database": "x", "host": "h", "sslmode": "disable"}', "readable"),
        ("x" * 100_000, "too large"),
    ],
)
def test_a_file_that_leads_nowhere_is_a_sentence(written: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "Office.closeknit-server"
    path.write_text(written, "utf-8")
    with pytest.raises(EnvironmentFault, match=reason):
        Workspace.open(path, watch=False)


def test_a_missing_one_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="No such file"):
        Workspace.open(tmp_path / "gone.closeknit-server", watch=False)


def test_it_opens_like_a_workspace(
    office: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "Office.closeknit-server"
    Pointer.of(make_url(office), name="Office").write(path)
    monkeypatch.setenv("PGUSER", "postgres")
    workspace = Workspace.open(path, watch=False)
    try:
        assert workspace.is_server
        assert workspace.location == str(path)
    finally:
        workspace.close()
    assert command_line(["list", "users", "-w", str(path), "--json"]) == 0
    assert [user["name"] for user in json.loads(capsys.readouterr().out)] == ["Elena Novak"]
