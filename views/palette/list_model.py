"""The rows of the palette, and how they are painted."""

import re
from typing import Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from models.values import fold
from views.palette.entries import Entry
from views.shared.paint import (
    draw_avatar,
    draw_icon,
    draw_key_hint,
    draw_pill,
    draw_text,
    rounded,
    text_width,
)
from views.shared.text import tr
from views.theme import current_theme

Index = QModelIndex | QPersistentModelIndex
HEADING: Final = 33
ROW: Final = 44
LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_WORD: Final = re.compile(r"[^\W_]+")


class PaletteModel(QAbstractListModel):
    """The entries as a list; headings cannot be chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []
        self.words: list[str] = []

    def set_entries(self, entries: list[Entry], words: list[str]) -> None:
        """Replace everything."""
        self.beginResetModel()
        self.entries, self.words = entries, words
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Count headings and rows."""
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Serve the words, for screen readers too."""
        if not index.isValid():
            return None
        entry = self.entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (entry.title, entry.detail, entry.right) if part)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings are only read."""
        if not index.isValid() or self.entries[index.row()].heading:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def next_row(self, row: int, step: int) -> int:
        """Return the nearest row in a direction that can be chosen, else the same."""
        place = row + step
        while 0 <= place < len(self.entries):
            if not self.entries[place].heading:
                return place
            place += step
        return row


class PaletteDelegate(QStyledItemDelegate):
    """Paints one entry; what matched stands bold and underlined."""

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        """Headings are lower than rows."""
        model = index.model()
        flat = isinstance(model, PaletteModel) and model.entries[index.row()].heading
        return QSize(200, HEADING if flat else ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the row."""
        model = index.model()
        if not isinstance(model, PaletteModel):
            return
        entry, rect = model.entries[index.row()], QRect(option.rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if entry.heading:
            place = rect.adjusted(20, 7, -20, 0)
            draw_text(painter, place, entry.title, size=12, weight=600, color="muted", align=LEFT)
            return
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            rounded(painter, rect.adjusted(8, 0, -8, 0), 6, "accent_soft")
        self._paint_mark(painter, rect, entry)
        right = self._paint_right(painter, rect, entry, selected=selected)
        self._paint_words(painter, rect, entry, model.words, right)

    @staticmethod
    def _paint_mark(painter: QPainter, rect: QRect, entry: Entry) -> None:
        box = QRect(rect.left() + 20, rect.center().y() - 13, 28, 28)
        if entry.record is not None and entry.action is None and not entry.icon:
            square = entry.record.kind == "company"
            draw_avatar(painter, box, entry.record.id, entry.record.title, square=square)
            return
        rounded(painter, box, 6, "neutral_tint")
        draw_icon(painter, box.left() + 6, box.top() + 6, entry.icon or "file", "neutral", 16)

    @staticmethod
    def _paint_right(painter: QPainter, rect: QRect, entry: Entry, *, selected: bool) -> int:
        """Paint what stands at the right end; return where it begins."""
        right, middle = rect.right() - 20, rect.center().y() + 1
        if selected and entry.record is not None and entry.action is None:
            right -= int(draw_key_hint(painter, right, middle, "↵")) + 6
            right -= int(draw_key_hint(painter, right, middle, tr("Tab"))) + 8
            words = tr("more actions")
            place = QRect(rect.left(), rect.top(), right - rect.left(), rect.height())
            return right - int(
                draw_text(painter, place, words, size=12, color="muted", align=RIGHT)
            )
        if entry.pill is not None:
            text, tone, icon = entry.pill
            return right - int(draw_pill(painter, right, middle, text, tone, icon, right=True))
        if entry.action is not None and entry.right:
            return right - int(draw_key_hint(painter, right, middle, entry.right))
        if entry.right:
            place = QRect(rect.left(), rect.top(), right - rect.left(), rect.height())
            wide = draw_text(painter, place, entry.right, weight=600, align=RIGHT, tabular=True)
            return right - int(wide)
        return right

    def _paint_words(
        self, painter: QPainter, rect: QRect, entry: Entry, words: list[str], right: int
    ) -> None:
        left, end = rect.left() + 60, right - 12
        place = QRect(left, rect.top(), max(end - left, 0), rect.height())
        x = left + self._paint_runs(painter, place, entry.title, words, 13, "text", 500)
        rest = QRect(x + 10, rect.top(), end - x - 10, rect.height())
        if entry.detail and rest.width() > 24:
            self._paint_runs(painter, rest, entry.detail, words, 12, "muted", 400)

    @staticmethod
    def _paint_runs(
        painter: QPainter,
        place: QRect,
        text: str,
        words: list[str],
        size: int,
        color: str,
        weight: int,
    ) -> int:
        """Paint text with its matches marked; return the width used."""
        x = float(place.left())
        for part, hit in match_runs(text, words):
            strong = 600 if hit else weight
            room = QRect(int(x), place.top(), place.right() - int(x) + 1, place.height())
            if room.width() <= 8:
                break
            tone = "text" if hit else color
            wide = text_width(part, size, strong)
            draw_text(painter, room, part, size=size, weight=strong, color=tone, align=LEFT)
            if hit:
                y = place.center().y() + size // 2 + 3
                shown = int(min(wide, room.width()))
                painter.fillRect(QRect(int(x), y, shown, 2), current_theme().color("primary"))
            x += wide
        return min(int(x) - place.left(), place.width())


def match_runs(text: str, words: list[str]) -> list[tuple[str, bool]]:
    """Split a text into runs; True marks the beginnings of words that were typed."""
    runs: list[tuple[str, bool]] = []
    done = 0
    for found in _WORD.finditer(text):
        folded = fold(found.group())
        length = max((len(w) for w in words if w and folded.startswith(w)), default=0)
        if length and len(folded) == len(found.group()):
            start = found.start()
            if start > done:
                runs.append((text[done:start], False))
            runs.append((text[start : start + length], True))
            done = start + length
    if done < len(text) or not runs:
        runs.append((text[done:], False))
    return runs
