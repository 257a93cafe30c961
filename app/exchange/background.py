"""The window's side of importing: starts the process that does it, and speaks with it.

In a process of its own an import takes neither the window's interpreter lock nor its memory, and
a file that crashes its parser does not take the window with it.
"""

import contextlib
import multiprocessing
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from app.changes import Changes
from app.errors import CloseknitError, EnvironmentFault
from app.exchange.counts import Tally
from app.exchange.mappings import FileMapping
from app.exchange.mending import Mended, Rows
from app.exchange.plan import FilePlan, Taking
from app.exchange.preview import PreviewRow
from app.exchange.runs import FileResult, Progress
from app.exchange.state import Difference
from app.exchange.word_choices import FieldWords
from app.exchange.worker import (
    Answer,
    Begun,
    Breakdown,
    Cancel,
    Errand,
    Go,
    Opening,
    Refusal,
    Turn,
    serve,
)
from app.workspace import Workspace
from app.writer import Priority

END_SECONDS: Final = 20.0
_READING: Final = (
    "Reading {file} ended unexpectedly; nothing was written.",
    "Save it as CSV in a spreadsheet program and try again.",
)
_WRITING: Final = (
    "The import of {file} ended unexpectedly.",
    "What was stored stays: undo it, or import the same file again to continue.",
)
_MAILS: Final = (
    "Reading a mailbox ended unexpectedly.",
    "What was stored stays; the next look goes on there.",
)
_UNDOING: Final = (
    "Taking the import back ended unexpectedly.",
    "Undo it again: it goes on where it ended.",
)


@dataclass(frozen=True, slots=True)
class Counted:
    """What would become of a file, and what of it the person is to decide."""

    tally: Tally
    conflicts: tuple[Difference, ...] = ()


class BreakdownError(Exception):
    """An error of ours in the importing process; the text is its traceback."""


