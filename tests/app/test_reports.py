"""The six reports: every cut adds up, every row opens exactly its deals, and the known traps."""

import json
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event

from app.errors import UserError
from app.queries.deals import DealFilter, deal_count, deal_ids
from app.queries.report_cuts import month_span
from app.queries.reports import BY, NONE, REPORTS, Report, report
from app.workspace import Workspace
from models.clock import standing_at
from tests.app.reporting import NOON, Office, at, office, sell
from tests.conftest import read


def reported(store: Workspace, name: str, **fields: Any) -> Report:
    with standing_at(NOON):
        return read(store, report, name, **fields)


def amounts(found: Report) -> dict[str, int]:
    return {row.key: row.amount_minor for row in found.rows}


def counts(found: Report) -> dict[str, int]:
    return {row.key: row.count for row in found.rows}


def test_won_is_counted_on_the_day_it_closed_in_the_workspaces_currency(store: Workspace) -> None:
    office(store)
    found = reported(store, "won")
    # “Early” was expected in December and won in October; 300 dollars are 150 euro.
    assert amounts(found) == {"2026-08": 5_000, "2026-10": 10_000, "2026-11": 35_700}
    assert (found.total.count, found.total.amount_minor) == (5, 50_700)
    assert found.currency == "EUR"


def test_both_ends_of_a_period_are_inside(store: Workspace) -> None:
    office(store)
    found = reported(store, "won", start=date(2026, 11, 3), end=date(2026, 11, 5))
    assert (found.total.count, found.total.amount_minor) == (2, 35_000)
    assert reported(store, "won", start=date(2026, 11, 4), end=date(2026, 11, 4)).total.count == 0


def test_quarters_owners_teams_and_regions(store: Workspace) -> None:
    office(store)
    assert amounts(reported(store, "won", by="quarter")) == {"2026 Q3": 5_000, "2026 Q4": 45_700}
    assert amounts(reported(store, "won", by="team")) == {
        "North": 30_000, "South": 20_000, NONE: 700,
    }  # fmt: skip
    assert amounts(reported(store, "won", by="region")) == {
        "West": 30_000, "East": 20_000, NONE: 700,
    }  # fmt: skip
    owners = reported(store, "won", by="owner").rows
    assert [(row.key, row.amount_minor) for row in owners] == [
        ("Ada", 20_000), ("Ben", 20_000), ("Ada", 10_000), (NONE, 700),
    ]  # fmt: skip


def test_products_share_a_deal_by_their_lines(store: Workspace) -> None:
    office(store)
    found = reported(store, "won", by="product")
    assert amounts(found) == {
        "Red": 20_000 + 3_334, "Blue": 3_333, "Green": 3_333, NONE: 5_000 + 15_000 + 700,
    }  # fmt: skip
    assert counts(found) == {"Red": 2, "Blue": 1, "Green": 1, NONE: 3}


def test_shares_lose_no_cent(store: Workspace) -> None:
    known = office(store)
    lines = [
        {"product_id": product, "quantity": 1, "unit_price_minor": 10_001}
        for product in (known.red, known.blue, known.green)
    ]
    sell(
        store, "Odd", 30_003, currency="USD", opened=at(6, 1), lines=lines, moves={"Won": at(6, 2)}
    )
    found = reported(store, "won", by="product", end=date(2026, 6, 30))
    # 300.03 dollars are 150.015 euro; each product alone would round to 50.00.
    assert found.total.amount_minor == 15_002
    assert sorted(amounts(found).values()) == [5_000, 5_001, 5_001]


@pytest.mark.parametrize("by", [None, *BY])
@pytest.mark.parametrize("name", [name for name in REPORTS if name != "sources"])
def test_rows_come_to_the_total_and_open_exactly_their_deals(
    workspace: Workspace, name: str, by: str | None
) -> None:
    office(workspace)
    found = reported(workspace, name, by=by)
    assert found.rows
    assert sum(row.amount_minor for row in found.rows) == found.total.amount_minor
    if by != "product":  # a deal of three products stands in three rows
        assert sum(row.count for row in found.rows) == found.total.count
    opened = 0
    for row in found.rows:
        if row.deals is not None and row.count:
            with standing_at(NOON):
                assert read(workspace, deal_count, row.deals) == row.count, row.key
            opened += 1
    assert opened


def test_rows_open_their_deals_on_postgresql_too(postgresql: Workspace) -> None:
    office(postgresql)
    for name, by in (("won", "month"), ("won", "product"), ("winrate", "team"), ("team", "owner")):
        for row in reported(postgresql, name, by=by).rows:
            if row.deals is not None and row.count:
                with standing_at(NOON):
                    assert read(postgresql, deal_count, row.deals) == row.count, (name, row.key)


def test_the_win_rate_is_won_of_closed_and_open_deals_do_not_matter(store: Workspace) -> None:
    office(store)
    found = reported(store, "winrate", start=date(2026, 10, 1), end=date(2026, 11, 23))
    assert (found.total.more["won"], found.total.more["lost"]) == (4, 2)
    assert found.total.more["rate"] == pytest.approx(4 / 6)
    by_month = {row.key: row.more["rate"] for row in found.rows}
    assert by_month == {"2026-10": pytest.approx(1 / 2), "2026-11": pytest.approx(3 / 4)}
    nothing = reported(store, "winrate", start=date(2020, 1, 1), end=date(2020, 2, 1))
    assert (nothing.rows, nothing.total.more["rate"]) == ((), 0.0)


