"""Whether an office's workspace holds everything that its writers were told is saved."""

import contextlib
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.cli.run import main as run_command_line
from benchmarks.sharing_ground import DEALS, Ground, open_workspace
from models.records import Activity, ChangeLog, ChangeStep, Contact, Deal, LogHead, StageChange

Note = Mapping[str, object]


def verify(ground: Ground, acknowledged: Sequence[Note], in_doubt: Sequence[Note]) -> list[str]:
    """Return what is missing or wrong, a sentence each."""
    workspace = open_workspace(ground.location, ground.mode)
    try:
        problems: list[str] = []
        for check in (_told, _notes, _counter, _moves, _edits):
            problems += workspace.read(check, ground, acknowledged, in_doubt)
        problems += workspace.read(_chains)
        problems += workspace.read(_steps)
    finally:
        workspace.close()
    return problems + _deep_check(ground)


def _of(notes: Sequence[Note], op: str) -> list[Note]:
    return [note for note in notes if note["op"] == op]


def _told(
    session: Session, _ground: Ground, done: Sequence[Note], _doubt: Sequence[Note]
) -> list[str]:
    """Every acknowledged save has its step, under the name of what was done."""
    stored = dict(session.execute(select(ChangeStep.n, ChangeStep.label)).tuples().all())
    return [
        f"step {note['step']} ({note['op']}) was acknowledged and is gone"
        for note in done
        if note["step"] is not None and stored.get(int(str(note["step"]))) != note["op"]
    ]


def _notes(
    session: Session, _ground: Ground, done: Sequence[Note], doubt: Sequence[Note]
) -> list[str]:
    stored = set(session.scalars(select(Activity.subject)))
    told = {note["subject"] for note in _of(done, "note")}
    maybe = {note["subject"] for note in _of(doubt, "note")}
    problems = [f"{subject} was acknowledged and is gone" for subject in told - stored]
    strange = {s for s in stored if str(s).startswith("note ")} - told - maybe
    return problems + [f"{subject} is stored and was never begun" for subject in strange]


def _counter(
    session: Session, ground: Ground, done: Sequence[Note], doubt: Sequence[Note]
) -> list[str]:
    amount = int(
        session.scalars(select(Deal.amount_minor).where(Deal.id == ground.ids["counter"][0])).one()
        or 0
    )
    least = len(_of(done, "count"))
    most = least + len(_of(doubt, "count"))
    if least * 100 <= amount <= most * 100:
        return []
    return [f"the counter stands at {amount // 100}; {least} to {most} were counted"]


def _moves(
    session: Session, ground: Ground, done: Sequence[Note], doubt: Sequence[Note]
) -> list[str]:
    """Every row of the moves is one save; moves to the same stage write none."""
    rows = session.execute(
        select(StageChange.deal_id, func.count())
        .where(StageChange.deal_id.in_(ground.ids["deals"]))
        .group_by(StageChange.deal_id)
    ).all()
    most = Counter(note["deal"] for note in (*_of(done, "move"), *_of(doubt, "move")))
    problems = [
        f"deal {deal} has {number - 1} moves, {most[deal]} were begun"
        for deal, number in rows
        if number - 1 > most[deal]
    ]
    # The last move of each deal is where it stands.
    places = select(Deal.id, Deal.stage_id).where(Deal.id.in_(most))
    last = dict(session.execute(places).tuples().all())
    moves = (
        select(StageChange.deal_id, StageChange.to_stage_id)
        .where(StageChange.deal_id.in_(most))
        .order_by(StageChange.at, StageChange.id)
    )
    newest = dict(session.execute(moves).tuples().all())
    problems += [
        f"deal {d} stands elsewhere than its last move says" for d in last if newest[d] != last[d]
    ]
    if len(rows) != DEALS:
        problems.append(f"{len(rows)} of {DEALS} deals have their first stage written down")
    return problems


def _edits(
    session: Session, ground: Ground, done: Sequence[Note], _doubt: Sequence[Note]
) -> list[str]:
    contact = ground.ids["contact"][0]
    lines = session.scalars(select(ChangeLog.after).where(ChangeLog.record_id == contact))
    stored = {line.get("job_title") for line in lines if line}
    told = {note["title"] for note in _of(done, "edit")}
    problems = [f"the edit “{title}” was acknowledged and is gone" for title in told - stored]
    now = session.scalars(select(Contact.job_title).where(Contact.id == contact)).one()
    if told and now not in stored:
        problems.append("the contact's title is none that anybody saved")
    return problems


def _chains(session: Session) -> list[str]:
    """Follow each column from save to save: where one does not begin at the last, one was lost."""
    rows = session.execute(
        select(ChangeLog.record_id, ChangeLog.action, ChangeLog.before, ChangeLog.after)
        .where(ChangeLog.record_id.is_not(None))
        .order_by(ChangeLog.step, ChangeLog.line)
    )
    known: dict[tuple[int, str], Any] = {}
    problems: list[str] = []
    for record_id, action, before, after in rows:
        for key, value in (after or {}).items():
            place = (record_id, key)
            begins = (before or {}).get(key)
            if action == "updated" and place in known and known[place] != begins:
                problems.append(f"{key} of {record_id}: a save between was lost")
            known[place] = value
    return problems


def _steps(session: Session) -> list[str]:
    head = session.scalars(select(LogHead.n)).one()
    steps, newest = session.execute(select(func.count(), func.max(ChangeStep.n))).one()
    if head == steps == newest:
        return []
    return [f"{steps} steps, the newest {newest}, the head {head}"]


def _deep_check(ground: Ground) -> list[str]:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = run_command_line(["check", "--deep", "-w", ground.location, "--json"])
    if status == 0:
        return []
    with contextlib.suppress(ValueError):
        return [f"check --deep: {json.loads(printed.getvalue())}"]
    return [f"check --deep ended with {status}: {printed.getvalue()}"]
