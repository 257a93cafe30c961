"""One soft shadow, drawn once and stretched as nine pieces."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from views.theme import current_theme

SHADOW_MARGIN: Final = 32
_DROP: Final = 8  # the light comes from above


@lru_cache(maxsize=8)
def _picture(radius: int, strength: int) -> QPixmap:
    """Draw the shadow of a small card; the corners keep their size when it is stretched."""
    corner = SHADOW_MARGIN + radius
    side = 2 * corner + 2
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    # Each ring replaces what lies under it: translucent rings that add up would turn black.
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    for step in range(SHADOW_MARGIN + radius // 2):
        share = min(1.0, step / SHADOW_MARGIN)
        painter.setBrush(QColor(16, 24, 40, round(strength * share**1.7)))
        around = QRectF(step, step, side - 2 * step, side - 2 * step)
        bend = max(2.0, corner - step)
        painter.drawRoundedRect(around, bend, bend)
    painter.end()
    return QPixmap.fromImage(image)


def draw_shadow(painter: QPainter, rect: QRectF, radius: float = 12) -> None:
    """Draw a shadow around a rectangle; it needs SHADOW_MARGIN pixels of room."""
    picture = _picture(round(radius), 90 if current_theme().is_dark else 30)
    corner, side = SHADOW_MARGIN + round(radius), picture.width()
    around = rect.adjusted(-SHADOW_MARGIN, -SHADOW_MARGIN, SHADOW_MARGIN, SHADOW_MARGIN)
    around.translate(0, _DROP)
    corner_x = min(corner, around.width() / 2)
    corner_y = min(corner, around.height() / 2)
    xs = (around.left(), around.left() + corner_x, around.right() - corner_x, around.right())
    ys = (around.top(), around.top() + corner_y, around.bottom() - corner_y, around.bottom())
    cuts = (0, corner, side - corner, side)
    for row in range(3):
        for column in range(3):
            target = QRectF(xs[column], ys[row], xs[column + 1] - xs[column], ys[row + 1] - ys[row])
            source = QRectF(
                cuts[column], cuts[row], cuts[column + 1] - cuts[column], cuts[row + 1] - cuts[row]
            )
            painter.drawPixmap(target, picture, source)
