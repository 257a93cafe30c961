"""How one file will be taken: its table, its kind, its columns, and how each writes its values."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from app.errors import UserError
from app.exchange.amounts import guess_style
from app.exchange.dates import DateOrder, guess_order
from app.exchange.field_types import Field, Shape
from app.exchange.fields import BY_PLURAL, KINDS
from app.exchange.guessing import ColumnGuess, TableGuess, guess_table, header_keys
from app.exchange.own_tables import SYSTEM
from app.exchange.shapes import look_at
from app.exchange.tables import Table, open_table
from app.exchange.values import Format, is_blank, without_control
from models.values import name_key

MAX_STAGES: Final = 200
MAX_WORDS: Final = 1_000  # different words of a column that a person may translate
MAX_WORD: Final = 120  # characters
# Fields whose words a person may translate: choices, and our own people.
WORDED: Final = frozenset(
    {
        "stage", "lost_reason", "status", "priority", "type", "lifecycle", "lead_status", "kind",
        "direction", "outcome", "owner", "user",
    }
)  # fmt: skip
_ENOUGH_DATES: Final = 5_000
_DATED: Final = frozenset({Shape.DATE, Shape.MOMENT, Shape.YEAR})
_COUNTED: Final = frozenset(
    {Shape.MONEY, Shape.NUMBER, Shape.INTEGER, Shape.PERCENT, Shape.DURATION}
)
_UNITS: Final[Mapping[str, int]] = {
    "millions": 10**6, "million": 10**6, "mio": 10**6, "mn": 10**6, "mm": 10**6, "millionen": 10**6,
    "thousands": 1_000, "thousand": 1_000, "tsd": 1_000, "k": 1_000, "tausend": 1_000,
    "billions": 10**9, "bn": 10**9, "mrd": 10**9,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Region:
    """What the workspace says about money and phones."""

    currency: str = "EUR"
    phone_region: str = "DE"


class OnMatch(StrEnum):
    """What becomes of a stored record that a row is about."""

    FILE = "file"  # the file's values win
    FILL = "fill"  # only what is blank is filled
    NEWEST = "newest"  # the file wins where its row is newer than the record
    ASK = "ask"  # the person decides each; until then the record stays


class MatchBy(StrEnum):
    """By what a stored record is found again."""

    ID = "id"
    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Taking:
    """How rows are taken, as the person has chosen."""

    on_match: OnMatch = OnMatch.FILE
    match_by: frozenset[MatchBy] = frozenset(MatchBy)
    # Field → word of the file (as name_key) → the word to read instead; None leaves it empty.
    words: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    decisions: Mapping[int, bool] = field(default_factory=dict)  # row → whether the file wins


@dataclass(frozen=True, slots=True)
class FilePlan:
    """One file, recognised; every part of it may be corrected before the import."""

    table: Table
    guess: TableGuess
    formats: tuple[Format, ...]
    rows: int
    stages: tuple[tuple[str, str], ...] = ()  # pipeline ("" where the file names none), stage
    taking: Taking = field(default_factory=Taking)
    source: str = ""  # where it came from, if not from the file's own path
    # Field → the words its column holds and how often, for people to say what they mean.
    words: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    mapped_as: str = ""  # the name of the remembered mapping it follows
    corrected: bool = False  # by a person: worth remembering

    @property
    def path(self) -> Path:
        """The file."""
        return self.table.path

    @property
    def kind(self) -> str:
        """The kind of record its rows become."""
        return self.guess.kind

    @property
    def stated(self) -> bool:
        """Whether the format states its records itself, so that nothing is mapped."""
        return self.table.stated is not None

    @property
    def system(self) -> str:
        """The program whose ids the file holds."""
        return self.guess.layout.system if self.guess.layout else "import"

    def column_of(self, field: str) -> ColumnGuess | None:
        """Return the column that becomes a field."""
        return next((c for c in self.guess.columns if c.field == field), None)

    def mapping(self) -> dict[str, str | None]:
        """Return which header becomes which field, to be kept with the batch."""
        return {column.header: column.field for column in self.guess.columns}


def plan_file(path: str | Path, *, kind: str | None = None, region: Region | None = None,
              **reading: Any) -> FilePlan:  # fmt: skip
    """Open and recognise a file; `reading` corrects encoding, delimiter, header row, sheet."""
    table = open_table(path, **reading)
    return plan_table(table, guess_table(table, kind_named(kind)), region or Region())


def kind_named(name: str | None) -> str | None:
    """Return the kind of a word such as "companies" or "company"."""
    if name is None or name in KINDS:
        return name
    if name in BY_PLURAL:
        return BY_PLURAL[name]
    raise UserError(
        "There is nothing called {name} to import. Choose one of {kinds}.",
        name=name,
        kinds=", ".join(sorted(BY_PLURAL)),
    )


def plan_table(
    table: Table, guess: TableGuess, region: Region, taking: Taking | None = None
) -> FilePlan:
    """Read the file once to count its rows and to see how its columns write their values."""
    chosen = taking or Taking()
    words = chosen.words.get("stage", {})
    fields = _fields(guess)
    dates: dict[int, set[str]] = {i: set() for i, f in fields.items() if f.shape in _DATED}
    stage = next((i for i, f in fields.items() if guess.kind == "deal" and f.key == "stage"), None)
    pipeline = next((i for i, f in fields.items() if f.key == "pipeline"), None)
    stages: dict[tuple[str, str], None] = {}
    seen_words = _WordCounts(fields)
    rows = 0
    count: Callable[[], int] | None = getattr(table.raw, "count_rows", None)
    if count is not None:  # a format that counts faster than it reads
        formats = _formats(table, guess, fields, dates, region)
        return FilePlan(table, guess, formats, count(), (), chosen)
    for row in table.rows():
        rows += 1
        if row.given is not None:
            _note_stage(stages, row.given.values)
            seen_words.note_given(row.given.values)
            continue
        if not row.cells:
            continue
        for index, seen in dates.items():
            if len(seen) < _ENOUGH_DATES:
                seen.add(row.cells[index])
        seen_words.note(row.cells)
        if stage is not None and len(stages) < MAX_STAGES and not is_blank(row.cells[stage]):
            named = (
                "" if pipeline is None else " ".join(without_control(row.cells[pipeline]).split())
            )
            word: str | None = " ".join(without_control(row.cells[stage]).split())[:120]
            word = words.get(name_key(word or ""), word)
            if word is not None:
                stages.setdefault((named, word))
    formats = _formats(table, guess, fields, dates, region)
    ranked = seen_words.ranked()
    return FilePlan(table, guess, formats, rows, tuple(stages), chosen, words=ranked)


class _WordCounts:
    """The words of a file's choices and owners, and how often each stands there."""

    def __init__(self, fields: Mapping[int, Field]) -> None:
        self._columns = {i: Counter[str]() for i, f in fields.items() if f.key in WORDED}
        self._keys = {i: fields[i].key for i in self._columns}
        self._given: dict[str, Counter[str]] = {}

    def note(self, cells: Sequence[str]) -> None:
        """Count the words of a row."""
        for index, found in self._columns.items():
            word = cells[index]
            if word in found or len(found) < MAX_WORDS:
                found[word] += 1

    def note_given(self, values: Mapping[str, Any]) -> None:
        """Count the words of a record that its format states."""
        for key in WORDED & values.keys():
            word = values[key]
            if isinstance(word, str):
                found = self._given.setdefault(key, Counter())
                if word in found or len(found) < MAX_WORDS:
                    found[word] += 1

    def ranked(self) -> dict[str, tuple[tuple[str, int], ...]]:
        """Return the words by field, the most frequent first; those read alike count as one."""
        counted = {**self._given, **{self._keys[i]: found for i, found in self._columns.items()}}
        ranked: dict[str, tuple[tuple[str, int], ...]] = {}
        for key, found in counted.items():
            alike: dict[str, tuple[str, int]] = {}
            for word, count in found.most_common():
                if not is_blank(word) and len(word) <= MAX_WORD:
                    first, sum_ = alike.get(name_key(word), (" ".join(word.split()), 0))
                    alike[name_key(word)] = (first, sum_ + count)
            if alike:
                ranked[key] = tuple(alike.values())
        return ranked


