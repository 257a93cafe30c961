"""What a backup would bring back and take away, before it is restored."""

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QGridLayout,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.errors import CloseknitError
from app.sharing.backup_files import Backup
from app.sharing.differences import Differences
from app.sharing.restoring import Restored, check_backup, preview, restore
from views.context import PageContext, Reopening
from views.shared.dialogs import Dialog
from views.shared.format import moment_words, number
from views.shared.labels import Label
from views.shared.progress import ProgressPanel
from views.shared.text import error_words, tr
from views.sharing.backup_words import change_words, kind_words, summary_words
from views.work import Told, Work

_WIDTH: Final = 580
_TALLEST: Final = 260
_FILTER: Final = "Closeknit (*.closeknit)"
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class RestoreDialog(Dialog):
    """Compares first; then restores into a new file, or in the place of the workspace."""

    def __init__(
        self, context: PageContext, backup: Backup, current: Path, parent: QWidget
    ) -> None:
        super().__init__(
            tr("Restore the backup of {when}", when=moment_words(backup.at)),
            tr("Nothing is changed yet. This is what would differ:"),
            parent,
            width=_WIDTH,
            confirm=tr("Restore and open"),
            icon="archive-restore",
        )
        self.context, self.backup, self.current = context, backup, current
        self.found: Differences | None = None
        self.progress = ProgressPanel(tr("Reading the backup and comparing it…"), cancellable=False)
        self.body.addWidget(self.progress)
        self.summary = Label("", "medium", wrap=True)
        self.summary.hide()
        self.body.addWidget(self.summary)
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.hide()
        self.body.addWidget(self.area)
        self._add_choice()
        self.fit()
        self.set_busy(True)
        compare = partial(_compared, backup.path, current)
        Work(self, compare).then(self._show).or_else(self._failed).lastly(self.progress.hide)

    def _add_choice(self) -> None:
        self.choice = QWidget()
        box = QVBoxLayout(self.choice)
        box.setContentsMargins(0, 4, 0, 0)
        box.setSpacing(2)
        self.anew = QRadioButton(tr("Into a new file; this workspace stays as it is"))
        self.replace = QRadioButton(
            tr("In the place of this workspace; what is there now is kept as a backup")
        )
        self.anew.setChecked(True)
        box.addWidget(self.anew)
        box.addWidget(self.replace)
        self.choice.hide()
        self.body.addWidget(self.choice)

    def _show(self, found: Differences) -> None:
        self.found = found
        self.progress.hide()
        self.summary.set_text(summary_words(found))
        self.summary.show()
        if found.problem is None and not found.is_same:
            table = difference_table(found)
            self.area.setWidget(table)
            self.area.setFixedHeight(min(table.sizeHint().height(), _TALLEST))
            self.area.show()
        self.choice.show()
        self.set_busy(False)
        self.fit()

    def _failed(self, error: CloseknitError) -> None:
        self.set_error(error_words(error))
        self.set_busy(self.found is None)
        self.fit()

    def confirmed(self) -> bool:
        """Restore; the workspace is opened anew then."""
        if self.replace.isChecked():
            bring = partial(
                restore, self.backup.path, self.current, replace=True, user=self.context.user.name
            )
            self.context.reopen(Reopening(self.context.workspace.location, first=bring))
            return True
        suggestion = self.current.with_name(
            f"{self.current.stem} {self.backup.at:%Y-%m-%d %H%M}{self.current.suffix}"
        )
        path, _ = QFileDialog.getSaveFileName(
            self, tr("Restore into a new file"), str(suggestion), _FILTER
        )
        if path:
            self.restore_to(Path(path))
        return False

    def restore_to(self, target: Path) -> None:
        """Restore into a new file, on another thread, and open it."""
        if not target.suffix:
            target = target.with_suffix(".closeknit")
        self.set_error("")
        self.set_busy(True)
        self.progress.set_label(tr("Restoring…"))
        self.progress.show()
        bring = partial(_restored, self.backup.path, target)
        Work(self, bring).then(self._open).or_else(self._failed).lastly(self.progress.hide)

    def _open(self, done: Restored) -> None:
        self.accept()
        self.context.reopen(Reopening(str(done.path)))


def difference_table(found: Differences) -> QWidget:
    """Return the kinds that differ, one line each."""
    table = QWidget()
    table.setObjectName("scrolled")
    grid = QGridLayout(table)
    grid.setContentsMargins(0, 0, 12, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(6)
    heads = (tr("Records"), tr("would go"), tr("would come back"), tr("would be as before"))
    for place, words in enumerate(heads):
        label = Label(words, "small")
        if place:
            label.setAlignment(_RIGHT)
        grid.addWidget(label, 0, place)
    differing = [kind for kind in found.kinds if not kind.is_same]
    for line, kind in enumerate(differing, 1):
        grid.addWidget(Label(kind_words(kind.kind), "body"), line, 0)
        counts = (kind.only_in_current, kind.only_in_backup, kind.changed)
        for place, count in enumerate(counts, 1):
            label = Label(number(count) if count else "–", "strong" if count else "muted")
            label.setAlignment(_RIGHT)
            grid.addWidget(label, line, place)
    _add_changes(grid, len(differing) + 1, found)
    grid.setColumnStretch(0, 1)
    return table


def _add_changes(grid: QGridLayout, line: int, found: Differences) -> None:
    for title, change in (
        (tr("Newest change in the backup"), found.backup_change),
        (tr("Newest change now"), found.current_change),
    ):
        if change is not None:
            grid.addWidget(Label(title, "muted"), line, 0)
            grid.addWidget(Label(change_words(change), "muted", elide=True), line, 1, 1, 3)
            line += 1


def _compared(backup: Path, current: Path, _told: Told) -> Differences:
    check_backup(backup)
    return preview(backup, current)


def _restored(backup: Path, target: Path, _told: Told) -> Restored:
    return restore(backup, target)
