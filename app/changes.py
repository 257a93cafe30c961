"""What a commit changed, and who is told."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

log = logging.getLogger(__name__)

IdsByKind = Mapping[str, frozenset[int]]
Listener = Callable[["Changes"], None]
_NOTHING: IdsByKind = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Changes:
    """The records that one step created, updated and deleted, by kind."""

    step: int
    label: str
    user_id: int | None = None
    origin: object | None = None
    foreign: bool = False
    created: IdsByKind = field(default_factory=lambda: _NOTHING)
    updated: IdsByKind = field(default_factory=lambda: _NOTHING)
    deleted: IdsByKind = field(default_factory=lambda: _NOTHING)
    reload: frozenset[str] = frozenset()

    def ids(self, kind: str) -> frozenset[int]:
        """Return every id of a kind that the step touched."""
        none: frozenset[int] = frozenset()
        return (
            self.created.get(kind, none)
            | self.updated.get(kind, none)
            | self.deleted.get(kind, none)
        )

    def touches(self, *kinds: str) -> bool:
        """Say whether any of the kinds was touched or must be read again."""
        return any(kind in self.reload or self.ids(kind) for kind in kinds)


class ChangeFeed:
    """Tells listeners of every commit, after it, in order of commit on the calling thread."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after each commit; return the function that ends it."""
        with self._lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unsubscribe

    def publish(self, changes: Changes) -> None:
        """Tell everybody; a listener's error must not make a stored change look failed."""
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            try:
                listener(changes)
            except Exception:
                log.exception("A listener failed on step %s (%s)", changes.step, changes.label)

    def clear(self) -> None:
        """Forget all listeners."""
        with self._lock:
            self._listeners.clear()
