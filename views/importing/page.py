"""The import page: files come in, are recognised, corrected, counted, taken, and taken back."""

from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from app.errors import CloseknitError, EnvironmentFault
from app.exchange.counts import Outcome, Problem, Tally
from app.exchange.plan import FilePlan
from app.exchange.runs import FileResult, Progress
from views.context import PageContext
from views.importing.file_card import FileCard
from views.importing.mapping_list import MappingHeader, MappingList, mapping_rows
from views.importing.outcome_cards import CountsCard, ProblemsCard
from views.importing.row_tables import TextTable, preview_texts, problem_texts
from views.importing.steps import Steps
from views.importing.words import ended_words, import_words, stays_words
from views.importing.work import ImportWork, Unreadable
from views.shared.buttons import ghost, primary, secondary
from views.shared.cards import Card, EmptyState, PageHeader, ProgressPanel
from views.shared.chips import ChipRow
from views.shared.format import number
from views.shared.labels import Label
from views.shared.layout import row
from views.shared.page import Page
from views.shared.text import tr, tr_n, translate_error

_FILTER = "CSV, TSV, Excel (*.csv *.tsv *.txt *.xlsx *.xls *.xlsb *.ods);;All files (*)"
_STARTED = {Outcome.CREATED, Outcome.UPDATED, Outcome.MERGED}


