"""The words and colours of what people and companies hold."""

from typing import Final

from models.values import CallOutcome, LeadStatus, Lifecycle, TicketStatus
from views.shared.column import Pill
from views.shared.text import NBHY, tr

_LIFECYCLE: Final[dict[Lifecycle, tuple[str, str, str]]] = {
    Lifecycle.SUBSCRIBER: ("Subscriber", "neutral", "bell"),
    Lifecycle.LEAD: ("Lead", "neutral", "sprout"),
    Lifecycle.QUALIFIED: ("Qualified", "info", "badge-check"),
    Lifecycle.OPPORTUNITY: ("Opportunity", "warning", "target"),
    Lifecycle.CUSTOMER: ("Customer", "good", "circle-check"),
    Lifecycle.FORMER: ("Former customer", "bad", "circle-slash"),
}
_LEAD_STATUS: Final[dict[LeadStatus, str]] = {
    LeadStatus.NEW: "New",
    LeadStatus.CONTACTED: "Contacted",
    LeadStatus.NURTURE: "Nurture",
    LeadStatus.QUALIFIED: "Qualified",
    LeadStatus.UNQUALIFIED: "Not qualified",
    LeadStatus.JUNK: "Junk",
}
_OUTCOME: Final[dict[CallOutcome, str]] = {
    CallOutcome.REACHED: "reached",
    CallOutcome.NO_ANSWER: "no answer",
    CallOutcome.VOICEMAIL: "voicemail",
    CallOutcome.BUSY: "busy",
    CallOutcome.WRONG_NUMBER: "wrong number",
}
_TICKET: Final[dict[TicketStatus, tuple[str, str, str]]] = {
    TicketStatus.NEW: ("New", "info", "circle-dot"),
    TicketStatus.OPEN: ("Open", "info", "circle-dot"),
    TicketStatus.WAITING: ("Waiting", "neutral", "pause"),
    TicketStatus.ON_HOLD: ("On hold", "neutral", "pause"),
    TicketStatus.RESOLVED: ("Resolved", "good", "circle-check"),
    TicketStatus.CLOSED: ("Closed", "neutral", "circle-check"),
}
_FIELDS: Final[dict[str, str]] = {
    "name": "Name",
    "given_name": "First name",
    "family_name": "Last name",
    "job_title": "Job title",
    "email": f"E{NBHY}mail",
    "phone": "Phone",
    "city": "City",
    "country": "Country",
    "lifecycle": "Stage",
    "lead_status": "Lead status",
    "language": "Language",
    "birthday": "Birthday",
    "description": "Notes",
    "company_id": "Company",
    "owner_id": "Owner",
    "lead_source_id": "Source",
    "campaign_id": "Campaign",
    "archived_at": "Archived",
    "email_consent": f"E{NBHY}mail consent",
    "phone_consent": "Phone consent",
    "ads_consent": "Ads consent",
    "domain": "Domain",
    "website": "Website",
    "industry": "Industry",
    "employees": "Staff",
    "annual_revenue_minor": "Revenue",
    "currency": "Currency",
    "founded_year": "Founded",
    "vat_number": "VAT no.",
    "parent_id": "Belongs to",
    "amount_minor": "Amount",
    "expected_close_on": "Expected close",
    "probability": "Probability",
    "forecast_category": "Forecast",
    "lost_reason": "Lost reason",
    "lost_note": "Lost note",
}


def lifecycle_word(value: Lifecycle) -> str:
    """Return the name of how far somebody has come."""
    return tr(_LIFECYCLE[value][0])


def lifecycle_pill(value: Lifecycle, *, icon: bool = False) -> Pill:
    """Return how far somebody has come as a pill."""
    word, tone, picture = _LIFECYCLE[value]
    return Pill(tr(word), tone, picture if icon else None)


def lifecycle_choices() -> list[tuple[Lifecycle, str]]:
    """Return all stages with their words."""
    return [(value, lifecycle_word(value)) for value in Lifecycle]


def lead_status_choices() -> list[tuple[LeadStatus | None, str]]:
    """Return all lead states with their words."""
    return [(None, tr("None")), *((value, tr(word)) for value, word in _LEAD_STATUS.items())]


def outcome_word(value: CallOutcome) -> str:
    """Return how a call ended."""
    return tr(_OUTCOME[value])


def outcome_choices() -> list[tuple[CallOutcome, str]]:
    """Return all ends of a call with their words."""
    return [(value, tr(word)) for value, word in _OUTCOME.items()]


def ticket_pill(value: TicketStatus) -> Pill:
    """Return a ticket's status as a pill."""
    word, tone, icon = _TICKET[value]
    return Pill(tr(word), tone, icon)


def field_word(key: str) -> str:
    """Return the label of a record's column."""
    known = _FIELDS.get(key)
    return tr(known) if known else key.removesuffix("_id").replace("_", " ").capitalize()


def value_word(key: str, value: str) -> str:
    """Return a logged value as a person reads it."""
    if key == "lifecycle" and value in set(Lifecycle):
        return lifecycle_word(Lifecycle(value))
    if key == "lead_status" and value in set(LeadStatus):
        return tr(_LEAD_STATUS[LeadStatus(value)])
    if value in {"True", "False"}:
        return tr("Yes") if value == "True" else tr("No")
    return value
