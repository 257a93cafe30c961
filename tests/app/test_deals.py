"""Deals: every sentence of SEMANTICS.md, Pipeline, that is about commands; undo of each command."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.companies import create_company
from app.commands.contacts import create_contact
from app.commands.deals import (
    add_deal_line,
    archive_deals,
    assign_deals,
    change_deal,
    change_deal_line,
    create_deal,
    move_deal_to_stage,
    move_deals_to_stage,
    remove_deal_line,
    reorder_deal,
    restore_deals,
    set_deal_lines,
)
from app.commands.exchange_rates import exchange_rates, set_exchange_rate
from app.commands.products import archive_product, change_product, create_product
from app.errors import UserError
from app.queries.board import board
from app.queries.deal_details import DealDetails, deal_details
from app.queries.deals import DealFilter
from app.workspace import Workspace
from models.clock import standing_at
from models.records import Deal, Stage, StageChange
from models.values import ForecastCategory, LostReason, StageType
from tests.conftest import read, run, undo_roundtrip

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def stages(store: Workspace) -> dict[str, int]:
    def found(session: Session) -> dict[str, int]:
        rows = session.execute(select(Stage.name, Stage.id).order_by(Stage.position))
        return {name: found_id for name, found_id in rows}  # noqa: C416  typed row

    return read(store, found)


def field(store: Workspace, deal_id: int, *names: str) -> Any:
    def found(session: Session) -> tuple[Any, ...]:
        deal = session.get_one(Deal, deal_id)
        return tuple(getattr(deal, name) for name in names)

    values = read(store, found)
    return values[0] if len(names) == 1 else values


def changes(store: Workspace, deal_id: int) -> list[tuple[int | None, int, int | None, int | None]]:
    def found(session: Session) -> list[tuple[int | None, int, int | None, int | None]]:
        rows = session.scalars(
            select(StageChange)
            .where(StageChange.deal_id == deal_id)
            .order_by(StageChange.at, StageChange.id)
        )
        return [(r.from_stage_id, r.to_stage_id, r.seconds_in_from, r.user_id) for r in rows]

    return read(store, found)


def details(store: Workspace, deal_id: int) -> DealDetails:
    found = read(store, deal_details, deal_id)
    assert found is not None
    return found


def test_a_new_deal_opens_at_the_top_of_the_first_stage_and_is_written_down(
    store: Workspace,
) -> None:
    first = run(store, create_deal, name="Older")
    deal = undo_roundtrip(store, create_deal, name="  Ärger mit Öl  ", amount_minor=12_50)
    named = stages(store)
    assert field(store, deal, "name", "sort_name", "stage_id", "stage_type", "owner_id") == (
        "Ärger mit Öl",
        "arger mit ol",
        named["Qualification"],
        StageType.OPEN,
        store.user_id,
    )
    assert changes(store, deal) == [(None, named["Qualification"], None, store.user_id)]
    column = read(store, board, DealFilter()).columns[0]
    assert list(column.ids) == [deal, first]


def test_a_deal_takes_the_company_of_its_contact(store: Workspace) -> None:
    company = run(store, create_company, name="Aldgate")
    contact = run(store, create_contact, name="Priya Raman", company_id=company)
    deal = run(store, create_deal, name="Renewal", contact_id=contact)
    assert field(store, deal, "company_id") == company


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"name": "   "}, "name"),
        ({"name": "x" * 301}, "name"),
        ({"name": "x", "amount_minor": -1}, "amount_minor"),
        ({"name": "x", "probability": 101}, "probability"),
        ({"name": "x", "currency": "USD"}, "currency"),
    ],
)
def test_what_the_person_can_mend_is_said_at_its_field(
    store: Workspace, fields: dict[str, Any], at: str
) -> None:
    with pytest.raises(UserError) as caught:
        run(store, create_deal, **fields)
    assert caught.value.field == at
    assert not read(store, board, DealFilter()).has_any_deal


def test_changing_fields_and_taking_it_back(store: Workspace) -> None:
    deal = run(store, create_deal, name="Renewal")
    undo_roundtrip(
        store,
        change_deal,
        deal_id=deal,
        name="Renewal 2027",
        amount_minor=500_000,
        probability=35,
        forecast_category=ForecastCategory.COMMIT,
        expected_close_on=date(2026, 12, 11),
        description="All sites",
        owner_id=None,
    )
    assert field(store, deal, "amount_minor", "probability", "owner_id") == (500_000, 35, None)


def test_a_form_that_is_out_of_date_is_refused(store: Workspace) -> None:
    deal = run(store, create_deal, name="Renewal")
    seen = details(store, deal).row.row_version
    run(store, change_deal, deal_id=deal, name="Changed")
    with pytest.raises(UserError):
        run(store, change_deal, deal_id=deal, row_version=seen, name="Stale")
    assert field(store, deal, "name") == "Changed"


def test_a_stage_cannot_be_changed_as_a_field(store: Workspace) -> None:
    deal = run(store, create_deal, name="Renewal")
    with pytest.raises(TypeError):
        run(store, change_deal, deal_id=deal, stage_id=stages(store)["Won"])


def test_every_move_writes_from_to_seconds_and_who(store: Workspace) -> None:
    named = stages(store)
    with standing_at(NOON):
        deal = run(store, create_deal, name="Renewal")
    with standing_at(NOON + timedelta(days=3, seconds=7)):
        undo_roundtrip(store, move_deal_to_stage, deal_id=deal, stage_id=named["Proposal"])
    assert changes(store, deal)[1] == (
        named["Qualification"],
        named["Proposal"],
        3 * 86_400 + 7,
        store.user_id,
    )
    with standing_at(NOON + timedelta(days=5, seconds=7)):
        visits = details(store, deal).history
    assert [(v.stage_name, v.seconds) for v in visits] == [
        ("Qualification", 259_207),
        ("Proposal", 172_800),
    ]


def test_a_move_to_the_same_stage_is_no_move(store: Workspace) -> None:
    named = stages(store)
    deal = run(store, create_deal, name="Renewal")
    run(store, move_deal_to_stage, deal_id=deal, stage_id=named["Qualification"])
    assert len(changes(store, deal)) == 1


def test_lost_asks_for_a_reason_and_other_for_a_note(store: Workspace) -> None:
    lost = stages(store)["Lost"]
    deal = run(store, create_deal, name="Renewal")
    for reason, note, at in (
        (None, None, "lost_reason"),
        (LostReason.UNKNOWN, None, "lost_reason"),
        (LostReason.OTHER, "  ", "lost_note"),
    ):
        with pytest.raises(UserError) as caught:
            run(
                store,
                move_deal_to_stage,
                deal_id=deal,
                stage_id=lost,
                lost_reason=reason,
                lost_note=note,
            )
        assert caught.value.field == at
    assert field(store, deal, "stage_type") == StageType.OPEN
    run(
        store,
        move_deal_to_stage,
        deal_id=deal,
        stage_id=lost,
        lost_reason=LostReason.OTHER,
        lost_note="They merged",
    )
    assert field(store, deal, "lost_reason", "lost_note") == (LostReason.OTHER, "They merged")


def test_a_lost_deal_keeps_where_it_died_and_the_day(store: Workspace) -> None:
    named = stages(store)
    deal = run(store, create_deal, name="Renewal", stage_id=named["Negotiation"])
    with standing_at(NOON):
        undo_roundtrip(
            store,
            move_deal_to_stage,
            deal_id=deal,
            stage_id=named["Lost"],
            lost_reason=LostReason.PRICE,
        )
    assert field(store, deal, "stage_type", "closed_on", "last_open_stage_id", "lost_reason") == (
        StageType.LOST,
        date(2026, 11, 23),
        named["Negotiation"],
        LostReason.PRICE,
    )
    assert details(store, deal).last_open_stage == "Negotiation"


def test_opening_again_clears_what_closing_wrote(store: Workspace) -> None:
    named = stages(store)
    deal = run(store, create_deal, name="Renewal", stage_id=named["Demo"])
    run(
        store,
        move_deal_to_stage,
        deal_id=deal,
        stage_id=named["Lost"],
        lost_reason=LostReason.OTHER,
        lost_note="Merged",
    )
    undo_roundtrip(store, move_deal_to_stage, deal_id=deal, stage_id=named["Proposal"])
    assert field(
        store, deal, "stage_type", "closed_on", "lost_reason", "lost_note", "last_open_stage_id"
    ) == (StageType.OPEN, None, None, None, None)


def test_lost_then_won_after_all_keeps_no_reason_but_where_it_stood(store: Workspace) -> None:
    named = stages(store)
    deal = run(store, create_deal, name="Renewal", stage_id=named["Demo"])
    with standing_at(NOON - timedelta(days=9)):
        run(
            store,
            move_deal_to_stage,
            deal_id=deal,
            stage_id=named["Lost"],
            lost_reason=LostReason.TIMING,
        )
    with standing_at(NOON):
        run(store, move_deal_to_stage, deal_id=deal, stage_id=named["Won"])
    assert field(store, deal, "closed_on", "lost_reason", "last_open_stage_id") == (
        date(2026, 11, 23),
        None,
        named["Demo"],
    )


def test_the_reason_and_the_closing_day_can_be_mended_later(store: Workspace) -> None:
    named = stages(store)
    deal = run(store, create_deal, name="Renewal")
    with pytest.raises(UserError):
        run(store, change_deal, deal_id=deal, lost_reason=LostReason.PRICE)
    with pytest.raises(UserError):
        run(store, change_deal, deal_id=deal, closed_on=date(2026, 1, 1))
    run(
        store,
        move_deal_to_stage,
        deal_id=deal,
        stage_id=named["Lost"],
        lost_reason=LostReason.PRICE,
    )
    with pytest.raises(UserError):
        run(store, change_deal, deal_id=deal, lost_reason=LostReason.OTHER)
    run(
        store,
        change_deal,
        deal_id=deal,
        lost_reason=LostReason.OTHER,
        lost_note="Merged",
        closed_on=date(2026, 1, 31),
    )
    with pytest.raises(UserError):
        run(store, change_deal, deal_id=deal, lost_note="")
    assert field(store, deal, "lost_reason", "closed_on") == (LostReason.OTHER, date(2026, 1, 31))


def test_cards_land_where_they_are_dropped(store: Workspace) -> None:
    proposal = stages(store)["Proposal"]
    a, b, c, d = (run(store, create_deal, name=name) for name in "abcd")
    for deal in (c, b, a):
        run(store, move_deal_to_stage, deal_id=deal, stage_id=proposal)

    def order() -> list[int]:
        columns = read(store, board, DealFilter()).columns
        return next(list(column.ids) for column in columns if column.stage_id == proposal)

    assert order() == [a, b, c]
    undo_roundtrip(store, move_deal_to_stage, deal_id=d, stage_id=proposal, before_id=b)
    assert order() == [a, d, b, c]
    undo_roundtrip(store, reorder_deal, deal_id=a)
    assert order() == [d, b, c, a]
    run(store, reorder_deal, deal_id=a, before_id=b)
    assert order() == [d, a, b, c]
    run(store, move_deal_to_stage, deal_id=c, stage_id=proposal, position=1)
    assert order() == [d, c, a, b]


def test_cards_that_share_an_order_make_room(store: Workspace) -> None:
    """Imported deals all have one order; a card can still be put between them."""
    named = stages(store)
    deals = [run(store, create_deal, name=name) for name in "abc"]

    def level(session: Session) -> int:
        for deal in session.scalars(select(Deal)):
            deal.board_order = 0.0
        return 0

    run(store, level)
    new = run(store, create_deal, name="new", stage_id=named["Demo"])
    undo_roundtrip(
        store,
        move_deal_to_stage,
        deal_id=new,
        stage_id=named["Qualification"],
        before_id=deals[2],
    )
    column = read(store, board, DealFilter()).columns[0]
    assert list(column.ids) == [deals[0], deals[1], new, deals[2]]


def test_several_deals_move_as_one_step_and_keep_their_order(store: Workspace) -> None:
    named = stages(store)
    a, b, c = (run(store, create_deal, name=name) for name in "abc")
    undo_roundtrip(store, move_deals_to_stage, deal_ids=(c, b), stage_id=named["Demo"])
    run(store, move_deals_to_stage, deal_ids=(a,), stage_id=named["Demo"], position=2**31)
    columns = read(store, board, DealFilter()).columns
    assert list(columns[1].ids) == [c, b, a]
    lost = named["Lost"]
    with pytest.raises(UserError):
        run(store, move_deals_to_stage, deal_ids=(a, b), stage_id=lost)
    moved = run(
        store,
        move_deals_to_stage,
        deal_ids=(a, b),
        stage_id=lost,
        lost_reason=LostReason.NO_ANSWER,
    )
    assert moved == 2
    assert field(store, b, "lost_reason") == LostReason.NO_ANSWER


def test_the_amount_follows_the_lines_when_there_are_lines(store: Workspace) -> None:
    product = run(store, create_product, name="GTX Pro", price_minor=48_21)
    deal = run(store, create_deal, name="Renewal", amount_minor=7)
    line = undo_roundtrip(store, add_deal_line, deal_id=deal, product_id=product, quantity=3)
    assert field(store, deal, "amount_minor") == 144_63
    undo_roundtrip(store, change_deal_line, line_id=line, quantity=Decimal("2.5"))
    assert field(store, deal, "amount_minor") == 120_52  # 120.525 to the even cent
    other = run(store, add_deal_line, deal_id=deal, name="Travel", unit_price_minor=10_00)
    assert field(store, deal, "amount_minor") == 130_52
    with pytest.raises(UserError) as caught:
        run(store, change_deal, deal_id=deal, amount_minor=1)
    assert caught.value.field == "amount_minor"
    undo_roundtrip(store, remove_deal_line, line_id=line)
    assert field(store, deal, "amount_minor") == 10_00
    run(store, remove_deal_line, line_id=other)
    assert field(store, deal, "amount_minor") == 10_00
    run(store, change_deal, deal_id=deal, amount_minor=1)
    assert field(store, deal, "amount_minor") == 1


def test_lines_without_a_price_leave_the_amount_alone(store: Workspace) -> None:
    product = run(store, create_product, name="Talk")
    deal = run(
        store,
        create_deal,
        name="Imported",
        amount_minor=105_500,
        lines=[{"product_id": product}],
    )
    shown = details(store, deal)
    assert shown.row.amount_minor == 105_500
    assert [(line.name, line.total_minor) for line in shown.lines] == [("Talk", None)]
    assert shown.row.products == "Talk"


def test_all_lines_can_be_replaced_at_once(store: Workspace) -> None:
    deal = run(store, create_deal, name="Renewal", lines=[{"name": "A", "unit_price_minor": 100}])
    undo_roundtrip(
        store,
        set_deal_lines,
        deal_id=deal,
        lines=[
            {"name": "B", "unit_price_minor": 200},
            {"name": "C", "unit_price_minor": 300, "quantity": 2},
        ],
    )
    assert field(store, deal, "amount_minor") == 800


@pytest.mark.parametrize("quantity", [0, -1, "many", 10**9])
def test_a_quantity_has_to_make_sense(store: Workspace, quantity: Any) -> None:
    deal = run(store, create_deal, name="Renewal")
    with pytest.raises(UserError) as caught:
        run(store, add_deal_line, deal_id=deal, name="A", quantity=quantity)
    assert caught.value.field == "quantity"


def test_a_deal_keeps_the_rate_of_the_day_it_closed(store: Workspace) -> None:
    named = stages(store)
    undo_roundtrip(store, set_exchange_rate, currency="usd", rate="0.9")
    assert read(store, exchange_rates) == {"EUR": Decimal(1), "USD": Decimal("0.9")}
    closed = run(store, create_deal, name="Closed", currency="USD", amount_minor=100_00)
    open_one = run(store, create_deal, name="Open", currency="USD", amount_minor=100_00)
    run(store, set_exchange_rate, currency="USD", rate="0.8")
    run(store, move_deal_to_stage, deal_id=closed, stage_id=named["Won"])
    followers = undo_roundtrip(store, set_exchange_rate, currency="USD", rate="0.5")
    assert followers == 1
    columns = {c.name: c for c in read(store, board, DealFilter()).columns}
    assert columns["Won"].total_minor == 80_00
    assert columns["Qualification"].total_minor == 50_00
    assert columns["Qualification"].weighted_minor == 5_00
    with pytest.raises(UserError):
        run(store, change_deal, deal_id=closed, currency="EUR")
    run(store, change_deal, deal_id=open_one, currency="EUR")
    assert field(store, open_one, "rate") == Decimal(1)


def test_a_rate_turns_minor_units_into_minor_units(store: Workspace) -> None:
    run(store, set_exchange_rate, currency="JPY", rate="0.006")
    run(store, create_deal, name="Tokyo", currency="JPY", amount_minor=1_000_000)
    assert read(store, board, DealFilter()).open_total_minor == 6_000_00


@pytest.mark.parametrize(
    "fields",
    [
        {"currency": "EURO", "rate": "1"},
        {"currency": "EUR", "rate": "1"},
        {"currency": "USD", "rate": "x"},
        {"currency": "USD", "rate": "0"},
    ],
)
def test_a_rate_has_to_make_sense(store: Workspace, fields: dict[str, str]) -> None:
    with pytest.raises(UserError):
        run(store, set_exchange_rate, **fields)


def test_archiving_and_owners_in_bulk(store: Workspace) -> None:
    deals = tuple(run(store, create_deal, name=name) for name in "abc")
    undo_roundtrip(store, assign_deals, deal_ids=deals, owner_id=None)
    assert field(store, deals[2], "owner_id") is None
    undo_roundtrip(store, archive_deals, deal_ids=deals[:2])
    assert list(read(store, board, DealFilter()).columns[0].ids) == [deals[2]]
    undo_roundtrip(store, restore_deals, deal_ids=deals[:1])
    assert read(store, board, DealFilter()).open_count == 2


def test_a_deal_that_is_gone_is_said_so(store: Workspace) -> None:
    with pytest.raises(UserError):
        run(store, move_deal_to_stage, deal_id=1, stage_id=stages(store)["Won"])
    assert read(store, deal_details, 1) is None


def test_products_have_one_name_each(store: Workspace) -> None:
    product = undo_roundtrip(store, create_product, name="GTX Pro", price_minor=100)
    with pytest.raises(UserError) as caught:
        run(store, create_product, name="GTXPro")
    assert caught.value.field == "name"
    undo_roundtrip(store, change_product, product_id=product, name="GTX Pro 2", is_active=False)
    with pytest.raises(UserError):
        run(store, change_product, product_id=product, price_minor=-1)
    undo_roundtrip(store, archive_product, product_id=product)
    assert run(store, create_product, name="GTX Pro 2") != product


def test_an_amount_beyond_what_can_be_added_up_is_refused(store: Workspace) -> None:
    with pytest.raises(UserError, match="too large to be true") as refused:
        run(store, create_deal, name="A", amount_minor=10**20)
    assert refused.value.field == "amount_minor"
    with pytest.raises(UserError, match="too large to be true"):
        run(store, create_product, name="Moon", price_minor=10**15)
    deal_id = run(store, create_deal, name="B", amount_minor=10**15 - 1)
    with pytest.raises(UserError, match="too large to be true"):
        run(store, add_deal_line, deal_id=deal_id, name="C", quantity=9, unit_price_minor=10**18)
    assert field(store, deal_id, "amount_minor") == 10**15 - 1
