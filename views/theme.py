"""Colours of the two themes, and how they reach Qt: palette, style sheet and a signal."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory, QWidget

RESOURCES: Final = Path(__file__).resolve().parent.parent / "resources"

AvatarPairs = tuple[tuple[str, str], ...]


class Tone(NamedTuple):
    """The three colours of a state: its words, the ground under them and the line around."""

    text: str
    tint: str
    line: str


TONES: Final = ("good", "warning", "bad", "info", "neutral", "accent")


@dataclass(frozen=True, slots=True)
class Theme:
    """Every colour of one theme, as hex text."""

    name: str
    window: str
    surface: str
    raised: str
    rail: str
    border: str
    row_line: str
    outline: str
    field_line: str
    text: str
    muted: str
    accent: str
    accent_soft: str
    accent_line: str
    accent_pale: str
    primary: str
    primary_hover: str
    primary_pressed: str
    on_primary: str
    danger: str
    danger_hover: str
    hover: str
    subtle: str
    column: str
    neutral: str
    neutral_tint: str
    neutral_line: str
    good: str
    good_tint: str
    good_line: str
    warning: str
    warning_tint: str
    warning_line: str
    bad: str
    bad_tint: str
    bad_line: str
    info: str
    info_tint: str
    info_line: str
    note: str
    note_line: str
    skeleton: str
    toast: str
    toast_text: str
    toast_muted: str
    toast_button: str
    toast_accent: str
    avatars: AvatarPairs

    @property
    def is_dark(self) -> bool:
        """Whether light words stand on dark grounds."""
        return self.name == "dark"

    def hex(self, colour: str) -> str:
        """Give the hex text of a token; hex text passes through."""
        return colour if colour.startswith("#") else str(getattr(self, colour))

    def color(self, colour: str | QColor) -> QColor:
        """Give the colour of a token or of hex text; do not change it, it is shared."""
        return colour if isinstance(colour, QColor) else _color(self.hex(colour))

    def tone(self, name: str) -> Tone:
        """Give the colours of a state such as "good" or "neutral"."""
        if name == "accent":
            return Tone(self.accent, self.accent_soft, self.accent_line)
        if name not in TONES:
            raise KeyError(name)
        return Tone(*(str(getattr(self, name + part)) for part in ("", "_tint", "_line")))

    def avatar(self, record_id: int) -> tuple[str, str]:
        """Give words and ground of a record's avatar, always the same for one id."""
        # A multiplicative hash: ids that count up must not walk through the colours in order.
        place = (record_id * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF) >> 61
        return self.avatars[place]


@lru_cache(maxsize=512)
def _color(value: str) -> QColor:
    return QColor(value)


LIGHT: Final = Theme(
    name="light",
    window="#F7F8FA",
    surface="#FFFFFF",
    raised="#FFFFFF",
    rail="#FFFFFF",
    border="#E4E7EC",
    row_line="#EEF0F3",
    outline="#828C9F",
    field_line="#C9CFD9",
    text="#101828",
    muted="#5D677A",
    accent="#3B5BDB",
    accent_soft="#EEF2FF",
    accent_line="#C5D0FA",
    accent_pale="#C5D0FA",
    primary="#3B5BDB",
    primary_hover="#3250C4",
    primary_pressed="#2A44AB",
    on_primary="#FFFFFF",
    danger="#B42318",
    danger_hover="#912018",
    hover="#F7F8FA",
    subtle="#F7F8FA",
    column="#F2F4F7",
    neutral="#475467",
    neutral_tint="#F2F4F7",
    neutral_line="#E4E7EC",
    good="#067647",
    good_tint="#ECFDF3",
    good_line="#ABEFC6",
    warning="#B54708",
    warning_tint="#FFFAEB",
    warning_line="#FEDF89",
    bad="#B42318",
    bad_tint="#FEF3F2",
    bad_line="#FECDCA",
    info="#175CD3",
    info_tint="#EFF8FF",
    info_line="#B2DDFF",
    note="#FFFBEB",
    note_line="#FEDF89",
    skeleton="#E4E7EC",
    toast="#101828",
    toast_text="#FFFFFF",
    toast_muted="#B8C0CC",
    toast_button="#28303E",
    toast_accent="#A9BAFF",
    avatars=(
        ("#5B35B5", "#EFE9FD"),
        ("#175CD3", "#E4EFFE"),
        ("#0B6B8A", "#DFF3F9"),
        ("#067647", "#DEF7E9"),
        ("#8A5A00", "#FBF0D2"),
        ("#B93815", "#FDE9E1"),
        ("#AD1F52", "#FCE6EE"),
        ("#475467", "#EAECF0"),
    ),
)

