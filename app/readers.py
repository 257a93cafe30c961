"""A small pool of threads for reads."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

from app.database import Database
from app.errors import EnvironmentFault, FaultKind

T = TypeVar("T")
_AGAIN_SECONDS = 0.02
_TRIES = 3


class Readers:
    """Runs queries, each in its own `reading()`; two threads, so a chart does not hold a list."""

    def __init__(self, database: Database, threads: int = 2) -> None:
        self._database = database
        self._threads = threads
        self._closing = False
        # Told the faults of the store, by whichever thread meets them.
        self.on_fault: Callable[[EnvironmentFault], object] | None = None
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="reader")
        self._open: dict[Future[Any], float] = {}

    def submit(self, query: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        """Queue a query; cancel the future to take it back while it waits."""

        def read() -> T:
            with self._database.reading() as session:
                return query(session, *args, **kwargs)

        future = self._pool.submit(self._patiently, read)
        self._open[future] = time.monotonic()
        future.add_done_callback(self._forget)
        return future

    def _forget(self, future: "Future[Any]") -> None:
        self._open.pop(future, None)

    @property
    def busy_since(self) -> float | None:
        """Since when (monotonic clock) the oldest query is waited for; None: none is."""
        return min(list(self._open.values()), default=None)

    def _patiently(self, read: Callable[[], T]) -> T:
        """Read, and again where others had to be let in first (a file that several write to)."""
        for _ in range(_TRIES - 1):
            try:
                return read()
            except EnvironmentFault as fault:
                if fault.kind is not FaultKind.STOPPED or self._closing:
                    self._tell(fault)
                    raise
        return read()

    def _tell(self, fault: EnvironmentFault) -> None:
        if self.on_fault is not None and not self._closing:
            self.on_fault(fault)

    def renew(self) -> None:
        """Read on with new threads: the old ones may hang in a drive that does not answer."""
        old, self._pool = self._pool, ThreadPoolExecutor(self._threads, thread_name_prefix="reader")
        old.shutdown(wait=False, cancel_futures=True)
        self._open.clear()

    def close(self, *, patience: float | None = None) -> bool:
        """Cancel waiting queries, interrupt running ones, and end the threads.

        In this order: interrupting first would only let the next waiting one start (2 s measured).
        Returns whether all ended within `patience` seconds (None: as long as it takes).
        """
        self._closing = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        end = None if patience is None else time.monotonic() + patience
        # More than once: an interrupt between two statements of a read ends neither.
        while not_done := wait(list(self._open), timeout=0).not_done:
            if end is not None and time.monotonic() > end:
                return False
            self._database.interrupt()
            wait(not_done, timeout=_AGAIN_SECONDS)
        self._pool.shutdown(wait=True)
        return True
