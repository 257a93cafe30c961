"""Choosing how a task repeats, in words."""

import calendar
from datetime import date, datetime, timedelta

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from app import recurrence
from models.values import RepeatFrom
from views.shared.chips import DropDown
from views.shared.format import local, today_here
from views.shared.forms import DateField
from views.shared.labels import Label
from views.shared.text import tr
from views.today.words import repeat_words

_BEFORE = "before"
_OTHER = "other"
_WORKDAYS = range(5)
USUAL_DAYS = 30


class RepeatField(QWidget):
    """A drop-down of the usual rules; "before a yearly day" asks for that day."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._other: str | None = None
        self.choice = DropDown(tr("Does not repeat"), icon="repeat")
        self.origin = DropDown()
        self.origin.set_items(
            [
                (RepeatFrom.COMPLETION, tr("when this one is done")),
                (RepeatFrom.SCHEDULE, tr("on schedule, done or not")),
            ]
        )
        self.origin.set_value(RepeatFrom.COMPLETION)
        self.days = QSpinBox()
        self.days.setRange(1, 365)
        self.days.setValue(USUAL_DAYS)
        self.days.setAccessibleName(tr("Days before"))
        self.end = DateField(tr("The day it ends"))
        self.before = QWidget()
        line = QHBoxLayout(self.before)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.days)
        line.addWidget(Label(tr("days before"), "muted"))
        line.addWidget(self.end, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        for widget in (self.choice, self.before, self.origin):
            box.addWidget(widget)
        self._fill()
        self.choice.value_changed.connect(self._show_parts)
        self.end.changed.connect(lambda _day: self.changed.emit())
        self.days.valueChanged.connect(lambda _days: self.changed.emit())
        self._show_parts()

    def set_rule(self, rule: str | None, origin: RepeatFrom) -> None:
        """Show a stored rule, also one that the list does not offer."""
        self._other = rule
        self._fill()
        self.choice.set_value(_OTHER if rule else None)
        self.origin.set_value(origin)
        self._show_parts()

    def rule(self, due: datetime | None) -> str | None:
        """Return the rule for a task first due at this moment."""
        day = local(due).date() if due is not None else today_here()
        made = {
            None: None,
            "day": recurrence.daily(),
            "workday": recurrence.weekly(_WORKDAYS),
            "week": recurrence.weekly([day.weekday()]),
            "month": recurrence.monthly_on_day(day.day),
            "year": recurrence.yearly(day.month, day.day),
            _OTHER: self._other,
        }
        if self.choice.value == _BEFORE:
            end = self.end.date
            return recurrence.yearly_before(end, self.days.value()) if end is not None else None
        return made[self.choice.value]

    def first_day(self) -> date | None:
        """Return the first day of "so many days before", the one day that the rule itself tells."""
        if self.choice.value != _BEFORE or self.end.date is None:
            return None
        end, days = self.end.date, timedelta(days=self.days.value())
        while end - days < today_here():
            last = calendar.monthrange(end.year + 1, end.month)[1]
            end = end.replace(year=end.year + 1, day=min(end.day, last))
        return end - days

    def _fill(self) -> None:
        items = [
            (None, tr("Does not repeat")),
            ("day", tr("Every day")),
            ("workday", tr("Every weekday")),
            ("week", tr("Every week")),
            ("month", tr("Every month")),
            ("year", tr("Every year")),
            (_BEFORE, tr("Every year, days before an end")),
        ]
        if self._other:
            items.append((_OTHER, repeat_words(self._other)))
        self.choice.set_items(items)

    def _show_parts(self, _value: object = None) -> None:
        self.before.setVisible(self.choice.value == _BEFORE)
        self.origin.setVisible(self.choice.value is not None)
        self.changed.emit()
