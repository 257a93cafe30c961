"""Finds the password for a server: address, libpq's own places, keyring, and at last the person.

Never written down by us but in the computer's keyring, and there only when the person says so.
"""

import contextlib
import getpass
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL

from app.database_faults import place_of, sentence_of
from app.engines import POSTGRESQL_CONNECT_SECONDS
from app.errors import EnvironmentFault, FaultKind
from app.settings import Settings
from app.sharing.pointer_file import is_pointer, read_pointer
from app.sharing.server_address import account_of, server_key, server_url

log = logging.getLogger(__name__)

SERVICE = "closeknit"
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Login:
    """What a person gives: their name on the server, the password, and whether to keep it."""

    user: str
    password: str
    keep: bool = False


# Called with the address and whether an earlier answer was wrong; None: the person gives up.
AskLogin = Callable[[URL, bool], Login | None]


class LoginNeeded(EnvironmentFault):
    """The server wants a password that nobody has given; a window asks and opens again."""

    def __init__(self, url: URL, *, wrong: bool) -> None:
        happened = (
            "The database server does not accept the user name and password for {place}."
            if wrong
            else "The database server wants a password for {place}."
        )
        super().__init__(
            happened,
            remedy="Open it in a window or a terminal to be asked, or keep the password "
            "in the file .pgpass.",
            kind=FaultKind.FORBIDDEN,
            place=place_of(url),
        )
        self.url = url
        self.wrong = wrong


@dataclass(slots=True)
class _Asker:
    """How this program asks a person: a window's dialog, a terminal, or not at all."""

    ask: AskLogin | None = None


_asker = _Asker()


def ask_with(ask: AskLogin | None) -> None:
    """Say how this program asks for a login from now on."""
    _asker.ask = ask


def login_url(location: str) -> URL:
    """Return the URL for a server's address or a pointer file, with a login that gets in."""
    if is_pointer(location):
        location = read_pointer(Path(location).expanduser()).location()
    return with_login(server_url(location))


def with_login(url: URL, ask: AskLogin | None = None) -> URL:
    """Return the URL with a user and password that the server accepts, as far as it wants any.

    Raises LoginNeeded where there is nobody to ask, or who was asked gives up.
    """
    ask = ask or _asker.ask
    if url.password:
        return url
    url = url.set(username=url.username or _known_user(url))
    refusal = None
    if url.username is not None or ask is None:
        refusal = _refusal(url)  # through libpq's own places: .pgpass, PGPASSWORD, certificates
        if refusal is None:
            return url
        kept = kept_password(url)
        if kept is not None and _refusal(with_kept := url.set(password=kept)) is None:
            return with_kept
    if ask is None:
        raise LoginNeeded(url, wrong=refusal == "wrong")
    return _asked(url, ask)


def _asked(url: URL, ask: AskLogin) -> URL:
    wrong = False
    for _ in range(_ATTEMPTS):
        login = ask(url, wrong)
        if login is None:
            break
        tried = url.set(username=login.user, password=login.password or None)
        if _refusal(tried) is None:
            _remember_user(tried)
            if login.keep and login.password:
                keep_password(tried, login.password)
            return tried
        url, wrong = url.set(username=login.user), True
    raise LoginNeeded(url, wrong=wrong)


def _refusal(url: URL) -> str | None:
    """Say why the server does not let this login in: it "needs" a password or it is "wrong"."""
    import psycopg

    _, arguments = url.get_dialect()().create_connect_args(url)
    arguments.setdefault("connect_timeout", POSTGRESQL_CONNECT_SECONDS)
    try:
        psycopg.connect(**arguments).close()
    except psycopg.OperationalError as error:
        attempt: Any = error.pgconn
        if attempt is not None and attempt.needs_password:
            return "needs"
        if attempt is not None and attempt.used_password and _is_wrong(error):
            return "wrong"
        fault = sentence_of(error, url)
        if fault is not None:
            raise fault from error
        # What nobody has a sentence for is met again, and told, when the workspace connects.
    return None


def _is_wrong(error: Exception) -> bool:
    # A failed attempt has no SQLSTATE, and the server speaks its own language: so this asks what
    # else is known to fail after a password was sent.
    message = str(error).lower()
    others = ("does not exist", "the database system is", "too many", "pg_hba.conf")
    return not any(words in message for words in others)


def kept_password(url: URL) -> str | None:
    """Return the password that the keyring has for this login; None without keyring."""
    try:
        import keyring

        found: str | None = keyring.get_password(SERVICE, account_of(url))
    except Exception as error:  # noqa: BLE001  each backend fails in its own way; then we ask
        log.info("No password from the keyring: %s", type(error).__name__)
        return None
    return found


def keep_password(url: URL, password: str) -> bool:
    """Put a password into the keyring; return whether there is one that took it."""
    try:
        import keyring

        keyring.set_password(SERVICE, account_of(url), password)
    except Exception as error:  # noqa: BLE001  the person is asked again next time
        log.info("The keyring did not take the password: %s", type(error).__name__)
        return False
    return True


def can_keep_passwords() -> bool:
    """Say whether this computer has a keyring that takes passwords."""
    try:
        import keyring

        return float(keyring.get_keyring().priority) > 0
    except Exception:  # noqa: BLE001  each backend fails in its own way; then there is none
        return False


def forget_password(url: URL) -> None:
    """Take a password out of the keyring."""
    with contextlib.suppress(Exception):
        import keyring

        keyring.delete_password(SERVICE, account_of(url))


def ask_on_terminal(url: URL, wrong: bool) -> Login | None:
    """Ask on the terminal; None where nobody sits before it."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    try:
        if wrong:
            print("The server does not accept that; try again.", file=sys.stderr)  # noqa: T201
        user = url.username
        if user is None or wrong:
            usual = user or getpass.getuser()
            print(f"User name for {place_of(url)} [{usual}]: ", end="", file=sys.stderr)  # noqa: T201
            user = input().strip() or usual
        return Login(user, getpass.getpass(f"Password of {user} for {place_of(url)}: "))
    except (EOFError, KeyboardInterrupt):
        return None


def _known_user(url: URL) -> str | None:
    """Return whom this computer logged in as last; a pointer file names nobody."""
    if "PGUSER" in os.environ:
        return os.environ["PGUSER"]
    users = Settings.load().other.get("server_users")
    found = users.get(server_key(url)) if isinstance(users, dict) else None
    return found if isinstance(found, str) else None


def _remember_user(url: URL) -> None:
    settings = Settings.load()
    users = settings.other.get("server_users")
    known = dict(users) if isinstance(users, dict) else {}
    if known.get(server_key(url)) != url.username:
        settings.other["server_users"] = known | {server_key(url): url.username}
        settings.save()
