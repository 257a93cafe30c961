"""Rows that were not taken as they were: found again, mended by a person, and taken."""

import csv
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from app.errors import UserError
from app.exchange.counts import Outcome, Problem
from app.exchange.mappings import FileMapping, plan_mapped
from app.exchange.plan import FilePlan, Region
from app.exchange.runs import FileResult
from app.exchange.tables import Cells

MAX_MENDED: Final = 10_000
_LOST: Final = frozenset({Outcome.FAILED, Outcome.SKIPPED})
NumberedRow = tuple[int, Cells]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a file as they stand in it, by number, and the headers of their cells."""

    headers: Cells
    rows: tuple[NumberedRow, ...]


@dataclass(frozen=True, slots=True)
class Mended:
    """What became of mended rows; the numbers are those of the first file."""

    batch_id: int
    taken: tuple[int, ...]
    problems: tuple[Problem, ...]


def rows_of(plan: FilePlan, numbers: Sequence[int]) -> Rows:
    """Read certain rows of a file again, in one pass."""
    wanted, found = set(numbers), []
    for row in plan.table.rows():
        if row.number in wanted:
            found.append((row.number, row.cells))
            if len(found) == len(wanted):
                break
    return Rows(plan.table.headers, tuple(found))


class MendedFile:
    """Mended rows as a small file of the same columns, to be planned and taken like any other."""

    def __init__(self, rows: Rows, name: str) -> None:
        if len(rows.rows) > MAX_MENDED:
            raise UserError(
                "These are {count} rows; {limit} can be mended at once. Save them as a file "
                "and mend them in a spreadsheet program.",
                count=len(rows.rows),
                limit=MAX_MENDED,
            )
        self._rows = rows
        self._folder = Path(tempfile.mkdtemp(prefix="closeknit-"))
        self.path = self._folder / f"{Path(name).stem[:100]}-mended.csv"
        with self.path.open("w", encoding="utf-8-sig", newline="") as file:
            out = csv.writer(file)
            out.writerow(rows.headers)
            out.writerows(cells for _, cells in rows.rows)

    def plan(self, mapping: FileMapping, region: Region, source: str) -> FilePlan:
        """Plan the file with the mapping of the one that the rows are from."""
        bare = replace(mapping, reading={})
        reading = {"encoding": "utf-8-sig", "delimiter": ",", "header_row": 1}
        plan = plan_mapped(self.path, bare, region, **reading)
        return replace(plan, source=source)

    def outcome(self, result: FileResult) -> Mended:
        """Say which rows were taken, by their numbers in the first file."""
        numbers = dict(zip(
            (row.number for row in result.plan.table.rows()),
            (number for number, _ in self._rows.rows),
            strict=False,
        ))  # fmt: skip
        taken = [
            numbers[row.row]
            for outcome, rows in result.tally.behind.items()
            if outcome not in _LOST
            for row in rows
            if row.row in numbers
        ]
        problems = [
            replace(problem, row=numbers.get(problem.row, problem.row))
            for problem in result.tally.problems
        ]
        return Mended(result.batch_id or 0, tuple(sorted(taken)), tuple(problems))

    def remove(self) -> None:
        """Remove the file; what was taken from it stays."""
        self.path.unlink(missing_ok=True)
        self._folder.rmdir()
