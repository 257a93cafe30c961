"""The window says “Saving…” while others hold the workspace, and stays alive."""

import time
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.commands.companies import create_company
from app.workspace import Workspace
from models.records import Company
from tests.app.sharing.office import Colleague
from tests.conftest import count
from views.operations import Operation
from views.saving_sign import SHOW_AFTER_SECONDS
from views.stage import Stage


def test_it_shows_while_a_save_waits_and_goes_when_it_is_made(
    qtbot: QtBot, workspace: Workspace, tmp_path: Path
) -> None:
    stage = Stage(workspace, size=(1024, 700))
    sign = stage.window.saving_sign
    colleague = Colleague(workspace.location, "Jonas Lind")
    assert colleague.ask("hold theirs") == "holding"
    beats: list[float] = []
    beat = QTimer()
    beat.timeout.connect(lambda: beats.append(time.monotonic()))
    beat.start(5)
    owner = QWidget(stage.window.pages)
    owner.context = stage.context  # type: ignore[attr-defined]
    began = time.monotonic()
    saved: list[object] = []
    Operation(owner, "Make", create_company, name="mine").then(saved.append)
    assert sign.isHidden()
    qtbot.waitUntil(sign.isVisible, timeout=20_000)
    assert time.monotonic() - began >= SHOW_AFTER_SECONDS
    assert stage.picture(tmp_path / "saving.png")
    longest = max(b - a for a, b in pairwise(beats))
    assert longest < SHOW_AFTER_SECONDS  # the window never stood still
    colleague.say("go on")
    qtbot.waitUntil(lambda: bool(saved), timeout=20_000)
    qtbot.waitUntil(sign.isHidden)
    assert count(workspace, Company) == 2
    colleague.kill()
    stage.close()
