"""The first rows as the records they would become: a list, and the chosen one in full."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.exchange.counts import Outcome
from app.exchange.preview import Change, PreviewRow
from views.importing.painted_list import PAD, PaintedList
from views.importing.words import KIND_ICONS, OUTCOME_TONES, field_label, mark_words
from views.shared import paint
from views.shared.conflict_words import label_of, value_words
from views.shared.format import exact_moment, long_date, number
from views.shared.labels import AvatarLabel, Divider, IconLabel, Label, PillLabel
from views.shared.layout import clear_layout, column, row
from views.shared.text import tr

_PERSONS: Final = frozenset({"contact", "user"})
_NAMES: Final = frozenset({"name", "given_name", "family_name", "middle_name", "subject", "title"})
_IN_LINE: Final = 4
_NARROW: Final = 620
DETAILS: Final = 300


def shown(value: Any) -> str:  # noqa: PLR0911  one line for each type
    """Return a value of a draft as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, tuple):
        if value and isinstance(value[0], Decimal):
            amount = value[0]
            decimals = 0 if amount == amount.to_integral_value() else 2
            return f"{number(amount, decimals)} {value[1] or ''}".strip()
        return ", ".join(str(part) for part in value if part is not None)
    if isinstance(value, datetime):
        return exact_moment(value)
    if isinstance(value, date):
        return long_date(value)
    if isinstance(value, Decimal):
        return number(value, max(0, -int(value.normalize().as_tuple().exponent)))
    return " ".join(str(value).split())


class PreviewList(PaintedList[PreviewRow]):
    """Each row as a record: its name, its first values, and what would happen."""

    row_height = 52

    def words_of(self, row: PreviewRow) -> str:
        """Return a row as a screen reader says it."""
        return f"{row.title}, {mark_words()[row.outcome]}, {_line(row)}"

    def paint_row(self, painter: QPainter, area: QRectF, row: PreviewRow, selected: bool) -> None:
        """Draw the record's sign, name, first values, and what becomes of it."""
        super().paint_row(painter, area, row, selected)
        direction = painter.layoutDirection()
        lost = row.outcome in {Outcome.SKIPPED, Outcome.FAILED}
        box = paint.mirrored(QRectF(area.left() + PAD, area.top() + 10, 32, 32), area, direction)
        is_person = row.kind in _PERSONS
        icon = "circle-alert" if lost else None if is_person else KIND_ICONS.get(row.kind, "file")
        paint.draw_avatar(
            painter, box, row.record_id or row.number, row.title, square=not is_person,
            kind_icon=icon,
        )  # fmt: skip
        words = mark_words()[row.outcome]
        wide = paint.pill_width(words)
        pill = QRectF(area.right() - PAD - wide, area.top(), wide, area.height())
        pill = paint.mirrored(pill, area, direction)
        paint.draw_pill(painter, pill.left(), pill.center().y(), words, OUTCOME_TONES[row.outcome])
        left = area.left() + PAD + 44
        room = area.right() - PAD - wide - 12 - left
        top = paint.mirrored(QRectF(left, area.top() + 7, room, 20), area, direction)
        below = paint.mirrored(QRectF(left, area.top() + 26, room, 18), area, direction)
        paint.draw_text(painter, top, row.title or tr("(empty row)"), weight=500)
        color = "bad" if lost else "muted"
        paint.draw_text(painter, below, _line(row), size=12, color=color)


def _line(row: PreviewRow) -> str:
    if row.outcome in {Outcome.SKIPPED, Outcome.FAILED} and row.problems:
        reason = tr(row.problems[-1].reason)
        return tr("row {n}: {reason}", n=number(row.number), reason=reason)
    if row.outcome is Outcome.UPDATED and row.changes:
        changes = (_change(change, row.currency) for change in row.changes[:2])
        return " · ".join(changes)
    values = [shown(value) for key, value in row.values if key not in _NAMES]
    parts = [part for part in dict.fromkeys(values) if part and part != row.title]
    return " · ".join(parts[:_IN_LINE])


