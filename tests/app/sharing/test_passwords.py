"""Where a server's password comes from: address, libpq, keyring, and at last the person."""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.backends.fail
import keyring.errors
import pytest
from sqlalchemy import URL

from app.settings import Settings
from app.sharing.passwords import (
    AskLogin,
    Login,
    LoginNeeded,
    ask_with,
    forget_password,
    keep_password,
    kept_password,
    login_url,
)
from app.sharing.pointer_file import Pointer
from app.sharing.server_address import server_url
from app.workspace import Workspace
from tests.app.sharing.servers import OwnServer, sql

SECRET = "tell-nobody"  # noqa: S105  of a server that lives as long as the test


class Drawer(keyring.backend.KeyringBackend):
    """A keyring in memory, as keyring's own interface has it."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServer]:
    server = OwnServer(tmp_path_factory.mktemp("own") / "data")
    sql(server.local, f"CREATE ROLE elena LOGIN SUPERUSER PASSWORD '{SECRET}'")
    Workspace.open(server.local, create=True, watch=False).close()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def no_other_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Let nothing of this computer answer: no password file, no variable, no keyring."""
    for name in ("PGPASSWORD", "PGUSER", "PGHOST", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "no.pgpass"))
    monkeypatch.setenv("CLOSEKNIT_HOME", str(tmp_path / "home"))
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())  # type: ignore[no-untyped-call]
    yield
    keyring.set_keyring(before)
    ask_with(None)


@pytest.fixture
def drawer() -> Drawer:
    opened = Drawer()
    keyring.set_keyring(opened)
    return opened


def opens(location: str) -> bool:
    Workspace.open(location, watch=False).close()
    return True


def test_a_password_in_the_address_serves(own_server: OwnServer) -> None:
    assert opens(own_server.tcp("elena", SECRET))


def test_without_anybody_to_ask_it_says_what_is_missing(own_server: OwnServer) -> None:
    with pytest.raises(LoginNeeded, match="wants a password") as needed:
        Workspace.open(own_server.tcp("elena"), watch=False)
    assert not needed.value.wrong
    assert needed.value.url.username == "elena"


def test_the_password_file_and_the_variable_serve(
    own_server: OwnServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PGPASSWORD", SECRET)
    assert opens(own_server.tcp("elena"))
    monkeypatch.setenv("PGPASSWORD", "wrong")
    with pytest.raises(LoginNeeded, match="does not accept"):
        opens(own_server.tcp("elena"))
    monkeypatch.delenv("PGPASSWORD")
    file = tmp_path / "pgpass"
    file.write_text(f"127.0.0.1:{own_server.port}:*:elena:{SECRET}\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    assert opens(own_server.tcp("elena"))


def test_the_keyring_serves_under_a_name_that_says_where(
    own_server: OwnServer, drawer: Drawer
) -> None:
    url = server_url(own_server.tcp("elena"))
    assert keep_password(url, SECRET)
    assert drawer.kept == {("closeknit", f"elena@127.0.0.1:{own_server.port}/postgres"): SECRET}
    assert opens(own_server.tcp("elena"))
    forget_password(url)
    assert kept_password(url) is None
    forget_password(url)  # twice is no error


@pytest.mark.parametrize("keep", [True, False])
def test_a_person_is_asked_and_it_is_kept_only_when_they_say_so(
    own_server: OwnServer, drawer: Drawer, keep: bool
) -> None:
    asked: list[tuple[str | None, bool]] = []

    def ask(url: URL, wrong: bool) -> Login:
        asked.append((url.username, wrong))
        return Login("elena", SECRET if wrong else "a slip", keep=keep)

    ask_with(ask)
    assert opens(own_server.tcp("elena"))
    assert asked == [("elena", False), ("elena", True)]
    assert list(drawer.kept.values()) == ([SECRET] if keep else [])
    everything = "".join(
        path.read_text("utf-8", "replace")
        for path in Settings.path().parent.rglob("*")
        if path.is_file()
    )
    assert SECRET not in everything


def test_a_kept_password_that_is_old_is_asked_for_again(
    own_server: OwnServer, drawer: Drawer
) -> None:
    url = server_url(own_server.tcp("elena"))
    keep_password(url, "last year's")
    ask_with(lambda _url, _wrong: Login("elena", SECRET, keep=True))
    assert opens(own_server.tcp("elena"))
    assert kept_password(url) == SECRET
    assert len(drawer.kept) == 1


def test_who_gives_up_or_errs_three_times_is_told(own_server: OwnServer) -> None:
    answers = iter([Login("elena", "a"), Login("elena", "b"), Login("elena", "c")])
    with pytest.raises(LoginNeeded, match="does not accept"):
        login_url_with(own_server.tcp("elena"), lambda _url, _wrong: next(answers))
    assert next(answers, None) is None
    with pytest.raises(LoginNeeded, match="wants a password"):
        login_url_with(own_server.tcp("elena"), lambda _url, _wrong: None)


def login_url_with(location: str, ask: AskLogin) -> URL:
    ask_with(ask)
    return login_url(location)


def test_a_keyring_without_backend_is_no_error(own_server: OwnServer) -> None:
    url = server_url(own_server.tcp("elena"))
    assert kept_password(url) is None
    assert not keep_password(url, SECRET)
    forget_password(url)
    ask_with(lambda _url, _wrong: Login("elena", SECRET, keep=True))
    assert opens(own_server.tcp("elena"))


def test_a_pointer_file_asks_once_who_one_is(own_server: OwnServer, tmp_path: Path) -> None:
    pointer = tmp_path / "Office.closeknit-server"
    Pointer("127.0.0.1", "postgres", own_server.port).write(pointer)
    asked: list[str | None] = []

    def ask(url: URL, wrong: bool) -> Login:
        del wrong
        asked.append(url.username)
        return Login("elena", SECRET)

    ask_with(ask)
    assert opens(str(pointer))
    assert opens(str(pointer))
    assert asked == [None, "elena"]  # the second time it knows the name, not the password


def test_on_a_terminal_the_command_line_asks_without_echo(
    own_server: OwnServer, tmp_path: Path
) -> None:
    told, outcome = on_a_terminal(
        ["list", "users", "-w", own_server.tcp("elena"), "--json"], f"{SECRET}\n", tmp_path
    )
    assert outcome == 0, told
    assert "Password of elena" in told
    assert SECRET not in told
    assert "[]" in told


def on_a_terminal(arguments: list[str], typed: str, home: Path) -> tuple[str, int]:
    """Run the program as a person before a terminal; return what stood there and the status."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"CLOSEKNIT_HOME": str(home), "PYTHON_KEYRING_BACKEND": FAILING}
    with subprocess.Popen(
        [sys.executable, "main.py", *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        cwd=Path(__file__).parents[3],
        start_new_session=True,
        preexec_fn=_take_terminal,  # noqa: PLW1509  getpass wants the controlling terminal
    ) as process:
        os.close(theirs)
        shown = b""
        while b"Password of" not in shown:
            shown += os.read(ours, 1024)
        os.write(ours, typed.encode())
        while True:
            try:
                piece = os.read(ours, 1024)
            except OSError:  # Linux: the other side has closed
                break
            if not piece:
                break
            shown += piece
        os.close(ours)
        return shown.decode(), process.wait()


def _take_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


FAILING = "keyring.backends.fail.Keyring"
