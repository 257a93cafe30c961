"""The facts beside a thread: the person, the ticket's own fields, its clocks, the company."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.queries.lookups import Option
from app.queries.ticket_details import ClockRow, TicketFacts
from models.values import TicketStatus, TicketType
from views.shared import paint
from views.shared.chips import DropDown
from views.shared.format import exact_moment, money, number
from views.shared.labels import AvatarLabel, Divider, Label, LinkLabel, SectionTitle
from views.shared.layout import clear_layout, row
from views.shared.text import tr
from views.tickets.words import (
    PRIORITIES,
    Words,
    clock_note,
    clock_words,
    due_moment,
    priority_words,
    status_words,
    type_words,
)

WIDTH: Final = 252


class FactChoice(DropDown):
    """A field's value, as words or as a pill, with an arrow; opens the choices."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._pills: dict[Any, Words] = {}
        self.setFixedHeight(28)

    def set_pills(self, pills: dict[Any, Words]) -> None:
        """Show these values as pills."""
        self._pills = pills
        self.set_items([(value, words.text, words.icon) for value, words in pills.items()])

    def sizeHint(self) -> QSize:
        """Take what there is."""
        return QSize(120, 28)

    def minimumSizeHint(self) -> QSize:
        """See above."""
        return QSize(80, 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the value and the arrow."""
        del event
        painter = QPainter(self)
        area = QRectF(self.rect())
        if self.is_hovered:
            paint.rounded(painter, area, 6, "hover")
        words = self._pills.get(self.value)
        if words is not None:
            paint.draw_pill(
                painter, 4, area.center().y(), words.text, words.tone, words.icon, outlined=True
            )
        else:
            place = area.adjusted(6, 0, -22, 0)
            tone = "text" if self.label and self.value is not None else "muted"
            paint.draw_text(painter, place, self.label or tr("None"), color=tone)
        paint.draw_icon(painter, area.right() - 18, area.center().y() - 7, "chevron-down", size=14)
        self.draw_ring(painter, 6)
        self.setAccessibleName(f"{self._name}: {self.label}")


class ClockBar(QWidget):
    """A clock: name, deadline, and how much of its time is used."""

    def __init__(self, clock: ClockRow) -> None:
        super().__init__()
        self.clock = clock
        self.setFixedHeight(32)
        self.setAccessibleName(f"{clock_words(clock.name)}, {clock_note(clock)}")
        due = tr("Due {moment}", moment=exact_moment(clock.due_at))
        self.setToolTip(f"{due}\n{clock_note(clock)}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw words and bar."""
        del event
        clock, painter = self.clock, QPainter(self)
        area = QRectF(self.rect())
        left = clock.allowed_seconds - clock.used_seconds
        late = clock.missed or (clock.running and left <= 1800)
        color = "bad" if late else "muted" if not clock.running else "text"
        top = QRectF(0, 0, area.width(), 22)
        if clock.met:
            shown = tr("kept")
        elif clock.missed and not clock.running:
            shown = tr("missed")
        elif not clock.running:
            shown = tr("paused")
        else:
            shown = due_moment(clock.due_at)
        paint.draw_text(painter, top, clock_words(clock.name))
        paint.draw_text(
            painter, top, shown, weight=600, color=color, align=paint.RIGHT, tabular=True
        )
        bar = QRectF(0, 25, area.width(), 4)
        paint.draw_bar(painter, bar, clock.share, color if late else "muted")


class FactsPanel(QScrollArea):
    """What is known about a ticket; its fields are changed where they stand."""

    field_changed = Signal(str, object)
    record_requested = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet("QScrollArea { background: transparent; border: none; }")
        inner = QWidget()
        inner.setObjectName("facts")
        inner.setStyleSheet("#facts { background: transparent; }")
        self._box = QVBoxLayout(inner)
        self._box.setContentsMargins(20, 18, 20, 20)
        self._box.setSpacing(4)
        self.setWidget(inner)
        self._facts: TicketFacts | None = None
        self._setting = False
        self._make_person()
        self._make_fields()
        self._clocks = self._section(tr("Clocks"), tr("working time"))
        self._company = self._section(tr("Company"))
        self._others = self._section(tr("Other tickets"))
        self._box.addStretch(1)

    def _make_person(self) -> None:
        self.avatar = AvatarLabel(0, "", 40)
        self.person = LinkLabel("")
        self.person.clicked.connect(partial(self._open, "contact"))
        self.person_title = Label("", "small", elide=True)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.person)
        words.addWidget(self.person_title)
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(self.avatar)
        line.addLayout(words, 1)
        self._box.addLayout(line)

    def _make_fields(self) -> None:
        self._box.addSpacing(8)
        self._box.addWidget(Divider())
        self._box.addSpacing(8)
        self._box.addWidget(SectionTitle(tr("Ticket")))
        self.fields: dict[str, FactChoice] = {}
        for key, name in (
            ("status", tr("Status")),
            ("priority", tr("Priority")),
            ("type", tr("Type")),
            ("owner_id", tr("Owner")),
            ("team", tr("Team")),
            ("category", tr("Category")),
        ):
            choice = self.fields[key] = FactChoice(name)
            choice.value_changed.connect(partial(self._on_changed, key))
            label = Label(name, "muted")
            label.setFixedWidth(76)
            line = row(label, spacing=0)
            line.addWidget(choice, 1)
            self._box.addLayout(line)
        self.fields["status"].set_pills({status: status_words(status) for status in TicketStatus})
        self.fields["priority"].set_pills({p: priority_words(p) for p in PRIORITIES})
        self.fields["type"].set_items([(kind, type_words(kind)) for kind in TicketType])

    def _section(self, title: str, note: str = "") -> QVBoxLayout:
        self._box.addSpacing(8)
        self._box.addWidget(Divider())
        self._box.addSpacing(8)
        self._box.addWidget(SectionTitle(title, note))
        box = QVBoxLayout()
        box.setSpacing(4)
        self._box.addLayout(box)
        return box

    def set_choices(
        self, users: Sequence[Option], teams: Sequence[str], categories: Sequence[str]
    ) -> None:
        """Offer owners, teams and categories."""
        self._setting = True
        people: list[tuple[Any, str]] = [(user.id, user.label) for user in users]
        self.fields["owner_id"].set_items([(None, tr("Nobody")), *people])
        for key, names in (("team", teams), ("category", categories)):
            own = getattr(self._facts.row, key) if self._facts else None
            known = list(names) + ([own] if own and own not in names else [])
            self.fields[key].set_items([(None, tr("None")), *((n, n) for n in known)])
        self._setting = False

    def show_facts(self, facts: TicketFacts) -> None:
        """Show a ticket's facts."""
        self._facts, ticket = facts, facts.row
        self._setting = True
        values = {key: getattr(ticket, key) for key in self.fields}
        for key, value in values.items():
            self.fields[key].set_value(value)
            self.fields[key].setEnabled(facts.merged_into is None)
        self._setting = False
        name = ticket.contact_name or tr("Nobody named")
        self.avatar.set_person(ticket.contact_id or 0, name)
        self.person.set_text(name)
        self.person_title.set_text(facts.contact_title or facts.contact_email or "")
        clear_layout(self._clocks)
        for clock in facts.clocks:
            self._clocks.addWidget(ClockBar(clock))
        self._show_company(facts)
        self._show_others(facts)

    def _show_company(self, facts: TicketFacts) -> None:
        clear_layout(self._company)
        ticket = facts.row
        if ticket.company_id is not None:
            link = LinkLabel(ticket.company_name or "")
            link.clicked.connect(partial(self._open, "company"))
            avatar = AvatarLabel(ticket.company_id, ticket.company_name or "", 28, square=True)
            about = Label(facts.company_industry or "", "small", elide=True)
            words = QVBoxLayout()
            words.setSpacing(0)
            words.addWidget(link)
            words.addWidget(about)
            line = row(avatar, spacing=10)
            line.addLayout(words, 1)
            self._company.addLayout(line)
            self._company.addSpacing(4)
        amount = money(facts.order_minor, facts.order_currency or "EUR")
        orders = tr("{amount} in {n}", amount=amount, n=number(facts.orders))
        deal = facts.open_deal_name or tr("none")
        if facts.open_deals > 1:
            deal = tr("{n} open", n=number(facts.open_deals))
        counts = tr("{open} open, {done} done", open=facts.tickets_open, done=facts.tickets_done)
        for name, text in (
            (tr("Orders"), orders if facts.orders else tr("none")),
            (tr("Deals"), deal),
            (tr("Tickets"), counts),
        ):
            label = Label(name, "muted")
            label.setFixedWidth(76)
            line = row(label, spacing=6)
            line.addWidget(Label(text, "body", elide=True), 1)
            self._company.addLayout(line)

    def _show_others(self, facts: TicketFacts) -> None:
        clear_layout(self._others)
        if not facts.others:
            self._others.addWidget(Label(tr("No other tickets"), "small"))
        for other in facts.others:
            link = LinkLabel(f"#{other.number}")
            link.clicked.connect(partial(self.record_requested.emit, "ticket", other.id))
            state = tr("done") if other.done else tr("open")
            line = row(link, spacing=8)
            line.addWidget(Label(other.subject, "body", elide=True), 1)
            line.addWidget(Label(state, "small"))
            self._others.addLayout(line)

    def _on_changed(self, key: str, value: object) -> None:
        if not self._setting:
            self.field_changed.emit(key, value)

    def _open(self, kind: str) -> None:
        if self._facts is None:
            return
        record_id = getattr(self._facts.row, f"{kind}_id")
        if record_id is not None:
            self.record_requested.emit(kind, record_id)
