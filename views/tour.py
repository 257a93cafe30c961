"""A short tour through the real window without a display: one picture and one line per step."""

import os
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QMessageLogContext, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QPlainTextEdit, QWidget

from app.clock import now
from app.commands.tasks import create_task
from app.demo import make_demo
from app.queries.showcase import Showcase, has_fired, showcase
from app.workspace import Workspace
from views.pipeline.page import PipelinePage
from views.stage import Stage

PERSON: Final = "Elena Novak"
LEADS: Final = """First name;Last name;E-mail;Phone;Company;Job title
Jürgen;Groß;juergen.gross@ahornwerk.example;030 5557 0142;Ahornwerk GmbH;Purchasing
Élodie;Lefèvre;elodie.lefevre@quaidor.example;+33 1 55 57 01 42;Quai d'Or;Operations
محمد;الأحمد;mohammed@palmtrade.example;+971 4 555 0142;Palm Trade;Owner
Þóra;Jónsdóttir;thora@vatnajokull.example;+354 555 7014;Vatnajökull Travel;Managing director
"""


class Tour:
    """Drives the window by clicks and keys, and keeps a picture of each step."""

    def __init__(self, stage: Stage, folder: Path, chosen: Showcase) -> None:
        self.stage = stage
        self.folder = folder
        self.chosen = chosen
        self.lines: list[str] = []

    def step(self, name: str, said: str, act: Callable[[], str | None]) -> None:
        """Do one thing, take its picture, and say what was done."""
        result = act()
        self.stage.settle()
        number = len(self.lines) + 1
        picture = self.stage.picture(self.folder / f"{number:02d}-{name}.png")
        line = f"{number:2d}. {said.format(result)}  → {picture}"
        self.lines.append(line)
        print(line, flush=True)  # noqa: T201  the tour speaks to the terminal

    def click(self, text: str, within: QWidget | None = None) -> None:
        """Click the visible button whose words begin with a text."""
        root = within or self.stage.window
        for button in root.findChildren(QAbstractButton):
            words = (button.text(), button.accessibleName())
            if (
                button.isVisible()
                and button.isEnabled()
                and any(word.replace("&", "").startswith(text) for word in words)
            ):
                QTest.mouseClick(button, Qt.MouseButton.LeftButton)
                self.stage.settle()
                return
        raise LookupError(f"there is no button “{text}” to click")

    def keys(self, text: str) -> None:
        """Type into whatever has the keyboard."""
        QTest.keyClicks(self._focus(), text)
        self.stage.settle()

    def press(
        self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        """Press one key."""
        QTest.keyClick(self._focus(), key, modifiers)
        self.stage.settle()

    def _focus(self) -> QWidget:
        window = self.stage.window
        return QApplication.focusWidget() or window.focusWidget() or window

    # The steps.

    def import_leads(self) -> str:
        """Show what a stranger's file would become, then take it."""
        path = self.folder / "fair-leads.csv"
        path.write_text(LEADS, "utf-8-sig")
        self.stage.go("import", files=[str(path)])
        self.stage.settle()
        return path.name

    def take_leads(self) -> str:
        """Press the button that names the result."""
        self.click("Import 4")
        self.stage.settle()
        return "4 contacts"

    def find(self) -> str:
        """Find one of them by the palette."""
        self.stage.window.open_palette()
        self.stage.settle()
        self.keys("gro ju")  # QTest types ASCII only; accents do not matter anyway
        return "gro ju"

    def open_found(self) -> str:
        """Open the best match."""
        self.press(Qt.Key.Key_Return)
        return "Jürgen Groß"

    def log_call(self) -> str:
        """Write down a call on the record's page."""
        self.stage.go("contact", "contact", self.chosen.contact_id)
        self.click("Log call")
        editors = [e for e in self.stage.page.findChildren(QPlainTextEdit) if e.isVisible()]
        editors[0].setFocus()
        self.stage.settle()
        QTest.keyClicks(editors[0], "Wants the offer by Friday, three years instead of two.")
        QTest.keyClick(editors[0], Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        return "a call"

    def move_deal(self) -> str:
        """Move a deal one stage to the right with the keyboard."""
        page = self.stage.go("pipeline", "deal", self.chosen.deal_id)
        if isinstance(page, PipelinePage):
            page.board_view.focus_cards()
        self.press(
            Qt.Key.Key_Right,
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
        )
        return "one stage to the right"

    def undo(self) -> str:
        """Take it back."""
        self.stage.window.undo()
        return "Ctrl+Z"

    def remind(self) -> str:
        """Let a reminder fire that fell due a minute ago."""
        self.stage.go("today")
        workspace = self.stage.workspace
        due = now() - timedelta(minutes=1)
        title = "Call Jürgen Groß back about the offer"
        task_id = workspace.change(
            "Create task",
            create_task,
            title=title,
            due_at=due,
            owner_id=workspace.user_id,
            remind_minutes_before=0,
        )
        if not self.stage.settle(lambda: workspace.read(has_fired, task_id)):
            raise LookupError("the reminder did not fire")
        return title

    def answer_ticket(self) -> str:
        """Answer a ticket."""
        self.stage.go("tickets", "ticket", self.chosen.ticket_id)
        editors = [e for e in self.stage.page.findChildren(QPlainTextEdit) if e.isVisible()]
        editors[0].setFocus()
        QTest.keyClicks(editors[0], "Thank you, the replacement leaves us today.")
        QTest.keyClick(editors[0], Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        return "a ticket"

    def charts(self) -> str:
        """Look at the charts."""
        self.stage.go("analytics")
        return "the charts"


def _tell(kind: QtMsgType, _context: QMessageLogContext, words: str) -> None:
    """Pass on what Qt says, but for what it says of each menu on a screen that is none."""
    if "propagateSizeHints" not in words:
        print(f"{kind.name}: {words}", file=sys.stderr)  # noqa: T201  as Qt itself would


def run(folder: str | Path) -> int:
    """Make a demo workspace, walk through the window, and print what was done; 0 when all went."""
    target = Path(folder).absolute()
    target.mkdir(parents=True, exist_ok=True)
    qInstallMessageHandler(_tell)
    for old in target.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory(prefix="closeknit-tour-") as place:
        _walk(target, Path(place))
    print(  # noqa: T201  the tour speaks to the terminal
        f"\nThe pictures are in {target}.\n"
        "With a display, `make run` opens the window itself; without one, for instance:\n"
        "  apt-get install xvfb && xvfb-run .venv/bin/python main.py"
    )
    return 0


def _walk(target: Path, place: Path) -> None:
    empty = Workspace.open(place / "new.closeknit", create=True, user_name=PERSON, watch=False)
    try:
        with Stage(empty) as stage:
            tour = Tour(stage, target, Showcase(None, None, None, None))
            tour.step("start", "The window opens on a new workspace", lambda: None)
            lines = tour.lines
    finally:
        empty.close()
    workspace = Workspace.open(place / "demo.closeknit", create=True, user_name=PERSON, watch=False)
    try:
        make_demo(workspace)
        with Stage(workspace) as stage:
            tour = Tour(stage, target, workspace.read(showcase))
            tour.lines = lines
            _steps(tour)
    finally:
        workspace.close()


def _steps(tour: Tour) -> None:
    tour.step("demo", "The demo: a lively office on the Today page", lambda: None)
    tour.step("import-preview", "Import: {} as it would become", tour.import_leads)
    tour.step("import-result", "Import: {} taken", tour.take_leads)
    tour.step("find", "Find: “{}” in the palette", tour.find)
    tour.step("contact", "Open: {} at full width", tour.open_found)
    tour.step("call", "Log {} on the timeline", tour.log_call)
    tour.step("pipeline", "Move a deal {}", tour.move_deal)
    tour.step("undo", "Undo with {}", tour.undo)
    tour.step("reminder", "A reminder fires: {}", tour.remind)
    tour.step("ticket", "Answer {}", tour.answer_ticket)
    tour.step("charts", "Read {}", tour.charts)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1] if len(sys.argv) > 1 else "build/tour"))
