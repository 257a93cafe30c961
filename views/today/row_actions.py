"""What the rows of the Today page do: done, snooze, plan, open, and the rest in a menu."""

from datetime import datetime
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMenu, QWidget

from app.commands.tasks import archive_tasks, complete_task, snooze_task
from app.queries.appointments import AppointmentRow, appointment_row
from app.queries.call_next import CallSuggestion
from app.queries.tasks import TaskRow, task_rows
from app.queries.today import QuietDeal, RecentActivity, TicketDue
from views.context import PageContext
from views.icons import icon
from views.operations import Lookup, Operation
from views.shared.format import moment_words
from views.shared.snooze_menu import open_snooze_menu
from views.shared.text import tr
from views.today.appointment_dialog import AppointmentDialog
from views.today.call_dialog import CallDialog
from views.today.entries import Entry
from views.today.task_dialog import TaskDialog


class RowActions(QObject):
    """Starts the operations of a page's rows and opens their dialogs."""

    task_saved = Signal(object)

    def __init__(self, context: PageContext, page: QWidget) -> None:
        super().__init__(page)
        self.context, self._page = context, page
        self.dialog: TaskDialog | AppointmentDialog | CallDialog | None = None
        self.menu: QMenu | None = None

    def run(self, action: str, entry: Entry, corner: QPoint) -> None:
        """Do what a button or key of a row asks for."""
        record = entry.record
        if isinstance(record, TaskRow):
            self._run_task(action, record, corner)
        elif isinstance(record, QuietDeal):
            deal = record.deal
            if action == "plan":
                self.new_task(links=_links(deal_id=(deal.id, deal.name)))
            elif action == "more":
                self._deal_menu(record, corner)
            elif action == "open":
                self.context.open_record("deal", deal.id)
        elif isinstance(record, TicketDue):
            if action == "more":
                self._ticket_menu(record, corner)
            elif action == "open":
                self.context.open_record("ticket", record.id)

    def _run_task(self, action: str, row: TaskRow, corner: QPoint) -> None:
        if action == "done":
            Operation(self, "Complete task", complete_task, task_id=row.id).toast(
                lambda following: (
                    tr("Done, and the next one is planned") if following else tr("Done")
                ),
                row.title,
            )
        elif action == "snooze":
            can_wait = row.contact_id is not None or row.ticket_id is not None
            self.menu = open_snooze_menu(
                self._page, corner, partial(self.snooze, row), can_wait=can_wait
            )
        elif action == "more":
            self._task_menu(row, corner)
        elif action == "open":
            self.edit_task(row)

    def snooze(self, row: TaskRow, until: datetime | None) -> None:
        """Put a task off."""
        words = tr("Snoozed until the customer answers")
        if until is not None:
            words = tr("Snoozed until {when}", when=moment_words(until))
        Operation(self, "Snooze task", snooze_task, task_id=row.id, until=until).toast(
            words, row.title
        )

    # Dialogs.

    def new_task(self, text: str = "", links: dict[str, tuple[int, str]] | None = None) -> None:
        """Open the form for a new task."""
        self._open(TaskDialog(self._page, text=text, links=links))

    def edit_task(self, row: TaskRow) -> None:
        """Open a task."""
        self._open(TaskDialog(self._page, task=row))

    def open_task(self, task_id: int) -> None:
        """Open a task by id."""
        Lookup(self, task_rows, [task_id], key="task").then(
            lambda rows: self.edit_task(rows[0]) if rows else None
        )

    def new_appointment(self) -> None:
        """Open the form for a new appointment."""
        self._open(AppointmentDialog(self._page))

    def edit_appointment(self, row: AppointmentRow) -> None:
        """Open an appointment."""
        self._open(AppointmentDialog(self._page, appointment=row))

    def open_appointment(self, appointment_id: int) -> None:
        """Open an appointment by id."""
        Lookup(self, appointment_row, appointment_id, key="appointment").then(
            lambda row: self.edit_appointment(row) if row is not None else None
        )

    def log_call(self, contact: tuple[int, str] | None = None, deal_id: int | None = None) -> None:
        """Open the form for a call."""
        self._open(CallDialog(self._page, contact=contact, deal_id=deal_id))

    def call(self, person: CallSuggestion) -> None:
        """Dial, and offer to note the call."""
        number = "".join(sign for sign in person.phone if sign.isdigit() or sign == "+")
        QDesktopServices.openUrl(QUrl(f"tel:{number}"))
        self.log_call((person.contact_id, person.name), person.deal_id)

    def open_recent(self, row: RecentActivity) -> None:
        """Show whom an activity was with."""
        for kind in ("contact", "company", "deal", "ticket"):
            record_id = getattr(row, f"{kind}_id")
            if record_id is not None:
                self.context.open_record(kind, record_id)
                return

    def _open(self, dialog: TaskDialog | AppointmentDialog | CallDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if isinstance(dialog, TaskDialog):
            dialog.saved.connect(self.task_saved)
        self.dialog = dialog
        dialog.open()

    # Menus.

    def _task_menu(self, row: TaskRow, corner: QPoint) -> None:
        items: list[tuple[str, str, Any]] = [
            ("pencil", tr("Change…"), partial(self.edit_task, row))
        ]
        if row.contact_id is not None:
            contact = (row.contact_id, row.contact_name or "")
            call = partial(self.log_call, contact, row.deal_id)
            items.append(("phone", tr("Log a call…"), call))
        items += self._links_of(row)
        items.append(("archive", tr("Put away"), partial(self._archive, row)))
        self._popup(items, corner)

    def _deal_menu(self, row: QuietDeal, corner: QPoint) -> None:
        deal = row.deal
        items: list[tuple[str, str, Any]] = [
            ("handshake", tr("Open deal"), partial(self.context.open_record, "deal", deal.id))
        ]
        if deal.contact_id is not None:
            contact = (deal.contact_id, deal.contact_name or "")
            items.append(("phone", tr("Log a call…"), partial(self.log_call, contact, deal.id)))
        self._popup(items, corner)

    def _ticket_menu(self, row: TicketDue, corner: QPoint) -> None:
        show = partial(self.context.open_record, "ticket", row.id)
        plan = partial(self.new_task, "", _links(ticket_id=(row.id, f"#{row.number}")))
        self._popup(
            [("inbox", tr("Open ticket"), show), ("calendar-plus", tr("Plan a task…"), plan)],
            corner,
        )

    def _links_of(self, row: TaskRow) -> list[tuple[str, str, Any]]:
        found: list[tuple[str, str, Any]] = []
        for kind, name, words in (
            ("contact", "user", tr("Open person")),
            ("company", "building-2", tr("Open company")),
            ("deal", "handshake", tr("Open deal")),
            ("ticket", "inbox", tr("Open ticket")),
        ):
            record_id = getattr(row, f"{kind}_id")
            if record_id is not None:
                found.append((name, words, partial(self.context.open_record, kind, record_id)))
        return found

    def _archive(self, row: TaskRow) -> None:
        Operation(self, "Put task away", archive_tasks, ids=[row.id]).toast(
            tr("Task put away"), row.title
        )

    def _popup(self, items: list[tuple[str, str, Any]], corner: QPoint) -> None:
        self.menu = QMenu(self._page)
        self.menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name, words, slot in items:
            self.menu.addAction(icon(name), words).triggered.connect(lambda _=False, s=slot: s())
        self.menu.popup(corner)


def _links(**found: tuple[int, str]) -> dict[str, tuple[int, str]]:
    return found
