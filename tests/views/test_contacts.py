"""The contacts pages: from a click or a key to what is stored, and back onto the screen."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.commands.activities import log_activity
from app.commands.companies import create_company
from app.commands.contacts import change_contact, create_contact
from app.commands.users import create_user
from app.history import undo_step
from app.queries.contact_details import contact_details
from app.queries.contacts import ContactFilter, contact_ids, contact_rows
from app.queries.saved_views import saved_views
from app.queries.timeline import timeline
from app.queries.timeline_entry import TimelineEntry
from app.workspace import Workspace
from models.clock import now
from models.values import CallOutcome, Lifecycle, StageType
from tests.conftest import read, run
from views.contacts.company_page import CompanyRecordPage
from views.contacts.new_dialogs import NewContactDialog
from views.contacts.page import ContactsPage
from views.contacts.record_page import ContactRecordPage, RecordPage
from views.contacts.timeline_words import line_of
from views.context import PageContext, Target, ToastRequest


@pytest.fixture
def context(qtbot: QtBot, workspace: Workspace) -> Iterator[PageContext]:
    made = PageContext(workspace)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def people(workspace: Workspace) -> list[int]:
    company = run(workspace, create_company, name="Aldgate Partners", website="aldgate.example")
    return [
        run(
            workspace,
            create_contact,
            name=name,
            email=f"{name.split()[0].lower()}@example.com",
            phone="030 1234567",
            company_id=company,
        )
        for name in ("Amara Adams", "Bea Brown", "Chloé Cole")
    ]


def settle(qtbot: QtBot, page: ContactsPage | RecordPage) -> None:
    courier = page.context.courier
    qtbot.waitUntil(lambda: courier.pending == 0)


@pytest.fixture
def page(qtbot: QtBot, context: PageContext, people: list[int]) -> Iterator[ContactsPage]:
    made = ContactsPage(context)
    qtbot.addWidget(made)
    made.resize(1232, 900)
    made.show()
    qtbot.waitUntil(lambda: made.panel.model.total == len(people))
    settle(qtbot, made)
    yield made
    made.hide()


def record_page(
    qtbot: QtBot, context: PageContext, kind: type[RecordPage], record_id: int
) -> RecordPage:
    made = kind(context)
    qtbot.addWidget(made)
    made.resize(1232, 900)
    made.show()
    made.arrive(kind.kind, record_id)
    qtbot.waitUntil(lambda: made.source.details is not None)
    settle(qtbot, made)
    return made


def test_the_table_keeps_the_rules_of_item_models(page: ContactsPage) -> None:
    mode = QAbstractItemModelTester.FailureReportingMode.Fatal
    tester = QAbstractItemModelTester(page.panel.model, mode)
    page.panel.model.refresh(None)
    assert tester.model() is page.panel.model


def test_a_row_opens_the_pane_and_a_field_saved_there_is_stored_and_shown(
    qtbot: QtBot, workspace: Workspace, page: ContactsPage, people: list[int]
) -> None:
    page.panel.table.select_id(people[1])
    qtbot.waitUntil(lambda: page.pane.source.details is not None)
    settle(qtbot, page)
    assert page.pane.isVisible()
    assert page.pane.name.text == "Bea Brown"
    field = page.pane.form.field("job_title")
    assert field is not None
    field.start()
    assert field.edit_widget is not None
    qtbot.keyClicks(field.edit_widget, "Buyer")
    qtbot.keyClick(field.edit_widget, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: read(workspace, contact_rows, [people[1]])[0].job_title == "Buyer")
    qtbot.waitUntil(lambda: "Buyer" in page.pane.line.text())
    assert page.panel.table.current_id() == people[1]


def test_what_is_refused_stands_beside_its_field(
    qtbot: QtBot, workspace: Workspace, page: ContactsPage, people: list[int]
) -> None:
    page.show_record("contact", people[0])
    qtbot.waitUntil(lambda: page.pane.form.field("email") is not None)
    field = page.pane.form.field("email")
    assert field is not None
    page.pane.source.save("email", "nonsense", page.pane.form)
    qtbot.waitUntil(lambda: field.error_text() != "")
    assert "nonsense" in field.error_text()
    assert read(workspace, contact_rows, [people[0]])[0].email == "amara@example.com"


def test_a_change_by_somebody_else_appears_by_itself(
    qtbot: QtBot, workspace: Workspace, page: ContactsPage, people: list[int]
) -> None:
    page.show_record("contact", people[0])
    qtbot.waitUntil(lambda: page.pane.source.details is not None)
    run(workspace, change_contact, contact_id=people[0], name="Zoé Zorn")
    qtbot.waitUntil(lambda: page.pane.name.text == "Zoé Zorn")
    qtbot.waitUntil(lambda: page.panel.model.row_of(people[0]) == 2)
    run(workspace, create_contact, name="Dora Dean")
    qtbot.waitUntil(lambda: page.panel.model.total == 4)
    qtbot.waitUntil(lambda: page.header.subtitle.text() == "4 people")


def test_typing_narrows_the_list_and_says_how_many(qtbot: QtBot, page: ContactsPage) -> None:
    page.search.setText("chl")
    qtbot.waitUntil(lambda: page.panel.model.total == 1)
    qtbot.waitUntil(lambda: "1 shown" in page.header.subtitle.text())
    page.search.setText("nobody at all")
    qtbot.waitUntil(page.panel.nothing.isVisible)
    page.panel.clear_filter()
    qtbot.waitUntil(lambda: page.panel.model.total == 3)


def test_the_filter_reads_as_a_sentence_and_chips_take_conditions_away(
    qtbot: QtBot, workspace: Workspace, page: ContactsPage, people: list[int]
) -> None:
    run(workspace, change_contact, contact_id=people[0], lifecycle=Lifecycle.CUSTOMER)
    page.panel.filters.stage.set_value(Lifecycle.CUSTOMER)
    qtbot.waitUntil(lambda: page.panel.model.total == 1)
    page.panel.filters.change(untouched_days=30)
    (chip,) = page.panel.filters._chips
    assert chip.text() == "quiet for 30 days"  # type: ignore[attr-defined]
    qtbot.keyClick(chip, Qt.Key.Key_Delete)
    assert page.panel.filters.filter == ContactFilter(lifecycles=(Lifecycle.CUSTOMER,))


def test_everything_selected_is_changed_by_its_filter_in_one_step(
    qtbot: QtBot, workspace: Workspace, page: ContactsPage, people: list[int]
) -> None:
    farah = run(workspace, create_user, name="Farah Aziz")
    table = page.panel.table
    qtbot.keyClick(table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert page.panel.bulk.isVisible()
    assert page.panel.bulk.chosen == ContactFilter()
    with qtbot.waitSignal(page.context.toast_requested) as told:
        page.panel.bulk.assign(farah)
    request: Any = told.args[0] if told.args else None
    assert isinstance(request, ToastRequest)
    assert request.text == "3 have a new owner"
    assert {row.owner_id for row in read(workspace, contact_rows, people)} == {farah}
    assert request.undo_step is not None
    workspace.change("Undo", undo_step, step=request.undo_step)
    assert {row.owner_id for row in read(workspace, contact_rows, people)} == {workspace.user_id}


def test_a_view_brings_filter_and_order_back(
    qtbot: QtBot, workspace: Workspace, page: ContactsPage
) -> None:
    page.panel.filters.change(has_email=True)
    page.panel.save_as("With mail")
    qtbot.waitUntil(lambda: len(page.panel.views.chips) == 2)
    page.panel.clear_filter()
    (view,) = read(workspace, saved_views, "contacts", workspace.user_id)
    page.panel.views.set_value(view.id)
    assert page.panel.filters.filter == ContactFilter(has_email=True)


def test_state_comes_back_at_the_next_start(
    qtbot: QtBot, context: PageContext, page: ContactsPage, people: list[int]
) -> None:
    page.panel.filters.change(has_phone=True)
    page.panel.model.set_sort("email", descending=True)
    settle(qtbot, page)
    page.show_record("contact", people[2])
    state = page.save_state()
    again = ContactsPage(context)
    qtbot.addWidget(again)
    again.restore_state(state)
    again.show()
    qtbot.waitUntil(lambda: again.pane.source.details is not None)
    assert again.pane.source.record_id == people[2]
    assert again.panel.filters.filter == ContactFilter(has_phone=True)
    table = again.save_state()["lists"]["contact"]["table"]
    assert (table["sort"], table["descending"]) == ("email", True)
    settle(qtbot, again)
    again.hide()


def test_the_empty_page_offers_to_begin(qtbot: QtBot, context: PageContext) -> None:
    empty = ContactsPage(context)
    qtbot.addWidget(empty)
    empty.resize(1232, 900)
    empty.show()
    qtbot.waitUntil(empty.panel.empty.isVisible)
    with qtbot.waitSignal(context.navigation_requested) as asked:
        empty.panel.empty.primary_clicked.emit()
    target: Any = asked.args[0] if asked.args else None
    assert isinstance(target, Target)
    assert target.page == "import"
    settle(qtbot, empty)
    empty.hide()


def test_quick_add_warns_of_a_likely_duplicate_and_still_lets_go_on(
    qtbot: QtBot, workspace: Workspace, page: ContactsPage, people: list[int]
) -> None:
    dialog = NewContactDialog(page.context, page)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.email.setText("AMARA@example.com")
    qtbot.waitUntil(lambda: [item.id for item in dialog.warning.found] == [people[0]])
    dialog.given.setText("Amara")
    dialog.family.setText("Second")
    with qtbot.waitSignal(dialog.created) as made:
        dialog.try_confirm()
    new_id: Any = made.args[0] if made.args else None
    assert read(workspace, contact_rows, [new_id])[0].name == "Amara Second"


def test_quick_add_says_what_is_wrong_and_stays_open(
    qtbot: QtBot, workspace: Workspace, page: ContactsPage
) -> None:
    dialog = NewContactDialog(page.context, page)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.try_confirm()
    qtbot.waitUntil(dialog.confirm_button.isEnabled)
    assert dialog.isVisible()
    assert len(read(workspace, contact_ids, None)) == 3


def test_a_call_written_down_stands_on_the_timeline(
    qtbot: QtBot, workspace: Workspace, context: PageContext, people: list[int]
) -> None:
    page = record_page(qtbot, context, ContactRecordPage, people[0])
    page.composer.begin("call")
    qtbot.keyClicks(page.composer.text, "Pricing for Q1")
    qtbot.keyClick(page.composer.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: page.composer.text.toPlainText() == "")
    (call,) = read(workspace, timeline, contact_id=people[0], kinds=("call",)).entries
    assert (call.body, call.outcome) == ("Pricing for Q1", CallOutcome.REACHED)
    model = page.timeline.view.records

    def words() -> list[str]:
        return [str(model.data(model.index(row, 0))) for row in range(model.rowCount())]

    qtbot.waitUntil(lambda: any("You called" in text for text in words()))
    settle(qtbot, page)
    page.hide()


def test_tags_and_properties_of_the_company_are_saved_from_the_page(
    qtbot: QtBot, workspace: Workspace, context: PageContext, people: list[int]
) -> None:
    page = record_page(qtbot, context, ContactRecordPage, people[0])
    page.tags.added.emit("vip")
    page.form.committed.emit("company.industry", "Logistics")
    page.form.committed.emit("point+phone", "+44 161 496 0519")

    def stored() -> bool:
        found = read(workspace, contact_details, people[0])
        assert found is not None
        assert found.company is not None
        tags = [tag.name for tag in found.facts.tags]
        return (
            tags == ["vip"]
            and found.company.industry == "Logistics"
            and len(found.facts.points) == 3
        )

    qtbot.waitUntil(stored)
    settle(qtbot, page)
    page.hide()


def test_previous_and_next_walk_through_the_list_it_came_from(
    qtbot: QtBot, context: PageContext, people: list[int]
) -> None:
    page = record_page(qtbot, context, ContactRecordPage, people[0])
    page.arrive("contact", people[0], ids=people, place="All people")
    assert (page.previous.isEnabled(), page.next.isEnabled()) == (False, True)
    page.next.click()
    qtbot.waitUntil(lambda: page.name.text == "Bea Brown")
    assert page.position.text() == "2 of 3"
    settle(qtbot, page)
    page.hide()


def test_a_record_that_is_gone_says_so(
    qtbot: QtBot, context: PageContext, people: list[int]
) -> None:
    page = record_page(qtbot, context, ContactRecordPage, people[0])
    page.arrive("contact", 12345)
    qtbot.waitUntil(page.missing.isVisible)
    page.hide()


def test_a_company_shows_its_people_and_their_history(
    qtbot: QtBot, workspace: Workspace, context: PageContext, people: list[int]
) -> None:
    run(workspace, log_activity, kind="note", body="Moved to Berlin", contact_id=people[0])
    company = read(workspace, contact_rows, people)[0].company_id
    assert company is not None
    page = record_page(qtbot, context, CompanyRecordPage, company)
    qtbot.waitUntil(lambda: page.timeline.view.records.rowCount() > 1)
    settle(qtbot, page)
    assert page.name.text == "Aldgate Partners"
    page.hide()


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        (
            "call",
            {"outcome": CallOutcome.REACHED, "duration_seconds": 840},
            "Elena called · 14 min",
        ),
        ("email", {"title": "Quote"}, "Elena wrote Quote"),
        ("meeting", {"title": "Demo"}, "Demo · with Elena"),
        ("note", {}, "Note by Elena"),
        (
            "deal",
            {"title": "Renewal", "stage_to": "Won", "stage_type": StageType.WON},
            "won Renewal",
        ),
        ("order", {"number": "S-1", "amount_minor": 128400, "currency": "EUR"}, "Order S-1"),
        ("task", {"title": "Send quote"}, "Elena did Send quote"),
        ("ticket", {"title": "Scanner", "number": "2029"}, "Ticket #2029 Scanner opened"),
        ("import", {"title": "people.csv", "number": "212"}, "Read from people.csv · line 212"),
    ],
)
def test_every_entry_reads_as_a_sentence(kind: str, fields: dict[str, Any], words: str) -> None:
    entry = TimelineEntry(
        kind=kind, record_kind="activity", record_id=1, at=now(), who="Elena", user_id=7, **fields
    )
    assert words in line_of(entry, None).text
    assert line_of(entry, 7).icon
