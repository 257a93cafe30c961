"""How the columns of a file were mapped, kept apart from the file: remembered, named, exported.

The JSON of an exported mapping: `{"closeknit_mapping": 1, "name", "kind", "columns": {header:
field | null}, "words": {field: {word: word | null}}, "on_match", "match_by": [...], "reading":
{"encoding", "delimiter", "header_row", "sheet"}}`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from app.errors import UserError
from app.exchange.fields import KINDS
from app.exchange.guessing import ColumnGuess, TableGuess, guess_table
from app.exchange.plan import FilePlan, MatchBy, OnMatch, Region, Taking, plan_file, plan_table
from app.exchange.tables import Dialect, Table, open_table
from models.values import name_key

MARK: Final = "closeknit_mapping"
VERSION: Final = 1
MAX_FILE: Final = 5_000_000  # bytes; a mapping of all columns that are possible has far fewer
_READING: Final = ("encoding", "delimiter", "header_row", "sheet")
Words = Mapping[str, Mapping[str, str | None]]


@dataclass(frozen=True, slots=True)
class FileMapping:
    """What a person chose for files of one shape; `columns` are by header, None is left out."""

    kind: str
    columns: Mapping[str, str | None]
    name: str = ""
    words: Words = field(default_factory=dict)
    on_match: OnMatch = OnMatch.FILE
    match_by: frozenset[MatchBy] = frozenset(MatchBy)
    reading: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shape(self) -> str:
        """The shape of the headers it is for."""
        return shape_of(list(self.columns))

    def as_json(self) -> dict[str, Any]:
        """Return the mapping as it is exported and kept."""
        return {
            MARK: VERSION,
            "name": self.name,
            "kind": self.kind,
            "columns": dict(self.columns),
            "words": {key: dict(words) for key, words in self.words.items()},
            "on_match": self.on_match.value,
            "match_by": [by.value for by in MatchBy if by in self.match_by],
            "reading": dict(self.reading),
        }


def shape_of(headers: Sequence[str]) -> str:
    """Return a digest that files with the same columns share, in whatever order and spelling."""
    keys = sorted(_key(header) for header in headers)
    return hashlib.sha256("\x1f".join(keys).encode()).hexdigest()


def from_plan(plan: FilePlan, name: str = "") -> FileMapping:
    """Return how a planned file is mapped now."""
    dialect = plan.table.dialect
    return FileMapping(
        plan.kind,
        plan.mapping(),
        name or plan.mapped_as,
        plan.taking.words,
        plan.taking.on_match,
        plan.taking.match_by,
        _usable({key: getattr(dialect, key) for key in _READING}),
    )


def apply(plan: FilePlan, mapping: FileMapping, region: Region) -> FilePlan:
    """Map a planned file as a mapping says; columns that it does not name stay as they were.

    How the file is read changes only where its headers are not those of the mapping, but would
    be if it were read as the mapping says.
    """
    taking = Taking(mapping.on_match, mapping.match_by, _by_key(mapping.words))
    table = _table_for(plan.table, mapping)
    if table.stated is not None:
        return replace(plan, taking=taking, mapped_as=mapping.name, corrected=True)
    guess = plan.guess
    if table is not plan.table or plan.kind != mapping.kind:
        guess = guess_table(table, mapping.kind)
    made = plan_table(table, _mapped(guess, mapping), region, taking)
    return replace(made, source=plan.source, mapped_as=mapping.name, corrected=True)


def plan_mapped(
    path: str | Path, mapping: FileMapping, region: Region | None = None, **reading: Any
) -> FilePlan:
    """Open a file and map it; `reading` corrects what neither the file nor the mapping says."""
    place = region or Region()
    try:
        plan = plan_file(path, kind=mapping.kind, region=place, **reading)
    except UserError:
        if reading or not mapping.reading:
            raise
        plan = plan_file(path, kind=mapping.kind, region=place, **_usable(mapping.reading))
    return apply(plan, mapping, place)


def load(path: str | Path) -> FileMapping:
    """Read an exported mapping; UserError where the file is none."""
    place = Path(path)
    try:
        if place.stat().st_size > MAX_FILE:
            raise _none(place.name, "it is too large")
        found = json.loads(place.read_text("utf-8-sig"))
    except OSError as error:
        raise UserError(
            "{file} cannot be read: {reason}. Check the name and its permissions.",
            file=place.name,
            reason=error.strerror or str(error),
        ) from error
    except (ValueError, RecursionError) as error:
        raise _none(place.name, "it is no JSON") from error
    try:
        return from_json(found)
    except UserError as error:
        raise _none(place.name, str(error)) from error


def save(mapping: FileMapping, path: str | Path) -> None:
    """Write a mapping to a file."""
    place = Path(path)
    try:
        text = json.dumps(mapping.as_json(), ensure_ascii=False, indent=2)
        place.write_text(text + "\n", "utf-8")
    except OSError as error:
        raise UserError(
            "{file} cannot be written: {reason}. Choose another place.",
            file=place.name,
            reason=error.strerror or str(error),
        ) from error


def from_json(found: Any) -> FileMapping:
    """Return the mapping that JSON describes; UserError says what does not fit."""
    if not isinstance(found, Mapping) or found.get(MARK) != VERSION:
        raise UserError("it does not begin with {mark}: {version}", mark=MARK, version=VERSION)
    kind = str(found.get("kind"))
    if kind not in KINDS:
        raise UserError("there are no records of the kind {kind}", kind=kind[:60])
    columns = found.get("columns")
    if not isinstance(columns, Mapping):
        raise UserError("its columns are missing")
    for header, key in columns.items():
        _check_field(kind, str(header), key)
    try:
        on_match = OnMatch(found.get("on_match", OnMatch.FILE))
        match_by = frozenset(MatchBy(each) for each in found.get("match_by", list(MatchBy)))
    except (ValueError, TypeError) as error:
        raise UserError("it names an unknown way to match records") from error
    return FileMapping(
        kind,
        {str(header): key for header, key in columns.items()},
        str(found.get("name") or "")[:120],
        _words_of(found.get("words") or {}),
        on_match,
        match_by,
        _usable(found.get("reading") or {}),
    )


def _check_field(kind: str, header: str, key: Any) -> None:
    if key is None:
        return
    try:
        KINDS[kind].field(key)
    except (KeyError, ValueError, AttributeError, TypeError) as error:
        raise UserError(
            "the column {column} becomes {key}, which {kind} do not have",
            column=header[:60],
            key=str(key)[:60],
            kind=KINDS[kind].plural,
        ) from error


def _words_of(found: Any) -> Words:
    if not isinstance(found, Mapping) or not all(isinstance(x, Mapping) for x in found.values()):
        raise UserError("its words are not written as pairs under the name of a field")
    return {
        str(key): {str(a): None if b is None else str(b) for a, b in words.items()}
        for key, words in found.items()
    }


def _usable(reading: Any) -> dict[str, Any]:
    """Return what of a reading opens a file: texts, and a number for the header's row."""
    if not isinstance(reading, Mapping):
        raise UserError("its reading is not written as names and values")
    found: dict[str, Any] = {}
    for key in _READING:
        value = reading.get(key)
        fits = isinstance(value, int) and value >= 0 if key == "header_row" else _is_text(value)
        if fits:
            found[key] = value
    return found


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _table_for(table: Table, mapping: FileMapping) -> Table:
    if table.stated is not None or not mapping.columns or not mapping.reading:
        return table
    known = {_key(header) for header in mapping.columns}
    if known & {_key(header) for header in table.headers}:
        return table
    reading = _usable(mapping.reading)
    if _reads_like(table.dialect, reading):
        return table
    try:
        other = open_table(table.path, **reading)
    except (UserError, LookupError, ValueError):  # as this file cannot be read
        return table
    return other if known & {_key(header) for header in other.headers} else table


