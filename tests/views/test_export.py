"""Lists leave the window: as filtered and sorted, selected ones alone, stopped, refused."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.commands.contacts import create_contact
from app.commands.deals import create_deal
from app.workspace import Workspace
from tests.conftest import run
from views.contacts.page import ContactsPage
from views.context import PageContext, ToastRequest
from views.pipeline.page import PipelinePage
from views.shared.export_records import Exporter, ask_export

NAMES = ("Amara Adams", "Bea Brown", "Chloé Cole", "Dilan Demir")


@pytest.fixture
def context(qtbot: QtBot, workspace: Workspace) -> Iterator[PageContext]:
    made = PageContext(workspace)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def people(workspace: Workspace) -> list[int]:
    return [
        run(workspace, create_contact, name=name, city="Ulm" if "a" in name[:3] else "Bonn")
        for name in NAMES
    ]


@pytest.fixture
def page(qtbot: QtBot, context: PageContext, people: list[int]) -> Iterator[ContactsPage]:
    made = ContactsPage(context)
    qtbot.addWidget(made)
    made.resize(1232, 900)
    made.show()
    qtbot.waitUntil(lambda: made.panel.model.total == len(people))
    qtbot.waitUntil(lambda: context.courier.pending == 0)
    yield made
    made.hide()


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Answer the file dialog, which offscreen nobody can, with a file of the test's folder."""
    path = tmp_path / "people.csv"
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", staticmethod(lambda *_: (str(path), "CSV (*.csv)"))
    )
    return path


def names_in(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row.get("Name") or row["Deal name"] for row in csv.DictReader(file)]


def ended(qtbot: QtBot, exporter: Exporter | None) -> object:
    assert exporter is not None
    with qtbot.waitSignal(exporter.ended, timeout=10_000) as told:
        pass
    assert told.args is not None
    return told.args[0]


def test_list_leaves_as_sorted_with_a_toast_that_opens_the_folder(
    qtbot: QtBot, context: PageContext, page: ContactsPage, answer: Path
) -> None:
    toasts: list[ToastRequest] = []
    context.toast_requested.connect(toasts.append)
    page.panel.model.set_sort("name", descending=True)
    qtbot.waitUntil(lambda: page.panel.model.id_at(0) > page.panel.model.id_at(3))
    ended(qtbot, ask_export(page.panel, "contact", page.panel.model.all_ids()))
    assert names_in(answer) == list(reversed(NAMES))
    assert toasts[-1].text == "4 records exported"
    assert toasts[-1].action is not None
    assert toasts[-1].action[0] == "Open folder"


def test_filter_narrows_what_leaves(
    qtbot: QtBot, page: ContactsPage, answer: Path, people: list[int]
) -> None:
    page.panel.set_text("cole")
    qtbot.waitUntil(lambda: page.panel.model.total == 1)
    ended(qtbot, ask_export(page.panel, "contact", page.panel.model.all_ids()))
    assert names_in(answer) == ["Chloé Cole"]


def test_selection_leaves_alone_through_the_bulk_bar(
    qtbot: QtBot, page: ContactsPage, answer: Path
) -> None:
    page.panel.table.selectRow(0)
    chosen = [page.panel.model.id_at(0), page.panel.model.id_at(1)]
    ended(qtbot, ask_export(page.panel, "contact", chosen))
    assert names_in(answer) == list(NAMES[:2])
    assert page.panel.bulk.buttons["export"].text() == "Export"


def test_missing_ending_follows_the_chosen_format(
    qtbot: QtBot, page: ContactsPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def chosen(*given: str) -> tuple[str, str]:
        workbook = next(x for x in given[3].split(";;") if "(*.xlsx)" in x)
        return str(tmp_path / "people 2026.11"), workbook

    monkeypatch.setattr(QFileDialog, "getSaveFileName", staticmethod(chosen))
    ended(qtbot, ask_export(page.panel, "contact", page.panel.model.all_ids()))
    assert (tmp_path / "people 2026.11.xlsx").read_bytes().startswith(b"PK")


def test_stopped_export_leaves_no_file(
    qtbot: QtBot, context: PageContext, page: ContactsPage, answer: Path
) -> None:
    exporter = Exporter(context, page)
    exporter.dialog.reject()
    exporter.start("contact", page.panel.model.all_ids(), answer)
    assert ended(qtbot, exporter) is None
    assert not list(answer.parent.glob("*.csv"))
    assert not list(answer.parent.glob("*.part"))


def test_folder_that_is_gone_is_told(
    qtbot: QtBot, context: PageContext, page: ContactsPage, tmp_path: Path
) -> None:
    toasts: list[ToastRequest] = []
    context.toast_requested.connect(toasts.append)
    exporter = Exporter(context, page)
    exporter.start("contact", page.panel.model.all_ids(), tmp_path / "gone" / "people.csv")
    assert ended(qtbot, exporter) is None
    assert toasts[-1].kind == "error"
    assert "does not exist" in toasts[-1].text


def test_deals_leave_from_the_pipeline(
    qtbot: QtBot, context: PageContext, workspace: Workspace, answer: Path
) -> None:
    for name in ("Second phase", "Pilot"):
        run(workspace, create_deal, name=name)
    made = PipelinePage(context)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: context.courier.pending == 0)
    made.export_button.click()
    qtbot.waitUntil(answer.exists, timeout=10_000)
    assert sorted(names_in(answer)) == ["Pilot", "Second phase"]
    made.hide()
