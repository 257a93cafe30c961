"""Words that can be taken away: a filter in force, a tag."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from views.shared import paint
from views.shared.buttons import PaintedButton
from views.shared.text import tr


@dataclass(frozen=True, slots=True)
class ChipLook:
    """How a removable chip is drawn; `end` is the room of its cross."""

    height: int
    radius: float
    pad: int
    end: int
    ground: str
    line: str
    words: str
    cross: str


FILTER: Final = ChipLook(28, 14, 12, 26, "accent_soft", "accent_line", "accent", "accent")
TAG: Final = ChipLook(24, 4, 8, 22, "raised", "border", "neutral", "muted")
_CROSS: Final = 12


class RemovableChip(PaintedButton):
    """Words in a capsule; the cross at its end, Delete or Backspace takes it away."""

    removed = Signal()

    def __init__(
        self,
        text: str,
        parent: QWidget | None = None,
        *,
        look: ChipLook = FILTER,
        spoken: str = "",
        value: Any = None,
    ) -> None:
        super().__init__(text, parent)
        self.value = value
        self._look = look
        self.setFixedHeight(look.height)
        self.setAccessibleName(spoken or text)

    def sizeHint(self) -> QSize:
        """Fit the words and the cross."""
        words = paint.text_width(self.text(), 12, 500)
        return QSize(round(words + self._look.pad + self._look.end + 2.5), self._look.height)

    def _cross(self) -> QRectF:
        end = self._look.end
        box = QRectF(self.width() - end, 0, end, self.height())
        return paint.mirrored(box, QRectF(self.rect()), self.layoutDirection())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Take it away when the cross was meant."""
        if self.isDown() and self._cross().contains(event.position()):
            self.setDown(False)
            self.removed.emit()
            return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take it away by key."""
        if event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.removed.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, words and cross."""
        del event
        painter, look = QPainter(self), self._look
        area = QRectF(self.rect())
        paint.rounded(painter, area, look.radius, look.ground, look.line)
        place = area.adjusted(look.pad, 0, -look.end, 0)
        place = paint.mirrored(place, area, self.layoutDirection())
        painter.setLayoutDirection(self.layoutDirection())
        paint.draw_text(painter, place, self.text(), size=12, weight=500, color=look.words)
        middle = self._cross().center()
        paint.draw_icon(
            painter, middle.x() - _CROSS / 2 - 1, middle.y() - _CROSS / 2, "x", look.cross, _CROSS
        )
        self.draw_ring(painter, look.radius)


def filter_chip(text: str, parent: QWidget | None = None) -> RemovableChip:
    """Make the chip of a filter in force."""
    spoken = tr("Filter: {text}. Delete takes it away.", text=text)
    return RemovableChip(text, parent, look=FILTER, spoken=spoken)


def tag_chip(tag_id: Any, name: str, parent: QWidget | None = None) -> RemovableChip:
    """Make the chip of a tag."""
    spoken = tr("Tag {name}. Delete takes it off.", name=name)
    return RemovableChip(name, parent, look=TAG, spoken=spoken, value=tag_id)
