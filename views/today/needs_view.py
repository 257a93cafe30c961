"""The Today list itself: keys, clicks on painted buttons, and the selection that stays."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QPointF,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from views.shared.text import tr
from views.today.entries import Entry, first_selectable
from views.today.needs_delegate import LEFT, NeedsDelegate, action_rects
from views.today.needs_model import ENTRY, NeedsTableModel


class NeedsView(QListView):
    """A list whose selected row has buttons; the same by keys."""

    action_requested = Signal(str, object, object)  # what, Entry, global QPoint

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries = NeedsTableModel(self)
        self.setModel(self.entries)
        self._delegate = NeedsDelegate(self)
        self._pressed = ""
        self.setItemDelegate(self._delegate)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAccessibleName(tr("Needs you now"))
        self.setStyleSheet("QListView { background: transparent; border: none; outline: none; }")

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Show rows; the chosen one stays chosen, or the one that took its place."""
        before, row = self.current_entry(), self.currentIndex().row()
        self.entries.set_entries(entries)
        again = self.entries.row_of(before.key) if before is not None else -1
        if again < 0:
            again = self._nearest(row) if before is not None else first_selectable(entries)
        if again >= 0:
            self._choose(again)

    def current_entry(self) -> Entry | None:
        """Return the chosen row."""
        found = self.currentIndex().data(ENTRY)
        return found if isinstance(found, Entry) and found.kind != "group" else None

    def select_key(self, kind: str, record_id: int) -> bool:
        """Choose a record's row; False when it is not in the list."""
        row = self.entries.row_of((kind, record_id))
        if row >= 0:
            self._choose(row)
        return row >= 0

    def step(self, by: int) -> None:
        """Choose the next or previous row, over headers."""
        row = self.currentIndex().row() + by
        while 0 <= row < len(self.entries.entries):
            if self.entries.entries[row].kind != "group":
                self._choose(row)
                return
            row += by

    def request(self, action: str) -> None:
        """Ask for an action on the chosen row, with its menus at the row's end."""
        entry = self.current_entry()
        if entry is not None:
            rect = self.visualRect(self.currentIndex())
            places = {a.key: place for a, place in action_rects(entry, QRectF(rect))}
            place = places.get(action, QRectF(rect.right() - 40, rect.top(), 20, rect.height()))
            corner = self.viewport().mapToGlobal(place.bottomLeft().toPoint() + QPoint(0, 4))
            self.action_requested.emit(action, entry, corner)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space done, S snooze, Enter open, J and K walk."""
        keys = {
            Qt.Key.Key_Space: "done",
            Qt.Key.Key_S: "snooze",
            Qt.Key.Key_Return: "open",
            Qt.Key.Key_Enter: "open",
            Qt.Key.Key_Menu: "more",
        }
        steps = {Qt.Key.Key_J: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_K: -1, Qt.Key.Key_Up: -1}
        key = Qt.Key(event.key())
        plain = event.modifiers() in {
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        }
        if plain and key in keys:
            self.request(keys[key])
        elif plain and key in steps:
            self.step(steps[key])
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up what lies under the pointer."""
        self._delegate.pointer = event.position()
        over = self._hit(event.position())
        self.viewport().setCursor(
            Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor
        )
        super().mouseMoveEvent(event)
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember the button under the press: the press itself may make others appear."""
        self._pressed = self._hit(event.position())
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Press a painted button, or tick a task off by its circle."""
        action = self._hit(event.position())
        super().mouseReleaseEvent(event)
        if action and action == self._pressed and event.button() == Qt.MouseButton.LeftButton:
            self.request(action)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open a row."""
        if not self._hit(event.position()):
            self.request("open")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what else can be done."""
        self.request("more")
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the pointer."""
        self._delegate.pointer = None
        self.viewport().update()
        super().leaveEvent(event)

    def _hit(self, position: QPointF) -> str:
        """Return the action under a point; buttons count only on the selected row."""
        index = self.indexAt(position.toPoint())
        entry = index.data(ENTRY)
        if not isinstance(entry, Entry) or entry.kind == "group":
            return ""
        rect = QRectF(self.visualRect(index))
        circle = QRectF(rect.left() + LEFT - 6, rect.center().y() - 15, 30, 30)
        if entry.kind == "task" and circle.contains(position):
            return "done"
        if index == self.currentIndex():
            for action, place in action_rects(entry, rect):
                if place.contains(position):
                    return action.key
        return ""

    def _choose(self, row: int) -> None:
        index: QModelIndex = self.entries.index(row)
        self.selectionModel().setCurrentIndex(
            index, QItemSelectionModel.SelectionFlag.ClearAndSelect
        )

    def _nearest(self, row: int) -> int:
        entries = self.entries.entries
        order = [*range(max(row, 0), len(entries)), *range(min(row, len(entries)) - 1, -1, -1)]
        return next((i for i in order if entries[i].kind != "group"), -1)
