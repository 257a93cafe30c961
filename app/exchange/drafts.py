"""One row of a file as the values of its fields, before anything is looked up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.exchange.counts import Problem
from app.exchange.fields import KINDS
from app.exchange.plan import FilePlan
from app.exchange.tables import Cells, SourceRow
from app.exchange.values import UnfitValueError, cell_reader

_PLACES_FOR_MORE: Final = ("description", "body")


@dataclass(slots=True)
class Draft:
    """A row's values by field; `reject` says why the row cannot be taken at all."""

    row: int
    cells: Cells
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    reject: str = ""
    blank: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)  # field → header, for reasons

    def complain(self, target: str, value: str, reason: str) -> None:
        """Note a problem of one field."""
        self.problems.append(Problem(self.row, self.columns.get(target, ""), value, reason))


class RowReader:
    """Turns the rows of one planned file into drafts."""

    def __init__(self, plan: FilePlan) -> None:
        kind = KINDS[plan.kind]
        self._needs, self._wanted = frozenset(kind.needs), kind.needs
        self._label = kind.label.lower()
        self._steps: list[tuple[int, str, str, Callable[[str], Any]]] = [
            (c.index, c.header, c.field, cell_reader(kind.fields[c.field], plan.formats[c.index]))
            for c in plan.guess.columns
            if c.field is not None
        ]
        self._columns = {key: header for _, header, key, _ in self._steps}
        self._more = next((k for k in _PLACES_FOR_MORE if k in kind.fields), None)
        self._headers = plan.table.headers

    def read(self, row: SourceRow) -> Draft:
        """Return a row's draft; a value that does not fit is a problem, not the end of the row."""
        draft = Draft(row.number, row.cells, columns=self._columns)
        if row.problem:
            draft.reject = row.problem
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

    def _finish(self, draft: Draft, row: SourceRow, more: list[str]) -> None:
        if row.surplus:
            draft.problems.append(
                Problem(
                    row.number,
                    "",
                    " | ".join(row.surplus),
                    f"The row has more cells than the header ({len(self._headers)}); "
                    "these were left out. Quote texts that hold the delimiter.",
                )
            )
        if more and self._more:
            known = [draft.values[self._more]] if self._more in draft.values else []
            draft.values[self._more] = "\n\n".join([*known, *more])
        if not self._needs.isdisjoint(draft.values):
            return
        if not any(cell.strip() for cell in row.cells):
            draft.blank, draft.reject = True, "The row is empty."
        else:
            wanted = " or ".join(
                dict.fromkeys(need.replace("_", " ") for need in self._wanted if "id" not in need)
            )
            draft.reject = f"Nothing to make a {self._label} of: no {wanted}."
