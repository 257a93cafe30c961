"""The base of every page: refreshes when visible, remembers when hidden."""

from typing import Any, ClassVar

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from app.changes import Changes
from views.context import PageContext
from views.shared.change_merge import merge_changes


class Page(QWidget):
    """A tab or second-level page; override `refresh` and lay yourself out in `__init__`.

    `kinds` names the record kinds that concern the page; empty means every change.
    """

    kinds: ClassVar[tuple[str, ...]] = ()

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self._loaded = False
        self._missed: Changes | None = None
        context.changed.connect(self._take)

    @property
    def is_stale(self) -> bool:
        """Whether something changed that the page has not shown yet."""
        return not self._loaded or self._missed is not None

    def refresh(self, changes: Changes | None) -> None:
        """Show what changed; None means everything (first show)."""

    def arrive(self, kind: str | None, record_id: int | None, **state: Any) -> None:
        """Show a record or state somebody asked for."""

    def leave(self) -> None:
        """Another page took the place."""

    def new_record(self) -> None:
        """Begin what the page's primary action begins (Ctrl+N)."""

    def begin(self, what: str, kind: str | None = None, record_id: int | None = None) -> bool:
        """Begin "new", or "deal", "call" or "task" about a record; tell whether it is possible."""
        del kind, record_id
        if what == "new":
            self.new_record()
        return what == "new"

    def focus_filter(self) -> None:
        """Put the cursor into the page's filter (Ctrl+F)."""

    def save_state(self) -> dict[str, Any]:
        """Return what should come back at the next start, JSON-able."""
        return {}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Take back what `save_state` returned, perhaps of an older version."""

    def is_own(self, changes: Changes) -> bool:
        """Tell whether this page, or a widget in it, made the change."""
        return self.context.is_own(changes, self)

    def ensure_loaded(self) -> None:
        """Load at first show, else catch up with what was missed while hidden."""
        missed, self._missed = self._missed, None
        if not self._loaded:
            self._loaded = True
            self.refresh(None)
        elif missed is not None:
            self.refresh(missed)

    def _take(self, changes: object) -> None:
        if not isinstance(changes, Changes) or not self._loaded:
            return
        if self.kinds and not changes.touches(*self.kinds):
            return
        if self.isVisible():
            self.refresh(changes)
        else:
            self._missed = changes if self._missed is None else merge_changes(self._missed, changes)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up before the first paint."""
        super().showEvent(event)
        if not event.spontaneous():
            self.ensure_loaded()

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell the page that it was left."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.leave()
