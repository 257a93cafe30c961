"""The first start asks for a name; a workspace that cannot be opened offers others."""

import getpass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.errors import UserError
from app.settings import Settings
from views.icons import logo
from views.shared.buttons import primary, secondary
from views.shared.cards import Card
from views.shared.labels import Label
from views.shared.text import tr, translate_error
from views.theme import current_theme
from views.welcome.recent import RecentList


class WelcomePage(QWidget):
    """Covers the whole window until there is a name, or a workspace that opens."""

    name_given = Signal(str)
    workspace_chosen = Signal(str)
    open_requested = Signal()
    backup_wanted = Signal()

    def __init__(
        self,
        settings: Settings,
        window: QWidget,
        *,
        ask_name: bool = False,
        fault: str = "",
    ) -> None:
        super().__init__(window)
        self._window, self._settings = window, settings
        self.setAccessibleName(tr("Welcome"))
        self.card = Card(padding=32, spacing=12)
        self.card.setFixedWidth(480)
        self._head(fault)
        if ask_name:
            self._ask_name()
        else:
            self._offer(settings)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(self.card)
        across.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addLayout(across)
        layout.addStretch(3)
        window.installEventFilter(self)

    def _head(self, fault: str) -> None:
        mark = QLabel()
        mark.setPixmap(logo(40, self.devicePixelRatioF()))
        self.card.add(mark)
        title = tr("This workspace does not open") if fault else tr("Welcome to Closeknit")
        self.card.add(Label(title, "title"))
        words = fault or tr(
            "Everything you enter stays on this computer, in one file that is yours. "
            "Your name stands beside what you do."
        )
        self.card.add(Label(words, "muted", wrap=True))

    def _ask_name(self) -> None:
        self.name = QLineEdit(self._settings.user_name or login_name())
        self.name.setPlaceholderText(tr("Your name"))
        self.name.setAccessibleName(tr("Your name"))
        self.name.selectAll()
        self.error = Label("", "error", wrap=True)
        self.error.hide()
        start = primary(tr("Start"), shortcut_hint="↵")
        start.clicked.connect(self._give_name)
        self.name.returnPressed.connect(self._give_name)
        other = secondary(tr("Open another workspace…"), "folder-open")
        other.clicked.connect(self.open_requested)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(start)
        buttons.addWidget(other)
        buttons.addStretch(1)
        self.card.add(Label(tr("What is your name?"), "strong"))
        self.card.add(self.name)
        self.card.add(self.error)
        self.card.add(buttons)

    def _offer(self, settings: Settings) -> None:
        recent = RecentList(settings.recent)
        recent.chosen.connect(self.workspace_chosen)
        self.card.add(recent)
        other = primary(tr("Open or make a workspace…"), "folder-open")
        other.clicked.connect(self.open_requested)
        self._row = QHBoxLayout()
        self._row.addWidget(other)
        self._row.addStretch(1)
        self.card.add(self._row)

    def offer_backup(self, when: str) -> None:
        """Offer the newest backup of the workspace that does not open."""
        self.restore = secondary(tr("Restore the backup of {when}", when=when), "archive-restore")
        self.restore.clicked.connect(self.backup_wanted)
        self._row.insertWidget(1, self.restore)

    def cover(self) -> None:
        """Lie over the window and take the focus."""
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()
        if hasattr(self, "name"):
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_error(self, error: UserError) -> None:
        """Say beside the field what is wrong with the name."""
        self.error.set_text(translate_error(error))
        self.error.show()

    def _give_name(self) -> None:
        name = " ".join(self.name.text().split())
        if name:
            self.name_given.emit(name)
        else:
            self.show_error(UserError("Please give your name."))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window's size."""
        if watched is self._window and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._window.rect())
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Cover what lies beneath."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), current_theme().color("window"))
        painter.end()


def login_name() -> str:
    """Return the person's name as the computer knows it, or an empty text."""
    try:
        import pwd  # noqa: PLC0415 - not on every system

        full = pwd.getpwnam(getpass.getuser()).pw_gecos.partition(",")[0].strip()
    except (ImportError, KeyError, OSError):
        return ""
    return "" if full.lower() in {"root", "user"} else full
