"""63-bit ids made by us: 41 bits of milliseconds since 2025, 10 bits of node, 12 of sequence.

They sort by time, fit SQLite's INTEGER PRIMARY KEY and never clash when the work of two computers
is brought together. A node number is leased per process in the workspace (`app.node_lease`).
"""

import threading
import time

EPOCH_MS = 1_735_689_600_000  # 2025-01-01 UTC
NODE_BITS = 10
SEQUENCE_BITS = 12
MAX_NODE = (1 << NODE_BITS) - 1
_MAX_SEQUENCE = (1 << SEQUENCE_BITS) - 1


class IdMaker:
    """Makes ids that rise even while the wall clock steps back."""

    def __init__(self, node: int, *, above: int = 0) -> None:
        if not 0 <= node <= MAX_NODE:
            raise ValueError(f"node must be 0..{MAX_NODE}, not {node}")
        self.node = node
        self._stamp = above
        self._sequence = _MAX_SEQUENCE  # the first id takes a stamp of its own
        self._lock = threading.Lock()

    @property
    def last_stamp(self) -> int:
        """Milliseconds since the epoch of the newest id; stored with the lease."""
        return self._stamp

    def __call__(self) -> int:
        """Return the next id."""
        with self._lock:
            return self._next(time.time_ns() // 1_000_000 - EPOCH_MS)

    def many(self, count: int) -> list[int]:
        """Return the next ids, at a quarter of the price of asking for each."""
        with self._lock:
            stamp = time.time_ns() // 1_000_000 - EPOCH_MS
            return [self._next(stamp) for _ in range(count)]

    def _next(self, stamp: int) -> int:
        if stamp > self._stamp:
            self._stamp, self._sequence = stamp, 0
        elif self._sequence < _MAX_SEQUENCE:
            self._sequence += 1
        else:
            # Sequence used up, or the clock stepped back: borrow from the future.
            self._stamp, self._sequence = self._stamp + 1, 0
        return (
            (self._stamp << (NODE_BITS + SEQUENCE_BITS))
            | (self.node << SEQUENCE_BITS)
            | self._sequence
        )


_maker = IdMaker(0)


def new_id() -> int:
    """Return an id of the node this process has leased."""
    return _maker()


def new_ids(count: int) -> list[int]:
    """Return so many ids of the node this process has leased, rising."""
    return _maker.many(count)


def use_node(node: int, *, above: int = 0) -> None:
    """Make further ids under a leased node, above the last stamp that node has used."""
    global _maker  # noqa: PLW0603  column defaults cannot be handed a maker
    _maker = IdMaker(node, above=max(above, _maker.last_stamp))


def current_maker() -> IdMaker:
    """Return the maker in use, for the lease that stores its last stamp."""
    return _maker


def id_moment_ms(record_id: int) -> int:
    """Return the Unix milliseconds in which an id was made."""
    return (record_id >> (NODE_BITS + SEQUENCE_BITS)) + EPOCH_MS
