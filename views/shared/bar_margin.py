"""The scroll bar of a column of cards stands in the margin: the cards keep their edge."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QScrollArea

BAR: Final = 14


def keep_edge(area: QScrollArea, box: QLayout) -> None:
    """Leave BAR pixels beside the cards in `box`, with or without a scroll bar in them.

    The area must be so much wider than its cards, and the page's margin so much narrower.
    """

    def fit(_least: int = 0, most: int = 0) -> None:
        used = area.verticalScrollBar().sizeHint().width() if most > 0 else 0
        margins = box.contentsMargins()
        free = max(0, BAR - used)
        if area.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            margins.setLeft(free)
        else:
            margins.setRight(free)
        box.setContentsMargins(margins)

    area.verticalScrollBar().rangeChanged.connect(fit)
    fit()
