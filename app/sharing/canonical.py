"""One canonical form of a workspace's rows, the same from a file and from a server.

Moments as UTC text with microseconds, numbers as plain decimals of at most 15 digits (a file keeps
no more), JSON with sorted keys, booleans as 0 and 1. Rows read in this form are what a move writes,
what its checksums are made of and what `export` prints, so all three speak of the same thing.
"""

import base64
import json
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Context, Decimal
from hashlib import sha256
from typing import Any

from sqlalchemy import Boolean, Column, Float, LargeBinary, Numeric, Table

from models.base import FrozenJSON, Moment
from models.records import Base

Row = tuple[Any, ...]
Normal = Callable[[Any], Any]

# They say who has this very file open, who works in it and where it lies; a moved workspace starts
# without them.
LEFT_BEHIND = frozenset({"presence", "job_lease", "machine_pass"})
ROWS_AT_ONCE = 5_000
_FILES_AT_ONCE = 4  # attachments are large
_MOMENT_LENGTH = len("2026-11-23 10:00:00.000000")
_INTEGER_LIMIT = 2**63
_DIGITS = Context(prec=15)


def moved_tables() -> list[Table]:
    """Return the tables of a workspace that move, those that others point to first."""
    return [t for t in Base.metadata.sorted_tables if t.name not in LEFT_BEHIND]


@dataclass(slots=True)
class Sum:
    """The count and checksum of one table's rows, taken while they pass."""

    rows: int = 0
    _digest: Any = field(default_factory=sha256)

    def add(self, lines: str, rows: int) -> None:
        """Take in the canonical lines of some rows."""
        self.rows += rows
        self._digest.update(lines.encode())

    @property
    def checksum(self) -> str:
        """The checksum of all that was taken in."""
        return str(self._digest.hexdigest())


class TableReader:
    """Reads one table's rows in canonical form, in the order of the primary key."""

    def __init__(self, table: Table, dialect: str) -> None:
        self.table = table
        self.columns = [column.name for column in table.columns]
        self._on_server = dialect == "postgresql"
        normal = [_normal(column, dialect) for column in table.columns]
        self._normals = [(i, function) for i, function in enumerate(normal) if function]
        files = any(isinstance(column.type, LargeBinary) for column in table.columns)
        self._at_once = _FILES_AT_ONCE if files else ROWS_AT_ONCE

    def rows(self, raw: Any) -> Generator[list[Row]]:
        """Yield the rows, some at a time, over a driver's connection with an open transaction."""
        if self._on_server:
            # Without a name the driver would hold the whole table in memory.
            with raw.cursor(name="closeknit_rows") as cursor:
                yield from self._pieces(cursor)
        else:
            with closing(raw.cursor()) as cursor:
                yield from self._pieces(cursor)

    def lines(self, rows: Sequence[Row]) -> str:
        """Return rows as lines of JSON."""
        return "".join([_line(row) + "\n" for row in rows])

    def _pieces(self, cursor: Any) -> Iterator[list[Row]]:
        cursor.execute(self.select)
        while rows := cursor.fetchmany(self._at_once):
            yield self._normalised(rows) if self._normals else rows

    def _normalised(self, rows: list[Row]) -> list[Row]:
        normals = self._normals
        normalised = []
        for row in rows:
            values = list(row)
            for i, function in normals:
                if values[i] is not None:
                    values[i] = function(values[i])
            normalised.append(tuple(values))
        return normalised

    @property
    def select(self) -> str:
        """The statement that reads the table."""
        wanted = ", ".join(self._expression(column) for column in self.table.columns)
        order = ", ".join(self._order(column) for column in self.table.primary_key)
        return f'SELECT {wanted} FROM "{self.table.name}" ORDER BY {order}'  # noqa: S608  our own names

    def _expression(self, column: Column[Any]) -> str:
        name = f'"{column.name}"'
        if not self._on_server:
            return name
        if isinstance(column.type, Moment):
            return f"to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
        if isinstance(column.type, Boolean):
            return f"{name}::int"
        if isinstance(column.type, Float | LargeBinary) or column.type.python_type in {int, str}:
            return name
        return f"{name}::text"

    def _order(self, column: Column[Any]) -> str:
        # A server's own collation would sort texts otherwise than a file does.
        text = self._on_server and column.type.python_type is str
        return f'"{column.name}"' + (' COLLATE "C"' if text else "")


def sum_of(reader: TableReader, raw: Any) -> Sum:
    """Return the count and checksum of a table."""
    found = Sum()
    for rows in reader.rows(raw):
        found.add(reader.lines(rows), len(rows))
    return found


def write_export(raw: Any, dialect: str, write: Callable[[str], Any]) -> None:
    """Write a workspace as JSON lines: per table a line of column names, then its rows by id."""
    for table in moved_tables():
        reader = TableReader(table, dialect)
        write(_encode({"table": table.name, "columns": reader.columns}) + "\n")
        for rows in reader.rows(raw):
            write(reader.lines(rows))


def _normal(column: Column[Any], dialect: str) -> Normal | None:
    """Return what brings a driver's value into canonical form; None where it has it already."""
    if isinstance(column.type, FrozenJSON):
        return canonical_json
    if isinstance(column.type, Float):
        return float
    if isinstance(column.type, Numeric):
        return _decimal_of(column.type.scale or 0)
    if isinstance(column.type, Moment) and dialect == "sqlite":
        return _moment
    return None


def _moment(value: str) -> str:
    if len(value) == _MOMENT_LENGTH:
        return value
    # Written by another tool: without microseconds, or with a zone.
    found = datetime.fromisoformat(value)
    found = found.astimezone(UTC) if found.tzinfo else found
    return found.strftime("%Y-%m-%d %H:%M:%S.%f")


def _decimal_of(scale: int) -> Normal:
    smallest = Decimal(1).scaleb(-scale)
    wide = Context(prec=60)

    def decimal(value: Any) -> str:
        number = _DIGITS.create_decimal(str(value)).quantize(smallest, context=wide)
        return format(number.normalize(wide) + 0, "f")

    return decimal


def canonical_json(value: Any) -> str:
    """Return JSON text as both stores would tell it: keys sorted, 1.0 and 1 the same number."""
    if not isinstance(value, str):  # a file keeps a lone number as a number
        value = repr(value)
    return _dump(json.loads(value, parse_float=_json_float, parse_int=_json_int))


def _json_float(text: str) -> float | int:
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < _INTEGER_LIMIT else number


def _json_int(text: str) -> float | int:
    number = int(text)
    return number if abs(number) < _INTEGER_LIMIT else float(number)


def _base64(value: Any) -> dict[str, str]:
    return {"base64": base64.b64encode(value).decode()}


_dump = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_base64).encode
_line = _encode
