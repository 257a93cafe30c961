"""The page's work off the GUI thread, in a process of its own: recognise, count, import, undo."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Qt, Signal

from app.errors import CloseknitError
from app.exchange.background import Background
from app.exchange.plan import FilePlan
from app.exchange.runs import FileResult, Progress
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
        self._background = Background(context.workspace)
        self._context = context
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="import")
        self._closed = False
        self._counting = self._importing = False
        self.was_cancelled = False
        self.generation = 0
        self.batches: list[int] = []
        self._arrived.connect(self._call, Qt.ConnectionType.QueuedConnection)
        context.workspace.before_close(self.close)

    @property
    def process_id(self) -> int | None:
        """The id of the process that does the work, while it runs."""
        return self._background.process_id

    def plan(self, files: Sequence[str], kind: str | None = None, **reading: Any) -> None:
        """Recognise files; answers with `planned`."""

        def work() -> None:
            plans: list[FilePlan] = []
            unreadable: list[Unreadable] = []
            for file in files:
                try:
                    plans.append(self._background.plan(file, kind=kind, **reading))
                except CloseknitError as error:
                    unreadable.append(Unreadable(Path(file), translate_error(error)))
            self._answer(lambda: self.planned.emit((plans, unreadable)))

        self._start(work)

    def replan(self, place: int, file: str, kind: str | None, **reading: Any) -> None:
        """Recognise one file anew with a correction; answers with `corrected`."""

        def work() -> None:
            plan = self._background.plan(file, kind=kind, **reading)
            self._answer(lambda: self.corrected.emit(place, plan))

        self._start(work)

    def choose_field(self, place: int, plan: FilePlan, column: int, field: str | None) -> None:
        """Let a column become another field; answers with `corrected`."""

        def work() -> None:
            changed = self._background.with_field(plan, column, field)
            self._answer(lambda: self.corrected.emit(place, changed))

        self._start(work)

    def count(self, plans: Sequence[FilePlan], rejects: Path | None = None) -> None:
        """Count what would happen without writing; a newer request ends an older one."""
        self.generation += 1
        generation = self.generation
        if self._counting:
            self._background.cancel()

        def work() -> None:
            if generation != self.generation:
                return
            self._counting = True
            try:
                tallies = self._background.count(plans, rejects)
            finally:
                self._counting = False
            if generation == self.generation:
                self._answer(lambda: self.counted.emit(generation, tallies))

        self._start(work)

    def run(self, plans: Sequence[FilePlan]) -> None:
        """Import; tells `progressed` now and then and `finished` at the end."""
        self.was_cancelled = False
        self._importing = True
        self.batches.clear()

        def told(progress: Progress) -> None:
            self._cancel_if_asked()
            self._answer(lambda: self.progressed.emit(progress))

        def begun(batch_id: int) -> None:
            self.batches.append(batch_id)
            self._cancel_if_asked()

        def work() -> None:
            try:
                results: list[FileResult] = self._background.run(
                    plans, on_progress=told, on_begin=begun
                )
            finally:
                self._importing = False
            self._answer(self._context.catch_up)
            self._answer(lambda: self.finished.emit(results))

        self._start(work)
        self.rest()

    def undo(self, batch_ids: Sequence[int]) -> None:
        """Take imports back; tells `undone`."""
        wanted = list(batch_ids)

        def work() -> None:
            self._background.undo(wanted)
            self._answer(self._context.catch_up)
            self._answer(self.undone.emit)

        self._start(work)
        self.rest()

    def rest(self) -> None:
        """End the process after what is asked already; it starts again at need."""
        self._start(self._background.rest)

    def cancel(self) -> None:
        """End the running import after its chunk."""
        self.was_cancelled = True
        self._cancel_if_asked()

    def close(self) -> None:
        """End what runs; called before the workspace closes."""
        self._closed = True
        if self._importing or self._counting:
            self.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._background.rest()

    def _cancel_if_asked(self) -> None:
        # Again with each sign of life: the first word may have come before the import began.
        if self.was_cancelled:
            self._background.cancel()

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
        self._context.courier.watch(_Errand(), self._pool.submit(guarded), None)

    def _answer(self, call: Callable[[], object]) -> None:
        if not self._closed:
            self._arrived.emit(call)

    @staticmethod
    def _call(call: Callable[[], object]) -> None:
        call()
