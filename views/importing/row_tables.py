"""Plain tables of the page: the first rows as records, and the rows with problems."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from app.exchange.counts import Problem
from app.exchange.drafts import RowReader
from app.exchange.fields import KINDS
from app.exchange.plan import FilePlan
from app.exchange.tables import SourceRow
from views.importing.work import PREVIEW_ROWS
from views.shared.format import long_date, number
from views.shared.text import tr

Index = QModelIndex | QPersistentModelIndex


class _TextModel(QAbstractTableModel):
    """Texts in rows and columns."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._titles: list[str] = []
        self._rows: list[list[str]] = []

    def show_texts(self, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show other texts."""
        self.beginResetModel()
        self._titles, self._rows = list(titles), [list(row) for row in rows]
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Say how many rows there are."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """Say how many columns there are."""
        return 0 if parent is not None and parent.isValid() else len(self._titles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Give a text."""
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            return self._rows[index.row()][index.column()]
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Give a column's title."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self._titles[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        return None


class TextTable(QTableView):
    """A read-only table in the window's own look."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(36)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._model = _TextModel(self)
        self.setModel(self._model)

    def show_texts(self, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show other texts, each column wide enough for most of it."""
        self._model.show_texts(titles, rows)
        header = self.horizontalHeader()
        for place in range(len(titles)):
            least = header.sectionSizeHint(place) + 12
            self.setColumnWidth(place, max(least, min(260, self.sizeHintForColumn(place) + 24)))


def preview_texts(plan: FilePlan) -> tuple[list[str], list[list[str]]]:
    """Return the first rows as the records they would become."""
    reader = RowReader(plan)
    fields = [field for field in KINDS[plan.kind].fields.values() if plan.column_of(field.key)]
    rows = []
    for offset, cells in enumerate(plan.table.sample[:PREVIEW_ROWS]):
        draft = reader.read(SourceRow(plan.table.dialect.header_row + 1 + offset, cells))
        rows.append([_shown(draft.values.get(field.key)) for field in fields])
    return [tr(field.label) for field in fields], rows


def problem_texts(problems: Sequence[Problem]) -> tuple[list[str], list[list[str]]]:
    """Return problems as rows of a table."""
    titles = [tr("Row"), tr("Column"), tr("Value"), tr("Reason")]
    return titles, [
        [number(p.row) if p.row else "", p.column, p.value[:200], tr(p.reason)] for p in problems
    ]


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple) and len(value) == 2 and not isinstance(value[0], str):
        amount, currency = value
        return f"{number(amount, 2)} {currency or ''}".strip()
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if hasattr(value, "year"):
        return long_date(value)
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    return str(value)
