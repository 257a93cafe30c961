"""The frame: rail, pages, toasts, notices and shortcuts. It arranges; it does not decide."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.settings import Settings
from views.context import NoticeRequest, PageContext, Target, ToastRequest
from views.icons import app_icon, icon
from views.navigation import rail_pages, tab_of
from views.page_stack import PageStack
from views.rail import Rail
from views.shared.text import tr
from views.shared.toast import NoticeBar, ToastHost
from views.shortcut_list import SHORTCUTS
from views.theme import theme_changed
from views.undo_keys import UndoKeys
from views.window_state import first_tab, keep_state, page_states, restore_geometry

IMPORT_PAGE: Final = "import"


class MainWindow(QWidget):
    """The one window; it paints before a workspace is open and takes one by `attach`."""

    closing = Signal()
    workspace_requested = Signal(str)
    demo_requested = Signal()
    reopen_requested = Signal(object)

    def __init__(
        self,
        context: PageContext | None = None,
        settings: Settings | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.context: PageContext | None = None
        self._parts: list[QWidget] = []
        self.settings = settings or (context.settings if context is not None else Settings())
        self.setWindowTitle("Closeknit")
        self.setWindowIcon(app_icon())
        self.setAcceptDrops(True)
        self.rail = Rail(self)
        self.pages = PageStack(self)
        self._lay_out()
        self.toasts = ToastHost(self.pages)
        self._connect()
        restore_geometry(self, self.settings)
        if context is not None:
            self.attach(context)

    def _lay_out(self) -> None:
        self.notices = NoticeBar(self)
        self.top = right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.notices)
        right.addWidget(self.pages, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.rail)
        layout.addLayout(right, 1)

    def _connect(self) -> None:
        self.rail.page_chosen.connect(self.show_page)
        self.rail.palette_requested.connect(self.open_palette)
        self.rail.person_menu_requested.connect(self._show_person_menu)
        self.pages.page_shown.connect(self._page_shown)
        theme_changed.connect(self._retheme)
        self.undo_keys = UndoKeys(self)
        self._shortcuts: list[QShortcut] = []
        for shortcut in SHORTCUTS:
            for keys in shortcut.keys if shortcut.action else ():
                self._add_shortcut(keys, getattr(self, shortcut.action))
        for number, entry in enumerate(rail_pages(), 1):
            self._add_shortcut(f"Ctrl+{number}", partial(self.show_page, entry.key))

    def _add_shortcut(self, keys: str, slot: Any) -> None:
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.setAutoRepeat(keys.startswith("Ctrl+Tab"))
        shortcut.activated.connect(slot)
        self._shortcuts.append(shortcut)

    def rest_shortcuts(self, *, resting: bool) -> None:
        """Keep all shortcuts but Quit and Open still while the window is covered."""
        always = {QKeySequence(keys) for keys in ("Ctrl+Q", "Ctrl+O")}
        for shortcut in self._shortcuts:
            shortcut.setEnabled(not resting or shortcut.key() in always)

    # The workspace.

    def attach(self, context: PageContext) -> None:
        """Show this workspace."""
        from views.badges import Badges  # noqa: PLC0415 - after the first paint
        from views.saving_sign import SavingSign  # noqa: PLC0415 - after the first paint
        from views.undo_actions import UndoActions  # noqa: PLC0415 - after the first paint

        self.detach()
        self.context = context
        context.navigation_requested.connect(self._navigate)
        context.back_requested.connect(self.go_back)
        context.toast_requested.connect(self._toast)
        context.notice_requested.connect(self._notice)
        context.user_changed.connect(self._show_person)
        context.demo_requested.connect(self.demo_requested)
        context.reopen_requested.connect(self.reopen_requested, Qt.ConnectionType.QueuedConnection)
        self.undo_actions = UndoActions(context, self)
        self.badges = Badges(context, self.rail, self)
        self.saving_sign = SavingSign(context, self.pages)
        self._add_part("views.notifications.center:NotificationCenter", self.rail.add_to_head)
        self._show_person()
        self.pages.attach(context, page_states(self.settings))
        self.setWindowTitle(f"{context.workspace.name} · Closeknit")
        self.show_page(first_tab(self.settings))
        self._add_part("views.sharing.presence_row:PresenceRow", self.rail.add_above_person)
        self._add_part("views.sharing.banner:SharingBanner", partial(self.top.insertWidget, 0))

    def detach(self) -> None:
        """Delete the pages and everything else that belongs to the open workspace."""
        if self.context is None:
            return
        self.finish_editing()
        self.keep_state()
        self.pages.clear()
        for part in (self.undo_actions, self.badges, self.saving_sign):
            part.deleteLater()
        for widget in self._parts:
            stop = getattr(widget, "stop", None)
            if stop is not None:
                stop()
            widget.hide()
            widget.deleteLater()
        self._parts.clear()
        self.context = None

    def _add_part(self, target: str, place: Callable[[QWidget], object]) -> None:
        """Add a widget of a feature that the frame does not depend on."""
        from views.page_loader import optional_widget  # noqa: PLC0415 - after the first paint

        if self.context is not None:
            made = optional_widget(target, self.context, self)
            if made is not None:
                place(made)
                self._parts.append(made)

    def _show_person(self) -> None:
        if self.context is not None:
            self.rail.set_person(self.context.user.id, self.context.user.name)

    # Going places.

    def show_page(self, key: str) -> None:
        """Show a page by its key."""
        self._navigate(Target(key))

    def _navigate(self, target: Target) -> None:
        if self.context is not None:
            self.pages.show_target(target)

    def go_back(self) -> None:
        """Return to the page before."""
        self.pages.go_back()

    def next_page(self) -> None:
        """Show the next tab, the first after the last."""
        self._step(1)

    def previous_page(self) -> None:
        """Show the tab before."""
        self._step(-1)

    def _step(self, step: int) -> None:
        keys = [entry.key for entry in rail_pages()]
        here = keys.index(tab_of(self.pages.current_key or keys[0]))
        self.show_page(keys[(here + step) % len(keys)])

    def _page_shown(self, key: str) -> None:
        self.rail.tabs.set_current(tab_of(key))
        self.toasts.lift()  # the stack has raised the page above them

    # What the shortcuts do.

    def open_palette(self, text: str = "") -> None:
        """Open the box that finds and runs everything."""
        from views.palette.palette import Palette  # noqa: PLC0415 - at first use

        if self.context is not None:
            Palette.open_over(self, self.pages, self.context, text)

    def new_record(self) -> None:
        """Begin a new record of what the page shows."""
        if self.pages.page is not None:
            self.pages.page.new_record()

    def focus_filter(self) -> None:
        """Put the cursor into the page's filter."""
        if self.pages.page is not None:
            self.pages.page.focus_filter()

    def undo(self) -> None:
        """Undo the last step."""
        if self.context is not None:
            self.undo_actions.undo()

    def redo(self) -> None:
        """Redo what was undone last."""
        if self.context is not None:
            self.undo_actions.redo()

    def show_shortcuts(self) -> None:
        """List all shortcuts."""
        from views.shortcuts import ShortcutSheet  # noqa: PLC0415 - at first use

        ShortcutSheet(self).open()

    def open_workspace(self) -> None:
        """Choose another workspace."""
        from views.welcome.open_dialog import OpenDialog  # noqa: PLC0415 - at first use

        dialog = OpenDialog(self.settings, self)
        dialog.chosen.connect(self.workspace_requested)
        dialog.open()

    # Speaking to the person.

    def _toast(self, request: ToastRequest) -> None:
        step = request.undo_step
        undo = partial(self.undo_actions.undo_step, step) if step is not None else None
        self.toasts.show_toast(
            request.text, request.detail, undo=undo, kind=request.kind, action=request.action
        )

    def _notice(self, request: NoticeRequest) -> None:
        text, remedy = request.text, None
        if request.action is not None:
            remedy = (request.remedy or tr("Try again"), request.action)
        elif request.remedy and request.remedy not in text:
            text = f"{text} {request.remedy}"
        self.notices.show_notice(text, remedy=remedy)

    def _show_person_menu(self, corner: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name, words, slot in (
            ("settings", tr("Settings"), partial(self.show_page, "settings")),
            ("folder-open", tr("Open another workspace…"), self.open_workspace),
            ("keyboard", tr("Shortcuts"), self.show_shortcuts),
            ("log-out", tr("Quit"), self.close),
        ):
            menu.addAction(icon(name), words).triggered.connect(slot)
        menu.popup(corner - QPoint(0, menu.sizeHint().height() + 4))

    def _retheme(self, *_theme: object) -> None:
        self.update()

    # Files, and the end.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files from outside, anywhere in the window."""
        if self.context is not None and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Import what was dropped."""
        urls = event.mimeData().urls()
        files = [str(Path(url.toLocalFile())) for url in urls if url.isLocalFile()]
        if files and self.context is not None:
            event.acceptProposedAction()
            self.context.navigate(IMPORT_PAGE, files=files)

    def keep_state(self) -> None:
        """Remember size, tab and pages for the next start."""
        tab = tab_of(self.pages.current_key) if self.pages.current_key else "today"
        keep_state(self, self.pages, tab, self.settings)

    def finish_editing(self) -> None:
        """Save what is typed in the fields of the pages, whoever has the focus.

        A window that is closed from the task bar has lost the focus before, and with it the
        moment at which its field saves itself.
        """
        focused = QApplication.focusWidget()
        if focused is not None and self.isAncestorOf(focused):
            focused.clearFocus()
        for field in self.findChildren(QWidget):
            finish = getattr(field, "finish_editing", None)
            if finish is not None and field is not self:
                finish()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let the field that is being edited save itself, then tell the application."""
        self.finish_editing()
        self.keep_state()
        super().closeEvent(event)
        self.closing.emit()
