"""A small pool of threads for reads."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

from app.database import Database

T = TypeVar("T")
_AGAIN_SECONDS = 0.02


class Readers:
    """Runs queries, each in its own `reading()`; two threads, so a chart does not hold a list."""

    def __init__(self, database: Database, threads: int = 2) -> None:
        self._database = database
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="reader")
        self._open: set[Future[Any]] = set()

    def submit(self, query: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        """Queue a query; cancel the future to take it back while it waits."""

        def run() -> T:
            with self._database.reading() as session:
                return query(session, *args, **kwargs)

        future = self._pool.submit(run)
        self._open.add(future)
        future.add_done_callback(self._open.discard)
        return future

    def close(self) -> None:
        """Cancel waiting queries, interrupt running ones, and end the threads.

        In this order: interrupting first would only let the next waiting one start (2 s measured).
        """
        self._pool.shutdown(wait=False, cancel_futures=True)
        # More than once: an interrupt between two statements of a read ends neither.
        while not_done := wait(list(self._open), timeout=0).not_done:
            self._database.interrupt()
            wait(not_done, timeout=_AGAIN_SECONDS)
        self._pool.shutdown(wait=True)
