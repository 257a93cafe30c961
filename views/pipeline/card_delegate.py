"""Paints the cards of the board."""

from typing import Final

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from app.queries.deals import DealRow
from models.values import StageType
from views.pipeline.column_model import ID_ROLE, ROW_ROLE
from views.pipeline.words import lost_reason_words, step_words
from views.shared import paint
from views.shared.format import DASH, money

CARD: Final = 98
COMPACT: Final = 54
GAP: Final = 8
SIDE: Final = 8
PAD: Final = 11
ICON_GAP: Final = 17


class CardDelegate(QStyledItemDelegate):
    """A deal as a card: name, company, amount, next step, owner; closed deals in two lines."""

    def __init__(self, parent: QObject | None = None, *, compact: bool = False) -> None:
        super().__init__(parent)
        self._compact = compact
        self._away: set[int] = set()

    def set_away(self, deal_id: int, *, away: bool) -> None:
        """Leave the place of a card empty, or fill it again."""
        (self._away.add if away else self._away.discard)(deal_id)

    @staticmethod
    def card_rect(view: QAbstractScrollArea, item: QRect) -> QRect:
        """Return the card within its item."""
        return item.adjusted(SIDE, 0, -_far_side(view), -GAP)

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """All cards of a column are of one height."""
        del index, option  # the list makes every card as wide as itself
        return QSize(80, (COMPACT if self._compact else CARD) + GAP)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one card."""
        painter.save()
        rect = QRectF(option.rect).adjusted(SIDE, 0, -_far_side(option.widget), -GAP)
        if self._away and index.data(ID_ROLE) in self._away:
            paint.rounded(painter, rect, 8, "neutral_tint")
            painter.restore()
            return
        state = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hover = bool(state & QStyle.StateFlag.State_MouseOver)
        ground = "hover" if hover and not selected else "raised"
        paint.draw_card(painter, rect, ground=ground)
        if selected:
            strong = bool(state & QStyle.StateFlag.State_HasFocus)
            paint.rounded(painter, rect, 8, None, "accent", 2 if strong else 1.5)
        row = index.data(ROW_ROLE)
        if row is None:
            self._paint_skeleton(painter, rect)
        elif self._compact:
            self._paint_compact(painter, rect, row)
        else:
            self._paint_card(painter, rect, row)
        painter.restore()

    def _paint_card(self, painter: QPainter, rect: QRectF, row: DealRow) -> None:
        inner = rect.adjusted(PAD, 0, -PAD, 0)
        line = QRectF(inner.left(), rect.top() + 9, inner.width(), 20)
        paint.draw_text(painter, line, row.name, weight=600)
        line.translate(0, 20)
        paint.draw_text(painter, line, row.company_name or row.contact_name or "", color="muted")
        self._paint_foot(painter, QRectF(inner.left(), rect.bottom() - 31, inner.width(), 22), row)

    def _paint_foot(self, painter: QPainter, foot: QRectF, row: DealRow) -> None:
        side = 22.0 if row.owner_id is not None else 0.0
        if row.owner_id is not None:
            avatar = paint.mirrored(
                QRectF(foot.right() - side, foot.top(), side, side),
                foot,
                painter.layoutDirection(),
            )
            paint.draw_avatar(painter, avatar, row.owner_id, row.owner_name or "")
        room = foot.width() - side - 6
        step = step_words(row)
        step_width = paint.text_width(step.text, 12, 400, tabular=True) + ICON_GAP + 1
        amount = _amount(row, room - step_width - 8)
        width = min(paint.text_width(amount, 13, 600, tabular=True) + 1, room)
        place = paint.mirrored(
            QRectF(foot.left(), foot.top(), width, 22), foot, painter.layoutDirection()
        )
        paint.draw_text(painter, place, amount, weight=600, tabular=True)
        # A column of steps reads better than ragged ones: they begin at one place if they can.
        start = max(width + 8, min(84.0, room - step_width))
        if start + step_width > room + 1:
            return
        box = paint.mirrored(
            QRectF(foot.left() + start, foot.top(), step_width, 22), foot, painter.layoutDirection()
        )
        _draw_step(painter, box, step.text, step.icon, step.color)

    def _paint_compact(self, painter: QPainter, rect: QRectF, row: DealRow) -> None:
        inner = rect.adjusted(PAD, 0, -PAD, 0)
        line = QRectF(inner.left(), rect.top() + 7, inner.width(), 20)
        paint.draw_text(painter, line, row.name, weight=600)
        line.translate(0, 20)
        amount = _amount(row, line.width())
        width = paint.text_width(amount, 12, 500, tabular=True) + 1
        paint.draw_text(painter, line, amount, size=12, weight=500, tabular=True, align=paint.RIGHT)
        words = row.company_name or row.contact_name or ""
        if row.stage_type is StageType.LOST:
            words = lost_reason_words(row.lost_reason) or words
        left = paint.mirrored(
            QRectF(line.left(), line.top(), line.width() - width - 8, 20),
            line,
            painter.layoutDirection(),
        )
        paint.draw_text(painter, left, words, size=12, color="muted")

    def _paint_skeleton(self, painter: QPainter, rect: QRectF) -> None:
        draw_skeleton_card(painter, rect, compact=self._compact)


def _far_side(view: object) -> int:
    """Return the margin at the end of a card: less where the scroll bar makes room already."""
    if isinstance(view, QAbstractScrollArea) and view.verticalScrollBar().isVisible():
        return 2
    return SIDE


def draw_skeleton_card(
    painter: QPainter, rect: QRectF, *, compact: bool = False, first: float = 0.62
) -> None:
    """Draw the bars that stand for a card's words."""
    inner = rect.adjusted(PAD, 0, -PAD, 0)
    paint.rounded(
        painter, QRectF(inner.left(), rect.top() + 16, inner.width() * first, 8), 4, "skeleton"
    )
    paint.rounded(
        painter,
        QRectF(inner.left(), rect.top() + 34, inner.width() * first * 0.68, 8),
        4,
        "skeleton",
    )
    if not compact:
        paint.rounded(painter, QRectF(inner.left(), rect.bottom() - 25, 56, 8), 4, "skeleton")
        paint.rounded(
            painter, QRectF(inner.right() - 20, rect.bottom() - 31, 20, 20), 10, "skeleton"
        )


def _amount(row: DealRow, room: float) -> str:
    """Write the amount in full where it fits, else short ("€ 1.2 M")."""
    if row.amount_minor is None:
        return DASH
    full = money(row.amount_minor, row.currency)
    if paint.text_width(full, 13, 600, tabular=True) <= room:
        return full
    return money(row.amount_minor, row.currency, compact=True)


def _draw_step(painter: QPainter, box: QRectF, text: str, icon: str, color: str) -> None:
    rtl = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
    left = box.right() - 14 if rtl else box.left()
    paint.draw_icon(painter, left, box.center().y() - 7, icon, color, 14)
    words = box.adjusted(0, 0, -ICON_GAP, 0) if rtl else box.adjusted(ICON_GAP, 0, 2, 0)
    paint.draw_text(painter, words, text, size=12, color=color, tabular=True, elide=False)
