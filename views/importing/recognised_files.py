"""What is known of the files on the import page, and how it is shown and corrected."""

from dataclasses import replace
from typing import Any, Final

from PySide6.QtWidgets import QWidget

from app.exchange.background import Counted
from app.exchange.counts import Outcome, Problem, Tally
from app.exchange.mending import Rows
from app.exchange.plan import FilePlan, Taking
from app.exchange.preview import PreviewRow
from app.exchange.runs import FileResult
from app.exchange.state import Difference
from app.exchange.word_choices import FieldWords
from app.queries.imports import named_rows
from views.context import PageContext
from views.importing.arrivals import PASTED, PastedFiles
from views.importing.page_layout import ImportLayout, welcome
from views.importing.steps import Step
from views.importing.words import import_words, kind_words
from views.importing.words_view import unknown_count
from views.importing.work import Unreadable
from views.operations import Lookup
from views.shared.text import tr, tr_n

MAX_GRID: Final = 1_000  # rows that are mended by hand
_TAKEN: Final = (Outcome.CREATED, Outcome.UPDATED, Outcome.MERGED)
_LOST: Final = (Outcome.SKIPPED, Outcome.FAILED)


class RecognisedFiles(ImportLayout):
    """The page as far as it reads: nothing here is written."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.pasted = PastedFiles()
        self.forget_files()
        work = self.work
        work.planned.connect(self._planned)
        work.corrected.connect(self._corrected)
        work.previewed.connect(self._previewed)
        work.worded.connect(self._worded)
        work.rows_read.connect(self._show_grid)
        work.counted.connect(self._counted)
        self.files.value_changed.connect(self._show_file)
        self.file_card.kind_chosen.connect(self._choose_kind)
        self.file_card.reading_chosen.connect(self._choose_reading)
        self.counts.outcome_clicked.connect(self._show_outcome)
        self.mapping.field_chosen.connect(self._choose_field)
        self.card.words.words_chosen.connect(self._choose_words)
        self.card.matching.taking_chosen.connect(self.choose_taking)
        self.card.behind.opened.connect(self._open_record)
        self.card.view_changed.connect(self._view_changed)

    def forget_files(self) -> None:
        """Begin anew, without files."""
        self.plans: list[FilePlan] = []
        self.tallies: list[Tally] = []
        self.results: list[FileResult] = []
        self.place = 0
        self._previews: dict[int, list[PreviewRow]] = {}
        self._words: dict[int, list[FieldWords]] = {}
        self._differences: dict[int, dict[int, list[Difference]]] = {}
        self._grids: dict[int, Rows] = {}
        self._looked: set[int] = set()  # places whose plan is looked at as it is now

    # They are recognised, corrected, counted.

    def _planned(self, answer: tuple[list[FilePlan], list[Unreadable]]) -> None:
        plans, unreadable = answer
        self.plans = [replace(p, source=PASTED) if self.pasted.holds(p.path) else p for p in plans]
        self.header.set_subtitle("")
        reasons = "\n".join(each.reason for each in unreadable)
        if not self.plans:
            self.empty.set_words(tr("This could not be read"), reasons)
            return
        self.empty.set_words(*welcome())
        self.notice.set_text(reasons)
        self.notice.setVisible(bool(reasons))
        self.stack.setCurrentIndex(1)
        self.fold_header()
        self.steps.set_step(Step.PREVIEW)
        self.files.set_items([(i, plan.path.name) for i, plan in enumerate(self.plans)])
        self.files.setVisible(len(self.plans) > 1)
        self._show_file(0)
        self.recount()

    def _corrected(self, place: int, plan: FilePlan) -> None:
        if self.steps.step != Step.PREVIEW or place >= len(self.plans):
            return
        self.plans[place] = plan
        self._looked.discard(place)
        self._grids.pop(place, None)
        self._show_file(self.place)
        self.recount()

    def recount(self) -> None:
        """Look at the files again and count what would happen."""
        self.tallies = []
        self.footer.show_counting()
        self.counts.show_waiting(sum(plan.rows for plan in self.plans))
        for place in range(len(self.plans)):
            if place not in self._looked:
                self._looked.add(place)
                self.work.look(self.plans[place])
        self.work.count(self.plans)

    def _previewed(self, plan: FilePlan, rows: list[PreviewRow]) -> None:
        self._keep(self._previews, plan, rows)

    def _worded(self, plan: FilePlan, words: list[FieldWords]) -> None:
        self._keep(self._words, plan, words)

    def _keep(self, kept: dict[int, Any], plan: FilePlan, found: Any) -> None:
        for place, each in enumerate(self.plans):
            if each is plan:
                kept[place] = found
                if place == self.place:
                    self._show_parts()

    def _counted(self, generation: int, counted: list[Counted]) -> None:
        if generation != self.work.generation or self.steps.step != Step.PREVIEW:
            return
        self.tallies = [each.tally for each in counted]
        for place, each in enumerate(counted):
            found = self._differences.setdefault(place, {})
            fresh: dict[int, list[Difference]] = {}
            for difference in each.conflicts:
                fresh.setdefault(difference.row, []).append(difference)
            decided = self.plans[place].taking.decisions
            kept = {number: one for number, one in found.items() if number in decided}
            self._differences[place] = dict(sorted({**kept, **fresh}.items()))
        self.counts.show_tally(self.tallies, written=False)
        self.show_problems()
        self._show_parts()
        taken = sum(t.counts[o] for t in self.tallies for o in _TAKEN)
        lost = sum(t.counts[o] for t in self.tallies for o in _LOST)
        self.go.setText(import_words(self.plans, taken))
        self.go.setEnabled(True)
        self.go.updateGeometry()
        self.rejects.setVisible(lost > 0)
        self.rejects.setText(tr_n("Reject file, {n} row", "Reject file, {n} rows", lost))

    # What is shown.

    def _show_file(self, place: object) -> None:
        if not isinstance(place, int) or place >= len(self.plans):
            return
        self.place = place
        plan = self.plans[place]
        self.file_card.show_plan(plan)
        kinds = {each.kind for each in self.plans}
        one = len(kinds) == 1
        self.header.set_title(
            tr("Import {kind}", kind=kind_words()[plan.kind]) if one else tr("Import")
        )
        if self.steps.step == Step.PREVIEW:
            self.card.show_before(mapped=not plan.stated)
        if not plan.stated:
            self.card.columns.show_plan(plan)
        self._show_parts()
        self._view_changed(self.card.view)

    def _show_parts(self) -> None:
        """Show what is known of the file by now."""
        plan = self.plans[self.place]
        words = self._words.get(self.place)
        self.preview.show_rows(self._previews.get(self.place))
        self.card.words.show_words(plan, words)
        differences = self._differences.get(self.place, {})
        self.card.matching.show_plan(plan, differences)
        left = sum(number not in plan.taking.decisions for number in differences)
        counts = {
            "columns": self.card.columns.doubtful if not plan.stated else 0,
            "words": unknown_count(words or (), plan),
            "matching": left,
        }
        for chip in self.views.chips:
            if chip.value in counts:
                chip.set_count(counts[chip.value] or None)
        self.card.fit()

    def _problems(self) -> list[Problem]:
        return [problem for tally in self.tallies for problem in tally.problems]

    def show_problems(self) -> None:
        """Show what a person should look at."""
        problems = self._problems()
        self.problems.show_problems(problems)
        self.views.set_counts({"problems": len(problems)})
        self.card.fit()
        if self.card.view == "problems":
            self._view_changed("problems")

    def _show_outcome(self, outcome: Outcome) -> None:
        after = self.steps.step == Step.RESULT and outcome not in _LOST
        self.views.set_value(outcome.value if after else "problems")

    def _view_changed(self, view: str) -> None:
        if not self.plans:
            return
        if view == "problems":
            self._show_grid_of(self.plans[self.place])
        elif view in set(Outcome) and self.results:
            self._show_behind(Outcome(view))

    def _show_behind(self, outcome: Outcome) -> None:
        rows = [tuple(r) for tally in self.tallies for r in tally.behind.get(outcome, ())]
        Lookup(self, named_rows, rows, key="behind").then(self.card.behind.show_rows)

    def _show_grid_of(self, plan: FilePlan) -> None:
        """Show the rows with problems as they stand in the file, once they are read."""
        if self.place < len(self.tallies):
            problems = self.tallies[self.place].problems
            wanted = list(dict.fromkeys(p.row for p in problems if p.row))[:MAX_GRID]
            known = self._grids.get(self.place)
            if known is None and wanted:
                self.work.read_rows(plan, wanted)
                return
            self._show_grid(plan, known or Rows(plan.table.headers, ()))

    def _show_grid(self, plan: FilePlan, rows: Rows) -> None:
        if not any(each is plan for each in self.plans) or self.place >= len(self.tallies):
            return
        self._grids[self.place] = rows
        editable = not plan.stated
        self.grid.show_rows(rows, self.tallies[self.place].problems, editable=editable)
        after = self.steps.step == Step.RESULT
        self.card.problems.show_state(any_rows=bool(rows.rows), after=after, editable=editable)

    def remember_grid(self) -> None:
        """Keep what the grid shows after rows of it have been taken."""
        self._grids[self.place] = self.grid.rows()

    def _open_record(self, found: Any) -> None:
        if found.name:
            self.context.open_record(found.kind, found.record_id, full=found.kind != "ticket")

    # What the person corrects.

    def _choose_field(self, column: int, field: object) -> None:
        if self.steps.step == Step.PREVIEW and (field is None or isinstance(field, str)):
            self.work.choose_field(self.place, self.plans[self.place], column, field)

    def _choose_kind(self, kind: str) -> None:
        self._words.pop(self.place, None)
        self.work.replan(self.place, str(self.plans[self.place].path), kind)

    def _choose_reading(self, reading: object) -> None:
        if isinstance(reading, dict):
            plan = self.plans[self.place]
            kind = None if "sheet" in reading else plan.kind  # another sheet holds something else
            self.work.replan(self.place, str(plan.path), kind, **reading)

    def _choose_words(self, words: object) -> None:
        if isinstance(words, dict):
            self.choose_taking(replace(self.plans[self.place].taking, words=words))

    def choose_taking(self, taking: object) -> None:
        """Take the rows of the file shown another way."""
        if isinstance(taking, Taking) and self.steps.step == Step.PREVIEW:
            self.work.choose_taking(self.place, self.plans[self.place], taking)
