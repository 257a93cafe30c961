"""The Analytics tab: a sentence of choices, five figures, six charts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QMenu,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.changes import Changes
from app.paths import documents_folder
from app.queries.analytics_page import AnalyticsAnswer, Wanted, analytics
from views.analytics.bar_charts import funnel_chart, owners_chart, reasons_chart
from views.analytics.figures import FigureCard, figures_of
from views.analytics.filter_sentence import FilterSentence
from views.analytics.forecast_chart import forecast_chart
from views.analytics.trend_charts import cycle_chart, months_chart
from views.context import PageContext
from views.icons import icon
from views.operations import Lookup
from views.shared.bar_margin import BAR, keep_edge
from views.shared.buttons import secondary
from views.shared.cards import EmptyState, PageHeader
from views.shared.chart_panel import ChartPanel, ChartSheet, write_file
from views.shared.chart_style import Preparation, cut_semibold, prepare_charts
from views.shared.page import Page
from views.shared.text import tr

_WIDE: Final = 1_000  # below this the page has two columns
_REFRESH_MS: Final = 300
_MAKERS: Final = (
    months_chart,
    forecast_chart,
    funnel_chart,
    owners_chart,
    reasons_chart,
    cycle_chart,
)
_WIDE_ROWS: Final = (((0, 7), (1, 8)), ((2, 1), (3, 1), (4, 1), (5, 1)))
_NARROW_ROWS: Final = (((0, 1), (1, 1)), ((2, 1), (3, 1)), ((4, 1), (5, 1)))


class AnalyticsPage(Page):
    """Reads everything in one go, so that all figures are of one moment."""

    kinds: ClassVar[tuple[str, ...]] = (
        "deal",
        "stage",
        "stage_change",
        "pipeline",
        "user",
        "workspace_setting",
    )

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.answer: AnalyticsAnswer | None = None
        self.wanted = Wanted()
        self._narrow: bool | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self._load)
        self.header = PageHeader(tr("Sales overview"))
        self.header.setFixedHeight(50)
        self.export_button = secondary(tr("Export"), "download")
        self.export_button.clicked.connect(self._open_export_menu)
        self.header.add_action(self.export_button)
        self.sentence = FilterSentence()
        self.sentence.changed.connect(self._on_wanted)
        self.figures = [FigureCard() for _ in range(5)]
        self.panels = [ChartPanel(note_below=number > 1) for number in range(len(_MAKERS))]
        for card in self.figures:
            card.opened.connect(self.open_deals)
        for panel in self.panels:
            panel.opened.connect(self.open_deals)
        self._make_empty()
        self._lay_out()

    def _make_empty(self) -> None:
        self.empty = EmptyState(
            "chart-column",
            tr("Charts need deals"),
            tr(
                "As soon as deals are won, lost or on their way, this page shows how you sell: "
                "month by month, by owner, and where deals are lost."
            ),
            (tr("Import deals"), "upload"),
            (tr("New deal"), "plus"),
            floating=True,
        )
        self.empty.primary_clicked.connect(lambda: self.context.navigate("import"))
        self.empty.secondary_clicked.connect(lambda: self.context.navigate("pipeline", new=True))

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 20, 24 - BAR, 0)
        for above in (self.header, self.sentence):
            above.setContentsMargins(0, 0, BAR, 0)
        outer.setSpacing(8)
        outer.addWidget(self.header)
        outer.addWidget(self.sentence)
        self.sheet = ChartSheet()
        self.sheet.body.setContentsMargins(0, 8, 0, 24)
        self.scroller = QScrollArea()
        self.scroller.setFrameShape(QFrame.Shape.NoFrame)
        self.scroller.setWidgetResizable(True)
        self.scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroller.setWidget(self.sheet)
        keep_edge(self.scroller, self.sheet.body)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.scroller)
        self.stack.addWidget(self.empty)
        outer.addWidget(self.stack, 1)
        self._arrange(narrow=False)

    def _arrange(self, *, narrow: bool) -> None:
        """Put the cards into rows: two and four charts, or three rows of two."""
        if narrow == self._narrow:
            return
        self._narrow = narrow
        body = self.sheet.body
        while (item := body.takeAt(0)) is not None:
            if (inner := item.layout()) is not None:
                while inner.takeAt(0) is not None:
                    pass
                inner.deleteLater()
        cuts = ((0, 3), (3, 5)) if narrow else ((0, 5),)
        for start, end in cuts:
            line = self._row()
            for card in self.figures[start:end]:
                line.addWidget(card, 1)
            body.addLayout(line)
        for number, parts in enumerate(_NARROW_ROWS if narrow else _WIDE_ROWS):
            line = self._row()
            for place, share in parts:
                panel = self.panels[place]
                panel.setMinimumHeight(300 if number == 0 and not narrow else 312)
                panel.setMinimumWidth(200)
                line.addWidget(panel, share)
            body.addLayout(line, 300 if number == 0 else 328)
        for panel in self.panels[:2]:
            panel.set_note_below(narrow)
        self.sentence.set_narrow(narrow)

    def _row(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(16)
        return line

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use two columns where four would be too narrow."""
        super().resizeEvent(event)
        self._arrange(narrow=self.width() < _WIDE)

    # --- what the frame asks

    def refresh(self, changes: Changes | None) -> None:
        """Count again; a burst of changes is counted once."""
        if changes is None:
            self._load()
            Preparation(self, prepare_charts).then(lambda _: self._cut())
        else:
            self._timer.start()

    def _cut(self) -> None:
        """Make the semibold once in the background; the charts take it when it is there."""
        Preparation(self, cut_semibold).then(self._on_cut)

    def _on_cut(self, is_new: bool) -> None:
        for panel in self.panels if is_new else ():
            panel.redraw()

    def _load(self) -> None:
        Lookup(self, analytics, self.wanted, key="numbers").then(self._show_answer)

    def _show_answer(self, answer: AnalyticsAnswer) -> None:
        self.answer, numbers = answer, answer.numbers
        self.stack.setCurrentWidget(self.scroller if numbers.has_deals else self.empty)
        for widget in (self.sentence, self.export_button):
            widget.setVisible(numbers.has_deals)
        if not numbers.has_deals:
            return
        self.sentence.show_answer(answer, self.context.user_id)
        for card, figure in zip(self.figures, figures_of(numbers), strict=True):
            card.show_figure(figure)
        # One chart per turn of the event loop: no turn is long, and clicks come in between.
        for place in range(len(_MAKERS)):
            QTimer.singleShot(0, self, lambda place=place: self._show_chart(place))

    def _show_chart(self, place: int) -> None:
        if self.answer is not None:
            self.panels[place].show_chart(_MAKERS[place](self.answer.numbers))

    def _on_wanted(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self._load()

    def arrive(self, kind: str | None, record_id: int | None, **state: Any) -> None:
        """Show a period or an owner somebody asked for."""
        del kind, record_id
        known = {key: state[key] for key in ("period", "owner_id", "team") if key in state}
        if known:
            self._on_wanted(Wanted(pipeline_id=self.wanted.pipeline_id, **known))

    def focus_filter(self) -> None:
        """Put the keyboard on the period."""
        self.sentence.period.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def open_deals(self, deals: object) -> None:
        """Show the deals behind a figure or a mark."""
        if deals is not None:
            self.context.navigate("pipeline", filter=deals, view="table")

    def save_state(self) -> dict[str, Any]:
        """Keep what the sentence says; the period only while it is not the usual one."""
        wanted = self.wanted
        return {
            "pipeline": str(wanted.pipeline_id or ""),
            "owner": str(wanted.owner_id or ""),
            "team": wanted.team or "",
            "period": wanted.period or "",
            "against": wanted.against,
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        """Come back as left."""
        pipeline, owner = str(state.get("pipeline", "")), str(state.get("owner", ""))
        against = str(state.get("against", "before"))
        self.wanted = Wanted(
            pipeline_id=int(pipeline) if pipeline.isdigit() else None,
            owner_id=int(owner) if owner.isdigit() else None,
            team=str(state.get("team", "")) or None,
            period=str(state.get("period", "")) or None,
            against=against if against == "year_before" else "before",
        )

    # --- export

    def _open_export_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for kind, words in (
            ("pdf", tr("All charts as PDF…")),
            ("csv", tr("All numbers as CSV…")),
        ):
            action = menu.addAction(icon("download"), words)
            action.triggered.connect(lambda _=False, kind=kind: self._ask_export(kind))
        menu.popup(self.export_button.mapToGlobal(self.export_button.rect().bottomLeft()))

    def _ask_export(self, kind: str) -> None:
        start = documents_folder() / f"{tr('Sales overview')}.{kind}"
        chosen, _ = QFileDialog.getSaveFileName(self, tr("Export charts"), str(start), f"*.{kind}")
        if chosen:
            path = Path(chosen)
            self.export(path if path.suffix else path.with_suffix(f".{kind}"))

    def export(self, path: Path) -> bool:
        """Write all charts that have something to show into one file."""
        charts = [panel.chart for panel in self.panels if panel.chart is not None]
        full = [chart for chart in charts if not chart.is_empty]
        from views.shared.chart_export import export_all  # noqa: PLC0415 - matplotlib

        return write_file(self, path, lambda: export_all(full, path))
