"""A message of the system's tray, where there is one; the bell always has the reminder too."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from views.icons import app_icon
from views.shared.text import tr

MESSAGE_MS = 10_000


class Tray(QObject):
    """Shows messages; the icon appears with the first and goes with the window."""

    clicked = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._icon: QSystemTrayIcon | None = None
        self._menu: QMenu | None = None

    @staticmethod
    def is_available() -> bool:
        """Tell whether this system shows tray messages."""
        return QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()

    def show_message(self, title: str, text: str) -> bool:
        """Show a message where that is possible; tell whether it was."""
        if not self.is_available():
            return False
        icon = self._icon or self._make()
        icon.showMessage(title, text, app_icon(), MESSAGE_MS)
        return True

    def hide(self) -> None:
        """Take the icon away."""
        if self._icon is not None:
            self._icon.hide()
        if self._menu is not None:
            self._menu.deleteLater()
            self._menu = None

    def _make(self) -> QSystemTrayIcon:
        self._icon = QSystemTrayIcon(app_icon(), self)
        self._icon.setToolTip("Closeknit")
        # Some desktops hide an icon without a menu.
        self._menu = QMenu()
        show = QAction(tr("Show Closeknit"), self._menu)
        show.triggered.connect(self.clicked)
        self._menu.addAction(show)
        self._icon.setContextMenu(self._menu)
        self._icon.messageClicked.connect(self.clicked)
        self._icon.activated.connect(lambda _reason: self.clicked.emit())
        self._icon.show()
        return self._icon
