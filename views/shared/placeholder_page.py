"""What stands in for a page whose module is not there yet."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from views.context import PageContext
from views.shared.empty import EmptyState
from views.shared.page import Page
from views.shared.text import tr


class PlaceholderPage(Page):
    """Says plainly that the page is being built."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        layout = QVBoxLayout(self)
        layout.addWidget(
            EmptyState(
                "hammer", tr("This page is being built"), tr("It comes with a later version.")
            )
        )
