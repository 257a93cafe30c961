"""The bell: what fires is told, stays until answered, and comes after the program was closed."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from app.commands.appointments import create_appointment
from app.commands.tasks import create_task
from app.commands.users import create_user
from app.queries.tasks import notification_rows
from app.settings import Settings
from app.workspace import Workspace
from models.clock import now
from models.records import Reminder, Task
from tests.conftest import USER, read, run
from views.application import build_application
from views.context import PageContext, ToastRequest
from views.notifications.center import NotificationCenter
from views.notifications.tray import Tray
from views.notifications.words import summary

WAIT = 15_000


class Window:
    """A workspace with its context and bell, closed in the program's order."""

    def __init__(self, path: Path, qtbot: QtBot) -> None:
        self.workspace = Workspace.open(path, user_name=USER, watch=False)
        self.context = PageContext(self.workspace, Settings())
        self.toasts: list[ToastRequest] = []
        self.targets: list[Any] = []
        self.context.toast_requested.connect(self.toasts.append)
        self.context.navigation_requested.connect(self.targets.append)
        self.parent = QWidget()
        qtbot.addWidget(self.parent)
        self.bell = NotificationCenter(self.context, self.parent)

    def close(self) -> None:
        self.bell.jobs.shutdown()
        self.context.close()
        self.workspace.close()


OpenWindow = Callable[[], Window]


@pytest.fixture
def open_window(workspace_path: Path, qtbot: QtBot) -> Iterator[OpenWindow]:
    build_application(["test"])
    opened: list[Window] = []

    def make() -> Window:
        opened.append(Window(workspace_path, qtbot))
        return opened[-1]

    yield make
    for window in opened:
        window.close()


def task(workspace: Workspace, title: str, seconds: float = -1) -> int:
    made: int = run(workspace, create_task, title=title, due_at=now() + timedelta(seconds=seconds))
    return made


def test_a_due_task_is_told_and_listed(open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window()
    task(window.workspace, "Call back", 0.2)
    qtbot.waitUntil(lambda: [t.text for t in window.toasts] == ["Call back"], timeout=WAIT)
    qtbot.waitUntil(lambda: [r.title for r in window.bell.rows] == ["Call back"], timeout=WAIT)
    assert "1" in window.bell.toolTip()
    assert not window.bell.grab().isNull()


def test_missed_while_closed_is_one_summary_when_more_than_five(
    open_window: OpenWindow, workspace_path: Path, qtbot: QtBot
) -> None:
    before = Workspace.open(workspace_path, user_name=USER, watch=False)
    for number in range(6):
        task(before, f"Missed {number}", -60 + number)
    before.close()
    window = open_window()
    qtbot.waitUntil(lambda: len(window.bell.rows) == 6, timeout=WAIT)
    assert [toast.text for toast in window.toasts] == ["6 reminders"]
    assert window.toasts[0].detail == "Missed 5, Missed 4, Missed 3 and 3 more"


def test_five_are_told_each_and_only_once(
    open_window: OpenWindow, workspace_path: Path, qtbot: QtBot
) -> None:
    before = Workspace.open(workspace_path, user_name=USER, watch=False)
    for number in range(5):
        task(before, f"Missed {number}", -60 + number)
    before.close()
    first = open_window()
    qtbot.waitUntil(lambda: len(first.toasts) == 5, timeout=WAIT)
    assert first.toasts[-1].text == "Missed 4"  # the newest lies on top
    first.close()
    second = open_window()
    qtbot.waitUntil(lambda: len(second.bell.rows) == 5, timeout=WAIT)
    task(second.workspace, "New", 0.1)
    qtbot.waitUntil(lambda: [t.text for t in second.toasts] == ["New"], timeout=WAIT)


def test_done_from_the_list(open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window()
    task(window.workspace, "Call back")
    qtbot.waitUntil(lambda: len(window.bell.popup.items) == 1, timeout=WAIT)
    window.bell.popup.items[0].done_button.click()
    qtbot.waitUntil(lambda: window.bell.rows == [], timeout=WAIT)
    done = read(window.workspace, lambda s: s.scalars(select(Task.done_at)).one())
    assert done is not None
    # The list may hear of it before the toast, and the reminder be told of after it.
    qtbot.waitUntil(lambda: any(toast.undo_step for toast in window.toasts), timeout=WAIT)


def test_snooze_from_the_list(open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window()
    task(window.workspace, "Call back")
    qtbot.waitUntil(lambda: len(window.bell.popup.items) == 1, timeout=WAIT)
    window.bell.open_list()
    window.bell.popup.items[0].snooze_button.click()
    menu = window.bell.snooze_menu
    assert menu is not None
    assert "Until answered" not in [action.text() for action in menu.actions()]  # nobody to answer
    menu.actions()[0].trigger()
    menu.close()
    qtbot.waitUntil(lambda: window.bell.rows == [], timeout=WAIT)
    due = read(window.workspace, lambda s: s.scalars(select(Reminder.due_at)).one())
    assert timedelta(minutes=9) < due - now() <= timedelta(minutes=10)


def test_open_leads_to_the_record(open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window()
    starts = now() + timedelta(minutes=5)
    made = run(window.workspace, create_appointment, title="Demo", starts_at=starts)
    qtbot.waitUntil(lambda: len(window.bell.popup.items) == 1, timeout=WAIT)
    item = window.bell.popup.items[0]
    assert not item.done_button.isVisibleTo(item)
    item.open_button.click()
    assert [(t.page, t.kind, t.record_id) for t in window.targets] == [
        ("today", "appointment", made)
    ]
    qtbot.waitUntil(lambda: window.bell.rows == [], timeout=WAIT)


def test_dismissing_all_can_be_undone(open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window()
    task(window.workspace, "One")
    task(window.workspace, "Two")
    qtbot.waitUntil(lambda: len(window.bell.rows) == 2, timeout=WAIT)
    window.bell.popup.clear_button.click()
    qtbot.waitUntil(lambda: window.bell.rows == [], timeout=WAIT)
    qtbot.waitUntil(lambda: any(toast.undo_step for toast in window.toasts), timeout=WAIT)


def test_another_person_at_the_same_file_is_not_told(open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window()
    jonas = run(window.workspace, create_user, name="Jonas Lind")
    run(window.workspace, create_task, title="His", due_at=now(), owner_id=jonas)
    task(window.workspace, "Mine", 0.2)
    qtbot.waitUntil(lambda: len(window.bell.rows) == 1, timeout=WAIT)
    assert [toast.text for toast in window.toasts] == ["Mine"]
    window.context.set_user(jonas, "Jonas Lind")
    qtbot.waitUntil(lambda: [r.title for r in window.bell.rows] == ["His"], timeout=WAIT)


def test_without_a_tray_nothing_is_shown_there(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    tray = Tray(parent)
    assert tray.show_message("Call back", "due now") is Tray.is_available()
    tray.hide()


def test_the_words_of_one_reminder(workspace: Workspace) -> None:
    run(workspace, create_task, title="Call back", due_at=now())
    from app.commands.reminders import claim_due_reminders

    fired = run(workspace, claim_due_reminders, user_id=workspace.user_id)
    assert summary(fired)[0] == "Call back"
    [row] = read(workspace, notification_rows, workspace.user_id)
    assert summary([row])[0] == "Call back"
