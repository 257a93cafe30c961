"""Lets Ctrl+Z pass through a text field that has nothing to take back itself."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget


class UndoKeys(QObject):
    """Qt's text fields keep Ctrl+Z for themselves even when they are empty.

    After a note was saved its field still has the focus; Ctrl+Z means the note then.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._follow)

    def _follow(self, left: QWidget | None, entered: QWidget | None) -> None:
        if left is not None:
            left.removeEventFilter(self)
        if isinstance(entered, QLineEdit | QPlainTextEdit):
            entered.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the key to the window when the field could do nothing with it."""
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        passes = (
            event.matches(QKeySequence.StandardKey.Undo) and not _can(watched, "isUndoAvailable")
        ) or (event.matches(QKeySequence.StandardKey.Redo) and not _can(watched, "isRedoAvailable"))
        if passes:
            event.ignore()
        return passes


def _can(field: QObject, question: str) -> bool:
    owner = field.document() if isinstance(field, QPlainTextEdit) else field
    return bool(getattr(owner, question)())
