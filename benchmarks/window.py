"""Pages shown in the real window, a save, and how long the event loop ever stands still."""

import os
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QTimer, qInstallMessageHandler

from app.commands.contacts import change_contact
from app.workspace import Workspace
from benchmarks.figures import Figure, median, percentile
from benchmarks.ground import FOLDER, Ground, remove
from views.importing.work import ImportWork
from views.operations import Operation
from views.shared.record_table import RecordTableModel
from views.stage import Stage

SAVES = 40
_LINUX = sys.platform.startswith("linux")


class Gaps:
    """Watches the event loop by a timer that should fire every two milliseconds."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.timeout.connect(self._beat)
        self._timer.start(2)

    def reset(self) -> None:
        """Forget what was."""
        self.longest, self._last = 0.0, time.perf_counter()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.longest = max(self.longest, (now - self._last) * 1000)
        self._last = now


def measure(ground: Ground) -> list[Figure]:
    """Measure everything that needs the window."""
    # The offscreen platform tells of each window that it takes no size hints.
    qInstallMessageHandler(lambda _kind, _place, told: None if "propagate" in told else print(told))
    figures = [_page(ground.workspace, "contacts", "contacts page shown", 150)]
    figures.append(
        _page(ground.board, "pipeline", f"board of {_cards(ground):,} open cards shown", 150)
    )
    # Each in a process of its own, as a person has it: what windows before have left in memory is
    # not counted.
    for part in (_saving, _importing):
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            figures += pool.submit(_quietly, part, ground).result()
    return figures


def _quietly(part: Callable[[Ground], list[Figure]], ground: Ground) -> list[Figure]:
    qInstallMessageHandler(lambda _kind, _place, told: None if "propagate" in told else print(told))
    return part(ground)


def _turn(stage: Stage) -> None:
    """Let the event loop turn once, asleep until something comes, as in the running program.

    A loop that never sleeps fights the readers for the interpreter lock: each row they fetch then
    waits up to 5 ms, and a query of 65 ms took seven seconds.
    """
    timer = QTimer()
    timer.start(2)
    stage.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    timer.stop()


def _open(path: Path) -> Workspace:
    return Workspace.open(path, user_name="Elena Novak")


def _page(path: Path, key: str, name: str, target: float) -> Figure:
    """Show a page for the first time in a window, several windows long; the modules are loaded."""
    times = []
    for _ in range(4):
        workspace = _open(path)
        try:
            with Stage(workspace) as stage:
                times.append(_shown(stage, key))
        finally:
            workspace.close()
    return Figure(name, median(times[1:]), "ms", target)


def _shown(stage: Stage, key: str) -> float:
    started = time.perf_counter()
    stage.context.navigate(key)
    deadline = started + 30
    while time.perf_counter() < deadline:
        _turn(stage)
        page = stage.window.pages.page
        if page is not None and _has_data(stage, page):
            break
    stage.window.grab()  # paints everything that is visible
    return (time.perf_counter() - started) * 1000


def _has_data(stage: Stage, page: Any) -> bool:
    models = [m for m in page.findChildren(RecordTableModel) if m.rowCount() > 0]
    if any(model.record_at(0) is not None for model in models):
        return True
    return stage.context.courier.pending == 0


def _saving(ground: Ground) -> list[Figure]:
    """Save edits of one contact while the contacts page shows; nothing else goes on."""
    workspace = _open(ground.workspace)
    try:
        with Stage(workspace) as stage:
            stage.go("contacts")
            contact_id = workspace.read(_any_contact)
            gaps, times = Gaps(), []
            for n in range(SAVES):
                done: list[int] = []
                started = time.perf_counter()
                Operation(
                    stage.page, "Change contact", change_contact,
                    contact_id=contact_id, job_title=f"Head of Purchasing {n % 2}",
                ).then(done.append).or_else(_raise)  # fmt: skip
                while not done:
                    _turn(stage)
                times.append((time.perf_counter() - started) * 1000)
                if n == 0:
                    gaps.reset()
            memory = _memory()
            gap = gaps.longest
    finally:
        workspace.close()
    return [
        Figure("saving an edit, median", median(times), "ms", 50),
        Figure("saving an edit, 95th percentile", percentile(times, 0.95), "ms", 50),
        Figure("longest gap of the event loop while saving", gap, "ms", 50),
        Figure("memory with the contacts page open", memory, "MB", 300),
    ]


def _cards(ground: Ground) -> int:
    """Return how many open deals the board really holds."""
    from app.queries.reports import report

    workspace = _open(ground.board)
    try:
        return workspace.read(report, "pipeline").total.count
    finally:
        workspace.close()


def _raise(error: Exception) -> None:
    raise error


def _any_contact(session: Any) -> int:
    from sqlalchemy import select

    from models.records import Contact

    return int(session.scalar(select(Contact.id).limit(1)))


def _importing(ground: Ground) -> list[Figure]:
    """Import 100,000 contacts as the import page does, and watch the event loop meanwhile."""
    path = FOLDER / "import.closeknit"
    remove(path)
    Workspace.open(path, create=True, user_name="Elena Novak", watch=False).close()
    workspace = _open(path)
    try:
        with Stage(workspace) as stage:
            stage.go("contacts")
            work, taken, peaks = ImportWork(stage.context), Taken(), [0.0]
            work.failed.connect(_raise)
            work.planned.connect(taken.take)
            work.finished.connect(taken.take)
            work.progressed.connect(lambda _: peaks.append(_peak(work.process_id)))
            work.plan([str(ground.people)], kind="contact")
            plans, _unreadable = _awaited(stage, taken)
            gaps, started = Gaps(), time.perf_counter()
            work.run(plans)
            results = _awaited(stage, taken)
            seconds = time.perf_counter() - started
            stage.settle()  # the pages behind have seen the last rows
            gap, memory = gaps.longest, _memory()
            work.close()
    finally:
        workspace.close()
    remove(path)
    if "--verbose" in sys.argv:
        print(results[0].tally)
    return [
        Figure(f"import of {ground.contacts:,} contacts behind the window", seconds, "s", 40),
        Figure("longest gap of the event loop while importing", gap, "ms", 50),
        Figure("memory of the window after the import", memory, "MB", 300),
        Figure("memory of the importing process at its highest", max(peaks), "MB"),
    ]


class Taken:
    """The newest answer of the import."""

    answer: Any = None

    def take(self, answer: object) -> None:
        """Keep it."""
        self.answer = answer


def _awaited(stage: Stage, taken: Taken) -> Any:
    while taken.answer is None:
        _turn(stage)
    answer, taken.answer = taken.answer, None
    return answer


def _peak(process_id: int | None) -> float:
    """Return the highest resident memory of another process in MB, where that can be seen."""
    if process_id is None or not _LINUX:
        return 0.0
    for line in Path(f"/proc/{process_id}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return float(line.split()[1]) * 1024 / 1e6
    return 0.0


def _memory() -> float:
    """Return the resident memory of this process in MB, now on Linux, at its highest elsewhere."""
    if _LINUX:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
