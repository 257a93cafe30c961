"""One look at a place that failed, on a thread of its own: a drive that hangs must hang no more."""

import logging
import threading
import time
from collections.abc import Callable

from app.errors import EnvironmentFault, FaultKind

log = logging.getLogger(__name__)

LookAgain = Callable[[Callable[[], bool]], object]


class Look:
    """A look that goes on for as long as it takes; at most one at a time does.

    `look_again` gets a function to call while it works: that shows that it does not hang, and tells
    whether it is still wanted.
    """

    def __init__(self, look_again: LookAgain, on_late: Callable[[], object]) -> None:
        self.fault: EnvironmentFault | None = None
        self._look_again, self._on_late = look_again, on_late
        self._ended = threading.Event()
        self._is_late = False
        self._wanted = True
        self._sign_at = time.monotonic()
        threading.Thread(target=self._run, name="look again", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Return whether it ended in time; if later, `on_late` is called then."""
        if self._ended.wait(seconds):
            return True
        self._is_late = True
        return self._ended.is_set()

    def silent_for(self) -> float:
        """Return for how many seconds it has given no sign."""
        return time.monotonic() - self._sign_at

    def give_up(self) -> None:
        """Have it change nothing any more, should it ever go on."""
        self._wanted = False

    def go_on(self) -> bool:
        """Give a sign; say whether it is still wanted."""
        self._sign_at = time.monotonic()
        return self._wanted

    def _run(self) -> None:
        try:
            self._look_again(self.go_on)
        except EnvironmentFault as fault:
            self.fault = fault
        except Exception as error:
            log.exception("Looking for the workspace failed")
            self.fault = EnvironmentFault("{why}", kind=FaultKind.GONE, why=str(error))
        self._ended.set()
        if self._is_late:
            self._on_late()
