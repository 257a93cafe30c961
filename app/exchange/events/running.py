"""Runs the import of a file of events: the next chunk is read while the store commits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.exchange.events.chunks import EventChunk
from app.exchange.events.reading import reading_events
from app.exchange.events.writing import count_event_chunk, write_event_chunk
from app.exchange.import_commands import Taken, cancel_import
from app.writer import Priority

if TYPE_CHECKING:
    from app.exchange.rejects import RejectFile
    from app.exchange.state import FileState
    from app.workspace import Workspace


class EventRun:
    """The import of one file of events into a workspace."""

    def __init__(self, workspace: Workspace, state: FileState, rejects: RejectFile | None) -> None:
        self._workspace = workspace
        self._state = state
        self._rejects = rejects
        self._stored = 0.0

    def run(
        self,
        cancelled: threading.Event,
        tell: Callable[[int], object],
        pause: Callable[[float], object],
    ) -> None:
        """Take the file; `tell` hears of the rows of each chunk, `pause` of the seconds since."""
        state = self._state
        with reading_events(state.plan, state.region.currency) as chunks:
            chunk, following = next(chunks, EventChunk()), next(chunks, None)
            while True:
                if cancelled.is_set():
                    self._cancel()
                    return
                last = following is None
                take = self._start(chunk, last=last)
                upcoming = next(chunks, None)  # received while the store commits
                taken = take()
                if self._rejects is not None:
                    self._rejects.add(taken[2])
                tell(chunk.read)
                if following is None:
                    return
                chunk, following = following, upcoming
                if not state.dry:
                    pause(time.monotonic() - self._stored)

    def _start(self, chunk: EventChunk, *, last: bool) -> Callable[[], Taken]:
        """Begin to take a chunk; return what waits for it."""
        if self._state.dry:
            return lambda: self._count(chunk)
        written = threading.Event()
        future = self._workspace.writer.submit(
            "Import",
            write_event_chunk,
            state=self._state,
            chunk=chunk,
            last=last,
            on_written=written.set,
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

    def _count(self, chunk: EventChunk) -> Taken:
        taken: Taken = self._workspace.read(count_event_chunk, state=self._state, chunk=chunk)
        return taken

    def _cancel(self) -> None:
        if not self._state.dry:
            self._workspace.writer.submit(
                "Cancel import",
                cancel_import,
                state=self._state,
                urgency=Priority.BATCH,
                undoable=False,
            ).result()
