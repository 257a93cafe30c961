"""Undo and redo of anything, by name."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from views.operations import Lookup, Operation
from views.shared.text import tr

if TYPE_CHECKING:
    from app.history import Step
    from views.context import PageContext


class UndoActions(QObject):
    """Knows what Ctrl+Z would take back, and takes it back."""

    names_changed = Signal(str, str)

    def __init__(self, context: "PageContext", parent: QObject | None = None) -> None:
        super().__init__(parent or context)
        self.context = context
        self.undo_name = self.redo_name = ""
        context.changed.connect(self.look)
        context.user_changed.connect(self.look)
        self.look()

    def look(self, *_changes: object) -> None:
        """Ask what could be undone and redone now."""
        Lookup(self, _candidates, self.context.user_id, key="names").then(self._take)

    def undo(self) -> None:
        """Take back the person's last step."""
        from app.history import undo_candidate  # noqa: PLC0415 - loads the ORM

        Lookup(self, undo_candidate, self.context.user_id, key="undo").then(self._undo_found)

    def redo(self) -> None:
        """Do again what was taken back last."""
        from app.history import redo_candidate  # noqa: PLC0415 - loads the ORM

        Lookup(self, redo_candidate, self.context.user_id, key="redo").then(self._redo_found)

    def undo_step(self, step: int) -> None:
        """Take back one step, such as a toast names it."""
        from app.history import undo_step  # noqa: PLC0415 - loads the ORM

        self._run(tr("Undo"), undo_step, step, tr("Undone"))

    def _undo_found(self, step: "Step | None") -> None:
        from app.history import undo_step  # noqa: PLC0415 - loads the ORM

        if step is None:
            self.context.toast(tr("There is nothing to undo."))
            return
        name = tr(step.label)
        self._run(tr("Undo {step}", step=name), undo_step, step.n, tr("Undone: {step}", step=name))

    def _redo_found(self, step: "Step | None") -> None:
        from app.history import redo_step  # noqa: PLC0415 - loads the ORM

        if step is None:
            self.context.toast(tr("There is nothing to redo."))
            return
        name = tr(step.label)
        self._run(
            tr("Redo {step}", step=name), redo_step, step.n, tr("Done again: {step}", step=name)
        )

    def _run(self, label: str, command: Callable[..., int], step: int, words: str) -> None:
        run = partial(Operation, self, label, command)
        run(step=step).then(lambda _value: self.context.toast(words))

    def _take(self, names: tuple[str, str]) -> None:
        self.undo_name, self.redo_name = names
        self.names_changed.emit(*names)


def _candidates(session: object, user_id: int | None) -> tuple[str, str]:
    """Name what could be undone and redone (on a reader thread)."""
    from app.history import redo_candidate, undo_candidate  # noqa: PLC0415 - loads the ORM

    undo, redo = undo_candidate(session, user_id), redo_candidate(session, user_id)  # type: ignore[arg-type]
    return undo.label if undo else "", redo.label if redo else ""
