"""The composer at the bottom: reply or internal note, canned replies by "/", then a status."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QTextCursor
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from app.commands.canned_replies import filled_reply
from app.queries.ticket_details import CannedReplyRow
from models.values import TicketStatus, fold
from views.fonts import font
from views.shared import paint
from views.shared.buttons import IconButton, PaintedButton, primary
from views.shared.chips import DropDown
from views.shared.labels import Label
from views.shared.text import tr
from views.shared.text_fields import NoteEdit

_OFFERED: Final = 4


class _Tab(PaintedButton):
    """Reply or note: the chosen one is underlined."""

    def __init__(self, text: str, icon: str) -> None:
        super().__init__(text)
        self._icon_name = icon
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFixedHeight(36)

    def sizeHint(self) -> QSize:
        """Fit icon and words."""
        return QSize(round(paint.text_width(self.text(), 13, 600)) + 26, 36)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw icon, words and line."""
        del event
        painter, chosen = QPainter(self), self.isChecked()
        color = "accent" if chosen else "muted"
        paint.draw_icon(painter, 0, 10, self._icon_name, color, 15)
        words = QRectF(22, 0, self.width() - 22, self.height())
        paint.draw_text(
            painter,
            words,
            self.text(),
            weight=600 if chosen else 400,
            color="text" if chosen else "muted",
            elide=False,
        )
        if chosen:
            line = QRectF(0, self.height() - 2, self.width(), 2)
            paint.rounded(painter, line, 1, "primary")
        self.draw_ring(painter, 4)


class _Editor(NoteEdit):
    """Plain text; tells of the keys that mean more than text."""

    send_requested = Signal()
    offer_key = Signal(int)
    focus_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.offering = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(font(13, 400))
        self.setProperty("flat", True)  # the card shows the focus
        self.setTabChangesFocus(True)
        self.setFixedHeight(84)
        self.document().setDocumentMargin(0)
        self.setStyleSheet(
            "QPlainTextEdit, QPlainTextEdit:focus"
            " { background: transparent; border: none; padding: 0; }"
        )

    def event(self, event: QEvent) -> bool:
        """Take Tab for the offer before Qt takes it for the focus."""
        if (
            self.offering
            and isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Tab
        ):
            self.offer_key.emit(int(event.key()))
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Send by Ctrl+Enter; hand Tab, Enter, Esc and the arrows to the offer."""
        enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        offered = {Qt.Key.Key_Tab, Qt.Key.Key_Escape, Qt.Key.Key_Up, Qt.Key.Key_Down}
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.send_requested.emit()
        elif self.offering and (enter or event.key() in offered):
            self.offer_key.emit(int(event.key()))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Let the frame show the focus."""
        super().focusInEvent(event)
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """See above."""
        super().focusOutEvent(event)
        self.focus_changed.emit()


