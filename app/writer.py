"""The one thread that writes, with a queue that serves people before batches."""

import itertools
import logging
import queue
import random
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial
from typing import Any, Final, Protocol

from app.changes import Changes
from app.conflicts import Conflict, Merged
from app.database import Database
from app.errors import EnvironmentFault, FaultKind, UserError

log = logging.getLogger(__name__)

RETRIES: Final = 5
PAUSE_SECONDS: Final = (0.05, 0.8)  # by chance between these: those who wait must not collide again
_CLOSING: Final = "The workspace is being closed; nothing more can be saved in it."


class Priority(IntEnum):
    """Who is served first."""

    PERSON = 0
    BATCH = 1
    END = 2


@dataclass(frozen=True, slots=True)
class Done:
    """What a command returned, what it changed (None: nothing) and what it was merged with."""

    value: Any
    changes: Changes | None
    merged: tuple[Merged, ...] = ()


@dataclass(frozen=True, slots=True)
class Unsaved:
    """A command on its way to the store, whole enough to be kept elsewhere."""

    label: str
    command: Callable[..., Any]
    args: tuple[Any, ...]
    fields: Mapping[str, Any]
    user_id: int | None
    by_person: bool  # a change somebody made and can undo; the program's own work is not kept


class Guard(Protocol):
    """Who decides what becomes of commands while the store fails."""

    def stands_in_the_way(self) -> EnvironmentFault | None:
        """Return the fault for which the store is not even tried now."""

    def not_saved(self, unsaved: Unsaved, fault: EnvironmentFault) -> EnvironmentFault:
        """Take note of a fault; return what to tell whoever asked for the command."""

    def saved(self) -> None:
        """Take note that the store took something."""


@dataclass(order=True, slots=True)
class _Work:
    priority: Priority
    number: int
    future: "Future[Done]" = field(compare=False)
    run: Callable[[], Done] | None = field(compare=False)
    unsaved: Unsaved | None = field(compare=False, default=None)


class Writer:
    """Runs commands one after the other, each in its own `changing(label)`."""

    def __init__(self, database: Database, acting: Callable[[], int | None]) -> None:
        self._database = database
        self._acting = acting
        self._queue: queue.PriorityQueue[_Work] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._closed = False
        self._refusal, self._why = _CLOSING, ""
        self._people: dict[int, float] = {}
        self.guard: Guard | None = None
        self._running: _Work | None = None
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
        repeatable: bool | None = None,
        **kwargs: Any,
    ) -> "Future[Done]":
        """Queue a command; the future holds what it returned or raised.

        `urgency`, not `priority`: tasks and tickets have a priority of their own. `repeatable`: it
        may run again from the start when others hold the file at its end, as what people do may;
        a batch that counts along (an import) may not.
        """
        by_person = urgency is Priority.PERSON and undoable
        unsaved = Unsaved(label, command, args, kwargs, self._acting(), by_person)
        again = urgency is Priority.PERSON if repeatable is None else repeatable
        with self._lock:
            if self._closed:
                raise UserError(self._refusal, why=self._why)
            return self._put(unsaved, urgency, origin, undoable=undoable, repeatable=again)

    def let_yield(
        self,
        future: "Future[Done]",
        label: str,
        command: Callable[..., Any],
        fields: Mapping[str, Any],
    ) -> None:
        """See to it that a save whose editor is gone yields to a colleague's, into the history.

        Nobody is left to ask. Also while the workspace closes: the person has made the change.
        """
        user_id = self._acting()

        def look(done: "Future[Done]") -> None:
            conflict = None if done.cancelled() else done.exception()
            if isinstance(conflict, Conflict):
                unsaved = Unsaved(
                    label, command, (), conflict.yielded(fields), user_id, by_person=True
                )
                with self._lock:
                    self._put(unsaved, Priority.PERSON, None, undoable=True, repeatable=True)

        future.add_done_callback(look)

    def _put(
        self,
        unsaved: Unsaved,
        urgency: Priority,
        origin: object | None,
        *,
        undoable: bool,
        repeatable: bool,
    ) -> "Future[Done]":
        """Queue a command, under the lock."""

        def run(attempt: _Attempt) -> Done:
            with self._database.changing(
                unsaved.label, user_id=unsaved.user_id, origin=origin, undoable=undoable
            ) as session:
                attempt.begun = True
                value = unsaved.command(session, *unsaved.args, **unsaved.fields)
            return Done(value, session.info["changes"], tuple(session.info.get("merged", ())))

        future: Future[Done] = Future()
        number = next(self._numbers)
        if urgency is Priority.PERSON:
            self._people[number] = time.monotonic()
        tried = partial(_patiently, run, repeatable=repeatable)
        guarded = partial(self._guarded, unsaved, tried)
        self._queue.put(_Work(urgency, number, future, guarded, unsaved))
        return future

    def _guarded(self, unsaved: Unsaved, run: Callable[[], Done]) -> Done:
        guard = self.guard
        if guard is None:
            return run()
        reason = guard.stands_in_the_way()
        if reason is not None:
            raise guard.not_saved(unsaved, reason)
        try:
            done = run()
        except EnvironmentFault as fault:
            raise guard.not_saved(unsaved, fault) from fault
        guard.saved()
        return done

    def give_up(self, fault: EnvironmentFault) -> None:
        """Answer everything that waits behind a command that hangs, as if it had failed."""
        waiting: list[_Work] = []
        while True:
            try:
                waiting.append(self._queue.get_nowait())
            except queue.Empty:
                break
        for work in waiting:
            if work.run is None:  # the end itself
                self._queue.put(work)
            elif work.unsaved is not None and work.future.set_running_or_notify_cancel():
                told = self.guard.not_saved(work.unsaved, fault) if self.guard else fault
                work.future.set_exception(told)
                with self._lock:
                    self._people.pop(work.number, None)

    @property
    def in_hand(self) -> Unsaved | None:
        """The command that runs now."""
        work = self._running
        return work.unsaved if work is not None else None

    @property
    def busy_since(self) -> float | None:
        """Since when (monotonic clock) the person who waits longest has waited; None: nobody."""
        with self._lock:
            return next(iter(self._people.values()), None)

    @property
    def waiting(self) -> int:
        """How many commands are queued."""
        return self._queue.qsize()

    @property
    def is_current_thread(self) -> bool:
        """Whether the caller runs on the writer thread, inside a command."""
        return threading.current_thread() is self._thread

    def refuse(self, why: str = "") -> None:
        """Take no more commands; `why` is told to whoever asks."""
        with self._lock:
            self._closed = True
            if why:
                self._refusal = "This workspace is open for reading only; nothing was saved. {why}"
                self._why = why

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
            if work.future.set_running_or_notify_cancel():
                self._running = work
                _answer(work.future, work.run)
                self._running = None
            with self._lock:
                self._people.pop(work.number, None)
            # A finished command's arguments must not stay alive in this frame.
            del work


@dataclass(slots=True)
class _Attempt:
    begun: bool = False


def _patiently(run: Callable[[_Attempt], Done], *, repeatable: bool) -> Done:
    """Run a unit, and from the start again while others hold the store longer than it waits.

    Before its command has begun any unit may be repeated: nothing has been computed yet.
    """
    for _ in range(RETRIES):
        attempt = _Attempt()
        try:
            return run(attempt)
        except EnvironmentFault as fault:
            if fault.kind is not FaultKind.BUSY or (attempt.begun and not repeatable):
                raise
        time.sleep(random.uniform(*PAUSE_SECONDS))  # noqa: S311  no secret
    return run(_Attempt())


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
