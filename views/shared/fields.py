"""Fields for searching, for money and for tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QSizePolicy, QWidget

from views.shared import paint
from views.shared.buttons import IconButton
from views.shared.format import currency_symbol, money, parse_money
from views.shared.layout import FlowLayout
from views.shared.removable_chip import RemovableChip, tag_chip
from views.shared.text import tr
from views.shared.text_fields import SEARCH_LIMIT

DEBOUNCE_MS = 120


class SearchField(QLineEdit):
    """A field with a magnifying glass; tells of a pause in typing, not of every key."""

    text_changed = Signal(str)

    def __init__(
        self,
        placeholder: str = "",
        shortcut_hint: str = "",
        parent: QWidget | None = None,
        *,
        debounce_ms: int = DEBOUNCE_MS,
    ) -> None:
        super().__init__(parent)
        self._hint = shortcut_hint
        self.setMaxLength(SEARCH_LIMIT)
        self.setPlaceholderText(placeholder or tr("Search"))
        self.setAccessibleName(self.placeholderText())
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(debounce_ms)
        self._timer.timeout.connect(self._tell)
        self._told = ""
        self.textChanged.connect(self._typed)
        self._clear = IconButton("x", tr("Clear"), self, size=24, icon_size=14)
        self._clear.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._clear.clicked.connect(self.clear_now)
        self._clear.hide()

    def sizeHint(self) -> QSize:
        """Prefer the width of a few words."""
        return QSize(260, 34)

    def set_text(self, text: str) -> None:
        """Search for something at once."""
        self.setText(text)
        self._tell()

    def clear_now(self) -> None:
        """Search for nothing, at once."""
        self.set_text("")
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _typed(self, text: str) -> None:
        self._clear.setVisible(bool(text))
        self._timer.start()

    def _tell(self) -> None:
        self._timer.stop()
        if self.text() != self._told:
            self._told = self.text()
            self.text_changed.emit(self._told)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Clear by Escape; Enter tells at once."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear_now()
            return
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._tell()
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the cross at the end."""
        super().resizeEvent(event)
        rtl = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        x = 5 if rtl else self.width() - 29
        tail = max(24, round(paint.key_hint_width(self._hint)) + 4 if self._hint else 0)
        self.setTextMargins(*((tail, 0, 24, 0) if rtl else (24, 0, tail, 0)))
        self._clear.move(x, (self.height() - 24) // 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw glass and hint over the field."""
        super().paintEvent(event)
        painter = QPainter(self)
        area = QRectF(self.rect())
        box = paint.mirrored(
            QRectF(10, area.center().y() - 8, 16, 16), area, self.layoutDirection()
        )
        paint.draw_icon(painter, box.left(), box.top(), "search", "muted", 16)
        if self._hint and not self.text() and not self.hasFocus():
            width = paint.key_hint_width(self._hint)
            place = QRectF(area.right() - 8 - width, 0, width, area.height())
            place = paint.mirrored(place, area, self.layoutDirection())
            paint.draw_key_hint(painter, place.right(), area.center().y(), self._hint)


class MoneyEdit(QLineEdit):
    """An amount, typed in any common way and kept in minor units."""

    minor_changed = Signal(object)

    def __init__(self, currency: str = "EUR", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.currency = currency
        self._minor: int | None = None
        self.set_currency(currency)
        self.setPlaceholderText("0")
        self.editingFinished.connect(self._read)

    def set_currency(self, currency: str) -> None:
        """Show another currency's sign."""
        self.currency = currency
        wide = round(paint.text_width(currency_symbol(currency), 13, 500)) + 6
        self.setTextMargins(wide, 0, 0, 0)

    @property
    def minor(self) -> int | None:
        """The amount in minor units; None when nothing or no amount stands there."""
        return parse_money(self.text(), self.currency) if self.text().strip() else None

    @property
    def is_valid(self) -> bool:
        """Whether an amount stands there, or nothing."""
        return not self.text().strip() or self.minor is not None

    def set_minor(self, minor: int | None) -> None:
        """Show an amount."""
        self._minor = minor
        sign = currency_symbol(self.currency)
        self.setText("" if minor is None else money(minor, self.currency).replace(sign, "").strip())

    def _read(self) -> None:
        now = self.minor
        if self.is_valid and now != self._minor:
            self.set_minor(now)
            self.minor_changed.emit(now)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the currency's sign over the field."""
        super().paintEvent(event)
        area = QRectF(self.rect()).adjusted(11, 0, 0, 0)
        place = paint.mirrored(area, QRectF(self.rect()), self.layoutDirection())
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        paint.draw_text(painter, place, currency_symbol(self.currency), color="muted", weight=500)


class _TagEdit(QLineEdit):
    """The field for a new tag; Backspace in an empty one reaches the last tag."""

    back = Signal()
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hear Backspace."""
        if event.key() == Qt.Key.Key_Backspace and not self.text():
            self.back.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell that the person went on."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()


class TagField(QWidget):
    """Tags as chips, and a field to add one."""

    added = Signal(str)
    removed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._flow = FlowLayout(self, spacing=6)
        self._chips: list[RemovableChip] = []
        self.edit = _TagEdit()
        self.edit.setMaxLength(SEARCH_LIMIT)
        self.edit.setProperty("flat", True)
        self.edit.setPlaceholderText(tr("Add a tag"))
        self.edit.setAccessibleName(tr("Add a tag"))
        self.edit.setFixedSize(104, 24)
        self.edit.returnPressed.connect(self._add)
        self.edit.left.connect(self._add)
        self.edit.back.connect(self._reach_last)
        self._flow.addWidget(self.edit)

    @property
    def tags(self) -> list[tuple[Any, str]]:
        """The tags shown."""
        return [(chip.value, chip.text()) for chip in self._chips]

    def set_tags(self, tags: Sequence[tuple[Any, str]]) -> None:
        """Show these tags."""
        if list(tags) == self.tags:
            return
        for chip in self._chips:
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = [tag_chip(tag_id, name, self) for tag_id, name in tags]
        for place, chip in enumerate(self._chips):
            chip.removed.connect(lambda chip=chip: self.removed.emit(chip.value))
            self._flow.insert_widget(place, chip)
            chip.show()
        self.updateGeometry()

    def set_suggestions(self, names: Sequence[str]) -> None:
        """Offer these names while typing."""
        completer = QCompleter(list(names), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.edit.setCompleter(completer)

    def _add(self) -> None:
        name = " ".join(self.edit.text().split())
        self.edit.clear()
        if name and name.casefold() not in {shown.casefold() for _, shown in self.tags}:
            self.added.emit(name)

    def _reach_last(self) -> None:
        if self._chips:
            self._chips[-1].setFocus(Qt.FocusReason.OtherFocusReason)
