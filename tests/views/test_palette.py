"""The box that finds any record and runs any action, by keyboard alone."""

from collections.abc import Iterator
from statistics import quantiles
from time import perf_counter

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from sqlalchemy.orm import Session

from app.commands.companies import create_company
from app.commands.contacts import create_contact
from app.commands.deals import create_deal
from app.commands.settings import workspace_settings
from app.queries.palette import FoundRecord, FoundRecords, find_records, ticket_of_number
from app.settings import Settings
from app.workspace import Workspace
from models.clock import now
from models.ids import new_id
from models.ticket import Ticket
from models.values import Lifecycle
from tests.conftest import run
from views.context import PageContext, Target
from views.main_window import MainWindow
from views.navigation import PAGES
from views.palette.actions import matching_actions
from views.palette.entries import ALL, entries_for, record_entry
from views.palette.list_model import match_runs
from views.palette.palette import Palette
from views.shared.page import Page
from views.theme import current_theme


def add_ticket(session: Session, *, subject: str, number: int) -> int:
    ticket = Ticket(id=new_id(), number=number, subject=subject, opened_at=now())
    session.add(ticket)
    return ticket.id


def fill(workspace: Workspace) -> dict[str, int]:
    company = run(workspace, create_company, name="Osprey Health")
    return {
        "company": company,
        "chloe": run(
            workspace,
            create_contact,
            name="Chloé Laurent",
            job_title="Head of Operations",
            company_id=company,
            lifecycle=Lifecycle.CUSTOMER,
        ),
        "other": run(workspace, create_contact, name="Yusuf Demir", email="yusuf@maple.example"),
        "deal": run(
            workspace,
            create_deal,
            name="Osprey renewal",
            amount_minor=2_840_000,
            company_id=company,
        ),
        "ticket": run(workspace, add_ticket, subject="Osprey portal is down", number=2038),
    }


def test_found_records_say_what_tells_them_apart(store: Workspace) -> None:
    ids = fill(store)
    found = store.read(find_records, "ospr")
    rows = {row.kind: row for row in found.rows}
    assert (rows["company"].id, rows["company"].people, rows["company"].open_deals) == (
        ids["company"],
        1,
        1,
    )
    assert rows["deal"].amount_minor == 2_840_000
    assert rows["deal"].company == "Osprey Health"
    assert rows["ticket"].number == 2038
    assert rows["contact"].job_title == "Head of Operations"
    assert found.counts["company"] == 1
    assert store.read(find_records, "o").rows == ()
    assert [row.id for row in store.read(ticket_of_number, 2038).rows] == [ids["ticket"]]
    assert store.read(ticket_of_number, 1).rows == ()


