"""How long a deal stayed in each stage, drawn as bars on one scale."""

from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.queries.deal_details import DealDetails, StageVisit
from models.values import StageType
from views.pipeline.words import stage_color
from views.shared import paint
from views.shared.format import duration_words, exact_moment, short_date
from views.shared.text import tr
from views.theme import current_theme

ROW: Final = 40


class HistoryPanel(QWidget):
    """One row per stay: the stage, how long, since when and by whom; the newest on top."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.visits: list[StageVisit] = []
        self._places: dict[int, int] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_details(self, details: DealDetails) -> None:
        """Show a deal's history."""
        self._places = {stage.id: place for place, stage in enumerate(details.stages)}
        self.visits = list(reversed(details.history))
        self.setFixedHeight(max(1, len(self.visits)) * ROW)
        self.setAccessibleName(
            "; ".join(f"{v.stage_name}: {_stay(v)}" for v in self.visits) or tr("No moves yet")
        )
        self.update()

    def sizeHint(self) -> QSize:
        """Fill the width."""
        return QSize(240, max(1, len(self.visits)) * ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows."""
        del event
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        longest = max((v.seconds or 0 for v in self.visits), default=0) or 1
        for place, visit in enumerate(self.visits):
            self._draw(painter, QRectF(0, place * ROW, self.width(), ROW), visit, longest)

    def _draw(self, painter: QPainter, row: QRectF, visit: StageVisit, longest: int) -> None:
        direction, dark = self.layoutDirection(), current_theme().is_dark
        dot = stage_color(visit.stage_type, self._places.get(visit.stage_id, 0), dark=dark)
        mark = QRectF(0, row.top() + 8, 8, 8)
        paint.rounded(painter, paint.mirrored(mark, row, direction), 4, dot)
        stay = _stay(visit)
        width = paint.text_width(stay, 12, 500, tabular=True) + 1
        end = QRectF(row.right() - width, row.top() + 2, width, 20)
        paint.draw_text(
            painter,
            paint.mirrored(end, row, direction),
            stay,
            size=12,
            weight=500,
            tabular=True,
            elide=False,
        )
        name = QRectF(16, row.top() + 2, row.width() - width - 26, 20)
        current = visit.left_at is None
        paint.draw_text(
            painter,
            paint.mirrored(name, row, direction),
            visit.stage_name,
            weight=600 if current else 400,
        )
        words = short_date(visit.entered_at.date())
        if visit.user_name:
            words = f"{words} · {visit.user_name}"
        below = QRectF(16, row.top() + 20, row.width() - 96, 16)
        paint.draw_text(
            painter, paint.mirrored(below, row, direction), words, size=12, color="muted"
        )
        if visit.seconds is not None:
            share = visit.seconds / longest
            bar = QRectF(row.right() - 72, row.top() + 26, 72, 4)
            color = "primary" if current else "accent_pale"
            paint.draw_bar(painter, paint.mirrored(bar, row, direction), share, color, "row_line")

    def event(self, event: QEvent) -> bool:
        """Tell the exact moment under the pointer."""
        if isinstance(event, QHelpEvent):
            place = event.pos().y() // ROW
            if 0 <= place < len(self.visits):
                visit = self.visits[place]
                words = tr("Entered {moment}", moment=exact_moment(visit.entered_at))
                QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)


def _stay(visit: StageVisit) -> str:
    if visit.stage_type is not StageType.OPEN and visit.left_at is None:
        return ""  # closed: no time runs any more
    return duration_words(visit.seconds)
