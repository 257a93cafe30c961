"""All imports made so far: who took in what and when, what came of it, and Undo."""

from typing import Any, ClassVar

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.changes import Changes
from app.errors import CloseknitError, EnvironmentFault
from app.exchange.runs import Progress
from app.queries.imports import ImportBatchRow, import_batches, import_details
from models.values import BatchState
from views.context import PageContext
from views.importing.batch_panel import BatchPanel, state_words
from views.importing.painted_list import PAD, PaintedList
from views.importing.words import KIND_ICONS, counted_kind
from views.importing.work import ImportWork
from views.operations import Lookup
from views.shared import paint
from views.shared.buttons import primary
from views.shared.cards import Card, EmptyState, PageHeader
from views.shared.format import moment_words, number
from views.shared.page import Page
from views.shared.text import tr, tr_n, translate_error

_SIGN = 36
_UNDONE = frozenset({BatchState.UNDONE, BatchState.UNDOING})


class BatchList(PaintedList[ImportBatchRow]):
    """One row for each file that was taken in, the newest first."""

    row_height = 60

    def words_of(self, row: ImportBatchRow) -> str:
        """Return a row as a screen reader says it."""
        return f"{row.file_name}, {_what(row)}, {state_words(row.state)[0]}"

    def paint_row(
        self, painter: QPainter, area: QRectF, row: ImportBatchRow, selected: bool
    ) -> None:
        """Draw the file, what it was, who took it in, and how it ended."""
        super().paint_row(painter, area, row, selected)
        direction = painter.layoutDirection()

        def put(left: float, top: float, width: float, height: float) -> QRectF:
            return paint.mirrored(QRectF(left, top, width, height), area, direction)

        box = put(area.left() + PAD, area.center().y() - _SIGN / 2, _SIGN, _SIGN)
        paint.rounded(painter, box, 8, "neutral_tint")
        icon = KIND_ICONS.get(row.kind, "file")
        paint.draw_icon(painter, box.left() + 9, box.top() + 9, icon, "muted", 18)
        words, tone = state_words(row.state)
        pill = paint.pill_width(words)
        place = put(area.right() - PAD - pill, area.top(), pill, area.height())
        paint.draw_pill(painter, place.left(), area.center().y(), words, tone)
        left = area.left() + PAD + _SIGN + 14
        room = area.right() - PAD - pill - 16 - left
        sums = _sums(row) if room > 380 else ""
        wide = paint.text_width(sums, 12) + 12 if sums else 0.0
        paint.draw_text(
            painter, put(left, area.top() + 10, room - wide, 20), row.file_name, weight=500
        )
        paint.draw_text(
            painter, put(left, area.top() + 31, room - wide, 18), _what(row), size=12, color="muted"
        )
        if sums:
            place = put(left + room - wide, area.top(), wide, area.height())
            paint.draw_text(painter, place, sums, size=12, color="muted", align=paint.RIGHT)


def _what(row: ImportBatchRow) -> str:
    what = counted_kind(row.read, row.kind)
    if row.layout:
        what = tr("{what} from {program}", what=what, program=row.layout)
    parts = [what, row.user_name or "", moment_words(row.started_at)]
    return " · ".join(part for part in parts if part)


def _sums(row: ImportBatchRow) -> str:
    parts = []
    if row.created:
        parts.append(tr("{n} new", n=number(row.created)))
    if row.updated:
        parts.append(tr("{n} updated", n=number(row.updated)))
    if row.failed:
        parts.append(tr("{n} not taken", n=number(row.failed)))
    return " · ".join(parts)


