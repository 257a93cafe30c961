"""Painting of pills, avatars, rows and words for delegates and painted widgets.

All functions take a painter that belongs to the widget and leave its pen, brush and font changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final
from unicodedata import bidirectional

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from views.fonts import font, metrics
from views.icons import pixmap
from views.shared.format import initials
from views.shared.shadow import SHADOW_MARGIN, draw_shadow
from views.theme import Theme, current_theme

__all__ = ["SHADOW_MARGIN", "draw_shadow"]

ROW: Final = 44
ROW_COMPACT: Final = 32
ROW_TWO_LINES: Final = 52
GROUP: Final = 32
HEADER: Final = 38
PILL_HEIGHT: Final = 22

LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTER: Final = Qt.AlignmentFlag.AlignCenter

Rect = QRect | QRectF
Colour = str | QColor
Run = tuple[str, int, Colour]

_PILL_PAD: Final = 9.0
_PILL_ICON: Final = 13
_PILL_GAP: Final = 5.0


def _paint(theme: Theme, colour: Colour | None) -> QColor | Qt.BrushStyle:
    return Qt.BrushStyle.NoBrush if colour is None else theme.color(colour)


def rounded(
    painter: QPainter,
    rect: Rect,
    radius: float,
    fill: Colour | None,
    line: Colour | None = None,
    width: float = 1.0,
    *,
    dashed: bool = False,
) -> None:
    """Draw a rounded rectangle whose line lies inside ``rect``."""
    theme = current_theme()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(_paint(theme, fill))
    area = QRectF(rect)
    if line is None:
        painter.setPen(Qt.PenStyle.NoPen)
    else:
        pen = QPen(theme.color(line), width)
        if dashed:
            pen.setDashPattern([4, 3])
        painter.setPen(pen)
        area.adjust(width / 2, width / 2, -width / 2, -width / 2)
    painter.drawRoundedRect(area, radius, radius)


def mirrored(rect: Rect, bounds: Rect, direction: Qt.LayoutDirection) -> QRectF:
    """Turn a rectangle laid out from the left into its place in a right-to-left row."""
    area, around = QRectF(rect), QRectF(bounds)
    if direction == Qt.LayoutDirection.RightToLeft:
        area.moveLeft(around.left() + around.right() - area.right())
    return area


# --- words


@lru_cache(maxsize=8192)
def elided(text: str, size: int, weight: int, width: int, *, tabular: bool = False) -> str:
    """Shorten a text with an ellipsis so that it fits."""
    measure = metrics(size, weight, tabular=tabular)
    return measure.elidedText(text.replace("\n", " "), Qt.TextElideMode.ElideRight, width)


@lru_cache(maxsize=8192)
def text_width(text: str, size: int = 13, weight: int = 400, *, tabular: bool = False) -> float:
    """Measure a line of text."""
    return metrics(size, weight, tabular=tabular).horizontalAdvance(text)


def reads_right_to_left(text: str) -> bool:
    """Tell whether the first letter with a direction is of a right-to-left script."""
    directions = (bidirectional(letter) for letter in text)
    return next((d for d in directions if d in {"L", "R", "AL"}), "L") != "L"


def draw_text(
    painter: QPainter,
    rect: Rect,
    text: str,
    *,
    size: int = 13,
    weight: int = 400,
    color: Colour = "text",
    align: Qt.AlignmentFlag = LEFT,
    elide: bool = True,
    tabular: bool = False,
) -> float:
    """Draw one line of text in a rectangle and give its width."""
    area = QRectF(rect)
    # One pixel of grace: a text exactly as wide as its place must not lose its end.
    shown = elided(text, size, weight, int(area.width()) + 1, tabular=tabular) if elide else text
    painter.setFont(font(size, weight, tabular=tabular))
    painter.setPen(current_theme().color(color))
    painter.drawText(area, int(align) | int(Qt.TextFlag.TextSingleLine), shown)
    return text_width(shown, size, weight, tabular=tabular)


def runs_width(runs: Sequence[Run], size: int = 13) -> float:
    """Measure runs of different weight on one line."""
    return sum(text_width(text, size, weight) for text, weight, _ in runs)


def draw_runs(
    painter: QPainter, rect: Rect, runs: Sequence[Run], size: int = 13, *, tabular: bool = False
) -> float:
    """Draw runs of different weight and colour on one line, shortened as a whole."""
    area = QRectF(rect)
    rtl = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
    used = 0.0
    for text, weight, color in runs:
        left = area.width() - used
        wide = text_width(text, size, weight, tabular=tabular)
        cut = wide > left + 1
        room = left if cut else wide + 1
        start = area.right() - used - room if rtl else area.left() + used
        place = QRectF(start, area.top(), room, area.height())
        used += draw_text(
            painter, place, text, size=size, weight=weight, color=color, elide=cut, tabular=tabular
        )
        if cut:
            break
    return used


# --- pills, badges, hints


def pill_width(text: str, icon: str | None = None) -> float:
    """Measure a pill."""
    extra = _PILL_ICON + (_PILL_GAP if text else 0) if icon else 0
    return text_width(text, 12, 500) + extra + 2 * _PILL_PAD


def draw_pill(
    painter: QPainter,
    x: float,
    center_y: float,
    text: str,
    tone: str = "neutral",
    icon: str | None = None,
    *,
    outlined: bool = False,
    right: bool = False,
) -> float:
    """Draw a status pill at its left edge (or right edge) and give its width."""
    colours = current_theme().tone(tone)
    width = pill_width(text, icon)
    left = round(x - width) if right else round(x)
    area = QRectF(left, round(center_y - PILL_HEIGHT / 2), width, PILL_HEIGHT)
    rounded(painter, area, PILL_HEIGHT / 2, colours.tint, colours.line if outlined else None)
    at, direction = area.left() + _PILL_PAD, painter.layoutDirection()
    if icon:
        box = QRectF(at, area.top() + (PILL_HEIGHT - _PILL_ICON) / 2, _PILL_ICON, _PILL_ICON)
        box = mirrored(box, area, direction)
        draw_icon(painter, box.left(), box.top(), icon, colours.text, _PILL_ICON)
        at += _PILL_ICON + _PILL_GAP
    place = QRectF(at, area.top(), area.right() - _PILL_PAD - at + 1, PILL_HEIGHT)
    place = mirrored(place, area, direction)
    draw_text(painter, place, text, size=12, weight=500, color=colours.text, elide=False)
    return width


def draw_count_badge(
    painter: QPainter, right: float, center_y: float, text: str, tone: str = "bad"
) -> float:
    """Draw a round count at a right edge and give its width."""
    colours = current_theme().tone(tone)
    width = max(20.0, text_width(text, 12, 600) + 12)
    area = QRectF(right - width, center_y - 10, width, 20)
    rounded(painter, area, 10, colours.tint, colours.line)
    draw_text(painter, area, text, size=12, weight=600, color=colours.text, align=CENTER)
    return width


def key_hint_width(text: str) -> float:
    """Measure a key hint."""
    return max(20.0, text_width(text, 11, 500) + 12)


def draw_key_hint(
    painter: QPainter, right: float, center_y: float, text: str, *, on_primary: bool = False
) -> float:
    """Draw the name of a key at a right edge and give its width."""
    width = key_hint_width(text)
    area = QRectF(round(right - width), round(center_y - 9), width, 18)
    if on_primary:
        rounded(painter, area, 4, QColor(0, 0, 0, 51))
        draw_text(painter, area, text, size=11, weight=600, color="on_primary", align=CENTER)
    else:
        rounded(painter, area, 4, "raised", "border")
        draw_text(painter, area, text, size=11, weight=500, color="muted", align=CENTER)
    return width


# --- avatars and icons


def draw_avatar(
    painter: QPainter,
    rect: Rect,
    record_id: int,
    name: str,
    *,
    square: bool = False,
    kind_icon: str | None = None,
) -> None:
    """Draw a person's circle with initials, or a company's square with one letter."""
    words, ground = current_theme().avatar(record_id)
    area = QRectF(rect)
    side = area.height()
    rounded(painter, area, max(4.0, side / 5) if square else side / 2, ground)
    if kind_icon:
        size = round(side * 0.5)
        draw_icon(
            painter,
            area.center().x() - size / 2,
            area.center().y() - size / 2,
            kind_icon,
            words,
            size,
        )
        return
    letters = initials(name)
    letters = letters[:1] if square else letters
    size = max(9, round(side * (0.42 if square else 0.38)))
    draw_text(painter, area, letters, size=size, weight=600, color=words, align=CENTER, elide=False)


def draw_icon(
    painter: QPainter, x: float, y: float, name: str, color: Colour = "muted", size: int = 18
) -> None:
    """Draw an icon with its left top corner at a point."""
    device = painter.device()
    ratio = device.devicePixelRatioF() if device is not None else 1.0
    painter.drawPixmap(QPointF(round(x), round(y)), pixmap(name, color, size, ratio))


# --- rows


def draw_row_ground(
    painter: QPainter,
    rect: Rect,
    *,
    selected: bool = False,
    hover: bool = False,
    focus: bool = False,
    bar: bool = True,
) -> None:
    """Draw what lies under a row: selection with its bar, hover, the ring of the current row."""
    theme = current_theme()
    area = QRectF(rect)
    if selected:
        painter.fillRect(area, theme.color("accent_soft"))
        if bar:
            rtl = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
            left = area.right() - 3 if rtl else area.left()
            painter.fillRect(QRectF(left, area.top(), 3, area.height()), theme.color("primary"))
    elif hover:
        painter.fillRect(area, theme.color("hover"))
    if focus:
        draw_focus_ring(painter, area.adjusted(1, 1, -1, -1), 4)


def draw_row_line(painter: QPainter, rect: Rect, left: float = 0) -> None:
    """Draw the line under a row, beginning ``left`` pixels in."""
    area = QRectF(rect)
    rtl = painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
    start = area.left() if rtl else area.left() + left
    line = QRectF(start, area.bottom() - 1, area.width() - left, 1)
    painter.fillRect(line, current_theme().color("row_line"))


def draw_focus_ring(painter: QPainter, rect: Rect, radius: float = 6) -> None:
    """Draw the ring that shows where the keyboard is."""
    rounded(painter, rect, radius, None, "accent", 2)


def draw_checkbox(painter: QPainter, rect: Rect, checked: bool | None) -> None:
    """Draw a check box of 16 px centred in a rectangle; None is half checked."""
    centre = QRectF(rect).center()
    area = QRectF(round(centre.x() - 8), round(centre.y() - 8), 16, 16)
    if checked is False:
        rounded(painter, area, 4, "surface", "outline")
        return
    rounded(painter, area, 4, "primary")
    mark = "check" if checked else "minus"
    draw_icon(painter, area.left() + 2, area.top() + 2, mark, "on_primary", 12)


def draw_check_circle(
    painter: QPainter, rect: Rect, *, done: bool = False, hover: bool = False
) -> None:
    """Draw the circle that ticks a task off, 18 px centred in a rectangle."""
    centre = QRectF(rect).center()
    area = QRectF(round(centre.x() - 9), round(centre.y() - 9), 18, 18)
    if done:
        rounded(painter, area, 9, "primary")
        draw_icon(painter, area.left() + 3, area.top() + 3, "check", "on_primary", 12)
    else:
        rounded(painter, area, 9, "surface", "accent" if hover else "outline", 1.5)
        if hover:
            draw_icon(painter, area.left() + 3, area.top() + 3, "check", "accent", 12)


# --- cards and bars


def draw_card(
    painter: QPainter,
    rect: Rect,
    *,
    radius: float = 8,
    ground: Colour = "surface",
    border: Colour = "border",
    dashed: bool = False,
) -> None:
    """Draw a card: a quiet ground with a fine line."""
    rounded(painter, rect, radius, ground, border, dashed=dashed)


def draw_shadowed_card(painter: QPainter, rect: Rect, *, radius: float = 12) -> None:
    """Draw a card that floats, with its shadow outside ``rect``."""
    draw_shadow(painter, QRectF(rect), radius)
    rounded(painter, rect, radius, "raised", "border")


def draw_bar(
    painter: QPainter,
    rect: Rect,
    fraction: float,
    color: Colour = "primary",
    ground: Colour = "neutral_tint",
) -> None:
    """Draw a thin bar, filled to a share of its width."""
    area = QRectF(rect)
    radius = area.height() / 2
    rounded(painter, area, radius, ground)
    filled = QRectF(area)
    filled.setWidth(max(0.0, min(1.0, fraction)) * area.width())
    if painter.layoutDirection() == Qt.LayoutDirection.RightToLeft:
        filled.moveRight(area.right())
    if filled.width() > 0:
        rounded(painter, filled, min(radius, filled.width() / 2), color)
