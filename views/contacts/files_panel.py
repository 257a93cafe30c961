"""Files kept with a record: attach, open, take off."""

import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.commands.attachments import attach_file, detach_file
from app.queries.record_facts import FileFact, attachment_content
from views.context import PageContext
from views.operations import Lookup, Operation
from views.shared.buttons import IconButton
from views.shared.format import file_size
from views.shared.labels import IconLabel, Label, LinkLabel
from views.shared.layout import clear_layout
from views.shared.text import tr


class FilesPanel(QWidget):
    """A heading with a plus, and one line for each file."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self._owner: dict[str, int] = {}
        self._files: Sequence[FileFact] | None = None
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        head = QHBoxLayout()
        head.addWidget(Label(tr("Files"), "section"))
        head.addStretch(1)
        plus = IconButton("plus", tr("Attach a file"), size=28, icon_size=16)
        plus.clicked.connect(self.choose_file)
        head.addWidget(plus)
        box.addLayout(head)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(2)
        box.addLayout(self._rows)

    def show_files(self, kind: str, record_id: int, files: Sequence[FileFact]) -> None:
        """Show the files of a record."""
        self._owner = {f"{kind}_id": record_id}
        if files == self._files:
            return
        self._files = files
        clear_layout(self._rows)
        for file in files:
            line = QHBoxLayout()
            line.setSpacing(8)
            link = LinkLabel(file.name)
            link.clicked.connect(partial(self.open_file, file.link_id))
            remove = IconButton("x", tr("Take {name} off", name=file.name), size=22, icon_size=14)
            remove.clicked.connect(partial(self.take_off, file))
            line.addWidget(IconLabel("paperclip", "muted", 16))
            line.addWidget(link)
            line.addWidget(Label(file_size(file.size), "small"))
            line.addStretch(1)
            line.addWidget(remove)
            self._rows.addLayout(line)

    def choose_file(self) -> None:
        """Ask for a file and attach it."""
        path, _ = QFileDialog.getOpenFileName(self, tr("Attach a file"))
        if path:
            self.attach(Path(path))

    def attach(self, path: Path) -> None:
        """Attach a file of the computer."""
        try:
            content = path.read_bytes()
        except OSError as error:
            self.context.toast(
                tr("{name} could not be read: {why}", name=path.name, why=error.strerror or ""),
                kind="error",
            )
            return
        owner = self._owner
        Operation(
            self,
            "Attach file",
            attach_file,
            name=path.name,
            content=content,
            contact_id=owner.get("contact_id"),
            company_id=owner.get("company_id"),
        ).toast(tr("File attached"), path.name)

    def take_off(self, file: FileFact) -> None:
        """Take a file off the record."""
        Operation(self, "Remove file", detach_file, link_id=file.link_id).toast(
            tr("File removed"), file.name
        )

    def open_file(self, link_id: int) -> None:
        """Write the file to a fresh folder and open it with the system's program."""
        Lookup(self, attachment_content, link_id).then(self._open_copy)

    @staticmethod
    def _open_copy(found: tuple[str, bytes] | None) -> None:
        if found is None:
            return
        name, content = found
        copy = Path(tempfile.mkdtemp(prefix="closeknit-")) / Path(name).name
        copy.write_bytes(content)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(copy)))
