"""Builds the application, opens a workspace behind the first paint, and ends in order."""

import logging
import os
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QLibraryInfo, QLocale, QObject, Qt, QTimer, QTranslator, Signal
from PySide6.QtWidgets import QApplication, QWidget

from app.errors import EnvironmentFault, UserError
from app.paths import default_workspace, resources_folder
from app.settings import Settings
from views import first_paint
from views.context import PageContext, Reopening
from views.errors import install_excepthook, start_logging
from views.fonts import install_fonts
from views.garbage import GuiGarbage
from views.main_window import MainWindow
from views.navigation import preloaded_targets
from views.shared.text import translate_error
from views.theme import apply_theme
from views.window_state import page_states

if TYPE_CHECKING:
    from app.workspace import Workspace
    from views.sharing.login import LoginAsker

SETTLE_MS = 3_000
# How long a thread that reads may keep the interpreter from the GUI thread; usually 5 ms, which
# adds up within one paint.
SWITCH_SECONDS = 0.001
DEMO_NAME = "Demo office.closeknit"
SERVER_ENDING = ".closeknit-server"


def build_application(argv: Sequence[str] = (), settings: Settings | None = None) -> QApplication:
    """Return the one QApplication with font, theme and language."""
    sys.setswitchinterval(SWITCH_SECONDS)
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication([*argv] or ["closeknit"])
    app.setApplicationName("closeknit")
    app.setApplicationDisplayName("Closeknit")
    app.setDesktopFileName("closeknit")
    chosen = settings or Settings()
    install_translations(app, chosen.language)
    install_fonts(app)
    apply_theme(app, chosen.theme)
    return app


def install_translations(app: QApplication, language: str) -> None:
    """Speak the chosen language, or the system's; English needs no file."""
    locale = QLocale(language) if language else QLocale.system()
    if language:
        QLocale.setDefault(locale)
    for folder, name in (
        (str(resources_folder() / "translations"), "closeknit"),
        (QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath), "qtbase"),
    ):
        translator = QTranslator(app)
        if translator.load(locale, name, "_", folder):
            app.installTranslator(translator)


