"""The middle: what the ticket is, its deadline, and the thread."""

import html
import re
from datetime import date
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.queries.ticket_details import ClockRow, MessageRow, TicketFacts
from models.values import MessageKind
from views.fonts import font
from views.shared import paint
from views.shared.buttons import IconButton, secondary
from views.shared.format import (
    clock_time,
    day_heading,
    exact_moment,
    file_size,
    local,
    moment_words,
)
from views.shared.labels import AvatarLabel, Divider, IconLabel, Label
from views.shared.layout import FlowLayout, clear_layout
from views.shared.text import tr
from views.theme import current_theme, theme_changed
from views.tickets.words import clock_note, clock_words, due_moment, type_words

SHOWN: Final = 200
_MENTION: Final = re.compile(r"(?<![\w.])@\w+")


class DeadlineBanner(QWidget):
    """The nearest deadline, how much of its time is used, and whether the clock runs now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(43)
        self._clock: ClockRow | None = None
        self.hide()

    def set_clock(self, clock: ClockRow | None) -> None:
        """Show a clock; None hides the banner."""
        self._clock = clock
        self.setVisible(clock is not None)
        if clock is not None:
            self.setAccessibleName(f"{self._title(clock)}, {clock_note(clock)}")
            self.setToolTip(tr("Due {moment}, in working time", moment=exact_moment(clock.due_at)))
        self.update()

    @staticmethod
    def _title(clock: ClockRow) -> str:
        name, due = clock_words(clock.name), due_moment(clock.due_at)
        if clock.missed:
            return tr("{clock} missed, was due {moment}", clock=name, moment=due)
        return tr("{clock} due {moment}", clock=name, moment=due)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw words on a tint, with a bar along the bottom."""
        del event
        clock = self._clock
        if clock is None:
            return
        left = clock.allowed_seconds - clock.used_seconds
        name = "bad" if clock.missed or left <= 1800 else "warning" if left <= 7200 else "info"
        tone, painter = current_theme().tone(name), QPainter(self)
        area = QRectF(self.rect())
        painter.fillRect(area, current_theme().color(tone.tint))
        paint.draw_icon(painter, 20, 12, "timer", tone.text, 16)
        note = clock_note(clock)
        title = self._title(clock)
        wide = paint.text_width(title, 13, 600)
        words = area.adjusted(42, 0, -20, -3)
        paint.draw_text(painter, words, title, weight=600, color=tone.text)
        rest = words.adjusted(wide + 12, 0, 0, 0)
        paint.draw_text(painter, rest, note, size=12, color=tone.text, align=paint.RIGHT)
        bar = QRectF(0, area.height() - 3, area.width(), 3)
        painter.fillRect(bar, current_theme().color(tone.line))
        bar.setWidth(area.width() * min(1.0, clock.share))
        painter.fillRect(bar, current_theme().color(tone.text))


class ThreadHead(QWidget):
    """Subject, number, and what can be done with the whole ticket."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(63)
        self.subject = Label("", "heading", elide=True)
        self.about = Label("", "small", elide=True)
        self.more = IconButton("ellipsis", tr("More actions"), bordered=True)
        self.resolve = secondary(tr("Resolve"))
        self.resolve.setToolTip(tr("Resolve (E)"))
        box = QHBoxLayout(self)
        box.setContentsMargins(20, 0, 20, 0)
        box.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch(1)
        words.addWidget(self.subject)
        words.addWidget(self.about)
        words.addStretch(1)
        box.addLayout(words, 1)
        box.addWidget(self.more)
        box.addWidget(self.resolve)

    def show_facts(self, facts: TicketFacts, *, done: bool) -> None:
        """Say what the ticket is."""
        row = facts.row
        self.subject.set_text(row.subject)
        parts = [
            f"#{row.number}",
            type_words(row.type),
            tr("opened {moment}", moment=moment_words(row.opened_at)),
        ]
        if facts.merged_into is not None:
            parts.append(tr("merged into #{number}", number=facts.merged_into[1]))
        elif facts.follows is not None:
            parts.append(tr("follows #{number}", number=facts.follows[1]))
        self.about.set_text(" · ".join(parts))
        self.resolve.setText(tr("Reopen") if done else tr("Resolve"))
        self.resolve.setEnabled(facts.merged_into is None)


class _Body(QLabel):
    """Wrapped words that can be selected, with mentions in the accent colour."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self.setWordWrap(True)
        self.setFont(font(13, 400))
        flags = Qt.TextInteractionFlag.TextSelectableByMouse
        self.setTextInteractionFlags(flags | Qt.TextInteractionFlag.LinksAccessibleByMouse)
        self.setTextFormat(Qt.TextFormat.RichText)
        accent = current_theme().accent
        safe = html.escape(text).replace("\n", "<br>")
        marked = _MENTION.sub(rf'<b style="color:{accent}">\g<0></b>', safe)
        self.setText(f'<div style="line-height:135%">{marked}</div>')
        self.setAccessibleName(text)


