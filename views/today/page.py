"""The Today page: one list of what waits, beside it goal, appointments and whom to call."""

from typing import Any, ClassVar, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from app.changes import Changes
from app.clock import now
from app.queries.tasks import linked_name
from app.queries.today import TodayList, bucket_rows, today_list
from models.values import TaskBucket
from views.context import PageContext
from views.operations import Lookup
from views.shared.bar_margin import BAR, keep_edge
from views.shared.buttons import IconButton, primary, secondary
from views.shared.cards import Card, PageHeader
from views.shared.labels import Label
from views.shared.page import Page
from views.shared.text import tr
from views.today.call_card import CallCard
from views.today.day_view import DayView
from views.today.first_run import FirstRun
from views.today.goal_card import GoalCard
from views.today.needs_card import NeedsCard
from views.today.recent_card import RecentCard
from views.today.row_actions import RowActions
from views.today.words import greeting, summary

SIDE: Final = 408
LEAST_SIDE: Final = 288
GAP: Final = 24
MINUTE_MS: Final = 60_000


class TodayPage(Page):
    """What needs a person now."""

    kinds: ClassVar[tuple[str, ...]] = (
        "task",
        "appointment",
        "reminder",
        "ticket",
        "ticket_message",
        "deal",
        "stage",
        "activity",
        "contact",
        "company",
        "workspace_setting",
        "user",
    )

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.today: TodayList | None = None
        self.actions_of_rows = RowActions(context, self)
        self.header = PageHeader(greeting(context.user.name, now()), " ")
        self.needs = NeedsCard()
        self.goal = GoalCard()
        self.day = DayView()
        self.calls = CallCard()
        self.recent = RecentCard()
        self.first_run = FirstRun(context)
        self._lay_out()
        self._connect()
        self._minutes = QTimer(self)
        self._minutes.setInterval(MINUTE_MS)
        self._minutes.timeout.connect(self._tick)
        self._minutes.start()

    def _lay_out(self) -> None:
        self.call_button = secondary(tr("Log a call"), "phone")
        self.task_button = primary(tr("New task"), "plus")
        self.header.add_action(self.call_button)
        self.header.add_action(self.task_button)
        self.side = QScrollArea()
        self.side.setWidgetResizable(True)
        self.side.setFrameShape(QScrollArea.Shape.NoFrame)
        self.side.setWidget(self._side_cards())
        self.side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        keep_edge(self.side, self.cards)
        self.side.setFixedWidth(SIDE + BAR)
        work = QWidget()
        columns = QHBoxLayout(work)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(GAP)
        columns.addWidget(self.needs, 1)
        columns.addWidget(self.side)
        self.stack = QStackedLayout()
        self.stack.addWidget(work)
        self.stack.addWidget(self.first_run)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24 - BAR, 24)
        box.setSpacing(16)
        self.header.setFixedHeight(48)
        self.header.setContentsMargins(0, 0, BAR, 0)
        box.addWidget(self.header)
        box.addLayout(self.stack, 1)
        self.work = work

    def _side_cards(self) -> QWidget:
        self.appointments = Card(padding=19, spacing=6, title=tr("Appointments"))
        self.appointment_count = Label("", "muted")
        self.add_appointment = IconButton("plus", tr("New appointment"), size=28)
        heading = self.appointments.header_layout
        heading.insertWidget(1, self.appointment_count)
        heading.addWidget(self.add_appointment)
        self.appointments.add(self.day)
        holder = QWidget()
        holder.setObjectName("scrolled")
        self.cards = box = QVBoxLayout(holder)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(16)
        for card in (self.goal, self.appointments, self.calls, self.recent):
            box.addWidget(card)
        box.addStretch(1)
        return holder

    def _connect(self) -> None:
        act = self.actions_of_rows
        self.call_button.clicked.connect(lambda _checked=False: act.log_call())
        self.task_button.clicked.connect(self.new_record)
        self.add_appointment.clicked.connect(act.new_appointment)
        self.needs.view.action_requested.connect(act.run)
        self.needs.bucket_wanted.connect(self._load_bucket)
        self.needs.done.primary_clicked.connect(self.new_record)
        self.day.opened.connect(act.edit_appointment)
        self.calls.call_requested.connect(act.call)
        self.calls.opened.connect(self._open_person)
        self.recent.opened.connect(act.open_recent)
        self.goal.set_goal.clicked.connect(lambda: self.context.navigate("settings"))
        self.first_run.import_wanted.connect(lambda: self.context.navigate("import"))
        self.first_run.task_wanted.connect(self.new_record)
        self.first_run.demo_made.connect(self._load)
        act.task_saved.connect(self._select_task)
        self.context.user_changed.connect(self._load)

    # Showing.

    def refresh(self, changes: Changes | None) -> None:
        """Read the day again; it is one small question."""
        del changes
        self._load()

    def _load(self) -> None:
        Lookup(self, today_list, self.context.user_id, key="today").then(self._show)
        for bucket in self.needs.unfolded:
            self._load_bucket(bucket)

    def _load_bucket(self, bucket: TaskBucket) -> None:
        Lookup(self, bucket_rows, self.context.user_id, bucket, key=f"bucket {bucket}").then(
            lambda rows: self.needs.show_bucket(bucket, rows)
        )

    def _show(self, today: TodayList) -> None:
        self.today = today
        self.header.set_title(greeting(self.context.user.name, today.at))
        self.stack.setCurrentWidget(self.first_run if today.is_empty_workspace else self.work)
        if today.is_empty_workspace:
            self.header.set_subtitle(summary(today).split(" · ", maxsplit=1)[0])
            return
        self.header.set_subtitle(summary(today))
        self.needs.show_today(today)
        self.goal.show_goal(today.goal)
        self.appointment_count.set_text(str(len(today.appointments) or ""))
        self.day.show_day(today.appointments, today.at)
        self.calls.show_people(today.call_next)
        self.recent.show_rows(today.recent)

    def _tick(self) -> None:
        """Each minute: what was to come may be late now."""
        if self.isVisible():
            self._load()

    def _select_task(self, task_id: int) -> None:
        self.needs.view.select_key("task", task_id)

    def _open_person(self, person: Any) -> None:
        self.context.open_record("contact", person.contact_id)

    # What the window asks for.

    def arrive(self, kind: str | None, record_id: int | None, **state: Any) -> None:
        """Open the task or appointment somebody asked for, or begin the demo."""
        if state.get("demo"):
            self.first_run.make_demo()
        if record_id is None:
            return
        if kind == "task":
            self.needs.view.select_key("task", record_id)
            self.actions_of_rows.open_task(record_id)
        elif kind == "appointment":
            self.actions_of_rows.open_appointment(record_id)

    def new_record(self) -> None:
        """Write a new task."""
        self.actions_of_rows.new_task()

    def begin(self, what: str, kind: str | None = None, record_id: int | None = None) -> bool:
        """Begin a task or call, about a record when one is given."""
        if what not in {"new", "task", "call"}:
            return False
        if kind is None or record_id is None:
            (self.actions_of_rows.log_call if what == "call" else self.new_record)()
            return True
        Lookup(self, linked_name, kind, record_id, key="begin").then(
            lambda name: self._begin_about(what, kind, record_id, name)
        )
        return True

    def _begin_about(self, what: str, kind: str, record_id: int, name: str) -> None:
        if what == "call" and kind == "contact":
            self.actions_of_rows.log_call((record_id, name))
        else:
            self.actions_of_rows.new_task(links={f"{kind}_id": (record_id, name)})

    def focus_filter(self) -> None:
        """Go to the filter chips."""
        for chip in self.needs.chips.chips:
            if chip.isChecked():
                chip.setFocus()

    def save_state(self) -> dict[str, Any]:
        """Keep filter and unfolded buckets."""
        return self.needs.state()

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take them back."""
        self.needs.restore(state)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the side less room in a small window."""
        super().resizeEvent(event)
        wide = self.width() - 48
        self.side.setFixedWidth(max(LEAST_SIDE, min(SIDE, round(wide * 0.36))) + BAR)
        self.needs.hint.setVisible(wide > 1000)
