"""Appointments and to-dos as iCalendar, which every calendar and our own import reads."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.exchange.calendar.components import OWN_UID, SYSTEM
from app.exchange.out.reading import Item
from app.series import quietly
from app.workspace import Workspace
from models.clock import local_zone, now
from models.records import Contact, ExternalId, Reminder
from models.values import TaskPriority

_AT_ONCE: Final = 200
_PRIORITIES: Final = {TaskPriority.HIGH: 1, TaskPriority.NORMAL: 5, TaskPriority.LOW: 9}
_PRODUCT: Final = "-//Closeknit//Closeknit//EN"


class Items(Protocol):
    """The appointments or to-dos to write, and where what belongs to them is read."""

    workspace: Workspace

    def __iter__(self) -> Iterator[Item]:
        """Yield the records."""


def write_items(path: Path, items: Items) -> list[str]:
    """Write one calendar; a series goes out with its own rules and exceptions."""
    waiting: list[Item] = []
    with path.open("wb") as file:
        file.write(f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{_PRODUCT}\r\n".encode())
        for item in items:
            waiting.append(item)
            if len(waiting) == _AT_ONCE:
                file.write(_components(items.workspace, waiting))
                waiting = []
        if waiting:
            file.write(_components(items.workspace, waiting))
        file.write(b"END:VCALENDAR\r\n")
    return []


def _components(workspace: Workspace, items: Sequence[Item]) -> bytes:
    more = workspace.read(_belongings, items[0].kind, items)
    return b"".join(_component(item, more[item.values["id"]]) for item in items)


def _belongings(session: Session, kind: str, items: Sequence[Item]) -> dict[int, dict[str, Any]]:
    """Return of each record its id in other calendars, its reminder and its person's address."""
    ids = [item.values["id"] for item in items]
    found: dict[int, dict[str, Any]] = {id_: {} for id_ in ids}
    uids = select(ExternalId.record_id, ExternalId.value).where(
        ExternalId.system == SYSTEM, ExternalId.record_kind == kind, ExternalId.record_id.in_(ids)
    )
    for record_id, uid in session.execute(uids):
        found[record_id]["uid"] = uid
    link = Reminder.appointment_id if kind == "appointment" else Reminder.task_id
    planned = select(link, Reminder.minutes_before).where(link.in_(ids)).order_by(Reminder.id)
    for owner_id, minutes in session.execute(planned):
        found[int(owner_id or 0)]["minutes"] = minutes
    contacts = {item.values["contact_id"] for item in items} - {None}
    rows = session.execute(select(Contact.id, Contact.email).where(Contact.id.in_(contacts)))
    emails = {row.id: row.email for row in rows}
    for item in items:
        found[item.values["id"]]["email"] = emails.get(item.values["contact_id"])
    return found


def _component(item: Item, more: dict[str, Any]) -> bytes:
    values = item.values
    uid = more.get("uid") or f"{OWN_UID}{values['id']}"
    if item.kind == "task":
        found = _to_do(values)
    elif values["series"]:
        return _series(values, more)
    else:
        found = _event(values)
    found.add("uid", uid)
    _add_more(found, values, more)
    return bytes(found.to_ical())


def _event(values: dict[str, Any]) -> Any:
    from icalendar import Event

    found = Event()
    found.add("summary", values["title"])
    found.add("dtstart", _when(values["starts_at"], whole_day=values["all_day"]))
    found.add("dtend", _when(values["ends_at"], whole_day=values["all_day"]))
    if values["location"]:
        found.add("location", values["location"])
    return found


def _series(values: dict[str, Any], more: dict[str, Any]) -> bytes:
    """Return the zones and components of a series, the first with what our record has besides."""
    from icalendar import Calendar

    with quietly():
        calendar = Calendar.from_ical(values["series"])
    parts = []
    for place, found in enumerate(calendar.subcomponents):
        if found.name == "VEVENT" and place == _first_event(calendar):
            _add_more(found, values, more)
        parts.append(bytes(found.to_ical()))
    return b"".join(parts)


def _first_event(calendar: Any) -> int:
    events = [x for x, each in enumerate(calendar.subcomponents) if each.name == "VEVENT"]
    masters = [x for x in events if "RECURRENCE-ID" not in calendar.subcomponents[x]]
    return next(iter(masters or events))


def _to_do(values: dict[str, Any]) -> Any:
    from icalendar import Todo, vRecur

    found = Todo()
    found.add("summary", values["title"])
    if values["due_at"] is not None:
        found.add("due", _when(values["due_at"], whole_day=values["due_all_day"]))
    if values["done_at"] is not None:
        found.add("completed", values["done_at"].astimezone(UTC))
        found.add("status", "COMPLETED")
    found.add("priority", _PRIORITIES[values["priority"]])
    if values["repeat_rule"] and "X-BEFORE" not in values["repeat_rule"]:
        found.add("rrule", vRecur.from_ical(values["repeat_rule"]))
    return found


def _add_more(found: Any, values: dict[str, Any], more: dict[str, Any]) -> None:
    from icalendar import Alarm

    if values["notes"]:
        found.pop("description", None)
        found.add("description", values["notes"])
    if values.get("cancelled_at") is not None:
        found.pop("status", None)
        found.add("status", "CANCELLED")
        found.add("last-modified", values["cancelled_at"].astimezone(UTC))
    found.pop("dtstamp", None)
    found.add("dtstamp", now().astimezone(UTC).replace(microsecond=0))
    if more.get("email"):
        found.add("attendee", f"mailto:{more['email']}")
    if more.get("minutes") is not None:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", values["title"])
        alarm.add("trigger", timedelta(minutes=-more["minutes"]))
        found.add_component(alarm)


def _when(moment: datetime, *, whole_day: bool) -> Any:
    if whole_day:
        return moment.astimezone(local_zone()).date()
    return moment.astimezone(UTC)
