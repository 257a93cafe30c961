"""The spine when things go wrong around it: odd errors, long reads, lost servers, leases."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import database as database_module
from app import engines as engines_module
from app.changes import ChangeFeed
from app.database import Database
from app.errors import EnvironmentFault, UserError
from app.node_lease import STALE_AFTER
from app.recorder import UnrecordedWriteError, writes_allowed
from app.sharing.entrance import url_of
from app.sharing.modes import Opening, settle_journal
from app.sharing.verdict import Mode
from app.workspace import Workspace
from models import ids
from models.clock import now, standing_at
from models.ids import new_id
from models.records import ChangeStep, Company, NodeLease, Tag, User
from tests.conftest import count, run

SLOW = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


def make_company(session: Session, *, name: str) -> int:
    company = Company(id=new_id(), name=name, name_key=name, sort_name=name)
    session.add(company)
    return company.id


# --- what commands may not do -----------------------------------------------------------------


def _user(session: Session) -> User:
    return session.scalars(select(User)).one()


def _as_mapping(user: User) -> dict[str, object]:
    return {"id": user.id, "row_version": user.row_version, "name": "x"}


@pytest.mark.parametrize(
    "write",
    [
        lambda s: s.bulk_save_objects([Tag(id=new_id(), name="a", name_key="a")]),
        lambda s: s.bulk_insert_mappings(Tag, [{"id": new_id(), "name": "a", "name_key": "a"}]),
        lambda s: s.bulk_update_mappings(User, [_as_mapping(_user(s))]),
        lambda s: s.execute(insert(Tag), [{"id": new_id(), "name": "a", "name_key": "a"}]),
        lambda s: s.query(User).update({"name": "x"}),
        lambda s: s.execute(text("/* hidden */ -- twice\n UPDATE tag SET name = 'x'")),
        lambda s: s.connection().exec_driver_sql("DELETE FROM tag"),
        lambda s: s.execute(text("DROP TABLE tag")),
        lambda s: s.begin_nested(),
        lambda s: s.commit(),
    ],
)
def test_every_way_past_the_history_is_refused(
    store: Workspace, write: Callable[[Session], object]
) -> None:
    def sneak(session: Session) -> None:
        make_company(session, name="before")
        session.flush()
        write(session)

    with pytest.raises(UnrecordedWriteError):
        store.change("Sneak", sneak)
    assert count(store, Company) == 0
    assert count(store, Tag) == 0
    run(store, make_company, name="after")  # the connection is as good as before


def test_going_on_after_a_failed_flush_is_refused(store: Workspace) -> None:
    def stubborn(session: Session) -> None:
        make_company(session, name="lost by the rollback")
        session.flush()
        session.add(Company(id=new_id(), name="x", name_key="x", sort_name="x", parent_id=1))
        try:
            session.flush()
        except IntegrityError:
            session.rollback()
        make_company(session, name="as if nothing had happened")

    with pytest.raises(UnrecordedWriteError, match="rolled back"):
        run(store, stubborn)
    assert count(store, Company) == 0


# --- the writer and the readers ---------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", [KeyboardInterrupt, SystemExit, GeneratorExit, RecursionError, MemoryError]
)
def test_the_writer_survives_every_kind_of_error(
    workspace: Workspace, kind: type[BaseException]
) -> None:
    def explode(session: Session) -> None:
        make_company(session, name="half")
        session.flush()
        raise kind

    future = workspace.writer.submit("Explode", explode)
    assert isinstance(future.exception(10), kind)
    run(workspace, make_company, name="whole")
    assert count(workspace, Company) == 1


def test_the_writer_survives_a_callback_that_ends_the_program(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    gate = threading.Event()
    future = workspace.writer.submit("Wait", lambda _session: gate.wait(10))

    def leave(_future: object) -> None:
        raise SystemExit

    future.add_done_callback(leave)
    gate.set()
    run(workspace, make_company, name="after")
    assert "A callback of a finished command failed" in caplog.text


def test_a_cancelled_save_is_not_done_and_holds_nobody_up(workspace: Workspace) -> None:
    gate = threading.Event()
    workspace.writer.submit("Hold", lambda _session: gate.wait(10))
    cancelled = workspace.writer.submit("Cancelled", make_company, name="cancelled")
    kept = workspace.writer.submit("Kept", make_company, name="kept")
    assert cancelled.cancel()
    gate.set()
    kept.result(10)
    assert count(workspace, Company) == 1


def test_a_command_that_waits_for_a_command_is_told_instead_of_hanging(
    workspace: Workspace,
) -> None:
    with pytest.raises(RuntimeError, match="wait for itself"):
        workspace.change("Outer", lambda _s: workspace.change("Inner", make_company, name="x"))


def test_closing_while_busy_stores_what_is_queued_and_ends_running_reads(
    workspace_path: Path,
) -> None:
    opened = Workspace.open(workspace_path, user_name="Elena Novak")
    started = threading.Semaphore(0)

    def read_for_ever(session: Session) -> object:
        session.execute(text("SELECT 1"))
        started.release()
        return session.execute(text(SLOW)).scalar()

    reads: list[Future[object]] = [opened.readers.submit(read_for_ever) for _ in range(4)]
    for _ in range(2):
        assert started.acquire(timeout=10)
    saves = [opened.writer.submit("Make", make_company, name=f"c{n}") for n in range(20)]
    opened.close()
    assert [save.exception() for save in saves] == [None] * 20
    assert all(read.done() for read in reads)
    assert sum(read.cancelled() for read in reads) == 2
    again = Workspace.open(workspace_path, watch=False)
    assert count(again, Company) == 20
    again.close()
    again.close()  # twice does no harm
    with pytest.raises(RuntimeError):
        again.readers.submit(read_for_ever)


def test_closing_ends_a_read_that_was_between_two_statements(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, interrupted = threading.Event(), threading.Event()
    interrupt = workspace.database.interrupt

    def interrupt_and_tell() -> None:
        interrupt()
        interrupted.set()

    def read_later(session: Session) -> object:
        started.set()
        assert interrupted.wait(10)
        return session.execute(text(SLOW)).scalar()

    monkeypatch.setattr(workspace.database, "interrupt", interrupt_and_tell)
    read = workspace.readers.submit(read_later)
    assert started.wait(10)
    workspace.readers.close()
    assert isinstance(read.exception(), EnvironmentFault)


def test_an_interrupt_never_hits_the_writer(workspace: Workspace) -> None:
    """A connection that a reader gave back a moment ago may be the writer's by now."""
    ended = threading.Event()

    def interrupt() -> None:
        while not ended.is_set():
            workspace.database.interrupt()

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        for number in range(150):
            workspace.readers.submit(lambda s: s.execute(text("SELECT 1")).scalar())
            run(workspace, make_company, name=f"c{number}")
    finally:
        ended.set()
        thread.join()
    assert count(workspace, Company) == 150


