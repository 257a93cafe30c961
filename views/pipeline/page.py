"""The Pipeline tab: the board or the table of the same deals, with one deal beside it."""

from dataclasses import fields, replace
from functools import partial
from typing import Any, ClassVar

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.changes import Changes
from app.queries.board import Board
from app.queries.deal_details import StageStep, deal_parties
from app.queries.deal_movers import Mover
from app.queries.deals import DealFilter, DealRow, deal_ids, deal_rows
from models.values import StageType
from views.context import PageContext
from views.operations import Lookup
from views.pipeline.board import BoardView
from views.pipeline.board_loader import BoardLoader
from views.pipeline.columns import COLUMNS
from views.pipeline.deal_actions import StageMenu, add_action
from views.pipeline.deal_pane import WIDTH, DealPane
from views.pipeline.deal_source import KINDS
from views.pipeline.deals_out import export_deals, stage_step, whole_actions
from views.pipeline.empty_pipeline import EmptyPipeline
from views.pipeline.filter_bar import FilterBar
from views.pipeline.moves import DealMover
from views.pipeline.new_deal import NewDealDialog
from views.pipeline.words import board_words
from views.shared.buttons import IconButton, primary
from views.shared.cards import Card, EmptyState, PageHeader
from views.shared.chips import DropDown
from views.shared.page import Page
from views.shared.record_table import RecordTableModel
from views.shared.record_table_view import RecordTableView
from views.shared.text import tr

_FILTER_FIELDS = frozenset(field.name for field in fields(DealFilter))


