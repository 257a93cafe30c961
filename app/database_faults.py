"""Turns what a database driver says into sentences that say what to do."""

import re
from typing import TYPE_CHECKING

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.errors import EnvironmentFault, FaultKind, UserError

if TYPE_CHECKING:
    from app.database import Database

# Part of the driver's message (a pattern, in small letters) → what happened, what to do, its kind.
_Faults = tuple[tuple[str, str, str, FaultKind], ...]
_FULL = (
    "The disk that holds {place} is full; nothing was saved and nothing was lost.",
    "Free some space and try again.",
    FaultKind.FULL,
)
_BUSY = (
    "{place} has been busy for more than ten seconds.",
    "Another program is holding it; close that program or try again.",
    FaultKind.BUSY,
)
# Said by the trigger of app.sharing.moved_mark.
MOVED = "closeknit: this workspace was moved"
_MOVED = (
    "{place} was moved to another place; this change was not saved.",
    "Close it and open it again: it says where it went.",
    FaultKind.OUTDATED,
)
_STOPPED = ("Reading {place} was stopped.", "Try again.", FaultKind.STOPPED)
_SQLITE: _Faults = (
    (MOVED, *_MOVED),
    ("database or disk is full", *_FULL),
    (
        "attempt to write a readonly database",
        "{place} cannot be written to.",
        "Check the permissions of the file and of its folder, or open a copy of it.",
        FaultKind.FORBIDDEN,
    ),
    (
        "file is not a database",
        "{place} is not a Closeknit workspace.",
        "Choose a .closeknit file, or import the file instead of opening it.",
        FaultKind.DAMAGED,
    ),
    (
        "malformed",
        "{place} is damaged; Closeknit has stopped writing to it.",
        "Keep the file and its -wal file as they are and restore the newest backup.",
        FaultKind.DAMAGED,
    ),
    (
        "unable to open database",
        "{place} cannot be opened.",
        "Check that its folder exists and that you may write there.",
        FaultKind.GONE,
    ),
    (
        "disk i/o error",
        "Reading or writing {place} failed.",
        "Check the drive or the network connection; the last change was not saved.",
        FaultKind.GONE,
    ),
    ("database is locked", *_BUSY),
    ("table is locked", *_BUSY),
    (
        "no such table",
        "{place} has lost parts of its data or was deleted while it was open.",
        "Restore the newest backup or open another workspace.",
        FaultKind.DAMAGED,
    ),
    ("interrupted", *_STOPPED),
)
_NO_ANSWER = (
    "The database server of {place} does not answer.",
    "Check that it is running and that the network is up.",
    FaultKind.GONE,
)
_NOT_READY = (
    "The database server of {place} is starting or stopping.",
    "Try again in a moment.",
    FaultKind.GONE,
)
_LOST = (
    "The connection to the database server of {place} was lost.",
    "Check the network, look whether your last change is there, and repeat it if it is not.",
    FaultKind.LOST,
)
_NOT_STORED = "Check the network and try again; nothing more was saved."
_POSTGRESQL: _Faults = (
    (MOVED, *_MOVED),
    (
        "does not support ssl",
        (
            "The database server of {place} offers no encryption (TLS); Closeknit did not connect, "
            "because passwords and customer data would cross the network readable."
        ),
        "Ask its administrator to turn it on (ssl = on in postgresql.conf).",
        FaultKind.FORBIDDEN,
    ),
    (
        "certificate|does not match host name",
        "The database server of {place} could not prove that it is the right one (TLS).",
        "Check the server's name and the certificate file (sslrootcert) in the address.",
        FaultKind.FORBIDDEN,
    ),
    (
        "password authentication failed",
        "The database server does not accept the user name and password for {place}.",
        "Check both in the address: postgresql://user:password@server:5432/database.",
        FaultKind.FORBIDDEN,
    ),
    (
        "no password supplied",
        "The database server wants a password for {place}.",
        "Give it in the address: postgresql://user:password@server:5432/database.",
        FaultKind.FORBIDDEN,
    ),
    (
        "pg_hba.conf",
        "The database server does not let this computer open {place}.",
        "Ask its administrator to allow it (pg_hba.conf).",
        FaultKind.FORBIDDEN,
    ),
    (
        "permission denied",
        "The database server does not let you work in {place}.",
        "Ask its administrator for the rights to read and write.",
        FaultKind.FORBIDDEN,
    ),
    (
        "too many clients|connection slots|too many connections",
        "The database server of {place} has no connection left.",
        "Try again in a moment, or ask its administrator for more (max_connections).",
        FaultKind.BUSY,
    ),
    (
        r"(?:relation|schema) .*does not exist",
        "{place} is closed to your login now, or has lost parts of its data.",
        "Ask its owner for your rights, or for the newest backup.",
        FaultKind.FORBIDDEN,
    ),
    ("the database system is", *_NOT_READY),
    ("terminating connection", *_LOST),
    ("closed the connection", *_LOST),
    ("connection is closed", *_LOST),
    ("consuming input failed", *_LOST),
    ("connection is lost", *_LOST),
    (
        r"fatal: +(?:database|role) .*does not exist",
        "There is no {place}, or no such user, on the database server.",
        "Check the address, or have the database made first.",
        FaultKind.OTHER,
    ),
    ("connection refused", *_NO_ANSWER),
    ("timeout expired", *_NO_ANSWER),
    ("connection failed", *_NO_ANSWER),
    ("failed to resolve host", *_NO_ANSWER),
    ("could not translate host", *_NO_ANSWER),
    ("lock timeout", *_BUSY),
    ("no space left", *_FULL),
    ("user request", *_STOPPED),
    ("connection to server .*failed", *_NO_ANSWER),  # last: what is known better stands above
)
_IN_USE = (
    "Something else still uses this, so it cannot be removed. "
    "Archive it instead, or remove what uses it first."
)
_ALREADY = "There is one like this already. Use that one, or give this one another name."