# --- a shared file ----------------------------------------------------------------------------


@pytest.fixture
def shared(workspace_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setattr(database_module, "SHARED_READ_LIMIT_SECONDS", 0.1)
    settle_journal(workspace_path, Opening(Mode.SHARED))
    return Database(url_of(str(workspace_path)), ChangeFeed(), shared=True)


def test_a_shared_file_has_the_journal_that_network_drives_need(shared: Database) -> None:
    with shared.reading() as session:
        pragma = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "mmap_size", "foreign_keys", "query_only")
        }
    shared.dispose()
    assert pragma == {
        "journal_mode": "truncate",
        "synchronous": 3,
        "mmap_size": 0,
        "foreign_keys": 1,
        "query_only": 1,
    }


def test_a_long_read_of_a_shared_file_is_ended(shared: Database) -> None:
    with pytest.raises(EnvironmentFault, match="stopped"), shared.reading() as session:
        session.execute(text(SLOW))
    with shared.reading() as session:
        assert session.execute(text("SELECT 1")).scalar() == 1
    shared.dispose()


def test_a_read_that_computes_between_statements_is_ended_at_its_next(shared: Database) -> None:
    with pytest.raises(EnvironmentFault, match="too long"), shared.reading() as session:  # noqa: PT012
        raw = session.connection().connection.dbapi_connection
        shared._end_overdue(raw)
        session.execute(text("SELECT 1"))
    with shared.reading() as session:
        assert session.execute(text("SELECT 1")).scalar() == 1
    shared.dispose()


