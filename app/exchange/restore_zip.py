"""Brings a whole workspace back from a zip, into one that is still empty: all of it or nothing."""

import math
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    Integer,
    LargeBinary,
    Numeric,
    String,
    Table,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.errors import EnvironmentFault, UserError
from app.exchange.out.whole import packed_tables
from app.exchange.zip_archive import WorkspaceArchive
from app.recorder import writes_allowed
from app.sharing.passes import HOME
from app.workspace import Workspace
from app.writer import Priority
from models.base import Choice, FrozenJSON, Moment
from models.records import User
from models.search_index import rebuild

# What a new workspace starts with, and what it writes about itself.
_FROM_THE_START: Final = frozenset(
    {
        "change_log", "change_step", "lead_source", "log_head", "pipeline", "saved_view", "stage",
        "user", "workspace_setting",
    }
)  # fmt: skip
_AT_ONCE: Final = 2_000
_FILES_AT_ONCE: Final = 4
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}")
_LARGEST: Final = 2**63
Checker = Callable[[Any], bool]


def restore_zip(workspace: Workspace, path: Path, *, dry: bool = False) -> dict[str, int]:
    """Fill an empty workspace with what a zip holds; return the rows by table.

    `dry`: only check the zip and that the workspace is empty. Raises UserError for a workspace
    that holds anything and for a zip that is damaged, hostile or of another version; the workspace
    is then as it was.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(zipfile.ZipFile(path))
        except (zipfile.BadZipFile, NotImplementedError) as error:
            raise UserError(
                "{file} is damaged: it cannot be opened as a zip. Copy the file anew.",
                file=path.name,
            ) from error
        except OSError as error:
            raise EnvironmentFault(
                "{file} cannot be read: {reason}.",
                remedy="Check its name and permissions.",
                file=path.name,
                reason=error.strerror or str(error),
            ) from error
        archive = WorkspaceArchive(path, file)
        if dry:
            return dict(workspace.read(_checked, archive))
        who = workspace.read(_name_of, workspace.user_id)
        counts = (
            workspace.writer.submit(
                "Restore workspace",
                _restore,
                archive=archive,
                urgency=Priority.BATCH,
                undoable=False,
            )
            .result()
            .value
        )
    workspace.user_id = workspace.read(_id_of, who)
    return dict(counts)


def _name_of(session: Session, user_id: int | None) -> str | None:
    return session.scalar(select(User.name).where(User.id == user_id))


def _id_of(session: Session, name: str | None) -> int | None:
    return session.scalar(select(User.id).where(User.name == name).limit(1))


def _checked(session: Session, archive: WorkspaceArchive) -> dict[str, int]:
    tables = packed_tables()
    _refuse_filled(session, tables)
    filling = _Filling(None, "sqlite", archive)
    return {table.name: filling.count(table) for table in tables}


def _restore(session: Session, *, archive: WorkspaceArchive) -> dict[str, int]:
    """Replace what the workspace started with by what the zip holds, in one transaction."""
    tables = packed_tables()
    _refuse_filled(session, tables)
    connection = session.connection()
    dialect = connection.dialect.name
    with writes_allowed(session):
        if dialect == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for table in reversed(tables):
            kept = f" WHERE key <> '{HOME}'" if table.name == "workspace_setting" else ""
            connection.exec_driver_sql(f'DELETE FROM "{table.name}"{kept}')  # noqa: S608  our own names
        filling = _Filling(connection.connection.dbapi_connection, dialect, archive)
        try:
            for table in tables:
                filling.fill(table)
            for table in tables:
                filling.link(table)
            rebuild(connection)
            if dialect == "sqlite":
                _check_links(connection, archive)
        except DBAPIError as error:
            raise archive.damaged() from error
        except Exception as error:
            if type(error).__module__.split(".")[0] in {"pysqlite3", "sqlite3", "psycopg"}:
                raise archive.damaged() from error
            raise
    return {table.name: archive.entries[table.name].rows for table in tables}


def _refuse_filled(session: Session, tables: Sequence[Table]) -> None:
    for table in tables:
        if table.name in _FROM_THE_START:
            continue
        if session.execute(select(table).limit(1)).first() is not None:
            raise UserError(
                "This workspace holds records already. A whole workspace can only be restored into "
                "an empty one; name a new file after -w."
            )


def _check_links(connection: Any, archive: WorkspaceArchive) -> None:
    if connection.execute(text("PRAGMA foreign_key_check")).first() is not None:
        raise archive.damaged()


class _Filling:
    """Writes rows over the driver's connection, inside the session's transaction."""

    def __init__(self, raw: Any, dialect: str, archive: WorkspaceArchive) -> None:
        self._raw = raw
        self._on_server = dialect == "postgresql"
        self._archive = archive

    def fill(self, table: Table) -> None:
        """Write a table's rows; on a server without the links to its own rows, see `link`."""
        own = set(_own_links(table)) if self._on_server else set()
        columns = ", ".join(f'"{c.name}"' for c in table.columns)
        marks = ", ".join(("%s" if self._on_server else "?") for _ in table.columns)
        statement = f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})'  # noqa: S608  our own names
        blank = [i for i, c in enumerate(table.columns) if c.name in own]
        cursor = self._raw.cursor()
        rows = self._rows(table)
        at_once = _FILES_AT_ONCE if table.name == "attachment" else _AT_ONCE
        while piece := list(islice(rows, at_once)):
            for row in piece:
                for i in blank:
                    row[i] = None
            cursor.executemany(statement, piece)

    def count(self, table: Table) -> int:
        """Read a table's rows as `fill` does, and count them."""
        return sum(1 for _ in self._rows(table))

    def link(self, table: Table) -> None:
        """Write the links of a table to its own rows, once all of these are there."""
        if not self._on_server:
            return
        names = [c.name for c in table.columns]
        for column in _own_links(table):
            at = names.index(column)
            key = names.index("id")
            statement = f'UPDATE "{table.name}" SET "{column}" = %s WHERE id = %s'  # noqa: S608  our own names
            pairs = ((row[at], row[key]) for row in self._rows(table) if row[at] is not None)
            cursor = self._raw.cursor()
            while piece := list(islice(pairs, _AT_ONCE)):
                cursor.executemany(statement, piece)

    def _rows(self, table: Table) -> Iterator[list[Any]]:
        checkers = [_checker(column) for column in table.columns]
        home = table.name == "workspace_setting"
        for row in self._archive.rows(table):
            for value, good in zip(row, checkers, strict=True):
                if value is not None and not good(value):
                    raise self._archive.damaged()
            if home and HOME in row:
                continue
            yield (
                self._with_file(table, row)
                if table.name == "attachment"
                else self._typed(table, row)
            )

    def _with_file(self, table: Table, row: list[Any]) -> list[Any]:
        names = [c.name for c in table.columns]
        digest, size = row[names.index("digest")], row[names.index("size")]
        row[names.index("content")] = self._archive.content(digest, size)
        return row

    def _typed(self, table: Table, row: list[Any]) -> list[Any]:
        """Return a row as the driver takes it: a server wants yes and no, not 1 and 0."""
        if not self._on_server:
            return row
        return [
            bool(value) if value is not None and isinstance(column.type, Boolean) else value
            for value, column in zip(row, table.columns, strict=True)
        ]


