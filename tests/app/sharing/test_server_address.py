"""Addresses: never shown with a password, never open without encryption off this computer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, text

from app.errors import EnvironmentFault
from app.settings import Settings, without_password
from app.sharing.server_address import address_of, is_near, server_url
from app.workspace import Workspace
from tests.app.sharing.servers import OwnServer, TlsFront, own_address, sql

SECRET = "tell-nobody"  # noqa: S105  of a server that lives as long as the test


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnServer]:
    server = OwnServer(tmp_path_factory.mktemp("own") / "data")
    sql(server.local, f"CREATE ROLE elena LOGIN SUPERUSER PASSWORD '{SECRET}'")
    Workspace.open(server.local, create=True, watch=False).close()
    yield server
    server.close()


@pytest.mark.parametrize(
    ("host", "near"),
    [
        ("localhost", True),
        ("LOCALHOST", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("/run/postgresql", True),
        ("@abstract", True),
        ("localhost:5433", True),
        ("127.0.0.1:5433", True),
        ("10.0.0.5", False),
        ("db.office.example", False),
        ("localhost.office.example", False),
        ("127.office.example", False),
        ("0.0.0.0", False),  # noqa: S104  only a name here
        ("fe80::1", False),
    ],
)
def test_which_hosts_are_this_computer(host: str, near: bool) -> None:
    assert is_near(host) is near


@pytest.mark.parametrize(
    ("location", "mode"),
    [
        ("postgresql://elena@db.office.example/crm", "require"),
        ("postgresql://elena@/crm?host=db.office.example", "require"),
        ("postgresql://elena@/crm?hostaddr=10.0.0.5&host=localhost", "require"),
        ("postgresql://elena@/crm?host=localhost&host=10.0.0.5", "require"),
        ("postgresql://elena@/crm?service=office", "require"),
        ("postgresql://elena@db/crm?sslrootcert=/etc/ca.crt", "verify-full"),
        ("postgresql://elena@db/crm?sslmode=verify-ca", "verify-ca"),
        ("postgresql://elena@localhost/crm", None),
        ("postgresql://elena@localhost/crm?sslmode=disable", "disable"),
        ("postgresql://elena@/crm?host=/run/postgresql", None),
        ("postgresql:///crm", None),
    ],
)
def test_encryption_is_asked_for_off_this_computer(location: str, mode: str | None) -> None:
    assert server_url(location, {}).query.get("sslmode") == mode


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "nonsense"])
@pytest.mark.parametrize("place", ["elena:{0}@db.example/crm?", "elena:{0}@/crm?host=10.0.0.5&"])
def test_an_address_that_waives_encryption_is_refused(mode: str, place: str) -> None:
    location = f"postgresql://{place.format(SECRET)}sslmode={mode}"
    with pytest.raises(EnvironmentFault, match="did not connect") as refused:
        Workspace.open(location, watch=False)
    assert mode in str(refused.value)
    assert SECRET not in str(refused.value)


def test_the_environment_may_ask_for_more_but_not_for_less() -> None:
    location = "postgresql://elena@db.example/crm"
    assert server_url(location, {"PGSSLMODE": "verify-full"}).query["sslmode"] == "verify-full"
    assert server_url(location, {"PGSSLMODE": "disable"}).query["sslmode"] == "require"
    far = {"PGHOST": "db.example"}
    assert server_url("postgresql:///crm", far).query["sslmode"] == "require"
    assert "sslmode" not in server_url("postgresql:///crm", {"PGHOST": "/run"}).query


@pytest.mark.parametrize(
    "location",
    [
        f"postgresql://elena:{SECRET}@db.example:5433/crm?sslmode=require",
        f"postgres://elena:{SECRET}@localhost/crm",
        f"postgresql+psycopg://elena@localhost/crm?password={SECRET}",
        f"postgresql://elena@db.example/crm?sslpassword={SECRET}",
        f"postgresql://elena:{SECRET}@db.example:port/crm",
        f"postgresql://elena:{SECRET}",
    ],
)
def test_no_password_is_shown_or_kept(location: str) -> None:
    assert SECRET not in without_password(location)
    assert without_password(location).startswith(("postgresql:", "postgres:"))
    settings = Settings()
    settings.remember_workspace(location)
    settings.save()
    assert SECRET not in Settings.path().read_text("utf-8")
    assert SECRET not in repr(settings)


def test_a_password_that_an_earlier_version_kept_is_dropped() -> None:
    settings = Settings(recent=[f"postgresql://elena:{SECRET}@db.example/crm", "/x/y.closeknit"])
    settings.save()
    assert SECRET in Settings.path().read_text("utf-8")
    loaded = Settings.load()
    assert loaded.recent == ["postgresql://elena@db.example/crm", "/x/y.closeknit"]
    loaded.save()
    assert SECRET not in Settings.path().read_text("utf-8")


def test_an_address_without_password_leads_to_the_same_place() -> None:
    url = server_url(f"postgresql://elena:{SECRET}@db.example:5433/crm?sslmode=require")
    again = server_url(address_of(url))
    assert again.password is None
    assert again == make_url(again.render_as_string()).set(password=None)
    assert (again.host, again.port, again.database) == ("db.example", 5433, "crm")
    assert without_password("/home/elena/My business.closeknit").endswith("closeknit")


def test_an_open_workspace_keeps_no_password_in_its_location(own_server: OwnServer) -> None:
    workspace = Workspace.open(own_server.tcp("elena", SECRET), watch=False)
    try:
        assert workspace.location == own_server.tcp("elena")
        assert SECRET not in repr(workspace.database.url)
    finally:
        workspace.close()


def test_a_server_without_encryption_is_refused_off_the_loopback(own_server: OwnServer) -> None:
    location = own_server.tcp("elena", SECRET, host=own_address())
    with pytest.raises(EnvironmentFault, match="offers no encryption") as refused:
        Workspace.open(location, watch=False)
    assert SECRET not in str(refused.value)
    on_loopback = Workspace.open(own_server.tcp("elena", SECRET), watch=False)
    on_loopback.close()


@pytest.fixture
def front(own_server: OwnServer, tmp_path: Path) -> Iterator[TlsFront]:
    opened = TlsFront(tmp_path, own_server.port, own_address())
    yield opened
    opened.close()


def test_off_the_loopback_every_connection_is_encrypted(front: TlsFront) -> None:
    host = own_address()
    workspace = Workspace.open(f"postgresql://elena:{SECRET}@{host}:{front.port}/postgres")
    try:
        assert workspace.read(lambda s: s.scalar(text("SELECT current_user"))) == "elena"

        def in_use(session: object) -> bool:
            del session
            return True

        workspace.change("Nothing", in_use)
        assert front.encrypted >= 1
        with workspace.database.reading() as session:
            raw: Any = session.connection().connection.dbapi_connection
            assert raw.pgconn.ssl_in_use
    finally:
        workspace.close()


def test_a_servers_certificate_is_checked_where_the_authority_is_known(
    front: TlsFront, own_server: OwnServer, tmp_path: Path
) -> None:
    address = f"postgresql://elena:{SECRET}@{own_address()}:{front.port}/postgres"
    Workspace.open(f"{address}?sslrootcert={front.certificate}", watch=False).close()
    (tmp_path / "other").mkdir()
    other = TlsFront(tmp_path / "other", own_server.port, own_address())
    try:
        with pytest.raises(EnvironmentFault, match="could not prove that it is the right one"):
            Workspace.open(f"{address}?sslrootcert={other.certificate}", watch=False)
    finally:
        other.close()
