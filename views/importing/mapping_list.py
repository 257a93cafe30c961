"""The columns of a file and what each becomes: painted rows, one real editor on the current one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.exchange.guessing import ColumnGuess
from app.exchange.plan import FilePlan
from app.exchange.values import is_blank
from views.importing.words import FIELD_ICONS, field_items, field_of
from views.shared import paint
from views.shared.chips import DropDown
from views.shared.format import percent
from views.shared.text import tr
from views.theme import current_theme

Index = QModelIndex | QPersistentModelIndex
ROW = 40
DOUBTFUL = 0.7
NARROW = 560
_PAD = 20


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One column as the list shows it."""

    guess: ColumnGuess
    label: str
    icon: str
    values: str
    filled: float

    @property
    def doubtful(self) -> bool:
        """Whether a person should look again."""
        if self.guess.chosen or self.guess.reason:
            return not self.guess.chosen and self.guess.field is None and not self.guess.confidence
        return self.guess.confidence < DOUBTFUL


def mapping_rows(plan: FilePlan) -> list[MappingRow]:
    """Return the columns of a plan with their first values."""
    sample = plan.table.sample
    rows = []
    for guess in plan.guess.columns:
        cells = [line[guess.index].strip() for line in sample]
        filled = [cell for cell in cells if not is_blank(cell)]
        field = field_of(plan, guess.field)
        rows.append(
            MappingRow(
                guess,
                tr(field.label) if field is not None else tr("Left out"),
                FIELD_ICONS.get(field.shape, "type") if field is not None else "",
                " · ".join(list(dict.fromkeys(filled))[:3]) or tr("(empty)"),
                len(filled) / len(cells) if cells else 0.0,
            )
        )
    return rows


