"""Paints the Today list: headers, rows, and the actions of the selected row."""

from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from views.shared import paint
from views.shared.text import tr
from views.theme import current_theme
from views.today.entries import Entry
from views.today.needs_model import ENTRY

LEFT: Final = 18.0
TEXT: Final = 51.0
RIGHT: Final = 19.0
ACTION_HEIGHT: Final = 28.0
AMOUNT_GAP: Final = 92.0
NARROW: Final = 600.0
ICON_ONLY: Final = 30.0
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class RowAction:
    """A painted button of the selected row."""

    key: str
    text: str
    icon: str


def actions_of(entry: Entry) -> list[RowAction]:
    """Return what can be done with a row."""
    more = RowAction("more", "", "ellipsis")
    if entry.kind == "task":
        done = RowAction("done", tr("Done"), "check")
        return [done, RowAction("snooze", tr("Snooze"), "alarm-clock"), more]
    if entry.kind == "ticket":
        return [RowAction("open", tr("Answer"), "reply"), more]
    plan = RowAction("plan", tr("Plan"), "calendar-plus")
    return [plan, RowAction("open", tr("Open"), "eye"), more]


def action_rects(entry: Entry, row: QRectF) -> list[tuple[RowAction, QRectF]]:
    """Return where the buttons of the selected row are, from left to right."""
    right = row.right() - RIGHT - paint.pill_width(entry.pill) - 18
    if entry.kind == "ticket":
        right -= 18
    if entry.amount:
        right = row.right() - RIGHT - AMOUNT_GAP - paint.text_width(entry.amount, 13, 500) - 18
    placed: list[tuple[RowAction, QRectF]] = []
    narrow = row.width() < NARROW  # then the icons alone; the keys and the menu have the words
    top = row.center().y() - ACTION_HEIGHT / 2
    for action in reversed(actions_of(entry)):
        words = "" if narrow else action.text
        width = 16 + 12.0 + (paint.text_width(words, 13, 500) + 8 if words else 0)
        right -= width
        placed.insert(0, (action, QRectF(round(right), round(top), width, ACTION_HEIGHT)))
        right -= 6
    return placed


class NeedsDelegate(QStyledItemDelegate):
    """Draws one entry."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.pointer: QPointF | None = None

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Give headers 32 and rows 52."""
        del option
        entry: Entry = index.data(ENTRY)
        return QSize(200, paint.GROUP if entry.kind == "group" else paint.ROW_TWO_LINES)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a header or a row."""
        chosen: Any = option
        rect = QRectF(chosen.rect)
        entry: Entry = index.data(ENTRY)
        painter.save()
        if entry.kind == "group":
            _draw_group(painter, rect, entry)
        else:
            state = chosen.state
            selected = bool(state & QStyle.StateFlag.State_Selected)
            hover = bool(state & QStyle.StateFlag.State_MouseOver)
            focused = bool(state & QStyle.StateFlag.State_HasFocus) and selected
            paint.draw_row_ground(painter, rect, selected=selected, hover=hover, focus=focused)
            following = index.sibling(index.row() + 1, 0)
            last = following.isValid() and following.data(ENTRY).kind == "group"
            self._draw_row(painter, rect, entry, selected=selected, line=not last and not selected)
        painter.restore()

    def _draw_row(
        self, painter: QPainter, rect: QRectF, entry: Entry, *, selected: bool, line: bool
    ) -> None:
        self._draw_mark(painter, rect, entry)
        right = self._draw_right(painter, rect, entry)
        if selected:
            places = action_rects(entry, rect)
            for action, place in places:
                _draw_action(painter, place, action, hover=self._is_over(place))
            right = places[0][1].left() - 12
        width = max(40.0, right - rect.left() - TEXT)
        top = rect.top() + (9 if entry.detail else 17)
        paint.draw_text(
            painter, QRectF(rect.left() + TEXT, top, width, 18), entry.title, weight=500
        )
        below = QRectF(rect.left() + TEXT, top + 17, width, 18)
        paint.draw_text(painter, below, entry.detail, size=12, color="muted")
        if line:
            paint.draw_row_line(painter, rect.adjusted(0, 0, -RIGHT, 0), TEXT)

    def _draw_mark(self, painter: QPainter, rect: QRectF, entry: Entry) -> None:
        centre = rect.center().y()
        if entry.kind == "task":
            place = QRectF(rect.left() + LEFT, centre - 9, 18, 18)
            paint.draw_check_circle(painter, place, hover=self._is_over(place))
        elif entry.kind == "ticket":
            paint.draw_icon(painter, rect.left() + LEFT, round(centre - 9), "ticket", "muted", 18)
        else:
            place = QRectF(rect.left() + LEFT - 1, round(centre - 10), 20, 20)
            paint.draw_avatar(painter, place, entry.avatar_id, entry.avatar, square=True)

    @staticmethod
    def _draw_right(painter: QPainter, rect: QRectF, entry: Entry) -> float:
        """Draw pill and amount; return where the words must end."""
        right, centre = rect.right() - RIGHT, rect.center().y()
        icon = "timer" if entry.kind == "ticket" else None
        width = 0.0
        if entry.pill:
            width = paint.draw_pill(
                painter, right, centre, entry.pill, entry.tone, icon, right=True
            )
        end = right - width - 16
        if entry.amount:
            place = rect.adjusted(0, 0, -RIGHT - AMOUNT_GAP, 0)
            wide = paint.draw_text(
                painter, place, entry.amount, weight=500, align=paint.RIGHT, tabular=True
            )
            end = place.right() - wide - 16
        return end

    def _is_over(self, place: QRectF) -> bool:
        return self.pointer is not None and place.contains(self.pointer)


def _draw_group(painter: QPainter, rect: QRectF, entry: Entry) -> None:
    theme = current_theme()
    painter.fillRect(rect, theme.color("subtle"))
    for edge in (rect.top(), rect.bottom() - 1):
        painter.fillRect(QRectF(rect.left(), edge, rect.width(), 1), theme.color("row_line"))
    color = theme.tone(entry.tone).text if entry.tone != "neutral" else "muted"
    paint.draw_icon(painter, rect.left() + LEFT + 1, rect.center().y() - 8, entry.icon, color, 16)
    words: list[paint.Run] = [(entry.title, 600, color), (f"  {entry.count}", 400, "muted")]
    place = rect.adjusted(43, 0, -RIGHT, 0)
    used = paint.draw_runs(painter, place, words, 12)
    note = place.adjusted(used + 16, 0, 0, 0)
    paint.draw_text(painter, note, entry.note, size=12, color="muted", align=paint.RIGHT)


def _draw_action(painter: QPainter, place: QRectF, action: RowAction, *, hover: bool) -> None:
    ground = "hover" if hover else "raised"
    paint.rounded(painter, place, 6, ground, "border")
    paint.draw_icon(painter, place.left() + 8, place.center().y() - 8, action.icon, "muted", 16)
    if action.text and place.width() > ICON_ONLY:
        words = place.adjusted(30, 0, 0, 0)
        paint.draw_text(painter, words, action.text, weight=500, elide=False)