DARK: Final = Theme(
    name="dark",
    window="#0F1217",
    surface="#161A21",
    raised="#1D222B",
    rail="#12161C",
    border="#2A303B",
    row_line="#222831",
    outline="#6B7689",
    field_line="#3D4553",
    text="#E6E8EC",
    muted="#98A2B3",
    accent="#8FA3FF",
    accent_soft="#222B4D",
    accent_line="#3A4A8C",
    accent_pale="#3A4A8C",
    primary="#3B5BDB",
    primary_hover="#4A69E2",
    primary_pressed="#3250C4",
    on_primary="#FFFFFF",
    danger="#B42318",
    danger_hover="#C4321F",
    hover="#1B2029",
    subtle="#12161C",
    column="#12161C",
    neutral="#B3BAC6",
    neutral_tint="#232934",
    neutral_line="#343B48",
    good="#75E0A7",
    good_tint="#0B2E20",
    good_line="#1B5A3F",
    warning="#FEC84B",
    warning_tint="#33240A",
    warning_line="#6B4C12",
    bad="#FDA29B",
    bad_tint="#3A1512",
    bad_line="#7A2C26",
    info="#84CAFF",
    info_tint="#0C2A4A",
    info_line="#1B4F85",
    note="#25200F",
    note_line="#4D4119",
    skeleton="#262D38",
    toast="#2A3140",
    toast_text="#FFFFFF",
    toast_muted="#B8C0CC",
    toast_button="#3B4456",
    toast_accent="#B3C1FF",
    avatars=(
        ("#C9B8FF", "#2E2456"),
        ("#9CC8FF", "#12305A"),
        ("#84D5EE", "#0D3644"),
        ("#86E5B4", "#0E3A27"),
        ("#F2CE7B", "#3B2D0C"),
        ("#FFB499", "#45200F"),
        ("#FFA6C6", "#451428"),
        ("#C3CAD6", "#2B323D"),
    ),
)

THEMES: Final = {"light": LIGHT, "dark": DARK}


class _Switch(QObject):
    """Holds the theme in force and tells of a change."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.theme = LIGHT
        self.mode = "light"
        self.listening = False


_switch = _Switch()
theme_changed = _switch.changed


def current_theme() -> Theme:
    """Give the theme in force."""
    return _switch.theme


def current_mode() -> str:
    """Give what the person chose: "light", "dark" or "system"."""
    return _switch.mode


def apply_theme(app: QApplication, mode: str = "system") -> Theme:
    """Dress the whole program in "light", "dark" or what the system uses."""
    if mode not in {*THEMES, "system"}:
        raise ValueError(mode)
    _switch.mode = mode
    _follow_system(app)
    theme = LIGHT
    if mode == "dark" or (mode == "system" and _system_is_dark(app)):
        theme = DARK
    unchanged = theme is _switch.theme and app.property("closeknitTheme") == theme.name
    _switch.theme = theme
    if unchanged:
        return theme
    if app.property("closeknitTheme") is None:
        from views.shared.focus_halo import FocusHalo  # noqa: PLC0415 - it paints with themes

        app.setStyle(QStyleFactory.create("Fusion"))
        FocusHalo(app)
    app.setProperty("closeknitTheme", theme.name)
    app.setPalette(palette(theme))
    app.setStyleSheet(style_sheet(theme))
    _switch.changed.emit(theme)
    return theme


def _system_is_dark(app: QApplication) -> bool:
    return app.styleHints().colorScheme() == Qt.ColorScheme.Dark


def _follow_system(app: QApplication) -> None:
    """Tell the platform (title bars, native dialogs) and hear of its changes."""
    hints = app.styleHints()
    if not _switch.listening:
        _switch.listening = True
        hints.colorSchemeChanged.connect(_system_changed)
    if _switch.mode == "system":
        hints.unsetColorScheme()
    else:
        dark = _switch.mode == "dark"
        hints.setColorScheme(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)


def _system_changed() -> None:
    app = QApplication.instance()
    if _switch.mode == "system" and isinstance(app, QApplication):
        apply_theme(app, "system")


def palette(theme: Theme) -> QPalette:
    """Build the palette of a theme, for all that the style sheet leaves alone."""
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.surface,
        role.AlternateBase: theme.subtle,
        role.ToolTipBase: theme.toast,
        role.ToolTipText: theme.toast_text,
        role.PlaceholderText: theme.muted,
        role.Text: theme.text,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.on_primary,
        role.Light: theme.raised,
        role.Midlight: theme.row_line,
        role.Mid: theme.border,
        role.Dark: theme.outline,
        role.Shadow: theme.outline,
        role.Highlight: theme.primary,
        role.HighlightedText: theme.on_primary,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Accent: theme.primary,
    }
    made = QPalette()
    for which, colour in colours.items():
        made.setColor(which, _color(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, _color(theme.muted))
    return made


@cache
def _sheet_template() -> str:
    return (RESOURCES / "themes" / "base.qss").read_text(encoding="utf-8")


@cache
def style_sheet(theme: Theme) -> str:
    """Fill the one style sheet with the colours of a theme."""
    names = {field.name for field in fields(Theme)} - {"name", "avatars"}

    def filled(match: re.Match[str]) -> str:
        name = match.group(1)
        if name == "images":
            return (RESOURCES / "themes").as_posix()
        if name not in names:
            raise KeyError(name)
        return str(getattr(theme, name))

    return re.sub(r"@([a-z_]+)", filled, _sheet_template())


def repolish(widget: QWidget) -> None:
    """Let the style sheet look again at a widget whose dynamic property changed."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()
