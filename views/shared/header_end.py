"""The piece of a table's header that stands above its scroll bar."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from views.theme import current_theme


class HeaderEnd(QWidget):
    """Lets the header's ground go on to the table's edge."""

    def __init__(self, height: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._height = height
        self.setFixedHeight(height)

    def sizeHint(self) -> QSize:
        """Be as high as the header; the scroll bar gives the width."""
        return QSize(1, self._height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground and line."""
        del event
        theme, painter = current_theme(), QPainter(self)
        painter.fillRect(self.rect(), theme.color("subtle"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("border"))
