"""How a workspace is opened at its place: who may write, and which journal the file has.

A local file has a write-ahead log; a file that several computers open has the rollback journal.
A file changes from one to the other only while nobody else has it open.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, text

from app.database_faults import is_busy
from app.errors import EnvironmentFault, FaultKind
from app.schema import refuse_foreign, refuse_newer
from app.sharing.machine import this_machine
from app.sharing.passes import HOME, Permission
from app.sharing.placement import placement
from app.sharing.presence import STALE_AFTER
from app.sharing.verdict import Mode, Verdict
from app.sqlite_file import check_whole, has_wal, in_use, may_write, uri_of
from models.clock import now

VARIABLE: Final = "CLOSEKNIT_MODE"  # for tests and benchmarks: the mode, whatever the place
_SHARED_MODES: Final = frozenset({Mode.SHARED, Mode.ONE_COMPUTER})
_ALONE_SECONDS: Final = 2.0
_ON_REQUEST: Final = "It was opened for reading only."
_SERVER_READER: Final = "Your login may read this database but not write to it."
_NO_RIGHTS: Final = "You have no permission to write to the file or to its folder."


@dataclass(frozen=True, slots=True)
class Opening:
    """How a workspace is to be opened; `mode` is None for a database server."""

    mode: Mode | None
    verdict: Verdict | None = None
    read_only: bool = False
    why_read_only: str = ""

    @property
    def shared(self) -> bool:
        """Whether the file must stay in the rollback journal."""
        return self.mode in _SHARED_MODES

    @property
    def unlocked(self) -> bool:
        """Whether it is read where the locks of the computer that writes do not reach."""
        return self.mode is Mode.ONE_COMPUTER and self.read_only

    def reading_only(self, why: str) -> "Opening":
        """Return the same for reading only, with the reason as a sentence."""
        return replace(self, read_only=True, why_read_only=why)


def opening_of(path: Path | None, *, read_only: bool, forced: Mode | None) -> Opening:
    """Return how a file, or (None) a server, is to be opened; raise where it is refused."""
    if path is None:
        return Opening(None, None, read_only, _ON_REQUEST if read_only else "")
    forced = forced or (Mode(os.environ[VARIABLE]) if VARIABLE in os.environ else None)
    verdict = None if forced is not None else placement(path)
    mode = forced if verdict is None else verdict.mode
    opening = Opening(mode, verdict)
    if mode is Mode.REFUSED:
        _refuse(path, verdict)
    if read_only:
        return opening.reading_only(_ON_REQUEST)
    if mode is Mode.READ_ONLY:
        why = verdict.why if verdict is not None else _ON_REQUEST
        return opening.reading_only(" ".join(x for x in (why, verdict and verdict.remedy) if x))
    if path.is_file() and not may_write(path):
        return opening.reading_only(_NO_RIGHTS)
    return opening


def as_server_allows(connection: Connection, opening: Opening) -> Opening:
    """Return the opening for reading only where a login may not write in an existing workspace."""
    if connection.execute(text("SELECT to_regclass('change_step')")).scalar() is None:
        return opening
    allowed = connection.execute(
        text(
            "SELECT has_table_privilege('change_step', 'INSERT')"
            " AND NOT pg_is_in_recovery()"
            " AND current_setting('default_transaction_read_only') = 'off'"
        )
    ).scalar()
    return opening if allowed else opening.reading_only(_SERVER_READER)


def as_passes_allow(found: Permission, opening: Opening) -> Opening:
    """Return the opening for reading only where another computer is the one that writes."""
    if found.allowed:
        return opening
    return opening.reading_only(" ".join(x for x in (found.why, found.remedy) if x))


def settle_journal(path: Path, opening: Opening) -> Opening:
    """Give an existing file the journal of its mode; return how it is to be opened after all.

    A local file that somebody has open in the rollback journal is joined in it; a file in
    write-ahead mode on a share is refused while somebody else has it open.
    """
    if opening.read_only or not path.is_file() or path.stat().st_size == 0:
        return opening
    in_wal = has_wal(path)
    if opening.mode is Mode.LOCAL and not in_wal:
        check_whole(path)
        return _settle_local(path, opening)
    if opening.shared and in_wal:
        check_whole(path)
        _convert(path, "delete")
    return opening


def _settle_local(path: Path, opening: Opening) -> Opening:
    if _has_home(path):
        return replace(opening, mode=Mode.SHARED)
    try:
        _convert(path, "wal")
    except EnvironmentFault as fault:
        if fault.kind is not FaultKind.BUSY:
            raise
        return replace(opening, mode=Mode.SHARED)
    return opening


def _has_home(path: Path) -> bool:
    """Say whether the file was shared: this computer may be the file server of the others."""
    with _only_connection(path, "NORMAL") as connection, contextlib.suppress(Exception):
        query = "SELECT 1 FROM workspace_setting WHERE key = ?"
        return connection.execute(query, (HOME,)).fetchone() is not None
    return False


def _refuse(path: Path, verdict: Verdict | None) -> None:
    raise EnvironmentFault(
        "{place} cannot be opened where it lies. {why}",
        remedy="{instead}",
        place=str(path),
        why=verdict.why if verdict is not None else "",
        instead=verdict.remedy if verdict is not None else "",
    )


def _convert(path: Path, journal: str) -> None:
    """Switch a file between the journals, alone, and look whether that held."""
    with _only_connection(path, "EXCLUSIVE") as connection:
        # In this locking mode the first read takes the file for itself alone and, in write-ahead
        # mode, needs no memory shared with others, which a network cannot give.
        before = _check_ours(connection, path)
        others = _others_in(connection)
        if others:
            raise _in_use(path, others)
        made = connection.execute(f"PRAGMA journal_mode={journal}").fetchone()[0]
        connection.execute("PRAGMA locking_mode=NORMAL")
        after = _check_ours(connection, path)
    if made != journal or after != before or has_wal(path) != (journal == "wal"):
        raise EnvironmentFault(
            "{place} could not be made ready for its place.",
            remedy="Close it everywhere and try again, or open a copy of it.",
            place=str(path),
        )


def _check_ours(connection: Any, path: Path) -> int:
    """Return how many tables a workspace has; raise where it is none, or of a newer version."""
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    refuse_foreign({row[0] for row in rows}, str(path))
    found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if found is not None:
        refuse_newer(found[0], str(path))
    return len(rows)


@contextmanager
def _only_connection(path: Path, locking: str) -> Iterator[Any]:
    import pysqlite3.dbapi2 as sqlite

    with in_use(path):
        connection = sqlite.connect(
            uri_of(path, "rw"), uri=True, timeout=_ALONE_SECONDS, isolation_level=None
        )
        try:
            connection.execute(f"PRAGMA locking_mode={locking}")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA mmap_size=0")
            yield connection
        except sqlite.Error as error:
            if is_busy(error):
                raise _in_use(path, []) from error
            raise
        finally:
            connection.close()


def _in_use(path: Path, hosts: list[str]) -> EnvironmentFault:
    if hosts:
        return EnvironmentFault(
            "{place} is open on {hosts}, written in a way that only one computer may use.",
            remedy="Close it there first and open it here again.",
            kind=FaultKind.BUSY,
            place=str(path),
            hosts=", ".join(hosts),
        )
    return EnvironmentFault(
        "{place} is open in another program, written in a way that only one computer may use.",
        remedy="Close it there first and open it here again.",
        kind=FaultKind.BUSY,
        place=str(path),
    )


def _others_in(connection: Any) -> list[str]:
    """Return the computers whose programs are in, by what they told of themselves lately."""
    if not connection.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'presence'"
    ).fetchone():
        return []
    fresh = _as_stored(now() - STALE_AFTER)
    rows = connection.execute(
        "SELECT host, machine, pid FROM presence WHERE seen_at > ? AND NOT read_only", (fresh,)
    ).fetchall()
    here = this_machine()
    return sorted({host for host, machine, pid in rows if machine != here or is_alive(pid)})


def _as_stored(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds")


def is_alive(pid: int) -> bool:
    """Say whether a process of this computer still runs; where that cannot be told, it does."""
    if sys.platform == "win32":  # there, a signal of 0 would be Ctrl+C
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
