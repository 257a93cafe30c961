"""The records behind a number of an import; Enter opens one."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from app.queries.imports import BehindRow
from views.importing.painted_list import PAD, PaintedList
from views.importing.words import KIND_ICONS
from views.shared import paint
from views.shared.format import number
from views.shared.text import tr

OPENED: Final = frozenset({"contact", "company", "deal", "ticket", "task", "appointment"})
_SIGN: Final = 28


@dataclass(frozen=True, slots=True)
class _Words:
    name: str
    where: str


class BehindList(PaintedList[BehindRow]):
    """What each row became: the record's name and the row's number."""

    row_height = 44

    def words_of(self, row: BehindRow) -> str:
        """Return a row as a screen reader says it."""
        words = _words(row)
        return f"{words.name}, {words.where}"

    def paint_row(self, painter: QPainter, area: QRectF, row: BehindRow, selected: bool) -> None:
        """Draw the record's sign and name, and where it came from."""
        super().paint_row(painter, area, row, selected)
        direction = painter.layoutDirection()
        top = area.top() + (area.height() - _SIGN) / 2
        box = paint.mirrored(QRectF(area.left() + PAD, top, _SIGN, _SIGN), area, direction)
        is_person = row.kind in {"contact", "user"}
        icon = None if is_person and row.name else KIND_ICONS.get(row.kind, "file")
        paint.draw_avatar(
            painter, box, row.record_id, row.name, square=not is_person, kind_icon=icon
        )
        words = _words(row)
        wide = paint.text_width(words.where, 12) + 2
        left = area.left() + PAD + _SIGN + 12
        room = area.right() - PAD - wide - 12 - left
        name = paint.mirrored(QRectF(left, area.top(), room, area.height()), area, direction)
        color = "text" if row.name else "muted"
        paint.draw_text(painter, name, words.name, weight=500, color=color)
        where = QRectF(area.right() - PAD - wide, area.top(), wide, area.height())
        where = paint.mirrored(where, area, direction)
        paint.draw_text(painter, where, words.where, size=12, color="muted")


def _words(row: BehindRow) -> _Words:
    name = row.name or tr("not there any more")
    where = tr("row {n}", n=number(row.row)) if row.row else tr("made for a link")
    return _Words(name, where)
