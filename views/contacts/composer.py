"""Where a note, a call, an e-mail or a task is written down."""

from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from app.clock import local_zone, now
from app.commands.activities import log_activity
from app.commands.tasks import create_task
from app.errors import UserError
from app.task_times import parse_task
from models.values import ActivityKind, CallOutcome, Direction
from views.contacts.tab_button import TabButton
from views.contacts.words import outcome_choices
from views.context import PageContext
from views.operations import Operation
from views.shared.buttons import Button
from views.shared.chips import DropDown
from views.shared.forms import set_invalid, text_area
from views.shared.labels import Label
from views.shared.pickers import DateTimeField
from views.shared.text import NBHY, tr, translate_error

MINUTES: Final = (0, 5, 10, 15, 20, 30, 45, 60, 90)


class Composer(QWidget):
    """Tabs for what happened, one text, and the few words that belong to it; Ctrl+Enter saves."""

    def __init__(
        self, context: PageContext, parent: QWidget | None = None, *, narrow: bool = False
    ) -> None:
        super().__init__(parent)
        self.context = context
        self._narrow = narrow  # a pane has no room for icons
        self._owner: dict[str, Any] = {}
        self._drafts: dict[tuple[str, int], tuple[str, str]] = {}
        self._name = ""
        self._tabs: dict[str, TabButton] = {}
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(self._build_tabs())
        self.text = text_area("", 1)
        # The card is the frame; shape only, no colours.
        self.text.setStyleSheet(
            "QPlainTextEdit { border: none; padding: 0; background: transparent; }"
        )
        self.text.setTabChangesFocus(True)
        self.text.installEventFilter(self)
        self.text.textChanged.connect(self._typed)
        inner = QVBoxLayout()
        inner.setContentsMargins(20, 10, 20, 12)
        inner.setSpacing(8)
        inner.addWidget(self.text)
        self.error = Label("", "error", wrap=True)
        self.error.hide()
        inner.addWidget(self.error)
        inner.addWidget(self._build_details())
        box.addLayout(inner)
        self.choose("note")

    def _build_tabs(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setContentsMargins(12, 6, 12, 0)
        line.setSpacing(4)
        group = QButtonGroup(self)
        for key, word, icon in (
            ("note", tr("Note"), "sticky-note"),
            ("call", tr("Log call"), "phone"),
            ("email", tr("E{hyphen}mail", hyphen=NBHY), "mail"),
            ("task", tr("Task"), "circle-check"),
        ):
            tab = TabButton(word, "" if self._narrow else icon)
            tab.clicked.connect(lambda _=False, key=key: self.choose(key))
            group.addButton(tab)
            self._tabs[key] = tab
            line.addWidget(tab)
        line.addStretch(1)
        return line

    def _build_details(self) -> QWidget:
        self.outcome = DropDown(pill=True)
        self.outcome.set_items(outcome_choices())
        self.direction = DropDown(pill=True)
        self.direction.set_items(
            [(Direction.OUTBOUND, tr("outgoing")), (Direction.INBOUND, tr("incoming"))]
        )
        self.minutes = DropDown(pill=True)
        self.minutes.set_items([(n, tr("{n} min", n=n) if n else tr("no length")) for n in MINUTES])
        self.due = DateTimeField()
        self.save = Button(tr("Save"), None, "primary", "Ctrl ⏎", compact=True)
        self.save.clicked.connect(self.submit)
        self.details = QWidget()
        line = QHBoxLayout(self.details)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        for widget in (self.direction, self.outcome, self.minutes, self.due):
            line.addWidget(widget)
        line.addStretch(1)
        line.addWidget(self.save)
        return self.details

    @property
    def kind(self) -> str:
        """What is being written."""
        return next(key for key, tab in self._tabs.items() if tab.isChecked())

    def show_record(self, kind: str, record_id: int, name: str) -> None:
        """Write about this person or company; what was typed about another is kept apart."""
        owner = {f"{kind}_id": record_id}
        if owner != self._owner:
            self._keep_draft()
            self._owner = owner
            tab, text = self._drafts.pop(self._key(owner), ("note", ""))
            self.choose(tab)
            self.text.setPlainText(text)
            self._complain("")
        self._name = name
        self._tell_place()

    def _keep_draft(self) -> None:
        text = self.text.toPlainText()
        if self._owner and text.strip():
            self._drafts[self._key(self._owner)] = (self.kind, text)

    @staticmethod
    def _key(owner: dict[str, Any]) -> tuple[str, int]:
        return next(iter(owner.items()))

    def choose(self, key: str) -> None:
        """Write a note, call, email or task."""
        self._tabs[key].setChecked(True)
        self.outcome.setVisible(key == "call")
        self.minutes.setVisible(key == "call")
        self.direction.setVisible(key in {"call", "email"})
        self.due.setVisible(key == "task")
        self._complain("")
        self._tell_place()
        self._typed()

    def begin(self, key: str) -> None:
        """Choose what to write and put the cursor there."""
        self.choose(key)
        self.details.show()
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def _tell_place(self) -> None:
        name = self._name
        words = {
            "note": tr("Write about {name}", name=name),
            "call": tr("What did you speak about with {name}?", name=name),
            "email": tr("What was the e{hyphen}mail about?", hyphen=NBHY),
            "task": tr("What is to be done for {name}?", name=name),
        }
        self.text.setPlaceholderText(words[self.kind])
        self.text.setAccessibleName(words[self.kind])

    def _fit(self) -> None:
        """Grow with what is typed, up to six lines."""
        lines = int(self.text.document().size().height())
        self.text.setFixedHeight(12 + 20 * max(1, min(lines, 6)))

    def _typed(self) -> None:
        self._fit()
        self.details.setVisible(self.kind != "note" or bool(self.text.toPlainText().strip()))
        self._complain("")

    def _complain(self, text: str) -> None:
        self.error.set_text(text)
        self.error.setVisible(bool(text))
        set_invalid(self.text, bool(text))

    def submit(self) -> None:
        """Save what was written."""
        text = self.text.toPlainText().strip()
        if not self._owner:
            return
        if not text and self.kind != "call":
            self._complain(tr("Write something first."))
            return
        if self.kind == "task":
            self._save_task(text)
        else:
            self._save_activity(text)

    def _save_task(self, text: str) -> None:
        title, _, notes = text.partition("\n")
        due_at, all_day = self.due.moment, False
        if due_at is None:  # the words may hold the day: "call back in 3 days"
            typed = parse_task(title, now(), local_zone())
            title, due_at, all_day = typed.title, typed.due_at, typed.all_day
        self._store(
            "Create task",
            create_task,
            title=title,
            notes=notes.strip() or None,
            due_at=due_at,
            due_all_day=all_day,
            owner_id=self.context.user_id,
        ).toast(tr("Task created"), title)

    def _save_activity(self, text: str) -> None:
        kind = ActivityKind(self.kind)
        more: dict[str, Any] = {}
        if kind is ActivityKind.CALL:
            outcome: CallOutcome = self.outcome.value
            more = {
                "outcome": outcome,
                "direction": self.direction.value,
                "duration_seconds": self.minutes.value * 60 or None,
            }
        elif kind is ActivityKind.EMAIL:
            subject, _, text = text.partition("\n")
            more = {"subject": subject, "direction": self.direction.value}
        labels = {"note": "Write note", "call": "Log call", "email": "Log e\u2011mail"}
        words = {"note": tr("Note saved"), "call": tr("Call logged"), "email": tr("Logged")}
        self._store(labels[kind], log_activity, kind=kind, body=text.strip() or None, **more).toast(
            words[kind], self._name
        )

    def _store(self, label: str, command: Callable[..., int], **fields: Any) -> Operation:
        owner = dict(self._owner)
        return (
            Operation(self, label, command, **fields, **owner)
            .then(lambda _: self._saved(owner))
            .or_else(self._refused)
        )

    def _saved(self, owner: dict[str, Any]) -> None:
        if owner != self._owner:  # another record is shown already
            self._drafts.pop(self._key(owner), None)
            return
        self.text.clear()
        self.due.set_moment(None)
        self.choose("note")

    def kept_for_later(self) -> None:
        """Empty the editor: what was written waits on this computer."""
        self._saved(dict(self._owner))

    def _refused(self, error: UserError) -> None:
        self._complain(translate_error(error))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ctrl+Enter saves."""
        if (
            watched is self.text
            and event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
            and event.modifiers() & Qt.KeyboardModifier.ControlModifier
            and isinstance(watched, QPlainTextEdit)
        ):
            self.submit()
            return True
        return super().eventFilter(watched, event)