class Composer(QWidget):
    """Where the answer is written; each ticket keeps its own draft until it is sent."""

    sent = Signal(str, bool, object)  # text, whether it is a note, the status to set then
    keep_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drafts: dict[int, str] = {}
        self._ticket: int | None = None
        self._replies: Sequence[CannedReplyRow] = ()
        self._values: dict[str, str] = {}
        self.reply_tab, self.note_tab = (
            _Tab(tr("Reply"), "reply"),
            _Tab(tr("Internal note"), "lock"),
        )
        self.reply_tab.setChecked(True)
        self.note_tab.toggled.connect(self._on_mode)
        self.to = Label("", "small", elide=True)
        self.editor = _Editor()
        self.editor.send_requested.connect(self.send)
        self.editor.offer_key.connect(self._on_offer_key)
        self.editor.focus_changed.connect(self.update)
        self.editor.textChanged.connect(self._on_text)
        self.offer = QListWidget()
        self.offer.setFrameShape(QFrame.Shape.NoFrame)
        self.offer.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.offer.setAccessibleName(tr("Canned replies"))
        self.offer.itemClicked.connect(self._insert)
        self.offer.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.offer.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.offer.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.offer.hide()
        self.hint = Label(tr("/ canned reply"), "small")
        self.canned = IconButton("book-open", tr("Canned replies"), size=30)
        self.canned.clicked.connect(self._open_menu)
        self.then = DropDown()
        self.then.setAccessibleName(tr("Status after sending"))
        self.then.set_items(
            [
                (TicketStatus.WAITING, tr("then Waiting")),
                (TicketStatus.OPEN, tr("then Open")),
                (TicketStatus.ON_HOLD, tr("then On hold")),
                (TicketStatus.RESOLVED, tr("then Resolved")),
            ]
        )
        self.send_button = primary(tr("Send"), "send", "Ctrl ↵")
        self.send_button.clicked.connect(self.send)
        self._lay_out()
        self._on_mode()

    def _lay_out(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(36, 8, 36, 28)
        box.setSpacing(6)
        tabs = QHBoxLayout()
        tabs.setSpacing(20)
        tabs.addWidget(self.reply_tab)
        tabs.addWidget(self.note_tab)
        tabs.addStretch(1)
        tabs.addWidget(self.to)
        box.addLayout(tabs)
        box.addSpacing(6)
        box.addWidget(self.editor)
        box.addWidget(self.offer)
        box.addWidget(self.hint)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.canned)
        foot.addStretch(1)
        foot.addWidget(self.then)
        foot.addWidget(self.send_button)
        box.addLayout(foot)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card, in the accent colour while it is written in."""
        del event
        painter = QPainter(self)
        card = QRectF(self.rect()).adjusted(20, 4, -20, -16)
        ground = "note" if self.is_note else "surface"
        active = self.editor.hasFocus()
        paint.rounded(
            painter, card, 8, ground, "accent" if active else "outline", 1.5 if active else 1
        )

    @property
    def is_note(self) -> bool:
        """Whether an internal note is written."""
        return self.note_tab.isChecked()

    def set_ticket(self, ticket_id: int, values: dict[str, str], to: str) -> None:
        """Write about another ticket from now on; the draft of this one is kept."""
        if ticket_id != self._ticket:
            if self._ticket is not None:
                self._drafts[self._ticket] = self.editor.toPlainText()
            self._ticket = ticket_id
            self.editor.setPlainText(self._drafts.pop(ticket_id, ""))
            self.reply_tab.setChecked(True)
        self._values = values
        self.to.set_text(tr("to {address}", address=to) if to else "")

    def set_replies(self, replies: Sequence[CannedReplyRow]) -> None:
        """Take the canned replies this person may use."""
        self._replies = replies

    def focus_editor(self, *, note: bool = False) -> None:
        """Put the cursor into the text."""
        (self.note_tab if note else self.reply_tab).setChecked(True)
        self.editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def send(self) -> None:
        """Hand on what was written."""
        text = self.editor.toPlainText().strip()
        if not text:
            self.editor.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.sent.emit(text, self.is_note, None if self.is_note else self.then.value)

    def clear_draft(self, ticket_id: int) -> None:
        """Forget what was sent."""
        self._drafts.pop(ticket_id, None)
        if ticket_id == self._ticket:
            self.editor.clear()

    def _on_mode(self) -> None:
        note = self.is_note
        self.then.setVisible(not note)
        self.to.setVisible(not note)
        self.send_button.setText(tr("Add note") if note else tr("Send"))
        self.editor.setPlaceholderText(
            tr("Only your colleagues see this") if note else tr("Write your answer")
        )
        self.editor.setAccessibleName(tr("Internal note") if note else tr("Reply"))
        self.update()

    def _word(self) -> str | None:
        """Return what follows the "/" that the cursor's word begins with."""
        cursor = self.editor.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        start = before.rfind("/")
        if start < 0 or (start and not before[start - 1].isspace()) or len(before) - start > 30:
            return None
        return before[start + 1 :]

    def _on_text(self) -> None:
        word = self._word()
        found = []
        if word is not None:
            wanted = fold(word)
            found = [reply for reply in self._replies if wanted in fold(reply.name)][:_OFFERED]
        self.offer.clear()
        for reply in found:
            item = QListWidgetItem(f"{reply.name}   {' '.join(reply.body.split())[:60]}")
            item.setData(int(Qt.ItemDataRole.UserRole), reply.body)
            self.offer.addItem(item)
        rows = sum(self.offer.sizeHintForRow(place) for place in range(len(found)))
        self.offer.setFixedHeight(rows + 8)
        self.offer.setCurrentRow(0)
        self.offer.setVisible(bool(found))
        self.editor.offering = bool(found)
        self.hint.set_text(tr("Tab inserts") if found else tr("/ canned reply"))

    def _on_offer_key(self, key: int) -> None:
        if key == Qt.Key.Key_Escape:
            self.offer.hide()
            self.editor.offering = False
        elif key in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
            step = 1 if key == Qt.Key.Key_Down else -1
            self.offer.setCurrentRow((self.offer.currentRow() + step) % self.offer.count())
        elif self.offer.currentItem() is not None:
            self._insert(self.offer.currentItem())

    def _insert(self, item: QListWidgetItem) -> None:
        """Put the reply in the place of the "/" and what follows it."""
        word = self._word() or ""
        cursor = self.editor.textCursor()
        move = QTextCursor.MoveOperation.PreviousCharacter
        cursor.movePosition(move, QTextCursor.MoveMode.KeepAnchor, len(word) + 1)
        self._put(cursor, str(item.data(int(Qt.ItemDataRole.UserRole))))

    def _put(self, cursor: QTextCursor, body: str) -> None:
        cursor.insertText(filled_reply(body, self._values))
        self.editor.setTextCursor(cursor)
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for reply in self._replies:
            action = menu.addAction(reply.name.replace("&", "&&"))
            action.triggered.connect(
                lambda _=False, body=reply.body: self._put(self.editor.textCursor(), body)
            )
        if self._replies:
            menu.addSeparator()
        keep = menu.addAction(tr("Keep this text as a canned reply…"))
        keep.setEnabled(bool(self.editor.toPlainText().strip()))
        keep.triggered.connect(lambda: self.keep_requested.emit(self.editor.toPlainText()))
        menu.popup(self.canned.mapToGlobal(self.canned.rect().topLeft()))
