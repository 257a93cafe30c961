"""The ways to put something off, as a menu; used by the Today list and by notifications."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from app.clock import local_zone, now
from app.task_times import SnoozeChoice, snooze_choices
from views.icons import icon
from views.shared.dialogs import Dialog
from views.shared.format import clock_time, local
from views.shared.forms import DateTimeField
from views.shared.text import tr

Snooze = Callable[[datetime | None], object]


def snooze_words(choice: SnoozeChoice) -> str:
    """Return the name of a way to snooze, with its moment."""
    names = {
        "ten_minutes": tr("10 minutes"),
        "one_hour": tr("1 hour"),
        "this_evening": tr("This evening"),
        "tomorrow": tr("Tomorrow"),
        "monday": tr("Monday"),
        "until_answered": tr("Until answered"),
    }
    when = f"\t{clock_time(local(choice.until))}" if choice.until is not None else ""
    return f"{names[choice.key]}{when}"


def open_snooze_menu(
    parent: QWidget, corner: QPoint, snooze: Snooze, *, can_wait: bool = True
) -> QMenu:
    """Offer the moments; `snooze(None)` means until the customer has answered."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for choice in snooze_choices(now(), local_zone()):
        if choice.until is None and not can_wait:
            continue
        action = menu.addAction(snooze_words(choice))
        action.triggered.connect(lambda _=False, until=choice.until: snooze(until))
    menu.addSeparator()
    own = menu.addAction(icon("calendar"), tr("Choose a moment…"))
    own.triggered.connect(lambda: MomentDialog(parent, snooze).open())
    menu.popup(corner)
    return menu


class MomentDialog(Dialog):
    """Asks for one's own moment."""

    def __init__(self, parent: QWidget, snooze: Snooze) -> None:
        super().__init__(tr("Snooze until"), parent=parent, width=380, confirm=tr("Snooze"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._snooze = snooze
        self.moment = DateTimeField(clearable=False)
        self.moment.set_moment(now())
        self.body.addWidget(self.moment)

    def confirmed(self) -> bool:
        """Hand the moment on; it must be ahead."""
        chosen = self.moment.moment
        if chosen is None or chosen <= now():
            self.set_error(tr("Choose a moment that is still to come."))
            return False
        self._snooze(chosen)
        return True
