"""The one table model: order from SQL, rows by id, and what survives when rows come and go."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.commands.users import change_user, create_user
from app.queries.id_pages import collect_ids, ordered_id_pieces
from app.recorder import unrecorded
from app.workspace import Workspace
from models.clock import now
from models.ids import new_id
from models.user import User
from views.context import PageContext
from views.operations import Operation
from views.shared.column import Column
from views.shared.id_diff import small_change
from views.shared.record_table import RecordTableModel
from views.shared.record_table_view import RecordTableView, Selection
from views.shared.row_cache import RowCache


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str
    team: str | None


def person_ids(
    session: Session, wanted: object, sort: str, descending: bool, limit: int | None
) -> "array[int]":
    column = {"name": User.name_key, "team": User.team}[sort]
    statement = select(User.id).order_by(column.desc() if descending else column, User.id)
    if wanted:
        statement = statement.where(User.team == wanted)
    return collect_ids(session, statement, limit)


def person_rows(session: Session, ids: Sequence[int]) -> list[Person]:
    found = session.execute(select(User.id, User.name, User.team).where(User.id.in_(ids)))
    return [Person(*row) for row in found]


COLUMNS = (
    Column[Person]("name", "Name", lambda person: person.name, sort="name", stretch=True),
    Column[Person]("team", "Team", lambda person: person.team or "-", sort="team", tone="muted"),
)


def add_people(session: Session, *, count: int) -> int:
    moment = now()
    rows = [
        {
            "id": new_id(),
            "name": f"Person {n:06}",
            "name_key": f"person {n:06}",
            "team": f"Team {n % 7}",
            "role": "member",
            "row_version": new_id(),
            "created_at": moment,
            "updated_at": moment,
        }
        for n in range(count)
    ]
    with unrecorded(session, "user"):
        session.execute(insert(User), rows)
    return count


@pytest.fixture
def context(qtbot: QtBot, tmp_path: Path) -> Iterator[PageContext]:
    workspace = Workspace.open(tmp_path / "table.closeknit", create=True, user_name="Aa First")
    context = PageContext(workspace)
    yield context
    context.close()
    workspace.close()


class Bench(QWidget):
    """A page with one table, watched by Qt's own model tester."""

    def __init__(self, context: PageContext, wanted: object = None) -> None:
        super().__init__()
        self.context = context
        self.model = RecordTableModel(
            COLUMNS, person_ids, person_rows, self, filter=wanted, kinds=("user",)
        )
        self.tester = QAbstractItemModelTester(
            self.model, QAbstractItemModelTester.FailureReportingMode.Fatal
        )
        self.view = RecordTableView(self.model, self, name="People")
        self.view.resize(600, 400)
        context.changed.connect(self.model.refresh)


@pytest.fixture
def bench(context: PageContext, qtbot: QtBot) -> Callable[[int], Bench]:
    def make(count: int) -> Bench:
        context.workspace.change("Add people", add_people, count=count)
        bench = Bench(context)
        qtbot.addWidget(bench)
        bench.show()
        with qtbot.waitSignal(bench.model.loaded):
            bench.model.load()
        qtbot.waitUntil(lambda: bench.model.record_at(0) is not None)
        return bench

    return make


def names(model: RecordTableModel[Person], qtbot: QtBot, rows: Sequence[int]) -> list[str]:
    def all_there() -> bool:
        return None not in [model.record_at(row) for row in rows]  # asks for all of them

    qtbot.waitUntil(all_there)
    return [model.index(row, 0).data() for row in rows]


def test_first_page_comes_before_the_rest(context: PageContext, qtbot: QtBot) -> None:
    context.workspace.change("Add people", add_people, count=11_000)
    bench = Bench(context)
    qtbot.addWidget(bench)
    counts: list[int] = []
    bench.model.rowsInserted.connect(lambda *_: counts.append(bench.model.rowCount()))
    with qtbot.waitSignal(bench.model.loaded):
        bench.model.load()
    assert counts == [200, 11_001]
    assert names(bench.model, qtbot, [0, 1, 11_000]) == [
        "Aa First",
        "Person 000000",
        "Person 010999",
    ]


def test_rows_far_down_are_fetched_without_those_between(
    bench: Callable[[int], Bench], qtbot: QtBot
) -> None:
    made = bench(9_000)
    assert names(made.model, qtbot, [8_999]) == ["Person 008998"]
    assert made.model._cache.get(made.model.id_at(5_000)) is None


def test_sorting_and_filtering_happen_in_the_query(
    bench: Callable[[int], Bench], qtbot: QtBot
) -> None:
    made = bench(700)
    with qtbot.waitSignal(made.model.loaded):
        made.model.set_sort("name", descending=True)
    assert names(made.model, qtbot, [0, 700]) == ["Person 000699", "Aa First"]
    with qtbot.waitSignal(made.model.loaded):
        made.model.set_filter("Team 3")
    assert made.model.total == 100
    assert {made.model.index(row, 1).data() for row in range(5)} <= {"Team 3", ""}


