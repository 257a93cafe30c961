"""Others' changes are shown as they come, and nothing on the screen jumps."""

import time
from datetime import timedelta

from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from app.commands.contacts import create_contact
from app.commands.deals import create_deal
from app.commands.tasks import create_task
from app.commands.tickets import create_ticket
from app.workspace import Workspace
from models.clock import now
from models.records import Deal
from models.values import TicketPriority
from tests.conftest import run
from tests.views.two_windows import OtherWindow, field_of, stages_of, stored, until
from views.pipeline.glide import AT_ONCE
from views.pipeline.page import PipelinePage
from views.stage import Stage
from views.tickets.page import TicketsPage
from views.today.needs_view import NeedsView


def test_an_open_editor_selection_and_scroll_stay(
    qtbot: QtBot, stage: Stage, watched: Workspace, ann: OtherWindow, person: int
) -> None:
    for number in range(80):
        run(watched, create_contact, name=f"Person {number:03}")
    page = stage.go("contacts", "contact", person)
    table = page.panel.table  # type: ignore[attr-defined]
    bar = table.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    title = field_of(stage, "Job title")
    title.start()
    editor = title.edit_widget
    assert isinstance(editor, QLineEdit)
    editor.setText("Head of buy")
    before = (bar.value(), list(table.selection().ids))
    ann.do("change_contact", contact_id=person, city="Bonn")
    until(qtbot, lambda: field_of(stage, "City").view.words == "Bonn")
    assert title.is_editing
    assert editor.text() == "Head of buy"
    assert (bar.value(), list(table.selection().ids)) == before
    editor.setText("Head of buying")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    until(qtbot, lambda: stored(watched, person, "job_title") == "Head of buying")
    assert stored(watched, person, "city") == "Bonn"


def test_a_card_moved_elsewhere_glides_with_the_initials(
    qtbot: QtBot, stage: Stage, watched: Workspace, ann: OtherWindow
) -> None:
    deals = [run(watched, create_deal, name=f"Deal {n}") for n in range(3)]
    steps = stages_of(watched)
    page = stage.go("pipeline")
    assert isinstance(page, PipelinePage)
    board = page.board_view
    ann.do("move_deal_to_stage", deal_id=deals[1], stage_id=steps[2])
    until(qtbot, lambda: bool(board.glides.cards))
    (card,) = board.glides.cards
    assert card.is_moving
    assert "Ann Weber moved Deal 1" in card.accessibleName()
    start, end = card.animation.startValue(), card.animation.endValue()
    assert end.x() > start.x() + 200  # two columns to the right
    target = board.stage_view(steps[2])
    assert target is not None
    assert target.model.row_of(deals[1]) == 0
    until(qtbot, lambda: not card.is_moving)
    assert card.pos() == end
    # One's own move does not glide.
    page.move_deals((deals[0],), steps[1], None)
    until(
        qtbot,
        lambda: watched.read(lambda s: s.get(Deal, deals[0]).stage_id) == steps[1],
    )
    stage.settle()
    assert [c for c in board.glides.cards if c.is_moving] == []


def test_many_cards_at_once_do_not_swarm(
    qtbot: QtBot, stage: Stage, watched: Workspace, ann: OtherWindow
) -> None:
    deals = [run(watched, create_deal, name=f"Deal {n}") for n in range(AT_ONCE + 1)]
    steps = stages_of(watched)
    page = stage.go("pipeline")
    assert isinstance(page, PipelinePage)
    watched.watcher.stop()  # so that all come with one look
    for deal in deals:
        ann.do("move_deal_to_stage", deal_id=deal, stage_id=steps[2])
    watched.watcher.look()
    target = page.board_view.stage_view(steps[2])
    assert target is not None
    until(qtbot, lambda: target.model.rowCount() == len(deals))
    assert page.board_view.glides.cards == []


def test_only_the_touched_row_is_read_again(
    qtbot: QtBot, stage: Stage, watched: Workspace, ann: OtherWindow, person: int
) -> None:
    for number in range(30):
        run(watched, create_contact, name=f"Person {number:03}")
    page = stage.go("contacts")
    model = page.panel.model  # type: ignore[attr-defined]
    until(qtbot, lambda: model.is_complete)
    stage.settle()
    repainted: list[tuple[int, int]] = []
    moved: list[str] = []
    model.dataChanged.connect(lambda top, end: repainted.append((top.row(), end.row())))
    for signal in (model.layoutChanged, model.modelReset, model.rowsInserted, model.rowsRemoved):
        signal.connect(lambda *_: moved.append("rows"))
    row = model.row_of(person)
    ann.do("change_contact", contact_id=person, job_title="Chief")
    until(qtbot, lambda: bool(repainted))
    stage.settle()
    assert set(repainted) == {(row, row)}
    assert moved == []


def test_a_storm_elsewhere_is_told_about_once_a_second(
    qtbot: QtBot, stage: Stage, watched: Workspace, ann: OtherWindow, person: int
) -> None:
    told: list[float] = []
    stage.context.changed.connect(
        lambda changes: told.append(time.monotonic()) if changes.foreign else None
    )
    started = time.monotonic()
    number = 0
    while time.monotonic() - started < 4:
        number += 1
        ann.do("change_contact", contact_id=person, city=f"Town {number}")
        QApplication.sendPostedEvents(None, QEvent.Type.MetaCall)
        QApplication.processEvents()
    stage.go("contacts", "contact", person)
    until(qtbot, lambda: field_of(stage, "City").view.words == f"Town {number}")
    assert number > 20
    assert 2 <= len(told) <= 7, told


def test_today_keeps_its_place_while_others_work(
    qtbot: QtBot, stage: Stage, watched: Workspace, ann: OtherWindow
) -> None:
    tasks = [
        run(watched, create_task, title=f"Task {n:02}", due_at=now() - timedelta(days=n + 1))
        for n in range(30)
    ]
    stage.go("today")
    (needs,) = stage.page.findChildren(NeedsView)
    until(qtbot, lambda: needs.select_key("task", tasks[3]))
    bar = needs.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    resets: list[str] = []
    repainted: list[int] = []
    needs.entries.modelReset.connect(lambda: resets.append("reset"))
    needs.entries.dataChanged.connect(lambda top, _end: repainted.append(top.row()))
    before = bar.value()
    ann.do("change_task", task_id=tasks[5], title="Renamed by Ann")
    row = needs.entries.row_of(("task", tasks[5]))
    until(qtbot, lambda: needs.entries.entries[row].title == "Renamed by Ann")
    assert resets == []
    assert repainted == [row]
    assert bar.value() == before
    chosen = needs.current_entry()
    assert chosen is not None
    assert chosen.key == ("task", tasks[3])


def test_a_reply_being_written_stays_while_others_work(
    qtbot: QtBot, stage: Stage, watched: Workspace, ann: OtherWindow
) -> None:
    tickets = [run(watched, create_ticket, subject=f"Ticket {n}") for n in range(12)]
    stage.go("tickets", queue="open")
    page = stage.go("tickets", "ticket", tickets[4])
    assert isinstance(page, TicketsPage)
    page.composer.editor.setPlainText("Dear customer, ")
    ann.do("change_ticket", ticket_id=tickets[4], priority="high")
    until(qtbot, lambda: page.facts.fields["priority"].value == TicketPriority.HIGH)
    assert page.composer.editor.toPlainText() == "Dear customer, "
    assert page.panel.list.current_id() == tickets[4]
