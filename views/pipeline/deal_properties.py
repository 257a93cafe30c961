"""A deal's fields, each edited where it stands."""

from functools import partial
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.commands.deals import change_deal
from app.errors import UserError
from app.queries.deal_details import DealDetails
from app.queries.lookups import Option, company_options, contact_options, user_options
from models.values import StageType
from views.context import PageContext
from views.operations import Lookup, Operation
from views.pipeline.searches import search_with
from views.pipeline.words import forecast_choices, lost_reasons
from views.shared.format import percent
from views.shared.inline import InlineField
from views.shared.text import tr, translate_error

_LABELS = 92


class PropertiesPanel(QWidget):
    """Amount, closing day, owner, forecast, probability, company, contact, description."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self._details: DealDetails | None = None
        self.fields: dict[str, InlineField] = {}
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(0)
        self._add("amount_minor", tr("Amount"), "money", currency=context.currency)
        self._add("expected_close_on", tr("Closes"), "date", placeholder=tr("Choose a day"))
        self._add("closed_on", tr("Closed"), "date")
        self._add("lost_reason", tr("Lost over"), "choice", choices=lost_reasons())
        self._add("lost_note", tr("Because"), "multiline", placeholder=tr("In a few words"))
        self._add("owner_id", tr("Owner"), "choice", placeholder=tr("Nobody"))
        self._add("forecast_category", tr("Forecast"), "choice", choices=forecast_choices())
        self._add("probability", tr("Probability"), "number")
        company = self._add("company_id", tr("Company"), "relation", link=True)
        company.set_search(search_with(self, company_options))
        company.link_clicked.connect(partial(self._open, "company"))
        contact = self._add("contact_id", tr("Contact"), "relation", link=True)
        contact.set_search(search_with(self, contact_options))
        contact.link_clicked.connect(partial(self._open, "contact"))
        self._add("description", tr("About"), "multiline", placeholder=tr("What it is about"))

    def _add(self, field: str, label: str, kind: str, **more: Any) -> InlineField:
        made = InlineField(label, None, kind, label_width=_LABELS, **more)
        made.committed.connect(partial(self._save, field))
        self.fields[field] = made
        self._box.addWidget(made)
        return made

    def load_choices(self) -> None:
        """Read who can own deals."""
        Lookup(self, user_options, key="users").then(self._take_users)

    def _take_users(self, users: list[Option]) -> None:
        choices: list[tuple[Any, str]] = [(None, tr("Nobody"))]
        self.fields["owner_id"].set_choices(choices + [(u.id, u.label) for u in users])

    def show_details(self, details: DealDetails) -> None:
        """Show a deal's fields; one that is being edited keeps what is typed."""
        if self._details is None:
            self.load_choices()
        elif self._details.row.id != details.row.id:
            for field in self.fields.values():
                field.cancel()
                field.set_error("")
        self._details = details
        row = details.row
        fields = self.fields
        fields["amount_minor"]._currency = row.currency  # noqa: SLF001  the deal's own, set per deal
        fields["amount_minor"].set_value(row.amount_minor)
        follows = details.amount_follows_lines
        fields["amount_minor"].setEnabled(not follows)
        fields["amount_minor"].set_note(
            "lock" if follows else None, tr("The amount is the sum of the product lines.")
        )
        fields["expected_close_on"].set_value(row.expected_close_on)
        fields["closed_on"].set_value(row.closed_on)
        fields["lost_reason"].set_value(row.lost_reason)
        fields["lost_note"].set_value(details.lost_note)
        fields["owner_id"].set_value(row.owner_id)
        fields["forecast_category"].set_value(row.forecast_category)
        fields["probability"].set_value(row.probability)
        fields["probability"].set_note(
            "percent", self._probability_note(details.own_probability, row.stage_name)
        )
        fields["company_id"].set_value(row.company_id, row.company_name or "")
        fields["contact_id"].set_value(row.contact_id, row.contact_name or "")
        fields["description"].set_value(details.description)
        is_open, lost = row.stage_type is StageType.OPEN, row.stage_type is StageType.LOST
        for name in ("expected_close_on", "probability", "forecast_category"):
            fields[name].setVisible(is_open)
        fields["closed_on"].setVisible(not is_open)
        fields["lost_reason"].setVisible(lost)
        fields["lost_note"].setVisible(lost)

    @staticmethod
    def _probability_note(own: int | None, stage: str) -> str:
        if own is None:
            return tr("Percent; the usual share of the stage {stage}", stage=stage)
        return tr(
            "{share}, set for this deal; empty it to follow the stage", share=percent(own / 100)
        )

    def _save(self, field: str, value: object) -> None:
        if self._details is None:
            return
        if field == "probability":
            value = None if value is None else int(str(value).split(".", maxsplit=1)[0])
        if value == "":
            value = None
        label = tr("Change {field}", field=self.fields[field].label_text)
        row, opened = self._details.row, self.fields[field].opened
        if field == "probability" and opened == row.probability:
            opened = self._details.own_probability  # shown was the usual share of the stage
        changed: dict[str, Any] = {
            field: value,
            "row_version": row.row_version,
            "opened": {field: opened},
        }
        Operation(self, label, change_deal, deal_id=row.id, **changed).or_else(
            partial(self._refuse, field)
        )

    def _refuse(self, field: str, error: UserError) -> None:
        self.fields[field].set_error(translate_error(error))

    def _open(self, kind: str) -> None:
        record_id = self.fields[f"{kind}_id"].value
        if record_id is not None:
            self.context.open_record(kind, record_id, full=True)
