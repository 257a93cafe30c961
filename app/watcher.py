"""Sees what other processes commit, by the step counter."""

import logging
import threading
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes import Changes
from app.database import Database, changes_of
from app.errors import EnvironmentFault
from app.recorder import Line
from models.records import ChangeLog, ChangeStep, LogHead

log = logging.getLogger(__name__)


class Watcher:
    """Polls `log_head` and publishes the steps that are not this process's own.

    Steps are taken by number, never by id or clock: a later commit can carry a lower id.
    """

    def __init__(self, database: Database, interval: float = 0.5) -> None:
        self._database = database
        self._interval = interval
        self._last = database.head()
        self._stop = threading.Event()
        self._failing = False
        self._thread = threading.Thread(target=self._watch, name="watcher", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(self._interval):
            try:
                self.look()
            except EnvironmentFault as fault:
                if not self._failing:
                    log.warning("Cannot look for changes: %s", fault)
                self._failing = True
            except Exception:
                log.exception("Looking for changes failed")
            else:
                self._failing = False

    def look(self) -> int:
        """Publish what is new; return how many foreign steps there were."""
        with self._database.reading() as session:
            head = session.execute(select(LogHead.n)).scalar_one()
            if head == self._last:
                return 0
            found = foreign_changes(session, self._last, head, self._database.process)
        self._last = head
        for changes in found:
            self._database.feed.publish(changes)
        return len(found)


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
