"""Makes backups by itself while a workspace is open: each day, before bulk work, as edits pass."""

import contextlib
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final

from sqlalchemy import select

from app.changes import ChangeFeed, Changes
from app.database import Database
from app.errors import EnvironmentFault
from app.sharing.backup_files import Backup, Reason, backups_of
from app.sharing.backups import BackupStopped, Wish, back_up
from models.clock import local_zone, now
from models.records import User

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS: Final = 8.0  # the window paints and fills its pages first
LOOK_SECONDS: Final = 60.0
EDITS_EVERY: Final = timedelta(minutes=30)
AFTER_FAULT: Final = timedelta(minutes=10)
BEGIN_SECONDS: Final = 2.0
SAME_WORK_SECONDS: Final = 60.0
# With no write-ahead log a copy keeps everybody from saving: it is given up well before the ten
# seconds after which their saves would fail.
SHARED_COPY_SECONDS: Final = 6.0
# Backups before bulk work take at most so large a part of the time.
_LARGEST_SHARE: Final = 1 / 50
_NICENESS: Final = 15


def due(
    newest: Backup | None, edited: bool, moment: datetime, zone: tzinfo | None = None
) -> Reason | None:
    """Return why a backup is wanted now; None where it is not."""
    where = zone or local_zone()
    if newest is None or newest.at.astimezone(where).date() < moment.astimezone(where).date():
        return Reason.DAILY
    return Reason.EDITS if edited and moment - newest.at >= EDITS_EVERY else None


class BackupKeeper:
    """Keeps the backups of one open file on a thread of its own; `fault` holds what went wrong.

    A server's database has none here: its own backups are its administrator's matter.
    """

    def __init__(
        self,
        database: Database,
        feed: ChangeFeed,
        *,
        acting: Callable[[], int | None] = lambda: None,
        on_fault: Callable[[EnvironmentFault], None] | None = None,
        first_pause: float = FIRST_PAUSE_SECONDS,
    ) -> None:
        self.source = Path(str(database.url.database)) if database.dialect == "sqlite" else None
        self.fault: EnvironmentFault | None = None
        self._database = database
        self._feed = feed
        self._acting = acting
        self._on_fault = on_fault
        self._first_pause = first_pause
        self._edited = threading.Event()
        self._closing = threading.Event()
        self._not_before: datetime | None = None
        self._took = 0.0
        self._bulk: tuple[str, float] | None = None
        self._bulk_thread: threading.Thread | None = None
        self._running = threading.Lock()
        self._unsubscribe: Callable[[], None] | None = None
        self._thread: threading.Thread | None = None

    def start(self, *, by_the_clock: bool = True) -> None:
        """Begin; without `by_the_clock` only before bulk work, as a command line does."""
        if self.source is None or self._database.read_only:
            return
        self._database.before_bulk = self.before_bulk
        if by_the_clock:
            self._unsubscribe = self._feed.subscribe(self._note)
            self._thread = threading.Thread(target=self._keep, name="backups", daemon=True)
            self._thread.start()

    def stop(self, *, finish: bool = False, timeout: float = 1.0) -> None:
        """End, and give up a backup that is being made; with `finish`, wait for it instead."""
        self._database.before_bulk = None
        if self._unsubscribe is not None:
            self._unsubscribe()
        if finish and self._bulk_thread is not None:
            self._bulk_thread.join()
        self._closing.set()
        for thread in (self._thread, self._bulk_thread):
            if thread is not None:
                thread.join(timeout)

    def before_bulk(self, label: str) -> None:
        """Begin a backup of what is stored before a large change is committed.

        Returns once the backup's moment is fixed; copying and checking go on beside. The chunks of
        one import are one piece of work.
        """
        moment = time.monotonic()
        before, self._bulk = self._bulk, (label, moment)
        if before is not None and before[0] == label and moment - before[1] < SAME_WORK_SECONDS:
            return
        if self._closing.is_set() or self._is_recent() or self._running.locked():
            return
        begun = threading.Event()
        reason = Reason.IMPORT if label.startswith("Import") else Reason.BULK
        self._bulk_thread = threading.Thread(
            target=self._make, args=(reason, begun), name="backup", daemon=True
        )
        self._bulk_thread.start()
        if not begun.wait(BEGIN_SECONDS):
            log.warning("No backup could be begun before “%s”", label)

    def _is_recent(self) -> bool:
        newest = self._newest()
        return newest is not None and newest.age().total_seconds() < self._took / _LARGEST_SHARE

    def _newest(self) -> Backup | None:
        assert self.source is not None  # noqa: S101  start() has looked
        return next((backup for backup in backups_of(self.source) if backup.verified), None)

    def _note(self, _changes: Changes) -> None:
        self._edited.set()

    def _keep(self) -> None:
        pause = self._first_pause
        while not self._closing.wait(pause):
            pause = LOOK_SECONDS
            try:
                self.look()
            except Exception:  # the next look may succeed, and backups must not end unseen
                log.exception("Looking after the backups failed")

    def look(self) -> None:
        """Make a backup if one is due now."""
        if self._not_before is not None and now() < self._not_before:
            return
        reason = due(self._newest(), self._edited.is_set(), now())
        if reason is not None:
            self._make(reason, threading.Event())

    def _make(self, reason: Reason, begun: threading.Event) -> None:
        if not self._running.acquire(blocking=False):
            begun.set()
            return
        try:
            with _gently():
                self._back_up(reason, begun)
        except BackupStopped:
            if not self._closing.is_set():
                self._tell(_too_slow(self.source))
        except EnvironmentFault as fault:
            self._tell(fault)
        finally:
            self._running.release()
            begun.set()

    def _back_up(self, reason: Reason, begun: threading.Event) -> None:
        assert self.source is not None  # noqa: S101  start() has looked
        if self._database.file is not None:
            self._database.file.check()  # a file put in our file's place is not ours to keep
        self._edited.clear()
        started = time.monotonic()
        try:
            back_up(
                self.source,
                reason,
                user=self._user_name(),
                wish=Wish(
                    unwanted=self._closing.is_set,
                    begun=begun.set,
                    copy_seconds=SHARED_COPY_SECONDS if self._database.shared else None,
                ),
            )
        except BaseException:
            self._edited.set()
            raise
        self._took = time.monotonic() - started
        self.fault = self._not_before = None

    def _user_name(self) -> str:
        user_id = self._acting()
        if user_id is None:
            return ""
        with self._database.reading() as session:
            return session.scalar(select(User.name).where(User.id == user_id)) or ""

    def _tell(self, fault: EnvironmentFault) -> None:
        log.warning("%s", fault)
        self.fault = fault
        self._not_before = now() + AFTER_FAULT
        if self._on_fault is not None:
            self._on_fault(fault)


def _too_slow(source: Path | None) -> EnvironmentFault:
    return EnvironmentFault(
        "The backup of {place} was given up: copying it would keep the others from saving.",
        remedy="Make one while nobody works: closeknit backup -w “{place}”.",
        place=str(source),
    )


@contextmanager
def _gently() -> Iterator[None]:
    """Let this thread give way to the others, where the system has priorities for threads."""
    if sys.platform != "linux":
        yield
        return
    thread = threading.get_native_id()
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, thread, _NICENESS)  # of this thread alone, on Linux
    yield  # these threads are ours, and end or wait afterwards: nothing to set back
