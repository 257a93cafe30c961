"""The parts of the import page and where they stand."""

from typing import ClassVar

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from views.context import PageContext
from views.importing.file_card import FileCard
from views.importing.footer import Footer
from views.importing.outcome_cards import CountsCard, ProblemsCard
from views.importing.steps import Steps
from views.importing.work import ImportWork
from views.importing.work_card import WorkCard
from views.shared.buttons import ghost
from views.shared.cards import EmptyState, PageHeader
from views.shared.chips import ChipRow
from views.shared.labels import Label
from views.shared.layout import row
from views.shared.page import Page
from views.shared.text import tr


def welcome() -> tuple[str, str]:
    """Return what the page says before there is a file: a title and an explanation."""
    return tr("Bring your data in"), tr(
        "Tables, people, mail, calendars, orders and tickets, from any program. You see what "
        "each row becomes before anything is written, and one click takes it all back."
    )


class ImportLayout(Page):
    """The page without what it does: header, first question, cards, foot."""

    kinds: ClassVar[tuple[str, ...]] = ("import_batch",)

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.work = ImportWork(context, self)
        self._build()

    def _build(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 18, 24, 24)
        box.setSpacing(16)
        self.header = PageHeader(tr("Import"), back=tr("Contacts"))
        self.header.back_clicked.connect(self.context.back)
        self.earlier = ghost(tr("Earlier imports"), "history")
        self.earlier.clicked.connect(lambda: self.context.navigate("imports"))
        self.steps = Steps()
        self.header.add_action(self.earlier)
        self.header.add_action(self.steps)
        box.addWidget(self.header)
        self.stack = QStackedWidget()
        self.empty = EmptyState(
            "upload", *welcome(),
            primary=(tr("Choose files"), "folder-open"),
            secondary=(tr("Paste a table"), "clipboard-paste"),
            footer=tr("or drop files anywhere in the window, or {link}"),
            footer_link=tr("choose a mail folder"),
        )  # fmt: skip
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
        self.files = ChipRow()
        self.file_card = FileCard()
        for part in (self.notice, self.files, self.file_card):
            box.addWidget(part)
        middle = row(spacing=16)
        middle.addWidget(self._build_card(), 1)
        self.side = QWidget()
        side = QVBoxLayout(self.side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(16)
        self.counts = CountsCard()
        self.problems = ProblemsCard()
        self.problems.show_all.connect(lambda: self.views.set_value("problems"))
        side.addWidget(self.counts)
        side.addWidget(self.problems)
        side.addStretch(1)
        middle.addWidget(self.side)
        box.addLayout(middle, 1)
        self.footer = Footer()
        self.promise, self.progress = self.footer.promise, self.footer.progress
        self.go, self.undo = self.footer.go, self.footer.undo
        self.rejects = self.footer.rejects
        self.progress.cancelled.connect(self.work.cancel)
        box.addWidget(self.footer)
        return wizard

    def _build_card(self) -> QWidget:
        self.card = WorkCard()
        self.views, self.mapping = self.card.views, self.card.columns.list
        self.preview, self.grid = self.card.preview, self.card.problems.grid
        return self.card

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold what can be had elsewhere where there is little room."""
        super().resizeEvent(event)
        narrow, short = self.width() < 1_000, self.height() < 820
        self.side.setFixedWidth(248 if narrow else 312)
        self.file_card.set_narrow(narrow)
        self.fold_header()
        self.problems.setVisible(not short)  # the chip "Problems" has them all

    def fold_header(self) -> None:
        """Leave out the way to earlier imports where a long title needs the room."""
        self.earlier.setVisible(self.width() >= 1_000 or self.stack.currentIndex() == 0)
