"""Who may do what on a server is enforced by the server, not by our program."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.cli import main as command_line
from app.errors import EnvironmentFault, UserError
from app.sharing.server_address import server_url
from app.sharing.server_rights import ServerRole, server_role
from app.sharing.server_roles import (
    add_server_login,
    change_server_role,
    list_server_logins,
    remove_server_login,
)
from app.workspace import Workspace
from models.ids import new_id
from models.migrations import HEAD
from models.records import Company
from tests.app.sharing.servers import login_to, new_database, plain, sql

USER = "Elena Novak"
OWNER, ELENA, BOSS, SECOND = ("olga.test", "elena.test", "boss.test", "second.test")


@pytest.fixture
def office(postgresql_url: str) -> Iterator[str]:
    """Give the address, as the server's administrator, of a seeded workspace."""
    with new_database(postgresql_url) as url:
        Workspace.open(url, create=True, user_name=USER, watch=False).close()
        yield url
        for name in (OWNER, ELENA, BOSS, SECOND):
            for database in (url, postgresql_url):
                if sql(database, f"SELECT 1 FROM pg_roles WHERE rolname = '{name}'"):
                    sql(database, f'DROP OWNED BY "{name}"')
            sql(url, f'DROP ROLE IF EXISTS "{name}"')


def add(office: str, name: str, role: ServerRole) -> str:
    """Add a login; return the address for it."""
    add_server_login(server_url(office), name, role)
    return login_to(office, name)


def refused(url: str, statement: str) -> str:
    """Return what the server calls its refusal of a statement."""
    with (
        psycopg.connect(plain(url), autocommit=True) as connection,
        pytest.raises(psycopg.Error) as told,
    ):
        connection.execute(statement.encode())
    return type(told.value).__name__


def note_firm(session: Session, name: str = "Firm") -> int:
    firm = Company(id=new_id(), name=name, name_key=name, sort_name=name)
    session.add(firm)
    return firm.id


FORBIDDEN_TO_READERS = (
    "INSERT INTO tag (id, created_at, updated_at, row_version, name, name_key)"
    " VALUES (1, now(), now(), 1, 'x', 'x')",
    "UPDATE company SET name = 'x'",
    "UPDATE log_head SET n = n + 1",
    "DELETE FROM contact",
    "TRUNCATE contact CASCADE",
    "CREATE TABLE mine (id int)",
    "CREATE TEMP TABLE mine (id int)",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE SCHEMA mine",
    "ALTER TABLE contact ADD COLUMN mine int",
    "DROP TABLE contact",
    "CREATE INDEX mine ON contact (id)",
    "COPY tag FROM STDIN",
    "SELECT * FROM contact FOR UPDATE",
    "BEGIN; LOCK TABLE contact IN ROW EXCLUSIVE MODE",
    "ALTER TABLE contact DISABLE TRIGGER ALL",
    "CREATE ROLE friend",
)


