"""One column of the board: a painted header over a list of cards."""

from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QVBoxLayout, QWidget

from app.queries.board import BoardColumn
from models.values import StageType
from views.pipeline.card_delegate import CARD, COMPACT, GAP, SIDE, CardDelegate, draw_skeleton_card
from views.pipeline.column_model import ColumnModel
from views.pipeline.words import stage_color
from views.shared import paint
from views.shared.format import money, number, percent
from views.shared.text import tr
from views.theme import current_theme

HEADER: Final = 54
MIN_WIDTH: Final = 184
ROOMY: Final = 226  # from here on name, count and total fit on one line

_CTRL_SHIFT: Final = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class CardList(QListView):
    """The cards of one stage; keys that lead beyond it are told as signals."""

    step_requested = Signal(int)  # to the column left (-1) or right (1)
    move_requested = Signal(int)  # the chosen deals one stage left or right
    shift_requested = Signal(int)  # the deal one place up or down
    opened = Signal(object)
    menu_requested = Signal(object)
    key_requested = Signal(str)

    def __init__(self, model: ColumnModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards = model
        compact = model.column.type is not StageType.OPEN
        self._delegate = CardDelegate(self, compact=compact)
        self._pitch = (COMPACT if compact else CARD) + GAP
        self._drop_row: int | None = None
        self.ghosts = 0  # how many pale cards stand in an empty pipeline
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDropIndicatorShown(False)  # we draw our own line between cards
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.viewport().setAutoFillBackground(False)
        self.setProperty("kind", "bare")
        self.verticalScrollBar().setSingleStep(24)
        self.doubleClicked.connect(self._on_double_clicked)

    def attach(self) -> None:
        """Show the cards, once all is set up: each setting before would lay them all out again."""
        self.ensurePolished()
        self.viewport().ensurePolished()
        self.setModel(self.cards)

    def current_id(self) -> int | None:
        """Return the deal under the keyboard."""
        return self.cards.id_at(self.currentIndex().row())

    def selected_ids(self) -> list[int]:
        """Return the chosen deals in order."""
        rows = sorted(index.row() for index in self.selectedIndexes())
        found = (self.cards.id_at(row) for row in rows)
        return [deal_id for deal_id in found if deal_id is not None]

    def choose_row(self, row: int) -> None:
        """Make a row the chosen one and bring it into sight."""
        index = self.cards.index(max(0, min(row, self.cards.rowCount() - 1)))
        if index.isValid():
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().setCurrentIndex(index, flag)
            self.scrollTo(index)

    def item_rect(self, deal_id: int) -> QRect:
        """Return the place of a card with its margins, in the list."""
        return self.visualRect(self.cards.index(self.cards.row_of(deal_id)))

    def card_rect(self, deal_id: int) -> QRect:
        """Return the place of a card, in the list."""
        return self._delegate.card_rect(self, self.item_rect(deal_id))

    def hide_card(self, deal_id: int, *, hidden: bool) -> None:
        """Leave a card's place empty while it is on its way there."""
        self._delegate.set_away(deal_id, away=hidden)
        self.viewport().update()

    def visible_ids(self) -> list[int]:
        """Return the deals in sight."""
        first = self.verticalScrollBar().value() // self._pitch
        last = first + self.viewport().height() // self._pitch + 2
        return list(self.cards.ids[first:last])

    def sizeHint(self) -> QSize:
        """Ask for room for some cards."""
        return QSize(MIN_WIDTH, 3 * self._pitch)

    # --- keyboard and mouse

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move between columns, move deals, open them; everything else as lists do."""
        if event.modifiers() & _CTRL_SHIFT == _CTRL_SHIFT and self._move_key(event.key()):
            return
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and self._plain_key(event.key()):
            return
        super().keyPressEvent(event)

    def _move_key(self, key: int) -> bool:
        sideways = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        upright = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if key in sideways:
            self.move_requested.emit(self._mirrored(sideways[Qt.Key(key)]))
        elif key in upright:
            self.shift_requested.emit(upright[Qt.Key(key)])
        else:
            return False
        return True

    def _plain_key(self, key: int) -> bool:
        row = self.currentIndex().row()
        match key:
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                self.step_requested.emit(self._mirrored(-1 if key == Qt.Key.Key_Left else 1))
            case Qt.Key.Key_J:
                self.choose_row(row + 1)
            case Qt.Key.Key_K:
                self.choose_row(row - 1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                if (deal_id := self.current_id()) is not None:
                    self.opened.emit(deal_id)
            case Qt.Key.Key_M | Qt.Key.Key_W | Qt.Key.Key_L | Qt.Key.Key_Delete:
                name = "Delete" if key == Qt.Key.Key_Delete else chr(key)
                self.key_requested.emit(name)
            case _:
                return False
        return True

    def _mirrored(self, step: int) -> int:
        return -step if self.layoutDirection() == Qt.LayoutDirection.RightToLeft else step

    def keyboardSearch(self, search: str) -> None:
        """Letters are commands here; Ctrl+F searches."""

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the chosen deals."""
        place = event.globalPos()
        index = self.indexAt(event.pos())
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            corner = self.visualRect(self.currentIndex()).center()
            place = self.viewport().mapToGlobal(corner)
        elif index.isValid() and not self.selectionModel().isSelected(index):
            self.choose_row(index.row())
        if self.selected_ids():
            self.menu_requested.emit(QPoint(place))

    def _on_double_clicked(self, index: QModelIndex) -> None:
        deal_id = self.cards.id_at(index.row())
        if deal_id is not None:
            self.opened.emit(deal_id)

    # --- dragging

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show between which cards the deal would land."""
        super().dragMoveEvent(event)
        event.acceptProposedAction()
        self._drop_row = self.row_near(event.position().toPoint())
        self.viewport().update()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Take the landing mark away."""
        super().dragLeaveEvent(event)
        self._drop_row = None
        self.viewport().update()

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand the drop to the model at the gap nearest to the pointer."""
        row = self.row_near(event.position().toPoint())
        self._drop_row = None
        self.viewport().update()
        move = Qt.DropAction.MoveAction
        if self.cards.dropMimeData(event.mimeData(), move, row, 0, QModelIndex()):
            event.setDropAction(move)
            event.accept()

    def startDrag(self, supported: Qt.DropAction) -> None:
        """Drag the chosen cards; where they go is for the board to say, not for the drag."""
        super().startDrag(supported & Qt.DropAction.MoveAction)

    def row_near(self, point: QPoint) -> int:
        """Return the row above which a drop at this point lands."""
        y = point.y() + self.verticalScrollBar().value() + self._pitch // 2
        return max(0, min(y // self._pitch, self.cards.rowCount()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cards, and the mark where a dragged one would land."""
        super().paintEvent(event)
        if self.ghosts and not self.cards.rowCount():
            self._draw_ghosts()
        if self._drop_row is None or self.cards.column.type is not StageType.OPEN:
            return
        y = self._drop_row * self._pitch - self.verticalScrollBar().value() - GAP / 2
        line = QRectF(SIDE, max(1.0, y - 1.5), self.viewport().width() - 2 * SIDE, 3)
        paint.rounded(QPainter(self.viewport()), line, 1.5, "primary")

    def _draw_ghosts(self) -> None:
        painter = QPainter(self.viewport())
        for place in range(self.ghosts):
            painter.setOpacity((1.0, 0.6, 0.35)[min(place, 2)])
            top = place * self._pitch
            card = QRectF(SIDE, top, self.viewport().width() - 2 * SIDE, self._pitch - GAP)
            paint.draw_card(painter, card, ground="window", dashed=True)
            draw_skeleton_card(painter, card, first=0.64 - 0.11 * (place % 3))


class ColumnHeader(QWidget):
    """A stage's dot, name, count and total, with what the total weighs below."""

    def __init__(self, column: BoardColumn, currency: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column, self._currency = column, currency
        self.is_ghost = False  # in an empty pipeline only name and probability stand here
        self.setFixedHeight(HEADER)
        self.set_column(column)

    def set_column(self, column: BoardColumn) -> None:
        """Show other figures."""
        self._column = column
        total = money(column.total_minor, self._currency)
        weighted = money(column.weighted_minor, self._currency)
        if column.type is StageType.OPEN:
            tip = tr(
                "{stage}: {n} deals, {total}; weighted by {share}: {weighted}",
                stage=column.name,
                n=number(column.count),
                total=total,
                share=percent(column.probability / 100),
                weighted=weighted,
            )
        else:
            tip = tr(
                "{stage}, last 30 days: {n} deals, {total}; {older} older ones are in the table",
                stage=column.name,
                n=number(column.count),
                total=total,
                older=number(column.older),
            )
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the two lines."""
        del event
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        theme, column = current_theme(), self._column
        area = QRectF(self.rect())
        direction = self.layoutDirection()
        left, end = 12.0, area.width() - 14
        if not self.is_ghost:
            dot = paint.mirrored(QRectF(14, 14, 8, 8), area, direction)
            color = stage_color(column.type, column.position, dark=theme.is_dark)
            paint.rounded(painter, dot, 4, color)
            left = 30.0
        corner = ""
        if self.is_ghost:
            corner = percent(column.probability / 100)
        elif self._is_roomy:
            corner = self._total()
        right = paint.text_width(corner, 13, 400, tabular=True) + 1 if corner else 0
        box = paint.mirrored(QRectF(end - right, 8, right, 20), area, direction)
        paint.draw_text(painter, box, corner, color="muted", tabular=True, elide=False)
        count = number(column.count)
        counted = paint.text_width(count, 13, 400, tabular=True) + 8
        name_room = end - right - left - counted - 8
        name = min(paint.text_width(column.name, 13, 600) + 1, name_room)
        box = paint.mirrored(QRectF(left, 8, name, 20), area, direction)
        paint.draw_text(painter, box, column.name, weight=600)
        box = paint.mirrored(QRectF(left + name + 8, 8, counted, 20), area, direction)
        paint.draw_text(painter, box, count, color="muted", tabular=True, elide=False)
        if not self.is_ghost:
            self._draw_second(painter, QRectF(left, 27, end - left, 18))

    @property
    def _is_roomy(self) -> bool:
        return self.width() >= ROOMY

    def _total(self) -> str:
        return money(self._column.total_minor, self._currency, compact=True)

    def _second_words(self) -> tuple[str, str, str]:
        """Return what stands below: at the left, at the right, and an icon before the right."""
        column = self._column
        if column.type is not StageType.OPEN:
            older = tr("{n} older", n=number(column.older)) if column.older else tr("30 days")
            return tr("30 days") if self._is_roomy else self._total(), older, ""
        weighted = money(column.weighted_minor, self._currency, compact=True)
        if self._is_roomy:
            share = percent(column.probability / 100)
            return share, tr("{amount} weighted", amount=weighted), ""
        return self._total(), weighted, "scale"

    def _draw_second(self, painter: QPainter, line: QRectF) -> None:
        area, direction = QRectF(self.rect()), self.layoutDirection()
        left, right, icon = self._second_words()
        width = paint.text_width(right, 12, 400, tabular=True) + 1
        end = QRectF(line.right() - width, line.top(), width, line.height())
        place = paint.mirrored(end, area, direction)
        paint.draw_text(painter, place, right, size=12, color="muted", tabular=True, elide=False)
        if icon:
            mark = QRectF(end.left() - 17, line.center().y() - 6, 13, 13)
            mark = paint.mirrored(mark, area, direction)
            paint.draw_icon(painter, mark.left(), mark.top(), icon, "muted", 13)
            width += 17
        start = QRectF(line.left(), line.top(), line.width() - width - 8, line.height())
        place = paint.mirrored(start, area, direction)
        paint.draw_text(painter, place, left, size=12, color="muted", tabular=True)


class ColumnView(QWidget):
    """A stage on the board."""

    def __init__(self, model: ColumnModel, currency: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.setMinimumWidth(MIN_WIDTH)
        self.header = ColumnHeader(model.column, currency)
        self.list = CardList(model)
        self.list.setAccessibleName(model.column.name)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 4)
        box.setSpacing(0)
        box.addWidget(self.header)
        box.addWidget(self.list, 1)

    @property
    def column(self) -> BoardColumn:
        """What is shown."""
        return self.model.column

    def set_column(self, column: BoardColumn) -> None:
        """Show the stage as newly read."""
        self.model.set_column(column)
        self.header.set_column(column)

    def set_ghosts(self, count: int) -> None:
        """Stand in for the cards of a pipeline that has none yet."""
        self.list.ghosts = count
        self.header.is_ghost = count > 0
        self.header.setFixedHeight(44 if count else HEADER)
        self.update()

    def adjust_counts(self, by: int, amount_minor: int) -> None:
        """Count a card in or out, ahead of the answer of the database."""
        column = self.model.column
        self.model.column = replace(
            column, count=column.count + by, total_minor=column.total_minor + amount_minor
        )
        self.header.set_column(self.model.column)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground of the column."""
        del event
        paint.rounded(QPainter(self), QRectF(self.rect()), 8, "column")

    def describe(self) -> dict[str, Any]:
        """Return what is shown, for tests and screen pictures."""
        return {"name": self.column.name, "count": self.column.count, "ids": list(self.model.ids)}
