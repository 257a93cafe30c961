"""What to do while the place of an open workspace fails: read on, keep edits here, try again.

The state machine behind the banner. Faults come in from the writer, the readers and the watcher;
what a person edits meanwhile goes into the outbox; a thread of its own looks for the place at 5 to
60 seconds, checks it before anything is written there again, and then says that it is back.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import EnvironmentFault, FaultKind
from app.sharing.looking import Look
from app.sharing.outbox import Kept, NotKeepableError, Outbox
from models.clock import now
from models.records import ChangeStep

log = logging.getLogger(__name__)

WAITS: Final = (5.0, 10.0, 20.0, 40.0, 60.0)  # seconds; the last one repeats
PATIENCE: Final = 10.0  # seconds that one look may take before it is asked whether it hangs
_SILENT_LOOKS: Final = 4  # SQLite itself waits for ten seconds without a sign


class Standing(StrEnum):
    """Where an open workspace stands."""

    OPEN = "open"
    UNWRITABLE = "unwritable"  # full, forbidden, held by somebody: reading goes on there
    AWAY = "away"  # gone, lost, replaced: reading goes on in a copy, where there is one
    STOPPED = "stopped"  # damaged or outdated: nothing is tried by itself


_STANDINGS: Final[dict[FaultKind, Standing]] = {
    FaultKind.GONE: Standing.AWAY,
    FaultKind.LOST: Standing.AWAY,
    FaultKind.REPLACED: Standing.AWAY,
    FaultKind.FULL: Standing.UNWRITABLE,
    FaultKind.FORBIDDEN: Standing.UNWRITABLE,
    FaultKind.BUSY: Standing.UNWRITABLE,
    FaultKind.DAMAGED: Standing.STOPPED,
    FaultKind.OUTDATED: Standing.STOPPED,
}
# A commit may have arrived although its answer did not.
_DOUBTFUL: Final = frozenset({FaultKind.GONE, FaultKind.LOST})


class KeptForLaterError(EnvironmentFault):
    """An edit was not saved in the workspace, but is safe in the outbox of this computer."""

    def __init__(self, kept: Kept, fault: EnvironmentFault) -> None:
        super().__init__(
            "“{label}” is kept on this computer: " + fault.template,
            remedy="Closeknit tries again by itself and then offers to save it.",
            kind=fault.kind,
            label=kept.label,
            **fault.values,
        )
        self.kept = kept


@dataclass(frozen=True, slots=True)
class Situation:
    """What the window shows: where the workspace stands, why, since when, and what waits."""

    standing: Standing = Standing.OPEN
    fault: EnvironmentFault | None = None
    since: datetime | None = None
    snapshot: Path | None = None  # the copy that is read meanwhile
    snapshot_at: datetime | None = None
    kept: int = 0
    next_try: float | None = None  # on the monotonic clock


class Store(Protocol):
    """What an outage needs of the database."""

    process: str

    @property
    def own_step(self) -> int:
        """The newest step that this process has stored."""

    def read_from(self, snapshot: Path | None) -> None:
        """Read from a copy, or from the workspace itself again."""

    def look_again(self, go_on: Callable[[], bool]) -> None:
        """Connect anew, check the place and store something; raise the fault that remains.

        `go_on` is called while it works; it says whether it is still wanted.
        """

    def answers(self) -> bool:
        """Say whether the place answers at all; busy is not hanging."""


class Outage:
    """Follows the faults of one open workspace; every method may be called from any thread."""

    def __init__(
        self,
        store: Store,
        outbox: Outbox,
        *,
        newest_copy: Callable[[], tuple[Path, datetime] | None],
        waits: tuple[float, ...] = WAITS,
        patience: float = PATIENCE,
        explained: Callable[[EnvironmentFault], EnvironmentFault] = lambda fault: fault,
    ) -> None:
        self._store, self.outbox = store, outbox
        self._explained = explained
        self._looking: Look | None = None
        self._newest_copy = newest_copy
        self._waits, self._patience = waits, patience
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._listeners: list[Callable[[Situation], object]] = []
        self.situation = Situation(kept=len(outbox.waiting()))

    @property
    def is_open(self) -> bool:
        """Whether the workspace can be written to, as far as is known."""
        return self.situation.standing is Standing.OPEN

    @property
    def forbids(self) -> EnvironmentFault | None:
        """The fault for which saving is not even tried; a full disk may have room by now."""
        known = self.situation
        tries = known.standing in {Standing.OPEN, Standing.UNWRITABLE}
        if tries and (known.fault is None or known.fault.kind is not FaultKind.BUSY):
            return None
        return known.fault

    def subscribe(self, listener: Callable[[Situation], object]) -> Callable[[], None]:
        """Tell a listener every new situation, on whatever thread it comes; return how to end."""
        with self._lock:
            self._listeners.append(listener)

        def end() -> None:
            with self._lock, contextlib.suppress(ValueError):
                self._listeners.remove(listener)

        return end

    def note(self, fault: EnvironmentFault) -> None:
        """Take note of a fault; those of a busy moment or of the asker's own making are none."""
        standing = _STANDINGS.get(fault.kind)
        if standing is None or isinstance(fault, KeptForLaterError):
            return
        with self._lock:
            known = self.situation
            if self._closed or known.standing is Standing.STOPPED:
                return
            if known.standing is Standing.AWAY and standing is Standing.UNWRITABLE:
                return  # the copy that is read cannot be written: nothing new
            self._enter(standing, fault)

    def keep(
        self,
        label: str,
        command: Callable[..., Any],
        fields: Mapping[str, Any],
        *,
        user_id: int | None,
        after_step: int,
        fault: EnvironmentFault | None = None,
    ) -> EnvironmentFault:
        """Keep an edit that could not be saved; return the fault to tell the person."""
        reason = fault or self.situation.fault
        if reason is None or reason.kind not in _STANDINGS:
            return reason or EnvironmentFault("This was not saved.", remedy="Try again.")
        try:
            kept = self.outbox.keep(
                label,
                command,
                fields,
                user_id=user_id,
                after_step=after_step,
                in_doubt=fault is not None and fault.kind in _DOUBTFUL,
            )
        except (NotKeepableError, OSError) as error:
            log.warning("“%s” cannot be kept: %s", label, error)
            return reason
        self._count()
        return KeptForLaterError(kept, reason)

    def trying(self, kept: Kept) -> None:
        """Note, before an edit is saved at last, that it is: a crash must not make it twice."""
        self.outbox.trying(kept, after_step=self._store.own_step)

    def forget(self, *ids: int) -> None:
        """Let go of edits that were saved or are not wanted any more."""
        self.outbox.forget(*ids)
        self._count()

    def try_now(self) -> None:
        """Look for the place at once."""
        self._wake.set()

    def close(self) -> None:
        """End; does not wait for a look that hangs."""
        with self._lock:
            self._closed = True
            self._listeners.clear()
        if (looking := self._looking) is not None:
            looking.give_up()
        self.outbox.close()
        self._wake.set()

    # How it goes on.

    def _enter(self, standing: Standing, fault: EnvironmentFault) -> None:
        known = self.situation
        copy = None
        reads_copy = standing is Standing.AWAY or fault.kind is FaultKind.DAMAGED
        if reads_copy:
            copy = self._copy_read(known)
        if fault.kind is FaultKind.DAMAGED:
            with contextlib.suppress(OSError, EnvironmentFault):
                fault = self._explained(fault)
        self._tell(
            Situation(
                standing,
                fault,
                known.since or now(),
                copy[0] if copy else None,
                copy[1] if copy else None,
                len(self.outbox.waiting()),
                known.next_try,
            )
        )
        if standing is not Standing.STOPPED and self._thread is None:
            self._wake.clear()
            self._thread = threading.Thread(target=self._retry, name="outage", daemon=True)
            self._thread.start()

    def _copy_read(self, known: Situation) -> tuple[Path, datetime] | None:
        """Return the copy to read from; the one already read, as finding one reads it in full."""
        if known.snapshot is not None and known.snapshot_at is not None and known.snapshot.exists():
            return known.snapshot, known.snapshot_at
        copy = None
        with contextlib.suppress(OSError, EnvironmentFault):
            copy = self._newest_copy()
        self._store.read_from(copy[0] if copy else None)
        return copy

    def _retry(self) -> None:
        attempt = 0
        while True:
            wait = self._waits[min(attempt, len(self._waits) - 1)]
            self._plan(time.monotonic() + wait)
            self._wake.wait(wait)
            self._wake.clear()
            attempt += 1
            with self._lock:
                if self._closed or self.situation.standing is Standing.STOPPED:
                    self._thread = None
                    return
            fault = self._look()
            with self._lock:
                if fault is None:
                    self._thread = None
                    self._return()
                    return
                self.note(fault)

    def _look(self) -> EnvironmentFault | None:
        looking = self._looking
        if looking is None:
            looking = self._looking = Look(self._store.look_again, self._wake.set)
        if looking.wait(self._patience):
            self._looking = None
            return looking.fault
        if looking.silent_for() > _SILENT_LOOKS * self._patience:
            looking.give_up()  # it may hang in a drive that was mounted anew meanwhile
            self._looking = None
        if self._store.answers():
            return self.situation.fault  # it takes long: a large file, or somebody holds it
        return EnvironmentFault(
            "The drive or server that holds the workspace does not answer.",
            remedy="Check the network connection.",
            kind=FaultKind.GONE,
        )

    def _return(self) -> None:
        self._store.read_from(None)
        self._tell(Situation(kept=len(self.outbox.waiting())))

    def _plan(self, moment: float) -> None:
        with self._lock:
            known = self.situation
            if known.standing is not Standing.OPEN:
                self._tell(replace(known, next_try=moment))

    def _count(self) -> None:
        with self._lock:
            self._tell(replace(self.situation, kept=len(self.outbox.waiting())))

    def _tell(self, situation: Situation) -> None:
        self.situation = situation
        for listener in list(self._listeners):
            try:
                listener(situation)
            except Exception:
                log.exception("A listener to outages failed")


def was_stored(session: Session, kept: Kept) -> bool:
    """Say whether an edit in doubt had arrived: its process wrote a step of this name since.

    Nothing else of that process can have written meanwhile: its writer stopped at the fault.
    """
    return (
        session.scalars(
            select(ChangeStep.n)
            .where(
                ChangeStep.process == kept.process,
                ChangeStep.n > kept.after_step,
                ChangeStep.label == kept.label[:200],
            )
            .limit(1)
        ).first()
        is not None
    )


def settle_doubts(session: Session, outbox: Outbox) -> int:
    """Forget what had arrived after all, and clear the doubt of the rest; return how many were."""
    arrived = 0
    for kept in outbox.waiting():
        if not kept.in_doubt:
            continue
        if was_stored(session, kept):
            outbox.forget(kept.id)
            arrived += 1
        else:
            outbox.settle(kept)
    return arrived
