"""Adds a mailbox, chooses its folders, and asks for its password."""

from functools import partial
from typing import Final

from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from app.commands.mail_accounts import change_mail_account, create_mail_account
from app.errors import CloseknitError, UserError
from app.exchange.imap.access import PORTS, Access, keep_password
from app.queries.intake import MailAccountRow
from app.sharing.passwords import can_keep_passwords
from models.values import MailSecurity
from views.context import PageContext
from views.intake.parts import CheckList
from views.intake.words import SECURITY_WORDS
from views.operations import Operation
from views.shared.chips import DropDown
from views.shared.dialogs import Dialog
from views.shared.forms import DateField, RecordForm, line_edit, spin_box
from views.shared.labels import Label
from views.shared.text import error_words, tr
from views.work import Told, Work

_WIDTH: Final = 520
_CONNECT: Final = "Connect"
_SAVE: Final = "Read this mailbox"


class MailDialog(Dialog):
    """A dialog that first connects, then has folders chosen, and then saves."""

    def __init__(
        self, context: PageContext, title: str, text: str, parent: QWidget, save: str
    ) -> None:
        super().__init__(title, text, parent, width=_WIDTH, confirm=tr(_CONNECT), icon="mail")
        self.context = context
        self._save_words = save
        self.is_connected = False
        self.form = RecordForm()
        self.body.addWidget(self.form)
        self.keep = QCheckBox(tr("Remember the password in this computer's keyring"))
        self.keep.setVisible(can_keep_passwords())
        self.keep.setChecked(True)
        self.heading = Label(tr("Folders to read"), "strong")
        self.folders = CheckList(tr("Folders to read"))
        self.heading.hide()
        self.folders.hide()

    def add_password_row(self) -> None:
        """Add the field for the password, and whether to keep it."""
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        hint = tr("This computer has no keyring: it is asked for after each start.")
        self.form.add_row(
            "password",
            tr("Password"),
            self.password,
            hint="" if can_keep_passwords() else hint,
            required=True,
        )
        self.body.addWidget(self.keep)
        self.password.textChanged.connect(self.reset)

    def add_folders(self) -> None:
        """Add the list that a connection fills."""
        self.body.addWidget(self.heading)
        self.body.addWidget(self.folders)

    def access(self) -> Access:
        """Return what was typed as a login."""
        raise NotImplementedError

    def save(self) -> None:
        """Store what was chosen."""
        raise NotImplementedError

    def chosen_before(self) -> list[str]:
        """Return the folders that are read already."""
        return []

    def confirmed(self) -> bool:
        """Connect, and save when that has been done."""
        self.form.clear_errors()
        self.set_error("")
        if self.is_connected:
            self.save()
            return False
        self.set_busy(True)
        self.confirm_button.setText(tr("Connecting…"))
        work = Work(self, partial(_listed, self.access()))
        work.then(self._connected).or_else(self.refuse).lastly(self._rename)
        return False

    def reset(self, *_: object) -> None:
        """Have it connect anew: something of the login has changed."""
        if self.is_connected:
            self.is_connected = False
            self.heading.hide()
            self.folders.hide()
            self._rename()
            self.fit()

    def refuse(self, error: CloseknitError) -> None:
        """Say what is wrong, beside its field where it has one."""
        if not self.form.show_user_error(error):
            self.set_error(error_words(error))
        self.set_busy(False)
        self.fit()

    def keep_typed(self, account_id: int) -> None:
        """Use the password from now on, and put it into the keyring where that is wanted."""
        access = self.access()
        starter = self.context.intake
        wants_keyring = self.keep.isChecked() and not self.keep.isHidden()

        def remember(_told: Told) -> None:
            if wants_keyring:
                keep_password(access)
            if starter is not None:  # also where no keyring takes it
                starter.get().remember_access(account_id, access)

        Work(self.context, remember).or_else(lambda error: self.context.toast(error_words(error)))

    def _connected(self, listed: list[tuple[str, bool]]) -> None:
        self.is_connected = True
        names = [name for name, _ in listed]
        wanted = self.chosen_before() or [name for name, first in listed if first]
        self.folders.show_names(names, wanted)
        self.heading.show()
        self.folders.show()
        self.set_busy(False)
        self._rename()
        self.fit()

    def _rename(self) -> None:
        self.confirm_button.setText(self._save_words if self.is_connected else tr(_CONNECT))


