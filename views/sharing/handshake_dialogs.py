"""Two computers are checked together: one shows a code, the other types it."""

import time
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.errors import CloseknitError, UserError
from app.sharing.admission import admission
from app.sharing.handshake import INVITATION_SECONDS, Partner, Side, invite, join, normal_code
from app.sharing.machine import host_name
from app.sharing.passes import store_machine_pass
from app.sharing.verdict import Verdict
from views.context import PageContext, Reopening
from views.fonts import font
from views.operations import Operation
from views.shared.dialogs import Dialog
from views.shared.forms import line_edit
from views.shared.labels import Label
from views.shared.progress import ProgressPanel
from views.shared.text import error_words, tr
from views.work import Told, Work

_WIDTH: Final = 480
_ADMITTED_SECONDS: Final = 20.0


class _HandshakeDialog(Dialog):
    """What both sides have in common: the work, its progress, its end."""

    def __init__(
        self, context: PageContext, title: str, text: str, parent: QWidget, confirm: str
    ) -> None:
        super().__init__(title, text, parent, width=_WIDTH, confirm=confirm, icon="plug")
        self.context = context
        file, verdict = context.workspace.database.file, context.workspace.verdict
        assert file is not None  # noqa: S101  only a file at a place is offered this
        assert verdict is not None  # noqa: S101  the same
        self.path, self.verdict = file.path, verdict
        self.work: Work | None = None
        self.progress = ProgressPanel("", cancellable=False)
        self.progress.hide()
        self.outcome = Label("", "medium", wrap=True)
        self.outcome.hide()
        self.finished.connect(self._stop)

    def add_end(self) -> None:
        """Put progress and result below what the dialog shows."""
        self.body.addWidget(self.progress)
        self.body.addWidget(self.outcome)

    def failed(self, error: CloseknitError) -> None:
        """Say why the check did not pass."""
        self.progress.hide()
        self.set_error(error_words(error))
        self.fit()

    def passed(self, words: str) -> None:
        """Say that it passed."""
        self.progress.hide()
        self.outcome.set_text(words)
        self.outcome.show()
        self.cancel_button.hide()
        self.confirm_button.show()
        self.fit()

    def _stop(self, _result: int) -> None:
        if self.work is not None:
            self.work.stop()


class InviteDialog(_HandshakeDialog):
    """The first computer: shows the code and waits."""

    def __init__(self, context: PageContext, parent: QWidget) -> None:
        super().__init__(
            context,
            tr("Connect another computer"),
            tr(
                "On the other computer open the same file and choose “Connect this computer…” "
                "at the top of its window, or Settings, Sharing, “Join with a code…”."
            ),
            parent,
            tr("Close"),
        )
        self.code = Label("······", "figure", selectable=True)
        self.code.setFont(font(32, 600, tabular=True))
        self.code.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.code.setAccessibleName(tr("Code for the other computer"))
        self.body.addWidget(self.code)
        self.add_end()
        self.begin()

    def begin(self) -> None:
        """Hold the lock and wait for the other computer, on another thread."""
        self.set_error("")
        self.confirm_button.hide()
        self.progress.set_label(tr("Waiting for the other computer…"))
        self.progress.show()
        self.work = (
            Work(self, partial(_invited, self.path, Side.here(self.verdict)))
            .meanwhile(self._look)
            .then(self._store)
            .or_else(self._not_passed)
        )
        self.fit()

    def _look(self, told: Told) -> None:
        if told.words:
            self.code.set_text(f"{told.words[:3]} {told.words[3:]}")

    def _store(self, partner: Partner) -> None:
        self.progress.set_label(tr("Saving…"))
        Operation(
            self,
            "Computer checked",
            store_machine_pass,
            machine=partner.machine,
            mount=partner.mount,
            host=partner.host,
            checked_with=host_name(),
            undoable=False,
        ).then(lambda _value: self._stored(partner)).or_else(self.failed)

    def _stored(self, partner: Partner) -> None:
        self.code.hide()
        self.passed(tr("Passed: {host} may write to this workspace now.", host=partner.host))

    def _not_passed(self, error: CloseknitError) -> None:
        self.code.hide()
        self.failed(error)


class JoinDialog(_HandshakeDialog):
    """The second computer: types the code, and may write when both have passed."""

    def __init__(self, context: PageContext, parent: QWidget) -> None:
        super().__init__(
            context,
            tr("Connect this computer"),
            tr(
                "On a computer that works with this workspace choose Settings, Sharing, “Connect "
                "another computer…”. It shows a code: type it here."
            ),
            parent,
            tr("Connect"),
        )
        self.code = line_edit("ABC DEF", limit=12)
        self.code.setFont(font(20, 600))
        self.code.setMinimumHeight(44)
        self.code.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.code.setAccessibleName(tr("The code that the other computer shows"))
        self.code.textChanged.connect(self._typed)
        self.body.addWidget(self.code)
        self.add_end()
        self._is_done = False
        self._typed("")
        self.fit()

    def _typed(self, text: str) -> None:
        self.confirm_button.setEnabled(len(normal_code(text)) == 6)

    def confirmed(self) -> bool:
        """Check together; at the end open the workspace anew, for writing."""
        if self._is_done:
            return True
        self.set_error("")
        self.set_busy(True)
        self.code.setEnabled(False)
        self.progress.set_label(tr("Checking together with the other computer…"))
        self.progress.show()
        self.fit()
        joined = partial(_joined, self.path, self.verdict, self.code.text())
        self.work = Work(self, joined).then(self._passed).or_else(self._not_passed)
        return False

    def _passed(self, partner: Partner) -> None:
        self._is_done = True
        self.accept()
        words = tr("Passed together with {host}", host=partner.host)
        self.context.toast(words, kind="good")
        self.context.reopen(Reopening(self.context.workspace.location))

    def _not_passed(self, error: CloseknitError) -> None:
        self.code.setEnabled(True)
        self.failed(error)
        self._typed(self.code.text())
        self.code.setFocus(Qt.FocusReason.OtherFocusReason)


def _invited(path: Path, side: Side, told: Told) -> Partner:
    return invite(path, side, show=told.say, seconds=INVITATION_SECONDS, stop=told.stop)


def _joined(path: Path, verdict: Verdict, code: str, told: Told) -> Partner:
    """Join, then wait until the other computer has stored the pass."""
    partner = join(path, Side.here(verdict), code, stop=told.stop)
    ends_at = time.monotonic() + _ADMITTED_SECONDS
    while not admission(path, verdict).allowed:
        if time.monotonic() > ends_at or told.stop.wait(0.3):
            raise UserError(
                "The check has passed, but {host} has not stored it. Begin anew there.",
                host=partner.host,
            )
    return partner
