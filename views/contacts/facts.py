"""Cards of facts beside a record: next step, open deals, tickets, orders, consent, files."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.clock import now, today
from app.queries.contact_details import ContactDetails
from app.queries.contacts import ContactRow
from app.queries.record_facts import DealFact, NextStepRow, OrderFacts, RecordFacts, TicketFact
from views.contacts.words import ticket_pill
from views.shared.bars import StepDots
from views.shared.cards import Card
from views.shared.column import Pill
from views.shared.format import (
    DASH,
    age_words,
    date_words,
    local,
    money,
    number,
    short_date,
)
from views.shared.labels import AvatarLabel, Label, LinkLabel, PillLabel
from views.shared.layout import FlowLayout, clear_layout
from views.shared.paint import (
    draw_check_circle,
    draw_focus_ring,
    draw_pill,
    draw_text,
    mirrored,
    pill_width,
)
from views.shared.text import NBHY, tr, tr_n
from views.theme import current_theme


class FactRow(QWidget):
    """Two lines that lead to a record: title and remark, at the right a value, dots or a pill."""

    opened = Signal()

    def __init__(
        self,
        title: str,
        remark: str = "",
        *,
        value: str = "",
        pill: Pill | None = None,
        steps: tuple[int, int] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._title, self._remark, self._value, self._pill = title, remark, value, pill
        self._steps = steps is not None
        self.setFixedHeight(44)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(", ".join(part for part in (title, remark, value) if part))
        self.setToolTip(title)
        if steps is not None:
            dots = StepDots(*steps)
            line = QHBoxLayout(self)
            line.setContentsMargins(0, 22, 0, 0)
            line.addStretch(1)
            line.addWidget(dots)

    def sizeHint(self) -> QSize:
        """Take the width of the card."""
        return QSize(200, 44)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the two lines."""
        del event
        painter = QPainter(self)
        top = QRectF(0, 2, self.width(), 20)
        below = QRectF(0, 22, self.width(), 20)
        right = 0.0
        is_rtl = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        if self._steps:
            below = below.adjusted(0, 0, -80, 0)
        if self._value:
            right = draw_text(
                painter, top, self._value, weight=500, align=Qt.AlignmentFlag.AlignRight
                | Qt.AlignmentFlag.AlignVCenter, tabular=True,
            )  # fmt: skip
        if self._pill is not None:
            right = pill_width(self._pill.text, self._pill.icon)
            draw_pill(
                painter, 0 if is_rtl else self.width(), 22, self._pill.text, self._pill.tone,
                self._pill.icon, right=not is_rtl,
            )  # fmt: skip
            below = below.adjusted(0, 0, -right - 8, 0)
        around, direction = QRectF(self.rect()), self.layoutDirection()
        top = mirrored(top.adjusted(0, 0, -right - 8, 0), around, direction)
        draw_text(painter, top, self._title, weight=500)
        below = mirrored(below, around, direction)
        draw_text(painter, below, self._remark, size=12, color="muted")
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()).adjusted(-2, 0, 2, 0))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the record."""
        if self.rect().contains(event.position().toPoint()):
            self.opened.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the record by Enter."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.opened.emit()
        else:
            super().keyPressEvent(event)


class CheckCircle(QWidget):
    """The circle that marks a task as done."""

    clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(20, 20)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Mark as done"))
        self.setToolTip(tr("Mark as done"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the circle."""
        del event
        painter = QPainter(self)
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        draw_check_circle(painter, area, done=False, hover=self.underMouse() or self.hasFocus())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Mark as done."""
        del event
        self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Mark as done by Space or Enter."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.clicked.emit()
        else:
            super().keyPressEvent(event)


class OrderBars(QWidget):
    """The last ten months of orders as small bars, the newest in the accent."""

    def __init__(self, months: Sequence[int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._months = months
        self.setFixedHeight(42)
        self.setMinimumWidth(68)
        self.setMaximumWidth(108)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Orders of the last ten months"))

    def sizeHint(self) -> QSize:
        """Prefer eleven pixels for a month."""
        return QSize(108, 42)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars."""
        del event
        step = (self.width() + 4) // max(len(self._months), 1)
        painter, theme = QPainter(self), current_theme()
        most = max(*self._months, 1)
        for place, amount in enumerate(self._months):
            height = max(2.0, 40 * max(amount, 0) / most)
            last = place == len(self._months) - 1
            color = theme.color("primary" if last else "accent_line")
            painter.fillRect(QRectF(place * step, 42 - height, step - 4, height), color)


