"""A soft halo around the field that has the keyboard."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFocusFrame,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from views.shared import paint

_FIELDS = (QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QAbstractSpinBox)


class _Halo(QFocusFrame):
    """The ring itself; Qt keeps it around its widget."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ring."""
        del event
        painter = QPainter(self)
        paint.rounded(painter, QRectF(self.rect()), 8, None, "accent_line", 2)


class FocusHalo(QObject):
    """Moves one halo to whatever field takes the focus."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._halo: _Halo | None = None
        app.focusChanged.connect(self._moved)

    @property
    def halo(self) -> QFocusFrame | None:
        """The ring, while a field has the keyboard."""
        return self._halo

    def _moved(self, _before: QWidget | None, now: QWidget | None) -> None:
        if self._halo is not None:
            # Qt deletes the frame together with the window it stood in, so each field gets its own.
            self._halo.destroyed.disconnect(self._gone)
            self._halo.hide()
            self._halo.deleteLater()
            self._halo = None
        if now is None or not isinstance(now, _FIELDS) or now.property("flat"):
            return
        parent = now.parentWidget()
        if isinstance(parent, (QComboBox, QAbstractSpinBox)):
            now = parent
        self._halo = _Halo()
        self._halo.destroyed.connect(self._gone)
        self._halo.setWidget(now)

    def _gone(self) -> None:
        self._halo = None
