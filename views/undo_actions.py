"""Undo and redo of anything, by name."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from views.operations import Lookup, Operation
from views.shared.text import tr

if TYPE_CHECKING:
    from app.history import Step
    from views.context import PageContext


class UndoActions(QObject):
    """Knows what Ctrl+Z would take back, and takes it back: steps of this window only."""

    names_changed = Signal(str, str)

    def __init__(self, context: "PageContext", parent: QObject | None = None) -> None:
        super().__init__(parent or context)
        self.context = context
        self.undo_name = self.redo_name = ""
        self._presses: list[Callable[[], object]] = []
        context.changed.connect(self.look)
        context.user_changed.connect(self.look)
        self.look()

    def look(self, *_changes: object) -> None:
        """Ask what could be undone and redone now."""
        Lookup(self, _candidates, self.context.user_id, self.context.process, key="names").then(
            self._take
        )

    def undo(self) -> None:
        """Take back the person's last step."""
        self._press(self._look_for_undo)

    def redo(self) -> None:
        """Do again what was taken back last."""
        self._press(self._look_for_redo)

    def _press(self, look: Callable[[], object]) -> None:
        """Do one at a time: a second Ctrl+Z means the step before, not the same one again."""
        self._presses.append(look)
        if len(self._presses) == 1:
            look()

    def _next_press(self) -> None:
        self._presses = self._presses[1:]
        if self._presses:
            self._presses[0]()

    def _look_for_undo(self) -> None:
        from app.history import undo_candidate  # noqa: PLC0415 - loads the ORM

        self._ask(undo_candidate, self._undo_found)

    def _look_for_redo(self) -> None:
        from app.history import redo_candidate  # noqa: PLC0415 - loads the ORM

        self._ask(redo_candidate, self._redo_found)

    def _ask(self, query: Callable[..., Any], found: Callable[[Any], bool]) -> None:
        going: list[bool] = []
        user_id, process = self.context.user_id, self.context.process
        Lookup(self, query, user_id, process=process).then(
            lambda step: going.append(found(step))
        ).lastly(lambda: None if any(going) else self._next_press())

    def undo_step(self, step: int) -> None:
        """Take back one step, such as a toast names it."""
        from app.history import undo_step  # noqa: PLC0415 - loads the ORM

        self._run(tr("Undo"), undo_step, step, tr("Undone"))

    def _undo_found(self, step: "Step | None") -> bool:
        from app.history import undo_step  # noqa: PLC0415 - loads the ORM

        if step is None:
            self._offer_earlier()
            return False
        name = tr(step.label)
        words = tr("Undone: {step}", step=name)
        self._run(tr("Undo {step}", step=name), undo_step, step.n, words).lastly(self._next_press)
        return True

    def _offer_earlier(self) -> None:
        """Name an older step, or one of another window, but leave it to the person to take it."""
        from app.history import undo_candidate  # noqa: PLC0415 - loads the ORM

        Lookup(self, undo_candidate, self.context.user_id).then(self._earlier_found)

    def _earlier_found(self, step: "Step | None") -> None:
        if step is None:
            self.context.toast(tr("There is nothing to undo."))
            return
        self.context.toast(
            tr("There is nothing to undo in this window."),
            undo_step=step.n,
            detail=tr("Done earlier or in another window: {step}", step=tr(step.label)),
        )

    def _redo_found(self, step: "Step | None") -> bool:
        from app.history import redo_step  # noqa: PLC0415 - loads the ORM

        if step is None:
            self.context.toast(tr("There is nothing to redo."))
            return False
        name = tr(step.label)
        words = tr("Done again: {step}", step=name)
        self._run(tr("Redo {step}", step=name), redo_step, step.n, words).lastly(self._next_press)
        return True

    def _run(self, label: str, command: Callable[..., int], step: int, words: str) -> Operation:
        run = partial(Operation, self, label, command)
        return run(step=step).then(lambda _value: self.context.toast(words))

    def _take(self, names: tuple[str, str]) -> None:
        self.undo_name, self.redo_name = names
        self.names_changed.emit(*names)


def _candidates(session: Any, user_id: int | None, process: str) -> tuple[str, str]:
    """Name what could be undone and redone (on a reader thread)."""
    from app.history import redo_candidate, undo_candidate  # noqa: PLC0415 - loads the ORM

    undo = undo_candidate(session, user_id, process=process)
    redo = redo_candidate(session, user_id, process=process)
    return undo.label if undo else "", redo.label if redo else ""
