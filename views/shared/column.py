"""Columns as data: what a table shows of a row and how."""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from typing import Generic, Literal, Protocol, TypeVar

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter

from views.theme import Theme

Align = Literal["left", "right", "center"]


class Identified(Protocol):
    """Any row that carries its record's id."""

    @property
    def id(self) -> int:
        """The record's id."""


RowT = TypeVar("RowT", bound=Identified)


@dataclass(frozen=True, slots=True)
class Pill:
    """A short status in a tinted capsule."""

    text: str
    tone: str = "neutral"
    icon: str | None = None


CellPainter = Callable[[QPainter, QRect, RowT, Theme, bool], None]


# No slots: `Column[Deal](…)` sets `__orig_class__`, which typing forgives on frozen classes only.
@dataclass(frozen=True)
class Column(Generic[RowT]):
    """One column: `sort` is the key its SQL order has, None when it cannot be sorted.

    `avatar` gives (id, name, square) to draw before the text, `pill` a status instead of the text,
    `paint` the whole cell by (painter, rect, row, theme, selected).
    """

    key: str
    title: str
    text: Callable[[RowT], str]
    _: KW_ONLY
    width: int = 140
    align: Align = "left"
    sort: str | None = None
    tooltip: Callable[[RowT], str | None] | None = None
    tone: str = "text"
    weight: int = 400
    tabular: bool = False
    stretch: bool = False
    hidden: bool = False
    avatar: Callable[[RowT], tuple[int, str, bool] | None] | None = None
    pill: Callable[[RowT], Pill | None] | None = None
    paint: CellPainter[RowT] | None = None

    @property
    def alignment(self) -> Qt.AlignmentFlag:
        """The alignment Qt understands, vertically centred."""
        side = {
            "left": Qt.AlignmentFlag.AlignLeft,
            "right": Qt.AlignmentFlag.AlignRight,
            "center": Qt.AlignmentFlag.AlignHCenter,
        }[self.align]
        return side | Qt.AlignmentFlag.AlignVCenter
