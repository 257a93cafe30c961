"""The rules of the spine; each test fails without its rule."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app.changes import Changes
from app.commands.settings import change_workspace_settings, workspace_settings
from app.commands.users import change_user, create_user
from app.errors import EnvironmentFault, UserError
from app.history import redo_candidate, undo_candidate, undo_step
from app.recorder import UnrecordedWriteError
from app.workspace import Workspace
from models.ids import new_id
from models.records import ChangeLog, Company, Tag, User
from models.values import fold, name_key
from tests.conftest import count, read, run, snapshot, undo_roundtrip


def make_company(session: Session, *, name: str) -> int:
    company = Company(id=new_id(), name=name, name_key=name_key(name), sort_name=fold(name))
    session.add(company)
    return company.id


def rename_company(session: Session, *, company_id: int, name: str) -> None:
    company = session.get(Company, company_id)
    assert company is not None
    company.name = name


def company_name(session: Session, company_id: int) -> str | None:
    return session.scalar(select(Company.name).where(Company.id == company_id))


def test_one_change_is_one_step_with_who_and_what(store: Workspace) -> None:
    seen: list[Changes] = []
    store.feed.subscribe(seen.append)
    company_id = run(store, make_company, name="Acme")
    assert seen[-1].created == {"company": frozenset({company_id})}
    assert seen[-1].user_id == store.user_id
    step = read(store, undo_candidate, store.user_id)
    assert step is not None
    assert (step.n, step.label) == (seen[-1].step, "Make company")


def test_undo_and_redo_bring_back_everything(store: Workspace) -> None:
    company_id = undo_roundtrip(store, make_company, name="Acme")
    undo_roundtrip(store, rename_company, company_id=company_id, name="Größer & Söhne")
    undo_roundtrip(store, create_user, name="Jonas Lindqvist", team="North")
    undo_roundtrip(store, change_workspace_settings, currency="SEK", working_days=(0, 1, 2))
    assert read(store, workspace_settings).working_days == (0, 1, 2)


def test_a_chain_of_undos_goes_back_to_the_start(store: Workspace) -> None:
    before = snapshot(store)
    company_id = run(store, make_company, name="A")
    for name in "BCD":
        run(store, rename_company, company_id=company_id, name=name)
    for _ in range(4):
        step = read(store, undo_candidate, store.user_id, process=store.database.process)
        assert step is not None
        store.change("Undo", undo_step, step=step.n)
    assert snapshot(store) == before
    redo = read(store, redo_candidate, store.user_id)
    assert redo is not None
    assert redo.label == "Make company"


def test_undo_is_refused_where_the_same_column_changed_since(store: Workspace) -> None:
    company_id = run(store, make_company, name="A")
    run(store, rename_company, company_id=company_id, name="B")
    step = read(store, undo_candidate, store.user_id)
    assert step is not None
    run(store, rename_company, company_id=company_id, name="C")
    with pytest.raises(UserError, match="Changed since by Elena Novak: name"):
        store.change("Undo", undo_step, step=step.n)
    assert read(store, company_name, company_id) == "C"


def test_undo_goes_through_where_another_column_changed_since(store: Workspace) -> None:
    user_id = run(store, create_user, name="Jonas")
    run(store, change_user, user_id=user_id, team="North")
    step = read(store, undo_candidate, store.user_id)
    assert step is not None
    run(store, change_user, user_id=user_id, region="West")
    store.change("Undo", undo_step, step=step.n)
    row = read(
        store, lambda s: s.execute(select(User.team, User.region).where(User.id == user_id)).one()
    )
    assert tuple(row) == (None, "West")


def test_undo_of_a_create_that_is_in_use_since_is_refused(store: Workspace) -> None:
    parent = run(store, make_company, name="Parent")
    step = read(store, undo_candidate, store.user_id)
    assert step is not None

    def make_child(session: Session) -> None:
        child = make_company(session, name="Child")
        session.flush()
        found = session.get(Company, child)
        assert found is not None
        found.parent_id = parent

    run(store, make_child)
    with pytest.raises(UserError, match="something made since uses it"):
        store.change("Undo", undo_step, step=step.n)
    assert read(store, company_name, parent) == "Parent"


def test_a_failed_command_leaves_nothing_and_no_open_transaction(store: Workspace) -> None:
    before = snapshot(store)

    def fail(session: Session) -> None:
        make_company(session, name="Half")
        session.flush()
        raise UserError("No.")

    for _ in range(8):  # more often than the pool has connections
        with pytest.raises(UserError):
            run(store, fail)
    assert snapshot(store) == before
    run(store, make_company, name="Whole")


def test_reading_cannot_write(store: Workspace) -> None:
    with (
        pytest.raises(Exception, match=r"read.?only|cannot be written"),
        store.database.reading() as session,
    ):
        session.execute(update(User).values(name="x"))
    assert read(store, lambda s: s.scalar(select(User.name))) == "Elena Novak"


@pytest.mark.parametrize(
    "write",
    [
        lambda s: s.execute(update(User).values(name="x")),
        lambda s: s.execute(text("DELETE FROM tag")),
        lambda s: s.bulk_insert_mappings(Tag, [{"name": "a", "name_key": "a"}]),
        lambda s: s.connection().execute(text("DELETE FROM tag")),
        lambda s: s.execute(text("WITH x AS (SELECT 1) DELETE FROM tag")),
    ],
)
def test_writes_past_the_history_are_refused(
    workspace: Workspace, write: Callable[[Session], object]
) -> None:
    with pytest.raises(UnrecordedWriteError):
        workspace.change("Sneak", write)
    assert read(workspace, lambda s: s.scalar(select(User.name))) == "Elena Novak"


def test_a_sql_expression_on_an_attribute_is_refused(workspace: Workspace) -> None:
    company_id = run(workspace, make_company, name="A")

    def increment(session: Session) -> None:
        found = session.get(Company, company_id)
        assert found is not None
        found.employees = Company.employees + 1

    with pytest.raises(UnrecordedWriteError):
        run(workspace, increment)


def test_a_listener_that_raises_does_not_make_a_stored_change_look_failed(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    def explode(_changes: object) -> None:
        raise RuntimeError("listener")

    told: list[Changes] = []
    workspace.feed.subscribe(explode)
    workspace.feed.subscribe(told.append)
    company_id = run(workspace, make_company, name="A")
    assert read(workspace, company_name, company_id) == "A"
    assert len(told) == 1
    assert "A listener failed" in caplog.text


def test_a_stale_form_cannot_overwrite(workspace: Workspace) -> None:
    company_id = run(workspace, make_company, name="A")
    with workspace.database.reading() as session:
        old = session.get(Company, company_id)
        assert old is not None
        version = old.row_version
    run(workspace, rename_company, company_id=company_id, name="B")
    now_stored = read(
        workspace, lambda s: s.scalar(select(Company.row_version).where(Company.id == company_id))
    )
    assert now_stored != version


def test_people_are_served_before_batches(workspace: Workspace) -> None:
    import threading

    from app.writer import Priority

    order: list[str] = []
    gate = threading.Event()

    def wait(_session: Session) -> None:
        gate.wait(10)

    def note(_session: Session, name: str) -> None:
        order.append(name)

    workspace.writer.submit("Hold", wait)
    futures = [
        workspace.writer.submit("Batch", note, f"batch {i}", urgency=Priority.BATCH)
        for i in range(3)
    ]
    futures.append(workspace.writer.submit("Save", note, "person"))
    gate.set()
    for future in futures:
        future.result(10)
    assert order == ["person", "batch 0", "batch 1", "batch 2"]


def test_everything_queued_is_stored_when_the_workspace_closes(workspace_path: Path) -> None:
    opened = Workspace.open(workspace_path, user_name="Elena Novak", watch=False)
    futures = [opened.writer.submit("Make", make_company, name=f"Company {i}") for i in range(10)]
    opened.close()
    assert all(future.done() for future in futures)
    assert not Path(f"{workspace_path}-wal").exists()
    again = Workspace.open(workspace_path, watch=False)
    assert count(again, Company) == 10
    again.close()
    with pytest.raises(UserError, match="being closed"):
        again.writer.submit("Late", make_company, name="Late")


def test_sqlite_settings_are_the_safe_ones(workspace: Workspace) -> None:
    with workspace.database.reading() as session:

        def pragma(name: str) -> object:
            return session.execute(text(f"PRAGMA {name}")).scalar()

        assert pragma("journal_mode") == "wal"
        assert pragma("synchronous") == 2
        assert pragma("foreign_keys") == 1
        assert pragma("busy_timeout") == 10_000
        assert pragma("trusted_schema") == 0
        assert pragma("query_only") == 1
        version = session.execute(text("SELECT sqlite_version()")).scalar()
    assert tuple(int(part) for part in str(version).split(".")) >= (3, 51, 3)


def test_every_step_number_is_used_once_and_in_order(store: Workspace) -> None:
    for i in range(5):
        run(store, make_company, name=f"C{i}")
    steps = read(
        store, lambda s: list(s.scalars(select(ChangeLog.step).distinct().order_by(ChangeLog.step)))
    )
    assert steps == list(range(steps[0], steps[0] + len(steps)))
    assert steps[-1] == store.database.head()


def test_bulk_writes_leave_one_line_and_cannot_be_undone_singly(store: Workspace) -> None:
    from sqlalchemy import insert

    from app.recorder import unrecorded

    def fill(session: Session) -> None:
        with unrecorded(session, "tag"):
            session.execute(
                insert(Tag),
                [{"id": new_id(), "name": f"t{i}", "name_key": f"t{i}"} for i in range(50)],
            )

    seen: list[Changes] = []
    store.feed.subscribe(seen.append)
    run(store, fill)
    assert seen[-1].reload == {"tag"}
    assert seen[-1].touches("tag")
    assert count(store, Tag) == 50
    step = read(store, undo_candidate, store.user_id)
    assert step is None or step.label != "Fill"


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda p: p.mkdir(), "is a folder"),
        (lambda p: p.write_bytes(b"PK\x03\x04 not a database at all"), "not a Closeknit workspace"),
        (lambda p: p.write_bytes(b""), "is empty"),
        (lambda _: None, "does not exist"),
    ],
)
def test_what_is_not_a_workspace_is_refused_and_left_alone(
    tmp_path: Path, make: Callable[[Path], object], sentence: str
) -> None:
    path = tmp_path / "thing.closeknit"
    make(path)
    held = path.read_bytes() if path.is_file() else None
    with pytest.raises(EnvironmentFault, match=sentence) as caught:
        Workspace.open(path)
    assert caught.value.remedy
    assert (path.read_bytes() if path.is_file() else None) == held


def test_a_foreign_sqlite_database_is_refused(tmp_path: Path) -> None:
    import pysqlite3.dbapi2 as sqlite

    path = tmp_path / "other.db"
    connection = sqlite.connect(str(path))
    connection.execute("CREATE TABLE things (a)")
    connection.commit()
    connection.close()
    held = path.read_bytes()
    with pytest.raises(EnvironmentFault, match="not a Closeknit workspace"):
        Workspace.open(path, create=True)
    assert path.read_bytes() == held


def test_a_truncated_workspace_is_refused(workspace_path: Path) -> None:
    held = workspace_path.read_bytes()[: 3 * 4096]
    workspace_path.write_bytes(held)
    with pytest.raises(EnvironmentFault) as caught:
        Workspace.open(workspace_path)
    assert caught.value.remedy
    assert workspace_path.read_bytes() == held


def test_a_newer_workspace_is_refused_and_left_untouched(workspace_path: Path) -> None:
    import pysqlite3.dbapi2 as sqlite

    connection = sqlite.connect(str(workspace_path))
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    held = workspace_path.read_bytes()
    with pytest.raises(EnvironmentFault, match="newer version"):
        Workspace.open(workspace_path)
    assert workspace_path.read_bytes() == held


def test_who_counts_are_right(store: Workspace) -> None:
    run(store, create_user, name="Jonas")
    total = read(store, lambda s: s.scalar(select(func.count()).select_from(User)))
    assert total == 2
