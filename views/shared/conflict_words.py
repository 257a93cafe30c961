"""Fields and values of any record in words, for what two people changed at once."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from app.conflicts import ConflictField, Merged
from views.shared.format import (
    DASH,
    clock_time,
    exact_moment,
    local,
    long_date,
    money,
    number,
    today_here,
)
from views.shared.text import NBHY, tr

_FIELDS: Final[dict[str, str]] = {
    "ads_consent": "Ads consent",
    "amount_minor": "Amount",
    "annual_revenue_minor": "Revenue",
    "archived_at": "Archived",
    "birthday": "Birthday",
    "campaign_id": "Campaign",
    "category": "Category",
    "channel": "Channel",
    "city": "City",
    "closed_on": "Closed",
    "code": "Code",
    "company_id": "Company",
    "contact_id": "Person",
    "country": "Country",
    "currency": "Currency",
    "deal_id": "Deal",
    "description": "Notes",
    "domain": "Domain",
    "done_at": "Done",
    "due_all_day": "Whole day",
    "due_at": "Due",
    "email": f"E{NBHY}mail",
    "email_consent": f"E{NBHY}mail consent",
    "employees": "Staff",
    "ends_at": "Ends",
    "expected_close_on": "Expected close",
    "family_name": "Last name",
    "forecast_category": "Forecast",
    "founded_year": "Founded",
    "given_name": "First name",
    "industry": "Industry",
    "is_active": "In use",
    "job_title": "Job title",
    "label": "Label",
    "language": "Language",
    "lead_source_id": "Source",
    "lead_status": "Lead status",
    "lifecycle": "Stage",
    "location": "Where",
    "lost_note": "Lost note",
    "lost_reason": "Lost reason",
    "name": "Name",
    "notes": "Notes",
    "owner_id": "Owner",
    "parent_id": "Belongs to",
    "phone": "Phone",
    "phone_consent": "Phone consent",
    "price_minor": "Price",
    "priority": "Priority",
    "probability": "Probability",
    "product_id": "Product",
    "quantity": "Quantity",
    "remind_minutes_before": "Reminder",
    "repeat_from": "Repeats from",
    "repeat_rule": "Repeats",
    "rotting_days": "Rotting after",
    "stage_id": "Stage",
    "starts_at": "Begins",
    "status": "Status",
    "subject": "Subject",
    "team": "Team",
    "ticket_id": "Ticket",
    "title": "What",
    "type": "Type",
    "unit_price_minor": "Unit price",
    "value": "Value",
    "vat_number": "VAT no.",
    "website": "Website",
}
_JUST_NOW: Final = 60  # seconds


def label_of(name: str) -> str:
    """Return what a field is called."""
    known = _FIELDS.get(name)
    return tr(known) if known else name.removesuffix("_id").replace("_", " ").capitalize()


def field_label(field: ConflictField) -> str:
    """Return what a field of a conflict is called."""
    return field.label or label_of(field.name)


def value_words(name: str, value: Any, currency: str) -> str:  # noqa: PLR0911  one per kind
    """Return a value as a person reads it; a dash for none."""
    if value is None or value == "":
        return DASH
    if isinstance(value, bool):
        return tr("Yes") if value else tr("No")
    if isinstance(value, Enum):
        return tr(str(value.value).replace("_", " ").capitalize())
    if name.endswith("_minor") and isinstance(value, int):
        return money(value, currency)
    if isinstance(value, datetime):
        return exact_moment(value)
    if isinstance(value, date):
        return long_date(value)
    if isinstance(value, Decimal):
        exact = value.normalize()
        return number(exact, max(0, -int(exact.as_tuple().exponent)))
    return str(value)


def when_words(moment: datetime | None, now: datetime) -> str:
    """Return how long ago and at what time something was: "2 minutes ago, 14:32"."""
    if moment is None:
        return ""
    here, seconds = local(moment), (now - moment).total_seconds()
    if here.date() != today_here():
        return exact_moment(moment)
    if seconds < _JUST_NOW:
        return tr("just now, {time}", time=clock_time(here))
    minutes = int(seconds // 60)
    if minutes < 60:
        ago = tr("1 minute ago") if minutes == 1 else tr("{n} minutes ago", n=minutes)
        return tr("{ago}, {time}", ago=ago, time=clock_time(here))
    return tr("today, {time}", time=clock_time(here))


def merge_words(merged: Sequence[Merged]) -> str:
    """Say whose changes a save was merged with."""
    who = next((one.who for one in merged if one.who), None) or tr("Somebody")
    names = list(dict.fromkeys(label_of(field) for one in merged for field in one.fields))
    if len(names) > 3:
        return tr("{who} changed other fields meanwhile; both changes are kept.", who=who)
    listed = (
        names[0]
        if len(names) == 1
        else tr("{first} and {last}", first=", ".join(names[:-1]), last=names[-1])
    )
    return tr("{who} changed “{fields}” meanwhile; both changes are kept.", who=who, fields=listed)
