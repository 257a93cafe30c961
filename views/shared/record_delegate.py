"""Paints the cells of a record table: text, avatars, pills, and bars while a row is under way."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from views.shared.column import Column, RowT
from views.shared.paint import draw_avatar, draw_pill, draw_row_ground, draw_text
from views.shared.record_table import RecordTableModel
from views.theme import Theme, current_theme

PADDING = 12
AVATAR = 28
AVATAR_COMPACT = 22
LEAST_TEXT = 40
BAR_WIDTHS = (0.72, 0.5, 0.86, 0.6, 0.42)


class RecordDelegate(QStyledItemDelegate):
    """Draws one cell as its Column declares it."""

    hovered_row = -1

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Paint ground, line and content."""
        model = index.model()
        if not isinstance(model, RecordTableModel):
            return
        theme, rect = current_theme(), QRect(option.rect)
        state = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        self._paint_ground(painter, rect, theme, index, selected=selected)
        record = model.record_at(index.row())
        column = model.columns[index.column()]
        if record is None:
            self.paint_bar(painter, rect, theme, index.row() + index.column())
        elif column.paint is not None:
            column.paint(painter, rect.adjusted(PADDING, 0, -PADDING, 0), record, theme, selected)
        else:
            self._paint_content(painter, self._content_place(rect, column), column, record)

    def _content_place(self, rect: QRect, column: Column[RowT]) -> QRect:
        """Leave the padding free; words of a column cut by the table's edge end in dots there."""
        place = rect.adjusted(PADDING, 0, -PADDING, 0)
        view = self.parent()
        if column.align != "left" or column.pill is not None or not isinstance(view, QTableView):
            return place
        if view.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            place.setLeft(max(place.left(), min(PADDING, place.right() - LEAST_TEXT)))
        else:
            edge = view.viewport().width() - PADDING
            place.setRight(min(place.right(), max(edge, place.left() + LEAST_TEXT)))
        return place

    def sizeHint(
        self,
        option: QStyleOptionViewItem,  # noqa: ARG002 - Qt's signature
        index: QModelIndex | QPersistentModelIndex,  # noqa: ARG002 - Qt's signature
    ) -> QSize:
        """Rows are fixed; only widths follow the content, and those are declared."""
        return QSize(80, 44)

    def _paint_ground(
        self,
        painter: QPainter,
        rect: QRect,
        theme: Theme,
        index: QModelIndex | QPersistentModelIndex,
        *,
        selected: bool,
    ) -> None:
        hover = index.row() == self.hovered_row
        if selected or hover:
            draw_row_ground(painter, rect, selected=selected, hover=hover, bar=False)
        # Filled, not drawn: a smoothed line would lie on two rows of pixels.
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme.color("row_line"))
        view = self.parent()
        if not isinstance(view, QTableView) or not view.hasFocus():
            return
        if index.row() == view.currentIndex().row() and view.visualColumn(index.column()) == 0:  # type: ignore[attr-defined]
            bar = QRect(rect.topLeft(), QPoint(rect.left() + 2, rect.bottom()))
            painter.fillRect(bar, theme.color("primary"))

    @staticmethod
    def paint_bar(painter: QPainter, rect: QRect, theme: Theme, seed: int) -> None:
        """Paint the bar that stands for text on its way."""
        width = int((rect.width() - 2 * PADDING) * BAR_WIDTHS[seed % len(BAR_WIDTHS)])
        bar = QRect(rect.left() + PADDING, rect.center().y() - 4, max(width, 8), 8)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.skeleton))
        painter.drawRoundedRect(bar, 4, 4)
        painter.restore()

    @staticmethod
    def _paint_content(painter: QPainter, rect: QRect, column: Column[RowT], record: RowT) -> None:
        is_rtl = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
        avatar = column.avatar(record) if column.avatar is not None else None
        if avatar is not None:
            record_id, name, square = avatar
            side = AVATAR if rect.height() >= 40 else AVATAR_COMPACT
            x = rect.right() + 1 - side if is_rtl else rect.left()
            place = QRect(x, rect.center().y() - side // 2 + 1, side, side)
            draw_avatar(painter, place, record_id, name, square=square)
            rect = rect.adjusted(0 if is_rtl else side + 10, 0, -side - 10 if is_rtl else 0, 0)
        pill = column.pill(record) if column.pill is not None else None
        if pill is not None:
            at_right = (column.align == "right") != is_rtl
            x = rect.right() if at_right else rect.left()
            middle = rect.top() + rect.height() / 2  # QRect.center() lies half a pixel higher
            draw_pill(painter, x, middle, pill.text, pill.tone, pill.icon, right=at_right)
            return
        text = column.text(record)
        if text:
            draw_text(
                painter,
                rect,
                text,
                weight=column.weight,
                color=column.tone,
                align=column.alignment,
                tabular=column.tabular,
            )
