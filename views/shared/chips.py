"""Filter chips, and the button that chooses one of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QSizePolicy, QWidget

from views.icons import icon as icon_of
from views.shared import paint
from views.shared.buttons import PaintedButton
from views.shared.format import number
from views.shared.layout import FlowLayout

CHIP_HEIGHT = 28


class Chip(PaintedButton):
    """A round button that holds a filter and its count."""

    def __init__(
        self,
        text: str,
        count: int | None = None,
        icon: str | None = None,
        checkable: bool = True,
        parent: QWidget | None = None,
        *,
        value: Any = None,
    ) -> None:
        super().__init__(text, parent)
        self.value = text if value is None else value
        self.icon_name = icon
        self._count: int | None = None
        self.setCheckable(checkable)
        self.setFixedHeight(CHIP_HEIGHT)
        self.set_count(count)

    @property
    def count(self) -> int | None:
        """How many the filter lets through."""
        return self._count

    def set_count(self, count: int | None) -> None:
        """Show how many the filter lets through."""
        self._count = count
        name = self.text() if count is None else f"{self.text()}, {number(count)}"
        self.setAccessibleName(name)
        self.updateGeometry()
        self.update()

    def _tail(self) -> str:
        return "" if self._count is None else number(self._count)

    def sizeHint(self) -> QSize:
        """Fit words and count."""
        width = 24 + paint.text_width(self.text(), 12, 500)
        if self._tail():
            width += 6 + paint.text_width(self._tail(), 12, 400)
        if self.icon_name:
            width += 20
        return QSize(round(width + 0.5), CHIP_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the chip."""
        del event
        painter = QPainter(self)
        area = QRectF(self.rect())
        checked = self.isChecked()
        ground = "accent_soft" if checked else "hover" if self.is_hovered else "surface"
        line = "accent_line" if checked else "border"
        paint.rounded(painter, area, CHIP_HEIGHT / 2, ground, line)
        words = "accent" if checked else "neutral"
        place = area.adjusted(12, 0, -12, 0)
        if self.icon_name:
            box = paint.mirrored(
                QRectF(place.left(), area.center().y() - 7, 14, 14), area, self.layoutDirection()
            )
            paint.draw_icon(painter, box.left(), box.top(), self.icon_name, words, 14)
            place = (
                place.adjusted(0, 0, -20, 0)
                if self.layoutDirection() == Qt.LayoutDirection.RightToLeft
                else place.adjusted(20, 0, 0, 0)
            )
        painter.setLayoutDirection(self.layoutDirection())
        paint.draw_text(painter, place, self.text(), size=12, weight=500, color=words, elide=False)
        if self._tail():
            paint.draw_text(
                painter,
                place,
                self._tail(),
                size=12,
                color="accent" if checked else "muted",
                align=paint.RIGHT,
                elide=False,
            )
        self.draw_ring(painter, CHIP_HEIGHT / 2)


ChipItem = tuple[Any, str] | tuple[Any, str, int | None]


