"""Columns that have no room: words take dots, then the last ones fold."""

from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.workspace import Workspace
from tests.views.test_record_table import Person, person_ids, person_rows
from views.context import PageContext
from views.shared.column import Column
from views.shared.record_table import RecordTableModel
from views.shared.record_table_view import RecordTableView


@pytest.fixture
def context(qtbot: QtBot, workspace: Workspace) -> Iterator[PageContext]:
    context = PageContext(workspace)
    yield context
    context.close()


WIDE = (
    Column[Person]("name", "Name", lambda person: person.name, sort="name", width=200),
    Column[Person]("team", "Team", lambda person: person.team or "-", width=160, stretch=True),
    Column[Person]("size", "Size", lambda _person: "1", width=120, align="right"),
    Column[Person]("note", "Note", lambda _person: "", width=150),
)


def shown_columns(view: RecordTableView) -> list[str]:
    header = view.horizontalHeader()
    return [c.key for place, c in enumerate(WIDE) if not header.isSectionHidden(place)]


def is_shown(view: RecordTableView, expected: list[str]) -> bool:
    return shown_columns(view) == expected


def test_columns_without_room_fold_and_come_back(context: PageContext, qtbot: QtBot) -> None:
    owner = QWidget()
    owner.context = context  # type: ignore[attr-defined]
    qtbot.addWidget(owner)
    view = RecordTableView(
        RecordTableModel(WIDE, person_ids, person_rows, owner, kinds=("user",)), owner
    )
    owner.show()
    bar = view.horizontalScrollBar()
    for width, expected in (
        (900, ["name", "team", "size", "note"]),
        (500, ["name", "team", "size", "note"]),  # words take dots first
        (400, ["name", "team", "size"]),
        (280, ["name", "team"]),
        (900, ["name", "team", "size", "note"]),
    ):
        view.resize(width, 400)
        qtbot.waitUntil(partial(is_shown, view, expected))
        qtbot.waitUntil(lambda: bar.maximum() == 0)  # nothing stands beyond the edge
        header = view.horizontalHeader()
        assert header.length() == view.viewport().width()
    assert view.columnWidth(2) == 120, "figures are never narrowed"
    view.resize(280, 400)
    assert [column["shown"] for column in view.save_state()["columns"]] == [True] * 4
    menu = view.column_menu()
    note = next(action for action in menu.actions() if action.text() == "Note (no room now)")
    assert not note.isChecked()
    note.trigger()
    assert shown_columns(view) == ["name", "note"], "what was asked for stays"
    view.resize(200, 400)
    assert shown_columns(view) == ["name", "note"]
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    state = view.save_state()
    view.layout_of_columns.reset()
    view.restore_state(state)
    assert shown_columns(view) == ["name", "note"]
