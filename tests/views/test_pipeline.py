"""The pipeline page: from a drop, a key or a field to what is stored, and back onto the screen."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from app.commands.activities import log_activity
from app.commands.companies import create_company
from app.commands.contacts import create_contact
from app.commands.deals import archive_deals, change_deal, create_deal, move_deal_to_stage
from app.commands.products import create_product
from app.history import undo_step
from app.queries.deal_details import deal_details, deal_touches
from app.queries.deals import DealFilter, deal_rows
from app.workspace import Workspace
from models.records import Deal, Stage, Task
from models.values import ActivityKind, LostReason, StageType
from tests.conftest import read, run
from views.context import PageContext
from views.pipeline.column_model import MIME, decode_deals, encode_deals
from views.pipeline.column_view import ColumnView
from views.pipeline.deal_page import DealRecordPage
from views.pipeline.filter_bar import period_days
from views.pipeline.page import PipelinePage

MOVE = Qt.DropAction.MoveAction
CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def context(qtbot: QtBot, workspace: Workspace) -> Iterator[PageContext]:
    made = PageContext(workspace)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def page(qtbot: QtBot, context: PageContext) -> Iterator[PipelinePage]:
    made = PipelinePage(context)
    qtbot.addWidget(made)
    made.resize(1232, 900)
    yield made
    made.hide()


@pytest.fixture
def deals(workspace: Workspace) -> list[int]:
    company = run(workspace, create_company, name="Aldgate Partners")
    return [
        run(workspace, create_deal, name=name, amount_minor=n * 100_00, company_id=company)
        for n, name in enumerate(("Third", "Second", "First"), 1)
    ][::-1]


def settle(qtbot: QtBot, page: PipelinePage | DealRecordPage) -> None:
    courier = page.context.courier
    qtbot.waitUntil(lambda: courier.pending == 0)


def shown(qtbot: QtBot, page: PipelinePage) -> PipelinePage:
    page.show()
    qtbot.waitUntil(lambda: bool(page.board_view.columns))
    page.grab()  # painting asks for the rows
    cards = page.board_view.cards
    qtbot.waitUntil(lambda: all(cards.row(deal) for deal in page.board_view.visible_ids()))
    settle(qtbot, page)
    return page


def column(page: PipelinePage, name: str) -> ColumnView:
    return next(v for v in page.board_view.columns if v.column.name == name)


def ids(page: PipelinePage, name: str) -> list[int]:
    return list(column(page, name).model.ids)


def stored(workspace: Workspace, deal_id: int) -> tuple[str, StageType]:
    found = read(workspace, deal_rows, [deal_id])[0]
    return found.stage_name, found.stage_type


def drop(page: PipelinePage, deal_ids: list[int], name: str, row: int = -1) -> bool:
    """Drop deals as Qt does: through the model's mime data."""
    model = column(page, name).model
    return model.dropMimeData(encode_deals(deal_ids), MOVE, row, 0, QModelIndex())


def press(page: PipelinePage, key: Qt.Key, modifiers: Any = Qt.KeyboardModifier.NoModifier) -> None:
    from PySide6.QtTest import QTest

    target = next(v.list for v in page.board_view.columns if v.list.selectedIndexes())
    QTest.keyClick(target, key, modifiers)


# --- showing


def test_a_pipeline_without_deals_says_what_belongs_there(qtbot: QtBot, page: PipelinePage) -> None:
    shown(qtbot, page)
    assert page.empty.isVisible()
    assert not page.filters.isVisible()
    assert page.header.subtitle.text() == "New business, no deals yet"
    with qtbot.waitSignal(page.context.navigation_requested) as caught:
        page.empty.state.primary_clicked.emit()
    assert caught.args is not None
    assert caught.args[0].page == "import"


