"""The card in the middle: the first rows, the columns, the words, the matches, the problems."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.exchange.counts import Outcome
from views.importing.behind_list import BehindList
from views.importing.columns_view import ColumnsView
from views.importing.match_view import MatchView
from views.importing.preview_view import PreviewView
from views.importing.problem_grid import ProblemGrid
from views.importing.words import outcome_words, take_words
from views.importing.words_view import WordsView
from views.shared.buttons import primary
from views.shared.cards import Card
from views.shared.chips import ChipRow
from views.shared.labels import Label
from views.shared.layout import row
from views.shared.text import tr

SHOWN_BEHIND: Final = (Outcome.CREATED, Outcome.UPDATED, Outcome.MERGED, Outcome.UNCHANGED)


class ProblemView(QWidget):
    """The grid of rows with problems, and the button that takes those that have been mended."""

    take_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid = ProblemGrid()
        self.nothing = Label(tr("Every value of every row fits its field."), "muted", wrap=True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint = Label("", "muted", elide=True)
        self.take = primary(tr("Take mended rows"), "check")
        self.take.clicked.connect(self.take_wanted)
        self.foot = QWidget()
        line = row(spacing=8)
        line.setContentsMargins(20, 8, 16, 4)
        line.addWidget(self.hint, 1)
        line.addWidget(self.take)
        self.foot.setLayout(line)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.nothing, 1)
        box.addWidget(self.grid, 1)
        box.addWidget(self.foot)
        self.grid.mended_changed.connect(self._mended)
        self._after = False

    def show_state(self, *, any_rows: bool, after: bool, editable: bool) -> None:
        """Show the grid or that nothing is wrong; `after` the import mended rows are taken."""
        self._after = after
        self.nothing.setVisible(not any_rows)
        self.grid.setVisible(any_rows)
        self.foot.setVisible(any_rows and editable)
        self._mended(len(self.grid.mended_rows().rows))

    def _mended(self, count: int) -> None:
        self.take.setVisible(self._after)
        self.take.setEnabled(count > 0)
        self.take.setText(take_words(count))
        self.hint.set_text(
            tr("Double-click a cell to mend it.")
            if self._after or not count
            else tr("Mended rows are taken right after the others.")
        )


class WorkCard(Card):
    """One view at a time; `views` are the chips that choose it."""

    view_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, padding=0, spacing=0)
        self.views = ChipRow()
        self.views.value_changed.connect(self._show)
        line = row(spacing=8)
        line.addWidget(self.views, 1)
        line.setContentsMargins(20, 14, 16, 12)
        head = QWidget()
        head.setLayout(line)
        self.add(head)
        self.preview = PreviewView()
        self.columns = ColumnsView()
        self.words = WordsView()
        self.matching = MatchView()
        self.problems = ProblemView()
        self.behind = BehindList(tr("Records behind the number"))
        self.behind_nothing = Label(tr("No rows."), "muted")
        self.behind_nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack = QStackedWidget()
        self.pages: dict[str, QWidget] = {
            "preview": self.preview,
            "columns": self.columns,
            "words": self.words,
            "matching": self.matching,
            "problems": self.problems,
            "behind": self.behind,
            "nothing": self.behind_nothing,
        }
        for page in self.pages.values():
            self.stack.addWidget(page)
        self.add(self.stack, 1)
        self.show_before(mapped=True)

    @property
    def view(self) -> str:
        """The view that is shown."""
        return str(self.views.value)

    def show_before(self, *, mapped: bool) -> None:
        """Offer what can be looked at and corrected before the import."""
        items = [("preview", tr("Preview"))]
        if mapped:
            items.append(("columns", tr("Columns")))
        items += [
            ("words", tr("Words")),
            ("matching", tr("Matches")),
            ("problems", tr("Problems")),
        ]
        self._offer(items)

    def show_after(self, counts: Mapping[Outcome, int], problems: int) -> None:
        """Offer the records and rows behind each number of an import."""
        words = outcome_words()
        there = [o for o in SHOWN_BEHIND if counts.get(o)]
        self._offer([(o.value, words[o]) for o in there] + [("problems", tr("Problems"))])
        self.views.set_counts({o.value: counts[o] for o in there})
        self.views.set_counts({"problems": problems})
        self.views.set_value(there[0].value if there else "problems")
        self._show(self.views.value)
        self.fit()

    def _offer(self, items: list[tuple[str, str]]) -> None:
        if [chip.value for chip in self.views.chips] != [value for value, _ in items]:
            self.views.set_items(items)
            self._show(self.views.value)
            self.fit()

    def fit(self) -> None:
        """Give the chips as many lines as they need at this width."""
        room = self.width() - 38
        if room > 0:
            self.views.setFixedHeight(self.views.heightForWidth(room))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the chips follow the width."""
        super().resizeEvent(event)
        self.fit()

    def _show(self, view: object) -> None:
        page = self.pages.get(str(view), self.behind)
        self.stack.setCurrentWidget(page)
        self.view_changed.emit(str(view))