def test_a_reader_reads_everything_and_writes_nothing_by_any_statement(office: str) -> None:
    boss = add(office, BOSS, ServerRole.READER)
    tables = sql(office, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert len(tables) > 40
    for (table,) in tables:
        sql(boss, f'SELECT * FROM "{table}" LIMIT 1')
        assert refused(boss, f'DELETE FROM "{table}"') == "InsufficientPrivilege"
        assert refused(boss, f'INSERT INTO "{table}" DEFAULT VALUES') == "InsufficientPrivilege"
    for statement in FORBIDDEN_TO_READERS:
        assert refused(boss, statement) == "InsufficientPrivilege", statement


def test_a_member_writes_records_but_changes_no_table(office: str) -> None:
    elena = add(office, ELENA, ServerRole.MEMBER)
    sql(elena, "UPDATE log_head SET n = n", "DELETE FROM job_lease", "LISTEN closeknit")
    for statement in (
        "TRUNCATE contact CASCADE",
        "CREATE TABLE mine (id int)",
        "CREATE TEMP TABLE mine (id int)",
        "ALTER TABLE contact ADD COLUMN mine int",
        "DROP TABLE contact",
        "CREATE TRIGGER mine BEFORE INSERT ON contact EXECUTE FUNCTION search_contact_kept()",
        "UPDATE alembic_version SET version_num = '9999'",
        "CREATE ROLE friend",
    ):
        assert refused(elena, statement) == "InsufficientPrivilege", statement


def test_strangers_get_nothing(office: str) -> None:
    add(office, ELENA, ServerRole.MEMBER)
    sql(office, f'CREATE ROLE "{SECOND}" LOGIN')
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        sql(login_to(office, SECOND), "SELECT 1")


def test_a_member_works_and_a_reader_only_reads_in_the_program(office: str) -> None:
    elena, boss = add(office, ELENA, ServerRole.MEMBER), add(office, BOSS, ServerRole.READER)
    member = Workspace.open(elena, user_name="Marc Dubois", watch=False)
    try:
        assert not member.read_only
        saved = member.change("Note a firm", note_firm)
    finally:
        member.close()
    before = sql(office, "SELECT n FROM log_head"), sql(office, "SELECT * FROM node_lease")
    reader = Workspace.open(boss, watch=True)
    try:
        assert reader.read_only
        assert "may read this database but not write" in reader.why_read_only
        count = reader.read(lambda s: s.scalar(select(func.count()).where(Company.id == saved)))
        assert count == 1
        assert reader.read(lambda s: server_role(s.connection())) is ServerRole.READER
        locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' OR mode LIKE '%Row%'"
        assert sql(office, locks) == [(0,)]
    finally:
        reader.close()
    after = sql(office, "SELECT n FROM log_head"), sql(office, "SELECT * FROM node_lease")
    assert after == before


def test_two_openings_of_members_and_owners_have_their_roles(office: str) -> None:
    olga = add(office, OWNER, ServerRole.OWNER)
    elena = add(office, ELENA, ServerRole.MEMBER)
    for url, role in ((olga, ServerRole.OWNER), (elena, ServerRole.MEMBER)):
        workspace = Workspace.open(url, watch=False)
        try:
            assert workspace.read(lambda s: server_role(s.connection())) is role
        finally:
            workspace.close()
    assert [(x.name, x.role) for x in list_server_logins(server_url(olga))] == [
        (ELENA, ServerRole.MEMBER),
        (OWNER, ServerRole.OWNER),
    ]


def as_an_older_schema(office: str) -> None:
    """Take the migrations after the second back, as it was made before this version."""
    assert HEAD == "0005"
    index = "ix_deal_pipeline_id_stage_type_closed_on"
    new_columns = {
        "activity": ("thread_key", "body_html"),
        "appointment": ("series", "repeats", "repeats_until", "time_zone"),
        "import_batch": ("source", "links", "headers", "plan_digest", "end_step"),
    }
    sql(
        office,
        "DROP TABLE activity_participant, pending_link, import_reject, watched_file, "
        "watched_folder, import_mapping, mail_folder, mail_account",
        *(
            f"ALTER TABLE {table} DROP COLUMN {name}"
            for table, names in new_columns.items()
            for name in names
        ),
        f"DROP INDEX {index}_stage_id_archived_at",
        f"CREATE INDEX {index} ON deal (pipeline_id, stage_type, closed_on)",
        "DROP TABLE presence, job_lease, machine_pass",
        "UPDATE alembic_version SET version_num = '0002'",
    )


def test_only_an_owner_upgrades_and_the_new_tables_are_everybodys(office: str) -> None:
    olga = add(office, OWNER, ServerRole.OWNER)
    elena = add(office, ELENA, ServerRole.MEMBER)
    boss = add(office, BOSS, ServerRole.READER)
    as_an_older_schema(office)
    with pytest.raises(EnvironmentFault, match="Ask its owner to open it once"):
        Workspace.open(elena, watch=False)
    assert sql(office, "SELECT version_num FROM alembic_version") == [("0002",)]
    Workspace.open(olga, watch=False).close()
    assert sql(office, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    Workspace.open(elena, watch=False).close()
    sql(boss, "SELECT * FROM presence")
    assert refused(boss, "DELETE FROM presence") == "InsufficientPrivilege"
    owners = sql(
        office,
        "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'",
    )
    assert len(owners) == 1
    assert owners[0][0].endswith("_owner")


def test_an_owner_added_later_makes_changes_and_removes_logins(office: str) -> None:
    olga = add(office, OWNER, ServerRole.OWNER)
    elena = add(olga, ELENA, ServerRole.MEMBER)
    change_server_role(server_url(olga), ELENA, ServerRole.READER)
    assert refused(elena, "DELETE FROM tag") == "InsufficientPrivilege"
    change_server_role(server_url(olga), ELENA, ServerRole.MEMBER)
    sql(elena, "DELETE FROM tag")
    assert remove_server_login(server_url(olga), ELENA)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        sql(elena, "SELECT 1")
    # A login that the administrator made: its rights go, the login itself is not Olga's to drop.
    boss = add(office, BOSS, ServerRole.MEMBER)
    remove_server_login(server_url(olga), BOSS)
    with pytest.raises(psycopg.OperationalError, match=r"permission denied|does not exist"):
        sql(boss, "SELECT 1")


def test_members_make_no_logins_and_nobody_disarms_themselves(office: str) -> None:
    olga = add(office, OWNER, ServerRole.OWNER)
    elena = add(office, ELENA, ServerRole.MEMBER)
    with pytest.raises(EnvironmentFault, match="may not make or change logins"):
        add_server_login(server_url(elena), SECOND, ServerRole.OWNER)
    with pytest.raises(UserError, match="nobody takes their own rights away"):
        remove_server_login(server_url(olga), OWNER)
    with pytest.raises(UserError, match="is a login named"):
        add_server_login(server_url(olga), ELENA, ServerRole.MEMBER)
    with pytest.raises(UserError, match="no login named"):
        change_server_role(server_url(olga), "nobody.test", ServerRole.MEMBER)


@pytest.mark.parametrize("name", ["", "Elena", 'x"; DROP ROLE postgres; --', "pg_x", "élan"])
def test_names_that_make_trouble_are_refused(office: str, name: str) -> None:
    with pytest.raises(UserError, match="written in small letters"):
        add_server_login(server_url(office), name, ServerRole.MEMBER)


def test_a_made_up_password_is_long_and_stored_as_scram_only(office: str) -> None:
    made = add_server_login(server_url(office), ELENA, ServerRole.MEMBER)
    assert len(made.password) >= 24
    ((stored,),) = sql(office, f"SELECT rolpassword FROM pg_authid WHERE rolname = '{ELENA}'")
    assert stored.startswith("SCRAM-SHA-256$")
    assert made.password not in stored


def test_two_databases_of_one_server_have_rights_of_their_own(
    office: str, postgresql_url: str
) -> None:
    with new_database(postgresql_url) as other:
        Workspace.open(other, create=True, watch=False).close()
        elena = add(office, ELENA, ServerRole.MEMBER)
        add(other, SECOND, ServerRole.MEMBER)
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            sql(login_to(other, ELENA), "SELECT 1")
        change_server_role(server_url(other), ELENA, ServerRole.READER)
        assert refused(login_to(other, ELENA), "DELETE FROM tag") == "InsufficientPrivilege"
        sql(elena, "DELETE FROM tag")
        assert not remove_server_login(server_url(other), ELENA)  # it still serves the office
        sql(elena, "SELECT 1")
        remove_server_login(server_url(other), SECOND)


def test_a_removed_persons_window_loses_its_connection(office: str) -> None:
    elena = add(office, ELENA, ServerRole.MEMBER)
    window = Workspace.open(elena, watch=False)
    try:
        remove_server_login(server_url(office), ELENA)
        with pytest.raises(EnvironmentFault):
            window.change("Note a firm", note_firm)
    finally:
        window.close()
    assert sql(office, "SELECT count(*) FROM company") == [(0,)]


def test_the_command_line_shows_and_makes_logins(
    office: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(*arguments: str) -> Any:
        assert command_line(["logins", *arguments, "-w", office, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    made = told("add", ELENA, "--role", "read-only")
    assert (made["name"], made["role"]) == (ELENA, "read-only")
    assert told() == [{"name": ELENA, "role": "read-only"}]
    assert told("change", ELENA, "--role", "member")["role"] == "member"
    assert told("remove", ELENA) == {"name": ELENA, "removed_from_server": True}
    assert told("list") == []
    assert command_line(["logins", "add", "-w", office]) == 2


def test_a_database_without_workspace_has_no_logins(postgresql_url: str) -> None:
    with (
        new_database(postgresql_url) as empty,
        pytest.raises(EnvironmentFault, match="is empty"),
    ):
        list_server_logins(server_url(empty))