def _reads_like(dialect: Dialect, reading: Mapping[str, Any]) -> bool:
    return all(getattr(dialect, key) == value for key, value in reading.items())


def _mapped(guess: TableGuess, mapping: FileMapping) -> TableGuess:
    wanted = {_key(header): key for header, key in mapping.columns.items()}
    here = {_key(column.header) for column in guess.columns}
    taken = {key for header, key in wanted.items() if key is not None and header in here}
    columns: list[ColumnGuess] = []
    for column in guess.columns:
        place = _key(column.header)
        if place in wanted:
            column = replace(column, field=wanted[place], confidence=1.0, reason="", chosen=True)  # noqa: PLW2901  the same column, mapped
        elif column.field in taken:
            column = replace(column, field=None, confidence=0.0, reason="Given to another column.")  # noqa: PLW2901  the same column, mapped
        columns.append(column)
    return replace(guess, columns=tuple(columns))


def _by_key(words: Words) -> Words:
    return {
        key: {name_key(word): other for word, other in pairs.items()}
        for key, pairs in words.items()
    }


def _key(header: str) -> str:
    return name_key(header) or header.strip().casefold()


def _none(file: str, reason: str) -> UserError:
    return UserError(
        "{file} is no mapping of Closeknit: {reason}. Export one from the import page.",
        file=file,
        reason=reason,
    )
