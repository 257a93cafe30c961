"""The server of an open window goes and comes back: edits are kept, and none is made twice."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.commands.contacts import create_contact
from app.errors import EnvironmentFault
from app.sharing.outage import KeptForLaterError, Situation, Standing
from app.sharing.outbox import Kept
from app.workspace import Workspace
from models.records import ChangeStep, Contact
from tests.app.sharing.places import wait_until
from tests.app.sharing.servers import Line, OwnServer
from tests.app.sharing.test_lost_connection import SECRET, line, own_server, window
from tests.app.sharing.test_outage import PACE

__all__ = ["line", "own_server", "window"]
LABEL = "Add contact"


def is_open(situation: Situation) -> bool:
    return situation.standing is Standing.OPEN


def is_away(situation: Situation) -> bool:
    return situation.standing is Standing.AWAY


def names(session: Session) -> list[str]:
    return list(session.scalars(select(Contact.name).order_by(Contact.name)))


def steps(session: Session) -> int:
    found = select(func.count()).where(ChangeStep.label == LABEL)
    return session.scalar(found) or 0


def add(workspace: Workspace, name: str) -> Any:
    return workspace.writer.submit(LABEL, create_contact, name=name).result(60)


def kept(workspace: Workspace, name: str) -> Kept:
    with pytest.raises(KeptForLaterError) as told:
        add(workspace, name)
    return told.value.kept


def save_what_waits(workspace: Workspace) -> None:
    assert workspace.rescue is not None
    outage = workspace.rescue.outage
    for one in outage.outbox.waiting():
        workspace.writer.submit(one.label, one.function, **one.fields).result(60)
        outage.forget(one.id)


def test_a_server_that_is_stopped_and_started_again_loses_no_edit(own_server: OwnServer) -> None:
    office = Workspace.open(own_server.tcp("elena", SECRET))
    outage = office.start_rescue(**PACE).outage
    try:
        add(office, "Before")
        own_server.stop()
        kept(office, "Kept")
        situation = wait_until(outage, is_away)
        assert situation.fault is not None
        assert "server" in str(situation.fault)
        assert SECRET not in str(situation.fault)
        assert situation.snapshot is None
        with pytest.raises(EnvironmentFault, match="server"):
            office.readers.submit(names).result(60)
        kept(office, "Kept too")
        assert outage.situation.kept == 2
        own_server.start()
        wait_until(outage, is_open)
        assert office.readers.submit(names).result(60) == ["Before"]
        save_what_waits(office)
        assert office.readers.submit(names).result(60) == ["Before", "Kept", "Kept too"]
        assert office.read(steps) == 3
    finally:
        office.close()


@pytest.fixture
def rescued(window: Workspace) -> Iterator[Workspace]:
    """Give a window over a line that can break, which keeps what it cannot save."""
    window.start_rescue(**PACE)
    yield window
    assert window.rescue is not None
    outbox = window.rescue.outage.outbox
    outbox.forget(*[one.id for one in outbox.waiting()])


def test_an_edit_stored_although_the_line_broke_is_not_offered(
    rescued: Workspace, line: Line
) -> None:
    assert rescued.rescue is not None
    outage = rescued.rescue.outage
    before = rescued.read(steps)
    line.at_commit = "lose answer and line"
    assert kept(rescued, "Arrived").in_doubt
    line.is_up = True
    wait_until(outage, is_open)
    assert outage.outbox.waiting() == []
    assert rescued.read(names).count("Arrived") == 1
    assert rescued.read(steps) == before + 1


def test_an_edit_whose_commit_was_lost_is_offered_without_doubt(
    rescued: Workspace, line: Line
) -> None:
    assert rescued.rescue is not None
    outage = rescued.rescue.outage
    line.at_commit = "lose commit"
    kept(rescued, "Not arrived")
    wait_until(outage, is_open)
    assert [one.in_doubt for one in outage.outbox.waiting()] == [False]
    save_what_waits(rescued)
    assert rescued.read(names).count("Not arrived") == 1
    assert outage.situation.kept == 0
