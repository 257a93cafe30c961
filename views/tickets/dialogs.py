"""The dialogs of the page: a new ticket, merging, rating, keeping a canned reply."""

from typing import Any

from PySide6.QtWidgets import QWidget

from app.commands.canned_replies import PLACEHOLDERS, ReplyScope, create_canned_reply
from app.commands.ticket_merge import merge_tickets
from app.commands.tickets import create_ticket, rate_ticket
from app.errors import UserError
from app.queries.lookups import Option, company_options, contact_options
from app.queries.tickets import Queue, TicketFilter
from models.values import TicketPriority, TicketType
from views.context import PageContext
from views.operations import Operation
from views.shared.chips import DropDown
from views.shared.dialogs import Dialog
from views.shared.forms import RecordForm, RelationPicker, line_edit, text_area
from views.shared.labels import Label
from views.shared.text import tr, translate_error
from views.tickets.searches import search_with, ticket_search
from views.tickets.words import PRIORITIES, priority_words, type_words


class _FormDialog(Dialog):
    """A dialog over one form, which shows what a command refuses beside its field."""

    def __init__(self, context: PageContext, parent: QWidget, title: str, confirm: str) -> None:
        super().__init__(title, "", parent, width=520, confirm=confirm)
        self.context = context
        self.result_value: Any = None
        self.form = RecordForm(label_width=96)
        self.body.addWidget(self.form)

    def run(self, label: str, command: Any, toast: str, **fields: Any) -> Operation:
        """Start the command; close when it is done."""
        self.form.clear_errors()
        self.set_error("")
        self.set_busy(True)
        operation = Operation(self, label, command, **fields)
        return operation.then(self._done).or_else(self._refuse).toast(toast)

    def _done(self, value: object) -> None:
        self.result_value = value
        self.accept()

    def _refuse(self, error: UserError) -> None:
        self.set_busy(False)
        if not self.form.show_user_error(error):
            self.set_error(translate_error(error))


class NewTicketDialog(_FormDialog):
    """What a ticket needs at the start."""

    def __init__(
        self, context: PageContext, parent: QWidget, users: list[Option], **given: Any
    ) -> None:
        super().__init__(context, parent, tr("New ticket"), tr("Create ticket"))
        self.subject = line_edit(tr("What it is about"), limit=500)
        self.message = text_area(tr("What the customer wrote or said"), rows=5)
        self.contact = RelationPicker(search_with(self, contact_options), tr("Who asks"))
        self.company = RelationPicker(search_with(self, company_options), tr("Their company"))
        self.priority, self.kind, self.owner = DropDown(), DropDown(), DropDown(tr("Owner"))
        self.priority.set_items([(p, priority_words(p).text) for p in PRIORITIES])
        self.priority.set_value(TicketPriority.NORMAL)
        self.kind.set_items([(kind, type_words(kind)) for kind in TicketType])
        self.owner.set_items([(None, tr("Nobody yet")), *((u.id, u.label) for u in users)])
        self.owner.set_value(context.user_id)
        self.category = line_edit(tr("Such as Delivery or Billing"), limit=120)
        self.form.add_row("subject", tr("Subject"), self.subject, required=True)
        self.form.add_row("body", tr("Message"), self.message)
        self.form.add_row("contact_id", tr("Contact"), self.contact)
        self.form.add_row("company_id", tr("Company"), self.company)
        self.form.add_row("priority", tr("Priority"), self.priority)
        self.form.add_row("type", tr("Type"), self.kind)
        self.form.add_row("owner_id", tr("Owner"), self.owner)
        self.form.add_row("category", tr("Category"), self.category)
        if given.get("contact_id") is not None:
            self.contact.set_selected(given["contact_id"], given.get("contact_name", ""))
        self.form.focus_first()

    def confirmed(self) -> bool:
        """Create the ticket; the dialog closes when it is stored."""
        self.run(
            "New ticket",
            create_ticket,
            tr("Ticket created"),
            subject=self.subject.text(),
            body=self.message.toPlainText(),
            contact_id=self.contact.selected_id,
            company_id=self.company.selected_id,
            priority=self.priority.value,
            type=self.kind.value,
            owner_id=self.owner.value,
            category=self.category.text(),
        )
        return False


