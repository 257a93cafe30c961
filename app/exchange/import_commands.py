"""Writes of an import: begin, one chunk, end; and taking a whole import back."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final
from typing import cast as typed

from sqlalchemy import Integer, Table, cast, delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.commands.common import load
from app.database import acting_user
from app.errors import UserError
from app.exchange.books import prepare_kind
from app.exchange.counts import Outcome, Problem
from app.exchange.custom_values import prepare_custom
from app.exchange.drafts import Draft
from app.exchange.ledger import Ledger
from app.exchange.mail.charsets import storable
from app.exchange.planner import ChunkPlanner
from app.exchange.same_again import end_step, note_step, plan_digest, same_import, taken_again
from app.exchange.shaping import Shaped
from app.exchange.state import FileState
from app.exchange.undoing import undo_rows
from app.recorder import unrecorded
from models.clock import now, today
from models.ids import new_id, new_ids
from models.records import ImportBatch, ImportReject, Ticket
from models.values import BatchState

KEPT_PROBLEMS: Final = 1_000
KEPT_REJECTS: Final = 10_000
MAX_CELL_KEPT: Final = 20_000  # characters
Taken = tuple[Counter[Outcome], list[Problem], list[tuple[Draft, str]]]


def begin_import(session: Session, *, state: FileState, digest: str | None = None) -> int:
    """Write down that a file is being taken in; return the batch's id."""
    plan = state.plan
    if state.same_as is not None:  # nobody else writes now
        state.same_as = same_import(session, digest=digest or "", plan=plan, region=state.region)
    layout = plan.guess.layout
    session.add(
        ImportBatch(
            id=state.batch_id,
            file_name=plan.path.name[-500:],
            kind=plan.kind,
            layout=layout.title if layout else None,
            digest=digest,
            mapping=plan.mapping(),
            headers=list(plan.table.headers),
            source=(plan.source or None) and plan.source[-500:],
            plan_digest=plan_digest(plan, state.region),
            state=BatchState.RUNNING,
            started_at=now(),
            user_id=acting_user(session),
        )
    )
    session.flush()
    wrote = state.same_as is None and _prepare(session, state)
    note_step(session, state, wrote=wrote)
    return state.batch_id


def _prepare(session: Session, state: FileState, *, write: bool = True) -> bool:
    """Find or make what the rows will need; return whether that is anything new."""
    state.today = today()
    ledger = Ledger(state.batch_id)
    stated = state.plan.table.stated
    for kind in dict.fromkeys((state.plan.kind, *(stated.kinds if stated else ()))):
        prepare_kind(kind, state, session, ledger)
    prepare_custom(state, session, ledger)
    if write:
        ledger.write(session)
    state.next_ticket = session.scalar(select(func.max(cast(Ticket.number, Integer)))) or 0
    return bool(ledger.kinds)


def write_import_chunk(
    session: Session,
    *,
    state: FileState,
    rows: Sequence[Shaped],
    last: bool = False,
    on_written: Callable[[], object] = lambda: None,
) -> Taken:
    """Take some rows of a file; after the last ones close what is left open.

    `on_written` is called when only the commit is left: work of the store alone, during which
    another thread of this process can compute.
    """
    planner = _planned(session, state, rows, last=last)
    planner.ledger.write(session)
    keep_rejects(session, state, planner.not_taken)
    state.tally.add(planner.outcomes, planner.problems)
    state.tally.links.update(planner.links)
    state.tally.note(planner.taken)
    state.forget_some()
    note_step(session, state, wrote=bool(planner.ledger.kinds))
    count_rows(session, state, ended=BatchState.DONE if last else None)
    on_written()
    return planner.outcomes, planner.problems, planner.not_taken


def write_same_again(
    session: Session, *, state: FileState, rows: Sequence[Shaped], last: bool = False
) -> Taken:
    """Count rows of a file that was taken before, since when nothing has changed."""
    taken = taken_again(state, rows)
    keep_rejects(session, state, taken[2])
    state.tally.add(taken[0], taken[1])
    note_step(session, state, wrote=False)
    count_rows(session, state, ended=BatchState.DONE if last else None)
    return taken


def dry_run_begin(session: Session, *, state: FileState) -> None:
    """Prepare a dry run; reads only."""
    _prepare(session, state, write=False)