def _own_links(table: Table) -> list[str]:
    return [c.name for c in table.columns for k in c.foreign_keys if k.column.table is table]


def _checker(column: Column[Any]) -> Checker:
    """Return what says whether a value is of a column's type; the store itself takes anything."""
    kind: Any = column.type
    if isinstance(kind, Choice):
        words = {str(choice.value) for choice in kind.choices}
        return lambda value: isinstance(value, str) and value in words
    for types, checker in _CHECKERS:
        if isinstance(kind, types):
            return checker
    return lambda _value: False


def _is_moment(value: Any) -> bool:
    return (
        isinstance(value, str)
        and bool(_MOMENT.fullmatch(value))
        and _reads(datetime.fromisoformat, value)
    )


def _is_number(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return Decimal(value).is_finite()
    except InvalidOperation:
        return False


def _is_float(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _is_integer(value: Any) -> bool:
    return type(value) is int and -_LARGEST <= value < _LARGEST


def _reads(read: Callable[[str], Any], value: Any) -> bool:
    try:
        read(value)
    except (ValueError, TypeError, RecursionError):
        return False
    return True


_CHECKERS: Final[tuple[tuple[type | tuple[type, ...], Checker], ...]] = (
    (Moment, _is_moment),
    (FrozenJSON, lambda value: isinstance(value, str) and _reads(orjson.loads, value)),
    (Boolean, lambda value: value in (0, 1)),
    (Float, _is_float),
    (Integer, _is_integer),
    (Numeric, _is_number),
    (Date, lambda value: isinstance(value, str) and _reads(date.fromisoformat, value)),
    (LargeBinary, lambda _value: False),  # files lie beside the rows
    (String, lambda value: isinstance(value, str)),
)
