"""The three clocks of a ticket: first response, next answer, resolution, all in working time.

A deadline is `start + target (+ hold)`. What the clocks are measured by is `target_priority`: an
escalation raises the shown priority without moving the promise that was given (ours).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final, Literal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.commands.settings import WorkspaceSettings, workspace_settings
from app.working_time import WorkCalendar
from models.clock import local_zone
from models.ids import new_id
from models.records import Ticket, TicketMessage
from models.values import MessageKind, StatusCategory

ClockName = Literal["response", "answer", "resolution"]
CLOCKS: Final[tuple[ClockName, ...]] = ("response", "answer", "resolution")
STEPS: Final = (0.75, 1.0, 1.5)
CLOCK_WORDS: Final[Mapping[ClockName, str]] = {
    "response": "First response",
    "answer": "Next answer",
    "resolution": "Resolution",
}


@dataclass(frozen=True, slots=True)
class ClockRules:
    """The working hours and the targets of a workspace."""

    calendar: WorkCalendar
    targets: Mapping[str, tuple[int, int]]

    def target_seconds(self, ticket: Ticket, clock: ClockName) -> int:
        """Return the working seconds a clock of a ticket allows, without hold."""
        response, resolution = self.targets[ticket.target_priority or ticket.priority]
        return 60 * (resolution if clock == "resolution" else response)


def calendar_of(settings: WorkspaceSettings) -> WorkCalendar:
    """Return the working hours that the workspace's settings describe."""
    return WorkCalendar(
        days=frozenset(settings.working_days),
        start=time.fromisoformat(settings.working_start),
        end=time.fromisoformat(settings.working_end),
        zone=ZoneInfo(settings.time_zone) if settings.time_zone else local_zone(),
        holidays=frozenset(settings.holidays),
    )


def clock_rules(session: Session) -> ClockRules:
    """Return the workspace's rules for clocks."""
    settings = workspace_settings(session)
    return ClockRules(calendar_of(settings), settings.targets)


def clock_start(ticket: Ticket, clock: ClockName) -> datetime | None:
    """Return since when a clock runs; None for the third where no customer waits."""
    return ticket.waiting_since if clock == "answer" else ticket.opened_at


def deadline(ticket: Ticket, clock: ClockName) -> datetime | None:
    """Return a clock's deadline."""
    due: datetime | None = getattr(ticket, f"{clock}_by")
    return due


def is_running(ticket: Ticket, clock: ClockName) -> bool:
    """Tell whether a clock still counts: nothing paused, nothing done, nothing answered."""
    if ticket.status.category is not StatusCategory.OPEN or ticket.merged_into_id is not None:
        return False
    if clock == "response":
        return ticket.first_response_at is None
    return clock == "resolution" or ticket.waiting_since is not None


def set_deadlines(ticket: Ticket, rules: ClockRules) -> None:
    """Work out the deadlines anew from creation, hold and the customer's last message."""
    for clock in CLOCKS:
        start = clock_start(ticket, clock)
        hold = ticket.hold_seconds if clock == "resolution" else 0
        target = rules.target_seconds(ticket, clock)
        due = rules.calendar.add(start, target + hold) if start is not None else None
        setattr(ticket, f"{clock}_by", due)
    _set_next(ticket, rules)


def _set_next(ticket: Ticket, rules: ClockRules) -> None:
    running = [clock for clock in CLOCKS if is_running(ticket, clock)]
    dues = [due for clock in running if (due := deadline(ticket, clock)) is not None]
    steps = [moment for clock in running if (moment := step_due_at(ticket, clock, rules))]
    ticket.next_due_at = min(dues, default=None)
    ticket.escalate_at = min(steps, default=None)


def step_due_at(ticket: Ticket, clock: ClockName, rules: ClockRules) -> datetime | None:
    """Return when a clock's next escalation step is due, None where all were taken."""
    taken: int = getattr(ticket, f"{clock}_steps")
    start = clock_start(ticket, clock)
    if taken >= len(STEPS) or start is None:
        return None
    hold = ticket.hold_seconds if clock == "resolution" else 0
    seconds = rules.target_seconds(ticket, clock) * STEPS[taken] + hold
    return rules.calendar.add(start, seconds)


def pause(ticket: Ticket, moment: datetime) -> None:
    """Let the clocks stand still."""
    if ticket.paused_since is None:
        ticket.paused_since = moment


def resume(ticket: Ticket, moment: datetime, rules: ClockRules) -> None:
    """Count what was paused, or resolved in error, as hold."""
    since = ticket.paused_since or ticket.resolved_at
    if since is not None:
        ticket.hold_seconds += round(rules.calendar.between(since, moment))
    ticket.paused_since = None


def log_misses(session: Session, ticket: Ticket, moment: datetime) -> int:
    """Note in the thread each running clock that is late, once per deadline; return how many."""
    logged = 0
    for clock in CLOCKS:
        due = deadline(ticket, clock)
        if due is None or moment <= due or not is_running(ticket, clock):
            continue
        before: datetime | None = getattr(ticket, f"{clock}_missed_at")
        # The first two clocks are missed once; the third once for each message left unanswered.
        since = ticket.waiting_since
        if before is not None and (clock != "answer" or since is None or before > since):
            continue
        setattr(ticket, f"{clock}_missed_at", due)
        say(session, ticket, f"{CLOCK_WORDS[clock]} missed", due)
        logged += 1
    return logged


def say(session: Session, ticket: Ticket, body: str, at: datetime) -> None:
    """Write an entry of the program itself into a ticket's thread."""
    session.add(
        TicketMessage(id=new_id(), ticket_id=ticket.id, kind=MessageKind.SYSTEM, at=at, body=body)
    )
