"""The four Maven files, as the issue counts them, in any order."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.exchange.runs import undo_batches
from app.workspace import Workspace
from models.records import Company, Deal, DealLine, Pipeline, Product, Stage, StageChange, User
from models.values import StageType
from tests.app.exchange.conftest import counts, take
from tests.conftest import read, snapshot


def facts(session: Session) -> dict[str, Any]:
    def one(statement: Any) -> Any:
        return session.execute(statement).scalar_one()

    by_stage = session.execute(
        select(Stage.name, Stage.type, func.count(Deal.id))
        .join(Deal, Deal.stage_id == Stage.id)
        .group_by(Stage.id)
        .order_by(Stage.position)
    )
    return {
        "companies": one(select(func.count(Company.id))),
        "children": one(select(func.count(Company.parent_id))),
        "products": one(select(func.count(Product.id))),
        "agents": one(select(func.count(User.id)).where(User.manager_id.is_not(None))),
        "placed": one(
            select(func.count(User.id)).where(User.team.is_not(None), User.region.is_not(None))
        ),
        "users": one(select(func.count(User.id))),
        "stages": [tuple(row) for row in by_stage],
        "no company": one(select(func.count(Deal.id)).where(Deal.company_id.is_(None))),
        "won": one(select(func.sum(Deal.amount_minor)).where(Deal.stage_type == StageType.WON)),
        "gtx pro": one(
            select(func.count(DealLine.id))
            .join(Product, Product.id == DealLine.product_id)
            .where(Product.name == "GTX Pro")
        ),
    }


EXPECTED = {
    "companies": 85,
    "children": 15,
    "products": 7,
    "agents": 35,
    "placed": 35,
    "users": 42,  # 35 agents, 6 managers, and Elena Novak, whose workspace it is
    "stages": [
        ("Prospecting", StageType.OPEN, 500),
        ("Engaging", StageType.OPEN, 1589),
        ("Won", StageType.WON, 4238),
        ("Lost", StageType.LOST, 2473),
    ],
    "no company": 1425,
    "won": 10_005_534_00,
    "gtx pro": 1480,
}


def test_four_files_in_one_go_a_second_time_and_back(
    workspace: Workspace, maven: list[Path]
) -> None:
    before = snapshot(workspace)
    dry = take(workspace, *reversed(maven), dry=True)
    assert snapshot(workspace) == before
    results = take(workspace, *reversed(maven))
    assert {r.plan.kind: counts(r) for r in results} == {
        "user": {"created": 35},
        "company": {"created": 85},
        "product": {"created": 7},
        "deal": {"created": 8800},
    }
    assert [r.as_json() for r in dry] == [r.as_json() for r in results]
    assert not any(r.tally.problems for r in results)
    assert read(workspace, facts) == EXPECTED
    again = take(workspace, *maven)
    assert all(set(counts(r)) == {"unchanged"} for r in again)
    assert read(workspace, facts) == EXPECTED
    undo_batches(workspace, [r.batch_id for r in (*results, *again) if r.batch_id])
    after = snapshot(workspace)
    del before["import_batch"], after["import_batch"]
    assert after == before


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::5])
def test_one_by_one_in_any_order(
    workspace: Workspace, maven: list[Path], order: tuple[int, ...]
) -> None:
    for place in order:
        take(workspace, maven[place])
    assert read(workspace, facts) == EXPECTED


def test_the_history_tells_when_deals_opened_and_closed(
    workspace: Workspace, maven: list[Path]
) -> None:
    take(workspace, *maven)

    def history(session: Session) -> tuple[Any, ...]:
        deal = session.scalars(
            select(Deal).where(Deal.name == "GTX Plus Basic for Cancity").order_by(Deal.board_order)
        ).first()
        assert deal is not None
        moves = session.execute(
            select(Stage.name, StageChange.seconds_in_from)
            .join(Stage, Stage.id == StageChange.to_stage_id)
            .where(StageChange.deal_id == deal.id)
            .order_by(StageChange.at)
        )
        pipeline = session.get(Pipeline, deal.pipeline_id)
        assert pipeline is not None
        return (
            str(deal.opened_on),
            str(deal.closed_on),
            [tuple(m) for m in moves],
            pipeline.is_default,
        )

    opened, closed, moves, is_default = read(workspace, history)
    assert (opened, closed) == ("2016-10-20", "2017-03-01")
    assert [name for name, _ in moves] == ["Engaging", "Won"]
    assert abs(moves[1][1] - 132 * 86_400) <= 3_600  # a change of the clocks lies between
    assert is_default