class _Model(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: list[MappingRow] = []

    def show_rows(self, rows: Sequence[MappingRow]) -> None:
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{row.guess.header} → {row.label}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.guess.reason or row.values
        return None


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the parts of a row stand."""

    name: QRectF
    values: QRectF
    arrow: float
    becomes: QRectF
    sure: QRectF
    filled: QRectF


def _places(area: QRectF) -> _Places:
    wide = area.width() - 2 * _PAD
    narrow = wide < NARROW  # then the names of the columns need the room of "Filled"
    filled, sure = (0.0, 72.0) if narrow else (52.0, 112.0)
    becomes = 160.0 if narrow else max(170.0, min(200.0, wide * 0.25))
    rest = wide - filled - sure - becomes - 26 - (2 if narrow else 3) * 12
    name = rest * (0.56 if narrow else 0.46)
    left = area.left() + _PAD
    top, tall = area.top(), area.height()
    x_becomes = left + rest + 26 + 12
    x_sure = x_becomes + becomes + 16
    return _Places(
        QRectF(left, top, name - 12, tall),
        QRectF(left + name, top, rest - name, tall),
        left + rest + 10,
        QRectF(x_becomes, top + 3, becomes, tall - 6),
        QRectF(x_sure, top, sure, tall),
        QRectF(area.right() - _PAD - filled, top, filled, tall),
    )


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        del option, index
        return QSize(400, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        view = option.widget
        if not isinstance(view, MappingList):
            return
        area = QRectF(option.rect)
        row = view.rows[index.row()]
        painter.save()
        painter.setLayoutDirection(option.direction)
        if row.doubtful:
            painter.fillRect(area, current_theme().color(current_theme().tone("warning").tint))
        self._words(painter, area, row, option)
        paint.draw_row_line(painter, area, _PAD)
        painter.restore()

    @staticmethod
    def _words(
        painter: QPainter, area: QRectF, row: MappingRow, option: QStyleOptionViewItem
    ) -> None:
        places = _places(area)

        def put(box: QRectF) -> QRectF:
            return paint.mirrored(box, area, option.direction)

        out = row.guess.field is None
        paint.draw_text(
            painter,
            put(places.name),
            row.guess.header,
            weight=500,
            color="muted" if out else "text",
        )
        paint.draw_text(painter, put(places.values), row.values, color="muted")
        arrow = put(QRectF(places.arrow, area.center().y() - 7, 14, 14))
        paint.draw_icon(painter, arrow.left(), arrow.top(), "arrow-right", "muted", 14)
        if not option.state & QStyle.StateFlag.State_Selected:
            _draw_field(painter, put(places.becomes), row, option.direction)
        _draw_sure(painter, put(places.sure), row)
        if places.filled.width():
            paint.draw_text(
                painter,
                put(places.filled),
                percent(row.filled),
                color="muted",
                align=paint.RIGHT,
                tabular=True,
            )


def _draw_field(
    painter: QPainter, box: QRectF, row: MappingRow, direction: Qt.LayoutDirection
) -> None:
    undecided = row.doubtful and row.guess.field is None
    paint.rounded(painter, box, 6, "surface", "bad" if undecided else "border")
    text = tr("Choose a field") if undecided else row.label
    color = "bad" if undecided else "muted" if row.guess.field is None else "text"
    left = 12.0
    if row.icon:
        mark = paint.mirrored(QRectF(box.left() + 12, box.center().y() - 8, 16, 16), box, direction)
        paint.draw_icon(painter, mark.left(), mark.top(), row.icon, "muted", 16)
        left = 36.0
    place = QRectF(box.left() + left, box.top(), box.width() - left - 30, box.height())
    paint.draw_text(
        painter,
        paint.mirrored(place, box, direction),
        text,
        weight=400 if row.guess.field is None else 500,
        color=color,
    )
    mark = QRectF(box.right() - 26, box.center().y() - 7, 14, 14)
    mark = paint.mirrored(mark, box, direction)
    paint.draw_icon(painter, mark.left(), mark.top(), "chevron-down", "muted", 14)


def _draw_sure(painter: QPainter, box: QRectF, row: MappingRow) -> None:
    guess = row.guess
    if guess.chosen:
        paint.draw_text(painter, box, tr("your choice"), size=12, color="muted")
        return
    if guess.field is None:
        words = tr("no match yet") if row.doubtful else tr("not needed")
        if row.doubtful and paint.text_width(words, 12, 600) > box.width():
            words = tr("no match")
        color = "bad" if row.doubtful else "muted"
        paint.draw_text(
            painter, box, words, size=12, weight=600 if row.doubtful else 400, color=color
        )
        return
    color = "warning" if row.doubtful else "good"
    room = 60 if box.width() > 100 else 0
    if room:
        bar = QRectF(box.left(), box.center().y() - 2, 50, 4)
        paint.draw_bar(painter, bar, guess.confidence, color)
    paint.draw_text(
        painter,
        box.adjusted(room, 0, 0, 0),
        percent(guess.confidence),
        color="warning" if row.doubtful else "muted",
        tabular=True,
    )


class MappingHeader(QWidget):
    """The names of the list's columns."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(36)
        self._wide = 0

    def set_list_width(self, width: int) -> None:
        """Follow the list, which gives room to its scroll bar."""
        self._wide = width
        self.update()

    def paintEvent(self, event: object) -> None:
        """Draw the words over their columns."""
        del event
        painter = QPainter(self)
        area = QRectF(self.rect())
        painter.fillRect(area, current_theme().color("window"))
        paint.draw_row_line(painter, area)
        painter.setLayoutDirection(self.layoutDirection())
        area.setWidth(self._wide or area.width())
        places = _places(area)
        is_wide = places.filled.width() > 0
        for place, words in (
            (places.name, tr("Column in the file") if is_wide else tr("Column")),
            (places.values, tr("First values")),
            (places.becomes, tr("Becomes")),
            (places.sure, tr("Sure")),
            (places.filled, tr("Filled")),
        ):
            if not place.width():
                continue
            place = QRectF(place.left(), 0, place.width(), area.height())  # noqa: PLW2901
            is_last = is_wide and place.right() > area.right() - 30
            align = paint.RIGHT if is_last else paint.LEFT
            paint.draw_text(
                painter,
                paint.mirrored(place, area, self.layoutDirection()),
                words,
                size=12,
                weight=600,
                color="muted",
                align=align,
            )


class MappingList(QListView):
    """The mapping; `field_chosen` tells a column's index and the field (None: left out)."""

    field_chosen = Signal(int, object)
    width_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Columns"))
        self._model = _Model(self)
        self._plan: FilePlan | None = None
        self.setModel(self._model)
        self.setItemDelegate(_Delegate(self))
        self.editor = DropDown(tr("Left out"), self.viewport())
        self.editor.hide()
        self.editor.value_changed.connect(self._chosen)
        self.selectionModel().currentChanged.connect(lambda *_: self._place_editor())
        self.verticalScrollBar().valueChanged.connect(lambda _: self._place_editor())

    @property
    def rows(self) -> list[MappingRow]:
        """The rows shown now."""
        return self._model.rows

    def show_plan(self, plan: FilePlan, rows: Sequence[MappingRow]) -> None:
        """Show rows of a plan; the current column stays current."""
        before = self._current_column()
        self._plan = plan
        self.editor.hide()
        self._model.show_rows(rows)
        for place, row in enumerate(rows):
            if row.guess.index == before:
                self.setCurrentIndex(self._model.index(place))

    def _current_column(self) -> int | None:
        index = self.currentIndex()
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        return self.rows[index.row()].guess.index

    def _place_editor(self) -> None:
        index = self.currentIndex()
        if not index.isValid() or self._plan is None:
            self.editor.hide()
            return
        row = self.rows[index.row()]
        area = QRectF(self.visualRect(index))
        box = paint.mirrored(_places(area).becomes, area, self.layoutDirection())
        self.editor.blockSignals(True)
        self.editor.set_items(field_items(self._plan, row.guess.index))
        self.editor.set_value(row.guess.field)
        self.editor.blockSignals(False)
        self.editor.setAccessibleName(tr("{column} becomes", column=row.guess.header))
        self.editor.setGeometry(QRect(box.toRect()))
        self.editor.show()

    def _chosen(self, field: object) -> None:
        column = self._current_column()
        if column is not None:
            self.field_chosen.emit(column, field)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the editor on its row."""
        super().resizeEvent(event)
        self.width_changed.emit(self.viewport().width())
        self._place_editor()
