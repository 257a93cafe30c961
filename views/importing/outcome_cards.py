"""What would happen, or has: six counts that add up to the rows read; and what to look at."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from app.exchange.counts import Outcome, Problem, Tally
from views.importing.words import OUTCOME_COLOURS, outcome_words
from views.shared import paint
from views.shared.bars import SegmentBar
from views.shared.buttons import Button, link
from views.shared.cards import Card
from views.shared.format import number
from views.shared.labels import Divider, IconLabel, Label
from views.shared.layout import clear_layout, column, row
from views.shared.text import tr, tr_n

_SHOWN: Final = 4


class _Dot(QWidget):
    """The colour of one outcome."""

    def __init__(self, color: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._color = color
        self.setFixedSize(10, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a small square."""
        del event
        paint.rounded(QPainter(self), QRectF(0, 6, 8, 8), 2, self._color)


class CountsCard(Card):
    """The six counts over one bar; `outcome_clicked` asks for the rows behind one."""

    outcome_clicked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=10)
        self.set_title(tr("What would happen"))
        self.remark = Label("", "small", elide=True)
        self.add(self.remark)
        self.bar = SegmentBar()
        self.add(self.bar)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(2, 1)
        self.numbers: dict[Outcome, Label] = {}
        self.shows: dict[Outcome, Button] = {}
        for place, (outcome, words) in enumerate(outcome_words().items()):
            grid.addWidget(_Dot(OUTCOME_COLOURS[outcome]), place, 0)
            grid.addWidget(Label(words), place, 1)
            show = link(tr("Show"))
            show.setAccessibleName(tr("Show the rows: {what}", what=words))
            show.clicked.connect(lambda _=False, o=outcome: self.outcome_clicked.emit(o))
            show.setFixedHeight(22)
            show.hide()
            self.shows[outcome] = show
            grid.addWidget(show, place, 2, Qt.AlignmentFlag.AlignLeft)
            grid.setRowMinimumHeight(place, 22)
            count = Label("–", "strong")
            count.setAlignment(paint.RIGHT)
            self.numbers[outcome] = count
            grid.addWidget(count, place, 3)
        self.add(grid)
        self.add(Divider())
        self.read = Label("–", "strong")
        self.add(row(Label(tr("Read"), "strong"), None, self.read))

    def show_waiting(self, rows: int) -> None:
        """Show that the counts are on their way."""
        self.remark.set_text(tr_n("counting {n} row …", "counting {n} rows …", rows))
        self.bar.set_parts([])
        for label in (*self.numbers.values(), self.read):
            label.set_text("–")

    def show_tally(self, tallies: Sequence[Tally], *, written: bool) -> None:
        """Show the counts of one or several files."""
        counts: Counter[Outcome] = Counter()
        for tally in tallies:
            counts.update(tally.counts)
        total = sum(counts.values())
        if written:
            self.set_title(tr("What happened"))
            self.remark.set_text(tr("stored; one click takes it back"))
        else:
            self.set_title(tr("What would happen"))
            self.remark.set_text(
                tr_n(
                    "dry run of {n} row, nothing written",
                    "dry run of all {n} rows, nothing written",
                    total,
                )
            )
        words = outcome_words()
        self.bar.set_parts([(counts[o], OUTCOME_COLOURS[o], words[o]) for o in Outcome])
        for outcome, label in self.numbers.items():
            label.set_text(number(counts[outcome]))
            # Before the import only rows that are not taken can be shown: there are no records.
            shown = written or outcome in {Outcome.SKIPPED, Outcome.FAILED}
            self.shows[outcome].setVisible(shown and counts[outcome] > 0)
        self.read.set_text(number(total))


class _Group(QWidget):
    """Problems of one kind: how many, why, and an example."""

    def __init__(self, reason: str, problems: Sequence[Problem], parent: QWidget) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Maximum)
        first = problems[0]
        lost = not first.column
        mark = IconLabel(
            "circle-alert" if lost else "triangle-alert",
            size=16,
            tone="bad" if lost else "warning",
            box=30,
        )
        where = first.column or tr_n("{n} row", "{n} rows", len(problems))
        head = (
            tr("{n} × {column}", n=number(len(problems)), column=where) if first.column else where
        )
        example = tr("row {row}: {value}", row=number(first.row), value=first.value[:60])
        words = column(
            Label(head, "strong", elide=True),
            Label(tr(reason), "small", elide=True),
            Label(example, "small", elide=True) if first.value else None,
            spacing=2,
        )
        line = row(spacing=12)
        line.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(line)


class ProblemsCard(Card):
    """What a person should look at, grouped by reason, the most frequent first."""

    show_all = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=12)
        self.set_title(tr("Look at these"))
        self.groups = QVBoxLayout()
        self.groups.setSpacing(14)
        self.add(self.groups)
        self.body.addStretch(1)
        self.more = link(tr("Show all"))
        self.more.clicked.connect(self.show_all)
        self.add(row(self.more, None))

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show other problems."""
        clear_layout(self.groups)
        grouped: dict[tuple[str, str], list[Problem]] = {}
        for problem in problems:
            grouped.setdefault((problem.column, problem.reason), []).append(problem)
        ranked = sorted(grouped.items(), key=lambda item: (bool(item[0][0]), -len(item[1])))
        for (_, reason), each in ranked[:_SHOWN]:
            self.groups.addWidget(_Group(reason, each, self))
        if not ranked:
            self.groups.addWidget(
                Label(tr("Every value of every row fits its field."), "muted", wrap=True)
            )
        self.set_note(number(len(problems)) if problems else "")
        self.more.setVisible(bool(problems))
