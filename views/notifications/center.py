"""The bell: runs the scheduler of the window, shows what fired, and keeps it until answered."""

import contextlib
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QWidget

from app.changes import Changes
from app.commands.reminders import FiredReminder, mark_reminders_seen, snooze_reminder
from app.commands.tasks import complete_task
from app.exchange.intake_start import IntakeStarter
from app.jobs import CLOCK_SECONDS, Jobs
from app.queries.tasks import NotificationRow, notification_rows
from views.notifications.popup import MARGIN, NotificationPopup
from views.notifications.tray import Tray
from views.notifications.words import MOST_SINGLE, detail, summary
from views.operations import Lookup, Operation
from views.shared import paint
from views.shared.buttons import IconButton
from views.shared.format import moment_words
from views.shared.snooze_menu import open_snooze_menu
from views.shared.text import tr, tr_n

if TYPE_CHECKING:
    from views.context import PageContext

KINDS: Final = ("reminder", "task", "appointment", "user")


class NotificationCenter(IconButton):
    """A bell with the number of waiting reminders; a click opens the list."""

    _fired = Signal(object)

    def __init__(self, context: "PageContext", parent: QWidget | None = None) -> None:
        super().__init__("bell", tr("Reminders"), parent, size=32)
        self.context = context
        self.rows: list[NotificationRow] = []
        self.snooze_menu: QMenu | None = None
        self.popup = NotificationPopup(self)
        self.popup.cleared.connect(self.dismiss_all)
        self.tray = Tray(self)
        self.tray.clicked.connect(self._show_window)
        # From the scheduler's threads to this one; the job holds only the signal's emit.
        self._fired.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        self.jobs = Jobs(context.workspace, partial(_emit, self._fired.emit))
        self._clock = QTimer(self)
        self._clock.setInterval(CLOCK_SECONDS * 1000)
        self._clock.timeout.connect(self.jobs.check_clock)
        self._clock.start()
        self.clicked.connect(self.open_list)
        context.changed.connect(self._note)
        context.user_changed.connect(self._change_user)
        self.jobs.start()
        self.intake = context.intake = IntakeStarter(context.workspace, self.jobs.leases)
        self.intake.start()
        self.load()

    def stop(self) -> None:
        """End the scheduler; the window calls this before it lets go of the workspace.

        Not a slot on `destroyed`: PySide calls those with receivers that are gone already.
        """
        self.intake.stop()
        self.jobs.shutdown()

    def load(self) -> None:
        """Read what waits."""
        Lookup(self, notification_rows, self.context.user_id, key="rows").then(self._show)

    def open_list(self) -> None:
        """Open the list under the bell."""
        corner = self.mapToGlobal(QPoint(0, self.height() + 4))
        self.popup.move(corner - QPoint(MARGIN, MARGIN))
        self.popup.show()

    def dismiss_all(self) -> None:
        """Take everything out of the list."""
        ids = [row.id for row in self.rows]
        self.popup.hide()
        if ids:
            words = tr_n("{n} reminder dismissed", "{n} reminders dismissed", len(ids))
            Operation(self, "Dismiss reminders", mark_reminders_seen, ids=ids).toast(words)

    def _show(self, rows: list[NotificationRow]) -> None:
        self.rows = rows
        words = tr_n("{n} reminder waits", "{n} reminders wait", len(rows))
        self.set_tooltip(words if rows else tr("Reminders"))
        for item in self.popup.show_rows(rows):
            item.done.connect(self._done)
            item.snoozed.connect(self._offer_snooze)
            item.opened.connect(self._open)
            item.dismissed.connect(self._dismiss)
        self.update()

    def _done(self, row: NotificationRow) -> None:
        Operation(self, "Complete task", complete_task, task_id=row.record_id).toast(
            tr("Done"), row.title
        )

    def _offer_snooze(self, row: NotificationRow, corner: QPoint) -> None:
        can_wait = row.kind == "task" and row.contact_name is not None
        snooze = partial(self._snooze, row)
        self.snooze_menu = open_snooze_menu(self.popup, corner, snooze, can_wait=can_wait)

    def _snooze(self, row: NotificationRow, until: datetime | None) -> None:
        words = tr("Snoozed until the customer answers")
        if until is not None:
            words = tr("Snoozed until {when}", when=moment_words(until))
        Operation(self, "Snooze reminder", snooze_reminder, reminder_id=row.id, until=until).toast(
            words, row.title
        )

    def _open(self, row: NotificationRow) -> None:
        self.popup.hide()
        self.context.open_record(row.kind, row.record_id)
        Operation(self, "Dismiss reminder", mark_reminders_seen, ids=[row.id], undoable=False)

    def _dismiss(self, row: NotificationRow) -> None:
        Operation(self, "Dismiss reminder", mark_reminders_seen, ids=[row.id]).toast(
            tr("Reminder dismissed"), row.title
        )

    def _tell(self, fired: list[FiredReminder]) -> None:
        """Show what has just fired: each, or one summary when there are more than five."""
        if len(fired) > MOST_SINGLE:
            title, text = summary(fired)
            self.context.toast(title, detail=text)
        else:
            for one in reversed(fired):  # the newest is told last and lies on top
                self.context.toast(one.title, detail=detail(one))
        if fired:
            self.tray.show_message(*summary(fired))
        self.load()

    def _note(self, changes: Changes) -> None:
        if changes.touches(*KINDS):
            self.load()

    def _change_user(self) -> None:
        self.jobs.fire_due()
        self.load()

    def _show_window(self) -> None:
        window = self.window()
        window.showNormal()
        window.raise_()
        window.activateWindow()
        self.open_list()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bell, and how many wait."""
        super().paintEvent(event)
        if self.rows:
            painter = QPainter(self)
            box = QRectF(self.width() - 17, 1, 16, 16)
            count = str(len(self.rows)) if len(self.rows) < 10 else "9+"
            paint.rounded(painter, box, 8, "bad")
            paint.draw_text(
                painter,
                box,
                count,
                size=10,
                weight=600,
                color="surface",
                align=paint.CENTER,
                elide=False,
            )


def _emit(emit: Callable[[list[FiredReminder]], None], fired: list[FiredReminder]) -> None:
    with contextlib.suppress(RuntimeError):  # the window went while a job was running
        emit(fired)
