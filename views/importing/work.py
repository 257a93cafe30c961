"""The page's work off the GUI thread: recognise files, count, import, take back."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Qt, Signal

from app.errors import CloseknitError
from app.exchange.counts import Tally
from app.exchange.plan import FilePlan, Region, plan_file, with_field
from app.exchange.runs import FileResult, ImportRun, region_of, undo_batches
from app.workspace import Workspace
from views.context import PageContext
from views.shared.text import translate_error

PREVIEW_ROWS: Final = 50


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that cannot be taken, with the sentence that says what to do."""

    path: Path
    reason: str


class _Errand:
    """A piece of work as the courier sees it: something that is awaited."""

    key: tuple[int, str] | None = None

    def deliver(self) -> None:
        """Nothing more to do: the work has told its answer."""

    def cancel(self) -> None:
        """Nothing to forget."""

    def abandon(self) -> None:
        """Nothing to forget."""


class ImportWork(QObject):
    """Runs one thing after the other on one thread; answers come back as signals."""

    planned = Signal(object)  # list of FilePlan, list of Unreadable
    corrected = Signal(int, object)  # place, FilePlan
    counted = Signal(int, object)  # generation, list of Tally
    progressed = Signal(object)  # Progress
    finished = Signal(object)  # list of FileResult
    undone = Signal()
    failed = Signal(object)  # error
    _arrived = Signal(object)

    def __init__(self, context: PageContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace: Workspace = context.workspace
        self._courier = context.courier
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="import")
        self._run: ImportRun | None = None
        self._closed = False
        self.generation = 0
        self._arrived.connect(self._call, Qt.ConnectionType.QueuedConnection)
        context.workspace.before_close(self.close)

    def plan(self, files: Sequence[str], kind: str | None = None, **reading: Any) -> None:
        """Recognise files; answers with `planned`."""

        def work() -> None:
            region = region_of(self._workspace)
            plans: list[FilePlan] = []
            unreadable: list[Unreadable] = []
            for file in files:
                try:
                    plans.append(plan_file(file, kind=kind, region=region, **reading))
                except CloseknitError as error:
                    unreadable.append(Unreadable(Path(file), translate_error(error)))
            self._answer(lambda: self.planned.emit((plans, unreadable)))

        self._start(work)

    def replan(self, place: int, file: str, kind: str | None, **reading: Any) -> None:
        """Recognise one file anew with a correction; answers with `corrected`."""

        def work() -> None:
            plan = plan_file(file, kind=kind, region=region_of(self._workspace), **reading)
            self._answer(lambda: self.corrected.emit(place, plan))

        self._start(work)

    def choose_field(self, place: int, plan: FilePlan, column: int, field: str | None) -> None:
        """Let a column become another field; answers with `corrected`."""

        def work() -> None:
            region: Region = region_of(self._workspace)
            changed = with_field(plan, column, field, region)
            self._answer(lambda: self.corrected.emit(place, changed))

        self._start(work)

    def count(self, plans: Sequence[FilePlan], rejects: Path | None = None) -> None:
        """Count what would happen without writing; a newer request ends an older one."""
        self.generation += 1
        generation = self.generation
        if self._run is not None and self._run.dry:
            self._run.cancel()
        run = ImportRun(self._workspace, list(plans), dry=True, rejects=rejects)
        self._run = run

        def work() -> None:
            if generation != self.generation:
                return
            results = run.run()
            places = {id(plan): place for place, plan in enumerate(plans)}
            tallies: list[Tally | None] = [None] * len(plans)
            for result in results:
                tallies[places[id(result.plan)]] = result.tally
            if not run.cancelled.is_set():
                self._answer(lambda: self.counted.emit(generation, tallies))

        self._start(work)

    def run(self, plans: Sequence[FilePlan]) -> None:
        """Import; tells `progressed` now and then and `finished` at the end."""
        run = ImportRun(
            self._workspace,
            list(plans),
            on_progress=lambda p: self._answer(lambda: self.progressed.emit(p)),
        )
        self._run = run

        def work() -> None:
            results: list[FileResult] = run.run()
            self._answer(lambda: self.finished.emit(results))

        self._start(work)

    def undo(self, batch_ids: Sequence[int]) -> None:
        """Take imports back; tells `undone`."""

        def work() -> None:
            undo_batches(self._workspace, batch_ids)
            self._answer(self.undone.emit)

        self._start(work)

    @property
    def was_cancelled(self) -> bool:
        """Whether the person ended the import."""
        return self._run is not None and self._run.cancelled.is_set()

    def cancel(self) -> None:
        """End the running import after its chunk."""
        if self._run is not None:
            self._run.cancel()

    def close(self) -> None:
        """End what runs; called before the workspace closes."""
        self._closed = True
        self.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _start(self, work: Callable[[], None]) -> None:
        if self._closed:
            return

        def guarded() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001  told on the GUI thread
                told = error
                self._answer(lambda: self.failed.emit(told))

        # The courier counts what is on its way; the answers themselves come by our own signal.
        self._courier.watch(_Errand(), self._pool.submit(guarded), None)

    def _answer(self, call: Callable[[], object]) -> None:
        if not self._closed:
            self._arrived.emit(call)

    @staticmethod
    def _call(call: Callable[[], object]) -> None:
        call()
