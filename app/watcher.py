"""Sees what other processes commit: by the step counter, and told at once by PostgreSQL."""

import contextlib
import logging
import threading
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes import Changes
from app.database import NEW_STEP, Database, changes_of
from app.errors import EnvironmentFault
from app.recorder import Line
from models.records import ChangeLog, ChangeStep, LogHead

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 0.5
SHARED_LOOK_SECONDS: Final = 2.0  # each look is a few round trips over a share
IDLE_SECONDS: Final = 30.0  # a window nobody looks at, and a server that tells by itself
_LISTEN_SECONDS: Final = 0.25  # how long the end of the program may wait for the listener
_RETRY_SECONDS: Final = (1.0, 2.0, 5.0, 15.0, 30.0)


class Watcher:
    """Publishes the steps that are not this process's own.

    Steps are taken by number, never by id or clock: a later commit can carry a lower id.
    """

    def __init__(self, database: Database, interval: float | None = None) -> None:
        self._database = database
        self._is_far = database.shared or database.dialect == "postgresql"
        usual = SHARED_LOOK_SECONDS if self._is_far else LOOK_SECONDS
        self._interval = usual if interval is None else interval
        self._is_active = True
        self._last = database.head()
        self._looking = threading.Lock()
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._failing = False
        # Told the first fault of each time that looking fails, on the watcher's own thread.
        self.on_fault: Callable[[EnvironmentFault], object] | None = None
        self._thread = threading.Thread(target=self._watch, name="watcher", daemon=True)
        self._listener = (
            Listener(database, self.look_soon) if database.dialect == "postgresql" else None
        )

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()
        if self._listener is not None:
            self._listener.start()

    def stop(self, *, patience: float | None = None) -> None:
        """End the threads, waiting so long (seconds) for one that hangs in its look."""
        self._stop.set()
        self._wake.set()
        if self._listener is not None:
            self._listener.stop(patience=patience)
        if self._thread.is_alive():
            self._thread.join(patience)

    def set_pace(self, *, active: bool) -> None:
        """Say whether somebody looks at the window: over a network an idle one looks seldom.

        A window that becomes active looks at once.
        """
        became_active = active and not self._is_active
        self._is_active = active
        if became_active:
            self.look_soon()

    def look_soon(self) -> None:
        """Look now, on the watcher's own thread."""
        self._wake.set()

    @property
    def pace(self) -> float:
        """How many seconds pass between two looks."""
        if self._listener is not None and self._listener.is_listening:
            return IDLE_SECONDS
        return IDLE_SECONDS if self._is_far and not self._is_active else self._interval

    @property
    def is_told(self) -> bool:
        """Whether the server tells of changes by itself."""
        return self._listener is not None and self._listener.is_listening

    def _watch(self) -> None:
        while True:
            self._wake.wait(self.pace)
            if self._stop.is_set():
                return
            self._wake.clear()
            try:
                self.look()
            except EnvironmentFault as fault:
                if not self._failing:
                    log.warning("Cannot look for changes: %s", fault)
                    if self.on_fault is not None:
                        self.on_fault(fault)
                self._failing = True
            except Exception:
                log.exception("Looking for changes failed")
            else:
                self._failing = False

    def look(self) -> int:
        """Publish what is new; return how many foreign steps there were."""
        with self._looking:
            with self._database.reading() as session:
                head = session.execute(select(LogHead.n)).scalar_one()
                if head == self._last:
                    return 0
                found = foreign_changes(session, self._last, head, self._database.process)
            self._last = head
            for changes in found:
                self._database.feed.publish(changes)
        return len(found)


class Listener:
    """Hears PostgreSQL's notices of new steps on a connection and a thread of its own."""

    def __init__(self, database: Database, told: Callable[[], object]) -> None:
        self._database = database
        self._told = told
        self._stop = threading.Event()
        self.is_listening = False
        self._thread = threading.Thread(target=self._listen, name="listener", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self, *, patience: float | None = None) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(patience)

    def _listen(self) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                self._hear()
            except Exception as error:  # noqa: BLE001  whatever it is, looking goes on by the clock
                if self.is_listening:
                    failures = 0
                self.is_listening = False
                if failures == 0:
                    log.warning("The server no longer tells of changes: %s", error)
                self._told()  # something may have happened while nobody listened
                self._stop.wait(_RETRY_SECONDS[min(failures, len(_RETRY_SECONDS) - 1)])
                failures += 1

    def _hear(self) -> None:
        proxied = self._database.engine.raw_connection()
        connection: Any = proxied.driver_connection
        proxied.detach()  # it stays open for as long as the program: not one of the pool's
        try:
            connection.rollback()
            connection.autocommit = True
            connection.execute(f"LISTEN {NEW_STEP}")
            self.is_listening = True
            self._told()  # what was committed before we listened
            while not self._stop.is_set():
                for notice in connection.notifies(timeout=_LISTEN_SECONDS, stop_after=1):
                    if notice.payload != self._database.process:
                        self._told()
        finally:
            with contextlib.suppress(Exception):
                connection.close()


def foreign_changes(session: Session, after: int, until: int, process: str) -> list[Changes]:
    """Return the changes of other processes' steps, in order of commit."""
    steps = session.execute(
        select(ChangeStep)
        .where(ChangeStep.n > after, ChangeStep.n <= until, ChangeStep.process != process)
        .order_by(ChangeStep.n)
    ).scalars()
    by_number: dict[int, tuple[Any, list[Line]]] = {step.n: (step, []) for step in steps}
    if not by_number:
        return []
    rows = session.execute(
        select(ChangeLog.step, ChangeLog.kind, ChangeLog.record_id, ChangeLog.action)
        .where(ChangeLog.step > after, ChangeLog.step <= until)
        .order_by(ChangeLog.step, ChangeLog.line)
    )
    for row in rows:
        if row.step in by_number:
            by_number[row.step][1].append(Line(row.kind, row.record_id, row.action))
    return [
        changes_of(step.n, step.label, lines, user_id=step.user_id, foreign=True)
        for step, lines in by_number.values()
    ]