def test_a_commit_waits_for_a_reader_of_a_shared_file(
    workspace_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines_module, "BUSY_TIMEOUT_MS", 50)
    settle_journal(workspace_path, Opening(Mode.SHARED))
    writer = Database(url_of(str(workspace_path)), ChangeFeed(), shared=True)
    reader = Database(url_of(str(workspace_path)), ChangeFeed(), shared=True)
    flushed, stored = threading.Event(), threading.Event()

    def save() -> None:
        with writer.changing("Make") as session:
            make_company(session, name="x")
            session.flush()
            flushed.set()
        stored.set()

    with reader.reading() as session:
        session.execute(text("SELECT count(*) FROM company")).scalar()
        thread = threading.Thread(target=save)
        thread.start()
        assert flushed.wait(10)
        assert not stored.wait(0.3)  # several times the busy time-out: COMMIT is being repeated
    assert stored.wait(10)
    thread.join()
    for database in (writer, reader):
        database.dispose()


# --- PostgreSQL -------------------------------------------------------------------------------


def test_a_reader_sees_one_moment(store: Workspace) -> None:
    if store.database.shared:
        pytest.skip("in the rollback journal a reader keeps writers out: see the next test")
    with store.database.reading() as session:
        before = session.execute(text("SELECT count(*) FROM company")).scalar()
        run(store, make_company, name="meanwhile")
        assert session.execute(text("SELECT count(*) FROM company")).scalar() == before == 0
    assert count(store, Company) == 1


def test_a_reader_of_a_shared_file_that_idles_lets_the_writer_in(
    shared_workspace: Workspace,
) -> None:
    with (  # noqa: PT012
        pytest.raises(EnvironmentFault, match="too long"),
        shared_workspace.database.reading() as session,
    ):
        assert session.execute(text("SELECT count(*) FROM company")).scalar() == 0
        run(shared_workspace, make_company, name="meanwhile")  # once the reader's time is up
        session.execute(text("SELECT count(*) FROM company"))
    assert count(shared_workspace, Company) == 1


def test_postgresql_readers_are_read_only_and_repeatable(postgresql: Workspace) -> None:
    with postgresql.database.reading() as session:
        level = session.execute(text("SHOW transaction_isolation")).scalar()
        read_only = session.execute(text("SHOW transaction_read_only")).scalar()
    assert (level, read_only) == ("repeatable read", "on")


def test_only_one_writer_at_a_time(store: Workspace) -> None:
    other = Workspace.open(store.location, watch=False)
    inside, second = threading.Event(), threading.Event()
    order: list[str] = []

    def first_command(_session: Session) -> None:
        inside.set()
        assert not second.wait(0.3)  # the other waits at the door, however long this takes
        order.append("first")

    def second_command(_session: Session) -> None:
        order.append("second")
        second.set()

    one = store.writer.submit("First", first_command)
    assert inside.wait(10)
    two = other.writer.submit("Second", second_command)
    one.result(20)
    two.result(20)
    other.close()
    assert order == ["first", "second"]


