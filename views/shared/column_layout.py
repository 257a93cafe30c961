"""Which columns a table shows, in which order and how wide."""

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QMenu, QTableView, QWidget

from views.shared.column import Column
from views.shared.record_delegate import PADDING, RecordDelegate
from views.shared.text import tr
from views.theme import current_theme

LEAST_WIDTH: Final = 88


class ColumnLayout:
    """Applies the declared widths, then what the person made of them."""

    def __init__(self, table: QTableView, columns: Sequence[Column[Any]]) -> None:
        self._table, self._columns = table, tuple(columns)
        self._keys = [column.key for column in columns]
        self._stretching = False
        self._resized: set[int] = set()
        self._folded: set[int] = set()  # declared columns there is no room for now
        self._chosen: set[int] = set()  # columns the person asked for: they scroll, never fold
        self.reset()
        table.horizontalHeader().sectionResized.connect(self._note_resize)

    def reset(self) -> None:
        """Return to the declared columns."""
        header = self._table.horizontalHeader()
        for known in (self._resized, self._folded, self._chosen):
            known.clear()
        self._stretching = True
        for logical, column in enumerate(self._columns):
            header.moveSection(header.visualIndex(logical), logical)
            header.setSectionHidden(logical, column.hidden)
            header.resizeSection(logical, column.width)
        self._stretching = False
        self.stretch()

    def stretch(self) -> None:
        """Fold the last columns where there is no room, and share what is left among the rest."""
        header, room = self._table.horizontalHeader(), self._table.viewport().width()
        wanted = [i for i in self._in_order() if self._is_wanted(i)]
        shown = list(wanted)
        for logical in reversed(wanted[1:]):
            if sum(map(self._least, shown)) <= room:
                break
            if logical not in self._chosen:
                shown.remove(logical)
        self._stretching = True
        for logical in wanted:
            header.setSectionHidden(logical, logical not in shown)
        self._folded = set(wanted) - set(shown)
        for logical, width in self._shared(shown, room).items():
            header.resizeSection(logical, width)
        self._stretching = False

    def _shared(self, shown: Sequence[int], room: int) -> dict[int, int]:
        """Return the widths of the columns nobody resized: more than declared, or less."""
        free = [i for i in shown if i not in self._resized]
        spare = room - sum(map(self._width, shown))
        widths = {i: self._width(i) for i in free}
        if spare >= 0:
            elastic = [i for i in free if self._columns[i].stretch]
            # To one width, as far as it goes: what is declared wide needs less of the rest.
            pool = spare + sum(widths[i] for i in elastic)
            for left, logical in zip(
                range(len(elastic), 0, -1),
                sorted(elastic, key=self._width, reverse=True),
                strict=True,
            ):
                widths[logical] = max(widths[logical], pool // left)
                pool -= widths[logical]
            return widths
        give = {i: widths[i] - self._least(i) for i in free}
        total = sum(give.values())
        for logical, most in give.items():
            if total:
                widths[logical] -= min(most, -spare * most // total)
        rest = sum(widths.values()) + sum(self._width(i) for i in shown if i not in widths) - room
        if 0 < rest < len(shown):  # what the rounding left over
            widths[free[0]] -= rest
        return widths

    def _in_order(self) -> list[int]:
        header = self._table.horizontalHeader()
        return [header.logicalIndex(place) for place in range(header.count())]

    def _is_wanted(self, logical: int) -> bool:
        return logical in self._folded or not self._table.horizontalHeader().isSectionHidden(
            logical
        )

    def _width(self, logical: int) -> int:
        """Return what the person made of a column's width, or what is declared and its title."""
        header, column = self._table.horizontalHeader(), self._columns[logical]
        if logical in self._resized:
            return header.sectionSize(logical)
        title = header.fontMetrics().horizontalAdvance(tr(column.title)) + 2 * PADDING + 2
        return max(column.width, title)

    def _least(self, logical: int) -> int:
        """Return how narrow a column may become: words take dots, figures and pills do not."""
        column, width = self._columns[logical], self._width(logical)
        if logical in self._resized or column.align != "left" or column.pill or column.paint:
            return width
        width = column.width
        return min(width, max(LEAST_WIDTH, round(width * 0.7)))

    def set_shown(self, key: str, shown: bool) -> None:
        """Show or hide a column by its key."""
        header = self._table.horizontalHeader()
        logical = self._keys.index(key)
        if not shown and header.count() - header.hiddenSectionCount() <= 1:
            return
        self._folded.discard(logical)
        if shown:
            self._chosen.add(logical)
        else:
            self._chosen.discard(logical)
        header.setSectionHidden(logical, not shown)
        if shown and header.sectionSize(logical) < header.minimumSectionSize():
            header.resizeSection(logical, self._columns[logical].width)
        self.stretch()

    def is_shown(self, key: str) -> bool:
        """Tell whether a column is shown wherever there is room for it."""
        return self._is_wanted(self._keys.index(key))

    def menu(self, parent: QWidget) -> QMenu:
        """Return a menu with one checkable entry per column."""
        menu = QMenu(parent)
        for logical, column in enumerate(self._columns):
            folded = logical in self._folded
            title = tr(column.title)
            action = menu.addAction(tr("{column} (no room now)", column=title) if folded else title)
            action.setCheckable(True)
            action.setChecked(self.is_shown(column.key) and not folded)
            action.toggled.connect(lambda on, key=column.key: self.set_shown(key, on))
        menu.addSeparator()
        menu.addAction(tr("Reset columns")).triggered.connect(self.reset)
        return menu

    def save(self) -> list[dict[str, Any]]:
        """Return key, width and visibility in the person's order."""
        header = self._table.horizontalHeader()
        return [
            {
                "key": self._keys[logical],
                "width": header.sectionSize(logical) if logical in self._resized else None,
                "shown": self._is_wanted(logical),
                "chosen": logical in self._chosen,
            }
            for logical in self._in_order()
        ]

    def restore(self, saved: Sequence[dict[str, Any]]) -> None:
        """Take back what `save` returned; columns that are new since stay where they are."""
        header = self._table.horizontalHeader()
        place = 0
        for entry in saved:
            if entry.get("key") not in self._keys:
                continue
            logical = self._keys.index(entry["key"])
            header.moveSection(header.visualIndex(logical), place)
            header.setSectionHidden(logical, not entry.get("shown", True))
            self._folded.discard(logical)
            (self._chosen.add if entry.get("chosen") else self._chosen.discard)(logical)
            if isinstance(entry.get("width"), int):
                header.resizeSection(logical, entry["width"])
                self._resized.add(logical)
            place += 1
        self.stretch()

    def paint_skeleton(self) -> None:
        """Paint bars where the first rows will stand."""
        viewport, header = self._table.viewport(), self._table.horizontalHeader()
        height = self._table.verticalHeader().defaultSectionSize()
        theme = current_theme()
        painter = QPainter(viewport)
        for row in range(min(12, viewport.height() // height + 1)):
            painter.setOpacity(max(0.15, 1 - row * 0.09))
            for logical in range(header.count()):
                if not header.isSectionHidden(logical):
                    x = header.sectionViewportPosition(logical)
                    cell = QRect(x, row * height, header.sectionSize(logical), height)
                    RecordDelegate.paint_bar(painter, cell, theme, row + logical)
        painter.end()

    def _note_resize(self, logical: int, _old: int, new: int) -> None:
        if not self._stretching and new > 0:
            self._resized.add(logical)