def test_selection_survives_insertion_removal_and_sort(
    bench: Callable[[int], Bench], qtbot: QtBot
) -> None:
    made = bench(900)
    chosen = made.model.id_at(450)
    assert made.view.select_id(chosen)
    Operation(made, "Add", create_user, name="Aaa Before All")
    qtbot.waitUntil(lambda: made.model.row_of(chosen) == 451)
    assert made.view.selection().ids == (chosen,)
    with qtbot.waitSignal(made.model.loaded):
        made.model.set_sort("name", descending=True)
    qtbot.waitUntil(lambda: made.view.selection().ids == (chosen,))
    assert made.view.current_id() == chosen


def test_top_visible_row_stays_where_it_is(bench: Callable[[int], Bench], qtbot: QtBot) -> None:
    made = bench(900)
    made.view.verticalScrollBar().setValue(300 * 44 + 13)
    top = made.model.id_at(made.view.rowAt(0))
    offset = made.view.rowViewportPosition(made.view.rowAt(0))
    Operation(made, "Add", create_user, name="Aaa Before All")
    qtbot.waitUntil(lambda: made.model.total == 902)
    assert made.model.id_at(made.view.rowAt(0)) == top
    assert made.view.rowViewportPosition(made.view.rowAt(0)) == offset


def test_changed_row_shows_its_new_text(bench: Callable[[int], Bench], qtbot: QtBot) -> None:
    made = bench(20)
    person = made.model.id_at(5)
    assert names(made.model, qtbot, [5]) == ["Person 000004"]
    Operation(made, "Rename", change_user, user_id=person, name="Person 000004b")
    qtbot.waitUntil(lambda: made.model.index(5, 0).data() == "Person 000004b")