class Starter(QObject):
    """Opens and changes the workspace of the window, never on the GUI thread."""

    opened = Signal()
    _ready = Signal(int, object)
    _refused = Signal(int, object)

    def __init__(self, window: MainWindow, settings: Settings) -> None:
        super().__init__(window)
        self.window, self.settings = window, settings
        self.context: PageContext | None = None
        self.workspace: Workspace | None = None
        self._welcome: Any = None
        self._ready.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._refused.connect(self._refuse, Qt.ConnectionType.QueuedConnection)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.applicationStateChanged.connect(self._set_pace)
        window.workspace_requested.connect(self.open)
        window.demo_requested.connect(self.open_demo)
        window.reopen_requested.connect(self.reopen)
        self._asker: LoginAsker | None = None
        self._turn = 0
        self.hung = False  # threads hang in a place that does not answer

    def _set_pace(self, state: Qt.ApplicationState) -> None:
        """Look for others' changes seldom while nobody looks at the window."""
        if self.workspace is not None:
            active = state == Qt.ApplicationState.ApplicationActive
            self.workspace.watcher.set_pace(active=active)

    def open(self, location: str, *, read_only: bool = False) -> None:
        """Open a workspace, made when it is not there; the present one closes first.

        Without location the last one that is there, or a new one.
        """
        self._begin(Reopening(location, read_only=read_only))

    def reopen(self, request: Reopening) -> None:
        """Open what a page asks for in the place of the present workspace."""
        self._begin(request)

    def open_demo(self) -> None:
        """Open the demo workspace, filled when it is new."""
        path = default_workspace().with_name(DEMO_NAME)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._begin(Reopening(str(path)), demo=True)

    def _begin(self, request: Reopening, *, demo: bool = False) -> None:
        self.end()
        self._turn += 1
        # The thread must not hold a widget: only this request, the asker and our signals.
        args = (self._turn, request, self.settings.user_name, self._asker_for(request.location))
        Thread(target=self._open, args=args, kwargs={"demo": demo}, daemon=True).start()

    def _asker_for(self, location: str) -> "LoginAsker | None":
        """Return what asks for a password, for a place that may want one."""
        places = [location] if location else self.settings.recent
        if not any(x.startswith("postgres") or x.endswith(SERVER_ENDING) for x in places):
            return None
        if self._asker is None:
            from views.sharing.login import LoginAsker  # noqa: PLC0415 - for servers only

            self._asker = LoginAsker(self.window)
        return self._asker

    def _open(
        self,
        turn: int,
        request: Reopening,
        user_name: str,
        ask: "LoginAsker | None",
        *,
        demo: bool,
    ) -> None:
        try:
            from app.workspace import Workspace  # noqa: PLC0415 - loads the ORM behind the first paint

            if ask is not None:
                from app.sharing.passwords import ask_with  # noqa: PLC0415 - for servers only

                ask_with(ask)
            if request.first is not None:
                request.first()
            workspace = Workspace.open(
                # Here: looking for a file on a drive that is gone can last for ever.
                request.location or location_to_open(None, self.settings),
                create=True,
                user_name=user_name or None,
                take_over=request.take_over,
                read_only=request.read_only,
            )
            if not workspace.read_only:
                workspace.start_rescue()
            if demo and workspace.is_new:
                from app.demo import make_demo  # noqa: PLC0415 - only for the demo

                make_demo(workspace)
        except Exception as error:  # noqa: BLE001 - shown on the GUI thread
            self._refused.emit(turn, error)
        else:
            self._ready.emit(turn, workspace)

    def _take(self, turn: int, workspace: "Workspace") -> None:
        if turn != self._turn:  # another was chosen while this one was slow
            Thread(target=workspace.close, daemon=True).start()
            return
        self.workspace = workspace
        self.settings.remember_workspace(workspace.location)
        self.settings.save()
        self.context = PageContext(workspace, self.settings, self)
        self._drop_welcome()
        self.window.notices.clear()
        self.window.attach(self.context)
        if workspace.user_id is None and not workspace.read_only:
            self._ask_name()
        self.opened.emit()

    def _refuse(self, turn: int, error: Exception) -> None:
        if turn != self._turn:
            return
        if not isinstance(error, EnvironmentFault | UserError):
            sys.excepthook(type(error), error, error.__traceback__)
            return
        from views.welcome.page import WelcomePage  # noqa: PLC0415 - at need

        self._drop_welcome()
        self.window.rest_shortcuts(resting=True)
        self._welcome = WelcomePage(self.settings, self.window, fault=_sentences(error))
        if "backup" in error.values:  # the newest one of a damaged file
            self._welcome.offer_backup(str(error.values["at"]))
            self._welcome.backup_wanted.connect(partial(self._restore, error))
        self._welcome.workspace_chosen.connect(self.open)
        self._welcome.open_requested.connect(self.window.open_workspace)
        self._welcome.cover()

    def _restore(self, error: EnvironmentFault | UserError) -> None:
        """Bring back the newest backup of a damaged file; what is left of the file is kept."""
        from app.sharing.restoring import restore  # noqa: PLC0415 - loads the ORM

        backup, to = Path(str(error.values["backup"])), Path(str(error.values["to"]))
        bring = partial(restore, backup, to, replace=True, user=self.settings.user_name)
        self.reopen(Reopening(str(to), first=bring))

    def _ask_name(self) -> None:
        from views.welcome.page import WelcomePage  # noqa: PLC0415 - at the first start only

        self.window.rest_shortcuts(resting=True)
        self._welcome = WelcomePage(self.settings, self.window, ask_name=True)
        self._welcome.name_given.connect(self._enter)
        self._welcome.workspace_chosen.connect(self.open)
        self._welcome.open_requested.connect(self.window.open_workspace)
        self._welcome.cover()

    def _enter(self, name: str) -> None:
        from app.commands.users import enter_workspace  # noqa: PLC0415 - loads the ORM
        from views.operations import Operation  # noqa: PLC0415 - loads the ORM

        def entered(user_id: int) -> None:
            if self.context is not None:
                self.context.set_user(user_id, name)
                self.settings.save()
            self._drop_welcome()

        Operation(self, "Enter workspace", enter_workspace, name=name, undoable=False).then(
            entered
        ).or_else(self._welcome.show_error)

    def _drop_welcome(self) -> None:
        if self._welcome is not None:
            self.window.rest_shortcuts(resting=False)
            self._welcome.close()
            self._welcome.deleteLater()
            self._welcome = None

    @property
    def is_busy(self) -> bool:
        """Whether a workspace is being opened, or a page waits for an answer."""
        context, workspace = self.context, self.workspace
        if context is None or workspace is None:
            return True
        return context.courier.pending > 0 or workspace.writer.waiting > 0

    def end(self) -> None:
        """Close the workspace in the one order that neither hangs nor loses anything."""
        context, workspace = self.context, self.workspace
        self.context = self.workspace = None
        try:
            self.window.detach()
        finally:
            if context is not None:
                context.close()
            if workspace is not None:
                workspace.close()
                self.hung = self.hung or workspace.hung
            if context is not None:
                context.deleteLater()
            GuiGarbage.thaw()


