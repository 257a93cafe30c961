"""The five figures on top, each beside the period before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.queries.analytics import Overview
from views.analytics.words import rough_money
from views.shared import paint
from views.shared.cards import Card
from views.shared.format import DASH, number, percent
from views.shared.labels import Label, PillLabel
from views.shared.layout import row
from views.shared.text import tr, tr_n


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its name, its value, how it changed, and a remark."""

    name: str
    value: str
    change: str  # "" = nothing to compare with
    rises: bool
    is_good: bool
    note: str
    opens: Any = None


class FigureCard(Card):
    """A figure on a card; a click or Enter opens the deals that make it."""

    opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, padding=16, spacing=4)
        self.body.setContentsMargins(20, 14, 10, 12)
        self._opens: Any = None
        self.name = Label("", "small", elide=True)
        self.value = Label("", "figure", elide=True)
        self.pill = PillLabel()
        self.remark = Label("", "small", elide=True)
        self.add(self.name)
        self.add(self.value)
        self.line = row(self.pill, self.remark, spacing=8)
        self.line.setStretch(1, 1)
        self.add(self.line)
        self.pill.hide()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(104)

    def show_figure(self, figure: Figure) -> None:
        """Show a figure."""
        self._opens = figure.opens
        self.name.set_text(figure.name)
        self.value.set_text(figure.value)
        self.remark.set_text(figure.note)
        self.pill.setVisible(bool(figure.change))
        if figure.change:
            tone = "good" if figure.is_good else "bad"
            icon = "arrow-up" if figure.rises else "arrow-down"
            self.pill.set_pill(figure.change, tone, icon)
        told = ", ".join(part for part in (figure.change, figure.note) if part)
        self.setAccessibleName(f"{figure.name}: {figure.value}")
        self.setAccessibleDescription(told)
        self.setCursor(
            Qt.CursorShape.PointingHandCursor if figure.opens else Qt.CursorShape.ArrowCursor
        )

    def _open(self) -> None:
        if self._opens is not None:
            self.opened.emit(self._opens)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the deals."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the deals by Enter or Space."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self._open()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card, and the ring when the keyboard is here."""
        super().paintEvent(event)
        if self.hasFocus():
            paint.draw_focus_ring(QPainter(self), self.rect(), 8)


def figures_of(numbers: Overview) -> list[Figure]:
    """Return the five figures."""
    return [_won(numbers), _rate(numbers), _average(numbers), _cycle(numbers), _open_book(numbers)]


def _share(now: float, before: float | None) -> tuple[str, bool]:
    """Return by how much a value changed, and whether it rose."""
    if not before:
        return "", True
    change = (now - before) / before
    if abs(change) > 9.99:
        return tr("{n} times", n=number(now / before)), change > 0
    return (percent(abs(change)), change > 0) if round(change * 100) else ("", True)


def _won(numbers: Overview) -> Figure:
    now, before = numbers.now.won_minor, numbers.before.won_minor
    change, rises = _share(now, before)
    return Figure(
        tr("Won"),
        rough_money(now, numbers.currency),
        change,
        rises,
        rises,
        tr("from {amount}", amount=rough_money(before, numbers.currency)),
        numbers.won_deals if numbers.now.won_count else None,
    )


def _rate(numbers: Overview) -> Figure:
    now, before = numbers.now.win_rate, numbers.before.win_rate
    points = round((now or 0) * 100) - round((before or 0) * 100)
    change = ""
    if now is not None and before is not None and points:
        change = tr_n("{n} point", "{n} points", abs(points))
    counts = tr(
        "{won} won, {lost} lost",
        won=number(numbers.now.won_count),
        lost=number(numbers.now.lost_count),
    )
    value = percent(now) if now is not None else DASH
    return Figure(tr("Win rate"), value, change, points > 0, points > 0, counts, numbers.lost_deals)


def _average(numbers: Overview) -> Figure:
    now, before = numbers.now.average_minor, numbers.before.average_minor
    change, rises = _share(now, before) if now is not None else ("", True)
    note = tr("from {amount}", amount=_rounded(before, numbers)) if before else ""
    return Figure(
        tr("Average deal"), _rounded(now, numbers), change, rises, rises, note, numbers.won_deals
    )


def _rounded(minor: int | None, numbers: Overview) -> str:
    return DASH if minor is None else rough_money(minor, numbers.currency)


def _cycle(numbers: Overview) -> Figure:
    now, before = numbers.cycle_days, numbers.cycle_days_before
    value = tr_n("{n} day", "{n} days", round(now)) if now is not None else DASH
    change, note, rises = "", "", False
    if before is not None:
        note = tr("from {days}", days=tr_n("{n} day", "{n} days", round(before)))
        difference = round(now) - round(before) if now is not None else 0
        rises = difference > 0
        change = tr_n("{n} day", "{n} days", abs(difference)) if difference else ""
    return Figure(
        tr("Sales cycle, median"), value, change, rises, not rises, note, numbers.won_deals
    )


def _open_book(numbers: Overview) -> Figure:
    now, before = numbers.open, numbers.open_before
    change, rises = _share(now.weighted_minor, before.weighted_minor)
    amount = rough_money(now.amount_minor, numbers.currency)
    return Figure(
        tr("Open, weighted"),
        rough_money(now.weighted_minor, numbers.currency),
        change,
        rises,
        rises,
        tr("of {amount} open", amount=amount),
        numbers.open_deals,
    )
