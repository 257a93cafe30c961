"""The list of tickets: who, what about, how urgent, and when the next promise falls due."""

from typing import Any, Final

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.queries.tickets import TicketRow, ticket_ids, ticket_rows
from models.values import TicketPriority
from views.shared import paint
from views.shared.buttons import IconButton
from views.shared.chips import DropDown
from views.shared.column import Column
from views.shared.empty import EmptyState
from views.shared.export_records import ask_export
from views.shared.fields import SearchField
from views.shared.format import exact_moment, number
from views.shared.labels import Divider, Label
from views.shared.record_table import RecordTableModel
from views.shared.text import tr
from views.tickets.words import BARS, PRIORITY_COLOURS, due_words, priority_words

ROW_HEIGHT: Final = 96
WIDTH: Final = 324
_Index = QModelIndex | QPersistentModelIndex


def _tooltip(row: TicketRow) -> str:
    due = row.next_due_at
    return tr("Due {moment}", moment=exact_moment(due)) if due is not None else ""


def _spoken(row: TicketRow) -> str:
    due = due_words(row)
    parts = [
        f"#{row.number} {row.subject}",
        row.company_name or row.contact_name or "",
        priority_words(row.priority).text,
        due.text if due else "",
        tr("waits for an answer") if row.waits_for_us else "",
    ]
    return ", ".join(part for part in parts if part)


def draw_bars(painter: QPainter, x: float, bottom: float, priority: TicketPriority) -> None:
    """Draw a priority as three bars, as many of them filled as it weighs."""
    for place in range(3):
        height = 4 + 3 * place
        filled = place < BARS[priority]
        color = PRIORITY_COLOURS[priority] if filled else "border"
        paint.rounded(painter, QRectF(x + 5 * place, bottom - height, 3.5, height), 1, color)