def with_taking(plan: FilePlan, taking: Taking, region: Region) -> FilePlan:
    """Return the plan with what the person chose about words, matches and who wins."""
    if taking.words == plan.taking.words:
        return replace(plan, taking=taking, corrected=True)
    made = plan_table(plan.table, plan.guess, region, taking)
    return replace(made, source=plan.source, mapped_as=plan.mapped_as, corrected=True)


def with_columns(plan: FilePlan, fields: Mapping[int, str | None], region: Region) -> FilePlan:
    """Return the plan with fields for several columns, as chosen by the person."""
    for index, field_key in fields.items():
        columns = _given(plan.guess.columns, index, field_key)
        plan = replace(plan, guess=replace(plan.guess, columns=columns))
    made = plan_table(plan.table, plan.guess, region, plan.taking)
    return replace(made, source=plan.source, mapped_as=plan.mapped_as, corrected=True)


def _note_stage(stages: dict[tuple[str, str], None], values: Mapping[str, Any]) -> None:
    stage = values.get("stage")
    if stage is not None and len(stages) < MAX_STAGES:
        stages.setdefault((str(values.get("pipeline") or ""), str(stage)[:120]))


def with_field(plan: FilePlan, index: int, field: str | None, region: Region) -> FilePlan:
    """Return the plan with a column changed by the person; another column of that field gives way."""  # noqa: E501  data, kept on its line
    return with_columns(plan, {index: field}, region)


