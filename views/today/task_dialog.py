"""Making and changing a task; what is typed may hold the day: "call back in 3 days"."""

from datetime import datetime
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from app.clock import local_zone, now
from app.commands.tasks import change_task, create_task
from app.errors import UserError
from app.queries.lookups import contact_options, deal_options, user_options
from app.queries.tasks import TaskRow
from app.task_times import Typed, parse_task
from models.values import RepeatFrom, TaskPriority
from views.context import context_of
from views.operations import Lookup, Operation
from views.shared.chips import DropDown
from views.shared.dialogs import Dialog
from views.shared.format import exact_moment, from_local, local, long_date
from views.shared.forms import (
    DateTimeField,
    RecordForm,
    RelationPicker,
    changed_fields,
    line_edit,
    text_area,
)
from views.shared.text import tr, translate_error
from views.today.repeat_field import RepeatField
from views.today.searches import search_with

_NEVER: Final = "never"  # a DropDown takes None for "nothing chosen"
_MINUTES: Final = (0, 10, 30, 60, 24 * 60, 7 * 24 * 60)


class TaskDialog(Dialog):
    """A form for one task; `saved` tells its id."""

    saved = Signal(object)

    def __init__(
        self,
        parent: QWidget,
        *,
        task: TaskRow | None = None,
        text: str = "",
        links: dict[str, tuple[int, str]] | None = None,
    ) -> None:
        super().__init__(
            tr("Task") if task else tr("New task"),
            parent=parent,
            width=520,
            confirm=tr("Save") if task else tr("Add task"),
        )
        self.task = task
        self._links = links or {}
        self._typed: Typed | None = None
        self._due_chosen = task is not None
        self._make_editors()
        self._make_form()
        self._fill(task, text)
        self._shown = self.values()
        self._connect()
        self.form.focus_first()

    def _make_editors(self) -> None:
        self.title_edit = line_edit(tr("Call back in 3 days"), limit=500)
        self.due = DateTimeField()
        self.whole_day = QCheckBox(tr("Whole day"))
        self.remind = DropDown(icon="bell")
        self.remind.set_items([(_NEVER, tr("No reminder")), *((m, _before(m)) for m in _MINUTES)])
        self.remind.set_value(0)
        self.repeat = RepeatField()
        self.contact = RelationPicker(search_with(self, contact_options), tr("Find a person"))
        self.deal = RelationPicker(search_with(self, deal_options), tr("Find a deal"))
        self.owner = DropDown(icon="user")
        self.priority = DropDown(icon="flag")
        self.priority.set_items(
            [
                (TaskPriority.LOW, tr("Low")),
                (TaskPriority.NORMAL, tr("Normal")),
                (TaskPriority.HIGH, tr("High")),
            ]
        )
        self.notes = text_area(rows=2)

    def _make_form(self) -> None:
        self.form = RecordForm(label_width=96)
        hint = tr("You can type the day and time here.")
        self.form.add_row("title", tr("What"), self.title_edit, hint=hint, required=True)
        due = QWidget()
        line = QHBoxLayout(due)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.due, 1)
        line.addWidget(self.whole_day)
        self.form.add_row("due_at", tr("Due"), due)
        self.form.add_row("remind_minutes_before", tr("Reminder"), self.remind)
        self.form.add_row("repeat_rule", tr("Repeats"), self.repeat)
        self.form.add_row("contact_id", tr("Person"), self.contact)
        self.form.add_row("deal_id", tr("Deal"), self.deal)
        self.form.add_row("owner_id", tr("Owner"), self.owner)
        self.form.add_row("priority", tr("Priority"), self.priority)
        self.form.add_row("notes", tr("Notes"), self.notes)
        self.body.addWidget(self.form)

    def _fill(self, task: TaskRow | None, text: str) -> None:
        self.priority.set_value(task.priority if task else TaskPriority.NORMAL)
        Lookup(self, user_options).then(self._take_users)
        for key, picker in (("contact_id", self.contact), ("deal_id", self.deal)):
            if key in self._links:
                picker.set_selected(*self._links[key])
        if task is None:
            self.title_edit.setText(text)
            self._understand(text)
            return
        self.title_edit.setText(task.title)
        self.due.set_moment(task.due_at)
        self.whole_day.setChecked(task.due_all_day)
        self.due.set_day_only(task.due_all_day)
        minutes = task.remind_minutes_before
        self.remind.set_value(_NEVER if minutes is None else minutes)
        self.repeat.set_rule(task.repeat_rule, task.repeat_from)
        if task.contact_id is not None:
            self.contact.set_selected(task.contact_id, task.contact_name or "")
        if task.deal_id is not None:
            self.deal.set_selected(task.deal_id, task.deal_name or "")
        self.notes.setPlainText(task.notes or "")

    def _connect(self) -> None:
        self.title_edit.textEdited.connect(self._understand)
        self.due.changed.connect(self._choose_due)
        self.whole_day.toggled.connect(self._set_day_only)
        self.repeat.changed.connect(self._follow_repeat)

    def _take_users(self, users: list[Any]) -> None:
        self.owner.set_items([(user.id, user.label) for user in users])
        mine = self.task.owner_id if self.task else context_of(self).user_id
        self.owner.set_value(mine)

    def _understand(self, text: str) -> None:
        """Take day and time out of the words, until the person chooses them by hand."""
        if self._due_chosen:
            return
        typed = parse_task(text, now(), local_zone())
        self._typed = typed if typed.due_at is not None else None
        hint = tr("You can type the day and time here.")
        if typed.due_at is not None:
            self.whole_day.setChecked(typed.all_day)
            self.due.set_moment(typed.due_at)
            when = long_date(local(typed.due_at)) if typed.all_day else exact_moment(typed.due_at)
            hint = tr("“{title}”, due {when}", title=typed.title, when=when)
        else:
            self.due.set_moment(None)
        self.form.rows["title"].error.set_text(hint)

    def _choose_due(self, _value: object) -> None:
        self._due_chosen = True

    def _set_day_only(self, day_only: bool) -> None:
        self.due.set_day_only(day_only)

    def _follow_repeat(self) -> None:
        day = self.repeat.first_day()
        if day is not None:
            self.due.set_date(day)
            self._due_chosen = True

    def values(self) -> dict[str, Any]:
        """Return what the commands take."""
        due, title = self.due.moment, self.title_edit.text()
        if self._typed is not None:
            title = self._typed.title
            due = due if self._due_chosen else self._typed.due_at
        if due is not None and self.whole_day.isChecked():
            due = from_local(local(due).date(), datetime.min.time())
        minutes = self.remind.value
        return {
            "title": title,
            "due_at": due,
            "due_all_day": self.whole_day.isChecked() and due is not None,
            "remind_minutes_before": None if minutes == _NEVER else minutes,
            "repeat_rule": self.repeat.rule(due),
            "repeat_from": self.repeat.origin.value or RepeatFrom.COMPLETION,
            "contact_id": self.contact.selected_id,
            "deal_id": self.deal.selected_id,
            "priority": self.priority.value,
            "notes": self.notes.toPlainText(),
            **({"owner_id": self.owner.value} if self.owner.value is not None else {}),
            **{
                key: found[0]
                for key, found in self._links.items()
                if key not in {"contact_id", "deal_id"}
            },
        }

    def confirmed(self) -> bool:
        """Save; the dialog closes when it is stored."""
        self.form.clear_errors()
        self.set_error("")
        self.set_busy(True)
        values = self.values()
        if self.task is None:
            saving = Operation(self, "New task", create_task, **values)
            saving.toast(lambda _id: tr("Task added"), values["title"])
        else:
            changed = changed_fields(self.task, self._shown, values)
            saving = Operation(
                self,
                "Change task",
                change_task,
                task_id=self.task.id,
                row_version=self.task.row_version,
                opened={key: getattr(self.task, key, None) for key in changed},
                **changed,
            )
            saving.toast(tr("Task saved"), values["title"])
        saving.then(self._stored).or_else(self._refused)
        return False

    def _stored(self, task_id: int) -> None:
        self.saved.emit(task_id)
        self.accept()

    def _refused(self, error: UserError) -> None:
        self.set_busy(False)
        if not self.form.show_user_error(error):
            self.set_error(translate_error(error))


def _before(minutes: int) -> str:
    names = {
        0: tr("When it is due"),
        60: tr("1 hour before"),
        24 * 60: tr("1 day before"),
        7 * 24 * 60: tr("1 week before"),
    }
    return names.get(minutes) or tr("{n} minutes before", n=minutes)
