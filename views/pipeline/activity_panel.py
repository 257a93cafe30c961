"""What happened with a deal, and the place to write the next note or call."""

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from app.commands.activities import log_activity
from app.queries.deal_details import DealDetails, TouchRow, deal_touches
from models.values import ActivityKind, CallOutcome, Direction
from views.context import PageContext
from views.operations import Lookup, Operation
from views.shared.buttons import Button
from views.shared.chips import ChipRow, DropDown
from views.shared.format import day_heading, duration_words, exact_moment, local, moment_words
from views.shared.forms import text_area
from views.shared.labels import Divider, IconLabel, Label
from views.shared.text import NBHY, tr


@dataclass(frozen=True, slots=True)
class _Look:
    icon: str
    tone: str


_LOOKS = {
    "call": _Look("phone", "good"),
    "email": _Look("mail", "info"),
    "meeting": _Look("users", "accent"),
    "note": _Look("sticky-note", "warning"),
    "task": _Look("circle-check", "neutral"),
}


class LogPanel(QWidget):
    """A note or a call in a few words; Ctrl+Enter saves."""

    logged = Signal()

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self._details: DealDetails | None = None
        self.kinds = ChipRow(
            [
                (ActivityKind.NOTE, tr("Note"), None),
                (ActivityKind.CALL, tr("Call"), None),
                (ActivityKind.MEETING, tr("Meeting"), None),
                (ActivityKind.EMAIL, tr("E{hyphen}mail", hyphen=NBHY), None),
            ]
        )
        self.kinds.value_changed.connect(self._on_kind)
        self.outcome = DropDown(pill=True)
        self.outcome.set_items(
            [
                (CallOutcome.REACHED, tr("Reached")),
                (CallOutcome.NO_ANSWER, tr("No answer")),
                (CallOutcome.VOICEMAIL, tr("Voicemail")),
                (CallOutcome.BUSY, tr("Busy")),
                (CallOutcome.WRONG_NUMBER, tr("Wrong number")),
            ]
        )
        self.text: QPlainTextEdit = text_area("", rows=2)
        self.text.installEventFilter(self)
        self.button = Button(tr("Save note"), "check", "secondary", "Ctrl Enter")
        self.button.clicked.connect(self.save)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(self.kinds)
        box.addWidget(self.text)
        line = QHBoxLayout()
        line.addWidget(self.outcome)
        line.addStretch(1)
        line.addWidget(self.button)
        box.addLayout(line)
        self._on_kind(ActivityKind.NOTE)

    def show_details(self, details: DealDetails) -> None:
        """Write about another deal; what was begun stays with its own deal only."""
        if self._details is not None and self._details.row.id != details.row.id:
            self.text.clear()
        self._details = details

    def begin(self, kind: ActivityKind = ActivityKind.NOTE) -> None:
        """Put the cursor into the text."""
        self.kinds.set_value(kind)
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def save(self) -> None:
        """Keep what is written."""
        body = self.text.toPlainText().strip()
        kind = ActivityKind(self.kinds.value)
        is_call = kind is ActivityKind.CALL
        if self._details is None or not (body or is_call):
            self.text.setFocus()
            return
        row = self._details.row
        Operation(
            self,
            tr("Log {kind}", kind=_kind_words(kind)),
            log_activity,
            kind=kind,
            body=body or None,
            direction=None if kind is ActivityKind.NOTE else Direction.OUTBOUND,
            outcome=self.outcome.value if is_call else None,
            deal_id=row.id,
            contact_id=row.contact_id,
            company_id=row.company_id,
        ).toast(tr("Logged with {deal}", deal=row.name)).then(self._saved)

    def _saved(self, _value: object) -> None:
        self.text.clear()
        self.logged.emit()

    def _on_kind(self, value: str) -> None:
        kind = ActivityKind(value)
        self.outcome.setVisible(kind is ActivityKind.CALL)
        words = {
            ActivityKind.NOTE: (tr("Write a note about this deal"), tr("Save note")),
            ActivityKind.CALL: (tr("What was said on the phone?"), tr("Log call")),
            ActivityKind.MEETING: (tr("What came of the meeting?"), tr("Log meeting")),
            ActivityKind.EMAIL: (
                tr("What did the e{hyphen}mail say?", hyphen=NBHY),
                tr("Log e{hyphen}mail", hyphen=NBHY),
            ),
        }[kind]
        self.text.setPlaceholderText(words[0])
        self.text.setAccessibleName(words[0])
        self.button.setText(words[1])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Save by Ctrl+Enter."""
        if watched is self.text and isinstance(event, QKeyEvent):
            strong = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            pressed = event.type() == QEvent.Type.KeyPress
            if pressed and strong and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self.save()
                return True
        return super().eventFilter(watched, event)


class TouchView(QWidget):
    """One thing that happened."""

    def __init__(self, touch: TouchRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        look = _LOOKS.get(touch.kind, _LOOKS["note"])
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 4, 0, 6)
        box.setSpacing(10)
        mark = IconLabel(look.icon, size=14, tone=look.tone, box=26)
        box.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(Label(_headline(touch), "medium", elide=True), 1)
        clock = Label(f"{local(touch.at):%H:%M}", "small")
        clock.setToolTip(exact_moment(touch.at))
        top.addWidget(clock)
        words.addLayout(top)
        for text in (touch.title if touch.kind != "task" else "", touch.body):
            if text:
                words.addWidget(Label(text, "muted", wrap=True, selectable=True))
        box.addLayout(words, 1)
        self.setAccessibleName(f"{_headline(touch)}, {moment_words(touch.at)}")


class ActivityPanel(QWidget):
    """The history of a deal by day, the newest first."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self._deal_id: int | None = None
        self._touches: list[TouchRow] = []
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.setSpacing(0)
        self.nothing = Label(
            tr("Nothing has been written about this deal yet."), "muted", wrap=True
        )
        self.box.addWidget(self.nothing)

    def show_details(self, details: DealDetails) -> None:
        """Read what happened with a deal."""
        self._deal_id = details.row.id
        Lookup(self, deal_touches, details.row.id, key="touches").then(
            partial(self._take, details.row.id)
        )

    def _take(self, deal_id: int, touches: list[TouchRow]) -> None:
        if deal_id != self._deal_id or touches == self._touches:
            return
        self._touches = touches
        while self.box.count() > 1:
            item = self.box.takeAt(1)
            if item is not None and (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.nothing.setVisible(not touches)
        day = ""
        for touch in touches:
            heading = day_heading(local(touch.at))
            if heading != day:
                day = heading
                self._add_day(heading)
            self.box.addWidget(TouchView(touch))

    def _add_day(self, heading: str) -> None:
        line = QWidget()
        inner = QHBoxLayout(line)
        inner.setContentsMargins(0, 10, 0, 4)
        inner.setSpacing(10)
        inner.addWidget(Label(heading, "section"))
        inner.addWidget(Divider(), 1)
        self.box.addWidget(line)


def _kind_words(kind: ActivityKind) -> str:
    return {
        ActivityKind.NOTE: tr("note"),
        ActivityKind.CALL: tr("call"),
        ActivityKind.MEETING: tr("meeting"),
        ActivityKind.EMAIL: tr("e{hyphen}mail", hyphen=NBHY),
    }[kind]


def _headline(touch: TouchRow) -> str:
    who = touch.user_name or tr("Somebody")
    if touch.kind == "task":
        return tr("Done: {title}", title=touch.title)
    if touch.kind == "call":
        inbound = touch.direction == Direction.INBOUND
        words = tr("Call answered by {who}", who=who) if inbound else tr("{who} called", who=who)
        if touch.duration_seconds:
            words += f" · {duration_words(touch.duration_seconds)}"
        return words
    return {
        "note": tr("Note by {who}", who=who),
        "meeting": tr("{who} met them", who=who),
        "email": tr("{who} wrote", who=who)
        if touch.direction != Direction.INBOUND
        else tr("They wrote"),
    }.get(touch.kind, who)
