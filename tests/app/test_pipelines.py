"""Pipelines and stages: made, renamed, put in order, typed, and deleted only when empty."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.deals import archive_deals, create_deal, move_deal_to_stage
from app.commands.pipelines import (
    ESTATE,
    StageTemplate,
    change_stage,
    create_pipeline,
    create_stage,
    delete_pipeline,
    delete_stage,
    rename_pipeline,
    reorder_pipelines,
    reorder_stages,
    set_default_pipeline,
)
from app.errors import UserError
from app.queries.board import board
from app.queries.deal_details import pipeline_stages, stage_history
from app.queries.deals import DealFilter
from app.workspace import Workspace
from models.records import Pipeline, Stage
from models.values import LostReason, StageType
from tests.conftest import read, run, undo_roundtrip


def pipelines(store: Workspace) -> dict[str, int]:
    def found(session: Session) -> dict[str, int]:
        rows = session.execute(
            select(Pipeline.name, Pipeline.id)
            .where(Pipeline.archived_at.is_(None))
            .order_by(Pipeline.position)
        )
        return {name: found_id for name, found_id in rows}  # noqa: C416  typed row

    return read(store, found)


def names(store: Workspace, pipeline_id: int) -> list[str]:
    return [stage.name for stage in read(store, pipeline_stages, pipeline_id)]


def stage_of(store: Workspace, pipeline_id: int, name: str) -> int:
    return next(s.id for s in read(store, pipeline_stages, pipeline_id) if s.name == name)


def default_of(store: Workspace) -> int | None:
    return read(store, board, DealFilter()).pipeline_id


def test_the_default_stages_and_probabilities(store: Workspace) -> None:
    stages = read(store, pipeline_stages, pipelines(store)["New business"])
    assert [(s.name, s.probability, s.type) for s in stages] == [
        ("Qualification", 10, StageType.OPEN),
        ("Demo", 25, StageType.OPEN),
        ("Proposal", 50, StageType.OPEN),
        ("Negotiation", 70, StageType.OPEN),
        ("Ready to close", 90, StageType.OPEN),
        ("Won", 100, StageType.WON),
        ("Lost", 0, StageType.LOST),
    ]


def test_the_template_for_estate_agents(store: Workspace) -> None:
    made = undo_roundtrip(store, create_pipeline, name="Flats", template="estate")
    assert names(store, made) == [
        "New",
        "Contacted",
        "Qualified",
        "Showing",
        "Offer submitted",
        "Under contract",
        "Won",
        "Lost",
    ]
    assert [s.probability for s in read(store, pipeline_stages, made)] == [
        template.probability for template in ESTATE
    ]


def test_the_same_template_makes_the_first_pipeline(store: Workspace) -> None:
    made = run(store, create_pipeline, name="Second")
    assert names(store, made) == names(store, pipelines(store)["New business"])


def test_own_stages_and_a_pipeline_without_an_open_one(store: Workspace) -> None:
    made = run(store, create_pipeline, name="Short", stages=[StageTemplate("Talk", 40)])
    assert names(store, made) == ["Talk"]
    with pytest.raises(UserError):
        run(
            store,
            create_pipeline,
            name="None",
            stages=[StageTemplate("Won", 100, StageType.WON)],
        )


def test_names_of_pipelines(store: Workspace) -> None:
    first = pipelines(store)["New business"]
    for taken in ("new business", "NEW  BUSINESS"):
        with pytest.raises(UserError) as caught:
            run(store, create_pipeline, name=taken)
        assert caught.value.field == "name"
    undo_roundtrip(store, rename_pipeline, pipeline_id=first, name="Sales")
    assert list(pipelines(store)) == ["Sales"]


def test_order_and_default(store: Workspace) -> None:
    first = pipelines(store)["New business"]
    second = run(store, create_pipeline, name="Renewals")
    undo_roundtrip(store, reorder_pipelines, pipeline_ids=[second, first])
    assert list(pipelines(store)) == ["Renewals", "New business"]
    assert default_of(store) == first
    undo_roundtrip(store, set_default_pipeline, pipeline_id=second)
    assert default_of(store) == second
    deal = run(store, create_deal, name="x")
    assert deal in read(store, board, DealFilter(pipeline_id=second)).columns[0].ids


def test_a_pipeline_is_deleted_only_when_empty(store: Workspace) -> None:
    first = pipelines(store)["New business"]
    second = run(store, create_pipeline, name="Renewals")
    deal = run(store, create_deal, name="x")
    with pytest.raises(UserError, match="New business"):
        run(store, delete_pipeline, pipeline_id=first)
    run(store, archive_deals, deal_ids=[deal])
    with pytest.raises(UserError):  # an archived deal would have nowhere to come back to
        run(store, delete_pipeline, pipeline_id=first)
    undo_roundtrip(store, delete_pipeline, pipeline_id=second)
    assert list(pipelines(store)) == ["New business"]


def test_the_default_passes_on_and_the_last_pipeline_stays(store: Workspace) -> None:
    first = pipelines(store)["New business"]
    second = run(store, create_pipeline, name="Renewals")
    undo_roundtrip(store, delete_pipeline, pipeline_id=first)
    assert default_of(store) == second
    with pytest.raises(UserError):
        run(store, delete_pipeline, pipeline_id=second)


def test_a_new_stage_stands_before_the_closed_ones(store: Workspace) -> None:
    pipeline = pipelines(store)["New business"]
    undo_roundtrip(
        store, create_stage, pipeline_id=pipeline, name="Legal", probability=80, rotting_days=5
    )
    assert names(store, pipeline)[4:] == ["Ready to close", "Legal", "Won", "Lost"]
    run(store, create_stage, pipeline_id=pipeline, name="First", position=0)
    assert names(store, pipeline)[:2] == ["First", "Qualification"]
    run(store, create_stage, pipeline_id=pipeline, name="Lost early", type=StageType.LOST)
    assert names(store, pipeline)[-1] == "Lost early"


def test_changing_a_stage(store: Workspace) -> None:
    pipeline = pipelines(store)["New business"]
    demo = stage_of(store, pipeline, "Demo")
    undo_roundtrip(store, change_stage, stage_id=demo, name="Trial", probability=33, rotting_days=0)
    stage = read(store, pipeline_stages, pipeline)[1]
    assert (stage.name, stage.probability) == ("Trial", 33)
    for wrong, at in (
        ({"name": "won"}, "name"),
        ({"probability": 101}, "probability"),
        ({"rotting_days": -1}, "rotting_days"),
    ):
        with pytest.raises(UserError) as caught:
            run(store, change_stage, stage_id=demo, **wrong)
        assert caught.value.field == at


def test_a_type_brings_its_probability_and_changes_only_without_deals(store: Workspace) -> None:
    pipeline = pipelines(store)["New business"]
    demo = stage_of(store, pipeline, "Demo")
    undo_roundtrip(store, change_stage, stage_id=demo, type=StageType.WON)
    stage = read(store, pipeline_stages, pipeline)[1]
    assert (stage.type, stage.probability) == (StageType.WON, 100)
    run(store, change_stage, stage_id=demo, probability=20)
    assert read(store, pipeline_stages, pipeline)[1].probability == 100
    run(store, create_deal, name="x")
    with pytest.raises(UserError):
        run(
            store,
            change_stage,
            stage_id=stage_of(store, pipeline, "Qualification"),
            type=StageType.LOST,
        )


def test_the_order_of_stages(store: Workspace) -> None:
    pipeline = pipelines(store)["New business"]
    ids = [s.id for s in read(store, pipeline_stages, pipeline)]
    undo_roundtrip(
        store, reorder_stages, pipeline_id=pipeline, stage_ids=[ids[1], ids[0], *ids[2:]]
    )
    assert names(store, pipeline)[:2] == ["Demo", "Qualification"]
    with pytest.raises(UserError):
        run(store, reorder_stages, pipeline_id=pipeline, stage_ids=ids[:-1])


def test_a_stage_is_deleted_only_when_empty_and_stays_in_histories(store: Workspace) -> None:
    pipeline = pipelines(store)["New business"]
    demo, proposal = (stage_of(store, pipeline, name) for name in ("Demo", "Proposal"))
    deal = run(store, create_deal, name="x", stage_id=demo)
    with pytest.raises(UserError, match="Demo"):
        run(store, delete_stage, stage_id=demo)
    run(store, move_deal_to_stage, deal_id=deal, stage_id=proposal)
    undo_roundtrip(store, delete_stage, stage_id=demo)
    assert "Demo" not in names(store, pipeline)
    assert [v.stage_name for v in read(store, stage_history, deal)] == ["Demo", "Proposal"]
    with pytest.raises(UserError):
        run(store, move_deal_to_stage, deal_id=deal, stage_id=demo)
    untouched = stage_of(store, pipeline, "Negotiation")
    run(store, delete_stage, stage_id=untouched)
    assert read(store, lambda session: session.get(Stage, untouched)) is None


def test_the_last_open_stage_stays(store: Workspace) -> None:
    made = run(store, create_pipeline, name="Short", stages=[StageTemplate("Talk", 40)])
    only = stage_of(store, made, "Talk")
    with pytest.raises(UserError):
        run(store, delete_stage, stage_id=only)
    with pytest.raises(UserError):
        run(store, change_stage, stage_id=only, type=StageType.WON)


def test_a_move_into_another_pipeline_takes_the_deal_there(store: Workspace) -> None:
    other = run(store, create_pipeline, name="Flats", template="estate")
    deal = run(store, create_deal, name="x")
    lost = stage_of(store, other, "Lost")
    undo_roundtrip(
        store, move_deal_to_stage, deal_id=deal, stage_id=lost, lost_reason=LostReason.TIMING
    )
    assert list(read(store, board, DealFilter(pipeline_id=other)).columns[-1].ids) == [deal]
    assert read(store, board, DealFilter()).open_count == 0
