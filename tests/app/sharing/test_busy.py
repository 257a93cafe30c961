"""Others hold the file for longer than anybody should: what was typed is saved all the same."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from app import engines
from app.commands.companies import create_company
from app.errors import EnvironmentFault, FaultKind
from app.workspace import Workspace
from app.writer import RETRIES, Priority
from models.records import Company
from tests.app.sharing.office import Colleague, wait_until
from tests.conftest import count


@pytest.fixture(params=["local", "shared"])
def office(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Workspace, Colleague]]:
    """Give a workspace whose patience is short, and a colleague who has it open too."""
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 50)
    monkeypatch.setattr(engines, "COMMIT_RETRY_SECONDS", 0.05)
    name = "workspace" if request.param == "local" else "shared_workspace"
    workspace: Workspace = request.getfixturevalue(name)
    workspace.database.engine.dispose()  # so that new connections have the short patience
    colleague = Colleague(workspace.location, "Jonas Lind", mode=request.param)
    yield workspace, colleague
    colleague.kill()


def test_a_save_waits_for_a_writer_and_is_made_once(office: tuple[Workspace, Colleague]) -> None:
    workspace, colleague = office
    waiting = workspace.writer
    wait_until(lambda: waiting.busy_since is None)
    assert colleague.ask("hold theirs") == "holding"
    saving = workspace.writer.submit("Make", create_company, name="mine")
    wait_until(lambda: workspace.writer.busy_since is not None)
    began = workspace.writer.busy_since
    assert began is not None
    wait_until(lambda: time.monotonic() - began > 0.15)  # three times the patience of one attempt
    assert not saving.done()
    colleague.say("go on")
    assert saving.result(timeout=30).value
    wait_until(lambda: workspace.writer.busy_since is None)
    assert count(workspace, Company) == 2


def test_a_save_that_can_never_be_made_says_so_in_the_end(
    office: tuple[Workspace, Colleague],
) -> None:
    workspace, colleague = office
    assert colleague.ask("hold theirs") == "holding"
    began = time.monotonic()
    with pytest.raises(EnvironmentFault, match="has been busy") as caught:
        workspace.writer.submit("Make", create_company, name="mine").result(timeout=60)
    assert caught.value.kind is FaultKind.BUSY
    assert time.monotonic() - began >= RETRIES * 0.05
    colleague.say("go on")
    assert colleague.hear() == "released"
    workspace.writer.submit("Make", create_company, name="mine after all").result(timeout=30)
    assert count(workspace, Company) == 2


def test_a_commit_kept_out_by_a_reader_is_run_again_from_the_start(
    shared_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "COMMIT_RETRY_SECONDS", 0.05)
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 50)
    shared_workspace.database.engine.dispose()
    reader = Colleague(shared_workspace.location, "Jonas Lind", mode="shared")
    runs: list[int] = []

    def make(session: Session, *, name: str) -> int:
        runs.append(1)
        return create_company(session, name=name)

    assert reader.ask("read") == "reading"
    saving = shared_workspace.writer.submit("Make", make, name="mine")
    wait_until(lambda: len(runs) > 1)
    reader.say("enough")
    assert saving.result(timeout=30).value
    assert count(shared_workspace, Company) == 1
    reader.kill()


def test_a_batch_that_counts_along_is_not_run_twice(
    shared_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "COMMIT_RETRY_SECONDS", 0.05)
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 50)
    shared_workspace.database.engine.dispose()
    reader = Colleague(shared_workspace.location, "Jonas Lind", mode="shared")
    runs: list[int] = []

    def take_chunk(session: Session, *, state: list[int]) -> int:
        state.append(1)
        return create_company(session, name="chunk")

    assert reader.ask("read") == "reading"
    submit = shared_workspace.writer.submit
    with pytest.raises(EnvironmentFault, match="has been busy"):
        submit("Import", take_chunk, state=runs, urgency=Priority.BATCH).result(timeout=30)
    assert len(runs) == 1
    again = submit("Import", take_chunk, state=runs, urgency=Priority.BATCH, repeatable=True)
    wait_until(lambda: len(runs) > 2)
    reader.say("enough")
    assert again.result(timeout=30).value
    assert count(shared_workspace, Company) == 1
    reader.kill()


def test_a_batch_waits_before_it_has_begun(office: tuple[Workspace, Colleague]) -> None:
    workspace, colleague = office
    assert colleague.ask("hold theirs") == "holding"
    batch = workspace.writer.submit("Job", create_company, name="job", urgency=Priority.BATCH)
    saving = workspace.writer.submit("Make", create_company, name="mine")
    assert workspace.writer.busy_since is not None  # a person waits, if only behind a batch
    colleague.say("go on")
    assert batch.result(timeout=60).value
    assert saving.result(timeout=60).value
    assert count(workspace, Company) == 3
