"""The timeline as one painted list: days as headings, entries of any height."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.queries.timeline_entry import TimelineEntry
from views.contacts.timeline_words import Line, line_of
from views.fonts import font, metrics
from views.shared.format import clock_time, day_heading, exact_moment, local
from views.shared.paint import (
    RIGHT,
    draw_focus_ring,
    draw_icon,
    draw_pill,
    draw_row_ground,
    draw_runs,
    draw_text,
    mirrored,
    pill_width,
    rounded,
)
from views.theme import current_theme

RTL: Final = Qt.LayoutDirection.RightToLeft
MARGIN: Final = 20
ICON: Final = 28
TEXT_LEFT: Final = MARGIN + ICON + 12
TIME_WIDTH: Final = 48
LINE_HEIGHT: Final = 20
PILLS_HEIGHT: Final = 28
MAX_LINES: Final = 6
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class _Row:
    """A day's heading, or an entry with its words."""

    day: date | None = None
    entry: TimelineEntry | None = None
    line: Line | None = None
    last: bool = False  # of its day: no thread runs on to the next


class TimelineModel(QAbstractListModel):
    """Entries with the headings of their days between them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: list[_Row] = []

    def set_entries(self, entries: Sequence[TimelineEntry], user_id: int | None) -> None:
        """Show these entries, newest first."""
        self.beginResetModel()
        self._rows = []
        for place, entry in enumerate(entries):
            day = local(entry.at).date()
            if place == 0 or local(entries[place - 1].at).date() != day:
                self._rows.append(_Row(day=day))
            follows = entries[place + 1] if place + 1 < len(entries) else None
            last = follows is None or local(follows.at).date() != day
            self._rows.append(_Row(entry=entry, line=line_of(entry, user_id), last=last))
        self.endResetModel()

    def row_at(self, row: int) -> _Row:
        """Return what a row holds."""
        return self._rows[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Count headings and entries."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Serve the words, and the exact moment as tooltip."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return row.line.text if row.line else day_heading(row.day) if row.day else ""
        if role == Qt.ItemDataRole.ToolTipRole and row.entry is not None:
            return exact_moment(row.entry.at)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Entries can be chosen, headings not."""
        if not index.isValid() or self._rows[index.row()].entry is None:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class TimelineDelegate(QStyledItemDelegate):
    """Paints the rows; heights are kept per width until the rows change."""

    def __init__(self, view: "TimelineView") -> None:
        super().__init__(view)
        self._view = view
        self._heights: dict[tuple[int, int], int] = {}

    def forget(self) -> None:
        """Measure anew."""
        self._heights.clear()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of a row at the present width."""
        del option
        width = self._view.viewport().width()
        key = (index.row(), width)
        if key not in self._heights:
            self._heights[key] = self._height(self._view.records.row_at(index.row()), width)
        return QSize(width, self._heights[key])

    def _height(self, row: _Row, width: int) -> int:
        if row.line is None:
            return 36
        height = 14 + LINE_HEIGHT
        if row.line.body:
            height += self._lay_out(row.line.body, self._text_width(width))[1]
        return max(height + (PILLS_HEIGHT if row.line.pills else 0), 44)

    @staticmethod
    def _text_width(width: int) -> float:
        return max(80.0, width - TEXT_LEFT - MARGIN - TIME_WIDTH)

    @staticmethod
    def _lay_out(text: str, width: float) -> tuple[QTextLayout, int]:
        """Break the text into at most MAX_LINES lines, the last one ending in dots."""
        layout = QTextLayout(text.strip().replace("\n", "\u2028"), font(13))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        count = 0
        while count < MAX_LINES:
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(width)
            line.setPosition(QPointF(0, count * LINE_HEIGHT))
            count += 1
        layout.endLayout()
        return layout, count * LINE_HEIGHT

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a heading or an entry."""
        rect = QRectF(option.rect)
        row = self._view.records.row_at(index.row())
        painter.save()
        if row.day is not None:
            self._paint_day(painter, rect, row.day)
        elif row.entry is not None and row.line is not None:
            state = option.state
            chosen = bool(state & QStyle.StateFlag.State_Selected) and self._view.hasFocus()
            hover = bool(state & QStyle.StateFlag.State_MouseOver)
            if chosen or hover:
                inner = rect.adjusted(8, 1, -8, -1)
                draw_row_ground(painter, inner, selected=chosen, hover=hover, bar=False)
                if chosen:
                    draw_focus_ring(painter, inner)
            self._paint_entry(painter, rect, row.entry, row.line, last=row.last)
        painter.restore()

    @staticmethod
    def _paint_day(painter: QPainter, rect: QRectF, day: date) -> None:
        place = rect.adjusted(MARGIN, 8, -MARGIN, 0)
        words = day_heading(day)
        width = metrics(12, 600).horizontalAdvance(words)
        draw_text(painter, place, words, size=12, weight=600, color="neutral")
        y = round(place.center().y())
        line = QRectF(place.left() + width + 12, y, place.width() - width - 12, 1)
        painter.fillRect(
            mirrored(line, rect, painter.layoutDirection()), current_theme().color("border")
        )

    def _paint_entry(
        self, painter: QPainter, rect: QRectF, entry: TimelineEntry, line: Line, *, last: bool
    ) -> None:
        def put(box: QRectF) -> QRectF:
            return mirrored(box, rect, painter.layoutDirection())

        theme = current_theme()
        tone = theme.tone(line.tone)
        circle = put(QRectF(rect.left() + MARGIN, rect.top() + 6, ICON, ICON))
        if not last and rect.height() > 52:
            painter.setPen(theme.color("border"))
            x = circle.center().x()
            painter.drawLine(QPointF(x, circle.bottom() + 4), QPointF(x, rect.bottom()))
        rounded(painter, circle, ICON / 2, tone.tint)
        draw_icon(painter, circle.left() + 6, circle.top() + 6, line.icon, tone.text, 16)
        width = self._text_width(round(rect.width()))
        top = rect.top() + 10
        place = put(QRectF(rect.left() + TEXT_LEFT, top, width, LINE_HEIGHT))
        draw_runs(painter, place, list(line.runs))
        moment = put(QRectF(rect.right() - MARGIN - TIME_WIDTH, top, TIME_WIDTH, LINE_HEIGHT))
        words = clock_time(entry.at)
        draw_text(painter, moment, words, size=12, color="muted", align=RIGHT, tabular=True)
        y = top + LINE_HEIGHT
        if line.body:
            layout, height = self._lay_out(line.body, width)
            painter.setPen(theme.color("neutral"))
            layout.draw(painter, QPointF(place.left(), y + 1))
            y += height
        x, is_rtl = rect.left() + TEXT_LEFT, painter.layoutDirection() == RTL
        edge = rect.right() - MARGIN
        for pill in line.pills:
            if x > rect.left() + TEXT_LEFT and x + pill_width(pill.text, pill.icon) > edge:
                break  # the entry, opened, shows all of them
            at = rect.left() + rect.right() - x if is_rtl else x
            wide = draw_pill(painter, at, y + 14, pill.text, pill.tone, pill.icon, right=is_rtl)
            x += wide + 8


