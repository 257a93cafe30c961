"""Writes and reads from views: delivered on the GUI thread, dropped with their owner."""

import gc
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.changes import Changes
from app.commands.users import change_user, create_user
from app.errors import EnvironmentFault, UserError
from app.workspace import Workspace
from models.user import User
from views.context import NoticeRequest, PageContext, ToastRequest
from views.garbage import FULL_EVERY, GuiGarbage
from views.operations import Lookup, Operation
from views.shared.change_merge import merge_changes
from views.shared.page import Page
from views.undo_actions import UndoActions


@pytest.fixture
def context(qtbot: QtBot, workspace: Workspace) -> Iterator[PageContext]:
    context = PageContext(workspace)
    yield context
    context.close()


@pytest.fixture
def owner(context: PageContext, qtbot: QtBot) -> QWidget:
    widget = QWidget()
    widget.context = context  # type: ignore[attr-defined]
    qtbot.addWidget(widget)
    return widget


def count_users(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(User)) or 0


def thread_name(_session: Session) -> str:
    return threading.current_thread().name


def fail(_session: Session, error: Exception) -> None:
    raise error


def settle(context: PageContext, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: context.courier.pending == 0)


def test_commands_run_elsewhere_and_answer_here(owner: QWidget, qtbot: QtBot) -> None:
    answers: list[tuple[str, str]] = []
    here = threading.current_thread().name
    for start in (
        lambda: Operation(owner, "Where", thread_name),
        lambda: Lookup(owner, thread_name),
    ):
        start().then(lambda name: answers.append((name, threading.current_thread().name)))
    qtbot.waitUntil(lambda: len(answers) == 2)
    for there, answered in answers:
        assert there != here
        assert answered == here


def test_toast_offers_undo_of_that_step(owner: QWidget, context: PageContext, qtbot: QtBot) -> None:
    with qtbot.waitSignal(context.toast_requested) as told:
        Operation(owner, "Add person", create_user, name="Jonas").toast("Person added")
    request = told.args[0]
    assert isinstance(request, ToastRequest)
    assert request.text == "Person added"
    before = context.workspace.read(count_users)
    undo = UndoActions(context)
    with qtbot.waitSignal(context.changed):
        undo.undo_step(request.undo_step or 0)
    assert context.workspace.read(count_users) == before - 1
    settle(context, qtbot)


def test_user_error_goes_to_or_else_or_a_toast(
    owner: QWidget, context: PageContext, qtbot: QtBot
) -> None:
    errors: list[UserError] = []
    toasts: list[ToastRequest] = []
    context.toast_requested.connect(toasts.append)
    Operation(owner, "Add", create_user, name=" ").or_else(errors.append)
    settle(context, qtbot)
    assert [error.field for error in errors] == ["name"]
    assert toasts == []
    Operation(owner, "Add", create_user, name=" ")
    settle(context, qtbot)
    assert [toast.kind for toast in toasts] == ["error"]


def test_environment_fault_becomes_a_notice(
    owner: QWidget, context: PageContext, qtbot: QtBot
) -> None:
    fault = EnvironmentFault("The disk is full.", remedy="Free some space.")
    ended: list[bool] = []
    with qtbot.waitSignal(context.notice_requested) as told:
        Operation(owner, "Save", fail, fault).lastly(lambda: ended.append(True))
    assert told.args[0] == NoticeRequest("The disk is full.", "Free some space.")
    assert ended == [True]


def test_our_own_error_reaches_the_one_hook(
    owner: QWidget, context: PageContext, qtbot: QtBot
) -> None:
    ended: list[bool] = []
    with capture_exceptions() as caught:
        Operation(owner, "Save", fail, ZeroDivisionError()).lastly(lambda: ended.append(True))
        settle(context, qtbot)
    assert [kind for kind, _, _ in caught] == [ZeroDivisionError]
    assert ended == [True]


def test_answers_of_a_deleted_owner_are_dropped(context: PageContext, qtbot: QtBot) -> None:
    owner = QWidget()
    owner.context = context  # type: ignore[attr-defined]
    answers: list[Any] = []
    Operation(owner, "Add", create_user, name="Jonas").then(answers.append).lastly(
        lambda: answers.append("ended")
    )
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(owner, QEvent.Type.DeferredDelete)
    settle(context, qtbot)
    assert answers == []
    assert context.workspace.read(count_users) == 2, "the write itself is stored"


def test_newer_lookup_of_a_key_replaces_the_older(owner: QWidget, qtbot: QtBot) -> None:
    answers: list[str] = []
    gate = threading.Event()

    def slow(_session: Session) -> str:
        gate.wait(5)
        return "old"

    Lookup(owner, slow, key="list").then(answers.append)
    Lookup(owner, lambda _session: "new", key="list").then(answers.append)
    Lookup(owner, lambda _session: "other").then(answers.append)
    gate.set()
    context: PageContext = owner.context  # type: ignore[attr-defined]
    settle(context, qtbot)
    assert sorted(answers) == ["new", "other"]


def test_closing_workspace_answers_instead_of_raising(
    owner: QWidget, context: PageContext, qtbot: QtBot
) -> None:
    context.workspace.close()
    errors: list[UserError] = []
    Operation(owner, "Add", create_user, name="Late").or_else(errors.append)
    Lookup(owner, count_users).then(errors.append)
    settle(context, qtbot)
    assert len(errors) == 1


def test_owner_finds_the_context_of_its_nearest_parent(owner: QWidget, qtbot: QtBot) -> None:
    child = QObject(QWidget(owner))
    answers: list[int] = []
    Lookup(child, count_users).then(answers.append)
    qtbot.waitUntil(lambda: answers == [1])
    with pytest.raises(LookupError):
        Lookup(QObject(), count_users)


