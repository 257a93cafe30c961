"""“Share with my office”: from a file to a database server, step by step."""

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.errors import CloseknitError
from app.queries.record_counts import record_counts
from app.sharing.moving import MoveReport
from app.sharing.passwords import can_keep_passwords, keep_password
from app.sharing.server_address import server_url
from app.sharing.server_look import ServerSight, address_from, look_at_server
from views.context import PageContext, Reopening
from views.operations import Lookup
from views.shared.bars import StepDots
from views.shared.buttons import ghost, secondary
from views.shared.dialogs import Dialog
from views.shared.format import number
from views.shared.labels import Label
from views.shared.section import button_row
from views.shared.text import error_words, tr
from views.sharing.backup_words import kind_words
from views.sharing.move_panel import MovePanel
from views.sharing.wizard_steps import AddressStep, CopyStep, ExplainStep
from views.work import Told, Work

_WIDTH: Final = 640
_HEIGHT: Final = 560
EXPLAIN, ADDRESS, COPY, MOVE = range(4)
_HEADS: Final = (
    "Share with my office",
    "Which server?",
    "What will be copied",
    "Moving the workspace",
)


class ShareWizard(Dialog):
    """Explains, asks for the server, shows what will be copied, copies, and opens the server."""

    def __init__(self, context: PageContext, parent: QWidget) -> None:
        super().__init__(tr(_HEADS[0]), "", parent, width=_WIDTH, icon="server")
        self.context = context
        self.sight: ServerSight | None = None
        self.location = ""
        self.report: MoveReport | None = None
        self._build()
        Lookup(self, record_counts, key="counts").then(self._show_counts)
        self.go(EXPLAIN)

    def _build(self) -> None:
        self.stack = QStackedWidget()
        self.explain, self.address, self.copy = ExplainStep(), AddressStep(), CopyStep()
        self.address.tested.connect(self.test)
        self.address.changed.connect(self._forget_test)
        self.address.keep.setVisible(can_keep_passwords())
        self.move_panel = MovePanel()
        self.move_panel.moved.connect(self._moved)
        self.move_panel.failed.connect(self._move_failed)
        self.last = self._last_step()
        for step in (self.explain, self.address, self.copy, self.last):
            self.stack.addWidget(step)
        self.body.addWidget(self.stack, 1)
        self.dots = StepDots(1, len(_HEADS))
        self.back = ghost(tr("Back"), "arrow-left")
        self.back.clicked.connect(lambda: self.go(self.step - 1))
        self.footer.insertWidget(0, self.dots)
        self.footer.insertWidget(2, self.back)
        self.setMinimumHeight(_HEIGHT)

    def _last_step(self) -> QWidget:
        step = QWidget()
        box = QVBoxLayout(step)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        box.addWidget(self.move_panel)
        self.pointer = Label("", "body", wrap=True, selectable=True)
        self.pointer.hide()
        box.addWidget(self.pointer)
        self.show_file = secondary(tr("Show in folder"), "folder-open")
        self.show_file.clicked.connect(self._show_pointer)
        self.logins = secondary(tr("Logins for colleagues…"), "key-round")
        self.logins.clicked.connect(self._show_logins)
        self.after = button_row(self.logins, self.show_file)
        self.after.hide()
        box.addWidget(self.after)
        box.addStretch(1)
        return step

    @property
    def step(self) -> int:
        """Which step is shown."""
        return self.stack.currentIndex()

    def go(self, step: int) -> None:
        """Show a step."""
        self.set_error("")
        self.stack.setCurrentIndex(step)
        self.title.set_text(tr(_HEADS[step]))
        self.dots.set_steps(step + 1, len(_HEADS))
        self.back.setVisible(0 < step < MOVE)
        words = {COPY: tr("Move it to the server"), MOVE: tr("Open it on the server")}
        self.confirm_button.setText(words.get(step, tr("Next")))
        self.confirm_button.updateGeometry()
        if step == ADDRESS:
            self.address.form.focus_first()
            self._forget_test()

    def confirmed(self) -> bool:
        """Go on; the last step opens the server."""
        if self.step == EXPLAIN:
            self.go(ADDRESS)
        elif self.step == ADDRESS:
            if self.sight is not None:
                self.go(COPY)
            else:
                self.test(then_go=True)
        elif self.step == COPY:
            self._start()
        else:
            return self.report is not None
        return False

    # The server.

    def test(self, *, then_go: bool = False) -> None:
        """Connect, on another thread, and say what is there."""
        self.address.form.clear_errors()
        self.set_error("")
        try:
            self.location = address_from(*self.address.typed)
            server_url(self.location)
        except CloseknitError as error:
            self._refuse(error)
            return
        self.set_busy(True)
        self.address.set_testing(testing=True)
        work = Work(self, partial(_looked, self.location), key="look")
        work.then(partial(self._found, then_go)).or_else(self._refuse).lastly(self._tested)

    def _tested(self) -> None:
        self.address.set_testing(testing=False)
        self.set_busy(False)

    def _found(self, then_go: bool, sight: ServerSight) -> None:
        self.sight = sight
        self.address.show_sight(sight)
        if then_go:
            self.go(COPY)

    def _refuse(self, error: CloseknitError) -> None:
        if not self.address.form.show_user_error(error):
            self.set_error(error_words(error))

    def _forget_test(self) -> None:
        self.sight = None
        self.address.show_sight(None)

    # The copy.

    def _show_counts(self, counts: dict[str, int]) -> None:
        file = self.context.workspace.database.file
        name = str(file.path) if file is not None else self.context.workspace.location
        self.copy.show_counts(
            [(kind_words(kind), number(count)) for kind, count in counts.items()], name
        )

    def _start(self) -> None:
        self.go(MOVE)
        self.set_busy(True)
        self.cancel_button.hide()
        self.move_panel.start(self, self.context.workspace.database, self.location)

    def _moved(self, report: MoveReport) -> None:
        self.report = report
        self.title.set_text(tr("Your office can begin"))
        if self.address.keep.isChecked() and self.address.keep.isVisibleTo(self.address):
            url = server_url(self.location)
            if url.password:
                keep_password(url, str(url.password))
        if report.pointer:
            words = tr(
                "Hand this file to your colleagues; they open it like a workspace and log in with "
                "their own name and password: {file}",
                file=report.pointer,
            )
            self.pointer.set_text(words)
            self.pointer.show()
        self.show_file.setVisible(bool(report.pointer))
        self.after.show()
        self.set_busy(False)

    def _move_failed(self, error: CloseknitError) -> None:
        self.go(COPY)
        self.cancel_button.show()
        self.set_busy(False)
        self._refuse(error)

    def _show_pointer(self) -> None:
        if self.report is not None and self.report.pointer:
            folder = str(Path(self.report.pointer).parent)
            QDesktopServices.openUrl(QUrl.fromLocalFile(folder))

    def _show_logins(self) -> None:
        from views.sharing.logins_dialog import LoginsDialog  # noqa: PLC0415 - seldom

        dialog = LoginsDialog(self.context, self, server_url(self.location))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def reject(self) -> None:
        """Close; a move that runs is stopped first, one that is done leads to the server."""
        if self.move_panel.is_running:
            self.move_panel.stop()
            return
        if self.report is not None:
            self.accept()
            return
        super().reject()

    def accept(self) -> None:
        """Open the workspace on the server: the file can only be read now."""
        super().accept()
        if self.report is not None:
            self.context.reopen(Reopening(self.location))


def copy_to_clipboard(words: str) -> None:
    """Let the person paste something elsewhere."""
    QGuiApplication.clipboard().setText(words)


def _looked(location: str, _told: Told) -> ServerSight:
    return look_at_server(location)
