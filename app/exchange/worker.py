"""The process that recognises and takes in files for a window: no Qt, and only a pipe to it.

It opens the workspace by itself, as any further process does, and ends when the pipe closes:
after the running chunk, so that what is stored can be undone or continued.
"""

import contextlib
import os
import queue
import signal
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from app.commands.import_mappings import mark_rejects_taken, remember_mapping
from app.errors import CloseknitError, UserError
from app.exchange import mappings
from app.exchange.counts import Tally
from app.exchange.mending import Mended, MendedFile, Rows, rows_of
from app.exchange.pace import import_pace
from app.exchange.plan import FilePlan, Taking, plan_file, with_field, with_taking
from app.exchange.preview import PreviewRow, preview_rows
from app.exchange.runs import (
    CHUNK,
    FileResult,
    ImportRun,
    Progress,
    region_of,
    undo_batches,
)
from app.exchange.state import Difference
from app.exchange.word_choices import FieldWords, word_choices
from app.queries.imports import mapping_for, notes_of_batches
from app.queries.record_names import record_names, reference_of
from app.sharing.placement import Mode
from app.workspace import Workspace

NICENESS: Final = 5
SMALL_CHUNK: Final = 250  # while somebody saves in the window: each save waits for a chunk
CALM_TURNS: Final = 20
TURN_SECONDS: Final = 5.0  # a window that does not answer must not hold the import up for ever


@dataclass(frozen=True, slots=True)
class Opening:
    """The first message: which workspace to open. It may hold a password, so it goes by pipe."""

    location: str = field(repr=False)
    read_only: bool = False
    mode: Mode | None = None  # where the window was told it, instead of asking the file's place


@dataclass(frozen=True, slots=True)
class Errand:
    """Something to do in the name of a user; answered by `Answer`, `Refusal` or `Breakdown`."""

    number: int
    verb: str
    fields: dict[str, Any]
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Cancel:
    """End an errand after its running chunk, or before it begins."""

    number: int


@dataclass(frozen=True, slots=True)
class Go:
    """The window's own saves are stored, if there were any: take the next chunk."""

    saved: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A chunk is stored: the window may store what its person did meanwhile."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A file's import is written down under a batch; `place` is the file's among the plans."""

    place: int
    batch_id: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What an errand returned."""

    value: Any


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error with a sentence for the person."""

    error: CloseknitError


