"""Rows and lists that both sections are made of."""

from collections.abc import Sequence

from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from views.intake.words import Pill
from views.shared.labels import Label, PillLabel
from views.shared.layout import clear_layout

_LIST_HEIGHT = 168


def headed_row(title: str, about: str, pill: Pill, error: str) -> tuple[QWidget, QHBoxLayout]:
    """Return a row with its words, and the place for its buttons behind the pill."""
    row = QWidget()
    box = QVBoxLayout(row)
    box.setContentsMargins(0, 8, 0, 8)
    box.setSpacing(2)
    head = QHBoxLayout()
    head.setSpacing(12)
    head.addWidget(Label(title, "strong", elide=True), 1)
    head.addWidget(PillLabel(*pill))
    buttons = QHBoxLayout()
    buttons.setSpacing(4)
    head.addLayout(buttons)
    box.addLayout(head)
    box.addWidget(Label(about, "small", wrap=True))
    if error:
        box.addWidget(Label(error, "error", wrap=True, selectable=True))
    return row, buttons


class CheckList(QScrollArea):
    """A list of names of which some are chosen."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFixedHeight(_LIST_HEIGHT)
        content = QWidget()
        content.setObjectName("scrolled")
        self._list = QVBoxLayout(content)
        self._list.setContentsMargins(2, 2, 12, 2)
        self._list.setSpacing(6)
        self.setWidget(content)
        self._boxes: dict[str, QCheckBox] = {}

    def show_names(self, names: Sequence[str], chosen: Sequence[str]) -> None:
        """Show names in their order, some of them chosen."""
        clear_layout(self._list)
        self._boxes = {}
        for name in names:
            box = QCheckBox(name.replace("&", "&&"))
            box.setChecked(name in chosen)
            self._boxes[name] = box
            self._list.addWidget(box)
        self._list.addStretch(1)

    def chosen(self) -> list[str]:
        """Return the chosen names."""
        return [name for name, box in self._boxes.items() if box.isChecked()]

    def box(self, name: str) -> QCheckBox:
        """Return the box of a name."""
        return self._boxes[name]
