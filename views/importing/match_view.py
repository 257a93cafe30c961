"""How records are found again, what a row may do to them, and the differences to be decided."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.exchange.fields import KINDS
from app.exchange.plan import FilePlan, MatchBy, OnMatch, Taking
from app.exchange.state import Difference
from views.importing.choice_list import Choice, ChoiceList, Option
from views.importing.words import field_label
from views.shared.buttons import secondary
from views.shared.chips import Chip, ChipRow
from views.shared.conflict_words import label_of
from views.shared.format import number
from views.shared.labels import Divider, Label
from views.shared.layout import FlowBox, row
from views.shared.text import NBHY, tr, tr_n

UNDECIDED: Final = ""
STORED: Final = "stored"
FILE: Final = "file"
_PERSONAL: Final = frozenset({"contact", "company", "user"})


def match_words() -> dict[MatchBy, str]:
    """Return by what a record can be found again."""
    return {
        MatchBy.ID: tr("Other system's id"),
        MatchBy.EMAIL: tr(f"E{NBHY}mail"),
        MatchBy.PHONE: tr("Phone"),
        MatchBy.NAME: tr("Name with company"),
    }


def on_match_words() -> dict[OnMatch, tuple[str, str]]:
    """Return what becomes of a record that is there already: a title and what it means."""
    return {
        OnMatch.FILE: (
            tr("File wins"),
            tr("Values of the file replace what is stored; what the file leaves empty stays."),
        ),
        OnMatch.FILL: (
            tr("Fill blanks"),
            tr("Only fields that are empty are filled; nothing that is stored changes."),
        ),
        OnMatch.NEWEST: (
            tr("Newest wins"),
            tr("The file wins where its row, or the file, is newer than the stored record."),
        ),
        OnMatch.ASK: (
            tr("Ask me"),
            tr("Blanks are filled; where both say something, you decide row by row below."),
        ),
    }


class MatchView(QWidget):
    """Tells `taking_chosen` with the whole of what was chosen."""

    taking_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        head = QWidget()
        inner = QVBoxLayout(head)
        inner.setContentsMargins(20, 16, 20, 16)
        inner.setSpacing(8)
        inner.addWidget(Label(tr("A record is the same when this agrees"), "section"))
        self.by: dict[MatchBy, Chip] = {}
        for by, words in match_words().items():
            chip = Chip(words, value=by)
            chip.toggled.connect(lambda _on: self._choose())
            self.by[by] = chip
        inner.addWidget(FlowBox(*self.by.values(), spacing=6))
        inner.addSpacing(8)
        inner.addWidget(Label(tr("What a row does to a record that is there"), "section"))
        titles = on_match_words()
        self.on_match = ChipRow([(how, title) for how, (title, _) in titles.items()])
        self.on_match.value_changed.connect(lambda _value: self._choose())
        inner.addWidget(self.on_match)
        self.meaning = Label("", "muted", wrap=True)
        inner.addWidget(self.meaning)
        box.addWidget(head)
        box.addWidget(Divider())
        box.addWidget(self._build_decisions(), 1)
        box.addStretch(0)  # takes the room while nothing is to be decided
        self._taking = Taking()
        self._rows: tuple[int, ...] = ()
        self._plan: FilePlan | None = None

    def _build_decisions(self) -> QWidget:
        self.decisions = QWidget()
        inner = QVBoxLayout(self.decisions)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        self.count = Label("", "strong", elide=True)
        self.take_all = secondary(tr("Take all from the file"))
        self.keep_all = secondary(tr("Keep all"))
        self.take_all.clicked.connect(lambda: self._decide_all(file_wins=True))
        self.keep_all.clicked.connect(lambda: self._decide_all(file_wins=False))
        line = row(spacing=8)
        line.setContentsMargins(20, 10, 20, 10)
        line.addWidget(self.count, 1)
        line.addWidget(self.keep_all)
        line.addWidget(self.take_all)
        inner.addLayout(line)
        self.list = ChoiceList(tr("Differences to decide"))
        self.list.decided.connect(self._decide)
        inner.addWidget(self.list, 1)
        return self.decisions

    def show_plan(self, plan: FilePlan, differences: Mapping[int, Sequence[Difference]]) -> None:
        """Show what was chosen for a file, and by row the differences that were found."""
        self._plan = None  # what is set below is no choice of the person
        taking = self._taking = plan.taking
        for by, chip in self.by.items():
            chip.setChecked(by in taking.match_by)
            chip.setVisible(by in {MatchBy.ID, MatchBy.NAME} or plan.kind in _PERSONAL)
        self.on_match.set_value(taking.on_match)
        self.meaning.set_text(on_match_words()[taking.on_match][1])
        asks = taking.on_match is OnMatch.ASK
        self.decisions.setVisible(asks)
        rows = [_row(taking, number_, each) for number_, each in differences.items()]
        left = sum(number_ not in taking.decisions for number_ in differences)
        self.count.set_text(
            tr_n("{n} row to decide", "{n} rows to decide", left)
            if rows
            else tr("No row differs from what is stored.")
        )
        for button in (self.keep_all, self.take_all):
            button.setVisible(bool(rows))
        self.list.setVisible(bool(rows))
        self.list.show_rows(rows)
        self._rows = tuple(differences)
        self._plan = plan

    def _choose(self) -> None:
        if self._plan is None:
            return
        by = frozenset(by for by, chip in self.by.items() if chip.isChecked())
        how = self.on_match.value
        self.meaning.set_text(on_match_words()[how][1])
        self._tell(replace(self._taking, match_by=by, on_match=how))

    def _decide(self, key: object, value: object) -> None:
        if not isinstance(key, int):
            return
        decisions = {row: wins for row, wins in self._taking.decisions.items() if row != key}
        if value != UNDECIDED:
            decisions[key] = value == FILE
        self._tell(replace(self._taking, decisions=decisions))

    def _decide_all(self, *, file_wins: bool) -> None:
        self._tell(replace(self._taking, decisions=dict.fromkeys(self._rows, file_wins)))

    def _tell(self, taking: Taking) -> None:
        self._taking = taking
        self.taking_chosen.emit(taking)


def _row(taking: Taking, number_: int, each: Sequence[Difference]) -> Choice:
    note = " · ".join(_words(difference) for difference in each)
    options: tuple[Option, ...] = (
        (UNDECIDED, tr("Not decided: keep")),
        (STORED, tr("Keep what is stored")),
        (FILE, tr("Take the file's")),
    )
    decided = taking.decisions.get(number_)
    value = UNDECIDED if decided is None else FILE if decided else STORED
    title = each[0].title or tr("row {n}", n=number(number_))
    return Choice(
        number_, title, note, tr("row {n}", n=number(number_)), value, options,
        doubtful=decided is None,
    )  # fmt: skip


def _words(difference: Difference) -> str:
    known = KINDS.get(difference.kind)
    key = difference.field.removesuffix("_id").removesuffix("_minor")
    is_field = known is not None and key in known.fields
    label = field_label(difference.kind, key) if is_field else label_of(difference.field)
    return f"{label}: {difference.stored} → {difference.given}"