class Background:
    """Imports in a process of its own. The calls wait, one at a time, so never on the GUI thread.

    `cancel` may be called from any thread. The process starts at need and ends with `rest`.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()  # `cancel` and a call send on one pipe
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._number = 0
        self._saved = False  # whether this window has stored anything since the last turn

    @property
    def process_id(self) -> int | None:
        """The id of the running process."""
        return self._process.pid if self._process is not None else None

    def plan(
        self,
        file: str | Path,
        *,
        kind: str | None = None,
        remembered: bool = False,
        **reading: Any,
    ) -> FilePlan:
        """Open and recognise a file, as `plan_file` does; `remembered`: mapped as the last time."""
        fields = {"file": str(file), "kind": kind, "reading": reading, "remembered": remembered}
        plan: FilePlan = self._ask("plan", fields, _READING, Path(file).name)
        return plan

    def with_field(self, plan: FilePlan, column: int, key: str | None) -> FilePlan:
        """Return the plan with another field for a column."""
        fields = {"plan": plan, "column": column, "key": key}
        changed: FilePlan = self._ask("with_field", fields, _READING, plan.path.name)
        return changed

    def with_taking(self, plan: FilePlan, taking: Taking) -> FilePlan:
        """Return the plan with another way to take its rows."""
        fields = {"plan": plan, "taking": taking}
        changed: FilePlan = self._ask("with_taking", fields, _READING, plan.path.name)
        return changed

    def with_mapping(self, plan: FilePlan, mapping: FileMapping) -> FilePlan:
        """Return the plan mapped as a mapping says."""
        fields = {"plan": plan, "mapping": mapping}
        changed: FilePlan = self._ask("with_mapping", fields, _READING, plan.path.name)
        return changed

    def preview(self, plan: FilePlan) -> list[PreviewRow]:
        """Return what the first rows would become."""
        rows: list[PreviewRow] = self._ask("preview", {"plan": plan}, _READING, plan.path.name)
        return rows

    def words(self, plan: FilePlan) -> list[FieldWords]:
        """Return the words of a file that can be translated."""
        found: list[FieldWords] = self._ask("words", {"plan": plan}, _READING, plan.path.name)
        return found

    def rows(self, plan: FilePlan, numbers: Sequence[int]) -> Rows:
        """Read certain rows of a file again."""
        fields = {"plan": plan, "numbers": list(numbers)}
        found: Rows = self._ask("rows", fields, _READING, plan.path.name)
        return found

    def count(self, plans: Sequence[FilePlan], rejects: Path | None = None) -> list[Counted | None]:
        """Count what would happen, without writing; None where it was cancelled before."""
        fields = {"plans": list(plans), "rejects": rejects}
        counted: list[Counted | None] = [None] * len(plans)
        for taken in self._ask("count", fields, _READING, _names(plans)):
            counted[taken.place] = Counted(taken.tally, taken.conflicts)
        return counted

    def run(
        self,
        plans: Sequence[FilePlan],
        *,
        on_progress: Callable[[Progress], object] | None = None,
        on_begin: Callable[[int], object] | None = None,
    ) -> list[FileResult]:
        """Import; `on_begin` is told each batch as soon as rows can be stored in its name."""

        def hear(message: object) -> None:
            if isinstance(message, Progress) and on_progress is not None:
                on_progress(message)
            elif isinstance(message, Begun) and on_begin is not None:
                on_begin(message.batch_id)

        unsubscribe = self._workspace.feed.subscribe(self._note)
        try:
            found = self._ask("run", {"plans": list(plans)}, _WRITING, _names(plans), hear)
        finally:
            unsubscribe()
            self._show_changes()
        return [FileResult(plans[taken.place], taken.tally, taken.batch_id) for taken in found]

    def mend(
        self,
        rows: Rows,
        mapping: FileMapping,
        name: str,
        batch_id: int | None,
        on_begin: Callable[[int], object] = lambda _batch_id: None,
    ) -> Mended:
        """Take mended rows; those that a batch had not taken are marked as taken since."""

        def hear(message: object) -> None:
            if isinstance(message, Begun):
                on_begin(message.batch_id)

        fields = {"rows": rows, "mapping": mapping, "name": name, "batch_id": batch_id}
        unsubscribe = self._workspace.feed.subscribe(self._note)
        try:
            mended: Mended = self._ask("mend", fields, _WRITING, name, hear)
        finally:
            unsubscribe()
            self._show_changes()
        return mended

    def remember(self, plan: FilePlan, name: str) -> None:
        """Keep how a file is mapped for the next one of the same columns."""
        self._ask("remember", {"plan": plan, "name": name}, _WRITING, plan.path.name)

    def undo(
        self,
        batch_ids: Sequence[int],
        on_progress: Callable[[Progress], object] = lambda _progress: None,
    ) -> None:
        """Take imports back; progress counts records, not rows."""

        def hear(message: object) -> None:
            if isinstance(message, Progress):
                on_progress(message)

        try:
            self._ask("undo", {"batch_ids": list(batch_ids)}, _UNDOING, "", hear)
        finally:
            self._show_changes()

    def poll(
        self,
        account_id: int,
        password: str,
        on_progress: Callable[[int], object] = lambda _count: None,
    ) -> Any:
        """Take in what is new in a mailbox, as `Poll` does; the password goes by pipe."""

        def hear(message: object) -> None:
            if isinstance(message, int):
                on_progress(message)

        try:
            return self._ask(
                "poll", {"account_id": account_id, "password": password}, _MAILS, "", hear
            )
        finally:
            self._show_changes()

    def take_file(self, path: Path, folder: Any) -> Any:
        """Import a file of a watched folder, as the folder says; return what it counted."""
        try:
            return self._ask("take_file", {"path": path, "folder": folder}, _WRITING, path.name)
        finally:
            self._show_changes()

    def cancel(self) -> None:
        """End the call that waits: an import or a count after its chunk."""
        with contextlib.suppress(OSError):  # it has ended by itself
            self._send(Cancel(self._number))

    def rest(self) -> None:
        """End the process, after its chunk; the next call starts another."""
        process, self._process = self._process, None
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            pipe.close()
        if process is not None:
            process.join(END_SECONDS)
            if process.is_alive():
                process.kill()  # the chunk it hangs in is rolled back
                process.join()
            process.close()

    def _ask(
        self,
        verb: str,
        fields: dict[str, Any],
        sentences: tuple[str, str],
        file: str,
        hear: Callable[[object], None] = lambda _message: None,
    ) -> Any:
        self._number += 1
        try:
            self._start()
            self._send(Errand(self._number, verb, fields, self._workspace.user_id))
            return self._result(hear)
        except (EOFError, OSError) as error:  # it crashed, or was ended from outside
            self.rest()
            raise EnvironmentFault(sentences[0], remedy=sentences[1], file=file) from error

    def _start(self) -> None:
        if self._process is not None and self._process.is_alive():
            return
        self.rest()
        # Not "fork": a copy of a process with threads and a window must not be used.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs,), name="import", daemon=True)
        self._pipe = ours
        try:
            self._process.start()
        except BaseException:
            self._process = None
            raise
        finally:
            theirs.close()  # or its end would never be heard
        self._send(_opening(self._workspace))
        try:
            self._result(lambda _message: None)
        except CloseknitError:
            self.rest()
            raise

    def _result(self, hear: Callable[[object], None]) -> Any:
        while True:
            message = self._receive()
            if isinstance(message, Answer):
                return message.value
            if isinstance(message, Refusal):
                raise message.error
            if isinstance(message, Breakdown):
                raise BreakdownError(message.text)
            if isinstance(message, Turn):
                self._let_saves_pass()
                self._send(Go(self._saved))
                self._saved = False
            else:
                hear(message)

    def _receive(self) -> object:
        if self._pipe is None or self._process is None:
            raise EOFError
        # The sentinel too: somebody who inherited the pipe's other end could keep it open.
        ready = wait([self._pipe, self._process.sentinel])
        if self._pipe not in ready and not self._pipe.poll():
            raise EOFError
        return self._pipe.recv()

    def _send(self, message: object) -> None:
        with self._lock:
            if self._pipe is not None:
                self._pipe.send(message)

    def _let_saves_pass(self) -> None:
        """Wait until what the person has saved meanwhile is stored."""
        with contextlib.suppress(CloseknitError):  # closing, or busy: then it is not our turn
            self._workspace.writer.submit(
                "Import", _nothing, urgency=Priority.BATCH, undoable=False
            ).result()

    def _note(self, changes: Changes) -> None:
        self._saved = self._saved or not changes.foreign

    def _show_changes(self) -> None:
        """Tell the pages of the last changes now, not when the watcher looks next."""
        with contextlib.suppress(CloseknitError):
            self._workspace.watcher.look()


def _nothing(session: Session) -> None:
    """Stand in the writer's queue behind what people do."""


def _names(plans: Sequence[FilePlan]) -> str:
    return ", ".join(plan.path.name for plan in plans)


def _opening(workspace: Workspace) -> Opening:
    url = workspace.database.url
    location = str(url.database)
    if workspace.database.dialect != "sqlite":
        location = url.render_as_string(hide_password=False)
    forced = workspace.mode if workspace.verdict is None else None
    return Opening(location, workspace.read_only, forced)
