"""The look: colours that can be read, icons that exist, words of money and time, widgets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtGui import QColor, QFontInfo, QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from views import fonts, icons, theme
from views.shared import format as words
from views.shared import text as texts
from views.shared.widgets import (
    Button,
)

TODAY = date(2026, 11, 23)  # a Monday
NB, NN = "\u00a0", "\u00a0"


@pytest.fixture(autouse=True)
def house_style(qapp: QApplication) -> Iterator[None]:
    fonts.install_fonts(qapp)
    before = QLocale()
    words.set_locale(QLocale(QLocale.Language.English))
    words.set_clock(lambda: datetime(2026, 11, 23, 9, 12, tzinfo=UTC))
    yield
    words.set_clock(None)
    words.set_locale(before)


# --- colours


def luminance(colour: str) -> float:
    shade = QColor(colour)
    parts = (shade.redF(), shade.greenF(), shade.blueF())
    linear = [c / 12.92 if c <= 0.04045 else float(((c + 0.055) / 1.055) ** 2.4) for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def text_pairs(look: theme.Theme) -> list[tuple[str, str]]:
    grounds = ("window", "surface", "raised", "rail", "subtle", "column", "hover")
    pairs = [
        (getattr(look, text), getattr(look, ground))
        for ground in (*grounds, "neutral_tint", "accent_soft", "note")
        for text in ("text", "muted", "neutral", "accent")
        if not (text == "accent" and ground == "note")
    ]
    pairs += [(look.tone(name).text, look.tone(name).tint) for name in theme.TONES]
    pairs += [
        (look.tone(name).text, getattr(look, ground))
        for name in ("good", "warning", "bad", "info")
        for ground in ("surface", "window", "raised")
    ]
    pairs += [
        (look.on_primary, fill) for fill in (look.primary, look.primary_hover, look.primary_pressed)
    ]
    pairs += [(look.on_primary, look.danger), (look.on_primary, look.danger_hover)]
    pairs += [(look.toast_text, look.toast), (look.toast_muted, look.toast)]
    pairs += [(look.toast_accent, look.toast_button)]
    return pairs + list(look.avatars)


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_every_text_pair_can_be_read(look: theme.Theme) -> None:
    poor = {pair: round(contrast(*pair), 2) for pair in text_pairs(look) if contrast(*pair) < 4.5}
    assert poor == {}


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_style_sheet_names_only_known_colours(look: theme.Theme) -> None:
    sheet = theme.style_sheet(look)
    assert "@" not in sheet
    assert look.primary in sheet


def test_style_sheet_sets_no_fonts() -> None:
    # A weight from a style sheet would draw the regular face of the variable font.
    assert "font-" not in theme.style_sheet(theme.LIGHT)


def test_style_sheet_pictures_exist() -> None:
    import re
    from pathlib import Path

    pictures = set(re.findall(r'url\("([^"]+)"\)', theme.style_sheet(theme.LIGHT)))
    assert pictures
    assert [name for name in pictures if not Path(name).is_file()] == []


def test_switching_the_theme_tells_and_changes_the_palette(qapp: QApplication) -> None:
    heard: list[theme.Theme] = []
    theme.apply_theme(qapp, "light")
    theme.theme_changed.connect(heard.append)
    try:
        theme.apply_theme(qapp, "dark")
        assert qapp.palette().window().color() == QColor(theme.DARK.window)
        theme.apply_theme(qapp, "dark")
        theme.apply_theme(qapp, "light")
    finally:
        theme.theme_changed.disconnect(heard.append)
    assert [look.name for look in heard] == ["dark", "light"]
    assert theme.current_theme() is theme.LIGHT


def test_unknown_mode_and_tone_are_refused(qapp: QApplication) -> None:
    with pytest.raises(ValueError, match="pink"):
        theme.apply_theme(qapp, "pink")
    with pytest.raises(KeyError):
        theme.LIGHT.tone("text")


def test_avatar_is_stable_and_uses_all_pairs() -> None:
    used = {theme.LIGHT.avatar(record_id) for record_id in range(1, 200)}
    assert used == set(theme.LIGHT.avatars)
    assert theme.LIGHT.avatar(7) == theme.LIGHT.avatar(7)


# --- fonts and icons


def test_inter_is_the_font_and_weights_differ(qapp: QApplication) -> None:
    assert QFontInfo(qapp.font()).family() == "Inter"
    line = "Send revised quote with 36-month term"
    widths = [fonts.metrics(13, weight).horizontalAdvance(line) for weight in (400, 500, 600)]
    assert widths == sorted(set(widths))


def test_tabular_figures_are_all_as_wide() -> None:
    measure = fonts.metrics(13, 400, tabular=True)
    assert len({measure.horizontalAdvance(figure) for figure in "0123456789"}) == 1


def test_unknown_icon_is_an_error(qapp: QApplication) -> None:
    assert icons.has_icon("phone")
    assert not icons.has_icon("no-such-icon")
    with pytest.raises(KeyError):
        icons.pixmap("no-such-icon")


def test_every_icon_named_in_the_views_exists() -> None:
    import re

    named: set[str] = set()
    pattern = re.compile(
        r'(?:IconButton|icon|pixmap|has_icon|IconLabel|EmptyState)\(\s*"([a-z][a-z0-9-]+)"'
    )
    for path in theme.RESOURCES.parent.joinpath("views").rglob("*.py"):
        named |= set(pattern.findall(path.read_text(encoding="utf-8")))
    assert named
    assert sorted(name for name in named if not icons.has_icon(name)) == []


def test_icon_is_drawn_in_its_colour_at_the_pixel_ratio(qapp: QApplication) -> None:
    drawn = icons.pixmap("phone", "#FF0000", 18, 2.0)
    assert drawn.width() == 36
    image: QImage = drawn.toImage()
    seen = {
        image.pixelColor(x, y).name()
        for x in range(36)
        for y in range(36)
        if image.pixelColor(x, y).alpha() == 255
    }
    assert seen == {"#ff0000"}


# --- words


@pytest.mark.parametrize(
    ("minor", "currency", "compact", "expected"),
    [
        (3650000, "EUR", False, f"€{NB}36{NN}500"),
        (1250, "EUR", False, f"€{NB}12.50"),
        (0, "EUR", False, f"€{NB}0"),
        (-50000, "EUR", False, f"\u2212€{NB}500"),
        (123456789, "EUR", False, f"€{NB}1{NN}234{NN}567.89"),
        (500, "JPY", False, f"¥{NB}500"),
        (12500, "KWD", False, f"KWD{NB}12.500"),
        (12000, "KWD", False, f"KWD{NB}12"),
        (3650000, "EUR", True, f"€{NB}36.5{NB}k"),
        (3600000, "USD", True, f"${NB}36{NB}k"),
        (1000553400, "USD", True, f"${NB}10{NB}M"),
        (99999, "EUR", True, f"€{NB}999.99"),
        (99999999, "EUR", True, f"€{NB}1{NB}M"),
        (None, "EUR", False, words.DASH),
    ],
)
def test_money(minor: int | None, currency: str, compact: bool, expected: str) -> None:
    assert words.money(minor, currency, compact=compact) == expected


def test_money_in_german_follows_the_locale() -> None:
    words.set_locale(QLocale(QLocale.Language.German, QLocale.Country.Germany))
    assert words.money(3650050, "EUR") == f"36.500,50{NB}€"
    assert words.number(Decimal("1204.5"), 1) == "1.204,5"
    assert words.date_words(date(2026, 11, 18), TODAY) == "Mittwoch"


@pytest.mark.parametrize(
    ("typed", "currency", "expected"),
    [
        ("1.234,56 €", "EUR", 123456),
        ("(1,200.50)", "EUR", -120050),
        (f"36{NN}500", "EUR", 3650000),
        ("1,234", "EUR", 123400),
        ("1.5", "EUR", 150),
        ("-7", "EUR", -700),
        ("500", "JPY", 500),
        ("12.5", "KWD", 12500),
        ("abc", "EUR", None),
        ("", "EUR", None),
        ("1-2", "EUR", None),
    ],
)
def test_parse_money(typed: str, currency: str, expected: int | None) -> None:
    assert words.parse_money(typed, currency) == expected


def test_numbers_and_shares() -> None:
    assert words.number(1204) == f"1{NN}204"
    assert words.number(-0.2) == "0"
    assert words.percent(0.34) == f"34{NB}%"
    assert words.percent(None) == words.DASH
    assert [words.signed(value) for value in (7, -2, 0)] == ["+7", "\u22122", "0"]
    assert words.file_size(84_000) == f"84{NB}kB"
    assert words.file_size(1_200_000) == f"1.2{NB}MB"
    assert words.file_size(1) == "1 byte"


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, "today"),
        (-1, "yesterday"),
        (1, "tomorrow"),
        (3, "in 3 days"),
        (-3, "Friday"),
        (18, f"11{NB}Dec"),
        (-347, f"11{NB}Dec{NB}2025"),
    ],
)
def test_date_words(days: int, expected: str) -> None:
    assert words.date_words(TODAY + timedelta(days=days), TODAY) == expected


def test_moments() -> None:
    friday = datetime(2026, 11, 20, 16, 20, tzinfo=UTC)
    assert words.moment_words(friday) == "Friday 16:20"
    assert words.exact_moment(friday) == "Friday 20 November 2026, 16:20"
    assert words.exact_moment(date(2026, 11, 20)) == "Friday 20 November 2026"
    assert words.day_heading(friday) == "Friday 20 November"
    assert words.day_heading(TODAY) == "Today"
    assert words.from_local(TODAY, time(9, 0)) == datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_lengths_and_ages() -> None:
    assert words.duration_words(41 * 60) == "41 min"
    assert words.duration_words(timedelta(hours=2, minutes=5)) == "2 h 5 min"
    assert words.duration_words(timedelta(days=3)) == "3 days"
    assert words.duration_words(10) == "under 1 min"
    now = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
    assert words.age_words(now - timedelta(days=1, hours=3)) == "1 day"
    assert words.age_words(now - timedelta(days=42)) == "6 weeks"
    assert words.age_words(now - timedelta(days=900)) == "2 years"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Priya Raman", "PR"),
        ("Özgür van Ölmez", "ÖÖ"),
        ("Cher", "C"),
        ("山田 太郎", "山"),
        ("محمد علي", "م\u2009ع"),
        ("a.okafor@granite.example", "A"),
        ("Jörg (Vertrieb)", "J"),
        ("ßtrange", "ß"),
        ("", "?"),
        ("—", "?"),
    ],
)
def test_initials(name: str, expected: str) -> None:
    assert words.initials(name) == expected


def test_sentences_count_and_fill() -> None:
    assert texts.tr_n("{n} contact", "{n} contacts", 1) == "1 contact"
    assert texts.tr_n("{n} contact", "{n} contacts", 1204) == f"1{NN}204 contacts"
    assert texts.tr("Moved {deal}", deal="{x}") == "Moved {x}"

    class Told(Exception):  # noqa: N818 - stands for UserError
        template = "{email} is taken."
        values = {"email": "a@b.example"}  # noqa: RUF012

    assert texts.translate_error(Told()) == "a@b.example is taken."
    assert texts.translate_error(ValueError("plain")) == "plain"


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_drawn_buttons_show_their_words_in_contrast(
    qapp: QApplication, qtbot: QtBot, mode: str
) -> None:
    theme.apply_theme(qapp, mode)
    try:
        for kind in ("primary", "secondary", "ghost", "danger", "link"):
            button = Button("MMMM", kind=kind)
            window = QWidget()
            window.setObjectName("page")
            button.setParent(window)
            button.move(10, 10)
            button.resize(button.sizeHint())
            window.resize(200, 60)
            qtbot.addWidget(window)
            drawn = window.grab(button.geometry().adjusted(4, 4, -4, -4)).toImage()
            shades = sorted(
                {
                    luminance(drawn.pixelColor(x, y).name())
                    for x in range(drawn.width())
                    for y in range(drawn.height())
                }
            )
            assert (shades[-1] + 0.05) / (shades[0] + 0.05) >= 4.5, kind
    finally:
        theme.apply_theme(qapp, "light")
