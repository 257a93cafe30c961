"""The board: columns side by side, one store of cards, and what may be done with them."""

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.changes import Changes
from app.queries.board import Board, BoardColumn
from app.queries.deal_movers import Mover
from models.values import StageType
from views.context import PageContext
from views.pipeline.cards import CardStore
from views.pipeline.column_model import ColumnModel
from views.pipeline.column_view import ColumnView
from views.pipeline.deal_source import touched_deals
from views.pipeline.glide import Glides

SPACING: Final = 12


class BoardView(QScrollArea):
    """The open stages as columns, the closed ones above each other at the end."""

    deal_chosen = Signal(object)  # the deal under the keyboard, or None
    deal_opened = Signal(object)
    menu_requested = Signal(object, object)  # deal ids, place
    key_requested = Signal(str)
    # deal ids, stage id, the deal above which they go (None: below the last one)
    move_requested = Signal(object, object, object)

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.cards = CardStore(context, self)
        self.columns: list[ColumnView] = []
        self.glides = Glides(self)
        self._shape: tuple[object, ...] = ()
        self._quiet = False
        self._closed_stack: QWidget | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self._canvas = QWidget()
        self.setWidget(self._canvas)
        self._canvas.setObjectName("scrolled")
        self._box = QHBoxLayout(self._canvas)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(SPACING)

    # --- showing

    def show_board(self, board: Board, movers: Mapping[int, Mover] | None = None) -> None:
        """Show the board as newly read; only what differs moves.

        The deals that colleagues moved (`movers`) glide to their new columns.
        """
        before = self.glides.places(movers) if movers else {}
        shape = tuple((c.stage_id, c.type, c.position) for c in board.columns)
        if shape != self._shape:
            self._shape = shape
            self._build(board)
        else:
            for view, column in zip(self.columns, board.columns, strict=True):
                view.set_column(column)
        self._show_ghosts(board)
        if movers:
            self.glides.start(before, movers)

    def expire(self, changes: Changes | None) -> None:
        """Have the touched cards read again when they are next in sight."""
        if changes is None:
            self.cards.expire_all()
            return
        own, others = touched_deals(changes)
        if others:  # whichever card it concerns: only those in sight are read again
            self.cards.expire_all()
            own |= frozenset(self.visible_ids())
        self.cards.expire(own)

    def _show_ghosts(self, board: Board) -> None:
        """Draw a first pipeline pale: only its open stages, with cards that stand for none."""
        for place, view in enumerate(self.columns):
            is_open = view.column.type is StageType.OPEN
            ghosts = 0
            if not board.has_any_deal and is_open:
                ghosts = (3, 2, 2, 2, 1)[min(place, 4)]
            view.set_ghosts(ghosts)
        if self._closed_stack is not None:
            self._closed_stack.setVisible(board.has_any_deal)

    def _build(self, board: Board) -> None:
        chosen = self.current_id()
        self._closed_stack = None
        while self._box.count():
            item = self._box.takeAt(0)
            if item is not None and (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.columns = [self._make(column_of) for column_of in board.columns]
        closed = [view for view in self.columns if view.column.type is not StageType.OPEN]
        for view in self.columns:
            if view not in closed:
                self._box.addWidget(view, 1)
        if closed:
            stack = QWidget()
            inner = QVBoxLayout(stack)
            inner.setContentsMargins(0, 0, 0, 0)
            inner.setSpacing(SPACING)
            for view in closed:
                inner.addWidget(view, 1)
            self._box.addWidget(stack, 1)
            self._closed_stack = stack
        self._show_ghosts(board)
        self._box.activate()
        for view in self.columns:
            view.list.attach()
            choice = view.list.selectionModel()
            choice.selectionChanged.connect(lambda *_, v=view: self._chosen_in(v))
        if chosen is not None:
            self.select_id(chosen)

    def _make(self, column: BoardColumn) -> ColumnView:

        model = ColumnModel(column, self.cards)
        view = ColumnView(model, self.context.currency)
        model.setParent(view)
        cards = view.list
        model.dropped.connect(self.move_requested)
        cards.step_requested.connect(lambda step, v=view: self._step(v, step))
        cards.move_requested.connect(lambda step, v=view: self._move(v, step))
        cards.shift_requested.connect(lambda step, v=view: self._shift(v, step))
        cards.opened.connect(self.deal_opened)
        cards.clicked.connect(lambda *_: self.deal_chosen.emit(self.current_id()))
        cards.key_requested.connect(self.key_requested)
        cards.menu_requested.connect(
            lambda place, v=view: self.menu_requested.emit(v.list.selected_ids(), place)
        )
        return view

    # --- choosing

    def column_of(self, deal_id: int) -> ColumnView | None:
        """Return the column that shows a deal."""
        return next((v for v in self.columns if v.model.row_of(deal_id) >= 0), None)

    def stage_of(self, deal_id: int) -> int | None:
        """Return the stage in whose column a deal is shown."""
        view = self.column_of(deal_id)
        return view.column.stage_id if view is not None else None

    def stage_view(self, stage_id: int) -> ColumnView | None:
        """Return the column of a stage."""
        return next((v for v in self.columns if v.column.stage_id == stage_id), None)

    def selected_ids(self) -> list[int]:
        """Return the chosen deals; they are all of one column."""
        return next((ids for v in self.columns if (ids := v.list.selected_ids())), [])

    def current_id(self) -> int | None:
        """Return the one deal that is chosen."""
        chosen = self.selected_ids()
        return chosen[0] if len(chosen) == 1 else None

    def select_id(self, deal_id: int | None, *, focus: bool = False) -> bool:
        """Choose a deal and bring it into sight; None chooses nothing."""
        view = self.column_of(deal_id) if deal_id is not None else None
        if view is None or deal_id is None:
            self._clear_but(None)
            return False
        view.list.choose_row(view.model.row_of(deal_id))
        self.ensureWidgetVisible(view, 0, 0)
        if focus:
            view.list.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def reveal(self, deal_id: int) -> None:
        """Bring the column of a deal into sight."""
        if (view := self.column_of(deal_id)) is not None:
            self.ensureWidgetVisible(view, 0, 0)

    def visible_ids(self) -> list[int]:
        """Return the deals in sight."""
        return [deal_id for view in self.columns for deal_id in view.list.visible_ids()]

    def card_corner(self, deal_id: int) -> QPoint:
        """Return where a menu about a card opens, on the screen."""
        view = self.column_of(deal_id)
        if view is None:
            return self.mapToGlobal(self.rect().center())
        row = view.list.visualRect(view.model.index(view.model.row_of(deal_id)))
        return view.list.viewport().mapToGlobal(QPoint(row.left() + 20, row.bottom() - 20))

    def focus_cards(self) -> None:
        """Put the keyboard on the chosen card, or on the first one."""
        for view in self.columns:
            if view.list.selected_ids():
                view.list.setFocus(Qt.FocusReason.OtherFocusReason)
                return
        for view in self.columns:
            if view.model.rowCount():
                view.list.setFocus(Qt.FocusReason.OtherFocusReason)
                view.list.choose_row(0)
                return

    def _chosen_in(self, view: ColumnView) -> None:
        if self._quiet:
            return
        if view.list.selectedIndexes():
            self._clear_but(view)
        self.deal_chosen.emit(self.current_id())

    def _clear_but(self, kept: ColumnView | None) -> None:
        self._quiet = True
        for view in self.columns:
            if view is not kept:
                view.list.clearSelection()
        self._quiet = False

    def _step(self, view: ColumnView, step: int) -> None:
        """Go to the next column that has a card, to about the same height."""
        place = self.columns.index(view)
        top = view.list.visualRect(view.list.currentIndex()).top()
        while 0 <= place + step < len(self.columns):
            place += step
            target = self.columns[place]
            if target.model.rowCount():
                target.list.setFocus(Qt.FocusReason.OtherFocusReason)
                target.list.choose_row(target.list.row_near(QPoint(0, top)))
                self.ensureWidgetVisible(target, 0, 0)
                return

    # --- moving

    def _move(self, view: ColumnView, step: int) -> None:
        place = self.columns.index(view) + step
        ids = view.list.selected_ids()
        if ids and 0 <= place < len(self.columns):
            target = self.columns[place]
            top = target.model.id_at(0)
            self.move_requested.emit(tuple(ids), target.column.stage_id, top)

    def _shift(self, view: ColumnView, step: int) -> None:
        """Ask for one place up or down in the same column."""
        deal_id = view.list.current_id()
        if deal_id is None or view.column.type is not StageType.OPEN:
            return
        row = view.model.row_of(deal_id)
        if not 0 <= row + step < view.model.rowCount():
            return
        before = view.model.id_at(row - 1 if step < 0 else row + 2)
        self.move_requested.emit((deal_id,), view.column.stage_id, before)

    def anticipate(self, ids: Sequence[int], stage_id: int, before_id: int | None) -> None:
        """Show the move at once; the answer of the database confirms or corrects it."""
        target = self.stage_view(stage_id)
        if target is None:
            return
        chosen, had_focus = self.current_id(), self._focused() is not None
        self._quiet = True
        for deal_id in ids:
            self._take_out(deal_id)
        place = target.model.rowCount() if before_id is None else target.model.row_of(before_id)
        if target.column.type is not StageType.OPEN:
            place = 0  # closed deals stand by the day they closed
        for offset, deal_id in enumerate(ids):
            target.model.insert_id(deal_id, max(place, 0) + offset)
            row = self.cards.peek(deal_id)
            own = row is not None and row.currency == self.context.currency
            target.adjust_counts(1, (row.amount_minor or 0) if row is not None and own else 0)
        self._quiet = False
        if chosen in ids:
            self.select_id(chosen, focus=had_focus)

    def _take_out(self, deal_id: int) -> None:
        source = self.column_of(deal_id)
        if source is None:
            return
        source.model.remove_id(deal_id)
        row = self.cards.peek(deal_id)
        own = row is not None and row.currency == self.context.currency
        source.adjust_counts(-1, -(row.amount_minor or 0) if row is not None and own else 0)

    def _focused(self) -> ColumnView | None:
        return next((v for v in self.columns if v.list.hasFocus()), None)
