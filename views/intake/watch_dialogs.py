"""Adds a watched folder, and shows what became of its files."""

from typing import Any, Final

from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.commands.watched_folders import create_watched_folder
from app.errors import UserError
from app.queries.imports import MappingRow, import_mappings
from app.queries.intake import WatchedFileRow, WatchedFolderRow, watched_files
from app.sharing.machine import this_machine
from models.values import WatchState
from views.context import PageContext
from views.operations import Lookup, Operation
from views.shared.buttons import secondary
from views.shared.chips import DropDown
from views.shared.dialogs import Dialog
from views.shared.format import file_size, moment_words
from views.shared.forms import RecordForm, line_edit
from views.shared.labels import Divider, Label, PillLabel
from views.shared.layout import clear_layout
from views.shared.section import button_row
from views.shared.text import tr, translate_error

KIND_WORDS: Final = {
    None: "Recognise each file",
    "contact": "Contacts",
    "company": "Companies",
    "deal": "Deals",
    "ticket": "Tickets",
    "activity": "Activities",
    "order": "Orders",
    "event": "Events",
}
_STATE_PILLS: Final = {
    WatchState.DONE: ("taken", "good", "check"),
    WatchState.FAILED: ("not taken", "bad", "circle-alert"),
    WatchState.WAITING: ("waiting", "neutral", "clock"),
}
_WIDTH: Final = 560
_LIST_HEIGHT: Final = 320


class AddFolderDialog(Dialog):
    """Has a folder, or one file, watched from now on."""

    def __init__(self, context: PageContext, parent: QWidget) -> None:
        super().__init__(
            tr("Watch a folder"),
            tr("A file is taken in when it has stood still for a moment, and when it changes."),
            parent,
            width=_WIDTH,
            confirm=tr("Watch"),
            icon="folder-plus",
        )
        self.context = context
        self.form = RecordForm()
        self.path = line_edit(tr("Folder or file"))
        self.kind = DropDown()
        self.form.add_row("path", tr("Path"), self.path, required=True)
        folder = secondary(tr("Choose a folder…"), "folder-open")
        folder.clicked.connect(self._choose_folder)
        file = secondary(tr("Choose one file…"), "file")
        file.clicked.connect(self._choose_file)
        self.form.add_row("kind", tr("Its files are"), self.kind)
        self.body.addWidget(self.form)
        self.body.addWidget(button_row(folder, file))
        self._show_kinds([])
        Lookup(self, import_mappings, key="mappings").then(self._show_kinds)
        self.path.textChanged.connect(self._typed)
        self._typed()
        self.fit()

    def _show_kinds(self, mappings: list[MappingRow]) -> None:
        items: list[tuple[Any, str, str | None]] = [
            (("kind", kind), tr(words), None) for kind, words in KIND_WORDS.items()
        ]
        items += [
            (("mapping", row.id), tr("Mapped as “{name}”", name=row.name), None)
            for row in mappings
            if row.name
        ]
        self.kind.set_items(items)

    def _typed(self, *_: object) -> None:
        self.confirm_button.setEnabled(bool(self.path.text().strip()))

    def _choose_folder(self) -> None:
        found = QFileDialog.getExistingDirectory(self, tr("Choose a folder"))
        if found:
            self.path.setText(found)

    def _choose_file(self) -> None:
        found, _ = QFileDialog.getOpenFileName(self, tr("Choose one file"))
        if found:
            self.path.setText(found)

    def confirmed(self) -> bool:
        """Store, and close when it is stored."""
        self.form.clear_errors()
        self.set_busy(True)
        sort, value = self.kind.value
        Operation(
            self,
            "Watch folder",
            create_watched_folder,
            path=self.path.text().strip(),
            machine=this_machine(),
            kind=value if sort == "kind" else None,
            mapping_id=value if sort == "mapping" else None,
        ).then(lambda _id: self.accept()).or_else(self._refused).toast(tr("Folder watched"))
        return False

    def _refused(self, error: UserError) -> None:
        if not self.form.show_user_error(error):
            self.set_error(translate_error(error))
        self.set_busy(False)
        self.fit()


class FilesDialog(Dialog):
    """What became of the files of a watched folder, the newest first."""

    def __init__(self, context: PageContext, folder: WatchedFolderRow, parent: QWidget) -> None:
        super().__init__(
            tr("Files that came in"),
            folder.path,
            parent,
            width=_WIDTH,
            confirm=tr("Close"),
            icon="files",
        )
        self.context = context
        self.cancel_button.hide()
        content = QWidget()
        content.setObjectName("scrolled")
        self.list = QVBoxLayout(content)
        self.list.setContentsMargins(0, 0, 12, 0)
        self.list.setSpacing(0)
        self.list.addWidget(Label(tr("Reading…"), "muted"))
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setFixedHeight(_LIST_HEIGHT)
        area.setWidget(content)
        self.body.addWidget(area)
        self.fit()
        Lookup(self, watched_files, folder.id, key="files").then(self._show)

    def _show(self, files: list[WatchedFileRow]) -> None:
        clear_layout(self.list)
        if not files:
            words = tr("No file has come yet. It is looked for every few seconds.")
            self.list.addWidget(Label(words, "muted", wrap=True))
        for place, file in enumerate(files):
            if place:
                self.list.addWidget(Divider())
            self.list.addWidget(_file_row(file))
        self.list.addStretch(1)


def _file_row(file: WatchedFileRow) -> QWidget:
    row = QWidget()
    box = QVBoxLayout(row)
    box.setContentsMargins(0, 8, 0, 8)
    box.setSpacing(4)
    head = QHBoxLayout()
    head.setSpacing(12)
    words = QVBoxLayout()
    words.setSpacing(0)
    words.addWidget(Label(file.name, "strong", elide=True))
    about = f"{file_size(file.size)} · {moment_words(file.at)}"
    words.addWidget(Label(about, "small"))
    head.addLayout(words, 1)
    text, tone, icon = _STATE_PILLS[file.state]
    head.addWidget(PillLabel(tr(text), tone, icon))
    box.addLayout(head)
    if file.report:
        role = "error" if file.state is WatchState.FAILED else "small"
        lines = file.report.splitlines()
        shown = "\n".join(lines[:6] + ["…"] * (len(lines) > 6))
        box.addWidget(Label(shown, role, wrap=True, selectable=True))
    return row
