"""One box to find any record, run any action, go anywhere (Ctrl+K)."""

from time import perf_counter
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QListView, QVBoxLayout, QWidget

from app.queries.palette import FoundRecords, find_records, ticket_of_number
from models.values import fold
from views.context import PageContext
from views.fonts import font
from views.operations import Lookup
from views.page_stack import PageStack
from views.palette.actions import Action
from views.palette.entries import (
    ALL,
    KIND_CHIPS,
    Entry,
    entries_for,
    record_actions,
)
from views.palette.list_model import PaletteDelegate, PaletteModel
from views.shared.chips import ChipRow
from views.shared.labels import IconLabel, KeyHint, Label
from views.shared.paint import draw_shadowed_card
from views.shared.text import tr, tr_n
from views.shared.text_fields import SEARCH_LIMIT
from views.theme import apply_theme, current_theme

WIDTH: Final = 680
HEIGHT: Final = 632
TOP: Final = 104
SCRIM_LIGHT: Final = QColor(16, 24, 40, 110)
SCRIM_DARK: Final = QColor(0, 0, 0, 150)
PREFIXES: Final = {">": "action", "@": "contact", "#": "ticket"}
FOOT_KEYS: Final = (
    ("↑ ↓", "move"),
    ("↵", "open"),
    ("Ctrl ↵", "open beside"),
    ("Tab", "actions"),
)
NOTHING: Final = FoundRecords((), {})


