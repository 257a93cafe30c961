"""Runs an import of files: reads on the caller's thread, writes chunk by chunk on the writer's."""

import contextlib
import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from app.commands.settings import workspace_settings
from app.errors import CloseknitError
from app.exchange.counts import Tally
from app.exchange.directory import Directory
from app.exchange.drafts import RowReader
from app.exchange.import_commands import (
    Taken,
    begin_import,
    cancel_import,
    dry_run_begin,
    dry_run_chunk,
    undo_import_chunk,
    write_import_chunk,
    write_same_again,
)
from app.exchange.plan import FilePlan, Region, in_order
from app.exchange.rejects import RejectFile
from app.exchange.same_again import begin_again, same_import
from app.exchange.shaping import Shaped
from app.exchange.state import Difference, FileState
from app.workspace import Workspace
from app.writer import Priority
from models.ids import new_id

CHUNK: Final = 1_000
LARGE_CHUNK: Final = 2_000  # without a window: others wait half a second for it, at most
HEAVY: Final = 16_000_000  # bytes; three chunks are held at a time
PAUSE_SECONDS: Final = 0.02  # between chunks, so that a person's save comes in between


def rest(passed: float = 0.0) -> None:
    """Leave other processes a moment to write in; so many seconds of it have passed."""
    time.sleep(max(0.0, PAUSE_SECONDS - passed))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: rows of all files together, and per second."""

    path: Path
    done: int
    total: int
    rate: float

    @property
    def seconds_left(self) -> float:
        """Seconds until the end at this rate."""
        return (self.total - self.done) / self.rate if self.rate else 0.0


@dataclass(slots=True)
class FileResult:
    """What became of one file; `batch_id` is None after a dry run."""

    plan: FilePlan
    tally: Tally
    batch_id: int | None
    conflicts: list[Difference] = field(default_factory=list)  # what a person is to decide

    def as_json(self) -> dict[str, Any]:
        """Return the result as the command line prints it."""
        from app.exchange.fields import KINDS

        head = {"file": str(self.plan.path), "kind": KINDS[self.plan.kind].plural}
        return head | self.tally.as_json()


@dataclass(slots=True)
class ImportRun:
    """One import of one or several files; `cancel` may be called from any thread."""

    workspace: Workspace
    plans: Sequence[FilePlan]
    dry: bool = False
    rejects: Path | None = None
    on_progress: Callable[[Progress], object] | None = None
    on_begin: Callable[[FilePlan, int], object] | None = None  # a file's plan and batch
    # Between chunks, with the seconds since the last was stored.
    pause: Callable[[float], object] = rest
    chunk: int = CHUNK
    results: list[FileResult] = field(default_factory=list)
    cancelled: threading.Event = field(default_factory=threading.Event)
    _done: int = 0
    _started: float = 0.0
    _stored: float = 0.0

    def cancel(self) -> None:
        """End after the running chunk; what is committed stays and can be undone."""
        self.cancelled.set()

    def run(self) -> list[FileResult]:
        """Take the files one after the other, users and companies before what links to them."""
        self._started = time.monotonic()
        region = region_of(self.workspace)
        shared = Directory(keep=True)  # so that a dry run's files see each other
        for plan in in_order(self.plans):
            if self.cancelled.is_set():
                break
            state = FileState(plan, new_id(), region, dry=self.dry)
            if self.dry:
                state.directory = shared
            self._run_file(state)
        return self.results

    def _run_file(self, state: FileState) -> None:
        batch_id = None if self.dry else state.batch_id
        result = FileResult(state.plan, state.tally, batch_id, state.conflicts)
        self.results.append(result)
        if self.dry:
            self.workspace.read(dry_run_begin, state=state)
        else:
            path = state.plan.path
            digest = None if path.is_dir() else file_digest(path)  # a Maildir is a folder
            if digest is not None and state.plan.kind != "event":
                state.same_as = self.workspace.read(
                    same_import, digest=digest, plan=state.plan, region=state.region
                )
            self._write("Import", begin_import, state=state, digest=digest)
            if state.same_as is not None:
                self.workspace.read(begin_again, state=state)
            if self.on_begin is not None:  # before any row: whoever is told can undo half a file
                self.on_begin(state.plan, state.batch_id)
        rejects = RejectFile(self._reject_path(state.plan), state.plan) if self.rejects else None
        if state.plan.kind == "event":  # they come by the hundred thousand
            from app.exchange.events.running import EventRun

            run = EventRun(self.workspace, state, rejects)
            run.run(self.cancelled, lambda rows: self._tell(state, rows), self.pause)
            return
        self._run_chunks(state, rejects)

    def _reject_path(self, plan: FilePlan) -> Path:
        """Return the reject file's path; of several files each gets one of its own."""
        place = self.rejects or Path("rejected.csv")
        if len(self.plans) == 1:
            return place
        return place.with_name(f"{place.stem}-{plan.path.stem}{place.suffix or '.csv'}")

    def _run_chunks(self, state: FileState, rejects: RejectFile | None) -> None:
        rows = _shaped_rows(state)
        chunk, following = _next_rows(rows, self.chunk), _next_rows(rows, self.chunk)
        while True:
            if self.cancelled.is_set():
                if not self.dry:
                    self._write("Cancel import", cancel_import, state=state)
                return
            last = not following
            back = state.tally.mark()
            take = self._start(state, chunk, last=last)
            upcoming = _next_rows(rows, self.chunk)  # read while the writer writes
            try:
                taken = take()
            except BaseException:  # the chunk is rolled back: nothing of it came in
                back()
                if not self.dry:
                    with contextlib.suppress(CloseknitError):
                        self._write("Cancel import", cancel_import, state=state)
                raise
            if rejects is not None:
                rejects.add(taken[2])
            self._tell(state, len(chunk))
            if last:
                return
            chunk, following = following, upcoming
            if not self.dry:
                self.pause(time.monotonic() - self._stored)

    def _start(self, state: FileState, rows: list[Shaped], *, last: bool) -> Callable[[], Taken]:
        """Begin to take a chunk; the function returned waits for what became of it."""
        if self.dry:
            return lambda: self.workspace.read(dry_run_chunk, state=state, rows=rows, last=last)
        written = threading.Event()
        command: Callable[..., Taken] = write_same_again
        if state.same_as is None:
            command = partial(write_import_chunk, on_written=written.set)
        future = self.workspace.writer.submit(
            "Import",
            command,
            state=state,
            rows=rows,
            last=last,
            urgency=Priority.BATCH,
            undoable=False,
        )

        def end(_future: object) -> None:
            self._stored = time.monotonic()
            written.set()

        future.add_done_callback(end)
        # Until then the writer computes, and two threads of Python would only take turns.
        written.wait()
        return lambda: future.result().value

    def _write(self, label: str, command: Callable[..., Any], **fields: Any) -> Any:
        future = self.workspace.writer.submit(
            label, command, urgency=Priority.BATCH, undoable=False, **fields
        )
        return future.result().value

    def _tell(self, state: FileState, rows: int) -> None:
        self._done += rows
        if self.on_progress is not None:
            seconds = max(time.monotonic() - self._started, 1e-6)
            total = sum(plan.rows for plan in self.plans)
            self.on_progress(Progress(state.plan.path, self._done, total, self._done / seconds))


