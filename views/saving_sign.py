"""“Saving…”: shown while what a person did waits for others who hold the workspace."""

import time
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from views.context import PageContext
from views.shared import paint
from views.shared.text import tr

SHOW_AFTER_SECONDS: Final = 0.4
_LOOK_MS: Final = 100
_HEIGHT: Final = 28
_MARGIN: Final = 16


class SavingSign(QWidget):
    """A small pill in the corner of the pages; it looks at the writer only while somebody saves."""

    def __init__(self, context: PageContext, container: QWidget) -> None:
        super().__init__(container)
        self._container = container
        self._writer = context.workspace.writer
        self._words = tr("Saving…")
        self.setAccessibleName(self._words)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedSize(round(paint.text_width(self._words, 12, 600)) + 28, _HEIGHT)
        self.hide()
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)
        context.saving.connect(self._timer.start)
        container.installEventFilter(self)

    def _look(self) -> None:
        since = self._writer.busy_since
        if since is None:
            self._timer.stop()
            self.hide()
        elif time.monotonic() - since > SHOW_AFTER_SECONDS and self.isHidden():
            self._place()
            self.show()
            self.raise_()

    def _place(self) -> None:
        area = self._container.rect()
        self.move(area.right() - self.width() - _MARGIN, area.bottom() - _HEIGHT - _MARGIN)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner."""
        del watched
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the word on a dark pill."""
        del event
        painter = QPainter(self)
        area = QRectF(self.rect())
        paint.rounded(painter, area, _HEIGHT / 2, "toast")
        paint.draw_text(
            painter, area, self._words, size=12, weight=600, color="toast_text", align=paint.CENTER
        )
