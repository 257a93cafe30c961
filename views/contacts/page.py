"""The Contacts page: people and companies as lists, details beside them."""

from functools import cached_property
from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.changes import Changes
from app.queries.companies import CompanyFilter
from app.queries.contacts import ContactFilter
from views.contacts.list_panel import ListPanel
from views.contacts.new_dialogs import NewCompanyDialog, NewContactDialog
from views.contacts.pane import DetailsPane
from views.contacts.record_view import KINDS
from views.context import PageContext
from views.shared.buttons import primary, secondary
from views.shared.cards import PageHeader
from views.shared.chips import ChipRow
from views.shared.fields import SearchField
from views.shared.format import number
from views.shared.page import Page
from views.shared.text import tr, tr_n

PANE_WIDTH = 340
_KINDS = ("contact", "company")
_SECTIONS = {"people": "contact", "companies": "company"}


class ContactsPage(Page):
    """Find, choose, edit in place; Enter opens at full width."""

    kinds: ClassVar[tuple[str, ...]] = (*KINDS, "saved_view", "stage_change", "ticket_message")

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 24)
        box.setSpacing(12)
        box.addWidget(self._build_header())
        body = QHBoxLayout()
        body.setSpacing(16)
        self.stack = QStackedWidget()
        self._lists: dict[str, ListPanel] = {}
        self._kept: dict[str, Any] = {}  # states of lists that are not built yet
        self._body = body
        body.addWidget(self.stack, 1)
        box.addLayout(body, 1)
        self.list_of(self.kind)
        self._seen: set[str] = set()
        self._wanted: int | None = None

    # Built when first needed: together they take a third of the time until the list is seen.

    def list_of(self, kind: str) -> ListPanel:
        """Return the list of a kind: contact or company."""
        if kind not in self._lists:
            panel = self._lists[kind] = ListPanel(self.context, kind)
            self.stack.addWidget(panel)
            self._connect(kind, panel)
            if kind in self._kept:
                panel.restore_state(self._kept[kind])
        return self._lists[kind]

    @cached_property
    def pane(self) -> DetailsPane:
        """The details beside the list."""
        pane = DetailsPane(self.context)
        pane.setFixedWidth(self._pane_width())
        pane.closed.connect(self.close_pane)
        pane.hide()
        self._body.addWidget(pane)
        return pane

    @property
    def has_pane(self) -> bool:
        """Whether details are shown."""
        return "pane" in self.__dict__ and not self.pane.isHidden()

    def _pane_width(self) -> int:
        return PANE_WIDTH if self.width() > 1000 else 312

    def _build_header(self) -> PageHeader:
        self.header = PageHeader(tr("Contacts"), " ")
        self.kind_switch = ChipRow([("contact", tr("People")), ("company", tr("Companies"))])
        self.kind_switch.value_changed.connect(self._switch)
        self.header.add_left(self.kind_switch)
        self.header.left.addStretch(1)
        self.search = SearchField(tr("Find in this list"), "Ctrl F")
        self.search.setFixedWidth(230)
        self.search.text_changed.connect(self._search)
        self.importer = secondary(tr("Import"), "upload")
        self.importer.clicked.connect(lambda: self.context.navigate("import"))
        self.new_button = primary(tr("New contact"), "plus")
        self.new_button.clicked.connect(self.new_record)
        for widget in (self.search, self.importer, self.new_button):
            self.header.add_action(widget)
        return self.header

    def _connect(self, kind: str, panel: ListPanel) -> None:
        panel.selected.connect(self._select)
        panel.opened.connect(lambda rid: self._open_full(kind, rid))
        panel.counted.connect(lambda shown, total: self._tell_count(kind, shown, total))
        panel.new_wanted.connect(self.new_record)
        panel.import_wanted.connect(lambda: self.context.navigate("import"))
        panel.demo_wanted.connect(lambda: self.context.navigate("today", demo=True))

    @property
    def kind(self) -> str:
        """Which list is shown: contact or company."""
        return str(self.kind_switch.value)

    @property
    def panel(self) -> ListPanel:
        """The list that is shown."""
        return self.list_of(self.kind)

    # Page.

    def refresh(self, changes: Changes | None) -> None:
        """Show what changed; the hidden list is read again when it is shown."""
        if changes is None:
            self._seen = {self.kind}
            self.panel.refresh(None)
            return
        for kind in self._seen:
            self.list_of(kind).refresh(changes)
        if self.has_pane:
            self.pane.refresh(changes)

    def arrive(self, kind: str | None, record_id: int | None, **state: Any) -> None:
        """Show a record beside its list, or what a filter lets through."""
        chosen = state.get("filter")
        wanted = "company" if isinstance(chosen, CompanyFilter) else kind
        wanted = _SECTIONS.get(str(state.get("section")), wanted)
        if wanted in _KINDS and wanted != self.kind:
            self.kind_switch.set_value(wanted)
        if isinstance(chosen, ContactFilter | CompanyFilter):
            self.panel.set_filter(chosen)
        if state.get("new"):
            self.new_record()
        if record_id is not None and kind in _KINDS:
            self.show_record(kind, record_id)

    def show_record(self, kind: str, record_id: int) -> None:
        """Show a record in the pane, selected in the list when it is there."""
        self._wanted = None if self.panel.table.select_id(record_id) else record_id
        self._show_pane(kind, record_id)

    def new_record(self) -> None:
        """Open the quick form."""
        person = self.kind == "contact"
        dialog: NewContactDialog | NewCompanyDialog = (
            NewContactDialog(self.context, self) if person else NewCompanyDialog(self.context, self)
        )
        kind = self.kind
        dialog.created.connect(lambda rid: self.show_record(kind, rid))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def focus_filter(self) -> None:
        """Put the cursor into the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def save_state(self) -> dict[str, Any]:
        """Return kind, filters, columns and selection."""
        record = self.pane.source.record_id if self.has_pane else None
        return {
            "kind": self.kind,
            "record": str(record) if record is not None else None,
            "lists": self._kept | {kind: p.save_state() for kind, p in self._lists.items()},
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take back what `save_state` returned."""
        for kind, kept in (state.get("lists") or {}).items():
            if kind in _KINDS and isinstance(kept, dict):
                self._kept[kind] = kept
                if kind in self._lists:
                    self._lists[kind].restore_state(kept)
        if state.get("kind") in _KINDS:
            self.kind_switch.set_value(state["kind"])
        self.search.set_text(self.panel.filters.filter.text)
        if state.get("record"):
            self.show_record(self.kind, int(state["record"]))

    # Lists.

    def _switch(self, kind: str) -> None:
        self.close_pane()
        self.stack.setCurrentWidget(self.list_of(kind))
        self.new_button.setText(tr("New contact") if kind == "contact" else tr("New company"))
        self.new_button.updateGeometry()
        self.search.set_text(self.panel.filters.filter.text)
        if self._loaded and kind not in self._seen:
            self._seen.add(kind)
            self.panel.refresh(None)
        else:
            self._tell_count(kind, self.panel.model.total, None)

    def _search(self, text: str) -> None:
        self.panel.set_text(text.strip())

    def _tell_count(self, kind: str, shown: object, total: object) -> None:
        if kind != self.kind or not isinstance(shown, int):
            return
        word = (
            ("{n} person", "{n} people") if kind == "contact" else ("{n} company", "{n} companies")
        )
        everything = total if isinstance(total, int) else shown
        text = tr_n(word[0], word[1], everything)
        if shown != everything:
            text = tr("{all} · {shown} shown", all=text, shown=number(shown))
        self.header.set_subtitle(text)
        if self._wanted is not None and self.panel.table.select_id(self._wanted):
            self._wanted = None

    # Pane.

    def _select(self, record_id: object) -> None:
        if isinstance(record_id, int):
            self._show_pane(self.kind, record_id)
        elif self.panel.table.selection().count != 1 and self._wanted is None:
            self.close_pane()

    def _show_pane(self, kind: str, record_id: int) -> None:
        self.pane.show_record(kind, record_id)
        self.pane.show()

    def close_pane(self) -> None:
        """Give the list the whole width."""
        if self.has_pane:
            self.pane.hide()
        self._wanted = None

    def _open_full(self, kind: str, record_id: object) -> None:
        if isinstance(record_id, int):
            self.context.navigate(
                kind, kind, record_id, ids=tuple(self._neighbours(record_id)), place=self._place()
            )

    def _neighbours(self, record_id: int) -> list[int]:
        """Return the ids around a record, for going to the next and the previous one."""
        model = self.panel.model
        row = model.row_of(record_id)
        if row < 0:
            return [record_id]
        return list(model.ids_between(max(0, row - 250), min(model.total - 1, row + 250)))

    def _place(self) -> str:
        view = self.panel.views
        chip = next((chip for chip in view.chips if chip.isChecked()), None)
        return chip.text() if chip is not None else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes the pane."""
        if event.key() == Qt.Key.Key_Escape and self.has_pane:
            self.close_pane()
            self.panel.table.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make the pane narrower in a narrow window."""
        super().resizeEvent(event)
        if "pane" in self.__dict__:
            self.pane.setFixedWidth(self._pane_width())
        self.importer.setVisible(self.width() > 900)
