"""The list of reminders that wait, under the bell."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.queries.tasks import NotificationRow
from views.notifications.words import detail
from views.shared import paint
from views.shared.buttons import Button, IconButton, link
from views.shared.labels import IconLabel, Label
from views.shared.text import tr

if TYPE_CHECKING:
    from views.context import PageContext

WIDTH = 400
MOST_HEIGHT = 480
MARGIN = paint.SHADOW_MARGIN


class NotificationItem(QWidget):
    """One reminder with Done, Snooze and Open."""

    done = Signal(object)
    snoozed = Signal(object, object)  # row, global corner for the menu
    opened = Signal(object)
    dismissed = Signal(object)

    def __init__(self, row: NotificationRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = row
        self.title = Label(row.title, "strong", elide=True)
        self.detail = Label(detail(row), "small", elide=True)
        is_task = row.kind == "task"
        self.done_button = Button(tr("Done"), "check", compact=True)
        self.done_button.setVisible(is_task)
        self.snooze_button = Button(tr("Snooze"), "alarm-clock", compact=True)
        self.open_button = Button(tr("Open"), "eye", "ghost", compact=True)
        self.dismiss_button = IconButton("x", tr("Dismiss"), size=24, icon_size=14)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.done_button, self.snooze_button, self.open_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.detail)
        words.addSpacing(6)
        words.addLayout(buttons)
        box = QHBoxLayout(self)
        box.setContentsMargins(16, 12, 12, 12)
        box.setSpacing(12)
        mark = IconLabel("circle-check" if is_task else "calendar", "accent", 18)
        box.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(words, 1)
        box.addWidget(self.dismiss_button, 0, Qt.AlignmentFlag.AlignTop)
        self.done_button.clicked.connect(partial(self.done.emit, row))
        self.open_button.clicked.connect(partial(self.opened.emit, row))
        self.dismiss_button.clicked.connect(partial(self.dismissed.emit, row))
        self.snooze_button.clicked.connect(self._snooze)
        self.setAccessibleName(f"{row.title}, {detail(row)}")

    def _snooze(self) -> None:
        button = self.snooze_button
        self.snoozed.emit(self.row, button.mapToGlobal(QPoint(0, button.height() + 4)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line below."""
        del event
        paint.draw_row_line(QPainter(self), QRectF(self.rect()), 46)


class NotificationPopup(QWidget):
    """A floating card with the newest reminder on top."""

    cleared = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.context: PageContext = parent.context  # type: ignore[attr-defined]
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAccessibleName(tr("Reminders"))
        self.items: list[NotificationItem] = []
        self.clear_button = link(tr("Dismiss all"))
        self.clear_button.clicked.connect(self.cleared)
        head = QHBoxLayout()
        head.setContentsMargins(16, 12, 12, 8)
        head.addWidget(Label(tr("Reminders"), "heading"))
        head.addStretch(1)
        head.addWidget(self.clear_button)
        self.nothing = Label(tr("No reminder waits for you."), "muted")
        self.nothing.setContentsMargins(16, 4, 16, 16)
        self.holder = QWidget()
        self.holder.setObjectName("scrolled")
        self.list = QVBoxLayout(self.holder)
        self.list.setContentsMargins(0, 0, 0, 0)
        self.list.setSpacing(0)
        self.list.addStretch(1)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidget(self.holder)
        box = QVBoxLayout(self)
        box.setContentsMargins(MARGIN + 1, MARGIN + 1, MARGIN + 1, MARGIN + 8)
        box.setSpacing(0)
        box.addLayout(head)
        box.addWidget(self.nothing)
        box.addWidget(self.area)
        self.setFixedWidth(WIDTH + 2 * MARGIN)

    def show_rows(self, rows: Sequence[NotificationRow]) -> list[NotificationItem]:
        """Show other reminders; return their items to be connected."""
        for item in self.items:
            item.hide()
            item.deleteLater()
        self.items = [NotificationItem(row) for row in rows]
        for number, item in enumerate(self.items):
            self.list.insertWidget(number, item)
        self.nothing.setVisible(not rows)
        self.area.setVisible(bool(rows))
        self.clear_button.setVisible(bool(rows))
        height = sum(item.sizeHint().height() for item in self.items)
        self.area.setFixedHeight(min(height, MOST_HEIGHT))
        self.adjustSize()
        return self.items

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card and its shadow."""
        del event
        rect = QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        paint.draw_shadowed_card(QPainter(self), rect)