class AddMailDialog(MailDialog):
    """Has a mailbox read from now on."""

    def __init__(self, context: PageContext, parent: QWidget) -> None:
        text = tr(
            "It is read over IMAP. Mails become part of the timeline of the people they are with; "
            "nothing on the server is changed, not even whether they are read."
        )
        super().__init__(context, tr("Add a mail account"), text, parent, tr(_SAVE))
        self.user, self.host = line_edit(tr("name@example.com")), line_edit("imap.example.com")
        self.security = DropDown()
        self.security.set_items([(kind, tr(words), None) for kind, words in SECURITY_WORDS.items()])
        self.port = spin_box(1, 65_535, PORTS[MailSecurity.TLS])
        self.since = DateField(tr("From the beginning"))
        self.form.add_row("user_name", tr("User name"), self.user, required=True)
        self.add_password_row()
        self.form.add_row("host", tr("Server"), self.host, required=True)
        self.form.add_row("security", tr("Encryption"), self.security)
        self.warning = Label(
            tr("Everybody on the way can read the password and all mails. Choose TLS if you can."),
            "error",
            wrap=True,
        )
        self.warning.hide()
        self.body.addWidget(self.warning)
        self.form.add_row("port", tr("Port"), self.port)
        self.form.add_row("since", tr("Mails since"), self.since)
        self.add_folders()
        self.security.value_changed.connect(self._secured)
        self.port.valueChanged.connect(self.reset)
        for field in (self.user, self.host):
            field.textChanged.connect(self._typed)
        self._typed()
        self.fit()
        self.user.setFocus()

    def access(self) -> Access:
        """Return what was typed as a login."""
        return Access(
            self.host.text().strip(),
            self.port.value(),
            self.security.value,
            self.user.text().strip(),
            self.password.text(),
        )

    def save(self) -> None:
        """Store the account, and then its password."""
        self.set_busy(True)
        access = self.access()
        Operation(
            self,
            "Add mail account",
            create_mail_account,
            host=access.host,
            port=access.port,
            security=access.security,
            user_name=access.user_name,
            folders=self.folders.chosen(),
            since=self.since.date,
        ).then(self._saved).or_else(self.refuse).toast(tr("Mail account added"))

    def _saved(self, account_id: int) -> None:
        self.keep_typed(account_id)
        self.accept()

    def _secured(self, security: MailSecurity) -> None:
        self.port.setValue(PORTS[security])
        self._typed()

    def _typed(self, *_: object) -> None:
        self.reset()
        self.warning.setVisible(bool(self.host.text().strip()) and self.access().is_exposed)
        self.confirm_button.setEnabled(bool(self.user.text().strip() and self.host.text().strip()))


class PasswordDialog(MailDialog):
    """Asks for the password of an account that this computer has none for."""

    def __init__(self, context: PageContext, account: MailAccountRow, parent: QWidget) -> None:
        where = {"user": account.user_name, "host": account.host}
        text = tr("The password of {user} on {host}, for this computer.", **where)
        super().__init__(context, tr("Password"), text, parent, tr("Save"))
        self.account = account
        self.add_password_row()
        self.fit()
        self.password.setFocus()

    def access(self) -> Access:
        """Return the account's login with what was typed."""
        account = self.account
        return Access(
            account.host,
            account.port,
            account.security,
            account.user_name,
            self.password.text(),
        )

    def _connected(self, listed: list[tuple[str, bool]]) -> None:
        del listed
        self.keep_typed(self.account.id)
        self.context.toast(tr("The password is right"), kind="good")
        self.accept()


class FoldersDialog(MailDialog):
    """Chooses the folders of an account anew."""

    def __init__(
        self, context: PageContext, account: MailAccountRow, access: Access, parent: QWidget
    ) -> None:
        text = tr("{account}: mails of these folders come in.", account=account.name)
        super().__init__(context, tr("Folders"), text, parent, tr("Save"))
        self.account, self._access = account, access
        self.every = spin_box(1, 1_440, account.every_minutes, tr(" min"))
        self.form.add_row("every_minutes", tr("Look every"), self.every)
        self.add_folders()
        self.fit()
        self.try_confirm()  # what the server has is asked at once

    def access(self) -> Access:
        """Return the login that is known."""
        return self._access

    def chosen_before(self) -> list[str]:
        """Return the folders that are read."""
        return [folder.name for folder in self.account.chosen]

    def save(self) -> None:
        """Store the choice."""
        self.set_busy(True)
        Operation(
            self,
            "Choose mail folders",
            change_mail_account,
            account_id=self.account.id,
            folders=self.folders.chosen(),
            every_minutes=self.every.value(),
        ).then(lambda _id: self.accept()).or_else(self.refuse).toast(tr("Folders chosen"))


def _listed(access: Access, _told: Told) -> list[tuple[str, bool]]:
    """Return the names of the folders that hold mail, and whether to begin with each."""
    from app.exchange.imap.client import Mailbox  # noqa: PLC0415 - seldom

    if not access.password:
        raise UserError("Enter the password.", field="password")
    with Mailbox.open(access) as box:
        return [(folder.name, folder.wanted) for folder in box.folders() if folder.holds_mail]