def _change(change: Change, currency: str) -> str:
    before = value_words(change.column, change.before, currency)
    after = value_words(change.column, change.after, currency)
    return f"{label_of(change.column)}: {before} → {after}"


class _Details(QScrollArea):
    """Every value of one record, what it would change, and what to look at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        content = QWidget()
        content.setObjectName("scrolled")
        self._box = QVBoxLayout(content)
        self._box.setContentsMargins(16, 16, 16, 16)
        self._box.setSpacing(10)
        self.setWidget(content)
        self.setAccessibleName(tr("The record in full"))

    def show_row(self, item: PreviewRow | None) -> None:
        """Show another record."""
        clear_layout(self._box)
        if item is None:
            return
        words = column(
            Label(item.title or tr("(empty row)"), "strong", wrap=True),
            Label(tr("row {n}", n=number(item.number)), "small"),
            spacing=1,
        )
        line = row(spacing=10)
        is_person = item.kind in _PERSONS
        if is_person:
            line.addWidget(AvatarLabel(item.record_id or item.number, item.title, 32))
        else:
            line.addWidget(IconLabel(KIND_ICONS.get(item.kind, "file"), tone="info", box=32))
        line.addLayout(words, 1)
        self._box.addLayout(line)
        pill = PillLabel(mark_words()[item.outcome], OUTCOME_TONES[item.outcome])
        self._box.addLayout(row(pill, None))
        for problem in item.problems:
            self._problem(tr(problem.reason), problem.column, problem.value)
        if item.changes:
            self._box.addWidget(Label(tr("Changes"), "section"))
            for change in item.changes:
                self._pair(label_of(change.column), _after(change, item.currency))
            self._box.addWidget(Divider())
        for key, value in item.values:
            text = shown(value)
            if text:
                self._pair(field_label(item.kind, key), text)
        self._box.addStretch(1)

    def _pair(self, name: str, text: str) -> None:
        value = Label(text, "body", wrap=True, selectable=True)
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            # Else words of another script stand at the other end, away from their name.
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute)
        self._box.addLayout(column(Label(name, "small"), value, spacing=0))

    def _problem(self, reason: str, where: str, value: str) -> None:
        head = f"{where}: {value[:80]}" if where else value[:80]
        words = column(spacing=1)
        if head:
            words.addWidget(Label(head, "medium", wrap=True))
        words.addWidget(Label(reason, "small", wrap=True))
        line = row(spacing=10)
        mark = IconLabel("triangle-alert", size=14, tone="warning", box=24)
        line.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        self._box.addLayout(line)


def _after(change: Change, currency: str) -> str:
    before = value_words(change.column, change.before, currency)
    return f"{before} → {value_words(change.column, change.after, currency)}"


class PreviewView(QWidget):
    """The list beside the chosen record; only the list where there is little room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = PreviewList(tr("First rows as records"))
        self.details = _Details()
        self.details.setFixedWidth(DETAILS)
        self.line = Divider(vertical=True)
        self.waiting = Label(tr("Reading the first rows …"), "muted")
        self.waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.waiting, 1)
        box.addWidget(self.list, 1)
        box.addWidget(self.line)
        box.addWidget(self.details)
        self.list.chosen.connect(self.details.show_row)
        self.show_rows(None)

    @property
    def rows(self) -> list[PreviewRow]:
        """The rows shown now."""
        return self.list.rows

    def show_rows(self, rows: Sequence[PreviewRow] | None) -> None:
        """Show other rows; None while they are read."""
        self.waiting.setVisible(rows is None)
        self.list.setVisible(rows is not None)
        self._fold()
        if rows is None:
            return
        self.list.show_rows(rows)
        if rows and self.list.current is None:
            self.list.choose(0)
        self.details.show_row(self.list.current)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the details where there is little room."""
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        wide = self.width() >= _NARROW and not self.waiting.isVisibleTo(self)
        self.details.setVisible(wide)
        self.line.setVisible(wide)
