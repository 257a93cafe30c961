"""What goes wrong with a mail server, in sentences that say what to do.

Codes of certificate checks: OpenSSL's X509_V_ERR_… (openssl-verification-options(1)).
"""

import socket
import ssl
from typing import Final

from app.errors import CloseknitError, EnvironmentFault, FaultKind, UserError
from app.exchange.imap.access import Access
from models.values import MailSecurity

_EXPIRED: Final = 10
_NOT_YET: Final = 9
_UNKNOWN: Final = frozenset({18, 19, 20, 21})  # self-signed, or by somebody we do not know
_OTHER_NAME: Final = frozenset({62, 64})  # made for another host name or address


class ConnectionLostFault(EnvironmentFault):
    """The connection broke, or the server fell silent: worth another try."""


class FolderGoneFault(EnvironmentFault):
    """A folder that was chosen is not on the server any more."""


class RefusedFault(EnvironmentFault):
    """The server understood, and said no."""


def lost(access: Access, error: Exception) -> ConnectionLostFault:
    """Return the fault for a connection that broke in the middle."""
    if isinstance(error, TimeoutError):
        return ConnectionLostFault(
            "The mail server {host} does not answer any more.",
            remedy="It is tried again by itself; what has come is kept.",
            kind=FaultKind.GONE,
            host=access.host,
        )
    return ConnectionLostFault(
        "The connection to the mail server {host} broke.",
        remedy="It is tried again by itself; what has come is kept.",
        kind=FaultKind.GONE,
        host=access.host,
    )


def not_connected(access: Access, error: Exception) -> CloseknitError:
    """Return why no connection to a server came about."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return certificate(access, error)
    if isinstance(error, ssl.SSLError):
        return _no_tls(access)
    if isinstance(error, socket.gaierror | UnicodeError):
        return UserError(
            "There is no mail server called {host}, or this computer is offline. "
            "Check the name and the network.",
            field="host",
            host=access.host,
        )
    if isinstance(error, ConnectionRefusedError):
        return EnvironmentFault(
            "{host} takes no connections at port {port}.",
            remedy="Check the port: 993 is usual for TLS, 143 for STARTTLS and without encryption.",
            kind=FaultKind.GONE,
            host=access.host,
            port=access.port,
        )
    if isinstance(error, TimeoutError):
        return ConnectionLostFault(
            "The mail server {host} does not answer at port {port}.",
            remedy="Check name, port and network; with the wrong kind of encryption a server may "
            "wait in silence, too.",
            kind=FaultKind.GONE,
            host=access.host,
            port=access.port,
        )
    return ConnectionLostFault(
        "There is no connection to the mail server {host} at port {port}: {reason}.",
        remedy="Check the network, the port and the kind of encryption.",
        kind=FaultKind.GONE,
        host=access.host,
        port=access.port,
        reason=getattr(error, "strerror", None) or "it ended at once",
    )


def _no_tls(access: Access) -> EnvironmentFault:
    if access.security is MailSecurity.TLS:
        remedy = "Choose STARTTLS (usually port 143), or the port for TLS (usually 993)."
    else:
        remedy = "Choose TLS (usually port 993)."
    return EnvironmentFault(
        "{host} does not speak TLS at port {port}, or only a version that is not safe any more.",
        remedy=remedy,
        host=access.host,
        port=access.port,
    )


def certificate(access: Access, error: ssl.SSLCertVerificationError) -> EnvironmentFault:
    """Return what is wrong with a server's certificate, and that nothing was sent to it."""
    code = error.verify_code
    if code in _UNKNOWN:
        happened = (
            "The certificate of {host} is signed by nobody this computer knows; the password was "
            "not sent."
        )
        remedy = (
            "If this is your own server, add its certificate authority to those this computer "
            "trusts. Otherwise somebody may stand between: ask your provider."
        )
    elif code in _OTHER_NAME:
        happened = "The certificate of {host} is made for another name; the password was not sent."
        remedy = "Write the server's name as your provider gives it, not an alias or an address."
    elif code == _EXPIRED:
        happened = "The certificate of {host} has expired; the password was not sent."
        remedy = "Check this computer's clock; if it is right, ask your provider to renew it."
    elif code == _NOT_YET:
        happened = "The certificate of {host} is not valid yet; the password was not sent."
        remedy = "Check this computer's clock."
    else:
        happened = "The certificate of {host} does not hold: {reason}; the password was not sent."
        remedy = "Ask your provider."
    return EnvironmentFault(
        happened,
        remedy=remedy,
        kind=FaultKind.FORBIDDEN,
        host=access.host,
        reason=error.verify_message,
    )


def wrong_login(access: Access) -> UserError:
    """Return that the server does not let us in, with what usually stands behind it."""
    return UserError(
        "{host} does not accept the user name and password of {user}. Check both; providers with "
        "two-step sign-in (Gmail, iCloud, Yahoo …) want an app password made in their settings.",
        field="password",
        host=access.host,
        user=access.user_name,
    )


def not_now(access: Access, said: str) -> EnvironmentFault:
    """Return that the server lets nobody in for now (RFC 5530: UNAVAILABLE, LIMIT, INUSE)."""
    return ConnectionLostFault(
        "{host} lets nobody in at the moment: {said}",
        remedy="It is tried again by itself.",
        kind=FaultKind.BUSY,
        host=access.host,
        said=said,
    )


def wants_encryption(access: Access) -> EnvironmentFault:
    """Return that a server takes no password in the clear."""
    return EnvironmentFault(
        "{host} takes no password without encryption.",
        remedy="Choose TLS (usually port 993) or STARTTLS.",
        kind=FaultKind.FORBIDDEN,
        host=access.host,
    )


def no_starttls(access: Access) -> EnvironmentFault:
    """Return that a server cannot change to TLS."""
    return EnvironmentFault(
        "{host} offers no STARTTLS at port {port}; the password was not sent.",
        remedy="Choose TLS (usually port 993).",
        kind=FaultKind.FORBIDDEN,
        host=access.host,
        port=access.port,
    )


def refused(access: Access, said: str) -> RefusedFault:
    """Return a server's no to a single request."""
    return RefusedFault("{host} refuses: {said}", host=access.host, said=said)


def folder_gone(access: Access, folder: str) -> FolderGoneFault:
    """Return that a folder cannot be opened."""
    return FolderGoneFault(
        "{host} has no folder “{folder}” any more, or does not let it be read.",
        remedy="It may have been renamed or deleted: choose the folders of this account anew.",
        kind=FaultKind.GONE,
        host=access.host,
        folder=folder,
    )
