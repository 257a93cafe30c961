"""The logins of people in a workspace on a server: made, changed and removed from here."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from app.database_faults import place_of, sentence_of
from app.engines import POSTGRESQL_CONNECT_SECONDS
from app.errors import EnvironmentFault, UserError
from app.sharing.server_rights import (
    ServerRole,
    execute,
    is_new_server,
    no_rights,
    prepare_roles,
    quoted,
    role_exists,
    role_names,
)

_NAME = re.compile(r"[a-z_][a-z0-9_.@-]{0,62}")


@dataclass(frozen=True, slots=True)
class ServerLogin:
    """A person's login and what it may do here."""

    name: str
    role: ServerRole


@dataclass(frozen=True, slots=True)
class NewLogin:
    """A login just made, with the password to hand over; it is stored nowhere in the clear."""

    name: str
    role: ServerRole
    password: str


def list_server_logins(url: URL) -> list[ServerLogin]:
    """Return who may do what, by name."""
    with _administered(url) as connection:
        return _logins(connection)


def add_server_login(
    url: URL, name: str, role: ServerRole, password: str | None = None
) -> NewLogin:
    """Make a login for a person; without password, one is made up. Needs CREATEROLE."""
    name = _checked_name(name)
    password = password or secrets.token_urlsafe(18)
    with _administered(url) as connection:
        prepare_roles(connection)
        if role_exists(connection, name):
            raise UserError(
                "There is a login named {name} on this server already. "
                "Change its role here, or choose another name.",
                field="name",
                name=name,
            )
        # Encrypted here, so that not even the server's log sees it.
        raw: Any = connection.connection.dbapi_connection
        secret = raw.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
        execute(connection, f"CREATE ROLE {quoted(name)} LOGIN PASSWORD '{secret.decode()}'")
        _grant(connection, name, role)
    return NewLogin(name, role, password)


def change_server_role(url: URL, name: str, role: ServerRole) -> None:
    """Give an existing login another role here, or its first; its password stays."""
    name = _checked_name(name)
    with _administered(url) as connection:
        prepare_roles(connection)
        if not role_exists(connection, name):
            raise _unknown(name)
        _check_last_owner(connection, name, becomes=role)
        _revoke(connection, name)
        _grant(connection, name, role)


def remove_server_login(url: URL, name: str) -> bool:
    """Take a login's rights here, and the login itself unless it serves another database.

    Return whether the login itself is gone. Its open windows lose their connection.
    """
    name = _checked_name(name)
    with _administered(url) as connection:
        prepare_roles(connection)
        known = {login.name for login in _logins(connection)}
        if name not in known:
            raise _unknown(name)
        _check_last_owner(connection, name, becomes=None)
        _revoke(connection, name)
        elsewhere = connection.execute(
            text(
                "SELECT EXISTS (SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member"
                " WHERE r.rolname = :name) OR EXISTS (SELECT 1 FROM pg_shdepend d JOIN pg_roles r"
                " ON r.oid = d.refobjid WHERE r.rolname = :name AND d.refclassid ="
                " 'pg_authid'::regclass)"
            ),
            {"name": name},
        ).scalar()
        number = connection.execute(
            text("SELECT oid FROM pg_roles WHERE rolname = :name"), {"name": name}
        ).scalar()
        if not elsewhere and _may_drop(connection, name):
            execute(connection, f"DROP ROLE {quoted(name)}")
    with _administered(url) as connection:  # when nobody can come back
        _end_sessions(connection, number)
        return not role_exists(connection, name)


@contextmanager
def _administered(url: URL) -> Iterator[Connection]:
    """Give a connection in one transaction that is kept as a whole or not at all."""
    engine = create_engine(url, connect_args={"connect_timeout": POSTGRESQL_CONNECT_SECONDS})
    try:
        with engine.begin() as connection:
            if connection.execute(text("SELECT to_regclass('log_head')")).scalar() is None:
                raise EnvironmentFault(
                    "{place} is empty.",
                    remedy="Move a workspace there first.",
                    place=place_of(url),
                )
            yield connection
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == "42501":  # insufficient_privilege
            raise no_rights(url) from error
        raise sentence_of(error.orig or error, url) or error from error
    finally:
        engine.dispose()


