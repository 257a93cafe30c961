"""Lucide icons, read from their package and drawn in the colours of the theme."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from views.theme import RESOURCES, current_theme

STROKE: Final = "1.75"
SIZE: Final = 18


@cache
def _archive() -> ZipFile:
    found = find_spec("lucide")
    if found is None or found.origin is None:
        raise FileNotFoundError("lucide")
    return ZipFile(Path(found.origin).parent / "lucide.zip")


@lru_cache(maxsize=256)
def _source(name: str) -> str:
    """Give the drawing of an icon; a name that Lucide does not know is a KeyError."""
    text = _archive().read(f"{name}.svg").decode()
    return text.replace('stroke-width="2"', f'stroke-width="{STROKE}"')


def has_icon(name: str) -> bool:
    """Say whether Lucide has an icon of this name."""
    return f"{name}.svg" in _archive().NameToInfo


def pixmap(
    name: str, color: str | QColor = "muted", size: int = SIZE, ratio: float = 1.0
) -> QPixmap:
    """Draw an icon in a colour (a token, hex text or QColor) for a screen's pixel ratio."""
    return _pixmap(name, current_theme().color(color).name(), size, ratio)


@lru_cache(maxsize=1024)
def _pixmap(name: str, color: str, size: int, ratio: float) -> QPixmap:
    return _drawn(_source(name).replace("currentColor", color), size, ratio)


def _drawn(svg: str, size: int, ratio: float) -> QPixmap:
    side = round(size * ratio)
    drawn = QPixmap(side, side)
    drawn.fill(Qt.GlobalColor.transparent)
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    painter = QPainter(drawn)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    drawn.setDevicePixelRatio(ratio)
    return drawn


def icon(name: str, color: str | QColor | None = None, size: int = SIZE) -> QIcon:
    """Give an icon for Qt's own widgets, with a paler picture when disabled."""
    theme = current_theme()
    return _icon(name, theme.color(color or "muted").name(), theme.outline, size, _ratio())


@lru_cache(maxsize=512)
def _icon(name: str, color: str, disabled: str, size: int, ratio: float) -> QIcon:
    made = QIcon()
    for scale in {1.0, ratio}:
        made.addPixmap(_pixmap(name, color, size, scale))
        made.addPixmap(_pixmap(name, disabled, size, scale), QIcon.Mode.Disabled)
    return made


def _ratio() -> float:
    screen = QGuiApplication.primaryScreen()
    return screen.devicePixelRatio() if screen is not None else 1.0


@lru_cache(maxsize=8)
def logo(size: int = 24, ratio: float = 1.0) -> QPixmap:
    """Draw the sign of the program."""
    return _drawn((RESOURCES / "icon.svg").read_text(encoding="utf-8"), size, ratio)


@cache
def app_icon() -> QIcon:
    """Give the sign of the program for windows and the task bar."""
    made = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        made.addPixmap(logo(size))
    return made