def is_busy(error: BaseException) -> bool:
    """Say whether SQLite only asks to wait."""
    message = str(error).lower()
    return "locked" in message or "busy" in message


def place_of(url: URL) -> str:
    """Return how a workspace is named in a sentence: never with its password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return f"{url.database or 'the database'} ({url.host or 'localhost'})"


def sentence_of(error: BaseException, url: URL) -> EnvironmentFault | None:
    """Return the fault behind a driver's message, or None where none is known."""
    message = str(error).lower()
    faults = _SQLITE if url.get_backend_name() == "sqlite" else _POSTGRESQL
    for part, happened, remedy, kind in faults:
        if re.search(part, message):
            return EnvironmentFault(happened, remedy=remedy, kind=kind, place=place_of(url))
    return None


def fault_of(error: DBAPIError, database: "Database", *, doubtful: bool = False) -> BaseException:
    """Return the error to raise instead of a driver's error; the error itself where it is ours.

    `doubtful`: it happened in a COMMIT that may have been stored.
    """
    if isinstance(error, IntegrityError) and MOVED not in str(error.orig):
        message = str(error.orig).lower()
        if "foreign key" in message:
            return UserError(_IN_USE)
        return UserError(_ALREADY) if "unique" in message else error
    fault = sentence_of(error.orig or error, database.url)
    if fault is None and error.connection_invalidated:
        happened, remedy, kind = _LOST
        fault = EnvironmentFault(happened, remedy=remedy, kind=kind, place=place_of(database.url))
    if fault is not None and fault.kind is FaultKind.LOST and not doubtful:
        fault.remedy_template = _NOT_STORED
    return fault or error


def fault_of_copy(fault: BaseException) -> BaseException:
    """Return the fault of a copy that is read meanwhile: it says nothing of the workspace."""
    if not isinstance(fault, EnvironmentFault) or fault.kind is FaultKind.STOPPED:
        return fault
    return EnvironmentFault(
        "The copy of {place} on this computer cannot be read.",
        remedy="The workspace can be read again when its place is back.",
        place=fault.values.get("place", ""),
    )
