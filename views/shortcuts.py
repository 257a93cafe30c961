"""The "?" sheet with every shortcut."""

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from views.fonts import font
from views.shared.dialogs import Dialog
from views.shared.labels import KeyHint
from views.shared.text import tr
from views.shortcut_list import SHORTCUTS, Shortcut


class ShortcutSheet(Dialog):
    """Lists every shortcut by place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Shortcuts"), "", parent, width=800, confirm=tr("Close"))
        self.cancel_button.hide()
        grid = QGridLayout()
        grid.setHorizontalSpacing(32)
        grid.setVerticalSpacing(8)
        groups: dict[str, list[Shortcut]] = {}
        for shortcut in SHORTCUTS:
            groups.setdefault(shortcut.group, []).append(shortcut)
        rows = [0, 0]
        for group, shortcuts in groups.items():
            side = 0 if group == "Everywhere" else 1
            rows[side] = self._add_group(grid, side, rows[side], group, shortcuts)
        self.body.addLayout(grid)

    @staticmethod
    def _add_group(
        grid: QGridLayout, side: int, row: int, group: str, shortcuts: list[Shortcut]
    ) -> int:
        title = QLabel(tr(group))
        title.setFont(font(13, 600))
        grid.addWidget(title, row, side * 2, 1, 2)
        for shortcut in shortcuts:
            row += 1
            words = QLabel(tr(shortcut.words))
            words.setMinimumWidth(words.sizeHint().width())
            grid.addWidget(words, row, side * 2)
            keys = QHBoxLayout()
            keys.setSpacing(4)
            keys.addStretch(1)
            for key in shortcut.keys:
                keys.addWidget(KeyHint(key.replace("+", " ")))
            grid.addLayout(keys, row, side * 2 + 1)
        return row + 1
