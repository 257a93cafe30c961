"""Inter, from its package, as the font of the program."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Final

from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF
from PySide6.QtWidgets import QApplication, QToolTip

FAMILY: Final = "Inter"
BODY: Final = 13
SMALL: Final = 12
TITLE: Final = 15
PAGE_TITLE: Final = 20

# Weights cannot come from the style sheet: it sets no variable axis.
_CLASS_FONTS: Final = (
    (b"QHeaderView", SMALL, 600),
    (b"QTabBar", BODY, 600),
    (b"QPushButton", BODY, 500),
)


def font_file() -> Path:
    """Give the variable font of the package, without importing the package."""
    found = find_spec("fontpkg_inter")
    if found is None or found.origin is None:
        raise FileNotFoundError("fontpkg_inter")
    return Path(found.origin).parent / "files" / "Inter[opsz,wght].ttf"


def install_fonts(app: QApplication) -> float:
    """Make Inter the font of the program and say how many milliseconds it took."""
    started = perf_counter()
    if app.property("closeknitFont") is None:
        # A missing font is no reason not to open: Qt then takes the system's own.
        QFontDatabase.addApplicationFont(str(font_file()))
        app.setProperty("closeknitFont", FAMILY)
        app.setFont(font())
        for widget, size, weight in _CLASS_FONTS:
            # PySide 6.11 declares bytes here but takes only text.
            app.setFont(font(size, weight), widget.decode())  # type: ignore[arg-type]
        QToolTip.setFont(font(SMALL))
    return (perf_counter() - started) * 1000


@lru_cache(maxsize=64)
def font(size: int = BODY, weight: int = 400, *, tabular: bool = False) -> QFont:
    """Give Inter in a size in pixels and a weight; shared, so do not change it."""
    made = QFont(FAMILY)
    made.setPixelSize(size)
    # Qt lists one face of the variable font: the weight alone would draw the regular one.
    made.setWeight(QFont.Weight(weight))
    made.setVariableAxis(QFont.Tag("wght"), weight)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if tabular:
        made.setFeature(QFont.Tag("tnum"), 1)
    return made


@lru_cache(maxsize=64)
def metrics(size: int = BODY, weight: int = 400, *, tabular: bool = False) -> QFontMetricsF:
    """Give the measures of a font; shared."""
    return QFontMetricsF(font(size, weight, tabular=tabular))
