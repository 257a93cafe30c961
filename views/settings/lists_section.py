"""The people who work here, and the workspace's own fields."""

from functools import partial
from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.commands.custom_fields import (
    archive_custom_field,
    change_custom_field,
    create_custom_field,
)
from app.commands.users import create_user
from app.errors import UserError
from app.queries.settings_page import FieldRow, SettingsOverview, UserRow
from models.values import FieldType, Role
from views.operations import Operation
from views.shared.buttons import IconButton, secondary
from views.shared.chips import DropDown
from views.shared.dialogs import Dialog
from views.shared.forms import RecordForm, line_edit
from views.shared.inline import InlineField
from views.shared.labels import AvatarLabel, Label, PillLabel
from views.shared.section import Section, button_row, clear_layout
from views.shared.text import tr, translate_error

LEAST_NAME: Final = 260  # with the kind of record before it
ROLE_WORDS: Final = {Role.OWNER: "Owner", Role.MEMBER: "Member", Role.READER: "Reader"}
KIND_WORDS: Final = {
    "contact": "Contacts",
    "company": "Companies",
    "deal": "Deals",
    "ticket": "Tickets",
}
TYPE_WORDS: Final = {
    FieldType.TEXT: "Text",
    FieldType.NUMBER: "Number",
    FieldType.MONEY: "Money",
    FieldType.DATE: "Date",
    FieldType.CHOICE: "Choice",
    FieldType.YES_NO: "Yes or no",
    FieldType.LINK: "Link to a record",
}


class _FormDialog(Dialog):
    """A dialog around one form whose errors stand beside their fields."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(title, "", parent, confirm=tr("Add"))
        self.form = RecordForm()
        self.body.addWidget(self.form)

    def refused(self, error: UserError) -> None:
        """Show what is wrong."""
        if not self.form.show_user_error(error):
            self.set_error(translate_error(error))
        self.set_busy(False)


class UserDialog(_FormDialog):
    """Adds one of us."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(tr("Add a person"), parent)
        self.name, self.email = line_edit(tr("Name")), line_edit(tr("name@example.com"))
        self.team = line_edit(tr("Team"))
        self.form.add_row("name", tr("Name"), self.name, required=True)
        self.form.add_row("email", tr("E\u2011mail"), self.email)
        self.form.add_row("team", tr("Team"), self.team)

    def confirmed(self) -> bool:
        """Store, and close when it is stored."""
        self.form.clear_errors()
        self.set_busy(True)
        Operation(
            self,
            "Add person",
            create_user,
            name=self.name.text(),
            email=self.email.text() or None,
            team=self.team.text() or None,
        ).then(lambda _id: self.accept()).or_else(self.refused).toast(tr("Person added"))
        return False


class FieldDialog(_FormDialog):
    """Adds a field of the workspace's own."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(tr("Add a field"), parent)
        self.kind, self.type = DropDown(), DropDown()
        self.kind.set_items([(kind, tr(words), None) for kind, words in KIND_WORDS.items()])
        self.type.set_items([(kind, tr(words), None) for kind, words in TYPE_WORDS.items()])
        self.name = line_edit(tr("Name of the field"))
        self.choices = line_edit(tr("Small, Medium, Large"))
        self.form.add_row("record_kind", tr("On"), self.kind)
        self.form.add_row("name", tr("Name"), self.name, required=True)
        self.form.add_row("type", tr("Holds"), self.type)
        self.choice_row = self.form.add_row("choices", tr("Choices"), self.choices)
        self.type.value_changed.connect(self._type_chosen)
        self._type_chosen(self.type.value)

    def _type_chosen(self, kind: object) -> None:
        self.choice_row.setVisible(kind in {FieldType.CHOICE, FieldType.LINK})
        link = kind is FieldType.LINK
        self.choices.setPlaceholderText(tr("contact") if link else tr("Small, Medium, Large"))

    def confirmed(self) -> bool:
        """Store, and close when it is stored."""
        self.form.clear_errors()
        self.set_busy(True)
        has_choices = self.type.value in {FieldType.CHOICE, FieldType.LINK}
        words = [part.strip() for part in self.choices.text().split(",") if part.strip()]
        Operation(
            self,
            "Add field",
            create_custom_field,
            record_kind=self.kind.value,
            name=self.name.text(),
            type=self.type.value,
            choices=words if has_choices else (),
        ).then(lambda _id: self.accept()).or_else(self.refused).toast(tr("Field added"))
        return False


class PeopleSection(Section):
    """Who works in this workspace."""

    def build(self) -> None:
        """Make the card."""
        card = self.add_card(
            tr("People"), tr("They own records and are named in the history of every change.")
        )
        self.rows = QVBoxLayout()
        self.rows.setSpacing(4)
        card.add(self.rows)
        add = secondary(tr("Add a person"), "user-plus")
        add.clicked.connect(lambda: UserDialog(self).open())
        card.add(button_row(add))

    def show_overview(self, overview: SettingsOverview) -> None:
        """List everybody."""
        clear_layout(self.rows)
        for user in overview.users:
            self.rows.addWidget(self._row(user))

    def _row(self, user: UserRow) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.setSpacing(12)
        layout.addWidget(AvatarLabel(user.id, user.name, 28))
        layout.addWidget(Label(user.name, "strong"))
        about = " · ".join(part for part in (user.email, user.team, user.region) if part)
        layout.addWidget(Label(about, "muted", elide=True), 1)
        if user.id == self.context.user_id:
            layout.addWidget(PillLabel(tr("You"), "accent"))
        layout.addWidget(PillLabel(tr(ROLE_WORDS[user.role])))
        return row


class FieldsSection(Section):
    """The fields that this workspace adds to its records."""

    def build(self) -> None:
        """Make the card."""
        card = self.add_card(
            tr("Own fields"), tr("Fields you add stand below the others on every record.")
        )
        self.empty = Label(tr("There are no own fields yet."), "muted")
        card.add(self.empty)
        self.rows = QVBoxLayout()
        self.rows.setSpacing(4)
        card.add(self.rows)
        add = secondary(tr("Add a field"), "plus")
        add.clicked.connect(lambda: FieldDialog(self).open())
        card.add(button_row(add))

    def show_overview(self, overview: SettingsOverview) -> None:
        """List the fields by kind of record."""
        clear_layout(self.rows)
        self.empty.setVisible(not overview.fields)
        for field in overview.fields:
            self.rows.addWidget(self._row(field))

    def _row(self, field: FieldRow) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        name = InlineField(tr(KIND_WORDS.get(field.record_kind, "")), field.name, label_width=100)
        name.committed.connect(partial(self._rename, field.id))
        name.setMinimumWidth(LEAST_NAME)
        layout.addWidget(name, 3)
        about = TYPE_WORDS[field.type]
        layout.addWidget(PillLabel(tr(about)))
        if field.choices:
            choices = Label(", ".join(field.choices), "small", elide=True)
            choices.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            layout.addWidget(choices, 2)
        remove = IconButton("archive", f"{tr('Take off the forms')}: {field.name}")
        remove.clicked.connect(partial(self._archive, field.id))
        layout.addWidget(remove)
        return row

    def _rename(self, field_id: int, name: str) -> None:
        Operation(self, "Rename field", change_custom_field, field_id=field_id, name=name)

    def _archive(self, field_id: int) -> None:
        Operation(self, "Archive field", archive_custom_field, field_id=field_id).toast(
            tr("Field taken off the forms"), tr("What records hold in it stays stored.")
        )
