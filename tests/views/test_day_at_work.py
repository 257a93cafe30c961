"""One day in the real window: find, call, sell, lose, promise, help, and take each back."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import now
from app.workspace import Workspace
from models.clock import standing_at
from models.records import Activity, Contact, Deal, Stage, Task, Ticket, TicketMessage
from models.values import ActivityKind, LostReason, StageType, TicketStatus
from tests.conftest import read, snapshot
from views.contacts.composer import Composer
from views.contacts.new_dialogs import NewContactDialog
from views.contacts.page import ContactsPage
from views.contacts.record_page import ContactRecordPage
from views.notifications.center import NotificationCenter
from views.palette.palette import Palette
from views.pipeline.column_model import encode_deals
from views.pipeline.column_view import ColumnView
from views.pipeline.lost_dialog import LostDialog
from views.pipeline.new_deal import NewDealDialog
from views.pipeline.page import PipelinePage
from views.stage import Stage as Theatre
from views.tickets.dialogs import NewTicketDialog
from views.tickets.page import TicketsPage
from views.today.page import TodayPage

CTRL = Qt.KeyboardModifier.ControlModifier
PEOPLE = (("Jürgen", "Groß", "gr"), ("محمد", "الأحمد", "مح"))


class Worker:
    """A person at the keyboard of the real window."""

    def __init__(self, stage: Theatre) -> None:
        self.stage, self.workspace, self.window = stage, stage.workspace, stage.window

    @property
    def focus(self) -> QWidget:
        if QApplication.activeWindow() is None:  # offscreen no window manager gives it back
            self.window.activateWindow()
            self.stage.settle()
        return QApplication.focusWidget() or self.window

    def press(self, key: Qt.Key, held: Any = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.focus, key, held)
        self.stage.settle()

    def enter(self, text: str) -> None:
        """Type any letters; QTest knows ASCII only."""
        for letter in text:
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, letter)
                QApplication.sendEvent(self.focus, event)
        self.stage.settle()

    def write(self, field: QWidget, text: str) -> None:
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.enter(text)

    def dialog(self, kind: type[Any]) -> Any:
        found = [w for w in self.window.findChildren(kind) if w.isVisible()]
        assert found, f"no {kind.__name__} is open"
        return found[-1]

    def go(self, page: str, kind: type[Any]) -> Any:
        shown = self.stage.go(page)
        assert isinstance(shown, kind)
        return shown

    def one(self, statement: Any) -> Any:
        def look(session: Session) -> Any:
            found = session.scalars(statement).one()
            session.expunge_all()
            return found

        return read(self.workspace, look)

    def count(self, statement: Any) -> int:
        return len(read(self.workspace, lambda session: session.scalars(statement).all()))

    def takes_back(self, act: Callable[[], object]) -> None:
        """Do something, take it back by Ctrl+Z and find all as before; do it again by Ctrl+Y."""
        before = snapshot(self.workspace)
        act()
        after = snapshot(self.workspace)
        assert after != before
        self.press(Qt.Key.Key_Z, CTRL)
        assert snapshot(self.workspace) == before
        self.press(Qt.Key.Key_Y, CTRL)
        assert snapshot(self.workspace) == after


@pytest.fixture
def worker(workspace: Workspace) -> Iterator[Worker]:
    with Theatre(workspace) as stage:
        yield Worker(stage)


@pytest.mark.parametrize(("given", "family", "letters"), PEOPLE)
def test_a_day_at_work(worker: Worker, given: str, family: str, letters: str) -> None:
    worker.takes_back(lambda: add_person(worker, given, family))
    person = worker.one(select(Contact))
    assert person.name == f"{given} {family}"

    find_person(worker, letters, person.id)
    worker.takes_back(lambda: log_call(worker))
    assert worker.one(select(Activity)).contact_id == person.id

    worker.takes_back(lambda: make_deal(worker, person.id, person.name))
    deal = worker.one(select(Deal))
    worker.takes_back(lambda: drag_deal(worker, deal.id, "Proposal"))
    assert stage_of(worker, deal.id) == "Proposal"
    worker.takes_back(lambda: lose_deal(worker, deal.id))
    lost = worker.one(select(Deal))
    assert (lost.stage_type, lost.lost_reason) == (StageType.LOST, LostReason.PRICE)

    worker.takes_back(lambda: promise_call(worker, person.id))
    see_promise_in_three_days(worker)

    worker.takes_back(lambda: log_ticket(worker))
    worker.takes_back(lambda: answer_ticket(worker))
    worker.takes_back(lambda: resolve_ticket(worker))
    assert worker.one(select(Ticket)).status is TicketStatus.RESOLVED
    read_charts(worker)


def add_person(worker: Worker, given: str, family: str) -> None:
    worker.go("contacts", ContactsPage)
    worker.press(Qt.Key.Key_N, CTRL)
    form = worker.dialog(NewContactDialog)
    worker.write(form.given, given)
    worker.write(form.family, family)
    worker.write(form.email, "office@example.com")
    worker.press(Qt.Key.Key_Return)
    worker.stage.settle(lambda: worker.count(select(Contact)) == 1)


def find_person(worker: Worker, letters: str, contact_id: int) -> None:
    worker.press(Qt.Key.Key_K, CTRL)
    palette = worker.dialog(Palette)
    assert isinstance(worker.focus, QLineEdit)
    worker.enter(letters)
    found = [entry.record for entry in palette.model.entries if entry.record is not None]
    assert {(record.kind, record.id) for record in found} == {("contact", contact_id)}
    worker.press(Qt.Key.Key_Return)
    page = worker.stage.page
    assert isinstance(page, ContactRecordPage)
    assert page.source.record_id == contact_id


def log_call(worker: Worker) -> None:
    page = worker.stage.page
    composer = page.findChild(Composer)
    assert composer is not None
    composer.begin("call")
    worker.enter("Wants the offer by Friday.")
    worker.press(Qt.Key.Key_Return, CTRL)
    call = worker.one(select(Activity))
    assert (call.kind, call.body) == (ActivityKind.CALL, "Wants the offer by Friday.")


def make_deal(worker: Worker, contact_id: int, name: str) -> None:
    worker.go("pipeline", PipelinePage)
    worker.stage.page.begin("deal", "contact", contact_id)
    worker.stage.settle()
    form = worker.dialog(NewDealDialog)
    assert form.contact.text() == name
    worker.write(form.name, "Annual renewal")
    worker.write(form.amount, "12.500")
    worker.press(Qt.Key.Key_Return)
    worker.stage.settle(lambda: worker.count(select(Deal)) == 1)
    deal = worker.one(select(Deal))
    assert (deal.contact_id, deal.amount_minor) == (contact_id, 12_500_00)


def column(worker: Worker, name: str) -> ColumnView:
    page = worker.stage.page
    assert isinstance(page, PipelinePage)
    return next(view for view in page.board_view.columns if view.column.name == name)


def drop(worker: Worker, deal_id: int, name: str) -> None:
    worker.go("pipeline", PipelinePage)
    mime, move = encode_deals([deal_id]), Qt.DropAction.MoveAction
    column(worker, name).model.dropMimeData(mime, move, 0, 0, QModelIndex())
    worker.stage.settle()


def drag_deal(worker: Worker, deal_id: int, name: str) -> None:
    drop(worker, deal_id, name)
    assert list(column(worker, name).model.ids) == [deal_id]


def stage_of(worker: Worker, deal_id: int) -> str:
    where = select(Stage.name).join(Deal, Deal.stage_id == Stage.id).where(Deal.id == deal_id)
    return str(worker.one(where))


def lose_deal(worker: Worker, deal_id: int) -> None:
    drop(worker, deal_id, "Lost")
    question = worker.dialog(LostDialog)
    assert stage_of(worker, deal_id) == "Proposal", "nothing counts before the reason is given"
    question.choices[LostReason.PRICE].click()
    question.confirm_button.click()
    worker.stage.settle()
    assert stage_of(worker, deal_id) == "Lost"


def promise_call(worker: Worker, contact_id: int) -> None:
    page = worker.stage.go("contact", "contact", contact_id)
    composer = page.findChild(Composer)
    assert composer is not None
    composer.begin("task")
    worker.enter("Call back in 3 days")
    worker.press(Qt.Key.Key_Return, CTRL)
    task = worker.one(select(Task))
    assert (task.title, task.contact_id) == ("Call back", contact_id)
    assert timedelta(days=2) < task.due_at - now() < timedelta(days=4)


def see_promise_in_three_days(worker: Worker) -> None:
    task = worker.one(select(Task))
    with standing_at(task.due_at + timedelta(days=1)):
        page = worker.go("today", TodayPage)
        page.refresh(None)
        worker.stage.settle()
        assert page.today is not None
        bell: Any = worker.window.findChild(NotificationCenter)
        bell.jobs.fire_due()
        worker.stage.settle(lambda: bool(bell.rows))
        assert [row.title for row in bell.rows] == ["Call back"]


def log_ticket(worker: Worker) -> None:
    worker.go("tickets", TicketsPage)
    worker.press(Qt.Key.Key_N, CTRL)
    form = worker.dialog(NewTicketDialog)
    worker.write(form.subject, "The lamp flickers")
    worker.write(form.message, "Since Monday.")
    form.confirm_button.click()
    worker.stage.settle(lambda: worker.count(select(Ticket)) == 1)
    assert worker.one(select(Ticket)).subject == "The lamp flickers"


def answer_ticket(worker: Worker) -> None:
    page = worker.go("tickets", TicketsPage)
    page.composer.focus_editor()
    worker.enter("A new one leaves us today.")
    worker.press(Qt.Key.Key_Return, CTRL)
    answers = select(TicketMessage).where(TicketMessage.body == "A new one leaves us today.")
    assert worker.count(answers) == 1
    assert worker.one(select(Ticket)).status is TicketStatus.WAITING


def resolve_ticket(worker: Worker) -> None:
    page = worker.go("tickets", TicketsPage)
    page.resolve()
    worker.stage.settle()


def read_charts(worker: Worker) -> None:
    page: Any = worker.stage.go("analytics")
    worker.stage.settle(lambda: all(panel.chart is not None for panel in page.panels))
    marks = [m for panel in page.panels for m in panel.canvas.marks if m.opens is not None]
    assert marks, "a lost deal stands in some chart"
    page.open_deals(marks[0].opens)
    worker.stage.settle()
    shown = worker.stage.page
    assert isinstance(shown, PipelinePage)
    assert shown.is_table
    assert shown.table_model.total == 1


def test_the_demo_begins_from_the_empty_list_too(worker: Worker) -> None:
    page = worker.go("contacts", ContactsPage)
    page.panel.demo_wanted.emit()
    assert worker.stage.settle(lambda: worker.count(select(Contact)) > 100)
    today = worker.go("today", TodayPage)
    assert worker.stage.settle(lambda: today.today is not None and today.work.isVisible())
    assert today.needs.view.model().rowCount() > 0