def test_columns_show_count_total_and_cards(
    qtbot: QtBot, page: PipelinePage, deals: list[int]
) -> None:
    shown(qtbot, page)
    first = column(page, "Qualification")
    assert ids(page, "Qualification") == deals
    assert (first.column.count, first.column.total_minor) == (3, 600_00)
    assert "weighted" in first.header.toolTip()
    assert not page.empty.isVisible()
    assert page.header.subtitle.text().startswith("3 open")
    index = first.model.index(0)
    assert index.data() == "First"
    spoken = str(index.data(Qt.ItemDataRole.AccessibleTextRole))
    assert "Aldgate Partners" in spoken


def test_the_models_keep_qts_rules_through_every_kind_of_change(
    qtbot: QtBot, page: PipelinePage, workspace: Workspace, deals: list[int]
) -> None:
    shown(qtbot, page)
    testers = [
        QAbstractItemModelTester(v.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
        for v in page.board_view.columns
    ]
    run(workspace, create_deal, name="Fourth")
    demo = column(page, "Demo").column.stage_id
    run(workspace, move_deal_to_stage, deal_id=deals[1], stage_id=demo)
    run(workspace, archive_deals, deal_ids=[deals[0]])
    qtbot.waitUntil(lambda: ids(page, "Demo") == [deals[1]])
    qtbot.waitUntil(lambda: len(ids(page, "Qualification")) == 2)
    drop(page, [deals[2]], "Qualification", 0)
    qtbot.waitUntil(lambda: ids(page, "Qualification")[0] == deals[2])
    settle(qtbot, page)
    assert len(testers) == 7


def test_only_the_touched_card_is_read_and_painted_again(
    qtbot: QtBot, page: PipelinePage, workspace: Workspace, deals: list[int]
) -> None:
    shown(qtbot, page)
    painted: list[int] = []
    model = column(page, "Qualification").model
    model.dataChanged.connect(lambda index, _end: painted.append(model.id_at(index.row()) or 0))
    run(workspace, change_deal, deal_id=deals[1], name="Second, renamed")
    qtbot.waitUntil(lambda: model.index(1).data() == "Second, renamed")
    settle(qtbot, page)
    assert set(painted) == {deals[1]}


# --- dragging


def test_a_drop_between_columns_is_stored_and_told_with_undo(
    qtbot: QtBot, page: PipelinePage, workspace: Workspace, deals: list[int]
) -> None:
    shown(qtbot, page)
    with qtbot.waitSignal(page.context.toast_requested) as caught:
        assert drop(page, [deals[0]], "Demo")
        assert ids(page, "Demo") == [deals[0]]  # at once, before the database answers
    assert stored(workspace, deals[0]) == ("Demo", StageType.OPEN)
    assert caught.args is not None
    toast = caught.args[0]
    assert toast.text == "Moved First to Demo"
    workspace.change("Undo", undo_step, step=toast.undo_step)
    qtbot.waitUntil(lambda: ids(page, "Qualification") == deals)
    assert ids(page, "Demo") == []


def test_a_drop_lands_above_the_card_it_was_dropped_on(
    qtbot: QtBot, page: PipelinePage, deals: list[int]
) -> None:
    shown(qtbot, page)
    drop(page, [deals[0], deals[1]], "Demo")
    settle(qtbot, page)
    assert ids(page, "Demo") == deals[:2]
    drop(page, [deals[2]], "Demo", 1)
    settle(qtbot, page)
    assert ids(page, "Demo") == [deals[0], deals[2], deals[1]]
    drop(page, [deals[0]], "Demo")  # below the last one
    settle(qtbot, page)
    assert ids(page, "Demo") == [deals[2], deals[1], deals[0]]


def test_what_is_not_a_deal_cannot_be_dropped(
    qtbot: QtBot, page: PipelinePage, deals: list[int]
) -> None:
    shown(qtbot, page)
    data = encode_deals(deals)
    assert decode_deals(data) == tuple(deals)
    assert data.hasFormat(MIME)
    data.removeFormat(MIME)
    model = column(page, "Demo").model
    assert not model.canDropMimeData(data, MOVE, 0, 0, QModelIndex())
    assert not model.dropMimeData(data, MOVE, 0, 0, QModelIndex())


def open_lost_dialog(qtbot: QtBot, page: PipelinePage, start: Callable[[], object]) -> Any:
    start()
    qtbot.waitUntil(lambda: page.mover.dialog is not None and page.mover.dialog.isVisible())
    return page.mover.dialog


def test_a_drop_on_lost_asks_before_it_counts_and_cancelling_puts_the_card_back(
    qtbot: QtBot, page: PipelinePage, workspace: Workspace, deals: list[int]
) -> None:
    shown(qtbot, page)
    dialog = open_lost_dialog(qtbot, page, lambda: drop(page, [deals[0]], "Lost"))
    assert stored(workspace, deals[0])[1] is StageType.OPEN
    dialog.reject()
    settle(qtbot, page)
    assert ids(page, "Qualification") == deals
    assert ids(page, "Lost") == []
    assert stored(workspace, deals[0])[1] is StageType.OPEN


def test_a_reason_makes_the_deal_lost_and_other_needs_a_note(
    qtbot: QtBot, page: PipelinePage, workspace: Workspace, deals: list[int]
) -> None:
    shown(qtbot, page)
    dialog = open_lost_dialog(qtbot, page, lambda: drop(page, [deals[0]], "Lost"))
    assert not dialog.confirm_button.isEnabled()
    dialog.choose(LostReason.OTHER)
    dialog.try_confirm()
    assert dialog.isVisible()
    assert dialog.error.isVisible()
    dialog.choose(LostReason.OTHER, "They merged")
    dialog.try_confirm()
    settle(qtbot, page)
    assert ids(page, "Lost") == [deals[0]]
    found = read(workspace, deal_details, deals[0])
    assert found is not None
    assert (found.row.lost_reason, found.lost_note) == (LostReason.OTHER, "They merged")


def test_a_move_that_is_refused_puts_the_card_back(
    qtbot: QtBot, page: PipelinePage, workspace: Workspace, deals: list[int]
) -> None:
    shown(qtbot, page)
    demo = column(page, "Demo").column.stage_id

    def archive(session: Any) -> int:
        session.get_one(Stage, demo).archived_at = session.get_one(Deal, deals[0]).created_at
        return 0

    page.context.changed.disconnect(page._take)  # the page has not heard of it yet
    run(workspace, archive)
    with qtbot.waitSignal(page.context.toast_requested) as caught:
        drop(page, [deals[0]], "Demo")
    assert caught.args is not None
    assert caught.args[0].kind == "error"
    settle(qtbot, page)
    assert ids(page, "Qualification") == deals


# --- the keyboard


def test_keys_move_deals_and_walk_the_board(
    qtbot: QtBot, page: PipelinePage, workspace: Workspace, deals: list[int]
) -> None:
    shown(qtbot, page)
    page.board_view.select_id(deals[1], focus=True)
    press(page, Qt.Key.Key_Right, CTRL_SHIFT)
    settle(qtbot, page)
    assert stored(workspace, deals[1])[0] == "Demo"
    assert page.board_view.current_id() == deals[1]  # it stays chosen: press again
    press(page, Qt.Key.Key_Right, CTRL_SHIFT)
    settle(qtbot, page)
    assert stored(workspace, deals[1])[0] == "Proposal"
    press(page, Qt.Key.Key_Left)
    assert page.board_view.current_id() == deals[0]  # over the empty column
    press(page, Qt.Key.Key_J)
    assert page.board_view.current_id() == deals[2]
    press(page, Qt.Key.Key_Up, CTRL_SHIFT)
    settle(qtbot, page)
    assert ids(page, "Qualification") == [deals[2], deals[0]]
    press(page, Qt.Key.Key_Down, CTRL_SHIFT)
    settle(qtbot, page)
    assert ids(page, "Qualification") == [deals[0], deals[2]]
    press(page, Qt.Key.Key_W)
    settle(qtbot, page)
    assert stored(workspace, deals[2])[1] is StageType.WON


def test_enter_opens_the_deal_at_full_width(
    qtbot: QtBot, page: PipelinePage, deals: list[int]
) -> None:
    shown(qtbot, page)
    page.board_view.select_id(deals[0], focus=True)
    with qtbot.waitSignal(page.context.navigation_requested) as caught:
        press(page, Qt.Key.Key_Return)
    assert caught.args is not None
    target = caught.args[0]
    assert (target.page, target.kind, target.record_id) == ("deal", "deal", deals[0])


def test_the_stage_menu_names_the_stages_and_moves(
    qtbot: QtBot, page: PipelinePage, workspace: Workspace, deals: list[int]
) -> None:
    shown(qtbot, page)
    menu = page.stage_menu((deals[0],), page)
    words = [action.text().split("\t")[0] for action in menu.actions()]
    assert words == [v.column.name for v in page.board_view.columns]
    assert not menu.actions()[0].isEnabled()  # it is there already
    menu.actions()[2].trigger()
    settle(qtbot, page)
    assert stored(workspace, deals[0])[0] == "Proposal"


def test_delete_archives_with_undo(qtbot: QtBot, page: PipelinePage, deals: list[int]) -> None:
    shown(qtbot, page)
    page.board_view.select_id(deals[0], focus=True)
    with qtbot.waitSignal(page.context.toast_requested) as caught:
        press(page, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: ids(page, "Qualification") == deals[1:])
    assert caught.args is not None
    assert caught.args[0].undo_step is not None


def test_drop_place_follows_the_pointer(qtbot: QtBot, page: PipelinePage, deals: list[int]) -> None:
    shown(qtbot, page)
    cards = column(page, "Qualification").list
    assert [cards.row_near(QPoint(20, y)) for y in (0, 60, 100, 165, 2_000)] == [0, 1, 1, 2, 3]


# --- filter and table


def test_the_filter_reads_as_a_sentence_and_serves_board_and_table(
    qtbot: QtBot, page: PipelinePage, workspace: Workspace, deals: list[int]
) -> None:
    product = run(workspace, create_product, name="Scanner", price_minor=100)
    with_product = run(
        workspace, create_deal, name="Fourth", lines=[{"product_id": product}], owner_id=None
    )
    shown(qtbot, page)
    qtbot.waitUntil(lambda: len(page.filters.owner_choices()) == 1)
    page.filters.product.set_value(product)
    qtbot.waitUntil(lambda: ids(page, "Qualification") == [with_product])
    page.show_table(True)
    qtbot.waitUntil(lambda: page.table_model.total == 1 and not page.table_model.is_loading)
    assert page.table_model.id_at(0) == with_product
    assert page.filters.reset.isVisible()
    page.filters.clear()
    qtbot.waitUntil(lambda: page.table_model.total == 4)
    page.filters.search.set_text("sec")
    qtbot.waitUntil(lambda: page.table_model.total == 1)
    page.show_table(False)
    qtbot.waitUntil(lambda: ids(page, "Qualification") == [deals[1]])


def test_a_chart_can_lead_to_its_deals(
    qtbot: QtBot, page: PipelinePage, workspace: Workspace, deals: list[int]
) -> None:
    won = next(s for s in page_stages(workspace) if s[1] is StageType.WON)[0]
    run(workspace, move_deal_to_stage, deal_id=deals[0], stage_id=won)
    shown(qtbot, page)
    page.arrive(None, None, stage_type=StageType.WON)
    qtbot.waitUntil(lambda: page.is_table and page.table_model.total == 1)
    assert page.table_model.id_at(0) == deals[0]
    page.arrive(None, None, filter=DealFilter(ids=(deals[1], deals[2])))
    qtbot.waitUntil(lambda: page.table_model.total == 2)


def test_the_palette_and_the_contact_page_begin_a_deal_with_somebody(
    qtbot: QtBot, page: PipelinePage, workspace: Workspace
) -> None:
    company = run(workspace, create_company, name="Aldgate Partners")
    contact = run(workspace, create_contact, name="Priya Raman", company_id=company)
    shown(qtbot, page)
    assert page.begin("deal", "contact", contact)
    qtbot.waitUntil(lambda: page.dialog is not None)
    assert page.dialog is not None
    assert page.dialog.contact.selected_label == "Priya Raman"
    assert page.dialog.company.selected_id == company
    page.dialog.reject()
    page.arrive(None, None, new=True, company_id=company, company_name="Aldgate Partners")
    assert page.dialog.company.selected_id == company
    assert not page.is_table
    page.dialog.reject()
    assert not page.begin("call", "contact", contact)


def page_stages(workspace: Workspace) -> list[tuple[int, StageType]]:
    return read(workspace, lambda s: [(i, t) for i, t in s.execute(select(Stage.id, Stage.type))])


@pytest.mark.parametrize(
    ("key", "day", "expected"),
    [
        ("month", "2026-11-23", ("2026-11-01", "2026-11-30")),
        ("next_month", "2026-12-31", ("2027-01-01", "2027-01-31")),
        ("quarter", "2026-11-23", ("2026-10-01", "2026-12-31")),
        ("next_quarter", "2026-11-23", ("2027-01-01", "2027-03-31")),
        ("year", "2026-02-28", ("2026-01-01", "2026-12-31")),
    ],
)
def test_periods_hold_their_first_and_last_day(
    key: str, day: str, expected: tuple[str, str]
) -> None:
    from datetime import date

    start, end = period_days(key, date.fromisoformat(day))
    assert (str(start), str(end)) == expected


def test_the_page_comes_back_as_it_was_left(
    qtbot: QtBot, page: PipelinePage, context: PageContext, deals: list[int]
) -> None:
    shown(qtbot, page)
    page.show_table(True)
    page.filters.choose(period="quarter")
    state = page.save_state()
    other = PipelinePage(context)
    qtbot.addWidget(other)
    other.restore_state(state)
    assert other.is_table
    assert other.filters.period.value == "quarter"
    assert other.filters.base == page.filters.base


# --- the pane


def test_choosing_a_card_shows_it_and_fields_save_in_place(
    qtbot: QtBot, page: PipelinePage, workspace: Workspace, deals: list[int]
) -> None:
    shown(qtbot, page)
    page.board_view.select_id(deals[0])
    qtbot.waitUntil(lambda: page.pane.title.text == "First")
    assert page.pane.isVisible()
    amount = page.pane.properties.fields["amount_minor"]
    assert amount.value == 300_00
    amount.start()
    editor = amount.edit_widget
    assert editor is not None
    editor.setText("1250.50")  # type: ignore[attr-defined]
    amount.commit()
    settle(qtbot, page)
    assert read(workspace, deal_rows, [deals[0]])[0].amount_minor == 1_250_50
    qtbot.waitUntil(lambda: column(page, "Qualification").column.total_minor == 1_550_50)
    assert page.board_view.current_id() == deals[0]


def test_what_is_wrong_is_said_beside_the_field(
    qtbot: QtBot, page: PipelinePage, deals: list[int]
) -> None:
    shown(qtbot, page)
    page.show_deal(deals[0])
    qtbot.waitUntil(lambda: page.pane.title.text == "First")
    field = page.pane.properties.fields["probability"]
    field.start()
    field.edit_widget.setText("140")  # type: ignore[union-attr]
    field.commit()
    qtbot.waitUntil(lambda: field.error_text() == "A probability lies between 0 and 100 %.")


def test_the_pane_moves_plans_logs_and_sells(
    qtbot: QtBot, page: PipelinePage, workspace: Workspace, deals: list[int]
) -> None:
    product = run(workspace, create_product, name="Scanner", price_minor=120_00)
    shown(qtbot, page)
    page.show_deal(deals[0])
    qtbot.waitUntil(lambda: page.pane.title.text == "First")
    pane = page.pane
    pane.stages.chosen.emit(pane.source.details.stages[1])  # type: ignore[union-attr]
    settle(qtbot, page)
    assert stored(workspace, deals[0])[0] == "Demo"
    qtbot.waitUntil(
        lambda: [v.stage_name for v in pane.history.visits] == ["Demo", "Qualification"]
    )

    pane.next_step.begin()
    pane.next_step.title.setText("Call back")
    pane.next_step.save()
    qtbot.waitUntil(lambda: [v.task.title for v in pane.next_step.views] == ["Call back"])
    pane.next_step.views[0].ticked.emit(pane.next_step.views[0].task)
    qtbot.waitUntil(lambda: not pane.next_step.views)
    assert read(workspace, lambda s: s.scalars(select(Task.done_at)).one()) is not None

    pane.begin_log(ActivityKind.CALL)
    pane.log.text.setPlainText("Wants three years")
    pane.log.save()
    settle(qtbot, page)
    touches = read(workspace, deal_touches, deals[0])
    assert [(t.kind, t.body) for t in touches] == [("call", "Wants three years"), ("task", "")]
    qtbot.waitUntil(lambda: pane.log.text.toPlainText() == "")

    pane.lines.edit(None)
    editor = pane.lines.editor
    assert editor is not None
    editor.save()
    assert editor.error.text() == "Choose a product."
    editor.product.set_selected(product, "Scanner")
    editor.quantity.setText("3")
    editor.save()
    qtbot.waitUntil(lambda: [v.line.name for v in pane.lines.views] == ["Scanner"])
    assert read(workspace, deal_rows, [deals[0]])[0].amount_minor == 360_00
    qtbot.waitUntil(lambda: not pane.properties.fields["amount_minor"].isEnabled())


def test_the_pane_follows_others_and_closes_by_escape(
    qtbot: QtBot, page: PipelinePage, workspace: Workspace, deals: list[int]
) -> None:
    shown(qtbot, page)
    page.show_deal(deals[0])
    qtbot.waitUntil(lambda: page.pane.title.text == "First")
    run(workspace, change_deal, deal_id=deals[0], name="First, renamed")
    qtbot.waitUntil(lambda: page.pane.title.text == "First, renamed")
    run(workspace, log_activity, kind=ActivityKind.NOTE, body="spoke", deal_id=deals[0])
    qtbot.waitUntil(lambda: page.pane.activity.box.count() == 3)
    qtbot.keyClick(page.pane, Qt.Key.Key_Escape)
    assert not page.pane.isVisible()


def test_a_new_deal_by_ctrl_n(qtbot: QtBot, page: PipelinePage, workspace: Workspace) -> None:
    shown(qtbot, page)
    page.new_button.click()
    dialog = page.dialog
    assert dialog is not None
    dialog.try_confirm()
    assert dialog.isVisible()  # it has no name yet
    dialog.name.setText("Fleet upgrade")
    dialog.amount.setText("4 500")
    dialog.try_confirm()
    qtbot.waitUntil(lambda: len(ids(page, "Qualification")) == 1)
    settle(qtbot, page)
    made = ids(page, "Qualification")[0]
    assert read(workspace, deal_rows, [made])[0].amount_minor == 4_500_00
    assert page.pane.deal_id == made
    assert not page.empty.isVisible()


def test_the_full_page_shows_and_changes_one_deal(
    qtbot: QtBot, context: PageContext, workspace: Workspace, deals: list[int]
) -> None:
    page = DealRecordPage(context)
    qtbot.addWidget(page)
    page.resize(1232, 900)
    page.show()
    page.arrive("deal", deals[0])
    qtbot.waitUntil(lambda: page.title.text == "First")
    assert "Aldgate Partners" in page.subtitle.text()
    page.title.start()
    page.title.edit.setText("First of all")
    page.title.commit()
    settle(qtbot, page)
    assert read(workspace, deal_rows, [deals[0]])[0].name == "First of all"
    won = next(s for s in page.source.details.stages if s.type is StageType.WON)  # type: ignore[union-attr]
    page.stage_actions.stage_chosen.emit(won)
    qtbot.waitUntil(lambda: page.pill.text == "Won")
    assert page.value_note.text().startswith("Won on")
    page.hide()