class ChipRow(QWidget):
    """Chips of which exactly one is chosen; arrow keys move between them."""

    value_changed = Signal(object)

    def __init__(self, items: Sequence[ChipItem] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._box = FlowLayout(self, spacing=6)
        self._group = QButtonGroup(self)
        self._group.buttonToggled.connect(self._toggled)
        self._chips: list[Chip] = []
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_items(items)

    @property
    def chips(self) -> list[Chip]:
        """The chips in order."""
        return list(self._chips)

    @property
    def value(self) -> Any:
        """The chosen value."""
        chosen = self._group.checkedButton()
        return chosen.value if isinstance(chosen, Chip) else None

    def set_items(self, items: Sequence[ChipItem]) -> None:
        """Show these chips; the chosen one stays when it is still there."""
        before = self.value
        for chip in self._chips:
            self._group.removeButton(chip)
            self._box.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = [
            Chip(item[1], item[2] if len(item) > 2 else None, parent=self, value=item[0])
            for item in items
        ]
        self._group.blockSignals(True)
        for chip in self._chips:
            self._box.addWidget(chip)
            self._group.addButton(chip)
            chip.show()
        wanted = next((chip for chip in self._chips if chip.value == before), None)
        if wanted or self._chips:
            (wanted or self._chips[0]).setChecked(True)
        self._group.blockSignals(False)
        self.updateGeometry()

    def set_value(self, value: Any) -> None:
        """Choose a chip; tells `value_changed` when it was another."""
        for chip in self._chips:
            if chip.value == value:
                chip.setChecked(True)

    def set_counts(self, counts: Mapping[Any, int]) -> None:
        """Show how many each chip lets through."""
        for chip in self._chips:
            if chip.value in counts:
                chip.set_count(counts[chip.value])
        self.updateGeometry()

    def _toggled(self, chip: object, checked: bool) -> None:
        if checked and isinstance(chip, Chip):
            self.value_changed.emit(chip.value)


DropItem = tuple[Any, str] | tuple[Any, str, str | None]


class DropDown(PaintedButton):
    """A button that shows the chosen of several values and opens a menu of them."""

    value_changed = Signal(object)

    def __init__(
        self,
        placeholder: str = "",
        parent: QWidget | None = None,
        *,
        pill: bool = False,
        icon: str | None = None,
        flat: bool = False,
    ) -> None:
        super().__init__("", parent)
        self._placeholder, self._pill, self._flat = placeholder, pill, flat
        self._icon = icon
        self._items: list[tuple[Any, str, str | None]] = []
        self._value: Any = None
        self._accented = False
        self.setFixedHeight(CHIP_HEIGHT if pill or flat else 34)
        self.clicked.connect(self.open_menu)
        self._renamed()

    @property
    def value(self) -> Any:
        """The chosen value."""
        return self._value

    @property
    def label(self) -> str:
        """The words that stand on the button."""
        return next((label for value, label, _ in self._items if value == self._value), "")

    def set_items(self, items: Sequence[DropItem]) -> None:
        """Offer these values; a value that is gone gives way to the first without telling."""
        self._items = [(item[0], item[1], item[2] if len(item) > 2 else None) for item in items]
        values = [value for value, _, _ in self._items]
        if self._value not in values and values and not self._placeholder:
            self._value = values[0]
        self._renamed()

    def set_value(self, value: Any) -> None:
        """Choose a value; tells `value_changed` when it was another."""
        if value == self._value:
            return
        self._value = value
        self._renamed()
        self.value_changed.emit(value)

    def set_accented(self, accented: bool) -> None:
        """Show in the accent colour that this choice is not the usual one."""
        self._accented = accented
        self.update()

    def open_menu(self) -> None:
        """Open the menu under the button."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        group = QActionGroup(menu)
        for value, label, icon in self._items:
            action = QAction(label.replace("&", "&&"), menu)
            action.setCheckable(True)
            action.setChecked(value == self._value)
            if icon:
                action.setIcon(icon_of(icon))
            action.triggered.connect(lambda _=False, chosen=value: self.set_value(chosen))
            group.addAction(action)
            menu.addAction(action)
        menu.setMinimumWidth(self.width())
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open by Down, Enter or Space."""
        if event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.open_menu()
        else:
            super().keyPressEvent(event)

    def _renamed(self) -> None:
        named = ": ".join(part for part in (self._placeholder, self.label) if part)
        self.setAccessibleName(named)
        self.updateGeometry()
        self.update()

    def _shown_icon(self) -> str | None:
        chosen = next((icon for value, _, icon in self._items if value == self._value), None)
        return chosen or self._icon

    def sizeHint(self) -> QSize:
        """Fit the words."""
        size = 12 if self._pill else 13
        width = paint.text_width(self.label or self._placeholder, size, 500) + 24 + 20
        if self._flat:
            width -= 20
        if self._shown_icon():
            width += 22
        return QSize(round(width + 0.5), self.height())

    def minimumSizeHint(self) -> QSize:
        """Let long values be cut rather than the page."""
        return QSize(min(self.sizeHint().width(), 72), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button."""
        del event
        painter = QPainter(self)
        area = QRectF(self.rect())
        radius = self.height() / 2 if self._pill else 6
        ground = "hover" if self.is_hovered else "surface"
        ground = "accent_soft" if self._accented else ground
        if not self._flat or self.is_hovered:
            line = "accent_line" if self._accented else "border" if self._pill else "field_line"
            paint.rounded(painter, area, radius, ground, line)
        words = "accent" if self._accented else "text" if self.label else "muted"
        if not self.isEnabled():
            words = "muted"
        direction = self.layoutDirection()
        pad = 2 if self._flat else 12
        left = float(pad)
        if shown := self._shown_icon():
            box = paint.mirrored(QRectF(left, area.center().y() - 8, 16, 16), area, direction)
            paint.draw_icon(
                painter, box.left(), box.top(), shown, words if self._accented else "muted", 16
            )
            left += 22
        place = QRectF(left, 0, area.width() - left - pad - 18, area.height())
        painter.setLayoutDirection(direction)
        size = 12 if self._pill else 13
        paint.draw_text(
            painter,
            paint.mirrored(place, area, direction),
            self.label or self._placeholder,
            size=size,
            weight=500 if self.label else 400,
            color=words,
        )
        box = QRectF(area.width() - pad - 14, area.center().y() - 7, 14, 14)
        box = paint.mirrored(box, area, direction)
        paint.draw_icon(
            painter, box.left(), box.top(), "chevron-down", words if self._accented else "muted", 14
        )
        self.draw_ring(painter, radius)


class Sentence(QWidget):
    """A line of words and choices that reads as a sentence: "Deals in [New business] of …"."""

    def __init__(self, *parts: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        for part in parts:
            box.addWidget(part)
        box.addStretch(1)
