"""Choosing a workspace: a recent one, a file, a new file, or a server."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QWidget

from app.paths import documents_folder
from app.settings import Settings
from views.shared.buttons import secondary
from views.shared.dialogs import Dialog
from views.shared.labels import Label
from views.shared.text import tr
from views.welcome.recent import RecentList

FILTER = "Closeknit (*.closeknit *.closeknit-server)"
NEW_FILTER = "Closeknit (*.closeknit)"


class OpenDialog(Dialog):
    """Gives the location of the workspace to open, made if it is not there yet."""

    chosen = Signal(str)

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Open a workspace"),
            tr("A workspace is one file, or a PostgreSQL database that a team shares."),
            parent,
            width=520,
            confirm=tr("Connect"),
        )
        recent = RecentList(settings.recent)
        recent.chosen.connect(self._take)
        self.body.addWidget(recent)
        buttons = QHBoxLayout()
        for words, icon, slot in (
            (tr("Open a file…"), "folder-open", self._open_file),
            (tr("New workspace…"), "file-plus", self._new_file),
        ):
            button = secondary(words, icon)
            button.setAutoDefault(False)
            button.clicked.connect(slot)
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.body.addLayout(buttons)
        self.body.addWidget(Label(tr("Or the address of a server"), "strong"))
        self.address = QLineEdit()
        self.address.setPlaceholderText("postgresql://name@server/database")
        self.address.setAccessibleName(tr("Address of a server"))
        self.body.addWidget(self.address)
        self.address.textChanged.connect(self._address_changed)
        self._address_changed("")

    def _address_changed(self, text: str) -> None:
        self.confirm_button.setEnabled(text.strip().startswith("postgres"))

    def confirmed(self) -> bool:
        """Connect to the typed address."""
        self.chosen.emit(self.address.text().strip())
        return True

    def _take(self, location: str) -> None:
        self.accept()
        self.chosen.emit(location)

    def _open_file(self) -> None:
        folder = str(documents_folder())
        path, _ = QFileDialog.getOpenFileName(self, tr("Open a workspace"), folder, FILTER)
        if path:
            self._take(path)

    def _new_file(self) -> None:
        suggestion = str(documents_folder() / tr("New workspace.closeknit"))
        path, _ = QFileDialog.getSaveFileName(self, tr("New workspace"), suggestion, NEW_FILTER)
        if path:
            self._take(path if "." in path.rpartition("/")[2] else f"{path}.closeknit")
