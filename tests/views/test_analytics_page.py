"""The Analytics page in the real window: six charts, their tables, their deals, their files."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtTest import QTest

from app.commands.deals import change_deal
from app.queries.deals import DealFilter
from app.workspace import Workspace
from models.clock import standing_at
from models.values import StageType
from tests.app.reporting import NOON, office
from tests.conftest import run
from views.analytics.page import AnalyticsPage
from views.pipeline.page import PipelinePage
from views.shared.chart_canvas import ChartCanvas
from views.shared.chart_panel import ChartPanel
from views.stage import Stage


@pytest.fixture
def noon() -> Iterator[None]:
    with standing_at(NOON):
        yield


@pytest.fixture
def stage(workspace: Workspace, noon: None) -> Iterator[Stage]:
    office(workspace)
    with Stage(workspace) as stage:
        yield stage


def analytics_page(stage: Stage) -> AnalyticsPage:
    page = stage.go("analytics")
    assert isinstance(page, AnalyticsPage)
    assert stage.settle(lambda: all(is_drawn(panel) for panel in page.panels))
    return page


def is_drawn(panel: ChartPanel) -> bool:
    if panel.chart is not None and panel.chart.is_empty:
        return True
    return panel.canvas is not None and panel.canvas.is_drawn and bool(panel.canvas.marks)


def canvas_of(page: AnalyticsPage, place: int) -> ChartCanvas:
    canvas = page.panels[place].canvas
    assert canvas is not None
    return canvas


def click(canvas: ChartCanvas, words: str) -> None:
    mark = next(mark for mark in canvas.marks if mark.words.startswith(words))
    point = QPointF(mark.x + mark.width / 2, mark.y + mark.height / 2)
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=point.toPoint())


def test_six_charts_and_five_figures_are_shown(stage: Stage) -> None:
    page = analytics_page(stage)
    titles = [panel.title.text() for panel in page.panels]
    assert titles == [
        "Won by month, €",
        "Won by 31 December, €",
        "Funnel, deals",
        "Win rate by owner, %",
        "Why we lose, deals",
        "Sales cycle, won deals",
    ]
    assert [card.value.text().replace("\u00a0", " ") for card in page.figures] == [
        "€ 457", "67 %", "€ 114", "16 days", "€ 210",
    ]  # fmt: skip
    for panel in page.panels:
        assert panel.canvas is not None
        picture = panel.canvas.grab().toImage()
        seen = {picture.pixel(x, y) for x in range(0, picture.width(), 3)
                for y in range(0, picture.height(), 3)}  # fmt: skip
        assert len(seen) > 5, panel.title.text()


def test_a_click_on_a_bar_opens_its_deals_in_the_pipeline(stage: Stage) -> None:
    page = analytics_page(stage)
    click(canvas_of(page, 0), "Nov 2026")
    stage.settle()
    pipeline = stage.page
    assert isinstance(pipeline, PipelinePage)
    assert pipeline.is_table
    stage.settle(lambda: pipeline.table_model.total == 3)
    assert pipeline.table_model.total == 3  # three deals won in November
    assert pipeline.filters.filter.stage_type is StageType.WON


def test_the_deals_of_one_owner_stay_with_that_owner(stage: Stage) -> None:
    page = analytics_page(stage)
    click(canvas_of(page, 3), "Ben")
    pipeline = stage.page
    assert isinstance(pipeline, PipelinePage)
    stage.settle(lambda: pipeline.table_model.total == 2)
    assert pipeline.table_model.total == 2
    assert pipeline.filters.owner.value == pipeline.filters.filter.owner_id


def test_the_keyboard_walks_the_marks_and_opens_them(stage: Stage) -> None:
    page = analytics_page(stage)
    canvas = canvas_of(page, 4)
    asked: list[object] = []
    canvas.opened.connect(asked.append)
    canvas.setFocus(Qt.FocusReason.TabFocusReason)
    assert canvas.current_mark is not None
    assert canvas.current_mark.words.startswith("Price")
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    assert canvas.current_mark.words.startswith("Competitor")
    assert canvas.accessibleDescription().startswith("Competitor: 1 deal")
    QTest.keyClick(canvas, Qt.Key.Key_Home)
    assert canvas.current_mark.words.startswith("Price")
    QTest.keyClick(canvas, Qt.Key.Key_End)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert len(asked) == 1
    assert isinstance(asked[0], DealFilter)
    assert asked[0].lost_reason == "competitor"


def test_pointing_says_what_a_mark_is_without_drawing_the_chart_again(stage: Stage) -> None:
    page = analytics_page(stage)
    canvas = canvas_of(page, 0)
    before = canvas._picture.cacheKey()
    plain = canvas.grab().toImage()
    mark = canvas.marks[-1]
    place = QPointF(mark.x + mark.width / 2, mark.y + mark.height / 2)
    event = QMouseEvent(
        QMouseEvent.Type.MouseMove, place, canvas.mapToGlobal(place), Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    canvas.mouseMoveEvent(event)
    assert canvas.current_mark == mark
    assert canvas.grab().toImage() != plain
    assert canvas._picture.cacheKey() == before


def test_every_chart_is_also_a_table_with_the_same_numbers(stage: Stage) -> None:
    page = analytics_page(stage)
    for panel in page.panels:
        panel.show_table(True)
        chart = panel.chart
        assert chart is not None
        assert panel.stack.currentWidget() is panel.table
        assert panel.table.rowCount() == len(chart.rows)
        assert panel.table.columnCount() == len(chart.columns)
    item = page.panels[4].table.item(0, 1)
    assert item is not None
    assert item.text() == "1"
    asked: list[object] = []
    page.panels[4].opened.connect(asked.append)
    page.panels[4].table.setCurrentCell(1, 0)
    QTest.keyClick(page.panels[4].table, Qt.Key.Key_Return)
    assert len(asked) == 1
    page.panels[4].show_table(False)


@pytest.mark.parametrize(
    ("kind", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF"), ("csv", b"\xef")]
)
def test_a_chart_is_written_to_a_file_in_the_light_theme(
    stage: Stage, tmp_path: Path, kind: str, start: bytes
) -> None:
    page = analytics_page(stage)
    stage.theme("dark")
    path = tmp_path / f"chart.{kind}"
    assert page.panels[0].export(path)
    data = path.read_bytes()
    assert data.startswith(start)
    if kind == "png":
        assert QImage(str(path)).pixelColor(2, 2).name() == "#ffffff"
    if kind == "svg":
        assert "Won by month" in data.decode()
    if kind == "csv":
        assert "2026-11,3,357.00" in data.decode("utf-8-sig").splitlines()


def test_all_charts_go_into_one_pdf_and_what_cannot_be_written_is_said(
    stage: Stage, tmp_path: Path
) -> None:
    page = analytics_page(stage)
    path = tmp_path / "all.pdf"
    assert page.export(path)
    assert path.read_bytes().count(b"/Type /Page ") == 6
    assert not page.export(tmp_path / "no such folder" / "all.csv")


def test_another_choice_counts_again_and_comes_back_at_the_next_start(stage: Stage) -> None:
    page = analytics_page(stage)
    page.sentence.period.set_value("last_quarter")
    assert stage.settle(lambda: page.answer is not None
                        and page.answer.numbers.period.key == "last_quarter")  # fmt: skip
    assert page.answer is not None
    assert page.answer.numbers.now.won_count == 1
    other = AnalyticsPage(stage.context)
    other.restore_state(page.save_state())
    assert other.wanted == page.wanted
    other.deleteLater()


def test_a_change_elsewhere_is_shown_without_asking(stage: Stage, workspace: Workspace) -> None:
    page = analytics_page(stage)
    assert page.answer is not None
    before = page.answer.numbers
    run(workspace, change_deal, deal_id=open_deal(workspace, "Promised"), amount_minor=18_000)
    assert stage.settle(lambda: page.answer is not None and page.answer.numbers is not before)
    assert page.answer.numbers.open.amount_minor == before.open.amount_minor + 10_000


def open_deal(workspace: Workspace, name: str) -> int:
    from app.queries.deals import deal_ids

    return workspace.read(deal_ids, DealFilter(text=name, stage_type=StageType.OPEN))[0]


def test_a_narrow_window_has_two_columns_and_still_shows_all(stage: Stage) -> None:
    page = analytics_page(stage)
    stage.resize((1024, 700))
    assert stage.settle(lambda: all(is_drawn(panel) for panel in page.panels))
    lefts = {panel.x() for panel in page.panels}
    assert len(lefts) == 2
    assert page.scroller.verticalScrollBar().maximum() > 0
    assert page.sheet.width() <= page.scroller.viewport().width()


def test_both_themes_draw_in_their_own_colours(stage: Stage) -> None:
    page = analytics_page(stage)
    canvas = canvas_of(page, 0)
    assert canvas.grab().toImage().pixelColor(1, 1).name() == "#ffffff"
    stage.theme("dark")
    assert canvas.grab().toImage().pixelColor(1, 1).name() == "#161a21"
    stage.theme("light")


def test_without_deals_the_page_says_what_belongs_here(workspace: Workspace) -> None:
    with Stage(workspace) as stage:
        page = stage.go("analytics")
        assert isinstance(page, AnalyticsPage)
        assert stage.settle(lambda: page.answer is not None)
        assert page.stack.currentWidget() is page.empty
        page.empty.primary_clicked.emit()
        stage.settle()
        assert stage.window.pages.page is not page


def test_matplotlib_waits_until_a_chart_is_wanted(workspace_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from pathlib import Path; from app.workspace import Workspace;"
        "from views.stage import Stage;"
        "w = Workspace.open(Path(sys.argv[1]), watch=False);"
        "s = Stage(w); s.go('contacts');"
        "print('matplotlib' in sys.modules, 'numpy' in sys.modules); s.close(); w.close()"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code, str(workspace_path)],
        capture_output=True, text=True, cwd=root, check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["False", "False"]
