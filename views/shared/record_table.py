"""One table model for every record list: ids in order from SQL, rows by id when looked at."""

from array import array
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, Final, Generic

from PySide6.QtCore import (
    QAbstractTableModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from app.changes import Changes
from app.errors import UserError
from views.context import context_of
from views.operations import Lookup
from views.shared.column import Column, RowT
from views.shared.id_diff import SmallChange, places_of, small_change
from views.shared.row_cache import RowCache
from views.shared.text import tr, translate_error

FIRST_PAGE: Final = 200
BLOCK: Final = 64
MAX_ASKED: Final = 256
MAX_WAIT_MS: Final = 2_000
DISPLAY: Final = int(Qt.ItemDataRole.DisplayRole)
TOOLTIP: Final = int(Qt.ItemDataRole.ToolTipRole)
ALIGNMENT: Final = int(Qt.ItemDataRole.TextAlignmentRole)
ACCESSIBLE: Final = int(Qt.ItemDataRole.AccessibleTextRole)
# Made once: painting asks for the flags of each cell, and joining enum members is slow.
_ROW_FLAGS: Final = (
    Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemIsDragEnabled
    | Qt.ItemFlag.ItemNeverHasChildren
)
_SERVED: Final = frozenset({DISPLAY, TOOLTIP, ALIGNMENT, ACCESSIBLE})

IdQuery = Callable[..., Sequence[int]]
RowQuery = Callable[..., Sequence[Any]]
Index = QModelIndex | QPersistentModelIndex


class RecordTableModel(QAbstractTableModel, Generic[RowT]):
    """Any number of records, of which only the looked-at ones are in memory.

    `ids(session, filter, sort=, descending=, limit=)` gives the order, `rows(session, ids)` what
    stands in it.
    """

    loaded = Signal(object)
    failed = Signal()
    about_to_change = Signal()
    changed = Signal()

    def __init__(
        self,
        columns: Sequence[Column[RowT]],
        ids: IdQuery,
        rows: RowQuery,
        parent: QObject,
        *,
        filter: object = None,  # noqa: A002 - the word of the page
        sort: str = "name",
        descending: bool = False,
        kinds: Sequence[str] = (),
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.kinds = tuple(kinds)
        self._id_query, self._row_query = ids, rows
        self._filter, self._sort, self._descending = filter, sort, descending
        self._ids: array[int] = array("q")
        self._cache: RowCache[RowT] = RowCache()
        self._wanted: dict[int, None] = {}
        self._loading = self._complete = self._reading_ids = self._again = False
        self._asked_at = self._took = 0.0
        self._looks = 0
        self._ask_soon = self._timer(self._ask_rows)
        self._refresh_soon = self._timer(self._read_ids_again)

    def _timer(self, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(slot)
        return timer

    # What the page asks and tells.

    @property
    def filter(self) -> object:
        """What is shown, as the id query understands it."""
        return self._filter

    @property
    def sort_key(self) -> str:
        """The key of the SQL order."""
        return self._sort

    @property
    def descending(self) -> bool:
        """Whether the order is reversed."""
        return self._descending

    @property
    def total(self) -> int:
        """How many records match, as far as known."""
        return len(self._ids)

    @property
    def is_loading(self) -> bool:
        """Whether the first rows have not come yet."""
        return self._loading

    @property
    def is_complete(self) -> bool:
        """Whether all matching ids are there."""
        return self._complete

    def set_filter(self, value: object) -> None:
        """Show what matches the filter."""
        self._filter = value
        self.load()

    def set_sort(self, key: str, *, descending: bool = False) -> None:
        """Order by another key, in SQL."""
        self._sort, self._descending = key, descending
        self.load()

    def load(self) -> None:
        """Read the first page, then all ids."""
        self._loading, self._complete, self._again = True, False, False
        self._refresh_soon.stop()
        self._look(FIRST_PAGE, self._take_first)

    def refresh(self, changes: Changes | None) -> None:
        """Show what changed; None reads everything again."""
        if changes is None:
            self._cache.expire_all()
            self._repaint_all()
            if self._ids:
                self._read_ids_soon()
            else:
                self.load()
            return
        if self.kinds and not changes.touches(*self.kinds):
            return
        kind = self.kinds[0] if self.kinds else ""
        others = self.kinds[1:] if self.kinds else ()
        if not kind or kind in changes.reload or (others and changes.touches(*others)):
            self._cache.expire_all()
            self._repaint_all()
        else:
            touched = changes.ids(kind)
            self._cache.expire(touched)
            self._repaint(touched)
        self._read_ids_soon()

    def all_ids(self) -> Callable[[Any], Sequence[int]]:
        """Return a query of everything that matches now, in the order shown."""
        query, chosen, sort, descending = self._id_query, self._filter, self._sort, self._descending
        return lambda session: query(session, chosen, sort=sort, descending=descending, limit=None)

    def id_at(self, row: int) -> int:
        """Return the record id of a row."""
        return self._ids[row]

    def ids_between(self, first: int, last: int) -> "array[int]":
        """Return the record ids of rows, both ends included."""
        return self._ids[first : last + 1]

    def row_of(self, record_id: int) -> int:
        """Return the row of a record, or -1."""
        try:
            return self._ids.index(record_id)
        except ValueError:
            return -1

    def record_at(self, row: int) -> RowT | None:
        """Return the row's data when it is there; otherwise have it fetched."""
        record_id = self._ids[row]
        if not self._cache.is_fresh(record_id):
            self._want(row, record_id)
        return self._cache.get(record_id)

    # What Qt asks.

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Count the known ids."""
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Count the columns, hidden ones too."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        """Serve text, tooltip and alignment; everything else is the delegate's."""
        if role not in _SERVED or not index.isValid():
            return None
        column = self.columns[index.column()]
        if role == ALIGNMENT:
            return column.alignment
        record = self.record_at(index.row())
        if record is None:
            return "" if role == DISPLAY else None
        if role == TOOLTIP:
            return column.tooltip(record) if column.tooltip is not None else None
        return column.text(record)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> Any:
        """Serve the titles of the columns."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == DISPLAY:
            return tr(self.columns[section].title)
        return self.columns[section].alignment if role == ALIGNMENT else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Rows can be selected and dragged out."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return _ROW_FLAGS

    def mimeTypes(self) -> list[str]:
        """Rows leave as CSV."""
        return ["text/csv", "text/plain"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the dragged rows, as far as they were looked at, as CSV."""
        from views.shared.csv_text import csv_text  # noqa: PLC0415 - rarely needed

        rows = sorted({index.row() for index in indexes})
        records = [record for row in rows if (record := self._cache.get(self._ids[row]))]
        text = csv_text(
            [tr(column.title) for column in self.columns],
            [[column.text(record) for column in self.columns] for record in records],
        )
        data = QMimeData()
        data.setData("text/csv", text.encode("utf-8-sig"))
        data.setText(text)
        return data

    # Ids.

    def _look(self, limit: int | None, take: Callable[["array[int]"], None]) -> None:
        self._reading_ids = True
        self._looks += 1
        number, started = self._looks, monotonic()

        def ended() -> None:
            if number == self._looks:
                self._reading_ids = self._loading = False

        def took(found: object) -> None:
            self._reading_ids = False
            self._took = monotonic() - started
            take(found if isinstance(found, array) else array("q", found))  # type: ignore[call-overload]

        Lookup(
            self,
            self._id_query,
            self._filter,
            key="ids",
            sort=self._sort,
            descending=self._descending,
            limit=limit,
        ).then(took).or_else(self._fail).lastly(ended)

    def _fail(self, error: UserError) -> None:
        self._loading = self._reading_ids = False
        context_of(self).toast(translate_error(error), kind="error")
        self.failed.emit()

    def _take_first(self, found: "array[int]") -> None:
        self._loading = False
        self._complete = len(found) < FIRST_PAGE
        self._set_ids(found)
        if found:
            # Not first when they are painted: all ids, and a page's other questions, take longer.
            self._wanted[0] = None
            self._ask_rows()
        if self._complete:
            self._finish()
        else:
            self._read_all_ids()

    def _read_all_ids(self) -> None:
        self._look(None, self._take_all)

    def _read_ids_again(self) -> None:
        self._asked_at = monotonic()
        self._read_all_ids()

    def _take_all(self, found: "array[int]") -> None:
        self._loading, self._complete = False, True
        self._set_ids(found)
        self._finish()

    def _finish(self) -> None:
        self.loaded.emit(len(self._ids))
        if self._again:
            self._again = False
            self._read_ids_soon()

    def _read_ids_soon(self) -> None:
        """Read the ids again: at once after a quiet while, seldom while changes stream."""
        if self._reading_ids:
            self._again = True
            return
        wait = self._asked_at + 5 * self._took - monotonic()
        if not self._refresh_soon.isActive():
            self._refresh_soon.start(max(0, min(MAX_WAIT_MS, int(wait * 1_000))))

    def _set_ids(self, new: "array[int]") -> None:
        if new == self._ids:
            return
        self.about_to_change.emit()
        change = small_change(self._ids, new)
        if change is None:
            self._change_layout(new)
        else:
            self._change_rows(change)
        self.changed.emit()

    def _change_rows(self, change: SmallChange) -> None:
        nowhere = QModelIndex()
        for run in change.removals:
            self.beginRemoveRows(nowhere, run.first, run.last)
            del self._ids[run.first : run.last + 1]
            self.endRemoveRows()
        for run in change.insertions:
            self.beginInsertRows(nowhere, run.first, run.last)
            self._ids[run.first : run.first] = run.ids
            self.endInsertRows()

    def _change_layout(self, new: "array[int]") -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        needed = {self._ids[index.row()] for index in before}
        places = places_of(needed, new)
        old, self._ids = self._ids, new
        after = [
            self.index(places[old[index.row()]], index.column())
            if old[index.row()] in places
            else QModelIndex()
            for index in before
        ]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    # Rows.

    def _want(self, row: int, record_id: int) -> None:
        """Ask for the row with its neighbours, together with all others of this paint."""
        if self._cache.is_asked(record_id):
            return
        self._wanted.pop(row, None)
        self._wanted[row] = None
        if not self._ask_soon.isActive():
            self._ask_soon.start(0)

    def _ask_rows(self) -> None:
        ids: dict[int, None] = {}
        for row in reversed(self._wanted):  # the latest paint first: it is what is looked at
            first = row // BLOCK * BLOCK
            for record_id in self._ids[first : first + BLOCK]:
                if not self._cache.is_fresh(record_id) and not self._cache.is_asked(record_id):
                    ids[record_id] = None
            if len(ids) >= MAX_ASKED:
                break
        self._wanted.clear()
        if not ids:
            return
        question = self._cache.ask(ids)
        Lookup(self, self._row_query, list(ids)).then(
            lambda rows: self._repaint(self._cache.answer(question, rows))
        ).lastly(lambda: self._cache.close(question))

    def _repaint(self, ids: "frozenset[int] | set[int]") -> None:
        """Repaint rows: one by one when few, the whole span of them when many."""
        if not ids or not self._ids:
            return
        last = len(self.columns) - 1
        if len(ids) > 8:
            self._repaint_all()
            return
        for row in map(self.row_of, ids):
            if row >= 0:
                self.dataChanged.emit(self.index(row, 0), self.index(row, last))

    def _repaint_all(self) -> None:
        if self._ids:
            last = self.index(len(self._ids) - 1, len(self.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
