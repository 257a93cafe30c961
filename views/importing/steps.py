"""The four steps at the top of the page, as a row of numbered circles."""

from enum import IntEnum

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from views.shared import paint
from views.shared.text import tr
from views.theme import current_theme

_CIRCLE = 22
_GAP = 12
_LINE = 24


class Step(IntEnum):
    """Where an import is."""

    FILE = 0
    PREVIEW = 1
    IMPORT = 2
    RESULT = 3


class Steps(QWidget):
    """File, Preview, Import, Result: those done ticked, the present one filled."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._step = 0
        self.set_step(0)

    @property
    def step(self) -> int:
        """The present step, from 0."""
        return self._step

    def set_step(self, step: int) -> None:
        """Go to a step."""
        self._step = step
        names = self._names()
        self.setAccessibleName(
            tr("step {done} of {total}", done=step + 1, total=len(names)) + ": " + names[step]
        )
        self.update()

    @staticmethod
    def _names() -> list[str]:
        return [tr("File"), tr("Preview"), tr("Import"), tr("Result")]

    def sizeHint(self) -> QSize:
        """Fit the words."""
        names = self._names()
        words = sum(paint.text_width(name, 13, 600) + 8 for name in names)
        width = words + len(names) * _CIRCLE + (len(names) - 1) * (_LINE + 2 * _GAP) + 4
        return QSize(round(width), 26)

    def minimumSizeHint(self) -> QSize:
        """Never be cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw circles, words and the lines between."""
        del event
        painter = QPainter(self)
        theme = current_theme()
        around = QRectF(self.rect())
        direction = self.layoutDirection()
        painter.setLayoutDirection(direction)
        left, middle = 0.0, self.height() / 2
        for index, name in enumerate(self._names()):
            if index:
                line = QRectF(left + _GAP, middle, _LINE, 1)
                line = paint.mirrored(line, around, direction)
                painter.fillRect(line, theme.color("border"))
                left += _LINE + 2 * _GAP
            box = QRectF(left, middle - _CIRCLE / 2, _CIRCLE, _CIRCLE)
            box = paint.mirrored(box, around, direction)
            self._circle(painter, box, index)
            left += _CIRCLE + 8
            now = index == self._step
            width = paint.text_width(name, 13, 600 if now else 500)
            place = paint.mirrored(QRectF(left, 0, width + 2, self.height()), around, direction)
            color = "text" if index <= self._step else "muted"
            paint.draw_text(
                painter, place, name, weight=600 if now else 500, color=color, elide=False
            )
            left += paint.text_width(name, 13, 600)

    def _circle(self, painter: QPainter, box: QRectF, index: int) -> None:
        if index < self._step:
            paint.rounded(painter, box, 11, current_theme().tone("good").tint)
            paint.draw_icon(painter, box.left() + 4, box.top() + 4, "check", "good", 14)
            return
        now = index == self._step
        paint.rounded(painter, box, 11, "primary" if now else None, None if now else "field_line")
        paint.draw_text(
            painter,
            box,
            str(index + 1),
            size=12,
            weight=600,
            color="on_primary" if now else "muted",
            align=paint.CENTER,
        )
