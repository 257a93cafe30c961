"""The stages of a deal's pipeline as a row of steps; click one to move the deal there."""

from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.queries.deal_details import DealDetails, StageStep
from models.values import StageType
from views.pipeline.words import stage_color
from views.shared import paint
from views.shared.text import tr
from views.theme import current_theme

GAP: Final = 4


class StageBar(QWidget):
    """A bar per open stage, filled up to the present one; the name of it below."""

    chosen = Signal(object)  # a StageStep

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stages: tuple[StageStep, ...] = ()
        self._type, self._stage_id, self._name = StageType.OPEN, 0, ""
        self._hover = -1
        self._died_at = 0
        self._focus_step = 0
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(42)

    def show_details(self, details: DealDetails) -> None:
        """Show where a deal stands."""
        self._stages = tuple(s for s in details.stages if s.type is StageType.OPEN)
        row = details.row
        self._type, self._stage_id, self._name = row.stage_type, row.stage_id, row.stage_name
        names = [stage.name for stage in self._stages]
        died = details.last_open_stage
        self._died_at = names.index(died) if died in names else len(names)
        self._focus_step = max(0, self._place())
        self.setAccessibleName(tr("Stage: {stage}", stage=row.stage_name))
        self.update()

    def _place(self) -> int:
        return next((i for i, s in enumerate(self._stages) if s.id == self._stage_id), -1)

    def sizeHint(self) -> QSize:
        """Fill the width."""
        return QSize(240, 42)

    def _boxes(self) -> list[QRectF]:
        count = max(1, len(self._stages))
        width = (self.width() - GAP * (count - 1)) / count
        area = QRectF(self.rect())
        return [
            paint.mirrored(QRectF(i * (width + GAP), 8, width, 6), area, self.layoutDirection())
            for i in range(len(self._stages))
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the steps and the words below."""
        del event
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        here = self._place()
        done = {StageType.WON: "good", StageType.LOST: "bad"}.get(self._type, "primary")
        for place, box in enumerate(self._boxes()):
            filled = place <= here or self._type is StageType.WON
            if self._type is StageType.LOST:  # up to where it died
                filled = place <= self._died_at
            paint.rounded(painter, box, 3, done if filled else "row_line")
            if place == self._hover or (self.hasFocus() and place == self._focus_step):
                paint.rounded(painter, box.adjusted(-2, -3, 2, 3), 5, None, "accent", 1.5)
        words, color = self._name, "text"
        if self._hover >= 0:
            words, color = tr("Move to {stage}", stage=self._stages[self._hover].name), "accent"
        elif self.hasFocus() and self._focus_step != here and self._stages:
            words = tr("Move to {stage} by Enter", stage=self._stages[self._focus_step].name)
        dark = current_theme().is_dark
        dot = stage_color(self._type, max(0, here), dark=dark)
        line = QRectF(self.rect()).adjusted(0, 20, 0, 0)
        mark = paint.mirrored(QRectF(0, 27, 8, 8), self.rect(), self.layoutDirection())
        paint.rounded(painter, mark, 4, dot)
        rest = paint.mirrored(line.adjusted(16, 0, 0, 0), self.rect(), self.layoutDirection())
        paint.draw_text(painter, rest, words, weight=500, color=color)

    # --- choosing

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say which stage a click would choose."""
        self._set_hover(self._step_at(event.position().x(), event.position().y()))

    def leaveEvent(self, event: QEvent) -> None:
        """Say again where the deal stands."""
        super().leaveEvent(event)
        self._set_hover(-1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose a stage."""
        place = self._step_at(event.position().x(), event.position().y())
        if place >= 0:
            self._choose(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk by arrows, choose by Enter."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in steps and self._stages:
            walked = self._focus_step + steps[Qt.Key(event.key())]
            self._focus_step = max(0, min(walked, len(self._stages) - 1))
            self.update()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self._choose(self._focus_step)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the ring."""
        super().focusOutEvent(event)
        self.update()

    def _choose(self, place: int) -> None:
        if self._stages and self._stages[place].id != self._stage_id:
            self.chosen.emit(self._stages[place])

    def _step_at(self, x: float, y: float) -> int:
        if y > 20:
            return -1
        boxes = self._boxes()
        return next((i for i, b in enumerate(boxes) if b.left() - 2 <= x <= b.right() + 2), -1)

    def _set_hover(self, place: int) -> None:
        if place != self._hover:
            self._hover = place
            self.setToolTip(self._stages[place].name if place >= 0 else "")
            self.update()
