"""What it takes to get into a mailbox, and where its password is kept: never in the workspace."""

import contextlib
import ipaddress
import logging
from dataclasses import dataclass, field
from typing import Final

from app.sharing.passwords import SERVICE
from models.values import MailSecurity

log = logging.getLogger(__name__)

PORTS: Final = {MailSecurity.TLS: 993, MailSecurity.STARTTLS: 143, MailSecurity.PLAIN: 143}


@dataclass(frozen=True, slots=True)
class Access:
    """A login on a mail server; the password shows in no text of it."""

    host: str
    port: int
    security: MailSecurity
    user_name: str
    password: str = field(default="", repr=False)

    @property
    def key(self) -> str:
        """The name under which the keyring holds the password."""
        return f"imap://{self.user_name}@{self.host}:{self.port}"

    @property
    def is_exposed(self) -> bool:
        """Whether password and mails cross a network in the clear."""
        return self.security is MailSecurity.PLAIN and not is_this_computer(self.host)


def is_this_computer(host: str) -> bool:
    """Say whether a server's name means this computer, so that nothing crosses a network."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def kept_password(access: Access) -> str | None:
    """Return the password that the keyring has for this login; None without one."""
    try:
        import keyring

        found: str | None = keyring.get_password(SERVICE, access.key)
    except Exception as error:  # noqa: BLE001  each backend fails in its own way; then there is none
        log.info("No password from the keyring: %s", type(error).__name__)
        return None
    return found


def keep_password(access: Access) -> bool:
    """Put the password into the keyring; return whether there is one that took it."""
    try:
        import keyring

        keyring.set_password(SERVICE, access.key, access.password)
    except Exception as error:  # noqa: BLE001  the person is told that it was not kept
        log.info("The keyring did not take the password: %s", type(error).__name__)
        return False
    return True


def forget_password(access: Access) -> None:
    """Take the password out of the keyring."""
    with contextlib.suppress(Exception):  # each backend fails in its own way; then it has none
        import keyring

        keyring.delete_password(SERVICE, access.key)
