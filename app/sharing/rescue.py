"""Joins an open workspace's threads to its `Outage`: who tells of faults, how it looks again.

Only a window rescues: on the command line a fault ends the command, and a script that tries again
must not find its work done twice.
"""

import contextlib
import inspect
import logging
import os
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes import Changes
from app.database import Database
from app.database_faults import place_of, sentence_of
from app.errors import EnvironmentFault, FaultKind
from app.readers import Readers
from app.sharing.backup_files import backup_folder, backups_in, holds
from app.sharing.outage import PATIENCE, WAITS, Outage, Situation, Standing, settle_doubts
from app.sharing.outbox import Outbox
from app.sharing.restoring import with_backup
from app.sqlite_file import in_use, uri_of
from app.writer import Unsaved, Writer
from models.base import Base
from models.migrations import HEAD
from models.records import ChangeStep

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 5.0
HANGS_AFTER: Final = 15.0  # SQLite itself waits for ten seconds
_LOCK_SECONDS: Final = 5.0
_AWAY_OR_DAMAGED: Final = {
    FaultKind.GONE,
    FaultKind.LOST,
    FaultKind.REPLACED,
    FaultKind.DAMAGED,
}
_SIGN_EVERY: Final = 100_000  # of SQLite's instructions: some milliseconds


