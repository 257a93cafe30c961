"""Whom to call next, why, and a button that dials."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from app.queries.call_next import CallSuggestion
from views.shared import paint
from views.shared.buttons import IconButton
from views.shared.cards import Card
from views.shared.labels import Label
from views.shared.text import tr
from views.today.words import reason_pill

ROW: Final = 64


class CallRow(QWidget):
    """One person: name, company, reasons, and the telephone."""

    call_requested = Signal(object)
    opened = Signal(object)

    def __init__(self, person: CallSuggestion, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.person = person
        self.is_last = False
        self.setFixedHeight(ROW)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        reasons = ", ".join(reason_pill(reason)[0] for reason in person.reasons)
        self.setAccessibleName(f"{person.name}, {reasons}")
        self.setToolTip(reasons)
        self.button = IconButton(
            "phone",
            tr("Call {name}, {phone}", name=person.name, phone=person.phone),
            bordered=True,
            size=32,
            color="accent",
            icon_size=16,
        )
        self.button.clicked.connect(lambda: self.call_requested.emit(self.person))
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addStretch(1)
        box.addWidget(self.button)

    def sizeHint(self) -> QSize:
        """Be as wide as there is room."""
        return QSize(300, ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the person and the reasons that fit."""
        del event
        painter = QPainter(self)
        person = self.person
        paint.draw_avatar(painter, QRectF(0, 16, 32, 32), person.contact_id, person.name)
        right = self.width() - 44.0
        words: list[paint.Run] = [
            (person.name, 500, "text"),
            (f"  {person.company_name or ''}", 400, "muted"),
        ]
        paint.draw_runs(painter, QRectF(44, 10, right - 44, 18), words)
        x = 44.0
        for reason in person.reasons:
            text, tone, icon = reason_pill(reason)
            if x + paint.pill_width(text, icon) > right:
                break  # the tooltip has them all
            x += paint.draw_pill(painter, x, 43, text, tone, icon) + 6
        if not self.is_last:
            paint.draw_row_line(painter, QRectF(self.rect()), 44)
        if self.hasFocus():
            paint.draw_focus_ring(painter, QRectF(self.rect()).adjusted(0, 2, -40, -2))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the person."""
        if self.rect().contains(event.position().toPoint()):
            self.opened.emit(self.person)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open by Enter, call by Space."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.opened.emit(self.person)
        elif event.key() == Qt.Key.Key_Space:
            self.call_requested.emit(self.person)
        else:
            super().keyPressEvent(event)


class CallCard(Card):
    """The four strongest suggestions."""

    call_requested = Signal(object)
    opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, padding=19, spacing=4, title=tr("Call next"))
        self.nobody = Label(tr("Nobody waits for a call today."), "muted", wrap=True)
        self.add(self.nobody)
        self.rows: list[CallRow] = []

    def show_people(self, people: Sequence[CallSuggestion]) -> None:
        """Show other suggestions; the same ones stay as they are."""
        if tuple(row.person for row in self.rows) == tuple(people) and people:
            return
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = [CallRow(person) for person in people]
        for row in self.rows:
            row.call_requested.connect(self.call_requested)
            row.opened.connect(self.opened)
            self.add(row)
        if self.rows:
            self.rows[-1].is_last = True
        self.set_note(tr("by what happened lately") if people else "")
        self.nobody.setVisible(not people)
