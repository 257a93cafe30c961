"""The changes that wait on this computer: save them, or let go of them."""

from collections import deque
from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.queries.record_names import Reference, record_names
from app.sharing.outage import KeptForLaterError, Standing, settle_doubts
from app.sharing.outbox import Kept, NotKeepableError
from views.context import PageContext
from views.operations import Lookup, Operation
from views.shared.buttons import ghost
from views.shared.dialogs import Dialog, ask
from views.shared.labels import Label, PillLabel
from views.shared.layout import clear_layout
from views.shared.text import tr, tr_n, translate_error
from views.sharing.kept_words import fields_words, made_words, references_of, title_of
from views.sharing.situation import SituationSignal

_WIDTH: Final = 620
_TALLEST: Final = 420


class KeptRow(QWidget):
    """One change with a box to choose it, and what came of saving it."""

    def __init__(self, kept: Kept, names: Mapping[Reference, str], currency: str) -> None:
        super().__init__()
        self.kept = kept
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 8, 12, 8)
        line.setSpacing(8)
        self.box = QCheckBox()
        self.box.setChecked(True)
        words, made = fields_words(kept, names, currency), made_words(kept, names)
        self.box.setAccessibleName(f"{title_of(kept)}: {words}")
        self.state = PillLabel("")
        self.state.hide()
        if kept.in_doubt:
            self.set_state(tr("perhaps saved already"), "warning")
        self.error = Label("", "error", wrap=True)
        self.error.hide()
        text = QVBoxLayout()
        text.setSpacing(1)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Label(title_of(kept), "strong"))
        head.addWidget(Label(made, "small", elide=True), 1)
        head.addWidget(self.state)
        text.addLayout(head)
        if words:
            text.addWidget(Label(words, "body", wrap=True))
        text.addWidget(self.error)
        line.addWidget(self.box, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(text, 1)

    def set_state(self, words: str, tone: str = "neutral") -> None:
        """Show how far it is; empty takes it away."""
        self.state.set_pill(words, tone)
        self.state.setVisible(bool(words))

    def set_error(self, text: str) -> None:
        """Say why it was not saved."""
        self.error.set_text(text)
        self.error.setVisible(bool(text))
        self.set_state(tr("not saved") if text else "", "bad")


class KeptDialog(Dialog):
    """Runs what the person chooses, one after the other; conflicts are asked as always."""

    def __init__(self, context: PageContext, signal: SituationSignal, parent: QWidget) -> None:
        super().__init__(
            tr("Changes that wait on this computer"),
            tr(
                "They could not be saved while the workspace was away. Nothing of them is lost: "
                "save them now, or keep them for later."
            ),
            parent,
            width=_WIDTH,
            confirm=tr("Save selected"),
            cancel=tr("Later"),
            icon="inbox",
        )
        self.context = context
        self._signal = signal
        assert signal.outage is not None  # noqa: S101  the banner offers it only then
        self._outage = signal.outage
        self.rows: list[KeptRow] = []
        self._queue: deque[KeptRow] = deque()
        self._saved = self._failed = 0
        self._build()
        signal.changed.connect(self._look)
        if self._outage.is_open:
            # What an earlier run left in doubt may have been stored after all: ask the file first.
            Lookup(self, settle_doubts, self._outage.outbox).then(self._settled)
        else:
            self._load()

    def _build(self) -> None:
        self.notice = Label("", "muted", wrap=True)
        self.body.addWidget(self.notice)
        content = QWidget()
        content.setObjectName("scrolled")
        self._list = QVBoxLayout(content)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(content)
        self.body.addWidget(self._area, 1)
        self.discard_button = ghost(tr("Discard selected…"), "trash-2")
        self.discard_button.clicked.connect(self.discard)
        self.footer.insertWidget(0, self.discard_button)

    # What waits.

    def _settled(self, arrived: int) -> None:
        if arrived:
            self._outage.forget()  # counts anew
            words = tr_n(
                "{n} change had been saved after all.",
                "{n} changes had been saved after all.",
                arrived,
            )
            self.context.toast(words, kind="good")
        self._load()

    def _load(self) -> None:
        waiting = self._outage.outbox.waiting()
        wanted = sorted({reference for kept in waiting for reference in references_of(kept)})
        Lookup(self, record_names, wanted, key="names").then(
            lambda names: self._show(waiting, names)
        )

    def _show(self, waiting: list[Kept], names: Mapping[Reference, str]) -> None:
        clear_layout(self._list)
        self.rows = [KeptRow(kept, names, self.context.currency) for kept in waiting]
        for row in self.rows:
            row.box.toggled.connect(self._look)
            self._list.addWidget(row)
            row.show()  # else it counts for nothing in the height that follows
        self._list.addStretch(1)
        self._look()
        self._fit()

    def _fit(self) -> None:
        self._list.activate()
        wide = self.width() - 60
        tall = max(self._list.sizeHint().height(), self._list.totalHeightForWidth(wide))
        self._area.setFixedHeight(max(60, min(tall, _TALLEST)))
        self.fit()

    @property
    def chosen(self) -> list[KeptRow]:
        """The changes that are selected and wait."""
        return [row for row in self.rows if row.box.isChecked() and row.box.isEnabled()]

    def _look(self, *_ignored: object) -> None:
        away = self._signal.situation is not None and (
            self._signal.situation.standing is not Standing.OPEN
        )
        busy = bool(self._queue)
        if away:
            words = tr("The workspace cannot be written to at the moment; they wait until it can.")
        elif not self.rows:
            words = tr("Nothing waits any more.")
        else:
            words = ""
        self.notice.set_text(words)
        self.notice.setVisible(bool(words))
        self.confirm_button.setEnabled(bool(self.chosen) and not away and not busy)
        self.discard_button.setEnabled(bool(self.chosen) and not busy)

    # Save.

    def confirmed(self) -> bool:
        """Save what is selected; the dialog stays open for what could not be saved."""
        self._saved = self._failed = 0
        self._queue = deque(self.chosen)
        for row in self._queue:
            row.set_error("")
        self._look()
        self._next()
        return False

    def _next(self) -> None:
        if not self._queue:
            self._end()
            return
        row = self._queue[0]
        row.set_state(tr("saving…"))
        try:
            command = row.kept.function
        except (NotKeepableError, ImportError):
            self._refused(row, tr("This version of Closeknit no longer knows this kind of change."))
            self._go_on()
            return
        self._outage.trying(row.kept)
        operation = Operation(self, row.kept.label, command, **row.kept.fields)
        operation.then(lambda _value: self._stored(row))
        operation.or_else(lambda error: self._not_stored(row, translate_error(error)))
        operation.or_kept(lambda error: self._kept_again(row, error))
        operation.lastly(self._go_on)

    def _go_on(self) -> None:
        if self._queue:
            self._queue.popleft()
        self._next()

    def _stored(self, row: KeptRow) -> None:
        self._outage.forget(row.kept.id)
        self._saved += 1
        row.set_state(tr("saved"), "good")
        row.box.setChecked(False)
        row.box.setEnabled(False)

    def _not_stored(self, row: KeptRow, words: str) -> None:
        self._outage.outbox.settle(row.kept)
        self._refused(row, words)

    def _refused(self, row: KeptRow, words: str) -> None:
        self._failed += 1
        row.set_error(words)

    def _kept_again(self, row: KeptRow, error: KeptForLaterError) -> None:
        """Stop: the place is gone again. The newer entry stays: it knows whether it is in doubt."""
        self._outage.forget(row.kept.id)
        row.kept = error.kept
        self._failed += 1
        row.set_state("")
        for waiting in list(self._queue)[1:]:
            waiting.set_state("")
        self._queue = deque([row])

    def _end(self) -> None:
        self._look()
        if self._saved:
            words = tr_n("{n} change saved", "{n} changes saved", self._saved)
            self.context.toast(words, kind="good")
        if not self._failed and not self._outage.outbox.waiting():
            self.accept()
        self._fit()

    def reject(self) -> None:
        """Close, but not while something is being saved: whether it was must be noted."""
        if not self._queue:
            super().reject()

    # Let go.

    def discard(self) -> None:
        """Let go of what is selected, after a question: it cannot be undone."""
        rows = self.chosen
        agreed = ask(
            self,
            tr_n("Discard {n} change?", "Discard {n} changes?", len(rows)),
            tr("What was entered there is gone for good; the workspace stays as it is."),
            tr("Discard"),
        )
        if agreed:
            self._outage.forget(*[row.kept.id for row in rows])
            self._load()
            if not self._outage.outbox.waiting():
                self.accept()
