"""The day's appointments as a timeline with a line for now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.queries.appointments import AppointmentRow
from views.shared import paint
from views.shared.format import clock_time, local
from views.shared.text import tr
from views.theme import current_theme
from views.today.words import joined

HOUR: Final = 36.0
TOP: Final = 10.0
LEFT: Final = 48.0
LEAST_HOURS: Final = 4
MOST_HOURS: Final = 16
SHORT: Final = 30.0  # below this height title and time share a line
LEAST_HEIGHT: Final = 18.0


class DayView(QWidget):
    """Painted hours and blocks; arrows and Enter reach the appointments."""

    opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Appointments"))
        self.rows: tuple[AppointmentRow, ...] = ()
        self._now: datetime | None = None
        self._current = 0
        self._first, self._last = 9, 13

    def show_day(self, rows: Sequence[AppointmentRow], now: datetime) -> None:
        """Show a day's appointments from the hour before the first of them, or before now."""
        self.rows, self._now = tuple(rows), local(now)
        timed = [row for row in self.rows if not row.all_day]
        day = self._now.date()
        starts = [local(row.starts_at) for row in timed]
        first = min([s.hour if s.date() == day else 0 for s in starts] + [self._now.hour])
        ends = [local(row.ends_at) for row in timed]
        last = max([_end_hour(e, day) for e in ends] + [self._now.hour + 1, first + LEAST_HOURS])
        self._first, self._last = first, min(24, last, first + MOST_HOURS)
        self._current = min(self._current, max(0, len(self.rows) - 1))
        self.setAccessibleDescription(
            ", ".join(f"{clock_time(r.starts_at)} {r.title}" for r in rows)
        )
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Be as high as the hours, and a line per whole-day appointment."""
        hours = (self._last - self._first) * HOUR
        return QSize(300, round(2 * TOP + hours + self._banner()))

    def minimumSizeHint(self) -> QSize:
        """Never be cut below."""
        return QSize(180, self.sizeHint().height())

    def _banner(self) -> float:
        return 26.0 * sum(1 for row in self.rows if row.all_day)

    def _y(self, moment: datetime) -> float:
        there = local(moment)
        assert self._now is not None  # noqa: S101  only called with a day to show
        hours = there.hour + there.minute / 60
        if there.date() != self._now.date():
            hours = 0.0 if there.date() < self._now.date() else 24.0
        inside = min(max(hours, self._first), self._last)
        return TOP + self._banner() + (inside - self._first) * HOUR

    def places(self) -> list[tuple[AppointmentRow, QRectF]]:
        """Return where each appointment is; those at one time stand beside each other."""
        found: list[tuple[AppointmentRow, QRectF]] = []
        left, width = LEFT + 1, self.width() - LEFT - 1
        banner = TOP
        for row in (row for row in self.rows if row.all_day):
            found.append((row, QRectF(left, banner, width, 22)))
            banner += 26
        timed = [row for row in self.rows if not row.all_day]
        for group in _overlapping(timed):
            for place, row in enumerate(group):
                top, bottom = self._y(row.starts_at), self._y(row.ends_at)
                share = (width - 4 * (len(group) - 1)) / len(group)
                rect = QRectF(left + place * (share + 4), top + 1, share, 0)
                rect.setHeight(max(LEAST_HEIGHT, bottom - top - 2))
                found.append((row, rect))
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw hours, appointments and now."""
        del event
        painter = QPainter(self)
        for hour in range(self._first, self._last + 1):
            self._draw_hour(painter, hour)
        for number, (row, rect) in enumerate(self.places()):
            _draw_block(painter, rect, row)
            if self.hasFocus() and number == self._current:
                paint.draw_focus_ring(painter, rect, 4)
        if self._now is not None:
            self._draw_now(painter, self._now)

    def _draw_hour(self, painter: QPainter, hour: int) -> None:
        y = TOP + self._banner() + (hour - self._first) * HOUR
        theme = current_theme()
        painter.fillRect(QRectF(LEFT, round(y), self.width() - LEFT, 1), theme.color("row_line"))
        words = f"{hour % 24:02d}:00"
        place = QRectF(0, y - 9, LEFT - 10, 18)
        paint.draw_text(
            painter, place, words, size=12, color="muted", align=paint.RIGHT, tabular=True
        )

    def _draw_now(self, painter: QPainter, now: datetime) -> None:
        theme, y = current_theme(), self._y(now)
        color = theme.color("bad")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRectF(LEFT, round(y) - 0.5, self.width() - LEFT, 1.5), color)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(QPointF(LEFT, round(y)), 4.5, 4.5)
        words = clock_time(now)
        width = paint.text_width(words, 12, 600, tabular=True) + 10
        box = QRectF(self.width() - width, round(y) - 9, width, 18)
        paint.rounded(painter, box, 4, "bad")
        paint.draw_text(
            painter,
            box,
            words,
            size=12,
            weight=600,
            color="surface",
            align=paint.CENTER,
            tabular=True,
            elide=False,
        )

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the appointment under the pointer."""
        for number, (row, rect) in enumerate(self.places()):
            if rect.contains(event.position()):
                self._current = number
                self.opened.emit(row)
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk by arrows or J and K, open by Enter."""
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_J: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_K: -1}
        key = Qt.Key(event.key())
        if key in steps and self.rows:
            self._current = min(max(self._current + steps[key], 0), len(self.rows) - 1)
            self.update()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.rows:
            self.opened.emit(self.places()[self._current][0])
        else:
            super().keyPressEvent(event)


