"""The table every record list is shown in."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QMenu, QTableView, QWidget

from views.context import context_of
from views.shared.column_layout import ColumnLayout
from views.shared.header_end import HeaderEnd
from views.shared.record_delegate import RecordDelegate
from views.shared.record_table import RecordTableModel

ROW_HEIGHTS: Final = {"comfortable": 44, "compact": 32}
HEADER_HEIGHT: Final = 38
KEPT_SELECTION: Final = 2_000

Density = Literal["comfortable", "compact"]


@dataclass(frozen=True, slots=True)
class Selection:
    """What is selected: some ids, or everything that the filter matches."""

    ids: tuple[int, ...]
    everything: bool
    filter: object
    sort: str
    count: int


class RecordTableView(QTableView):
    """Rows of one height; click the header to sort, right-click it to choose columns."""

    record_selected = Signal(object)
    record_activated = Signal(object)
    selection_changed = Signal(object)
    menu_requested = Signal(object, object)

    def __init__(
        self,
        model: RecordTableModel[Any],
        parent: QWidget | None = None,
        *,
        density: Density | None = None,
        name: str = "",
    ) -> None:
        super().__init__(parent)
        self.records = model
        self._everything = False
        self._quiet = False
        self._kept: tuple[set[int], int | None] | None = None
        self._anchor: tuple[int, int] | None = None
        self._empty: QWidget | None = None
        self._delegate = RecordDelegate(self)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(name)
        self._set_up(density or self._chosen_density())
        self.layout_of_columns = ColumnLayout(self, model.columns)
        self._connect()

    def _set_up(self, density: Density) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(rows.ResizeMode.Fixed)
        self.set_density(density)
        header = self.horizontalHeader()
        header.setFixedHeight(HEADER_HEIGHT)
        header.setHighlightSections(False)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        # Of its own: with the table's, each paint asks whether whole columns are selected, and
        # with all of 100,000 rows selected that reads the flags of every cell (9 s).
        header.setSelectionModel(QItemSelectionModel(self.model(), self))
        header.setSectionsClickable(True)
        header.setSectionsMovable(True)
        header.setMinimumSectionSize(48)
        # The header's ground goes on above the scroll bar.
        self.addScrollBarWidget(HeaderEnd(HEADER_HEIGHT, self), Qt.AlignmentFlag.AlignTop)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._show_sort()

    def _chosen_density(self) -> Density:
        chosen = context_of(self.records).settings.density
        return "compact" if chosen == "compact" else "comfortable"

    def _connect(self) -> None:
        header = self.horizontalHeader()
        header.sectionClicked.connect(self._sort_by)
        header.customContextMenuRequested.connect(self._show_column_menu)
        self.doubleClicked.connect(self._activate)
        self.records.about_to_change.connect(self._keep_place)
        self.records.changed.connect(self._restore_place)
        self.records.loaded.connect(self._loaded)

    # What the page asks.

    def set_density(self, density: Density) -> None:
        """Set the height of all rows."""
        rows = self.verticalHeader()
        rows.setMinimumSectionSize(ROW_HEIGHTS[density])
        rows.setDefaultSectionSize(ROW_HEIGHTS[density])

    def set_empty_state(self, widget: QWidget) -> None:
        """Show this instead of an empty table."""
        widget.setParent(self.viewport())
        self._empty = widget
        self._place_empty()

    def current_id(self) -> int | None:
        """Return the record under the cursor."""
        row = self.currentIndex().row()
        return self.records.id_at(row) if 0 <= row < self.records.total else None

    def select_id(self, record_id: int) -> bool:
        """Select a record and scroll to it; tell whether it is in the list."""
        row = self.records.row_of(record_id)
        if row < 0:
            return False
        self.selectRow(row)
        self.scrollTo(self.records.index(row, 0))
        return True

    def select_everything(self) -> None:
        """Select all that the filter matches, loaded or not."""
        self._everything = False
        self._quiet = True
        self.selectAll()
        self._quiet = False
        self._everything = True
        self.selection_changed.emit(self.selection())

    def selection(self) -> Selection:
        """Return what is selected now."""
        model = self.records
        if self._everything:
            return Selection((), True, model.filter, model.sort_key, model.total)
        ids = tuple(self._selected_ids())
        return Selection(ids, False, model.filter, model.sort_key, len(ids))

    def visible_ids(self) -> list[int]:
        """Return the records that can be seen now."""
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        if first < 0:
            return []
        return list(self.records.ids_between(first, last if last >= 0 else self.records.total - 1))

    def save_state(self) -> dict[str, Any]:
        """Return order, widths and choice of columns, and the sorting."""
        return {
            "columns": self.layout_of_columns.save(),
            "sort": self.records.sort_key,
            "descending": self.records.descending,
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take back what `save_state` returned; unknown columns are ignored."""
        self.layout_of_columns.restore(state.get("columns", []))
        sort = state.get("sort")
        if sort in {column.sort for column in self.records.columns if column.sort}:
            self.records.set_sort(str(sort), descending=bool(state.get("descending")))
            self._show_sort()

    # Sorting and columns.

    def _sort_by(self, section: int) -> None:
        key = self.records.columns[section].sort
        if key is None:
            self._show_sort()
            return
        again = key == self.records.sort_key
        descending = not self.records.descending if again else False
        self._anchor = None
        self._remember_selection()
        self.records.set_sort(key, descending=descending)
        self._show_sort()
        self.verticalScrollBar().setValue(0)

    def _show_sort(self) -> None:
        header, model = self.horizontalHeader(), self.records
        order = Qt.SortOrder.DescendingOrder if model.descending else Qt.SortOrder.AscendingOrder
        keys = [column.sort for column in model.columns]
        if model.sort_key in keys:
            header.setSortIndicatorShown(True)
            header.setSortIndicator(keys.index(model.sort_key), order)
        else:
            header.setSortIndicatorShown(False)

    def _show_column_menu(self, position: QPoint) -> None:
        menu = self.column_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.horizontalHeader().mapToGlobal(position))

    def column_menu(self) -> QMenu:
        """Return a menu that shows and hides columns, for a button of the page as well."""
        return self.layout_of_columns.menu(self)

    # Selection that survives what happens to the rows.

    def _parts(self) -> list[QItemSelectionRange]:
        # PySide does not declare that a QItemSelection can be walked.
        return list(cast("Iterable[QItemSelectionRange]", self.selectionModel().selection()))

    def _selected_ids(self) -> Iterable[int]:
        for part in self._parts():
            yield from self.records.ids_between(part.top(), part.bottom())

    def _selected_count(self) -> int:
        return sum(part.height() for part in self._parts())

    def _remember_selection(self) -> None:
        if self._kept is None and not self._everything:
            few = self._selected_count() <= KEPT_SELECTION
            self._kept = (set(self._selected_ids()) if few else set(), self.current_id())

    def _keep_place(self) -> None:
        self._remember_selection()
        self._quiet = True
        bar, row = self.verticalScrollBar(), self.rowAt(0)
        if bar.value() > 0 and 0 <= row < self.records.total:
            self._anchor = (self.records.id_at(row), self.rowViewportPosition(row))
        else:
            self._anchor = None

    def _restore_place(self) -> None:
        self._quiet = False
        if self._anchor is not None:
            record_id, offset = self._anchor
            row = self.records.row_of(record_id)
            if row >= 0:
                height = self.verticalHeader().defaultSectionSize()
                self.updateGeometries()
                self.verticalScrollBar().setValue(row * height - offset)
        self._place_empty()

    def _loaded(self, _total: object) -> None:
        if self._everything:
            self.select_everything()
        elif self._kept is not None:
            self._select_kept(*self._kept)
        self._kept = None
        self._place_empty()

    def _select_kept(self, ids: set[int], current: int | None) -> None:
        """Select again what left with the old rows and came back with the new ones."""
        model, chosen = self.records, self.selectionModel()
        flags = QItemSelectionModel.SelectionFlag
        missing = ids.difference(self._selected_ids()) if ids else set()
        for record_id in missing if len(missing) <= 50 else ():
            row = model.row_of(record_id)
            if row >= 0:
                chosen.select(model.index(row, 0), flags.Select | flags.Rows)
        if current is not None and self.current_id() != current:
            row = model.row_of(current)
            if row >= 0:
                chosen.setCurrentIndex(model.index(row, 0), flags.NoUpdate)
        if ids:
            self._announce()

    def selectionChanged(self, selected: Any, deselected: Any) -> None:
        """Tell the page, unless rows merely move."""
        super().selectionChanged(selected, deselected)
        self._everything = False
        if not self._quiet:
            self._announce()
        self.viewport().update()

    def _announce(self) -> None:
        count = self._selected_count()
        self.record_selected.emit(next(iter(self._selected_ids())) if count == 1 else None)
        self.selection_changed.emit(self.selection())

    # Keys and mouse.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """J and K walk, Enter opens, Ctrl+A takes everything."""
        key, held = event.key(), event.modifiers()
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not held:
            self._activate(self.currentIndex())
        elif key in {Qt.Key.Key_J, Qt.Key.Key_K} and not held:
            self._walk(1 if key == Qt.Key.Key_J else -1)
        elif key == Qt.Key.Key_A and held == Qt.KeyboardModifier.ControlModifier:
            self.select_everything()
        elif key == Qt.Key.Key_Escape and self._selected_count() > 0:
            self.clearSelection()
        elif key == Qt.Key.Key_Menu:
            self._request_menu(self.visualRect(self.currentIndex()).center())
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are commands here; type-ahead over a windowed list would read every row."""

    def _walk(self, step: int) -> None:
        row = self.currentIndex().row() + step
        if 0 <= row < self.records.total:
            self.selectRow(row)

    def _activate(self, index: QModelIndex) -> None:
        if 0 <= index.row() < self.records.total:
            self.record_activated.emit(self.records.id_at(index.row()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask the page for a menu of what is selected."""
        self._request_menu(event.pos())
        event.accept()

    def _request_menu(self, position: QPoint) -> None:
        chosen = self.selection()
        if chosen.count:
            self.menu_requested.emit(chosen, self.viewport().mapToGlobal(position))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the row under the mouse."""
        super().mouseMoveEvent(event)
        self._hover(self.rowAt(int(event.position().y())))

    def leaveEvent(self, event: QEvent) -> None:
        """No row is under the mouse any more."""
        super().leaveEvent(event)
        self._hover(-1)

    def _hover(self, row: int) -> None:
        if row != self._delegate.hovered_row:
            self._delegate.hovered_row = row
            self.viewport().update()

    # Empty and loading.

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the stretching columns take the room that is left."""
        super().resizeEvent(event)
        self.layout_of_columns.stretch()
        self._place_empty()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Paint anew when scrolled sideways: the dots at the edge stand elsewhere then."""
        super().scrollContentsBy(dx, dy)
        if dx:
            self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows, or bars in their place while the first ones are read."""
        super().paintEvent(event)
        if self.records.is_loading and self.records.total == 0:
            self.layout_of_columns.paint_skeleton()

    def _place_empty(self) -> None:
        if self._empty is None:
            return
        empty = self.records.total == 0 and self.records.is_complete
        self._empty.setGeometry(self.viewport().rect())
        self._empty.setVisible(empty)

    def visualColumn(self, logical: int) -> int:
        """Return where the person put a column."""
        return self.horizontalHeader().visualIndex(logical)