class PipelinePage(Page):
    """Kanban and table over one filter; drag, keys, menus and the pane all move deals alike."""

    kinds: ClassVar[tuple[str, ...]] = KINDS

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._board: Board | None = None
        self._wanted: int | None = None
        self._everywhere = False  # the deals behind a figure may be of any pipeline
        self.dialog: NewDealDialog | None = None
        self.mover = DealMover(self)
        self.mover.refused.connect(partial(self._load_board, force=True))
        self.mover.moved.connect(lambda _ids: self._load_board())
        self.loader = BoardLoader(context, self)
        self.loader.arrived.connect(self._take_board)
        self.board_view = BoardView(context)
        self.filters = FilterBar()
        self.filters.changed.connect(self._on_filter)
        self.pane = DealPane(context)
        self.pane.setFixedWidth(WIDTH)
        self.pane.hide()
        self.pane.closed.connect(self.close_pane)
        self.pane.opened.connect(self._open_full)
        self.table_model: RecordTableModel[DealRow] = RecordTableModel(
            COLUMNS,
            deal_ids,
            deal_rows,
            self,
            filter=DealFilter(),
            sort="expected_close",
            kinds=("deal", "stage", "task", "appointment", "activity", "deal_line"),
        )
        self.table = RecordTableView(self.table_model, name=tr("Deals"))
        self._make_header()
        self._lay_out()
        self._connect()

    def _make_header(self) -> None:
        self.header = PageHeader(tr("Pipeline"))
        self.pipelines = DropDown(icon="handshake")
        self.board_button = IconButton("square-kanban", tr("As a board"), bordered=True)
        self.table_button = IconButton("list", tr("As a table"), bordered=True)
        for button in (self.board_button, self.table_button):
            button.setCheckable(True)
            self.header.add_action(button)
        self.export_button = IconButton("download", tr("Export…"), bordered=True)
        self.header.add_action(self.export_button)
        self.header.add_action(self.pipelines)
        self.new_button = primary(tr("New deal"), "plus")
        self.header.add_action(self.new_button)
        self.board_button.setChecked(True)

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 20, 24, 24)
        outer.setSpacing(12)
        self.header.setFixedHeight(50)
        outer.addWidget(self.header)
        outer.addWidget(self.filters)
        card = Card(padding=1, spacing=0)
        card.add(self.table, 1)
        nothing = EmptyState(
            "search-x", tr("No deal fits"), tr("Loosen the filter above to see more.")
        )
        self.table.set_empty_state(nothing)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.board_view)
        self.stack.addWidget(card)
        self.empty = EmptyPipeline(self.stack)
        self.empty.hide()
        beside = QHBoxLayout()
        beside.setSpacing(16)
        beside.addWidget(self.stack, 1)
        beside.addWidget(self.pane)
        outer.addLayout(beside, 1)

    def _connect(self) -> None:
        self.pipelines.value_changed.connect(self._on_pipeline)
        self.board_button.clicked.connect(partial(self.show_table, False))
        self.table_button.clicked.connect(partial(self.show_table, True))
        self.new_button.clicked.connect(self.new_record)
        self.export_button.clicked.connect(self.export)
        view = self.board_view
        view.deal_chosen.connect(self._on_chosen)
        view.deal_opened.connect(self._open_full)
        view.menu_requested.connect(self.open_menu)
        view.key_requested.connect(self._on_key)
        view.move_requested.connect(self.move_deals)
        self.table.record_selected.connect(self._on_chosen)
        self.table.record_activated.connect(self._open_full)
        self.table.menu_requested.connect(lambda s, at: self.open_menu(list(s.ids), at))
        self.empty.new_requested.connect(self.new_record)
        self.empty.import_requested.connect(lambda: self.context.navigate("import"))
        self.empty.demo_requested.connect(lambda: self.context.navigate("today", demo=True))

    # --- what the frame asks

    def refresh(self, changes: Changes | None) -> None:
        """Show what changed: counts and order by one read, and only the touched cards again."""
        self.board_view.expire(changes)
        if changes is None or changes.touches("user", "product"):
            self.filters.load_choices()
        self.loader.follow(changes, self._board_filter())
        if self.is_table:
            self.table_model.refresh(changes)
        if self.pane.isVisible():
            self.pane.refresh(changes)

    def arrive(self, kind: str | None, record_id: int | None, **state: Any) -> None:
        """Show a deal, or the deals behind a figure (any field of DealFilter, `view="table"`)."""
        if state.pop("new", False):
            self.new_record(**state)
            return
        chosen = {key: value for key, value in state.items() if key in _FILTER_FIELDS}
        given = state.get("filter", DealFilter(**chosen) if chosen else None)
        if isinstance(given, DealFilter):
            self._everywhere = given.pipeline_id is None
            self.filters.take(given)
        if given is not None or "view" in state:
            self.show_table(state.get("view", "table") == "table")
            self._on_filter(self.filters.filter)
        if kind == "deal" and record_id is not None:
            self.show_deal(record_id)

    def begin(self, what: str, kind: str | None = None, record_id: int | None = None) -> bool:
        """Begin a new deal, also one with a person or company that was found elsewhere."""
        if what != "deal" or kind is None or record_id is None:
            return super().begin(what, kind, record_id)
        Lookup(self, deal_parties, kind, record_id).then(lambda known: self.new_record(**known))
        return True

    def new_record(self, **known: Any) -> None:
        """Open the form for a new deal."""
        view = self.board_view.column_of(self.board_view.current_id() or 0)
        stage_id = view.column.stage_id if view and view.column.type is StageType.OPEN else None
        dialog = NewDealDialog(self.context, self._board, self, stage_id=stage_id)
        dialog.prefill(**known)
        dialog.created.connect(self.show_deal)
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        dialog.open()

    def focus_filter(self) -> None:
        """Put the cursor into the search."""
        self.filters.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filters.search.selectAll()

    def save_state(self) -> dict[str, Any]:
        """Keep the view, the filter and the table's columns."""
        return {
            "table": self.is_table,
            "pipeline": str(self.filters.base.pipeline_id or ""),
            "filters": self.filters.save_state(),
            "columns": self.table.save_state(),
        }

    def restore_state(self, state: dict[str, Any]) -> None:
        """Come back as left."""
        pipeline = str(state.get("pipeline", ""))
        if pipeline.isdigit():
            self.filters.set_base(DealFilter(pipeline_id=int(pipeline)))
        self.filters.restore_state(state.get("filters", {}))
        self.table.restore_state(state.get("columns", {}))
        self.show_table(bool(state.get("table")))

    # --- the two views

    @property
    def is_table(self) -> bool:
        """Whether the table is shown."""
        return self.stack.currentIndex() == 1

    def show_table(self, as_table: bool, *_: object) -> None:
        """Show the deals as a table, or as a board."""
        self.board_button.setChecked(not as_table)
        self.table_button.setChecked(as_table)
        self.filters.show_types(as_table)
        changed = as_table != self.is_table
        self.stack.setCurrentIndex(int(as_table))
        if changed:
            self._on_filter(self.filters.filter)

    def _on_filter(self, chosen: DealFilter) -> None:
        if self.is_table:
            self.table_model.set_filter(chosen)
        self._load_board()

    def _on_pipeline(self, pipeline_id: int) -> None:
        self._everywhere = False
        if pipeline_id != self.filters.base.pipeline_id:
            self.filters.set_base(replace(self.filters.base, pipeline_id=pipeline_id))
            self._on_filter(self.filters.filter)

    def _load_board(self, *, force: bool = False) -> None:
        if not self._loaded and not force:
            return
        self.loader.load(self._board_filter())

    def _board_filter(self) -> DealFilter:
        return replace(self.filters.filter, stage_type=None)

    def _take_board(self, read: Board, movers: dict[int, Mover]) -> None:
        self._board = read
        self.pipelines.set_items([(p.id, p.name) for p in read.pipelines])
        self.pipelines.blockSignals(True)
        self.pipelines.set_value(read.pipeline_id)
        self.pipelines.blockSignals(False)
        if self.filters.base.pipeline_id is None and not self._everywhere:
            self.filters.set_base(replace(self.filters.base, pipeline_id=read.pipeline_id))
            if self.is_table:
                self.table_model.set_filter(self.filters.filter)
        self.board_view.show_board(read, movers)
        self.header.set_subtitle(board_words(read, self.context.currency))
        is_new = not read.has_any_deal
        self.filters.setVisible(not is_new)
        for widget in (self.board_button, self.table_button, self.export_button):
            widget.setVisible(not is_new)
        self.empty.show_over(is_new and not self.is_table)
        if self._wanted is not None and self.board_view.select_id(self._wanted, focus=True):
            self._wanted = None

    # --- one deal

    def show_deal(self, deal_id: int) -> None:
        """Show a deal in the pane and choose its card."""
        self.pane.show_deal(deal_id)
        self.pane.show()
        found = self.table.select_id(deal_id) if self.is_table else None
        if not found and not self.board_view.select_id(deal_id, focus=True):
            self._wanted = deal_id

    def close_pane(self) -> None:
        """Put the pane away; the keyboard goes back to the cards."""
        self.pane.hide()
        self.pane.show_deal(None)
        if self.is_table:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.board_view.focus_cards()

    def _on_chosen(self, deal_id: int | None) -> None:
        if deal_id is None:
            return
        was_open = self.pane.isVisible()
        self.pane.show_deal(deal_id)
        self.pane.show()
        if not was_open:
            # The board has just become narrower: keep the chosen card in sight.
            QTimer.singleShot(0, self, partial(self.board_view.reveal, deal_id))

    def _open_full(self, deal_id: int) -> None:
        self.context.open_record("deal", deal_id, full=True)

    # --- doing

    def _selected(self) -> list[int]:
        if self.is_table:
            return list(self.table.selection().ids)
        return self.board_view.selected_ids()

    def _names(self, ids: tuple[int, ...]) -> list[str]:
        found = []
        for deal_id in ids:
            row = self.board_view.cards.peek(deal_id)
            if row is None and (place := self.table_model.row_of(deal_id)) >= 0:
                row = self.table_model.record_at(place)
            found.append(row.name if row is not None else tr("the deal"))
        return found

    def move_deals(self, ids: tuple[int, ...], stage_id: int, before_id: int | None) -> None:
        """Move deals on the board: to another stage, or within their own column."""
        target = self.board_view.stage_view(stage_id)
        if target is None or not ids:
            return
        here = self.board_view.column_of(ids[0])
        anticipate = partial(self.board_view.anticipate, ids, stage_id, before_id)
        if here is target:
            if target.column.type is StageType.OPEN:
                anticipate()
                self.mover.reorder(ids[0], before_id)
            return
        self.mover.move(
            ids,
            stage_step(target.column),
            self._names(ids),
            before_id=before_id,
            at_end=before_id is None,
            anticipate=anticipate,
            from_stage=self.board_view.stage_of(ids[0]),
        )

    def _move_by_menu(self, ids: tuple[int, ...], stage: StageStep) -> None:
        target = self.board_view.stage_view(stage.id)
        top = target.model.id_at(0) if target is not None else None
        anticipate = partial(self.board_view.anticipate, ids, stage.id, top)
        seen = None if self.is_table else self.board_view.stage_of(ids[0])
        self.mover.move(ids, stage, self._names(ids), anticipate=anticipate, from_stage=seen)

    def _steps(self) -> list[StageStep]:
        columns = self._board.columns if self._board is not None else ()
        return [stage_step(column) for column in columns]

    def stage_menu(self, ids: tuple[int, ...], parent: QWidget) -> StageMenu:
        """Return the menu of the stages that deals can be moved to."""
        view = self.board_view.column_of(ids[0]) if ids else None
        present = view.column.stage_id if view is not None and not self.is_table else None
        menu = StageMenu(self._steps(), present, parent)
        menu.chosen.connect(partial(self._move_by_menu, ids))
        return menu

    def open_menu(self, ids: list[int], place: QPoint) -> None:
        """Open the menu of what can be done with deals."""
        chosen = tuple(ids)
        if not chosen:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if len(chosen) == 1:
            add_action(menu, "maximize-2", tr("Open"), partial(self._open_full, chosen[0]), "Enter")
        menu.addMenu(self.stage_menu(chosen, menu))
        owners = menu.addMenu(tr("Give to"))
        for owner_id, name in self.filters.owner_choices():
            owners.addAction(name).triggered.connect(partial(self._assign, chosen, owner_id, name))
        menu.addSeparator()
        for icon, words, action, key in whole_actions(self, chosen, self.mover.archive):
            add_action(menu, icon, words, action, key)
        menu.popup(place)

    def export(self) -> None:
        """Take the deals that the filter lets through into a file, in the table's order."""
        chosen = self.filters.filter if self.is_table else self._board_filter()
        export_deals(self, chosen, self.table_model)

    def _assign(self, ids: tuple[int, ...], owner_id: int, name: str, *_: object) -> None:
        self.mover.assign(ids, owner_id, name)

    def _on_key(self, key: str) -> None:
        ids = tuple(self._selected())
        if not ids:
            return
        match key:
            case "M":
                menu = self.stage_menu(ids, self)
                menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
                menu.popup(self.board_view.card_corner(ids[0]))
            case "W" | "L":
                kind = StageType.WON if key == "W" else StageType.LOST
                stage = next((s for s in self._steps() if s.type is kind), None)
                if stage is not None:
                    self._move_by_menu(ids, stage)
            case "Delete":
                self.mover.archive(ids)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the words of an empty pipeline in the middle."""
        super().resizeEvent(event)
        self.empty.place()
