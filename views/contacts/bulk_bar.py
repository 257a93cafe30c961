"""What can be done with many selected people or companies at once; each is one undo step."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QMenu, QWidget

from app.commands.record_batches import (
    archive_chosen,
    assign_companies,
    assign_contacts,
    restore_chosen,
    set_contacts_lifecycle,
    tag_chosen,
)
from views.contacts.contact_properties import Choices
from views.contacts.words import lifecycle_choices
from views.operations import Operation
from views.shared.buttons import Button, IconButton
from views.shared.labels import Label
from views.shared.paint import rounded
from views.shared.record_table_view import Selection
from views.shared.text import tr, tr_n


class BulkBar(QWidget):
    """Stands above the table while more than one row is selected."""

    select_all_wanted = Signal()
    export_wanted = Signal()
    closed = Signal()

    def __init__(self, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self._selection: Selection | None = None
        self._choices = Choices()
        self.setFixedHeight(46)
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 0, 8, 0)
        line.setSpacing(6)
        self.count = Label("", "strong")
        self.all = Button(tr("Select all"), None, "link", compact=True)
        self.all.clicked.connect(self.select_all_wanted)
        line.addWidget(self.count)
        line.addWidget(self.all)
        line.addSpacing(8)
        self.buttons: dict[str, Button] = {}
        for key, word, icon in (
            ("owner", tr("Owner"), "user"),
            ("stage", tr("Stage"), "badge-check"),
            ("tag", tr("Tag"), "tag"),
            ("export", tr("Export"), "download"),
            ("archive", tr("Archive"), "archive"),
        ):
            button = Button(word, icon, "ghost", compact=True)
            button.clicked.connect(getattr(self, f"_open_{key}"))
            self.buttons[key] = button
            line.addWidget(button)
        self.buttons["stage"].setVisible(kind == "contact")
        line.addStretch(1)
        close = IconButton("x", tr("Clear the selection (Esc)"), size=28, icon_size=16)
        close.clicked.connect(self.closed)
        line.addWidget(close)
        self.hide()

    def set_choices(self, choices: Choices) -> None:
        """Offer these people and tags."""
        self._choices = choices

    def show_selection(self, selection: Selection, total: int) -> None:
        """Appear for two or more."""
        self._selection = selection
        self.setVisible(selection.count > 1)
        self.count.set_text(tr_n("{n} selected", "{n} selected", selection.count))
        self.all.setText(tr_n("Select all {n}", "Select all {n}", total))
        self.all.setVisible(selection.count < total)
        self.all.updateGeometry()
        away = bool(getattr(selection.filter, "archived", False))
        self.buttons["archive"].setText(tr("Restore") if away else tr("Archive"))

    @property
    def chosen(self) -> Any:
        """What the commands get: the ids, or the filter when everything is selected."""
        if self._selection is None:
            return ()
        return self._selection.filter if self._selection.everything else self._selection.ids

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground."""
        del event
        area = QRectF(self.rect()).adjusted(6, 6, -6, -2)
        rounded(QPainter(self), area, 6, "accent_soft")

    def _menu(self, button: str, items: Sequence[tuple[str, Callable[[], None]]]) -> None:
        menu = QMenu(self)
        for words, act in items:
            menu.addAction(words.replace("&", "&&"), act)
        menu.aboutToHide.connect(menu.deleteLater)
        place = self.buttons[button]
        menu.popup(place.mapToGlobal(place.rect().bottomLeft()))

    def _open_owner(self) -> None:
        people: list[tuple[int | None, str]] = [*self._choices.users, (None, tr("Nobody"))]
        self._menu("owner", [(word, partial(self.assign, key)) for key, word in people])

    def _open_stage(self) -> None:
        items = [(word, partial(self.set_lifecycle, key)) for key, word in lifecycle_choices()]
        self._menu("stage", items)

    def _open_tag(self) -> None:
        items = [(word, partial(self.add_tag, word)) for _, word in self._choices.tags]
        self._menu("tag", [*items, (tr("New tag…"), self._ask_tag)])

    def _ask_tag(self) -> None:
        name, agreed = QInputDialog.getText(self, tr("New tag"), tr("Tag"))
        if agreed and name.strip():
            self.add_tag(name)

    def _open_export(self) -> None:
        self.export_wanted.emit()

    def _open_archive(self) -> None:
        away = bool(getattr(self.chosen, "archived", False)) or self._shows_archived()
        if away:
            words = partial(tr_n, "{n} brought back", "{n} brought back")
            self._run("Restore", restore_chosen, words, kind=self._kind)
        else:
            words = partial(tr_n, "{n} archived", "{n} archived")
            self._run("Archive", archive_chosen, words, kind=self._kind)

    def _shows_archived(self) -> bool:
        return bool(self._selection and getattr(self._selection.filter, "archived", False))

    def assign(self, owner_id: int | None) -> None:
        """Give the selected ones to an owner."""
        command = assign_contacts if self._kind == "contact" else assign_companies
        words = partial(tr_n, "{n} has a new owner", "{n} have a new owner")
        self._run("Change owner", command, words, owner_id=owner_id)

    def set_lifecycle(self, lifecycle: Any) -> None:
        """Set the stage of the selected people."""
        words = partial(tr_n, "{n} changed", "{n} changed")
        self._run("Change stage", set_contacts_lifecycle, words, lifecycle=lifecycle)

    def add_tag(self, name: str) -> None:
        """Put a tag on the selected ones."""
        words = partial(tr_n, "{n} tagged", "{n} tagged")
        self._run("Add tag", tag_chosen, words, kind=self._kind, name=name)

    def _run(
        self, label: str, command: Callable[..., int], words: Callable[[int], str], **fields: Any
    ) -> None:
        Operation(self, label, command, chosen=self.chosen, **fields).toast(words)
