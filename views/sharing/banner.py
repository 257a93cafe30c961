"""The line across the top that says how the workspace's place is, for as long as it is so."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.sharing.outage import Situation
from views.context import PageContext, Reopening
from views.shared.buttons import Button, IconButton
from views.shared.labels import IconLabel, Label
from views.shared.text import tr, tr_n
from views.sharing.banner_words import OFFER_WORDS, Offer, Said, said_of
from views.sharing.situation import SituationSignal
from views.theme import current_theme, theme_changed

TICK_MS: Final = 1_000
_ICONS: Final = {"bad": "circle-alert", "warning": "triangle-alert", "info": "info"}


class SharingBanner(QWidget):
    """Says what is wrong with the place and what becomes of edits; gone when all is well."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.said: Said | None = None
        self._dismissed: Said | None = None
        self.buttons: dict[Offer, Button] = {}
        self._acts: dict[Offer, Callable[[], object]] = {
            Offer.TRY: self.try_now,
            Offer.KEPT: self.show_kept,
            Offer.BACKUPS: partial(context.navigate, "settings", section="backups", newest=True),
            Offer.REOPEN: partial(context.reopen, Reopening(context.workspace.location)),
            Offer.OTHER: self._open_other,
            Offer.CONNECT: self._connect_computer,
            Offer.TAKE_OVER: partial(context.navigate, "settings", section="sharing"),
        }
        self._build()
        self.signal = SituationSignal(context.workspace, self)
        self.signal.changed.connect(self._tell)
        self.signal.came_back.connect(self._welcome_back)
        self._clock = QTimer(self)
        self._clock.setInterval(TICK_MS)
        self._clock.timeout.connect(self.look)
        self._clock.start()
        theme_changed.connect(self._retheme)
        self.hide()
        self.look()

    def _build(self) -> None:
        line = QHBoxLayout(self)
        line.setContentsMargins(24, 7, 12, 7)
        line.setSpacing(10)
        self._icon = IconLabel("info", "info")
        self.text = Label("", "medium", wrap=True)
        self.detail = Label("", "small", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.text)
        words.addWidget(self.detail)
        for offer, name in OFFER_WORDS.items():
            button = Button(tr(name), compact=True)
            button.clicked.connect(partial(self._act, offer))
            self.buttons[offer] = button
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        for button in self.buttons.values():
            self._row.addWidget(button)
        self._close = IconButton("x", tr("Close notice"), size=28, icon_size=16)
        self._close.clicked.connect(self._dismiss)
        line.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        line.addLayout(self._row)
        line.addWidget(self._close)

    @property
    def situation(self) -> Situation | None:
        """Where the workspace stands, as far as this window has heard."""
        return self.signal.situation

    def stop(self) -> None:
        """Hear nothing more: the workspace is left."""
        self._clock.stop()
        self.signal.stop()

    def look(self) -> None:
        """Show what is to be said now."""
        said = said_of(self.context.workspace, self.situation)
        if said == self.said:
            return
        news = self.said is None or said is None or said.text != self.said.text
        self.said = said
        if said is None or said == self._dismissed:
            self.hide()
            return
        self._show(said)
        if news:
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _show(self, said: Said) -> None:
        self._icon.set_icon(_ICONS[said.tone], said.tone)
        self.text.set_text(said.text)
        self.detail.set_text(said.detail)
        self.detail.setVisible(bool(said.detail))
        self.setAccessibleName(f"{said.text} {said.detail}".strip())
        for offer, button in self.buttons.items():
            button.setVisible(offer in said.offers)
        self._close.setVisible(said.closable)
        self.show()
        self.update()

    def _tell(self, _situation: object) -> None:
        self.look()

    def _dismiss(self) -> None:
        self._dismissed = self.said
        self.hide()

    def _act(self, offer: Offer) -> None:
        self._acts[offer]()

    def try_now(self) -> None:
        """Look for the place at once."""
        if self.signal.outage is not None:
            self.signal.outage.try_now()

    def show_kept(self) -> None:
        """Show the changes that wait on this computer."""
        from views.sharing.kept_dialog import KeptDialog  # noqa: PLC0415 - seldom

        if self.signal.outage is None:
            return
        dialog = KeptDialog(self.context, self.signal, self.window())
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _welcome_back(self) -> None:
        kept = self.situation.kept if self.situation is not None else 0
        detail = (
            tr_n("{n} change waits to be saved.", "{n} changes wait to be saved.", kept)
            if kept
            else tr("Nothing was lost.")
        )
        self.context.toast(tr("The workspace is back"), kind="good", detail=detail)

    def _connect_computer(self) -> None:
        from views.sharing.handshake_dialogs import JoinDialog  # noqa: PLC0415 - seldom

        dialog = JoinDialog(self.context, self.window())
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _open_other(self) -> None:
        window: Any = self.window()
        if hasattr(window, "open_workspace"):
            window.open_workspace()

    def _retheme(self, *_theme: object) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tinted ground and its line."""
        del event
        if self.said is None:
            return
        painter, theme = QPainter(self), current_theme()
        tone = theme.tone(self.said.tone)
        painter.fillRect(self.rect(), theme.color(tone.tint))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color(tone.line))
