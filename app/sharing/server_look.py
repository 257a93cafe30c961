"""Looks at a database server before a workspace is moved there; writes nothing."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from app.database_faults import place_of, sentence_of
from app.engines import POSTGRESQL_CONNECT_SECONDS
from app.errors import EnvironmentFault, UserError
from app.sharing.server_address import DEFAULT_PORT, is_server, server_url

_OLDEST: Final = 130_000  # PostgreSQL 13


@dataclass(frozen=True, slots=True)
class ServerSight:
    """What a server says of itself and of the database that was named."""

    version: str
    user: str
    database: str
    encrypted: bool
    is_near: bool  # reached without a network: nobody can listen in


def address_from(server: str, database: str, user: str, password: str) -> str:
    """Return the address for what a person typed; the server may be a whole address itself."""
    server, database, user = server.strip(), database.strip(), user.strip()
    if not server:
        raise UserError("Give the server's name or address.", field="server")
    if is_server(server):
        url = server_url(server)
        changes: dict[str, Any] = {"database": database or url.database}
        changes |= {"username": user} if user else {}
        changes |= {"password": password} if password else {}
        return url.set(**changes).render_as_string(hide_password=False)
    if not database:
        raise UserError("Give the name of the database.", field="database")
    host, _, port = server.partition(":") if server.count(":") == 1 else (server, "", "")
    if port and not port.isdecimal():
        raise UserError("A port is a number, such as 5432.", field="server")
    query = {"host": host} if host.startswith("/") else {}
    return URL.create(
        "postgresql",
        username=user or None,
        password=password or None,
        host=None if query else host.strip("[]"),
        port=int(port) if port else None if query else DEFAULT_PORT,
        database=database,
        query=query,
    ).render_as_string(hide_password=False)


def look_at_server(location: str) -> ServerSight:
    """Connect and say what is there; raise where a workspace cannot be moved to it."""
    url = server_url(location)
    engine = create_engine(url, connect_args={"connect_timeout": POSTGRESQL_CONNECT_SECONDS})
    try:
        with engine.connect() as connection:
            sight = _sight(connection)
            _check_usable(connection, url)
    except DBAPIError as error:
        raise sentence_of(error.orig or error, url) or error from error
    finally:
        engine.dispose()
    return sight


def _sight(connection: Connection) -> ServerSight:
    row = connection.execute(
        text(
            "SELECT current_setting('server_version'), current_user, current_database(),"
            " coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false),"
            " coalesce(inet_server_addr() << '127.0.0.0/8' OR inet_server_addr() = '::1', true)"
        )
    ).one()
    return ServerSight(str(row[0]).partition(" ")[0], str(row[1]), str(row[2]), row[3], row[4])


def _check_usable(connection: Connection, url: URL) -> None:
    number = int(connection.execute(text("SHOW server_version_num")).scalar() or 0)
    if number < _OLDEST:
        raise EnvironmentFault(
            "The server of {place} is too old (PostgreSQL {version}).",
            remedy="Closeknit needs PostgreSQL 13 or newer.",
            place=place_of(url),
            version=number // 10_000,
        )
    may = connection.execute(
        text("SELECT has_schema_privilege(current_schema(), 'CREATE')")
    ).scalar()
    if not may:
        raise EnvironmentFault(
            "Your login may not make tables in {place}.",
            remedy="Ask its administrator to make you the owner of the database.",
            place=place_of(url),
        )
    tables = set(
        connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        ).scalars()
    )
    if tables and "log_head" not in tables:
        raise _taken(url, "holds tables of something else")
    if tables and connection.execute(text("SELECT coalesce(max(n), 0) FROM log_head")).scalar():
        raise _taken(url, "holds a workspace already")


def _taken(url: URL, why: str) -> EnvironmentFault:
    return EnvironmentFault(
        "The database {place} " + why + ".",
        remedy="Give an empty database; CREATE DATABASE on the server makes one.",
        place=place_of(url),
    )
