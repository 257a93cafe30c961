"""The window: going places, coming back as it was left, dropping files, speaking to the person."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.commands.users import change_user
from app.queries.badges import waiting_counts
from app.settings import Settings
from app.workspace import Workspace
from views.application import Starter, location_to_open
from views.context import PageContext, Target
from views.crash_dialog import CrashDialog
from views.icons import has_icon
from views.main_window import MainWindow
from views.navigation import PAGES, RECORD_HOMES, page_entry, rail_pages, record_home, tab_of
from views.operations import Operation
from views.page_loader import page_class
from views.palette.actions import ACTIONS, RECORD_ACTIONS
from views.settings.page import SettingsPage
from views.shared.page import Page
from views.shortcut_list import SHORTCUTS
from views.stage import Stage
from views.welcome.page import WelcomePage


@pytest.fixture
def settings() -> Settings:
    return Settings(user_name="Elena Novak")


@pytest.fixture
def window(qtbot: QtBot, workspace: Workspace, settings: Settings) -> Iterator[MainWindow]:
    context = PageContext(workspace, settings)
    window = MainWindow(context, settings)
    qtbot.addWidget(window)
    window.resize(1440, 900)
    window.show()
    yield window
    window.detach()
    context.close()


def test_every_page_is_one_line_with_an_icon() -> None:
    keys = [entry.key for entry in PAGES]
    assert len(set(keys)) == len(keys)
    for entry in PAGES:
        assert has_icon(entry.icon)
        assert not entry.parent or entry.parent in keys
    for homes in RECORD_HOMES.values():
        assert set(homes) <= set(keys)


def test_actions_and_shortcuts_name_what_exists() -> None:
    every = [*ACTIONS, *(action for actions in RECORD_ACTIONS.values() for action in actions)]
    for action in every:
        assert has_icon(action.icon)
        assert not action.page or page_entry(action.page)
        known = {"use_light_theme", "use_dark_theme", ""}
        assert action.method in known or hasattr(MainWindow, action.method)
    for shortcut in SHORTCUTS:
        assert not shortcut.action or hasattr(MainWindow, shortcut.action)


def test_a_page_that_is_missing_or_broken_raises() -> None:
    from views.navigation import PageEntry

    with pytest.raises(ModuleNotFoundError):
        page_class(PageEntry("x", "X", "user", "views.nowhere.page:NoPage"))
    with pytest.raises(AttributeError):
        page_class(PageEntry("x", "X", "user", "views.settings.page:NoPage"))
    assert page_class(page_entry("settings")) is SettingsPage


def test_pages_are_built_when_first_shown(window: MainWindow, qtbot: QtBot) -> None:
    assert window.pages.current_key == "today"
    assert window.pages.count() == 1
    qtbot.keyClick(window, Qt.Key.Key_6, Qt.KeyboardModifier.ControlModifier)
    assert window.pages.current_key == "settings"
    assert isinstance(window.pages.page, SettingsPage)


def test_ctrl_tab_walks_all_tabs_and_returns(window: MainWindow, qtbot: QtBot) -> None:
    window.show_page("settings")
    window.next_page()
    assert window.pages.current_key == "today"
    window.previous_page()
    assert window.pages.current_key == "settings"


def test_clicking_a_tab_shows_its_page(window: MainWindow, qtbot: QtBot) -> None:
    tabs = window.rail.tabs
    index = [entry.key for entry in rail_pages()].index("settings")
    place = tabs._painted_rect(index).center()
    qtbot.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=place)
    assert window.pages.current_key == "settings"
    gap = tabs.tabRect(index).center()
    assert tabs._tab_at(gap) == -1, "the empty space above Settings is not part of it"


class Visitor(Page):
    """Remembers who came."""

    arrived: list[tuple[str | None, int | None, dict[str, object]]]

    def arrive(self, kind: str | None, record_id: int | None, **state: object) -> None:
        self.arrived = [*getattr(self, "arrived", []), (kind, record_id, state)]


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("views.page_stack.page_class", lambda _entry: Visitor)


def test_records_open_where_they_live_and_back_returns(visited: None, window: MainWindow) -> None:
    context = window.context
    assert context is not None
    context.open_record("deal", 2**62)
    page = window.pages.page
    assert window.pages.current_key == "pipeline"
    assert isinstance(page, Visitor)
    assert page.arrived == [("deal", 2**62, {})]
    context.open_record("deal", 2**62, full=True)
    assert window.pages.current_key == "deal"
    assert tab_of("deal") == "pipeline"
    assert window.rail.tabs.currentIndex() == 2
    context.back()
    assert window.pages.current_key == "pipeline"
    assert record_home("unheard-of") == "today"


def test_dropped_files_are_imported(visited: None, window: MainWindow, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("name\nAda\n", "utf-8")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)), QUrl("https://example.com/x.csv")])
    how = (
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    entered = QDragEnterEvent(QPoint(300, 300), *how)
    QApplication.sendEvent(window, entered)
    assert entered.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(300, 300), *how))
    page = window.pages.page
    assert window.pages.current_key == "import"
    assert isinstance(page, Visitor)
    assert page.arrived == [(None, None, {"files": [str(file)]})]


def test_toast_undoes_and_notice_stays(window: MainWindow, qtbot: QtBot) -> None:
    context = window.context
    assert context is not None
    user_id = context.user_id
    Operation(window, "Rename", change_user, user_id=user_id, name="Elena N.").toast("Renamed")
    qtbot.waitUntil(lambda: window.toasts.latest is not None)
    qtbot.waitUntil(lambda: window.undo_actions.undo_name == "Rename")
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.undo_actions.redo_name != "")
    context.notice("The disk is full.", "Free some space.")
    assert window.notices.isVisible()


def test_question_mark_lists_all_shortcuts(window: MainWindow, qtbot: QtBot) -> None:
    from views.shortcuts import ShortcutSheet

    window.activateWindow()
    qtbot.keyClicks(window, "?")
    qtbot.waitUntil(lambda: window.findChild(ShortcutSheet) is not None)
    sheet = window.findChild(ShortcutSheet)
    assert sheet is not None
    sheet.close()


def test_window_comes_back_where_it_was_left(
    window: MainWindow, qtbot: QtBot, settings: Settings
) -> None:
    window.show_page("settings")
    page = window.pages.page
    assert isinstance(page, SettingsPage)
    page.show_section("people")
    window.resize(1100, 740)
    window.keep_state()
    stored = Settings.load()
    assert stored.window["tab"] == "settings"
    context = window.context
    assert context is not None
    again = MainWindow(PageContext(context.workspace, stored), stored)
    qtbot.addWidget(again)
    again.show()
    assert again.pages.current_key == "settings"
    other = again.pages.page
    assert isinstance(other, SettingsPage)
    assert other.save_state() == {"section": "people"}
    # The offscreen screen is 800 wide, and Qt keeps windows inside their screen.
    assert again.height() == 740
    again.detach()


def test_damaged_window_state_is_ignored(qtbot: QtBot, workspace: Workspace) -> None:
    settings = Settings(window={"geometry": "äöü", "tab": 7}, pages={"settings": {"section": 3}})
    context = PageContext(workspace, settings)
    window = MainWindow(context, settings)
    qtbot.addWidget(window)
    assert window.pages.current_key == "today"
    window.show_page("settings")
    window.detach()
    context.close()


def test_badges_count_what_waits(workspace: Workspace) -> None:
    assert workspace.read(waiting_counts, workspace.user_id) == {"today": 0, "tickets": 0}


def test_first_start_asks_for_the_name(qtbot: QtBot, tmp_path: Path) -> None:
    settings = Settings()
    window = MainWindow(settings=settings)
    qtbot.addWidget(window)
    window.show()
    starter = Starter(window, settings)
    with qtbot.waitSignal(starter.opened):
        starter.open(str(tmp_path / "new.closeknit"))
    welcome = window.findChild(WelcomePage)
    assert welcome is not None
    assert welcome.isVisible()
    awake = {s.key().toString() for s in window._shortcuts if s.isEnabled()}
    assert awake == {"Ctrl+O", "Ctrl+Q"}, "nothing can be done beneath the question"
    welcome.name.setText("  ")
    qtbot.keyClick(welcome.name, Qt.Key.Key_Return)
    assert welcome.error.isVisible()
    welcome.name.setText("Ada  Lovelace")
    qtbot.keyClick(welcome.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: settings.user_name == "Ada Lovelace")
    assert starter.workspace is not None
    assert starter.workspace.user_id is not None
    assert all(s.isEnabled() for s in window._shortcuts)
    starter.end()


def test_workspace_that_does_not_open_offers_others(qtbot: QtBot, tmp_path: Path) -> None:
    settings = Settings(user_name="Elena")
    broken = tmp_path / "broken.closeknit"
    broken.write_bytes(b"not a database at all" * 100)
    window = MainWindow(settings=settings)
    qtbot.addWidget(window)
    window.show()
    starter = Starter(window, settings)
    starter.open(str(broken))
    qtbot.waitUntil(lambda: window.findChild(WelcomePage) is not None)
    assert broken.read_bytes().startswith(b"not a database")
    with qtbot.waitSignal(starter.opened):
        window.workspace_requested.emit(str(tmp_path / "good.closeknit"))
    assert settings.recent[0] == str(tmp_path / "good.closeknit")
    starter.end()


def test_the_last_workspace_opens_again(tmp_path: Path) -> None:
    here = tmp_path / "here.closeknit"
    here.touch()
    settings = Settings(recent=[str(tmp_path / "gone.closeknit"), str(here)])
    assert location_to_open(None, settings) == str(here)
    assert location_to_open("other", settings) == "other"
    assert location_to_open(None, Settings()).endswith(".closeknit")


def test_target_holds_ids_of_63_bits(window: MainWindow, qtbot: QtBot) -> None:
    context = window.context
    assert context is not None
    with qtbot.waitSignal(context.navigation_requested) as told:
        context.navigate("today", "task", 2**62 + 1)
    assert told.args == [Target("today", "task", 2**62 + 1)]


def test_our_own_error_is_logged_and_shown_once(
    window: MainWindow, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    from views import errors

    errors._shown.clear()
    try:
        raise ZeroDivisionError("seeded")  # noqa: TRY301
    except ZeroDivisionError as error:
        for _ in range(2):
            errors.report_bug(type(error), error, error.__traceback__)
    dialogs = [w for w in QApplication.topLevelWidgets() if isinstance(w, CrashDialog)]
    dialogs += window.findChildren(CrashDialog)
    assert len(set(dialogs)) == 1
    dialogs[0].try_confirm()
    assert "ZeroDivisionError: seeded" in QApplication.clipboard().text()
    assert "Unexpected error" in caplog.text
    dialogs[0].deleteLater()


def test_toasts_stay_above_a_page_that_comes_later(workspace: Workspace) -> None:
    with Stage(workspace) as stage:
        stage.go("today")
        stage.context.toast("Something happened")
        stage.settle()
        toast = stage.window.toasts.latest
        assert toast is not None
        stage.go("contacts")
        children = stage.window.pages.children()
        assert children.index(toast) > children.index(stage.page)