def _given(
    columns: Sequence[ColumnGuess], index: int, field: str | None
) -> tuple[ColumnGuess, ...]:
    """Give a field to one column; another that had it gives way."""
    found = []
    for column in columns:
        if column.index == index:
            column = replace(column, field=field, confidence=1.0, reason="", chosen=True)  # noqa: PLW2901
        elif field is not None and column.field == field:
            column = replace(column, field=None, confidence=0.0, reason="Given to another column.")  # noqa: PLW2901
        found.append(column)
    return tuple(found)


def _fields(guess: TableGuess) -> dict[int, Field]:
    kind = KINDS[guess.kind]
    return {c.index: kind.field(c.field) for c in guess.columns if c.field is not None}


def _formats(
    table: Table,
    guess: TableGuess,
    fields: Mapping[int, Field],
    dates: Mapping[int, set[str]],
    region: Region,
) -> tuple[Format, ...]:
    exact = guess.layout is not None and guess.layout.system == SYSTEM
    plain = Format(
        region=region.phone_region, exact=exact, guarded=exact and table.dialect.format == "csv"
    )
    orders = {index: guess_order(seen) for index, seen in dates.items()}
    certain = next((o for o in orders.values() if o.sure and o.order != "ymd"), None)
    formats = []
    for index in range(len(table.headers)):
        how = plain
        field = fields.get(index)
        if field is not None and index in orders:
            order = orders[index]
            # A column in doubt follows its neighbour that leaves none.
            how = replace(how, dates=order if order.sure or certain is None else _like(certain))
        if field is not None and field.shape in _COUNTED:
            how = _counted(how, field, table, index)
        formats.append(how)
    return tuple(formats)


def _like(order: DateOrder) -> DateOrder:
    return DateOrder(order.order)


def _counted(how: Format, field: Field, table: Table, index: int) -> Format:
    values = [row[index] for row in table.sample]
    how = replace(how, numbers=guess_style(values))
    if how.exact:  # its units are known
        return replace(how, unit_seconds=1)
    words = table.headers[index].replace("(", " ").replace(")", " ").casefold().split()
    if field.shape is Shape.MONEY:
        scale = next((_UNITS[w] for w in words if w in _UNITS), 1)
        return replace(how, scale=scale)
    if field.shape is Shape.PERCENT and look_at(values).unit_interval:
        return replace(how, scale=100)
    if field.shape is Shape.DURATION:
        _, named = header_keys(table.headers[index])
        seconds = bool({"seconds", "sec", "sekunden"} & named)
        return replace(how, unit_seconds=1 if seconds else 60)
    return how


def in_order(plans: Sequence[FilePlan]) -> list[FilePlan]:
    """Sort files so that links mostly point to what is there already."""
    places = {kind: place for place, kind in enumerate(KINDS)}
    return sorted(plans, key=lambda plan: places[plan.kind])
