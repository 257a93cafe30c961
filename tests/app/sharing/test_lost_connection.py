"""The connection to the server breaks and comes back while a workspace is open."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.changes import Changes
from app.errors import EnvironmentFault, FaultKind
from app.workspace import Workspace
from models.ids import new_id
from models.records import ChangeStep, Company
from tests.app.sharing.servers import Line, OwnServer, sql

SECRET = "tell-nobody"  # noqa: S105  of a server that lives as long as the test


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServer]:
    server = OwnServer(tmp_path_factory.mktemp("own") / "data")
    sql(server.local, f"CREATE ROLE elena LOGIN SUPERUSER PASSWORD '{SECRET}'")
    Workspace.open(server.local, create=True, watch=False).close()
    yield server
    server.close()


@pytest.fixture
def line(own_server: OwnServer) -> Iterator[Line]:
    opened = Line(own_server.port)
    yield opened
    opened.close()


@pytest.fixture
def window(own_server: OwnServer, line: Line) -> Iterator[Workspace]:
    """Give a workspace that is reached over a line that can break."""
    location = f"postgresql://elena:{SECRET}@127.0.0.1:{line.port}/postgres"
    opened = Workspace.open(location, watch=False)
    yield opened
    line.is_up = True
    opened.close()


def note_firm(session: Session, *, name: str) -> int:
    firm = Company(id=new_id(), name=name, name_key=name, sort_name=name)
    session.add(firm)
    return firm.id


def firms(workspace: Workspace, name: str) -> int:
    return workspace.read(
        lambda s: int(s.scalar(select(func.count()).where(Company.name == name)) or 0)
    )


def steps(workspace: Workspace, label: str) -> int:
    return workspace.read(
        lambda s: int(s.scalar(select(func.count()).where(ChangeStep.label == label)) or 0)
    )


def test_a_save_whose_answer_is_lost_counts_as_saved_once(window: Workspace, line: Line) -> None:
    told: list[Changes] = []
    window.feed.subscribe(told.append)
    line.at_commit = "lose answer"
    saved = window.change("Answer lost", note_firm, name="Answer lost")
    assert line.at_commit == ""
    assert firms(window, "Answer lost") == steps(window, "Answer lost") == 1
    assert [changes.ids("company") for changes in told] == [frozenset({saved})]
    window.change("After", note_firm, name="After")
    assert firms(window, "After") == 1


def test_a_save_that_never_arrived_is_told_as_not_saved(window: Workspace, line: Line) -> None:
    line.at_commit = "lose commit"
    with pytest.raises(EnvironmentFault, match="was lost") as lost:
        window.change("Commit lost", note_firm, name="Commit lost")
    assert "nothing more was saved" in str(lost.value)
    assert firms(window, "Commit lost") == steps(window, "Commit lost") == 0
    window.change("Commit lost", note_firm, name="Commit lost")
    assert firms(window, "Commit lost") == 1


def test_a_save_nobody_knows_of_is_told_as_doubtful(window: Workspace, line: Line) -> None:
    line.at_commit = "lose answer and line"
    with pytest.raises(EnvironmentFault, match="look whether your last change is there") as lost:
        window.change("Line lost", note_firm, name="Line lost")
    assert lost.value.kind is FaultKind.LOST
    with pytest.raises(EnvironmentFault):
        firms(window, "Line lost")
    line.is_up = True
    assert firms(window, "Line lost") == steps(window, "Line lost") == 1
    window.change("Line back", note_firm, name="Line back")
    assert firms(window, "Line back") == 1


def test_a_line_that_breaks_in_a_command_saves_nothing(window: Workspace, line: Line) -> None:
    def interrupted(session: Session) -> None:
        note_firm(session, name="Half")
        session.flush()
        raw: Any = session.connection().connection.dbapi_connection
        sql_of_other(window, raw.info.backend_pid)
        session.scalar(select(func.count()).select_from(Company))

    with pytest.raises(EnvironmentFault, match="nothing more was saved"):
        window.change("Half", interrupted)
    assert firms(window, "Half") == 0
    window.change("Whole", note_firm, name="Whole")
    assert firms(window, "Whole") == 1


def sql_of_other(workspace: Workspace, pid: int) -> None:
    """End a server process as its administrator would."""
    with workspace.database.engine.connect() as other:
        other.exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 5000)")


def test_a_server_that_is_restarted_needs_no_restart_of_the_window(own_server: OwnServer) -> None:
    location = own_server.tcp("elena", SECRET)
    window = Workspace.open(location)
    colleague = Workspace.open(location, watch=False)
    try:
        seen = threading.Event()

        def hear(changes: Changes) -> None:
            if changes.foreign and changes.label == "From a colleague":
                seen.set()

        window.feed.subscribe(hear)
        window.change("Before", note_firm, name="Before")
        own_server.stop()
        with pytest.raises(EnvironmentFault, match="server of postgres"):
            firms(window, "Before")
        with pytest.raises(EnvironmentFault, match="server of postgres"):
            window.change("While away", note_firm, name="While away")
        own_server.start()
        assert firms(window, "Before") == 1
        assert firms(window, "While away") == 0
        window.change("After", note_firm, name="After the restart")
        assert firms(window, "After the restart") == 1
        colleague.change("From a colleague", note_firm, name="Colleague")
        assert seen.wait(60)  # by listening again or by looking, whichever comes first
    finally:
        colleague.close()
        window.close()
