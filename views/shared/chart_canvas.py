"""The widget that shows a chart: matplotlib draws once, pointing and walking cost no redraw."""

from __future__ import annotations

from typing import Final

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from views.shared import paint
from views.shared.chart import Chart, Mark
from views.shared.chart_board import POINTS, Board
from views.shared.chart_style import chart_rc
from views.shared.text import tr
from views.theme import Theme, current_theme, theme_changed

RESIZE_MS: Final = 100
_NEXT: Final = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}
_OPEN: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


def draw_image(chart: Chart, theme: Theme, size: QSize, ratio: float) -> tuple[QImage, list[Mark]]:
    """Draw a chart at a size and return the picture with its marks."""
    width, height = max(1, size.width()), max(1, size.height())
    with mpl.rc_context(chart_rc(theme)):
        figure = Figure(figsize=(width / POINTS, height / POINTS), dpi=POINTS * ratio)
        canvas = FigureCanvasAgg(figure)
        board = Board(figure, theme, width, height)
        chart.draw(board)
        canvas.draw()  # type: ignore[no-untyped-call]
    buffer = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
    across, down = canvas.get_width_height(physical=True)
    picture = QImage(buffer, across, down, across * 4, QImage.Format.Format_RGBA8888).copy()
    picture.setDevicePixelRatio(ratio)
    return picture, board.marks


class ChartCanvas(QWidget):
    """A drawn chart; hover says what a mark is, a click or Enter opens what lies behind it."""

    opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chart: Chart | None = None
        self.marks: list[Mark] = []
        self._picture = QImage()
        self._pointed: int | None = None
        self._walked: int | None = None
        self._stale = True  # what was asked for while hidden is drawn when shown
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(RESIZE_MS)
        self._timer.timeout.connect(self.redraw)
        theme_changed.connect(self._on_theme)

    def sizeHint(self) -> QSize:
        """Prefer a fair size; the layout gives what there is."""
        return QSize(300, 220)

    def show_chart(self, chart: Chart) -> None:
        """Draw another chart, or the same with other numbers."""
        self.chart = chart
        self.setAccessibleName(chart.title)
        self.setAccessibleDescription(chart.note)
        self.redraw()

    def redraw(self) -> None:
        """Draw at the present size and in the present theme."""
        self._timer.stop()
        self._stale = True
        if self.chart is None or not self.isVisible():
            return
        self._stale = False
        ratio = self.devicePixelRatioF()
        self._picture, self.marks = draw_image(self.chart, current_theme(), self.size(), ratio)
        self._pointed = None
        if self._walked is not None and self._walked >= len(self.marks):
            self._walked = None
        self.update()

    def _on_theme(self, _theme: object) -> None:
        self._timer.start(0)

    @property
    def is_drawn(self) -> bool:
        """Whether the picture fits the widget."""
        return self._picture.deviceIndependentSize().toSize() == self.size()

    @property
    def current_mark(self) -> Mark | None:
        """The mark under the pointer, or else the one walked to."""
        place = self._pointed if self._pointed is not None else self._walked
        return self.marks[place] if place is not None and place < len(self.marks) else None

    def mark_at(self, position: QPointF) -> int | None:
        """Return the mark at a place; the last drawn wins."""
        for number in reversed(range(len(self.marks))):
            if _place(self.marks[number]).contains(position):
                return number
        return None

    # --- Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw anew when the size has come to rest."""
        super().resizeEvent(event)
        self._timer.start(RESIZE_MS if not self._picture.isNull() else 0)

    def event(self, event: QEvent) -> bool:
        """Draw when the screen's ratio changed, and when shown with an old picture."""
        shown = event.type() == QEvent.Type.Show and (self._stale or not self.is_drawn)
        if shown or event.type() == QEvent.Type.DevicePixelRatioChange:
            self._timer.start(0)
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show the drawing, and over it the words of the current mark."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._picture.isNull():
            return
        painter.drawImage(QRectF(self.rect()).topLeft(), self._picture)
        mark = self.current_mark
        if mark is None or not self.is_drawn:
            return
        if self.hasFocus() and self._walked is not None and self._pointed is None:
            place = _place(mark).adjusted(-2, -2, 2, 2)
            paint.draw_focus_ring(painter, place.intersected(QRectF(self.rect())), 4)
        self._draw_words(painter, mark)

    def _draw_words(self, painter: QPainter, mark: Mark) -> None:
        lines = mark.words.split("\n")
        width = max(paint.text_width(line, 12, 500) for line in lines) + 20
        height = 18 * len(lines) + 10
        place = _place(mark)
        left = min(max(0.0, place.center().x() - width / 2), max(0.0, self.width() - width))
        top = place.top() - height - 6
        if top < 0:
            top = min(place.bottom() + 6, self.height() - height)
        paint.rounded(painter, QRectF(left, top, width, height), 6, "toast")
        for number, line in enumerate(lines):
            box = QRectF(left + 10, top + 5 + 18 * number, width - 20, 18)
            tone = "toast_text" if number == 0 else "toast_muted"
            weight = 500 if number == 0 else 400
            paint.draw_text(painter, box, line, size=12, weight=weight, color=tone, elide=False)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what is under the pointer."""
        self._point(self.mark_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Say nothing any more."""
        super().leaveEvent(event)
        self._point(None)

    def _point(self, number: int | None) -> None:
        if number == self._pointed:
            return
        self._pointed = number
        mark = self.marks[number] if number is not None else None
        hand = mark is not None and mark.opens is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open what lies behind a mark."""
        number = self.mark_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and number is not None:
            self._walked = number
            self._open(self.marks[number])

    def _open(self, mark: Mark | None) -> None:
        if mark is not None and mark.opens is not None:
            self.opened.emit(mark.opens)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk the marks by arrows, Home and End; Enter opens."""
        key = Qt.Key(event.key())
        last = len(self.marks) - 1
        if key in _OPEN:
            self._open(self.current_mark)
        elif last >= 0 and key in _NEXT:
            here = self._walked
            step = _NEXT[key]
            if here is None:
                self._walk(0 if step > 0 else last)
            else:
                self._walk(min(last, max(0, here + step)))
        elif last >= 0 and key in {Qt.Key.Key_Home, Qt.Key.Key_End}:
            self._walk(0 if key == Qt.Key.Key_Home else last)
        else:
            super().keyPressEvent(event)

    def _walk(self, number: int) -> None:
        self._walked, self._pointed = number, None
        mark = self.marks[number]
        words = mark.words.replace("\n", ", ")
        self.setAccessibleDescription(
            tr("{words}. Enter shows the deals.", words=words) if mark.opens else words
        )
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin at the first mark when reached by keyboard."""
        super().focusInEvent(event)
        by_key = event.reason() in {
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
        }
        if by_key and self.marks and self._walked is None:
            self._walk(0)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leave no mark behind."""
        super().focusOutEvent(event)
        self._walked = None
        self.update()


def _place(mark: Mark) -> QRectF:
    return QRectF(mark.x, mark.y, mark.width, mark.height)
