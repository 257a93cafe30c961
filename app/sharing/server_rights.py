"""What each role may do in a workspace on a server, enforced by the database itself.

Three roles without login carry the rights, one set for each database: the owner owns the tables
(and so may upgrade them), members read and write records, readers only read. Nothing is left to
PUBLIC.
"""

import hashlib
from enum import StrEnum

from sqlalchemy import URL, Connection, text

from app.database_faults import place_of
from app.errors import EnvironmentFault

_LONGEST = 63  # bytes of a name in PostgreSQL
_ADMIN_OPTION_IS_ENOUGH = 160_000  # from this version on CREATEROLE reaches only one's own roles
_BOOKKEEPING = ("alembic_version",)  # members read it; only an upgrade writes it


class ServerRole(StrEnum):
    """What a login may do in a workspace."""

    OWNER = "owner"
    MEMBER = "member"
    READER = "read-only"


def settle_upgrade(connection: Connection) -> None:
    """Give what an upgrade has made to the owners' role, and each role its rights to it.

    Does nothing in a database that has no roles of ours.
    """
    groups = role_names(connection)
    _one_at_a_time(connection)
    if all(role_exists(connection, group) for group in groups.values()) and owns_schema(connection):
        _settle(connection, groups)


def server_role(connection: Connection) -> ServerRole:
    """Return what the connected login may do."""
    if owns_schema(connection):
        return ServerRole.OWNER
    writes = connection.execute(
        text("SELECT has_table_privilege(to_regclass('log_head'), 'UPDATE')")
    ).scalar()
    return ServerRole.MEMBER if writes else ServerRole.READER


def owns_schema(connection: Connection) -> bool:
    """Say whether the connected login may change tables; also where there are none yet."""
    owner = connection.execute(
        text("SELECT relowner FROM pg_class WHERE oid = to_regclass('log_head')")
    ).scalar()
    if owner is None:
        return bool(
            connection.execute(
                text("SELECT has_schema_privilege(current_schema(), 'CREATE')")
            ).scalar()
        )
    return bool(
        connection.execute(
            text("SELECT pg_has_role(current_user, CAST(:owner AS oid), 'USAGE')"),
            {"owner": owner},
        ).scalar()
    )


def check_may_upgrade(connection: Connection, url: URL) -> None:
    """Raise EnvironmentFault where the schema must be made or upgraded by somebody else."""
    if not owns_schema(connection):
        raise EnvironmentFault(
            "{place} has to be prepared for this version of Closeknit, and your login may not "
            "change its tables.",
            remedy="Ask its owner to open it once with this version; then open it again.",
            place=place_of(url),
        )


def no_rights(url: URL) -> EnvironmentFault:
    """Return the sentence for a login that may not make logins."""
    return EnvironmentFault(
        "Your login on {place} may not make or change logins.",
        remedy="Use the login that made the database and may make roles, or ask the server's "
        "administrator: ALTER ROLE … CREATEROLE.",
        place=place_of(url),
    )


def prepare_roles(connection: Connection) -> None:
    """Make the three roles where they are missing and give each its rights; needs CREATEROLE."""
    allowed = connection.execute(
        text("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user")
    ).scalar()
    if not allowed:
        raise no_rights(connection.engine.url)
    _one_at_a_time(connection)
    groups = role_names(connection)
    for group in groups.values():
        if not role_exists(connection, group):
            execute(connection, f"CREATE ROLE {quoted(group)} NOLOGIN")
    owner = quoted(groups[ServerRole.OWNER])
    if not connection.execute(
        text("SELECT pg_has_role(current_user, :role, 'USAGE')"),
        {"role": groups[ServerRole.OWNER]},
    ).scalar():
        execute(connection, f"GRANT {owner} TO CURRENT_USER")
    for role in (ServerRole.MEMBER, ServerRole.READER):
        if not connection.execute(
            text("SELECT pg_has_role(:owner, :role, 'MEMBER WITH ADMIN OPTION')"),
            {"owner": groups[ServerRole.OWNER], "role": groups[role]},
        ).scalar():
            execute(connection, f"GRANT {quoted(groups[role])} TO {owner} WITH ADMIN OPTION")
    _settle(connection, groups)


