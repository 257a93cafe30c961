"""Writes charts to files: PNG, SVG and PDF in the light theme, and their numbers as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from models.values import Money
from views.shared.chart import Cell, Chart
from views.shared.chart_board import POINTS, Board
from views.shared.chart_style import chart_rc, font_properties
from views.shared.csv_text import csv_text
from views.theme import LIGHT

FORMATS: Final = ("png", "svg", "pdf", "csv")
WIDTH, HEIGHT = 720, 400
_TOP: Final = 56
_SHARPNESS: Final = 2  # a picture for slides


def export_chart(chart: Chart, path: Path) -> None:
    """Write a chart; the ending of the path says how."""
    if path.suffix.lower() == ".csv":
        path.write_text(chart_csv([chart]), encoding="utf-8-sig")
        return
    with mpl.rc_context(chart_rc(LIGHT)):
        figure = _figure(chart)
        figure.savefig(path, dpi=POINTS * _SHARPNESS)


def export_all(charts: Sequence[Chart], path: Path) -> None:
    """Write several charts: one PDF with a page for each, or one CSV with a block for each."""
    if path.suffix.lower() == ".csv":
        path.write_text(chart_csv(charts), encoding="utf-8-sig")
        return
    with mpl.rc_context(chart_rc(LIGHT)), PdfPages(path) as pages:
        for chart in charts:
            pages.savefig(_figure(chart))


def _figure(chart: Chart) -> Figure:
    figure = Figure(figsize=(WIDTH / POINTS, (HEIGHT + _TOP) / POINTS), dpi=POINTS)
    FigureCanvasAgg(figure)
    whole = HEIGHT + _TOP
    left = 20 / WIDTH
    figure.text(
        left,
        1 - 24 / whole,
        chart.title,
        fontproperties=font_properties(600),
        fontsize=15,
        color=LIGHT.text,
        va="center",
        parse_math=False,
    )
    figure.text(
        left,
        1 - 45 / whole,
        chart.note,
        fontproperties=font_properties(400),
        fontsize=12,
        color=LIGHT.muted,
        va="center",
        parse_math=False,
    )
    margin = 20
    board = Board(figure, LIGHT, WIDTH, HEIGHT, margin=margin)
    chart.draw(board)
    return figure


def chart_csv(charts: Sequence[Chart]) -> str:
    """Return the numbers of charts as CSV, with the title above each when there are several."""
    blocks = []
    for chart in charts:
        rows = [[_written(cell) for cell in row.cells] for row in chart.rows]
        title = csv_text([chart.title], []) if len(charts) > 1 else ""
        blocks.append(title + csv_text(chart.columns, rows))
    return "\n".join(blocks)


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Money):
        return cell.text()
    if isinstance(cell, float):
        return f"{cell:.4f}".rstrip("0").rstrip(".")
    return str(cell)
