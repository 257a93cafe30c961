"""The Tickets tab: what is clicked is stored and shown again."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.commands.canned_replies import create_canned_reply
from app.commands.tickets import create_ticket, receive_customer_message
from app.queries.tickets import Queue
from app.workspace import Workspace
from models.records import Ticket
from models.values import MessageKind, TicketPriority, TicketStatus
from tests.conftest import read, run
from views.context import PageContext
from views.tickets.dialogs import NewTicketDialog
from views.tickets.page import TicketsPage


@pytest.fixture
def tickets(workspace: Workspace) -> list[int]:
    fields = {"owner_id": workspace.user_id, "body": "Please help"}
    return [run(workspace, create_ticket, subject=f"Case {n}", **fields) for n in range(3)]


@pytest.fixture
def page(qtbot: QtBot, workspace: Workspace, tickets: list[int]) -> Iterator[TicketsPage]:
    context = PageContext(workspace)
    page = TicketsPage(context)
    page.resize(1232, 900)
    page.show()
    qtbot.waitUntil(lambda: page._facts is not None and page.panel.model.total == 3)
    yield page
    page.close()
    page.deleteLater()
    context.close()


def status(page: TicketsPage, ticket_id: int) -> TicketStatus:
    def load(session: Any) -> TicketStatus:
        found: TicketStatus = session.get(Ticket, ticket_id).status
        return found

    return read(page.context.workspace, load)


def shown_kinds(page: TicketsPage) -> list[MessageKind]:
    return [row.kind for row in page.conversation.view._shown]


def test_a_reply_is_stored_and_shown(qtbot: QtBot, page: TicketsPage) -> None:
    ticket = page._current
    assert ticket is not None
    page.composer.focus_editor()
    page.composer.editor.setPlainText("We are on it.")
    qtbot.keyClick(page.composer.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: MessageKind.REPLY in shown_kinds(page))
    assert status(page, ticket) is TicketStatus.WAITING
    qtbot.waitUntil(lambda: page.composer.editor.toPlainText() == "")


def test_a_note_leaves_the_status(qtbot: QtBot, page: TicketsPage) -> None:
    ticket = page._current
    assert ticket is not None
    page.composer.focus_editor(note=True)
    page.composer.editor.setPlainText("Same as last week.")
    page.composer.send()
    qtbot.waitUntil(lambda: MessageKind.NOTE in shown_kinds(page))
    assert status(page, ticket) is TicketStatus.NEW


def test_priority_is_changed_where_it_stands(qtbot: QtBot, page: TicketsPage) -> None:
    page.facts.fields["priority"].set_value(TicketPriority.URGENT)
    qtbot.waitUntil(
        lambda: page._facts is not None and page._facts.row.priority is TicketPriority.URGENT
    )
    qtbot.waitUntil(lambda: MessageKind.SYSTEM in shown_kinds(page))


def test_resolving_takes_it_out_of_the_queue(qtbot: QtBot, page: TicketsPage) -> None:
    ticket = page._current
    assert ticket is not None
    page.resolve()
    qtbot.waitUntil(lambda: page.panel.model.row_of(ticket) < 0)
    assert status(page, ticket) is TicketStatus.RESOLVED


def test_j_and_k_walk_the_list(qtbot: QtBot, page: TicketsPage) -> None:
    page.panel.list.select_row(0)
    qtbot.keyClick(page.panel.list, Qt.Key.Key_J)
    assert page.panel.list.currentIndex().row() == 1
    qtbot.keyClick(page.panel.list, Qt.Key.Key_K)
    assert page.panel.list.currentIndex().row() == 0


def test_drafts_stay_with_their_ticket(qtbot: QtBot, page: TicketsPage) -> None:
    page.panel.list.select_row(0)
    first = page.panel.list.current_id()
    qtbot.waitUntil(lambda: page.composer._ticket == first)
    page.composer.editor.setPlainText("Half an answer")
    page.panel.list.step(1)
    qtbot.waitUntil(lambda: page.composer._ticket != first)
    assert page.composer.editor.toPlainText() == ""
    page.panel.list.step(-1)
    qtbot.waitUntil(lambda: page.composer._ticket == first)
    assert page.composer.editor.toPlainText() == "Half an answer"


def test_a_slash_offers_canned_replies(qtbot: QtBot, page: TicketsPage) -> None:
    run(
        page.context.workspace, create_canned_reply, name="Rollback steps",
        body="Hello {{name}}, this is {{my_first_name}} about #{{number}}.",
    )  # fmt: skip
    qtbot.waitUntil(lambda: len(page.composer._replies) == 1)
    page.composer.focus_editor()
    qtbot.keyClicks(page.composer.editor, "Hi /roll")
    assert page.composer.editor.offering
    qtbot.keyClick(page.composer.editor, Qt.Key.Key_Tab)
    assert page._facts is not None
    number = page._facts.row.number
    text = page.composer.editor.toPlainText()
    assert text == f"Hi Hello , this is Elena about #{number}."


def test_what_a_customer_writes_meanwhile_appears(
    qtbot: QtBot, page: TicketsPage, workspace: Workspace
) -> None:
    ticket = page._current
    assert ticket is not None
    before = len(shown_kinds(page))
    run(workspace, receive_customer_message, ticket_id=ticket, body="Any news?")
    qtbot.waitUntil(lambda: len(shown_kinds(page)) == before + 1)


def test_a_new_ticket_is_made_and_shown(qtbot: QtBot, page: TicketsPage) -> None:
    page.new_record()
    dialog = page.findChild(NewTicketDialog)
    assert dialog is not None
    dialog.try_confirm()
    qtbot.waitUntil(dialog.confirm_button.isEnabled)
    assert dialog.isVisible()  # the subject is missing
    dialog.subject.setText("Printer on fire")
    dialog.try_confirm()
    qtbot.waitUntil(
        lambda: page._facts is not None and page._facts.row.subject == "Printer on fire"
    )


def test_an_empty_queue_says_what_belongs_there(qtbot: QtBot, page: TicketsPage) -> None:
    page.arrive(None, None, queue=Queue.CLOSED.value)
    qtbot.waitUntil(lambda: page.panel.stack.currentIndex() == 1)
    page.arrive(None, None, queue=Queue.OPEN.value)
    qtbot.waitUntil(lambda: page.panel.stack.currentIndex() == 0)


def test_facts_then_queues_fold_when_it_gets_narrow(page: TicketsPage) -> None:
    assert page.facts.isVisible()
    page.resize(900, 700)
    assert not page.facts.isVisible()
    assert page.queues.isVisible()
    page.resize(816, 700)
    assert not page.queues.isVisible()


def test_the_state_comes_back(page: TicketsPage) -> None:
    page.restore_state({"queue": "open", "sort": "newest", "team": None})
    saved = page.save_state()
    assert (saved["queue"], saved["sort"]) == ("open", "newest")
    page.restore_state({"queue": "nonsense"})
    assert page.save_state()["queue"] == "mine"


def test_the_list_keeps_the_rules_of_qt_models(qtbot: QtBot, page: TicketsPage) -> None:
    tester = QAbstractItemModelTester(
        page.panel.model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    page.panel.order.set_value("newest")
    qtbot.waitUntil(lambda: not page.panel.model._reading_ids)
    assert tester.model() is page.panel.model
