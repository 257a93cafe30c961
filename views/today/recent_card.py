"""What happened last with any customer."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.queries.today import RecentActivity
from views.shared import paint
from views.shared.cards import Card
from views.shared.format import moment_words
from views.shared.labels import Label
from views.shared.text import tr
from views.today.words import activity_words, joined

ROW: Final = 48
_ICONS: Final = {
    "call": "phone",
    "email": "mail",
    "meeting": "users",
    "note": "sticky-note",
}


class RecentList(QWidget):
    """Painted rows; a click or Enter opens the person or company."""

    opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[RecentActivity, ...] = ()
        self._current = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Recent activity"))

    def show_rows(self, rows: Sequence[RecentActivity]) -> None:
        """Show other rows."""
        self.rows = tuple(rows)
        self._current = 0
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Be as high as the rows."""
        return QSize(300, ROW * len(self.rows))

    def minimumSizeHint(self) -> QSize:
        """Never be cut below."""
        return QSize(180, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows."""
        del event
        painter = QPainter(self)
        for number, row in enumerate(self.rows):
            rect = QRectF(0, number * ROW, self.width(), ROW)
            paint.draw_icon(painter, 2, rect.top() + 8, _ICONS[row.kind], "muted", 16)
            when = moment_words(row.at)
            wide = paint.draw_text(
                painter,
                rect.adjusted(0, 6, 0, -24),
                when,
                size=12,
                color="muted",
                align=paint.RIGHT,
            )
            what = row.subject or activity_words(row.kind, row.direction, row.outcome)
            top = rect.adjusted(30, 6, -wide - 12, -24)
            paint.draw_text(painter, top, what, weight=500)
            below = joined(row.contact_name, row.company_name, row.user_name)
            place = rect.adjusted(30, 23, 0, -7)
            paint.draw_text(painter, place, below, size=12, color="muted")
            if number + 1 < len(self.rows):
                paint.draw_row_line(painter, rect, 30)
            if self.hasFocus() and number == self._current:
                paint.draw_focus_ring(painter, rect.adjusted(0, 1, 0, -1))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the row under the pointer."""
        number = int(event.position().y() // ROW)
        if 0 <= number < len(self.rows):
            self._current = number
            self.opened.emit(self.rows[number])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk by arrows or J and K, open by Enter."""
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_J: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_K: -1}
        key = Qt.Key(event.key())
        if key in steps and self.rows:
            self._current = min(max(self._current + steps[key], 0), len(self.rows) - 1)
            self.update()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.rows:
            self.opened.emit(self.rows[self._current])
        else:
            super().keyPressEvent(event)


class RecentCard(Card):
    """The last few activities."""

    opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, padding=19, spacing=4, title=tr("Recent activity"))
        self.list = RecentList()
        self.list.opened.connect(self.opened)
        self.nothing = Label(tr("Calls, e-mails and notes will show here."), "muted", wrap=True)
        self.add(self.list)
        self.add(self.nothing)

    def show_rows(self, rows: Sequence[RecentActivity]) -> None:
        """Show other rows."""
        self.list.show_rows(rows)
        self.list.setVisible(bool(rows))
        self.nothing.setVisible(not rows)