def _settle(connection: Connection, groups: dict[ServerRole, str]) -> None:
    """Give everything in the schema to the owners' role, and each role its rights."""
    owner, member, reader = (quoted(groups[role]) for role in ServerRole)
    database = quoted(str(connection.execute(text("SELECT current_database()")).scalar()))
    schema = quoted(str(connection.execute(text("SELECT current_schema()")).scalar()))
    everybody = f"{owner}, {member}, {reader}"
    statements = []
    if _owns_database(connection):  # an owner added later finds this done
        statements += [
            f"REVOKE ALL ON DATABASE {database} FROM PUBLIC",
            f"REVOKE ALL ON SCHEMA {schema} FROM PUBLIC",
            f"GRANT CONNECT ON DATABASE {database} TO {everybody}",
            f"GRANT USAGE ON SCHEMA {schema} TO {everybody}",
            f"GRANT CREATE ON SCHEMA {schema} TO {owner}",
        ]
    statements += [f"ALTER {kind} {name} OWNER TO {owner}" for kind, name in _owned(connection)]
    everything = [f"ALL {kind} IN SCHEMA {schema}" for kind in ("TABLES", "SEQUENCES", "FUNCTIONS")]
    tables, sequences, functions = everything
    for things in everything:
        statements.append(f"REVOKE ALL ON {things} FROM PUBLIC, {member}, {reader}")
    statements += [
        f"GRANT SELECT ON {tables} TO {reader}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {tables} TO {member}",
        *(f"REVOKE INSERT, UPDATE, DELETE ON {name} FROM {member}" for name in _BOOKKEEPING),
        f"GRANT USAGE ON {sequences} TO {member}",
        f"GRANT EXECUTE ON {functions} TO {member}, {reader}",
    ]
    # What an upgrade makes later; what it makes in another owner's name, settle_upgrade takes in.
    later = f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema}"
    statements += [
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
        f"{later} GRANT SELECT ON TABLES TO {reader}",
        f"{later} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {member}",
        f"{later} GRANT EXECUTE ON FUNCTIONS TO {member}, {reader}",
    ]
    for statement in statements:
        execute(connection, statement)


def _one_at_a_time(connection: Connection) -> None:
    # Two that grant on one table meet "tuple concurrently updated".
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('closeknit roles'))"))


def _owns_database(connection: Connection) -> bool:
    return bool(
        connection.execute(
            text(
                "SELECT pg_has_role(current_user, datdba, 'USAGE') FROM pg_database"
                " WHERE datname = current_database()"
            )
        ).scalar()
    )


def _owned(connection: Connection) -> list[tuple[str, str]]:
    """Return what in the schema does not belong to the owners' role yet, as ALTER names it."""
    wanted = role_names(connection)[ServerRole.OWNER]
    rows = connection.execute(
        text(
            "SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END,"
            " oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'S')"
            " AND relnamespace = current_schema()::regnamespace"
            " AND relowner <> CAST(:owner AS regrole)"
            " UNION ALL SELECT 'FUNCTION', oid::regprocedure::text FROM pg_proc"
            " WHERE pronamespace = current_schema()::regnamespace"
            " AND proowner <> CAST(:owner AS regrole)"
        ),
        {"owner": quoted(wanted)},
    )
    return [(row[0], row[1]) for row in rows]


def role_names(connection: Connection) -> dict[ServerRole, str]:
    """Return the names of the three roles of the connected database."""
    database = str(connection.execute(text("SELECT current_database()")).scalar())
    return {role: _group_name(database, role) for role in ServerRole}


def _group_name(database: str, role: ServerRole) -> str:
    # Roles belong to the whole server; a second workspace there needs roles of its own.
    name = f"closeknit_{database}_{role.value.replace('-', '_')}"
    if len(name.encode()) <= _LONGEST:
        return name
    digest = hashlib.sha256(database.encode()).hexdigest()[:16]
    return f"closeknit_{digest}_{role.value.replace('-', '_')}"


def is_new_server(connection: Connection) -> bool:
    """Say whether CREATEROLE reaches only the roles one has made."""
    version = int(connection.execute(text("SHOW server_version_num")).scalar() or 0)
    return version >= _ADMIN_OPTION_IS_ENOUGH


def role_exists(connection: Connection, name: str) -> bool:
    """Say whether the server knows a role, with or without login."""
    found = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name})
    return found.scalar() is not None


def quoted(name: str) -> str:
    """Return a name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def execute(connection: Connection, statement: str) -> None:
    """Execute a statement that takes no parameters."""
    connection.exec_driver_sql(statement.replace("%", "%%"))
