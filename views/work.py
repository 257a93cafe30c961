"""Work off the GUI thread that is neither a command nor a query: copying, probing, waiting."""

import sys
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from threading import Event, Thread
from typing import Any, Final, Self

from PySide6.QtCore import QObject, QTimer
from shiboken6 import isValid

from app.errors import CloseknitError
from views.context import context_of
from views.courier import Courier

LOOK_MS: Final = 100


class Told:
    """What work tells of itself while it runs, and whether it shall stop; holds no widget."""

    def __init__(self) -> None:
        self.stop = Event()
        self.done = 0
        self.total = 0
        self.words = ""

    def progress(self, done: int, total: int) -> None:
        """Take note of how far it is."""
        self.done, self.total = done, total

    def say(self, words: str) -> None:
        """Take note of words for the person."""
        self.words = words


class Work:
    """Runs `function(told)` on a thread of its own; the answer comes back on the GUI thread."""

    def __init__(
        self, owner: QObject, function: Callable[[Told], Any], *, key: str | None = None
    ) -> None:
        self.told = Told()
        self.key: tuple[int, str] | None = None
        self._owner: QObject | None = owner
        self._cancelled = False
        self._then: list[Callable[[Any], object]] = []
        self._or_else: list[Callable[[CloseknitError], object]] = []
        self._lastly: list[Callable[[], object]] = []
        self._timer: QTimer | None = None
        self._future: Future[Any] = Future()
        context = context_of(owner)
        # The thread holds the function, the future and `told`: nothing that belongs to the GUI.
        Thread(
            target=_run, args=(function, self._future, self.told), name="work", daemon=True
        ).start()
        name = (id(owner), key) if key is not None else None
        courier: Courier = context.courier
        courier.watch(self, self._future, name)

    def then(self, callback: Callable[[Any], object]) -> Self:
        """Call back with what the function returned."""
        self._then.append(callback)
        return self

    def or_else(self, callback: Callable[[CloseknitError], object]) -> Self:
        """Call back with a fault or an error of the person's."""
        self._or_else.append(callback)
        return self

    def lastly(self, callback: Callable[[], object]) -> Self:
        """Call back in every case, last."""
        self._lastly.append(callback)
        return self

    def meanwhile(self, callback: Callable[[Told], object]) -> Self:
        """Call back now and then with what the work tells."""
        self._timer = QTimer(self._owner)
        self._timer.timeout.connect(lambda: callback(self.told))
        self._timer.start(LOOK_MS)
        return self

    def stop(self) -> None:
        """Ask the work to end; how it ended is told as always."""
        self.told.stop.set()

    def cancel(self) -> None:
        """Ask the work to end, and forget the answer."""
        self.stop()
        self._cancelled = True

    def abandon(self) -> None:
        """Forget the answer because the window closes."""
        self.cancel()

    def deliver(self) -> None:
        """Hand the answer to the callbacks (GUI thread)."""
        owner, self._owner = self._owner, None
        alive = owner is not None and isValid(owner)
        if self._timer is not None and isValid(self._timer):
            self._timer.stop()
        try:
            if alive and not self._cancelled:
                self._answer()
        finally:
            last = self._lastly if alive and not self._cancelled else []
            self._then, self._or_else, self._lastly, self._timer = [], [], [], None
            for callback in last:
                callback()

    def _answer(self) -> None:
        try:
            value = self._future.result()
        except CancelledError:
            return
        except CloseknitError as error:
            for callback in self._or_else:
                callback(error)
        except Exception:  # noqa: BLE001 - ours to mend: crash dialog and log, by the one hook
            sys.excepthook(*sys.exc_info())
        else:
            for then in self._then:
                then(value)


def _run(function: Callable[[Told], Any], future: "Future[Any]", told: Told) -> None:
    try:
        value = function(told)
    except BaseException as error:  # noqa: BLE001  whoever waits gets every error
        future.set_exception(error)
    else:
        future.set_result(value)
