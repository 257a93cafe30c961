"""A second program beside the window, and what tests of two windows ask."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pytestqt.qtbot import QtBot
from sqlalchemy import select

from app.workspace import Workspace
from models.records import Contact
from models.records import Stage as StageRecord
from views.shared.conflict_dialog import ConflictDialog
from views.shared.inline import InlineField
from views.stage import Stage

ROOT = Path(__file__).parents[2]
SOON = 5_000


class OtherWindow:
    """Ann's program: a process of its own."""

    def __init__(self, location: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.views.other_window", location, "Ann Weber"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == {"ready": True}

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def do(self, command: str, **fields: Any) -> float:
        """Have a command done there; return when it was committed."""
        assert self._process.stdin is not None
        print(json.dumps([command, fields]), file=self._process.stdin, flush=True)
        answer = self._answer()
        assert "at" in answer, answer
        return float(answer["at"])

    def close(self) -> None:
        """Let it close its workspace and end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        assert self._process.wait(30) == 0
        self._process.stdout.close()


def until(qtbot: QtBot, condition: Callable[[], bool]) -> float:
    """Wait without pausing between looks; return the wall-clock time at which it held."""
    qtbot.waitUntil(condition, timeout=SOON)
    return time.time()


def field_of(stage: Stage, label: str) -> InlineField:
    fields = stage.window.findChildren(InlineField)
    return next(f for f in fields if f.label_text == label and f.isVisible())


def dialog_of(stage: Stage) -> ConflictDialog | None:
    shown = [w for w in stage.app.topLevelWidgets() if isinstance(w, ConflictDialog)]
    return next((w for w in shown if w.isVisible()), None)


def stored(workspace: Workspace, record_id: int, key: str) -> Any:
    return workspace.read(lambda session: getattr(session.get(Contact, record_id), key))


def stages_of(workspace: Workspace) -> list[int]:
    return workspace.read(
        lambda session: list(session.scalars(select(StageRecord.id).order_by(StageRecord.position)))
    )
