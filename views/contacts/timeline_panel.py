"""The timeline of one record with its chips; loads page by page and follows changes."""

from datetime import datetime
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.changes import Changes
from app.commands.activities import archive_activity
from app.queries.timeline import timeline, timeline_counts
from app.queries.timeline_entry import Timeline, TimelineEntry
from views.contacts.mail_dialog import MailDialog
from views.contacts.timeline_view import TimelineView
from views.context import PageContext
from views.operations import Lookup, Operation
from views.shared.cards import Skeleton
from views.shared.chips import ChipRow
from views.shared.labels import Label
from views.shared.text import NBHY, tr

KINDS: Final = (
    "activity", "deal", "stage_change", "ticket", "ticket_message", "order", "task", "appointment",
    "contact", "company", "import_batch",
)  # fmt: skip
_GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "email": ("email",),
    "call": ("call",),
    "note": ("note",),
    "meeting": ("meeting", "appointment"),
    "deal": ("deal",),
    "order": ("order",),
    "ticket": ("ticket", "message"),
    "task": ("task",),
    "change": ("change",),
}


class TimelinePanel(QWidget):
    """Everything that happened with a contact or company."""

    def __init__(
        self, context: PageContext, parent: QWidget | None = None, *, first: int = 0
    ) -> None:
        super().__init__(parent)
        self.context = context
        self._first = first  # only so many, as high as they are; 0: all, scrolling
        self._owner: dict[str, int] = {}
        self._entries: tuple[TimelineEntry, ...] = ()
        self._next: datetime | None = None
        self._loading = False
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        self.chips = ChipRow()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)  # the chips may take a second line
        self.chips.setSizePolicy(policy)
        self.chips.value_changed.connect(lambda _: self._load())
        chip_box = QVBoxLayout()
        chip_box.setContentsMargins(20, 12, 20, 0)
        chip_box.addWidget(self.chips)
        self.view = TimelineView(whole=first > 0)
        self.view.setAccessibleName(tr("Timeline"))
        self.view.older_wanted.connect(self._load_older)
        self.view.entry_activated.connect(self._open)
        self.view.removal_wanted.connect(self._remove)
        self.nothing = Label(tr("Nothing has happened yet."), "muted")
        self.nothing.setContentsMargins(20, 8, 20, 16)
        self.nothing.hide()
        self.skeleton = Skeleton(5, 44)
        if first:
            self.chips.hide()
        else:
            box.addLayout(chip_box)
        box.addWidget(self.skeleton)
        box.addWidget(self.nothing)
        box.addWidget(self.view, 1)

    def show_record(self, kind: str, record_id: int) -> None:
        """Show the timeline of a contact or company."""
        owner = {f"{kind}_id": record_id}
        if owner != self._owner:
            self._owner = owner
            self._entries, self._next = (), None
            self.view.set_entries((), self.context.user_id)
            self.nothing.hide()
            self.skeleton.show()
        self.reload()

    def reload(self) -> None:
        """Read everything again."""
        if not self._first:
            Lookup(self, timeline_counts, key="counts", **self._owner).then(self._show_counts)
        self._load()

    def refresh(self, changes: Changes) -> None:
        """Follow a change that may stand in the timeline."""
        if self._owner and changes.touches(*KINDS):
            self.reload()

    def _wanted(self) -> tuple[str, ...] | None:
        return _GROUPS.get(self.chips.value)

    def _load(self) -> None:
        if not self._owner:
            return
        self._loading = True
        asked = max(self._first or 50, len(self._entries))
        Lookup(
            self, timeline, key="timeline", kinds=self._wanted(), limit=asked, **self._owner
        ).then(self._show).lastly(self._ended)

    def _load_older(self) -> None:
        if self._next is None or self._loading or self._first:
            return
        self._loading = True
        Lookup(
            self,
            timeline,
            key="timeline",
            before=self._next,
            kinds=self._wanted(),
            **self._owner,
        ).then(self._append).lastly(self._ended)

    def _ended(self) -> None:
        self._loading = False

    def _show(self, page: Timeline) -> None:
        self._entries, self._next = page.entries, page.next_before
        self._paint()

    def _append(self, page: Timeline) -> None:
        self._entries, self._next = (*self._entries, *page.entries), page.next_before
        self._paint()

    def _paint(self) -> None:
        self.skeleton.hide()
        self.nothing.setVisible(not self._entries)
        self.view.setVisible(bool(self._entries))
        self.view.set_entries(self._entries, self.context.user_id)

    def _show_counts(self, counts: dict[str, int]) -> None:
        words = {
            "email": tr("E{hyphen}mail", hyphen=NBHY),
            "call": tr("Calls"),
            "note": tr("Notes"),
            "meeting": tr("Meetings"),
            "deal": tr("Deals"),
            "order": tr("Orders"),
            "ticket": tr("Tickets"),
            "task": tr("Tasks"),
        }
        items: list[Any] = [("all", tr("All"), sum(counts.values()))]
        for group, word in words.items():
            count = sum(counts.get(kind, 0) for kind in _GROUPS[group])
            if count or self.chips.value == group:
                items.append((group, word, count))
        items.append(("change", tr("Changes"), None))
        self.chips.set_items(items)

    def _open(self, entry: TimelineEntry) -> None:
        if entry.kind == "email":
            dialog = MailDialog(self.context, entry.record_id, self)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()
        elif entry.record_kind in {"deal", "ticket", "import_batch"}:
            self.context.open_record(entry.record_kind, entry.record_id)

    def _remove(self, entry: TimelineEntry) -> None:
        if entry.record_kind == "activity":
            Operation(self, "Remove activity", archive_activity, activity_id=entry.record_id).toast(
                tr("Taken off the timeline")
            )
