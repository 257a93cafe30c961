"""The events of a planned file in chunks, read in this process or in one of their own."""

import multiprocessing
import pickle
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, Final

from app.errors import CloseknitError
from app.exchange.events.chunks import EventChunk
from app.exchange.events.tables import EventTable
from app.exchange.plan import FilePlan

WORTH_A_PROCESS: Final = 16_000_000  # bytes; below this starting one takes longer than it saves
_CHUNK, _END, _REFUSED, _BROKEN = b"c", b"e", b"r", b"b"


class ReadingError(Exception):
    """An error of ours in the reading process; the text is its traceback."""


def event_chunks(plan: FilePlan, currency: str) -> Iterator[EventChunk]:
    """Yield the events of a file; money without a currency is in `currency`."""
    stream: Any = getattr(plan.table.raw, "event_chunks", None)
    if stream is not None:
        yield from stream(currency)
    else:
        yield from EventTable(plan, currency).chunks()


@contextmanager
def reading_events(plan: FilePlan, currency: str) -> Iterator[Iterator[EventChunk]]:
    """Give the chunks of a file, of a large one from a process that reads while we write.

    SQLite's insertion takes and leaves the interpreter's lock for each row: beside a thread that
    parses it would wait for that thread twenty thousand times in a chunk.
    """
    if _is_small(plan) or multiprocessing.current_process().daemon:  # which may have no children
        yield event_chunks(plan, currency)
        return
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(
        target=_send, args=(plan, currency, theirs), name="events", daemon=True
    )
    process.start()
    theirs.close()
    try:
        yield _received(ours)
    finally:
        ours.close()
        process.terminate()  # it only reads
        process.join()
        process.close()


def _is_small(plan: FilePlan) -> bool:
    try:
        return plan.path.stat().st_size < WORTH_A_PROCESS
    except OSError:
        return True


def _send(plan: FilePlan, currency: str, pipe: Connection) -> None:
    """Read a file and send its chunks; the entry point of the process."""
    import gc

    gc.disable()  # chunks hold no cycles, and looking for them took a tenth of the time
    try:
        for chunk in event_chunks(plan, currency):
            pipe.send_bytes(_CHUNK + chunk.packed())
        pipe.send_bytes(_END)
    except CloseknitError as error:
        pipe.send_bytes(_REFUSED + pickle.dumps(error))
    except OSError:  # nobody listens any more
        return
    except BaseException:  # noqa: BLE001  told in full to the process that can log it
        pipe.send_bytes(_BROKEN + traceback.format_exc().encode())


def _received(pipe: Connection) -> Iterator[EventChunk]:
    while True:
        try:
            data = pipe.recv_bytes()
        except EOFError as error:
            raise ReadingError("the reading process ended unexpectedly") from error
        sort = data[:1]
        if sort == _END:
            return
        if sort == _REFUSED:
            raise pickle.loads(data[1:])  # noqa: S301  from our own process
        if sort == _BROKEN:
            raise ReadingError(data[1:].decode())
        yield EventChunk.unpacked(memoryview(data)[1:])
