"""Pipelines and their stages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.commands.common import clean, load
from app.conflicts import fields_to_write
from app.errors import UserError
from models.clock import now
from models.ids import new_id
from models.records import Deal, Pipeline, Stage, StageChange
from models.values import StageType, name_key

MAX_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class StageTemplate:
    """A stage as a template names it; `probability` in percent, `rotting_days` 0 = off."""

    name: str
    probability: int
    type: StageType = StageType.OPEN
    rotting_days: int = 0


# Stages and probabilities of Frappe CRM.
SALES: Final = (
    StageTemplate("Qualification", 10, rotting_days=14),
    StageTemplate("Demo", 25, rotting_days=14),
    StageTemplate("Proposal", 50, rotting_days=10),
    StageTemplate("Negotiation", 70, rotting_days=10),
    StageTemplate("Ready to close", 90, rotting_days=7),
    StageTemplate("Won", 100, StageType.WON),
    StageTemplate("Lost", 0, StageType.LOST),
)
ESTATE: Final = (
    StageTemplate("New", 5, rotting_days=3),
    StageTemplate("Contacted", 10, rotting_days=7),
    StageTemplate("Qualified", 25, rotting_days=10),
    StageTemplate("Showing", 40, rotting_days=10),
    StageTemplate("Offer submitted", 60, rotting_days=7),
    StageTemplate("Under contract", 90, rotting_days=14),
    StageTemplate("Won", 100, StageType.WON),
    StageTemplate("Lost", 0, StageType.LOST),
)
TEMPLATES: Final = {"sales": SALES, "estate": ESTATE}


def create_pipeline(
    session: Session,
    *,
    name: str,
    template: str | None = None,
    stages: Sequence[StageTemplate] = (),
    is_default: bool = False,
) -> int:
    """Add a pipeline with the stages of a template ("sales", "estate") or with given ones."""
    title = _free_pipeline_name(session, name)
    last = session.scalar(select(func.max(Pipeline.position)))
    first_ever = last is None
    if is_default:
        _clear_default(session)
    pipeline = Pipeline(
        id=new_id(),
        name=title,
        name_key=name_key(title),
        position=0 if last is None else last + 1,
        is_default=is_default or first_ever,
    )
    session.add(pipeline)
    session.flush()
    chosen = tuple(stages) or TEMPLATES[template or "sales"]
    if not any(stage.type is StageType.OPEN for stage in chosen):
        raise UserError("A pipeline needs at least one open stage.")
    for position, stage in enumerate(chosen):
        _add_stage(session, pipeline.id, stage, position)
    return pipeline.id


def rename_pipeline(
    session: Session,
    *,
    pipeline_id: int,
    name: str,
    row_version: int | None = None,
    opened: Mapping[str, Any] | None = None,
    resolution: Mapping[str, Any] | None = None,
) -> int:
    """Give a pipeline another name."""
    pipeline = load(session, Pipeline, pipeline_id)
    fields = fields_to_write(
        session,
        pipeline,
        {"name": name},
        row_version=row_version,
        opened=opened,
        resolution=resolution,
    )
    if "name" not in fields:
        return pipeline.id
    title = _free_pipeline_name(session, fields["name"], besides=pipeline_id)
    pipeline.name, pipeline.name_key = title, name_key(title)
    return pipeline.id


def set_default_pipeline(session: Session, *, pipeline_id: int) -> int:
    """Make this the pipeline that new deals begin in."""
    pipeline = load(session, Pipeline, pipeline_id)
    _clear_default(session)
    pipeline.is_default = True
    return pipeline.id


def reorder_pipelines(session: Session, *, pipeline_ids: Sequence[int]) -> int:
    """Put the pipelines into this order; return how many there are."""
    for position, pipeline_id in enumerate(pipeline_ids):
        load(session, Pipeline, pipeline_id).position = position
    return len(pipeline_ids)


def delete_pipeline(session: Session, *, pipeline_id: int) -> int:
    """Remove a pipeline that holds no deal; another one becomes the default where needed."""
    pipeline = load(session, Pipeline, pipeline_id)
    _refuse_deals(session, Deal.pipeline_id == pipeline_id, pipeline.name)
    others = session.scalars(
        select(Pipeline)
        .where(Pipeline.id != pipeline_id, Pipeline.archived_at.is_(None))
        .order_by(Pipeline.position)
    ).all()
    if not others:
        raise UserError("A workspace needs at least one pipeline.")
    stages = session.scalars(select(Stage).where(Stage.pipeline_id == pipeline_id)).all()
    if any(_in_history(session, stage.id) for stage in stages):
        _archive(pipeline)
    else:
        for stage in stages:
            session.delete(stage)
        session.flush()  # the stages first: they refer to the pipeline
        session.delete(pipeline)
    if pipeline.is_default:
        pipeline.is_default = False
        others[0].is_default = True
    return pipeline_id


def create_stage(
    session: Session,
    *,
    pipeline_id: int,
    name: str,
    type: StageType = StageType.OPEN,  # noqa: A002  the field's own name
    probability: int | None = None,
    rotting_days: int = 0,
    position: int | None = None,
) -> int:
    """Add a stage to a pipeline; without position, after the last stage of its type."""
    pipeline = load(session, Pipeline, pipeline_id)
    stages = _stages(session, pipeline.id)
    if position is None:
        closed = [i for i, s in enumerate(stages) if s.type is not StageType.OPEN]
        position = closed[0] if type is StageType.OPEN and closed else len(stages)
    share = _probability(type, 50 if probability is None else probability)
    made = StageTemplate(
        _free_stage_name(session, pipeline.id, name), share, type, _days(rotting_days)
    )
    for stage in stages[position:]:
        stage.position += 1
    base = stages[position - 1].position + 1 if position and stages else 0
    return _add_stage(session, pipeline.id, made, base)


def change_stage(
    session: Session,
    *,
    stage_id: int,
    row_version: int | None = None,
    opened: Mapping[str, Any] | None = None,
    resolution: Mapping[str, Any] | None = None,
    **fields: Any,
) -> int:
    """Change a stage's name, type, probability (percent) or rotting days (0 = off)."""
    unknown = set(fields) - {"name", "type", "probability", "rotting_days"}
    if unknown:
        raise TypeError(f"a stage has no {', '.join(sorted(unknown))}")
    stage = load(session, Stage, stage_id)
    fields = fields_to_write(
        session,
        stage,
        fields,
        row_version=row_version,
        opened=opened,
        resolution=resolution,
    )
    if "name" in fields:
        stage.name = _free_stage_name(session, stage.pipeline_id, fields["name"], besides=stage.id)
    if "type" in fields:
        _change_type(session, stage, StageType(fields["type"]))
    if "probability" in fields:
        stage.probability = _probability(stage.type, fields["probability"])
    if "rotting_days" in fields:
        stage.rotting_days = _days(fields["rotting_days"])
    return stage.id


