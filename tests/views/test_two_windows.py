"""Two programs on one workspace: what one stores the other shows, and no change is lost."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.commands.deals import create_deal
from app.commands.tasks import create_task
from app.history import trail
from app.queries.tasks import TaskRow, task_rows
from app.workspace import Workspace
from models.records import Deal
from tests.conftest import USER, run
from tests.views.two_windows import OtherWindow, dialog_of, field_of, stages_of, stored, until
from views.pipeline.page import PipelinePage
from views.shared.conflict_dialog import ConflictDialog
from views.stage import Stage
from views.today.task_dialog import TaskDialog


def city_is(stage: Stage, town: str) -> bool:
    return field_of(stage, "City").view.words == town


def test_a_change_elsewhere_is_painted_here_within_a_second(
    qtbot: QtBot, stage: Stage, ann: OtherWindow, person: int
) -> None:
    stage.go("contacts", "contact", person)
    city = field_of(stage, "City")
    assert city.view.words == "Ulm"
    painted: list[float] = []
    for town in ("Bonn", "Trier", "Mainz"):
        stored_at = ann.do("change_contact", contact_id=person, city=town)
        seen_at = until(qtbot, partial(city_is, stage, town))
        painted.append(seen_at - stored_at)
        stage.settle()
    assert max(painted) < 1.0, painted


def clash(qtbot: QtBot, stage: Stage, ann: OtherWindow, person: int) -> ConflictDialog:
    """Type a city while Ann stores another; return the dialog that asks."""
    stage.go("contacts", "contact", person)
    city = field_of(stage, "City")
    city.start()
    editor = city.edit_widget
    assert isinstance(editor, QLineEdit)
    editor.setText("Köln")
    ann.do("change_contact", contact_id=person, city="Bonn")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    until(qtbot, lambda: dialog_of(stage) is not None)
    dialog = dialog_of(stage)
    assert dialog is not None
    assert not dialog.confirm_button.isEnabled()  # nothing is chosen for the person
    assert "Ann Weber" in dialog.choices[0].theirs.text()
    return dialog


def test_a_conflict_keeps_mine(
    qtbot: QtBot, stage: Stage, watched: Workspace, ann: OtherWindow, person: int
) -> None:
    dialog = clash(qtbot, stage, ann, person)
    QTest.keyClick(dialog.choices[0].mine, Qt.Key.Key_Space)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    until(qtbot, lambda: stored(watched, person, "city") == "Köln")
    lines = [c for c in watched.read(trail, person) if c.field == "city"]
    assert [(c.before, c.after) for c in lines[:2]] == [("Bonn", "Köln"), ("Ulm", "Bonn")]
    until(qtbot, lambda: field_of(stage, "City").view.words == "Köln")


def test_a_conflict_keeps_theirs(
    qtbot: QtBot, stage: Stage, watched: Workspace, ann: OtherWindow, person: int
) -> None:
    dialog = clash(qtbot, stage, ann, person)
    qtbot.mouseClick(dialog.choices[0].theirs, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(dialog.confirm_button, Qt.MouseButton.LeftButton)
    until(qtbot, lambda: watched.read(trail, person)[0].action == "kept")
    assert stored(watched, person, "city") == "Bonn"
    kept = watched.read(trail, person)[0]
    assert (kept.before, kept.after, kept.user_name) == ("Köln", "Bonn", USER)
    until(qtbot, lambda: field_of(stage, "City").view.words == "Bonn")


def test_a_conflict_becomes_a_new_value(
    qtbot: QtBot, stage: Stage, watched: Workspace, ann: OtherWindow, person: int
) -> None:
    dialog = clash(qtbot, stage, ann, person)
    choice = dialog.choices[0]
    assert choice.both is not None
    QTest.keyClick(choice.both, Qt.Key.Key_Space)
    assert isinstance(choice.editor, QLineEdit)
    choice.editor.setText("Köln, formerly Bonn")
    QTest.keyClick(choice.editor, Qt.Key.Key_Return)
    until(qtbot, lambda: stored(watched, person, "city") == "Köln, formerly Bonn")


def test_going_back_to_editing_keeps_what_was_typed(
    qtbot: QtBot, stage: Stage, watched: Workspace, ann: OtherWindow, person: int
) -> None:
    dialog = clash(qtbot, stage, ann, person)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    city = field_of(stage, "City")
    until(qtbot, lambda: city.is_editing)
    assert isinstance(city.edit_widget, QLineEdit)
    assert city.edit_widget.text() == "Köln"
    assert "Ann Weber changed this" in city.error_text()
    assert stored(watched, person, "city") == "Bonn"
    QTest.keyClick(city.edit_widget, Qt.Key.Key_Escape)
    until(qtbot, lambda: field_of(stage, "City").view.words == "Bonn")


def test_both_changes_are_kept_and_told(
    qtbot: QtBot, stage: Stage, watched: Workspace, ann: OtherWindow, person: int
) -> None:
    stage.go("contacts", "contact", person)
    title = field_of(stage, "Job title")
    title.start()
    editor = title.edit_widget
    assert isinstance(editor, QLineEdit)
    editor.setText("Chief")
    told: list[str] = []
    stage.context.toast_requested.connect(lambda request: told.append(request.text))
    ann.do("change_contact", contact_id=person, city="Bonn")
    QTest.keyClick(editor, Qt.Key.Key_Return)  # before Ann's change is seen here
    until(qtbot, lambda: stored(watched, person, "job_title") == "Chief")
    assert stored(watched, person, "city") == "Bonn"
    until(qtbot, lambda: bool(told))
    assert told == ["Ann Weber changed “City” meanwhile; both changes are kept."]


def row_of(workspace: Workspace, task_id: int) -> TaskRow:
    (found,) = workspace.read(task_rows, [task_id])
    return found


def test_a_task_form_carries_no_colleagues_field_back(
    qtbot: QtBot, stage: Stage, watched: Workspace, ann: OtherWindow
) -> None:
    task = run(watched, create_task, title="Call Otto")
    dialog = TaskDialog(stage.page, task=row_of(watched, task))
    dialog.open()
    stage.settle()
    ann.do("change_task", task_id=task, title="Call Otto before noon")
    dialog.notes.setPlainText("He asks for storage")
    dialog.try_confirm()
    until(qtbot, lambda: not dialog.isVisible())
    found = row_of(watched, task)
    assert (found.title, found.notes) == ("Call Otto before noon", "He asks for storage")


def test_a_conflict_in_a_task_form_is_asked_over_the_form(
    qtbot: QtBot, stage: Stage, watched: Workspace, ann: OtherWindow
) -> None:
    task = run(watched, create_task, title="Call Otto")
    dialog = TaskDialog(stage.page, task=row_of(watched, task))
    dialog.open()
    stage.settle()
    ann.do("change_task", task_id=task, title="Call Otto before noon")
    dialog.title_edit.setText("Mail Otto")
    dialog.try_confirm()
    until(qtbot, lambda: dialog_of(stage) is not None)
    asking = dialog_of(stage)
    assert asking is not None
    asking.reject()
    until(qtbot, dialog.confirm_button.isEnabled)
    assert dialog.isVisible()  # back to editing: what was typed stands there
    assert dialog.title_edit.text() == "Mail Otto"
    dialog.try_confirm()
    until(qtbot, lambda: (found := dialog_of(stage)) is not None and found is not asking)
    again = dialog_of(stage)
    assert again is not None
    again.choices[0].theirs.click()
    again.try_confirm()
    until(qtbot, lambda: not dialog.isVisible())
    assert row_of(watched, task).title == "Call Otto before noon"


def test_a_deal_moved_by_two_is_asked_about_on_the_board(
    qtbot: QtBot, stage: Stage, watched: Workspace, ann: OtherWindow
) -> None:
    deal = run(watched, create_deal, name="Heat pumps")
    steps = stages_of(watched)
    page = stage.go("pipeline")
    assert isinstance(page, PipelinePage)
    watched.watcher.stop()  # this window has not heard of Ann's move yet
    ann.do("move_deal_to_stage", deal_id=deal, stage_id=steps[1])
    page.move_deals((deal,), steps[2], None)
    until(qtbot, lambda: dialog_of(stage) is not None)
    dialog = dialog_of(stage)
    assert dialog is not None
    (choice,) = dialog.choices
    assert choice.both is None  # a stage is not typed
    choice.theirs.click()
    dialog.try_confirm()
    board = page.board_view
    until(qtbot, lambda: board.stage_of(deal) == steps[1])
    assert watched.read(lambda s: s.get(Deal, deal).stage_id) == steps[1]


def test_what_is_typed_while_the_window_closes_is_not_lost(
    qtbot: QtBot, watched: Workspace, ann: OtherWindow, person: int
) -> None:
    with Stage(watched) as stage:
        stage.go("contacts", "contact", person)
        city = field_of(stage, "City")
        city.start()
        editor = city.edit_widget
        assert isinstance(editor, QLineEdit)
        editor.setText("Köln")
        watched.watcher.stop()
        ann.do("change_contact", contact_id=person, city="Bonn")
    until(qtbot, lambda: watched.read(trail, person)[0].action == "kept")
    kept = watched.read(trail, person)[0]
    assert (kept.field, kept.before, kept.after) == ("city", "Köln", "Bonn")
    assert stored(watched, person, "city") == "Bonn"
