"""The page's work off the GUI thread, in a process of its own: recognise, count, import, undo."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from app.errors import CloseknitError
from app.exchange.background import Background
from app.exchange.mappings import FileMapping, from_plan, load, save
from app.exchange.mending import Rows
from app.exchange.plan import FilePlan, Taking
from app.exchange.runs import FileResult, Progress
from views.context import PageContext
from views.shared.text import translate_error


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that cannot be taken, with the sentence that says what to do."""

    path: Path
    reason: str


def default_name(plan: FilePlan) -> str:
    """Return the name under which a mapping is remembered where nobody named it."""
    return plan.path.stem.strip()[:120] or plan.kind


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
    previewed = Signal(object, object)  # FilePlan, list of PreviewRow
    worded = Signal(object, object)  # FilePlan, list of FieldWords
    rows_read = Signal(object, object)  # FilePlan, Rows
    counted = Signal(int, object)  # generation, list of Counted
    progressed = Signal(object)  # Progress
    finished = Signal(object)  # list of FileResult
    mended = Signal(object)  # Mended
    remembered = Signal(str)  # the name of a mapping
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

    def plan(self, files: Sequence[str], kind: str | None = None) -> None:
        """Recognise files, mapped as the last time where that is known; answers with `planned`."""
        self._interrupt()

        def work() -> None:
            plans: list[FilePlan] = []
            unreadable: list[Unreadable] = []
            for file in files:
                try:
                    plans.append(self._background.plan(file, kind=kind, remembered=kind is None))
                except CloseknitError as error:
                    unreadable.append(Unreadable(Path(file), translate_error(error)))
            self._answer(lambda: self.planned.emit((plans, unreadable)))

        self._start(work)

    def replan(self, place: int, file: str, kind: str | None, **reading: Any) -> None:
        """Recognise one file anew with a correction; answers with `corrected`."""

        def ask() -> FilePlan:
            plan = self._background.plan(file, kind=kind, **reading)
            return replace(plan, corrected=kind is not None or bool(reading))

        self._correct(place, ask)

    def choose_field(self, place: int, plan: FilePlan, column: int, field: str | None) -> None:
        """Let a column become another field; answers with `corrected`."""
        self._correct(place, lambda: self._background.with_field(plan, column, field))

    def choose_taking(self, place: int, plan: FilePlan, taking: Taking) -> None:
        """Take the rows another way; answers with `corrected`."""
        self._correct(place, lambda: self._background.with_taking(plan, taking))

    def load_mapping(self, place: int, plan: FilePlan, path: Path) -> None:
        """Map a file as an exported mapping says; answers with `corrected`."""
        self._correct(place, lambda: self._background.with_mapping(plan, load(path)))

    def choose_mapping(self, place: int, plan: FilePlan, mapping: FileMapping) -> None:
        """Map a file as a remembered mapping says; answers with `corrected`."""
        self._correct(place, lambda: self._background.with_mapping(plan, mapping))

    def _correct(self, place: int, ask: Callable[[], FilePlan]) -> None:
        self._interrupt()

        def work() -> None:
            plan = ask()
            self._answer(lambda: self.corrected.emit(place, plan))

        self._start(work)

    def look(self, plan: FilePlan) -> None:
        """Read the first rows as records, then the words; answers with `previewed`, `worded`."""

        def work() -> None:
            rows = self._background.preview(plan)
            self._answer(lambda: self.previewed.emit(plan, rows))
            words = self._background.words(plan)
            self._answer(lambda: self.worded.emit(plan, words))

        self._start(work)

    def read_rows(self, plan: FilePlan, numbers: Sequence[int]) -> None:
        """Read certain rows again; answers with `rows_read`."""

        def work() -> None:
            rows = self._background.rows(plan, numbers)
            self._answer(lambda: self.rows_read.emit(plan, rows))

        self._start(work)

    def export_mapping(self, plan: FilePlan, path: Path) -> None:
        """Write how a file is mapped; answers with `remembered`."""

        def work() -> None:
            save(from_plan(plan, plan.mapped_as or path.stem), path)
            self._answer(lambda: self.remembered.emit(path.name))

        self._start(work)

    def remember(self, plan: FilePlan, name: str, *, told: bool = True) -> None:
        """Keep how a file is mapped under a name; answers with `remembered`."""

        def work() -> None:
            self._background.remember(plan, name)
            if told:
                self._answer(lambda: self.remembered.emit(name))

        self._start(work)

    def _interrupt(self) -> None:
        """End a count that a correction makes void."""
        self.generation += 1
        if self._counting:
            self._background.cancel()

    def count(self, plans: Sequence[FilePlan], rejects: Path | None = None) -> None:
        """Count what would happen without writing; a newer request ends an older one."""
        self._interrupt()
        generation = self.generation

        def work() -> None:
            if generation != self.generation:
                return
            self._counting = True
            try:
                counted = self._background.count(plans, rejects)
            finally:
                self._counting = False
            if generation == self.generation:
                self._answer(lambda: self.counted.emit(generation, counted))

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
            for plan in plans:
                if plan.corrected and not plan.stated:
                    self._background.remember(plan, plan.mapped_as or default_name(plan))

        self._start(work)
        self.rest()

    def mend(self, rows: Rows, mapping: FileMapping, name: str, batch_id: int | None) -> None:
        """Take mended rows; answers with `mended`."""

        def work() -> None:
            mended = self._background.mend(rows, mapping, name, batch_id, self.batches.append)
            self._answer(self._context.catch_up)
            self._answer(lambda: self.mended.emit(mended))

        self._start(work)
        self.rest()

    def undo(self, batch_ids: Sequence[int]) -> None:
        """Take imports back; tells `undone`."""
        wanted = list(batch_ids)

        def told(progress: Progress) -> None:
            self._answer(lambda: self.progressed.emit(progress))

        def work() -> None:
            self._background.undo(wanted, on_progress=told)
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
