"""Repeating moments: the wall clock stays, whatever the zone's clock does."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import UserError
from app.recurrence import (
    checked_rule,
    daily,
    monthly_on_day,
    monthly_on_weekday,
    next_occurrence,
    weekly,
    yearly,
    yearly_before,
)

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


def walk(rule: str, start: datetime, count: int, zone: ZoneInfo = BERLIN) -> list[datetime]:
    found, after = [], start
    for _ in range(count):
        following = next_occurrence(rule, start, after, zone)
        assert following is not None
        found.append(following.astimezone(zone))
        after = following
    return found


def here(*parts: int, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[arg-type,misc]


def test_daily_keeps_the_hour_across_both_clock_changes() -> None:
    spring = walk(daily(), here(2026, 3, 27, 9), 4)
    assert [(d.day, d.hour) for d in spring] == [(28, 9), (29, 9), (30, 9), (31, 9)]
    assert spring[1] - spring[0] == timedelta(hours=24)  # wall clock; in UTC only 23 hours pass
    assert spring[1].astimezone(UTC) - spring[0].astimezone(UTC) == timedelta(hours=23)
    autumn = walk(daily(), here(2026, 10, 23, 9), 3)
    assert autumn[1].astimezone(UTC) - autumn[0].astimezone(UTC) == timedelta(hours=25)


def test_an_hour_that_does_not_exist_moves_after_the_change() -> None:
    found = walk(daily(), here(2026, 3, 28, 2, 30), 2)
    assert (found[0].hour, found[0].minute) == (3, 30)  # 29 March has no 02:30
    assert (found[1].hour, found[1].minute) == (2, 30)  # and 30 March has it again


def test_a_doubled_hour_comes_once() -> None:
    found = walk(daily(), here(2026, 10, 24, 2, 30), 2)
    assert [d.day for d in found] == [25, 26]
    assert found[0].utcoffset() == timedelta(hours=2)  # the first of the two


def test_the_zone_is_the_owners() -> None:
    # Clocks change on 8 March in New York and on 29 March in Berlin.
    start = here(2026, 3, 7, 9, zone=NEW_YORK)
    assert walk(daily(), start, 1, NEW_YORK)[0].hour == 9
    berlin = next_occurrence(daily(), start, start, BERLIN)
    assert berlin is not None
    assert berlin.astimezone(NEW_YORK).hour == 10


def test_weekly_on_several_days() -> None:
    found = walk(weekly({0, 3}), here(2026, 11, 23, 9), 3)
    assert [d.strftime("%a %d") for d in found] == ["Thu 26", "Mon 30", "Thu 03"]


def test_every_second_week() -> None:
    found = walk(weekly({0}, every=2), here(2026, 11, 23, 9), 2)
    assert [d.day for d in found] == [7, 21]


def test_monthly_on_the_31st_is_the_last_day_of_shorter_months() -> None:
    found = walk(monthly_on_day(31), here(2026, 1, 31, 9), 4)
    assert [(d.month, d.day) for d in found] == [(2, 28), (3, 31), (4, 30), (5, 31)]


def test_monthly_on_a_weekday() -> None:
    second_tuesday = walk(monthly_on_weekday(2, 1), here(2026, 1, 13, 9), 2)
    assert [(d.month, d.day) for d in second_tuesday] == [(2, 10), (3, 10)]
    last_friday = walk(monthly_on_weekday(-1, 4), here(2026, 1, 30, 9), 2)
    assert [(d.month, d.day) for d in last_friday] == [(2, 27), (3, 27)]


def test_yearly_on_leap_day() -> None:
    found = walk(yearly(2, 29), here(2024, 2, 29, 9), 4)
    assert [(d.year, d.day) for d in found] == [(2025, 28), (2026, 28), (2027, 28), (2028, 29)]


@pytest.mark.parametrize("end", [date(2024, 3, 15), date(2025, 1, 10), date(2025, 12, 31)])
def test_every_year_thirty_days_before_the_contract_ends(end: date) -> None:
    rule = yearly_before(end, 30)
    first = datetime(end.year, end.month, end.day, 9, tzinfo=BERLIN) - timedelta(days=30)
    for number, found in enumerate(walk(rule, first, 6), 1):
        assert found.date() == end.replace(year=end.year + number) - timedelta(days=30)
        assert found.hour == 9


def test_a_rule_ends() -> None:
    start = here(2026, 11, 23, 9)
    assert next_occurrence("FREQ=DAILY;COUNT=1", start, start, BERLIN) is None
    until = "FREQ=DAILY;UNTIL=20261124T080000Z"  # 09:00 in Berlin, which still counts
    second = next_occurrence(until, start, start, BERLIN)
    assert second == here(2026, 11, 24, 9)
    assert next_occurrence(until, start, second, BERLIN) is None


def test_missed_occurrences_are_passed_over_but_for_the_last() -> None:
    start = here(2026, 11, 2, 9)
    found = next_occurrence(daily(), start, start, BERLIN, not_before=here(2026, 11, 23, 8))
    assert found == here(2026, 11, 22, 9)
    exactly = next_occurrence(daily(), start, start, BERLIN, not_before=here(2026, 11, 22, 9))
    assert exactly == here(2026, 11, 22, 9)


@pytest.mark.parametrize(
    "rule", ["NONSENSE", "FREQ=SOMETIMES", "FREQ=DAILY;X-BEFORE=x", "FREQ", "=;="]
)
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(UserError):
        checked_rule(rule)


def test_seconds_are_no_way_to_repeat_a_task() -> None:
    with pytest.raises(UserError):
        checked_rule("FREQ=SECONDLY")


def test_a_rule_is_stored_in_one_spelling() -> None:
    assert checked_rule(" rrule:freq=daily ") == "FREQ=DAILY"
    assert checked_rule("  ") is None


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31)),  # noqa: DTZ001
    st.sampled_from([daily(), daily(3), weekly({0, 4}), monthly_on_day(31), yearly(2, 29)]),
    st.sampled_from([BERLIN, NEW_YORK, ZoneInfo("Asia/Kathmandu")]),
)
def test_occurrences_rise_and_keep_the_wall_clock(
    wall: datetime, rule: str, zone: ZoneInfo
) -> None:
    start = wall.replace(microsecond=0, hour=12, tzinfo=zone)  # noon exists on every day
    found = walk(rule, start, 5, zone)
    assert all(one < two for one, two in pairwise([start, *found]))
    assert {(d.hour, d.minute, d.second) for d in found} == {(12, start.minute, start.second)}
