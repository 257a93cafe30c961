"""Calendars: every real file, the times of series, exceptions, hostile rules, and back out."""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.commands.appointments import create_appointment
from app.commands.contacts import create_contact
from app.commands.reminders import claim_due_reminders
from app.commands.users import create_user
from app.exchange.calendar.blocks import blocks_of
from app.exchange.calendar.components import Reader
from app.exchange.out.run import Wanted, export_list
from app.exchange.plan import plan_file
from app.exchange.runs import undo_batches
from app.queries.appointments import appointment_rows
from app.series import occurrences
from app.workspace import Workspace
from models.clock import local_zone, now
from models.records import Activity, Appointment, ExternalId, Reminder, Task
from tests.app.exchange.conftest import MakeFile, take

REAL = Path(os.environ.get("CLOSEKNIT_REAL_DATA", Path(__file__).parents[4] / "shared/data/real"))
# INDEX.md counts what these files hold; no record can be made of it, for the reason given.
NO_RECORD = {
    "biweekly_rfc5545-example6.ics": 1,  # VFREEBUSY
    "icalendar_big_bad_calendar.ics": 20,  # events without a single property
    "icalendar_broken_dtstart.ics": 1,  # no start that is a date
    "icalendar_issue_722_missing_timezones.ics": 2,  # no start at all
    "icalendar_rfc_6868.ics": 1,  # no start
}


def expected() -> list[tuple[str, str]]:
    index = REAL / "INDEX.md"
    if not index.exists():
        return []
    rows = [[part.strip() for part in line.split("|")] for line in index.read_text().splitlines()]
    return [(row[1], row[7]) for row in rows if len(row) > 7 and row[1].endswith(".ics")]


def write(workspace: Workspace, label: str, command: Callable[..., Any], **fields: Any) -> Any:
    return workspace.writer.submit(label, command, **fields).result().value


def number(name: str, words: str) -> int:
    found = re.search(rf"{name}=(\d+)", words)
    return int(found[1]) if found else 0


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace.open(tmp_path / "calendar.closeknit", create=True, watch=False)
    made.set_user(write(made, "Enter", create_user, name="Ada"))
    yield made
    made.close()


@pytest.mark.skipif(not expected(), reason=f"the real files are not in {REAL}")
@pytest.mark.parametrize(("name", "words"), expected())
def test_a_real_calendar_comes_in_as_the_index_says(
    workspace: Workspace, name: str, words: str
) -> None:
    path = REAL / "calendar-ics" / name
    (first,) = take(workspace, path)
    counts = first.as_json()
    parts = sum(number(each, words) for each in ("VEVENT", "VTODO", "VJOURNAL"))
    assert counts["read"] == parts + (name == "biweekly_rfc5545-example6.ics")
    assert counts["failed"] == NO_RECORD.get(name, 0)
    assert counts["created"] + counts["merged"] == counts["read"] - counts["failed"]
    told = re.search(r"occurrences in (\d+) = (\d+)", words)
    if told is not None:
        assert times_in(workspace, int(told[1])) == int(told[2])
    (second,) = take(workspace, path)
    assert second.as_json()["unchanged"] == counts["read"] - counts["failed"]
    assert first.batch_id is not None
    assert second.batch_id is not None
    undo_batches(workspace, [first.batch_id, second.batch_id])
    with workspace.database.reading() as session:
        for record in (Appointment, Task, Activity, Reminder, ExternalId):
            assert session.scalar(select(func.count()).select_from(record)) == 0


def times_in(workspace: Workspace, year: int) -> int:
    begin, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    total = 0
    with workspace.database.reading() as session:
        for found in session.scalars(select(Appointment)):
            if found.series:
                total += len(occurrences(found.series, begin, end, local_zone()))
            else:
                total += begin <= found.starts_at < end
    return total


def calendar(*components: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *components, "END:VCALENDAR", ""])


def event(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])