class Counting(Page):
    """Counts how often it is refreshed, and by whom."""

    kinds = ("user",)

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.seen: list[Changes | None] = []
        self.own: list[bool] = []

    def refresh(self, changes: Changes | None) -> None:
        self.seen.append(changes)
        if changes is not None:
            self.own.append(self.is_own(changes))


def test_visible_page_refreshes_and_hidden_page_catches_up(
    context: PageContext, qtbot: QtBot
) -> None:
    page = Counting(context)
    qtbot.addWidget(page)
    page.show()
    assert page.seen == [None]
    Operation(page, "Add", create_user, name="Jonas")
    qtbot.waitUntil(lambda: len(page.seen) == 2)
    assert page.own == [True]
    page.hide()
    for name in ("Farah", "Marco"):
        with qtbot.waitSignal(context.changed):
            Operation(page, "Add", create_user, name=name)
    assert len(page.seen) == 2
    assert page.is_stale
    page.show()
    assert len(page.seen) == 3
    missed = page.seen[-1]
    assert missed is not None
    assert len(missed.created["user"]) == 2
    assert not page.is_stale


def test_page_ignores_kinds_that_do_not_concern_it(context: PageContext, qtbot: QtBot) -> None:
    page = Counting(context)
    qtbot.addWidget(page)
    page.show()
    context.changed.emit(Changes(1, "Other", created={"deal": frozenset({1})}))
    context.changed.emit(Changes(2, "Bulk", reload=frozenset({"user"})))
    assert len(page.seen) == 2


def test_merged_changes_name_everything_once() -> None:
    first = Changes(1, "A", created={"deal": frozenset({1})}, reload=frozenset({"tag"}))
    second = Changes(2, "B", created={"deal": frozenset({2})}, updated={"user": frozenset({3})})
    both = merge_changes(first, second)
    assert both.created["deal"] == {1, 2}
    assert both.updated["user"] == {3}
    assert both.touches("tag")
    assert both.origin is None


def test_undo_names_follow_the_changes(context: PageContext, qtbot: QtBot) -> None:
    actions = UndoActions(context)
    owner = QObject(context)
    Operation(owner, "Rename me", change_user, user_id=context.user_id, name="Elena N.")
    qtbot.waitUntil(lambda: actions.undo_name == "Rename me")
    actions.undo()
    qtbot.waitUntil(lambda: actions.redo_name != "")
    actions.redo()
    qtbot.waitUntil(lambda: actions.undo_name == "Rename me" and actions.redo_name == "")
    settle(context, qtbot)


def test_undo_takes_this_window_s_steps_only(context: PageContext, qtbot: QtBot) -> None:
    other = Workspace.open(context.workspace.location, watch=False)
    try:
        other.set_user(context.user_id)
        other.change("Add person", create_user, name="Jonas")
    finally:
        other.close()
    before = context.workspace.read(count_users)
    actions = UndoActions(context)
    with qtbot.waitSignal(context.toast_requested) as told:
        actions.undo()
    request = told.args[0]
    assert isinstance(request, ToastRequest)
    assert "Add person" in request.detail
    assert request.undo_step is not None, "it can be taken back, but only by choice"
    with qtbot.waitSignal(context.toast_requested):
        actions.redo()
    assert (actions.undo_name, actions.redo_name) == ("", "")
    assert context.workspace.read(count_users) == before
    with qtbot.waitSignal(context.changed):
        actions.undo_step(request.undo_step)
    assert context.workspace.read(count_users) == before - 1
    settle(context, qtbot)


class Trap(QObject):
    """An object in a reference cycle that tells on which thread it was collected."""

    collected = Signal(str)

    def __init__(self, told: list[str]) -> None:
        super().__init__()
        self.cycle = self
        self.told = told

    def __del__(self) -> None:
        self.told.append(threading.current_thread().name)


def make_garbage_on_a_worker() -> None:
    def allocate() -> None:
        kept: list[list[list[int]]] = []
        for _ in range(20_000):
            kept.append([[]])  # noqa: PERF401 - many containers are the point

    worker = threading.Thread(target=allocate, name="worker")
    worker.start()
    worker.join()


def test_closed_windows_are_collected_on_the_gui_thread_only(qtbot: QtBot) -> None:
    told: list[str] = []
    gc.enable()
    try:
        Trap(told)
        make_garbage_on_a_worker()
        assert told == ["worker"], "without the rule a worker destroys the object"
        told.clear()
        garbage = GuiGarbage(interval_ms=10_000)
        Trap(told)
        make_garbage_on_a_worker()
        assert told == []
        garbage.collect()
        assert told == [threading.main_thread().name]
        garbage.stop()
        assert gc.isenabled()
    finally:
        gc.disable()


class Form(QWidget):
    """A dialog that waits for its answer."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self.context = context
        self.told: list[bool] = []

    def set_busy(self, busy: bool) -> None:
        self.told.append(busy)


def test_a_dialog_can_be_used_again_after_a_fault(context: PageContext, qtbot: QtBot) -> None:
    form = Form(context)
    qtbot.addWidget(form)
    with qtbot.waitSignal(context.notice_requested):
        Operation(form, "Save", fail, EnvironmentFault("The disk is full."))
    assert form.told == [False]


def test_long_full_rounds_exempt_what_survived(qtbot: QtBot) -> None:
    garbage = GuiGarbage(interval_ms=10_000_000)
    kept = [[n] for n in range(1_000_000)]  # makes a round long enough to be felt
    try:
        before = gc.get_freeze_count()
        for _ in range(FULL_EVERY):
            garbage.collect()
        assert gc.get_freeze_count() > before + len(kept) // 2
        GuiGarbage.thaw()
        assert gc.get_freeze_count() == 0
    finally:
        garbage.stop()
        gc.disable()
