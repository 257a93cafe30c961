"""Brings answers from worker threads to the GUI thread."""

from concurrent.futures import Future
from functools import partial
from itertools import count
from typing import Any, Protocol
from weakref import ref

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

Key = tuple[int, str]


class Deliverable(Protocol):
    """A question whose answer comes later."""

    key: Key | None

    def deliver(self) -> None:
        """Hand the finished answer to its callbacks."""

    def cancel(self) -> None:
        """Forget the answer."""

    def abandon(self) -> None:
        """Forget the answer because the window closes; what is being stored is stored."""


class Origin:
    """Who started a change; threads know only this token, which keeps no widget alive."""

    __slots__ = ("__weakref__", "_owner")

    def __init__(self, owner: QObject) -> None:
        self._owner = ref(owner)

    def owner(self) -> QObject | None:
        """Return the starting object while it still exists (GUI thread only)."""
        owner = self._owner()
        return owner if owner is not None and isValid(owner) else None


class Courier(QObject):
    """Brings finished futures from worker threads to the GUI thread."""

    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._numbers = count(1)
        self._pending: dict[int, Deliverable] = {}
        self._current: dict[Key, int] = {}
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def pending(self) -> int:
        """How many tasks have not come back yet."""
        return len(self._pending)

    def watch(self, task: Deliverable, future: Future[Any], key: Key | None) -> None:
        """Deliver the task when the future is done; a newer task with the same key replaces it."""
        number = next(self._numbers)
        if key is not None:
            older = self._pending.get(self._current.get(key, 0))
            if older is not None:
                older.cancel()
            self._current[key] = number
        task.key = key
        self._pending[number] = task
        future.add_done_callback(partial(self._post, number))

    def drop_all(self) -> None:
        """Forget all answers: the window closes. Reads are cancelled, writes are still stored."""
        for task in list(self._pending.values()):
            task.abandon()

    def _post(self, number: int, _future: Future[Any]) -> None:
        try:
            self._arrived.emit(number)
        except RuntimeError:  # the courier was deleted at shutdown: nobody is left to tell
            return

    def _deliver(self, number: object) -> None:
        task = self._pending.pop(number, None) if isinstance(number, int) else None
        if task is None:
            return
        if task.key is not None and self._current.get(task.key) == number:
            del self._current[task.key]
        task.deliver()
