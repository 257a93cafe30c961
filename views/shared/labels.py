"""Words, pills, avatars and small painted marks."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from views.fonts import font, metrics
from views.shared import paint
from views.shared.paint import Colour
from views.theme import current_theme, repolish

_ROLES: Final = {
    "body": (13, 400),
    "muted": (13, 400),
    "small": (12, 400),
    "medium": (13, 500),
    "strong": (13, 600),
    "section": (12, 600),
    "heading": (15, 600),
    "title": (20, 600),
    "figure": (20, 600),
    "error": (12, 400),
    "link": (13, 600),
}
FIXED: Final = QSizePolicy.Policy.Fixed


class Label(QLabel):
    """Plain words in one of the roles of the type scale."""

    def __init__(
        self,
        text: str = "",
        role: str = "body",
        parent: QWidget | None = None,
        *,
        elide: bool = False,
        wrap: bool = False,
        selectable: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self._role, self._elide = role, elide
        size, weight = _ROLES[role]
        self.setFont(font(size, weight, tabular=role == "figure"))
        self.setWordWrap(wrap)
        if elide:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setText(text)

    def set_text(self, text: str) -> None:
        """Show other words."""
        self.setText(text)
        self._tell_cut()

    def set_role(self, role: str) -> None:
        """Take another place in the type scale."""
        self._role = role
        size, weight = _ROLES[role]
        self.setFont(font(size, weight, tabular=role == "figure"))
        self.setProperty("role", role)
        repolish(self)

    def minimumSizeHint(self) -> QSize:
        """Let an elided label become narrow."""
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), 24), hint.height()) if self._elide else hint

    def sizeHint(self) -> QSize:
        """Give one pixel more than the words, so that rounding never cuts them."""
        hint = super().sizeHint()
        return QSize(hint.width() + 1, hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Look whether the words still fit."""
        super().resizeEvent(event)
        self._tell_cut()

    def _is_cut(self) -> bool:
        size, weight = _ROLES[self._role]
        return self._elide and metrics(size, weight).horizontalAdvance(self.text()) > self.width()

    def _tell_cut(self) -> None:
        if self._elide:
            self.setToolTip(self.text() if self._is_cut() else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the words, shortened when they do not fit."""
        cut = self._is_cut()
        if not cut and not self._is_foreign():
            super().paintEvent(event)
            return
        size, weight = _ROLES[self._role]
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.setFont(self.font())
        shown = paint.elided(self.text(), size, weight, self.width()) if cut else self.text()
        painter.drawText(self.contentsRect(), int(self.alignment()), shown)

    def _is_foreign(self) -> bool:
        """Tell whether one line begins in a script of the other direction.

        QLabel puts such a line to the other end of its place, away from what it belongs to.
        """
        turned = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        return not self.wordWrap() and paint.reads_right_to_left(self.text()) != turned


class _Painted(QWidget):
    """A small fixed mark that paints itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(FIXED, FIXED)

    def minimumSizeHint(self) -> QSize:
        """Never be cut."""
        return self.sizeHint()


class PillLabel(_Painted):
    """A status as a soft pill."""

    def __init__(
        self,
        text: str = "",
        tone: str = "neutral",
        icon: str | None = None,
        outlined: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._outlined = outlined
        self.set_pill(text, tone, icon)

    def set_pill(self, text: str, tone: str = "neutral", icon: str | None = None) -> None:
        """Show another status."""
        self.text, self.tone, self.icon_name = text, tone, icon
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Fit the words."""
        width = paint.pill_width(self.text, self.icon_name)
        return QSize(round(width + 0.5), paint.PILL_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pill."""
        del event
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        middle = self.height() / 2
        paint.draw_pill(
            painter, 0, middle, self.text, self.tone, self.icon_name, outlined=self._outlined
        )


class AvatarLabel(_Painted):
    """A person's circle or a company's square."""

    def __init__(
        self,
        record_id: int = 0,
        name: str = "",
        size: int = 32,
        square: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._side, self._square = size, square
        self.setFixedSize(size, size)
        self.set_person(record_id, name)

    def set_person(self, record_id: int, name: str) -> None:
        """Show somebody else."""
        self._id, self._name = record_id, name
        self.setAccessibleName(name)
        self.update()

    def sizeHint(self) -> QSize:
        """Be square."""
        return QSize(self._side, self._side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the avatar."""
        del event
        paint.draw_avatar(
            QPainter(self), QRectF(self.rect()), self._id, self._name, square=self._square
        )


class KeyHint(_Painted):
    """The name of a key, in a small frame."""

    def __init__(self, text: str, on_primary: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text, self._on_primary = text, on_primary
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        """Fit the words."""
        return QSize(round(paint.key_hint_width(self.text) + 0.5), 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame and the words."""
        del event
        paint.draw_key_hint(
            QPainter(self), self.width(), self.height() / 2, self.text, on_primary=self._on_primary
        )


class IconLabel(_Painted):
    """An icon in a colour of the theme, perhaps on a tinted square."""

    def __init__(
        self,
        name: str,
        color: Colour = "muted",
        size: int = 18,
        *,
        tone: str | None = None,
        box: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.icon_name, self._color, self._size = name, color, size
        self._tone, self._box = tone, max(box, size)
        self.setFixedSize(self._box, self._box)

    def set_icon(self, name: str, color: Colour | None = None) -> None:
        """Show another icon."""
        self.icon_name = name
        self._color = color or self._color
        self.update()

    def sizeHint(self) -> QSize:
        """Be square."""
        return QSize(self._box, self._box)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground and icon."""
        del event
        painter = QPainter(self)
        color = self._color
        if self._tone:
            colours = current_theme().tone(self._tone)
            paint.rounded(painter, QRectF(self.rect()), min(12, self._box / 4), colours.tint)
            color = colours.text
        offset = (self._box - self._size) / 2
        paint.draw_icon(painter, offset, offset, self.icon_name, color, self._size)


class Divider(QWidget):
    """A fine line."""

    def __init__(self, vertical: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line."""
        del event

        QPainter(self).fillRect(self.rect(), current_theme().color("border"))


class SectionTitle(QWidget):
    """A small heading with a remark at the other end."""

    def __init__(
        self, text: str, note: str = "", parent: QWidget | None = None, *, role: str = "section"
    ) -> None:
        super().__init__(parent)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        self.title = Label(text, role)
        self.note = Label(note, "small", elide=True)
        self.note.setAlignment(paint.RIGHT)
        self.note.setVisible(bool(note))
        box.addWidget(self.title)
        box.addStretch(1)
        box.addWidget(self.note)

    def set_text(self, text: str) -> None:
        """Show another heading."""
        self.title.set_text(text)

    def set_note(self, note: str) -> None:
        """Show another remark."""
        self.note.set_text(note)
        self.note.setVisible(bool(note))


class LinkLabel(Label):
    """Words that lead somewhere, by mouse or by Enter."""

    clicked = Signal()

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, "link", parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Follow the link."""
        if self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Follow the link by Enter or Space."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the words and the ring."""
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            y = self.height() - 2
            painter.setPen(self.palette().color(self.foregroundRole()))
            painter.drawLine(0, y, self.width(), y)
