"""Which backups stay: 10 newest, 14 days, 6 months, upgrades of 30 days, never none."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sharing.backup_files import Reason
from app.sharing.retention import DAYS, MONTHS, NEWEST, expired

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Made:
    at: datetime
    reason: Reason = Reason.EDITS
    verified: bool = True


def hours_ago(*hours: float, reason: Reason = Reason.EDITS, verified: bool = True) -> list[Made]:
    return [Made(NOW - timedelta(hours=h), reason, verified) for h in hours]


def kept(made: list[Made]) -> list[Made]:
    gone = expired(made, NOW, UTC)
    return [one for one in made if one not in gone]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([], 0),
        (hours_ago(1), 1),
        (hours_ago(*range(10)), 10),
        (hours_ago(*(h / 10 for h in range(40))), 10),  # all of one day: the ten newest
        (hours_ago(*(24 * n for n in range(40))), 15),  # fourteen days, and the last of October
        (hours_ago(*(24 * 30 * n for n in range(16))), 14),  # days that have one count, not gaps
        (hours_ago(5000, verified=False), 1),  # all we have
        (hours_ago(1) + hours_ago(24 * 29, verified=False), 2),
        (hours_ago(1) + hours_ago(24 * 31, verified=False), 1),
    ],
)
def test_how_many_stay(made: list[Made], expected: int) -> None:
    assert len(kept(made)) == expected


def test_the_newest_of_a_day_and_of_a_month_stays() -> None:
    days = [
        Made(datetime(2026, 11, day, hour, tzinfo=UTC)) for day in range(1, 23) for hour in (9, 17)
    ]
    months = [
        Made(datetime(2026, month, day, 12, tzinfo=UTC))
        for month in range(1, 11)
        for day in (3, 30 if month != 2 else 27)
    ]
    found = kept(months + days)
    assert [m.at.month for m in found if m.at.month < 11] == [6, 7, 8, 9, 10]
    assert all(m.at.day == 30 for m in found if m.at.month < 11)
    november = [m.at for m in found if m.at.month == 11]
    assert [(m.day, m.hour) for m in november if m.hour == 17] == [(d, 17) for d in range(9, 23)]
    assert [(m.day, m.hour) for m in november if m.hour == 9] == [(d, 9) for d in range(18, 23)]


def test_a_day_begins_at_midnight_of_the_person() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")  # 15:00 UTC is midnight there
    early, late = datetime(2026, 10, 1, 14, tzinfo=UTC), datetime(2026, 10, 1, 16, tzinfo=UTC)
    made = [Made(early), Made(late), *hours_ago(*range(10))]
    assert Made(early) in expired(made, NOW, UTC)
    assert expired(made, NOW, tokyo) == []


def test_those_before_an_upgrade_stay_for_thirty_days() -> None:
    of_one_day = [Made(NOW - timedelta(days=20, minutes=n), Reason.MIGRATION) for n in range(5)]
    old = [Made(NOW - timedelta(days=31, minutes=n), Reason.MIGRATION) for n in range(2)]
    found = kept([*old, *of_one_day, *hours_ago(*range(10))])
    assert set(of_one_day) <= set(found)
    assert old[1] not in found


def test_damaged_ones_take_nobodys_place() -> None:
    damaged = hours_ago(*range(20), verified=False)
    sound = hours_ago(*range(30, 50))
    found = kept(damaged + sound)
    assert len([one for one in found if one.verified]) == NEWEST
    assert set(sound[:NEWEST]) <= set(found)


MADE = st.builds(
    Made,
    st.datetimes(datetime(2024, 1, 1), datetime(2026, 11, 23)).map(lambda d: d.replace(tzinfo=UTC)),  # noqa: DTZ001  given a zone here
    st.sampled_from(Reason),
    st.booleans(),
)


@given(st.lists(MADE, unique=True, max_size=80))
def test_what_always_holds(made: list[Made]) -> None:
    gone = expired(made, NOW, UTC)
    left = [one for one in made if one not in gone]
    sound = sorted((one for one in made if one.verified), key=lambda one: one.at)
    assert set(gone) <= set(made)
    assert gone == sorted(gone, key=lambda one: one.at)
    if sound:
        assert sound[-1] in left  # never the newest that can be relied upon
    else:
        assert gone == []
    newest = {one.at for one in sound[-NEWEST:]}
    assert newest <= {one.at for one in left}
    for one in made:
        if one.verified and one.reason is Reason.MIGRATION and NOW - one.at <= timedelta(days=30):
            assert one in left
    assert expired(left, NOW, UTC) == []  # asked again, nothing more goes
    recent = [o for o in left if o.verified and o.reason is not Reason.MIGRATION]
    assert len(recent) <= NEWEST + DAYS + MONTHS
    if len(sound) > NEWEST:
        days = {one.at.date() for one in sound}
        assert {one.at.date() for one in left if one.verified} >= set(sorted(days)[-DAYS:])
