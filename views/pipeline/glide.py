"""Cards that a colleague moved glide to their new column, with the colleague's initials."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEasingCurve, QPoint, QPropertyAnimation, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem, QWidget

from app.queries.deal_movers import Mover
from views.shared import paint
from views.shared.text import tr

if TYPE_CHECKING:
    from views.pipeline.board import BoardView
    from views.pipeline.column_view import ColumnView

AT_ONCE: Final = 5  # more would be a swarm, not news
GLIDE_MS: Final = 520
STAY_MS: Final = 2200  # how long the initials stay on the card afterwards
BADGE: Final = 26
_OVER: Final = 10  # how far the badge stands over the card's corner


@dataclass(frozen=True, slots=True)
class Place:
    """Where a card was seen: its stage and its rectangle on the board."""

    stage_id: int
    rect: QRect


class GlidingCard(QWidget):
    """A picture of a card on its way, and after it only the initials at the card's corner."""

    def __init__(self, board: QWidget, card: QPixmap, mover: Mover | None, name: str) -> None:
        super().__init__(board)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._card: QPixmap | None = card
        self._mover = mover
        who = mover.name if mover is not None else tr("A colleague")
        self.setAccessibleName(tr("{who} moved {deal}", who=who, deal=name))
        size = card.deviceIndependentSize().toSize()
        self.resize(size.width() + _OVER, size.height() + _OVER)
        self.animation = QPropertyAnimation(self, b"pos", self)
        self.animation.setDuration(GLIDE_MS)
        self.animation.setEasingCurve(QEasingCurve.Type.InOutCubic)

    @property
    def is_moving(self) -> bool:
        """Whether it has not arrived yet."""
        return self._card is not None

    def fly(self, start: QPoint, end: QPoint) -> None:
        """Begin the way; the card's own corner is meant."""
        lift = QPoint(0, _OVER)
        self.animation.setStartValue(start - lift)
        self.animation.setEndValue(end - lift)
        self.move(start - lift)
        self.show()
        self.raise_()
        self.animation.start()

    def land(self) -> None:
        """Leave the initials only, for a moment."""
        self._card = None
        self.update()
        QTimer.singleShot(STAY_MS, self, self.deleteLater)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card with a line of the accent, and the initials."""
        del event
        painter = QPainter(self)
        if self._card is not None:
            size = self._card.deviceIndependentSize()
            painter.drawPixmap(QPoint(0, _OVER), self._card)
            frame = QRectF(0, _OVER, size.width(), size.height())
            paint.rounded(painter, frame.adjusted(1, 1, -1, -1), 8, None, "accent", 1.5)
        if self._mover is not None:
            box = QRectF(self.width() - BADGE - 1, 1, BADGE, BADGE)
            paint.rounded(painter, box.adjusted(-1, -1, 1, 1), BADGE / 2 + 1, "raised")
            paint.draw_avatar(painter, box, self._mover.user_id, self._mover.name)


class Glides:
    """The cards on their way on one board."""

    def __init__(self, board: "BoardView") -> None:
        self._board = board
        self.cards: list[GlidingCard] = []

    def places(self, ids: Iterable[int]) -> dict[int, Place]:
        """Return where these cards are seen now."""
        found = {}
        for deal_id in ids:
            view = self._board.column_of(deal_id)
            if view is not None:
                found[deal_id] = Place(view.column.stage_id, self._rect(view, deal_id))
        return found

    def start(self, before: Mapping[int, Place], movers: Mapping[int, Mover]) -> None:
        """Let the cards that stand in another column by now glide there."""
        moved = {
            deal_id: view
            for deal_id, place in before.items()
            if (view := self._board.column_of(deal_id)) is not None
            and view.column.stage_id != place.stage_id
        }
        if not moved or len(moved) > AT_ONCE or not self._board.isVisible():
            return
        for deal_id, view in moved.items():
            self._fly(deal_id, before[deal_id].rect, view, movers.get(deal_id))

    def _fly(self, deal_id: int, start: QRect, view: "ColumnView", mover: Mover | None) -> None:
        row = self._board.cards.peek(deal_id)
        if row is None:
            return
        end = self._rect(view, deal_id)
        flying = GlidingCard(self._board.viewport(), _picture(view, deal_id), mover, row.name)
        self.cards = [card for card in self.cards if _is_alive(card)]
        self.cards.append(flying)
        flying.destroyed.connect(lambda _=None, card=flying: self._forget(card))
        if not _moves(self._board):
            flying.fly(end.topLeft(), end.topLeft())
            flying.animation.stop()
            flying.land()
            return
        view.list.hide_card(deal_id, hidden=True)

        def landed() -> None:
            view.list.hide_card(deal_id, hidden=False)
            flying.land()

        flying.animation.finished.connect(landed)
        flying.fly(start.topLeft(), end.topLeft())

    def _forget(self, card: GlidingCard) -> None:
        self.cards = [other for other in self.cards if other is not card]

    def _rect(self, view: "ColumnView", deal_id: int) -> QRect:
        """Return a card's rectangle on the board, at the column's edge when it is out of sight."""
        area = view.list.viewport().rect()
        rect = view.list.card_rect(deal_id)
        rect.moveTop(max(-rect.height() // 2, min(rect.top(), area.bottom() - rect.height() // 2)))
        corner = view.list.viewport().mapTo(self._board.viewport(), rect.topLeft())
        return QRect(corner, rect.size())


def _is_alive(card: GlidingCard) -> bool:
    from shiboken6 import isValid  # noqa: PLC0415 - seldom

    return isValid(card)


def _moves(widget: QWidget) -> bool:
    """Whether the person's system lets things move."""
    return widget.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0


def _picture(view: "ColumnView", deal_id: int) -> QPixmap:
    """Draw a card as its new column does."""
    cards = view.list
    rect = cards.card_rect(deal_id)
    ratio = cards.devicePixelRatioF()
    picture = QPixmap(rect.size() * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    option = QStyleOptionViewItem()
    option.initFrom(cards)
    option.state = QStyle.StateFlag.State_Enabled
    option.rect = cards.item_rect(deal_id)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(-rect.topLeft())
    option.widget = cards
    cards.itemDelegate().paint(painter, option, cards.cards.index(cards.cards.row_of(deal_id)))
    painter.end()
    return picture
