"""How long until the first paint, against a bare PySide6 window in the same run."""

import os
import subprocess
import sys
import tempfile

from benchmarks.figures import Figure, median
from benchmarks.ground import ROOT, Ground

RUNS = 7
_BARE = """
import os, time
from PySide6.QtWidgets import QApplication, QMainWindow
class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        fields = open("/proc/self/stat").read().rsplit(")", 1)[1].split()
        started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        print((time.clock_gettime(time.CLOCK_BOOTTIME) - started) * 1000, flush=True)
        os._exit(0)
app = QApplication([])
window = Window()
window.resize(1440, 900)
window.show()
app.exec()
"""


def measure(ground: Ground) -> list[Figure]:
    """Start each window several times, in turn, and compare the medians."""
    bare, own = [], []
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {
            "QT_QPA_PLATFORM": "offscreen",
            "CLOSEKNIT_BENCH_FIRST_PAINT": "1",
            "CLOSEKNIT_HOME": home,
        }
        # Where this is set, every start compiles every module anew; a person's computer does not.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        program = [sys.executable, str(ROOT / "main.py"), str(ground.workspace)]
        _started(program, environment)  # fills the caches: warm is what is promised
        for _ in range(RUNS):
            bare.append(_started([sys.executable, "-c", _BARE], environment))
            own.append(_started(program, environment))
    return [
        Figure("first paint, warm", median(own), "ms", 400, median(bare), "bare PySide6 window")
    ]


def _started(command: list[str], environment: dict[str, str]) -> float:
    done = subprocess.run(
        command,
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    )
    return float(done.stdout.split()[0])
