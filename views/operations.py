"""How views reach the database: writes are Operations, reads Lookups; the GUI never waits."""

import sys
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any, Final, Self

from PySide6.QtCore import QObject
from shiboken6 import isValid

from app.errors import EnvironmentFault, UserError
from app.writer import Done, Priority
from views.context import context_of
from views.courier import Origin
from views.shared.text import tr, translate_error

Callback = Callable[[Any], object]


class _Task:
    """One question on its way: callbacks, the owner they belong to, and the future."""

    def __init__(self, owner: QObject) -> None:
        self.context: Final = context_of(owner)
        self.key: tuple[int, str] | None = None
        self._owner: QObject | None = owner
        self._future: Future[Any] | None = None
        self._cancelled = False
        self._then: list[Callback] = []
        self._or_else: list[Callback] = []
        self._lastly: list[Callable[[], object]] = []

    def then(self, callback: Callback) -> Self:
        """Call back with the value after success."""
        self._then.append(callback)
        return self

    def or_else(self, callback: Callable[[UserError], object]) -> Self:
        """Call back with a UserError; without any such callback it becomes an error toast."""
        self._or_else.append(callback)
        return self

    def lastly(self, callback: Callable[[], object]) -> Self:
        """Call back in every case, last."""
        self._lastly.append(callback)
        return self

    def cancel(self) -> None:
        """Forget the answer, and do not start the work when it still waits."""
        self._cancelled = True
        if self._future is not None:
            self._future.cancel()

    def abandon(self) -> None:
        """Forget the answer because the window closes."""
        self.cancel()

    def _start(
        self,
        submit: Callable[..., Future[Any]],
        /,
        *args: Any,
        key: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Queue the work; what cannot even be queued comes back like any other answer."""
        try:
            future = submit(*args, **kwargs)
        except UserError as error:
            future = Future()
            future.set_exception(error)
        except RuntimeError:  # the readers are closed: the answer is not wanted any more
            future = Future()
            future.cancel()
        self._future = future
        name = (id(self._owner), key) if key is not None else None
        self.context.courier.watch(self, future, name)

    def deliver(self) -> None:
        """Hand the finished future to the callbacks (GUI thread)."""
        owner, future = self._owner, self._future
        if owner is None or not isValid(owner) or future is None:
            self._forget()
            return
        try:
            self._answer(future)
        finally:
            last = self._lastly
            self._forget()
            for callback in last:
                callback()

    def _answer(self, future: Future[Any]) -> None:
        if self._cancelled:
            return
        try:
            value = future.result()
        except CancelledError:
            return
        except UserError as error:
            self._complain(error)
        except EnvironmentFault as fault:
            self._release()
            self.context.notice(translate_error(fault), remedy=tr(fault.remedy))
        except Exception:  # noqa: BLE001 - ours to mend: crash dialog and log, by the one hook
            self._release()
            sys.excepthook(*sys.exc_info())
        else:
            self._succeed(value)

    def _release(self) -> None:
        """Let a dialog that waits for the answer be used again: what is typed must not be lost."""
        set_busy = getattr(self._owner, "set_busy", None)
        if callable(set_busy):
            set_busy(False)

    def _succeed(self, value: object) -> None:
        for callback in self._then:
            callback(value)

    def _complain(self, error: UserError) -> None:
        if not self._or_else:
            self.context.toast(translate_error(error), kind="error")
        for callback in self._or_else:
            callback(error)

    def _forget(self) -> None:
        """Let go of the callbacks, and so of the widgets they belong to, on the GUI thread."""
        self._owner = self._future = None
        self._then, self._or_else, self._lastly = [], [], []


class Operation(_Task):
    """A write by a command on the one writer thread; it starts itself.

    `command(session, *args, **kwargs)` runs inside `changing(label)`: one commit, one undo step.
    """

    def __init__(
        self,
        owner: QObject,
        label: str,
        command: Callable[..., Any],
        /,
        *args: Any,
        urgency: Priority = Priority.PERSON,
        undoable: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(owner)
        self._toast: tuple[str | Callable[[Any], str], str] | None = None
        self._then_done: list[Callable[[Done], object]] = []
        self._start(
            self.context.workspace.writer.submit,
            label,
            command,
            *args,
            urgency=urgency,
            origin=Origin(owner),
            undoable=undoable,
            **kwargs,
        )

    def toast(self, text: str | Callable[[Any], str], detail: str = "") -> Self:
        """Say after success what happened, with an Undo of this very step."""
        self._toast = (text, detail)
        return self

    def then_done(self, callback: Callable[[Done], object]) -> Self:
        """Call back with the Done, which also tells the changes."""
        self._then_done.append(callback)
        return self

    def abandon(self) -> None:
        """Forget the answer, but let the write take place: the person has made it already."""
        self._cancelled = True

    def _succeed(self, value: object) -> None:
        if not isinstance(value, Done):
            raise TypeError(value)
        super()._succeed(value.value)
        for callback in self._then_done:
            callback(value)
        if self._toast is not None:
            text, detail = self._toast
            words = text if isinstance(text, str) else text(value.value)
            step = value.changes.step if value.changes is not None else None
            self.context.toast(words, undo_step=step, kind="good", detail=detail)

    def _forget(self) -> None:
        super()._forget()
        self._then_done, self._toast = [], None


class Lookup(_Task):
    """A read by a query on a reader thread; it starts itself.

    With `key`, a newer Lookup of the same owner and key replaces the older one.
    """

    def __init__(
        self,
        owner: QObject,
        query: Callable[..., Any],
        /,
        *args: Any,
        key: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(owner)
        self._start(self.context.workspace.readers.submit, query, *args, key=key, **kwargs)