class MergeDialog(_FormDialog):
    """Choose the ticket that goes on."""

    def __init__(
        self, context: PageContext, parent: QWidget, ticket_id: int, name: str, company: int | None
    ) -> None:
        super().__init__(context, parent, tr("Merge {name}", name=name), tr("Merge"))
        self.text.set_text(
            tr("Both threads stay and are read as one, in order of time. It can be undone.")
        )
        self.text.show()
        self._ticket = ticket_id
        wanted = TicketFilter(Queue.ALL, company_id=company)
        self.target = RelationPicker(
            ticket_search(self, wanted, ticket_id), tr("Number or subject")
        )
        self.form.add_row("into_id", tr("Into ticket"), self.target, required=True)
        self.form.focus_first()

    def confirmed(self) -> bool:
        """Merge; the dialog closes when it is stored."""
        if self.target.selected_id is None:
            self.form.set_error("into_id", tr("Choose the ticket that goes on."))
            return False
        self.run(
            "Merge tickets",
            merge_tickets,
            tr("Tickets merged"),
            ticket_id=self._ticket,
            into_id=self.target.selected_id,
        )
        return False


class RateDialog(_FormDialog):
    """How content the customer was."""

    def __init__(
        self,
        context: PageContext,
        parent: QWidget,
        ticket_id: int,
        rating: int | None,
        reason: str | None,
    ) -> None:
        super().__init__(context, parent, tr("Satisfaction"), tr("Save"))
        self._ticket = ticket_id
        self.rating = DropDown()
        names = [
            tr("Very unhappy"),
            tr("Unhappy"),
            tr("Neither"),
            tr("Content"),
            tr("Very content"),
        ]
        self.rating.set_items([(n + 1, f"{n + 1} · {name}") for n, name in enumerate(names)])
        self.rating.set_value(rating or 5)
        self.reason = text_area(tr("In the customer's words"), rows=3, text=reason or "")
        self.form.add_row("satisfaction", tr("Rating"), self.rating)
        self.form.add_row("satisfaction_reason", tr("Why"), self.reason)

    def confirmed(self) -> bool:
        """Keep the rating."""
        self.run(
            "Rate ticket",
            rate_ticket,
            tr("Rating saved"),
            ticket_id=self._ticket,
            satisfaction=self.rating.value,
            reason=self.reason.toPlainText(),
        )
        return False


class KeepReplyDialog(_FormDialog):
    """Keep a text for the next time."""

    def __init__(self, context: PageContext, parent: QWidget, text: str, team: str | None) -> None:
        super().__init__(context, parent, tr("Keep as canned reply"), tr("Keep"))
        self.name = line_edit(tr("Found by typing / and a few letters"), limit=120)
        self.message = text_area("", rows=6, text=text)
        self.scope = DropDown()
        scopes = [(ReplyScope.ALL, tr("Everybody")), (ReplyScope.PERSONAL, tr("Only me"))]
        if team:
            scopes.insert(1, (ReplyScope.TEAM, tr("Team {team}", team=team)))
        self.scope.set_items(scopes)
        self._team = team
        self.form.add_row("name", tr("Name"), self.name, required=True)
        self.form.add_row("body", tr("Text"), self.message, required=True)
        self.form.add_row("scope", tr("For"), self.scope)
        places = ", ".join(f"{{{{{name}}}}}" for name in PLACEHOLDERS)
        self.body.addWidget(Label(tr("Filled in: {places}", places=places), "small", wrap=True))
        self.form.focus_first()

    def confirmed(self) -> bool:
        """Keep it."""
        self.run(
            "Keep canned reply",
            create_canned_reply,
            tr("Canned reply kept"),
            name=self.name.text(),
            body=self.message.toPlainText(),
            scope=self.scope.value,
            team=self._team,
        )
        return False
