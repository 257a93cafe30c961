"""Appointments, single and in series."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from app.exchange.field_types import (
    COMPANY_WORDS,
    EMAIL_WORDS,
    ID_WORDS,
    MODIFIED_WORDS,
    OWNER_WORDS,
    Shape,
    a_field,
    a_kind,
)

if TYPE_CHECKING:
    from app.exchange.shaping import Shaped, Shaper

APPOINTMENT = a_kind(
    "appointment",
    "Appointment",
    "appointments",
    (
        a_field("title", "Title", Shape.TEXT, "appointment|event title|meeting title|meeting|termin|subject|titel|betreff|objet|asunto|rendez vous|cita", 1.2, 500),
        a_field("starts_at", "Starts", Shape.MOMENT, "starts|start time|start date time|startdatetime|starts at|start|start date|from|beginnt am|beginn|début|inicio|activity date time|activitydatetime", 1.8),
        a_field("ends_at", "Ends", Shape.MOMENT, "ends|end time|end date time|enddatetime|ends at|end|end date|until|endet am|ende|fin", 1.8),
        a_field("duration_seconds", "Length", Shape.DURATION, "duration|duration in minutes|durationinminutes|length|dauer|durée|duración", 1.2),
        a_field("all_day", "All day", Shape.YES_NO, "all day|all day event|is all day event|isalldayevent|ganztägig|toute la journée|todo el día", 1.5),
        a_field("location", "Where", Shape.TEXT, "location|where|place|ort|lieu|lugar", 1.0, 500),
        a_field("notes", "Notes", Shape.LONG, "description|notes|note|body|details|beschreibung|notizen", 0.3),
        a_field("contact", "Contact", Shape.LINK, "contact|contact name|with|who|attendee|person|kontakt|participant", 0.5, 300),
        a_field("contact_email", "Contact's e-mail", Shape.EMAIL, EMAIL_WORDS + "|attendee email", 0.3, 320),
        a_field("company", "Company", Shape.LINK, COMPANY_WORDS, 0.2, 300),
        a_field("owner", "Owner", Shape.LINK, OWNER_WORDS + "|organizer|organiser", 0.5, 200),
        a_field("company_ref", "Company's id", Shape.ID, "account id|company id", 0.3, 300),
        a_field("contact_ref", "Contact's id", Shape.ID, "who id|contact id", 0.3, 300),
        a_field("deal_ref", "Deal's id", Shape.ID, "opportunity id|deal id", 0.3, 300),
        a_field("owner_ref", "Owner's id", Shape.ID, "owner id|assigned user id", 0.3, 300),
        a_field("modified_at", "Changed on", Shape.MOMENT, MODIFIED_WORDS, 0.1),
        a_field("external_id", "Other system's id", Shape.ID, ID_WORDS + "|uid|event id|appointment id", 0.3, 300),
    ),
    "title",
    "starts_at",
)  # fmt: skip
_PLAIN: Final = ("location", "notes", "series", "repeats", "repeats_until", "time_zone", "cancelled_at")  # fmt: skip
_USUAL: Final = timedelta(minutes=30)
_DAY: Final = timedelta(days=1)


def _after(moment: datetime, length: timedelta) -> datetime:
    """Return the moment after some time; at the end of the calendar the moment itself."""
    try:
        return moment + length
    except OverflowError:
        return moment


def shape(shaper: "Shaper", shaped: "Shaped", values: Mapping[str, Any]) -> None:
    """Put a row's values into the columns of its record."""
    from app.exchange.own_tables import SYSTEM
    from app.exchange.shaping import by_print, link

    del shaper
    shaped.columns["title"] = values.get("title") or "Appointment"
    shaped.columns.update({key: values[key] for key in _PLAIN if values.get(key) is not None})
    starts_at = values.get("starts_at")
    if starts_at is None:
        shaped.draft.reject = "Nothing says when it starts. Fill in the start and try again."
        return
    all_day = bool(values.get("all_day"))
    length = _DAY if all_day else _USUAL
    if "duration_seconds" in values:
        length = timedelta(seconds=values["duration_seconds"])
    ends_at = values.get("ends_at") or _after(starts_at, length)
    if ends_at < starts_at:
        shaped.draft.complain(
            "ends_at", str(values.get("ends_at")), "It would end before it starts; the end was left out."
        )  # fmt: skip
        ends_at = starts_at
    shaped.columns.update(starts_at=starts_at, ends_at=ends_at, all_day=all_day)
    for key, kind in (("contact", "contact"), ("company", "company"), ("owner", "user")):
        link(shaped, key, kind)
    if "own_id" not in values:
        by_print(shaped, ("title", "starts_at"))
    else:  # our own export names the record itself
        shaped.extra["own_id"] = values["own_id"]
        shaped.keys.insert(0, (f"external:{SYSTEM}", values["own_id"]))
    for key in ("contact_email", "people", "minutes_before"):
        if values.get(key) is not None:
            shaped.extra[key] = values[key]
