"""Settings → Mail accounts: which mailboxes are read, how they do, and reading them now."""

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.commands.mail_accounts import change_mail_account, remove_mail_account
from app.errors import CloseknitError, UserError
from app.queries.intake import MailAccountRow, mail_accounts
from app.queries.settings_page import SettingsOverview
from views.intake.parts import headed_row
from views.intake.words import account_pill, account_words
from views.operations import Lookup, Operation
from views.shared.buttons import Button, IconButton, secondary
from views.shared.dialogs import Dialog
from views.shared.labels import Divider, Label
from views.shared.layout import clear_layout
from views.shared.section import Section, button_row
from views.shared.text import error_words, tr, tr_n
from views.work import Told, Work

if TYPE_CHECKING:
    from app.exchange.imap.poll import Polled
    from app.exchange.intake_start import IntakeStarter


class MailSection(Section):
    """The mailboxes that are read."""

    def build(self) -> None:
        """Make the card."""
        card = self.add_card(
            tr("Mail accounts"),
            tr(
                "Mailboxes read over IMAP into the timelines of your contacts. Nothing on the "
                "server changes; passwords stay on this computer."
            ),
        )
        self.accounts: list[MailAccountRow] = []
        self.known: dict[int, bool] = {}  # account → whether this computer has its password
        self.polling: set[int] = set()
        self.empty = Label(
            tr("No mailbox is read yet. Add one, and its mails appear beside your contacts."),
            "muted",
            wrap=True,
        )
        card.add(self.empty)
        self.rows = QVBoxLayout()
        self.rows.setSpacing(0)
        card.add(self.rows)
        self.add = secondary(tr("Add a mail account…"), "plus")
        self.add.clicked.connect(self.add_account)
        self.add.setEnabled(not self.context.workspace.read_only)
        card.add(button_row(self.add))

    def show_overview(self, _overview: SettingsOverview) -> None:
        """List the accounts anew."""
        self.look()

    def look(self) -> None:
        """Read the accounts."""
        Lookup(self, mail_accounts, key="accounts").then(self._show)

    def _show(self, accounts: list[MailAccountRow]) -> None:
        self.accounts = accounts
        self._fill()
        starter = self.context.intake
        if accounts and starter is not None and not self.context.workspace.read_only:
            # The keyring may wait for its own password.
            Work(self, partial(_passwords, starter, accounts), key="keyring").then(self._tell)

    def _tell(self, known: dict[int, bool]) -> None:
        if known != self.known:
            self.known = known
            self._fill()

    def _fill(self) -> None:
        clear_layout(self.rows)
        self.empty.setVisible(not self.accounts)
        for place, account in enumerate(self.accounts):
            if place:
                self.rows.addWidget(Divider())
            self.rows.addWidget(self._row(account))

    def _row(self, account: MailAccountRow) -> QWidget:
        has_password = self.known.get(account.id, True)
        pill = account_pill(account, has_password=has_password)
        error = "" if account.is_paused else account.error or ""
        row, buttons = headed_row(account.name, account_words(account), pill, error)
        if has_password:
            poll = Button(tr("Read now"), compact=True)
            if account.id in self.polling:
                poll.setText(tr("Reading…"))
                poll.setEnabled(False)
            poll.setAccessibleName(tr("Read {account} now", account=account.name))
            poll.clicked.connect(partial(self.poll_now, account))
        else:
            poll = Button(tr("Password…"), compact=True)
            poll.setAccessibleName(tr("Enter the password of {account}", account=account.name))
            poll.clicked.connect(partial(self.ask_password, account))
        key = IconButton("key-round", tr("Password of {account}…", account=account.name))
        key.clicked.connect(partial(self.ask_password, account))
        key.setVisible(has_password)
        icon, words = (
            ("play", tr("Go on reading {account}", account=account.name))
            if account.is_paused
            else ("pause", tr("Pause {account}", account=account.name))
        )
        pause = IconButton(icon, words)
        pause.clicked.connect(partial(self.pause, account))
        folders = IconButton("folder-cog", tr("Folders of {account}…", account=account.name))
        folders.clicked.connect(partial(self.choose_folders, account))
        folders.setEnabled(has_password)
        remove = IconButton("trash-2", tr("Remove {account}", account=account.name))
        remove.clicked.connect(partial(self.remove, account))
        for button in (poll, folders, key, pause, remove):
            buttons.addWidget(button)
            if self.context.workspace.read_only:
                button.setEnabled(False)
        return row

    # What the buttons do.

    def add_account(self) -> None:
        """Ask for a mailbox."""
        from views.intake.mail_dialogs import AddMailDialog  # noqa: PLC0415 - seldom

        self._open(AddMailDialog(self.context, self))

    def ask_password(self, account: MailAccountRow) -> None:
        """Ask for an account's password."""
        from views.intake.mail_dialogs import PasswordDialog  # noqa: PLC0415 - seldom

        dialog = PasswordDialog(self.context, account, self)
        dialog.accepted.connect(self.look)
        self._open(dialog)

    def choose_folders(self, account: MailAccountRow) -> None:
        """Show which folders the server has."""
        starter = self.context.intake
        if starter is None:
            return
        work = Work(self, partial(_access, starter, account))
        work.then(partial(self._choose, account)).or_else(self._complain)

    def _choose(self, account: MailAccountRow, access: Any) -> None:
        from views.intake.mail_dialogs import FoldersDialog  # noqa: PLC0415 - seldom

        self._open(FoldersDialog(self.context, account, access, self))

    def pause(self, account: MailAccountRow) -> None:
        """Read an account no more for now, or again."""
        paused = not account.is_paused
        words = tr("Paused") if paused else tr("Read again from now on")
        Operation(
            self,
            "Pause mail account",
            change_mail_account,
            account_id=account.id,
            is_paused=paused,
        ).toast(words, account.name)

    def remove(self, account: MailAccountRow) -> None:
        """Read an account no more, and forget its password."""
        detail = tr("Its mails stay, here and on the server.")
        Operation(self, "Remove mail account", remove_mail_account, account_id=account.id).then(
            lambda _id: Work(self, partial(_forgotten, account))
        ).toast(tr("Mail account removed"), detail)

    def poll_now(self, account: MailAccountRow) -> None:
        """Look at an account now."""
        starter = self.context.intake
        if starter is None or account.id in self.polling:
            return
        self.polling.add(account.id)
        self._fill()
        work = Work(self, partial(_polled, starter, account.id))
        work.then(partial(self._told, account)).or_else(self._complain)
        work.lastly(partial(self._ended, account.id))

    def _told(self, account: MailAccountRow, polled: "Polled") -> None:
        if not polled.error:
            words = tr_n("{n} new mail", "{n} new mails", polled.created)
            self.context.toast(words if polled.created else tr("Nothing new"), detail=account.name)

    def _ended(self, account_id: int) -> None:
        self.polling.discard(account_id)
        self.look()

    def _complain(self, error: CloseknitError) -> None:
        self.context.toast(error_words(error), kind="error")

    @staticmethod
    def _open(dialog: Dialog) -> None:
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _passwords(
    starter: "IntakeStarter", accounts: list[MailAccountRow], _told: Told
) -> dict[int, bool]:
    intake = starter.get()
    return {account.id: intake.has_password(account) for account in accounts}


def _forgotten(account: MailAccountRow, _told: Told) -> None:
    from app.exchange.imap.access import Access, forget_password  # noqa: PLC0415 - seldom

    forget_password(Access(account.host, account.port, account.security, account.user_name))


def _polled(starter: "IntakeStarter", account_id: int, _told: Told) -> "Polled":
    return starter.get().poll_now(account_id).result()


def _access(starter: "IntakeStarter", account: MailAccountRow, _told: Told) -> Any:
    access = starter.get().access(account)
    if access is None:
        raise UserError("This computer has no password for it. Enter it first.")
    return access
