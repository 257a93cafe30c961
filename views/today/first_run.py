"""The empty Today page: try the demo, or import."""

import contextlib
import sys
from collections.abc import Callable
from threading import Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.errors import EnvironmentFault, UserError
from views.context import PageContext
from views.shared.empty import EmptyState
from views.shared.progress import ProgressPanel
from views.shared.text import tr, translate_error

if TYPE_CHECKING:
    from app.workspace import Workspace


class FirstRun(QWidget):
    """Offers the two likeliest beginnings and makes the demo off the GUI thread."""

    demo_made = Signal()
    import_wanted = Signal()
    task_wanted = Signal()
    _progressed = Signal(int, int)
    _ended = Signal(object)

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.empty = EmptyState(
            "sun",
            tr("Your day begins here"),
            tr(
                "Calls to make, tasks that fall due, tickets near their deadline and deals that "
                "go quiet come together on this page."
            ),
            primary=(tr("Try the demo"), "sparkles"),
            secondary=(tr("Import"), "upload"),
            footer=tr("Or start small:"),
            footer_link=tr("write your first task"),
            floating=True,
        )
        self.progress = ProgressPanel(tr("Making the demo office"), self, cancellable=False)
        self.progress.setFixedWidth(420)
        self.progress.hide()
        box = QVBoxLayout(self)
        box.addStretch(1)
        box.addWidget(self.empty)
        box.addWidget(self.progress, 0, Qt.AlignmentFlag.AlignHCenter)
        box.addStretch(1)
        self.empty.primary_clicked.connect(self.make_demo)
        self.empty.secondary_clicked.connect(self.import_wanted)
        self.empty.footer_clicked.connect(self.task_wanted)
        queued = Qt.ConnectionType.QueuedConnection
        self._progressed.connect(self._show_progress, queued)
        self._ended.connect(self._end, queued)
        self._running = False

    def make_demo(self) -> None:
        """Fill the workspace with an invented office."""
        if self._running:
            return
        self._running = True
        self.empty.hide()
        self.progress.show()
        work = (self.context.workspace, self._progressed.emit, self._ended.emit)
        # The thread holds only the workspace and two signals, no widget.
        Thread(target=_make, args=work, name="demo", daemon=True).start()

    def _show_progress(self, done: int, total: int) -> None:
        self.progress.set_progress(done, total)

    def _end(self, error: object) -> None:
        self._running = False
        self.progress.hide()
        self.empty.show()
        if error is None:
            self.context.toast(tr("The demo office is ready"), kind="good")
            self.demo_made.emit()
        elif isinstance(error, UserError | EnvironmentFault):
            self.context.toast(translate_error(error), kind="error")
        elif isinstance(error, BaseException):
            sys.excepthook(type(error), error, error.__traceback__)


def _make(
    workspace: "Workspace",
    progressed: Callable[[int, int], None],
    ended: Callable[[BaseException | None], None],
) -> None:
    answer: BaseException | None = None
    try:
        from app.demo import make_demo  # noqa: PLC0415 - only who asks for a demo pays

        make_demo(workspace, progress=progressed)
    except Exception as error:  # noqa: BLE001 - shown on the GUI thread
        answer = error
    with contextlib.suppress(RuntimeError):  # the window was closed meanwhile
        ended(answer)