def test_each_time_of_a_series_stands_on_its_day_and_an_exception_where_it_was_moved(
    workspace: Workspace, make_file: MakeFile
) -> None:
    text = calendar(
        event("UID:w", "SUMMARY:Weekly", "DTSTART:20260105T090000Z", "DTEND:20260105T100000Z",
              "RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE:20260112T090000Z"),
        event("UID:w", "SUMMARY:Moved", "RECURRENCE-ID:20260119T090000Z",
              "DTSTART:20260120T150000Z", "DTEND:20260120T160000Z"),
        event("UID:w", "SUMMARY:Off", "RECURRENCE-ID:20260126T090000Z", "STATUS:CANCELLED",
              "DTSTART:20260126T090000Z", "DTEND:20260126T100000Z"),
    )  # fmt: skip
    take(workspace, make_file(text, "w.ics"))
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    rows = workspace.read(
        appointment_rows, user_id=workspace.user_id, begin=begin, end=begin + timedelta(days=60)
    )
    assert [(row.title, row.starts_at.astimezone(UTC).day) for row in rows] == [
        ("Weekly", 5),
        ("Moved", 20),
    ]


def test_a_changed_calendar_updates_its_appointments(
    workspace: Workspace, make_file: MakeFile
) -> None:
    before = calendar(event("UID:a", "SUMMARY:Visit", "DTSTART:20260105T090000Z"))
    take(workspace, make_file(before, "a.ics"))
    after = before.replace("20260105T090000Z", "20260106T110000Z").replace("Visit", "Long visit")
    (result,) = take(workspace, make_file(after, "a.ics"))
    assert result.as_json()["updated"] == 1
    with workspace.database.reading() as session:
        (found,) = session.scalars(select(Appointment))
        assert (found.title, found.starts_at.day) == ("Long visit", 6)


def test_an_appointment_is_linked_to_a_person_who_is_known_and_makes_no_strangers(
    workspace: Workspace, make_file: MakeFile
) -> None:
    anna = write(workspace, "Add", create_contact, given_name="Änne", email="anne@example.com")
    text = calendar(
        event("UID:a", "SUMMARY:Visit", "DTSTART:20260105T090000Z",
              "ATTENDEE:mailto:stranger@example.org", "ATTENDEE;CN=A:MAILTO:Anne@Example.com")
    )  # fmt: skip
    take(workspace, make_file(text, "a.ics"))
    with workspace.database.reading() as session:
        (found,) = session.scalars(select(Appointment))
        assert found.contact_id == anna


def test_a_reminder_of_a_series_comes_again_for_its_next_time(
    workspace: Workspace, make_file: MakeFile
) -> None:
    start = (now() - timedelta(days=3)).astimezone(UTC)
    text = calendar(
        event("UID:d", "SUMMARY:Daily", f"DTSTART:{start:%Y%m%dT%H%M%SZ}", "RRULE:FREQ=DAILY",
              "BEGIN:VALARM", "TRIGGER:-PT15M", "ACTION:DISPLAY", "END:VALARM")
    )  # fmt: skip
    take(workspace, make_file(text, "d.ics"))
    with workspace.database.changing("Late", user_id=workspace.user_id) as session:
        (reminder,) = session.scalars(select(Reminder))
        assert reminder.due_at > now()
        reminder.due_at = now() - timedelta(minutes=1)
    fired = write(workspace, "Fire", claim_due_reminders, user_id=workspace.user_id)
    assert [one.title for one in fired] == ["Daily"]
    with workspace.database.reading() as session:
        coming = session.scalars(select(Reminder).where(Reminder.fired_at.is_(None))).all()
        assert [each.due_at > now() for each in coming] == [True]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;COUNT=99999999",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31;BYDAY=MO",
        "FREQ=;UNTIL=;;",
        "FREQ=DAILY;UNTIL=19000101",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=DAILY;COUNT=100000000",
    ],
)
def test_a_hostile_rule_neither_hangs_nor_loses_the_first_time(
    workspace: Workspace, make_file: MakeFile, rule: str
) -> None:
    text = calendar(event("UID:h", "SUMMARY:H", "DTSTART:20260105T090000Z", f"RRULE:{rule}"))
    started = time.monotonic()
    (result,) = take(workspace, make_file(text, "h.ics"))
    assert time.monotonic() - started < 5
    assert result.as_json()["created"] == 1


