"""All shortcuts as data: installed by the window, listed by the "?" sheet."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One shortcut; `action` names the window's method, empty when a page or list handles it."""

    keys: tuple[str, ...]
    words: str
    group: str
    action: str = ""


SHORTCUTS: Final = (
    Shortcut(("Ctrl+K",), "Find or run anything", "Everywhere", "open_palette"),
    Shortcut(("Ctrl+N",), "New of what the page shows", "Everywhere", "new_record"),
    Shortcut(("Ctrl+F",), "Filter the page", "Everywhere", "focus_filter"),
    Shortcut(("Ctrl+Z",), "Undo", "Everywhere", "undo"),
    Shortcut(("Ctrl+Shift+Z", "Ctrl+Y"), "Redo", "Everywhere", "redo"),
    Shortcut(("Ctrl+Tab",), "Next page", "Everywhere", "next_page"),
    Shortcut(("Ctrl+Shift+Tab",), "Page before", "Everywhere", "previous_page"),
    Shortcut(("Alt+Left",), "Back", "Everywhere", "go_back"),
    Shortcut(("?",), "All shortcuts", "Everywhere", "show_shortcuts"),
    Shortcut(("Ctrl+O",), "Open a workspace", "Everywhere", "open_workspace"),
    Shortcut(("Ctrl+Q",), "Quit", "Everywhere", "close"),
    Shortcut(("J", "K"), "Next and previous row", "In lists"),
    Shortcut(("Enter",), "Open at full width", "In lists"),
    Shortcut(("Ctrl+A",), "Select all that match", "In lists"),
    Shortcut(("Esc",), "Clear the selection", "In lists"),
    Shortcut(("Space",), "Task done", "On Today"),
    Shortcut(("S",), "Snooze", "On Today"),
    Shortcut(
        ("Ctrl+Shift+Left", "Ctrl+Shift+Right"), "Move a deal to another stage", "On the board"
    ),
    Shortcut(("F2",), "Edit the field", "In a record"),
    Shortcut(("Esc",), "Take the edit back", "In a record"),
)
