"""A tab inside a card: icon and word, underlined when chosen."""

from typing import Final

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from views.shared.buttons import PaintedButton
from views.shared.paint import draw_icon, draw_text, text_width
from views.theme import current_theme

SHORTEST: Final = 36


class TabButton(PaintedButton):
    """One of several exclusive choices above what it shows."""

    def __init__(self, text: str, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.icon_name = icon
        self.setCheckable(True)
        self.setFixedHeight(36)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Fit icon and word."""
        icon = 23 if self.icon_name else 0
        return QSize(round(8 + icon + text_width(self.text(), 13, 600) + 8), 36)

    def minimumSizeHint(self) -> QSize:
        """Let a long word take dots rather than push the others out of the card."""
        icon = 23 if self.icon_name else 0
        return QSize(min(self.sizeHint().width(), 8 + icon + SHORTEST + 8), 36)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell the whole word where it is shortened."""
        super().resizeEvent(event)
        self.setToolTip(self.text() if self.width() < self.sizeHint().width() - 1 else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tab."""
        del event
        painter = QPainter(self)
        chosen = self.isChecked()
        color = "text" if chosen or self.is_hovered else "neutral"
        left = 8
        if self.icon_name:
            draw_icon(painter, 8, 10, self.icon_name, "accent" if chosen else "muted", 16)
            left = 31
        place = QRectF(left, 0, self.width() - left - 4, self.height())
        draw_text(painter, place, self.text(), weight=600 if chosen else 500, color=color)
        if chosen:
            theme = current_theme()
            painter.fillRect(
                QRectF(8, self.height() - 2, self.width() - 16, 2), theme.color("accent")
            )
        self.draw_ring(painter, 6)
