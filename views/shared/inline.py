"""Fields of a record that are edited where they stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from views.shared.fields import MoneyEdit
from views.shared.format import DASH, long_date, money, number, parse_money
from views.shared.forms import set_invalid
from views.shared.inline_value import ValueView
from views.shared.labels import IconLabel, Label
from views.shared.pickers import date_menu
from views.shared.relation import RelationPicker, Search
from views.shared.text import tr
from views.shared.text_fields import NoteEdit, cap_line

KINDS: Final = (
    "text", "multiline", "choice", "date", "money", "number", "bool", "relation",
)  # fmt: skip
_MENUS: Final = {"choice", "date", "bool"}
_BAD: Final = object()


def parse_number(text: str) -> Decimal | None:
    """Read a number as typed; None when it is none."""
    minor = parse_money(text, "CLF")  # four decimals, read by the same rules as money
    if minor is None:
        return None
    try:
        return Decimal(minor).scaleb(-4).normalize() + 0
    except InvalidOperation:
        return None


class InlineField(QWidget):
    """A label and a value that becomes an editor on click, Enter or F2.

    Leaving the field or Enter saves (`committed` tells, once, and only a change);
    Escape takes back. A value that arrives meanwhile waits until the editor is closed.
    """

    committed = Signal(object)
    link_clicked = Signal()

    def __init__(
        self,
        label: str,
        value: Any = None,
        kind: str = "text",
        parent: QWidget | None = None,
        *,
        choices: Sequence[tuple[Any, str]] = (),
        currency: str = "EUR",
        icon: str | None = None,
        label_width: int = 84,
        placeholder: str = "",
        link: bool = False,
    ) -> None:
        super().__init__(parent)
        if kind not in KINDS:
            raise ValueError(kind)
        self.label_text, self.kind = label, kind
        self._value, self._shown_label = value, ""
        self._given = (value, "")  # what is stored, as far as the field was told
        self._opened = value
        self._choices, self._currency = list(choices), currency
        self._placeholder = placeholder
        self._search: Search | None = None
        self._rejected: str | None = None
        self.edit_widget: QWidget | None = None
        self._build(label, label_width, icon, link=link)
        self._show_value()

    def _build(self, label: str, label_width: int, icon: str | None, *, link: bool) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(2)
        self._line = QHBoxLayout()
        self._line.setSpacing(0)
        self._label = Label(label, "muted", elide=True)
        self._label.setFixedSize(label_width, 30)
        self.view = ValueView(link=link)
        self.view.activated.connect(self.start)
        self.view.link_clicked.connect(self.link_clicked)
        self.view.can_open = self.kind in _MENUS
        self._note = IconLabel(icon or "circle", "muted", 16)
        self._note.setVisible(icon is not None)
        self._line.addWidget(self._label, 0, Qt.AlignmentFlag.AlignTop)
        self._line.addWidget(self.view, 1)
        self._line.addSpacing(4)
        self._line.addWidget(self._note)
        outer.addLayout(self._line)
        self._below = Label("", "small", wrap=True)
        self._below.setContentsMargins(label_width + 9, 0, 0, 0)
        self._below.hide()
        outer.addWidget(self._below)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusProxy(self.view)

    # --- the value

    @property
    def value(self) -> Any:
        """The value last set or saved."""
        return self._value

    @property
    def is_editing(self) -> bool:
        """Whether the editor is open."""
        return self.edit_widget is not None

    @property
    def opened(self) -> Any:
        """The value that stood here when the person began to change it."""
        return self._opened

    def set_value(self, value: Any, label: str = "") -> None:
        """Show a value (for a relation its name too); an open editor keeps what is typed."""
        self._value, self._shown_label = self._given = (value, label)
        self._show_value()

    def set_choices(self, choices: Sequence[tuple[Any, str]]) -> None:
        """Offer these choices."""
        self._choices = list(choices)
        self._show_value()

    def set_search(self, search: Search) -> None:
        """Let a relation find records with this function."""
        self._search = search

    def set_note(self, icon: str | None, tooltip: str = "") -> None:
        """Show at the end where the value came from."""
        self._note.setVisible(icon is not None)
        if icon:
            self._note.set_icon(icon)
            self._note.setToolTip(tooltip)
            self._note.setAccessibleName(tooltip)

    def set_error(self, text: str) -> None:
        """Say what is wrong with what was saved; the editor opens again with it."""
        if text and not self.is_editing:
            typed, opened = self._rejected, self._opened
            self._take_back()
            if self.kind not in _MENUS:
                self.start()
                if typed is not None:
                    self._set_typed(typed)
            self._opened = opened
        self._below.set_role("error" if text else "small")
        self._below.set_text(text)
        self._below.setVisible(bool(text))
        if self.edit_widget is not None:
            set_invalid(self.edit_widget, bool(text))

    def error_text(self) -> str:
        """Give the error that is shown."""
        return self._below.text() if self._below.property("role") == "error" else ""

    def words(self) -> str:
        """Give the value as it is shown."""
        value = self._value
        if value is None or value == "":
            return ""
        writers: dict[str, Callable[[], str]] = {
            "choice": lambda: next((w for v, w in self._choices if v == value), str(value)),
            "date": lambda: long_date(value),
            "money": lambda: money(value, self._currency),
            "number": lambda: _plain_number(value),
            "bool": lambda: tr("Yes") if value else tr("No"),
            "relation": lambda: self._shown_label or str(value),
        }
        return writers.get(self.kind, lambda: str(value))()

    def _show_value(self) -> None:
        words = self.words()
        self.view.set_words(words, self._placeholder or DASH, multiline=self.kind == "multiline")
        named = tr("{label}: {value}", label=self.label_text, value=words or tr("empty"))
        self.view.setAccessibleName(named)

    # --- editing

    def start(self) -> None:
        """Open the editor."""
        if self.is_editing or not self.isEnabled():
            return
        self._opened = self._value
        if self.kind == "bool":
            self._save(not self._value)
        elif self.kind == "choice":
            self._choice_menu().popup(self._menu_place())
        elif self.kind == "date":
            date_menu(self, self._value, self._save).popup(self._menu_place())
        else:
            self._open_editor()

    def _menu_place(self) -> QPoint:
        return self.view.mapToGlobal(self.view.rect().bottomLeft())

    def _choice_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setMinimumWidth(self.view.width())
        for value, words in self._choices:
            action = QAction(words.replace("&", "&&"), menu)
            action.setCheckable(True)
            action.setChecked(value == self._value)
            action.triggered.connect(lambda _=False, value=value: self._save(value))
            menu.addAction(action)
        return menu

    def _open_editor(self) -> None:
        editor = self._make_editor()
        editor.setProperty("compact", True)
        editor.setAccessibleName(self.label_text)
        self.edit_widget = editor
        self.view.hide()
        self._line.insertWidget(1, editor, 1)
        editor.show()  # what is not shown yet takes no focus
        editor.installEventFilter(self)
        self.setFocusProxy(editor)
        self._below.set_role("small")
        short, long = tr("Enter saves, Esc undoes"), tr("Ctrl Enter saves, Esc undoes")
        self._below.set_text(long if self._is_long else short)
        self._below.show()
        editor.setFocus(Qt.FocusReason.OtherFocusReason)
        if isinstance(editor, QLineEdit):
            editor.selectAll()

    @property
    def _is_long(self) -> bool:
        return self.kind == "multiline"

    def _make_editor(self) -> QWidget:
        if self._is_long:
            area = NoteEdit(str(self._value or ""))
            area.setTabChangesFocus(True)
            area.setFixedHeight(max(76, min(220, self.view.height() + 24)))
            return area
        if self.kind == "relation":
            picker = RelationPicker(self._search)
            picker.set_selected(self._value, self._shown_label)
            picker.selected.connect(lambda _: self.commit())
            return picker
        if self.kind == "money":
            amount = MoneyEdit(self._currency)
            amount.set_minor(self._value)
            return amount
        line = QLineEdit(self.words() if self.kind == "number" else str(self._value or ""))
        line.setPlaceholderText(self._placeholder)
        cap_line(line)
        return line

    def _typed(self) -> str:
        editor = self.edit_widget
        if isinstance(editor, QPlainTextEdit):
            return editor.toPlainText()
        return editor.text() if isinstance(editor, QLineEdit) else ""

    def _set_typed(self, text: str) -> None:
        if isinstance(self.edit_widget, QPlainTextEdit):
            self.edit_widget.setPlainText(text)
        elif isinstance(self.edit_widget, QLineEdit):
            self.edit_widget.setText(text)

    def _read(self) -> Any:
        typed, editor = self._typed().strip(), self.edit_widget
        if isinstance(editor, RelationPicker):
            return editor.selected_id if typed else None
        if self.kind == "money":
            amount = parse_money(typed, self._currency)
            return _BAD if typed and amount is None else amount
        if self.kind == "number":
            amount_read = parse_number(typed)
            return _BAD if typed and amount_read is None else amount_read
        return typed

    def commit(self) -> bool:
        """Save what is typed; False when it cannot be read, which is said below."""
        if self.edit_widget is None:
            return True
        value = self._read()
        if value is _BAD:
            self.set_error(tr("This is not a number."))
            return False
        self._rejected = self._typed()
        if isinstance(self.edit_widget, RelationPicker) and value != self._opened:
            self._shown_label = self.edit_widget.selected_label
        self._close_editor()
        self._save(value)
        return True

    def finish_editing(self) -> None:
        """Save what is typed: the window closes."""
        self.commit()

    def cancel(self) -> None:
        """Close the editor and keep the value."""
        if self.edit_widget is not None:
            self._close_editor()

    def _take_back(self) -> None:
        """Show what is stored instead of what was refused."""
        self._value, self._shown_label = self._given
        self._show_value()

    def _save(self, value: Any) -> None:
        before = self._opened  # not what a colleague's change has put here meanwhile
        self.set_error("")
        if value != before and not (value == "" and before is None):
            self._value = value
            self._show_value()
            self.committed.emit(value)
        else:
            self._show_value()

    def _close_editor(self) -> None:
        editor, self.edit_widget = self.edit_widget, None
        if editor is None:
            return
        had_focus = editor.hasFocus()
        editor.removeEventFilter(self)
        self._line.removeWidget(editor)
        self._below.set_role("small")
        self._below.hide()
        self.view.show()
        self.setFocusProxy(self.view)
        if had_focus:
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)
        editor.hide()
        editor.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hear Enter, Escape and leaving."""
        if watched is self.edit_widget:
            if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
                return self._key(event)
            if event.type() == QEvent.Type.FocusOut and self._is_left():
                self.commit()
        return super().eventFilter(watched, event)

    def _is_left(self) -> bool:
        from PySide6.QtWidgets import QApplication  # noqa: PLC0415 - used here only

        popup = QApplication.activePopupWidget()
        return popup is None and self.window().isActiveWindow()

    def _key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            self.cancel()
            return True
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            strong = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            if self._is_long and not strong:
                return False
            self.commit()
            return True
        return False


def _plain_number(value: Any) -> str:
    exact = Decimal(str(value))
    decimals = max(0, -int(exact.normalize().as_tuple().exponent))
    return number(exact, decimals)
