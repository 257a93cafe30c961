"""The pages behind the rail: built when first shown, with a way back."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from views.context import PageContext, Target
from views.navigation import page_entry
from views.page_loader import page_class
from views.shared.page import Page

MAX_HISTORY = 50


class PageStack(QStackedWidget):
    """Shows one page at a time and remembers the ones before."""

    page_shown = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context: PageContext | None = None
        self._pages: dict[str, Page] = {}
        self._states: dict[str, dict[str, Any]] = {}
        self._current = ""
        self._here: Target | None = None
        self._history: list[Target] = []

    @property
    def current_key(self) -> str:
        """The key of the page that is shown, empty before the first."""
        return self._current

    @property
    def page(self) -> Page | None:
        """The page that is shown."""
        return self._pages.get(self._current)

    def attach(self, context: PageContext, states: dict[str, dict[str, Any]]) -> None:
        """Take pages of this workspace from now on; `states` are those of the last run."""
        self._context, self._states = context, dict(states)

    def clear(self) -> None:
        """Delete all pages."""
        for page in self._pages.values():
            self.removeWidget(page)
            page.deleteLater()
        self._pages.clear()
        self._history.clear()
        self._current, self._here = "", None

    def built(self, key: str) -> Page:
        """Return a page, built when it is asked for the first time."""
        page = self._pages.get(key)
        if page is None:
            if self._context is None:
                raise RuntimeError("no workspace is open yet")
            page = page_class(page_entry(key))(self._context, self)
            page.setAccessibleName(page.accessibleName() or page_entry(key).title)
            page.restore_state(self._states.pop(key, {}))
            self._pages[key] = page
            self.addWidget(page)
        return page

    def show_target(self, target: Target, *, remember: bool = True) -> None:
        """Show a page and let it show what was asked for."""
        page = self.built(target.page)
        if remember and self._here is not None and self._here.page != target.page:
            self._history = [*self._history, self._here][-MAX_HISTORY:]
        self._here, self._current = target, target.page
        self.setCurrentWidget(page)
        page.ensure_loaded()
        if target.kind is not None or target.state:
            page.arrive(target.kind, target.record_id, **target.state)
        self.page_shown.emit(target.page)

    def go_back(self) -> None:
        """Return to the page before, or to the list that a second-level page belongs to."""
        if self._history:
            self.show_target(self._history.pop(), remember=False)
        elif self._current and page_entry(self._current).parent:
            self.show_target(Target(page_entry(self._current).parent), remember=False)

    def page_states(self) -> dict[str, dict[str, Any]]:
        """Return what every page wants back at the next start."""
        return {**self._states, **{key: page.save_state() for key, page in self._pages.items()}}
