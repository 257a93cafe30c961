"""Which columns a table shows, in which order and how wide."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QMenu, QTableView, QWidget

from views.shared.column import Column
from views.shared.record_delegate import RecordDelegate
from views.shared.text import tr
from views.theme import current_theme


class ColumnLayout:
    """Applies the declared widths, then what the person made of them."""

    def __init__(self, table: QTableView, columns: Sequence[Column[Any]]) -> None:
        self._table, self._columns = table, tuple(columns)
        self._keys = [column.key for column in columns]
        self._stretching = False
        self._resized: set[int] = set()
        self.reset()
        table.horizontalHeader().sectionResized.connect(self._note_resize)

    def reset(self) -> None:
        """Return to the declared columns."""
        header = self._table.horizontalHeader()
        self._resized.clear()
        self._stretching = True
        for logical, column in enumerate(self._columns):
            header.moveSection(header.visualIndex(logical), logical)
            header.setSectionHidden(logical, column.hidden)
            header.resizeSection(logical, column.width)
        self._stretching = False
        self.stretch()

    def stretch(self) -> None:
        """Share the room that is left among the stretching columns nobody resized."""
        header = self._table.horizontalHeader()
        shown = [i for i in range(len(self._columns)) if not header.isSectionHidden(i)]
        elastic = [i for i in shown if self._columns[i].stretch and i not in self._resized]
        if not elastic:
            return
        fixed = sum(header.sectionSize(i) for i in shown if i not in elastic)
        room = self._table.viewport().width() - fixed
        self._stretching = True
        for logical in elastic:
            header.resizeSection(logical, max(self._columns[logical].width, room // len(elastic)))
        self._stretching = False

    def set_shown(self, key: str, shown: bool) -> None:
        """Show or hide a column by its key."""
        header = self._table.horizontalHeader()
        logical = self._keys.index(key)
        if not shown and header.count() - header.hiddenSectionCount() <= 1:
            return
        header.setSectionHidden(logical, not shown)
        if shown and header.sectionSize(logical) < header.minimumSectionSize():
            header.resizeSection(logical, self._columns[logical].width)
        self.stretch()

    def is_shown(self, key: str) -> bool:
        """Tell whether a column is shown."""
        return not self._table.horizontalHeader().isSectionHidden(self._keys.index(key))

    def menu(self, parent: QWidget) -> QMenu:
        """Return a menu with one checkable entry per column."""
        menu = QMenu(parent)
        for column in self._columns:
            action = menu.addAction(tr(column.title))
            action.setCheckable(True)
            action.setChecked(self.is_shown(column.key))
            action.toggled.connect(lambda on, key=column.key: self.set_shown(key, on))
        menu.addSeparator()
        menu.addAction(tr("Reset columns")).triggered.connect(self.reset)
        return menu

    def save(self) -> list[dict[str, Any]]:
        """Return key, width and visibility in the person's order."""
        header = self._table.horizontalHeader()
        order = [header.logicalIndex(place) for place in range(header.count())]
        return [
            {
                "key": self._keys[logical],
                "width": header.sectionSize(logical) if logical in self._resized else None,
                "shown": not header.isSectionHidden(logical),
            }
            for logical in order
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
