"""The workspaces that were open lately."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from views.icons import icon
from views.shared.labels import Label
from views.shared.text import tr

PATH_ROLE = 256


class RecentList(QWidget):
    """One row per workspace: its name and where it lies; Enter or click opens it."""

    chosen = Signal(str)

    def __init__(self, locations: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(Label(tr("Recent workspaces"), "strong"))
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Recent workspaces"))
        for location in locations:
            self._add(location)
        self.list.itemActivated.connect(self._choose)
        self.list.itemClicked.connect(self._choose)
        self.list.setFixedHeight(min(max(self.list.count(), 1), 6) * 40 + 4)
        layout.addWidget(self.list)
        self.setVisible(bool(locations))

    def _add(self, location: str) -> None:
        is_server = "://" in location
        name = location.rpartition("/")[2] if is_server else Path(location).stem
        item = QListWidgetItem(icon("database" if is_server else "file"), name)
        item.setToolTip(location.rpartition("@")[2] if is_server else location)
        item.setData(PATH_ROLE, location)
        self.list.addItem(item)

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(str(item.data(PATH_ROLE)))
