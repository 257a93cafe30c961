"""One row of a file as the values of its fields, before anything is looked up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.exchange.counts import Problem
from app.exchange.field_types import Field, Kind
from app.exchange.fields import KINDS
from app.exchange.headers import marks_deletion, says_deletion
from app.exchange.made_points import several_reader
from app.exchange.plan import FilePlan
from app.exchange.tables import Cells, Given, SourceRow
from app.exchange.values import Format, UnfitValueError, cell_reader
from models.values import name_key

_PLACES_FOR_MORE: Final = ("description", "body")
_NOT_PLAIN: Final = frozenset({"points", "addresses"})
_OF_PEOPLE: Final = ("name", "given_name", "family_name", "email", "phone", "mobile")
_STAFF: Final = frozenset(
    name_key(word)
    for word in ("agent", "admin", "administrator", "owner", "light agent", "staff", "supervisor")
)
_LISTED: Final = ("email:", "phone:", "website:")
_A: Final = {"order": "an", "activity": "an", "appointment": "an", "event": "an"}


@dataclass(slots=True)
class Draft:
    """A row's values by field; `reject` says why the row cannot be taken at all."""

    row: int
    cells: Cells
    kind: str
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    reject: str = ""
    blank: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)  # field → header, for reasons
    weight: int = 0  # bytes, as the format states
    plain: bool = False  # no column is a made field, a list or another program's id

    def complain(self, target: str, value: str, reason: str) -> None:
        """Note a problem of one field."""
        self.problems.append(Problem(self.row, self.columns.get(target, ""), value, reason))


class RowReader:
    """Turns the rows of one planned file into drafts."""

    def __init__(self, plan: FilePlan) -> None:
        kind = KINDS[plan.kind]
        self._kind = kind
        # One more way to reach somebody (`phone:home`) makes a contact as well as the first.
        self._needs = frozenset(kind.needs) | {
            c.field
            for c in plan.guess.columns
            if c.field is not None and c.field.partition(":")[0] in kind.needs
        }
        self._steps: list[tuple[int, str, str, Callable[[str], Any]]] = [
            (c.index, c.header, c.field, _reader(kind.field(c.field), plan.formats[c.index], plan))
            for c in plan.guess.columns
            if c.field is not None
        ]
        self._columns = {key: header for _, header, key, _ in self._steps}
        self._plain = not any(
            ":" in key or key.endswith("_ref") or key in _NOT_PLAIN for key in self._columns
        )
        self._words = plan.taking.words
        self._more = next((k for k in _PLACES_FOR_MORE if k in kind.fields), None)
        self._surplus = (
            "The first records of the file do not have these names; the values were left out."
            if plan.table.dialect.format == "json"
            else f"The row has more cells than the header ({len(plan.table.headers)}); "
            "these were left out. Quote texts that hold the delimiter."
        )
        self._marks = [
            (c.index, c.header)
            for c in plan.guess.columns
            if c.field is None and says_deletion(c.header)
        ]

    def read(self, row: SourceRow) -> Draft:
        """Return a row's draft; a value that does not fit is a problem, not the end of the row."""
        if row.given is not None:
            return self._given(row, row.given)
        draft = Draft(
            row.number, row.cells, self._kind.key, columns=self._columns, plain=self._plain
        )
        if row.problem:
            draft.reject = row.problem
            return draft
        if self._marks and any(marks_deletion(h, row.cells[i]) for i, h in self._marks):
            draft.blank, draft.reject = True, "Deleted in the other program; not taken."
            return draft
        more: list[str] = []
        cells, values = row.cells, draft.values
        for index, header, key, read in self._steps:
            text = cells[index]
            if not text:
                continue
            try:
                value = read(text)
            except UnfitValueError as error:
                draft.problems.append(Problem(row.number, header, text, str(error)))
                if error.kept is not None:
                    values[key] = error.kept
                    more.append(f"{header}: {text}")
            else:
                if value is not None:
                    values[key] = value
        self._finish(draft, row, more)
        return draft

    def _given(self, row: SourceRow, given: Given) -> Draft:
        draft = Draft(row.number, row.cells, given.kind, given.values, weight=given.weight)
        draft.reject = row.problem
        self._translate(draft.values)
        for key, value, reason in given.problems:
            draft.problems.append(Problem(row.number, key, value, reason))
        kind = KINDS[given.kind]
        if not draft.reject and given.values.keys().isdisjoint((*kind.needs, "points")):
            draft.reject = _nothing(kind)
        return draft

    def _translate(self, values: dict[str, Any]) -> None:
        """Read other words in stated records too, where the person has said so."""
        for key, words in self._words.items():
            word = values.get(key)
            if isinstance(word, str) and name_key(word) in words:
                other = words[name_key(word)]
                if other is None:
                    del values[key]
                else:
                    values[key] = other

    def _finish(self, draft: Draft, row: SourceRow, more: list[str]) -> None:
        if row.surplus:
            draft.problems.append(
                Problem(
                    row.number,
                    "",
                    " | ".join(row.surplus),
                    self._surplus,
                )
            )
        if more and self._more:
            known = [draft.values[self._more]] if self._more in draft.values else []
            draft.values[self._more] = "\n\n".join([*known, *more])
        if draft.kind == "contact":
            _maybe_user(draft)
        if draft.kind == "contact":
            _maybe_company(draft)
        if draft.kind != self._kind.key or not self._needs.isdisjoint(draft.values):
            return
        if not any(cell.strip() for cell in row.cells):
            draft.blank, draft.reject = True, "The row is empty."
        else:
            draft.reject = _nothing(self._kind)


def _nothing(kind: Kind) -> str:
    wanted = " or ".join(
        dict.fromkeys(need.replace("_", " ") for need in kind.needs if "id" not in need)
    )
    return f"Nothing to make {_A.get(kind.key, 'a')} {kind.label.lower()} of: no {wanted}."


def _reader(target: Field, how: Format, plan: FilePlan) -> Callable[[str], Any]:
    """Return a column's reader, which reads other words where the person has said so."""
    read = cell_reader(target, how)
    if target.key.startswith(_LISTED):
        return several_reader(read)
    words = plan.taking.words.get(target.key)
    if not words:
        return read

    def read_mapped(text: str) -> Any:
        key = name_key(text)
        if key not in words:
            return read(text)
        other = words[key]
        return None if other is None else read(other)

    return read_mapped


def _maybe_user(draft: Draft) -> None:
    """Make a row of a help desk's people one of ours where it says that they work there."""
    role = draft.values.pop("account_role", None)
    if role is not None and name_key(role) in _STAFF:
        draft.kind = "user"
        draft.values = {k: v for k, v in draft.values.items() if k in KINDS["user"].fields}


def _maybe_company(draft: Draft) -> None:
    """Make a row of people a company where it says so, or where it names nothing else."""
    values = draft.values
    says = values.pop("is_company", None)
    named = [key for key in _OF_PEOPLE if key in values]
    if says is True:
        name = values.get("name") or values.get("company")
    elif says is None and not named and "company" in values:
        name = values.get("company")
    else:
        return
    if not name:
        return
    draft.kind = "company"
    parent = values.get("company")
    company = {key: values[key] for key in KINDS["company"].fields if key in values}
    company["name"] = name
    if parent and parent != name:
        company["parent"] = parent
    if "phone" not in company and "mobile" in values:
        company["phone"] = values["mobile"]
    kept = {key: value for key, value in values.items() if ":" in key}
    draft.values = {**kept, **company}
