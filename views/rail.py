"""The rail at the left: logo, find box, the pages as tabs, and the person."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from views.fonts import font
from views.icons import logo
from views.navigation import PageEntry, rail_pages
from views.shared.format import number
from views.shared.paint import (
    draw_avatar,
    draw_card,
    draw_focus_ring,
    draw_icon,
    draw_key_hint,
    draw_text,
    key_hint_width,
    mirrored,
)
from views.shared.text import tr
from views.theme import current_theme, theme_changed

WIDTH: Final = 208
TAB_HEIGHT: Final = 34
TAB_PITCH: Final = 36
LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
KEYBOARD_REASONS: Final = frozenset(
    {
        Qt.FocusReason.TabFocusReason,
        Qt.FocusReason.BacktabFocusReason,
        Qt.FocusReason.ShortcutFocusReason,
    }
)
RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class RailTabs(QTabBar):
    """The pages, one tab each; the last one stands at the foot."""

    page_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: list[PageEntry] = rail_pages()
        self._badges: dict[str, int] = {}
        self._hovered = -1
        self._silent = True
        self.setShape(QTabBar.Shape.RoundedWest)
        self.setDrawBase(False)
        self.setUsesScrollButtons(False)
        self.setExpanding(False)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self._ring = False
        self.setAccessibleName(tr("Pages"))
        for number_of_tab, entry in enumerate(self._entries, 1):
            self.addTab(tr(entry.title))
            self.setTabToolTip(number_of_tab - 1, f"{tr(entry.title)} · Ctrl+{number_of_tab}")
        self._silent = False
        self.currentChanged.connect(self._changed)

    def set_current(self, key: str) -> None:
        """Mark a page's tab without choosing it."""
        self._silent = True
        self.setCurrentIndex([entry.key for entry in self._entries].index(key))
        self._silent = False
        self.update()

    def set_badge(self, key: str, count: int) -> None:
        """Show a count at the right of a tab; 0 shows nothing."""
        if self._badges.get(key, 0) == count:
            return
        self._badges[key] = count
        for index, entry in enumerate(self._entries):
            if entry.key == key:
                words = tr(entry.title)
                self.setTabText(index, f"{words} {number(count)}" if count else words)
        self.update()

    def tabSizeHint(self, index: int) -> QSize:
        """All tabs are equal; the last one reaches to the foot."""
        width = WIDTH - 24
        if index < len(self._entries) - 1:
            return QSize(width, TAB_PITCH)
        rest = self.height() - TAB_PITCH * (len(self._entries) - 1)
        return QSize(width, max(TAB_PITCH, rest))

    def sizeHint(self) -> QSize:
        """Leave the height to the layout; the last tab's own would feed on itself."""
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        """Small windows keep every tab."""
        return QSize(WIDTH - 24, TAB_PITCH * len(self._entries))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Measure again: the last tab takes what is left."""
        self.setTabText(0, self.tabText(0))
        super().resizeEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring only to those who came by keyboard."""
        self._ring = event.reason() in KEYBOARD_REASONS
        super().focusInEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the tabs as rows with a soft ground behind the current one."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, entry in enumerate(self._entries):
            self._paint_tab(painter, index, entry)
        painter.end()

    def _paint_tab(self, painter: QPainter, index: int, entry: PageEntry) -> None:
        rect, theme = self._painted_rect(index), current_theme()
        current = index == self.currentIndex()
        if current or index == self._hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent_soft" if current else "hover"))
            painter.drawRoundedRect(QRectF(rect), 6, 6)
        color = "accent" if current else "muted"
        mark = self._put(QRect(rect.left() + 10, rect.center().y() - 8, 18, 18), rect)
        draw_icon(painter, mark.left(), mark.top(), entry.icon, color)
        count = self._badges.get(entry.key, 0)
        draw_text(
            painter,
            self._put(rect.adjusted(40, 0, -44 if count else -8, 0), rect),
            tr(entry.title),
            weight=600 if current else 500,
            color="accent" if current else "neutral",
            align=LEFT,
        )
        if count:
            draw_text(
                painter,
                self._put(rect.adjusted(40, 0, -10, 0), rect),
                number(count),
                size=12,
                weight=500,
                color="accent" if current else "muted",
                align=RIGHT,
                tabular=True,
            )
        if current and self._ring and self.hasFocus():
            draw_focus_ring(painter, rect.adjusted(1, 1, -1, -1))

    def _put(self, place: QRect, rect: QRect) -> QRectF:
        return mirrored(place, rect, self.layoutDirection())

    def _painted_rect(self, index: int) -> QRect:
        rect = self.tabRect(index)
        if index == len(self._entries) - 1:
            rect.setTop(rect.bottom() - TAB_PITCH + 1)
        return QRect(0, rect.top() + 1, WIDTH - 24, TAB_HEIGHT)

    def _tab_at(self, position: QPoint) -> int:
        for index in range(len(self._entries)):
            if self._painted_rect(index).contains(position):
                return index
        return -1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a tab; the empty space above the last one is not part of it."""
        index = self._tab_at(event.position().toPoint())
        if index < 0 or event.button() != Qt.MouseButton.LeftButton:
            return
        if index == self.currentIndex():
            self._changed(index)
        self.setCurrentIndex(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the tab under the mouse."""
        self._hovered = self._tab_at(event.position().toPoint())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """No tab is under the mouse any more."""
        super().leaveEvent(event)
        self._hovered = -1
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down walk the tabs as well."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        index = self.currentIndex() + step
        if step and 0 <= index < self.count():
            self.setCurrentIndex(index)
        elif not step:
            super().keyPressEvent(event)

    def _changed(self, index: int) -> None:
        if not self._silent and index >= 0:
            self.page_chosen.emit(self._entries[index].key)


