"""Work that the clock starts: reminders on each computer, the rest on the elected one.

APScheduler 3.11 with a memory store: our tables are the truth, the plan is made anew from them.
Each job is one call of a command through the workspace's writer.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from datetime import UTC, datetime
from typing import Any, Final

from app.changes import Changes
from app.commands.reminders import FiredReminder, claim_due_reminders
from app.commands.tasks import make_scheduled_occurrences
from app.errors import EnvironmentFault, UserError
from app.queries.tasks import anybody_awaited, anything_scheduled, next_reminder_at
from app.sharing.backup_keeper import BackupKeeper
from app.sharing.job_leases import LOOK_SECONDS, JobLeases, Turn
from app.sharing.machine import host_name
from app.workspace import Workspace
from app.writer import Done, Priority
from models.clock import local_zone, now

log = logging.getLogger(__name__)

JOB_DEFAULTS: Final = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
CLOCK_SECONDS: Final = 30
MINUTE_SECONDS: Final = 60
CLOCK_TOLERANCE: Final = 5.0
CLOCK_LEASE: Final = "clock"  # escalations and scheduled tasks
_REMINDERS: Final = "reminders"
_PLANNED_KINDS: Final = ("task", "appointment", "reminder", "user")
_ANSWER_KINDS: Final = ("activity", "ticket_message")


class ClockWatch:
    """Tells when the wall clock has run away from the monotonic one: sleep, or a clock set anew."""

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._last = wall(), monotonic()

    def jumped(self) -> bool:
        """Compare since the last call; True when they differ by over five seconds."""
        before, self._last = self._last, (self._wall(), self._monotonic())
        drift = (self._last[0] - before[0]) - (self._last[1] - before[1])
        return abs(drift) > CLOCK_TOLERANCE


class Jobs:
    """The scheduler of an open workspace; `on_reminders` is called on a worker thread."""

    def __init__(
        self, workspace: Workspace, on_reminders: Callable[[list[FiredReminder]], None]
    ) -> None:
        from apscheduler.schedulers.background import BackgroundScheduler

        self.workspace = workspace
        self._on_reminders = on_reminders
        self._closing = threading.Event()
        self.backups = BackupKeeper(
            workspace.database, workspace.feed, acting=lambda: workspace.user_id
        )
        self.watch = ClockWatch()
        self.leases = JobLeases(workspace.database.process, host_name())
        self.scheduler: Any = BackgroundScheduler(
            timezone=local_zone(),  # explicit: its own detection has failed at start-up
            job_defaults=JOB_DEFAULTS,
            executors={"default": {"type": "threadpool", "max_workers": 2}},
        )
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Begin: what fell due while the program was closed comes at once."""
        if self.workspace.read_only:  # nothing here could be stored
            return
        add = self.scheduler.add_job
        moment = datetime.now(UTC)
        add(self.work_of_the_minute, "interval", seconds=MINUTE_SECONDS, next_run_time=moment)
        add(self.check_clock, "interval", seconds=CLOCK_SECONDS)
        add(self.look_at_lease, "interval", seconds=LOOK_SECONDS)
        self._unsubscribe = self.workspace.feed.subscribe(self._note)
        self.workspace.before_close(self.shutdown)
        self.scheduler.start()
        self.backups.start()
        self.fire_due()

    def shutdown(self) -> None:
        """End without waiting; first in the workspace's order of closing."""
        if self._closing.is_set():
            return
        self._closing.set()
        if self.leases.is_held(CLOCK_LEASE):
            with contextlib.suppress(UserError):  # where the writer takes no more, it runs out
                self.workspace.writer.submit(
                    "Elect", self.leases.release, name=CLOCK_LEASE, undoable=False
                )
        if self._unsubscribe is not None:
            self._unsubscribe()
        if self.scheduler.running:
            self.scheduler.shutdown(wait=False)
        self.backups.stop()

    # The jobs.

    def fire_due(self) -> None:
        """Claim the reminders that are due and hand them on; then plan the next."""
        self._write("Remind", claim_due_reminders, self._fired, user_id=self.workspace.user_id)

    def work_of_the_minute(self) -> None:
        """Escalate tickets and make scheduled tasks, on one computer; look for answers, on each."""
        self._read(self.leases.look, self._work_if, CLOCK_LEASE)
        self._look_for_answers()

    def look_at_lease(self) -> None:
        """Keep the lease of the elected computer, or take it over from one that fell silent."""
        self._read(self.leases.look, self._keep_lease, CLOCK_LEASE)

    def check_clock(self) -> None:
        """After sleep or a new clock, let the scheduler look at the time again."""
        if self.watch.jumped() and self.scheduler.running:
            self.scheduler.wakeup()
            self.workspace.beat()  # which compares our clock with those of the others
            self.fire_due()

    # How they work.

    def _fired(self, fired: list[FiredReminder]) -> None:
        if fired and not self._closing.is_set():
            self._on_reminders(fired)
        self._plan()

    def _keep_lease(self, turn: Turn) -> None:
        if turn is not Turn.WAIT:
            self._write("Elect", self.leases.claim, name=CLOCK_LEASE)

    def _work_if(self, turn: Turn) -> None:
        from app.commands.ticket_escalation import escalate_due_tickets

        if turn is Turn.WAIT and not self.leases.is_held(CLOCK_LEASE):
            return
        self._write("Escalate tickets", self.leases.elected(CLOCK_LEASE, escalate_due_tickets))
        self._read(anything_scheduled, self._make_scheduled)

    def _make_scheduled(self, wanted: bool) -> None:
        if wanted:
            self._write(
                "Repeat tasks", self.leases.elected(CLOCK_LEASE, make_scheduled_occurrences)
            )

    def _look_for_answers(self) -> None:
        self._read(anybody_awaited, self._fire_if, self.workspace.user_id)

    def _fire_if(self, wanted: bool) -> None:
        if wanted:
            self.fire_due()

    def _note(self, changes: Changes) -> None:
        if changes.touches(*_PLANNED_KINDS):
            self._plan()
        if changes.touches(*_ANSWER_KINDS):
            self._look_for_answers()

    def _plan(self) -> None:
        """Set the one alarm: the next reminder of the user."""
        self._read(next_reminder_at, self._set_alarm, self.workspace.user_id)

    def _set_alarm(self, due: datetime | None) -> None:
        if self._closing.is_set():
            return
        if due is None:
            if self.scheduler.get_job(_REMINDERS) is not None:
                self.scheduler.remove_job(_REMINDERS)
            return
        self.scheduler.add_job(
            self.fire_due,
            "date",
            run_date=max(due, now()),
            id=_REMINDERS,
            replace_existing=True,
        )

    def _write(
        self,
        label: str,
        command: Callable[..., Any],
        then: Callable[[Any], None] | None = None,
        **fields: Any,
    ) -> None:
        def done(future: "Future[Done]") -> None:
            answer = self._answer(label, future)
            if answer is not None and then is not None:
                then(answer.value)

        if self._closing.is_set():
            return
        try:
            future = self.workspace.writer.submit(
                label, command, urgency=Priority.BATCH, undoable=False, **fields
            )
        except UserError:  # the workspace is being closed
            return
        future.add_done_callback(done)

    def _read(self, query: Callable[..., Any], then: Callable[[Any], None], *args: Any) -> None:
        def done(future: "Future[Any]") -> None:
            if not future.cancelled() and future.exception() is None:
                then(future.result())
            else:
                self._answer(query.__name__, future)

        if self._closing.is_set():
            return
        try:
            self.workspace.readers.submit(query, *args).add_done_callback(done)
        except RuntimeError:  # the readers are closed
            return

    def _answer(self, label: str, future: "Future[Any]") -> Any:
        """Return what came of it; a fault of the surroundings is tried again at the next turn."""
        try:
            return future.result()
        except (CancelledError, UserError):
            return None
        except EnvironmentFault as fault:
            log.warning("%s: %s", label, fault)
        except Exception:
            log.exception("The job “%s” failed", label)
        return None
