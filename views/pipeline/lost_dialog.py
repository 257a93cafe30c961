"""Asks why a deal was lost, before the move counts."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QRadioButton, QWidget

from models.values import LostReason
from views.pipeline.words import lost_reasons
from views.shared.dialogs import Dialog
from views.shared.forms import set_invalid, text_area
from views.shared.labels import Label
from views.shared.text import tr, tr_n


class LostDialog(Dialog):
    """The reasons as one list; `answered` gives reason and note, closing it otherwise cancels."""

    answered = Signal(object, object)

    def __init__(self, names: tuple[str, ...], parent: QWidget | None = None) -> None:
        title = (
            tr("Why was “{deal}” lost?", deal=names[0])
            if len(names) == 1
            else tr_n("Why was {n} deal lost?", "Why were {n} deals lost?", len(names))
        )
        super().__init__(
            title,
            tr("The reason is kept with the deal and counted in the reports."),
            parent,
            confirm=tr("Mark as lost"),
            width=440,
        )
        self._group = QButtonGroup(self)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        half = (len(lost_reasons()) + 1) // 2
        self.choices: dict[LostReason, QRadioButton] = {}
        for place, (reason, words) in enumerate(lost_reasons()):
            button = QRadioButton(words)
            self._group.addButton(button)
            self.choices[reason] = button
            grid.addWidget(button, place % half, place // half)
        self.body.addLayout(grid)
        self.note_label = Label(tr("In a few words (optional)"), "small")
        self.note = text_area(tr("What decided it?"), rows=2)
        self.body.addWidget(self.note_label)
        self.body.addWidget(self.note)
        self._group.buttonToggled.connect(self._on_chosen)
        self.note.textChanged.connect(self._on_chosen)
        self.confirm_button.setEnabled(False)
        first = next(iter(self.choices.values()))
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def reason(self) -> LostReason | None:
        """The chosen reason."""
        return next((r for r, button in self.choices.items() if button.isChecked()), None)

    def choose(self, reason: LostReason, note: str = "") -> None:
        """Fill the dialog in."""
        self.choices[reason].setChecked(True)
        self.note.setPlainText(note)

    def confirmed(self) -> bool:
        """Answer when a reason is chosen; "other" needs the note."""
        reason, note = self.reason, self.note.toPlainText().strip()
        if reason is None:
            self.set_error(tr("Choose a reason."))
            return False
        if reason is LostReason.OTHER and not note:
            self.set_error(tr("Say in a few words what the other reason was."))
            set_invalid(self.note, True)
            self.note.setFocus()
            return False
        self.answered.emit(reason, note or None)
        return True

    def _on_chosen(self) -> None:
        self.confirm_button.setEnabled(self.reason is not None)
        other = self.reason is LostReason.OTHER
        words = tr("In a few words") if other else tr("In a few words (optional)")
        self.note_label.set_text(words)
        set_invalid(self.note, False)
        self.error.hide()
