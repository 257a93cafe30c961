"""The card "Needs you now": filters, the list, and what can be unfolded below it."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from app.queries.tasks import TaskRow
from app.queries.today import TodayList
from models.values import TaskBucket
from views.shared import paint
from views.shared.bars import Skeleton
from views.shared.buttons import Button
from views.shared.chips import ChipRow
from views.shared.empty import EmptyState
from views.shared.labels import Label
from views.shared.text import tr
from views.theme import current_theme
from views.today import words
from views.today.entries import counts_of, entries_of
from views.today.needs_view import NeedsView

HEAD = 56
FOOT = 36
WIDE = 560
LEAST = 376  # a row keeps some words beside its actions


class FoldButton(Button):
    """A bucket that unfolds into the list."""

    def __init__(self, bucket: TaskBucket) -> None:
        self.bucket, self.count = bucket, 0
        super().__init__("", "chevron-right", "ghost", compact=True)
        self.give_way()
        self.setCheckable(True)
        self.toggled.connect(self._turn)
        self.set_count(0)

    def set_count(self, count: int) -> None:
        """Show how many tasks are in it."""
        self.count = count
        self.setText(f"{tr(words.BUCKETS[self.bucket])}  {count}")
        self.setEnabled(count > 0)
        self.updateGeometry()

    def _turn(self, unfolded: bool) -> None:
        self.set_icon("chevron-down" if unfolded else "chevron-right")


class NeedsCard(QWidget):
    """One list of everything that waits for the person."""

    bucket_wanted = Signal(object)
    filter_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._today: TodayList | None = None
        self._unfolded: dict[TaskBucket, Sequence[TaskRow]] = {}
        self.title = Label(tr("Needs you now"), "heading")
        self.total = Label("", "muted")
        self.chips = ChipRow(
            [
                ("all", tr("All"), None),
                ("task", tr("Tasks"), None),
                ("ticket", tr("Tickets"), None),
                ("deal", tr("Deals"), None),
            ]
        )
        self.chips.set_value("all")
        self.view = NeedsView()
        self.skeleton = Skeleton(10, paint.ROW_TWO_LINES)
        self.done = EmptyState(
            "circle-check",
            tr("Nothing waits for you"),
            tr("What falls due today, tickets near their deadline and quiet deals show up here."),
            primary=(tr("New task"), "plus"),
        )
        self.folds = {bucket: FoldButton(bucket) for bucket in words.BUCKETS}
        self.hint = Label(tr("Space done · S snooze · Enter open"), "small", elide=True)
        self.setMinimumWidth(LEAST)
        self._lay_out()
        self.chips.value_changed.connect(self._narrow)
        for fold in self.folds.values():
            fold.toggled.connect(self._fold)

    def _lay_out(self) -> None:
        words = QHBoxLayout()
        words.setSpacing(8)
        for widget in (self.title, self.total):
            words.addWidget(widget)
        words.addStretch(1)
        self.top = QWidget()
        self.head = QBoxLayout(QBoxLayout.Direction.LeftToRight, self.top)
        self.head.setContentsMargins(19, 0, 19, 0)
        self.head.setSpacing(8)
        self.head.addLayout(words, 1)
        self.head.addWidget(self.chips)
        self.top.setFixedHeight(HEAD)
        self.stack = QStackedLayout()
        self.stack.addWidget(self.skeleton)
        self.stack.addWidget(self.view)
        self.stack.addWidget(self.done)
        foot = QWidget()
        foot.setFixedHeight(FOOT)
        line = QHBoxLayout(foot)
        line.setContentsMargins(11, 0, 19, 0)
        line.setSpacing(12)
        for fold in self.folds.values():
            line.addWidget(fold)
        line.addStretch(1)
        line.addWidget(self.hint)
        box = QVBoxLayout(self)
        box.setContentsMargins(1, 1, 1, 1)
        box.setSpacing(0)
        box.addWidget(self.top)
        box.addLayout(self.stack, 1)
        box.addWidget(foot)

    @property
    def unfolded(self) -> list[TaskBucket]:
        """Return the buckets that are shown in the list."""
        return [bucket for bucket, fold in self.folds.items() if fold.isChecked()]

    def show_today(self, today: TodayList) -> None:
        """Show the list and the counts."""
        self._today = today
        self._count()
        for bucket, fold in self.folds.items():
            fold.set_count(today.counts[bucket])
            if not today.counts[bucket]:
                fold.setChecked(False)
        self._show()

    def show_bucket(self, bucket: TaskBucket, rows: Sequence[TaskRow]) -> None:
        """Show the tasks of a bucket that was unfolded."""
        if self.folds[bucket].isChecked():
            self._unfolded[bucket] = rows
            self._show()

    def state(self) -> dict[str, Any]:
        """Return what should come back at the next start."""
        return {"filter": self.chips.value, "unfolded": [bucket.value for bucket in self.unfolded]}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take back what `state` returned."""
        if state.get("filter") in {"all", "task", "ticket", "deal"}:
            self.chips.set_value(state["filter"])
        for bucket, fold in self.folds.items():
            if bucket.value in state.get("unfolded", ()):
                fold.setChecked(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the counts to the group headers where there is no room for them."""
        super().resizeEvent(event)
        self._count()
        self._fit_head()

    def _fit_head(self) -> None:
        """Put the chips below the title where both do not fit beside each other."""
        wanted = self.title.sizeHint().width() + self.total.sizeHint().width()
        beside = wanted + self.chips.sizeHint().width() + 3 * 19 <= self.width()
        ways = QBoxLayout.Direction
        self.head.setDirection(ways.LeftToRight if beside else ways.TopToBottom)
        pad = 0 if beside else 12
        self.head.setContentsMargins(19, pad, 19, pad)
        lines = self.chips.heightForWidth(self.width() - 2 * 19)
        self.top.setFixedHeight(HEAD if beside else self.title.sizeHint().height() + lines + 32)
        self.update()

    def _count(self) -> None:
        if self._today is None:
            return
        counts: dict[str, int] = counts_of(self._today)
        self.total.set_text(str(counts["all"]))
        wide = self.width() >= WIDE
        for chip in self.chips.chips:
            chip.set_count(counts[chip.value] if wide else None)
        self._fit_head()

    def _show(self) -> None:
        if self._today is None:
            return
        shown = {b: self._unfolded[b] for b in self.unfolded if b in self._unfolded}
        entries = entries_of(self._today, self.chips.value, shown)
        self.view.show_entries(entries)
        self.stack.setCurrentWidget(self.view if entries else self.done)

    def _narrow(self, value: object) -> None:
        self._show()
        self.filter_changed.emit(value)

    def _fold(self, _unfolded: bool) -> None:
        for bucket, fold in self.folds.items():
            if fold.isChecked() and bucket not in self._unfolded:
                self.bucket_wanted.emit(bucket)
            elif not fold.isChecked():
                self._unfolded.pop(bucket, None)
        self._show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card and its lines."""
        del event
        painter = QPainter(self)
        paint.draw_card(painter, QRectF(self.rect()))
        line = current_theme().color("row_line")
        width = self.width() - 2
        painter.fillRect(QRectF(1, self.top.height(), width, 1), line)
        painter.fillRect(QRectF(1, self.height() - FOOT - 1, width, 1), line)