def reorder_stages(session: Session, *, pipeline_id: int, stage_ids: Sequence[int]) -> int:
    """Put a pipeline's stages into this order; every stage has to be named once."""
    stages = {stage.id: stage for stage in _stages(session, pipeline_id)}
    if sorted(stages) != sorted(stage_ids):
        raise UserError("The stages have changed meanwhile. Try again.")
    for position, stage_id in enumerate(stage_ids):
        stages[stage_id].position = position
    return len(stage_ids)


def delete_stage(session: Session, *, stage_id: int) -> int:
    """Remove a stage that holds no deal; it is kept out of sight where histories name it."""
    stage = load(session, Stage, stage_id)
    _refuse_deals(session, Deal.stage_id == stage_id, stage.name)
    _refuse_last_open(session, stage)
    if _in_history(session, stage_id):
        _archive(stage)
    else:
        session.delete(stage)
    return stage_id


def _add_stage(session: Session, pipeline_id: int, made: StageTemplate, position: int) -> int:
    stage = Stage(
        id=new_id(),
        pipeline_id=pipeline_id,
        name=made.name,
        position=position,
        type=made.type,
        probability=_probability(made.type, made.probability),
        rotting_days=made.rotting_days if made.type is StageType.OPEN else 0,
    )
    session.add(stage)
    return stage.id


