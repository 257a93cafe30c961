"""The steps of “Share with my office”: what is safe, which server, what will be copied."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.sharing.server_look import ServerSight
from views.shared.buttons import secondary
from views.shared.cards import Card
from views.shared.forms import RecordForm, line_edit
from views.shared.labels import IconLabel, Label, PillLabel
from views.shared.text import tr

_BY_FILE: Final = (
    "For a few people, on a drive whose locks hold (NFS 4, checked between two computers). "
    "Windows shares and cloud folders are refused or limited to one computer, because they damage "
    "databases. You need nothing more than to open the file from there."
)
_BY_SERVER: Final = (
    "For everybody else: any number of people, from any computer, each with a login of their own; "
    "a manager's login may only read. Somebody has to run the server, or you rent one, and it must "
    "be backed up."
)
_WAYS: Final = (
    ("hard-drive", "One file on a network drive", _BY_FILE),
    ("server", "A PostgreSQL server", _BY_SERVER),
)


class ExplainStep(QWidget):
    """The two ways, honestly."""

    def __init__(self) -> None:
        super().__init__()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        box.addWidget(Label(tr("There are two ways to work on one workspace together."), "muted"))
        for icon, title, words in _WAYS:
            card = Card(padding=16, spacing=6)
            head = QHBoxLayout()
            head.setSpacing(10)
            head.addWidget(IconLabel(icon, size=18, tone="accent", box=32))
            head.addWidget(Label(tr(title), "strong"), 1)
            card.add(head)
            card.add(Label(tr(words), "muted", wrap=True))
            box.addWidget(card)
        words = tr(
            "Next moves this workspace to a server: everything is copied and compared, table by "
            "table. Until both sides agree your file stays the one in use."
        )
        box.addWidget(Label(words, "body", wrap=True))
        box.addStretch(1)


class AddressStep(QWidget):
    """Server, database, user and password, with a test."""

    tested = Signal()
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        words = tr(
            "You need an empty database that belongs to you; its administrator makes one with "
            "CREATE DATABASE. Off this computer the connection is always encrypted (TLS)."
        )
        box.addWidget(Label(words, "muted", wrap=True))
        self.form = RecordForm()
        self.server = line_edit("server.example:5432")
        self.database, self.user = line_edit("closeknit"), line_edit(tr("your login there"))
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.form.add_row("server", tr("Server"), self.server, required=True)
        self.form.add_row("database", tr("Database"), self.database, required=True)
        self.form.add_row("user", tr("User name"), self.user)
        self.form.add_row("password", tr("Password"), self.password)
        box.addWidget(self.form)
        self.keep = QCheckBox(tr("Remember the password in this computer's keyring"))
        box.addWidget(self.keep)
        box.addLayout(self._test_line())
        box.addStretch(1)
        for editor in (self.server, self.database, self.user, self.password):
            editor.textEdited.connect(self.changed)

    def _test_line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(12)
        self.test = secondary(tr("Test connection"), "plug")
        self.test.clicked.connect(self.tested)
        self.state = PillLabel("")
        self.state.hide()
        self.found = Label("", "muted", elide=True)
        line.addWidget(self.test)
        line.addWidget(self.state)
        line.addWidget(self.found, 1)
        return line

    @property
    def typed(self) -> tuple[str, str, str, str]:
        """Server, database, user and password as they were typed."""
        return (
            self.server.text(),
            self.database.text(),
            self.user.text(),
            self.password.text(),
        )

    def set_testing(self, *, testing: bool) -> None:
        """Show that the server is asked."""
        self.test.setEnabled(not testing)
        self.test.setText(tr("Testing…") if testing else tr("Test connection"))

    def show_sight(self, sight: ServerSight | None) -> None:
        """Show what was found; None takes it away."""
        self.state.setVisible(sight is not None)
        if sight is None:
            self.found.set_text("")
            return
        self.state.set_pill(tr("ready"), "good", "check")
        way = tr("encrypted") if sight.encrypted else tr("on this computer")
        words = tr("PostgreSQL {version}, {way}", version=sight.version, way=way)
        self.found.set_text(words)


class CopyStep(QWidget):
    """What will be copied, and what becomes of the file."""

    def __init__(self) -> None:
        super().__init__()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        words = tr("All of it, with its whole history. A backup is made first.")
        box.addWidget(Label(words, "muted", wrap=True))
        self.card = Card(padding=16, spacing=6)
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(16)
        self.grid.setVerticalSpacing(6)
        self.grid.setColumnStretch(0, 1)
        self.card.add(self.grid)
        box.addWidget(self.card)
        self.fate = Label("", "body", wrap=True)
        box.addWidget(self.fate)
        box.addStretch(1)

    def show_counts(self, counts: Sequence[tuple[str, str]], file: str) -> None:
        """List how much there is."""
        for line, (words, count) in enumerate(counts):
            self.grid.addWidget(Label(words), line, 0)
            label = Label(count, "strong")
            label.setAlignment(Qt.AlignmentFlag.AlignRight)
            self.grid.addWidget(label, line, 1)
        self.fate.set_text(
            tr(
                "Nobody can save for as long as it is copied. Then {file} stays where it is, but "
                "can only be read, and says where the workspace went.",
                file=file,
            )
        )
