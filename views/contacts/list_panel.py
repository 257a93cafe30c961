"""The list of people, or of companies: saved views, the filter sentence, bulk bar and table."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QMenu, QVBoxLayout, QWidget

from app.changes import Changes
from app.commands.saved_views import change_view, remove_view, save_view
from app.queries.companies import CompanyFilter, company_count, company_ids, company_rows
from app.queries.contacts import ContactFilter, contact_count, contact_ids, contact_rows
from app.queries.filter_parts import filter_from_json, filter_to_json
from app.queries.saved_views import ViewRow, saved_views
from views.contacts.bulk_bar import BulkBar
from views.contacts.columns import COMPANY_KINDS, CONTACT_KINDS, company_columns, contact_columns
from views.contacts.contact_properties import Choices
from views.contacts.filter_bar import FilterBar
from views.contacts.record_view import read_choices
from views.context import PageContext
from views.operations import Lookup, Operation
from views.shared.buttons import Button, IconButton
from views.shared.cards import Card, EmptyState
from views.shared.chips import ChipRow
from views.shared.export_records import ask_export
from views.shared.record_table import RecordTableModel
from views.shared.record_table_view import RecordTableView, Selection
from views.shared.text import tr

ALL: Final = 0


class ListPanel(QWidget):
    """One of the two lists; `selected` tells one id or None, `opened` asks for full width."""

    selected = Signal(object)
    opened = Signal(object)
    counted = Signal(object, object)  # shown, all
    new_wanted = Signal()
    import_wanted = Signal()
    demo_wanted = Signal()

    def __init__(self, context: PageContext, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context, self.kind = context, kind
        self._views: dict[int, ViewRow] = {}
        self._total = 0
        person = kind == "contact"
        columns: Any = (contact_columns if person else company_columns)(context.currency)
        self.model: RecordTableModel[Any] = RecordTableModel(
            columns,
            contact_ids if person else company_ids,
            contact_rows if person else company_rows,
            self,
            filter=ContactFilter() if person else CompanyFilter(),
            kinds=CONTACT_KINDS if person else COMPANY_KINDS,
        )
        self.filters = FilterBar(kind)
        self.filters.filter_changed.connect(self._filter)
        self.bulk = BulkBar(kind)
        self.table = RecordTableView(self.model, name=tr("People") if person else tr("Companies"))
        self._build()
        self._connect()

    def _build(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(10)
        self.views = ChipRow([(ALL, self._all_word())])
        self.views.value_changed.connect(self._choose_view)
        self.view_menu = IconButton("ellipsis", tr("Saved views"), size=28, icon_size=16)
        self.view_menu.clicked.connect(self._open_view_menu)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.views, 1)
        columns = Button(tr("Columns"), "columns-3", "ghost", compact=True)
        columns.clicked.connect(lambda: self._popup(self.table.column_menu(), columns))
        line.addWidget(columns)
        export = Button(tr("Export"), "download", "ghost", compact=True)
        export.clicked.connect(lambda: ask_export(self, self.kind, self.model.all_ids()))
        line.addWidget(export)
        line.addWidget(self.view_menu)
        box.addLayout(line)
        box.addWidget(self.filters)
        card = Card(padding=0, spacing=0)
        card.body.setContentsMargins(1, 1, 1, 1)
        card.add(self.bulk)
        card.add(self.table, 1)
        box.addWidget(card, 1)
        self._build_empty()

    def _build_empty(self) -> None:
        person = self.kind == "contact"
        self.empty = EmptyState(
            "users" if person else "building-2",
            tr("Everybody you do business with, in one list")
            if person
            else tr("Every company you do business with"),
            tr(
                "Read the people from a file, or add the first one. "
                "Calls, mails and deals then gather around them."
            ),
            (tr("Import"), "upload"),
            (tr("New contact") if person else tr("New company"), "plus"),
            tr("Only looking? {link} or drop a file anywhere here"),
            tr("Try the demo"),
            "Ctrl N",
        )
        self.empty.primary_clicked.connect(self._empty_primary)
        self.empty.secondary_clicked.connect(self.new_wanted)
        self.empty.footer_clicked.connect(self.demo_wanted)
        self.nothing = EmptyState(
            "search-x",
            tr("Nobody fits this filter") if person else tr("No company fits this filter"),
            tr("Take a condition away, or clear the whole filter."),
            tr("Clear the filter"),
        )
        self.nothing.primary_clicked.connect(self.clear_filter)
        self.table.set_empty_state(self.empty)

    def _connect(self) -> None:
        self.table.record_selected.connect(self.selected)
        self.table.record_activated.connect(self.opened)
        self.table.selection_changed.connect(self._show_selection)
        self.table.menu_requested.connect(self._row_menu)
        self.bulk.select_all_wanted.connect(self.table.select_everything)
        self.bulk.closed.connect(self.table.clearSelection)
        self.bulk.export_wanted.connect(self._export_selection)
        self.model.loaded.connect(self._loaded)
        self._count_soon = QTimer(self)
        self._count_soon.setSingleShot(True)
        self._count_soon.setInterval(50)
        self._count_soon.timeout.connect(self._count)

    def _all_word(self) -> str:
        return tr("All people") if self.kind == "contact" else tr("All companies")

    # Loading.

    def refresh(self, changes: Changes | None) -> None:
        """Show what changed; None reads everything."""
        if changes is None or changes.touches("user", "tag", "lead_source"):
            Lookup(self, read_choices, key="choices").then(self._take_choices)
        if changes is None or changes.touches("saved_view"):
            Lookup(self, saved_views, self.page_key, self.context.user_id, key="views").then(
                self._take_views
            )
        self.model.refresh(changes)
        self._count_soon.start()

    @property
    def page_key(self) -> str:
        """Under which name the views of this list are kept."""
        return "contacts" if self.kind == "contact" else "companies"

    def _take_choices(self, choices: Choices) -> None:
        self.filters.set_choices(choices, self.context.user_id)
        self.bulk.set_choices(choices)

    def _count(self) -> None:
        query: Callable[..., int] = contact_count if self.kind == "contact" else company_count
        Lookup(self, query, key="count").then(self._take_count)

    def _take_count(self, total: int) -> None:
        self._total = total
        self.counted.emit(self.model.total, total)
        self._choose_empty()

    def _loaded(self, shown: object) -> None:
        self.counted.emit(shown, self._total)
        self._choose_empty()

    def _choose_empty(self) -> None:
        wanted = self.empty if self.is_unfiltered and not self._total else self.nothing
        other = self.nothing if wanted is self.empty else self.empty
        other.hide()
        self.table.set_empty_state(wanted)

    @property
    def is_unfiltered(self) -> bool:
        """Whether everything is let through."""
        return not filter_to_json(self.filters.filter)

    # Filter.

    def _filter(self, chosen: object) -> None:
        self.table.clearSelection()
        self.model.set_filter(chosen)

    def set_text(self, text: str) -> None:
        """Narrow to what has these words."""
        self.filters.change(text=text)

    def set_filter(self, chosen: ContactFilter | CompanyFilter) -> None:
        """Show what a filter lets through."""
        self.filters.set_filter(chosen)
        self._filter(chosen)

    def clear_filter(self) -> None:
        """Show everything."""
        self.filters.clear()

    # Saved views.

    def _take_views(self, rows: list[ViewRow]) -> None:
        self._views = {row.id: row for row in rows}
        self.views.set_items([(ALL, self._all_word()), *((row.id, row.name) for row in rows)])

    def _choose_view(self, view_id: int) -> None:
        view = self._views.get(view_id)
        self._apply(view.definition if view is not None else {})

    def _apply(self, definition: Mapping[str, Any]) -> None:
        kind: Any = ContactFilter if self.kind == "contact" else CompanyFilter
        self.set_filter(filter_from_json(kind, definition.get("filter", {})))
        if definition.get("table"):
            self.table.restore_state(dict(definition["table"]))

    def definition(self) -> dict[str, Any]:
        """Return filter, columns and order as they are kept."""
        return {"filter": filter_to_json(self.filters.filter), "table": self.table.save_state()}

    def save_as(self, name: str, *, everybody: bool = False) -> None:
        """Keep the present filter, columns and order under a name."""
        Operation(
            self,
            "Save view",
            save_view,
            page=self.page_key,
            name=name,
            definition=self.definition(),
            everybody=everybody,
        ).toast(tr("View saved"), name)

    def _open_view_menu(self) -> None:
        menu = QMenu(self)
        menu.addAction(tr("Save as a view…"), partial(self._ask_name, everybody=False))
        menu.addAction(tr("Save for everybody…"), partial(self._ask_name, everybody=True))
        view_id = self.views.value
        if view_id in self._views:
            name = self._views[view_id].name
            menu.addSeparator()
            menu.addAction(
                tr("Keep this in “{name}”", name=name),
                lambda: Operation(
                    self, "Change view", change_view, view_id=view_id, definition=self.definition()
                ).toast(tr("View saved"), name),
            )
            menu.addAction(
                tr("Remove “{name}”", name=name),
                lambda: Operation(self, "Remove view", remove_view, view_id=view_id).toast(
                    tr("View removed"), name
                ),
            )
        self._popup(menu, self.view_menu)

    def _ask_name(self, *, everybody: bool) -> None:
        name, agreed = QInputDialog.getText(self, tr("Save view"), tr("Name of the view"))
        if agreed and name.strip():
            self.save_as(name, everybody=everybody)

    @staticmethod
    def _popup(menu: QMenu, under: QWidget) -> None:
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(under.mapToGlobal(under.rect().bottomLeft()))

    # Rows.

    def _show_selection(self, selection: Selection) -> None:
        self.bulk.show_selection(selection, self.model.total)

    def _row_menu(self, selection: Selection, place: QPoint) -> None:
        self.bulk.show_selection(selection, self.model.total)
        menu = QMenu(self)
        if selection.count == 1:
            record_id = selection.ids[0]
            menu.addAction(tr("Open at full width"), lambda: self.opened.emit(record_id))
            menu.addSeparator()
        for button in self.bulk.buttons.values():
            if not button.isHidden():
                menu.addAction(f"{button.text()}…", button.click)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def _export_selection(self) -> None:
        chosen = self.table.selection()
        ask_export(self, self.kind, self.model.all_ids() if chosen.everything else chosen.ids)

    def _empty_primary(self) -> None:
        self.import_wanted.emit()

    # State.

    def save_state(self) -> dict[str, Any]:
        """Return what comes back at the next start."""
        return {**self.definition(), "view": str(self.views.value or ALL)}

    def restore_state(self, state: Mapping[str, Any]) -> None:
        """Take back what `save_state` returned."""
        self._apply(state)
