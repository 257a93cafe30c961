"""What every page is given: the workspace, its changes, and the ways to speak to the window."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.changes import Changes
from app.settings import Settings
from views.change_signal import ChangeSignal
from views.courier import Courier
from views.navigation import record_home
from views.theme import Theme, current_theme

if TYPE_CHECKING:
    from app.exchange.intake_start import IntakeStarter
    from app.workspace import Workspace


@dataclass(frozen=True, slots=True)
class CurrentUser:
    """The person at the keyboard; `id` is None until the first name is given."""

    id: int | None
    name: str


@dataclass(frozen=True, slots=True)
class Target:
    """Where somebody wants to go."""

    page: str
    kind: str | None = None
    record_id: int | None = None
    state: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToastRequest:
    """A few words at the bottom of the window, with Undo when a step is given."""

    text: str
    undo_step: int | None = None
    kind: str = "info"
    detail: str = ""
    action: tuple[str, Callable[[], object]] | None = None  # its words, and what it does


@dataclass(frozen=True, slots=True)
class NoticeRequest:
    """A bar across the top: a fault of the surroundings and its remedy."""

    text: str
    remedy: str = ""
    action: Callable[[], object] | None = None


@dataclass(frozen=True, slots=True)
class Reopening:
    """A workspace to open in the place of the present one.

    `first` is run in between, on another thread, while nothing is open here (a restore);
    `take_over` makes this computer the one that writes; `read_only` opens it only to look.
    """

    location: str
    first: Callable[[], object] | None = None
    take_over: bool = False
    read_only: bool = False


class PageContext(QObject):
    """The workspace and the window as a page sees them; handed down, never a global."""

    changed = Signal(object)
    navigation_requested = Signal(object)
    back_requested = Signal()
    toast_requested = Signal(object)
    notice_requested = Signal(object)
    user_changed = Signal()
    saving = Signal()
    demo_requested = Signal()
    reopen_requested = Signal(object)

    def __init__(
        self,
        workspace: "Workspace",
        settings: Settings | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.settings = settings if settings is not None else Settings()
        self.courier = Courier(self)
        # What looks at mail accounts and watched folders; a window without the bell has none.
        self.intake: IntakeStarter | None = None
        self.context = self
        self._change_signal = ChangeSignal(workspace.feed, self)
        self._change_signal.changed.connect(self.changed)
        self._user_name = self.settings.user_name or ""

    @property
    def theme(self) -> Theme:
        """The colours in use now."""
        return current_theme()

    @property
    def user_id(self) -> int | None:
        """Who changes are recorded under."""
        return self.workspace.user_id

    @property
    def process(self) -> str:
        """Which run of the program this window's changes are recorded under."""
        return self.workspace.database.process

    @property
    def user(self) -> CurrentUser:
        """The person at the keyboard."""
        return CurrentUser(self.workspace.user_id, self._user_name)

    @property
    def currency(self) -> str:
        """The workspace's main currency, three letters."""
        return self.workspace.currency

    def set_user(self, user_id: int, name: str) -> None:
        """Record further changes under this user."""
        self.workspace.set_user(user_id)
        self._user_name = self.settings.user_name = name
        self.user_changed.emit()

    def navigate(
        self,
        page: str,
        kind: str | None = None,
        record_id: int | None = None,
        **state: Any,
    ) -> None:
        """Show a page, and there a record."""
        self.navigation_requested.emit(Target(page, kind, record_id, state))

    def open_record(self, kind: str, record_id: int, *, full: bool = False) -> None:
        """Show a record where it lives: in its list's pane, or at full width."""
        self.navigate(record_home(kind, full=full), kind, record_id)

    def back(self) -> None:
        """Return to the page shown before."""
        self.back_requested.emit()

    def toast(
        self,
        text: str,
        undo_step: int | None = None,
        kind: str = "info",
        detail: str = "",
        action: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        """Say a few words at the bottom of the window."""
        self.toast_requested.emit(ToastRequest(text, undo_step, kind, detail, action))

    def notice(
        self,
        text: str,
        remedy: str = "",
        action: Callable[[], object] | None = None,
    ) -> None:
        """Put a bar across the top that stays until it is closed."""
        self.notice_requested.emit(NoticeRequest(text, remedy, action))

    def reopen(self, request: Reopening) -> None:
        """Close this workspace and open another, or the same anew."""
        self.reopen_requested.emit(request)

    def catch_up(self) -> None:
        """Tell at once of changes that were held back because they came in a stream."""
        self._change_signal.catch_up()

    @staticmethod
    def is_own(changes: Changes, widget: QWidget) -> bool:
        """Tell whether the widget, or a child of it, started the change."""
        origin = changes.origin
        owner = origin.owner() if hasattr(origin, "owner") else None
        while owner is not None:
            if owner is widget:
                return True
            owner = owner.parent()
        return False

    def close(self) -> None:
        """Hear no more changes and forget what is on its way."""
        self._change_signal.close()
        self.courier.drop_all()


def context_of(owner: QObject) -> PageContext:
    """Find the context of the owner or of the nearest parent that has one."""
    place: QObject | None = owner
    while place is not None:
        context = getattr(place, "context", None)
        if isinstance(context, PageContext):
            return context
        place = place.parent()
    raise LookupError(f"{owner!r} has no context among its parents")
