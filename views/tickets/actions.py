"""What a person can do with a ticket, each with a toast that takes it back."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from app.commands.ticket_merge import unmerge_ticket
from app.commands.tickets import (
    add_ticket_note,
    change_ticket,
    reply_to_ticket,
    resolve_ticket,
)
from app.queries.ticket_details import TicketFacts
from app.queries.tickets import TicketRow
from models.values import StatusCategory, TicketStatus
from views.operations import Operation
from views.shared.text import tr
from views.tickets.dialogs import MergeDialog, RateDialog
from views.tickets.words import status_words

_LABELS = {
    "status": "Change status",
    "priority": "Change priority",
    "type": "Change type",
    "owner_id": "Change owner",
    "team": "Change team",
    "category": "Change category",
}


class TicketActions(QObject):
    """The page's writes; the page shows what comes of them."""

    def __init__(self, page: Any) -> None:
        super().__init__(page)
        self.context = page.context
        self._page: QWidget = page

    def send(
        self,
        ticket_id: int,
        text: str,
        status: TicketStatus | None,
        *,
        note: bool,
        done: Callable[[], object],
    ) -> None:
        """Send a reply or keep a note; the draft is cleared only when it is stored."""
        if note:
            operation = Operation(
                self._page, "Add note", add_ticket_note, ticket_id=ticket_id, body=text
            ).toast(tr("Note added"))
        else:
            operation = Operation(
                self._page,
                "Reply",
                reply_to_ticket,
                ticket_id=ticket_id,
                body=text,
                then_status=status,
            ).toast(tr("Reply stored"))
        operation.then(lambda _: done())

    def change(self, row: TicketRow, key: str, value: Any) -> Operation:
        """Change one field of a ticket as it is shown."""
        return Operation(
            self._page,
            _LABELS[key],
            change_ticket,
            ticket_id=row.id,
            opened={key: getattr(row, key)},
            **{key: value},
        )

    def toggle_done(self, row: TicketRow) -> None:
        """Resolve, or reopen what is done."""
        if row.status.category is StatusCategory.DONE:
            self.set_status(row, TicketStatus.OPEN)
            return
        Operation(self._page, "Resolve ticket", resolve_ticket, ticket_id=row.id).toast(
            tr("#{number} resolved", number=row.number)
        )

    def set_status(self, row: TicketRow, status: TicketStatus) -> None:
        """Put the ticket into a status."""
        words = status_words(status).text
        self.change(row, "status", status).toast(
            tr("#{number} is {status}", number=row.number, status=words.lower())
        )

    def open_menu(self, facts: TicketFacts, place: QPoint) -> None:
        """Offer what can be done with the whole ticket."""
        row, menu = facts.row, QMenu(self._page)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        done = row.status.category is StatusCategory.DONE
        if facts.merged_into is not None:
            menu.addAction(tr("Take out of the merge")).triggered.connect(
                partial(self._unmerge, row)
            )
        else:
            for status in (TicketStatus.WAITING, TicketStatus.ON_HOLD, TicketStatus.CLOSED):
                action = menu.addAction(status_words(status).text)
                action.setEnabled(row.status is not status)
                action.triggered.connect(partial(self.set_status, row, status))
            menu.addSeparator()
            merge = menu.addAction(tr("Merge into another ticket…"))
            merge.triggered.connect(partial(self._merge, row))
        rate = menu.addAction(tr("Satisfaction…"))
        rate.setEnabled(done)
        rate.triggered.connect(partial(self._rate, facts))
        menu.popup(place)

    def _unmerge(self, row: TicketRow, _checked: bool = False) -> None:
        Operation(self._page, "Take out of merge", unmerge_ticket, ticket_id=row.id).toast(
            tr("#{number} stands alone again", number=row.number)
        )

    def _merge(self, row: TicketRow, _checked: bool = False) -> None:
        dialog = MergeDialog(self.context, self._page, row.id, f"#{row.number}", None)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _rate(self, facts: TicketFacts, _checked: bool = False) -> None:
        dialog = RateDialog(
            self.context, self._page, facts.row.id, facts.satisfaction, facts.satisfaction_reason
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
