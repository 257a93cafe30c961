"""A small office whose sales are known by heart, for the tests of reports and charts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.deals import change_deal, create_deal, move_deal_to_stage
from app.commands.exchange_rates import set_exchange_rate
from app.commands.products import create_product
from app.commands.users import create_user
from app.workspace import Workspace
from models.clock import standing_at
from models.records import Stage
from models.values import LostReason
from tests.conftest import read, run

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)


def at(month: int, day: int, year: int = 2026) -> datetime:
    return datetime(year, month, day, 12, 0, tzinfo=UTC)


def stages(store: Workspace) -> dict[str, int]:
    def found(session: Session) -> dict[str, int]:
        rows = session.execute(select(Stage.name, Stage.id).order_by(Stage.position))
        return dict(rows.all())

    return read(store, found)


def sell(
    store: Workspace,
    name: str,
    amount: int,
    *,
    opened: datetime,
    moves: Mapping[str, datetime] | None = None,
    reason: LostReason = LostReason.PRICE,
    **fields: Any,
) -> int:
    """Open a deal on a day and move it through stages on others, as a person would."""
    places = stages(store)
    with standing_at(opened):
        deal_id = run(store, create_deal, name=name, amount_minor=amount, **fields)
    for stage, moment in (moves or {}).items():
        lost = {"lost_reason": reason} if stage == "Lost" else {}
        with standing_at(moment):
            run(store, move_deal_to_stage, deal_id=deal_id, stage_id=places[stage], **lost)
    if fields.get("owner_id") is None:  # who makes a deal owns it, if nobody else is named
        run(store, change_deal, deal_id=deal_id, owner_id=None)
    return deal_id


@dataclass(frozen=True, slots=True)
class Office:
    """The ids of an office's people, products and deals."""

    ada: int
    twin: int  # bears Ada's name
    ben: int
    red: int
    blue: int
    green: int
    deals: Mapping[str, int]


def _line(product_id: int, price: int) -> dict[str, Any]:
    return {"product_id": product_id, "quantity": 1, "unit_price_minor": price}


def office(store: Workspace) -> Office:
    """Sell a year's worth: five won, three lost, three open, one of them overdue."""
    ada = run(store, create_user, name="Ada", team="North", region="West")
    twin = run(store, create_user, name="Ada", team="South", region="West")
    ben = run(store, create_user, name="Ben", team="North", region="East")
    red = run(store, create_product, name="Red", price_minor=100)
    blue = run(store, create_product, name="Blue", price_minor=100)
    green = run(store, create_product, name="Green", price_minor=100)
    run(store, set_exchange_rate, currency="USD", rate="0.5")
    three = [_line(red, 3_334), _line(blue, 3_333), _line(green, 3_333)]
    deals = {
        # Won in October, though it was expected in December.
        "early": sell(
            store, "Early", 10_000, opened=at(9, 1), owner_id=ada,
            expected_close_on=date(2026, 12, 20), lines=three,
            moves={"Demo": at(9, 5), "Won": at(10, 10)},
        ),
        "november": sell(
            store, "November", 20_000, opened=at(10, 20), owner_id=twin,
            lines=[_line(red, 10_000), _line(red, 10_000)],
            moves={"Won": at(11, 3)},
        ),
        "dollars": sell(
            store, "Dollars", 30_000, currency="USD", opened=at(11, 1), owner_id=ben,
            moves={"Proposal": at(11, 2), "Demo": at(11, 4), "Won": at(11, 5)},
        ),
        "nobody": sell(store, "Nobody's", 700, opened=at(11, 1), moves={"Won": at(11, 20)}),
        "old": sell(
            store, "Old", 5_000, opened=at(7, 1), owner_id=ben, moves={"Won": at(8, 15)},
        ),
        "dear": sell(
            store, "Dear", 90_000, opened=at(10, 2), owner_id=ada,
            moves={"Demo": at(10, 4), "Lost": at(10, 30)},
        ),
        "beaten": sell(
            store, "Beaten", 80_000, opened=at(10, 5), owner_id=ben,
            moves={"Proposal": at(10, 9), "Lost": at(11, 2)}, reason=LostReason.COMPETITOR,
        ),
        "before": sell(
            store, "Before", 60_000, opened=at(8, 1), owner_id=ada,
            moves={"Lost": at(9, 1)},
        ),
        "open": sell(
            store, "Open", 40_000, opened=at(11, 10), owner_id=ada,
            expected_close_on=date(2026, 12, 15), lines=[_line(red, 40_000)],
            moves={"Proposal": at(11, 12)},
        ),
        "promised": sell(
            store, "Promised", 8_000, opened=at(11, 10), owner_id=ben,
            expected_close_on=date(2026, 11, 30), forecast_category="commit",
        ),
        "late": sell(
            store, "Late", 2_000, opened=at(9, 20), owner_id=ben,
            expected_close_on=date(2026, 11, 1), forecast_category="best_case",
        ),
    }  # fmt: skip
    return Office(ada, twin, ben, red, blue, green, deals)
