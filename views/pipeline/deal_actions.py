"""What can be done with deals, as menus and as a popup of stages."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QColor, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from app.queries.deal_details import StageStep
from models.values import StageType
from views.icons import icon
from views.pipeline.words import stage_color
from views.shared.text import tr
from views.theme import current_theme


def dot_icon(kind: StageType, position: int) -> QIcon:
    """Return a stage's dot as an icon for menus."""
    theme = current_theme()
    drawn = QPixmap(32, 32)
    drawn.fill(Qt.GlobalColor.transparent)
    drawn.setDevicePixelRatio(2)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(stage_color(kind, position, dark=theme.is_dark)))
    painter.drawEllipse(4, 4, 8, 8)
    painter.end()
    return QIcon(drawn)


class StageMenu(QMenu):
    """The stages of a pipeline; arrows or a digit choose one."""

    chosen = Signal(object)  # a StageStep

    def __init__(
        self,
        stages: Sequence[StageStep],
        present: int | None,
        parent: QWidget | None = None,
        *,
        title: str = "",
    ) -> None:
        super().__init__(title or tr("Move to stage"), parent)
        self.steps = list(stages)
        for place, stage in enumerate(self.steps):
            words = stage.name.replace("&", "&&")
            action = QAction(dot_icon(stage.type, place), f"{words}\t{place + 1}", self)
            action.setEnabled(stage.id != present)
            action.triggered.connect(lambda _=False, step=stage: self.chosen.emit(step))
            self.addAction(action)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose by digit."""
        place = event.key() - Qt.Key.Key_1
        actions = self.actions()
        if 0 <= place < len(actions) and actions[place].isEnabled():
            actions[place].trigger()
            self.close()
        else:
            super().keyPressEvent(event)


def add_action(
    menu: QMenu, name: str, words: str, run: Callable[[], object], hint: str = ""
) -> QAction:
    """Put an action with an icon into a menu."""
    action = QAction(icon(name), f"{words}\t{hint}" if hint else words, menu)
    action.triggered.connect(lambda _=False: run())
    menu.addAction(action)
    return action
