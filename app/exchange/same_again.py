"""A file taken before, since when nothing has changed, changes nothing: no row is looked up.

The proof is strict: the same bytes, read in the same way, an import that ended and was not undone,
and since it began not one change of somebody else to anything but the program's own bookkeeping.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Final

from sqlalchemy import distinct, exists, func, select
from sqlalchemy.orm import Session

from app.exchange.counts import Outcome, Problem, TakenRow
from app.exchange.drafts import Draft
from app.exchange.plan import FilePlan, Region, Taking
from app.exchange.shaping import Shaped
from app.exchange.state import FileState
from app.sharing.versions import VERSION
from models.migrations import HEAD
from models.records import ChangeLog, ImportBatch, ImportRow, LogHead
from models.values import BatchState

# Nothing that an import reads.
_BOOKKEEPING: Final = (
    "import_batch",
    "import_mapping",
    "mail_account",
    "mail_folder",
    "saved_view",
    "watched_file",
    "watched_folder",
)
_BEHIND: Final = 1_000


def plan_digest(plan: FilePlan, region: Region) -> str | None:
    """Return a digest of how a file is read; None where each import must look for itself."""
    if plan.taking != Taking():
        return None
    parts = (
        VERSION, HEAD, plan.kind, plan.system, plan.table.dialect, plan.table.headers,
        [(column.index, column.field) for column in plan.guess.columns],
        plan.formats, plan.stages, region,
    )  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def same_import(session: Session, *, digest: str, plan: FilePlan, region: Region) -> int | None:
    """Return the import of this very file since which nothing has changed; None for none."""
    wanted = plan_digest(plan, region)
    if wanted is None:
        return None
    batch = session.scalars(
        select(ImportBatch)
        .where(
            ImportBatch.digest == digest,
            ImportBatch.plan_digest == wanted,
            ImportBatch.state == BatchState.DONE,
            ImportBatch.end_step.is_not(None),
            ImportBatch.failed == 0,  # some fail only when they are looked up
        )
        .order_by(ImportBatch.started_at.desc(), ImportBatch.id.desc())
        .limit(1)
    ).first()
    if batch is None or batch.end_step is None:
        return None
    changed = exists().where(ChangeLog.step > batch.end_step, ChangeLog.kind.not_in(_BOOKKEEPING))
    return None if session.scalar(select(changed)) else batch.id


def note_step(session: Session, state: FileState, *, wrote: bool) -> None:
    """Note, in each commit of an import, whether others have changed something in between.

    `wrote`: whether this commit changes records.
    """
    step = session.scalar(select(LogHead.n)) or 0
    if state.step and step > state.step + 1:
        others = session.scalar(
            select(func.count(distinct(ChangeLog.step))).where(
                ChangeLog.step > state.step,
                ChangeLog.step <= step,
                ChangeLog.kind.not_in(_BOOKKEEPING),
            )
        )
        state.disturbed = state.disturbed or (others or 0) > state.wrote
    state.step, state.wrote = step, wrote


def end_step(state: FileState) -> int | None:
    """Return the step since which nothing may have changed; None where that cannot be said.

    The last commit of an import has this number or a later one, and in that case the next import
    looks for itself.
    """
    return None if state.disturbed else state.step + state.wrote


def begin_again(session: Session, *, state: FileState) -> None:
    """Take over from the earlier import what its rows were linked to, and what they became."""
    batch = session.get(ImportBatch, state.same_as)
    if batch is None:
        return
    state.tally.links.update(dict(batch.links or {}))
    notes = session.execute(
        select(ImportRow.row_number, ImportRow.record_kind, ImportRow.record_id)
        .where(ImportRow.batch_id == batch.id, ImportRow.row_number.is_not(None))
        .order_by(ImportRow.id)
        .limit(_BEHIND)
    )
    rows = [TakenRow(int(row or 0), kind, record_id) for row, kind, record_id in notes]
    state.tally.note((Outcome.UNCHANGED, row) for row in rows if row.kind == state.plan.kind)


def taken_again(
    state: FileState, rows: Sequence[Shaped]
) -> tuple[Counter[Outcome], list[Problem], list[tuple[Draft, str]]]:
    """Return the outcomes of rows taken before: unchanged, but for those that cannot be taken."""
    outcomes: Counter[Outcome] = Counter()
    problems: list[Problem] = []
    not_taken: list[tuple[Draft, str]] = []
    for shaped in rows:
        draft = shaped.draft
        problems += draft.problems
        if not draft.reject:
            outcomes[Outcome.UNCHANGED] += 1
            continue
        outcome = Outcome.SKIPPED if draft.blank else Outcome.FAILED
        outcomes[outcome] += 1
        problems.append(Problem(draft.row, "", "", draft.reject))
        not_taken.append((draft, draft.reject))
        state.tally.note([(outcome, TakenRow(draft.row, draft.kind, 0))])
    return outcomes, problems, not_taken
