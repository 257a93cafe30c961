"""The Tickets tab: queues, the list, one thread, and the facts beside it."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, Final

from PySide6.QtCore import QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QStackedWidget, QWidget

from app.changes import Changes
from app.queries.lookups import Option, user_options
from app.queries.ticket_details import (
    CannedReplyRow,
    MessageRow,
    TicketFacts,
    canned_reply_rows,
    thread,
    ticket_facts,
)
from app.queries.tickets import (
    Queue,
    QueueCounts,
    TicketFilter,
    queue_counts,
    week_figures,
)
from models.values import StatusCategory, TicketStatus
from views.context import PageContext
from views.operations import Lookup
from views.shared.empty import EmptyState
from views.shared.labels import Divider
from views.shared.page import Page
from views.shared.text import tr
from views.theme import current_theme
from views.tickets.actions import TicketActions
from views.tickets.composer import Composer
from views.tickets.dialogs import KeepReplyDialog, NewTicketDialog
from views.tickets.facts import FactsPanel
from views.tickets.queues import QueuePanel
from views.tickets.thread import ThreadPanel
from views.tickets.ticket_list import KINDS, ListPanel
from views.tickets.words import queue_words, reply_values, status_words

WITH_FACTS: Final = 1200 - 208
WITH_QUEUES: Final = 850


class TicketsPage(Page):
    """Work through tickets by their next deadline; everything can be done from the keyboard."""

    kinds: ClassVar[tuple[str, ...]] = (*KINDS, "canned_reply", "order", "deal", "attachment_link")

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._filter = TicketFilter(Queue.MINE, context.user_id)
        self._current: int | None = None
        self._wanted: int | None = None
        self._facts: TicketFacts | None = None
        self._users: list[Option] = []
        self._counts = QueueCounts({}, (), ())
        self.actions_of = TicketActions(self)
        self.queues, self.panel = QueuePanel(), ListPanel(self)
        self.composer, self.facts = Composer(), FactsPanel()
        self.conversation = ThreadPanel(self.composer)
        self.nothing = EmptyState(
            "messages-square", tr("No ticket chosen"), tr("Choose one with J and K, or the mouse.")
        )
        self.middle = QStackedWidget()
        self.middle.addWidget(self.nothing)
        self.middle.addWidget(self.conversation)
        self._lay_out()
        self._connect()
        self._minute = QTimer(self)
        self._minute.setInterval(30_000)
        self._minute.timeout.connect(self._tick)

    def _lay_out(self) -> None:
        box = QHBoxLayout(self)
        box.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # folding makes it narrow
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        self.lines = [Divider(vertical=True) for _ in range(3)]
        box.addWidget(self.queues)
        box.addWidget(self.lines[0])
        box.addWidget(self.panel, 2)
        box.addWidget(self.lines[1])
        box.addWidget(self.middle, 3)
        box.addWidget(self.lines[2])
        box.addWidget(self.facts)
        self._show_chosen(chosen=False)

    def _connect(self) -> None:
        self.queues.chosen.connect(self._on_queue)
        panel = self.panel
        panel.search_changed.connect(lambda text: self._set_filter(text=text))
        panel.status.value_changed.connect(
            lambda value: self._set_filter(statuses=() if value is None else (value,))
        )
        panel.owner.value_changed.connect(lambda value: self._set_filter(owner_id=value))
        panel.category.value_changed.connect(lambda value: self._set_filter(category=value))
        statuses = [(s, status_words(s).text) for s in TicketStatus]
        panel.status.set_items([(None, tr("Status")), *statuses])
        panel.new_requested.connect(self.new_record)
        panel.model.loaded.connect(self._on_loaded)
        panel.list.current_changed.connect(self._on_current)
        panel.list.entered.connect(self.composer.focus_editor)
        panel.list.menu_requested.connect(self._on_menu)
        self.composer.sent.connect(self._on_sent)
        self.composer.keep_requested.connect(self._keep_reply)
        self.facts.field_changed.connect(self._on_field)
        self.facts.record_requested.connect(self._on_record)
        self.conversation.head.resolve.clicked.connect(self.resolve)
        self.conversation.head.more.clicked.connect(self._open_more)

    # Loading.

    def refresh(self, changes: Changes | None) -> None:
        """Show what changed."""
        if changes is None:
            self._minute.start()
            Lookup(self, user_options, key="users").then(self._take_users)
            self._apply_filter()
        else:
            self.panel.model.refresh(changes)
            self._load_ticket()
            if changes.touches("user"):
                Lookup(self, user_options, key="users").then(self._take_users)
        self._load_counts()
        Lookup(self, canned_reply_rows, self.context.user_id, key="replies").then(
            self._take_replies
        )

    def _tick(self) -> None:
        """Let the clocks go on: rows, banner and counts follow the time of day."""
        if self.isVisible():
            self.panel.model.refresh(None)
            self._load_counts()
            self._load_ticket()

    def _load_counts(self) -> None:
        Lookup(self, queue_counts, self.context.user_id, key="counts").then(self._take_counts)
        Lookup(self, week_figures, key="week").then(self.queues.set_week)

    def _take_users(self, users: list[Option]) -> None:
        self._users = users
        choices: list[tuple[Any, str]] = [(None, tr("Owner"))]
        self.panel.owner.set_items(choices + [(user.id, user.label) for user in users])
        self._offer_choices()

    def _take_counts(self, counts: QueueCounts) -> None:
        self._counts = counts
        self.queues.set_counts(counts)
        choices: list[tuple[Any, str]] = [(None, tr("Category"))]
        self.panel.category.set_items(choices + [(name, name) for name in counts.categories])
        self._offer_choices()

    def _take_replies(self, replies: list[CannedReplyRow]) -> None:
        self.composer.set_replies(replies)

    def _offer_choices(self) -> None:
        teams = [name for name, _ in self._counts.teams]
        self.facts.set_choices(self._users, teams, self._counts.categories)
        if self._facts is not None:
            self.facts.show_facts(self._facts)

    # The list.

    def _on_queue(self, value: object) -> None:
        if isinstance(value, Queue):
            self._set_filter(queue=value, team=None)
        else:
            self._set_filter(queue=Queue.OPEN, team=str(value))

    def _set_filter(self, **changes: Any) -> None:
        self._filter = replace(self._filter, **changes)
        self._apply_filter()

    def _apply_filter(self) -> None:
        wanted = self._filter = replace(self._filter, user_id=self.context.user_id)
        self.panel.title.set_text(wanted.team or queue_words(wanted.queue))
        self.panel.model.set_filter(wanted)

    def _on_loaded(self, count: int) -> None:
        self.panel.set_count(count)
        self._say_empty()
        target = self._wanted if self._wanted is not None else self._current
        place = self.panel.model.row_of(target) if target is not None else -1
        if place >= 0:
            self.panel.list.select_row(place)
        elif self._wanted is not None:
            self._show_ticket(self._wanted)
        elif count:
            self.panel.list.select_row(0)
        else:
            self._on_current(None)
        self._wanted = None

    def _say_empty(self) -> None:
        wanted = self._filter
        filtered = wanted.text or wanted.statuses or wanted.owner_id or wanted.category
        if filtered:
            words = tr("No ticket fits"), tr("Loosen the filter above to see more.")
        elif wanted.queue is Queue.BREACHING:
            words = tr("Nothing is about to be late"), tr("Every promise is being kept.")
        else:
            words = (
                tr("No tickets here"),
                tr("What customers ask for stands here, with its clocks."),
            )
        self.panel.empty.set_words(*words)

    def _on_current(self, record_id: int | None) -> None:
        if record_id is None:
            if self.panel.model.total == 0:
                self._current = self._facts = None
                self._show_chosen(chosen=False)
            return
        if record_id != self._current:
            self._show_ticket(record_id)

    # The ticket.

    def _show_ticket(self, record_id: int) -> None:
        self._current = record_id
        self._load_ticket()

    def _load_ticket(self) -> None:
        if self._current is None:
            return
        ticket_id = self._current
        Lookup(self, ticket_facts, ticket_id, key="facts").then(self._take_facts)
        Lookup(self, thread, ticket_id, key="thread").then(partial(self._take_thread, ticket_id))

    def _take_thread(self, ticket_id: int, rows: list[MessageRow]) -> None:
        if ticket_id == self._current:
            self.conversation.view.show_thread(ticket_id, rows)

    def _take_facts(self, facts: TicketFacts | None) -> None:
        if facts is None:
            self._current = self._facts = None
            self._show_chosen(chosen=False)
            return
        self._facts, row = facts, facts.row
        done = row.status.category is StatusCategory.DONE
        self.conversation.show_facts(facts, done=done)
        self._offer_choices()
        values = reply_values(row, self._my_name())
        to = facts.contact_email or row.contact_name or ""
        self.composer.set_ticket(row.id, values, to)
        self.composer.setVisible(facts.merged_into is None)
        self._show_chosen(chosen=True)

    def _my_name(self) -> str:
        """Return the person's name as the workspace knows it."""
        mine = (user.label for user in self._users if user.id == self.context.user_id)
        return next(mine, self.context.user.name)

    def _show_chosen(self, *, chosen: bool) -> None:
        self.middle.setCurrentIndex(1 if chosen else 0)
        self._fold()

    # What a person does.

    def _on_sent(self, text: str, note: bool, status: TicketStatus | None) -> None:
        if self._current is None:
            return
        ticket_id = self._current
        done = partial(self.composer.clear_draft, ticket_id)
        self.actions_of.send(ticket_id, text, status, note=note, done=done)

    def _on_field(self, key: str, value: object) -> None:
        if self._facts is not None and self._facts.row.id == self._current:
            self.actions_of.change(self._facts.row, key, value).or_else(self._refused)

    def _refused(self, error: Exception) -> None:
        self.context.toast(str(error), kind="error")
        self._load_ticket()

    def _on_record(self, kind: str, record_id: int) -> None:
        if kind == "ticket":
            self.arrive("ticket", record_id)
        else:
            self.context.open_record(kind, record_id, full=True)

    def resolve(self) -> None:
        """Resolve the chosen ticket, or reopen it."""
        if self._facts is not None:
            self.actions_of.toggle_done(self._facts.row)

    def _on_menu(self, record_id: int, place: QPoint) -> None:
        if self._facts is not None and self._facts.row.id == record_id:
            self.actions_of.open_menu(self._facts, place)

    def _open_more(self) -> None:
        if self._facts is not None:
            more = self.conversation.head.more
            self.actions_of.open_menu(self._facts, more.mapToGlobal(more.rect().bottomLeft()))

    def _keep_reply(self, text: str) -> None:
        user = next((u for u in self._users if u.id == self.context.user_id), None)
        dialog = KeepReplyDialog(self.context, self, text, user.detail if user else None)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def new_record(self) -> None:
        """Open the form of a new ticket."""
        dialog = NewTicketDialog(self.context, self, self._users)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._created(dialog.result_value))
        dialog.open()

    def _created(self, ticket_id: object) -> None:
        if isinstance(ticket_id, int):
            self.arrive("ticket", ticket_id)

    def focus_filter(self) -> None:
        """Put the cursor into the search field."""
        if self.panel.search_box.isHidden():
            self.panel.toggle_search()
        else:
            self.panel.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def arrive(self, kind: str | None, record_id: int | None, **state: Any) -> None:
        """Show a queue, or a ticket, even one that the queue does not hold."""
        if "queue" in state:
            self.queues.set_value(Queue(state["queue"]))
            self._set_filter(queue=Queue(state["queue"]), team=None)
        if kind == "ticket" and record_id is not None:
            place = self.panel.model.row_of(record_id)
            if place >= 0:
                self.panel.list.select_row(place)
            else:
                self._wanted = record_id
                self._show_ticket(record_id)

    def save_state(self) -> dict[str, Any]:
        """Keep queue and order."""
        return {
            "queue": self._filter.queue.value,
            "team": self._filter.team,
            "sort": self.panel.model.sort_key,
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take back queue and order."""
        known = {queue.value for queue in Queue}
        queue = Queue(state["queue"]) if state.get("queue") in known else Queue.MINE
        team = state.get("team") if isinstance(state.get("team"), str) else None
        self._filter = replace(self._filter, queue=queue, team=team)
        self.queues.set_value(team or queue)
        self.panel.order.set_value(state.get("sort", "deadline"))

    # Keys and room.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """J and K walk, R replies, N notes, E resolves, wherever no text is written."""
        keys: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_J: partial(self.panel.list.step, 1),
            Qt.Key.Key_K: partial(self.panel.list.step, -1),
            Qt.Key.Key_R: self.composer.focus_editor,
            Qt.Key.Key_N: partial(self.composer.focus_editor, note=True),
            Qt.Key.Key_E: self.resolve,
        }
        if event.key() in keys and not event.modifiers():
            keys[Qt.Key(event.key())]()
        else:
            super().keyPressEvent(event)

    def minimumSizeHint(self) -> QSize:
        """Need no more than list and thread."""
        return QSize(620, 440)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the facts, then the queues, when it gets narrow."""
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        chosen = self.middle.currentIndex() == 1
        facts = chosen and self.width() >= WITH_FACTS
        self.facts.setVisible(facts)
        self.lines[2].setVisible(facts)
        queues = self.width() >= WITH_QUEUES
        self.queues.setVisible(queues)
        self.lines[0].setVisible(queues)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Let list and thread stand on the surface, queues and facts on the window."""
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), current_theme().color("window"))
        surface = self.panel.geometry().united(self.middle.geometry())
        painter.fillRect(surface, current_theme().color("surface"))
