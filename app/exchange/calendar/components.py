"""What a component of a calendar means: an appointment, a series, a to-do, a note."""

import hashlib
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.exchange.calendar.alarms import minutes_before
from app.exchange.calendar.blocks import Block
from app.exchange.tables import Given, SourceRow
from app.recurrence import checked_rule
from app.series import TooSlowError, check_series, moment_of, quietly
from models.clock import local_zone

SYSTEM: Final = "calendar"  # under which its ids are kept
OWN_UID: Final = "closeknit-"
MAX_NOTES: Final = 100_000
MAX_SERIES: Final = 200_000
_ID_LENGTH: Final = 300
# What a series needs to be expanded; the rest is in the record's own columns.
_OF_SERIES: Final = frozenset(
    {"UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID",
     "SUMMARY", "LOCATION", "STATUS", "SEQUENCE"}
)  # fmt: skip
_REPEATING: Final = ("RRULE", "RDATE", "RECURRENCE-ID")
_DATES: Final = frozenset({"RDATE", "EXDATE"})
_ARE_DATES: Final = re.compile(r"\d{8}(?:T\d{6}Z?)?(?:/[^,]+)?(?:,\d{8}(?:T\d{6}Z?)?(?:/[^,]+)?)*")
_FREE_BUSY: Final = "It says when somebody is free or busy, which is no record here."
_SLOW: Final = 1.0  # seconds in which nearly every series is looked through
_MOST_SLOW: Final = 2
_URGENT: Final = 4  # RFC 5545: 1 to 4 are high, 5 is normal, 6 to 9 low


class _UnfitError(ValueError):
    """A component that is nothing; the message is for the person."""


