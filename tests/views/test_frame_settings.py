"""The settings page: each field saves itself, and what is refused stands beside it."""

from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.commands.pipelines import create_pipeline
from app.commands.settings import workspace_settings
from app.queries.settings_page import settings_overview
from app.settings import Settings
from app.workspace import Workspace
from models.values import FieldType, StageType
from tests.conftest import run
from views.context import PageContext
from views.settings.lists_section import FieldDialog, UserDialog
from views.settings.page import SECTIONS, SettingsPage
from views.settings.pipeline_section import PipelineSection, StageEditor
from views.settings.program_section import AboutSection, AppearanceSection
from views.settings.workspace_section import WorkspaceSection, YouSection
from views.theme import current_theme
from views.welcome.open_dialog import OpenDialog

T = TypeVar("T")


@pytest.fixture
def page(qtbot: QtBot, workspace: Workspace) -> SettingsPage:
    context = PageContext(workspace, Settings(user_name="Elena Novak"))
    page = SettingsPage(context)
    qtbot.addWidget(page)
    page.resize(1200, 800)
    page.show()
    settle(page, qtbot)
    return page


def settle(page: SettingsPage, qtbot: QtBot) -> None:
    """Wait until nothing is under way, the answer to the last change included."""
    qtbot.waitUntil(lambda: page.context.courier.pending == 0)


def section(page: SettingsPage, kind: type[T]) -> T:
    return next(s for s in page.sections.values() if isinstance(s, kind))


def test_name_is_stored_and_shown(page: SettingsPage, workspace: Workspace, qtbot: QtBot) -> None:
    you = section(page, YouSection)
    assert you.name.value == "Elena Novak"
    with qtbot.waitSignal(page.context.user_changed):
        you.name.committed.emit("Elena  Nováková")
    assert page.context.user.name == "Elena Nováková"
    settle(page, qtbot)
    assert {user.name for user in workspace.read(settings_overview).users} == {"Elena Nováková"}


def test_workspace_settings_are_stored_and_refused_beside_the_field(
    page: SettingsPage, workspace: Workspace, qtbot: QtBot
) -> None:
    own = section(page, WorkspaceSection)
    own.fields["currency"].committed.emit("USD")
    own.fields["monthly_goal_minor"].committed.emit(9_000_000)
    settle(page, qtbot)
    stored = workspace.read(workspace_settings)
    assert (stored.currency, stored.monthly_goal_minor) == ("USD", 9_000_000)
    assert page.context.currency == "USD"
    own.fields["working_start"].committed.emit("late")
    settle(page, qtbot)
    assert "09:00" in own.fields["working_start"]._below.text()
    assert workspace.read(workspace_settings).working_start == "10:00"


def test_working_days_are_chips_and_the_last_one_stays(
    page: SettingsPage, workspace: Workspace, qtbot: QtBot
) -> None:
    own = section(page, WorkspaceSection)
    own.days[5].click()
    settle(page, qtbot)
    qtbot.waitUntil(lambda: 5 in workspace.read(workspace_settings).working_days)
    for day in range(6):
        own.days[day].click()
        settle(page, qtbot)
    assert workspace.read(workspace_settings).working_days != ()
    assert any(chip.isChecked() for chip in own.days)


def editors(page: SettingsPage) -> list[StageEditor]:
    rows = section(page, PipelineSection).rows
    found = [rows.itemAt(place) for place in range(rows.count())]
    widgets = [item.widget() for item in found if item is not None]
    return [widget for widget in widgets if isinstance(widget, StageEditor)]


def test_stages_are_renamed_weighted_and_moved(
    page: SettingsPage, workspace: Workspace, qtbot: QtBot
) -> None:
    first, second = editors(page)[:2]
    first.name.setText("First talk")
    first.name.editingFinished.emit()
    settle(page, qtbot)
    editor = editors(page)[0]
    editor.probability.setValue(15)
    editor.probability.editingFinished.emit()
    settle(page, qtbot)
    section(page, PipelineSection).move_stage(first.stage.id, 1)
    settle(page, qtbot)
    stages = workspace.read(settings_overview).pipelines[0].stages
    assert [stage.id for stage in stages[:2]] == [second.stage.id, first.stage.id]
    assert (stages[1].name, stages[1].probability) == ("First talk", 15)
    qtbot.waitUntil(lambda: editors(page)[1].name.text() == "First talk")


def test_refused_change_shows_what_is_stored_again(
    page: SettingsPage, workspace: Workspace, qtbot: QtBot
) -> None:
    first, second = editors(page)[:2]
    with qtbot.waitSignal(page.context.toast_requested) as told:
        first.name.setText(second.stage.name)
        first.name.editingFinished.emit()
    assert told.args[0].kind == "error"
    settle(page, qtbot)
    assert editors(page)[0].name.text() == first.stage.name


def test_pipeline_added_elsewhere_appears(
    page: SettingsPage, workspace: Workspace, qtbot: QtBot
) -> None:
    made = run(workspace, create_pipeline, name="Estate", template="estate")
    pipelines = section(page, PipelineSection)
    qtbot.waitUntil(lambda: made in pipelines._pipelines)
    pipelines.chooser.set_value(made)
    types = {editor.stage.type for editor in editors(page)}
    assert types == {StageType.OPEN, StageType.WON, StageType.LOST}


def test_people_and_fields_are_added(
    page: SettingsPage, workspace: Workspace, qtbot: QtBot
) -> None:
    person = UserDialog(page)
    person.try_confirm()
    settle(page, qtbot)
    assert person.form.rows["name"].error_text() != ""
    person.name.setText("Jonas")
    with qtbot.waitSignal(person.accepted):
        person.try_confirm()
    field = FieldDialog(page)
    field.name.setText("Size")
    field.type.set_value(FieldType.CHOICE)
    field.choices.setText("S, M , L")
    with qtbot.waitSignal(field.accepted):
        field.try_confirm()
    settle(page, qtbot)
    overview = workspace.read(settings_overview)
    assert "Jonas" in {user.name for user in overview.users}
    assert [(f.name, f.choices) for f in overview.fields] == [("Size", ("S", "M", "L"))]


def test_theme_changes_at_once_and_is_kept(page: SettingsPage, qtbot: QtBot) -> None:
    look = section(page, AppearanceSection)
    for name in ("dark", "light"):
        look.theme.set_value(name)
        look.theme.value_changed.emit(name)
        assert current_theme().name == name
        assert Settings.load().theme == name


def test_check_lists_its_verdicts(page: SettingsPage, qtbot: QtBot) -> None:
    about = section(page, AboutSection)
    about.check()
    settle(page, qtbot)
    assert about.verdicts.count() >= 4
    assert about.run.isEnabled()


def test_every_section_fits_its_column(page: SettingsPage, qtbot: QtBot) -> None:
    for key, *_ in SECTIONS:
        page.show_section(key)
        shown = page.sections[key]
        assert shown.isVisible()
        assert shown.minimumSizeHint().width() <= 760, key


def test_another_workspace_is_chosen(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = OpenDialog(Settings(recent=[str(tmp_path / "a.closeknit")]))
    qtbot.addWidget(dialog)
    assert not dialog.confirm_button.isEnabled()
    dialog.findChild(QLineEdit)
    dialog.address.setText("postgresql://server/crm")
    with qtbot.waitSignal(dialog.chosen) as told:
        dialog.try_confirm()
    assert told.args == ["postgresql://server/crm"]
