"""The real window on a stage without an audience: for pictures, the tour and window tests."""

import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from PySide6.QtCore import QEvent, QPoint, QRect, QSize
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from app.settings import Settings
from app.workspace import Workspace
from views.application import build_application
from views.context import PageContext
from views.garbage import GuiGarbage
from views.main_window import MainWindow
from views.shared.page import Page
from views.theme import apply_theme

SETTLE_SECONDS = 20.0
QUIET_ROUNDS = 12


class Stage:
    """A workspace in the real window, driven by hand; use it in a `with` block."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        size: tuple[int, int] = (1440, 900),
        theme: str = "light",
        settings: Settings | None = None,
    ) -> None:
        self.settings = settings or Settings(theme=theme, user_name="")
        self.app: QApplication = build_application((), self.settings)
        apply_theme(self.app, theme)
        self.garbage = GuiGarbage(self.app)
        self.workspace = workspace
        self.context = PageContext(workspace, self.settings)
        if workspace.user_id is not None and not self.settings.user_name:
            self.context.set_user(workspace.user_id, _name_of(workspace, workspace.user_id))
        self.window = MainWindow(self.context, self.settings)
        self.resize(size)
        self.window.show()
        self.settle()
        self.window.activateWindow()  # the offscreen platform gives no focus by itself
        self.settle()
        self.garbage.settle()  # as the program does after its start

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def page(self) -> Page:
        """The page that is shown."""
        page = self.window.pages.page
        if page is None:
            raise RuntimeError("no page is shown")
        return page

    def resize(self, size: tuple[int, int]) -> None:
        """Give the window a size in pixels."""
        self.window.resize(QSize(*size))

    def theme(self, name: str) -> None:
        """Change between light and dark."""
        apply_theme(self.app, name)
        self.settle()

    def go(
        self, page: str, kind: str | None = None, record_id: int | None = None, **state: Any
    ) -> Page:
        """Navigate as a click would, and wait until the page has its data."""
        self.context.navigate(page, kind, record_id, **state)
        self.settle()
        return self.page

    def settle(self, until: Callable[[], bool] | None = None) -> bool:
        """Process events until no answer is awaited, and `until` holds; say whether it did."""
        deadline = time.monotonic() + SETTLE_SECONDS
        quiet = 0
        while time.monotonic() < deadline:
            self.app.processEvents()
            self.app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            busy = self.context.courier.pending > 0 or self.workspace.writer.waiting > 0
            satisfied = until is None or until()
            quiet = 0 if busy or not satisfied else quiet + 1
            if quiet >= QUIET_ROUNDS:
                return True
            time.sleep(0.015)  # debounced work starts by timers
        return until is None or until()

    def picture(self, path: Path) -> Path:
        """Write what a person would see, with dialogs and menus over the window."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.composed().save(str(path))
        return path

    def composed(self) -> QPixmap:
        """Return the window with everything that stands over it."""
        picture = self.window.grab()
        over = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w is not self.window]
        painter = QPainter(picture)
        for widget in over:
            if widget.isModal():
                painter.fillRect(self.window.rect(), QColor(16, 24, 40, 110))
            painter.drawPixmap(self._corner(widget), widget.grab())
        painter.end()
        return picture

    def _corner(self, widget: QWidget) -> QPoint:
        if widget.isModal():
            place = QRect(QPoint(0, 0), widget.size())
            place.moveCenter(self.window.rect().center())
            return place.topLeft()
        return widget.pos() - self.window.mapToGlobal(QPoint(0, 0))

    def dismiss(self) -> None:
        """Close every dialog and menu over the window."""
        for widget in QApplication.topLevelWidgets():
            if widget is not self.window and widget.isVisible():
                widget.close()
        for child in self.window.findChildren(QWidget):
            if type(child).__name__ == "Palette":  # lies in the window, not over it
                child.close()
        self.settle()

    def close(self) -> None:
        """Take the window off the stage; the workspace stays open."""
        self.dismiss()
        self.window.detach()
        self.context.close()
        self.window.close()
        self.window.deleteLater()
        self.context.deleteLater()
        self.app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self.app.processEvents()
        self.garbage.stop()


def _name_of(workspace: Workspace, user_id: int) -> str:
    from app.queries.lookups import user_options  # noqa: PLC0415 - only for pictures and tests

    names = {option.id: option.label for option in workspace.read(user_options)}
    return names.get(user_id, "")