class Reader:
    """Reads the components of one file; those of one UID know of each other."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._zone = local_zone()
        self._slow = 0  # series that took long, or were given up
        self._of_uid: dict[str, list[Block]] = defaultdict(list)
        for block in blocks:
            uid = block.value("UID")
            if uid and block.name == "VEVENT":
                self._of_uid[uid].append(block)
        self._zones_known: set[int] = set()

    def row(self, number: int, block: Block) -> SourceRow:
        """Return a component as a row."""
        try:
            with quietly():
                self._know_zones(block)
                given = self._given(block)
        except _UnfitError as error:
            return SourceRow(number, _cells(block, None), str(error))
        except Exception as error:  # noqa: BLE001  strangers' text; the library fails in many ways
            reason = str(error)[:200] or type(error).__name__
            return SourceRow(
                number, _cells(block, None), f"This part of the calendar cannot be read: {reason}"
            )
        if block.problem:
            given.problems.append(("", "", block.problem))
        return SourceRow(number, _cells(block, given), given=given)

    def _know_zones(self, block: Block) -> None:
        """Tell the library the calendar's own zones, once."""
        from icalendar import Calendar

        head = block.calendar
        if id(head) in self._zones_known or not head.zones:
            return
        self._zones_known.add(id(head))
        for text in head.zones.values():
            try:
                Calendar.from_ical(f"BEGIN:VCALENDAR\r\n{text}\r\nEND:VCALENDAR\r\n")
            except Exception:  # noqa: BLE001, S112  its times are then read as local ones, and told
                continue

    def _given(self, block: Block) -> Given:
        if block.name == "VFREEBUSY":
            raise _UnfitError(_FREE_BUSY)
        from icalendar import Component

        lines = ["BEGIN:" + block.name, *block.lines, "END:" + block.name, ""]
        found = Component.from_ical("\r\n".join(lines))
        if block.name == "VTODO":
            return self._to_do(block, found)
        if block.name == "VJOURNAL":
            return self._journal(found)
        return self._event(block, found)

    def _event(self, block: Block, found: Any) -> Given:
        group = self._of_uid.get(block.value("UID") or "", [block])
        master = _master(group)
        given = Given("appointment", {})
        if master is not block and master is not None and block.value("RECURRENCE-ID"):
            # An exception is a part of its series: its row brings the series.
            whole = self._given(master)
            return Given("appointment", whole.values)
        start = self._time(found, "DTSTART", given)
        if start is None:
            raise _UnfitError("It does not say when it starts, or not as a date.")
        all_day = not isinstance(start, datetime)
        starts_at = moment_of(start, self._zone)
        given.values.update(
            title=_text(found, "SUMMARY")[:500] or "Appointment",
            notes=_notes(found),
            starts_at=starts_at,
            ends_at=self._end(found, start, starts_at, given),
            all_day=all_day,
            location=_text(found, "LOCATION")[:500] or None,
            cancelled_at=_cancelled(found),
            time_zone=_zone_name(start),
            people=_people(found),
            minutes_before=minutes_before(found, given),
        )
        self._name(block, given)
        if any(other.value(key) for other in group for key in _REPEATING):
            self._series(group if master is block else [block], given)
        return given

    def _name(self, block: Block, given: Given) -> None:
        uid = block.value("UID")
        if not uid:
            return
        mine = uid.removeprefix(OWN_UID)
        if mine != uid and mine.isdecimal():  # our own export names the record itself
            given.values["own_id"] = mine
            return
        own = block.value("RECURRENCE-ID")
        name = f"{uid}/{own}" if own else uid
        if len(name) > _ID_LENGTH:
            name = hashlib.sha256(name.encode()).hexdigest()
        given.values["external_id"] = name

    def _checked(self, text: str, begin: datetime) -> datetime | None:
        """Return when a series ends; a file of many that take long must not take for ever."""
        if self._slow >= _MOST_SLOW:
            raise ValueError("it takes too long")
        began = time.monotonic()
        try:
            until = check_series(text, begin, self._zone)
        except TooSlowError:
            self._slow += 1
            raise
        self._slow += time.monotonic() - began > _SLOW
        return until

    def _series(self, group: Sequence[Block], given: Given) -> None:
        text = _series_text(group)
        if len(text) > MAX_SERIES:
            given.problems.append(
                ("Repeats", "", "This series is too long to be kept; its first time was taken.")
            )
            return
        try:
            until = self._checked(text, given.values["starts_at"])
        except ValueError as error:
            rule = group[0].value("RRULE") or group[0].value("RDATE") or ""
            reason = (
                f"How it repeats cannot be read ({str(error)[:120]}); its first time was taken."
            )
            given.problems.append(("Repeats", rule[:200], reason))
            return
        given.values.update(series=text, repeats=True, repeats_until=until)

    def _end(
        self, found: Any, start: date | datetime, starts_at: datetime, given: Given
    ) -> datetime:
        end = self._time(found, "DTEND", given)
        if end is not None:
            ends_at = moment_of(end, self._zone)
        elif "DURATION" in found:
            ends_at = starts_at + _duration(found)
        else:
            whole_day = not isinstance(start, datetime)
            ends_at = moment_of(start + timedelta(days=1), self._zone) if whole_day else starts_at
        if ends_at < starts_at:
            given.problems.append(
                ("Ends", str(end), "It would end before it starts; the start was taken for both.")
            )
            return starts_at
        return ends_at

    def _time(self, found: Any, name: str, given: Given) -> date | datetime | None:
        if name not in found:
            return None
        value = found[name]
        try:
            moment = (value[0] if isinstance(value, list) else value).dt
        except Exception:  # noqa: BLE001  a broken property raises when it is looked at
            given.problems.append((name, str(value)[:200], "There is no such date."))
            return None
        if isinstance(moment, datetime) and moment.tzinfo is None:
            zone = getattr(value, "params", {}).get("TZID")
            if zone:
                given.problems.append(
                    (name, str(zone), "This time zone is not known; the computer's was taken.")
                )
        return moment if isinstance(moment, date) else None

    def _to_do(self, block: Block, found: Any) -> Given:
        given = Given("task", {})
        start, due = self._time(found, "DTSTART", given), self._time(found, "DUE", given)
        if due is None and start is not None and "DURATION" in found:
            due = moment_of(start, self._zone) + _duration(found)
        day = due if due is not None else start
        done = self._time(found, "COMPLETED", given)
        if done is None and str(found.get("STATUS", "")).upper() in {"COMPLETED", "CANCELLED"}:
            done = self._time(found, "LAST-MODIFIED", given) or datetime.now(UTC)
        priority = int(found.get("PRIORITY", 0) or 0)
        given.values.update(
            title=_text(found, "SUMMARY")[:500] or "To do",
            notes=_notes(found),
            due_at=None if day is None else moment_of(day, self._zone),
            due_all_day=day is not None and not isinstance(day, datetime),
            done_at=None if done is None else moment_of(done, self._zone),
            priority="high" if 1 <= priority <= _URGENT else "low" if priority > 5 else "normal",  # noqa: PLR2004  as _URGENT says
            people=_people(found),
            minutes_before=minutes_before(found, given),
            repeat_rule=_rule(block, given),
        )
        self._name(block, given)
        return given

    def _journal(self, found: Any) -> Given:
        given = Given("activity", {"kind": "note"})
        at = self._time(found, "DTSTART", given) or self._time(found, "DTSTAMP", given)
        given.values["subject"] = _text(found, "SUMMARY")[:500] or "Journal"
        if at is not None:
            given.values["at"] = moment_of(at, self._zone)
        notes = _notes(found)
        if notes:
            given.values["body"] = notes
        uid = _text(found, "UID")
        if uid and len(uid) <= _ID_LENGTH:
            given.values["external_id"] = uid
        return given