class MessageWidget(QWidget):
    """One message: who, when, what; a note stands on its own ground."""

    def __init__(self, row: MessageRow) -> None:
        super().__init__()
        self.row = row
        self._note = row.kind is MessageKind.NOTE
        box = QHBoxLayout(self)
        box.setContentsMargins(8, 8 if self._note else 4, 8, 10 if self._note else 4)
        box.setSpacing(12)
        avatar = AvatarLabel(row.author_id, row.author_name or "?", 28)
        box.addWidget(avatar, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addLayout(self._head())
        column.addWidget(_Body(row.body))
        if row.files:
            column.addWidget(self._files())
        box.addLayout(column, 1)
        kind = tr("Internal note") if self._note else tr("Message")
        self.setAccessibleName(f"{kind}, {row.author_name}, {exact_moment(row.at)}")

    def _head(self) -> QHBoxLayout:
        row, line = self.row, QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(Label(row.author_name or tr("Unknown sender"), "strong"))
        if self._note:
            line.addWidget(IconLabel("lock", "warning", 14))
            words = Label(tr("Internal note"), "small")
            words.setStyleSheet(f"color: {current_theme().warning};")
            line.addWidget(words)
        elif row.company_name:
            line.addWidget(Label(row.company_name, "muted", elide=True))
        if row.from_number is not None:
            line.addWidget(Label(tr("from #{number}", number=row.from_number), "small"))
        line.addStretch(1)
        when = Label(clock_time(row.at), "small")
        when.setToolTip(exact_moment(row.at))
        line.addWidget(when)
        return line

    def _files(self) -> QWidget:
        panel = QWidget()
        flow = FlowLayout(panel, spacing=8)
        for file in self.row.files:
            chip = secondary(f"{file.name} · {file_size(file.size)}", "paperclip")
            chip.setEnabled(False)
            flow.addWidget(chip)
        return panel

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground of a note."""
        del event
        if self._note:
            paint.rounded(QPainter(self), QRectF(self.rect()), 8, "note", "note_line")


class SystemWidget(QWidget):
    """A quiet line: what was changed, and what the program did."""

    def __init__(self, row: MessageRow) -> None:
        super().__init__()
        box = QHBoxLayout(self)
        box.setContentsMargins(14, 0, 8, 0)
        box.setSpacing(18)
        box.addWidget(IconLabel("zap", "muted", 16), 0, Qt.AlignmentFlag.AlignTop)
        words = Label(row.body, "small", wrap=True)
        words.setToolTip(exact_moment(row.at))
        box.addWidget(words, 1)
        box.addWidget(Label(clock_time(row.at), "small"), 0, Qt.AlignmentFlag.AlignTop)


class ThreadView(QScrollArea):
    """The entries in order of time with a heading for each day; it opens at its end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Thread"))
        self.setStyleSheet("QScrollArea { background: transparent; border: none; }")
        inner = QWidget()
        inner.setObjectName("thread")
        inner.setStyleSheet("#thread { background: transparent; }")
        inner.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._box = QVBoxLayout(inner)
        self._box.setContentsMargins(12, 16, 12, 16)
        self._box.setSpacing(10)
        self.setWidget(inner)
        self._shown: list[MessageRow] = []
        self._for: int | None = None
        theme_changed.connect(self._repaint)
        self._at_end = True  # stays at the end while entries are laid out and the composer grows
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(self._on_range)
        bar.valueChanged.connect(self._on_scrolled)

    def show_thread(self, ticket_id: int, rows: list[MessageRow]) -> None:
        """Show a thread; a known one keeps its place unless something new stands at its end."""
        if ticket_id == self._for and rows == self._shown:
            return
        grew = ticket_id != self._for or len(rows) > len(self._shown)
        self._for, self._shown = ticket_id, rows
        clear_layout(self._box)
        day: date | None = None
        if len(rows) > SHOWN:
            words = tr("The {n} newest entries of {total}", n=SHOWN, total=len(rows))
            self._box.addWidget(Label(words, "small"), 0, Qt.AlignmentFlag.AlignHCenter)
        for row in rows[-SHOWN:]:
            here = local(row.at).date()
            if here != day:
                day = here
                heading = Label(day_heading(here), "section")
                self._box.addWidget(heading, 0, Qt.AlignmentFlag.AlignHCenter)
            system = row.kind is MessageKind.SYSTEM
            self._box.addWidget(SystemWidget(row) if system else MessageWidget(row))
        self._box.addStretch(1)
        if grew:
            self._at_end = True
            self._on_range(0, self.verticalScrollBar().maximum())

    def _repaint(self, _theme: object) -> None:
        """Make the entries anew: their words hold colours of the theme."""
        rows, self._shown = self._shown, []
        if self._for is not None:
            self.show_thread(self._for, rows)

    def _on_range(self, _least: int, most: int) -> None:
        if self._at_end:
            self.verticalScrollBar().setValue(most)

    def _on_scrolled(self, value: int) -> None:
        self._at_end = value >= self.verticalScrollBar().maximum() - 4


class ThreadPanel(QWidget):
    """Head, deadline, thread; the composer is put under it by the page."""

    def __init__(self, composer: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head, self.banner, self.view = ThreadHead(), DeadlineBanner(), ThreadView()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.head)
        box.addWidget(Divider())
        box.addWidget(self.banner)
        box.addWidget(self.view, 1)
        box.addWidget(composer)

    def show_facts(self, facts: TicketFacts, *, done: bool) -> None:
        """Show head and banner of a ticket."""
        self.head.show_facts(facts, done=done)
        running = [clock for clock in facts.clocks if clock.running]
        self.banner.set_clock(min(running, key=lambda clock: clock.due_at, default=None))
