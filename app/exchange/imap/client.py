"""A connection to a mailbox that can only look: EXAMINE and BODY.PEEK[], nothing else (RFC 3501).

Every wait has an end, and whatever goes wrong comes out as a fault with a sentence.
"""

import imaplib
import logging
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final, Self

from app.errors import CloseknitError
from app.exchange.imap import faults
from app.exchange.imap.access import Access
from models.values import MailSecurity

if TYPE_CHECKING:
    from imapclient import IMAPClient

CONNECT_SECONDS: Final = 15.0
READ_SECONDS: Final = 45.0  # a server that searches a large folder may be silent for a while
_NOT_NOW: Final = ("[UNAVAILABLE]", "[LIMIT]", "[INUSE]", "[SERVERBUG]")
_PRIVACY: Final = "[PRIVACYREQUIRED]"
_NO_MAILS: Final = frozenset({"\\noselect", "\\nonexistent"})

# The library logs all that is said, and so what stands in people's mails.
logging.getLogger("imapclient").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class ServerFolder:
    """A folder as the server lists it; `wanted`: it is one to begin with (RFC 6154's roles)."""

    name: str
    holds_mail: bool
    wanted: bool


@dataclass(frozen=True, slots=True)
class FolderState:
    """How far a folder has grown: UIDs are below `next_uid`; another `validity` numbers anew."""

    validity: int
    next_uid: int


@dataclass(frozen=True, slots=True)
class Outline:
    """What a server says of a message before it is fetched; `size` in bytes."""

    size: int
    at: datetime | None


class Stop:
    """Ends the reading of a mailbox, from any thread and in the middle of a wait."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._box: Mailbox | None = None

    def set(self) -> None:
        """End it now."""
        self._event.set()
        box = self._box
        if box is not None:
            box.hang_up()

    def is_set(self) -> bool:
        """Say whether it shall end."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait, at most until it shall end; return whether it shall."""
        return self._event.wait(seconds)

    @contextmanager
    def line(self, access: Access) -> Iterator["Mailbox"]:
        """Give a connection that `set` ends."""
        with Mailbox.open(access) as box:
            self._box = box
            try:
                if self.is_set():  # while it was being made
                    box.hang_up()
                yield box
            finally:
                self._box = None


