"""The steps between the file and the result: words, matches, mending, mappings, what is behind."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot
from sqlalchemy import func, select

from app.commands.contacts import change_contact
from app.exchange.counts import Outcome
from app.exchange.mappings import load
from app.exchange.plan import OnMatch, Taking
from app.queries.imports import import_batches, import_mappings
from app.workspace import Workspace
from models.records import Contact, ImportReject, User
from models.values import BatchState
from tests.conftest import read
from views.context import PageContext, Target
from views.importing.imports_page import ImportsPage
from views.importing.page import ImportPage
from views.importing.steps import Step

PATIENCE = 60_000
HEADER = "First name;Last name;E-mail;Job title;Lifecycle;Owner\n"
OLD = HEADER + "Anna;Berg;anna@x.example;Buyer;lead;Mia\nBo;Lund;bo@x.example;Clerk;lead;Mia\n"
NEW = (
    HEADER
    + "Anna;Berg;anna@x.example;Head;Stammkunde;Mia\n"
    + "Bo;Lund;bo@x.example;Clerk;lead;Mia\n"
    + "Cy;Dahl;nope;Chef;lead;Someone New\n"
    + ";;;only a job;;\n"
)


@pytest.fixture
def context(workspace: Workspace) -> Iterator[PageContext]:
    made = PageContext(workspace)
    yield made
    made.close()


@pytest.fixture
def page(qtbot: QtBot, context: PageContext) -> Iterator[ImportPage]:
    made = ImportPage(context)
    qtbot.addWidget(made)
    made.resize(1232, 900)
    made.show()
    yield made
    made.hide()
    made.work.close()
    made.pasted.remove()


@pytest.fixture
def imports(qtbot: QtBot, context: PageContext) -> Iterator[ImportsPage]:
    made = ImportsPage(context)
    qtbot.addWidget(made)
    made.resize(1232, 900)
    yield made
    made.hide()
    made.work.close()


def ready(qtbot: QtBot, page: ImportPage) -> None:
    """Wait until the file is looked at and counted as it is planned now."""
    qtbot.waitUntil(
        lambda: bool(page.tallies) and page.context.courier.pending == 0, timeout=PATIENCE
    )


def opened(qtbot: QtBot, page: ImportPage, folder: Path, text: str, name: str) -> None:
    path = folder / name
    path.write_text(text, "utf-8")
    page.open_files([str(path)])
    ready(qtbot, page)


def taken(qtbot: QtBot, page: ImportPage) -> None:
    page.go.click()
    qtbot.waitUntil(lambda: page.steps.step == Step.RESULT, timeout=PATIENCE)
    qtbot.waitUntil(lambda: page.context.courier.pending == 0, timeout=PATIENCE)


@pytest.fixture
def seeded(qtbot: QtBot, page: ImportPage, tmp_path: Path) -> ImportPage:
    opened(qtbot, page, tmp_path, OLD, "old.csv")
    taken(qtbot, page)
    return page


def choose(page: ImportPage, text: str, label: str) -> None:
    """Choose among what a word may mean, as the editor on its row does."""
    words = page.card.words.list
    place = next(i for i, row in enumerate(words.rows) if row.text == text and not row.heading)
    words.choose(place)
    row = words.rows[place]
    words.editor.set_value(next(option[0] for option in row.options if option[1] == label))


def title_of(workspace: Workspace, name: str) -> str | None:
    wanted = select(Contact.job_title).where(Contact.name == name)
    title: str | None = read(workspace, lambda s: s.scalar(wanted))
    return title


def is_behind(page: ImportPage, name: str) -> bool:
    return [row.name for row in page.card.behind.rows] == [name]


def test_the_first_rows_are_shown_as_the_records_they_become(
    qtbot: QtBot, seeded: ImportPage, tmp_path: Path
) -> None:
    page = seeded
    QAbstractItemModelTester(page.preview.list.model())
    opened(qtbot, page, tmp_path, NEW, "new.csv")
    marks = [(row.title, row.outcome) for row in page.preview.rows]
    assert marks == [
        ("Anna Berg", Outcome.UPDATED),
        ("Bo Lund", Outcome.UNCHANGED),
        ("Cy Dahl", Outcome.CREATED),
        ("only a job", Outcome.FAILED),
    ]
    (change,) = page.preview.rows[0].changes
    assert (change.column, change.before, change.after) == ("job_title", "Buyer", "Head")
    assert page.preview.list.words_of(page.preview.rows[0]).endswith("Job title: Buyer → Head")
    assert page.grab().width() > 0


def test_unknown_words_are_given_a_meaning(
    qtbot: QtBot, seeded: ImportPage, tmp_path: Path, workspace: Workspace
) -> None:
    page = seeded
    QAbstractItemModelTester(page.card.words.list.model())
    opened(qtbot, page, tmp_path, NEW, "new.csv")
    page.views.set_value("words")
    assert page.card.words.grab().width() > 0
    assert any(row.text == "Stammkunde" and row.doubtful for row in page.card.words.list.rows)
    choose(page, "Stammkunde", "Customer")
    qtbot.waitUntil(lambda: page.plans[0].corrected, timeout=PATIENCE)
    ready(qtbot, page)
    choose(page, "Someone New", "Mia")
    qtbot.waitUntil(lambda: "owner" in page.plans[0].taking.words, timeout=PATIENCE)
    ready(qtbot, page)
    taken(qtbot, page)
    stored = read(
        workspace, lambda s: s.scalar(select(Contact.lifecycle).where(Contact.name == "Anna Berg"))
    )
    assert stored == "customer"
    names = read(workspace, lambda s: s.scalars(select(User.name)).all())
    assert "Mia" in names
    assert "Someone New" not in names


def test_differences_are_decided_row_by_row(
    qtbot: QtBot, seeded: ImportPage, tmp_path: Path, workspace: Workspace
) -> None:
    page = seeded
    opened(qtbot, page, tmp_path, NEW, "new.csv")
    page.views.set_value("matching")
    page.card.matching.on_match.set_value(OnMatch.ASK)
    differences = page.card.matching.list
    qtbot.waitUntil(lambda: bool(differences.rows), timeout=PATIENCE)
    ready(qtbot, page)
    assert [(row.text, row.note) for row in differences.rows] == [
        ("Anna Berg", "Job title: Buyer → Head")
    ]
    assert page.tallies[0].counts[Outcome.UPDATED] == 0
    page.card.matching.take_all.click()
    qtbot.waitUntil(lambda: page.plans[0].taking.decisions == {2: True}, timeout=PATIENCE)
    ready(qtbot, page)
    assert page.tallies[0].counts[Outcome.UPDATED] == 1
    assert len(differences.rows) == 1  # what was decided stays in sight
    taken(qtbot, page)
    assert title_of(workspace, "Anna Berg") == "Head"


def test_nothing_that_is_stored_changes_where_only_blanks_are_filled(
    qtbot: QtBot, seeded: ImportPage, tmp_path: Path, workspace: Workspace
) -> None:
    page = seeded
    opened(qtbot, page, tmp_path, NEW, "new.csv")
    page.choose_taking(Taking(on_match=OnMatch.FILL))
    qtbot.waitUntil(lambda: page.plans[0].corrected, timeout=PATIENCE)
    ready(qtbot, page)
    taken(qtbot, page)
    assert title_of(workspace, "Anna Berg") == "Buyer"


def test_every_number_opens_what_is_behind_it(
    qtbot: QtBot, seeded: ImportPage, tmp_path: Path
) -> None:
    page = seeded
    opened(qtbot, page, tmp_path, NEW, "new.csv")
    taken(qtbot, page)
    behind = page.card.behind
    for outcome, name in ((Outcome.CREATED, "Cy Dahl"), (Outcome.UPDATED, "Anna Berg"),
                          (Outcome.UNCHANGED, "Bo Lund")):  # fmt: skip
        page.counts.shows[outcome].click()
        qtbot.waitUntil(partial(is_behind, page, name), timeout=PATIENCE)
    targets: list[Target] = []
    page.context.navigation_requested.connect(targets.append)
    behind.setFocus()
    behind.choose(0)
    qtbot.keyClick(behind, Qt.Key.Key_Return)
    assert targets[0].page == "contact"
    page.counts.shows[Outcome.FAILED].click()
    assert page.card.view == "problems"
    qtbot.waitUntil(lambda: bool(page.grid.rows().rows), timeout=PATIENCE)
    assert (5, ("", "", "", "only a job", "", "")) in page.grid.rows().rows


def test_rows_are_mended_in_the_grid_and_taken_at_once(
    qtbot: QtBot, page: ImportPage, tmp_path: Path, workspace: Workspace
) -> None:
    opened(qtbot, page, tmp_path, NEW, "new.csv")
    taken(qtbot, page)
    page.views.set_value("problems")
    qtbot.waitUntil(lambda: bool(page.grid.rows().rows), timeout=PATIENCE)
    model = page.grid.model()
    QAbstractItemModelTester(model)
    rows = [number for number, _ in page.grid.rows().rows]
    assert not page.card.problems.take.isEnabled()
    lost = rows.index(5)
    assert model.setData(model.index(lost, 2), "Dora")
    assert model.setData(model.index(lost, 4), "dora@x.example")
    wrong = rows.index(4)
    assert model.setData(model.index(wrong, 4), "cy@x.example")
    assert page.card.problems.take.text() == "Take 2 mended rows"
    page.card.problems.take.click()
    qtbot.waitUntil(lambda: page.promise.text() == "2 mended rows are in.", timeout=PATIENCE)
    found = read(workspace, lambda s: dict(s.execute(select(Contact.name, Contact.email)).all()))
    assert found["Dora"] == "dora@x.example"
    assert found["Cy Dahl"] == "cy@x.example"  # the same person, not a second one
    assert len(found) == 4
    assert [number for number, _ in page.grid.rows().rows] == [2]
    left = select(func.count()).select_from(ImportReject).where(ImportReject.taken_at.is_(None))
    assert read(workspace, lambda s: s.scalar(left)) == 0
    page.undo.click()
    qtbot.waitUntil(lambda: page.promise.text().startswith("The import is"), timeout=PATIENCE)
    assert read(workspace, lambda s: s.scalar(select(func.count(Contact.id)))) == 0


def test_rows_mended_before_the_import_are_taken_right_after_the_others(
    qtbot: QtBot, page: ImportPage, tmp_path: Path, workspace: Workspace
) -> None:
    opened(qtbot, page, tmp_path, NEW, "new.csv")
    page.views.set_value("problems")
    qtbot.waitUntil(lambda: bool(page.grid.rows().rows), timeout=PATIENCE)
    model = page.grid.model()
    place = [number for number, _ in page.grid.rows().rows].index(5)
    assert model.setData(model.index(place, 2), "Dora")
    page.go.click()
    qtbot.waitUntil(lambda: page.promise.text() == "1 mended row is in.", timeout=PATIENCE)
    names = read(workspace, lambda s: s.scalars(select(Contact.name)).all())
    assert sorted(names) == ["Anna Berg", "Bo Lund", "Cy Dahl", "Dora"]


def test_a_mapping_is_remembered_offered_again_and_given_up(
    qtbot: QtBot, page: ImportPage, tmp_path: Path, workspace: Workspace
) -> None:
    text = "Vorname,Nachname,Schuh\nAnna,Berg,38\nBo,Lund,44\n"
    opened(qtbot, page, tmp_path, text, "shoes.csv")
    page.views.set_value("columns")
    page.mapping.setCurrentIndex(page.mapping.model().index(2, 0))
    offered = dict(option[:2] for option in page.mapping.editor._items)
    assert offered["custom:number:Schuh"] == "New field “Schuh”, number"
    page.mapping.editor.set_value("custom:number:Schuh")
    qtbot.waitUntil(lambda: page.plans[0].corrected, timeout=PATIENCE)
    ready(qtbot, page)
    taken(qtbot, page)
    (kept,) = workspace.read(import_mappings)
    assert kept.name == "shoes"
    opened(qtbot, page, tmp_path, "nachname,vorname,schuh\nDahl,Cy,41\n", "more.csv")
    assert page.plans[0].mapped_as == "shoes"
    assert page.plans[0].mapping()["schuh"] == "custom:number:Schuh"
    page.views.set_value("columns")
    assert page.card.columns.remembered_words.text() == "Mapped as last time: shoes"
    page.card.columns.back_to_guess.click()
    qtbot.waitUntil(lambda: not page.plans[0].mapped_as, timeout=PATIENCE)
    assert page.plans[0].mapping()["schuh"] is None
    assert not page.card.columns.remembered.isVisible()


def test_a_mapping_is_exported_and_loaded(qtbot: QtBot, page: ImportPage, tmp_path: Path) -> None:
    opened(qtbot, page, tmp_path, "Vorname,Nachname,X\nAnna,Berg,a\n", "a.csv")
    page.work.choose_field(0, page.plans[0], 2, "job_title")
    qtbot.waitUntil(lambda: page.plans[0].corrected, timeout=PATIENCE)
    file = tmp_path / "mapping.json"
    with qtbot.waitSignal(page.work.remembered, timeout=PATIENCE):
        page.work.export_mapping(page.plans[0], file)
    assert load(file).columns["X"] == "job_title"
    opened(qtbot, page, tmp_path, "X,Vorname,Nachname\nb,Bo,Lund\n", "b.csv")
    page.work.load_mapping(0, page.plans[0], file)
    qtbot.waitUntil(lambda: page.plans[0].mapping()["X"] == "job_title", timeout=PATIENCE)


def test_a_table_is_pasted(qtbot: QtBot, page: ImportPage) -> None:
    mime = QMimeData()
    mime.setText("First name\tLast name\tE-mail\nAnna\tBerg\tanna@x.example\n")
    QGuiApplication.clipboard().setMimeData(mime)
    page.setFocus()
    page.paste()
    ready(qtbot, page)
    assert page.plans[0].source == "clipboard"
    assert page.plans[0].path.name == "Pasted table.txt"
    assert page.preview.rows[0].title == "Anna Berg"


def test_a_file_that_states_its_records_has_no_columns_to_map(
    qtbot: QtBot, page: ImportPage, tmp_path: Path
) -> None:
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:Anna Berg\nEMAIL:anna@x.example\nEND:VCARD\n"
    opened(qtbot, page, tmp_path, card, "anna.vcf")
    assert "columns" not in [chip.value for chip in page.views.chips]
    assert page.preview.rows[0].title == "Anna Berg"
    assert not page.file_card.header_line.isVisible()


def test_all_imports_are_listed_with_their_counts_and_undone(
    qtbot: QtBot, page: ImportPage, imports: ImportsPage, tmp_path: Path, workspace: Workspace
) -> None:
    QAbstractItemModelTester(imports.list.model())
    imports.show()
    qtbot.waitUntil(lambda: imports.stack.currentWidget() is imports.empty, timeout=PATIENCE)
    opened(qtbot, page, tmp_path, NEW, "new.csv")
    taken(qtbot, page)
    qtbot.waitUntil(lambda: len(imports.list.rows) == 1, timeout=PATIENCE)  # by itself
    panel = imports.panel
    qtbot.waitUntil(lambda: panel.details is not None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: "Cy Dahl" in [r.name for r in panel.behind.rows], timeout=PATIENCE)
    assert panel.numbers[Outcome.CREATED].text() == "3"
    panel.shows[Outcome.FAILED].click()
    qtbot.waitUntil(lambda: bool(panel.grid.rows().rows), timeout=PATIENCE)
    assert imports.grab().width() > 0
    bo = read(workspace, lambda s: s.scalar(select(Contact.id).where(Contact.name == "Bo Lund")))
    workspace.change("Change contact", change_contact, contact_id=bo, job_title="Chief")
    panel.undo.click()
    qtbot.waitUntil(
        lambda: workspace.read(import_batches)[0].state is BatchState.UNDONE, timeout=PATIENCE
    )
    qtbot.waitUntil(lambda: panel.title.text().startswith("2 records stayed"), timeout=PATIENCE)
    assert read(workspace, lambda s: s.scalars(select(Contact.name)).all()) == ["Bo Lund"]
    kept = [("contact", "Bo Lund"), ("user", "Mia")]  # she is whom the person belongs to
    qtbot.waitUntil(
        lambda: sorted((row.kind, row.name) for row in panel.behind.rows) == kept, timeout=PATIENCE
    )


def test_rows_of_an_earlier_import_are_mended_on_its_page(
    qtbot: QtBot, page: ImportPage, imports: ImportsPage, tmp_path: Path, workspace: Workspace
) -> None:
    opened(qtbot, page, tmp_path, NEW, "new.csv")
    taken(qtbot, page)
    imports.show()
    panel = imports.panel
    qtbot.waitUntil(lambda: panel.details is not None, timeout=PATIENCE)
    panel.show_behind(Outcome.FAILED)
    qtbot.waitUntil(lambda: bool(panel.grid.rows().rows), timeout=PATIENCE)
    model = panel.grid.model()
    assert model.setData(model.index(0, 2), "Dora")
    panel.take.click()
    qtbot.waitUntil(lambda: len(imports.list.rows) == 2, timeout=PATIENCE)
    names = read(workspace, lambda s: s.scalars(select(Contact.name)).all())
    assert "Dora" in names
