"""Asks for user name and password when a server wants them; from whatever thread opens."""

from threading import Event
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QThread, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QLineEdit, QWidget

from views.shared.dialogs import Dialog
from views.shared.forms import RecordForm, line_edit
from views.shared.text import tr

if TYPE_CHECKING:
    from app.sharing.passwords import Login


class _Request:
    """A question on its way to the person; the asking thread waits for it."""

    def __init__(self, url: Any, *, wrong: bool) -> None:
        self.url, self.wrong = url, wrong
        self.login: Login | None = None
        self.answered = Event()


class LoginAsker(QObject):
    """Call it with an address and whether an earlier answer was wrong; it returns a Login."""

    _wanted = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._wanted.connect(self._ask, Qt.ConnectionType.QueuedConnection)

    def __call__(self, url: Any, wrong: bool) -> "Login | None":
        """Ask, and wait for the person; None where they give up."""
        request = _Request(url, wrong=wrong)
        if QThread.currentThread() is self.thread():
            dialog = self._dialog(request)
            dialog.exec()
            dialog.deleteLater()
        else:
            try:
                self._wanted.emit(request)
            except RuntimeError:  # the window is gone
                return None
            request.answered.wait()
        return request.login

    def _dialog(self, request: _Request) -> "LoginDialog":
        return LoginDialog(request.url, self._window, wrong=request.wrong)

    def _ask(self, request: object) -> None:
        if not isinstance(request, _Request):
            return
        dialog = self._dialog(request)

        def answer(result: int) -> None:
            if result == QDialog.DialogCode.Accepted:
                request.login = dialog.login()
            request.answered.set()
            dialog.deleteLater()

        dialog.finished.connect(answer)
        dialog.open()


class LoginDialog(Dialog):
    """User name, password, and whether this computer shall remember it."""

    def __init__(self, url: Any, parent: QWidget, *, wrong: bool = False) -> None:
        from app.sharing.passwords import can_keep_passwords  # noqa: PLC0415 - loads the ORM

        super().__init__(
            tr("Log in"),
            tr(
                "The database {database} on {host} asks who you are.",
                database=url.database or "",
                host=url.host or tr("this computer"),
            ),
            parent,
            width=440,
            confirm=tr("Log in"),
            icon="key-round",
        )
        self.form = RecordForm()
        self.user = line_edit(tr("your login there"), url.username or "")
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.form.add_row("user", tr("User name"), self.user, required=True)
        self.form.add_row("password", tr("Password"), self.password)
        self.body.addWidget(self.form)
        self.keep = QCheckBox(tr("Remember the password in this computer's keyring"))
        self.keep.setVisible(can_keep_passwords())
        self.body.addWidget(self.keep)
        self.is_retry = wrong
        if wrong:
            self.set_error(tr("The server does not accept this name and password. Try again."))
        self.user.textChanged.connect(self._typed)
        self._typed()
        self.fit()
        (self.password if self.user.text() else self.user).setFocus()

    def login(self) -> "Login":
        """Return what was typed."""
        from app.sharing.passwords import Login  # noqa: PLC0415 - loads the ORM

        keep = self.keep.isChecked() and not self.keep.isHidden()
        return Login(self.user.text().strip(), self.password.text(), keep)

    def _typed(self, *_text: object) -> None:
        self.confirm_button.setEnabled(bool(self.user.text().strip()))
