"""What became of the rows of a file. Always: read = the sum of the six."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, NamedTuple

from app.exchange.mail.charsets import storable

MAX_PROBLEMS: Final = 10_000
MAX_BEHIND: Final = 1_000
MAX_VALUE: Final = 2_000  # characters kept of a value: ten thousand of 8 MB fit no machine


class Outcome(StrEnum):
    """What became of one row."""

    CREATED = "created"
    UPDATED = "updated"
    MERGED = "merged"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person should look at: the row as a spreadsheet counts, and why."""

    row: int
    column: str
    value: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        """Return the problem as the command line prints it."""
        shown = self.value if len(self.value) <= 500 else self.value[:500] + "…"  # noqa: PLR2004  a cell's worth
        texts = {"column": self.column, "value": shown, "reason": self.reason}
        return {"row": self.row} | {key: storable(text) for key, text in texts.items()}


class TakenRow(NamedTuple):
    """A row and the record it became, 0 where it became none."""

    row: int
    kind: str
    record_id: int


@dataclass(slots=True)
class Tally:
    """The counts of one file and its problems, the first ten thousand of them word by word."""

    counts: Counter[Outcome] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    more_problems: int = 0
    links: Counter[str] = field(default_factory=Counter)  # what rows were linked to → how many
    # The rows behind each count, the first thousand of them.
    behind: dict[Outcome, list[TakenRow]] = field(default_factory=dict)

    @property
    def read(self) -> int:
        """How many rows have been read."""
        return sum(self.counts.values())

    def add(self, outcomes: "Counter[Outcome]", problems: list[Problem]) -> None:
        """Add the rows of a chunk."""
        self.counts.update(outcomes)
        room = max(MAX_PROBLEMS - len(self.problems), 0)
        self.problems += [
            p if len(p.value) <= MAX_VALUE else replace(p, value=p.value[:MAX_VALUE])
            for p in problems[:room]
        ]
        self.more_problems += len(problems) - min(len(problems), room)

    def note(self, taken: Iterable[tuple[Outcome, TakenRow]]) -> None:
        """Keep which rows stand behind the counts."""
        for outcome, row in taken:
            rows = self.behind.setdefault(outcome, [])
            if len(rows) < MAX_BEHIND:
                rows.append(row)

    def mark(self) -> Callable[[], None]:
        """Return what brings the tally back to where it is now, for a chunk that is not stored."""
        counts, links, more = self.counts.copy(), self.links.copy(), self.more_problems
        problems = len(self.problems)
        behind = {outcome: len(rows) for outcome, rows in self.behind.items()}

        def back() -> None:
            self.counts, self.links, self.more_problems = counts, links, more
            del self.problems[problems:]
            for outcome, rows in self.behind.items():
                del rows[behind.get(outcome, 0) :]

        return back

    def as_json(self) -> dict[str, Any]:
        """Return the counts and problems as the command line prints them."""
        found: dict[str, Any] = {"read": self.read}
        found.update({outcome.value: self.counts[outcome] for outcome in Outcome})
        found["links"] = dict(sorted(self.links.items()))
        found["problems"] = [problem.as_json() for problem in self.problems]
        if self.more_problems:
            found["problems"].append(
                Problem(0, "", "", f"and {self.more_problems} more problems").as_json()
            )
        return found