class _RailButton(QAbstractButton):
    """A painted button of the rail."""

    def __init__(
        self,
        name: str,
        height: int,
        paint: Callable[[QPainter, "_RailButton"], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._paint = paint
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint by the given function, with a ring when focused."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint(painter, self)
        if self.hasFocus():
            draw_focus_ring(painter, self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def sizeHint(self) -> QSize:
        """As wide as the rail."""
        return QSize(WIDTH - 24, self.height())


class Rail(QFrame):
    """208 pixels of way-finding."""

    page_chosen = Signal(str)
    palette_requested = Signal()
    person_menu_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(tr("Navigation"))
        self._user_id, self._user_name = 0, ""
        self.tabs = RailTabs(self)
        self.find_box = _RailButton(tr("Find or run (Ctrl+K)"), 34, self._paint_find, self)
        self.person = _RailButton(tr("Person"), 48, self._paint_person, self)
        self.find_box.clicked.connect(self.palette_requested)
        self.person.clicked.connect(self._request_menu)
        self.tabs.page_chosen.connect(self.page_chosen)
        self._lay_out()
        theme_changed.connect(self._retheme)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 20, 12, 4)
        layout.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 0, 0)
        head.setSpacing(8)
        self._logo = QLabel()
        self._logo.setPixmap(logo(24, self.devicePixelRatioF()))
        name = QLabel("Closeknit")
        name.setFont(font(16, 600))
        head.addWidget(self._logo)
        head.addWidget(name)
        head.addStretch(1)
        self.head = head
        layout.addLayout(head)
        layout.addSpacing(15)
        layout.addWidget(self.find_box)
        layout.addSpacing(14)
        layout.addWidget(self.tabs, 1)
        layout.addSpacing(8)
        layout.addWidget(self.person)
        self._column = layout

    def add_to_head(self, widget: QWidget) -> None:
        """Put a small widget, such as the bell, beside the name."""
        self.head.addWidget(widget)

    def add_above_person(self, widget: QWidget) -> None:
        """Put a row, such as who else is in, above the person."""
        self._column.insertWidget(self._column.count() - 2, widget)

    def set_person(self, user_id: int | None, name: str) -> None:
        """Show who works here."""
        self._user_id, self._user_name = user_id or 0, name
        self.person.setAccessibleName(name or tr("Your name"))
        self.person.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground and the line at the right."""
        theme, painter = current_theme(), QPainter(self)
        painter.fillRect(self.rect(), theme.color("surface"))
        edge = self.width() - 1
        painter.setPen(theme.color("border"))
        painter.drawLine(edge, 0, edge, self.height())
        line = self.person.geometry().top()
        painter.drawLine(12, line, self.width() - 13, line)
        painter.end()

    def _retheme(self, *_theme: object) -> None:
        self.update()
        self.tabs.update()

    def _request_menu(self) -> None:
        self.person_menu_requested.emit(self.person.mapToGlobal(QPoint(0, 0)))

    @staticmethod
    def _paint_find(painter: QPainter, button: _RailButton) -> None:
        rect = button.rect()
        ground = "hover" if button.underMouse() else "window"
        draw_card(painter, QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), radius=6, ground=ground)
        way, keys = button.layoutDirection(), tr("Ctrl K")
        mark = mirrored(QRect(10, rect.center().y() - 7, 16, 16), rect, way)
        draw_icon(painter, mark.left(), mark.top(), "search", "muted", 16)
        hint = round(key_hint_width(keys))
        end = mirrored(QRect(rect.right() - 7 - hint, 0, hint, rect.height()), rect, way)
        draw_key_hint(painter, end.right(), rect.center().y() + 1, keys)
        space = mirrored(rect.adjusted(34, 0, -hint - 14, 0), rect, way)
        draw_text(painter, space, tr("Find or run…"), color="muted", align=LEFT)

    def _paint_person(self, painter: QPainter, button: _RailButton) -> None:
        rect, theme = button.rect(), current_theme()
        if button.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("hover"))
            painter.drawRoundedRect(QRectF(rect).adjusted(0, 5, 0, -3), 6, 6)
        middle = rect.center().y() + 1
        name = self._user_name or tr("Your name")
        way = button.layoutDirection()
        avatar = mirrored(QRect(8, middle - 12, 24, 24), rect, way)
        draw_avatar(painter, avatar, self._user_id, name)
        place = mirrored(rect.adjusted(40, 1, -30, 1), rect, way)
        draw_text(painter, place, name, weight=500, align=LEFT)
        mark = mirrored(QRect(rect.right() - 22, middle - 7, 14, 14), rect, way)
        draw_icon(painter, mark.left(), mark.top(), "chevrons-up-down", "muted", 14)
