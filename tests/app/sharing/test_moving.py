"""A workspace moves between file and server whole and verified; only then the old one is shut."""

import io
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pysqlite3.dbapi2 as sqlite
import pytest
from sqlalchemy import URL, func, select, text
from sqlalchemy.orm import Session

from app.changes import ChangeFeed
from app.check import check_workspace
from app.cli import main as command_line
from app.database import Database
from app.demo import make_demo
from app.errors import EnvironmentFault, UserError
from app.history import undo_candidate, undo_step
from app.sharing.canonical import LEFT_BEHIND, canonical_json, moved_tables, write_export
from app.sharing.move_targets import FileTarget, ServerTarget
from app.sharing.moving import MoveReport, MoveStoppedError, move_workspace
from app.sharing.pointer_file import read_pointer
from app.sharing.server_address import server_url
from app.workspace import Workspace
from models import ids
from models.ids import new_id
from models.records import Attachment, Base, Company, CustomField, CustomValue, Event, SavedView
from models.values import FieldType
from tests.app.sharing.servers import new_database, plain, sql


@pytest.fixture
def server(postgresql_url: str) -> Iterator[str]:
    with new_database(postgresql_url) as url:
        yield url


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the path of a lively office with values that stores write in different ways."""
    path = tmp_path_factory.mktemp("office") / "Office.closeknit"
    workspace = Workspace.open(path, create=True, user_name="Elena Novak", watch=False)
    make_demo(workspace, contacts=40, seed=3)
    workspace.change("Odd values", odd_values)
    workspace.close()
    return path


def odd_values(session: Session) -> None:
    session.add(Attachment(id=new_id(), digest="d" * 64, size=5, content=b"\x00\xff\\\n\t"))
    session.add(
        SavedView(
            id=new_id(),
            page="contacts",
            name="Tab\t, line\n, back\\slash, \\N, \u2028 and 😀",
            definition={"ß": [1, 1.0, 2.5, -0.0, 1e300, None, True, "\\u0041"], "a": {"z": 1}},
        )
    )
    field = CustomField(
        id=new_id(),
        record_kind="contact",
        name="Size",
        name_key="size",
        type=FieldType.NUMBER,
        position=9,
    )
    session.add(field)
    session.flush()
    for number in ("12345678901.12", "-0.5", "0", "100"):
        session.add(
            CustomValue(
                id=new_id(),
                field_id=field.id,
                record_id=new_id(),
                number=Decimal(number),
                day=date(1999, 12, 31),
                yes=False,
            )
        )


@pytest.fixture
def file(office: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(office, tmp_path / "Office.closeknit"))


def stored(path: Path) -> Database:
    return Database(URL.create("sqlite", database=str(path)), ChangeFeed())


def to_server(path: Path, server: str, **options: Any) -> MoveReport:
    source = stored(path)
    try:
        return move_workspace(source, ServerTarget(server_url(server)), **options)
    finally:
        source.dispose()


def to_file(server: str, path: Path, **options: Any) -> MoveReport:
    source = Database(server_url(server), ChangeFeed())
    try:
        return move_workspace(source, FileTarget(path), **options)
    finally:
        source.dispose()


def export(place: Path | str) -> str:
    written = io.StringIO()
    if isinstance(place, Path):
        with closing(sqlite.connect(str(place))) as raw:
            write_export(raw, "sqlite", written.write)
    else:
        with psycopg.connect(plain(place)) as connection:
            write_export(connection, "postgresql", written.write)
    return written.getvalue()


def test_there_and_back_the_exports_are_equal_byte_by_byte(
    file: Path, server: str, tmp_path: Path
) -> None:
    before = export(file)
    assert before.count("\n") > 1_000
    assert '{"table":"contact","columns":["first_name",' in before or '"table":"contact"' in before
    there = to_server(file, server)
    assert export(server) == before
    back = to_file(server, tmp_path / "Back.closeknit")
    assert export(tmp_path / "Back.closeknit") == before
    assert there.rows == back.rows == before.count("\n") - len(moved_tables())
    assert [(x.name, x.checksum) for x in there.tables] == [
        (x.name, x.checksum) for x in back.tables
    ]
    assert all(x.agrees for x in there.tables)


@pytest.mark.parametrize("place", ["server", "file"])
def test_what_was_moved_is_whole_and_searchable(
    file: Path, server: str, tmp_path: Path, place: str
) -> None:
    to_server(file, server)
    location = server
    if place == "file":
        location = str(tmp_path / "Back.closeknit")
        to_file(server, Path(location))
    workspace = Workspace.open(location, watch=False)
    try:
        failed = [check for check in workspace.read(check_workspace) if not check.passed]
        assert failed == []
        if place == "server":
            assert indexes(workspace) == indexes_of_a_new_workspace(server)
    finally:
        workspace.close()


def indexes(workspace: Workspace) -> set[str]:
    """Return every index, foreign key and trigger by name."""
    query = text(
        "SELECT indexname FROM pg_indexes WHERE schemaname = 'public' UNION ALL "
        "SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace UNION ALL "
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
    )
    return set(workspace.read(lambda session: list(session.scalars(query))))


def indexes_of_a_new_workspace(server: str) -> set[str]:
    with new_database(server) as url:
        workspace = Workspace.open(url, create=True, watch=False)
        try:
            return indexes(workspace)
        finally:
            workspace.close()


def test_history_goes_along_and_new_ids_are_above_the_old_ones(file: Path, server: str) -> None:
    ahead = stored(file)
    # A clock that was wrong had made ids of the future.
    with ahead.engine.connect().execution_options(closeknit="write") as connection:
        stamp = ids.current_maker().last_stamp + 90 * 86_400_000
        connection.execute(text("UPDATE node_lease SET last_stamp = :stamp"), {"stamp": stamp})
        nodes = set(connection.scalars(text("SELECT node FROM node_lease")))
        connection.commit()
    ahead.dispose()
    to_server(file, server)
    moved = set(sql(server, "SELECT node, last_stamp FROM node_lease"))
    assert moved == {(node, stamp) for node in nodes}
    workspace = Workspace.open(server, user_name="Elena Novak", watch=False)
    try:
        step = workspace.read(lambda s: s.scalar(text("SELECT max(n) FROM change_step")))
        assert step >= 3
        saved = workspace.change("Note a firm", note_firm)
        if workspace.node in nodes:
            assert saved >> 22 > stamp
        candidate = workspace.read(
            undo_candidate, workspace.user_id, process=workspace.database.process
        )
        assert candidate is not None
        workspace.change("Undo", undo_step, step=candidate.n)
        assert workspace.read(lambda s: s.get(Company, saved)) is None
    finally:
        workspace.close()


def note_firm(session: Session) -> int:
    firm = Company(id=new_id(), name="Firm", name_key="firm", sort_name="firm")
    session.add(firm)
    return firm.id


def test_the_old_file_is_read_only_and_says_where_it_went(file: Path, server: str) -> None:
    report = to_server(file, server)
    workspace = Workspace.open(file, watch=False)
    try:
        assert workspace.read_only
        assert "was moved to postgresql://" in workspace.why_read_only
        assert workspace.read(lambda s: s.scalar(select(func.count()).select_from(Company)))
        with pytest.raises(UserError, match="reading only"):
            workspace.change("Note a firm", note_firm)
    finally:
        workspace.close()
    assert report.pointer is not None
    assert read_pointer(Path(report.pointer)).name == "Office"
    with pytest.raises(EnvironmentFault, match="was moved to"):
        to_server(file, server)


def test_a_window_that_had_the_old_file_open_cannot_save_into_it(file: Path, server: str) -> None:
    window = Workspace.open(file, watch=False)
    try:
        to_server(file, server)
        with pytest.raises(EnvironmentFault, match="was moved to another place; this change was"):
            window.change("Note a firm", note_firm)
    finally:
        window.close()
    assert "Note a firm" not in export(server)


def test_a_server_that_was_moved_into_a_file_refuses_changes_too(
    file: Path, server: str, tmp_path: Path
) -> None:
    to_server(file, server)
    window = Workspace.open(server, watch=False)
    try:
        to_file(server, tmp_path / "Back.closeknit")
        with pytest.raises(EnvironmentFault, match="was moved to another place"):
            window.change("Note a firm", note_firm)
    finally:
        window.close()
    again = Workspace.open(server, watch=False)
    try:
        assert again.read_only
        assert str(tmp_path / "Back.closeknit") in again.why_read_only
    finally:
        again.close()


def test_an_old_place_can_be_taken_back_into_use(file: Path, server: str) -> None:
    to_server(file, server)
    assert command_line(["move", "-w", str(file), "--take-back"]) == 0
    assert command_line(["move", "-w", str(file), "--take-back"]) == 1
    workspace = Workspace.open(file, watch=False)
    try:
        assert workspace.change("Note a firm", note_firm)
    finally:
        workspace.close()


def test_nobody_writes_to_the_source_while_it_is_copied(file: Path, server: str) -> None:
    """What another process wants to save meanwhile waits, and is refused once it has moved."""
    before = export(file)
    window = Workspace.open(file, watch=False)
    try:
        waiting: list[Any] = []

        def progress(done: int, _total: int) -> None:
            if not waiting:
                assert done > 0
                waiting.append(window.writer.submit("Note a firm", note_firm))

        to_server(file, server, progress=progress)
        with pytest.raises(EnvironmentFault, match="was moved to another place"):
            waiting[0].result()
    finally:
        window.close()
    assert without_leases(export(server)) == without_leases(before)


def without_leases(exported: str) -> list[str]:
    """Return an export without what each opening writes about its process."""
    kept, skipping = [], False
    for line in exported.splitlines():
        if line.startswith('{"table"'):
            skipping = json.loads(line)["table"] == "node_lease"
        if not skipping:
            kept.append(line)
    return kept


@pytest.mark.parametrize("way", ["to server", "to file"])
def test_a_stopped_move_leaves_both_sides_as_they_were(
    file: Path, server: str, tmp_path: Path, way: str
) -> None:
    stop = threading.Event()
    told: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        told.append((done, total))
        if done > total // 4:
            stop.set()

    back = tmp_path / "new" / "Back.closeknit"
    back.parent.mkdir()
    if way == "to file":
        to_server(file, server)
    if way == "to server":
        with pytest.raises(MoveStoppedError):
            to_server(file, server, progress=progress, should_stop=stop.is_set)
    else:
        with pytest.raises(MoveStoppedError):
            to_file(server, back, progress=progress, should_stop=stop.is_set)
    assert 0 < told[-1][0] < told[-1][1]
    assert list(back.parent.iterdir()) == []
    still = Workspace.open(file if way == "to server" else server, watch=False)
    try:
        assert still.change("Note a firm", note_firm)
    finally:
        still.close()
    if way == "to server":
        assert sql(server, "SELECT count(*) FROM contact, company") == [(0,)]
        to_server(file, server)  # what was stopped can be done again in the same place


def test_a_copy_that_differs_is_thrown_away(file: Path, server: str) -> None:
    """A rule on the server changes what is stored there; the comparison finds it."""
    Workspace.open(server, create=True, watch=False).close()
    sql(
        server,
        "TRUNCATE " + ", ".join(f'"{t.name}"' for t in Base.metadata.sorted_tables),
        "INSERT INTO log_head (one, n) VALUES (1, 0)",
        "ALTER TABLE company ALTER name TYPE varchar(4)",
    )
    with pytest.raises(UserError, match=r"does not take the name of company \d+") as refused:
        to_server(file, server)
    assert "nothing was moved" in str(refused.value)
    sql(
        server,
        "ALTER TABLE company ALTER name TYPE char(300)",  # which fills up with blanks
    )
    with pytest.raises(EnvironmentFault, match=r"The copy of company in .* differs"):
        to_server(file, server)
    assert sql(server, "SELECT count(*) FROM company") == [(0,)]
    assert not Workspace.open(file, watch=False).read_only


def test_places_that_hold_something_are_refused(file: Path, server: str, tmp_path: Path) -> None:
    sql(server, "CREATE TABLE something (id int)")
    with pytest.raises(EnvironmentFault, match="holds tables of something else"):
        to_server(file, server)
    sql(server, "DROP TABLE something")
    Workspace.open(server, create=True, watch=False).close()
    with pytest.raises(EnvironmentFault, match="holds a workspace already"):
        to_server(file, server)
    taken = tmp_path / "taken.closeknit"
    taken.write_text("mine")
    with pytest.raises(EnvironmentFault, match="is there already"):
        to_file(server, taken)
    assert taken.read_text() == "mine"
    with pytest.raises(EnvironmentFault, match=r"folder .* does not exist"):
        to_file(server, tmp_path / "nowhere" / "x.closeknit")


def test_every_table_is_moved_or_left_behind_for_a_reason() -> None:
    every = {table.name for table in Base.metadata.sorted_tables}
    assert {table.name for table in moved_tables()} == every - LEFT_BEHIND
    assert every >= LEFT_BEHIND


def test_no_sequence_stays_behind(file: Path, server: str) -> None:
    to_server(file, server)
    used = sql(server, "SELECT sequencename, last_value FROM pg_sequences WHERE last_value > 0")
    assert used == []


def test_moments_and_numbers_are_the_same_to_the_program(file: Path, server: str) -> None:
    moment = datetime(2026, 3, 29, 1, 30, 0, 5, tzinfo=UTC)
    workspace = Workspace.open(file, watch=False)
    workspace.change("Add", lambda s: s.add(Event(**an_event(moment))))
    workspace.close()
    to_server(file, server)
    workspace = Workspace.open(server, watch=False)
    try:
        query = select(Event.at, Event.properties).where(Event.name == "Odd moment")
        at, properties = workspace.read(lambda session: session.execute(query).one())
        assert at == moment
        assert properties == {"ratio": 2.5, "list": ()}
    finally:
        workspace.close()


def an_event(moment: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "name": "Odd moment",
        "at": moment,
        "message_id": "odd-1",
        "properties": {"ratio": 2.5, "list": []},
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"b": 1.0, "a": 1e2}', '{"a":100,"b":1}'),
        ("1e300", "1" + "0" * 300),
        ('"\\u00e9"', '"é"'),
        (5, "5"),
        ("[0.1, -0.0]", "[0.10,0]"),
    ],
)
def test_json_that_means_the_same_has_one_form(one: Any, other: Any) -> None:
    assert canonical_json(one) == canonical_json(other)


def test_the_command_line_moves_and_proves_it(
    file: Path, server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    back = tmp_path / "Back.closeknit"
    colleague = Workspace.open(file, user_name="Marc Dubois", watch=False)
    try:
        assert command_line(["move", "-w", str(file), "--to", server, "--verify", "--json"]) == 0
    finally:
        colleague.close()
    printed = capsys.readouterr()
    assert "Marc Dubois on " in printed.err
    told = json.loads(printed.out)
    assert told["read_again"] is True
    assert {table["name"] for table in told["tables"]} >= {"contact", "change_log", "import_row"}
    assert all(table["agrees"] and len(table["checksum"]) == 64 for table in told["tables"])
    assert command_line(["move", "-w", server, "--to", str(back), "--verify"]) == 0
    assert f"{told['rows']} rows moved" in capsys.readouterr().out.replace(
        str(told["rows"] + 1), str(told["rows"])
    )
    assert command_line(["move", "-w", str(file), "--to", server]) == 1
    assert "was moved to" in capsys.readouterr().err
