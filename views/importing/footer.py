"""The bar at the foot of the page: what is promised, how far it is, and what can be done."""

from PySide6.QtWidgets import QWidget

from app.exchange.runs import Progress
from views.shared.buttons import ghost, primary, secondary
from views.shared.cards import Card, ProgressPanel
from views.shared.format import duration_words, number
from views.shared.labels import Label
from views.shared.layout import row
from views.shared.text import tr


class Footer(Card):
    """The buttons of the page; the one at the end names the result."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, padding=12)
        self.promise = Label("", "muted", elide=True)
        self.progress = ProgressPanel(tr("Importing"))
        self.again = ghost(tr("Back"))
        self.rejects = secondary("", "download")
        self.undo = secondary(tr("Undo this import"), "undo-2")
        self.go = primary(tr("Import"), shortcut_hint="Ctrl ↵")
        line = row(spacing=8)
        line.addSpacing(8)
        line.addWidget(self.promise, 1)
        line.addWidget(self.progress, 1)
        for button in (self.again, self.rejects, self.undo, self.go):
            line.addWidget(button)
        self.add(line)

    def show_counting(self) -> None:
        """Offer nothing but a way back while the rows are counted."""
        self.go.setEnabled(False)
        self.go.setText(tr("Import"))
        for part in (self.rejects, self.undo, self.progress):
            part.hide()
        self.again.setText(tr("Back"))
        self.again.show()
        self.promise.show()
        self.promise.set_text(
            tr("Nothing is written yet. Afterwards one click takes the whole import back.")
        )

    def show_running(self, label: str, total: int, *, cancellable: bool) -> None:
        """Show how far the work is, in the place of the buttons."""
        for button in (self.again, self.rejects, self.undo):
            button.hide()
        self.go.setEnabled(False)
        self.promise.hide()
        self.progress.cancel.setVisible(cancellable)
        self.progress.cancel.setEnabled(True)
        self.progress.cancel.setText(tr("Cancel"))
        self.progress.set_label(label)
        self.progress.set_progress(0, total)
        self.progress.show()

    def show_end(self, words: str, *, undoable: bool) -> None:
        """Say how it ended."""
        self.progress.hide()
        self.promise.show()
        self.promise.set_text(words)
        self.undo.setVisible(undoable)
        self.undo.setEnabled(True)
        self.again.setVisible(True)
        self.again.setText(tr("More files"))
        self.go.setText(tr("Done"))
        self.go.setEnabled(True)

    def show_progress(self, progress: Progress, label: str) -> None:
        """Show how many are done, how fast, and how long it will still take."""
        rate = tr("{rate} a second", rate=number(round(progress.rate)))
        left = progress.seconds_left
        words = [label, rate]
        if left >= 1:
            words.append(tr("{time} left", time=duration_words(left)))
        self.progress.set_label(" · ".join(word for word in words if word))
        self.progress.set_progress(progress.done, progress.total)
