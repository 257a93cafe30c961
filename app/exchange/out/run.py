"""Writes a list of records into a file of the format its ending names."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module, util
from pathlib import Path
from typing import Any, Final

from app.errors import UserError
from app.exchange.fields import BY_PLURAL
from app.exchange.out.cells import columns_of, rows_of
from app.exchange.out.files import written_whole
from app.exchange.out.reading import (
    PAGE,
    Item,
    count_records,
    extent_of,
    matching,
    read_after,
    read_ids,
)
from app.exchange.own_tables import COLUMNS
from app.workspace import Workspace

TABLES: Final = {".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".xlsx": "xlsx"}
LINES: Final = {".jsonl": "jsonl", ".ndjson": "jsonl"}
# Formats of other programs: the module of `app.exchange.out` that writes them, and which kinds.
SPECIAL: Final = {
    ".vcf": ("cards", frozenset({"contact", "company"})),
    ".ics": ("ics", frozenset({"appointment", "task"})),
    ".mbox": ("mbox", frozenset({"activity"})),
}
KINDS: Final = {plural: kind for plural, kind in BY_PLURAL.items() if kind in COLUMNS}
Progress = Callable[[int, int], object]


class ExportStoppedError(UserError):
    """A person stopped an export; no file was left behind."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to go out: the records of a kind, all, those with certain words, or these ids."""

    kind: str
    words: str = ""
    ids: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What was written; `notes` say what the format could not hold."""

    path: Path
    kind: str
    records: int
    notes: list[str] = field(default_factory=list)


def endings_for(kind: str) -> list[str]:
    """Return the endings of the files that records of a kind can be written into."""
    special = [
        ending
        for ending, (module, kinds) in SPECIAL.items()
        if kind in kinds and util.find_spec(f"app.exchange.out.{module}") is not None
    ]
    return [".csv", ".xlsx", ".tsv", ".jsonl", *special]


def export_list(
    workspace: Workspace,
    wanted: Wanted,
    path: Path,
    *,
    force: bool = False,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] = lambda: False,
) -> ExportResult:
    """Write records into a file, a page at a time; nothing is left behind where that fails.

    `on_progress` is told how many of how many records are written. Raises UserError for an ending
    that is not known or that the kind cannot have, and ExportStoppedError when asked to stop.
    """
    ending = path.suffix.lower()
    if ending not in endings_for(wanted.kind):
        raise UserError(
            "Nothing writes these records into a {ending} file. Use one of {endings}.",
            ending=ending or "nameless",
            endings=", ".join(endings_for(wanted.kind)),
        )
    ids = wanted.ids
    if ids is None and wanted.words.strip():
        ids = workspace.read(matching, wanted.kind, wanted.words)
    total = workspace.read(count_records, wanted.kind) if ids is None else len(ids)
    pages = _Pages(workspace, wanted.kind, ids, total, on_progress, should_stop)
    with written_whole(path, force=force) as draft:
        notes = _write(workspace, draft, ending, pages)
    return ExportResult(path, wanted.kind, pages.done, notes)


@dataclass(slots=True)
class _Pages:
    """The records, one after the other; each page in a read of its own, so that nobody waits."""

    workspace: Workspace
    kind: str
    ids: Sequence[int] | None
    total: int
    on_progress: Progress | None
    should_stop: Callable[[], bool]
    done: int = 0

    def __iter__(self) -> Iterator[Item]:
        for page in self._by_id() if self.ids is None else self._as_given(self.ids):
            if self.should_stop():
                raise ExportStoppedError("The export was stopped; no file was written.")
            yield from page
            self.done += len(page)
            if self.on_progress is not None:
                self.on_progress(self.done, max(self.total, self.done))

    def _by_id(self) -> Iterator[list[Item]]:
        after = -1
        while page := self.workspace.read(read_after, self.kind, after):
            after = page[-1].values["id"]
            yield page

    def _as_given(self, ids: Sequence[int]) -> Iterator[list[Item]]:
        for start in range(0, len(ids), PAGE):
            yield self.workspace.read(read_ids, self.kind, ids[start : start + PAGE])


def _write(workspace: Workspace, draft: Path, ending: str, items: _Pages) -> list[str]:
    if ending in SPECIAL:
        writer: Any = import_module(f"app.exchange.out.{SPECIAL[ending][0]}")
        found: list[str] = writer.write_items(draft, items) or []
        return found
    if ending in LINES:
        from app.exchange.out.lines import write_lines

        return write_lines(draft, items)
    columns = columns_of(items.kind, workspace.read(extent_of, items.kind))
    headers = [header for header, _ in columns]
    getters = [get for _, get in columns]
    rows = ([get(row) for get in getters] for item in items for row in rows_of(item))
    if TABLES[ending] == "xlsx":
        from app.exchange.out.sheets import write_workbook

        return write_workbook(draft, headers, rows)
    from app.exchange.out.delimited import write_delimited

    return write_delimited(draft, headers, rows, delimiter="\t" if ending != ".csv" else ",")
