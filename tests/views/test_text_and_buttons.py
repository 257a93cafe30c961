"""Text in any script and of any length, and buttons where there is little room."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QToolTip, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from views import fonts
from views.shared.text_fields import NOTE_LIMIT, cap_line
from views.shared.widgets import Button, Label, line_edit, text_area

windows: list[QWidget] = []  # qtbot holds what it closes only weakly


@pytest.fixture(autouse=True)
def house_style(qapp: QApplication) -> Iterator[None]:
    fonts.install_fonts(qapp)
    yield
    windows.clear()


def shown(qtbot: QtBot, *widgets: QWidget) -> QWidget:
    """Show widgets in one active window, so that focus works."""
    window = QWidget()
    box = QVBoxLayout(window)
    for widget in widgets:
        box.addWidget(widget)
    qtbot.addWidget(window)
    windows.append(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def dark_columns(widget: QWidget) -> tuple[int, int]:
    """Return the first and the last pixel column of what is drawn."""
    picture = widget.grab().toImage()
    ground = picture.pixel(picture.width() // 2, 0)
    across = range(picture.width())
    inked = [
        x for x in across if any(picture.pixel(x, y) != ground for y in range(picture.height()))
    ]
    return inked[0], inked[-1]


def test_a_line_stays_where_it_belongs_whatever_its_script(qtbot: QtBot) -> None:
    latin, arabic = Label("Purchasing"), Label("مدير المشتريات · owner Elena")
    digits, hebrew = Label("12 people", elide=True), Label("שרה כהן")
    window = shown(qtbot, latin, arabic, digits, hebrew)
    window.resize(500, 200)
    for label in (latin, arabic, digits, hebrew):
        assert dark_columns(label)[0] < 8, label.text()
    window.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    QApplication.processEvents()
    for label in (latin, arabic, digits, hebrew):
        assert dark_columns(label)[1] > label.width() - 9, label.text()


def test_a_button_gives_up_its_icon_before_its_words(qtbot: QtBot) -> None:
    stiff, soft = Button("Take it", "plus"), Button("Take it", "plus")
    soft.give_way()
    assert stiff.minimumSizeHint() == stiff.sizeHint()
    words = Button("Take it").sizeHint().width()
    assert words - 20 <= soft.minimumSizeHint().width() <= words
    flush = Button("Take it", "plus", "ghost", compact=True, flush=True)
    shown(qtbot, flush)
    assert dark_columns(flush)[0] <= 5, "it begins where the words around it begin"


def test_what_no_field_can_show_is_not_pasted(qtbot: QtBot) -> None:
    area = text_area(text="before ")
    line = line_edit(limit=20)
    shown(qtbot, area, line)
    area.moveCursor(QTextCursor.MoveOperation.End)
    clipboard = QGuiApplication.clipboard()

    def paste(field: QWidget, text: str) -> None:
        clipboard.setText(text)
        field.setFocus()
        QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)

    paste(area, "x" * 2_000_000)
    assert area.toPlainText() == "before "
    assert "2\u00a0000\u00a0000" in QToolTip.text()
    assert "Attach it as a file" in QToolTip.text()
    paste(area, "an ordinary note\n" * 100)
    assert area.toPlainText().count("ordinary") == 100
    paste(area, "a word " * 200_000)
    assert len(area.toPlainText()) == NOTE_LIMIT
    assert "The field is full" in QToolTip.text()
    paste(line, "fifteen letters")
    assert "20 characters" not in QToolTip.text()
    paste(line, "and more than twenty")
    assert line.text() == "fifteen lettersand m"
    assert "it takes 20 characters" in QToolTip.text()
    clipboard.clear()


def test_a_capped_line_keeps_what_it_holds(qtbot: QtBot) -> None:
    field = QLineEdit("x" * 30)
    shown(qtbot, field)
    cap_line(field, 20)
    assert len(field.text()) == 30
