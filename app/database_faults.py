"""Turns what a database driver says into sentences that say what to do."""

from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, IntegrityError

from app.errors import CloseknitError, EnvironmentFault, UserError

if TYPE_CHECKING:
    from app.database import Database

# Part of the driver's message → what happened, what to do.
_FAULTS: tuple[tuple[str, str, str], ...] = (
    (
        "database or disk is full",
        "The disk that holds {place} is full; nothing was saved and nothing was lost.",
        "Free some space and try again.",
    ),
    (
        "attempt to write a readonly database",
        "{place} cannot be written to.",
        "Check the permissions of the file and of its folder, or open a copy of it.",
    ),
    (
        "file is not a database",
        "{place} is not a Closeknit workspace.",
        "Choose a .closeknit file, or import the file instead of opening it.",
    ),
    (
        "malformed",
        "{place} is damaged; Closeknit has stopped writing to it.",
        "Keep the file and its -wal file as they are and restore the newest backup.",
    ),
    (
        "unable to open database",
        "{place} cannot be opened.",
        "Check that its folder exists and that you may write there.",
    ),
    (
        "disk i/o error",
        "Reading or writing {place} failed.",
        "Check the drive or the network connection; the last change was not saved.",
    ),
    (
        "locked",
        "{place} has been busy for more than ten seconds.",
        "Another program is holding it; close that program or try again.",
    ),
    (
        "no such table",
        "{place} has lost parts of its data or was deleted while it was open.",
        "Restore the newest backup or open another workspace.",
    ),
    (
        "connection refused",
        "The database server of {place} does not answer.",
        "Check that it is running and that the network is up.",
    ),
    (
        "interrupted",
        "Reading {place} was stopped.",
        "Try again.",
    ),
)


def is_busy(error: BaseException) -> bool:
    """Say whether SQLite only asks to wait."""
    message = str(error).lower()
    return "locked" in message or "busy" in message


def sentence_of(error: BaseException, place: str) -> EnvironmentFault | None:
    """Return the fault behind a driver's message, or None where none is known."""
    message = str(error).lower()
    for part, happened, remedy in _FAULTS:
        if part in message:
            return EnvironmentFault(happened, remedy=remedy, place=place)
    return None


def fault_of(error: DBAPIError, database: "Database") -> BaseException:
    """Return the error to raise instead of a driver's error; the error itself where it is ours."""
    place = database.url.database or database.url.render_as_string()
    if isinstance(error, IntegrityError):
        if "foreign key" in str(error.orig).lower():
            return UserError(
                "Something else still uses this, so it cannot be removed. "
                "Archive it instead, or remove what uses it first."
            )
        return error
    fault: CloseknitError | None = sentence_of(error.orig or error, place)
    return fault or error