def _logins(connection: Connection) -> list[ServerLogin]:
    roles = {name: role for role, name in role_names(connection).items()}
    rows = connection.execute(
        text(
            "SELECT DISTINCT l.rolname, g.rolname FROM pg_auth_members m"
            " JOIN pg_roles l ON l.oid = m.member JOIN pg_roles g ON g.oid = m.roleid"
            " WHERE g.rolname = ANY(:groups) AND l.rolcanlogin ORDER BY 1, 2"
        ),
        {"groups": list(roles)},
    ).all()
    strongest: dict[str, ServerRole] = {}
    order = list(ServerRole)
    for name, group in rows:
        role = roles[group]
        known = strongest.get(name)
        if known is None or order.index(role) < order.index(known):
            strongest[name] = role
    return [ServerLogin(name, role) for name, role in sorted(strongest.items())]


def _grant(connection: Connection, name: str, role: ServerRole) -> None:
    groups = role_names(connection)
    group, login = quoted(groups[role]), quoted(name)
    if role is not ServerRole.OWNER:
        # In the name of all owners, so that each of them can take it back.
        by = f" GRANTED BY {quoted(groups[ServerRole.OWNER])}" if is_new_server(connection) else ""
        execute(connection, f"GRANT {group} TO {login}{by}")
        return
    execute(connection, f"GRANT {group} TO {login} WITH ADMIN OPTION")
    if is_new_server(connection):  # before, it would reach every login of the server
        execute(connection, f"ALTER ROLE {login} CREATEROLE")


def _revoke(connection: Connection, name: str) -> None:
    groups = role_names(connection)
    was_owner = any(x.name == name and x.role is ServerRole.OWNER for x in _logins(connection))
    rows = connection.execute(
        text(
            "SELECT roleid::regrole::text, grantor::regrole::text FROM pg_auth_members"
            " WHERE member = CAST(:login AS regrole)"
            " AND roleid::regrole::text = ANY(:groups) ORDER BY 1, 2"
        ),
        {"login": quoted(name), "groups": _names_as_shown(connection, groups)},
    ).all()
    for group, grantor in rows:
        by = f" GRANTED BY {grantor}" if is_new_server(connection) else ""
        execute(connection, f"REVOKE {group} FROM {quoted(name)}{by} CASCADE")
    if was_owner and is_new_server(connection):
        execute(connection, f"ALTER ROLE {quoted(name)} NOCREATEROLE")


def _names_as_shown(connection: Connection, groups: dict[ServerRole, str]) -> list[str]:
    query = text("SELECT quote_ident(:name)")
    return [str(connection.execute(query, {"name": x}).scalar()) for x in groups.values()]


def _check_last_owner(connection: Connection, name: str, becomes: ServerRole | None) -> None:
    current = str(connection.execute(text("SELECT current_user")).scalar())
    if name == current and becomes is not ServerRole.OWNER:
        raise UserError(
            "{name} is the login you are using; nobody takes their own rights away.",
            field="name",
            name=name,
        )


def _may_drop(connection: Connection, name: str) -> bool:
    """Say whether the login was made by the one connected, or by nobody in particular."""
    return not is_new_server(connection) or bool(
        connection.execute(
            text(
                "SELECT rolsuper OR pg_has_role(current_user, :name, 'MEMBER WITH ADMIN OPTION')"
                " FROM pg_roles WHERE rolname = current_user"
            ),
            {"name": name},
        ).scalar()
    )


def _end_sessions(connection: Connection, number: Any) -> None:
    may = connection.execute(
        text(
            "SELECT rolsuper OR pg_has_role(current_user, 'pg_signal_backend', 'USAGE')"
            " FROM pg_roles WHERE rolname = current_user"
        )
    ).scalar()
    if may:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usesysid = :number"
            ),
            {"number": number},
        )


def _unknown(name: str) -> UserError:
    return UserError(
        "There is no login named {name} here; “logins list” shows who there is.",
        field="name",
        name=name,
    )


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name) or name.startswith(("pg_", "closeknit_")):
        raise UserError(
            "A login's name is written in small letters without accents, digits and . _ @ -, "
            "such as {example}; not {name}.",
            field="name",
            example="elena.novak",
            name=name,
        )
    return name
