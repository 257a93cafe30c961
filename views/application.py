"""Builds the application, opens a workspace behind the first paint, and ends in order."""

import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QLibraryInfo, QLocale, QObject, Qt, QTimer, QTranslator, Signal
from PySide6.QtWidgets import QApplication, QWidget

from app.errors import EnvironmentFault, UserError
from app.paths import default_workspace, resources_folder
from app.settings import Settings
from views import first_paint
from views.context import PageContext
from views.errors import install_excepthook, start_logging
from views.fonts import install_fonts
from views.garbage import GuiGarbage
from views.main_window import MainWindow
from views.shared.text import translate_error
from views.theme import apply_theme

if TYPE_CHECKING:
    from app.workspace import Workspace

SETTLE_MS = 3_000
DEMO_NAME = "Demo office.closeknit"


def build_application(argv: Sequence[str] = (), settings: Settings | None = None) -> QApplication:
    """Return the one QApplication with font, theme and language."""
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
    _ready = Signal(object)
    _refused = Signal(object)

    def __init__(self, window: MainWindow, settings: Settings) -> None:
        super().__init__(window)
        self.window, self.settings = window, settings
        self.context: PageContext | None = None
        self.workspace: Workspace | None = None
        self._welcome: Any = None
        self._ready.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._refused.connect(self._refuse, Qt.ConnectionType.QueuedConnection)
        window.workspace_requested.connect(self.open)
        window.demo_requested.connect(self.open_demo)

    def open(self, location: str) -> None:
        """Open a workspace, made when it is not there; the present one closes first."""
        self.end()
        # The thread must not hold a widget: only this location and these two signals.
        Thread(target=self._open, args=(location, self.settings.user_name), daemon=True).start()

    def open_demo(self) -> None:
        """Open the demo workspace, filled when it is new."""
        path = default_workspace().with_name(DEMO_NAME)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.end()
        args = (str(path), self.settings.user_name)
        Thread(target=self._open, args=args, kwargs={"demo": True}, daemon=True).start()

    def _open(self, location: str, user_name: str, *, demo: bool = False) -> None:
        try:
            from app.workspace import Workspace  # noqa: PLC0415 - loads the ORM behind the first paint

            workspace = Workspace.open(location, create=True, user_name=user_name or None)
            if demo and workspace.is_new:
                from app.demo import make_demo  # noqa: PLC0415 - only for the demo

                make_demo(workspace)
        except Exception as error:  # noqa: BLE001 - shown on the GUI thread
            self._refused.emit(error)
        else:
            self._ready.emit(workspace)

    def _take(self, workspace: "Workspace") -> None:
        self.workspace = workspace
        self.settings.remember_workspace(workspace.location)
        self.settings.save()
        self.context = PageContext(workspace, self.settings, self)
        self._drop_welcome()
        self.window.notices.clear()
        self.window.attach(self.context)
        if workspace.user_id is None:
            self._ask_name()
        self.opened.emit()

    def _refuse(self, error: Exception) -> None:
        if not isinstance(error, EnvironmentFault | UserError):
            sys.excepthook(type(error), error, error.__traceback__)
            return
        from views.welcome.page import WelcomePage  # noqa: PLC0415 - at need

        self._drop_welcome()
        self.window.rest_shortcuts(resting=True)
        self._welcome = WelcomePage(self.settings, self.window, fault=_sentences(error))
        self._welcome.workspace_chosen.connect(self.open)
        self._welcome.open_requested.connect(self.window.open_workspace)
        self._welcome.cover()

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


def run(location: str | Path | None = None, argv: Sequence[str] = ()) -> int:
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
        QTimer.singleShot(0, lambda: starter.open(location_to_open(location, settings)))
        QTimer.singleShot(0, start_logging)
        QTimer.singleShot(SETTLE_MS, garbage.settle)
    window.show()
    try:
        return app.exec()
    finally:
        starter.end()
        window.deleteLater()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        garbage.stop()
