"""Forms: a label at the left, an editor, and the error under its own field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from views.shared.fields import MoneyEdit, SearchField, TagField
from views.shared.labels import Label
from views.shared.pickers import DateField, DateTimeField
from views.shared.relation import RelationPicker
from views.shared.text import tr, translate_error
from views.shared.text_fields import LINE_LIMIT, NoteEdit, cap_line
from views.theme import repolish

DateEdit = DateField

__all__ = [
    "DateEdit",
    "DateField",
    "DateTimeField",
    "FormRow",
    "MoneyEdit",
    "RecordForm",
    "RelationPicker",
    "SearchField",
    "TagField",
    "changed_fields",
    "line_edit",
    "set_invalid",
    "spin_box",
    "text_area",
]


def set_invalid(editor: QWidget, invalid: bool) -> None:
    """Draw a field's outline red, or no longer."""
    if bool(editor.property("invalid")) != invalid:
        editor.setProperty("invalid", invalid)
        repolish(editor)


def line_edit(placeholder: str = "", text: str = "", *, limit: int = 0) -> QLineEdit:
    """Make a field for one line."""
    made = QLineEdit(text)
    made.setPlaceholderText(placeholder)
    cap_line(made, limit or LINE_LIMIT)
    return made


def text_area(placeholder: str = "", rows: int = 3, text: str = "") -> QPlainTextEdit:
    """Make a field for several lines; Tab leaves it."""
    made = NoteEdit(text)
    made.setPlaceholderText(placeholder)
    made.setTabChangesFocus(True)
    made.setFixedHeight(round(made.fontMetrics().lineSpacing() * rows) + 22)
    return made


def spin_box(minimum: int = 0, maximum: int = 100, value: int = 0, suffix: str = "") -> QSpinBox:
    """Make a field for a small whole number."""
    made = QSpinBox()
    made.setRange(minimum, maximum)
    made.setValue(value)
    made.setSuffix(suffix)
    # The style sheet's padding does not reach the line inside a spin box.
    made.lineEdit().setTextMargins(9, 0, 0, 0)
    return made


def changed_fields(
    record: object, shown: Mapping[str, Any], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what the person changed, so that a save does not carry a colleague's fields back.

    `shown` is what the form held when it was opened; what it did not hold yet is compared with
    the record itself.
    """
    return {
        key: value
        for key, value in values.items()
        if value != (shown[key] if key in shown else getattr(record, key, None))
    }


class FormRow(QWidget):
    """One field of a form."""

    def __init__(
        self,
        label: str,
        editor: QWidget,
        parent: QWidget | None = None,
        *,
        label_width: int = 120,
        hint: str = "",
        required: bool = False,
    ) -> None:
        super().__init__(parent)
        self.editor = editor
        self._hint = hint
        self.label = Label(label, "muted", wrap=True)
        self.label.setFixedWidth(label_width)
        self.label.setMinimumHeight(34)
        self.label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.label.setBuddy(editor)
        named = tr("{label}, required", label=label) if required else label
        editor.setAccessibleName(named)
        self.error = Label(hint, "small", wrap=True)
        self.error.setVisible(bool(hint))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.addWidget(self.label, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(editor, 0, 1)
        grid.addWidget(self.error, 1, 1)
        grid.setColumnStretch(1, 1)

    def set_error(self, text: str) -> None:
        """Say under the field what is wrong with it; empty takes it away."""
        self.error.set_role("error" if text else "small")
        self.error.set_text(text or self._hint)
        self.error.setVisible(bool(text or self._hint))
        set_invalid(self.editor, bool(text))
        self.editor.setAccessibleDescription(text)

    def error_text(self) -> str:
        """Give the error that is shown."""
        return self.error.text() if self.error.property("role") == "error" else ""


class RecordForm(QWidget):
    """Fields below each other, known by the names that commands use."""

    def __init__(self, parent: QWidget | None = None, *, label_width: int = 120) -> None:
        super().__init__(parent)
        self._label_width = label_width
        self.rows: dict[str, FormRow] = {}
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(12)

    def add_row(
        self, key: str, label: str, editor: QWidget, *, hint: str = "", required: bool = False
    ) -> FormRow:
        """Add a field; ``key`` is the command's name for it."""
        made = FormRow(label, editor, label_width=self._label_width, hint=hint, required=required)
        self.rows[key] = made
        self._box.addWidget(made)
        return made

    def editor(self, key: str) -> QWidget:
        """Give a field's editor."""
        return self.rows[key].editor

    def set_error(self, key: str, text: str) -> None:
        """Say what is wrong with a field."""
        self.rows[key].set_error(text)

    def clear_errors(self) -> None:
        """Take all errors away."""
        for made in self.rows.values():
            made.set_error("")

    def show_user_error(self, error: Exception) -> bool:
        """Show a UserError beside the field it names; False when it names none of ours."""
        key = getattr(error, "field", None)
        if key not in self.rows:
            return False
        self.rows[key].set_error(translate_error(error))
        self.rows[key].editor.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def focus_first(self) -> None:
        """Put the cursor into the first field."""
        for made in self.rows.values():
            made.editor.setFocus(Qt.FocusReason.OtherFocusReason)
            return