class ImportPage(Page):
    """Second-level page "import"; `context.navigate("import", files=[…])` brings files."""

    kinds: ClassVar[tuple[str, ...]] = ("import_batch",)

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.work = ImportWork(context, self)
        self.plans: list[FilePlan] = []
        self.tallies: list[Tally] = []
        self.results: list[FileResult] = []
        self.place = 0
        self._build()
        self.work.planned.connect(self._planned)
        self.work.corrected.connect(self._corrected)
        self.work.counted.connect(self._counted)
        self.work.progressed.connect(self._progressed)
        self.work.finished.connect(self._finished)
        self.work.undone.connect(self._undone)
        self.work.failed.connect(self._failed)
        QShortcut(QKeySequence("Ctrl+Return"), self, self._primary)
        self._reset()

    def _build(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 18, 24, 24)
        box.setSpacing(16)
        self.header = PageHeader(tr("Import"), back=tr("Contacts"))
        self.header.back_clicked.connect(self.context.back)
        self.steps = Steps()
        self.header.add_action(self.steps)
        box.addWidget(self.header)
        self.stack = QStackedWidget()
        self.empty = EmptyState(
            "upload",
            tr("Bring your data in"),
            tr(
                "CSV, TSV or Excel, from any program. You see what each row becomes before "
                "anything is written, and one click takes it all back."
            ),
            primary=(tr("Choose files"), "folder-open"),
            footer=tr("or drop files anywhere in the window"),
        )
        self.empty.primary_clicked.connect(self.choose_files)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self._build_wizard())
        box.addWidget(self.stack, 1)

    def _build_wizard(self) -> QWidget:
        wizard = QWidget()
        box = QVBoxLayout(wizard)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(16)
        self.notice = Label("", "error", wrap=True, selectable=True)
        self.notice.hide()
        box.addWidget(self.notice)
        self.files = ChipRow()
        self.files.value_changed.connect(self._show_file)
        box.addWidget(self.files)
        self.file_card = FileCard()
        self.file_card.kind_chosen.connect(self._choose_kind)
        self.file_card.reading_chosen.connect(self._choose_reading)
        box.addWidget(self.file_card)
        middle = row(spacing=16)
        middle.addWidget(self._build_columns(), 1)
        self.side = QWidget()
        self.side.setFixedWidth(312)
        side = QVBoxLayout(self.side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(16)
        self.counts = CountsCard()
        self.counts.outcome_clicked.connect(lambda _: self.views.set_value("problems"))
        self.problems = ProblemsCard()
        self.problems.show_all.connect(lambda: self.views.set_value("problems"))
        side.addWidget(self.counts)
        side.addWidget(self.problems)
        side.addStretch(1)
        middle.addWidget(self.side)
        box.addLayout(middle, 1)
        box.addWidget(self._build_footer())
        return wizard

    def _build_columns(self) -> Card:
        card = Card(padding=0, spacing=0)
        head = QWidget()
        self.columns_title = Label(tr("Columns"), "heading")
        self.columns_count = Label("", "muted")
        self.views = ChipRow(
            [
                ("all", tr("All")),
                ("doubtful", tr("Look again")),
                ("out", tr("Left out")),
                ("preview", tr("Preview")),
                ("problems", tr("Problems")),
            ]
        )
        self.views.value_changed.connect(lambda _: self._show_view())
        line = row(self.columns_title, self.columns_count, 8, spacing=8)
        line.addWidget(self.views, 10)
        line.setContentsMargins(20, 14, 16, 12)
        head.setLayout(line)
        card.add(head)
        self.mapping_header = MappingHeader()
        card.add(self.mapping_header)
        self.mapping = MappingList()
        self.mapping.field_chosen.connect(self._choose_field)
        self.mapping.width_changed.connect(self.mapping_header.set_list_width)
        self.preview = TextTable(tr("Preview"))
        self.problem_table = TextTable(tr("Problems"))
        self.tables = QStackedWidget()
        for table in (self.mapping, self.preview, self.problem_table):
            self.tables.addWidget(table)
        card.add(self.tables, 1)
        return card

    def _build_footer(self) -> Card:
        card = Card(padding=12)
        self.promise = Label("", "muted", elide=True)
        self.progress = ProgressPanel(tr("Importing"))
        self.progress.cancelled.connect(self.work.cancel)
        self.again = ghost(tr("Back"))
        self.again.clicked.connect(self._reset)
        self.rejects = secondary("", "download")
        self.rejects.clicked.connect(self._save_rejects)
        self.undo = secondary(tr("Undo this import"), "undo-2")
        self.undo.clicked.connect(self._undo)
        self.go = primary(tr("Import"), shortcut_hint="Ctrl ↵")
        self.go.clicked.connect(self._primary)
        line = row(spacing=8)
        line.addSpacing(8)
        line.addWidget(self.promise, 1)
        line.addWidget(self.progress, 1)
        for button in (self.again, self.rejects, self.undo, self.go):
            line.addWidget(button)
        card.add(line)
        return card

    def arrive(self, kind: str | None, record_id: int | None, **state: Any) -> None:
        """Take the files somebody dropped or chose elsewhere."""
        del kind, record_id
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
        names, _ = QFileDialog.getOpenFileNames(self, tr("Import files"), "", tr(_FILTER))
        if names:
            self.open_files(names)

    def open_files(self, files: list[str]) -> None:
        """Recognise files and show what they would become."""
        if self.steps.step == 2:  # an import is running
            return
        self._reset()
        self.header.set_subtitle(tr("Reading …"))
        self.work.plan(files)

    def _reset(self) -> None:
        self.plans, self.tallies, self.results, self.place = [], [], [], 0
        self.steps.set_step(0)
        self.header.set_title(tr("Import"))
        self.header.set_subtitle("")
        self.notice.hide()
        self.stack.setCurrentIndex(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold what can be had elsewhere where there is little room."""
        super().resizeEvent(event)
        narrow, short = self.width() < 1_000, self.height() < 820
        self.side.setFixedWidth(248 if narrow else 312)
        self.file_card.set_narrow(narrow)
        for label in (self.columns_title, self.columns_count):
            label.setVisible(not narrow)
        self.problems.setVisible(not short)  # the chip "Problems" has them all

    def _planned(self, answer: tuple[list[FilePlan], list[Unreadable]]) -> None:
        self.plans, unreadable = list(answer[0]), answer[1]
        self.header.set_subtitle("")
        reasons = "\n".join(each.reason for each in unreadable)
        if not self.plans:
            self.empty.set_words(tr("This could not be read"), reasons)
            return
        self.empty.set_words(tr("Bring your data in"), tr("CSV, TSV or Excel, from any program."))
        self.notice.set_text(reasons)
        self.notice.setVisible(bool(reasons))
        self.stack.setCurrentIndex(1)
        self.steps.set_step(1)
        self.files.set_items([(i, plan.path.name) for i, plan in enumerate(self.plans)])
        self.files.setVisible(len(self.plans) > 1)
        self._show_file(0)
        self._recount()

    def _corrected(self, place: int, plan: FilePlan) -> None:
        self.plans[place] = plan
        self._show_file(self.place)
        self._recount()

    def _recount(self) -> None:
        self.tallies = []
        self.go.setEnabled(False)
        self.rejects.hide()
        self.undo.hide()
        self.progress.hide()
        self.again.setVisible(True)
        self.promise.show()
        self.promise.set_text(
            tr("Nothing is written yet. Afterwards one click takes the whole import back.")
        )
        self.go.setText(tr("Import"))
        self.counts.show_waiting(sum(plan.rows for plan in self.plans))
        self.work.count(self.plans)

    def _counted(self, generation: int, tallies: list[Tally]) -> None:
        if generation != self.work.generation or self.steps.step != 1:
            return
        self.tallies = tallies
        self.counts.show_tally(tallies, written=False)
        self._show_problems()
        taken = sum(t.counts[o] for t in tallies for o in _STARTED)
        lost = sum(t.counts[o] for t in tallies for o in (Outcome.SKIPPED, Outcome.FAILED))
        self.go.setText(import_words(self.plans, taken))
        self.go.setEnabled(True)
        self.go.updateGeometry()
        self.rejects.setVisible(lost > 0)
        self.rejects.setText(tr_n("Reject file, {n} row", "Reject file, {n} rows", lost))

    def _progressed(self, progress: Progress) -> None:
        self.progress.set_label(
            tr(
                "{file}, {rate} rows a second",
                file=progress.path.name,
                rate=number(round(progress.rate)),
            )
        )
        self.progress.set_progress(progress.done, progress.total)

    def _finished(self, results: list[FileResult]) -> None:
        self.results = results
        self.steps.set_step(3)
        self.tallies = [result.tally for result in results]
        self.counts.show_tally(self.tallies, written=True)
        self._show_problems()
        self._end(ended_words(self.tallies, cancelled=self.work.was_cancelled))

    def _end(self, words: str) -> None:
        self.progress.hide()
        self.promise.show()
        self.promise.set_text(words)
        self.undo.setVisible(True)
        self.undo.setEnabled(True)
        self.again.setVisible(True)
        self.again.setText(tr("More files"))
        self.go.setText(tr("Done"))
        self.go.setEnabled(True)

    def _undone(self) -> None:
        self.undo.setVisible(False)
        self.promise.set_text(tr("The import is taken back. What somebody has edited since stays."))
        self.context.toast(tr("Import undone"), kind="good")

    def _failed(self, error: Exception) -> None:
        self._settle_after_failure()
        if isinstance(error, EnvironmentFault):
            self.context.notice(translate_error(error), remedy=tr(error.remedy))
        elif isinstance(error, CloseknitError):
            self.context.toast(translate_error(error), kind="error")
            self._show_file(self.place)  # the choice that did not work goes back
        else:
            raise error

    def _settle_after_failure(self) -> None:
        if self.steps.step == 2 and not self.work.batches:
            self.steps.set_step(1)
            self._recount()
        elif self.steps.step >= 2:  # what is stored, or left of an undo, can be taken back
            self.steps.set_step(3)
            self._end(stays_words())

    def _show_file(self, place: object) -> None:
        if not isinstance(place, int) or not self.plans:
            return
        self.place = place
        self.file_card.show_plan(self.plans[place])
        self._show_view()

    def _show_view(self) -> None:
        if not self.plans:
            return
        plan, view = self.plans[self.place], self.views.value
        rows = mapping_rows(plan)
        kept = {
            "doubtful": [r for r in rows if r.doubtful],
            "out": [r for r in rows if r.guess.field is None],
        }
        self.columns_count.set_text(number(len(rows)))
        self.views.set_counts(
            {"all": len(rows), "doubtful": len(kept["doubtful"]), "out": len(kept["out"])}
        )
        is_mapping = view not in {"preview", "problems"}
        self.mapping_header.setVisible(is_mapping)
        if view == "preview":
            self.preview.show_texts(*preview_texts(plan))
            self.tables.setCurrentWidget(self.preview)
        elif view == "problems":
            self.problem_table.show_texts(*problem_texts(self._problems()))
            self.tables.setCurrentWidget(self.problem_table)
        else:
            self.mapping.show_plan(plan, kept.get(str(view), rows))
            self.tables.setCurrentWidget(self.mapping)

    def _problems(self) -> list[Problem]:
        return [problem for tally in self.tallies for problem in tally.problems]

    def _show_problems(self) -> None:
        problems = self._problems()
        self.problems.show_problems(problems)
        self.views.set_counts({"problems": len(problems)})
        if self.views.value == "problems":
            self._show_view()

    def _choose_field(self, column: int, field: object) -> None:
        if self.steps.step == 1 and (field is None or isinstance(field, str)):
            self.work.choose_field(self.place, self.plans[self.place], column, field)

    def _choose_kind(self, kind: str) -> None:
        self.work.replan(self.place, str(self.plans[self.place].path), kind)

    def _choose_reading(self, reading: object) -> None:
        if isinstance(reading, dict):
            plan = self.plans[self.place]
            self.work.replan(self.place, str(plan.path), plan.kind, **reading)

    def _primary(self) -> None:
        if self.steps.step == 1 and self.go.isEnabled():
            self._import()
        elif self.steps.step == 3:
            self.context.back()
            self._reset()

    def _import(self) -> None:
        self.steps.set_step(2)
        for button in (self.again, self.rejects, self.undo):
            button.hide()
        self.go.setEnabled(False)
        self.promise.hide()
        self.progress.show()
        self.progress.set_progress(0, sum(plan.rows for plan in self.plans))
        self.work.run(self.plans)

    def _undo(self) -> None:
        self.undo.setEnabled(False)
        self.work.undo(self.work.batches)

    def _save_rejects(self) -> None:
        start = str(self.plans[0].path.with_name(f"{self.plans[0].path.stem}-rejected.csv"))
        name, _ = QFileDialog.getSaveFileName(self, tr("Save rejected rows"), start, "CSV (*.csv)")
        if name:
            self.work.count(self.plans, rejects=Path(name))
