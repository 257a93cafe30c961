"""What an import remembers of one file from chunk to chunk."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.exchange.counts import Tally
from app.exchange.directory import Directory
from app.exchange.plan import FilePlan, Region
from app.exchange.shaping import Shaper
from models.values import StageType


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

    record_id: int
    column: str
    name: str
    row: int


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
    # Records this file has spoken of: "created" or "updated" by it, or "seen" and left alone.
    touched: dict[int, str] = field(default_factory=dict)
    pending: list[Pending] = field(default_factory=list)
    stages: dict[tuple[str, str], StageInfo] = field(default_factory=dict)  # by name keys
    entry: dict[int, StageInfo] = field(default_factory=dict)  # pipeline → where deals begin
    rates: dict[str, Decimal] = field(default_factory=dict)
    complained: set[str] = field(default_factory=set)
    next_ticket: int = 0
    today: date = field(default_factory=date.today)

    def __post_init__(self) -> None:
        self.directory = Directory(keep=self.dry)
        self.shaper = Shaper(self.plan.kind, self.plan.system, self.region)
