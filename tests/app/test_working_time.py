"""Working time: nights, free days, holidays and the days on which the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.working_time import WorkCalendar

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = WorkCalendar(
    frozenset(range(5)), time(10), time(18), BERLIN, frozenset({date(2026, 12, 25)})
)
ROUND_THE_CLOCK = WorkCalendar(frozenset(range(7)), time(0), time(23, 59), BERLIN)
NIGHT_SHIFT = WorkCalendar(
    frozenset({4, 5, 6}), time(1), time(5), ZoneInfo("America/New_York"), frozenset()
)
CALENDARS = st.sampled_from([OFFICE, ROUND_THE_CLOCK, NIGHT_SHIFT])
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)).map(  # noqa: DTZ001  made aware
    lambda moment: moment.replace(tzinfo=UTC)
)
SPANS = st.integers(min_value=0, max_value=40 * 3600)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


def test_a_target_that_begins_before_closing_goes_on_the_next_working_morning() -> None:
    friday = at(20, 17, 48)
    assert OFFICE.add(friday, 30 * 60) == at(23, 10, 18)
    assert OFFICE.between(friday, at(23, 8, 31)) == 12 * 60


def test_twenty_four_hours_are_three_working_days() -> None:
    assert OFFICE.add(at(16, 10), 24 * 3600) == at(18, 18)


def test_holidays_do_not_count() -> None:
    assert OFFICE.add(at(24, 17, 0, month=12), 2 * 3600) == at(28, 11, 0, month=12)
    assert OFFICE.between(at(25, 0, 0, month=12), at(26, 0, 0, month=12)) == 0


def test_next_start_is_the_moment_itself_during_work() -> None:
    assert OFFICE.next_start(at(20, 11)) == at(20, 11)
    assert OFFICE.is_working(at(20, 11))
    assert OFFICE.next_start(at(20, 18)) == at(23, 10)
    assert not OFFICE.is_working(at(20, 18))
    assert OFFICE.next_start(at(23, 8)) == at(23, 10)


def test_opening_hours_follow_the_wall_clock_when_the_clocks_change() -> None:
    before, after = at(23, 12, 0, month=10), at(26, 12, 0, month=10)
    assert before.utcoffset() != after.utcoffset()
    assert OFFICE.between(before, after) == 8 * 3600
    assert OFFICE.add(before, 8 * 3600) == after


def test_the_hour_that_the_spring_leaves_out_is_not_worked() -> None:
    sunday = date(2026, 3, 8)
    new_york = NIGHT_SHIFT.zone
    midnight = datetime.combine(sunday, time(), new_york)
    noon = datetime.combine(sunday, time(12), new_york)
    assert NIGHT_SHIFT.between(midnight, noon) == 3 * 3600
    autumn = date(2026, 11, 1)
    assert (
        NIGHT_SHIFT.between(
            datetime.combine(autumn, time(), new_york), datetime.combine(autumn, time(12), new_york)
        )
        == 5 * 3600
    )


def test_a_calendar_that_never_opens_is_refused() -> None:
    with pytest.raises(ValueError, match="working days"):
        WorkCalendar(frozenset(), time(10), time(18), UTC)
    with pytest.raises(ValueError, match="working days"):
        WorkCalendar(frozenset({1}), time(18), time(10), UTC)


def test_time_that_runs_backwards_is_none() -> None:
    assert OFFICE.between(at(20, 15), at(20, 11)) == 0
    assert OFFICE.add(at(22, 3), 0) == at(22, 3)


@given(CALENDARS, MOMENTS, SPANS)
def test_what_is_added_lies_between(calendar: WorkCalendar, moment: datetime, span: int) -> None:
    assert calendar.between(moment, calendar.add(moment, span)) == span


@given(CALENDARS, MOMENTS, SPANS, SPANS)
def test_adding_twice_is_adding_the_sum(
    calendar: WorkCalendar, moment: datetime, first: int, second: int
) -> None:
    assert calendar.add(calendar.add(moment, first), second) == calendar.add(moment, first + second)


@given(MOMENTS, st.integers(0, 14 * 24 * 4))
def test_between_agrees_with_counting_quarter_hours(start: datetime, quarters: int) -> None:
    start = start.replace(minute=0, second=0, microsecond=0)
    counted = 0
    for place in range(quarters):
        there = (start + timedelta(minutes=15 * place)).astimezone(BERLIN)
        if OFFICE.is_working_day(there.date()) and OFFICE.start <= there.time() < OFFICE.end:
            counted += 15 * 60
    assert OFFICE.between(start, start + timedelta(minutes=15 * quarters)) == counted
