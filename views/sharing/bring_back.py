"""From a database server back to a file."""

from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QFileDialog, QWidget

from app.errors import CloseknitError
from app.paths import documents_folder
from app.sharing.moving import MoveReport
from views.context import PageContext, Reopening
from views.shared.dialogs import Dialog
from views.shared.text import error_words, tr
from views.sharing.move_panel import MovePanel

_WIDTH: Final = 580


class BringBackDialog(Dialog):
    """Copies everything into a new file, compares, and opens the file."""

    def __init__(self, context: PageContext, parent: QWidget) -> None:
        super().__init__(
            tr("Bring the workspace back to a file"),
            tr(
                "Everything is copied into a new file and compared, table by table. On the server "
                "it can only be read from then on: colleagues who work there must know."
            ),
            parent,
            width=_WIDTH,
            confirm=tr("Choose a file…"),
            icon="hard-drive",
        )
        self.context = context
        self.target: Path | None = None
        self.report: MoveReport | None = None
        self.panel = MovePanel()
        self.panel.hide()
        self.panel.moved.connect(self._moved)
        self.panel.failed.connect(self._failed)
        self.body.addWidget(self.panel)
        self.fit()

    def confirmed(self) -> bool:
        """Choose the file and begin; at the end open it."""
        if self.report is not None:
            return True
        name = f"{self.context.workspace.name or 'Closeknit'}.closeknit"
        suggestion = str(documents_folder() / name)
        path, _ = QFileDialog.getSaveFileName(
            self, tr("New file"), suggestion, "Closeknit (*.closeknit)"
        )
        if path:
            self.start(Path(path))
        return False

    def start(self, target: Path) -> None:
        """Copy to a file."""
        self.target = target if target.suffix else target.with_suffix(".closeknit")
        self.set_error("")
        self.set_busy(True)
        self.cancel_button.hide()
        self.panel.show()
        self.panel.start(self, self.context.workspace.database, str(self.target))
        self.fit()

    def _moved(self, report: MoveReport) -> None:
        self.report = report
        self.confirm_button.setText(tr("Open the file"))
        self.confirm_button.updateGeometry()
        self.set_busy(False)
        self.fit()

    def _failed(self, error: CloseknitError) -> None:
        self.panel.hide()
        self.cancel_button.show()
        self.set_error(error_words(error))
        self.fit()

    def reject(self) -> None:
        """Close; a move that runs is stopped first, one that is done leads to the file."""
        if self.panel.is_running:
            self.panel.stop()
        elif self.report is not None:
            self.accept()
        else:
            super().reject()

    def accept(self) -> None:
        """Open the file."""
        super().accept()
        if self.report is not None and self.target is not None:
            self.context.reopen(Reopening(str(self.target)))
