"""The products on a deal: what, how many, at what price."""

from decimal import Decimal
from functools import partial
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from app.commands.deals import add_deal_line, change_deal_line, remove_deal_line
from app.errors import UserError
from app.queries.deal_details import DealDetails, LineRow
from app.queries.lookups import product_options
from views.context import PageContext
from views.operations import Operation
from views.pipeline.searches import search_with
from views.shared import paint
from views.shared.buttons import IconButton, link
from views.shared.fields import MoneyEdit
from views.shared.format import DASH, money, number
from views.shared.forms import set_invalid
from views.shared.inline import parse_number
from views.shared.labels import Label
from views.shared.relation import RelationPicker
from views.shared.text import tr, translate_error

TIMES = "\N{MULTIPLICATION SIGN}"


class LineView(QWidget):
    """One line as it reads: the product, how many at what price, the sum."""

    chosen = Signal()

    def __init__(self, line: LineRow, currency: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line, self._currency = line, currency
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(42)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(f"{line.name}, {self._how_many()}, {self._total()}")

    def sizeHint(self) -> QSize:
        """Fill the width."""
        return QSize(220, 42)

    def _how_many(self) -> str:
        count = number(self.line.quantity, 0 if self.line.quantity % 1 == 0 else 2)
        if self.line.unit_price_minor is None:
            return tr("{n} {times}, no price", n=count, times=TIMES)
        return f"{count} {TIMES} {money(self.line.unit_price_minor, self._currency)}"

    def _total(self) -> str:
        total = self.line.total_minor
        return DASH if total is None else money(total, self._currency)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line."""
        del event
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        area = QRectF(self.rect())
        total = self._total()
        width = paint.text_width(total, 13, 500, tabular=True) + 1
        end = paint.mirrored(
            QRectF(area.right() - width, 2, width, 20), area, self.layoutDirection()
        )
        paint.draw_text(painter, end, total, weight=500, tabular=True, elide=False)
        place = QRectF(0, 2, area.width() - width - 12, 20)
        place = paint.mirrored(place, area, self.layoutDirection())
        paint.draw_text(painter, place, self.line.name, weight=500)
        below = QRectF(0, 21, area.width(), 18)
        paint.draw_text(painter, below, self._how_many(), size=12, color="muted", tabular=True)
        if self.hasFocus():
            paint.draw_focus_ring(painter, area.adjusted(-1, 0, 1, 0), 4)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Edit the line."""
        if self.rect().contains(event.position().toPoint()):
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Edit by Enter."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.chosen.emit()
        else:
            super().keyPressEvent(event)


class LineEditor(QWidget):
    """One line being written: product, quantity, price; Enter saves, Escape takes back."""

    done = Signal()
    saved = Signal(object, object, object, object)  # line id or None, product id, quantity, price
    removed = Signal(object)

    def __init__(
        self,
        context: PageContext,
        currency: str,
        line: LineRow | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.context = context
        self.line = line
        self.product = RelationPicker(search_with(self, product_options), tr("Product"))
        self.quantity = QLineEdit(number(line.quantity, 0) if line else "1")
        self.quantity.setAccessibleName(tr("Quantity"))
        self.quantity.setFixedWidth(56)
        self.quantity.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.price = MoneyEdit(currency)
        self.price.setPlaceholderText(tr("Price"))
        self.price.setAccessibleName(tr("Price each"))
        if line is not None:
            if line.product_id is not None:
                self.product.set_selected(line.product_id, line.name)
            self.price.set_minor(line.unit_price_minor)
            if line.quantity % 1:
                self.quantity.setText(number(line.quantity, 2))
        self.error = Label("", "error", wrap=True)
        self.error.hide()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 2, 0, 6)
        box.setSpacing(6)
        box.addWidget(self.product)
        second = QHBoxLayout()
        second.setSpacing(6)
        second.addWidget(self.quantity)
        second.addWidget(Label(TIMES, "muted"))
        second.addWidget(self.price, 1)
        save = IconButton("check", tr("Save the line"), bordered=True)
        save.clicked.connect(self.save)
        second.addWidget(save)
        if line is not None:
            remove = IconButton("trash-2", tr("Take it off the deal"), bordered=True)
            remove.clicked.connect(lambda: self.removed.emit(line.id))
            second.addWidget(remove)
        box.addLayout(second)
        box.addWidget(self.error)
        for edit in (self.quantity, self.price):
            edit.returnPressed.connect(self.save)

    def save(self) -> None:
        """Hand on what is written."""
        quantity = parse_number(self.quantity.text())
        if quantity is None or quantity <= 0:
            self.show_error(tr("A quantity is more than 0."), self.quantity)
            return
        if not self.price.is_valid:
            self.show_error(tr("This is not an amount."), self.price)
            return
        name_only = self.line is not None and self.line.product_id is None
        if self.product.selected_id is None and not name_only:
            self.show_error(tr("Choose a product."), self.product)
            return
        line_id = None if self.line is None else self.line.id
        self.saved.emit(line_id, self.product.selected_id, quantity, self.price.minor)

    def show_error(self, text: str, editor: QWidget | None = None) -> None:
        """Say what is to be mended."""
        self.error.set_text(text)
        self.error.show()
        if editor is not None:
            set_invalid(editor, True)
            editor.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take back by Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.done.emit()
        else:
            super().keyPressEvent(event)


class LinesPanel(QWidget):
    """All lines of a deal, one of them perhaps being edited."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self._details: DealDetails | None = None
        self.editor: LineEditor | None = None
        self.views: list[LineView] = []
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(2)
        self.add_button = link(tr("Add a product"), "plus", flush=True)
        self.add_button.clicked.connect(partial(self.edit, None))
        self._box.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)

    def show_details(self, details: DealDetails) -> None:
        """Show a deal's lines; an open editor stays while it is the same deal."""
        same = self._details is not None and self._details.row.id == details.row.id
        if same and self._details is not None and self._details.lines == details.lines:
            self._details = details
            return
        self._details = details
        self._close_editor()
        for view in self.views:
            view.hide()
            view.deleteLater()
        self.views = []
        for place, line in enumerate(details.lines):
            view = LineView(line, details.row.currency)
            view.chosen.connect(partial(self.edit, line))
            self._box.insertWidget(place, view)
            self.views.append(view)

    def edit(self, line: LineRow | None = None) -> None:
        """Open the editor for a line, or for a new one."""
        if self._details is None:
            return
        self._close_editor()
        editor = LineEditor(self.context, self._details.row.currency, line)
        editor.saved.connect(self._save)
        editor.removed.connect(self._remove)
        editor.done.connect(self._close_editor)
        self.editor = editor
        place = len(self.views)
        for at, view in enumerate(self.views):
            if line is not None and view.line.id == line.id:
                view.hide()
                place = at
        self._box.insertWidget(place, editor)
        editor.product.setFocus(Qt.FocusReason.OtherFocusReason)

    def _close_editor(self) -> None:
        if self.editor is not None:
            self.editor.hide()
            self.editor.deleteLater()
            self.editor = None
        for view in self.views:
            view.show()

    def _save(
        self, line_id: int | None, product_id: int | None, quantity: Decimal, price: int | None
    ) -> None:
        if self._details is None:
            return
        fields: dict[str, Any] = {
            "product_id": product_id,
            "quantity": quantity,
            "unit_price_minor": price,
        }
        if line_id is None:
            operation = Operation(
                self, tr("Add product"), add_deal_line, deal_id=self._details.row.id, **fields
            )
        else:
            line = self.editor.line if self.editor is not None else None
            if line is not None:
                fields["opened"] = {key: getattr(line, key) for key in tuple(fields)}
            operation = Operation(
                self, tr("Change product line"), change_deal_line, line_id=line_id, **fields
            )
        operation.then(lambda _value: self._close_editor()).or_else(self._refuse)

    def _remove(self, line_id: int) -> None:
        operation = Operation(self, tr("Remove product"), remove_deal_line, line_id=line_id)
        operation.toast(tr("Product removed")).then(lambda _value: self._close_editor())

    def _refuse(self, error: UserError) -> None:
        if self.editor is not None:
            self.editor.show_error(translate_error(error))