def test_statements_do_not_grow_with_the_matches(workspace: Workspace) -> None:
    from sqlalchemy import event

    for n in range(12):
        run(workspace, create_contact, name=f"Grace Number{n}")
    statements: list[str] = []

    def note(_c: object, _k: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(workspace.database.engine, "before_cursor_execute", note)
    found = workspace.read(find_records, "grace")
    event.remove(workspace.database.engine, "before_cursor_execute", note)
    assert found.counts == {"contact": 12}
    assert len(found.rows) == 6
    selects = [text for text in statements if "FROM contact" in text]
    assert len(selects) == 1


def test_matches_are_marked_at_the_beginnings_of_words() -> None:
    assert match_runs("Osprey renewal", ["ospr"]) == [("Ospr", True), ("ey renewal", False)]
    assert match_runs("Chloé Laurent", ["chloe"]) == [("Chloé", True), (" Laurent", False)]
    assert match_runs("Prosper", ["osp"]) == [("Prosper", False)]
    assert match_runs("", []) == [("", False)]
    assert "".join(part for part, _ in match_runs("a b a", ["a"])) == "a b a"


def test_actions_are_found_by_any_of_their_words() -> None:
    assert matching_actions("new de")[0].words == "New deal"
    assert matching_actions("board")[0].page == "pipeline"
    assert [action.method for action in matching_actions("dark")] == ["use_dark_theme"]
    assert matching_actions("zzz") == []


def test_groups_and_kinds() -> None:
    row = FoundRecord("contact", 1, "Ada", job_title="Owner", company="Maple")
    found = FoundRecords((row, FoundRecord("task", 2, "Call Ada")), {"contact": 1, "task": 1})
    titles = [entry.title for entry in entries_for("ada", found, ALL) if entry.heading]
    assert titles == ["Best match", "More", "Do"]
    assert [entry.title for entry in entries_for("ada", found, "contact")] == ["People", "Ada"]
    assert entries_for("ada", found, "deal") == []
    assert record_entry(row).detail == "Owner at Maple"


class Started(Page):
    """A page that can begin everything."""

    begun: tuple[str, str | None, int | None] | None = None

    def begin(self, what: str, kind: str | None = None, record_id: int | None = None) -> bool:
        self.begun = (what, kind, record_id)
        return True


@pytest.fixture
def window(
    qtbot: QtBot, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    monkeypatch.setattr("views.page_stack.page_class", lambda _entry: Started)
    settings = Settings(user_name="Elena Novak")
    context = PageContext(workspace, settings)
    window = MainWindow(context, settings)
    qtbot.addWidget(window)
    window.resize(1440, 900)
    window.show()
    yield window
    window.detach()
    context.close()


def opened(window: MainWindow, qtbot: QtBot, text: str = "") -> Palette:
    window.open_palette()
    palette = window.findChild(Palette)
    assert palette is not None
    if text:
        qtbot.keyClicks(palette.input, text)
        context = window.context
        assert context is not None
        qtbot.waitUntil(lambda: context.courier.pending == 0)
    return palette


def titles(palette: Palette) -> list[str]:
    return [entry.title for entry in palette.model.entries]


def test_typing_finds_and_enter_opens_at_full_width(
    window: MainWindow, workspace: Workspace, qtbot: QtBot
) -> None:
    ids = fill(workspace)
    palette = opened(window, qtbot, "osprey")
    assert titles(palette)[:2] == ["Best match", "Osprey Health"]
    context = window.context
    assert context is not None
    with qtbot.waitSignal(context.navigation_requested) as told:
        qtbot.keyClick(palette.input, Qt.Key.Key_Return)
    assert told.args == [Target("company", "company", ids["company"])]
    assert not palette.isVisible()


def test_ctrl_enter_opens_beside_and_arrows_skip_headings(
    window: MainWindow, workspace: Workspace, qtbot: QtBot
) -> None:
    ids = fill(workspace)
    palette = opened(window, qtbot, "osprey")
    qtbot.keyClick(palette.input, Qt.Key.Key_Up)
    assert palette.list.currentIndex().row() == 1
    qtbot.keyClick(palette.input, Qt.Key.Key_Down)
    assert titles(palette)[palette.list.currentIndex().row()] == "Chloé Laurent"
    context = window.context
    assert context is not None
    with qtbot.waitSignal(context.navigation_requested) as told:
        qtbot.keyClick(palette.input, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert told.args == [Target("contacts", "contact", ids["chloe"])]


def test_tab_offers_what_can_be_done_with_the_record(
    window: MainWindow, workspace: Workspace, qtbot: QtBot
) -> None:
    ids = fill(workspace)
    palette = opened(window, qtbot, "osprey")
    qtbot.keyClick(palette.input, Qt.Key.Key_Tab)
    assert titles(palette)[2] == "New deal for Osprey Health"
    qtbot.keyClick(palette.input, Qt.Key.Key_Return)
    page = window.pages.page
    assert isinstance(page, Started)
    assert window.pages.current_key == "pipeline"
    assert page.begun == ("deal", "company", ids["company"])


def test_escape_leaves_the_actions_then_the_palette(
    window: MainWindow, workspace: Workspace, qtbot: QtBot
) -> None:
    fill(workspace)
    palette = opened(window, qtbot, "osprey")
    before = titles(palette)
    qtbot.keyClick(palette.input, Qt.Key.Key_Tab)
    qtbot.keyClick(palette.input, Qt.Key.Key_Escape)
    assert titles(palette) == before
    qtbot.keyClick(palette.input, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_prefixes_narrow_the_kinds(window: MainWindow, workspace: Workspace, qtbot: QtBot) -> None:
    fill(workspace)
    palette = opened(window, qtbot, "@osprey")
    assert titles(palette) == ["People", "Chloé Laurent"]
    palette.input.clear()
    qtbot.keyClicks(palette.input, "#2038")
    qtbot.waitUntil(lambda: "#2038 Osprey portal is down" in titles(palette))
    palette.input.clear()
    qtbot.keyClicks(palette.input, ">dark")
    assert titles(palette) == ["Do", "Dark theme"]
    palette.input.clear()
    assert palette.chips.value == ALL


def test_theme_is_changed_and_kept(window: MainWindow, qtbot: QtBot) -> None:
    for word in ("dark", "light"):
        palette = opened(window, qtbot, f">{word} theme")
        qtbot.keyClick(palette.input, Qt.Key.Key_Return)
        assert current_theme().name == word
        assert Settings.load().theme == word


def test_nothing_found_says_so(window: MainWindow, qtbot: QtBot) -> None:
    palette = opened(window, qtbot, "qqqq")
    assert palette.nothing.isVisible()
    assert "qqqq" in palette.nothing.text()
    qtbot.keyClick(palette.input, Qt.Key.Key_Return)
    assert palette.isVisible()


def test_empty_palette_lists_every_page(window: MainWindow, qtbot: QtBot) -> None:
    palette = opened(window, qtbot)
    pages = {entry.action.page for entry in palette.model.entries if entry.action}
    assert {entry.key for entry in PAGES if entry.place != "second"} <= pages


def test_second_ctrl_k_uses_the_open_palette(window: MainWindow, qtbot: QtBot) -> None:
    first = opened(window, qtbot)
    assert opened(window, qtbot) is first


def test_search_is_fast_enough_while_typing(workspace: Workspace) -> None:
    assert workspace.read(workspace_settings).currency == "EUR"
    for n in range(60):
        run(workspace, create_contact, name=f"Osprey Person{n}")
    times = []
    for _ in range(20):
        for typed in ("os", "osp", "osprey"):
            started = perf_counter()
            workspace.read(find_records, typed)
            times.append((perf_counter() - started) * 1_000)
    assert quantiles(times, n=20)[-1] < 60, "20 ms on a quiet machine; this one is shared"
