"""Pipelines and their stages: names, types, probability, rotting days, order."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtWidgets import (
    QHBoxLayout,
    QInputDialog,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.commands.pipelines import (
    change_stage,
    create_pipeline,
    create_stage,
    delete_pipeline,
    delete_stage,
    rename_pipeline,
    reorder_stages,
    set_default_pipeline,
)
from app.queries.settings_page import PipelineRow, SettingsOverview, StageRow
from models.values import StageType
from views.operations import Operation
from views.shared.buttons import IconButton, ghost, secondary
from views.shared.chips import DropDown
from views.shared.labels import Label
from views.shared.layout import FlowBox
from views.shared.section import Section, button_row, clear_layout
from views.shared.text import tr

TYPE_WORDS: Final = {
    StageType.OPEN: "Open",
    StageType.WON: "Won",
    StageType.LOST: "Lost",
}
WIDTHS: Final = (200, 96, 84, 104)  # the first one gives way in a narrow window
LEAST_NAME: Final = 110
BUTTON: Final = 28
HEADINGS: Final = ("Stage", "Means", "Probability", "Goes quiet after")


class StageEditor(QWidget):
    """One stage as a row of editors; each saves when it is left."""

    def __init__(self, section: "PipelineSection", stage: StageRow, stages: Sequence[int]) -> None:
        super().__init__()
        self._section, self.stage = section, stage
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.name = QLineEdit(stage.name)
        self.name.setAccessibleName(tr("Name of the stage"))
        self.name.editingFinished.connect(self._rename)
        self.type = DropDown()
        self.type.set_items([(kind, tr(words), None) for kind, words in TYPE_WORDS.items()])
        self.type.set_value(stage.type)
        self.type.value_changed.connect(partial(self._change, "type"))
        self.probability = self._number(stage.probability, 100, " %", "probability")
        self.probability.setEnabled(stage.type is StageType.OPEN)
        self.rotting = self._number(stage.rotting_days, 365, tr(" days"), "rotting_days")
        self.rotting.setSpecialValueText(tr("never"))
        for editor, width in zip(
            (self.name, self.type, self.probability, self.rotting), WIDTHS, strict=True
        ):
            _fit(editor, width)
            row.addWidget(editor, 1 if editor is self.name else 0)
        place = stages.index(stage.id)
        buttons = QHBoxLayout()
        buttons.setSpacing(0)
        for icon, words, step in (("arrow-up", "Move up", -1), ("arrow-down", "Move down", 1)):
            button = IconButton(icon, f"{tr(words)}: {stage.name}", size=BUTTON, icon_size=16)
            button.setEnabled(0 <= place + step < len(stages))
            button.clicked.connect(partial(section.move_stage, stage.id, step))
            buttons.addWidget(button)
        remove = IconButton("trash-2", f"{tr('Remove')}: {stage.name}", size=BUTTON, icon_size=16)
        remove.clicked.connect(partial(section.remove_stage, stage.id))
        buttons.addWidget(remove)
        row.addLayout(buttons)
        row.addStretch(0)

    def _number(self, value: int, most: int, suffix: str, key: str) -> QSpinBox:
        box = QSpinBox()
        box.setRange(0, most)
        box.setSuffix(suffix)
        box.setValue(value)
        box.setAccessibleName(
            f"{tr(HEADINGS[2] if most == 100 else HEADINGS[3])}: {self.stage.name}"
        )
        box.lineEdit().setTextMargins(9, 0, 0, 0)
        box.editingFinished.connect(lambda: self._change(key, box.value()))
        return box

    def _rename(self) -> None:
        name = self.name.text().strip()
        if name:
            self._change("name", name)
        else:
            self.name.setText(self.stage.name)

    def _change(self, key: str, value: Any) -> None:
        if getattr(self.stage, key) != value:
            opened = {key: getattr(self.stage, key)}
            self._section.change(
                change_stage, stage_id=self.stage.id, opened=opened, **{key: value}
            )


def _fit(widget: QWidget, width: int) -> None:
    """Give a column its width; the names may become narrower."""
    if width == WIDTHS[0]:
        widget.setMinimumWidth(LEAST_NAME)
        widget.setMaximumWidth(width)
    else:
        widget.setFixedWidth(width)


class PipelineSection(Section):
    """One pipeline at a time, chosen above its stages."""

    def build(self) -> None:
        """Make the card."""
        card = self.add_card(
            tr("Pipelines and stages"),
            tr("What a stage means decides what counts as open, won and lost; its name does not."),
        )
        self.chooser = DropDown()
        self.chooser.value_changed.connect(self._show_chosen)
        self.default_note = Label(tr("New deals begin here"), "small")
        self.default_note.setFixedHeight(self.chooser.height())
        rename = ghost(tr("Rename"), "pencil")
        rename.clicked.connect(self._rename)
        self.default_button = ghost(tr("Make default"), "star")
        self.default_button.clicked.connect(self._make_default)
        remove = ghost(tr("Remove"), "trash-2")
        remove.clicked.connect(self._remove)
        # Of the last two one is seen: what is the default need not be made it.
        parts = (self.chooser, rename, remove, self.default_button, self.default_note)
        self.bar = FlowBox(*parts)
        card.add(self.bar)
        titles = QHBoxLayout()
        titles.setSpacing(8)
        for words, width in zip(HEADINGS, WIDTHS, strict=True):
            label = Label(tr(words), "small", elide=True)
            _fit(label, width)
            titles.addWidget(label, 1 if width == WIDTHS[0] else 0)
        titles.addSpacing(3 * BUTTON)
        titles.addStretch(0)
        card.add(titles)
        self.rows = QVBoxLayout()
        self.rows.setSpacing(8)
        card.add(self.rows)
        add_stage = secondary(tr("Add stage"), "plus")
        add_stage.clicked.connect(self._add_stage)
        add_pipeline = ghost(tr("New pipeline"), "plus")
        add_pipeline.clicked.connect(self._add_pipeline)
        card.add(button_row(add_stage, add_pipeline))
        self._pipelines: dict[int, PipelineRow] = {}

    def show_overview(self, overview: SettingsOverview) -> None:
        """Show the pipelines; the chosen one stays chosen."""
        self._pipelines = {pipeline.id: pipeline for pipeline in overview.pipelines}
        self.chooser.set_items([(p.id, p.name, None) for p in overview.pipelines])
        if self.chooser.value not in self._pipelines and self._pipelines:
            self.chooser.set_value(next(iter(self._pipelines)))
        self._show_chosen()

    def _chosen(self) -> PipelineRow | None:
        return self._pipelines.get(self.chooser.value)

    def _show_chosen(self, _value: object = None) -> None:
        pipeline = self._chosen()
        clear_layout(self.rows)
        if pipeline is None:
            return
        self.default_note.setVisible(pipeline.is_default)
        self.default_button.setVisible(not pipeline.is_default)
        self.bar.fit()
        order = [stage.id for stage in pipeline.stages]
        for stage in pipeline.stages:
            self.rows.addWidget(StageEditor(self, stage, order))

    # What the rows and buttons do.

    def change(self, command: Any, **fields: Any) -> None:
        """Run a command of the editor; what is refused shows what is stored again."""
        Operation(self, "Change pipeline", command, **fields).toast(tr("Saved")).lastly(
            self._show_chosen
        )

    def move_stage(self, stage_id: int, step: int) -> None:
        """Move a stage up or down."""
        pipeline = self._chosen()
        if pipeline is None:
            return
        order = [stage.id for stage in pipeline.stages]
        place = order.index(stage_id)
        order.insert(place + step, order.pop(place))
        self.change(reorder_stages, pipeline_id=pipeline.id, stage_ids=order)

    def remove_stage(self, stage_id: int) -> None:
        """Remove a stage that holds no deal."""
        self.change(delete_stage, stage_id=stage_id)

    def _add_stage(self) -> None:
        pipeline = self._chosen()
        if pipeline is not None:
            name = self._ask(tr("Name of the new stage"))
            if name:
                self.change(create_stage, pipeline_id=pipeline.id, name=name)

    def _add_pipeline(self) -> None:
        name = self._ask(tr("Name of the new pipeline"))
        if name:
            Operation(self, "New pipeline", create_pipeline, name=name).then(
                self.chooser.set_value
            ).toast(tr("Pipeline added"))

    def _rename(self) -> None:
        pipeline = self._chosen()
        if pipeline is not None:
            name = self._ask(tr("New name of the pipeline"), pipeline.name)
            if name and name != pipeline.name:
                opened = {"name": pipeline.name}
                self.change(rename_pipeline, pipeline_id=pipeline.id, opened=opened, name=name)

    def _make_default(self) -> None:
        pipeline = self._chosen()
        if pipeline is not None:
            self.change(set_default_pipeline, pipeline_id=pipeline.id)

    def _remove(self) -> None:
        pipeline = self._chosen()
        if pipeline is not None:
            self.change(delete_pipeline, pipeline_id=pipeline.id)

    def _ask(self, words: str, text: str = "") -> str:
        name, given = QInputDialog.getText(self, "Closeknit", words, text=text)
        return name.strip() if given else ""
