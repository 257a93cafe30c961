"""Who may log in to a workspace on a server, and what each of them may do."""

from functools import partial
from typing import Any, Final

from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.errors import CloseknitError
from app.sharing.server_rights import ServerRole
from app.sharing.server_roles import (
    NewLogin,
    ServerLogin,
    add_server_login,
    change_server_role,
    list_server_logins,
    remove_server_login,
)
from views.context import PageContext
from views.shared.buttons import IconButton, secondary
from views.shared.cards import Card
from views.shared.chips import DropDown
from views.shared.dialogs import Dialog, ask
from views.shared.forms import line_edit
from views.shared.labels import Label
from views.shared.layout import clear_layout
from views.shared.text import error_words, tr
from views.sharing.wizard import copy_to_clipboard
from views.work import Work

_WIDTH: Final = 560
ROLE_WORDS: Final[dict[ServerRole, str]] = {
    ServerRole.OWNER: "Owner: everything, and logins",
    ServerRole.MEMBER: "Member: reads and writes",
    ServerRole.READER: "Reader: charts and lists only",
}


class LoginsDialog(Dialog):
    """Lists, makes, changes and removes logins; passwords are shown once."""

    def __init__(self, context: PageContext, parent: QWidget, url: Any = None) -> None:
        super().__init__(
            tr("Logins for colleagues"),
            tr(
                "Each person has a login of their own on the server. A reader cannot write: the "
                "database itself refuses it."
            ),
            parent,
            width=_WIDTH,
            confirm=tr("Close"),
            icon="key-round",
        )
        self.context = context
        self._url = url if url is not None else context.workspace.database.url
        self.logins: list[ServerLogin] | None = None
        self.cancel_button.hide()
        self._build()
        self.fit()
        self.look()

    def _build(self) -> None:
        content = QWidget()
        content.setObjectName("scrolled")
        self.list = QVBoxLayout(content)
        self.list.setContentsMargins(0, 0, 12, 0)
        self.list.setSpacing(6)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setFixedHeight(190)
        area.setWidget(content)
        self.body.addWidget(area)
        self.state = Label(tr("Asking the server…"), "muted")
        self.list.addWidget(self.state)
        self._build_form()
        self._build_made()

    def _build_form(self) -> None:
        self.name = line_edit("elena.novak")
        self.name.setAccessibleName(tr("New login"))
        self.name.returnPressed.connect(self.add)
        self.role = DropDown()
        self.role.set_items([(role, tr(words), None) for role, words in ROLE_WORDS.items()])
        self.role.set_value(ServerRole.MEMBER)
        self.make = secondary(tr("Make login"), "user-plus")
        self.make.clicked.connect(self.add)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.name, 1)
        line.addWidget(self.role)
        line.addWidget(self.make)
        self.body.addLayout(line)

    def _build_made(self) -> None:
        self.made = Card(padding=14, spacing=6, ground="subtle")
        self.made.hide()
        self.secret = Label("", "body", wrap=True, selectable=True)
        self.copy = secondary(tr("Copy"), "copy")
        self.copy.clicked.connect(self._copy)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.secret, 1)
        row.addWidget(self.copy)
        self.made.add(row)
        self.body.addWidget(self.made)
        self._words = ""

    def _run(self, function: Any, *args: Any) -> Work:
        self.set_error("")
        return Work(self, partial(_called, function, self._url, *args)).or_else(self._fail)

    def look(self) -> None:
        """Ask the server who there is."""
        self._run(list_server_logins).then(self._show)

    def _show(self, logins: list[ServerLogin]) -> None:
        self.logins = logins
        clear_layout(self.list)
        for login in logins:
            self.list.addWidget(self._row(login))
        if not logins:
            words = tr("So far only the owner of the database can log in.")
            self.list.addWidget(Label(words, "muted", wrap=True))
        self.list.addStretch(1)

    def _row(self, login: ServerLogin) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(Label(login.name, "strong", elide=True), 1)
        role = DropDown()
        role.set_items([(kind, tr(words), None) for kind, words in ROLE_WORDS.items()])
        role.set_value(login.role)
        role.setAccessibleName(tr("What {name} may do", name=login.name))
        role.value_changed.connect(partial(self._change, login.name))
        line.addWidget(role)
        remove = IconButton("trash-2", tr("Remove {name}", name=login.name))
        remove.clicked.connect(partial(self._remove, login.name))
        line.addWidget(remove)
        return row

    def add(self) -> None:
        """Make a login with a password that is shown once."""
        name = self.name.text().strip()
        if name:
            self.make.setEnabled(False)
            work = self._run(add_server_login, name, self.role.value)
            work.then(self._added).lastly(lambda: self.make.setEnabled(True))

    def _added(self, login: NewLogin) -> None:
        self.name.clear()
        self._words = tr(
            "User name {name}, password {password}", name=login.name, password=login.password
        )
        hint = tr("Hand this over now; the password is stored nowhere.")
        self.secret.set_text(f"{self._words}\n{hint}")
        self.made.show()
        self.fit()
        self.look()

    def _copy(self) -> None:
        copy_to_clipboard(self._words)

    def _change(self, name: str, role: ServerRole) -> None:
        self._run(change_server_role, name, role).lastly(self.look)

    def _remove(self, name: str) -> None:
        agreed = ask(
            self,
            tr("Remove the login {name}?", name=name),
            tr("Its windows lose their connection at once. What they have saved stays."),
            tr("Remove"),
        )
        if agreed:
            self._run(remove_server_login, name).lastly(self.look)

    def _fail(self, error: CloseknitError) -> None:
        self.set_error(error_words(error))
        if self.logins is None:
            self.state.set_text(tr("The server was not reached."))


def _called(function: Any, url: Any, *args: Any) -> Any:
    # The last one is the `Told` of the work: these are too short to be stopped.
    return function(url, *args[:-1])
