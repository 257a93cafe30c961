"""How views reach the database: writes are Operations, reads Lookups; the GUI never waits."""

import sys
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self, cast

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from app.conflicts import Conflict, Keep
from app.errors import EnvironmentFault, UserError
from app.writer import Done, Priority
from views.context import context_of
from views.courier import Origin
from views.shared.text import tr, translate_error

if TYPE_CHECKING:
    from app.sharing.outage import KeptForLaterError

Callback = Callable[[Any], object]


class _Task:
    """One question on its way: callbacks, the owner they belong to, and the future."""

    def __init__(self, owner: QObject) -> None:
        self.context: Final = context_of(owner)
        self.key: tuple[int, str] | None = None
        self._owner: QObject | None = owner
        self._future: Future[Any] | None = None
        self._cancelled = False
        self._is_asking = False  # the person decides before the answer is given
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
            if not self._is_asking:
                self._finish()

    def _finish(self) -> None:
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
            self._report(fault)
        except Exception:  # noqa: BLE001 - ours to mend: crash dialog and log, by the one hook
            self._release()
            sys.excepthook(*sys.exc_info())
        else:
            self._succeed(value)

    def _report(self, fault: EnvironmentFault) -> None:
        self.context.notice(translate_error(fault), remedy=tr(fault.remedy))

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
        self._or_kept: list[Callable[[KeptForLaterError], object]] = []
        how: dict[str, Any] = {"urgency": urgency, "origin": Origin(owner), "undoable": undoable}
        self._submit = partial(
            self._start, self.context.workspace.writer.submit, label, command, *args, **how
        )
        self._command, self._fields = command, kwargs
        self._submit(**kwargs)
        self.context.saving.emit()

    def toast(self, text: str | Callable[[Any], str], detail: str = "") -> Self:
        """Say after success what happened, with an Undo of this very step."""
        self._toast = (text, detail)
        return self

    def then_done(self, callback: Callable[[Done], object]) -> Self:
        """Call back with the Done, which also tells the changes."""
        self._then_done.append(callback)
        return self

    def or_kept(self, callback: Callable[["KeptForLaterError"], object]) -> Self:
        """Call back when the change waits on this computer; without, a toast says so."""
        self._or_kept.append(callback)
        return self

    def abandon(self) -> None:
        """Forget the answer, but let the write take place: the person has made it already.

        Nobody is left to ask: what meets a colleague's change gives way, but into the history.
        """
        self._cancelled = True
        if self._future is not None and "opened" in self._fields:
            self.context.workspace.writer.let_yield(
                self._future, "Keep theirs", self._command, dict(self._fields)
            )

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
        if value.merged:
            from views.shared.conflict_words import merge_words  # noqa: PLC0415 - seldom

            self.context.toast(merge_words(value.merged))

    def _report(self, fault: EnvironmentFault) -> None:
        if not getattr(fault, "kept", None):
            super()._report(fault)
            return
        for callback in self._or_kept:
            callback(cast("KeptForLaterError", fault))
        if not self._or_kept and self._owner is not None:
            from views.shared.kept import close_as_kept  # noqa: PLC0415 - seldom

            close_as_kept(self._owner)

    def _complain(self, error: UserError) -> None:
        if not isinstance(error, Conflict) or not self._ask(error):
            super()._complain(error)

    def _ask(self, conflict: Conflict) -> bool:
        """Show both values and save again as the person decides; False where nobody is there."""
        place = self._owner
        while place is not None and not isinstance(place, QWidget):
            place = place.parent()
        if place is None:
            return False
        from views.shared.conflict_dialog import ConflictDialog  # noqa: PLC0415 - seldom

        dialog = ConflictDialog(conflict, self.context, place)
        dialog.accepted.connect(lambda: self._save_again(conflict, dialog.resolution()))
        dialog.rejected.connect(lambda: self._give_in(conflict))
        dialog.finished.connect(dialog.deleteLater)
        self._is_asking = True
        dialog.open()
        return True

    def _save_again(self, conflict: Conflict, resolution: dict[str, Any]) -> None:
        self._is_asking = False
        opened = conflict.rebased(self._fields.get("opened"))
        self._fields = {**self._fields, "opened": opened, "resolution": resolution}
        if all(choice is Keep.THEIRS for choice in resolution.values()):
            self._toast = None  # what it would say did not happen
            who = conflict.fields[0].who or tr("Somebody")
            words = tr("What {who} wrote stands; yours is kept in the history.", who=who)
            self._then.insert(0, lambda _value: self.context.toast(words))
        if "row_version" in self._fields:
            self._fields["row_version"] = conflict.row_version
        self._submit(**self._fields)

    def _give_in(self, conflict: Conflict) -> None:
        """Do what is done with any refusal: what was typed stands where it was typed."""
        self._is_asking = False
        try:
            super()._complain(conflict)
        finally:
            self._finish()

    def _forget(self) -> None:
        super()._forget()
        self._then_done, self._or_kept, self._toast, self._fields = [], [], None, {}


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

    def _report(self, fault: EnvironmentFault) -> None:
        """Say nothing twice: while the place is away the banner tells of it."""
        rescue = self.context.workspace.rescue
        if rescue is None or rescue.outage.is_open:
            super()._report(fault)
