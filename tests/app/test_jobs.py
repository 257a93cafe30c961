"""The scheduler: its settings, its plan, and what it does with time that jumps."""

import queue
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.commands.reminders import FiredReminder
from app.commands.tasks import change_task, complete_task, create_task
from app.commands.users import create_user
from app.jobs import JOB_DEFAULTS, ClockWatch, Jobs
from app.workspace import Workspace
from tests.conftest import USER, run

WAIT = 10.0


class Told:
    """Collects what the jobs hand on."""

    def __init__(self) -> None:
        self.batches: queue.Queue[list[FiredReminder]] = queue.Queue()

    def titles(self) -> list[str]:
        return [one.title for one in self.batches.get(timeout=WAIT)]


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def jobs(workspace: Workspace, told: Told) -> Iterator[Jobs]:
    made = Jobs(workspace, told.batches.put)
    yield made
    made.shutdown()


def soon(seconds: float = 0.2) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def test_the_defaults_that_the_design_asks_for() -> None:
    assert JOB_DEFAULTS == {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}


def test_jobs_run_with_them_in_an_explicit_zone(jobs: Jobs) -> None:
    jobs.start()
    assert jobs.scheduler.timezone is not None
    for job in jobs.scheduler.get_jobs():
        assert (job.coalesce, job.misfire_grace_time, job.max_instances) == (True, None, 1)


def test_a_task_made_while_running_reminds(workspace: Workspace, jobs: Jobs, told: Told) -> None:
    jobs.start()
    run(workspace, create_task, title="Call back", due_at=soon())
    assert told.titles() == ["Call back"]


def test_a_moved_task_reminds_at_its_new_moment(
    workspace: Workspace, jobs: Jobs, told: Told
) -> None:
    task = run(workspace, create_task, title="Call back", due_at=soon(3600))
    jobs.start()
    run(workspace, change_task, task_id=task, due_at=soon())
    assert told.titles() == ["Call back"]


def test_what_fell_due_while_the_program_was_closed_comes_at_start(
    workspace_path: Path, told: Told
) -> None:
    before = Workspace.open(workspace_path, user_name=USER, watch=False)
    for number in range(7):
        run(before, create_task, title=f"Missed {number}", due_at=soon(-60 + number))
    before.close()
    after = Workspace.open(workspace_path, user_name=USER, watch=False)
    try:
        Jobs(after, told.batches.put).start()
        # One batch, so that the window can show one summary; the newest first.
        assert told.titles() == [f"Missed {number}" for number in (6, 5, 4, 3, 2, 1, 0)]
    finally:
        after.close()
    again = Workspace.open(workspace_path, user_name=USER, watch=False)
    try:
        Jobs(again, told.batches.put).start()
        run(again, create_task, title="New", due_at=soon())
        assert told.titles() == ["New"]
    finally:
        again.close()


def test_a_change_of_another_program_is_planned(workspace_path: Path, told: Told) -> None:
    here = Workspace.open(workspace_path, user_name=USER)
    there = Workspace.open(workspace_path, user_name=USER, watch=False)
    try:
        Jobs(here, told.batches.put).start()
        run(there, create_task, title="From the laptop", due_at=soon(1.0))
        assert told.titles() == ["From the laptop"]
    finally:
        there.close()
        here.close()


def test_nobody_elses_reminder_is_told(workspace: Workspace, jobs: Jobs, told: Told) -> None:
    jonas = run(workspace, create_user, name="Jonas Lind")
    jobs.start()
    run(workspace, create_task, title="His", due_at=soon(), owner_id=jonas)
    run(workspace, create_task, title="Mine", due_at=soon(0.4))
    assert told.titles() == ["Mine"]
    assert told.batches.empty()


def test_a_done_task_leaves_the_plan(workspace: Workspace, jobs: Jobs, told: Told) -> None:
    jobs.start()
    task = run(workspace, create_task, title="Done before", due_at=soon(0.5))
    run(workspace, complete_task, task_id=task)
    run(workspace, create_task, title="Open", due_at=soon(0.7))
    assert told.titles() == ["Open"]


def test_after_sleep_the_scheduler_looks_again(
    workspace: Workspace, jobs: Jobs, told: Told
) -> None:
    wall, monotonic = [1000.0], [50.0]
    jobs.watch = ClockWatch(lambda: wall[0], lambda: monotonic[0])
    run(workspace, create_task, title="Due in the night", due_at=soon(-1))
    # Nothing runs by itself here: paused, the scheduler is as deaf as a sleeping computer.
    jobs.scheduler.start(paused=True)
    wall[0] += 30
    monotonic[0] += 30
    jobs.check_clock()
    assert told.batches.empty()
    wall[0] += 3630
    monotonic[0] += 30
    jobs.check_clock()
    assert told.titles() == ["Due in the night"]


@pytest.mark.parametrize(
    ("wall_step", "monotonic_step", "jumped"),
    [(30, 30, False), (34.9, 30, False), (35.1, 30, True), (3600, 30, True), (-60, 30, True)],
)
def test_clock_watch(wall_step: float, monotonic_step: float, jumped: bool) -> None:
    wall, monotonic = [1000.0], [50.0]
    watch = ClockWatch(lambda: wall[0], lambda: monotonic[0])
    wall[0] += wall_step
    monotonic[0] += monotonic_step
    assert watch.jumped() is jumped
    assert watch.jumped() is False


def test_closing_the_workspace_ends_the_scheduler(workspace: Workspace, told: Told) -> None:
    jobs = Jobs(workspace, told.batches.put)
    jobs.start()
    workspace.close()
    assert not jobs.scheduler.running
    jobs.fire_due()  # a job that was just starting finds the door closed, and is quiet
    jobs.shutdown()