def test_what_is_not_closed_and_what_is_cut_off_is_read_as_far_as_it_goes() -> None:
    text = (
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nBEGIN:VEVENT\nUID:2\nEND:VEVENT\nBEGIN:VTODO\nUID:3"
    )
    blocks = list(blocks_of(text.encode()))
    assert [(b.name, b.value("UID"), bool(b.problem)) for b in blocks] == [
        ("VEVENT", "1", True),
        ("VEVENT", "2", False),
        ("VTODO", "3", True),
    ]


def test_calendars_go_out_and_come_in_again(tmp_path: Path, workspace: Workspace) -> None:
    text = calendar(
        event("UID:w", "SUMMARY:Weekly\\, with “Ü”", "DTSTART;TZID=Europe/Berlin:20260105T090000",
              "DTEND;TZID=Europe/Berlin:20260105T100000", "RRULE:FREQ=WEEKLY", "LOCATION:Köln"),
        "BEGIN:VTODO\r\nUID:t\r\nSUMMARY:Call\r\nDUE;VALUE=DATE:20260301\r\nPRIORITY:1\r\nEND:VTODO",
    )  # fmt: skip
    source = tmp_path / "in.ics"
    source.write_text(text, encoding="utf-8")
    take(workspace, source)
    write(
        workspace,
        "Add",
        create_appointment,
        title="مرحبا; a, b",
        notes="one\ntwo\\n, three",
        starts_at=datetime(2026, 5, 1, 8, tzinfo=UTC),
    )
    with closing(Workspace.open(tmp_path / "other.closeknit", create=True, watch=False)) as other:
        for kind in ("appointment", "task"):
            path = tmp_path / f"{kind}.ics"
            export_list(workspace, Wanted(kind), path)
            (again,) = take(workspace, path)
            assert again.as_json()["unchanged"] == again.as_json()["read"] > 0
            take(other, path)
        assert state(other) == state(workspace)


def state(workspace: Workspace) -> list[tuple[object, ...]]:
    with workspace.database.reading() as session:
        found = [
            (x.title, x.starts_at, x.ends_at, x.all_day, x.location, x.repeats, x.repeats_until)
            for x in session.scalars(select(Appointment))
        ]
        tasks = [
            (x.title, x.due_at, x.due_all_day, x.priority) for x in session.scalars(select(Task))
        ]
    return sorted(map(repr, found)) + sorted(map(repr, tasks))  # type: ignore[return-value]


LINE = st.one_of(
    st.sampled_from(
        ["BEGIN:VEVENT", "END:VEVENT", "BEGIN:VTODO", "END:VTODO", "BEGIN:VALARM", "END:VALARM",
         "BEGIN:VTIMEZONE", "END:VTIMEZONE", "UID:1", "DTSTART:20260101T000000Z",
         "DTSTART;TZID=Nowhere/At_All:20260101T000000", "DTSTART;VALUE=DATE:20260101",
         "RRULE:FREQ=DAILY;COUNT=3", "RDATE;VALUE=TIME:083000", "EXDATE:x", "DURATION:PT", "DUE:9",
         "RECURRENCE-ID:20260101T000000Z", "TRIGGER:-PT5M", "PRIORITY:x", "SEQUENCE:é",
         "DTEND:00000000T999999Z", "ATTENDEE:x", "STATUS:CANCELLED", "TZID:Nowhere/At_All"]
    ),
    st.text(max_size=40),
)  # fmt: skip


@settings(max_examples=80, deadline=5_000, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(LINE, max_size=25), st.binary(max_size=30))
def test_no_calendar_breaks_the_reader_and_each_part_is_accounted_for(
    lines: list[str], tail: bytes
) -> None:
    data = "\r\n".join(["BEGIN:VCALENDAR", *lines]).encode() + tail
    blocks = list(blocks_of(data))
    reader = Reader(blocks)
    rows = [reader.row(place, block) for place, block in enumerate(blocks, 1)]
    assert all((row.given is None) == bool(row.problem) for row in rows)


def test_a_file_of_another_kind_is_no_calendar(make_file: MakeFile) -> None:
    plan = plan_file(make_file("Name,Email\nA,a@example.com\n"))
    assert plan.table.dialect.format == "csv"
