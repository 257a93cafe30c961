"""Starts what looks at mail accounts and watched folders, only where there are any.

Off the window's thread and after its first seconds: the importer is much to load.
"""

import contextlib
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from app.changes import Changes
from app.errors import CloseknitError, UserError
from app.queries.intake import anything_comes_in
from app.sharing.job_leases import JobLeases
from app.sharing.machine import this_machine
from app.workspace import Workspace

if TYPE_CHECKING:
    from app.exchange.intake import Intake

log = logging.getLogger(__name__)

LATER_SECONDS: Final = 5.0
SOON_SECONDS: Final = 0.5
_KINDS: Final = ("mail_account", "watched_folder")


class IntakeStarter:
    """The intake of a window's workspace, which begins when there is something to look at."""

    def __init__(self, workspace: Workspace, leases: JobLeases) -> None:
        self._workspace = workspace
        self._leases = leases
        self._lock = threading.Lock()
        self._closed = False
        self._intake: Intake | None = None
        self._timer: threading.Timer | None = None
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Look in a few seconds, and whenever accounts or folders are changed."""
        if not self._workspace.read_only:
            self._unsubscribe = self._workspace.feed.subscribe(self._note)
            self._look_in(LATER_SECONDS)

    def stop(self) -> None:
        """End it, before the workspace closes."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        with self._lock:
            self._closed = True
            timer, intake = self._timer, self._intake
        if timer is not None:
            timer.cancel()
        if intake is not None:
            intake.stop()

    def get(self) -> "Intake":
        """Return the intake, begun if it was not; may take a moment, so not on the GUI thread."""
        from app.exchange.intake import Intake

        with self._lock:
            if self._closed or self._workspace.read_only:
                raise UserError("This workspace takes nothing in at the moment.")
            if self._intake is None:
                self._intake = Intake(self._workspace, self._leases)
                self._intake.start()
            return self._intake

    def _note(self, changes: Changes) -> None:
        if self._intake is None and changes.touches(*_KINDS):
            self._look_in(SOON_SECONDS)

    def _look_in(self, seconds: float) -> None:
        with self._lock:
            if self._closed:
                return
            if self._timer is not None:
                self._timer.cancel()
            self._timer = threading.Timer(seconds, self._begin)
            self._timer.daemon = True
            self._timer.start()

    def _begin(self) -> None:
        try:
            if self._workspace.readers.submit(anything_comes_in, this_machine()).result():
                with contextlib.suppress(UserError):  # it closes just now
                    self.get()
        except (CloseknitError, RuntimeError) as error:  # away, or being closed
            log.info("Nothing is taken in by itself now: %s", error)
        except Exception:
            log.exception("What comes in by itself could not be started")
