"""The numbers behind the Analytics page, on both stores."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.commands.deals import move_deal_to_stage
from app.commands.settings import change_workspace_settings
from app.errors import UserError
from app.queries.analytics import Overview, cycle_bins, overview, wilson
from app.queries.analytics_page import Wanted, analytics
from app.queries.deals import DealFilter, deal_count
from app.queries.forecast import _Open, simulate
from app.queries.periods import Period, named_period
from app.workspace import Workspace
from models.clock import standing_at
from models.values import ForecastCategory, LostReason
from tests.app.reporting import NOON, TODAY, at, office, sell, stages
from tests.app.test_reports import statements
from tests.conftest import read, run


def quarter(store: Workspace, chosen: DealFilter | None = None) -> Overview:
    period = named_period("quarter", TODAY)
    with standing_at(NOON):
        return read(store, overview, chosen or DealFilter(), period, period.before())


def opened(store: Workspace, deals: DealFilter | None) -> int:
    assert deals is not None
    with standing_at(NOON):
        return read(store, deal_count, deals)


# --- periods


def test_the_previous_period_has_the_same_length() -> None:
    period = named_period("quarter", TODAY)
    assert (period.start, period.end, period.horizon) == (
        date(2026, 10, 1), TODAY, date(2026, 12, 31),
    )  # fmt: skip
    before = period.before()
    assert (before.start, before.end) == (date(2026, 8, 8), date(2026, 9, 30))
    assert before.days == period.days == 54


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(
    ["month", "quarter", "year", "last_month", "last_quarter", "last_year", "twelve_months"]
))  # fmt: skip
def test_every_period_meets_the_one_before_without_gap(day: date, key: str) -> None:
    period = named_period(key, day)
    before = period.before()
    assert before.days == period.days
    assert before.end + timedelta(days=1) == period.start
    assert period.start <= period.end <= period.horizon
    assert period.year_before().days == period.days


def test_named_quarters_and_years() -> None:
    assert named_period("2017-Q4", TODAY).start == date(2017, 10, 1)
    assert named_period("2017-Q4", TODAY).end == date(2017, 12, 31)
    assert named_period("2016", TODAY).days == 366
    assert not named_period("2016", TODAY).is_running
    with pytest.raises(UserError):
        named_period("someday", TODAY)


# --- figures


def test_the_figures_and_those_of_the_period_before(store: Workspace) -> None:
    office(store)
    found = quarter(store)
    assert (found.now.won_count, found.now.won_minor) == (4, 45_700)
    assert (found.now.lost_count, found.now.lost_minor) == (2, 170_000)
    assert found.now.win_rate == pytest.approx(4 / 6)
    assert found.now.average_minor == 11_425
    # 8 August to 30 September: “Old” won, “Before” lost.
    assert (found.before.won_count, found.before.lost_count) == (1, 1)
    # 39, 14, 4 and 19 days; 45 before.
    assert found.cycle_days == 16.5
    assert found.cycle_days_before == 45
    assert (found.open.count, found.open.amount_minor, found.open.weighted_minor) == (
        3, 50_000, 21_000,
    )  # fmt: skip


def test_open_deals_of_a_day_gone_by_stand_in_their_stages_of_then(store: Workspace) -> None:
    office(store)
    found = quarter(store)
    # On 30 September: “Early” in Demo (25 %) and “Late” in Qualification (10 %).
    assert found.open_before.count == 2
    assert found.open_before.amount_minor == 12_000
    assert found.open_before.weighted_minor == 2_500 + 200


def test_nothing_at_all_gives_no_nonsense(store: Workspace) -> None:
    found = quarter(store)
    assert not found.has_deals
    assert found.now.win_rate is None
    assert found.now.average_minor is None
    assert found.cycle_days is None
    assert not found.owners
    assert not found.reasons
    assert not found.cycle
    assert [step.drop for step in found.funnel] == [None] * 6
    assert found.forecast.ahead[-1].p90_minor == 0


# --- months, goal


def test_twelve_months_with_the_empty_ones_and_the_running_one(store: Workspace) -> None:
    office(store)
    run(store, change_workspace_settings, monthly_goal_minor=15_000)
    found = quarter(store)
    assert len(found.months) == 12
    assert (found.months[0].month, found.months[-1].month) == (date(2025, 12, 1), date(2026, 11, 1))
    won = {bar.month.month: bar.amount_minor for bar in found.months if bar.count}
    assert won == {8: 5_000, 10: 10_000, 11: 35_700}
    assert [bar.is_running for bar in found.months] == [False] * 11 + [True]
    assert all(opened(store, bar.deals) == bar.count for bar in found.months)
    assert found.goal_minor == 15_000
    assert quarter(store, DealFilter(team="North")).goal_minor is None


# --- forecast


def test_the_forecast_adds_the_owners_word_to_what_is_won(store: Workspace) -> None:
    office(store)
    found = quarter(store).forecast
    assert found.won_minor == 45_700  # also what was expected later; nothing of lost deals
    assert found.won[0] == (date(2026, 10, 1), 0)
    assert found.won[-1] == (TODAY, 45_700)
    assert (found.commit_minor, found.best_minor) == (53_700, 55_700)
    assert found.weighted_minor == 45_700 + 20_000 + 800 + 200
    assert (found.overdue_count, found.overdue_minor) == (1, 2_000)
    assert opened(store, found.open_deals) == found.open_count == 3
    assert opened(store, found.overdue_deals) == 1
    assert opened(store, found.won_deals) == 4
    last = found.ahead[-1]
    assert last.day == date(2026, 12, 31)
    assert 45_700 <= last.p10_minor <= last.p50_minor <= last.p90_minor <= 95_700
    assert found == quarter(store).forecast  # the same draws each time


def test_a_period_that_is_over_has_no_forecast(store: Workspace) -> None:
    office(store)
    period = named_period("last_quarter", TODAY)
    with standing_at(NOON):
        found = read(store, overview, DealFilter(), period, period.before())
    assert found.forecast.ahead == ()
    assert found.forecast.best_minor == found.forecast.won_minor == 5_000
    assert found.open_deals is None


_PERIOD = Period("x", date(2026, 10, 1), TODAY, date(2026, 12, 31))


def _open(day: date, value: float, chance: float) -> _Open:
    return _Open(day, value, chance, ForecastCategory.PIPELINE, overdue=False)


def test_simulated_ranges_agree_with_what_can_be_worked_out() -> None:
    day = date(2026, 12, 1)
    sure, _ = simulate([_open(day, 1_000.0, 1.0), _open(day, 500.0, 0.0)], 100, _PERIOD)
    assert (sure[-1].p10_minor, sure[-1].p90_minor) == (1_100, 1_100)
    # 400 deals of 100 at 50 %: 200 ± 10 of them, so 10 % and 90 % lie 12.8 apart from 200.
    many, runs = simulate([_open(day, 100.0, 0.5) for _ in range(400)], 0, _PERIOD)
    assert runs == 4_000
    assert many[-1].p50_minor == pytest.approx(20_000, abs=150)
    assert many[-1].p90_minor - many[-1].p10_minor == pytest.approx(2 * 1_282, abs=200)
    # Before the expected day nothing of it is there.
    assert all(point.p90_minor == 0 for point in many if point.day < day)


# --- funnel


def test_the_funnel_counts_a_deal_once_per_stage_lost_ones_until_they_died(
    store: Workspace,
) -> None:
    office(store)
    found = quarter(store).funnel
    # Opened in the quarter: Dear (Demo), Beaten (Proposal), Open (Proposal), Promised, and won
    # November, Dollars (back from Proposal to Demo in between), Nobody's.
    assert [(step.name, step.count) for step in found] == [
        ("Qualification", 7), ("Demo", 6), ("Proposal", 5), ("Negotiation", 3),
        ("Ready to close", 3), ("", 3),
    ]  # fmt: skip
    assert found[1].drop == pytest.approx(1 / 7)
    assert [opened(store, step.deals) for step in found] == [step.count for step in found]
    assert found[2].median_days == pytest.approx(13.0)  # Dollars 2 days, Beaten 24


def test_a_deal_moved_back_still_came_that_far(store: Workspace) -> None:
    deal = sell(store, "There and back", 100, opened=at(11, 1), moves={"Negotiation": at(11, 3)})
    with standing_at(at(11, 4)):
        run(store, move_deal_to_stage, deal_id=deal, stage_id=stages(store)["Qualification"])
    found = quarter(store).funnel
    assert [step.count for step in found] == [1, 1, 1, 1, 0, 0]
    assert [opened(store, step.deals) for step in found] == [1, 1, 1, 1, 0, 0]


# --- owners, reasons, cycle


def test_win_rates_come_with_the_range_of_few_cases(store: Workspace) -> None:
    known = office(store)
    found = quarter(store).owners
    assert [(row.name, row.won, row.closed) for row in found] == [
        ("(none)", 1, 1), ("Ada", 1, 1), ("Ada", 1, 2), ("Ben", 1, 2),
    ]  # fmt: skip
    ben = found[-1]
    assert ben.low == pytest.approx(0.0945, abs=1e-4)
    assert ben.high == pytest.approx(0.9055, abs=1e-4)
    assert opened(store, ben.deals) == 2
    assert ben.deals is not None
    assert ben.deals.owner_id == known.ben


@given(st.integers(0, 500), st.integers(1, 500))
def test_a_wilson_range_holds_its_rate(hits: int, cases: int) -> None:
    hits = min(hits, cases)
    low, high = wilson(hits, cases)
    assert 0 <= low <= hits / cases + 1e-12
    assert hits / cases - 1e-12 <= high <= 1


def test_reasons_for_losing_with_their_change(store: Workspace) -> None:
    office(store)
    found = quarter(store).reasons
    assert [(row.reason, row.count, row.amount_minor, row.change) for row in found] == [
        (LostReason.PRICE, 1, 90_000, 0), (LostReason.COMPETITOR, 1, 80_000, 1),
    ]  # fmt: skip
    assert [opened(store, row.deals) for row in found] == [1, 1]


def test_the_bins_of_the_sales_cycle_hold_every_won_deal(store: Workspace) -> None:
    office(store)
    found = quarter(store).cycle
    assert sum(part.count for part in found) == 4
    assert [opened(store, part.deals) for part in found] == [part.count for part in found]
    assert found[-1].end is None


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(1, 9)), min_size=1, max_size=40))
def test_bins_lose_nothing(days: list[tuple[int, int]]) -> None:
    counts = sorted(dict(days).items())
    bins = cycle_bins(counts, DealFilter())
    assert sum(part.count for part in bins) == sum(count for _, count in counts)
    assert [part.start for part in bins[1:]] == [
        part.end + 1 for part in bins[:-1] if part.end is not None
    ]


# --- the page


def test_the_page_begins_with_the_latest_period_that_has_something(store: Workspace) -> None:
    office(store)
    with standing_at(NOON):
        assert read(store, analytics, Wanted()).numbers.period.key == "quarter"
    with standing_at(at(2, 10, 2027)):
        assert read(store, analytics, Wanted()).numbers.period.key == "last_quarter"
    with standing_at(datetime(2031, 2, 10, tzinfo=UTC)):
        answer = read(store, analytics, Wanted())
    assert answer.numbers.period.key == "2026-Q4"
    assert answer.choices.past_periods() == ["2026-Q4", "2026-Q3", "2026"]


def test_owner_and_team_narrow_everything(store: Workspace) -> None:
    known = office(store)
    with standing_at(NOON):
        north = read(store, analytics, Wanted(team="North")).numbers
        ada = read(store, analytics, Wanted(owner_id=known.ada)).numbers
        gone = read(store, analytics, Wanted(owner_id=1, team="Elsewhere", pipeline_id=2))
    assert (north.now.won_count, north.now.won_minor) == (2, 25_000)
    assert ada.now.won_minor == 10_000
    assert opened(store, ada.won_deals) == 1
    assert replace(gone.wanted, period=None) == Wanted()


def test_the_number_of_statements_stays_the_same(workspace: Workspace) -> None:
    office(workspace)
    few = statements(workspace, lambda: quarter(workspace))
    for n in range(20):
        sell(workspace, f"More {n}", 100, opened=at(10, 1), moves={"Won": at(11, 2)})
    assert statements(workspace, lambda: quarter(workspace)) == few
    assert few <= 24
