"""Brings the window back where it was left: size, tab, and what each page keeps."""

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QByteArray, QSize
from PySide6.QtWidgets import QWidget

from app.settings import Settings
from views.navigation import rail_pages

if TYPE_CHECKING:
    from views.page_stack import PageStack

FIRST_SIZE: Final = QSize(1440, 900)
FRAME: Final = QSize(16, 48)  # what a title bar and borders take
SMALLEST: Final = QSize(960, 640)


def restore_geometry(window: QWidget, settings: Settings) -> None:
    """Place the window as it was left, or sensibly at the first start."""
    window.setMinimumSize(SMALLEST)
    stored = settings.window.get("geometry")
    if isinstance(stored, str) and window.restoreGeometry(
        QByteArray.fromBase64(stored.encode("ascii", "ignore"))
    ):
        return
    screen = window.screen()
    room = screen.availableSize() if screen is not None else FIRST_SIZE
    window.resize(FIRST_SIZE.boundedTo(room - FRAME))


def first_tab(settings: Settings) -> str:
    """Return the tab that was shown last, if it still exists."""
    key = settings.window.get("tab")
    return key if key in {entry.key for entry in rail_pages()} else "today"


def page_states(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return what the pages kept; anything else in the file is ignored."""
    return {key: value for key, value in settings.pages.items() if isinstance(value, dict)}


def keep_state(window: QWidget, pages: "PageStack", tab: str, settings: Settings) -> None:
    """Put everything into the settings and save them."""
    geometry = bytes(window.saveGeometry().toBase64().data()).decode("ascii")
    settings.window = {**settings.window, "geometry": geometry, "tab": tab}
    settings.pages = {**settings.pages, **pages.page_states()}
    settings.save()
