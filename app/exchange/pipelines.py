"""The pipelines of a file of deals: found, or made with the stages the file names."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.exchange_rates import exchange_rates, minor_rate
from app.exchange.choices import stage_place, stage_type
from app.exchange.guessing import header_keys
from app.exchange.ledger import Ledger
from app.exchange.state import FileState, StageInfo
from models.records import Deal, Pipeline, Stage
from models.values import StageType, fold, name_key

_STEM: Final = 5
_UNKNOWN_PLACE: Final = 50


def prepare_deals(state: FileState, session: Session, ledger: Ledger) -> None:
    """Fill the state with the stages that the file's deals stand in; make what is missing."""
    by_pipeline: dict[str, list[str]] = {}
    for pipeline, stage in state.plan.stages:
        by_pipeline.setdefault(pipeline, []).append(stage)
    no_deals = session.scalar(select(Deal.id).limit(1)) is None
    for name, stages in by_pipeline.items():
        _prepare(state, session, ledger, name, stages, leading=no_deals)
        no_deals = False
    if not by_pipeline:
        usual = session.scalars(
            select(Pipeline)
            .where(Pipeline.archived_at.is_(None))
            .order_by(Pipeline.is_default.desc(), Pipeline.position)
        ).first()
        if usual is not None:
            _remember(state, "", _stored(session, usual.id))
    for currency in exchange_rates(session):
        state.rates[currency] = minor_rate(session, currency)


def _prepare(
    state: FileState,
    session: Session,
    ledger: Ledger,
    name: str,
    stages: Sequence[str],
    *,
    leading: bool,
) -> None:
    pipeline_id = _found(session, name, stages)
    if pipeline_id is None:
        pipeline_id = _make(session, ledger, name or _title(state), leading=leading)
    known = _stored(session, pipeline_id)
    keys = {name_key(stage.name) for stage in known}
    missing = [s for s in dict.fromkeys(stages) if name_key(s) not in keys]
    if not any(stage.type is StageType.OPEN for stage in known) and not any(
        stage_type(s) is StageType.OPEN for s in missing
    ):
        missing.append("Open")
    _remember(state, name, known + _make_stages(ledger, pipeline_id, known, missing))


def _found(session: Session, name: str, stages: Sequence[str]) -> int | None:
    """Return the pipeline of this name; without a name one that has all the stages."""
    pipelines = session.scalars(
        select(Pipeline)
        .where(Pipeline.archived_at.is_(None))
        .order_by(Pipeline.is_default.desc(), Pipeline.position)
    ).all()
    wanted = {name_key(stage) for stage in stages}
    for pipeline in pipelines:
        if name:
            if pipeline.name_key == name_key(name):
                return pipeline.id
        elif wanted <= {name_key(s.name) for s in _stored(session, pipeline.id)}:
            return pipeline.id
    return None


def _title(state: FileState) -> str:
    words = re.sub(r"[\W_]+", " ", state.plan.path.stem).strip()
    return (words[:1].upper() + words[1:])[:120] or "Imported deals"


def _make(session: Session, ledger: Ledger, name: str, *, leading: bool) -> int:
    last = session.scalars(select(Pipeline.position).order_by(Pipeline.position.desc())).first()
    row = ledger.insert(
        "pipeline",
        {
            "name": name[:120],
            "name_key": name_key(name)[:120],
            "position": 0 if last is None else last + 1,
            "is_default": leading,
        },
    )
    ledger.note_created("pipeline", row, None)
    if leading:  # a workspace that had no deals opens its board on these
        for old in session.execute(
            select(Pipeline.__table__).where(Pipeline.__table__.c.is_default)
        ):
            current: dict[str, Any] = dict(old._mapping)  # noqa: SLF001  SQLAlchemy's public name
            ledger.update("pipeline", current, {"is_default": False}, None, own=False)
    return int(row["id"])


def _make_stages(
    ledger: Ledger, pipeline_id: int, known: Sequence[StageInfo], names: Sequence[str]
) -> list[StageInfo]:
    """Add stages in the order in which deals usually pass them: open ones first, lost last."""
    order = {StageType.OPEN: 0, StageType.WON: 1, StageType.LOST: 2}
    ranked = sorted(
        names, key=lambda n: (order[stage_type(n)], _place(n) if not order[stage_type(n)] else 0)
    )
    opens = [n for n in ranked if stage_type(n) is StageType.OPEN]
    made = []
    first = 1 + max((stage.position for stage in known), default=-1)
    for offset, name in enumerate(ranked):
        kind = stage_type(name)
        share = {StageType.WON: 100, StageType.LOST: 0}.get(kind)
        if share is None:
            share = round(100 * (opens.index(name) + 1) / (len(opens) + 1))
        row = ledger.insert(
            "stage",
            {
                "pipeline_id": pipeline_id,
                "name": name,
                "position": first + offset,
                "type": kind,
                "probability": share,
            },
        )
        ledger.note_created("stage", row, None)
        made.append(StageInfo(row["id"], pipeline_id, name, kind, first + offset))
    return made


def _place(name: str) -> int:
    place = stage_place(name)
    return _UNKNOWN_PLACE if place is None else place


def _stored(session: Session, pipeline_id: int) -> list[StageInfo]:
    rows = session.scalars(
        select(Stage)
        .where(Stage.pipeline_id == pipeline_id, Stage.archived_at.is_(None))
        .order_by(Stage.position, Stage.id)
    )
    return [StageInfo(s.id, s.pipeline_id, s.name, s.type, s.position) for s in rows]


def _remember(state: FileState, pipeline: str, stages: Sequence[StageInfo]) -> None:
    for stage in stages:
        state.stages[name_key(pipeline), name_key(stage.name)] = stage
    opens: Mapping[int, StageInfo] = {
        place: stage for place, stage in enumerate(stages) if stage.type is StageType.OPEN
    }
    if not opens:
        return
    entry = opens[min(opens)]
    opened = state.plan.column_of("opened_on")
    if opened is not None:
        # "engage_date" is the day a deal entered "Engaging": its history begins there.
        stems = {word[:_STEM] for word in header_keys(opened.header)[1] if len(word) >= _STEM}
        entry = next((s for s in opens.values() if fold(s.name)[:_STEM] in stems), entry)
    state.entry[entry.pipeline_id] = entry
