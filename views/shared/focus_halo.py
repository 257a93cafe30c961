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
from shiboken6 import isValid

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
        # Qt deletes the frame together with the window it stood in. (A slot on its `destroyed`
        # crashed when the frame went in the same sweep as this object.)
        if self._halo is not None and not isValid(self._halo):
            self._halo = None
        return self._halo

    def _moved(self, _before: QWidget | None, now: QWidget | None) -> None:
        halo, self._halo = self.halo, None
        if halo is not None:
            halo.hide()
            halo.deleteLater()
        if now is None or not isinstance(now, _FIELDS) or now.property("flat"):
            return
        parent = now.parentWidget()
        if isinstance(parent, (QComboBox, QAbstractSpinBox)):
            now = parent
        self._halo = _Halo()
        self._halo.setWidget(now)
