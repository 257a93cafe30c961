"""The whole program on a drive that stops answering: it ends, and nothing typed is lost."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from tests.app.sharing.places import Passage, passage

__all__ = ["passage"]
ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from PySide6.QtCore import QTimer
from views import application
from views.main_window import MainWindow

attach = MainWindow.attach
def told(window, context):
    attach(window, context)
    QTimer.singleShot(1000, lambda: print("open", flush=True))
MainWindow.attach = told
sys.exit(application.run(sys.argv[1]))
"""


def test_the_program_ends_although_its_drive_hangs(
    passage: Passage, template: Path, tmp_path: Path
) -> None:
    file = passage.root / "office.closeknit"
    shutil.copy(template, file)
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(file)],
        cwd=ROOT,
        env=os.environ | {"CLOSEKNIT_HOME": str(tmp_path / "home")},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert program.stdout is not None
        assert program.stdout.readline().strip() == "open"
        passage.hang()
        program.send_signal(signal.SIGTERM)
        assert program.wait(60) == 0
    finally:
        passage.go_on()
        program.kill()
        program.wait()
        if program.stdout is not None:
            program.stdout.close()
