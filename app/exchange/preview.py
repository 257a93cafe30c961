"""The first rows of a file as the records they would become, one by one; nothing is written."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from sqlalchemy.orm import Session

from app.errors import UserError
from app.exchange.counts import Outcome, Problem
from app.exchange.drafts import Draft, RowReader
from app.exchange.import_commands import dry_run_begin
from app.exchange.ledger import Ledger
from app.exchange.plan import FilePlan, Region
from app.exchange.planner import ChunkPlanner
from app.exchange.state import FileState
from app.queries.record_names import record_names, reference_of
from app.recorder import from_log
from models.ids import new_id
from models.records import RECORDS

PREVIEW_ROWS: Final = 50
MAX_TEXT: Final = 400  # characters of one value
_TITLES: Final = ("name", "subject", "title", "email", "external_id")
_SIMPLE: Final = (str, int, Decimal, date)
_DERIVED: Final = frozenset(
    {"name_key", "sort_name", "email_key", "rate", "stage_type", "row_version", "updated_at"}
)


@dataclass(frozen=True, slots=True)
class Change:
    """A column of a stored record that a row would change; references are their names."""

    column: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row as the record it would become; `values` are by field key, in the file's order."""

    number: int
    kind: str
    outcome: Outcome
    record_id: int
    title: str
    values: tuple[tuple[str, Any], ...]
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()
    currency: str = ""


def preview_rows(
    session: Session, *, plan: FilePlan, region: Region, limit: int = PREVIEW_ROWS
) -> list[PreviewRow]:
    """Return what the first rows would become; a query."""
    state = FileState(plan, new_id(), region, dry=True)
    dry_run_begin(session, state=state)
    reader = RowReader(plan)
    return [
        _row(session, state, reader.read(source)) for source in islice(plan.table.rows(), limit)
    ]


def _row(session: Session, state: FileState, draft: Draft) -> PreviewRow:
    planner = ChunkPlanner(state, session, Ledger(state.batch_id))
    planner.take([state.shaper.shape(draft)])
    outcome, taken = planner.taken[0]
    stored: Mapping[str, Any] = state.directory.current(taken.record_id) or {}
    return PreviewRow(
        draft.row,
        draft.kind,
        outcome,
        taken.record_id,
        _title(draft, stored),
        tuple(_shown(draft.values)),
        tuple(_changes(session, state, planner.ledger, taken.record_id)),
        tuple(planner.problems),
        str(stored.get("currency") or state.region.currency),
    )


def _title(draft: Draft, stored: Mapping[str, Any]) -> str:
    found = next((stored[key] for key in ("name", "subject", "title") if stored.get(key)), None)
    if found is None:
        found = next((draft.values[key] for key in _TITLES if draft.values.get(key)), None)
    if found is None:
        found = next((cell for cell in draft.cells if cell.strip()), "")
    return str(found)[:MAX_TEXT]


def _shown(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the values that a person can read in a line; attachments and lines only as counts."""
    for key, value in values.items():
        if key == "points":
            yield from ((f"{kind.value}:{label or ''}", text) for kind, text, label in value)
        elif key == "addresses":
            for address in value:
                label = address.get("label") or ""
                yield from (
                    (f"address:{label}:{part}", text)
                    for part, text in address.items()
                    if part != "label" and text
                )
        elif isinstance(value, str):
            yield key, value[:MAX_TEXT]
        elif isinstance(value, _SIMPLE) or _is_flat(value):
            yield key, value
        elif isinstance(value, list | tuple | dict) and value:
            yield key, len(value)


def _is_flat(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(x, str | Decimal | None) for x in value)


def _changes(
    session: Session, state: FileState, ledger: Ledger, record_id: int
) -> Iterator[Change]:
    """Yield what the row's own record would change, ids as the names they stand for."""
    notes = [n for n in ledger.notes if n["record_id"] == record_id and n["action"] == "updated"]
    for note in notes:
        for column, before in (note["before"] or {}).items():
            if column in _DERIVED:
                continue
            after = (note["after"] or {}).get(column)
            kind = note["record_kind"]
            yield Change(
                column,
                _value(session, state, kind, column, before),
                _value(session, state, kind, column, after),
            )


def _value(session: Session, state: FileState, kind: str, column: str, value: Any) -> Any:
    reference = reference_of(column, value)
    if reference is not None:
        made = state.directory.current(reference[1]) or {}
        return made.get("name") or record_names(session, [reference]).get(reference)
    found = value
    with suppress(KeyError, ValueError, UserError):
        found = from_log(RECORDS[kind], column, value)
    if isinstance(found, str):
        return found[:MAX_TEXT]
    return found if isinstance(found, _SIMPLE) else None
