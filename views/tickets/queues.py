"""The queues at the left: whose tickets, in what state, of which team; and how the week went."""

from typing import Any, Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.queries.tickets import Queue, QueueCounts, WeekFigures
from views.shared import paint
from views.shared.format import DASH, duration_words, number, percent
from views.shared.labels import Divider, Label
from views.shared.text import tr, tr_n
from views.tickets.words import QUEUE_ICONS, queue_words

VALUE: Final = int(Qt.ItemDataRole.UserRole)
COUNT: Final = VALUE + 1
ICON: Final = VALUE + 2
WIDTH: Final = 184
_Index = QModelIndex | QPersistentModelIndex


class _QueueDelegate(QStyledItemDelegate):
    """Draws a heading, or a queue with its count."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Give headings room above."""
        del option
        return QSize(WIDTH - 16, 32 if index.data(VALUE) is not None else 44)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw the row."""
        painter.save()
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        text = str(index.data())
        if index.data(VALUE) is None:
            paint.draw_text(
                painter, area.adjusted(12, 14, -8, 0), text, size=12, weight=600, color="muted"
            )
        else:
            self._queue(painter, area, state, index, text)
        painter.restore()

    @staticmethod
    def _queue(
        painter: QPainter, area: QRect, state: QStyle.StateFlag, index: _Index, text: str
    ) -> None:
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        box = area.adjusted(0, 0, 0, -1)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            paint.rounded(painter, box, 6, "accent_soft" if chosen else "hover")
        alarm = index.data(VALUE) == Queue.BREACHING and bool(index.data(COUNT))
        color = "accent" if chosen else "bad" if alarm else "muted"
        middle = box.center().y()
        paint.draw_icon(painter, box.left() + 12, middle - 8, str(index.data(ICON)), color, 17)
        count = index.data(COUNT)
        if alarm:
            paint.draw_count_badge(painter, box.right() - 6, middle + 1, number(count))
        elif count is not None:
            place = box.adjusted(0, 0, -10, 0)
            tone = "accent" if chosen else "muted"
            words = number(count)
            paint.draw_text(
                painter, place, words, size=12, color=tone, align=paint.RIGHT, tabular=True
            )
        room = box.adjusted(38, 0, -44, 0)
        paint.draw_text(
            painter, room, text, weight=600 if chosen else 500, color="accent" if chosen else "text"
        )


class QueuePanel(QWidget):
    """Queues, teams and the figures of the week."""

    chosen = Signal(object)  # a Queue, or the name of a team

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Queues"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setItemDelegate(_QueueDelegate(self.list))
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setStyleSheet("QListWidget { background: transparent; border: none; }")
        self.list.viewport().setAutoFillBackground(False)
        self.list.currentItemChanged.connect(self._on_current)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 0, 8, 16)
        box.setSpacing(0)
        title = Label(tr("Tickets"), "title")
        title.setContentsMargins(12, 0, 0, 0)
        title.setFixedHeight(64)
        box.addWidget(title)
        box.addWidget(self.list, 1)
        box.addWidget(self._week())
        self._filling = False
        self._value: object = Queue.MINE
        self.set_counts(QueueCounts({}, (), ()))

    def _week(self) -> QWidget:
        panel = QWidget()
        box = QVBoxLayout(panel)
        box.setContentsMargins(12, 0, 6, 0)
        box.setSpacing(4)
        box.addWidget(Divider())
        box.addSpacing(8)
        box.addWidget(Label(tr("Last 7 days"), "section"))
        self.figures: dict[str, Label] = {}
        for key, text in (
            ("target", tr("In target")),
            ("answer", tr("First answer")),
            ("satisfaction", tr("Satisfaction")),
        ):
            line = QHBoxLayout()
            line.addWidget(Label(text, "body"))
            line.addStretch(1)
            self.figures[key] = Label(DASH, "strong")
            line.addWidget(self.figures[key])
            box.addLayout(line)
        return panel

    @property
    def value(self) -> object:
        """The chosen queue, or the name of the chosen team."""
        return self._value

    def set_counts(self, counts: QueueCounts) -> None:
        """Show the counts, and the teams that have tickets."""
        self._filling = True
        self.list.clear()
        for queue, icon in QUEUE_ICONS.items():
            self._add(queue_words(queue), queue, counts.queues.get(queue), icon)
        if counts.teams:
            self._add(tr("Teams"), None, None, "")
        for team, count in counts.teams:
            self._add(team, team, count, "users")
        self._filling = False
        self.set_value(self._value)

    def _add(self, text: str, value: object, count: int | None, icon: str) -> None:
        item = QListWidgetItem(text)
        item.setData(VALUE, value)
        item.setData(COUNT, count)
        item.setData(ICON, icon)
        if count is not None:
            words = tr_n("{name}, {n} ticket", "{name}, {n} tickets", count, name=text)
            item.setData(int(Qt.ItemDataRole.AccessibleTextRole), words)
        if value is None:
            item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.list.addItem(item)

    def set_value(self, value: object) -> None:
        """Choose a queue without telling."""
        self._value = value
        self._filling = True
        for place in range(self.list.count()):
            if self.list.item(place).data(VALUE) == value:
                self.list.setCurrentRow(place)
        self._filling = False

    def set_week(self, week: WeekFigures) -> None:
        """Show how the week went."""
        shown: dict[str, Any] = {
            "target": percent(week.in_target) if week.in_target is not None else DASH,
            "answer": duration_words(week.first_answer_seconds),
            "satisfaction": (
                f"{week.satisfaction:.1f} / 5" if week.satisfaction is not None else DASH
            ),
        }
        for key, text in shown.items():
            self.figures[key].set_text(text)
        tip = tr_n("{n} ticket resolved", "{n} tickets resolved", week.resolved)
        self.figures["target"].setToolTip(tip)
        tip = tr_n("{n} rating", "{n} ratings", week.ratings)
        self.figures["satisfaction"].setToolTip(tip)
        self.figures["answer"].setToolTip(tr("Median, in working time"))

    def _on_current(self, item: QListWidgetItem | None) -> None:
        if self._filling or item is None or item.data(VALUE) is None:
            return
        self._value = item.data(VALUE)
        self.chosen.emit(self._value)
