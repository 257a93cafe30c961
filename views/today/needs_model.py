"""The item model of the Today list."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from views.shared.text import tr
from views.today.entries import Entry

ENTRY = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex


class NeedsTableModel(QAbstractListModel):
    """Entries in order; group headers cannot be selected."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show other rows: only what came, went or reads differently moves or repaints."""
        wanted = list(entries)
        new = {entry.key for entry in wanted}
        kept = {entry.key for entry in self.entries} & new
        stay = [entry.key for entry in self.entries if entry.key in kept]
        if stay != [entry.key for entry in wanted if entry.key in kept]:
            self.beginResetModel()
            self.entries = wanted
            self.endResetModel()
            return
        self._take_out(kept)
        self._put_in(wanted, kept)
        for row, entry in enumerate(wanted):
            if entry != self.entries[row]:
                self.entries[row] = entry
                self.dataChanged.emit(self.index(row), self.index(row))

    def _take_out(self, kept: set[tuple[str, int]]) -> None:
        for row in range(len(self.entries) - 1, -1, -1):
            if self.entries[row].key not in kept:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self.entries[row]
                self.endRemoveRows()

    def _put_in(self, wanted: Sequence[Entry], kept: set[tuple[str, int]]) -> None:
        for row, entry in enumerate(wanted):
            if entry.key not in kept:
                self.beginInsertRows(QModelIndex(), row, row)
                self.entries.insert(row, entry)
                self.endInsertRows()

    def row_of(self, key: tuple[str, int]) -> int:
        """Return the row of an entry, -1 when it is not there."""
        return next((i for i, entry in enumerate(self.entries) if entry.key == key), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return how many rows there are."""
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the entry, or its words for screen readers and type-ahead."""
        if not index.isValid() or index.row() >= len(self.entries):
            return None
        entry = self.entries[index.row()]
        if role == ENTRY:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (entry.title, entry.detail, entry.pill) if part)
        if role == Qt.ItemDataRole.ToolTipRole and entry.kind == "group":
            return tr("{group}: {count}", group=entry.title, count=entry.count)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let rows be chosen, and headers not."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        if self.entries[index.row()].kind == "group":
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