def test_select_everything_hands_on_the_filter(bench: Callable[[int], Bench], qtbot: QtBot) -> None:
    made = bench(700)
    with qtbot.waitSignal(made.model.loaded):
        made.model.set_filter("Team 3")
    with qtbot.waitSignal(made.view.selection_changed):
        qtbot.keyClick(made.view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert made.view.selection() == Selection((), True, "Team 3", "name", 100)
    third = made.view.visualRect(made.model.index(3, 0)).center()
    qtbot.mouseClick(made.view.viewport(), Qt.MouseButton.LeftButton, pos=third)
    assert made.view.selection().ids == (made.model.id_at(3),)


def test_keys_walk_and_open(bench: Callable[[int], Bench], qtbot: QtBot) -> None:
    made = bench(20)
    made.view.selectRow(0)
    qtbot.keyClick(made.view, Qt.Key.Key_J)
    qtbot.keyClick(made.view, Qt.Key.Key_J)
    qtbot.keyClick(made.view, Qt.Key.Key_K)
    with qtbot.waitSignal(made.view.record_activated) as opened:
        qtbot.keyClick(made.view, Qt.Key.Key_Return)
    assert opened.args == [made.model.id_at(1)]


def test_header_click_sorts_and_second_click_reverses(
    bench: Callable[[int], Bench], qtbot: QtBot
) -> None:
    made = bench(30)
    for descending in (True, False):
        with qtbot.waitSignal(made.model.loaded):
            made.view.horizontalHeader().sectionClicked.emit(0)
        assert made.model.descending is descending


def test_columns_are_kept(bench: Callable[[int], Bench], qtbot: QtBot) -> None:
    made = bench(5)
    made.view.layout_of_columns.set_shown("team", False)
    made.view.horizontalHeader().resizeSection(0, 333)
    state = made.view.save_state()
    other = RecordTableView(made.model, made)
    other.restore_state(state)
    assert not other.layout_of_columns.is_shown("team")
    assert other.columnWidth(0) == 333


def test_last_shown_column_cannot_be_hidden(bench: Callable[[int], Bench]) -> None:
    made = bench(5)
    made.view.layout_of_columns.set_shown("team", False)
    made.view.layout_of_columns.set_shown("name", False)
    assert made.view.layout_of_columns.is_shown("name")


def test_empty_table_shows_its_empty_state(context: PageContext, qtbot: QtBot) -> None:
    bench = Bench(context, wanted="no such team")
    qtbot.addWidget(bench)
    empty = QWidget()
    bench.view.set_empty_state(empty)
    bench.show()
    assert not empty.isVisible()
    with qtbot.waitSignal(bench.model.loaded):
        bench.model.load()
    assert empty.isVisible()


def test_dragged_rows_are_csv(bench: Callable[[int], Bench], qtbot: QtBot) -> None:
    made = bench(5)
    data = made.model.mimeData([made.model.index(1, 0), made.model.index(1, 1)])
    assert data.text() == "Name,Team\nPerson 000000,Team 0\n"


def test_table_paints_its_rows(bench: Callable[[int], Bench], qtbot: QtBot) -> None:
    made = bench(50)
    first = made.view.visualRect(made.model.index(1, 0))
    shot = made.view.viewport().grab(first).toImage()
    colours = {shot.pixelColor(x, 22).name() for x in range(shot.width())}
    assert len(colours) > 2, "a row of text has more than one colour"
    assert made.view.rowAt(QPoint(5, 100).y()) == 2


def test_late_answer_does_not_put_the_old_text_back() -> None:
    cache: RowCache[Person] = RowCache()
    question = cache.ask([1, 2])
    cache.expire([1])
    cache.answer(question, [Person(1, "old", None), Person(2, "kept", None)])
    cache.close(question)
    assert cache.get(1) is None
    assert not cache.is_fresh(1)
    assert cache.get(2) == Person(2, "kept", None)


def test_expired_row_is_shown_until_its_successor_comes() -> None:
    cache: RowCache[Person] = RowCache()
    cache.answer(cache.ask([1]), [Person(1, "old", None)])
    cache.expire_all()
    assert cache.get(1) == Person(1, "old", None)
    assert not cache.is_fresh(1)


def test_cache_forgets_the_rows_looked_at_longest_ago() -> None:
    cache: RowCache[Person] = RowCache(keep=2)
    cache.answer(cache.ask([1, 2, 3]), [Person(n, "x", None) for n in (1, 2, 3)])
    assert [cache.get(n) is not None for n in (1, 2, 3)] == [False, True, True]


ids = st.lists(st.integers(0, 60), unique=True, max_size=50)


@given(ids, ids)
def test_row_signals_lead_from_the_old_ids_to_the_new(before: list[int], after: list[int]) -> None:
    change = small_change(array("q", before), array("q", after))
    if change is None:
        common = set(before) & set(after)
        assert [i for i in before if i in common] != [i for i in after if i in common]
        return
    rows = list(before)
    for run in change.removals:
        assert rows[run.first : run.last + 1] == list(run.ids)
        del rows[run.first : run.last + 1]
    for run in change.insertions:
        rows[run.first : run.first] = run.ids
    assert rows == after


@pytest.mark.parametrize("count", [0, 1, 4_999, 5_000, 12_345])
def test_id_pieces_keep_the_order(context: PageContext, count: int) -> None:
    workspace = context.workspace
    if count:
        workspace.change("Add people", add_people, count=count)

    def both(session: Session) -> tuple[list[int], list[int], list[int]]:
        statement = select(User.id).order_by(User.team, User.name_key.desc())
        pieces = list(ordered_id_pieces(session, statement))
        joined: list[Any] = [i for piece in pieces for i in piece]
        return joined, list(session.scalars(statement)), [len(piece) for piece in pieces]

    joined, wanted, sizes = workspace.read(both)
    assert joined == wanted
    assert all(size == 5_000 for size in sizes[:-1])


def test_selecting_everything_does_not_ask_for_every_row(
    bench: Callable[[int], Bench], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    flags = RecordTableModel.flags

    def counted(model: RecordTableModel[Person], index: Any) -> Any:
        asked.append(1)
        return flags(model, index)

    monkeypatch.setattr(RecordTableModel, "flags", counted)  # Qt looks methods up only once
    people = bench(3_000)
    people.view.grab()
    asked.clear()
    people.view.select_everything()
    people.view.grab()
    assert people.view.selection().everything
    assert 0 < len(asked) < 1_000


def test_the_rows_in_sight_are_asked_before_all_the_ids(context: PageContext, qtbot: QtBot) -> None:
    context.workspace.change("Add people", add_people, count=1_000)
    asked: list[str] = []

    def ids(session: Session, *args: Any, **kwargs: Any) -> "array[int]":
        asked.append("ids" if kwargs["limit"] else "all ids")
        return person_ids(session, *args, **kwargs)

    def rows(session: Session, wanted: Sequence[int]) -> list[Person]:
        asked.append("rows")
        return person_rows(session, wanted)

    page = QWidget()
    page.context = context  # type: ignore[attr-defined]
    qtbot.addWidget(page)
    model = RecordTableModel(COLUMNS, ids, rows, page, kinds=("user",))
    queued: list[str] = []
    submit = context.workspace.readers.submit

    def submitted(query: Any, *args: Any, **kwargs: Any) -> Any:
        queued.append("rows" if query is rows else "all ids" if not kwargs["limit"] else "ids")
        return submit(query, *args, **kwargs)

    context.workspace.readers.submit = submitted  # type: ignore[method-assign]
    with qtbot.waitSignal(model.loaded):
        model.load()
    assert queued == ["ids", "rows", "all ids"]
    qtbot.waitUntil(lambda: model.record_at(0) is not None)
    assert asked.count("rows") == 1
