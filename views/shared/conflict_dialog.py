"""Asks which of two values shall stand when two people changed the same field."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.clock import now
from app.conflicts import Conflict, ConflictField, Keep, anew
from views.context import PageContext
from views.fonts import font
from views.shared import paint
from views.shared.buttons import PaintedButton
from views.shared.conflict_words import field_label, value_words, when_words
from views.shared.dialogs import Dialog
from views.shared.fields import MoneyEdit
from views.shared.forms import text_area
from views.shared.inline import parse_number
from views.shared.labels import Label
from views.shared.text import tr
from views.theme import current_theme

_LONG: Final = 60  # characters that need more than one line
_PAD: Final = 12
_TEXT_LEFT: Final = 40
_WRAP: Final = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignTop)
_MAX_LINES: Final = 6
_WIDTH: Final = 540
_MARGIN: Final = 24  # of a dialog, at either side
_TALLEST: Final = 470  # of all fields together; more of them scroll


class ChoiceCard(PaintedButton):
    """One of the values to choose from: whose it is, since when, and the value itself."""

    def __init__(self, caption: str, detail: str, value: str) -> None:
        super().__init__(caption)
        self._detail, self._value = detail, value
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self._height())
        self.setAccessibleName(tr("{caption}: {value}", caption=caption, value=value or detail))
        self.setAccessibleDescription(detail)

    def _height(self) -> int:
        """Return the height at which the value is not cut, up to some lines."""
        if not self._value:
            return 2 * _PAD + 18
        fonts = QFontMetrics(font(14, 500))
        wide = _WIDTH - 2 * _MARGIN - _TEXT_LEFT - _PAD - 8
        tall = fonts.boundingRect(QRect(0, 0, wide, 10_000), _WRAP, self._value).height()
        return 2 * _PAD + 21 + min(tall, _MAX_LINES * fonts.lineSpacing())

    def sizeHint(self) -> QSize:
        """Fill the dialog."""
        return QSize(_WIDTH - 2 * _MARGIN, self._height())

    def minimumSizeHint(self) -> QSize:
        """Give way to a scroll bar."""
        return QSize(200, self._height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a card with a mark at the left."""
        del event
        painter, theme = QPainter(self), current_theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area, chosen = QRectF(self.rect()), self.isChecked()
        ground = "accent_soft" if chosen else ("hover" if self.is_hovered else "raised")
        paint.rounded(painter, area, 8, ground, "accent" if chosen else "border")
        mark = paint.mirrored(QRectF(14, _PAD + 1, 16, 16), area, self.layoutDirection())
        _draw_radio(painter, mark, chosen, theme.accent, theme.outline)
        body = area.adjusted(_TEXT_LEFT, _PAD, -_PAD, -_PAD)
        body = paint.mirrored(body, area, self.layoutDirection())
        painter.setLayoutDirection(self.layoutDirection())
        runs: list[paint.Run] = [(self.text(), 600, "accent" if chosen else "text")]
        if self._detail:
            runs.append((f"   {self._detail}", 400, "muted"))
        paint.draw_runs(painter, QRectF(body.left(), body.top(), body.width(), 18), runs)
        painter.setFont(font(14, 500))
        painter.setPen(QColor(theme.text))
        painter.drawText(body.adjusted(0, 21, 0, 2), _WRAP, self._value)
        if self.hasFocus() and self.ring:
            paint.rounded(painter, area, 8, None, "accent", 2)


def _draw_radio(painter: QPainter, box: QRectF, on: bool, accent: str, line: str) -> None:
    painter.save()
    pen = painter.pen()
    pen.setColor(QColor(accent if on else line))
    pen.setWidthF(1.6)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(box.adjusted(1, 1, -1, -1))
    if on:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(accent))
        painter.drawEllipse(QPointF(box.center()), 4, 4)
    painter.restore()


