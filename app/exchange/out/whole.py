"""A whole workspace as one zip: manifest.json, one file of JSON lines a table, files as files.

`tables/contact.jsonl` begins with a line that names the columns; each further line is a row in the
canonical form of `app.sharing.canonical`. Attachments lie under `attachments/`, each under its
SHA-256. manifest.json holds of each table the rows, the size and the SHA-256 of its file.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from app.exchange.out.files import written_whole
from app.exchange.out.run import ExportStoppedError, Progress
from app.sharing.canonical import Row, TableReader, moved_tables
from app.workspace import Workspace
from models.clock import now
from models.migrations import HEAD

FORMAT: Final = "closeknit-workspace"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
FILES: Final = "attachments/"
# Which program holds which numbers is of no use in another place.
_LEFT_OUT: Final = frozenset({"node_lease"})


@dataclass(frozen=True, slots=True)
class TableEntry:
    """What the manifest says of a table's file; `size` in bytes, `sha256` in hex."""

    rows: int
    size: int
    sha256: str


def packed_tables() -> list[Table]:
    """Return the tables that go into a zip, those that others point to first."""
    return [table for table in moved_tables() if table.name not in _LEFT_OUT]


def member_of(table: Table) -> str:
    """Return the name of a table's file in the zip."""
    return f"tables/{table.name}.jsonl"


def export_workspace(
    workspace: Workspace,
    path: Path,
    *,
    force: bool = False,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> dict[str, int]:
    """Write everything into a zip, as of one moment; return the rows by table.

    Raises UserError where the file is there already, ExportStoppedError when asked to stop.
    """
    with written_whole(path, force=force) as draft:
        packing = _Packing(draft, workspace.database.dialect, on_progress, should_stop)
        with workspace.database.reading(patient=True) as session:
            entries = packing.write(session, workspace.name)
    return {name: entry.rows for name, entry in entries.items()}


class _Packing:
    def __init__(
        self,
        draft: Path,
        dialect: str,
        on_progress: Progress | None,
        should_stop: Callable[[], bool],
    ) -> None:
        self._draft = draft
        self._dialect = dialect
        self._on_progress = on_progress
        self._should_stop = should_stop
        self._done = self._total = 0

    def write(self, session: Session, name: str) -> dict[str, TableEntry]:
        tables = packed_tables()
        self._total = sum(
            session.scalar(select(func.count()).select_from(table)) or 0 for table in tables
        )
        raw: Any = session.connection().connection.dbapi_connection
        entries: dict[str, TableEntry] = {}
        with zipfile.ZipFile(
            self._draft, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=5
        ) as archive:
            for table in tables:
                reader = TableReader(table, self._dialect)
                if table.name == "attachment":
                    entries[table.name] = self._attachments(archive, reader, raw)
                else:
                    pieces = ((reader.lines(rows), len(rows)) for rows in reader.rows(raw))
                    entries[table.name] = self._table(archive, reader, pieces)
            archive.writestr(MANIFEST, _manifest(name, entries))
        return entries

    def _table(
        self, archive: zipfile.ZipFile, reader: TableReader, pieces: Iterable[tuple[str, int]]
    ) -> TableEntry:
        """Write one table's file piece by piece."""
        digest, size, count = hashlib.sha256(), 0, 0
        head = json.dumps({"table": reader.table.name, "columns": reader.columns}) + "\n"
        with archive.open(member_of(reader.table), "w", force_zip64=True) as file:
            size += self._put(file, digest, head)
            for lines, rows in pieces:
                size += self._put(file, digest, lines)
                count += rows
                self._tell(rows)
        return TableEntry(count, size, digest.hexdigest())

    def _put(self, file: Any, digest: Any, lines: str) -> int:
        data = lines.encode()
        digest.update(data)
        return int(file.write(data))

    def _tell(self, rows: int) -> None:
        if self._should_stop():
            raise ExportStoppedError("The export was stopped; no file was written.")
        self._done += rows
        if self._on_progress is not None:
            self._on_progress(self._done, max(self._total, self._done))

    def _attachments(self, archive: zipfile.ZipFile, reader: TableReader, raw: Any) -> TableEntry:
        """Write files as files, and their rows without them afterwards."""
        content = reader.columns.index("content")
        name = reader.columns.index("digest")
        kept: list[str] = []
        for rows in reader.rows(raw):
            for row in rows:
                archive.writestr(FILES + str(row[name]), bytes(row[content]))
            kept.append(reader.lines([_without(row, content) for row in rows]))
        return self._table(archive, reader, ((lines, lines.count("\n")) for lines in kept))


def _without(row: Row, index: int) -> Row:
    return (*row[:index], None, *row[index + 1 :])


def _manifest(name: str, entries: dict[str, TableEntry]) -> str:
    return json.dumps(
        {
            "format": FORMAT,
            "version": VERSION,
            "schema": HEAD,
            "workspace": name,
            "made_at": now().isoformat(),
            "tables": {table: asdict(entry) for table, entry in entries.items()},
        },
        indent=1,
        ensure_ascii=False,
    )
