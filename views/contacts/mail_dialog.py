"""One mail to be read: who wrote to whom, its text, its files. Nothing is fetched for it."""

import tempfile
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from app.queries.mails import MailFacts, mail_facts
from app.queries.record_facts import FileFact, attachment_content
from models.values import MailRole
from views.contacts.mail_words import people_line
from views.context import PageContext
from views.operations import Lookup
from views.shared.buttons import Button, IconButton
from views.shared.dialogs import Dialog
from views.shared.format import exact_moment, file_size
from views.shared.labels import IconLabel, Label, LinkLabel
from views.shared.text import tr

# Programs, which a mail from a stranger must not start by a click; they can be saved.
_PROGRAMS: Final = frozenset(
    {
        ".appimage", ".application", ".bat", ".chm", ".cmd", ".com", ".cpl", ".desktop", ".exe",
        ".hta", ".inf", ".iso", ".jar", ".js", ".jse", ".lnk", ".msc", ".msi", ".pif", ".ps1",
        ".reg", ".scf", ".scr", ".sh", ".url", ".vbe", ".vbs", ".wsf",
    }
)  # fmt: skip
_FILES_HEIGHT: Final = 132
_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})


class MailText(QTextBrowser):
    """Formatted text that fetches nothing; a link opens in the browser when it is clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.anchorClicked.connect(self._follow)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Refuse pictures and style sheets, wherever they are."""
        del kind, name
        return b""

    @staticmethod
    def _follow(link: QUrl) -> None:
        if link.scheme() in _SCHEMES:
            QDesktopServices.openUrl(link)


class MailDialog(Dialog):
    """A mail with its files; `Show formatted` shows it as its writer saw it, without pictures."""

    def __init__(self, context: PageContext, activity_id: int, parent: QWidget) -> None:
        super().__init__(
            tr("E{hyphen}mail", hyphen="\u2011"), parent=parent, width=720, confirm=tr("Close")
        )
        self.context = context
        self.facts: MailFacts | None = None
        self.cancel_button.hide()
        self._people = QVBoxLayout()
        self._people.setSpacing(2)
        self.body.addLayout(self._people)
        self.formatted = Button(tr("Show formatted"), kind="link")
        self.formatted.setCheckable(True)
        self.formatted.toggled.connect(self._show_formatted)
        self.formatted.hide()
        self.plain, self.rich = MailText(), MailText()
        self.plain.setAccessibleName(tr("Text of the message"))
        self.rich.setAccessibleName(tr("Formatted text of the message"))
        self.pages = QStackedWidget()
        self.pages.addWidget(self.plain)
        self.pages.addWidget(self.rich)
        self.pages.setMinimumHeight(260)
        self.body.addWidget(self.pages, 1)
        self._files = QVBoxLayout()
        self._files.setSpacing(2)
        self._files.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(self._files_area())
        self.footer.insertWidget(0, self.formatted)
        Lookup(self, mail_facts, activity_id).then(self._show)

    def _files_area(self) -> QWidget:
        inner = QWidget()
        inner.setLayout(self._files)
        self.files = QScrollArea()
        self.files.setWidget(inner)
        self.files.setWidgetResizable(True)
        self.files.setFrameShape(QScrollArea.Shape.NoFrame)
        self.files.setMaximumHeight(_FILES_HEIGHT)
        for ground in (self.files.viewport(), inner):
            ground.setAutoFillBackground(False)
        self.files.hide()
        return self.files

    def _show(self, facts: MailFacts | None) -> None:
        if facts is None:
            self.set_error(tr("This message is not there any more."))
            return
        self.facts = facts
        self.title.set_text(facts.subject or tr("(no subject)"))
        words = {
            MailRole.FROM: tr("From"),
            MailRole.TO: tr("To"),
            MailRole.CC: tr("Cc"),
            MailRole.BCC: tr("Bcc"),
        }
        for role, word in words.items():
            line = people_line(facts.people, role, full=True)
            if line:
                self._say(word, line)
        self._say(tr("Sent"), exact_moment(facts.at))
        self.plain.setPlainText(facts.text)
        self.formatted.setVisible(bool(facts.html))
        for file in facts.files:
            self._files.addLayout(self._file_line(file))
        self.files.setVisible(bool(facts.files))
        self.resize(self.width(), max(self.height(), 560))

    def _say(self, word: str, text: str) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        head = Label(word, "small")
        head.setFixedWidth(48)
        line.addWidget(head)
        line.addWidget(Label(text, elide=True), 1)
        self._people.addLayout(line)

    def _file_line(self, file: FileFact) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(IconLabel("paperclip", "muted", 16))
        link = LinkLabel(file.name)
        link.clicked.connect(partial(self.open_file, file))
        line.addWidget(link)
        line.addWidget(Label(file_size(file.size), "small"))
        line.addStretch(1)
        save = IconButton("download", tr("Save {name}", name=file.name), size=22, icon_size=14)
        save.clicked.connect(partial(self.save_file, file))
        line.addWidget(save)
        return line

    def _show_formatted(self, wanted: bool) -> None:
        if wanted and self.facts is not None and self.rich.document().isEmpty():
            self.rich.setHtml(self.facts.html)
        self.formatted.setText(tr("Show plain text") if wanted else tr("Show formatted"))
        self.pages.setCurrentWidget(self.rich if wanted else self.plain)

    def open_file(self, file: FileFact) -> None:
        """Open a copy of a file with the system's program; a program is saved instead."""
        if Path(file.name).suffix.casefold() in _PROGRAMS:
            self.save_file(file)
            return
        Lookup(self, attachment_content, file.link_id).then(_open_copy)

    def save_file(self, file: FileFact) -> None:
        """Ask where to keep a file, and write it there."""
        path, _ = QFileDialog.getSaveFileName(self, tr("Save file"), file.name)
        if path:
            Lookup(self, attachment_content, file.link_id).then(partial(self._write, Path(path)))

    def _write(self, path: Path, found: tuple[str, bytes] | None) -> None:
        if found is None:
            return
        try:
            path.write_bytes(found[1])
        except OSError as error:
            self.set_error(
                tr("{name} could not be written: {why}", name=path.name, why=error.strerror or "")
            )
            return
        self.context.toast(tr("{name} is saved", name=path.name))


def _open_copy(found: tuple[str, bytes] | None) -> None:
    if found is None:
        return
    name, content = found
    copy = Path(tempfile.mkdtemp(prefix="closeknit-")) / Path(name).name
    copy.write_bytes(content)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(copy)))
