"""A figure with its target, and the one table that all figures are printed in."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTHS = (52, 12, 12, 9)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; `target` is the most it may be, `bare` the same with the bare library."""

    name: str
    value: float
    unit: str
    target: float | None = None
    bare: float | None = None
    bare_name: str = ""

    @property
    def verdict(self) -> str:
        """Whether the target is kept."""
        if self.target is None:
            return ""
        return "ok" if self.value <= self.target else "OVER"

    def line(self) -> str:
        """Return the figure as a line of the table."""
        cells = (
            self.name.ljust(WIDTHS[0]),
            f"{self.value:,.1f} {self.unit}".rjust(WIDTHS[1]),
            ("" if self.target is None else f"{self.target:,.0f} {self.unit}").rjust(WIDTHS[2]),
            self.verdict.ljust(5),
        )
        ratio = ""
        if self.bare:
            times = self.value / self.bare
            ratio = f"{times:.1f} x {self.bare_name} ({self.bare:,.1f} {self.unit})"
        return "  ".join((*cells, ratio)).rstrip()


def heading() -> str:
    """Return the head of the table."""
    names = ("what", "measured", "target", "")
    cells = [names[0].ljust(WIDTHS[0]), names[1].rjust(WIDTHS[1]), names[2].rjust(WIDTHS[2])]
    return "  ".join((*cells, "     ", "ratio"))


def median(values: Sequence[float]) -> float:
    """Return the middle value."""
    return sorted(values)[len(values) // 2]


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that so large a share does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def timed(work: Callable[[], object]) -> float:
    """Return the milliseconds that some work takes."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000
