"""The value of a field at rest: words that say they can be edited when pointed at."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from views.fonts import font, metrics
from views.shared import paint
from views.shared.buttons import KEYBOARD_REASONS
from views.theme import current_theme

_PAD = 9
_WRAP = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignTop)


class ValueView(QWidget):
    """Words, a hover ground, a ring; click, Enter or F2 begins editing."""

    activated = Signal()
    link_clicked = Signal()

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        link: bool = False,
        size: int = 13,
        weight: int = 400,
        tall: int = 30,
        pad: int = _PAD,
    ) -> None:
        super().__init__(parent)
        self.can_open = False
        self._link, self._size, self._weight, self._tall = link, size, weight, tall
        self._words, self._empty, self._multiline = "", "", False
        self._ring, self._pad = False, pad
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_words("", "")

    @property
    def words(self) -> str:
        """The words shown."""
        return self._words

    def set_words(self, words: str, empty: str, *, multiline: bool = False) -> None:
        """Show other words."""
        self._words, self._empty, self._multiline = words, empty, multiline
        self._fit_height()
        self._tell_cut()
        self.updateGeometry()
        self.update()

    def _fit_height(self) -> None:
        # A height that follows from the width gets lost in nested boxes; a fixed one does not.
        wanted = self.heightForWidth(self.width())
        if (self.minimumHeight(), self.maximumHeight()) != (wanted, wanted):
            self.setFixedHeight(wanted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the height follow the width, and look whether the words still fit."""
        super().resizeEvent(event)
        self._fit_height()
        self._tell_cut()

    def _tell_cut(self) -> None:
        wide = paint.text_width(self._words, self._size, self._weight)
        cut = not self._multiline and wide > self.width() - 2 * self._pad
        self.setToolTip(self._words if cut else "")

    def sizeHint(self) -> QSize:
        """Fit the words."""
        wide = paint.text_width((self._words or self._empty)[:80], self._size, self._weight)
        width = round(min(wide, 400)) + 2 * self._pad + 2
        return QSize(width, self.heightForWidth(max(width, self.width())))

    def minimumSizeHint(self) -> QSize:
        """Become narrow when needed."""
        return QSize(48, self._tall)

    def heightForWidth(self, width: int) -> int:
        """Give the height of all lines."""
        if not self._multiline:
            return self._tall
        around = QRect(0, 0, max(20, width - 2 * self._pad), 10000)
        measure = metrics(self._size, self._weight)
        shown = measure.boundingRect(QRectF(around), _WRAP, self._words or self._empty)
        return max(self._tall, round(shown.height()) + 14)

    def _link_area(self) -> QRectF:
        wide = paint.text_width(self._words, self._size, self._weight)
        box = QRectF(self._pad, 0, min(wide, self.width() - 2 * self._pad), self.height())
        return paint.mirrored(box, QRectF(self.rect()), self.layoutDirection())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show a hand over a link."""
        over = self._link and self._words and self._link_area().contains(event.position())
        hand = over or self.can_open
        self.setCursor(Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.IBeamCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Follow the link or begin editing."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._link and self._words and self._link_area().contains(event.position()):
            self.link_clicked.emit()
        elif self.rect().contains(event.position().toPoint()):
            self.activated.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Begin editing by key; Ctrl+Enter follows a link."""
        strong = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if enter and strong and self._link:
            self.link_clicked.emit()
        elif enter or event.key() in {Qt.Key.Key_F2, Qt.Key.Key_Space}:
            self.activated.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring when the keyboard came."""
        self._ring = event.reason() in KEYBOARD_REASONS
        self.update()
        super().focusInEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show the hover."""
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Hide the hover."""
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the words."""
        del event
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        area = QRectF(self.rect())
        hovered = self.underMouse() and self.isEnabled()
        if hovered:
            paint.rounded(painter, area, 6, "neutral_tint")
        place = area.adjusted(self._pad, 0, -self._pad - (18 if hovered else 0), 0)
        place = paint.mirrored(place, area, self.layoutDirection())
        color = "accent" if self._link and self._words else "text" if self._words else "muted"
        shown = self._words or self._empty
        if self._multiline:
            painter.setFont(font(self._size, self._weight))
            painter.setPen(current_theme().color(color))
            painter.drawText(area.adjusted(self._pad, 7, -self._pad, 0), _WRAP, shown)
        else:
            paint.draw_text(
                painter, place, shown, size=self._size, weight=self._weight, color=color
            )
        if hovered:
            mark = "chevron-down" if self.can_open else "pencil"
            box = QRectF(area.right() - 22, min(area.center().y() - 7, 8), 14, 14)
            box = paint.mirrored(box, area, self.layoutDirection())
            paint.draw_icon(painter, box.left(), box.top(), mark, "muted", 14)
        if self.hasFocus() and self._ring:
            paint.rounded(painter, area, 6, None, "accent", 2)
