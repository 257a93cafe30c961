"""Settings → Sharing: where the workspace lies, who is in, and which computers may write."""

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.errors import CloseknitError
from app.queries.settings_page import SettingsOverview
from app.sharing.passes import CheckedMachine, Permission, checked_machines, may_write_here
from app.sharing.presence import Attendant, who
from app.sharing.probe import ProbeResult, probe
from app.sharing.verdict import Mode
from views.context import Reopening
from views.operations import Lookup
from views.shared.buttons import Button, secondary
from views.shared.dialogs import Dialog, ask
from views.shared.labels import AvatarLabel, IconLabel, Label, PillLabel
from views.shared.layout import clear_layout
from views.shared.section import Section, button_row
from views.shared.text import tr, translate_error
from views.sharing.place_words import (
    CHECK_WORDS,
    attendant_name,
    attendant_words,
    place_pill,
    place_sentences,
)
from views.work import Told, Work

LOOK_MS: Final = 10_000


class SharingSection(Section):
    """How several people work with this workspace."""

    def build(self) -> None:
        """Make the cards."""
        workspace = self.context.workspace
        file = workspace.database.file
        self.path: Path | None = file.path if file is not None else None
        self._build_place()
        self._build_people()
        self._build_computers()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)

    def _build_place(self) -> None:
        workspace = self.context.workspace
        card = self.add_card(tr("Where it lies"))
        words, tone, icon = place_pill(workspace)
        head = QHBoxLayout()
        head.setSpacing(12)
        place = str(self.path) if self.path is not None else workspace.location
        head.addWidget(PillLabel(words, tone, icon))
        if workspace.read_only:
            head.addWidget(PillLabel(tr("You can read"), "warning", "eye"))
        head.addStretch(1)
        card.add(head)
        card.add(Label(place, "body", wrap=True, selectable=True))
        self.why = [Label(part, "muted", wrap=True) for part in self._sentences()]
        for label in self.why:
            card.add(label)
        self.checks = QVBoxLayout()
        self.checks.setSpacing(6)
        card.add(self.checks)
        buttons = self._place_buttons()
        if buttons:
            card.add(button_row(*buttons))

    def _place_buttons(self) -> list[QWidget]:
        """Make all buttons; return those that fit this kind of place."""
        self.test = secondary(tr("Test this place"), "shield-check")
        self.test.clicked.connect(self.test_place)
        self.share = Button(tr("Share with my office…"), "server", "primary")
        self.share.clicked.connect(self.share_with_office)
        self.bring_back = secondary(tr("Bring it back to a file…"), "hard-drive")
        self.bring_back.clicked.connect(self.bring_to_file)
        self.logins = secondary(tr("Logins…"), "key-round")
        self.logins.clicked.connect(self.show_logins)
        if self.context.workspace.read_only:
            return []
        if self.path is None:
            return [self.logins, self.bring_back]
        return [self.share, self.test]

    def _sentences(self) -> list[str]:
        workspace = self.context.workspace
        parts = list(place_sentences(workspace))
        if workspace.read_only and workspace.why_read_only not in " ".join(parts):
            parts.append(tr(workspace.why_read_only))
        if workspace.mode is Mode.LOCAL and not workspace.read_only:
            parts.append(
                tr(
                    "A small office can share the file on a network drive that keeps locks "
                    "(NFS 4). For anything else, and for more people, use a database server."
                )
            )
        return [part for part in parts if part]

    def _build_people(self) -> None:
        card = self.add_card(tr("Who is in"), tr("Everybody who has this workspace open now."))
        self.people = QVBoxLayout()
        self.people.setSpacing(4)
        card.add(self.people)
        self.alone = Label(tr("Nobody is in the list yet."), "muted")
        card.add(self.alone)

    def _build_computers(self) -> None:
        workspace = self.context.workspace
        self.computers = self.add_card(
            tr("Computers that may write"),
            tr(
                "On a network drive two computers first find out together whether its locks hold. "
                "It takes half a minute, once for each computer."
            ),
        )
        self.home = Label("", "body", wrap=True)
        self.computers.add(self.home)
        self.machines = QVBoxLayout()
        self.machines.setSpacing(4)
        self.computers.add(self.machines)
        self.connect_other = secondary(tr("Connect another computer…"), "plug")
        self.connect_other.clicked.connect(self.invite)
        self.join_this = Button(tr("Join with a code…"), "plug", "primary")
        self.join_this.clicked.connect(self.join)
        self.take = secondary(tr("Take over writing on this computer…"), "monitor")
        self.take.clicked.connect(self.take_over)
        self.take.hide()
        can_connect = workspace.opening.shared and workspace.verdict is not None
        is_checked = can_connect and workspace.mode is Mode.SHARED
        self.connect_other.setVisible(is_checked and not workspace.read_only)
        self.join_this.setVisible(is_checked and workspace.read_only)
        self.computers.add(button_row(self.connect_other, self.join_this, self.take))
        self.computers.setVisible(can_connect)

    def show_overview(self, _overview: SettingsOverview) -> None:
        """Show who is in now."""
        self.look()

    def showEvent(self, event: QShowEvent) -> None:
        """Look every ten seconds while somebody looks at it."""
        super().showEvent(event)
        self.look()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop looking."""
        self._timer.stop()
        super().hideEvent(event)

    def look(self) -> None:
        """Read who is in, and which computers may write."""
        Lookup(self, who, process=self.context.process, key="who").then(self._show_people)
        verdict = self.context.workspace.verdict
        if verdict is not None and self.context.workspace.opening.shared:
            Lookup(self, checked_machines, key="machines").then(self._show_machines)
            Lookup(self, may_write_here, verdict, key="may").then(self._show_permission)

    def _show_people(self, people: list[Attendant]) -> None:
        clear_layout(self.people)
        self.alone.setVisible(not people)
        for attendant in people:
            self.people.addWidget(_attendant_row(attendant))

    def _show_machines(self, machines: list[CheckedMachine]) -> None:
        clear_layout(self.machines)
        for machine in machines:
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 2, 0, 2)
            line.setSpacing(10)
            line.addWidget(IconLabel("monitor", "muted", 16))
            line.addWidget(Label(machine.host, "strong"))
            checked = tr("checked together with {host}", host=machine.checked_with)
            line.addWidget(Label(checked, "muted", elide=True), 1)
            self.machines.addWidget(row)

    def _show_permission(self, found: Permission) -> None:
        self.home.setVisible(found.home is not None)
        if found.home is not None:
            self.home.set_text(tr("{host} wrote to it first.", host=found.home.host))
        self.take.setVisible(not found.allowed and found.can_take_over)

    # What the buttons do.

    def test_place(self) -> None:
        """Try SQLite beside the file, with two processes, on another thread."""
        if self.path is None:
            return
        self.test.setEnabled(False)
        self.test.setText(tr("Testing…"))
        clear_layout(self.checks)
        work = Work(self, partial(_probed, self.path))
        work.then(self._show_checks).or_else(self._show_failure).lastly(self._tested)

    def _tested(self) -> None:
        self.test.setEnabled(True)
        self.test.setText(tr("Test this place"))

    def _show_checks(self, result: ProbeResult) -> None:
        clear_layout(self.checks)
        for check in result.checks:
            words, tone, icon = (
                (tr("good"), "good", "check")
                if check.passed
                else (tr("problem"), "bad", "circle-alert")
            )
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            line.setSpacing(10)
            line.addWidget(PillLabel(words, tone, icon))
            text = f"{tr(CHECK_WORDS.get(check.name, check.name))}: {tr(check.detail)}"
            line.addWidget(Label(text, wrap=True), 1)
            self.checks.addWidget(row)

    def _show_failure(self, error: CloseknitError) -> None:
        self.checks.addWidget(Label(translate_error(error), "error", wrap=True))

    def invite(self) -> None:
        """Check another computer together with this one."""
        from views.sharing.handshake_dialogs import InviteDialog  # noqa: PLC0415 - seldom

        self._open(InviteDialog(self.context, self))

    def join(self) -> None:
        """Check this computer together with the one that shows a code."""
        from views.sharing.handshake_dialogs import JoinDialog  # noqa: PLC0415 - seldom

        self._open(JoinDialog(self.context, self))

    def take_over(self) -> None:
        """Make this computer the one that writes, after a question."""
        agreed = ask(
            self,
            tr("Take over writing on this computer?"),
            tr(
                "Do this when the computer that wrote until now is gone, or when everybody has "
                "closed the workspace there. It can only read from then on, until it is checked "
                "together with this one or takes over in turn."
            ),
            tr("Take over"),
            kind="primary",
        )
        if agreed:
            location = self.context.workspace.location
            self.context.reopen(Reopening(location, take_over=True))

    def share_with_office(self) -> None:
        """Open the way to a server."""
        from views.sharing.wizard import ShareWizard  # noqa: PLC0415 - seldom

        self._open(ShareWizard(self.context, self))

    def bring_to_file(self) -> None:
        """Open the way back from a server."""
        from views.sharing.bring_back import BringBackDialog  # noqa: PLC0415 - seldom

        self._open(BringBackDialog(self.context, self))

    def show_logins(self) -> None:
        """Show who may log in to the server's workspace."""
        from views.sharing.logins_dialog import LoginsDialog  # noqa: PLC0415 - seldom

        self._open(LoginsDialog(self.context, self))

    @staticmethod
    def _open(dialog: Dialog) -> None:
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _attendant_row(attendant: Attendant) -> QWidget:
    row = QWidget()
    row.setEnabled(not attendant.stale)
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 4, 0, 4)
    line.setSpacing(12)
    name = attendant_name(attendant)
    line.addWidget(AvatarLabel(attendant.user_id or 0, name, 28))
    line.addWidget(Label(name, "muted" if attendant.stale else "strong"))
    line.addWidget(Label(attendant_words(attendant), "muted", elide=True), 1)
    if attendant.this_process:
        line.addWidget(PillLabel(tr("You"), "accent"))
    elif attendant.stale:
        line.addWidget(PillLabel(tr("not heard of"), "neutral"))
    return row


def _probed(path: Path, _told: Told) -> ProbeResult:
    return probe(path)