def dry_run_chunk(
    session: Session, *, state: FileState, rows: Sequence[Shaped], last: bool = False
) -> Taken:
    """Count what some rows would do, as `write_import_chunk` does, without writing; a query."""
    planner = _planned(session, state, rows, last=last)
    state.directory.compact()
    state.tally.add(planner.outcomes, planner.problems)
    state.tally.links.update(planner.links)
    state.tally.note(planner.taken)
    return planner.outcomes, planner.problems, planner.not_taken


def keep_rejects(
    session: Session, state: FileState, not_taken: Sequence[tuple[Draft, str]]
) -> None:
    """Keep the rows that were not taken, so that they can be mended later."""
    room = KEPT_REJECTS - state.rejects
    rows = [pair for pair in not_taken if not pair[0].blank][:room]
    if not rows:
        return
    state.rejects += len(rows)
    ids = new_ids(len(rows))
    with unrecorded(session, "import_batch"):
        session.execute(
            insert(typed("Table", ImportReject.__table__)),
            [
                {
                    "id": id_,
                    "batch_id": state.batch_id,
                    "row_number": draft.row,
                    "reason": storable(reason),
                    "cells": [storable(cell[:MAX_CELL_KEPT]) for cell in draft.cells],
                    "taken_at": None,
                }
                for id_, (draft, reason) in zip(ids, rows, strict=True)
            ],
        )


def _planned(
    session: Session, state: FileState, rows: Sequence[Shaped], *, last: bool
) -> ChunkPlanner:
    planner = ChunkPlanner(state, session, Ledger(state.batch_id))
    planner.take(rows)
    if last:
        planner.finish()
    return planner


def cancel_import(session: Session, *, state: FileState) -> int:
    """Write down that the person ended an import; what is stored stays and can be undone."""
    count_rows(session, state, ended=BatchState.CANCELLED)
    return state.batch_id


def count_rows(session: Session, state: FileState, *, ended: BatchState | None) -> None:
    """Write down what became of a file's rows so far; `ended` with its problems."""
    tally = state.tally
    values: dict[str, Any] = {outcome.value: tally.counts[outcome] for outcome in Outcome}
    values["read"] = tally.read
    values["links"] = dict(tally.links)
    if ended is not None:
        values["state"] = ended
        values["ended_at"] = now()
        values["end_step"] = end_step(state)
        values["problems"] = [p.as_json() for p in tally.problems[:KEPT_PROBLEMS]]
    with unrecorded(session, "import_batch"):
        table = typed("Table", ImportBatch.__table__)
        session.execute(update(table).where(table.c.id == state.batch_id).values(values))


def undo_import_chunk(session: Session, *, batch_id: int, limit: int = 1_000) -> int:
    """Take back the newest `limit` records of an import; return how many were left before.

    Repeat until it returns 0. What somebody has edited since stays, and the batch says so.
    """
    batch = load(session, ImportBatch, batch_id)
    if batch.state is BatchState.UNDONE:
        return 0
    done = undo_rows(session, batch_id, dict(batch.undo_report or {}), limit)
    with unrecorded(session, "import_batch"):
        if not done.handled:  # of an import that is taken back there is nothing left to mend
            rejects = typed("Table", ImportReject.__table__)
            session.execute(delete(rejects).where(rejects.c.batch_id == batch_id))
        table = typed("Table", ImportBatch.__table__)
        session.execute(
            update(table)
            .where(table.c.id == batch_id)
            .values(
                undo_report=done.report,
                state=BatchState.UNDOING if done.handled else BatchState.UNDONE,
                **({} if done.handled else {"ended_at": now()}),
            )
        )
    return done.handled


def undo_import(session: Session, *, batch_id: int) -> dict[str, Any]:
    """Take an import back in one commit (small ones; the window goes chunk by chunk)."""
    batch = load(session, ImportBatch, batch_id)
    if batch.state is BatchState.UNDONE:
        raise UserError("This import is undone already.")
    while undo_import_chunk(session, batch_id=batch_id):
        session.expire_all()
    session.expire_all()
    return dict(load(session, ImportBatch, batch_id).undo_report or {})


__all__ = [
    "begin_import",
    "cancel_import",
    "dry_run_begin",
    "dry_run_chunk",
    "new_id",
    "undo_import",
    "undo_import_chunk",
    "write_import_chunk",
]