def _end_hour(end: datetime, day: object) -> int:
    if end.date() != day:
        return 24
    return end.hour + (1 if end.minute else 0)


def _overlapping(rows: Sequence[AppointmentRow]) -> list[list[AppointmentRow]]:
    groups: list[list[AppointmentRow]] = []
    until: datetime | None = None
    for row in rows:
        if until is not None and row.starts_at < until:
            groups[-1].append(row)
        else:
            groups.append([row])
        until = row.ends_at if until is None else max(until, row.ends_at)
    return groups


def place_icon(row: AppointmentRow) -> str:
    """Return the icon for where it is held: online, by telephone or at a place."""
    where = (row.location or "").lower()
    online = ("teams", "zoom", "meet", "video", "webex", "online", "http", "jitsi")
    if any(word in where for word in online):
        return "video"
    if "phone" in where or "call" in where or where.startswith("+"):
        return "phone"
    return "map-pin" if where else ""


def _draw_block(painter: QPainter, rect: QRectF, row: AppointmentRow) -> None:
    theme = current_theme()
    with_customer = row.contact_id is not None or row.company_id is not None
    paint.rounded(painter, rect, 4, "accent_soft" if with_customer else "neutral_tint")
    bar = theme.color("accent" if with_customer else "outline")
    painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), bar)
    icon = place_icon(row)
    inner = rect.adjusted(12, 0, -32 if icon else -8, 0)
    times = f"{clock_time(row.starts_at)} – {clock_time(row.ends_at)}"
    about = joined(row.contact_name or row.company_name, row.location)
    if rect.height() < SHORT:
        when = "" if row.all_day else clock_time(row.starts_at)
        runs: list[paint.Run] = [
            (row.title, 600, "text"),
            (f"  {joined(when, row.contact_name or row.company_name)}", 400, "muted"),
        ]
        paint.draw_runs(painter, inner, runs, 12)
    else:
        middle = rect.center().y()
        line = QRectF(inner.left(), middle - 16, inner.width(), 16)
        paint.draw_text(painter, line, row.title, size=12, weight=600)
        paint.draw_text(
            painter, line.translated(0, 16), joined(times, about), size=12, color="muted"
        )
    if icon:
        color = "accent" if with_customer else "muted"
        paint.draw_icon(painter, rect.right() - 26, rect.center().y() - 8, icon, color, 16)
