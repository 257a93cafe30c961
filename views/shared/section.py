"""The base of the sections of the settings: cards of rows, filled from one overview."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.errors import UserError
from app.queries.settings_page import SettingsOverview
from views.context import PageContext
from views.operations import Operation
from views.shared.cards import Card
from views.shared.inline import InlineField
from views.shared.labels import Label
from views.shared.layout import FlowBox
from views.shared.text import translate_error

LABEL_WIDTH = 152


class Section(QWidget):
    """One section of the settings; `show_overview` fills it again after each change."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(16)
        self.build()
        self.column.addStretch(1)

    def build(self) -> None:
        """Make the cards."""

    def show_overview(self, overview: SettingsOverview) -> None:
        """Show what is stored."""

    def arrive(self, **state: Any) -> None:
        """Show what somebody asked for beyond the section itself."""

    def add_card(self, title: str, text: str = "") -> Card:
        """Add a card with a title and a sentence about it."""
        card = Card(title=title, spacing=8)
        if text:
            card.add(Label(text, "muted", wrap=True))
        self.column.addWidget(card)
        return card

    def add_field(
        self,
        card: Card,
        label: str,
        kind: str = "text",
        *,
        save: Callable[..., Operation],
        **more: Any,
    ) -> InlineField:
        """Add a field edited in place; `save(value)` starts the operation that stores it."""
        field = InlineField(label, None, kind, label_width=LABEL_WIDTH, **more)
        field.committed.connect(partial(self._save, field, save))
        card.add(field)
        return field

    @staticmethod
    def _save(field: InlineField, save: Callable[..., Operation], value: object) -> None:
        def refuse(error: UserError) -> None:
            field.set_error(translate_error(error))

        field.set_error("")
        save(value).or_else(refuse)


def button_row(*buttons: QWidget) -> FlowBox:
    """Return buttons side by side, in a second line where there is no room."""
    return FlowBox(*buttons)


def clear_layout(layout: QVBoxLayout) -> None:
    """Delete every widget of a layout."""
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()
