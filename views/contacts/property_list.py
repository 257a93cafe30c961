"""Fields edited in place, in groups; empty ones hide behind "Add a property"."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from views.contacts.searches import Search
from views.shared.buttons import Button
from views.shared.inline import InlineField
from views.shared.labels import Label
from views.shared.paint import RIGHT, text_width
from views.shared.text import tr, tr_n

LABELS: Final = (76, 104)  # the least and the most that labels take of the width


@dataclass(frozen=True, slots=True)
class Property:
    """A field: `always` shows it empty too; `words` names the value of a relation."""

    key: str
    label: str
    value: Any = None
    kind: str = "text"
    group: str = ""
    choices: tuple[tuple[Any, str], ...] = ()
    words: str = ""
    link: bool = False
    always: bool = False
    rare: bool = False  # shown only on demand, even when it holds something
    currency: str = "EUR"
    note: tuple[str, str] | None = None
    search: Search | None = None


class PropertyList(QWidget):
    """Shows properties; says which was changed, and keeps an open editor open."""

    committed = Signal(str, object)
    link_clicked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label_width = LABELS[0]
        self._fields: dict[str, InlineField] = {}
        self._shape: tuple[tuple[str, str, str, str], ...] = ()
        self._hidden: list[Property] = []
        self._asked: set[str] = set()
        self._properties: Sequence[Property] = ()
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(1)
        self._rows = QWidget()
        self._box.addWidget(self._rows)
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 8, 0, 0)
        self.add_button = Button(tr("Add a property"), "plus", "ghost", compact=True, flush=True)
        self.add_button.clicked.connect(self._open_menu)
        self.hidden_note = Label("", "small", elide=True)
        self.hidden_note.setAlignment(RIGHT)
        foot.addWidget(self.add_button)
        foot.addWidget(self.hidden_note, 1)
        self._box.addLayout(foot)

    def forget(self) -> None:
        """Begin anew for another record."""
        self._asked.clear()

    def field(self, key: str) -> InlineField | None:
        """Return the field of a key, when it is shown."""
        return self._fields.get(key)

    def set_properties(self, properties: Sequence[Property]) -> None:
        """Show these; the widgets stay while the same fields are to be shown."""
        self._properties = properties
        shown = [
            p
            for p in properties
            if p.always or p.key in self._asked or not (p.rare or _is_empty(p.value))
        ]
        self._hidden = [p for p in properties if p not in shown]
        shape = tuple((p.key, p.group, p.label, p.kind) for p in shown)
        if shape != self._shape and not any(f.is_editing for f in self._fields.values()):
            self._shape = shape
            self._rebuild(shown)
        for prop in shown:
            field = self._fields.get(prop.key)
            if field is not None:
                if prop.kind == "choice":
                    field.set_choices(prop.choices)
                field.set_value(prop.value, prop.words)
                field.set_note(*(prop.note or (None, "")))
        self.add_button.setVisible(bool(self._hidden))
        count = sum(1 for prop in self._hidden if _is_empty(prop.value))
        words = tr_n("{n} empty hidden", "{n} empty hidden", count) if count else ""
        self.hidden_note.set_text(words)

    def _rebuild(self, shown: Sequence[Property]) -> None:
        rows = QWidget()
        box = QVBoxLayout(rows)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(1)
        self._fields = {}
        self._label_width = _fitting([prop.label for prop in shown])
        group = None
        for prop in shown:
            if prop.group != group:
                if group is not None:
                    box.addSpacing(12)
                if prop.group:
                    title = Label(prop.group, "section")
                    title.setContentsMargins(0, 0, 0, 4)
                    box.addWidget(title)
                group = prop.group
            box.addWidget(self._make(prop))
        self._box.replaceWidget(self._rows, rows)
        self._rows.hide()
        self._rows.deleteLater()
        self._rows = rows
        rows.show()

    def _make(self, prop: Property) -> InlineField:
        field = InlineField(
            prop.label,
            prop.value,
            prop.kind,
            choices=prop.choices,
            currency=prop.currency,
            label_width=self._label_width,
            link=prop.link,
        )
        if prop.search is not None:
            field.set_search(prop.search)
        field.committed.connect(partial(self.committed.emit, prop.key))
        field.link_clicked.connect(partial(self.link_clicked.emit, prop.key))
        self._fields[prop.key] = field
        return field

    def _open_menu(self) -> None:
        menu = QMenu(self)
        for prop in self._hidden:
            menu.addAction(prop.label.replace("&", "&&"), partial(self.show_property, prop.key))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.add_button.mapToGlobal(self.add_button.rect().bottomLeft()))

    def show_property(self, key: str) -> None:
        """Show a hidden property and begin to edit it."""
        self._asked.add(key)
        self.set_properties(self._properties)
        field = self._fields.get(key)
        if field is not None:
            field.start()


def _fitting(labels: Sequence[str]) -> int:
    """Return the width that shows all labels, as far as the values leave room."""
    widest = max((text_width(label, 13) for label in labels), default=0.0)
    return round(min(max(widest + 6, LABELS[0]), LABELS[1]))


def _is_empty(value: Any) -> bool:
    return value is None or value == ""
