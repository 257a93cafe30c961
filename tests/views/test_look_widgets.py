"""The shared widgets: fields, chips, toasts, forms and the halo, driven as a person would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from PySide6.QtCore import QLocale, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from views import fonts
from views.shared import format as words
from views.shared.focus_halo import FocusHalo
from views.shared.relation import Found
from views.shared.widgets import (
    Button,
    ChipRow,
    DropDown,
    EmptyState,
    IconButton,
    InlineField,
    MoneyEdit,
    NoticeBar,
    RecordForm,
    RelationPicker,
    RemovableChip,
    SearchField,
    TagField,
    ToastHost,
    filter_chip,
    line_edit,
    quick_days,
    tag_chip,
)

TODAY = date(2026, 11, 23)  # a Monday
windows: list[QWidget] = []  # qtbot holds what it closes only weakly
NB, NN = "\u00a0", "\u00a0"


@pytest.fixture(autouse=True)
def house_style(qapp: QApplication) -> Iterator[None]:
    fonts.install_fonts(qapp)
    before = QLocale()
    words.set_locale(QLocale(QLocale.Language.English))
    words.set_clock(lambda: datetime(2026, 11, 23, 9, 12, tzinfo=UTC))
    yield
    windows.clear()
    words.set_clock(None)
    words.set_locale(before)


# --- widgets


def shown(qtbot: QtBot, *widgets: QWidget) -> QWidget:
    """Show widgets in one active window, so that focus works."""
    window = QWidget()
    windows.append(window)
    box = QVBoxLayout(window)
    for widget in widgets:
        box.addWidget(widget)
    qtbot.addWidget(window)
    window.resize(420, 300)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def editor_of(field: InlineField) -> QLineEdit:
    assert isinstance(field.edit_widget, QLineEdit)
    return field.edit_widget


def test_inline_field_saves_on_enter_and_only_a_change(qtbot: QtBot) -> None:
    field = InlineField("Job title", "Buyer")
    shown(qtbot, field)
    heard: list[object] = []
    field.committed.connect(heard.append)
    QTest.keyClick(field.view, Qt.Key.Key_F2)
    editor_of(field).setText("Head of Purchasing")
    QTest.keyClick(editor_of(field), Qt.Key.Key_Return)
    assert heard == ["Head of Purchasing"]
    assert field.view.words == "Head of Purchasing"
    assert not field.is_editing
    field.start()
    field.commit()
    assert heard == ["Head of Purchasing"]


def test_inline_field_escape_takes_back_and_shows_what_came_meanwhile(qtbot: QtBot) -> None:
    field = InlineField("Job title", "Buyer")
    shown(qtbot, field)
    heard: list[object] = []
    field.committed.connect(heard.append)
    field.start()
    editor_of(field).setText("typed")
    field.set_value("changed elsewhere")
    assert editor_of(field).text() == "typed"
    QTest.keyClick(editor_of(field), Qt.Key.Key_Escape)
    assert heard == []
    assert field.view.words == "changed elsewhere"


def test_inline_field_saves_when_the_focus_leaves(qtbot: QtBot) -> None:
    field, other = InlineField("Job title", "Buyer"), QLineEdit()
    shown(qtbot, field, other)
    heard: list[object] = []
    field.committed.connect(heard.append)
    field.start()
    editor_of(field).setText("Head")
    other.setFocus()
    assert heard == ["Head"]


def test_inline_field_reads_money_numbers_and_refuses_words(qtbot: QtBot) -> None:
    amount = InlineField("Budget", 100, "money")
    count = InlineField("Staff", Decimal(240), "number")
    shown(qtbot, amount, count)
    heard: list[object] = []
    amount.committed.connect(heard.append)
    count.committed.connect(heard.append)
    amount.start()
    editor_of(amount).setText("1.234,56")
    amount.commit()
    count.start()
    editor_of(count).setText("many")
    assert not count.commit()
    assert count.error_text() == "This is not a number."
    editor_of(count).setText("12.5")
    assert count.commit()
    assert heard == [123456, Decimal("12.5")]
    assert count.error_text() == ""


def test_inline_field_opens_again_with_what_was_refused(qtbot: QtBot) -> None:
    field = InlineField("E-mail", "a@b.example")
    shown(qtbot, field)
    field.start()
    editor_of(field).setText("broken")
    field.commit()
    field.set_value("a@b.example")
    field.set_error("This is no e-mail address.")
    assert editor_of(field).text() == "broken"
    assert field.error_text() == "This is no e-mail address."


def test_inline_yes_no_and_choice(qtbot: QtBot) -> None:
    flag = InlineField("Customer", False, "bool")
    owner = InlineField("Owner", 1, "choice", choices=[(1, "Elena"), (2, "Farah & Co")])
    shown(qtbot, flag, owner)
    heard: list[object] = []
    flag.committed.connect(heard.append)
    owner.committed.connect(heard.append)
    QTest.keyClick(flag.view, Qt.Key.Key_Return)
    owner._choice_menu().actions()[1].trigger()
    assert heard == [True, 2]
    assert owner.view.words == "Farah & Co"


def test_toast_undoes_once_and_goes(qtbot: QtBot) -> None:
    window = shown(qtbot, QWidget())
    host = ToastHost(window)
    undone: list[int] = []
    toast = host.show_toast("Deal moved", "to Won", undo=lambda: undone.append(1))
    assert host.focus_latest()
    assert toast.is_paused
    toast.tick(100_000)
    assert host.latest is toast
    button = toast.buttons[-1]
    assert isinstance(button, QWidget)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert undone == [1]
    assert host.latest is None


def test_toast_ends_by_itself_and_at_most_three_stay(qtbot: QtBot) -> None:
    host = ToastHost(shown(qtbot, QWidget()))
    for number in range(5):
        host.show_toast(f"Message {number}")
    assert [toast.text for toast in host.toasts] == ["Message 2", "Message 3", "Message 4"]
    host.toasts[0].tick(100_000)
    assert [toast.text for toast in host.toasts] == ["Message 3", "Message 4"]


def test_notice_offers_its_remedy(qtbot: QtBot) -> None:
    bar = NoticeBar()
    shown(qtbot, bar)
    done: list[int] = []
    bar.show_notice("The disk is full.", remedy=("Choose another folder", lambda: done.append(1)))
    QTest.mouseClick(bar.remedy, Qt.MouseButton.LeftButton)
    assert done == [1]
    bar.clear()
    assert bar.isHidden()


def test_chips_hold_one_choice_and_counts(qtbot: QtBot) -> None:
    chips = ChipRow([("all", "All", 11), ("tasks", "Tasks", 6)])
    shown(qtbot, chips)
    heard: list[object] = []
    chips.value_changed.connect(heard.append)
    assert chips.value == "all"
    QTest.mouseClick(chips.chips[1], Qt.MouseButton.LeftButton)
    assert heard == ["tasks"]
    chips.set_counts({"tasks": 1204})
    assert chips.chips[1].accessibleName() == f"Tasks, 1{NN}204"
    chips.set_items([("tasks", "Tasks"), ("deals", "Deals")])
    assert chips.value == "tasks"
    assert heard == ["tasks"]


@pytest.mark.parametrize("make", [filter_chip, partial(tag_chip, 7)])
def test_a_chip_goes_by_key_and_by_its_cross_only(
    qtbot: QtBot, make: Callable[[str], RemovableChip]
) -> None:
    chip = make("Owner is Elena")
    shown(qtbot, chip)
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
        with qtbot.waitSignal(chip.removed):
            QTest.keyClick(chip, key)
    with qtbot.assertNotEmitted(chip.removed):
        QTest.mouseClick(chip, Qt.MouseButton.LeftButton, pos=QPoint(12, 12))
    with qtbot.waitSignal(chip.removed):
        QTest.mouseClick(
            chip, Qt.MouseButton.LeftButton, pos=QPoint(chip.width() - 10, chip.height() // 2)
        )
    assert "Owner is Elena" in chip.accessibleName()


def test_drop_down_tells_only_changes(qtbot: QtBot) -> None:
    drop = DropDown()
    drop.set_items([(1, "One"), (2, "Two")])
    shown(qtbot, drop)
    heard: list[object] = []
    drop.value_changed.connect(heard.append)
    drop.set_value(1)
    drop.set_value(2)
    assert heard == [2]
    assert drop.label == "Two"


def test_search_field_tells_after_a_pause_and_at_once_on_enter(qtbot: QtBot) -> None:
    search = SearchField("Search", debounce_ms=10_000)
    shown(qtbot, search)
    heard: list[str] = []
    search.text_changed.connect(heard.append)
    QTest.keyClicks(search, "osp")
    assert heard == []
    QTest.keyClick(search, Qt.Key.Key_Return)
    QTest.keyClick(search, Qt.Key.Key_Escape)
    assert heard == ["osp", ""]


def test_relation_picker_takes_the_newest_answer_and_restores_loose_words(qtbot: QtBot) -> None:
    asked: dict[str, Callable[[Found], None]] = {}
    picker = RelationPicker(asked.__setitem__)
    other = QLineEdit()
    shown(qtbot, picker, other)
    picker.setFocus()
    for typed in ("o", "os"):
        picker.setText(typed)
        picker.search_now()
    asked["os"]([(2, "Osprey Health", "Berlin")])
    asked["o"]([(1, "Old answer")])
    assert picker._model.rowCount() == 1
    picker._popup.hide()
    heard: list[object] = []
    picker.selected.connect(heard.append)
    picker.choose(2, "Osprey Health")
    picker.setText("something else")
    other.setFocus()
    assert picker.text() == "Osprey Health"
    assert heard == [2]


def test_tags_are_added_once_and_removed(qtbot: QtBot) -> None:
    tags = TagField()
    tags.set_tags([(1, "key account")])
    shown(qtbot, tags)
    added: list[str] = []
    removed: list[object] = []
    tags.added.connect(added.append)
    tags.removed.connect(removed.append)
    QTest.keyClicks(tags.edit, "Key Account")
    QTest.keyClick(tags.edit, Qt.Key.Key_Return)
    QTest.keyClicks(tags.edit, "scanner")
    QTest.keyClick(tags.edit, Qt.Key.Key_Return)
    QTest.keyClick(tags._chips[0], Qt.Key.Key_Backspace)
    assert added == ["scanner"]
    assert removed == [1]


def test_form_shows_the_error_beside_its_field(qtbot: QtBot) -> None:
    form = RecordForm()
    form.add_row("name", "Name", line_edit(), required=True)
    form.add_row("amount", "Amount", MoneyEdit("EUR"), hint="Total")
    shown(qtbot, form)

    class Refused(Exception):  # noqa: N818 - stands for UserError
        template = "A deal needs a name."
        field = "name"

    assert form.show_user_error(Refused())
    assert form.rows["name"].error_text() == "A deal needs a name."
    assert form.editor("name").property("invalid") is True
    form.clear_errors()
    assert form.rows["name"].error_text() == ""
    assert not form.show_user_error(ValueError("other"))


def test_icon_buttons_and_empty_pages_have_names(qtbot: QtBot) -> None:
    assert IconButton("phone", "Call").accessibleName() == "Call"
    empty = EmptyState("users", "Nobody yet", "Import.", ("Import", "upload"), "New contact")
    shown(qtbot, empty)
    assert isinstance(empty.primary_button, Button)
    with qtbot.waitSignal(empty.primary_clicked):
        QTest.mouseClick(empty.primary_button, Qt.MouseButton.LeftButton)


def test_quick_days_know_next_monday() -> None:
    assert [day for _, day in quick_days(TODAY)] == [
        TODAY,
        TODAY + timedelta(days=1),
        TODAY + timedelta(days=3),
        date(2026, 11, 30),
    ]


def test_buttons_never_cut_longer_words_in_either_direction(qtbot: QtBot) -> None:
    try:
        for direction in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
            QGuiApplication.setLayoutDirection(direction)
            button = Button(
                "Kontakte importieren und zusammenführen", "upload", "primary", "Ctrl N"
            )
            shown(qtbot, button)
            assert button.width() >= button.sizeHint().width()
            assert not button.grab().isNull()
    finally:
        QGuiApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_several_lines_make_the_field_taller(qtbot: QtBot) -> None:
    short = InlineField("About", "One line", "multiline")
    long = InlineField("About", "", "multiline")
    long.set_value("Procurement moved to Berlin; invoices go to the new VAT number. " * 4)
    other = QLineEdit()
    window = shown(qtbot, short, long, other)
    window.resize(320, 600)
    QApplication.processEvents()
    assert long.view.height() >= long.view.heightForWidth(long.view.width()) > 60
    assert short.view.height() < long.view.height()


def haloed(halo: FocusHalo) -> QWidget | None:
    """Give the field that the halo stands around."""
    return halo.halo.widget() if halo.halo is not None else None


def test_halo_follows_the_field_with_the_keyboard(qapp: QApplication, qtbot: QtBot) -> None:
    halo = FocusHalo(qapp)
    first, plain, button = QLineEdit(), QLineEdit(), Button("Save")
    plain.setProperty("flat", True)
    shown(qtbot, first, plain, button)
    first.setFocus()
    assert haloed(halo) is first
    plain.setFocus()
    assert haloed(halo) is None
    first.setFocus()
    button.setFocus()
    assert haloed(halo) is None
    halo.deleteLater()


def test_halo_survives_its_window(qapp: QApplication, qtbot: QtBot) -> None:
    halo = FocusHalo(qapp)
    field = QLineEdit()
    window = shown(qtbot, field)
    field.setFocus()
    field.deleteLater()
    window.close()
    QApplication.sendPostedEvents()
    QApplication.processEvents()
    another = QLineEdit()
    shown(qtbot, another)
    another.setFocus()
    assert haloed(halo) is another
    halo.deleteLater()
