"""A new deal in one small form."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.commands.deals import create_deal
from app.errors import UserError
from app.queries.board import Board
from app.queries.lookups import company_options, contact_options
from models.values import StageType
from views.context import PageContext
from views.operations import Operation
from views.pipeline.searches import search_with
from views.shared.chips import DropDown
from views.shared.dialogs import Dialog
from views.shared.fields import MoneyEdit
from views.shared.forms import RecordForm, line_edit
from views.shared.pickers import DateField
from views.shared.relation import RelationPicker
from views.shared.text import tr, translate_error


class NewDealDialog(Dialog):
    """Name, company, person, amount, closing day, stage; `created` gives the new id."""

    created = Signal(object)

    def __init__(
        self,
        context: PageContext,
        board: Board | None,
        parent: QWidget | None = None,
        *,
        stage_id: int | None = None,
    ) -> None:
        super().__init__(tr("New deal"), "", parent, confirm=tr("Create deal"), width=480)
        self.context = context
        self.name = line_edit(tr("What you sell, such as Annual renewal"), limit=300)
        self.company = RelationPicker(search_with(self, company_options), tr("Type to search"))
        self.contact = RelationPicker(search_with(self, contact_options), tr("Type to search"))
        self.amount = MoneyEdit(context.currency)
        self.closes = DateField()
        self.stage = DropDown()
        columns = board.columns if board is not None else ()
        self.stage.set_items([(c.stage_id, c.name) for c in columns if c.type is StageType.OPEN])
        if stage_id is not None:
            self.stage.set_value(stage_id)
        self.form = RecordForm(label_width=96)
        self.form.add_row("name", tr("Name"), self.name, required=True)
        self.form.add_row("company_id", tr("Company"), self.company)
        self.form.add_row("contact_id", tr("Contact"), self.contact)
        self.form.add_row("amount_minor", tr("Amount"), self.amount)
        self.form.add_row("expected_close_on", tr("Closes"), self.closes)
        if columns:
            self.form.add_row("stage_id", tr("Stage"), self.stage)
        self.body.addWidget(self.form)
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def prefill(self, **values: Any) -> None:
        """Fill in what is known: company_id with company_name, contact_id with contact_name."""
        if values.get("company_id") is not None:
            self.company.set_selected(values["company_id"], values.get("company_name", ""))
        if values.get("contact_id") is not None:
            self.contact.set_selected(values["contact_id"], values.get("contact_name", ""))
        if values.get("name"):
            self.name.setText(values["name"])

    def confirmed(self) -> bool:
        """Create the deal; the dialog closes when it is stored."""
        self.form.clear_errors()
        self.set_error("")
        if not self.name.text().strip():
            self.form.set_error("name", tr("Give the deal a name."))
            self.name.setFocus()
            return False
        if not self.amount.is_valid:
            self.form.set_error("amount_minor", tr("This is not an amount."))
            self.amount.setFocus()
            return False
        self.set_busy(True)
        name = self.name.text().strip()
        Operation(
            self,
            tr("New deal"),
            create_deal,
            name=name,
            stage_id=self.stage.value,
            amount_minor=self.amount.minor,
            company_id=self.company.selected_id,
            contact_id=self.contact.selected_id,
            expected_close_on=self.closes.date,
        ).toast(tr("Created {deal}", deal=name)).then(self._created).or_else(self._refused)
        return False

    def _created(self, deal_id: int) -> None:
        self.accept()
        self.created.emit(deal_id)

    def _refused(self, error: UserError) -> None:
        self.set_busy(False)
        if not self.form.show_user_error(error):
            self.set_error(translate_error(error))
