"""A chart as a table, for reading exact numbers and for screen readers."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from models.values import Money
from views.fonts import font
from views.shared.chart import Cell, Chart
from views.shared.format import money, number

_ROW: int = 32


class ChartTable(QTableWidget):
    """The rows of a chart; Enter or a double click opens what lies behind one."""

    opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chart: Chart | None = None
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.horizontalHeader().setHighlightSections(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.itemDoubleClicked.connect(lambda item: self._open(item.row()))

    def show_chart(self, chart: Chart) -> None:
        """Show the numbers of a chart."""
        self._chart = chart
        self.setAccessibleName(chart.title)
        self.clear()
        self.setColumnCount(len(chart.columns))
        self.setHorizontalHeaderLabels(list(chart.columns))
        self.setRowCount(len(chart.rows))
        for place, row in enumerate(chart.rows):
            for column, cell in enumerate(row.cells):
                self.setItem(place, column, _item(cell))
        numeric = {
            column
            for row in chart.rows
            for column, cell in enumerate(row.cells)
            if isinstance(cell, int | float | Money)
        }
        for column in range(self.columnCount()):
            item = self.horizontalHeaderItem(column)
            if item is not None and column in numeric:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            elif item is not None:
                item.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)

    def _open(self, row: int) -> None:
        if self._chart is None or not 0 <= row < len(self._chart.rows):
            return
        opens = self._chart.rows[row].opens
        if opens is not None:
            self.opened.emit(opens)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open by Enter."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._open(self.currentRow())
        else:
            super().keyPressEvent(event)


def _number(cell: float | Money) -> str:
    if isinstance(cell, Money):
        return money(cell.minor, cell.currency)
    return number(cell, 0 if isinstance(cell, int) else 1)


def _item(cell: Cell) -> QTableWidgetItem:
    if isinstance(cell, int | float | Money):
        item = QTableWidgetItem(_number(cell))
        item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setFont(font(13, tabular=True))
        return item
    return QTableWidgetItem("" if cell is None else cell)