def _change_type(session: Session, stage: Stage, new: StageType) -> None:
    if new is stage.type:
        return
    # Deals carry the type and a closing day: retyping a full stage would close or reopen them.
    _refuse_deals(session, Deal.stage_id == stage.id, stage.name)
    _refuse_last_open(session, stage)
    stage.type = new
    stage.probability = _probability(new, stage.probability)
    if new is not StageType.OPEN:
        stage.rotting_days = 0


def _probability(kind: StageType, value: int) -> int:
    if kind is StageType.WON:
        return 100
    if kind is StageType.LOST:
        return 0
    if not 0 <= value <= 100:  # noqa: PLR2004  percent
        raise UserError("A probability lies between 0 and 100 %.", field="probability")
    return int(value)


def _days(value: int) -> int:
    if value < 0:
        raise UserError("Days are counted from 0; 0 turns it off.", field="rotting_days")
    return int(value)


def _stages(session: Session, pipeline_id: int) -> list[Stage]:
    found = session.scalars(
        select(Stage)
        .where(Stage.pipeline_id == pipeline_id, Stage.archived_at.is_(None))
        .order_by(Stage.position, Stage.id)
    )
    return list(found)


def _refuse_deals(session: Session, condition: Any, name: str) -> None:
    count = session.scalar(select(func.count()).select_from(Deal).where(condition)) or 0
    if count:
        raise UserError(
            "“{name}” still holds {count} deals (archived ones count). Move them first.",
            name=name,
            count=count,
        )


def _refuse_last_open(session: Session, stage: Stage) -> None:
    if stage.type is not StageType.OPEN:
        return
    open_stages = [s for s in _stages(session, stage.pipeline_id) if s.type is StageType.OPEN]
    if len(open_stages) <= 1:
        raise UserError("A pipeline needs at least one open stage.")


def _in_history(session: Session, stage_id: int) -> bool:
    moved = (StageChange.to_stage_id == stage_id) | (StageChange.from_stage_id == stage_id)
    if session.scalar(select(StageChange.id).where(moved).limit(1)) is not None:
        return True
    died = select(Deal.id).where(Deal.last_open_stage_id == stage_id).limit(1)
    return session.scalar(died) is not None


def _archive(record: Pipeline | Stage) -> None:
    record.archived_at = now()


def _clear_default(session: Session) -> None:
    for pipeline in session.scalars(select(Pipeline).where(Pipeline.is_default)):
        pipeline.is_default = False


def _free_pipeline_name(session: Session, name: str, besides: int | None = None) -> str:
    title = _title(name)
    taken = session.scalar(
        select(Pipeline.id).where(
            Pipeline.name_key == name_key(title),
            Pipeline.archived_at.is_(None),
            Pipeline.id != (besides or 0),
        )
    )
    if taken is not None:
        raise UserError("There is already a pipeline “{name}”.", name=title, field="name")
    return title


def _free_stage_name(
    session: Session, pipeline_id: int, name: str, besides: int | None = None
) -> str:
    title = _title(name)
    for stage in _stages(session, pipeline_id):
        if stage.id != besides and name_key(stage.name) == name_key(title):
            raise UserError("There is already a stage “{name}”.", name=title, field="name")
    return title


def _title(name: str) -> str:
    title = clean(name, MAX_NAME, "name")
    if not title:
        raise UserError("Give it a name.", field="name")
    return title