class TimelineView(QListView):
    """The list itself; near its end it asks for what is older."""

    older_wanted = Signal()
    entry_activated = Signal(object)
    removal_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None, *, whole: bool = False) -> None:
        super().__init__(parent)
        self._whole = whole  # as high as its content, inside a page that scrolls
        self.records = TimelineModel(self)
        self._delegate = TimelineDelegate(self)
        self.setModel(self.records)
        self.setItemDelegate(self._delegate)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        if whole:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.doubleClicked.connect(self._activate)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    def set_entries(self, entries: Sequence[TimelineEntry], user_id: int | None) -> None:
        """Show these entries; the place that was looked at stays."""
        place = self.verticalScrollBar().value()
        self._delegate.forget()
        self.records.set_entries(entries, user_id)
        self._fit()
        self.verticalScrollBar().setValue(place)

    def chosen(self) -> TimelineEntry | None:
        """Return the entry under the cursor."""
        index = self.currentIndex()
        return self.records.row_at(index.row()).entry if index.isValid() else None

    def _fit(self) -> None:
        if self._whole:
            option = QStyleOptionViewItem()
            rows = range(self.records.rowCount())
            heights = (
                self._delegate.sizeHint(option, self.records.index(row, 0)).height() for row in rows
            )
            self.setFixedHeight(max(1, sum(heights)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the texts anew."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._delegate.forget()
            self._fit()
            self.scheduleDelayedItemsLayout()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin at the newest entry."""
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.records.rowCount() > 1:
            self.setCurrentIndex(self.records.index(1, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Delete takes away, J and K walk."""
        key, held = event.key(), event.modifiers()
        entry = self.chosen()
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not held:
            self._activate(self.currentIndex())
        elif key == Qt.Key.Key_Delete and entry is not None:
            self.removal_wanted.emit(entry)
        elif key in {Qt.Key.Key_J, Qt.Key.Key_K} and not held:
            self._walk(1 if key == Qt.Key.Key_J else -1)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open an entry by a click on one of its files."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if not index.isValid() or event.button() != Qt.MouseButton.LeftButton:
            return
        row = self.records.row_at(index.row())
        below = self.visualRect(index).bottom() - event.position().y() <= PILLS_HEIGHT
        if row.entry is not None and row.entry.files and below:
            self.entry_activated.emit(row.entry)

    def _walk(self, step: int) -> None:
        row = self.currentIndex().row() + step
        while 0 <= row < self.records.rowCount():
            if self.records.row_at(row).entry is not None:
                self.setCurrentIndex(self.records.index(row, 0))
                return
            row += step

    def _activate(self, index: QModelIndex) -> None:
        entry = self.records.row_at(index.row()).entry if index.isValid() else None
        if entry is not None:
            self.entry_activated.emit(entry)

    def _scrolled(self, value: int) -> None:
        if value >= self.verticalScrollBar().maximum() - 200:
            self.older_wanted.emit()
