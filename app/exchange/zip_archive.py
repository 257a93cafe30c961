"""A zip of a whole workspace, opened with suspicion: it may be damaged, or made to do harm."""

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from sqlalchemy import Table

from app.errors import UserError
from app.exchange.out.whole import (
    FILES,
    FORMAT,
    MANIFEST,
    VERSION,
    TableEntry,
    member_of,
    packed_tables,
)
from models.migrations import HEAD

_MAX_MANIFEST: Final = 1_000_000  # bytes
_MAX_LINE: Final = 64_000_000
_MAX_FILE: Final = 2_000_000_000
_SMALL: Final = 100_000_000  # bytes; below it no ratio is a bomb
_MAX_RATIO: Final = 250
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_PIECE: Final = 1 << 20
_ZIP: Final = b"PK\x03\x04"


def is_workspace_zip(path: Path) -> bool:
    """Say whether a file is a whole workspace as one zip; damaged ones that say so count."""
    try:
        with path.open("rb") as file:
            if not file.read(4).startswith(_ZIP):
                return False
        with zipfile.ZipFile(path) as archive:
            found = _manifest_of(archive)
    except (OSError, zipfile.BadZipFile, ValueError, KeyError, NotImplementedError, RuntimeError):
        return False
    return found.get("format") == FORMAT


def _manifest_of(archive: zipfile.ZipFile) -> dict[str, Any]:
    with archive.open(MANIFEST) as file:
        data = file.read(_MAX_MANIFEST + 1)
    if len(data) > _MAX_MANIFEST:
        raise ValueError("the manifest is too long")
    found = json.loads(data)
    if not isinstance(found, dict):
        raise TypeError("the manifest is no object")
    return found


class WorkspaceArchive:
    """The tables and files of a zip, each checked against the manifest while it is read."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path = path
        self._archive = archive
        self.entries = self._checked_manifest()
        self._check_members()

    def rows(self, table: Table) -> Iterator[list[Any]]:
        """Yield a table's rows in the order of its columns; UserError where they are damaged."""
        entry = self.entries[table.name]
        digest, size, count = hashlib.sha256(), 0, 0
        expected = [column.name for column in table.columns]
        with self._faults(), self._archive.open(member_of(table)) as file:
            for number, line in enumerate(_lines(file)):
                digest.update(line)
                size += len(line)
                if size > entry.size:
                    raise self.damaged()
                row = json.loads(line)
                if number == 0:
                    if row != {"table": table.name, "columns": expected}:
                        raise self.damaged()
                    continue
                if not isinstance(row, list) or len(row) != len(expected):
                    raise self.damaged()
                count += 1
                yield row
        if (count, size, digest.hexdigest()) != (entry.rows, entry.size, entry.sha256):
            raise self.damaged()

    def content(self, digest: Any, size: Any) -> bytes:
        """Return an attached file; UserError where it is missing or not what its name says."""
        if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
            raise self.damaged()
        with self._faults(), self._archive.open(FILES + digest) as file:
            data = file.read(_MAX_FILE + 1)
        if len(data) != size or hashlib.sha256(data).hexdigest() != digest:
            raise self.damaged()
        return data

    def damaged(self) -> UserError:
        """Return the one sentence for everything that is not as it was written."""
        return UserError(
            "{file} is damaged: it does not hold what its manifest says. Nothing was restored. "
            "Export the workspace again, or copy the file anew.",
            file=self.path.name,
        )

    def _checked_manifest(self) -> dict[str, TableEntry]:
        with self._faults():
            found = _manifest_of(self._archive)
            if found.get("format") != FORMAT:
                raise self.damaged()
            self._check_version(found)
            entries = {name: TableEntry(**entry) for name, entry in found["tables"].items()}
        if set(entries) != {table.name for table in packed_tables()}:
            raise self.damaged()
        return entries

    def _check_version(self, manifest: dict[str, Any]) -> None:
        version, schema = manifest.get("version"), manifest.get("schema")
        if version == VERSION and schema == HEAD:
            return
        if isinstance(version, int) and isinstance(schema, str) and (version, schema) < (
            VERSION, HEAD,
        ):  # fmt: skip
            raise UserError(
                "{file} was written by an older version of Closeknit ({schema}). Restore it with "
                "that version, then open the workspace with this one.",
                file=self.path.name,
                schema=schema,
            )
        raise UserError(
            "{file} was written by a newer version of Closeknit ({schema}). Update this program, "
            "then try again.",
            file=self.path.name,
            schema=str(schema)[:20],
        )

    def _check_members(self) -> None:
        """Refuse what a zip of ours never holds: other names, twice the same, bombs, secrets."""
        expected = {member_of(table) for table in packed_tables()} | {MANIFEST}
        seen: set[str] = set()
        unpacked = 0
        for info in self._archive.infolist():
            name = info.filename
            ours = name in expected or (
                name.startswith(FILES) and _DIGEST.fullmatch(name.removeprefix(FILES))
            )
            if not ours or name in seen or info.flag_bits & 1:
                raise UserError(
                    "{file} holds something that is no part of a workspace ({name}). "
                    "Nothing was restored.",
                    file=self.path.name,
                    name=name[:80],
                )
            seen.add(name)
            unpacked += info.file_size
        if not expected <= seen:
            raise self.damaged()
        packed = max(self.path.stat().st_size, 1)
        if unpacked > _SMALL and unpacked / packed > _MAX_RATIO:
            raise UserError(
                "{file} would unpack to {size} MB, far more than a workspace of its size does. "
                "Nothing was restored.",
                file=self.path.name,
                size=unpacked // 1_000_000,
            )

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Turn what zip and JSON say of damage into the sentence."""
        try:
            yield
        except (
            zipfile.BadZipFile, zlib.error, EOFError, ValueError, TypeError, KeyError,
            AttributeError, RecursionError, NotImplementedError, RuntimeError,
        ) as error:  # fmt: skip
            raise self.damaged() from error


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    while line := file.readline(_MAX_LINE + 1):
        if len(line) > _MAX_LINE:
            raise ValueError("a line is too long")
        yield line
