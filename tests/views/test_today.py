"""The Today page: what is clicked or typed is stored, and what is stored is painted."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sqlalchemy import event, select

from app.commands.activities import log_activity
from app.commands.appointments import create_appointment
from app.commands.contacts import create_contact
from app.commands.tasks import create_task
from app.commands.tickets import create_ticket
from app.history import undo_candidate, undo_step
from app.queries.today import TodayList, today_list
from app.settings import Settings
from app.workspace import Workspace
from models.clock import local, now
from models.records import Activity, Appointment, Contact, Task
from models.values import ActivityKind, TaskBucket, TicketPriority
from tests.conftest import count, read, run
from views.application import build_application
from views.context import PageContext
from views.theme import apply_theme
from views.today.appointment_dialog import AppointmentDialog
from views.today.call_dialog import CallDialog
from views.today.entries import counts_of, entries_of
from views.today.needs_delegate import action_rects
from views.today.needs_model import ENTRY, NeedsTableModel
from views.today.page import TodayPage
from views.today.task_dialog import TaskDialog

WAIT = 15_000


@pytest.fixture
def context(workspace: Workspace, qtbot: QtBot) -> Iterator[PageContext]:
    build_application(["test"])
    settings = Settings()
    settings.user_name = "Elena Novak"
    made = PageContext(workspace, settings)
    yield made
    made.close()
    made.deleteLater()


Open = Callable[[], TodayPage]


@pytest.fixture
def open_page(context: PageContext, qtbot: QtBot) -> Open:
    def opened() -> TodayPage:
        page = TodayPage(context)
        qtbot.addWidget(page)
        page.resize(1232, 900)
        page.show()
        qtbot.waitUntil(lambda: page.today is not None, timeout=WAIT)
        return page

    return opened


def late(workspace: Workspace, title: str, hours: float = 1, **more: Any) -> int:
    made: int = run(
        workspace, create_task, title=title, due_at=now() - timedelta(hours=hours), **more
    )
    return made


def titles(page: TodayPage) -> list[str]:
    return [entry.title for entry in page.needs.view.entries.entries]


def rows(page: TodayPage) -> list[str]:
    return [e.title for e in page.needs.view.entries.entries if e.kind != "group"]


def one(workspace: Workspace, column: Any) -> Any:
    return read(workspace, lambda session: session.scalars(select(column)).one())


def test_space_ticks_off_what_is_chosen_and_undo_brings_it_back(
    workspace: Workspace, open_page: Open, qtbot: QtBot
) -> None:
    late(workspace, "Send quote", 30)
    late(workspace, "Call Nadia", 2)
    page = open_page()
    assert titles(page) == ["Overdue", "Send quote", "Call Nadia"]
    toasts: list[Any] = []
    page.context.toast_requested.connect(toasts.append)
    qtbot.keyClick(page.needs.view, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: rows(page) == ["Call Nadia"], timeout=WAIT)
    chosen = page.needs.view.current_entry()
    assert chosen is not None
    assert chosen.title == "Call Nadia"
    qtbot.waitUntil(lambda: len(toasts) == 1, timeout=WAIT)
    workspace.change("Undo", undo_step, step=toasts[0].undo_step)
    qtbot.waitUntil(lambda: rows(page) == ["Send quote", "Call Nadia"], timeout=WAIT)


def test_only_the_chosen_row_has_buttons_and_they_work(
    workspace: Workspace, open_page: Open, qtbot: QtBot
) -> None:
    late(workspace, "Send quote", 30)
    late(workspace, "Call Nadia", 2)
    page = open_page()
    view = page.needs.view
    index = view.entries.index(2)
    rect = QRectF(view.visualRect(index))
    done = next(r for a, r in action_rects(index.data(ENTRY), rect) if a.key == "done")
    place = done.center().toPoint()
    # The first click only chooses: the button was not there when the mouse went down.
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert view.currentIndex().row() == 2
    assert read(workspace, lambda s: s.scalars(select(Task.done_at)).all()) == [None, None]
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: rows(page) == ["Send quote"], timeout=WAIT)


def test_the_circle_ticks_off_at_once(workspace: Workspace, open_page: Open, qtbot: QtBot) -> None:
    late(workspace, "Send quote", 30)
    late(workspace, "Call Nadia", 2)
    page = open_page()
    view = page.needs.view
    rect = view.visualRect(view.entries.index(2))
    circle = QPoint(rect.left() + 27, rect.center().y())
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=circle)
    qtbot.waitUntil(lambda: rows(page) == ["Send quote"], timeout=WAIT)


def test_s_offers_to_snooze(workspace: Workspace, open_page: Open, qtbot: QtBot) -> None:
    person = run(workspace, create_contact, name="Nadia Petrova")
    late(workspace, "Call Nadia", contact_id=person)
    page = open_page()
    qtbot.keyClick(page.needs.view, Qt.Key.Key_S)
    menu = page.actions_of_rows.menu
    assert menu is not None
    words = [action.text().split("\t")[0] for action in menu.actions() if action.text()]
    assert words[:2] == ["10 minutes", "1 hour"]
    assert words[-2:] == ["Until answered", "Choose a moment…"]
    before = now()
    menu.actions()[1].trigger()
    menu.close()
    qtbot.waitUntil(lambda: one(workspace, Task.due_at) > before, timeout=WAIT)
    assert timedelta(minutes=59) < one(workspace, Task.due_at) - before < timedelta(minutes=61)


def test_j_and_k_walk_over_headers(workspace: Workspace, open_page: Open, qtbot: QtBot) -> None:
    late(workspace, "Call Nadia")
    run(workspace, create_ticket, subject="Down", priority=TicketPriority.URGENT)
    page = open_page()
    if "Tickets close to breach" not in titles(page):  # at night two working hours are far
        pytest.skip("no ticket is close at this hour")
    view = page.needs.view
    qtbot.keyClick(view, Qt.Key.Key_J)
    entry = view.current_entry()
    assert entry is not None
    assert entry.kind == "ticket"
    qtbot.keyClick(view, Qt.Key.Key_J)
    assert view.current_entry() == entry
    qtbot.keyClick(view, Qt.Key.Key_K)
    assert view.currentIndex().row() == 1


def test_a_typed_day_becomes_the_due_day(
    workspace: Workspace, open_page: Open, qtbot: QtBot
) -> None:
    run(workspace, create_contact, name="Nadia Petrova")
    page = open_page()
    page.new_record()
    dialog = page.actions_of_rows.dialog
    assert isinstance(dialog, TaskDialog)
    qtbot.keyClicks(dialog.title_edit, "call back in 3 days")
    assert dialog.whole_day.isChecked()
    qtbot.keyClick(dialog.title_edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: count(workspace, Task) == 1, timeout=WAIT)
    assert one(workspace, Task.title) == "call back"
    due = local(one(workspace, Task.due_at))
    assert due.date() == local(now()).date() + timedelta(days=3)
    assert one(workspace, Task.due_all_day)
    folds = page.needs.folds
    qtbot.waitUntil(lambda: sum(fold.count for fold in folds.values()) == 1, timeout=WAIT)


def test_an_empty_title_is_told_beside_the_field(
    workspace: Workspace, open_page: Open, qtbot: QtBot
) -> None:
    page = open_page()
    page.new_record()
    dialog = page.actions_of_rows.dialog
    assert isinstance(dialog, TaskDialog)
    dialog.try_confirm()
    qtbot.waitUntil(lambda: dialog.form.rows["title"].error_text() != "", timeout=WAIT)
    assert dialog.isVisible()
    assert dialog.confirm_button.isEnabled()
    dialog.reject()
    assert count(workspace, Task) == 0


def test_a_contract_rule_from_the_form(workspace: Workspace, open_page: Open, qtbot: QtBot) -> None:
    page = open_page()
    page.actions_of_rows.new_task("Propose renewal")
    dialog = page.actions_of_rows.dialog
    assert isinstance(dialog, TaskDialog)
    end = local(now()).date() + timedelta(days=100)
    dialog.repeat.choice.set_value("before")
    dialog.repeat.choice.value_changed.emit("before")
    dialog.repeat.end.choose(end)
    dialog.try_confirm()
    qtbot.waitUntil(lambda: count(workspace, Task) == 1, timeout=WAIT)
    assert one(workspace, Task.repeat_rule).endswith("X-BEFORE=30")
    assert local(one(workspace, Task.due_at)).date() == end - timedelta(days=30)


def test_changing_a_task_keeps_what_was_not_touched(
    workspace: Workspace, open_page: Open, qtbot: QtBot
) -> None:
    task = late(workspace, "Send quote", remind_minutes_before=60, repeat_rule="FREQ=DAILY")
    due = one(workspace, Task.due_at)
    page = open_page()
    page.arrive("task", task)
    qtbot.waitUntil(lambda: page.actions_of_rows.dialog is not None, timeout=WAIT)
    dialog = page.actions_of_rows.dialog
    assert isinstance(dialog, TaskDialog)
    qtbot.waitUntil(lambda: dialog.owner.value == workspace.user_id, timeout=WAIT)
    dialog.title_edit.setText("Send the new quote")
    dialog.try_confirm()
    qtbot.waitUntil(lambda: one(workspace, Task.title) == "Send the new quote", timeout=WAIT)
    assert one(workspace, Task.repeat_rule) == "FREQ=DAILY"
    assert abs(one(workspace, Task.due_at) - due) < timedelta(minutes=1)


def test_logging_a_call_with_its_next_step(
    workspace: Workspace, open_page: Open, qtbot: QtBot
) -> None:
    person = run(workspace, create_contact, name="Nadia Petrova")
    page = open_page()
    assert page.begin("call", "contact", person)
    qtbot.waitUntil(lambda: page.actions_of_rows.dialog is not None, timeout=WAIT)
    dialog = page.actions_of_rows.dialog
    assert isinstance(dialog, CallDialog)
    dialog.notes.setPlainText("Asks for the delivery window")
    dialog.next.setText("Call back in 3 days")
    dialog.try_confirm()
    qtbot.waitUntil(lambda: count(workspace, Activity) == 1, timeout=WAIT)
    assert one(workspace, Activity.kind) is ActivityKind.CALL
    assert one(workspace, Task.title) == "Call back"
    assert one(workspace, Task.contact_id) == person
    qtbot.waitUntil(lambda: len(page.recent.list.rows) == 1, timeout=WAIT)
    user, process = workspace.user_id, workspace.database.process
    step = read(workspace, undo_candidate, user, process=process)
    assert step is not None
    workspace.change("Undo", undo_step, step=step.n)
    assert (count(workspace, Activity), count(workspace, Task)) == (0, 0)


def test_a_call_needs_a_person(workspace: Workspace, open_page: Open) -> None:
    page = open_page()
    page.actions_of_rows.log_call()
    dialog = page.actions_of_rows.dialog
    assert isinstance(dialog, CallDialog)
    dialog.try_confirm()
    assert dialog.form.rows["contact_id"].error_text() != ""
    dialog.reject()
    assert count(workspace, Activity) == 0


def test_a_new_appointment_shows_in_the_day(
    workspace: Workspace, open_page: Open, qtbot: QtBot
) -> None:
    late(workspace, "Something")
    page = open_page()
    page.add_appointment.click()
    dialog = page.actions_of_rows.dialog
    assert isinstance(dialog, AppointmentDialog)
    dialog.title_edit.setText("Demo for Helio Energy")
    moment = local(now()).replace(hour=12, minute=0, second=0, microsecond=0)
    dialog.starts.set_moment(moment)
    dialog.try_confirm()
    qtbot.waitUntil(lambda: count(workspace, Appointment) == 1, timeout=WAIT)
    qtbot.waitUntil(lambda: len(page.day.rows) == 1, timeout=WAIT)
    [(row, rect)] = page.day.places()
    opened: list[Any] = []
    page.day.opened.connect(opened.append)
    qtbot.mouseClick(page.day, Qt.MouseButton.LeftButton, pos=rect.center().toPoint())
    assert opened == [row]


def test_appointments_at_one_time_stand_beside_each_other(
    workspace: Workspace, open_page: Open
) -> None:
    noon = local(now()).replace(hour=12, minute=0, second=0, microsecond=0)
    for minutes in (0, 10):
        starts = noon + timedelta(minutes=minutes)
        run(workspace, create_appointment, title="Demo", starts_at=starts)
    page = open_page()
    first, second = (rect for _, rect in page.day.places())
    assert not first.intersects(second)


def test_what_others_store_appears(workspace: Workspace, open_page: Open, qtbot: QtBot) -> None:
    late(workspace, "Send quote")
    page = open_page()
    late(workspace, "From elsewhere", 2)
    qtbot.waitUntil(lambda: rows(page) == ["From elsewhere", "Send quote"], timeout=WAIT)
    chosen = page.needs.view.current_entry()
    assert chosen is not None
    assert chosen.title == "Send quote"  # the choice stays with its task


def test_filters_and_folds(workspace: Workspace, open_page: Open, qtbot: QtBot) -> None:
    late(workspace, "Send quote")
    run(workspace, create_task, title="Some day")
    page = open_page()
    page.needs.folds[TaskBucket.LATER].setChecked(True)
    qtbot.waitUntil(lambda: rows(page) == ["Send quote", "Some day"], timeout=WAIT)
    page.needs.chips.chips[2].click()
    assert rows(page) == []
    state = page.save_state()
    assert state == {"filter": "ticket", "unfolded": ["later"]}
    other = open_page()
    other.restore_state(state)
    assert other.needs.chips.value == "ticket"
    other.restore_state({"filter": 7, "unfolded": ["nonsense"]})
    assert other.needs.chips.value == "ticket"


def test_the_first_run_offers_demo_and_import(
    workspace: Workspace, open_page: Open, qtbot: QtBot
) -> None:
    page = open_page()
    assert page.stack.currentWidget() is page.first_run
    targets: list[Any] = []
    page.context.navigation_requested.connect(targets.append)
    page.first_run.empty.secondary_clicked.emit()
    assert [target.page for target in targets] == ["import"]
    page.first_run.empty.primary_clicked.emit()
    assert page.first_run.progress.isVisible()
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.work, timeout=60_000)
    assert count(workspace, Contact) > 100
    assert rows(page)


def test_the_model_keeps_qts_rules(workspace: Workspace, qtbot: QtBot) -> None:
    late(workspace, "Send quote")
    run(workspace, create_task, title="Some day")
    today: TodayList = read(workspace, today_list, workspace.user_id)
    model = NeedsTableModel()
    fatal = QAbstractItemModelTester.FailureReportingMode.Fatal
    tester = QAbstractItemModelTester(model, fatal)
    model.set_entries(entries_of(today))
    assert model.rowCount() == 2
    assert not model.flags(model.index(0)) & Qt.ItemFlag.ItemIsSelectable
    model.set_entries(entries_of(today))
    model.set_entries(entries_of(today, "ticket"))
    assert model.rowCount() == 0
    assert counts_of(today) == {"all": 1, "task": 1, "ticket": 0, "deal": 0}
    del tester


def test_the_page_reads_with_a_fixed_number_of_statements(workspace: Workspace) -> None:
    def statements() -> int:
        seen: list[str] = []

        def note(_c: Any, _cur: Any, text: str, *_rest: Any) -> None:
            seen.append(text)

        engine = workspace.database.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            read(workspace, today_list, workspace.user_id)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len([text for text in seen if text.lstrip().upper().startswith("SELECT")])

    person = run(workspace, create_contact, name="Nadia Petrova", phone="+49 30 5557 0101")
    late(workspace, "First", contact_id=person)
    run(workspace, log_activity, kind=ActivityKind.NOTE, body="Hello", contact_id=person)
    few = statements()
    for number in range(20):
        other = run(workspace, create_contact, name=f"Person {number}", phone="+49 30 5557 01")
        late(workspace, f"More {number}", contact_id=other)
    assert statements() == few


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [768, 1232])
def test_every_row_and_card_paints(
    workspace: Workspace, open_page: Open, theme: str, width: int
) -> None:
    late(workspace, "Send quote", 30, repeat_rule="FREQ=YEARLY")
    run(workspace, create_appointment, title="Demo", starts_at=now(), location="Teams")
    page = open_page()
    apply_theme(QApplication.instance(), theme)  # type: ignore[arg-type]
    page.resize(width, 652)
    picture = page.grab().toImage()
    assert not picture.isNull()
    assert page.side.horizontalScrollBar().maximum() == 0
    index = page.needs.view.entries.index(1)
    rect = QRectF(page.needs.view.visualRect(index))
    for _, place in action_rects(index.data(ENTRY), rect):
        assert place.left() > rect.left() + 150  # room for the title
        assert rect.contains(QPointF(place.center()))
    apply_theme(QApplication.instance(), "light")  # type: ignore[arg-type]


def test_greeting_follows_the_hour() -> None:
    from views.today.words import greeting

    day = datetime(2026, 11, 23, tzinfo=UTC)
    hours = {hour: greeting("Elena Novak", day.replace(hour=hour)) for hour in (3, 22)}
    assert all("Elena" in words for words in hours.values())
    assert greeting("", day).startswith("Good")
