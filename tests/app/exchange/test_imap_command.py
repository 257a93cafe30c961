"""The command `mail` against a real server."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest

from app.cli.run import main
from tests.app.exchange.imap_server import PASSWORD, USER, WHY_NOT, Dovecot, has_dovecot
from tests.app.exchange.test_imap import mail, put
from tests.app.sharing.test_passwords import Drawer

pytestmark = pytest.mark.skipif(not has_dovecot(), reason=WHY_NOT)


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    made = Dovecot()
    put(made, mail(1), mail(2))
    put(made, mail(3), folder="Projects")
    yield made
    made.close()


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    """Give a keyring in memory."""
    before, made = keyring.get_keyring(), Drawer()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def test_a_mailbox_is_added_listed_read_and_removed(
    server: Dovecot,
    workspace_path: Path,
    drawer: Drawer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def call(*words: str) -> tuple[int, Any, str]:
        status = main(["-w", str(workspace_path), "--json", "mail", *words])
        told = capsys.readouterr()
        return status, json.loads(told.out) if told.out else None, told.err

    where = ["--host", "localhost", "--port", str(server.ports["plain"]), "--security", "plain"]
    status, _, said = call("add", *where, "--user", USER)
    assert status == 1
    assert "Run this in a terminal, or set CLOSEKNIT_MAIL_PASSWORD" in said
    monkeypatch.setenv("CLOSEKNIT_MAIL_PASSWORD", PASSWORD)
    status, _, said = call("add", *where, "--user", USER, "--folder", "Missing")
    assert (status, "no folder “Missing”. It has" in said) == (1, True)
    status, told, _ = call(
        "add", *where, "--user", USER, "--name", "Office", "--folder", "INBOX", "--folder",
        "Projects",
    )  # fmt: skip
    assert (status, told["folders"]) == (0, ["INBOX", "Projects"])
    assert list(drawer.kept.values()) == [PASSWORD]
    monkeypatch.delenv("CLOSEKNIT_MAIL_PASSWORD")
    status, told, _ = call("poll")
    (account,) = told
    assert (status, account["name"], account["error"]) == (0, "Office", None)
    assert {f["folder"]: f["created"] for f in account["folders"]} == {"INBOX": 2, "Projects": 1}
    status, told, _ = call("list")
    assert (told[0]["name"], told[0]["error"], told[0]["paused"]) == ("Office", None, False)
    assert PASSWORD not in json.dumps(told, ensure_ascii=False)
    assert call("poll", "Office")[1][0]["folders"] == []
    assert call("remove", "Office")[0] == 0
    assert (call("list")[1], drawer.kept) == ([], {})
    assert call("remove", "Office")[0] == 1


def test_a_wrong_password_ends_with_a_sentence(
    server: Dovecot,
    workspace_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CLOSEKNIT_MAIL_PASSWORD", "not-this-one")
    port = str(server.ports["plain"])
    words = ["--host", "localhost", "--port", port, "--security", "plain", "--user", USER]
    assert main(["-w", str(workspace_path), "mail", "add", *words]) == 1
    said = capsys.readouterr().err
    assert "does not accept the user name and password" in said
    assert "not-this-one" not in said
