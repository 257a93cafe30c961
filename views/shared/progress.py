"""Progress of work that takes longer than a moment, with a count and a way out."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from views.shared.buttons import ghost
from views.shared.format import number
from views.shared.labels import Label
from views.shared.text import tr


class ProgressPanel(QWidget):
    """A label, a bar, how many of how many, and Cancel."""

    cancelled = Signal()

    def __init__(
        self, label: str, parent: QWidget | None = None, *, cancellable: bool = True
    ) -> None:
        super().__init__(parent)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        line = QHBoxLayout()
        self.label = Label(label, "medium", elide=True)
        self.count = Label("", "small")
        self.cancel = ghost(tr("Cancel"))
        self.cancel.compact = True
        self.cancel.setVisible(cancellable)
        self.cancel.clicked.connect(self._cancel)
        line.addWidget(self.label, 1)
        line.addWidget(self.count)
        line.addWidget(self.cancel)
        box.addLayout(line)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        box.addWidget(self.bar)

    def set_label(self, label: str) -> None:
        """Say what is being done."""
        self.label.set_text(label)
        self.bar.setAccessibleName(label)

    def set_progress(self, done: int, total: int | None = None) -> None:
        """Show how many are done; without a total the bar only moves."""
        if total:
            # Qt counts in 32 bits: thousandths are fine enough for any number of rows.
            self.bar.setRange(0, 1000)
            self.bar.setValue(min(1000, done * 1000 // total))
            self.count.set_text(tr("{done} of {total}", done=number(done), total=number(total)))
        else:
            self.bar.setRange(0, 0)
            self.count.set_text(number(done) if done else "")

    def _cancel(self) -> None:
        self.cancel.setEnabled(False)
        self.cancel.setText(tr("Cancelling…"))
        self.cancelled.emit()
