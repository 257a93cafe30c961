"""One import in detail: its counts with the records behind them, its problems, and Undo."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QVBoxLayout, QWidget

from app.exchange.counts import Outcome, Problem
from app.exchange.mappings import FileMapping
from app.exchange.mending import Rows
from app.queries.imports import (
    BatchDetails,
    BehindRow,
    ImportBatchRow,
    RejectRow,
    named_rows,
    rejected_rows,
    written_rows,
)
from models.values import BatchState
from views.context import PageContext
from views.importing.behind_list import BehindList
from views.importing.problem_grid import ProblemGrid
from views.importing.words import OUTCOME_COLOURS, counted_kind, outcome_words, take_words
from views.operations import Lookup
from views.shared import paint
from views.shared.bars import SegmentBar
from views.shared.buttons import Button, link, primary, secondary
from views.shared.cards import Card, ProgressPanel
from views.shared.format import exact_moment, number
from views.shared.labels import Divider, Label, PillLabel
from views.shared.layout import row
from views.shared.text import tr, tr_n

_ACTIONS: Final = {Outcome.CREATED: "created", Outcome.UPDATED: "updated"}


def state_words(state: BatchState) -> tuple[str, str]:
    """Return how an import stands: the word and its tone."""
    return {
        BatchState.RUNNING: (tr("running"), "info"),
        BatchState.DONE: (tr("done"), "good"),
        BatchState.CANCELLED: (tr("cancelled"), "warning"),
        BatchState.UNDOING: (tr("taking back"), "info"),
        BatchState.UNDONE: (tr("undone"), "neutral"),
    }.get(state, (str(state.value), "neutral"))


class BatchPanel(Card):
    """Tells `undo_wanted` with the batch, and `mend_wanted` with rows, mapping, name and batch."""

    undo_wanted = Signal(object)
    mend_wanted = Signal(object, object, str, object)

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent, padding=0, spacing=0)
        self.context = context
        self.details: BatchDetails | None = None
        self.shown = Outcome.CREATED
        self._build_head()
        self._build_counts()
        self._build_below()
        self.hide()

    def _build_head(self) -> None:
        self.name = Label("", "heading", elide=True)
        self.state = PillLabel("")
        self.about = Label("", "small", wrap=True)
        self.undo = secondary(tr("Undo this import"), "undo-2")
        self.undo.clicked.connect(self._ask_undo)
        self.progress = ProgressPanel(tr("Taking back"), cancellable=False)
        self.progress.hide()
        head = QWidget()
        box = QVBoxLayout(head)
        box.setContentsMargins(20, 16, 20, 14)
        box.setSpacing(8)
        line = row(spacing=8)
        line.addWidget(self.name, 1)
        line.addWidget(self.state)
        box.addLayout(line)
        box.addWidget(self.about)
        box.addLayout(row(self.undo, None))
        box.addWidget(self.progress)
        self.add(head)
        self.add(Divider())

    def _build_counts(self) -> None:
        part = QWidget()
        box = QVBoxLayout(part)
        box.setContentsMargins(20, 14, 20, 12)
        box.setSpacing(8)
        self.bar = SegmentBar()
        box.addWidget(self.bar)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        self.numbers: dict[Outcome, Label] = {}
        self.shows: dict[Outcome, Button] = {}
        for place, (outcome, words) in enumerate(outcome_words().items()):
            line, side = divmod(place, 2)
            show = link(words)
            show.setAccessibleName(tr("Show the rows: {what}", what=words))
            show.clicked.connect(lambda _=False, o=outcome: self.show_behind(o))
            count = Label("", "strong")
            count.setAlignment(paint.RIGHT)
            grid.addWidget(show, line, side * 3, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(count, line, side * 3 + 1)
            self.shows[outcome], self.numbers[outcome] = show, count
        grid.setColumnMinimumWidth(2, 16)
        grid.setColumnStretch(4, 1)
        box.addLayout(grid)
        self.read = Label("", "small")
        box.addWidget(self.read)
        self.add(part)
        self.add(Divider())

    def _build_below(self) -> None:
        self.title = Label("", "section", elide=True)
        self.title.setContentsMargins(20, 10, 20, 8)
        self.add(self.title)
        self.stack = QStackedWidget()
        self.behind = BehindList(tr("Records behind the number"))
        self.behind.opened.connect(self._open)
        self.grid = ProblemGrid()
        self.nothing = Label("", "muted", wrap=True)
        self.nothing.setContentsMargins(20, 4, 20, 4)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        for part in (self.behind, self.grid, self.nothing):
            self.stack.addWidget(part)
        self.add(self.stack, 1)
        self.take = primary(tr("Take mended rows"), "check")
        self.take.clicked.connect(self._take)
        self.grid.mended_changed.connect(self._mended)
        self.foot = QWidget()
        line = row(Label(tr("Double-click a cell to mend it."), "muted", elide=True), spacing=8)
        line.setStretch(0, 1)
        line.addWidget(self.take)
        line.setContentsMargins(20, 8, 16, 4)
        self.foot.setLayout(line)
        self.add(self.foot)

    def show_details(self, details: BatchDetails | None) -> None:
        """Show another import, or the same as it is now."""
        other = self.details is None or details is None or details.batch.id != self.details.batch.id
        self.details = details
        self.setVisible(details is not None)
        if details is None:
            return
        batch = details.batch
        self.name.set_text(batch.file_name)
        self.state.set_pill(*state_words(batch.state))
        self.about.set_text(_about(details))
        self.undo.setVisible(batch.state is not BatchState.UNDONE)
        self.undo.setText(
            tr("Go on taking back") if batch.state is BatchState.UNDOING else tr("Undo this import")
        )
        counts = _counts(batch)
        words = outcome_words()
        self.bar.set_parts([(counts[o], OUTCOME_COLOURS[o], words[o]) for o in Outcome])
        for outcome, label in self.numbers.items():
            label.set_text(number(counts[outcome]))
            self.shows[outcome].setEnabled(counts[outcome] > 0)
        self.read.set_text(tr("{n} read", n=number(batch.read)))
        if other:
            self.shown = next((o for o in Outcome if counts[o]), Outcome.CREATED)
        if batch.state is BatchState.UNDONE and _kept(batch):
            self._show_kept(batch)
        else:
            self.show_behind(self.shown)

    def show_behind(self, outcome: Outcome) -> None:
        """Show the records or rows behind a count."""
        if self.details is None:
            return
        self.shown = outcome
        batch = self.details.batch
        words = outcome_words()[outcome]
        self.title.set_text(f"{words}, {number(_counts(batch)[outcome])}")
        self.foot.hide()
        if outcome in _ACTIONS:
            asked = Lookup(self, written_rows, batch.id, _ACTIONS[outcome], key="behind")
            asked.then(self._show_records)
        elif outcome is Outcome.FAILED:
            Lookup(self, rejected_rows, batch.id, key="behind").then(self._show_rejects)
        elif outcome is Outcome.SKIPPED:
            self._say(_problem_words(self.details.problems) or tr("Rows without any value."))
        elif outcome is Outcome.MERGED:
            self._say(tr("Further rows about records that an earlier row of the file spoke of."))
        else:
            self._say(tr("Rows whose records already held all that they say."))

    def _show_records(self, rows: Sequence[BehindRow]) -> None:
        undone = self.details is not None and self.details.batch.state is BatchState.UNDONE
        there = [row for row in rows if row.name or not undone]
        self.behind.show_rows(there)
        self.stack.setCurrentWidget(self.behind)
        if not there:
            self._say(tr("All of it was taken back.") if undone else tr("No record stands here."))

    def _show_rejects(self, found: Sequence[RejectRow]) -> None:
        if self.details is None:
            return
        if not found:
            self._say(tr("The rows that were not taken have been mended and taken since."))
            return
        rows = Rows(self.details.headers, tuple((r.row, r.cells) for r in found))
        problems = [Problem(r.row, "", "", r.reason) for r in found]
        editable = any(self.details.mapping.values())
        self.grid.show_rows(rows, problems, editable=editable)
        self.stack.setCurrentWidget(self.grid)
        self.foot.setVisible(editable)

    def _show_kept(self, batch: ImportBatchRow) -> None:
        kept = _kept(batch)
        reasons = ", ".join(sorted({tr(str(one.get("reason", ""))) for one in kept}))
        self.title.set_text(
            tr_n("{n} record stayed: {why}", "{n} records stayed: {why}", len(kept), why=reasons)
        )
        self.title.setToolTip(reasons)
        self.foot.hide()
        some = [
            (int(one.get("row") or 0), str(one["kind"]), int(one["id"]))
            for one in kept
            if one.get("kind") and one.get("id")
        ]
        Lookup(self, named_rows, some, key="behind").then(self._show_records)

    def _say(self, words: str) -> None:
        self.nothing.set_text(words)
        self.stack.setCurrentWidget(self.nothing)

    def show_running(self, done: int, total: int) -> None:
        """Show how far taking back is."""
        self.undo.hide()
        self.progress.show()
        self.progress.set_progress(done, total)

    def show_idle(self) -> None:
        """Show that nothing runs any more."""
        self.progress.hide()
        self.take.setEnabled(False)

    def _ask_undo(self) -> None:
        if self.details is not None:
            self.undo_wanted.emit(self.details.batch.id)

    def _open(self, found: BehindRow) -> None:
        if found.name:
            self.context.open_record(found.kind, found.record_id, full=True)

    def _mended(self, count: int) -> None:
        self.take.setEnabled(count > 0)
        self.take.setText(take_words(count))

    def _take(self) -> None:
        if self.details is None:
            return
        batch = self.details.batch
        mapping = FileMapping(batch.kind, self.details.mapping)
        self.take.setEnabled(False)
        self.mend_wanted.emit(self.grid.mended_rows(), mapping, batch.file_name, batch.id)


def _counts(batch: ImportBatchRow) -> dict[Outcome, int]:
    return {outcome: int(getattr(batch, outcome.value)) for outcome in Outcome}


def _kept(batch: ImportBatchRow) -> list[Mapping[str, Any]]:
    return list((batch.undo_report or {}).get("kept", ()))


def _about(details: BatchDetails) -> str:
    batch = details.batch
    what = counted_kind(batch.read, batch.kind)
    if batch.layout:
        what = tr("{what} from {program}", what=what, program=batch.layout)
    parts = [what, batch.user_name or "", exact_moment(batch.started_at)]
    if batch.source:
        parts.append(batch.source)
    links = [tr("{n} linked to {what}", n=number(n), what=tr(k)) for k, n in details.links.items()]
    report = batch.undo_report
    if report and batch.state is BatchState.UNDONE:
        parts.append(
            tr(
                "{removed} removed, {restored} restored, {left} kept",
                removed=number(int(report.get("removed", 0))),
                restored=number(int(report.get("restored", 0))),
                left=number(int(report.get("left", 0))),
            )
        )
    return " · ".join(part for part in (*parts, *links) if part)


def _problem_words(problems: Sequence[Mapping[str, Any]]) -> str:
    lost = [p for p in problems if not p.get("column")]
    lines = [
        tr("row {row}: {value}", row=number(int(p.get("row", 0))), value=tr(str(p["reason"])))
        for p in lost[:50]
    ]
    return "\n".join(lines)
