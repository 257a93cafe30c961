"""A workspace on its way to another place: how far it is, and what was counted on both sides."""

import time
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from app.errors import CloseknitError
from app.sharing.move_targets import target_of
from app.sharing.moving import MoveReport, move_workspace
from views.shared.format import number
from views.shared.labels import IconLabel, Label
from views.shared.progress import ProgressPanel
from views.shared.text import tr, tr_n
from views.sharing.backup_words import kind_words
from views.work import Told, Work

if TYPE_CHECKING:
    from app.database import Database

_TALLEST: Final = 250
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_BOOKKEEPING: Final = frozenset({"log_head", "node_lease", "presence", "job_lease"})
_TABLES: Final = {"change_step": "Steps of the history", "change_log": "Lines of the history"}


class MovePanel(QWidget):
    """Moves on a thread of its own; tells `moved` with the report, or `failed`."""

    moved = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.work: Work | None = None
        self.report: MoveReport | None = None
        self._began = 0.0
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(10)
        self.progress = ProgressPanel(tr("Backing up first…"))
        self.progress.cancelled.connect(self.stop)
        box.addWidget(self.progress)
        self.rate = Label("", "small")
        box.addWidget(self.rate)
        self.summary = Label("", "medium", wrap=True)
        self.summary.hide()
        box.addWidget(self.summary)
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.hide()
        box.addWidget(self.area)

    @property
    def is_running(self) -> bool:
        """Whether the move is under way."""
        return self.work is not None

    def start(self, owner: QWidget, source: "Database", location: str) -> None:
        """Begin."""
        self._began = time.monotonic()
        self.progress.set_label(tr("Backing up first…"))
        self.progress.set_progress(0)
        self.progress.cancel.setEnabled(True)
        self.progress.cancel.setText(tr("Cancel"))
        self.progress.show()
        self.work = (
            Work(owner, partial(_moved, source, location))
            .meanwhile(self._look)
            .then(self._show)
            .or_else(self._fail)
        )

    def stop(self) -> None:
        """Ask the move to end; both sides are then as they were."""
        if self.work is not None:
            self.work.stop()

    def _look(self, told: Told) -> None:
        if not told.total:
            return
        copying = told.done * 2 < told.total
        self.progress.set_label(tr("Copying…") if copying else tr("Comparing both sides…"))
        self.progress.set_progress(told.done, told.total)
        seconds = max(time.monotonic() - self._began, 0.1)
        self.rate.set_text(tr("{n} rows a second", n=number(round(told.done / seconds))))

    def _show(self, report: MoveReport) -> None:
        self.work, self.report = None, report
        self.progress.hide()
        self.rate.hide()
        self.summary.set_text(
            tr_n(
                "{n} row copied and compared in {seconds} s: both sides hold the same.",
                "{n} rows copied and compared in {seconds} s: both sides hold the same.",
                report.rows,
                seconds=number(report.seconds, 1),
            )
        )
        self.summary.show()
        table = _sums_table(report)
        self.area.setWidget(table)
        self.area.setFixedHeight(min(table.sizeHint().height(), _TALLEST))
        self.area.show()
        self.moved.emit(report)

    def _fail(self, error: CloseknitError) -> None:
        self.work = None
        self.progress.hide()
        self.rate.set_text("")
        self.failed.emit(error)


def _sums_table(report: MoveReport) -> QWidget:
    table = QWidget()
    table.setObjectName("scrolled")
    grid = QGridLayout(table)
    grid.setContentsMargins(0, 0, 12, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(6)
    for place, words in enumerate((tr("Table"), tr("here"), tr("there"), "")):
        label = Label(words, "small")
        if place in {1, 2}:
            label.setAlignment(_RIGHT)
        grid.addWidget(label, 0, place)
    held = [x for x in report.tables if x.rows and x.name not in _BOOKKEEPING]
    shown = sorted(held, key=lambda sums: -sums.rows)
    for line, sums in enumerate(shown, 1):
        known = _TABLES.get(sums.name)
        grid.addWidget(Label(tr(known) if known else kind_words(sums.name)), line, 0)
        for place, count in ((1, sums.rows), (2, sums.moved_rows)):
            label = Label(number(count), "body")
            label.setAlignment(_RIGHT)
            grid.addWidget(label, line, place)
        mark = IconLabel("check" if sums.agrees else "x", "good" if sums.agrees else "bad", 16)
        mark.setAccessibleName(tr("equal") if sums.agrees else tr("different"))
        mark.setToolTip(tr("checksum {sum}…", sum=sums.checksum[:16]))
        grid.addWidget(mark, line, 3)
    grid.setColumnStretch(0, 1)
    return table


def _moved(source: "Database", location: str, told: Told) -> MoveReport:
    return move_workspace(
        source, target_of(location), progress=told.progress, should_stop=told.stop.is_set
    )
