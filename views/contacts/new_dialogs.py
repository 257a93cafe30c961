"""Quick add of a person or a company, with a warning when they may be there already."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.commands.companies import create_company
from app.commands.contacts import create_contact
from app.errors import UserError
from app.queries.duplicates import (
    PossibleDuplicate,
    possible_company_duplicates,
    possible_duplicates,
)
from app.queries.lookups import company_options
from models.values import Lifecycle
from views.contacts.searches import search_with
from views.contacts.words import lifecycle_choices
from views.context import PageContext
from views.operations import Lookup, Operation
from views.shared.chips import DropDown
from views.shared.dialogs import Dialog
from views.shared.forms import RecordForm, line_edit
from views.shared.labels import IconLabel, Label, LinkLabel
from views.shared.layout import clear_layout
from views.shared.relation import RelationPicker
from views.shared.text import NBHY, tr, translate_error


class DuplicateWarning(QWidget):
    """Says who may be meant; a click opens them instead."""

    opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(4)
        self.found: Sequence[PossibleDuplicate] = ()
        self.hide()

    def show_found(self, found: Sequence[PossibleDuplicate]) -> None:
        """Show those who may be meant; nobody hides the warning."""
        self.found = found
        clear_layout(self._box)
        self.setVisible(bool(found))
        if not found:
            return
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(IconLabel("triangle-alert", "warning", 16))
        head.addWidget(Label(tr("Perhaps there already:"), "small"), 1)
        self._box.addLayout(head)
        reasons = {
            "email": tr("same e{hyphen}mail", hyphen=NBHY),
            "phone": tr("same phone"),
            "name": tr("same name"),
            "domain": tr("same domain"),
        }
        for person in found:
            line = QHBoxLayout()
            line.setContentsMargins(24, 0, 0, 0)
            line.setSpacing(8)
            link = LinkLabel(person.name)
            link.clicked.connect(lambda pid=person.id: self.opened.emit(pid))
            why = ", ".join(reasons[reason] for reason in person.reasons)
            remark = " · ".join(part for part in (person.detail, why) if part)
            line.addWidget(link)
            line.addWidget(Label(remark, "small", elide=True), 1)
            self._box.addLayout(line)


class _NewDialog(Dialog):
    """What both forms share: the warning while typing, errors beside their fields."""

    created = Signal(object)

    def __init__(
        self, context: PageContext, kind: str, title: str, confirm: str, parent: QWidget
    ) -> None:
        super().__init__(title, "", parent, confirm=confirm, width=500)
        self.context = context
        self._kind = kind
        self.form = RecordForm(label_width=96)
        self.body.addWidget(self.form)
        self.warning = DuplicateWarning()
        self.warning.opened.connect(self._open_other)
        self.body.addWidget(self.warning)
        self._ask_soon = QTimer(self)
        self._ask_soon.setSingleShot(True)
        self._ask_soon.setInterval(200)
        self._ask_soon.timeout.connect(self._look)

    def _look(self) -> None:
        raise NotImplementedError

    def _watch(self, *edits: Any) -> None:
        for edit in edits:
            edit.textChanged.connect(lambda _: self._ask_soon.start())

    def _create(self, command: Callable[..., int], label: str, words: str, **fields: Any) -> bool:
        self.form.clear_errors()
        self.set_error("")
        self.set_busy(True)
        Operation(self, label, command, **fields).then(self._stored).or_else(self._refused).toast(
            words
        )
        return False  # the dialog closes when it is stored

    def _stored(self, record_id: int) -> None:
        self.created.emit(record_id)
        self.accept()

    def _refused(self, error: UserError) -> None:
        if self.form.show_user_error(error):
            self.set_busy(False)
        else:
            self.set_error(translate_error(error))

    def _open_other(self, record_id: object) -> None:
        self.reject()
        if isinstance(record_id, int):
            self.context.open_record(self._kind, record_id)


class NewContactDialog(_NewDialog):
    """Name, e-mail, phone, company, job title, stage; more is added in the pane."""

    def __init__(self, context: PageContext, parent: QWidget, *, name: str = "") -> None:
        super().__init__(context, "contact", tr("New contact"), tr("Create contact"), parent)
        self.given = line_edit(tr("First name"), limit=150)
        self.family = line_edit(tr("Last name"), limit=150)
        names = QWidget()
        line = QHBoxLayout(names)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.given)
        line.addWidget(self.family)
        names.setFocusProxy(self.given)
        given, _, family = name.strip().rpartition(" ")
        self.given.setText(given or family)
        self.family.setText(family if given else "")
        self.email = line_edit("name@example.com", limit=320)
        self.phone = line_edit("+49 30 1234567", limit=64)
        self.company = RelationPicker(
            search_with(self, company_options),
            tr("Find a company"),
            create_label=tr("Create “{text}”"),
        )
        self.company.create_requested.connect(self._create_company)
        self.job = line_edit("", limit=200)
        self.lifecycle = DropDown()
        self.lifecycle.set_items(lifecycle_choices())
        self.lifecycle.set_value(Lifecycle.LEAD)
        self.form.add_row("name", tr("Name"), names)
        self.form.add_row("email", tr("E{hyphen}mail", hyphen=NBHY), self.email)
        self.form.add_row("phone", tr("Phone"), self.phone)
        self.form.add_row("company_id", tr("Company"), self.company)
        self.form.add_row("job_title", tr("Job title"), self.job)
        self.form.add_row("lifecycle", tr("Stage"), self.lifecycle)
        self._watch(self.given, self.family, self.email, self.phone)
        self.given.setFocus()

    def _create_company(self, name: str) -> None:
        Operation(self, "Create company", create_company, name=name).then(
            lambda company_id: self.company.choose(company_id, name)
        )

    def _look(self) -> None:
        Lookup(
            self,
            possible_duplicates,
            key="duplicates",
            given_name=self.given.text(),
            family_name=self.family.text(),
            emails=(self.email.text(),),
            phones=(self.phone.text(),),
        ).then(self.warning.show_found)

    def confirmed(self) -> bool:
        """Create the person."""
        return self._create(
            create_contact,
            "Create contact",
            tr("Contact created"),
            given_name=self.given.text(),
            family_name=self.family.text(),
            email=self.email.text(),
            phone=self.phone.text(),
            company_id=self.company.selected_id,
            job_title=self.job.text(),
            lifecycle=self.lifecycle.value,
        )


class NewCompanyDialog(_NewDialog):
    """Name, website, industry, country; more is added in the pane."""

    def __init__(self, context: PageContext, parent: QWidget, *, name: str = "") -> None:
        super().__init__(context, "company", tr("New company"), tr("Create company"), parent)
        self.name = line_edit("", name, limit=300)
        self.website = line_edit("example.com", limit=2000)
        self.industry = line_edit("", limit=200)
        self.country = line_edit("", limit=100)
        self.form.add_row("name", tr("Name"), self.name, required=True)
        self.form.add_row("website", tr("Website"), self.website)
        self.form.add_row("industry", tr("Industry"), self.industry)
        self.form.add_row("country", tr("Country"), self.country)
        self._watch(self.name, self.website)
        self.name.setFocus()

    def _look(self) -> None:
        Lookup(
            self,
            possible_company_duplicates,
            key="duplicates",
            name=self.name.text(),
            website=self.website.text(),
        ).then(self.warning.show_found)

    def confirmed(self) -> bool:
        """Create the company."""
        return self._create(
            create_company,
            "Create company",
            tr("Company created"),
            name=self.name.text(),
            website=self.website.text(),
            industry=self.industry.text(),
            country=self.country.text(),
        )