class ImportsPage(Page):
    """Second-level page "imports"."""

    kinds: ClassVar[tuple[str, ...]] = ("import_batch",)

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.work = ImportWork(context, self)
        self.wanted: int | None = None
        self._build()
        self.list.chosen.connect(self._show_details)
        self.panel.undo_wanted.connect(self._undo)
        self.panel.mend_wanted.connect(self.work.mend)
        self.work.progressed.connect(self._progressed)
        self.work.undone.connect(self._undone)
        self.work.mended.connect(self._mended)
        self.work.failed.connect(self._failed)

    def _build(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 18, 24, 24)
        box.setSpacing(16)
        self.header = PageHeader(
            tr("Imports"), tr("Everything that came in, and what can be taken back"),
            back=tr("Contacts"),
        )  # fmt: skip
        self.header.back_clicked.connect(self.context.back)
        self.more = primary(tr("Import files"), "upload")
        self.more.clicked.connect(lambda: self.context.navigate("import"))
        self.header.add_action(self.more)
        box.addWidget(self.header)
        self.stack = QStackedWidget()
        self.waiting = QWidget()
        self.empty = EmptyState(
            "history", tr("Nothing was imported yet"),
            tr("Each file you take in stands here, with its counts, its problems and Undo."),
            primary=(tr("Import files"), "upload"),
        )  # fmt: skip
        self.empty.primary_clicked.connect(lambda: self.context.navigate("import"))
        self.list = BatchList(tr("Imports"))
        card = Card(padding=0, spacing=0)
        card.body.setContentsMargins(1, 7, 1, 7)
        card.add(self.list, 1)
        self.panel = BatchPanel(self.context)
        both = QWidget()
        line = QHBoxLayout(both)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(16)
        line.addWidget(card, 1)
        line.addWidget(self.panel)
        for part in (self.waiting, self.empty, both):
            self.stack.addWidget(part)
        self._both = both
        box.addWidget(self.stack, 1)

    def arrive(self, kind: str | None, record_id: int | None, **state: Any) -> None:
        """Show the import somebody asked for."""
        del state
        if kind == "import_batch" and record_id is not None:
            self.wanted = record_id
            self._choose_wanted()

    def leave(self) -> None:
        """Let the process end that took something back."""
        self.work.rest()

    def new_record(self) -> None:
        """Go where files are imported."""
        self.context.navigate("import")

    def refresh(self, changes: Changes | None) -> None:
        """Read the list again."""
        del changes
        Lookup(self, import_batches, 500, key="batches").then(self._show_list)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the list what room there is."""
        super().resizeEvent(event)
        self.panel.setFixedWidth(min(460, max(300, int(self.width() * 0.4))))

    def _show_list(self, rows: list[ImportBatchRow]) -> None:
        before = self.list.current
        if self.wanted is None and before is not None:
            self.wanted = before.id
        self.list.list_model.show_rows(rows)
        self.stack.setCurrentWidget(self._both if rows else self.empty)
        self.more.setVisible(bool(rows))
        self._choose_wanted()

    def _choose_wanted(self) -> None:
        rows = self.list.rows
        if not rows:
            return
        place = next((i for i, row in enumerate(rows) if row.id == self.wanted), 0)
        self.wanted = None
        self.list.choose(place)

    def _show_details(self, row: ImportBatchRow) -> None:
        Lookup(self, import_details, row.id, key="details").then(self.panel.show_details)

    def _undo(self, batch_id: int) -> None:
        self.panel.show_running(0, 0)
        self.work.undo([batch_id])

    def _progressed(self, progress: Progress) -> None:
        self.panel.show_running(progress.done, progress.total)

    def _undone(self) -> None:
        self.panel.show_idle()
        self.context.toast(tr("Import undone"), kind="good")
        self.refresh(None)

    def _mended(self, mended: Any) -> None:
        self.panel.show_idle()
        count = len(mended.taken)
        words = tr_n("{n} mended row is in.", "{n} mended rows are in.", count)
        self.context.toast(words, kind="good" if count else "error")
        self.refresh(None)

    def _failed(self, error: Exception) -> None:
        self.panel.show_idle()
        if isinstance(error, EnvironmentFault):
            self.context.notice(translate_error(error), remedy=tr(error.remedy))
        elif isinstance(error, CloseknitError):
            self.context.toast(translate_error(error), kind="error")
        else:
            raise error
