"""One deal at full width: fields at the left, what happened in the middle, facts at the right."""

from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.changes import Changes
from app.commands.deals import change_deal
from app.queries.deal_details import DealDetails, StageStep
from models.values import ActivityKind, StageType
from views.context import PageContext
from views.operations import Operation
from views.pipeline.activity_panel import ActivityPanel, LogPanel
from views.pipeline.deal_lines_panel import LinesPanel
from views.pipeline.deal_pane import StageActions
from views.pipeline.deal_properties import PropertiesPanel
from views.pipeline.deal_source import KINDS, DealSource
from views.pipeline.history_panel import HistoryPanel
from views.pipeline.moves import DealMover
from views.pipeline.next_step_panel import NextStepPanel
from views.pipeline.stage_bar import StageBar
from views.shared.bar_margin import BAR, keep_edge
from views.shared.buttons import Button, IconButton
from views.shared.cards import Card
from views.shared.format import duration_words, exact_moment, money, percent
from views.shared.inline_title import InlineTitle
from views.shared.labels import AvatarLabel, Divider, Label, PillLabel, SectionTitle
from views.shared.page import Page
from views.shared.text import tr, tr_n

LEFT, RIGHT, GAP = 280, 304, 16


def scrolled(content: QWidget) -> QScrollArea:
    """Return a column that scrolls by itself."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    content.setObjectName("scrolled")
    area.setWidget(content)
    return area


class DealRecordPage(Page):
    """Three columns as on the contact page."""

    kinds: ClassVar[tuple[str, ...]] = KINDS

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.setMinimumSize(560, 400)  # three columns must not keep the window from shrinking
        self.source = DealSource(context, self)
        self.source.arrived.connect(self._on_arrived)
        self.mover = DealMover(self)
        self.title = InlineTitle("", label=tr("Name of the deal"))
        self.title.committed.connect(self._rename)
        self.avatar = AvatarLabel(0, "", 48, square=True)
        self.pill = PillLabel(outlined=True)
        self.subtitle = Label("", "muted", elide=True)
        self.stages = StageBar()
        self.stages.setMinimumWidth(220)
        self.stages.chosen.connect(self._move_to)
        self.stage_actions = StageActions()
        self.stage_actions.stage_chosen.connect(self._move_to)
        self.properties = PropertiesPanel(context)
        self.log = LogPanel(context)
        self.activity = ActivityPanel(context)
        self.next_step = NextStepPanel(context)
        self.lines = LinesPanel(context)
        self.history = HistoryPanel()
        self.value = Label("", "figure")
        self.value_note = Label("", "small", wrap=True)
        self._lay_out()

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 12, 24 - BAR, 24)
        outer.setSpacing(12)
        back = Button(tr("Pipeline"), "arrow-left", "back", compact=True)
        back.clicked.connect(self._go_back)
        outer.addWidget(back, 0, Qt.AlignmentFlag.AlignLeft)
        head = self._make_head()
        head.setContentsMargins(0, 0, BAR, 0)
        outer.addLayout(head)
        self.columns = columns = QHBoxLayout()
        columns.setSpacing(GAP - BAR)
        card = Card(padding=20, spacing=6, title=tr("Deal"))
        card.add(self.properties)
        left = QWidget()
        self.left_box = QVBoxLayout(left)
        self.left_box.setContentsMargins(0, 0, 0, 0)
        self.left_box.setSpacing(12)
        self.left_box.addWidget(card, 1)
        card.body.addStretch(1)
        self.left = scrolled(left)
        self.left.setFixedWidth(LEFT + BAR)
        keep_edge(self.left, self.left_box)
        columns.addWidget(self.left)
        middle = Card(padding=16, spacing=12)
        middle.add(self.log)
        middle.add(Divider())
        holder = QWidget()
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(0, 0, 8, 0)
        inner.addWidget(self.activity)
        inner.addStretch(1)
        middle.add(scrolled(holder), 1)
        columns.addWidget(middle, 1)
        columns.addSpacing(BAR)
        right = QWidget()
        self.right_box = QVBoxLayout(right)
        self.right_box.setContentsMargins(0, 0, 0, 0)
        self.facts = self._make_facts()
        self.right_box.addWidget(self.facts)
        self.right = scrolled(right)
        self.right.setFixedWidth(RIGHT + BAR)
        keep_edge(self.right, self.right_box)
        columns.addWidget(self.right)
        outer.addLayout(columns, 1)

    def _make_head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(self.avatar)
        words = QVBoxLayout()
        words.setSpacing(0)
        first = QHBoxLayout()
        first.setSpacing(10)
        first.addWidget(self.title)
        first.addWidget(self.pill)
        first.addStretch(1)
        words.addLayout(first)
        words.addWidget(self.subtitle)
        head.addLayout(words, 1)
        archive = IconButton("archive", tr("Archive this deal"), bordered=True)
        archive.clicked.connect(self._archive)
        head.addWidget(archive)
        head.addWidget(self.stage_actions)
        return head

    def _make_facts(self) -> QWidget:
        holder = QWidget()
        self.facts_box = QVBoxLayout(holder)
        self.facts_box.setContentsMargins(0, 0, 0, 0)
        self.facts_box.setSpacing(12)
        self._fact(tr("Worth"), self.value, self.value_note, self.stages)
        self._fact(tr("Next step"), self.next_step)
        self.lines_title = self._fact(tr("Products"), self.lines)
        self.history_title = self._fact(tr("Time in each stage"), self.history)
        self.facts_box.addStretch(1)
        return holder

    def _fact(self, title: str, *panels: QWidget) -> SectionTitle:
        card = Card(padding=16, spacing=6)
        heading = SectionTitle(title)
        card.add(heading)
        for panel in panels:
            card.add(panel)
        self.facts_box.addWidget(card)
        return heading

    # --- what the frame asks

    def refresh(self, changes: Changes | None) -> None:
        """Read the deal again where a change concerns it."""
        self.source.refresh(changes)

    def arrive(self, kind: str | None, record_id: int | None, **state: Any) -> None:
        """Show a deal."""
        if kind == "deal" and record_id is not None:
            self.source.show(record_id)
        if state.get("log"):
            self.log.begin(ActivityKind(state["log"]))

    def new_record(self) -> None:
        """Begin a note: what one adds to a deal."""
        self.log.begin()

    def save_state(self) -> dict[str, Any]:
        """Come back to the same deal."""
        return {"deal": str(self.source.deal_id or "")}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Show the deal that was left."""
        text = str(state.get("deal", ""))
        if text.isdigit():
            self.source.show(int(text))

    # --- showing

    def _on_arrived(self, details: DealDetails | None) -> None:
        if details is None:
            return
        row = details.row
        if self.title.edit.isHidden():
            self.title.set_text(row.name)
        self.avatar.set_person(row.company_id or row.id, row.company_name or row.name)
        tones = {StageType.OPEN: "accent", StageType.WON: "good", StageType.LOST: "bad"}
        self.pill.set_pill(row.stage_name, tones[row.stage_type])
        owner = tr("owner {name}", name=row.owner_name) if row.owner_name else tr("no owner")
        opened = tr("opened {day}", day=exact_moment(row.opened_on))
        parts = (row.company_name, row.contact_name, owner, opened)
        self.subtitle.set_text("  ·  ".join(part for part in parts if part))
        self._show_worth(details)
        seconds = sum(v.seconds or 0 for v in details.history if v.stage_type is StageType.OPEN)
        self.history_title.set_note(duration_words(seconds) if seconds else "")
        count = len(details.lines)
        self.lines_title.set_note(tr_n("{n} line", "{n} lines", count) if count else "")
        for panel in (
            self.stages,
            self.stage_actions,
            self.properties,
            self.log,
            self.activity,
            self.next_step,
            self.lines,
            self.history,
        ):
            panel.show_details(details)

    def _show_worth(self, details: DealDetails) -> None:
        row = details.row
        self.value.set_text(money(row.amount_minor, row.currency))
        if row.stage_type is not StageType.OPEN:
            day = exact_moment(row.closed_on) if row.closed_on else ""
            words = tr("Won on {day}", day=day)
            if row.stage_type is StageType.LOST:
                words = tr("Lost on {day}", day=day)
                if details.last_open_stage:
                    words = tr(
                        "Lost on {day}, out of {stage}", day=day, stage=details.last_open_stage
                    )
        else:
            share = row.probability / 100
            weighted = money(int(round((row.amount_minor or 0) * share, -2)), row.currency)
            words = tr("{weighted} weighted by {share}", weighted=weighted, share=percent(share))
        self.value_note.set_text(words)

    # --- doing

    def _move_to(self, stage: StageStep) -> None:
        details = self.source.details
        if details is not None:
            row = details.row
            self.mover.move((row.id,), stage, (row.name,), from_stage=row.stage_id)

    def _rename(self, name: str) -> None:
        if self.source.deal_id is not None:
            Operation(
                self,
                tr("Rename deal"),
                change_deal,
                deal_id=self.source.deal_id,
                opened={"name": self.title.opened},
                name=name,
            )

    def _archive(self) -> None:
        if self.source.deal_id is not None:
            self.mover.archive((self.source.deal_id,))
            self._go_back()

    def _go_back(self) -> None:
        self.context.navigate("pipeline")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the facts where there is no room for three columns."""
        super().resizeEvent(event)
        narrow = self.width() < 1000
        if narrow != self.right.isHidden():
            (self.left_box if narrow else self.right_box).addWidget(self.facts)
            self.right.setVisible(not narrow)
            self.avatar.setVisible(not narrow)
