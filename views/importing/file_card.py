"""The card of one file: what it is called, what it looks like, and how it is read."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.exchange.field_types import Shape
from app.exchange.plan import FilePlan
from views.importing.words import (
    delimiter_words,
    encoding_words,
    guess_sentence,
    kind_titles,
    rows_words,
)
from views.shared.cards import Card
from views.shared.chips import DropDown
from views.shared.format import file_size
from views.shared.labels import IconLabel, Label
from views.shared.layout import column, row
from views.shared.text import tr

_ORDERS = {"dmy": "31.12.2026", "mdy": "12/31/2026", "ymd": "2026-12-31"}


class _Guess(QWidget):
    """A guess as an editable word under its name."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.drop = DropDown(flat=True)
        self.drop.setAccessibleName(title)
        self.fact = Label("", "medium")
        self.fact.setFixedHeight(28)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(Label(title, "small"))
        box.addWidget(self.drop)
        box.addWidget(self.fact)


class FileCard(Card):
    """Shows one plan; corrections go out as `kind_chosen` and `reading_chosen`."""

    kind_chosen = Signal(str)
    reading_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, padding=16, spacing=8)
        self.name = Label("", "strong", elide=True)
        self.size_words = Label("", "muted")
        self.guess = Label("", "muted", elide=True)
        self.kind = _Guess(tr("Rows are"))
        self.sheet = _Guess(tr("Sheet"))
        self.encoding = _Guess(tr("Text"))
        self.delimiter = _Guess(tr("Columns by"))
        self.header_line = _Guess(tr("Header"))
        self.dates = _Guess(tr("Dates"))
        self.dates.drop.hide()
        mark = IconLabel("file-up", size=20, tone="good", box=40)
        words = column(row(self.name, self.size_words, None, spacing=10), self.guess, spacing=2)
        facts = row(
            self.kind, self.sheet, self.encoding, self.delimiter, self.header_line, self.dates,
            spacing=20,
        )  # fmt: skip
        line = row(mark, spacing=14)
        line.addLayout(words, 1)
        line.addLayout(facts)
        self.add(line)
        self._plan: FilePlan | None = None
        self.kind.drop.value_changed.connect(self._choose_kind)
        self.sheet.drop.value_changed.connect(lambda v: self._choose("sheet", v))
        self.encoding.drop.value_changed.connect(lambda v: self._choose("encoding", v))
        self.delimiter.drop.value_changed.connect(lambda v: self._choose("delimiter", v))
        self.header_line.drop.value_changed.connect(lambda v: self._choose("header_row", v))

    def show_plan(self, plan: FilePlan) -> None:
        """Show a file."""
        self._plan = None  # what is set below is no choice of the person
        dialect = plan.table.dialect
        self.name.set_text(plan.path.name)
        try:
            size = file_size(plan.path.stat().st_size)
        except OSError:
            size = ""
        self.size_words.set_text(", ".join(part for part in (rows_words(plan.rows), size) if part))
        self.guess.set_text(guess_sentence(plan))
        self.kind.drop.set_items(kind_titles())
        self.kind.drop.set_value(plan.kind)
        is_text = dialect.format == "csv" and not plan.stated
        for part in (self.encoding, self.delimiter):
            part.setVisible(is_text)
        if is_text:
            known = encoding_words()
            if dialect.encoding not in {value for value, _ in known}:
                known.append((dialect.encoding, dialect.encoding))
            self.encoding.drop.set_items(known)
            self.encoding.drop.set_value(dialect.encoding)
            self.delimiter.drop.set_items(delimiter_words())
            self.delimiter.drop.set_value(dialect.delimiter)
        self._show_sheets(plan)
        self.header_line.setVisible(not plan.stated)
        lines = sorted({0, *range(1, 11), dialect.header_row})
        self.header_line.drop.set_items(
            [(n, tr("line {n}", n=n) if n else tr("none")) for n in lines]
        )
        self.header_line.drop.set_value(dialect.header_row)
        self.header_line.fact.hide()
        for part in (self.kind, self.sheet, self.encoding, self.delimiter):
            part.fact.hide()
        self.kind.drop.setEnabled(not plan.stated)
        order = _date_order(plan)
        self.dates.setVisible(order is not None)
        self.dates.fact.set_text(_ORDERS.get(order or "", ""))
        self._plan = plan

    def set_narrow(self, narrow: bool) -> None:
        """Leave out the facts that are seldom corrected where there is little room."""
        for part in (self.encoding, self.header_line):
            part.setMaximumWidth(0 if narrow else 16_777_215)

    def _choose_kind(self, kind: object) -> None:
        if self._plan is not None and isinstance(kind, str) and kind != self._plan.kind:
            self.kind_chosen.emit(kind)

    def _choose(self, key: str, value: object) -> None:
        if self._plan is not None and getattr(self._plan.table.dialect, key) != value:
            dialect = self._plan.table.dialect
            chosen = {"encoding": dialect.encoding, "delimiter": dialect.delimiter}
            if dialect.sheet and key != "sheet":
                chosen["sheet"] = dialect.sheet
            self.reading_chosen.emit(chosen | {key: value})

    def _show_sheets(self, plan: FilePlan) -> None:
        """Offer the sheets of a workbook, hidden ones by name too."""
        sheets = getattr(plan.table.raw, "sheets", ())
        self.sheet.setVisible(len(sheets) > 1)
        self.sheet.drop.set_items(
            [
                (name, name if visible else tr("{sheet} (hidden)", sheet=name))
                for name, visible in sheets
            ]
        )
        self.sheet.drop.set_value(plan.table.dialect.sheet)


def _date_order(plan: FilePlan) -> str | None:
    from app.exchange.fields import KINDS  # noqa: PLC0415  data of the other room, only here

    kind = KINDS[plan.kind]
    for column_ in plan.guess.columns:
        if column_.field is not None and kind.field(column_.field).shape in {
            Shape.DATE,
            Shape.MOMENT,
        }:
            return plan.formats[column_.index].dates.order
    return None
