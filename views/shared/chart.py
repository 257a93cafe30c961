"""What a chart is: frozen words and numbers, and a function that draws them on a board."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from models.values import Money

Cell = str | int | float | Money | None


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One row of a chart as a table, and what its click opens (a filter), if anything."""

    cells: tuple[Cell, ...]
    opens: Any = None


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: it can be drawn, read as a table, and written to a file."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[ChartRow, ...]
    draw: Callable[[Any], None]  # takes a Board
    opens: Any = None  # everything behind the chart
    nothing: str = ""  # what to say instead of an empty drawing

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return bool(self.nothing)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something drawn that can be pointed at: its place in pixels, words, and what it opens."""

    x: float
    y: float
    width: float
    height: float
    words: str
    opens: Any = None