class Mailbox:
    """A mailbox that we are logged in to; use it in a `with`."""

    def __init__(self, access: Access, client: "IMAPClient") -> None:
        self.access = access
        self._client = client

    @classmethod
    def open(
        cls,
        access: Access,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> Self:
        """Connect and log in; UserError or EnvironmentFault say why that fails."""
        client = _connected(access, connect_seconds, read_seconds)
        try:
            _log_in(access, client)
        except BaseException:
            _close(client)
            raise
        return cls(access, client)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Say goodbye where somebody listens, and hang up."""
        with suppress(Exception):  # the connection may be gone already
            self._client.logout()
        _close(self._client)

    def hang_up(self) -> None:
        """End the connection from another thread: what waits for it fails at once."""
        _close(self._client)

    def folders(self) -> list[ServerFolder]:
        """Return the folders, as the server sorts them."""
        with self._asking():
            listed = self._client.list_folders()
        found = []
        for flags, _, name in listed:
            roles = {flag.decode("ascii", "replace").lower() for flag in flags}
            holds = roles.isdisjoint(_NO_MAILS)
            is_first = str(name).upper() == "INBOX"
            found.append(ServerFolder(str(name), holds, is_first or "\\sent" in roles))
        return found

    def status(self, folder: str) -> FolderState:
        """Say how far a folder has grown, without opening it."""
        with self._asking(folder):
            told = self._client.folder_status(folder, ["UIDVALIDITY", "UIDNEXT"])
        return FolderState(int(told[b"UIDVALIDITY"]), int(told[b"UIDNEXT"]))

    def examine(self, folder: str) -> FolderState:
        """Open a folder for reading only; `next_uid` is 0 where a server does not tell it."""
        with self._asking(folder):
            told = self._client.select_folder(folder, readonly=True)
        return FolderState(int(told.get(b"UIDVALIDITY", 0)), int(told.get(b"UIDNEXT", 0)))

    def uids(self, first: int, last: int, since: date | None) -> list[int]:
        """Return the messages of a stretch of UIDs, in their order; `since` by day of arrival."""
        criteria: list[Any] = ["UID", f"{first}:{last}"]
        if since is not None:
            criteria += ["SINCE", since]
        with self._asking():
            found = self._client.search(criteria)
        # A stretch with nothing in it is answered with the last message by some servers.
        return sorted(uid for uid in set(found) if first <= uid <= last)

    def outlines(self, uids: Sequence[int]) -> dict[int, Outline]:
        """Return size and moment of arrival of messages; those deleted meanwhile are left out."""
        with self._asking():
            told = self._client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
        return {
            uid: Outline(int(items.get(b"RFC822.SIZE", 0)), _aware(items.get(b"INTERNALDATE")))
            for uid, items in told.items()
        }

    def bodies(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Return whole messages, without marking them as read."""
        return self._sections(uids, "BODY.PEEK[]", b"BODY[]")

    def header(self, uid: int) -> bytes | None:
        """Return the header of a message alone."""
        return self._sections([uid], "BODY.PEEK[HEADER]", b"BODY[HEADER]").get(uid)

    def piece(self, uid: int, start: int, count: int) -> bytes | None:
        """Return a part of a message, empty beyond its end, None where it is not there any more."""
        key = f"BODY[]<{start}>".encode()
        return self._sections([uid], f"BODY.PEEK[]<{start}.{count}>", key).get(uid)

    def _sections(self, uids: Sequence[int], item: str, key: bytes) -> dict[int, bytes]:
        with self._asking():
            told = self._client.fetch(uids, [item])
        return {uid: bytes(items[key] or b"") for uid, items in told.items() if key in items}

    @contextmanager
    def _asking(self, folder: str | None = None) -> Iterator[None]:
        """Turn what goes wrong with a request into a fault."""
        try:
            yield
        except (imaplib.IMAP4.abort, OSError) as error:
            raise faults.lost(self.access, error) from error
        except imaplib.IMAP4.error as error:
            if _is_nonsense(error):
                raise faults.lost(self.access, error) from error
            if folder is not None:
                raise faults.folder_gone(self.access, folder) from error
            raise faults.refused(self.access, _said(error)) from error
        except (ValueError, KeyError, IndexError, TypeError, MemoryError) as error:
            # An answer that is none: a broken server, or something in between.
            raise faults.lost(self.access, error) from error


def _connected(access: Access, connect_seconds: float, read_seconds: float) -> "IMAPClient":
    from imapclient import IMAPClient, SocketTimeout

    context = ssl.create_default_context()
    try:
        client = IMAPClient(
            access.host,
            access.port,
            ssl=access.security is MailSecurity.TLS,
            ssl_context=context if access.security is MailSecurity.TLS else None,
            timeout=SocketTimeout(connect_seconds, read_seconds),
        )
    except (OSError, imaplib.IMAP4.error, UnicodeError) as error:
        raise faults.not_connected(access, error) from error
    client.normalise_times = False
    if access.security is MailSecurity.STARTTLS:
        try:
            _change_to_tls(access, client, context)
        except BaseException:
            _close(client)
            raise
    return client


def _change_to_tls(access: Access, client: "IMAPClient", context: ssl.SSLContext) -> None:
    try:
        if not client.has_capability("STARTTLS"):
            raise faults.no_starttls(access)
        client.starttls(context)
    except (OSError, imaplib.IMAP4.abort) as error:
        raise faults.not_connected(access, error) from error
    except imaplib.IMAP4.error as error:
        raise faults.no_starttls(access) from error


def _log_in(access: Access, client: "IMAPClient") -> None:
    try:
        if client.has_capability("LOGINDISABLED"):
            raise faults.wants_encryption(access)
        # LOGIN sends no letters beyond ASCII; PLAIN does (RFC 4616).
        plain = (access.user_name + access.password).isascii()
        if client.has_capability("AUTH=PLAIN") and not plain:
            client.plain_login(access.user_name, access.password)
        else:
            client.login(access.user_name, access.password)
    except (imaplib.IMAP4.abort, OSError) as error:
        raise faults.lost(access, error) from error
    except imaplib.IMAP4.error as error:
        # The library makes a refused login of a line that broke, too.
        if isinstance(error.__context__, imaplib.IMAP4.abort):
            raise faults.lost(access, error) from error
        raise _not_let_in(access, _said(error)) from None  # the library's text may quote us
    except UnicodeError as error:
        raise faults.wrong_login(access) from error


def _not_let_in(access: Access, said: str) -> CloseknitError:
    if _PRIVACY in said.upper():
        return faults.wants_encryption(access)
    if any(word in said.upper() for word in _NOT_NOW):
        return faults.not_now(access, said)
    return faults.wrong_login(access)


def _close(client: "IMAPClient") -> None:
    with suppress(Exception):  # it is closed already
        client.shutdown()


def _is_nonsense(error: Exception) -> bool:
    from imapclient.exceptions import ProtocolError

    return isinstance(error, ProtocolError)


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def _aware(moment: Any) -> datetime | None:
    if not isinstance(moment, datetime):
        return None
    return moment.astimezone(UTC) if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
