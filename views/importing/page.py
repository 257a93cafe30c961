"""The import page: files come in, are recognised, corrected, counted, taken, and taken back."""

from pathlib import Path
from typing import Any

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QWidget

from app.errors import CloseknitError, EnvironmentFault
from app.exchange.counts import Outcome
from app.exchange.mappings import from_plan
from app.exchange.mending import Mended
from app.exchange.runs import FileResult, Progress
from views.context import PageContext
from views.importing.arrivals import choose_files, choose_folder
from views.importing.mapping_menu import MappingMenu
from views.importing.page_layout import welcome
from views.importing.recognised_files import RecognisedFiles
from views.importing.steps import Step
from views.importing.words import ended_words, stays_words
from views.shared.text import tr, tr_n, translate_error


class ImportPage(RecognisedFiles):
    """Second-level page "import"; `context.navigate("import", files=[…])` brings files."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.mapping_menu = MappingMenu(self)
        work = self.work
        work.progressed.connect(self._progressed)
        work.finished.connect(self._finished)
        work.mended.connect(self._mended)
        work.undone.connect(self._undone)
        work.failed.connect(self._failed)
        self.empty.primary_clicked.connect(self.choose_files)
        self.empty.secondary_clicked.connect(self.paste)
        self.empty.footer_clicked.connect(self._choose_folder)
        self.card.problems.take_wanted.connect(self._take_mended)
        self.footer.again.clicked.connect(self._reset)
        self.rejects.clicked.connect(self._save_rejects)
        self.undo.clicked.connect(self._undo)
        self.go.clicked.connect(self._primary)
        self.destroyed.connect(self.pasted.remove)
        QShortcut(QKeySequence("Ctrl+Return"), self, self._primary)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Paste), self, self.paste)
        self._reset()

    # Files come.

    def arrive(self, kind: str | None, record_id: int | None, **state: Any) -> None:
        """Take the files somebody dropped or chose elsewhere, or show an import made before."""
        if kind == "import_batch" and record_id is not None:
            self.context.navigate("imports", kind, record_id)
        files = state.get("files")
        if files:
            self.open_files([str(file) for file in files])

    def leave(self) -> None:
        """Let the importing process end behind what it does; it starts again at need."""
        self.work.rest()

    def new_record(self) -> None:
        """Choose files."""
        self.choose_files()

    def choose_files(self) -> None:
        """Ask for files."""
        names = choose_files(self)
        if names:
            self.open_files(names)

    def _choose_folder(self) -> None:
        name = choose_folder(self)
        if name:
            self.open_files([name])

    def paste(self) -> None:
        """Take the table or the files that the clipboard holds."""
        files = self.pasted.take()
        if files:
            self.open_files(files)
        else:
            self.context.toast(tr("There is no table in the clipboard. Copy one and try again."))

    def open_files(self, files: list[str]) -> None:
        """Recognise files and show what they would become."""
        if self.steps.step == Step.IMPORT:
            return
        self._reset()
        self.empty.set_words(tr("Reading …"), ", ".join(Path(file).name for file in files))
        self.header.set_subtitle(tr("Reading …"))
        self.work.plan(files)

    def _reset(self) -> None:
        self.forget_files()
        self.steps.set_step(Step.FILE)
        self.header.set_title(tr("Import"))
        self.header.set_subtitle("")
        self.empty.set_words(*welcome())
        self.notice.hide()
        self.stack.setCurrentIndex(0)
        self.fold_header()

    # They are taken, mended, taken back.

    def _primary(self) -> None:
        if not self.go.isEnabled():
            return
        if self.steps.step == Step.PREVIEW:
            self._import()
        elif self.steps.step == Step.RESULT:
            self.context.back()
            self._reset()

    def _import(self) -> None:
        self.steps.set_step(Step.IMPORT)
        total = sum(plan.rows for plan in self.plans)
        self.footer.show_running(tr("Importing"), total, cancellable=True)
        self.work.run(self.plans)

    def _progressed(self, progress: Progress) -> None:
        taken_back = self.steps.step == Step.RESULT
        label = tr("Taking back") if taken_back else progress.path.name
        self.footer.show_progress(progress, label)

    def _finished(self, results: list[FileResult]) -> None:
        self.results = results
        self.steps.set_step(Step.RESULT)
        places = {id(result.plan): result for result in results}
        self.tallies = [places[id(p)].tally for p in self.plans if id(p) in places]
        self.counts.show_tally(self.tallies, written=True)
        self._offer_result()
        self._end(ended_words(self.tallies, cancelled=self.work.was_cancelled))
        if self.grid.is_mended and not self.work.was_cancelled:
            self._take_mended()

    def _offer_result(self) -> None:
        counts = {o: sum(t.counts[o] for t in self.tallies) for o in Outcome}
        self.card.show_after(counts, sum(len(t.problems) for t in self.tallies))
        self.show_problems()

    def _end(self, words: str) -> None:
        self.footer.show_end(words, undoable=bool(self.work.batches))

    def _take_mended(self) -> None:
        plan, rows = self.plans[self.place], self.grid.mended_rows()
        result = next((r for r in self.results if r.plan is plan), None)
        if rows.rows and self.steps.step == Step.RESULT:
            batch = result.batch_id if result is not None else None
            self.footer.show_running(tr("Taking mended rows"), len(rows.rows), cancellable=False)
            self.work.mend(rows, from_plan(plan), plan.path.name, batch)

    def _mended(self, mended: Mended) -> None:
        self.grid.settle(mended.taken, mended.problems)
        self.remember_grid()
        count = len(mended.taken)
        words = tr_n("{n} mended row is in.", "{n} mended rows are in.", count)
        self._end(words)
        self.context.toast(words, kind="good" if count else "error")

    def _undo(self) -> None:
        self.footer.show_running(tr("Taking back"), 0, cancellable=False)
        self.work.undo(self.work.batches)

    def _undone(self) -> None:
        self._end(tr("The import is taken back. What somebody has edited since stays."))
        self.undo.setVisible(False)
        self.context.toast(tr("Import undone"), kind="good")

    def _failed(self, error: Exception) -> None:
        self._settle_after_failure()
        if isinstance(error, EnvironmentFault):
            self.context.notice(translate_error(error), remedy=tr(error.remedy))
        elif isinstance(error, CloseknitError):
            self.context.toast(translate_error(error), kind="error")
        else:
            raise error

    def _settle_after_failure(self) -> None:
        step = self.steps.step
        if step == Step.FILE:
            self._reset()
        elif step == Step.PREVIEW or (step == Step.IMPORT and not self.work.batches):
            self.steps.set_step(Step.PREVIEW)
            self._show_file(self.place)  # the choice that did not work goes back
            self.recount()
        else:  # what is stored, or left of an undo, can be taken back
            self.steps.set_step(Step.RESULT)
            self._end(stays_words())

    def _save_rejects(self) -> None:
        start = str(self.plans[0].path.with_name(f"{self.plans[0].path.stem}-rejected.csv"))
        name, _ = QFileDialog.getSaveFileName(self, tr("Save rejected rows"), start, "CSV (*.csv)")
        if name:
            self.work.count(self.plans, rejects=Path(name))
