"""The columns of a file, what each becomes, and the mapping they make together."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from app.exchange.plan import FilePlan
from app.queries.imports import MappingRow as Remembered
from views.importing.mapping_list import MappingHeader, MappingList, MappingRow, mapping_rows
from views.shared.buttons import ghost, link
from views.shared.chips import ChipRow
from views.shared.labels import IconLabel, Label
from views.shared.layout import row
from views.shared.text import tr


class ColumnsView(QWidget):
    """The mapping as a list, with a filter and a menu to keep, load and export it."""

    guess_wanted = Signal()
    save_wanted = Signal()
    export_wanted = Signal()
    load_wanted = Signal()
    mapping_chosen = Signal(object)  # a remembered mapping

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.filter = ChipRow(
            [("all", tr("All")), ("doubtful", tr("Look again")), ("out", tr("Left out"))]
        )
        self.filter.value_changed.connect(lambda _: self._show())
        self.menu_button = ghost(tr("Mapping"), "bookmark")
        self.menu_button.compact = True
        self.menu_button.setMenu(QMenu(self.menu_button))
        self.header = MappingHeader()
        self.list = MappingList()
        self.list.width_changed.connect(self.header.set_list_width)
        self.remembered = QWidget()
        self.remembered_words = Label("", "muted", elide=True)
        self.back_to_guess = link(tr("Back to the guess"))
        self.back_to_guess.clicked.connect(self.guess_wanted)
        told = row(IconLabel("history", size=16), spacing=8)
        told.addWidget(self.remembered_words, 1)
        told.addWidget(self.back_to_guess)
        told.setContentsMargins(20, 0, 16, 6)
        self.remembered.setLayout(told)
        line = row(spacing=8)
        line.addWidget(self.filter, 1)
        line.addWidget(self.menu_button)
        line.setContentsMargins(20, 0, 12, 6)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(line)
        box.addWidget(self.remembered)
        box.addWidget(self.header)
        box.addWidget(self.list, 1)
        self._plan: FilePlan | None = None
        self._rows: list[MappingRow] = []

    @property
    def doubtful(self) -> int:
        """How many columns a person should look at again."""
        return sum(row.doubtful for row in self._rows)

    def show_plan(self, plan: FilePlan) -> None:
        """Show the columns of a file."""
        self._plan, self._rows = plan, mapping_rows(plan)
        self.remembered.setVisible(bool(plan.mapped_as))
        self.remembered_words.set_text(tr("Mapped as last time: {name}", name=plan.mapped_as))
        out = sum(row.guess.field is None for row in self._rows)
        self.filter.set_counts({"all": len(self._rows), "doubtful": self.doubtful, "out": out})
        self._show()

    def show_mappings(self, mappings: Sequence[Remembered]) -> None:
        """Offer remembered mappings in the menu."""
        menu = self.menu_button.menu()
        menu.clear()
        for words, signal in (
            (tr("Save mapping as…"), self.save_wanted),
            (tr("Load mapping from a file…"), self.load_wanted),
            (tr("Export mapping…"), self.export_wanted),
            (tr("Back to the guess"), self.guess_wanted),
        ):
            action = QAction(words, menu)
            action.triggered.connect(lambda _=False, told=signal: told.emit())
            menu.addAction(action)
        if mappings:
            menu.addSeparator()
        for each in mappings:
            action = QAction(each.name.replace("&", "&&"), menu)
            action.triggered.connect(lambda _=False, chosen=each: self.mapping_chosen.emit(chosen))
            menu.addAction(action)

    def _show(self) -> None:
        if self._plan is None:
            return
        kept = {
            "doubtful": [r for r in self._rows if r.doubtful],
            "out": [r for r in self._rows if r.guess.field is None],
        }
        self.list.show_plan(self._plan, kept.get(str(self.filter.value), self._rows))
