"""Who else is in, as a few small circles above the person; nothing where one works alone."""

from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.sharing.presence import Attendant, who
from views.context import PageContext
from views.operations import Lookup
from views.shared import paint
from views.shared.text import tr, tr_n
from views.sharing.place_words import attendant_name, attendant_words
from views.theme import current_theme

LOOK_MS: Final = 30_000
_FIRST_MS: Final = 1_500
_MOST: Final = 3
_SIDE: Final = 22
_PITCH: Final = 17
_LEFT: Final = 9


class PresenceRow(QAbstractButton):
    """Small avatars of the others; a click shows who they are."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.people: list[Attendant] = []
        self.setFixedHeight(36)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.clicked.connect(self._show_all)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.look)
        self.hide()
        self._timer.start(_FIRST_MS)

    def stop(self) -> None:
        """Look no more: the workspace is left."""
        self._timer.stop()

    def look(self) -> None:
        """Read who is in, and again after a while."""
        Lookup(self, who, process=self.context.process, key="who").then(self.show_people)
        self._timer.start(LOOK_MS)

    def show_people(self, people: list[Attendant]) -> None:
        """Show those of them that are somebody else."""
        others: dict[object, Attendant] = {}
        for attendant in people:
            is_me = attendant.user_id is not None and attendant.user_id == self.context.user_id
            if not (attendant.this_process or attendant.stale or is_me):
                others.setdefault(attendant.user_id or attendant.process, attendant)
        self.people = list(others.values())
        self.setVisible(bool(self.people))
        self.setToolTip(
            "\n".join(f"{attendant_name(x)} · {attendant_words(x)}" for x in self.people)
        )
        self.setAccessibleName(self.words())
        self.update()

    def words(self) -> str:
        """Return who is in, as far as there is room."""
        if not self.people:
            return ""
        if len(self.people) == 1:
            return tr("{name} is in", name=attendant_name(self.people[0]))
        return tr_n("{n} other is in", "{n} others are in", len(self.people))

    def _show_all(self) -> None:
        self.context.navigate("settings", section="sharing")

    def sizeHint(self) -> QSize:
        """Fill the rail."""
        return QSize(160, 36)

    def event(self, event: QEvent) -> bool:
        """Follow the pointer."""
        if event.type() in {QEvent.Type.HoverEnter, QEvent.Type.HoverLeave}:
            self.update()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the circles, the newest rightmost, and the words."""
        del event
        painter, theme = QPainter(self), current_theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area, way = QRectF(self.rect()), self.layoutDirection()
        if self.underMouse():
            paint.rounded(painter, area.adjusted(0, 2, 0, -2), 6, "hover")
        top, left = (self.height() - _SIDE) / 2, float(_LEFT)
        for attendant in self.people[:_MOST]:
            ring = paint.mirrored(QRectF(left - 1, top - 1, _SIDE + 2, _SIDE + 2), area, way)
            paint.rounded(painter, ring, _SIDE / 2 + 1, theme.surface)
            place = ring.adjusted(1, 1, -1, -1)
            record = attendant.user_id or 0
            paint.draw_avatar(painter, place, record, attendant_name(attendant))
            left += _PITCH
        rest = len(self.people) - _MOST
        words = tr("+{n} in", n=rest) if rest > 0 else self.words()
        left += _SIDE - _PITCH + 8
        text = paint.mirrored(QRectF(left, 0, area.width() - left - 8, area.height()), area, way)
        painter.setLayoutDirection(way)
        paint.draw_text(painter, text, words, size=12, weight=500, color="muted")
        if self.hasFocus():
            paint.draw_focus_ring(painter, self.rect().adjusted(1, 1, -1, -1))
