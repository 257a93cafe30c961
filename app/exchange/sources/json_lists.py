"""JSON with records of several kinds: sObject trees, or several lists in one file.

Each sort of record (an sObject's type, a list's path) is a table of its own, recognised and read
like any other; its rows come as records that state themselves. Records of a tree are known by
their reference ("@AccountRef1"), and children in a record name it as their parent.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from app.errors import UserError
from app.exchange.sources.json_flat import flatten, headers_of
from app.exchange.tables import MAX_COLUMNS, Dialect, Given, SourceRow, Stated, Table

if TYPE_CHECKING:
    from app.exchange.drafts import RowReader
    from app.exchange.sources.json_records import JsonSource
    from app.exchange.sources.json_scan import Piece

# Salesforce's objects (Object Reference for the Salesforce Platform) and what they are here.
_KINDS: Final[Mapping[str, str]] = {
    "account": "company", "contact": "contact", "lead": "contact", "opportunity": "deal",
    "case": "ticket", "casecomment": "ticket_message", "task": "task", "event": "appointment",
    "user": "user", "product2": "product", "order": "order",
}  # fmt: skip
_SYSTEM_OF_LISTS: Final = "import"
_SYSTEM_OF_TREES: Final = "salesforce"
_MOST: Final = 10_000  # columns of all sorts together
_SORT: Final = "record"  # the first column: what a row is


@dataclass(frozen=True, slots=True)
class _Row:
    """A record as cells, and the sort it is of."""

    sort: str
    cells: dict[str, str]
    problem: str = ""


class JsonLists:
    """Records of several sorts in one file."""

    def __init__(self, source: "JsonSource", sample: "list[Piece]") -> None:
        self._source = source
        self._is_tree = any("attributes" in piece.record for piece in sample)
        rows = [row for piece in sample for row in _rows_of(piece)]
        self._sorts: dict[str, tuple[str, ...]] = {
            sort: headers_of((row.cells for row in rows if row.sort == sort), MAX_COLUMNS)
            for sort in dict.fromkeys(row.sort for row in rows)
        }
        self._readers = {sort: self._reader(sort, rows) for sort in self._sorts}
        self.stated = self._stated(rows)

    @property
    def dialect(self) -> Dialect:
        """How the file is written."""
        return Dialect("json", self._source.encoding, "", 0)

    def raw_rows(self) -> Iterator[SourceRow]:
        """Yield every record, parents before their children."""
        number = 0
        for piece in self._source.pieces():
            for row in _rows_of(piece):
                number += 1
                yield self._taken(number, row)

    def _stated(self, rows: list[_Row]) -> Stated:
        kinds = Counter(self._readers[row.sort][0] for row in rows)
        kinds.pop("", None)
        if not kinds:
            reason = next((reason for _, _, reason in self._readers.values()), "")
            raise UserError(
                "{file} holds no customer data that can be told from its names. {reason}",
                file=self._source.path.name,
                reason=reason,
            )
        names = headers_of((dict.fromkeys(names, "") for names in self._sorts.values()), _MOST)
        title = "Salesforce sObject tree" if self._is_tree else "JSON with several lists"
        system = _SYSTEM_OF_TREES if self._is_tree else _SYSTEM_OF_LISTS
        kind = kinds.most_common(1)[0][0]
        return Stated(kind, title, system, (_SORT, *names), tuple(kinds))

    def _reader(self, sort: str, rows: list[_Row]) -> "tuple[str, RowReader | None, str]":
        """Return the kind of a sort, who reads its rows, and why nobody does."""
        from app.exchange.drafts import RowReader
        from app.exchange.guessing import guess_table
        from app.exchange.plan import Region, plan_table

        mine = [row.cells for row in rows if row.sort == sort]
        table = _table(self._source, self._sorts[sort], mine)
        kind = _KINDS.get(sort.casefold()) if self._is_tree else None
        if self._is_tree and kind is None:
            return "", None, f"There is no place here for records of the kind {sort}."
        try:
            guess = guess_table(table, kind)
        except UserError as error:
            return "", None, str(error)
        return guess.kind, RowReader(plan_table(table, guess, Region())), ""

    def _taken(self, number: int, row: _Row) -> SourceRow:
        shown = tuple(row.cells.get(name, "") for name in self.stated.headers[1:])
        cells = (row.sort, *shown)
        if row.problem:
            return SourceRow(number, cells, row.problem)
        _, reader, reason = self._readers.get(row.sort, ("", None, _UNSEEN))
        if reader is None:
            return SourceRow(number, cells, reason)
        headers = self._sorts[row.sort]
        draft = reader.read(SourceRow(number, tuple(row.cells.get(name, "") for name in headers)))
        if draft.reject:
            return SourceRow(number, cells, draft.reject)
        problems = [(p.column, p.value, p.reason) for p in draft.problems]
        problems += [
            (name, cell, _UNKNOWN)
            for name, cell in row.cells.items()
            if cell and name not in headers
        ]
        return SourceRow(number, cells, given=Given(draft.kind, draft.values, problems))


_UNSEEN: Final = "The first records of the file show none of this kind; import its list by itself."
_UNKNOWN: Final = "The first records of the file do not have this name; the value was left out."


def _table(source: "JsonSource", headers: tuple[str, ...], rows: list[dict[str, str]]) -> Table:
    sample = tuple(tuple(row.get(name, "") for name in headers) for row in rows)
    return Table(source.path, Dialect("json", source.encoding, "", 0), headers, sample,
                 _Sampled(sample))  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Sampled:
    """The first rows of one sort, from which its columns' ways of writing are learned."""

    sample: tuple[tuple[str, ...], ...]

    @property
    def dialect(self) -> Dialect:
        """How the table is written."""
        return Dialect("json", "", "", 0)

    def raw_rows(self) -> Iterator[SourceRow]:
        """Yield the rows."""
        return (SourceRow(number, cells) for number, cells in enumerate(self.sample, 1))


def _rows_of(piece: "Piece") -> Iterator[_Row]:
    """Yield a record and the records in it."""
    if piece.problem:
        yield _Row(piece.path, {_SORT: piece.text}, piece.problem)
        return
    about = piece.record.get("attributes")
    if isinstance(about, dict) and isinstance(about.get("type"), str):
        yield from _tree(piece.record, {})
    else:
        yield _Row(piece.path, flatten(piece.record))


def _tree(record: Mapping[str, Any], parent: Mapping[str, str]) -> Iterator[_Row]:
    """Yield an sObject and, behind it, its children with a link to it."""
    about = record.get("attributes")
    about = about if isinstance(about, dict) else {}
    sort = str(about.get("type") or "sObject")
    plain = {key: _bare(value) for key, value in record.items() if key != "attributes"}
    children = []
    for key, value in list(plain.items()):
        inner = value.get("records") if isinstance(value, dict) else None
        if isinstance(inner, list):
            children += [each for each in inner if isinstance(each, dict)]
            del plain[key]
    cells = flatten(plain)
    reference = cells.get("Id") or (f"@{about['referenceId']}" if about.get("referenceId") else "")
    if reference:
        cells["Id"] = reference
    cells |= {key: value for key, value in parent.items() if key not in cells}
    yield _Row(sort, cells)
    link = {f"{sort}Id": reference} if reference else {f"{sort}.Name": cells.get("Name", "")}
    for child in children:
        yield from _tree(child, link)


def _bare(value: Any) -> Any:
    """Return a parent named in a record without what Salesforce says of itself."""
    if isinstance(value, dict) and "records" not in value:
        return {key: inner for key, inner in value.items() if key != "attributes"}
    return value
