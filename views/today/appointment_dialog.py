"""Making and changing an appointment."""

from datetime import datetime, timedelta
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.clock import now
from app.commands.appointments import cancel_appointment, change_appointment, create_appointment
from app.errors import UserError
from app.queries.appointments import AppointmentRow
from app.queries.lookups import contact_options, deal_options
from views.operations import Operation
from views.shared.buttons import ghost
from views.shared.chips import DropDown
from views.shared.dialogs import Dialog
from views.shared.format import duration_words
from views.shared.forms import (
    DateTimeField,
    RecordForm,
    RelationPicker,
    changed_fields,
    line_edit,
    text_area,
)
from views.shared.text import tr, translate_error
from views.today.searches import search_with

_LENGTHS: Final = (15, 30, 45, 60, 90, 120, 240, 480)
_NEVER: Final = "never"
_MINUTES: Final = (0, 5, 10, 30, 60)


class AppointmentDialog(Dialog):
    """A form for one appointment; `saved` tells its id."""

    saved = Signal(object)

    def __init__(self, parent: QWidget, *, appointment: AppointmentRow | None = None) -> None:
        super().__init__(
            tr("Appointment") if appointment else tr("New appointment"),
            parent=parent,
            width=500,
            confirm=tr("Save") if appointment else tr("Add appointment"),
        )
        self.appointment = appointment
        self.title_edit = line_edit(tr("Demo for Helio Energy"), limit=500)
        self.starts = DateTimeField(clearable=False)
        self.length = DropDown(icon="clock")
        self.location = line_edit(tr("Teams, a telephone number or a place"), limit=500)
        self.contact = RelationPicker(search_with(self, contact_options), tr("Find a person"))
        self.deal = RelationPicker(search_with(self, deal_options), tr("Find a deal"))
        self.remind = DropDown(icon="bell")
        self.notes = text_area(rows=2)
        self.form = RecordForm(label_width=96)
        self.form.add_row("title", tr("What"), self.title_edit, required=True)
        self.form.add_row("starts_at", tr("Begins"), self.starts, required=True)
        self.form.add_row("ends_at", tr("Lasts"), self.length)
        self.form.add_row("location", tr("Where"), self.location)
        self.form.add_row("contact_id", tr("Person"), self.contact)
        self.form.add_row("deal_id", tr("Deal"), self.deal)
        self.form.add_row("remind_minutes_before", tr("Reminder"), self.remind)
        self.form.add_row("notes", tr("Notes"), self.notes)
        self.body.addWidget(self.form)
        self._fill(appointment)
        self._shown = self.values()
        self.form.focus_first()

    def _fill(self, found: AppointmentRow | None) -> None:
        length = 30
        starts = _next_half_hour(now())
        minutes: int | str = 10
        if found is not None:
            length = round((found.ends_at - found.starts_at).total_seconds() / 60)
            starts = found.starts_at
            before = found.remind_minutes_before
            minutes = _NEVER if before is None else before
            self.title_edit.setText(found.title)
            self.location.setText(found.location or "")
            self.notes.setPlainText(found.notes or "")
            if found.contact_id is not None:
                self.contact.set_selected(found.contact_id, found.contact_name or "")
            if found.deal_id is not None:
                self.deal.set_selected(found.deal_id, found.deal_name or "")
            cancel = ghost(tr("Call it off"), "calendar-x")
            cancel.clicked.connect(self._call_off)
            self.footer.insertWidget(0, cancel)
        self.starts.set_moment(starts)
        lengths = sorted({*_LENGTHS, length})
        self.length.set_items([(n, duration_words(timedelta(minutes=n))) for n in lengths])
        self.length.set_value(length)
        befores = sorted({*_MINUTES, *([minutes] if isinstance(minutes, int) else [])})
        words = [(n, tr("{n} minutes before", n=n) if n else tr("When it begins")) for n in befores]
        self.remind.set_items([(_NEVER, tr("No reminder")), *words])
        self.remind.set_value(minutes)

    def values(self) -> dict[str, Any]:
        """Return what the commands take."""
        starts = self.starts.moment
        minutes = self.remind.value
        return {
            "title": self.title_edit.text(),
            "starts_at": starts,
            "ends_at": starts + timedelta(minutes=self.length.value) if starts else None,
            "location": self.location.text(),
            "contact_id": self.contact.selected_id,
            "deal_id": self.deal.selected_id,
            "remind_minutes_before": None if minutes == _NEVER else minutes,
            "notes": self.notes.toPlainText(),
        }

    def confirmed(self) -> bool:
        """Save; the dialog closes when it is stored."""
        self.form.clear_errors()
        self.set_error("")
        self.set_busy(True)
        values, found = self.values(), self.appointment
        if found is None:
            saving = Operation(self, "New appointment", create_appointment, **values)
            saving.toast(tr("Appointment added"), values["title"])
        else:
            changed = changed_fields(found, self._shown, values)
            saving = Operation(
                self,
                "Change appointment",
                change_appointment,
                appointment_id=found.id,
                row_version=found.row_version,
                opened={key: getattr(found, key, None) for key in changed},
                **changed,
            )
            saving.toast(tr("Appointment saved"), values["title"])
        saving.then(self._stored).or_else(self._refused)
        return False

    def _call_off(self) -> None:
        if self.appointment is not None:
            Operation(
                self, "Cancel appointment", cancel_appointment, appointment_id=self.appointment.id
            ).toast(tr("Appointment called off"), self.appointment.title).then(
                self._stored
            ).or_else(self._refused)

    def _stored(self, appointment_id: int) -> None:
        self.saved.emit(appointment_id)
        self.accept()

    def _refused(self, error: UserError) -> None:
        self.set_busy(False)
        if not self.form.show_user_error(error):
            self.set_error(translate_error(error))


def _next_half_hour(moment: datetime) -> datetime:
    begin = moment.replace(minute=0, second=0, microsecond=0)
    while begin <= moment:
        begin += timedelta(minutes=30)
    return begin
