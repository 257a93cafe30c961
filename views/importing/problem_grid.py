"""The rows with problems, as they stand in the file: mended in place, and taken at once."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.exchange.counts import Problem
from app.exchange.mending import Rows
from app.exchange.tables import Cells
from views.fonts import font
from views.shared.format import number
from views.shared.text import tr
from views.theme import current_theme

Index = QModelIndex | QPersistentModelIndex
ROW: Final = 36
_FIXED: Final = 2  # row and reason stand before the file's own columns
_WIDEST: Final = 240
_REASON: Final = 300
DISPLAY: Final = Qt.ItemDataRole.DisplayRole


class _Model(QAbstractTableModel):
    mended = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.headers: Cells = ()
        self.numbers: list[int] = []
        self.cells: list[list[str]] = []
        self.problems: list[list[Problem]] = []
        self.changed: set[int] = set()
        self.editable = False

    def show_rows(self, rows: Rows, problems: Mapping[int, Sequence[Problem]]) -> None:
        kept = {
            self.numbers[place]: self.cells[place]
            for place in self.changed
            if self.headers == rows.headers
        }
        self.beginResetModel()
        self.headers = rows.headers
        width = len(rows.headers)
        self.numbers = [n for n, _ in rows.rows]
        self.cells = [
            kept.get(n, [*cells[:width], *[""] * (width - len(cells))]) for n, cells in rows.rows
        ]
        self.problems = [list(problems.get(n, ())) for n in self.numbers]
        self.changed = {place for place, n in enumerate(self.numbers) if n in kept}
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.numbers)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.headers) + _FIXED

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        if role != DISPLAY or orientation != Qt.Orientation.Horizontal:
            return None
        if section < _FIXED:
            return (tr("Row"), tr("Reason"))[section]
        return self.headers[section - _FIXED]

    def flags(self, index: Index) -> Qt.ItemFlag:
        found = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if self.editable and index.column() >= _FIXED:
            found |= Qt.ItemFlag.ItemIsEditable
        return found

    def data(self, index: Index, role: int = DISPLAY) -> Any:  # noqa: PLR0911  one line a role
        place, column = index.row(), index.column()
        if role in {DISPLAY, Qt.ItemDataRole.EditRole, Qt.ItemDataRole.ToolTipRole}:
            if column == 0:
                return number(self.numbers[place])
            if column == 1:
                return self._reason(place)
            return self.cells[place][column - _FIXED]
        if role == Qt.ItemDataRole.BackgroundRole:
            return self._ground(place, column)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._ink(place, column)
        if role == Qt.ItemDataRole.FontRole and place in self.changed and column >= _FIXED:
            return self._bold()
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not self.editable or index.column() < _FIXED:
            return False
        place, column = index.row(), index.column() - _FIXED
        if self.cells[place][column] != str(value):
            self.cells[place][column] = str(value)
            self.changed.add(place)
            self.dataChanged.emit(self.index(place, 0), self.index(place, self.columnCount() - 1))
            self.mended.emit()
        return True

    def _reason(self, place: int) -> str:
        if place in self.changed:
            return tr("mended, not taken yet")
        return " ".join(dict.fromkeys(tr(p.reason) for p in self.problems[place]))

    def _ground(self, place: int, column: int) -> QColor | None:
        theme = current_theme()
        if place in self.changed:
            return theme.color(theme.tone("info").tint)
        if column >= _FIXED and self._is_wrong(place, column):
            return theme.color(theme.tone("warning").tint)
        return None

    def _ink(self, place: int, column: int) -> QColor | None:
        theme = current_theme()
        if column == 0:
            return theme.color("muted")
        if column == 1 and place not in self.changed:
            lost = any(not problem.column for problem in self.problems[place])
            return theme.color("bad" if lost else "warning")
        return None

    def _is_wrong(self, place: int, column: int) -> bool:
        header = self.headers[column - _FIXED]
        return any(problem.column == header for problem in self.problems[place])

    @staticmethod
    def _bold() -> QFont:
        return font(13, 500)


class _Delegate(QStyledItemDelegate):
    """Paints the ground that the model gives, which a style sheet would leave out."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        ground = index.data(Qt.ItemDataRole.BackgroundRole)
        if isinstance(ground, QColor):
            painter.fillRect(option.rect, ground)
        super().paint(painter, option, index)


class ProblemGrid(QTableView):
    """Rows with what is wrong with each; `mended_changed` tells how many have been mended."""

    mended_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Rows with problems"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(True)
        self.setWordWrap(False)
        self.setTabKeyNavigation(True)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._model = _Model(self)
        self._model.mended.connect(lambda: self.mended_changed.emit(len(self._model.changed)))
        self.setModel(self._model)
        self.setItemDelegate(_Delegate(self))

    @property
    def is_mended(self) -> bool:
        """Whether there are rows that have been mended and not taken yet."""
        return bool(self._model.changed)

    def show_rows(self, rows: Rows, problems: Sequence[Problem], *, editable: bool) -> None:
        """Show rows and what is wrong with them; what has been mended in them stays."""
        by_row: dict[int, list[Problem]] = {}
        for problem in problems:
            by_row.setdefault(problem.row, []).append(problem)
        self._model.editable = editable
        same = self._model.headers == rows.headers
        self._model.show_rows(rows, by_row)
        if not same:
            self._fit()
        self.mended_changed.emit(len(self._model.changed))

    def rows(self) -> Rows:
        """Return the rows shown, as they are now."""
        model = self._model
        pairs = zip(model.numbers, map(tuple, model.cells), strict=True)
        return Rows(model.headers, tuple(pairs))

    def mended_rows(self) -> Rows:
        """Return the rows that have been mended."""
        model = self._model
        found = [(model.numbers[place], tuple(model.cells[place])) for place in model.changed]
        return Rows(model.headers, tuple(sorted(found)))

    def settle(self, taken: Sequence[int], problems: Sequence[Problem]) -> None:
        """Take away rows that have been taken; the others say what is still wrong."""
        model = self._model
        gone = set(taken)
        still = {
            n: [p for p in problems if p.row == n] or model.problems[place]
            for place, n in enumerate(model.numbers)
        }
        rows = Rows(
            model.headers,
            tuple(
                (n, tuple(model.cells[place]))
                for place, n in enumerate(model.numbers)
                if n not in gone
            ),
        )
        model.changed.clear()
        model.show_rows(rows, still)
        self.mended_changed.emit(0)

    def _fit(self) -> None:
        self.setColumnWidth(0, 64)
        self.setColumnWidth(1, _REASON)
        header = self.horizontalHeader()
        for place in range(_FIXED, self._model.columnCount()):
            least = header.sectionSizeHint(place) + 12
            wide = self.sizeHintForColumn(place) + 24
            self.setColumnWidth(place, max(least, min(_WIDEST, wide)))
