"""A layout that breaks like words knows its height anew whenever an item changes."""

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from views.shared.layout import FlowLayout, clear_layout


def label(text: str) -> QLabel:
    made = QLabel(text)
    made.setFixedSize(100, 20)
    return made


def flow(qtbot: QtBot, *labels: QLabel) -> tuple[QWidget, FlowLayout]:
    page = QWidget()
    qtbot.addWidget(page)
    outer = QVBoxLayout(page)
    outer.setContentsMargins(0, 0, 0, 0)
    layout = FlowLayout(spacing=10)
    outer.addLayout(layout)
    outer.addStretch(1)
    for item in labels:
        layout.addWidget(item)
    page.resize(230, 400)
    page.show()
    return page, layout


def test_the_height_follows_what_is_shown(qtbot: QtBot) -> None:
    labels = [label(str(n)) for n in range(3)]
    _, layout = flow(qtbot, *labels)
    qtbot.waitUntil(lambda: layout.geometry().height() == 50)  # two beside each other
    assert layout.heightForWidth(230) == 50
    labels[2].hide()
    qtbot.waitUntil(lambda: layout.geometry().height() == 20)
    labels[2].show()
    qtbot.waitUntil(lambda: layout.geometry().height() == 50)
    assert layout.heightForWidth(100) == 80
    assert layout.heightForWidth(400) == 20


def test_the_height_follows_sizes_and_number(qtbot: QtBot) -> None:
    first = label("a")
    _, layout = flow(qtbot, first)
    qtbot.waitUntil(lambda: layout.geometry().height() == 20)
    first.setFixedHeight(33)
    qtbot.waitUntil(lambda: layout.geometry().height() == 33)
    layout.insert_widget(0, label("b"))
    layout.addWidget(label("c"))
    qtbot.waitUntil(lambda: layout.geometry().height() == 63)
    clear_layout(layout)
    assert layout.heightForWidth(230) == 0
