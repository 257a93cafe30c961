"""A list of painted rows: the base of the page's lists, by mouse and by keyboard."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from views.shared import paint

Index = QModelIndex | QPersistentModelIndex
RowT = TypeVar("RowT")
PAD = 20


class _Model(QAbstractListModel):
    def __init__(self, view: "PaintedList[Any]") -> None:
        super().__init__(view)
        self.rows: list[Any] = []
        self._view = view

    def show_rows(self, rows: Sequence[Any]) -> None:
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def replace_row(self, place: int, row: Any) -> None:
        self.rows[place] = row
        index = self.index(place)
        self.dataChanged.emit(index, index)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return self._view.words_of(self.rows[index.row()])
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._view.tip_of(self.rows[index.row()]) or None
        return None


class _Delegate(QStyledItemDelegate):
    def __init__(self, view: "PaintedList[Any]") -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        del option, index
        return QSize(200, self._view.row_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setLayoutDirection(option.direction)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        self._view.paint_row(painter, QRectF(option.rect), self._view.rows[index.row()], selected)
        painter.restore()


class PaintedList(QListView, Generic[RowT]):
    """Rows of one height; `opened` tells a row by Enter or double click, `chosen` the current."""

    opened = Signal(object)
    chosen = Signal(object)
    row_height = 44

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(name)
        self.list_model = _Model(self)
        self.setModel(self.list_model)
        self.setItemDelegate(_Delegate(self))
        self.selectionModel().currentChanged.connect(lambda *_: self._tell_chosen())
        self.activated.connect(self._open)

    @property
    def rows(self) -> list[RowT]:
        """The rows shown now."""
        return self.list_model.rows

    @property
    def current(self) -> RowT | None:
        """The row the keyboard is on."""
        place = self.currentIndex().row()
        return self.rows[place] if 0 <= place < len(self.rows) else None

    def show_rows(self, rows: Sequence[RowT]) -> None:
        """Show other rows; the place of the current one stays."""
        place = self.currentIndex().row()
        self.list_model.show_rows(rows)
        if 0 <= place < len(self.rows):
            self.setCurrentIndex(self.list_model.index(place))

    def choose(self, place: int) -> None:
        """Make a row the current one."""
        self.setCurrentIndex(self.list_model.index(place))

    def words_of(self, row: RowT) -> str:
        """Return a row as a screen reader says it."""
        return str(row)

    def tip_of(self, row: RowT) -> str:
        """Return what the pointer is told over a row."""
        del row
        return ""

    def paint_row(self, painter: QPainter, area: QRectF, row: RowT, selected: bool) -> None:
        """Draw a row; the base draws its ground, its line and the focus."""
        del row
        if selected:
            paint.rounded(painter, area.adjusted(8, 2, -8, -2), 6, "accent_soft")
            if self.hasFocus():
                paint.draw_focus_ring(painter, area.adjusted(8, 2, -8, -2))
        paint.draw_row_line(painter, area, PAD)

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.opened.emit(self.rows[index.row()])

    def _tell_chosen(self) -> None:
        row = self.current
        if row is not None:
            self.chosen.emit(row)
