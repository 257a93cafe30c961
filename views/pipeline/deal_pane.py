"""The deal beside the board: what it is, where it stands, what comes next, what happened."""

from functools import partial

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.changes import Changes
from app.commands.deals import change_deal
from app.queries.deal_details import DealDetails, StageStep
from models.values import ActivityKind, StageType
from views.context import PageContext
from views.operations import Operation
from views.pipeline.activity_panel import ActivityPanel, LogPanel
from views.pipeline.deal_actions import StageMenu
from views.pipeline.deal_lines_panel import LinesPanel
from views.pipeline.deal_properties import PropertiesPanel
from views.pipeline.deal_source import DealSource
from views.pipeline.history_panel import HistoryPanel
from views.pipeline.moves import DealMover
from views.pipeline.next_step_panel import NextStepPanel
from views.pipeline.stage_bar import StageBar
from views.shared import paint
from views.shared.bars import Skeleton
from views.shared.buttons import Button, IconButton
from views.shared.format import money
from views.shared.inline_title import InlineTitle
from views.shared.labels import Divider, Label, PillLabel, SectionTitle
from views.shared.text import tr

WIDTH = 372


class StageActions(QWidget):
    """Won, Lost and "move to"; a closed deal can be opened again."""

    stage_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._details: DealDetails | None = None
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        self.won = Button(tr("Won"), "trophy", "secondary")
        self.lost = Button(tr("Lost"), "circle-x", "secondary")
        self.move_button = Button(tr("Move"), "arrow-right-left", "secondary")
        self.reopen = Button(tr("Open again"), "rotate-ccw", "secondary")
        self.won.clicked.connect(partial(self._close, StageType.WON))
        self.lost.clicked.connect(partial(self._close, StageType.LOST))
        self.move_button.clicked.connect(self.open_menu)
        self.reopen.clicked.connect(self.open_menu)
        for button in (self.won, self.lost, self.move_button, self.reopen):
            box.addWidget(button)
        box.addStretch(1)

    def show_details(self, details: DealDetails) -> None:
        """Offer what fits the deal's state."""
        self._details = details
        is_open = details.row.stage_type is StageType.OPEN
        kinds = {stage.type for stage in details.stages}
        self.won.setVisible(is_open and StageType.WON in kinds)
        self.lost.setVisible(is_open and StageType.LOST in kinds)
        self.move_button.setVisible(is_open)
        self.reopen.setVisible(not is_open)

    def open_menu(self) -> None:
        """Let a stage be chosen."""
        if self._details is None:
            return
        menu = StageMenu(self._details.stages, self._details.row.stage_id, self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.chosen.connect(self.stage_chosen)
        button = self.reopen if self.move_button.isHidden() else self.move_button
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _close(self, kind: StageType) -> None:
        if self._details is not None:
            stage = next((s for s in self._details.stages if s.type is kind), None)
            if stage is not None:
                self.stage_chosen.emit(stage)


class DealPane(QWidget):
    """One deal in a column; `closed` when it is put away, `opened` for the full page."""

    closed = Signal()
    opened = Signal(object)

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.source = DealSource(context, self)
        self.source.arrived.connect(self._on_arrived)
        self.mover = DealMover(self)
        self.title = InlineTitle("", label=tr("Name of the deal"))
        self.title.committed.connect(self._rename)
        self.subtitle = Label("", "muted", elide=True)
        self.pill = PillLabel()
        self.amount = Label("", "heading")
        self.stages = StageBar()
        self.stages.chosen.connect(self.move_to)
        self.actions_row = StageActions()
        self.actions_row.stage_chosen.connect(self.move_to)
        self.next_step = NextStepPanel(context)
        self.properties = PropertiesPanel(context)
        self.lines = LinesPanel(context)
        self.history = HistoryPanel()
        self.log = LogPanel(context)
        self.activity = ActivityPanel(context)
        self._lay_out()

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(20, 14, 14, 12)
        head.setSpacing(2)
        top = QHBoxLayout()
        top.setSpacing(0)
        top.addWidget(self.title, 1)
        full = IconButton("maximize-2", tr("Open at full width (Enter)"), size=30, icon_size=16)
        full.clicked.connect(self._open_full)
        close = IconButton("x", tr("Close (Esc)"), size=30, icon_size=16)
        close.clicked.connect(self.closed)
        top.addWidget(full)
        top.addWidget(close)
        head.addLayout(top)
        second = QHBoxLayout()
        second.setSpacing(8)
        second.addWidget(self.amount)
        second.addWidget(self.subtitle, 1)
        second.addWidget(self.pill)
        second.addSpacing(6)
        head.addLayout(second)
        outer.addLayout(head)
        outer.addWidget(Divider())
        self.scroll_area = QScrollArea()
        self.scroll_area.setWidgetResizable(True)
        self.scroll_area.setFrameShape(QFrame.Shape.NoFrame)
        self.scroll_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroll_area.viewport().setAutoFillBackground(False)
        self.body = QWidget()
        self.body.setObjectName("scrolled")  # the style sheet makes it see-through
        self.scroll_area.setWidget(self.body)
        self.skeleton = Skeleton(rows=6)
        outer.addWidget(self.scroll_area, 1)
        outer.addWidget(self.skeleton, 1)
        box = QVBoxLayout(self.body)
        box.setContentsMargins(20, 12, 20, 20)
        box.setSpacing(8)
        box.addWidget(self.stages)
        box.addWidget(self.actions_row)
        for title, panel in (
            (tr("Next step"), self.next_step),
            ("", self.properties),
            (tr("Products"), self.lines),
            (tr("Time in each stage"), self.history),
            (tr("What happened"), self.log),
            ("", self.activity),
        ):
            if title:
                box.addSpacing(6)
                box.addWidget(Divider())
                box.addSpacing(4)
                box.addWidget(SectionTitle(title))
            box.addWidget(panel)
        box.addStretch(1)
        self.skeleton.hide()

    # --- showing

    @property
    def deal_id(self) -> int | None:
        """The deal that is shown."""
        return self.source.deal_id

    def show_deal(self, deal_id: int | None) -> None:
        """Show another deal."""
        if deal_id is not None and deal_id != self.source.deal_id:
            self.scroll_area.verticalScrollBar().setValue(0)
        self.source.show(deal_id)

    def refresh(self, changes: Changes | None) -> None:
        """Read the deal again where a change concerns it."""
        self.source.refresh(changes)

    def _on_arrived(self, details: DealDetails | None) -> None:
        if details is None:
            self.closed.emit()
            return
        row = details.row
        if self.title.edit.isHidden():
            self.title.set_text(row.name)
        self.amount.set_text(money(row.amount_minor, row.currency))
        self.subtitle.set_text(" · ".join(p for p in (row.company_name, row.contact_name) if p))
        tones = {StageType.WON: (tr("Won"), "good"), StageType.LOST: (tr("Lost"), "bad")}
        words, tone = tones.get(row.stage_type, ("", "neutral"))
        if row.stage_type is StageType.OPEN and row.attention.is_rotting:
            words, tone = tr("Gone quiet"), "warning"
        elif row.is_overdue:
            words, tone = tr("Past its day"), "bad"
        self.pill.set_pill(words, tone)
        self.pill.setVisible(bool(words))
        for panel in (
            self.stages,
            self.actions_row,
            self.next_step,
            self.properties,
            self.lines,
            self.history,
            self.log,
            self.activity,
        ):
            panel.show_details(details)

    # --- doing

    def move_to(self, stage: StageStep) -> None:
        """Move the shown deal to a stage."""
        details = self.source.details
        if details is not None:
            row = details.row
            self.mover.move((row.id,), stage, (row.name,), from_stage=row.stage_id)

    def begin_log(self, kind: ActivityKind = ActivityKind.NOTE) -> None:
        """Begin a note or a call."""
        self.log.begin(kind)
        self.scroll_area.ensureWidgetVisible(self.log)

    def _rename(self, name: str) -> None:
        if self.deal_id is not None:
            Operation(
                self,
                tr("Rename deal"),
                change_deal,
                deal_id=self.deal_id,
                opened={"name": self.title.opened},
                name=name,
            )

    def _open_full(self) -> None:
        if self.deal_id is not None:
            self.opened.emit(self.deal_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close by Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card."""
        del event
        paint.draw_card(QPainter(self), QRectF(self.rect()))
