"""Cards, page headers and the widgets that fill them."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QSizePolicy, QVBoxLayout, QWidget

from views.shared import paint
from views.shared.bars import GoalBar, SegmentBar, Skeleton, StepDots
from views.shared.buttons import Button, IconButton
from views.shared.empty import EmptyState
from views.shared.labels import Label
from views.shared.progress import ProgressPanel

__all__ = [
    "Card",
    "EmptyState",
    "GoalBar",
    "PageHeader",
    "ProgressPanel",
    "SegmentBar",
    "Skeleton",
    "StepDots",
]


class Card(QFrame):
    """A quiet ground with a fine line, perhaps with a heading."""

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        padding: int = 20,
        spacing: int = 12,
        title: str = "",
        note: str = "",
        ground: str = "surface",
    ) -> None:
        super().__init__(parent)
        self._ground = ground
        self.body = QVBoxLayout(self)
        # Rows that reach the edge leave the line and the round corners free.
        self.body.setContentsMargins(*([padding] * 4 if padding else (1, 1, 1, 7)))
        self.body.setSpacing(spacing)
        self.title = Label(title, "heading", elide=True)
        self.note = Label(note, "small", elide=True)
        # The note takes what the title leaves, and gives way first.
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.note.setAlignment(paint.RIGHT)
        self.header = QWidget()
        self.header_layout = QHBoxLayout(self.header)
        self.header_layout.setContentsMargins(0, 0, 0, 0)
        self.header_layout.setSpacing(8)
        self.header_layout.addWidget(self.title)
        self.header_layout.addWidget(self.note, 1)
        self.header.setVisible(bool(title))
        self.body.addWidget(self.header)

    def set_title(self, title: str) -> None:
        """Show another heading."""
        self.title.set_text(title)
        self.header.setVisible(bool(title))

    def set_note(self, note: str) -> None:
        """Show another remark at the heading's other end."""
        self.note.set_text(note)

    def add(self, item: QWidget | QLayout, stretch: int = 0) -> None:
        """Put a widget or layout below the others."""
        if isinstance(item, QLayout):
            self.body.addLayout(item, stretch)
        else:
            self.body.addWidget(item, stretch)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card."""
        del event
        paint.draw_card(QPainter(self), QRectF(self.rect()), ground=self._ground)


class PageHeader(QWidget):
    """The top of a page: a way back, the title, a line below it, and actions at the right."""

    back_clicked = Signal()

    def __init__(
        self,
        title: str,
        subtitle: str = "",
        parent: QWidget | None = None,
        *,
        back: str | None = None,
    ) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(0 if back is not None else 2)
        self.back = Button(back or "", "arrow-left", "back", compact=True)
        self.back.setVisible(back is not None)
        self.back.clicked.connect(self.back_clicked)
        self.title = Label(title, "title", elide=True)
        self.subtitle = Label(subtitle, "muted", elide=True)
        self.subtitle.setVisible(bool(subtitle))
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.back)
        top.addStretch(1)
        if back is not None:
            words.addLayout(top)
        self.left = QHBoxLayout()
        self.left.setSpacing(12)
        self.left.addWidget(self.title)
        words.addLayout(self.left)
        words.addWidget(self.subtitle)
        outer.addLayout(words, 1)
        self.action_box = QHBoxLayout()
        self.action_box.setSpacing(8)
        outer.addLayout(self.action_box)

    def set_title(self, title: str) -> None:
        """Show another title."""
        self.title.set_text(title)

    def set_subtitle(self, subtitle: str) -> None:
        """Show another line below the title."""
        self.subtitle.set_text(subtitle)
        self.subtitle.setVisible(bool(subtitle))

    def add_action(self, widget: Button | IconButton | QWidget) -> None:
        """Put a button at the right end."""
        self.action_box.addWidget(widget)

    def add_left(self, widget: QWidget) -> None:
        """Put a widget beside the title."""
        self.left.addWidget(widget)