@dataclass(frozen=True, slots=True)
class Breakdown:
    """An error of ours, as the traceback of this process."""

    text: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the file at a place among the plans."""

    place: int
    tally: Tally
    batch_id: int | None
    conflicts: tuple[Difference, ...] = ()  # what the person is to decide


class PipeClosedError(Exception):
    """The window is gone."""


def serve(pipe: Connection) -> None:
    """Do errands until the pipe closes; the entry point of the process."""
    # Ctrl+C in a terminal reaches the whole group; the window ends this process in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICENESS)  # with few processors the window's own threads come first
    try:
        opening = pipe.recv()
        workspace = Workspace.open(
            opening.location, watch=False, read_only=opening.read_only, mode=opening.mode
        )
    except EOFError:
        return
    except CloseknitError as error:
        _send(pipe, Refusal(error))
        return
    try:
        with import_pace():
            _send(pipe, Answer(None))
            Worker(workspace, pipe).work()
    finally:
        workspace.close()


def _send(pipe: Connection, message: object) -> None:
    with contextlib.suppress(OSError):  # nobody listens any more: the reader sees it too
        pipe.send(message)


class Worker:
    """Does one errand after the other; a thread of its own hears of cancelling and of the end."""

    def __init__(self, workspace: Workspace, pipe: Connection) -> None:
        self._workspace = workspace
        self._pipe = pipe
        self._errands: queue.SimpleQueue[Errand | None] = queue.SimpleQueue()
        self._gone = threading.Event()
        self._go = threading.Event()
        self._cancelled: set[int] = set()
        self._number = 0
        self._calm = CALM_TURNS  # how many turns nobody has saved
        self._run: Any = None  # what an errand runs: it has `cancel` and `chunk`
        self._verbs: dict[str, Callable[..., Any]] = {
            "plan": self._plan,
            "with_field": self._with_field,
            "with_taking": self._with_taking,
            "with_mapping": self._with_mapping,
            "preview": self._preview,
            "words": self._words,
            "rows": rows_of,
            "count": self._count,
            "run": self._import,
            "mend": self._mend,
            "remember": self._remember,
            "undo": self._undo,
            "poll": self._poll,
            "take_file": self._take_file,
        }
        threading.Thread(target=self._listen, name="pipe", daemon=True).start()

    def work(self) -> None:
        """Do what is asked until the pipe closes."""
        while (errand := self._errands.get()) is not None and not self._gone.is_set():
            self._number = errand.number
            self._workspace.set_user(errand.user_id)
            _send(self._pipe, self._outcome(errand))
            self._run = None

    def _outcome(self, errand: Errand) -> Answer | Refusal | Breakdown:
        try:
            return Answer(self._verbs[errand.verb](**errand.fields))
        except CloseknitError as error:
            return Refusal(error)
        except BaseException:  # noqa: BLE001  parsers written in Rust panic past Exception
            return Breakdown(traceback.format_exc())

    def _listen(self) -> None:
        try:
            while True:
                self._hear(self._pipe.recv())
        except (EOFError, OSError):
            self._gone.set()
            if self._run is not None:
                self._run.cancel()
            self._go.set()
            self._errands.put(None)

    def _hear(self, message: object) -> None:
        if isinstance(message, Errand):
            self._errands.put(message)
        elif isinstance(message, Go):
            self._calm = 0 if message.saved else self._calm + 1
            self._go.set()
        elif isinstance(message, Cancel):
            self._cancelled.add(message.number)
            if self._run is not None and self._number == message.number:
                self._run.cancel()

    def _plan(
        self, file: str, kind: str | None, reading: dict[str, Any], *, remembered: bool = False
    ) -> FilePlan:
        region = region_of(self._workspace)
        plan = plan_file(file, kind=kind, region=region, **reading)
        if not remembered or plan.stated:
            return plan
        found = self._workspace.read(mapping_for, mappings.shape_of(plan.table.headers))
        if found is None:
            return plan
        with contextlib.suppress(UserError):  # kept by another version: the guess stands
            return mappings.apply(plan, mappings.from_json(found.definition), region)
        return plan

    def _with_field(self, plan: FilePlan, column: int, key: str | None) -> FilePlan:
        return with_field(plan, column, key, region_of(self._workspace))

    def _with_taking(self, plan: FilePlan, taking: Taking) -> FilePlan:
        return with_taking(plan, taking, region_of(self._workspace))

    def _with_mapping(self, plan: FilePlan, mapping: mappings.FileMapping) -> FilePlan:
        return mappings.apply(plan, mapping, region_of(self._workspace))

    def _preview(self, plan: FilePlan) -> list[PreviewRow]:
        region = region_of(self._workspace)
        return self._workspace.read(preview_rows, plan=plan, region=region)

    def _words(self, plan: FilePlan) -> list[FieldWords]:
        return self._workspace.read(word_choices, plan=plan)

    def _count(self, plans: Sequence[FilePlan], rejects: Path | None) -> list[Taken]:
        return self._taken(ImportRun(self._workspace, plans, dry=True, rejects=rejects))

    def _import(self, plans: Sequence[FilePlan]) -> list[Taken]:
        return self._taken(self._writing(plans))

    def _writing(self, plans: Sequence[FilePlan]) -> ImportRun:
        places = {id(plan): place for place, plan in enumerate(plans)}
        return ImportRun(
            self._workspace,
            plans,
            on_progress=self._tell,
            on_begin=lambda plan, batch: _send(self._pipe, Begun(places[id(plan)], batch)),
            pause=self._give_way,
        )

    def _remember(self, plan: FilePlan, name: str) -> None:
        mapping = mappings.from_plan(plan, name)
        self._workspace.writer.submit(
            "Remember mapping",
            remember_mapping,
            name=mapping.name,
            kind=mapping.kind,
            shape=mappings.shape_of(plan.table.headers),
            definition=mapping.as_json(),
            undoable=False,
        ).result()

    def _mend(
        self, rows: Rows, mapping: mappings.FileMapping, name: str, batch_id: int | None
    ) -> Mended:
        file = MendedFile(rows, name)
        try:
            plan = file.plan(mapping, region_of(self._workspace), f"mended rows of {name}")
            self._run = run = self._writing([plan])
            (result,) = run.run()
            mended = file.outcome(result)
        finally:
            file.remove()
        if batch_id is not None and mended.taken:
            self._workspace.writer.submit(
                "Mend rows", mark_rejects_taken, batch_id=batch_id, rows=mended.taken,
                undoable=False,
            ).result()  # fmt: skip
        return mended

    def _taken(self, run: ImportRun) -> list[Taken]:
        self._run = run
        # Told before the run was there to hear it.
        if self._gone.is_set() or self._number in self._cancelled:
            run.cancel()
        places = {id(plan): place for place, plan in enumerate(run.plans)}
        return [Taken(places[id(r.plan)], r.tally, r.batch_id, self._named(r)) for r in run.run()]

    def _named(self, result: FileResult) -> tuple[Difference, ...]:
        """Put names for the ids in what the person is to decide."""
        references = {
            (each, text): reference_of(each.field, int(text))
            for each in result.conflicts
            for text in (each.stored, each.given)
            if each.field.endswith("_id") and text.isdigit()
        }
        wanted = [reference for reference in references.values() if reference is not None]
        names = self._workspace.read(record_names, wanted) if wanted else {}

        def name(each: Difference, text: str) -> str:
            reference = references.get((each, text))
            return names.get(reference, text) if reference is not None else text

        return tuple(
            replace(each, stored=name(each, each.stored), given=name(each, each.given))
            for each in result.conflicts
        )

    def _poll(self, account_id: int, password: str) -> Any:
        from app.exchange.imap.poll import Poll

        poll = Poll(self._workspace, account_id, password, pause=self._give_way)
        poll.on_progress = lambda count: _send(self._pipe, count)
        self._run = poll
        if self._gone.is_set() or self._number in self._cancelled:
            poll.cancel()
        return poll.run()

    def _take_file(self, path: Path, folder: Any) -> Any:
        from app.exchange.watch import Taken as WatchTaken
        from app.exchange.watch_taking import plan_watched

        plan = plan_watched(self._workspace, path, folder)
        (taken,) = self._taken(ImportRun(self._workspace, [plan], pause=self._give_way))
        return WatchTaken(taken.tally, taken.batch_id)

    def _undo(self, batch_ids: Sequence[int]) -> None:
        total = self._workspace.read(notes_of_batches, list(batch_ids))
        started = time.monotonic()

        def after_chunk(done: int) -> None:
            rate = done / max(time.monotonic() - started, 1e-6)
            self._tell(Progress(Path(), done, max(total, done), rate))
            self._give_way()
            if self._gone.is_set():
                raise PipeClosedError

        undo_batches(self._workspace, batch_ids, on_progress=after_chunk)

    def _tell(self, progress: Progress) -> None:
        _send(self._pipe, progress)

    def _give_way(self, _passed: float = 0.0) -> None:
        """Let the window store first what its person did during the chunk.

        SQLite's lock knows no queue: without this a waiting save could miss every short pause.
        """
        self._go.clear()
        if self._gone.is_set():
            return
        _send(self._pipe, Turn())
        self._go.wait(TURN_SECONDS)
        if self._run is not None:
            self._run.chunk = CHUNK if self._calm >= CALM_TURNS else SMALL_CHUNK
