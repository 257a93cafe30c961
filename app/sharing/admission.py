"""Whether this computer may open a file for writing, told before anything of it is opened so."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from app.sharing.passes import Permission, may_write_here
from app.sharing.verdict import Mode, Verdict
from app.sqlite_file import copy_contents, has_wal, in_use, uri_of

_NO_TABLE: Final = "no such table"
_UNREADABLE: Final = Permission(
    allowed=False,
    why="It cannot be read which computer works with this workspace now.",
    remedy="Open it on the computer that was last used for it, or try again in a moment.",
)


def admission(path: Path, verdict: Verdict, machine: str | None = None) -> Permission:
    """Say whether a computer may open this file for writing; reads, and never changes a byte.

    Where locks do not reach, a connection that may write would take the journal of a change that
    another computer is just making for one left by a crash, and undo the change below it.
    """
    if not path.is_file() or path.stat().st_size == 0:
        return _without_home(verdict)
    if has_wal(path) and verdict.mode is Mode.LOCAL:  # nobody shares it, or it were not so
        return _without_home(verdict)
    # A write-ahead log needs memory shared with others, which a network cannot give.
    has_log = has_wal(path) and Path(f"{path}-wal").exists()
    for looking in (_look_at_copy,) if has_log else (_look, _look_at_copy):
        try:
            with looking(path) as session:
                return may_write_here(session, verdict, machine)
        except DBAPIError as error:
            if _NO_TABLE in str(error.orig):  # made before there was sharing, or not yet filled
                return _without_home(verdict)
        except OSError:
            break
    return _UNREADABLE


def _without_home(verdict: Verdict) -> Permission:
    if verdict.mode in {Mode.READ_ONLY, Mode.REFUSED}:
        return Permission(allowed=False, why=verdict.why, remedy=verdict.remedy)
    return Permission(allowed=True)


@contextmanager
def _look(path: Path) -> Iterator[Session]:
    with _session(path, "ro&immutable=1" if has_wal(path) else "ro") as session:
        yield session


@contextmanager
def _look_at_copy(path: Path) -> Iterator[Session]:
    """Look into a copy: there, what a crash has left half done may be undone."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="closeknit-") as folder:
        copy = Path(folder) / "copy"
        for ending in ("", "-journal", "-wal"):
            if Path(f"{path}{ending}").exists():
                copy_contents(Path(f"{path}{ending}"), Path(f"{copy}{ending}"))
        with _session(copy, "rw") as session:
            yield session


@contextmanager
def _session(path: Path, mode: str) -> Iterator[Session]:
    import pysqlite3.dbapi2 as sqlite

    def connect() -> sqlite.Connection:
        return sqlite.connect(uri_of(path, mode), uri=True, timeout=2)

    engine = create_engine("sqlite://", module=sqlite, creator=connect, poolclass=NullPool)
    session = Session(engine)
    with in_use(path):
        try:
            yield session
        finally:
            with contextlib.suppress(DBAPIError):
                session.close()
            engine.dispose()
