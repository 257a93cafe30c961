"""Imports every file of shared/data/real and compares what came in with what INDEX.md expects.

`python -m tests.app.exchange.real_files [WORD …]` prints the table file → expected → got.
"""

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from app.errors import UserError
from app.exchange.plan import FilePlan, plan_file
from app.exchange.runs import ImportRun, undo_batches
from app.workspace import Workspace
from models.records import RECORDS, Activity

REAL: Final = Path(
    os.environ.get("CLOSEKNIT_REAL_DATA", Path(__file__).parents[4] / "shared/data/real")
)
# Bookkeeping of the program, which an undo leaves: what was done, and who did it.
LEFT: Final = frozenset({"import_batch"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the index."""

    section: str
    name: str
    expected: str

    @property
    def path(self) -> Path:
        """The file."""
        return REAL / self.section / self.name

    @property
    def key(self) -> str:
        """Section and name."""
        return f"{self.section}/{self.name}"


@dataclass(slots=True)
class Got:
    """What became of a file: counts of rows, of records by kind, or why it was refused."""

    refused: str = ""
    kind: str = ""
    title: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    records: dict[str, int] = field(default_factory=dict)
    threads: int = 0
    again: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)

    def words(self) -> str:
        """Return it as a line of the table."""
        if self.refused:
            return f"refused: {self.refused}"
        rows = ", ".join(f"{n} {what}" for what, n in self.counts.items() if n)
        made = ", ".join(f"{n} {what}" for what, n in self.records.items())
        return f"{self.title or self.kind}: {rows or 'no rows'} → {made or 'nothing'}"


def entries() -> list[Entry]:
    """Return the lines of the index, none where the files are not there."""
    index = REAL / "INDEX.md"
    found, section = [], ""
    for line in index.read_text(encoding="utf-8").splitlines() if index.exists() else ():
        if line.startswith("## "):
            section = line[3:].strip()
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) > 7 and cells[1] not in {"file", "---"}:
            found.append(Entry(section, cells[1], cells[7]))
    return found


def count_all(workspace: Workspace) -> dict[str, int]:
    """Return how many records of each kind there are."""
    with workspace.database.reading() as session:
        return {
            kind: int(session.scalar(select(func.count()).select_from(record)) or 0)
            for kind, record in RECORDS.items()
        }


def grown(now: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    """Return the differences, the program's bookkeeping left out."""
    return {k: n - before[k] for k, n in now.items() if n != before[k] and k not in LEFT}


def walk(entry: Entry, folder: Path) -> Got:
    """Import a file twice into an empty workspace, and take both imports back."""
    got = Got()
    place = folder / "walk.closeknit"
    with closing(Workspace.open(place, create=True, watch=False)) as workspace:
        before = count_all(workspace)
        try:
            plan = plan_file(entry.path)
        except UserError as error:
            got.refused = str(error)
            return got
        got.kind, got.title = plan.kind, plan.guess.layout.title if plan.guess.layout else ""
        got.counts, first = _run(workspace, plan)
        got.records = grown(count_all(workspace), before)
        with workspace.database.reading() as session:
            threads = select(func.count(Activity.thread_key.distinct()))
            got.threads = int(session.scalar(threads) or 0)
        got.again, second = _run(workspace, plan_file(entry.path))
        undo_batches(workspace, [first, second])
        got.left = grown(count_all(workspace), before)
    return got


def _run(workspace: Workspace, plan: FilePlan) -> tuple[dict[str, int], int]:
    (result,) = ImportRun(workspace, [plan]).run()
    found = result.as_json()
    words = ("read", "created", "updated", "merged", "unchanged", "skipped", "failed")
    assert result.batch_id is not None
    return {word: found[word] for word in words}, result.batch_id


Check = Callable[[Got], int]


def _records(*kinds: str) -> Check:
    return lambda got: sum(got.records.get(kind, 0) for kind in kinds)


def _rows(*words: str) -> Check:
    return lambda got: sum(got.counts[word] for word in words)


# A number in the index's words → what it must be equal to.
CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    (r"^cards=(\d+)", _rows("read")),
    (r"^(\d+) message;", _rows("read")),
    (r"^messages=(\d+)", _rows("read")),
    (r"conversations=(\d+)", lambda got: got.threads),
    (r"(?<!contact )persons=(\d+)", _records("contact")),
    (r"contact persons=(\d+)", _records("contact")),
    (r"^companies=(\d+)", _records("company")),
    (r"deals=(\d+)(?! without)", _records("deal")),
    (r"(?<!C)orders=(\d+)", _records("order")),
    (r"customers(?: with orders)?=(\d+)", _records("contact")),
    (r"^events=(\d+)", _records("event", "order")),
    (r"distinct event_id=(\d+)", _records("event")),
    (r"distinct tags=(\d+)", _records("tag")),
    (r"'1': (\d+), '0'", _records("company")),
    (r"'0': (\d+)}; parents", _records("contact")),
    (r"(?:distinct id|records by id|deals|companies)=(\d+) by ID", _rows("read")),
    (r"attachments=(\d+)", _records("attachment_link")),
    (r"(\d+) data rows? x", _rows("read")),
    (r"records by sObject=\{'\w+': (\d+)\}", _rows("created")),
    (r"VEVENT=(\d+) \(distinct UID=\d+\) VTODO=0", _rows("read")),
)


def differences(entry: Entry, got: Got) -> list[str]:
    """Return where a file's records are not what the index expects, as "expected n, got m"."""
    found = []
    for pattern, check in CHECKS:
        match = re.search(pattern, entry.expected)
        if match is not None and not got.refused and check(got) != int(match[1]):
            found.append(f"{match[0]}: got {check(got)}")
    return found


def table(words: Sequence[str] = ()) -> Iterator[tuple[Entry, Got, str]]:
    """Yield entry, result and reason of each file whose name has one of the words."""
    from tests.app.exchange.test_real_files import REASONS

    for entry in entries():
        if words and not any(word in entry.key for word in words):
            continue
        with tempfile.TemporaryDirectory() as folder:
            yield entry, walk(entry, Path(folder)), REASONS.get(entry.key, "")


def main() -> None:
    """Print the table."""
    say = sys.stdout.write
    say("| file | expected | got | second run | why not as expected |\n|---|---|---|---|---|\n")
    for entry, got, reason in table(sys.argv[1:]):
        again = ", ".join(f"{n} {what}" for what, n in got.again.items() if n)
        say(f"| {entry.key} | {entry.expected} | {got.words()} | {again} | {reason} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