class _PlainCard(Card):
    """A card without ground or margin, as part of a pane."""

    def __init__(self, title: str, note: str) -> None:
        super().__init__(padding=0, spacing=8, title=title, note=note)
        self.body.setContentsMargins(0, 0, 0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw nothing: the pane is the ground."""
        del event


class FactsColumn(QWidget):
    """The cards of one record; without content only those stay that begin work."""

    record_opened = Signal(str, object)
    task_done = Signal(object)
    task_wanted = Signal()
    deal_wanted = Signal()

    def __init__(
        self, currency: str, parent: QWidget | None = None, *, plain: bool = False
    ) -> None:
        super().__init__(parent)
        self._currency, self._plain = currency, plain
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(16)

    def show_facts(
        self,
        facts: RecordFacts,
        *,
        contact: ContactDetails | None = None,
        people: Sequence[ContactRow] = (),
    ) -> None:
        """Show the facts of a record."""
        clear_layout(self._box)
        if people:
            self._box.addWidget(self._people(people))
        self._box.addWidget(self._next_step(facts.next_step))
        self._box.addWidget(self._deals(facts.deals))
        if facts.ticket_count:
            self._box.addWidget(self._tickets(facts.tickets, facts.ticket_count))
        if facts.orders is not None:
            self._box.addWidget(self._orders(facts.orders))
        if contact is not None and not self._plain:
            self._box.addWidget(self._consent(contact))
        self._box.addStretch(1)

    def _card(self, title: str, note: str = "") -> Card:
        if self._plain:
            return _PlainCard(title, note)
        return Card(padding=18, spacing=8, title=title, note=note)

    def _row(self, card: Card, kind: str, record_id: int, row: FactRow) -> None:
        row.opened.connect(lambda: self.record_opened.emit(kind, record_id))
        card.add(row)

    def _next_step(self, step: NextStepRow | None) -> Card:
        card = self._card(tr("Next step"))
        if step is None:
            link = LinkLabel(tr("Plan the next step"))
            link.clicked.connect(self.task_wanted)
            card.add(Label(tr("Nothing is planned."), "muted"))
            card.add(link)
            return card
        line = QHBoxLayout()
        line.setSpacing(10)
        if step.kind == "task":
            circle = CheckCircle()
            circle.clicked.connect(lambda: self.task_done.emit(step.id))
            line.addWidget(circle, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(step.title, "strong", wrap=True))
        if step.at is not None:
            words.addWidget(Label(date_words(step.at), "small"))
        line.addLayout(words, 1)
        card.add(line)
        pill = _due_pill(step)
        if pill is not None:  # not beside the card's name: longer words have no room there
            card.body.addWidget(
                PillLabel(pill.text, pill.tone, pill.icon), 0, Qt.AlignmentFlag.AlignLeft
            )
        return card

    def _deals(self, deals: Sequence[DealFact]) -> Card:
        same = {deal.currency for deal in deals}
        total = sum(deal.amount_minor or 0 for deal in deals)
        card = self._card(tr("Open deals"))
        if not deals:
            link = LinkLabel(tr("New deal"))
            link.clicked.connect(self.deal_wanted)
            card.header_layout.addWidget(link)
            card.add(Label(tr("No deal is open."), "muted"))
            return card
        if len(same) == 1:
            figure = Label(money(total, deals[0].currency), "strong")
            card.header_layout.addWidget(figure)
        for deal in deals[:5]:
            closes = (
                tr("closes {day}", day=short_date(deal.expected_close_on))
                if deal.expected_close_on
                else ""
            )
            remark = " · ".join(part for part in (deal.stage_name, closes) if part)
            value = DASH if deal.amount_minor is None else money(deal.amount_minor, deal.currency)
            row = FactRow(deal.name, remark, value=value, steps=(deal.step, deal.steps))
            self._row(card, "deal", deal.id, row)
        return card

    def _tickets(self, tickets: Sequence[TicketFact], count: int) -> Card:
        note = tr("{open} open of {all}", open=number(len(tickets)), all=number(count))
        card = self._card(tr("Tickets"), note)
        for ticket in tickets[:5]:
            opened = tr(
                "#{number} · {age} old", number=ticket.number, age=age_words(ticket.opened_at)
            )
            row = FactRow(ticket.subject, opened, pill=ticket_pill(ticket.status))
            self._row(card, "ticket", ticket.id, row)
        return card

    def _orders(self, orders: OrderFacts) -> Card:
        note = tr_n(
            "{n} since {month}", "{n} since {month}", orders.count, month=_month(orders.first_at)
        )
        card = self._card(tr("Orders"), note)
        line = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(Label(money(orders.total_minor, orders.currency), "figure"))
        words.addWidget(
            Label(tr("last one {day}", day=date_words(orders.last_at)), "small", elide=True)
        )
        line.addLayout(words, 1)
        line.addWidget(OrderBars(orders.months), 0, Qt.AlignmentFlag.AlignBottom)
        card.add(line)
        return card

    def _consent(self, contact: ContactDetails) -> Card:
        card = self._card(tr("Consent"))
        holder = QWidget()
        box = FlowLayout(holder, spacing=6)
        for word, given in (
            (tr("E{hyphen}mail", hyphen=NBHY), contact.email_consent),
            (tr("Phone"), contact.phone_consent),
            (tr("Ads"), contact.ads_consent),
        ):
            if given is not None:
                box.addWidget(
                    PillLabel(word, "good" if given else "bad", "check" if given else "x")
                )
        if box.count():
            card.add(holder)
        else:
            card.add(Label(tr("Not asked yet."), "muted"))
        return card

    def _people(self, people: Sequence[ContactRow]) -> Card:
        card = self._card(tr("People"), number(len(people)))
        for person in people[:8]:
            line = QHBoxLayout()
            line.setSpacing(10)
            line.addWidget(AvatarLabel(person.id, person.name, 28))
            row = FactRow(person.name, person.job_title or person.email or "")
            row.opened.connect(lambda pid=person.id: self.record_opened.emit("contact", pid))
            line.addWidget(row, 1)
            card.add(line)
        return card


def _month(moment: Any) -> str:
    return local(moment).strftime("%m/%Y")


def _due_pill(step: NextStepRow) -> Pill | None:
    if step.at is None:
        return None
    late = now() - step.at
    if step.all_day:
        days = (today() - local(step.at).date()).days
        if days > 0:
            return Pill(tr_n("{n} day late", "{n} days late", days), "bad", "clock")
    elif late.total_seconds() > 0:
        return Pill(tr("{time} late", time=age_words(step.at)), "bad", "clock")
    # The day itself stands below the title.
    return Pill(tr("Today"), "warning", "clock") if local(step.at).date() == today() else None
