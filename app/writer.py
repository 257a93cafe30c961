"""The one thread that writes, with a queue that serves people before batches."""

import itertools
import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from app.changes import Changes
from app.database import Database
from app.errors import UserError

log = logging.getLogger(__name__)


class Priority(IntEnum):
    """Who is served first."""

    PERSON = 0
    BATCH = 1
    END = 2


@dataclass(frozen=True, slots=True)
class Done:
    """What a command returned and what it changed (None: nothing)."""

    value: Any
    changes: Changes | None


@dataclass(order=True, slots=True)
class _Work:
    priority: Priority
    number: int
    future: "Future[Done]" = field(compare=False)
    run: Callable[[], Done] | None = field(compare=False)


class Writer:
    """Runs commands one after the other, each in its own `changing(label)`."""

    def __init__(self, database: Database, acting: Callable[[], int | None]) -> None:
        self._database = database
        self._acting = acting
        self._queue: queue.PriorityQueue[_Work] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def submit(
        self,
        label: str,
        command: Callable[..., Any],
        /,
        *args: Any,
        urgency: Priority = Priority.PERSON,
        origin: object | None = None,
        undoable: bool = True,
        **kwargs: Any,
    ) -> "Future[Done]":
        """Queue a command; the future holds what it returned or raised.

        `urgency`, not `priority`: tasks and tickets have a priority of their own.
        """
        user_id = self._acting()

        def run() -> Done:
            with self._database.changing(
                label, user_id=user_id, origin=origin, undoable=undoable
            ) as session:
                value = command(session, *args, **kwargs)
            return Done(value, session.info["changes"])

        future: Future[Done] = Future()
        with self._lock:
            if self._closed:
                raise UserError("The workspace is being closed; nothing more can be saved in it.")
            self._queue.put(_Work(urgency, next(self._numbers), future, run))
        return future

    @property
    def waiting(self) -> int:
        """How many commands are queued."""
        return self._queue.qsize()

    @property
    def is_current_thread(self) -> bool:
        """Whether the caller runs on the writer thread, inside a command."""
        return threading.current_thread() is self._thread

    def refuse(self) -> None:
        """Take no more commands."""
        with self._lock:
            self._closed = True

    def drain(self, timeout: float | None = None) -> bool:
        """Finish all queued commands and end the thread; return whether it ended in time."""
        self.refuse()
        self._queue.put(_Work(Priority.END, next(self._numbers), Future(), None))
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while True:
            work = self._queue.get()
            if work.run is None:
                return
            if not work.future.set_running_or_notify_cancel():
                continue
            _answer(work.future, work.run)
            # A finished command's arguments must not stay alive in this frame.
            del work


def _answer(future: "Future[Done]", run: Callable[[], Done]) -> None:
    try:
        try:
            done = run()
        except BaseException as error:  # noqa: BLE001  the caller gets every error
            future.set_exception(error)
        else:
            future.set_result(done)
    except BaseException:
        # Futures log a callback's Exception, but let others through; the thread must go on.
        log.exception("A callback of a finished command failed")
