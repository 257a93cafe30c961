"""The large name of a record, edited where it stands."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from views.shared.inline_value import ValueView
from views.shared.text import tr
from views.shared.text_fields import cap_line


class InlineTitle(QWidget):
    """The large name of a record, edited where it stands."""

    committed = Signal(str)

    def __init__(self, text: str = "", parent: QWidget | None = None, *, label: str = "") -> None:
        super().__init__(parent)
        self._text = self._opened = text
        self._label = label or tr("Name")
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        # The words stand flush with what is below.
        self.view = ValueView(size=20, weight=600, tall=36, pad=0)
        self.view.activated.connect(self.start)
        self.edit = QLineEdit()
        cap_line(self.edit)
        self.edit.setAccessibleName(self._label)
        self.edit.hide()
        self.edit.installEventFilter(self)
        box.addWidget(self.view)
        box.addWidget(self.edit)
        self.set_text(text)

    @property
    def text(self) -> str:
        """The name."""
        return self._text

    @property
    def opened(self) -> str:
        """The name that stood here when the person began to change it."""
        return self._opened

    def set_text(self, text: str) -> None:
        """Show another name."""
        self._text = text
        self.view.set_words(text, self._label)
        self.view.setAccessibleName(tr("{label}: {value}", label=self._label, value=text))

    def start(self) -> None:
        """Open the editor."""
        self._opened = self._text
        self.edit.setText(self._text)
        self.view.hide()
        self.edit.show()
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.edit.selectAll()

    def commit(self) -> None:
        """Save the name; an empty one is taken back."""
        if self.edit.isHidden():
            return
        text = " ".join(self.edit.text().split())
        self.cancel()
        if text and text != self._opened:
            self.set_text(text)
            self.committed.emit(text)

    def finish_editing(self) -> None:
        """Save what is typed: the window closes."""
        self.commit()

    def cancel(self) -> None:
        """Close the editor and keep the name."""
        self.edit.hide()
        self.view.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hear Enter, Escape and leaving."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                self.cancel()
                return True
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self.commit()
                return True
        elif event.type() == QEvent.Type.FocusOut:
            self.commit()
        return super().eventFilter(watched, event)