def _shaped_rows(state: FileState) -> Iterator[Shaped]:
    reader, shaper = RowReader(state.plan), state.shaper
    for row in state.plan.table.rows():
        yield shaper.shape(reader.read(row))


def _next_rows(rows: Iterator[Shaped], count: int) -> list[Shaped]:
    """Return the next rows: so many, or fewer where they are heavy, as mails with files are."""
    taken: list[Shaped] = []
    weight = 0
    for each in islice(rows, count):
        taken.append(each)
        weight += each.draft.weight
        if weight > HEAVY:
            break
    return taken


def region_of(workspace: Workspace) -> Region:
    """Return what the workspace says about money and phones."""
    settings = workspace.read(workspace_settings)
    return Region(settings.currency, settings.phone_region)


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def undo_batches(
    workspace: Workspace,
    batch_ids: Sequence[int],
    *,
    on_progress: Callable[[int], object] | None = None,
) -> None:
    """Take imports back, the newest first, chunk by chunk."""
    done = 0
    for batch_id in sorted(batch_ids, reverse=True):
        while True:
            handled = workspace.writer.submit(
                "Undo import",
                undo_import_chunk,
                batch_id=batch_id,
                urgency=Priority.BATCH,
                undoable=False,
            ).result()
            if not handled.value:
                break
            done += handled.value
            if on_progress is not None:
                on_progress(done)
            rest()
