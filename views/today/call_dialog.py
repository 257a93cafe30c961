"""Noting a call: with whom, how it ended, what was said, and perhaps the next step."""

from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.clock import local_zone, now
from app.commands.calls import log_call
from app.errors import UserError
from app.queries.lookups import contact_options
from app.task_times import parse_task
from models.values import CallOutcome, Direction
from views.operations import Operation
from views.shared.chips import ChipRow
from views.shared.dialogs import Dialog
from views.shared.forms import RecordForm, RelationPicker, line_edit, text_area
from views.shared.text import tr, translate_error
from views.today.searches import search_with

_OUTCOMES: Final = (
    (CallOutcome.REACHED, "Reached"),
    (CallOutcome.NO_ANSWER, "No answer"),
    (CallOutcome.VOICEMAIL, "Voicemail"),
    (CallOutcome.BUSY, "Busy"),
)


class CallDialog(Dialog):
    """A form for one call; `saved` tells the activity's id."""

    saved = Signal(object)

    def __init__(
        self, parent: QWidget, *, contact: tuple[int, str] | None = None, deal_id: int | None = None
    ) -> None:
        super().__init__(
            tr("Log a call"), parent=parent, width=500, confirm=tr("Log call"), icon="phone"
        )
        self._deal_id = deal_id
        self.contact = RelationPicker(search_with(self, contact_options), tr("Find a person"))
        self.outcome = ChipRow([(value, tr(words)) for value, words in _OUTCOMES])
        self.outcome.set_value(CallOutcome.REACHED)
        self.direction = ChipRow(
            [(Direction.OUTBOUND, tr("I called")), (Direction.INBOUND, tr("They called"))]
        )
        self.direction.set_value(Direction.OUTBOUND)
        self.notes = text_area(tr("What was said"), rows=4)
        self.next = line_edit(tr("Call back in 3 days"), limit=500)
        self.form = RecordForm(label_width=96)
        self.form.add_row("contact_id", tr("With"), self.contact, required=True)
        self.form.add_row("direction", tr("Who called"), self.direction)
        self.form.add_row("outcome", tr("Outcome"), self.outcome)
        self.form.add_row("body", tr("Notes"), self.notes)
        hint = tr("Makes a task with a reminder; leave empty for none.")
        self.form.add_row("title", tr("Next step"), self.next, hint=hint)
        self.body.addWidget(self.form)
        if contact is not None:
            self.contact.set_selected(*contact)
            self.notes.setFocus()
        else:
            self.form.focus_first()

    def values(self) -> dict[str, Any]:
        """Return what the command takes."""
        typed = parse_task(self.next.text(), now(), local_zone())
        return {
            "contact_id": self.contact.selected_id,
            "direction": self.direction.value,
            "outcome": self.outcome.value,
            "body": self.notes.toPlainText(),
            "deal_id": self._deal_id,
            "next_title": typed.title,
            "next_due_at": typed.due_at,
            "next_all_day": typed.all_day,
        }

    def confirmed(self) -> bool:
        """Save; the dialog closes when it is stored."""
        self.form.clear_errors()
        if self.contact.selected_id is None:
            self.form.set_error("contact_id", tr("Choose the person first."))
            return False
        self.set_error("")
        self.set_busy(True)
        name = self.contact.selected_label
        Operation(self, "Log call", log_call, **self.values()).toast(tr("Call logged"), name).then(
            self._stored
        ).or_else(self._refused)
        return False

    def _stored(self, activity_id: int) -> None:
        self.saved.emit(activity_id)
        self.accept()

    def _refused(self, error: UserError) -> None:
        self.set_busy(False)
        if not self.form.show_user_error(error):
            self.set_error(translate_error(error))
