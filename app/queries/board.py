"""The board: one column per stage with its count, totals and card ids."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from app.queries.deals import DealFilter, deal_conditions, value_of, weighted_of
from app.queries.id_pages import collect_ids
from models.clock import today
from models.records import Deal, Pipeline, Stage
from models.values import StageType

RECENT_DAYS: Final = 30
AT_ONCE: Final = 20_000  # ids of a column that are read as one text


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """A stage with its deals; totals in minor units of the workspace's currency.

    Won and lost columns hold the recent ones; `older` counts the others.
    """

    stage_id: int
    name: str
    type: StageType
    probability: int
    position: int
    count: int = 0
    total_minor: int = 0
    weighted_minor: int = 0
    older: int = 0
    ids: "array[int]" = field(default_factory=lambda: array("q"))


@dataclass(frozen=True, slots=True)
class PipelineOption:
    """A pipeline to choose."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Board:
    """All that the board shows but the cards themselves."""

    pipeline_id: int | None
    pipeline_name: str
    columns: tuple[BoardColumn, ...]
    pipelines: tuple[PipelineOption, ...]
    has_any_deal: bool
    recent_days: int | None  # None: a period was chosen, which the closed columns follow

    @property
    def open_count(self) -> int:
        """How many open deals the columns hold."""
        return sum(column.count for column in self.columns if column.type is StageType.OPEN)

    @property
    def open_total_minor(self) -> int:
        """What the open deals come to."""
        return sum(column.total_minor for column in self.columns if column.type is StageType.OPEN)

    @property
    def weighted_minor(self) -> int:
        """What the open deals are likely to come to."""
        return sum(column.weighted_minor for column in self.columns)


def board(session: Session, chosen: DealFilter) -> Board:
    """Return the columns of the filter's pipeline, or of the default one."""
    pipelines = session.execute(
        select(Pipeline.id, Pipeline.name, Pipeline.is_default)
        .where(Pipeline.archived_at.is_(None))
        .order_by(Pipeline.position, Pipeline.id)
    ).all()
    options = tuple(PipelineOption(p.id, p.name) for p in pipelines)
    by_default = [p.id for p in pipelines if p.is_default] or [p.id for p in pipelines]
    pipeline_id = chosen.pipeline_id or (by_default[0] if by_default else None)
    follows = any((chosen.close_from, chosen.close_to, chosen.closed_from, chosen.closed_to))
    recent = None if follows or chosen.ids else today() - timedelta(days=RECENT_DAYS)
    columns = _columns(session, replace(chosen, pipeline_id=pipeline_id), recent)
    live = select(Deal.id).where(Deal.archived_at.is_(None)).limit(1)
    return Board(
        pipeline_id=pipeline_id,
        pipeline_name=next((p.name for p in pipelines if p.id == pipeline_id), ""),
        columns=columns,
        pipelines=options,
        has_any_deal=session.scalar(live) is not None,
        recent_days=None if recent is None else RECENT_DAYS,
    )


def _columns(session: Session, chosen: DealFilter, recent: date | None) -> tuple[BoardColumn, ...]:
    stages = session.execute(
        select(Stage.id, Stage.name, Stage.type, Stage.probability, Stage.position)
        .where(Stage.pipeline_id == chosen.pipeline_id, Stage.archived_at.is_(None))
        .order_by(Stage.position, Stage.id)
    )
    conditions = deal_conditions(session, chosen)
    empty = [BoardColumn(s.id, s.name, s.type, s.probability, s.position) for s in stages]
    return tuple(_filled(session, column, conditions, recent) for column in empty)


def _filled(
    session: Session, column: BoardColumn, conditions: Sequence[Any], recent: date | None
) -> BoardColumn:
    inside: list[Any] = [*conditions, Deal.stage_id == column.stage_id]
    older = 0
    order: list[Any] = [Deal.board_order.asc(), Deal.id.asc()]
    if column.type is not StageType.OPEN:
        order = [Deal.closed_on.desc(), Deal.id.desc()]
        inside.append(Deal.stage_type == column.type)  # lets the index by closing day serve
        if recent is not None:
            before = [*inside, Deal.closed_on < recent]
            older = session.scalar(select(func.count()).select_from(Deal).where(*before)) or 0
            inside.append(Deal.closed_on >= recent)
    return replace(_looked_up(session, column, inside, order), older=older)


def _looked_up(
    session: Session, column: BoardColumn, inside: Sequence[Any], order: Sequence[Any]
) -> BoardColumn:
    """Read sums and ids in one walk over the deals: two take nearly twice as long."""
    sums = [
        func.count().label("deals"),
        func.coalesce(func.sum(value_of()), 0).label("total"),
        func.coalesce(func.sum(weighted_of()), 0).label("weighted"),
    ]
    joined = func.aggregate_strings(cast(Deal.id, Text), ",").aggregate_order_by(*order)
    of_stage = select(*sums).select_from(Deal).join(Stage, Stage.id == Deal.stage_id).where(*inside)
    # Joined to one text, very many ids would hold the interpreter too long.
    many = select(Deal.id).where(Deal.stage_id == column.stage_id).limit(1).offset(AT_ONCE)
    if session.scalar(many) is None:
        found = session.execute(of_stage.add_columns(joined.label("ids"))).one()
        ids = array("q", map(int, found.ids.split(","))) if found.ids else array("q")
    else:
        found = session.execute(of_stage).one()
        ids = collect_ids(session, select(Deal.id).where(*inside).order_by(*order))
    return replace(
        column,
        count=found.deals,
        total_minor=round(found.total),
        weighted_minor=round(found.weighted),
        ids=ids,
    )
