"""What stands in for a page whose module is not there yet."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from views.context import PageContext
from views.shared.page import Page
from views.shared.text import tr


class PlaceholderPage(Page):
    """Says plainly that the page is being built."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        label = QLabel(tr("This page is being built."))
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.addWidget(label)