class ConflictChoice(QWidget):
    """A field with mine, theirs and, where it can be typed, a third value."""

    changed = Signal()

    def __init__(self, field: ConflictField, currency: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        name, who = field_label(field), field.who or tr("Somebody")
        box.addWidget(Label(name, "section"))
        self.mine = ChoiceCard(
            tr("Yours"), tr("not saved yet"), _words(field, mine=True, currency=currency)
        )
        self.theirs = ChoiceCard(
            who, when_words(field.when, now()), _words(field, mine=False, currency=currency)
        )
        self.group = QButtonGroup(self)
        cards: list[QAbstractButton] = [self.mine, self.theirs]
        self.editor, self._read = _editor(field, currency)
        self.both: ChoiceCard | None = None
        if self.editor is not None:
            self.both = ChoiceCard(tr("Write it anew"), tr("from both"), "")
            cards.append(self.both)
        for card in cards:
            self.group.addButton(card)
            box.addWidget(card)
        if self.editor is not None:
            self.editor.setAccessibleName(tr("{field}, a new value", field=name))
            self.editor.hide()
            box.addWidget(self.editor)
        self.setAccessibleName(name)
        self.group.buttonToggled.connect(self._toggled)

    @property
    def is_decided(self) -> bool:
        """Whether one of the values is chosen, and a new one can be read."""
        if self.both is not None and self.both.isChecked():
            return self._read() is not _UNREADABLE
        return self.group.checkedButton() is not None

    @property
    def answer(self) -> Any:
        """Keep.MINE, Keep.THEIRS or a new value, as `app.conflicts` takes it."""
        if self.mine.isChecked():
            return Keep.MINE
        return Keep.THEIRS if self.theirs.isChecked() else anew(self._read())

    def _toggled(self, button: QAbstractButton, on: bool) -> None:
        if self.editor is not None and button is self.both:
            self.editor.setVisible(on)
            if on:
                self.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()


class ConflictDialog(Dialog):
    """Shows both values with who and when; `resolution` tells what the person decided."""

    def __init__(self, conflict: Conflict, context: PageContext, parent: QWidget) -> None:
        who = next((field.who for field in conflict.fields if field.who), None)
        title = conflict.title or tr("This record")
        super().__init__(
            tr("Two changes to {title}", title=title),
            tr(
                "{who} saved a change while you were writing yours. Choose what shall stand; the "
                "other value stays in the history.",
                who=who or tr("Somebody"),
            ),
            parent,
            width=_WIDTH,
            confirm=tr("Save"),
            cancel=tr("Back to editing"),
            icon="git-merge",
        )
        currency = conflict.currency or context.currency
        self.choices = [ConflictChoice(field, currency) for field in conflict.fields]
        self._fitted = 0
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        content = QWidget()
        content.setObjectName("scrolled")
        self._inner = QVBoxLayout(content)
        self._inner.setContentsMargins(0, 0, 0, 0)
        self._inner.setSpacing(16)
        for choice in self.choices:
            choice.changed.connect(self._look)
            editor = choice.editor
            if isinstance(editor, QPlainTextEdit | QLineEdit):
                editor.textChanged.connect(self._look)
            self._inner.addWidget(choice)
        self._area.setWidget(content)
        self.body.addWidget(self._area)
        self.setFixedWidth(_WIDTH)
        self._look()
        self.choices[0].mine.setFocus(Qt.FocusReason.OtherFocusReason)

    def resolution(self) -> dict[str, Any]:
        """Return each field's decision, as the commands take it."""
        return {choice.field.name: choice.answer for choice in self.choices}

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose by Enter the value that has the focus, then save by Enter."""
        card = self.focusWidget()
        if (
            event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
            and isinstance(card, ChoiceCard)
            and not card.isChecked()
        ):
            card.setChecked(True)
            return
        super().keyPressEvent(event)

    def _look(self) -> None:
        self.confirm_button.setEnabled(all(choice.is_decided for choice in self.choices))
        self._inner.activate()
        tall = self._inner.sizeHint().height()
        self._area.setFixedHeight(min(tall, _TALLEST))
        if self._area.height() != self._fitted and (outer := self.layout()) is not None:
            self._fitted = self._area.height()
            outer.activate()
            self.resize(_WIDTH, outer.totalHeightForWidth(_WIDTH))
            for choice in self.choices:
                if choice.editor is not None and choice.editor.hasFocus():
                    # Once the new height is laid out.
                    QTimer.singleShot(
                        0, self, partial(self._area.ensureWidgetVisible, choice.editor)
                    )


_UNREADABLE: Final = object()


def _words(field: ConflictField, *, mine: bool, currency: str) -> str:
    value = field.mine if mine else field.theirs
    if field.is_link:
        value = (field.mine_words if mine else field.theirs_words) or None
    return value_words(field.name, value, currency)


def _editor(field: ConflictField, currency: str) -> tuple[QWidget | None, Callable[[], Any]]:
    """Return an editor with my value in it and how to read it; None for what nobody types."""
    value = field.mine if field.mine is not None else field.theirs
    if field.is_link or isinstance(value, bool) or type(value) not in {str, int, Decimal}:
        return None, lambda: _UNREADABLE
    if field.name.endswith("_minor"):
        amount = MoneyEdit(currency)
        amount.set_minor(field.mine)
        return amount, lambda: amount.minor if amount.is_valid else _UNREADABLE
    if isinstance(value, str):
        return _text_editor(field)
    line = QLineEdit(
        value_words(field.name, field.mine, currency) if field.mine is not None else ""
    )
    whole = type(field.theirs if field.theirs is not None else value) is int

    def read() -> Any:
        found = parse_number(line.text())
        if found is None:
            return None if not line.text().strip() else _UNREADABLE
        return int(found) if whole else found

    return line, read


def _text_editor(field: ConflictField) -> tuple[QWidget, Callable[[], Any]]:
    mine, theirs = str(field.mine or ""), str(field.theirs or "")
    if max(len(mine), len(theirs)) > _LONG or "\n" in mine + theirs:
        area = text_area(rows=5, text="\n".join(part for part in (theirs, mine) if part))
        return area, area.toPlainText
    line = QLineEdit(mine)
    return line, line.text
