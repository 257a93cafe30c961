"""A field that finds a record by a few letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QCompleter,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from views.shared import paint
from views.shared.text import tr
from views.shared.text_fields import LINE_LIMIT

Found = Sequence[tuple[Any, ...]]
Search = Callable[[str, Callable[[Found], None]], object]

_ID: Final = Qt.ItemDataRole.UserRole
_DETAIL: Final = Qt.ItemDataRole.UserRole + 1
_CREATE: Final = object()


class _FoundDelegate(QStyledItemDelegate):
    """Draws a found record: its name, and in grey what tells it from others."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Give rows a comfortable height."""
        del option, index
        return QSize(200, 34)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the row."""
        rect: QRectF = QRectF(option.rect)
        state: QStyle.StateFlag = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hover = bool(state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setLayoutDirection(option.direction)
        paint.draw_row_ground(painter, rect, selected=selected, hover=hover, bar=False)
        created = index.data(_ID) is _CREATE
        name = str(index.data(Qt.ItemDataRole.DisplayRole))
        runs: list[paint.Run] = [(name, 500, "accent" if created else "text")]
        if detail := index.data(_DETAIL):
            runs.append((f"   {detail}", 400, "muted"))
        paint.draw_runs(painter, rect.adjusted(10, 0, -10, 0), runs)
        painter.restore()


class RelationPicker(QLineEdit):
    """Type a few letters, choose a record; what was not chosen does not count."""

    selected = Signal(object)
    create_requested = Signal(str)

    def __init__(
        self,
        search: Search | None = None,
        placeholder: str = "",
        parent: QWidget | None = None,
        *,
        create_label: str = "",
        debounce_ms: int = 120,
    ) -> None:
        super().__init__(parent)
        self.setMaxLength(LINE_LIMIT)
        self._search, self._create_label = search, create_label
        self._id: Any = None
        self._label = ""
        self._asked = 0
        self.setPlaceholderText(placeholder or tr("Type to search"))
        self.setAccessibleName(self.placeholderText())
        self._model = QStandardItemModel(self)
        self._completer = QCompleter(self._model, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setWidget(self)
        self._completer.setMaxVisibleItems(9)
        popup = self._popup = QListView()
        popup.setProperty("popup", True)
        popup.setMouseTracking(True)
        self._completer.setPopup(popup)
        popup.setItemDelegate(_FoundDelegate(popup))
        self._completer.activated[QModelIndex].connect(  # type: ignore[index]
            self._activated
        )
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(debounce_ms)
        self._timer.timeout.connect(self.search_now)
        self.textEdited.connect(self._timer.start)

    @property
    def selected_id(self) -> Any:
        """The chosen record's id."""
        return self._id

    @property
    def selected_label(self) -> str:
        """The chosen record's name."""
        return self._label

    def set_search(self, search: Search) -> None:
        """Ask this function: ``search(text, callback)`` calls back with (id, label[, detail])."""
        self._search = search

    def set_selected(self, record_id: Any, label: str) -> None:
        """Show a chosen record without telling."""
        self._id, self._label = record_id, label if record_id is not None else ""
        self.setText(self._label)

    def search_now(self) -> None:
        """Ask for what matches the words typed; only the newest answer counts."""
        self._timer.stop()
        if self._search is None:
            return
        self._asked += 1
        asked = self._asked
        self._search(self.text().strip(), lambda found: self._show(asked, found))

    def _show(self, asked: int, found: Found) -> None:
        if asked != self._asked:
            return
        self._model.clear()
        for record in found:
            item = QStandardItem(str(record[1]))
            item.setData(record[0], _ID)
            item.setData(record[2] if len(record) > 2 else "", _DETAIL)
            self._model.appendRow(item)
        typed = self.text().strip()
        if self._create_label and typed:
            item = QStandardItem(self._create_label.format(text=typed))
            item.setData(_CREATE, _ID)
            self._model.appendRow(item)
        if self._model.rowCount() and self.hasFocus():
            self._completer.complete()

    def _activated(self, index: QModelIndex) -> None:
        # The completer hands an index of its own proxy; its data is the item's data.
        record_id = index.data(_ID)
        if record_id is _CREATE:
            typed = self.text().strip()
            QTimer.singleShot(0, self, self._restore)
            self.create_requested.emit(typed)
            return
        self.choose(record_id, str(index.data(Qt.ItemDataRole.DisplayRole)))

    def choose(self, record_id: Any, label: str) -> None:
        """Choose a record and tell."""
        self.set_selected(record_id, label)
        self.selected.emit(record_id)

    def _restore(self) -> None:
        self.setText(self._label)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take back words that chose nothing; an emptied field chooses nobody."""
        super().focusOutEvent(event)
        if event.reason() == Qt.FocusReason.PopupFocusReason:
            return
        if not self.text().strip() and self._id is not None:
            self.choose(None, "")
        elif self.text() != self._label:
            self._restore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the list by Down."""
        if event.key() == Qt.Key.Key_Down and not self._popup.isVisible():
            self.search_now()
        else:
            super().keyPressEvent(event)