class Rescue:
    """What a window does while the place of its workspace fails; the writer's guard."""

    def __init__(
        self,
        location: str,
        database: Database,
        writer: Writer,
        readers: Readers,
        come_back: Callable[[Session], object],
        *,
        waits: tuple[float, ...] = WAITS,
        patience: float = PATIENCE,
        hangs_after: float = HANGS_AFTER,
    ) -> None:
        self.process = database.process
        self._database, self._writer, self._readers = database, writer, readers
        self._come_back = come_back
        self._patience, self._hangs_after = patience, hangs_after
        self._known = self._newest_step()
        self._identity = _identity(self._path)
        # Found out now: later the place may hang, and with it whoever asks for a path in it.
        self._backups = backup_folder(self._path) if self._path is not None else None
        self._stop = threading.Event()
        self.outage = Outage(
            self,
            Outbox(location, database.process),
            newest_copy=self._newest_copy,
            waits=waits,
            patience=patience,
            explained=self._explained,
        )
        self.outage.subscribe(self._follow)
        self._was = Standing.OPEN
        writer.guard = self
        readers.on_fault = self.outage.note
        look = min(LOOK_SECONDS, hangs_after)
        threading.Thread(target=self._watch, args=(look,), name="hang watch", daemon=True).start()

    @property
    def _path(self) -> Path | None:
        return Path(str(self._database.url.database)) if self._database.file is not None else None

    # The writer's guard.

    def stands_in_the_way(self) -> EnvironmentFault | None:
        """Return the fault for which the store is not even tried now."""
        return self.outage.forbids

    def not_saved(self, unsaved: Unsaved, fault: EnvironmentFault) -> EnvironmentFault:
        """Keep what a person did in the outbox; return what to tell them."""
        already = self.outage.forbids is not None
        if not already:
            self.outage.note(fault)
        if not unsaved.by_person or self.outage.is_open:
            return fault
        return self.outage.keep(
            unsaved.label,
            unsaved.command,
            _fields(unsaved),
            user_id=unsaved.user_id,
            after_step=self._database.own_step,
            fault=None if already else fault,
        )

    def saved(self) -> None:
        """Have another look at once: something could be saved."""
        if not self.outage.is_open:
            self.outage.try_now()

    def met_in_passing(self, fault: EnvironmentFault) -> None:
        """Take note of a fault that nobody waits for; that others keep us waiting is none."""
        if fault.kind in _AWAY_OR_DAMAGED:
            self.outage.note(fault)

    # What the outage asks of the store.

    @property
    def own_step(self) -> int:
        """The newest step that this process has stored."""
        return self._database.own_step

    def read_from(self, snapshot: Path | None) -> None:
        """Read from a copy, or from the workspace itself again."""
        self._database.read_from(snapshot)

    def look_again(self, go_on: Callable[[], bool] = lambda: True) -> None:
        """Connect anew, check the place and store something; raise the fault that remains."""
        path = self._path
        if path is not None:
            self._check_file(path, go_on)
        if not go_on():
            return
        healthy = self.outage.situation.standing is Standing.UNWRITABLE
        self._database.connect_anew(healthy=healthy)
        with self._database.changing("Look again", undoable=False) as session:
            self._come_back(session)
        self._identity = _identity(path)
        # The doubts are settled by what the file says now, not by the copy.
        with Session(self._database.engine.execution_options(closeknit="read")) as session:
            settle_doubts(session, self.outage.outbox)

    def _check_file(self, path: Path, go_on: Callable[[], bool]) -> None:
        import pysqlite3.dbapi2 as sqlite

        if not path.exists():
            raise EnvironmentFault(
                "{place} is not there.",
                remedy="Check the drive or the network connection.",
                kind=FaultKind.GONE,
                place=str(path),
            )
        with in_use(path):
            try:
                connection = sqlite.connect(
                    uri_of(path, "rw"), uri=True, timeout=_LOCK_SECONDS, isolation_level=None
                )
                with contextlib.closing(connection):
                    connection.set_progress_handler(lambda: int(not go_on()), _SIGN_EVERY)
                    self._check_contents(path, connection)
            except sqlite.Error as error:
                raise sentence_of(error, self._database.url) or error from error

    def _check_contents(self, path: Path, connection: Any) -> None:
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise EnvironmentFault(
                "{place} is damaged; Closeknit has stopped writing to it.",
                remedy="Keep the file as it is and restore the newest backup.",
                kind=FaultKind.DAMAGED,
                place=str(path),
            )
        if _identity(path) != self._identity and not self._is_ours(connection):
            raise _another(path)

    def _is_ours(self, connection: Any) -> bool:
        """Say whether a file holds the newest step this process knows of: a drive came back."""
        number, process = self._newest_own()
        row = connection.execute(
            "SELECT process FROM change_step WHERE n = ?", (number,)
        ).fetchone()
        return number == 0 or (row is not None and row[0] == process)

    def _newest_own(self) -> tuple[int, str]:
        own = self._database.own_step
        return (own, self.process) if own else self._known

    def _newest_step(self) -> tuple[int, str]:
        with self._database.reading() as session:
            row = session.execute(
                select(ChangeStep.n, ChangeStep.process).order_by(ChangeStep.n.desc()).limit(1)
            ).first()
        return (row.n, row.process) if row is not None else (0, "")

    def _explained(self, fault: EnvironmentFault) -> EnvironmentFault:
        if self._path is None:
            return fault
        return with_backup(fault, self._path, self._backups)

    def _newest_copy(self) -> tuple[Path, datetime] | None:
        if self._backups is None:
            return None
        found = (one for one in backups_in(self._backups) if one.revision == HEAD and holds(one))
        backup = next(found, None)
        return (backup.path, backup.at) if backup is not None else None

    # How pages hear of it.

    def _follow(self, situation: Situation) -> None:
        """Have every page read again where what is read from has changed."""
        before, self._was = self._was, situation.standing
        if Standing.AWAY in {before, situation.standing} and before is not situation.standing:
            self._readers.renew()
            everything = frozenset(Base.metadata.tables)
            self._database.feed.publish(
                Changes(0, "", None, None, True, {}, {}, {}, reload=everything)
            )

    # Places that hang instead of failing.

    def _watch(self, seconds: float) -> None:
        while not self._stop.wait(seconds):
            if self.outage.situation.standing in {Standing.OPEN, Standing.UNWRITABLE} and (
                self._seems_to_hang()
            ):
                self._declare_hung()

    def _seems_to_hang(self) -> bool:
        moment = time.monotonic()
        since = [x for x in (self._writer.busy_since, self._readers.busy_since) if x is not None]
        if not since or moment - min(since) < self._hangs_after:
            return False
        return not self.answers()

    def answers(self) -> bool:
        """Say whether the place answers at all; busy is not hanging."""
        answered = threading.Event()

        def ask() -> None:
            with contextlib.suppress(Exception):
                _ask(self._database)
            answered.set()

        threading.Thread(target=ask, name="peek", daemon=True).start()
        return answered.wait(self._patience)

    def _declare_hung(self) -> None:
        fault = EnvironmentFault(
            "{place} does not answer.",
            remedy="Check the drive or the network connection.",
            kind=FaultKind.GONE,
            place=place_of(self._database.url),
        )
        self.outage.note(fault)
        self._writer.give_up(fault)

    @property
    def hangs(self) -> bool:
        """Whether the place fails to answer at all, found out now."""
        away = self.outage.situation.standing is Standing.AWAY
        return away or not self.answers()

    def close(self) -> None:
        """End; edits that wait stay in the outbox."""
        self._stop.set()
        self.outage.close()

    def keep_what_hangs(self) -> None:
        """Keep the command that never came back, in doubt, because the program ends."""
        unsaved = self._writer.in_hand
        fault = EnvironmentFault("It does not answer.", kind=FaultKind.GONE)
        self._writer.give_up(self.outage.situation.fault or fault)
        if unsaved is not None and unsaved.by_person:
            self.outage.keep(
                unsaved.label,
                unsaved.command,
                _fields(unsaved),
                user_id=unsaved.user_id,
                after_step=self._database.own_step,
                fault=fault,
            )


def _fields(unsaved: Unsaved) -> dict[str, Any]:
    """Return a command's arguments by name."""
    if not unsaved.args:
        return dict(unsaved.fields)
    names = list(inspect.signature(unsaved.command).parameters)[1:]  # after the session
    return dict(zip(names, unsaved.args, strict=False)) | dict(unsaved.fields)


def _identity(path: Path | None) -> tuple[int, int] | None:
    if path is None:
        return None
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _another(path: Path) -> EnvironmentFault:
    return EnvironmentFault(
        "Another file stands in the place of {place}.",
        remedy="Open it anew, or put back the one that was open.",
        kind=FaultKind.REPLACED,
        place=str(path),
    )


def _ask(database: Database) -> None:
    if database.file is not None:
        # Never open() the file itself: closing it would drop SQLite's locks in this process.
        os.statvfs(database.file.path.parent)
        return
    with database.engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