def _master(group: Sequence[Block]) -> Block | None:
    """Return the component that a series' exceptions are exceptions of: the newest."""
    masters = [block for block in group if block.value("RECURRENCE-ID") is None]
    return max(masters, key=_sequence, default=None)


def _sequence(block: Block) -> int:
    text = block.value("SEQUENCE") or "0"
    return int(text) if text.strip().isdecimal() else 0


def _series_text(group: Sequence[Block]) -> str:
    head = group[0].calendar
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Closeknit//EN"]
    if head.zone:
        lines.append(f"X-WR-TIMEZONE:{head.zone}")
    kept = [list(_kept(block)) for block in group]
    for name, text in head.zones.items():
        if any(
            f"TZID={name}" in line or f'TZID="{name}"' in line for part in kept for line in part
        ):
            lines.append(text)
    for part in kept:
        lines += ["BEGIN:VEVENT", *part, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _kept(block: Block) -> Iterator[str]:
    for name in sorted(_OF_SERIES):
        for line in block.lines_of(name):
            if name not in _DATES or _ARE_DATES.fullmatch(line.partition(":")[2].strip()):
                yield line


def _text(found: Any, name: str) -> str:
    value = found.get(name)
    if isinstance(value, list):
        value = value[0]
    return " ".join(str(value).split()) if value is not None else ""


def _notes(found: Any) -> str | None:
    value = found.get("DESCRIPTION")
    if isinstance(value, list):
        value = "\n\n".join(map(str, value))
    text = str(value).strip() if value is not None else ""
    return text[:MAX_NOTES] or None


def _cancelled(found: Any) -> datetime | None:
    if str(found.get("STATUS", "")).upper() != "CANCELLED":
        return None
    for name in ("LAST-MODIFIED", "DTSTAMP", "DTSTART"):
        value = getattr(found.get(name), "dt", None)
        if isinstance(value, date):
            return moment_of(value, UTC)
    return datetime.now(UTC)


def _zone_name(start: date | datetime) -> str | None:
    zone: tzinfo | None = start.tzinfo if isinstance(start, datetime) else None
    name = zone.key if isinstance(zone, ZoneInfo) else None
    return name[:64] if name and name != "UTC" else None


def _people(found: Any) -> list[str]:
    """Return the addresses of who takes part, the organizer last."""
    addresses: list[str] = []
    for name in ("ATTENDEE", "ORGANIZER"):
        value = found.get(name)
        for each in value if isinstance(value, list) else [value]:
            text = str(each or "")
            if "@" in text:
                addresses.append(text.lower().removeprefix("mailto:").strip()[:320])
    return list(dict.fromkeys(addresses))


def _duration(found: Any) -> timedelta:
    length = found["DURATION"].dt
    return length if isinstance(length, timedelta) else timedelta(0)


def _rule(block: Block, given: Given) -> str | None:
    rule = block.value("RRULE")
    if not rule:
        return None
    try:
        return checked_rule(rule)
    except Exception:  # noqa: BLE001  whatever is wrong with it, it is told
        given.problems.append(
            ("Repeats", rule[:200], "How it repeats cannot be kept; the to-do was taken once.")
        )
        return None


def _cells(block: Block, given: Given | None) -> tuple[str, ...]:
    values = given.values if given is not None else {}

    def shown(*keys: str) -> str:
        value = next((values[key] for key in keys if values.get(key) is not None), "")
        return value.isoformat(" ", "minutes") if isinstance(value, datetime) else str(value)

    return (
        block.name[1:].capitalize(),
        shown("title", "subject") or (block.value("SUMMARY") or "")[:500],
        shown("starts_at", "due_at", "at") or (block.value("DTSTART") or "")[:200],
        shown("ends_at"),
        shown("location"),
        (block.value("RRULE") or "")[:200],
        ", ".join(values.get("people", ())),
        (block.value("UID") or "")[:200],
    )
