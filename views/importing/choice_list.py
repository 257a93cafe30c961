"""A list in which each row offers a choice: painted, with one real editor on the current row."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from views.importing.painted_list import PAD, PaintedList
from views.shared import paint
from views.shared.chips import DropDown
from views.shared.text import tr
from views.theme import current_theme

Option = tuple[Any, str] | tuple[Any, str, str | None]
_MARK = 14


@dataclass(frozen=True, slots=True)
class Choice:
    """A row: what it is about, a remark, how often, and what is chosen among its options."""

    key: Any
    text: str
    note: str
    count: str
    value: Any
    options: tuple[Option, ...]
    doubtful: bool = False
    heading: bool = False

    @property
    def label(self) -> str:
        """The words of what is chosen."""
        return next((str(option[1]) for option in self.options if option[0] == self.value), "")


def _arrow(direction: Qt.LayoutDirection) -> str:
    return "arrow-left" if direction == Qt.LayoutDirection.RightToLeft else "arrow-right"


class ChoiceList(PaintedList[Choice]):
    """Tells `decided` with a row's key and the value chosen for it."""

    decided = Signal(object, object)
    row_height = 44

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.editor = DropDown("", self.viewport())
        self.editor.hide()
        self.editor.value_changed.connect(self._decide)
        self.selectionModel().currentChanged.connect(lambda *_: self._place_editor())
        self.verticalScrollBar().valueChanged.connect(lambda _: self._place_editor())
        self.activated.connect(lambda _: self.editor.setFocus())

    def show_rows(self, rows: Sequence[Choice]) -> None:
        """Show other rows."""
        self.editor.hide()
        super().show_rows(rows)
        self._place_editor()

    def words_of(self, row: Choice) -> str:
        """Return a row as a screen reader says it."""
        return " ".join(part for part in (row.text, row.note, row.count, "→", row.label) if part)

    def tip_of(self, row: Choice) -> str:
        """Give the remark in full."""
        return row.note

    def paint_row(self, painter: QPainter, area: QRectF, row: Choice, selected: bool) -> None:
        """Draw the words, the remark, the count and the choice."""
        if row.heading:
            self._paint_heading(painter, area, row)
            return
        if row.doubtful:
            painter.fillRect(area, current_theme().color(current_theme().tone("warning").tint))
        direction = painter.layoutDirection()
        paint.draw_row_line(painter, area, PAD)
        box = self._box(area)
        count = paint.text_width(row.count, 12) + 4 if row.count else 0.0
        room = box.left() - 26 - count - area.left() - PAD
        text = min(paint.text_width(row.text, 13, 500) + 2, room if not row.note else room * 0.6)

        def put(left: float, width: float) -> QRectF:
            place = QRectF(left, area.top(), width, area.height())
            return paint.mirrored(place, area, direction)

        paint.draw_text(painter, put(area.left() + PAD, text), row.text, weight=500)
        if row.note:
            place = put(area.left() + PAD + text + 10, max(0.0, room - text - 20))
            paint.draw_text(painter, place, row.note, size=12, color="muted")
        if row.count:
            place = put(box.left() - 24 - count, count)
            paint.draw_text(
                painter, place, row.count, size=12, color="muted", align=paint.RIGHT, tabular=True
            )
        mark = put(box.left() - 20, _MARK)
        paint.draw_icon(
            painter, mark.left(), area.center().y() - _MARK / 2, _arrow(direction), "muted", _MARK
        )
        if not selected or not self.editor.isVisible():
            self._paint_choice(painter, paint.mirrored(box, area, direction), row)

    @staticmethod
    def _paint_heading(painter: QPainter, area: QRectF, row: Choice) -> None:
        theme = current_theme()
        painter.fillRect(area, theme.color("subtle"))
        place = area.adjusted(PAD, 0, -PAD, 0)
        paint.draw_text(painter, place, row.text, size=12, weight=600, color="muted")
        paint.draw_text(painter, place, row.count, size=12, color="muted", align=paint.RIGHT)
        paint.draw_row_line(painter, area)

    @staticmethod
    def _paint_choice(painter: QPainter, box: QRectF, row: Choice) -> None:
        direction = painter.layoutDirection()
        paint.rounded(painter, box, 6, "surface", "border")
        place = paint.mirrored(box.adjusted(12, 0, -30, 0), box, direction)
        paint.draw_text(painter, place, row.label, weight=500)
        mark = QRectF(box.right() - 26, box.center().y() - 7, _MARK, _MARK)
        mark = paint.mirrored(mark, box, direction)
        paint.draw_icon(painter, mark.left(), mark.top(), "chevron-down", "muted", _MARK)

    @staticmethod
    def _box(area: QRectF) -> QRectF:
        wide = max(150.0, min(240.0, area.width() * 0.38))
        return QRectF(area.right() - PAD - wide, area.top() + 5, wide, area.height() - 10)

    def _place_editor(self) -> None:
        row = self.current
        if row is None or row.heading:
            self.editor.hide()
            return
        area = QRectF(self.visualRect(self.currentIndex()))
        box = paint.mirrored(self._box(area), area, self.layoutDirection())
        self.editor.blockSignals(True)
        self.editor.set_items(list(row.options))
        self.editor.set_value(row.value)
        self.editor.blockSignals(False)
        self.editor.setAccessibleName(tr("{word} becomes", word=row.text) + f": {row.label}")
        self.editor.setGeometry(box.toRect())
        self.editor.show()

    def _decide(self, value: object) -> None:
        row = self.current
        if row is not None:
            place = self.currentIndex().row()
            self.list_model.replace_row(place, replace(row, value=value, doubtful=False))
            self.decided.emit(row.key, value)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the editor on its row."""
        super().resizeEvent(event)
        self._place_editor()
