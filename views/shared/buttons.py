"""Buttons drawn as in the mock-ups: icon, words, key hint, chevron."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QWidget

from views.shared import paint
from views.shared.paint import Colour

KEYBOARD_REASONS = frozenset(
    {
        Qt.FocusReason.TabFocusReason,
        Qt.FocusReason.BacktabFocusReason,
        Qt.FocusReason.ShortcutFocusReason,
        Qt.FocusReason.OtherFocusReason,
    }
)


class PaintedButton(QPushButton):
    """A button that paints itself; the ring shows only when the keyboard brought the focus."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.ring = False

    @property
    def is_hovered(self) -> bool:
        """Whether the pointer is over a button that can be pressed."""
        return self.underMouse() and self.isEnabled()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Remember whether the keyboard brought the focus."""
        self.ring = event.reason() in KEYBOARD_REASONS
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        self.ring = False
        super().focusOutEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show the hover."""
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Hide the hover."""
        self.update()
        super().leaveEvent(event)

    def minimumSizeHint(self) -> QSize:
        """Never cut the words."""
        return self.sizeHint()

    def draw_ring(self, painter: QPainter, radius: float, color: Colour = "accent") -> None:
        """Draw the focus ring when it is due."""
        if self.hasFocus() and self.ring:
            paint.rounded(painter, QRectF(self.rect()), radius, None, color, 2)


class _Look(NamedTuple):
    ground: Colour | None
    hover: Colour | None
    pressed: Colour | None
    line: Colour | None
    text: Colour
    icon: Colour
    weight: int


_LOOKS = {
    "primary": _Look(
        "primary", "primary_hover", "primary_pressed", None, "on_primary", "on_primary", 600
    ),
    "danger": _Look(
        "danger", "danger_hover", "danger_hover", None, "on_primary", "on_primary", 600
    ),
    "secondary": _Look("raised", "hover", "neutral_tint", "border", "text", "neutral", 500),
    "ghost": _Look(None, "neutral_tint", "neutral_tint", None, "neutral", "muted", 500),
    "back": _Look(None, None, None, None, "neutral", "muted", 500),
    "link": _Look(None, "accent_soft", "accent_soft", None, "accent", "accent", 600),
}
_DISABLED = _Look("neutral_tint", "neutral_tint", "neutral_tint", None, "muted", "muted", 500)


class Button(PaintedButton):
    """A button of a kind: primary, secondary, ghost, danger or link."""

    def __init__(
        self,
        text: str,
        icon: str | None = None,
        kind: str = "secondary",
        shortcut_hint: str | None = None,
        parent: QWidget | None = None,
        *,
        compact: bool = False,
        flush: bool = False,
    ) -> None:
        super().__init__(text, parent)
        self.icon_name = icon
        self.flush = flush  # its words begin where other words begin: no ground, no padding
        self._gives_way = False
        self.shortcut_hint = shortcut_hint
        self.compact = compact
        self._kind = kind
        self.setProperty("kind", kind)

    @property
    def kind(self) -> str:
        """Which kind of button it is."""
        return self._kind

    def set_kind(self, kind: str) -> None:
        """Become another kind of button."""
        self._kind = kind
        self.setProperty("kind", kind)
        self.updateGeometry()
        self.update()

    def set_icon(self, name: str | None) -> None:
        """Show another icon."""
        self.icon_name = name
        self.updateGeometry()
        self.update()

    def give_way(self) -> None:
        """Allow to drop the icon where there is little room."""
        self._gives_way = True
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_menu(self, menu: QMenu) -> None:
        """Open a menu on click, which a chevron tells."""
        self.setMenu(menu)
        self.updateGeometry()

    def _look(self) -> _Look:
        look = _LOOKS[self._kind]
        if self.flush:
            over = "text" if self.is_hovered else look.text
            look = look._replace(hover=None, pressed=None, text=over)
        if self.isEnabled():
            return look
        return _DISABLED._replace(ground=_DISABLED.ground if look.ground else None)

    @property
    def _pad(self) -> int:
        if self.flush or self._kind == "back":
            return 1
        if self._kind == "link":
            return 6
        return 10 if self.compact else 13

    @property
    def _icon_size(self) -> int:
        return 16 if self.compact else 18

    def sizeHint(self) -> QSize:
        """Fit icon, words, hint and chevron."""
        width = 2.0 * self._pad + paint.text_width(self.text(), 13, self._look().weight)
        if self.icon_name:
            width += self._icon_size + (8 if self.text() else 0)
        if self.shortcut_hint:
            width += 8 + paint.key_hint_width(self.shortcut_hint)
        if self.menu() is not None:
            width += 22
        return QSize(round(width + 0.5), 28 if self.compact else 34)

    def minimumSizeHint(self) -> QSize:
        """Never cut the words; the icon may go when that is allowed."""
        size = self.sizeHint()
        if self._gives_way and self.icon_name and self.text():
            size.setWidth(size.width() - self._icon_size - 8 - 2 * max(0, self._pad - 6))
        return size

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button."""
        del event
        look, area = self._look(), QRectF(self.rect())
        painter = QPainter(self)
        ground = look.ground
        if self.isDown():
            ground = look.pressed
        elif self.is_hovered:
            ground = look.hover
        if ground is not None or look.line is not None:
            paint.rounded(painter, area, 6, ground, look.line)
        self._draw_content(painter, look)
        self.draw_ring(painter, 6, "text" if self._kind in {"primary", "danger"} else "accent")

    def _draw_content(self, painter: QPainter, look: _Look) -> None:
        area = QRectF(self.rect())
        wanted = self.sizeHint().width()
        is_tight = self._gives_way and self.width() < wanted
        if is_tight and self.icon_name:
            wanted -= self._icon_size + 8
        spare = max(6.0 - self._pad if is_tight else 0.0, (self.width() - wanted) / 2)
        if self.flush:
            spare = 0.0
        rtl = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        place = area.adjusted(self._pad + spare, 0, -self._pad - spare, 0)

        def put(width: float) -> QRectF:
            box = QRectF(place.left(), place.top(), width, place.height())
            place.setLeft(place.left() + width + 8)
            return paint.mirrored(box, area, self.layoutDirection()) if rtl else box

        if self.icon_name and not is_tight:
            side = self._icon_size
            box = put(side)
            top = box.center().y() - side / 2
            paint.draw_icon(painter, box.left(), top, self.icon_name, look.icon, side)
        width = paint.text_width(self.text(), 13, look.weight)
        paint.draw_text(
            painter, put(width), self.text(), weight=look.weight, color=look.text, elide=False
        )
        if self.shortcut_hint:
            box = put(paint.key_hint_width(self.shortcut_hint))
            strong = self._kind in {"primary", "danger"}
            paint.draw_key_hint(
                painter, box.right(), box.center().y(), self.shortcut_hint, on_primary=strong
            )
        if self.menu() is not None:
            box = put(14)
            paint.draw_icon(
                painter, box.left(), box.center().y() - 7, "chevron-down", look.icon, 14
            )


