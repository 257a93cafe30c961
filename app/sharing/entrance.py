"""The way into a workspace: what is to be opened, how, and connected so; no thread runs yet."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from app.changes import ChangeFeed
from app.database import Database
from app.database_faults import place_of, sentence_of
from app.errors import EnvironmentFault, FaultKind
from app.settings import without_password
from app.sharing.admission import admission
from app.sharing.modes import (
    Opening,
    as_passes_allow,
    as_server_allows,
    opening_of,
    settle_journal,
)
from app.sharing.moved_mark import moved_to
from app.sharing.prepare import prepare_schema
from app.sharing.verdict import Mode
from app.sqlite_file import being_written, check_path

T = TypeVar("T")
Maker = Callable[[str, Database, Opening], T]

_SERVER: Final = ("postgresql:", "postgres:", "postgresql+psycopg:")
_POINTER: Final = ".closeknit-server"
_TRIES: Final = 4
_AGAIN_SECONDS: Final = 0.5
_WHILE_WRITTEN: Final = {FaultKind.STOPPED, FaultKind.DAMAGED, FaultKind.FORBIDDEN}


def entered(
    location: str,
    make: Maker[T],
    *,
    create: bool = False,
    read_only: bool = False,
    mode: Mode | None = None,
    take_over: bool = False,
) -> T:
    """Return what `make` makes of the shown location, the connected store and how it is opened.

    Raises EnvironmentFault, with a remedy, for whatever cannot be opened; leaves it untouched.
    """
    url = url_of(location)
    path = Path(str(url.database)) if url.get_backend_name() == "sqlite" else None
    try:
        if path is not None:
            check_path(path, create=create and not read_only)
        opening = opening_of(path, read_only=read_only, forced=mode)
        if path is not None:
            opening = _settled(path, opening, take_over=take_over)
        shown = without_password(location)
        connect = partial(_connected, make, shown, url, opening, create=create)
        return _patiently(connect, url, opening)
    except Exception as error:
        raise _sentence(error, url) from error


def url_of(location: str) -> URL:
    """Return the URL of a path, an address or a pointer file."""
    if location.startswith(_SERVER) or location.endswith(_POINTER):
        from app.sharing.passwords import login_url  # most workspaces are files

        return login_url(location)
    if "://" in location:
        raise EnvironmentFault(
            "{place} is not a place Closeknit can open.",
            remedy="Give the path of a .closeknit file or a postgresql:// address.",
            place=location.partition("://")[0] + "://…",  # the rest may hold a password
        )
    path = Path(location).expanduser()
    return URL.create("sqlite", database=str(path.absolute()))


def _patiently(connect: Callable[[], T], url: URL, opening: Opening) -> T:
    """Connect, and again where another computer may just be writing, unhindered by our locks."""
    tries = _TRIES if opening.unlocked else 1
    while True:
        tries -= 1
        try:
            return connect()
        except (EnvironmentFault, DBAPIError) as error:
            fault = error if isinstance(error, EnvironmentFault) else sentence_of(error, url)
            if fault is None or not opening.unlocked or fault.kind not in _WHILE_WRITTEN:
                raise
            if tries == 0:
                raise being_written(Path(str(url.database))) from error
        time.sleep(_AGAIN_SECONDS)


def _connected(make: Maker[T], location: str, url: URL, opening: Opening, *, create: bool) -> T:
    """Connect; where only reading turns out to be allowed, connect for that."""
    database = Database(
        url,
        ChangeFeed(),
        shared=opening.shared,
        read_only=opening.read_only,
        unlocked=opening.unlocked,
    )
    try:
        if opening.mode is None and not opening.read_only:
            with database.engine.connect().execution_options(closeknit="read") as connection:
                opening = as_server_allows(connection, opening)
            database.read_only = opening.read_only
        prepare_schema(database, create=create)
        with database.reading() as session:
            moved = moved_to(session)
        if moved is None or opening.read_only:
            return make(location, database, opening)
    except BaseException:
        database.dispose()
        raise
    database.dispose()
    why = str(moved.fault(place_of(url)))
    return _connected(make, location, url, opening.reading_only(why), create=False)


def _settled(path: Path, opening: Opening, *, take_over: bool) -> Opening:
    """Return how a file is opened after all, with the journal for it."""
    # First: whoever may not write here must not change the journal either.
    allowed = opening if take_over else _permitted(path, opening)
    settled = settle_journal(path, allowed)
    if take_over or settled.mode is allowed.mode:
        return settled
    return _permitted(path, settled)  # a local file that turns out to be shared


def _permitted(path: Path, opening: Opening) -> Opening:
    """Look, without writing, whether another computer is the one that writes to a shared file."""
    if opening.read_only or not opening.shared or opening.verdict is None:
        return opening
    return as_passes_allow(admission(path, opening.verdict), opening)


def _sentence(error: Exception, url: URL) -> Exception:
    if not isinstance(error, EnvironmentFault):
        error = sentence_of(getattr(error, "orig", None) or error, url) or error
    if isinstance(error, EnvironmentFault) and error.kind is FaultKind.DAMAGED:
        from app.sharing.restoring import with_backup

        return with_backup(error, Path(str(url.database)))
    return error
