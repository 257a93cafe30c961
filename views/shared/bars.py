"""Bars, dots and the placeholder of a page that still loads."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from views.shared import paint
from views.shared.format import percent
from views.shared.paint import Colour
from views.shared.text import tr
from views.theme import current_theme


class _Bar(QWidget):
    """A thin painted bar as wide as there is room."""

    tall = 8

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Prefer a fair width."""
        return QSize(120, self.tall)

    def minimumSizeHint(self) -> QSize:
        """Become narrow when needed."""
        return QSize(24, self.tall)

    def begin(self) -> QPainter:
        """Give a painter that is mirrored in right-to-left layouts."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            painter.translate(self.width(), 0)
            painter.scale(-1, 1)
        return painter


class GoalBar(_Bar):
    """What is won, what is nearly won, and a tick where today's pace should be."""

    tall = 14

    def __init__(
        self,
        won: float = 0,
        commit: float = 0,
        goal: float = 1,
        pace: float | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.set_values(won, commit, goal, pace)

    def set_values(self, won: float, commit: float, goal: float, pace: float | None = None) -> None:
        """Show other amounts; ``pace`` is an amount too."""
        self._won, self._commit, self._goal, self._pace = won, commit, max(goal, 1e-9), pace
        self.setAccessibleName(tr("{share} of the goal won", share=percent(won / self._goal)))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the parts and the tick."""
        del event
        painter, theme = self.begin(), current_theme()
        area = QRectF(0, 3, self.width(), 8)
        shape = QPainterPath()
        shape.addRoundedRect(area, 4, 4)
        painter.setClipPath(shape)
        painter.fillRect(area, theme.color("neutral_tint"))
        won = min(1.0, self._won / self._goal) * area.width()
        both = min(1.0, (self._won + self._commit) / self._goal) * area.width()
        painter.fillRect(QRectF(0, 3, both, 8), theme.color("accent_pale"))
        painter.fillRect(QRectF(0, 3, won, 8), theme.color("primary"))
        painter.setClipping(False)
        if self._pace is not None:
            x = min(1.0, self._pace / self._goal) * (area.width() - 2)
            paint.rounded(painter, QRectF(x, 0, 2, 14), 1, "text")


class SegmentBar(_Bar):
    """Parts of a whole beside each other: (value, colour, label)."""

    def __init__(
        self, parts: Sequence[tuple[float, Colour, str]] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.set_parts(parts)

    def set_parts(self, parts: Sequence[tuple[float, Colour, str]]) -> None:
        """Show other parts."""
        self._parts = [part for part in parts if part[0] > 0]
        self.setAccessibleName(", ".join(f"{label} {value:g}" for value, _, label in self._parts))
        self.setToolTip(self.accessibleName())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the parts with a fine gap."""
        del event
        painter, theme = self.begin(), current_theme()
        area = QRectF(0, 0, self.width(), self.height())
        shape = QPainterPath()
        shape.addRoundedRect(area, 4, 4)
        painter.setClipPath(shape)
        painter.fillRect(area, theme.color("neutral_tint"))
        whole = sum(value for value, _, _ in self._parts)
        gaps = max(0, len(self._parts) - 1)
        # Even the smallest part must be seen.
        room = area.width() - gaps - 2 * len(self._parts)
        left = 0.0
        for value, color, _ in self._parts:
            wide = 2 + room * value / whole
            painter.fillRect(QRectF(left, 0, wide, area.height()), theme.color(color))
            left += wide + 1


class StepDots(QWidget):
    """How many of a few steps are done, as short strokes."""

    def __init__(self, done: int = 0, total: int = 5, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_steps(done, total)

    def set_steps(self, done: int, total: int) -> None:
        """Show other steps."""
        self._done, self._total = done, total
        self.setAccessibleName(tr("step {done} of {total}", done=done, total=total))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Fit the strokes."""
        return QSize(self._total * 14, 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the strokes."""
        del event
        painter = QPainter(self)
        for step in range(self._total):
            place = QRectF(step * 14, 1, 12, 4)
            place = paint.mirrored(place, QRectF(self.rect()), self.layoutDirection())
            paint.rounded(painter, place, 2, "primary" if step < self._done else "border")


class Skeleton(QWidget):
    """Grey strokes where rows will be, so that a slow page is not an empty one."""

    def __init__(
        self,
        rows: int = 8,
        row_height: int = paint.ROW,
        parent: QWidget | None = None,
        *,
        avatar: bool = True,
    ) -> None:
        super().__init__(parent)
        self._rows, self._tall, self._avatar = rows, row_height, avatar
        self.setAccessibleName(tr("Loading"))

    def sizeHint(self) -> QSize:
        """Fit the rows."""
        return QSize(320, self._rows * self._tall)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the strokes, paler from row to row."""
        del event
        painter = QPainter(self)
        around = QRectF(self.rect())
        for row in range(min(self._rows, self.height() // self._tall)):
            painter.setOpacity(max(0.25, 1 - row * 0.09))
            middle = row * self._tall + self._tall / 2
            left = 20.0
            if self._avatar:
                side = min(28, self._tall - 12)
                box = QRectF(left, middle - side / 2, side, side)
                paint.rounded(
                    painter,
                    paint.mirrored(box, around, self.layoutDirection()),
                    side / 2,
                    "skeleton",
                )
                left += side + 12
            for start, share in ((0.0, 0.20), (0.32, 0.16), (0.58, 0.22), (0.88, 0.08)):
                room = self.width() - left - 20
                wide = room * share * (1 - 0.25 * ((row * 7 + int(start * 10)) % 3) / 2)
                box = QRectF(left + room * start, middle - 4, max(12.0, wide), 8)
                paint.rounded(
                    painter, paint.mirrored(box, around, self.layoutDirection()), 4, "skeleton"
                )
