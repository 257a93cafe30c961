"""One stage's cards as a Qt model: ids in order, rows from the shared store, drops as a signal."""

from array import array
from collections.abc import Iterable, Sequence
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from app.queries.board import BoardColumn
from app.queries.deals import DealRow
from models.values import StageType
from views.pipeline.cards import CardStore
from views.shared.format import exact_moment, money
from views.shared.id_diff import SmallChange, small_change
from views.shared.text import tr

MIME: Final = "application/x-closeknit-deals"
ROW_ROLE: Final = Qt.ItemDataRole.UserRole + 1
ID_ROLE: Final = Qt.ItemDataRole.UserRole + 2
_ROLES: Final = frozenset(
    {
        ROW_ROLE,
        ID_ROLE,
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.AccessibleTextRole,
        Qt.ItemDataRole.ToolTipRole,
    }
)

Index = QModelIndex | QPersistentModelIndex


def encode_deals(ids: Iterable[int]) -> QMimeData:
    """Return deals as they are dragged: their ids, as text."""
    data = QMimeData()
    data.setData(MIME, QByteArray(",".join(map(str, ids)).encode()))
    return data


def decode_deals(data: QMimeData) -> tuple[int, ...]:
    """Return the ids of dragged deals."""
    text = bytes(data.data(MIME).data()).decode()
    return tuple(int(part) for part in text.split(",") if part)


class ColumnModel(QAbstractListModel):
    """The cards of one stage."""

    # Deal ids, this stage's id, and the id of the deal above which they go (None: the end).
    dropped = Signal(object, object, object)

    def __init__(
        self, column: BoardColumn, cards: CardStore, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.column = column
        self.cards = cards
        self._ids = array("q", column.ids)
        self._places: dict[int, int] | None = None
        cards.arrived.connect(self._on_arrived)

    @property
    def stage_id(self) -> int:
        """The stage whose cards these are."""
        return self.column.stage_id

    @property
    def ids(self) -> Sequence[int]:
        """The deals in order."""
        return self._ids

    def set_column(self, column: BoardColumn) -> None:
        """Take the column as newly read, by as few signals as will do."""
        self.column = column
        change = small_change(self._ids, column.ids)
        if change is not None:
            self._change_rows(change)
        elif column.ids != self._ids:
            self._change_layout(array("q", column.ids))

    def id_at(self, row: int) -> int | None:
        """Return the deal of a row."""
        return self._ids[row] if 0 <= row < len(self._ids) else None

    def row_of(self, deal_id: int) -> int:
        """Return the row of a deal, -1 when it is not here."""
        if self._places is None:
            self._places = {deal: row for row, deal in enumerate(self._ids)}
        return self._places.get(deal_id, -1)

    def remove_id(self, deal_id: int) -> None:
        """Take a card out, ahead of the answer of the database."""
        row = self.row_of(deal_id)
        if row >= 0:
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._ids[row]
            self._places = None
            self.endRemoveRows()

    def insert_id(self, deal_id: int, row: int) -> None:
        """Put a card in, ahead of the answer of the database."""
        row = max(0, min(row, len(self._ids)))
        self.beginInsertRows(QModelIndex(), row, row)
        self._ids.insert(row, deal_id)
        self._places = None
        self.endInsertRows()

    # --- what Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's own signature
        """Return how many cards there are."""
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the row for painting, and its words for type-ahead and screen readers."""
        if role not in _ROLES or not index.isValid() or index.row() >= len(self._ids):
            return None
        deal_id = self._ids[index.row()]
        if role == ID_ROLE:
            return deal_id
        row = self.cards.row(deal_id)
        if role == ROW_ROLE or row is None:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        return _words(row) if role == Qt.ItemDataRole.AccessibleTextRole else _tooltip(row)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let cards be chosen, dragged, and dropped between."""
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsDragEnabled
            | Qt.ItemFlag.ItemNeverHasChildren
        )

    def supportedDropActions(self) -> Qt.DropAction:
        """Deals move; they are never copied."""
        return Qt.DropAction.MoveAction

    def supportedDragActions(self) -> Qt.DropAction:
        """Deals move; they are never copied."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        """Name what can be dropped here."""
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the dragged deals in the order of the column."""
        rows = sorted({index.row() for index in indexes if index.isValid()})
        return encode_deals(self._ids[row] for row in rows)

    def canDropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        """Take deals, from any column, this one included."""
        del action, row, column, parent
        return data.hasFormat(MIME)

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index
    ) -> bool:
        """Say what was dropped where; the board decides (a lost deal is asked for its reason)."""
        del action, column
        if not data.hasFormat(MIME):
            return False
        place = parent.row() if parent.isValid() else row
        ids = decode_deals(data)
        before = self.id_at(place) if place >= 0 else None
        while before is not None and before in ids:
            place += 1
            before = self.id_at(place)
        self.dropped.emit(ids, self.stage_id, before)
        return True

    # --- changes

    def _change_rows(self, change: SmallChange) -> None:
        for run in change.removals:
            self.beginRemoveRows(QModelIndex(), run.first, run.last)
            del self._ids[run.first : run.last + 1]
            self._places = None
            self.endRemoveRows()
        for run in change.insertions:
            self.beginInsertRows(QModelIndex(), run.first, run.last)
            self._ids[run.first : run.first] = run.ids
            self._places = None
            self.endInsertRows()

    def _change_layout(self, new: "array[int]") -> None:
        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        deals = [self._ids[index.row()] for index in kept]
        self._ids, self._places = new, None
        moved = [self.index(self.row_of(deal)) for deal in deals]  # row -1 gives no index
        self.changePersistentIndexList(kept, moved)
        self.layoutChanged.emit()

    def _on_arrived(self, ids: frozenset[int]) -> None:
        for deal_id in ids:
            row = self.row_of(deal_id)
            if row >= 0:
                index = self.index(row)
                self.dataChanged.emit(index, index)


def _words(row: DealRow) -> str:
    """Return a card as a screen reader says it."""
    parts = [row.name, row.company_name, money(row.amount_minor, row.currency), row.stage_name]
    return ", ".join(part for part in parts if part)


def _tooltip(row: DealRow) -> str:
    lines = [row.name]
    step = row.attention
    if step.next_title:
        when = f" · {exact_moment(step.next_at)}" if step.next_at else ""
        lines.append(tr("Next: {title}", title=step.next_title) + when)
    elif row.stage_type is StageType.OPEN:
        lines.append(tr("Nothing planned"))
    if step.last_touch is not None:
        lines.append(tr("Last touched {moment}", moment=exact_moment(step.last_touch)))
    if row.expected_close_on is not None and row.stage_type is StageType.OPEN:
        lines.append(tr("Expected to close {day}", day=exact_moment(row.expected_close_on)))
    if row.owner_name:
        lines.append(tr("Owner {name}", name=row.owner_name))
    return "\n".join(lines)
