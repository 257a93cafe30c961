"""Choosing a day, or a day and a time, with the likely answers first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from PySide6.QtCore import QDate, Qt, QTime, Signal
from PySide6.QtGui import QAction, QTextCharFormat
from PySide6.QtWidgets import QCalendarWidget, QHBoxLayout, QMenu, QTimeEdit, QWidget, QWidgetAction

from views.icons import icon
from views.shared.chips import DropDown
from views.shared.format import (
    capital,
    date_words,
    exact_moment,
    from_local,
    local,
    short_date,
    today_here,
)
from views.shared.text import tr

Day = date  # fields have a property of the name


def quick_days(today: date | None = None) -> list[tuple[str, date]]:
    """Give the days that people most often mean, with their words."""
    here = today or today_here()
    monday = here + timedelta(days=7 - here.weekday())
    return [
        (tr("Today"), here),
        (tr("Tomorrow"), here + timedelta(days=1)),
        (tr("In 3 days"), here + timedelta(days=3)),
        (tr("Next Monday"), monday),
    ]


def calendar(chosen: date) -> QCalendarWidget:
    """Make a month to choose a day from."""
    made = QCalendarWidget()
    made.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
    made.setHorizontalHeaderFormat(QCalendarWidget.HorizontalHeaderFormat.ShortDayNames)
    made.setSelectedDate(QDate(chosen.year, chosen.month, chosen.day))
    plain = QTextCharFormat()
    for weekend in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
        made.setWeekdayTextFormat(weekend, plain)
    made.setMinimumSize(320, 240)
    made.setAccessibleName(tr("Calendar"))
    return made


class DateField(DropDown):
    """A day; the menu offers the likely ones and a calendar."""

    changed = Signal(object)

    def __init__(
        self, placeholder: str = "", parent: QWidget | None = None, *, clearable: bool = True
    ) -> None:
        self._date: date | None = None
        self._clearable = clearable
        super().__init__(placeholder or tr("Choose a day"), parent, icon="calendar")

    @property
    def date(self) -> date | None:
        """The chosen day."""
        return self._date

    @property
    def label(self) -> str:
        """The day in words."""
        if self._date is None:
            return ""
        words, exact = capital(date_words(self._date)), short_date(self._date)
        return words if words == exact else f"{words}, {exact}"

    def set_date(self, day: Day | None) -> None:
        """Show a day without telling."""
        self._date = day
        self.setToolTip(exact_moment(day))
        self._renamed()

    def choose(self, day: Day | None) -> None:
        """Choose a day and tell when it is another."""
        if day != self._date:
            self.set_date(day)
            self.changed.emit(day)

    def open_menu(self) -> None:
        """Open the quick picks and the calendar."""
        menu = date_menu(self, self._date, self.choose, clearable=self._clearable)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))


class _Menu(QMenu):
    """A menu that a calendar inside can close with a day."""

    picked = Signal(object)

    def pick(self, day: date | None) -> None:
        """Tell the day and close."""
        self.close()
        self.picked.emit(day)


def date_menu(
    parent: QWidget,
    chosen: date | None,
    on_pick: Callable[[date | None], object],
    *,
    clearable: bool = True,
) -> QMenu:
    """Make the menu of likely days with a calendar below; ``on_pick(day)`` gets the answer."""
    menu = _Menu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.picked.connect(on_pick)
    for words, day in quick_days():
        action = QAction(f"{words}\t{short_date(day)}", menu)
        action.triggered.connect(lambda _=False, day=day: menu.pick(day))
        menu.addAction(action)
    if clearable and chosen is not None:
        action = QAction(icon("x"), tr("No date"), menu)
        action.triggered.connect(lambda _=False: menu.pick(None))
        menu.addAction(action)
    menu.addSeparator()
    month = calendar(chosen or today_here())
    month.clicked.connect(lambda day: menu.pick(_python_day(day)))
    month.activated.connect(lambda day: menu.pick(_python_day(day)))
    holder = QWidgetAction(menu)
    holder.setDefaultWidget(month)
    menu.addAction(holder)
    return menu


def _python_day(day: QDate) -> date:
    return date(day.year(), day.month(), day.day())


class DateTimeField(QWidget):
    """A day and a time of the person's own clock."""

    changed = Signal(object)

    def __init__(
        self, parent: QWidget | None = None, *, clearable: bool = True, usual: time = time(9, 0)
    ) -> None:
        super().__init__(parent)
        self._usual = usual
        self._day_only = False
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        self.day = DateField(clearable=clearable)
        self.clock = QTimeEdit(QTime(usual.hour, usual.minute))
        self.clock.setDisplayFormat("HH:mm")
        self.clock.setFixedWidth(84)
        self.clock.setMinimumHeight(34)
        self.clock.setMaximumHeight(34)
        self.clock.lineEdit().setTextMargins(9, 0, 0, 0)
        self.clock.setAccessibleName(tr("Time"))
        self.clock.setEnabled(False)
        box.addWidget(self.day, 1)
        box.addWidget(self.clock)
        self.setFocusProxy(self.day)
        self.day.changed.connect(self._tell)
        self.clock.timeChanged.connect(self._tell)

    @property
    def date(self) -> date | None:
        """The chosen day."""
        return self.day.date

    @property
    def moment(self) -> datetime | None:
        """The chosen moment with its zone; the day's beginning when only days count."""
        if self.day.date is None:
            return None
        chosen = self.clock.time()
        clock = time(0, 0) if self._day_only else time(chosen.hour(), chosen.minute())
        return from_local(self.day.date, clock)

    @property
    def value(self) -> datetime | Day | None:
        """The day when only days count, else the moment."""
        return self.day.date if self._day_only else self.moment

    def set_moment(self, moment: datetime | None) -> None:
        """Show a moment without telling."""
        there = local(moment) if moment is not None else None
        self.clock.blockSignals(True)
        shown = there.time() if there else self._usual
        self.clock.setTime(QTime(shown.hour, shown.minute))
        self.clock.blockSignals(False)
        self.day.set_date(there.date() if there else None)
        self.clock.setEnabled(there is not None)

    def set_date(self, day: Day | None) -> None:
        """Show a day without telling, the time stays."""
        self.day.set_date(day)
        self.clock.setEnabled(day is not None)

    def set_day_only(self, day_only: bool) -> None:
        """Ask for the day alone, or for the time too."""
        self._day_only = day_only
        self.clock.setVisible(not day_only)

    def _tell(self) -> None:
        self.clock.setEnabled(self.day.date is not None)
        self.changed.emit(self.value)
