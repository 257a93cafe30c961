"""A drawing board in pixels over a matplotlib figure: bars, lines, words, and marks to point at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyBboxPatch, Polygon, Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from views.fonts import metrics
from views.shared.chart import Mark
from views.shared.chart_style import font_properties
from views.shared.paint import elided
from views.theme import Theme

Align = Literal["left", "center", "right"]
VAlign = Literal["center", "top", "bottom", "baseline"]
POINTS: Final = 72  # one point is one pixel
_MIDDLE: Final = "center_baseline"


class Board:
    """A figure in its pixels, y downwards; what is laid out here stays in place.

    There is nothing for a layout engine to do, so a redraw costs no second pass.
    """

    def __init__(
        self,
        figure: Figure,
        theme: Theme,
        width: float,
        height: float,
        *,
        margin: float = 0,
    ) -> None:
        self.theme = theme
        self.width, self.height = width - 2 * margin, height - 2 * margin
        self.marks: list[Mark] = []
        # Artists stand right on the figure: axes would cost more than all that is drawn here.
        self._figure = figure
        pixels = Affine2D().translate(margin, margin).scale(1, -1).translate(0, height)
        self._place = pixels.scale(1 / POINTS) + figure.dpi_scale_trans

    def _add(self, artist: Artist) -> None:
        artist.set_transform(self._place)
        self._figure.add_artist(artist)

    def _hex(self, colour: str) -> str:
        return self.theme.hex(colour)

    def bar(
        self, x: float, y: float, width: float, height: float, colour: str, *, dashed: bool = False
    ) -> None:
        """Fill a rectangle; dashed ones stand for what is not finished."""
        edge: dict[str, Any] = {"linewidth": 0}
        if dashed:
            edge = {"linewidth": 1.5, "edgecolor": self._hex("accent"), "linestyle": (0, (3, 2.4))}
        patch = Rectangle((x, y), width, height, facecolor=self._hex(colour), **edge)
        self._add(patch)

    def pill(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fill a rectangle with round ends."""
        radius = height / 2
        shape = f"round,pad=0,rounding_size={radius}"
        patch = FancyBboxPatch(
            (x, y),
            max(width, height),
            height,
            boxstyle=shape,
            facecolor=self._hex(colour),
            linewidth=0,
        )
        self._add(patch)

    def dot(self, x: float, y: float, radius: float, colour: str) -> None:
        """Draw a dot that stands off from what lies under it."""
        ring = {"edgecolor": self._hex("surface"), "linewidth": 1.5}
        dot = Circle((x, y), radius, facecolor=self._hex(colour), zorder=5, **ring)
        self._add(dot)

    def line(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        colour: str = "border",
        width: float = 1,
        *,
        dashed: bool = False,
        above: bool = False,
    ) -> None:
        """Draw a line through points."""
        style: Any = (0, (3.5, 2)) if dashed else "-"
        line = Line2D(
            xs,
            ys,
            color=self._hex(colour),
            linewidth=width,
            linestyle=style,
            solid_capstyle="butt",
            zorder=4 if above else 1.5,
        )
        self._add(line)

    def band(self, xs: Sequence[float], low: Sequence[float], high: Sequence[float]) -> None:
        """Fill a range along a line."""
        colour = self._hex("accent_soft" if self.theme.is_dark else "accent_pale")
        opacity = 0.9 if self.theme.is_dark else 0.45
        corners = [*zip(xs, low, strict=True), *reversed([*zip(xs, high, strict=True)])]
        self._add(Polygon(corners, facecolor=colour, alpha=opacity, linewidth=0, zorder=1))

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: int = 12,
        weight: int = 400,
        colour: str = "text",
        align: Align = "left",
        valign: VAlign = "center",
        room: float | None = None,
    ) -> None:
        """Write words, cut to the room there is."""
        if room is not None:
            words = elided(words, size, weight, max(0, int(room)))
        text = Text(
            x,
            y,
            words,
            fontproperties=font_properties(weight),
            fontsize=size,
            color=self._hex(colour),
            ha=align,
            va=_MIDDLE if valign == "center" else valign,
            zorder=6,
            parse_math=False,
        )
        self._add(text)

    def wide(self, words: str, size: int = 12, weight: int = 400) -> float:
        """Return how wide words are."""
        return metrics(size, weight).horizontalAdvance(words)

    def mark(
        self, x: float, y: float, width: float, height: float, words: str, opens: Any = None
    ) -> None:
        """Let a place be pointed at, walked to and opened."""
        self.marks.append(Mark(x, y, width, height, words, opens))