def test_two_people_of_one_name_stay_two(store: Workspace) -> None:
    known = office(store)
    found = reported(store, "team")
    by_id = {row.record_id: row for row in found.rows}
    assert by_id[known.ada].amount_minor == 10_000
    assert by_id[known.twin].amount_minor == 20_000
    assert by_id[known.ada].more["open_minor"] == 40_000
    assert by_id[known.ben].more["open"] == 2
    assert by_id[known.ben].more["average_minor"] == 10_000
    # Ben's weighted: 80.00 and 20.00 at 10 %; lost deals weigh nothing.
    assert by_id[known.ben].more["weighted_minor"] == 1_000
    assert found.total.more["weighted_minor"] == 20_000 + 1_000


def test_the_pipeline_goes_by_stage_in_their_order(store: Workspace) -> None:
    office(store)
    found = reported(store, "pipeline")
    assert [(row.key, row.count) for row in found.rows] == [
        ("Qualification", 2), ("Demo", 0), ("Proposal", 1), ("Negotiation", 0),
        ("Ready to close", 0),
    ]  # fmt: skip
    assert found.total.amount_minor == 50_000
    assert found.total.more["weighted_minor"] == 21_000


def test_a_forecast_holds_no_lost_deals_and_tells_of_overdue_ones(store: Workspace) -> None:
    office(store)
    found = reported(store, "forecast", start=date(2026, 11, 1), end=date(2026, 12, 31))
    assert found.total.amount_minor == 50_000  # 2 300.00 of lost deals are not in it
    assert found.total.more["weighted_minor"] == 21_000
    assert found.total.more["overdue"] == 1
    won = 35_700
    assert found.total.more["won_minor"] == won
    assert found.total.more["commit_minor"] == won + 8_000
    assert found.total.more["best_case_minor"] == won + 8_000 + 2_000


def test_sources_count_deals_by_the_day_they_were_opened(store: Workspace) -> None:
    office(store)
    found = reported(store, "sources", start=date(2026, 11, 1), end=date(2026, 11, 23))
    assert found.total.count == 4  # opened in November: Dollars, Nobody's, Open, Promised
    assert found.total.more["won"] == 2
    assert [row.key for row in found.rows] == [NONE]


def test_more_than_a_hundred_deals_are_all_read(workspace: Workspace) -> None:
    for n in range(130):
        sell(workspace, f"Deal {n}", 100, opened=at(11, 1), moves={"Won": at(11, 2)})
    found = reported(workspace, "won")
    assert (found.total.count, found.rows[0].count, found.rows[0].amount_minor) == (
        130,
        130,
        13_000,
    )
    assert found.rows[0].deals is not None
    assert len(read(workspace, deal_ids, found.rows[0].deals)) == 130


def test_a_chosen_owner_narrows_rows_total_and_drill_down(store: Workspace) -> None:
    known = office(store)
    found = reported(store, "won", chosen=DealFilter(owner_id=known.ben))
    assert found.total.amount_minor == 20_000
    assert {row.deals.owner_id for row in found.rows if row.deals} == {known.ben}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "gone"}, "no report"),
        ({"name": "won", "by": "weather"}, "goes by"),
        ({"name": "sources", "by": "owner"}, "source only"),
        (
            {"name": "won", "start": date(2026, 2, 1), "end": date(2026, 1, 1)},
            "ends before it starts",
        ),
    ],
)
def test_what_does_not_exist_is_said(
    workspace: Workspace, fields: dict[str, Any], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        read(workspace, report, **fields)


@pytest.mark.parametrize(
    ("month", "months", "last"),
    [((2024, 2), 1, date(2024, 2, 29)), ((2026, 12), 1, date(2026, 12, 31)),
     ((2026, 10), 3, date(2026, 12, 31))],
)  # fmt: skip
def test_months_end_on_their_last_day(month: tuple[int, int], months: int, last: date) -> None:
    assert month_span(*month, months) == (date(*month, 1), last)


def statements(workspace: Workspace, work: Callable[[], object]) -> int:
    seen: list[str] = []

    def count(*args: Any) -> None:
        seen.append(args[2])

    engine = workspace.database.engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(seen)


def all_statements(workspace: Workspace) -> dict[str, int]:
    return {name: statements(workspace, partial(reported, workspace, name)) for name in REPORTS}


def test_the_number_of_statements_does_not_grow_with_the_data(workspace: Workspace) -> None:
    found: Office = office(workspace)
    assert found.deals
    few = all_statements(workspace)
    for n in range(12):
        sell(workspace, f"More {n}", 100, opened=at(1 + n % 9, 1), moves={"Won": at(11, 2)})
    more = all_statements(workspace)
    assert more == few
    assert max(more.values()) <= 8


def test_the_command_line_says_both_how_many_and_how_much(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.cli import main

    office(workspace)
    assert main(["report", "winrate", "-w", str(workspace.location), "--json"]) == 0
    total = json.loads(capsys.readouterr().out)["total"]
    assert (total["won"], total["lost"], total["won_amount"]) == (5, 3, "507.00")
