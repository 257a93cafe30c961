"""Everything the palette can do, as data."""

from dataclasses import dataclass
from typing import Final

from models.values import fold
from views.shared.text import tr


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do: shows `page` and begins `start` there, or calls the window's `method`.

    `also` holds further words a person might type for it.
    """

    words: str
    icon: str
    page: str = ""
    start: str = ""
    method: str = ""
    keys: str = ""
    note: str = ""
    also: str = ""


ACTIONS: Final = (
    Action(
        "New contact", "user-plus", "contacts", "new", note="a person", also="add create person"
    ),
    Action("New deal", "handshake", "pipeline", "new", also="add create sale opportunity"),
    Action("New task", "plus", "today", "new", also="add create to-do reminder call back"),
    Action("New ticket", "inbox", "tickets", "new", also="add create issue support"),
    Action(
        "Import files",
        "upload",
        "import",
        note="tables, people, mail, calendars",
        also="csv excel vcard ics json load data",
    ),
    Action("Imports", "history", "imports", note="what came in", also="undo import batches"),
    Action("Go to Today", "sun", "today", keys="Ctrl 1", also="home start tasks"),
    Action("Go to Contacts", "users", "contacts", keys="Ctrl 2", also="people companies"),
    Action("Go to Pipeline", "handshake", "pipeline", keys="Ctrl 3", also="deals board kanban"),
    Action("Go to Tickets", "inbox", "tickets", keys="Ctrl 4", also="issues support"),
    Action("Go to Analytics", "chart-column", "analytics", keys="Ctrl 5", also="reports charts"),
    Action("Settings", "settings", "settings", keys="Ctrl 6", also="preferences options"),
    Action(
        "Sharing", "share-2", "settings", "sharing", note="who is in", also="office team server"
    ),
    Action(
        "Backups", "archive-restore", "settings", "backups", note="restore", also="back up save"
    ),
    Action("Undo", "undo-2", method="undo", keys="Ctrl Z", also="take back"),
    Action("Redo", "redo-2", method="redo", keys="Ctrl Shift Z", also="again"),
    Action("Light theme", "sun", method="use_light_theme", also="bright appearance"),
    Action("Dark theme", "moon", method="use_dark_theme", also="night appearance"),
    Action("Shortcuts", "keyboard", method="show_shortcuts", keys="?", also="keys help"),
    Action("Open another workspace", "folder-open", method="open_workspace", also="file switch"),
    Action("Quit", "log-out", method="close", keys="Ctrl Q", also="exit"),
)

# What can be done with a found record: kind → what the record's page is asked to begin.
RECORD_ACTIONS: Final[dict[str, tuple[Action, ...]]] = {
    "company": (
        Action(
            "New deal for {name}",
            "plus",
            "pipeline",
            "deal",
            note="opens the form, company filled in",
        ),
        Action(
            "Log a call with {name}", "phone", "contacts", "call", note="choose the person next"
        ),
    ),
    "contact": (
        Action("Log a call with {name}", "phone", "contacts", "call"),
        Action(
            "New deal for {name}",
            "plus",
            "pipeline",
            "deal",
            note="opens the form, person filled in",
        ),
        Action("New task about {name}", "circle-check", "today", "task"),
    ),
    "deal": (Action("New task about {name}", "circle-check", "today", "task"),),
    "ticket": (),
}


def matching_actions(typed: str) -> list[Action]:
    """Return the actions of which every typed word begins a word."""
    words = fold(typed).split()
    found = []
    for action in ACTIONS:
        own = fold(f"{tr(action.words)} {action.words} {action.also}").split()
        if all(any(word.startswith(part) for word in own) for part in words):
            found.append(action)
    return found