def test_a_lost_connection_is_a_sentence_and_the_next_use_works(postgresql: Workspace) -> None:
    def cut_off(session: Session) -> None:
        make_company(session, name="lost")
        session.flush()
        me = session.execute(text("SELECT pg_backend_pid()")).scalar()
        with postgresql.database.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": me})
            other.commit()

    with pytest.raises(EnvironmentFault, match="connection to the database server") as caught:
        run(postgresql, cut_off)
    assert caught.value.remedy
    assert count(postgresql, Company) == 0
    run(postgresql, make_company, name="after")
    with postgresql.database.engine.connect() as other:  # as a restart does to idle connections
        other.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        )
    assert count(postgresql, Company) == 1
    run(postgresql, make_company, name="later")
    assert count(postgresql, Company) == 2


# --- leases of ids ----------------------------------------------------------------------------


def holders(workspace: Workspace) -> dict[int, str]:
    return workspace.read(
        lambda s: {n: p for n, p in s.execute(select(NodeLease.node, NodeLease.process)) if p}
    )


def fill_leases(session: Session) -> None:
    with writes_allowed(session):
        session.execute(text("DELETE FROM node_lease"))
        session.execute(
            insert(NodeLease),
            [
                {
                    "node": node,
                    "process": f"p{node}",
                    "host": "h",
                    "pid": node,
                    "renewed_at": now() - timedelta(seconds=600 if node == 77 else 60),
                    "last_stamp": ids.current_maker().last_stamp,
                    "machine": "m",
                }
                for node in range(1, ids.MAX_NODE + 1)
            ],
        )


def test_with_all_nodes_leased_the_longest_silent_is_taken(store: Workspace) -> None:
    with store.database.changing("Fill", undoable=False) as session:
        fill_leases(session)
        stamp = ids.current_maker().last_stamp
    other = Workspace.open(store.location, watch=False)
    try:
        assert other.node == 77
        assert ids.current_maker().last_stamp >= stamp + 5 * 60_000
    finally:
        other.close()


def test_a_lease_lost_in_a_long_sleep_is_replaced_before_the_next_save(store: Workspace) -> None:
    node = store.node
    later = now() + STALE_AFTER + timedelta(minutes=1)

    def taken_over(session: Session) -> None:
        with writes_allowed(session):
            session.execute(
                update(NodeLease)
                .where(NodeLease.node == node)
                .values(process="another", renewed_at=later)
            )

    run(store, taken_over)
    with standing_at(later):
        made = run(store, make_company, name="after the sleep")
    assert store.node != node
    assert made >> ids.SEQUENCE_BITS & ids.MAX_NODE == store.node
    assert holders(store)[node] == "another"
    assert holders(store)[store.node] == store.database.process


def test_a_lease_is_renewed_by_saves_alone(store: Workspace) -> None:
    later = now() + timedelta(minutes=5)
    with standing_at(later):
        run(store, make_company, name="x")
    renewed = store.read(
        lambda s: s.scalar(select(NodeLease.renewed_at).where(NodeLease.node == store.node))
    )
    assert renewed == later


def test_two_workspaces_in_one_process_hold_the_node_they_use(
    store: Workspace, tmp_path: Path
) -> None:
    other = Workspace.open(tmp_path / "other.closeknit", create=True, watch=False)
    try:
        chance = random.Random(3)
        for number in range(20):
            one = chance.choice([store, other])
            made = run(one, make_company, name=f"c{number}")
            assert made >> ids.SEQUENCE_BITS & ids.MAX_NODE == one.node
            assert holders(one)[one.node] == one.database.process
    finally:
        other.close()


def test_a_step_is_named_after_the_process_that_wrote_it(store: Workspace) -> None:
    run(store, make_company, name="x")
    newest = store.read(
        lambda s: s.scalar(select(ChangeStep.process).order_by(ChangeStep.n.desc()).limit(1))
    )
    assert newest == store.database.process


def test_a_save_refused_by_the_person_leaves_the_lease_in_order(store: Workspace) -> None:
    def refuse(_session: Session) -> None:
        raise UserError("No.")

    with standing_at(now() + timedelta(minutes=5)):
        with pytest.raises(UserError):
            run(store, refuse)
        run(store, make_company, name="x")
    assert holders(store)[store.node] == store.database.process
