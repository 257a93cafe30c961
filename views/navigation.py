"""The one list of pages; a new tab is one line here."""

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A page as data: `target` is "module:Class", imported when the page is first shown."""

    key: str
    title: str
    icon: str
    target: str
    place: Literal["rail", "foot", "second"] = "rail"
    shortcut: str = ""
    parent: str = ""
    badge: str = ""


PAGES: Final = (
    PageEntry("today", "Today", "sun", "views.today.page:TodayPage", badge="today"),
    PageEntry("contacts", "Contacts", "users", "views.contacts.page:ContactsPage"),
    PageEntry("pipeline", "Pipeline", "handshake", "views.pipeline.page:PipelinePage"),
    PageEntry("tickets", "Tickets", "inbox", "views.tickets.page:TicketsPage", badge="tickets"),
    PageEntry("analytics", "Analytics", "chart-column", "views.analytics.page:AnalyticsPage"),
    PageEntry("settings", "Settings", "settings", "views.settings.page:SettingsPage", "foot"),
    PageEntry(
        "contact",
        "Contact",
        "user",
        "views.contacts.record_page:ContactRecordPage",
        "second",
        parent="contacts",
    ),
    PageEntry(
        "company",
        "Company",
        "building-2",
        "views.contacts.company_page:CompanyRecordPage",
        "second",
        parent="contacts",
    ),
    PageEntry(
        "deal",
        "Deal",
        "handshake",
        "views.pipeline.deal_page:DealRecordPage",
        "second",
        parent="pipeline",
    ),
    PageEntry(
        "import",
        "Import",
        "upload",
        "views.importing.page:ImportPage",
        "second",
        parent="contacts",
    ),
    PageEntry(
        "imports",
        "Imports",
        "history",
        "views.importing.imports_page:ImportsPage",
        "second",
        parent="contacts",
    ),
)

# Record kind → the list page whose pane shows it, and the page that shows it at full width.
RECORD_HOMES: Final[dict[str, tuple[str, str]]] = {
    "contact": ("contacts", "contact"),
    "company": ("contacts", "company"),
    "deal": ("pipeline", "deal"),
    "ticket": ("tickets", "tickets"),
    "task": ("today", "today"),
    "appointment": ("today", "today"),
    "activity": ("today", "today"),
    "import_batch": ("imports", "imports"),
    "user": ("settings", "settings"),
    "product": ("settings", "settings"),
}

_BY_KEY: Final = {entry.key: entry for entry in PAGES}


def page_entry(key: str) -> PageEntry:
    """Return the entry of a page key."""
    return _BY_KEY[key]


def rail_pages() -> list[PageEntry]:
    """Return the pages of the rail, in the order of Ctrl+1…7."""
    return [entry for entry in PAGES if entry.place != "second"]


def preloaded_targets() -> list[str]:
    """Return what is imported while the program idles: the palette, every page, what both need."""
    return ["views.palette.palette:Palette", *(entry.target for entry in PAGES)]


def tab_of(key: str) -> str:
    """Return the rail page that stands for a page: itself, or a second-level page's parent."""
    entry = page_entry(key)
    return entry.parent or entry.key


def record_home(kind: str, *, full: bool = False) -> str:
    """Return the key of the page on which a record of this kind lives."""
    pane, page = RECORD_HOMES.get(kind, ("today", "today"))
    return page if full else pane
