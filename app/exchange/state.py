"""What an import remembers of one file from chunk to chunk."""

import contextlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from app.exchange.counts import Tally
from app.exchange.directory import Directory
from app.exchange.plan import FilePlan, Region
from app.exchange.shaping import Shaper
from models.values import StageType

MOST_TOUCHED: Final = 400_000  # records; some 50 MB


@dataclass(frozen=True, slots=True)
class StageInfo:
    """A stage that deals of the file may stand in."""

    id: int
    pipeline_id: int
    name: str
    type: StageType
    position: int


@dataclass(slots=True)
class Pending:
    """A link to a record of the same kind that has not come yet."""

    kind: str
    record_id: int
    column: str
    name: str
    row: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which a row and the stored record it is about differ; values as people read."""

    row: int
    kind: str
    record_id: int
    title: str
    field: str
    stored: str
    given: str


@dataclass(slots=True)
class FileState:
    """One file on its way in. Read and written on the writer thread only."""

    plan: FilePlan
    batch_id: int
    region: Region
    dry: bool = False
    directory: Directory = field(init=False)
    shaper: Shaper = field(init=False)
    tally: Tally = field(default_factory=Tally)
    # Records this file has spoken of: "made" for a link, "created" or "updated" by a row of it,
    # or "seen" and left alone.
    touched: dict[int, str] = field(default_factory=dict)
    pending: list[Pending] = field(default_factory=list)
    stages: dict[tuple[str, str], StageInfo] = field(default_factory=dict)  # by name keys
    entry: dict[int, StageInfo] = field(default_factory=dict)  # pipeline → where deals begin
    rates: dict[str, Decimal] = field(default_factory=dict)
    complained: set[str] = field(default_factory=set)
    # Kind and made field key → the field's id; None: the field of this name is of another type.
    custom: dict[tuple[str, str], int | None] = field(default_factory=dict)
    conflicts: list["Difference"] = field(default_factory=list)  # what a person is to decide
    # What a kind's book remembers from chunk to chunk.
    memory: dict[str, Any] = field(default_factory=dict)
    next_ticket: int = 0
    step: int = 0  # the last step of the log before the last commit of this import
    wrote: bool = False  # whether that commit changed records
    disturbed: bool = False  # whether somebody else changed something since the import began
    has_forgotten: bool = False  # of `touched` only the newest are held
    rejects: int = 0  # how many rows that were not taken are kept
    file_changed_at: datetime | None = None
    same_as: int | None = None  # the import of this very file since which nothing has changed
    today: date = field(default_factory=date.today)

    def forget_some(self) -> None:
        """Keep what a long file has touched within bounds: the notes of the import know it too."""
        if self.dry or len(self.touched) <= MOST_TOUCHED:
            return
        older = len(self.touched) // 2
        self.touched = {
            record_id: how
            for place, (record_id, how) in enumerate(self.touched.items())
            if place >= older or how == "made"
        }
        self.has_forgotten = True

    def __post_init__(self) -> None:
        self.directory = Directory(keep=self.dry)
        with contextlib.suppress(OSError):
            changed = self.plan.path.stat().st_mtime
            self.file_changed_at = datetime.fromtimestamp(changed, UTC)
        self.shaper = Shaper(self.plan.system, self.region, self.plan.taking.match_by)