def primary(text: str, icon: str | None = None, shortcut_hint: str | None = None) -> Button:
    """Make the one button that a page is for."""
    return Button(text, icon, "primary", shortcut_hint)


def secondary(text: str, icon: str | None = None, shortcut_hint: str | None = None) -> Button:
    """Make an ordinary button."""
    return Button(text, icon, "secondary", shortcut_hint)


def ghost(text: str, icon: str | None = None, shortcut_hint: str | None = None) -> Button:
    """Make a button without ground."""
    return Button(text, icon, "ghost", shortcut_hint)


def danger(text: str, icon: str | None = None) -> Button:
    """Make a button for what cannot be undone."""
    return Button(text, icon, "danger")


def link(text: str, icon: str | None = None, *, flush: bool = False) -> Button:
    """Make a button that reads as a link; `flush` begins where the words around it begin."""
    return Button(text, icon, "link", compact=True, flush=flush)


class IconButton(PaintedButton):
    """A button with only an icon; its tooltip is its name for screen readers."""

    def __init__(
        self,
        icon: str,
        tooltip: str,
        parent: QWidget | None = None,
        *,
        bordered: bool = False,
        size: int = 34,
        color: Colour = "muted",
        icon_size: int = 18,
    ) -> None:
        super().__init__("", parent)
        self.icon_name = icon
        self.bordered = bordered
        self._side, self._color, self._icon_size = size, color, icon_size
        self.setFixedSize(size, size)
        self.set_tooltip(tooltip)

    def set_tooltip(self, tooltip: str) -> None:
        """Say what the button does."""
        self.setToolTip(tooltip)
        self.setAccessibleName(tooltip)

    def set_icon(self, name: str, color: str | QColor | None = None) -> None:
        """Show another icon."""
        self.icon_name = name
        self._color = color or self._color
        self.update()

    def sizeHint(self) -> QSize:
        """Be square."""
        return QSize(self._side, self._side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button."""
        del event
        painter = QPainter(self)
        area = QRectF(self.rect())
        active = self.isDown() or self.isChecked()
        ground: Colour | None = "raised" if self.bordered else None
        if active:
            ground = "accent_soft" if self.isChecked() else "neutral_tint"
        elif self.is_hovered:
            ground = "hover" if self.bordered else "neutral_tint"
        if ground is not None or self.bordered:
            paint.rounded(painter, area, 6, ground, "border" if self.bordered else None)
        color: Colour = self._color if self.isEnabled() else "outline"
        if self.isChecked():
            color = "accent"
        offset = (self.width() - self._icon_size) / 2
        paint.draw_icon(painter, offset, offset, self.icon_name, color, self._icon_size)
        self.draw_ring(painter, 6)