class Palette(QWidget):
    """Covers the window with a scrim and a card; every key is handled from the input."""

    def __init__(self, window: QWidget, pages: PageStack, context: PageContext) -> None:
        super().__init__(window)
        self.context, self._window, self._pages = context, window, pages
        self._found = NOTHING
        self._typed = ""
        self._subject: Entry | None = None
        self._before = window.focusWidget()
        self.setAccessibleName(tr("Find or run"))
        self.model = PaletteModel()
        self._build()
        window.installEventFilter(self)
        self._show_entries()

    @classmethod
    def open_over(
        cls, window: QWidget, pages: PageStack, context: PageContext, text: str = ""
    ) -> "Palette":
        """Open the palette, or bring the open one to the front."""
        found = window.findChild(cls)
        palette = found if found is not None else cls(window, pages, context)
        palette.setGeometry(window.rect())
        palette.show()
        palette.raise_()
        palette.input.setText(text)
        palette.input.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return palette

    # Building.

    def _build(self) -> None:
        self.card = QFrame(self)
        layout = QVBoxLayout(self.card)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        head = QWidget()
        head.setFixedHeight(58)
        head.setLayout(self._head())
        layout.addWidget(head)
        self.chips = ChipRow([(key, tr(words), None) for key, words in KIND_CHIPS])
        self.chips.value_changed.connect(self._chip_chosen)
        chips = QHBoxLayout()
        chips.setContentsMargins(20, 12, 20, 4)
        chips.addWidget(self.chips)
        chips.addStretch(1)
        layout.addLayout(chips)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(PaletteDelegate(self.list))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setAccessibleName(tr("Results"))
        self.list.viewport().setAutoFillBackground(False)
        self.list.setStyleSheet("QListView { background: transparent; border: none }")
        self.list.clicked.connect(self._clicked)
        layout.addWidget(self.list, 1)
        self.nothing = Label("", "muted")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.hide()
        layout.addWidget(self.nothing, 1)
        layout.addLayout(self._foot())

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(20, 0, 20, 0)
        row.setSpacing(12)
        self.input = QLineEdit()
        self.input.setMaxLength(SEARCH_LIMIT)
        self.input.setFrame(False)
        self.input.setFont(font(15))
        self.input.setStyleSheet("QLineEdit { border: none; background: transparent; padding: 0 }")
        self.input.setPlaceholderText(tr("Find a record, run an action, go anywhere"))
        self.input.setAccessibleName(tr("Find or run"))
        self.input.textChanged.connect(self._typed_changed)
        self.input.installEventFilter(self)
        self.timing = Label("", "small")
        row.addWidget(IconLabel("search", "muted"))
        row.addWidget(self.input, 1)
        row.addWidget(self.timing)
        row.addWidget(KeyHint(tr("Esc")))
        return row

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(20, 11, 20, 11)
        row.setSpacing(6)
        for keys, words in FOOT_KEYS:
            row.addWidget(KeyHint(keys))
            row.addWidget(Label(tr(words), "small"))
            row.addSpacing(8)
        row.addStretch(1)
        for words in (tr("> actions"), tr("@ people"), tr("# tickets")):
            row.addWidget(Label(words, "small"))
            row.addSpacing(4)
        return row

    # Searching.

    def _typed_changed(self, text: str) -> None:
        self._subject = None
        kind = PREFIXES.get(text[:1], "")
        self._typed = text[1:].strip() if kind else text.strip()
        if kind or self.chips.value in PREFIXES.values():
            self.chips.blockSignals(True)
            self.chips.set_value(kind or ALL)
            self.chips.blockSignals(False)
        if kind == "action" or len(self._typed) < 2:
            self._take(NOTHING, None)
            return
        started = perf_counter()

        def take(found: FoundRecords) -> None:
            self._take(found, (perf_counter() - started) * 1_000)

        if kind == "ticket" and self._typed.isdigit():
            Lookup(self, ticket_of_number, int(self._typed), key="find").then(take)
        else:
            kinds = [kind] if kind else None
            Lookup(self, find_records, self._typed, kinds, key="find").then(take)

    def _take(self, found: FoundRecords, milliseconds: float | None) -> None:
        self._found = found
        total = sum(found.counts.values())
        self.timing.set_text(
            ""
            if milliseconds is None
            else tr_n("{n} found in {ms} ms", "{n} found in {ms} ms", total, ms=round(milliseconds))
        )
        self.chips.set_counts(
            {**found.counts, ALL: total} if total else dict.fromkeys([k for k, _ in KIND_CHIPS], 0)
        )
        self._show_entries()

    def _chip_chosen(self, _value: object) -> None:
        self._show_entries()
        self.input.setFocus()

    def _show_entries(self) -> None:
        if self._subject is not None and self._subject.record is not None:
            entries = record_actions(self._subject.record)
        else:
            shown = str(self.chips.value or ALL)
            entries = entries_for(self._typed, self._found, shown)
        self.model.set_entries(entries, fold(self._typed).split())
        self._select(self.model.next_row(-1, 1))
        self.list.setVisible(bool(entries))
        self.nothing.setVisible(not entries)
        self.nothing.set_text(tr("Nothing found for “{text}”.", text=self._typed))

    # Choosing.

    def _select(self, row: int) -> None:
        if 0 <= row < self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(row))
            first = self.model.next_row(-1, 1) == row
            self.list.scrollTo(self.model.index(0 if first else row))

    def _current(self) -> Entry | None:
        row = self.list.currentIndex().row()
        return self.model.entries[row] if 0 <= row < len(self.model.entries) else None

    def _clicked(self, index: QModelIndex) -> None:
        self._select(index.row())
        self.run_current()

    def run_current(self, *, beside: bool = False) -> None:
        """Open the chosen record or run the chosen action."""
        entry = self._current()
        if entry is None or entry.heading:
            return
        self.dismiss()
        if entry.action is not None:
            self._run(entry.action, entry)
        elif entry.record is not None:
            self.context.open_record(entry.record.kind, entry.record.id, full=not beside)

    def _run(self, action: Action, entry: Entry) -> None:
        if action.method == "use_light_theme":
            self._use_theme("light")
        elif action.method == "use_dark_theme":
            self._use_theme("dark")
        elif action.method:
            getattr(self._window, action.method)()
        else:
            self._begin(action, entry)

    def _begin(self, action: Action, entry: Entry) -> None:
        self.context.navigate(action.page)
        page = self._pages.page
        if not action.start or page is None:
            return
        record = entry.record
        kind, record_id = (record.kind, record.id) if record is not None else (None, None)
        if page.begin(action.start, kind, record_id):
            return
        if record is not None:  # the page cannot: the record itself is the next best place
            self.context.open_record(record.kind, record.id)

    def _use_theme(self, name: str) -> None:
        from PySide6.QtWidgets import QApplication  # noqa: PLC0415 - only here

        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, name)
            self.context.settings.theme = name
            self.context.settings.save()

    def _open_actions(self) -> None:
        entry = self._current()
        if self._subject is None and entry is not None and entry.record is not None:
            self._subject = entry
            self._show_entries()
            self._select(self.model.next_row(self.model.next_row(-1, 1), 1))

    def dismiss(self) -> None:
        """Close, and give the focus back."""
        self._window.removeEventFilter(self)
        self.hide()
        self.deleteLater()
        self.setParent(None)
        if self._before is not None:
            self._before.setFocus()

    # Keys and painting.

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window's size; take the keys of the input."""
        if watched is self._window and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._window.rect())
        elif watched is self.input and isinstance(event, QKeyEvent):
            overriding = event.type() == QEvent.Type.ShortcutOverride
            if event.type() == QEvent.Type.KeyPress:
                return self._handle(event)
            if overriding and event.key() == Qt.Key.Key_Escape:
                event.accept()
        return False

    def _handle(self, event: QKeyEvent) -> bool:
        key = event.key()
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if key == Qt.Key.Key_Escape:
            self._escape()
        elif key in steps:
            step = steps[Qt.Key(key)]
            self._select(self.model.next_row(self.list.currentIndex().row(), step))
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            self.run_current(beside=bool(held))
        elif key == Qt.Key.Key_Tab:
            self._open_actions()
        else:
            return False
        return True

    def _escape(self) -> None:
        if self._subject is not None:
            self._subject = None
            self._show_entries()
        else:
            self.dismiss()

    def focusNextPrevChild(self, _forward: bool) -> bool:
        """Keep the focus inside; Tab opens the actions."""
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Close at a click beside the card."""
        if not self.card.geometry().contains(event.position().toPoint()):
            self.dismiss()

    def resizeEvent(self, _event: object) -> None:
        """Keep the card centred and inside the window."""
        width = min(WIDTH, self.width() - 48)
        height = min(HEIGHT, self.height() - TOP - 24)
        self.card.setGeometry(QRect((self.width() - width) // 2, TOP, width, height))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the scrim, the card and its lines."""
        theme, painter = current_theme(), QPainter(self)
        painter.fillRect(self.rect(), SCRIM_DARK if theme.is_dark else SCRIM_LIGHT)
        card = QRectF(self.card.geometry())
        draw_shadowed_card(painter, card)
        painter.setPen(theme.color("border"))
        left, right = int(card.left()), int(card.right()) - 1
        for y in (int(card.top()) + 58, int(card.bottom()) - 44):
            painter.drawLine(left, y, right, y)
        painter.end()