def _sentences(error: Exception) -> str:
    remedy = getattr(error, "remedy", "")
    return " ".join(part for part in (translate_error(error), remedy) if part)


def location_to_open(location: str | Path | None, settings: Settings) -> str:
    """Return what to open: what was asked for, the last one, or a new one among the documents."""
    if location is not None:
        return str(location)
    for recent in settings.recent:
        if "://" in recent or Path(recent).exists():
            return recent
    path = default_workspace()
    path.parent.mkdir(parents=True, exist_ok=True)
    return str(path)


def close_on_signals(window: QWidget) -> None:
    """Let Ctrl+C, a log-off or `kill` close the window as its own cross does: nothing is lost.

    Python hears a signal when it next runs; the collector's timer sees to that each second.
    """

    def close(_number: int, _frame: object) -> None:
        QTimer.singleShot(0, window, window.close)

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), close)


def _preload_pages(window: MainWindow, starter: Starter) -> None:
    from views.page_preloader import PagePreloader  # noqa: PLC0415 - after the first paint

    def prepare() -> None:
        from views.shared.chart_style import prepare_charts  # noqa: PLC0415 - at need

        Thread(target=prepare_charts, name="charts", daemon=True).start()

    if not window.isVisible():  # it was closed meanwhile
        return
    handle = window.windowHandle()
    preloader = PagePreloader(handle, lambda: starter.is_busy, preloaded_targets(), window)
    if "analytics" in page_states(window.settings):  # 50 MB, only for those who look at charts
        preloader.finished.connect(prepare)
    preloader.start()


def run(
    location: str | Path | None = None, argv: Sequence[str] = (), *, read_only: bool = False
) -> int:
    """Open the window on a workspace and stay until it closes; return the exit status."""
    settings = Settings.load()
    app = build_application(argv, settings)
    install_excepthook()
    garbage = GuiGarbage(app)
    window = MainWindow(settings=settings)
    starter = Starter(window, settings)
    window.closing.connect(app.quit)
    close_on_signals(window)
    if first_paint.wanted():
        first_paint.FirstPaint(window)
    else:
        QTimer.singleShot(0, lambda: starter.open(str(location or ""), read_only=read_only))
        QTimer.singleShot(0, start_logging)
        QTimer.singleShot(SETTLE_MS, garbage.settle)
        QTimer.singleShot(SETTLE_MS, lambda: _preload_pages(window, starter))
    window.show()
    status = 1
    try:
        status = app.exec()
    finally:
        starter.end()
        if starter.hung:
            leave_at_once(status)
        window.deleteLater()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        garbage.stop()
    return status


def leave_at_once(status: int) -> None:
    """End the process although threads hang in a drive: all is saved or kept, Python would wait."""
    logging.shutdown()
    os._exit(status)