class TicketDelegate(QStyledItemDelegate):
    """Draws a ticket in four lines."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Be as high as four lines."""
        del option, index
        return QSize(200, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw the ticket, or grey bars until it is there."""
        model: Any = index.model()
        row: TicketRow | None = model.record_at(index.row())
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        ring = bool(state & QStyle.StateFlag.State_HasFocus) and not chosen
        hover = bool(state & QStyle.StateFlag.State_MouseOver)
        paint.draw_row_ground(painter, area, selected=chosen, hover=hover, focus=ring)
        inner = area.adjusted(20, 10, -20, -10)
        if row is None:
            for place, share in enumerate((0.4, 0.8, 0.95, 0.3)):
                bar = QRect(
                    inner.left(), inner.top() + 4 + 20 * place, int(inner.width() * share), 9
                )
                paint.rounded(painter, bar, 4, "skeleton")
        else:
            self._ticket(painter, inner, row)
        if not chosen:
            line = QRect(inner.left(), area.top(), inner.width(), area.height())
            paint.draw_row_line(painter, line)
        painter.restore()

    @staticmethod
    def _ticket(painter: QPainter, inner: QRect, row: TicketRow) -> None:
        due, right = due_words(row), inner.right() + 1
        if due is not None:
            right -= round(
                paint.draw_pill(
                    painter, right, inner.top() + 10, due.text, due.tone, due.icon, right=True
                )
            )
        left, top = inner.left(), inner.top()
        who = row.company_name or row.contact_name or tr("Nobody named")
        place = QRect(left, top, right - left - 8, 20)
        paint.draw_text(painter, place, who, size=12, color="muted")
        if row.waits_for_us:
            paint.rounded(painter, QRectF(left - 12, top + 27, 6, 6), 3, "accent")
        weight = 600 if row.waits_for_us else 500
        place = QRect(left, top + 20, inner.width(), 20)
        paint.draw_text(painter, place, row.subject, weight=weight)
        preview = tr("You: {text}", text=row.preview) if row.preview_is_ours else row.preview
        place = QRect(left, top + 39, inner.width(), 18)
        paint.draw_text(painter, place, preview, size=12, color="muted")
        draw_bars(painter, left, top + 72, row.priority)
        colour = PRIORITY_COLOURS[row.priority]
        runs: list[paint.Run] = [
            (priority_words(row.priority).text, 500, colour),
            (f"  #{row.number}", 400, "muted"),
        ]
        paint.draw_runs(painter, QRect(left + 20, top + 57, inner.width() - 20, 18), runs, 12)


class TicketListView(QListView):
    """The list itself; J and K walk it, Enter goes to the answer."""

    current_changed = Signal(object)
    entered = Signal()
    menu_requested = Signal(object, QPoint)

    def __init__(self, model: RecordTableModel[TicketRow]) -> None:
        super().__init__()
        self._tickets = model
        self.setModel(model)
        self.setItemDelegate(TicketDelegate(self))
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Tickets"))
        self.setStyleSheet("QListView { border: none; border-radius: 0; }")
        self.selectionModel().currentChanged.connect(self._on_current)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)

    def current_id(self) -> int | None:
        """Return the chosen ticket."""
        index = self.currentIndex()
        return self._tickets.id_at(index.row()) if index.isValid() else None

    def select_row(self, row: int) -> None:
        """Choose a row."""
        if not 0 <= row < self._tickets.total:
            return
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.selectionModel().setCurrentIndex(self._tickets.index(row, 0), flags)

    def step(self, by: int) -> None:
        """Go some rows down or up."""
        index = self.currentIndex()
        row = index.row() + by if index.isValid() else 0
        self.select_row(max(0, min(self._tickets.total - 1, row)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with J and K; Enter goes on to the answer."""
        if event.key() in {Qt.Key.Key_J, Qt.Key.Key_K}:
            self.step(1 if event.key() == Qt.Key.Key_J else -1)
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.entered.emit()
        elif event.text().isalnum() and not event.modifiers():
            event.ignore()  # the page has one-letter keys of its own
        else:
            super().keyPressEvent(event)

    def _on_current(self, index: QModelIndex) -> None:
        self.current_changed.emit(self._tickets.id_at(index.row()) if index.isValid() else None)

    def _on_menu(self, point: QPoint) -> None:
        index = self.indexAt(point)
        if index.isValid():
            place = self.viewport().mapToGlobal(point)
            self.menu_requested.emit(self._tickets.id_at(index.row()), place)


class ListPanel(QWidget):
    """The head with order and filter, and the list under it."""

    search_changed = Signal(str)
    new_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setMinimumWidth(260)
        self.setMaximumWidth(WIDTH)
        column = Column[TicketRow]("ticket", "Ticket", _spoken, tooltip=_tooltip)
        self.model: RecordTableModel[TicketRow] = RecordTableModel(
            [column], ticket_ids, ticket_rows, self, sort="deadline", kinds=KINDS
        )
        self.list = TicketListView(self.model)
        self.title, self.count = Label("", "heading"), Label("", "muted")
        self.order = DropDown(flat=True)
        self.order.set_items(
            [
                ("deadline", tr("Next deadline first")),
                ("priority", tr("Most urgent first")),
                ("newest", tr("Newest first")),
                ("oldest", tr("Oldest first")),
            ]
        )
        self.order.setAccessibleName(tr("Order"))
        self.order.value_changed.connect(self._on_order)
        self.filter_button = IconButton("list-filter", tr("Find and filter (Ctrl+F)"), size=30)
        self.filter_button.clicked.connect(self.toggle_search)
        self.export_button = IconButton("download", tr("Export…"), size=30)
        self.export_button.clicked.connect(lambda: ask_export(self, "ticket", self.model.all_ids()))
        self.search = SearchField(tr("Subject, person, number"))
        self.search.text_changed.connect(self.search_changed)
        self.status, self.category = DropDown(pill=True), DropDown(pill=True)
        self.owner = DropDown(pill=True)
        self.search_box = QWidget()
        box = QVBoxLayout(self.search_box)
        box.setContentsMargins(20, 0, 20, 12)
        box.setSpacing(8)
        box.addWidget(self.search)
        chips = QHBoxLayout()
        chips.setSpacing(6)
        for choice in (self.status, self.owner, self.category):
            chips.addWidget(choice)
        chips.addStretch(1)
        box.addLayout(chips)
        self.search_box.hide()
        self.empty = EmptyState("inbox", "", "", (tr("New ticket"), "plus"))
        self.empty.primary_clicked.connect(self.new_requested)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.empty)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._head())
        outer.addWidget(self.search_box)
        outer.addWidget(Divider())
        outer.addWidget(self.stack, 1)

    def _head(self) -> QWidget:
        head = QWidget()
        head.setFixedHeight(63)
        line = QHBoxLayout(head)
        line.setContentsMargins(20, 0, 12, 0)
        line.setSpacing(8)
        line.addWidget(self.title)
        line.addWidget(self.count)
        line.addStretch(1)
        line.addWidget(self.order)
        line.addWidget(self.export_button)
        line.addWidget(self.filter_button)
        return head

    def toggle_search(self) -> None:
        """Show or hide the filter; hiding takes it away."""
        shown = self.search_box.isHidden()
        self.search_box.setVisible(shown)
        if shown:
            self.search.setFocus()
        else:
            self.search.set_text("")
            for choice in (self.status, self.owner, self.category):
                choice.set_value(None)

    def set_count(self, count: int) -> None:
        """Say how many there are, and show the empty state when there is none."""
        self.count.set_text(number(count))
        self.stack.setCurrentIndex(0 if count else 1)

    def _on_order(self, key: object) -> None:
        self.model.set_sort(str(key))


KINDS: Final = ("ticket", "ticket_message", "contact", "company", "user", "workspace_setting")
