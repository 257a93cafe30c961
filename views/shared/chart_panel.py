"""A card with a chart: drawn, as a table, exported, and with the records behind it.

matplotlib is imported by a worker at first need; until then the card shows a skeleton.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.paths import documents_folder
from views.context import context_of
from views.icons import icon
from views.shared import paint
from views.shared.bars import Skeleton
from views.shared.buttons import IconButton
from views.shared.cards import Card
from views.shared.chart import Chart
from views.shared.chart_style import Preparation, prepare_charts
from views.shared.chart_table import ChartTable
from views.shared.labels import Label
from views.shared.text import tr

if TYPE_CHECKING:
    from views.shared.chart_canvas import ChartCanvas

_FORMATS = ("png", "svg", "pdf", "csv")


class ChartPanel(Card):
    """One chart with its title, its remark and its menu; `opened` carries a filter."""

    opened = Signal(object)

    def __init__(self, parent: QWidget | None = None, *, note_below: bool = False) -> None:
        super().__init__(parent, padding=20, spacing=0)
        self.chart: Chart | None = None
        self.canvas: ChartCanvas | None = None
        self._as_table = False
        self._preparing = False
        self.body.setContentsMargins(20, 12, 20, 16)
        self._head(note_below)
        self.stack = QStackedWidget()
        self.skeleton = Skeleton(5, 40)
        self.table = ChartTable()
        self.table.opened.connect(self.opened)
        self.nothing = Label("", "muted", wrap=True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for widget in (self.skeleton, self.table, self.nothing):
            self.stack.addWidget(widget)
        self.add(self.stack, 1)

    def _head(self, note_below: bool) -> None:
        self.header.setVisible(True)
        self.header.setFixedHeight(32)
        small = Label("", "strong", elide=True)
        self.header_layout.replaceWidget(self.title, small)
        self.title.deleteLater()
        self.title = small
        self.menu_button = IconButton("ellipsis", tr("What to do with this chart"), size=28)
        self.menu_button.clicked.connect(self.open_menu)
        self.header_layout.addWidget(self.menu_button)
        self.below = QWidget()
        self.below_layout = QVBoxLayout(self.below)
        self.below_layout.setContentsMargins(0, 0, 0, 10)
        self.add(self.below)
        self.set_note_below(note_below)

    def set_note_below(self, below: bool) -> None:
        """Put the remark under the title, where there is no room beside it."""
        self.header_layout.removeWidget(self.note)
        self.below_layout.removeWidget(self.note)
        self.below.setVisible(below)
        self.header_layout.setStretchFactor(self.title, int(below))
        self.note.setAlignment(paint.LEFT if below else paint.RIGHT)
        if below:
            self.below_layout.addWidget(self.note)
        else:
            self.header_layout.insertWidget(1, self.note, 1)

    def show_chart(self, chart: Chart) -> None:
        """Show another chart, or the same with other numbers."""
        self.chart = chart
        self.title.set_text(chart.title)
        self.set_note(chart.note)
        self.table.show_chart(chart)
        self.nothing.set_text(chart.nothing)
        if self.canvas is None and not self._preparing:
            self._preparing = True
            Preparation(self, prepare_charts).then(self._prepared)
        self._show()

    def _prepared(self, _answer: object) -> None:
        from views.shared.chart_canvas import ChartCanvas  # noqa: PLC0415 - imported by a worker

        self.canvas = ChartCanvas()
        self.canvas.opened.connect(self.opened)
        self.stack.addWidget(self.canvas)
        self._show()

    def _show(self) -> None:
        if self.chart is None:
            self.stack.setCurrentWidget(self.skeleton)
        elif self.chart.is_empty:
            self.stack.setCurrentWidget(self.nothing)
        elif self._as_table:
            self.stack.setCurrentWidget(self.table)
        elif self.canvas is not None:
            self.stack.setCurrentWidget(self.canvas)
            self.canvas.show_chart(self.chart)
        self.menu_button.setEnabled(self.chart is not None)

    def redraw(self) -> None:
        """Draw again: a font has come."""
        if self.canvas is not None:
            self.canvas.redraw()

    @property
    def is_table(self) -> bool:
        """Whether the numbers are shown as a table."""
        return self._as_table

    def show_table(self, as_table: bool) -> None:
        """Show the numbers as a table, or the drawing."""
        self._as_table = as_table
        self._show()

    # --- the menu

    def open_menu(self) -> None:
        """Open what can be done with the chart."""
        menu = self.make_menu()
        corner = self.menu_button.mapToGlobal(self.menu_button.rect().bottomRight())
        menu.popup(corner - QPoint(menu.sizeHint().width(), -4))

    def make_menu(self) -> QMenu:
        """Return the menu; the parts that need data are off without."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chart = self.chart
        words = tr("Show as chart") if self._as_table else tr("Show as table")
        shown = "chart-column" if self._as_table else "table"
        table = self._action(menu, words, shown)
        table.triggered.connect(lambda: self.show_table(not self._as_table))
        deals = self._action(menu, tr("Open the deals"), "handshake")
        deals.setEnabled(chart is not None and chart.opens is not None)
        deals.triggered.connect(lambda: self.opened.emit(chart.opens if chart else None))
        menu.addSeparator()
        for kind in _FORMATS:
            action = self._action(menu, tr("Export as {kind}…", kind=kind.upper()), "download")
            action.setEnabled(chart is not None and self.canvas is not None)
            action.triggered.connect(lambda _=False, kind=kind: self._ask_export(kind))
        return menu

    def _action(self, menu: QMenu, words: str, icon_name: str) -> QAction:
        action = QAction(icon(icon_name), words, menu)
        menu.addAction(action)
        return action

    def _ask_export(self, kind: str) -> None:
        if self.chart is None:
            return
        start = documents_folder() / f"{file_name(self.chart.title)}.{kind}"
        chosen, _ = QFileDialog.getSaveFileName(self, tr("Export chart"), str(start), f"*.{kind}")
        if chosen:
            path = Path(chosen)
            self.export(path if path.suffix else path.with_suffix(f".{kind}"))

    def export(self, path: Path) -> bool:
        """Write the chart in the light theme; say whether it could be done."""
        if self.chart is None:
            return False
        from views.shared.chart_export import export_chart  # noqa: PLC0415 - matplotlib

        return write_file(self, path, lambda: export_chart(self.chart, path) if self.chart else 0)


def write_file(owner: QWidget, path: Path, write: Any) -> bool:
    """Write a file and say how it went, in a toast."""
    context = context_of(owner)
    try:
        write()
    except OSError as error:
        words = tr("{name} could not be written: {reason}", name=path.name, reason=error.strerror)
        context.toast(words, kind="error")
        return False
    context.toast(tr("Exported to {name}", name=path.name), kind="good", detail=str(path.parent))
    return True


def file_name(title: str) -> str:
    """Return a title as the name of a file."""
    return re.sub(r"[^\w ,()-]+", "", title).strip() or "chart"


class ChartSheet(QWidget):
    """Charts on a quiet ground; holds the width of the page they scroll in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scrolled")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(16)
