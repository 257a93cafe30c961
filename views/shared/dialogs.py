"""The base of dialogs: a title, what to fill in, and what went wrong beside it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from views.shared.buttons import Button, ghost
from views.shared.labels import IconLabel, Label
from views.shared.text import tr


class Dialog(QDialog):
    """A dialog; override `confirmed` to do the work, and return whether it may close."""

    def __init__(
        self,
        title: str,
        text: str = "",
        parent: QWidget | None = None,
        *,
        width: int = 480,
        confirm: str = "",
        cancel: str = "",
        kind: str = "primary",
        icon: str | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        self.setMinimumWidth(min(width, 360))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 22, 24, 20)
        outer.setSpacing(0)
        head = QHBoxLayout()
        head.setSpacing(10)
        if icon:
            head.addWidget(IconLabel(icon, size=18, tone="accent", box=34))
        self.title = Label(title, "heading", wrap=True)
        head.addWidget(self.title, 1)
        outer.addLayout(head)
        self.text = Label(text, "muted", wrap=True)
        self.text.setVisible(bool(text))
        outer.addSpacing(6)
        outer.addWidget(self.text)
        outer.addSpacing(14)
        self.body = QVBoxLayout()
        self.body.setSpacing(12)
        outer.addLayout(self.body, 1)
        self.error = Label("", "error", wrap=True)
        self.error.hide()
        outer.addSpacing(8)
        outer.addWidget(self.error)
        outer.addSpacing(12)
        self.cancel_button = ghost(cancel or tr("Cancel"))
        self.cancel_button.clicked.connect(self.reject)
        self.confirm_button = Button(confirm or tr("Save"), kind=kind)
        self.confirm_button.clicked.connect(self.try_confirm)
        self.confirm_button.setDefault(True)
        self.footer = QHBoxLayout()
        self.footer.setSpacing(8)
        self.footer.addStretch(1)
        self.footer.addWidget(self.cancel_button)
        self.footer.addWidget(self.confirm_button)
        outer.addLayout(self.footer)
        self.resize(width, self.sizeHint().height())

    def fit(self) -> None:
        """Take the height that the words need now."""
        if (outer := self.layout()) is not None:
            outer.activate()
            self.resize(self.width(), outer.totalHeightForWidth(self.width()))

    def set_error(self, text: str) -> None:
        """Say what must be mended; empty takes it away."""
        self.error.set_text(text)
        self.error.setVisible(bool(text))
        self.set_busy(False)

    def set_busy(self, busy: bool) -> None:
        """Hold the confirming button while the work runs."""
        self.confirm_button.setEnabled(not busy)

    def confirmed(self) -> bool:
        """Do the work; True closes the dialog."""
        return True

    def try_confirm(self) -> None:
        """Confirm when the button may be pressed."""
        if self.confirm_button.isEnabled() and self.confirmed():
            self.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Confirm by Ctrl+Enter, from many lines of text too."""
        strong = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if strong and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.try_confirm()
        else:
            super().keyPressEvent(event)


def ask(
    parent: QWidget | None, title: str, text: str, confirm: str, *, kind: str = "danger"
) -> bool:
    """Ask before something that cannot be undone; Cancel has the focus."""
    dialog = Dialog(title, text, parent, width=420, confirm=confirm, kind=kind)
    dialog.confirm_button.setDefault(kind != "danger")
    dialog.cancel_button.setFocus()
    agreed = dialog.exec() == QDialog.DialogCode.Accepted
    dialog.deleteLater()
    return agreed
