"""The tables this program writes itself: what their columns are called and what these become.

Writer (`app.exchange.out`) and reader (`layouts.known_layout`) share this page, so that what goes
out comes in again without a question. Ids stand under the system SYSTEM.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.exchange.layout import Layout
from models.values import FieldType, PointKind, name_key

SYSTEM: Final = "closeknit"
ID_HEADER: Final = "Closeknit id"
POINT_WORDS: Final[Mapping[PointKind, str]] = {
    PointKind.EMAIL: "E-mail",
    PointKind.PHONE: "Phone",
    PointKind.WEBSITE: "Website",
    PointKind.SOCIAL: "Social",
}
ADDRESS_WORDS: Final[Mapping[str, str]] = {
    "label": "label",
    "street": "street",
    "postal_code": "postal code",
    "city": "city",
    "region": "region",
    "country": "country",
}
_TYPE_WORDS: Final[Mapping[FieldType, str]] = {
    FieldType.TEXT: "text",
    FieldType.NUMBER: "number",
    FieldType.MONEY: "money",
    FieldType.DATE: "date",
    FieldType.CHOICE: "choice",
    FieldType.YES_NO: "yes or no",
    FieldType.LINK: "link",
}
_ID: Final = re.compile(rf"{ID_HEADER} \((\w+)\)", re.IGNORECASE)
_POINT: Final = re.compile(r"(E-mail|Phone|Website|Social)(?: (\d+))?( label)?", re.IGNORECASE)
_ADDRESS: Final = re.compile(
    r"Address(?: (\d+))? (label|street|postal code|city|region|country)", re.IGNORECASE
)
_CUSTOM: Final = re.compile(r"(.+) \(own field, ([a-z ]+)\)")
# What a spreadsheet would take for the beginning of a formula (OWASP, CSV injection).
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
_PLAIN_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
_GUARDED: Final = re.compile(r"'+[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Col:
    """A column: its header, the import's field it becomes (None: for people only), its source.

    Sources: `name` a stored column; `@company_id` the name of what a link points to; `#company_id`
    its id; `$amount_minor` money in major units; `=tags` what `out.reading` puts together.
    """

    header: str
    field: str | None
    source: str


def _cols(*lines: str) -> tuple[Col, ...]:
    found = []
    for line in lines:
        header, field, source = (part.strip() for part in line.split("|"))
        found.append(Col(header, field or None, source))
    return tuple(found)


_LINKS: Final[Mapping[str, tuple[str, ...]]] = {
    "company": ("Company | company | @company_id", "Company id | company_ref | #company_id"),
    "contact": ("Contact | contact | @contact_id", "Contact id | contact_ref | #contact_id"),
    "deal": ("Deal | deal | @deal_id", "Deal id | deal_ref | #deal_id"),
    "owner": ("Owner | owner | @owner_id", "Owner id | owner_ref | #owner_id"),
}
_ENDS: Final = ("Created | created_on | created_at", "Changed | modified_at | updated_at")
COLUMNS: Final[Mapping[str, tuple[Col, ...]]] = {
    "user": _cols(
        "Name | name | name",
        "E-mail | email | email",
        "Role | role | role",
        "Team | team | team",
        "Region | region | region",
        "Manager | manager | @manager_id",
        "Time zone | time_zone | time_zone",
        *_ENDS,
    ),
    "company": _cols(
        "Company name | name | name",
        "Domain | domain | domain",
        "Website | website | website",
        "Industry | industry | industry",
        "Employees | employees | employees",
        "Annual revenue | annual_revenue | $annual_revenue_minor",
        "Currency | currency | currency",
        "Founded | founded_year | founded_year",
        "Country | country | country",
        "VAT number | vat_number | vat_number",
        "=points ||",
        "=addresses ||",
        "Parent company | parent | @parent_id",
        "Parent company id | parent_ref | #parent_id",
        *_LINKS["owner"],
        "Source | lead_source | @lead_source_id",
        "Tags | tags | =tags",
        "Description | description | description",
        "=custom ||",
        *_ENDS,
    ),
    "product": _cols(
        "Product name | name | name",
        "Code | code | code",
        "Category | category | category",
        "Price | price | $price_minor",
        "Currency | currency | currency",
        "For sale | is_active | is_active",
        "Description | description | description",
        *_ENDS,
    ),
    "contact": _cols(
        "Name | name | name",
        "First name | given_name | given_name",
        "Last name | family_name | family_name",
        "Job title | job_title | job_title",
        *_LINKS["company"],
        "=points ||",
        "=addresses ||",
        "City | city | city",
        "Country | country | country",
        "Lifecycle stage | lifecycle | lifecycle",
        "Lead status | lead_status | lead_status",
        "Language | language | language",
        "Birthday | birthday | birthday",
        "E-mail consent | email_consent | email_consent",
        "Phone consent | phone_consent | phone_consent",
        "Advertising consent | ads_consent | ads_consent",
        *_LINKS["owner"],
        "Source | lead_source | @lead_source_id",
        "Campaign || @campaign_id",
        "Tags | tags | =tags",
        "Description | description | description",
        "=custom ||",
        *_ENDS,
    ),
    "deal": _cols(
        "Deal name | name | name",
        "Amount | amount | $amount_minor",
        "Currency | currency | currency",
        "Pipeline | pipeline | @pipeline_id",
        "Stage | stage | @stage_id",
        "State || stage_type",
        "Probability | probability | probability",
        "Forecast category || forecast_category",
        "Opened on | opened_on | opened_on",
        "Expected close | expected_close_on | expected_close_on",
        "Closed on | closed_on | closed_on",
        "Lost because | lost_reason | =lost_reason",
        *_LINKS["company"],
        *_LINKS["contact"],
        *_LINKS["owner"],
        "Product | product | =product",
        "Quantity | quantity | =quantity",
        "All products || =products",
        "Source | lead_source | @lead_source_id",
        "Campaign || @campaign_id",
        "Tags | tags | =tags",
        "Description | description | description",
        "=custom ||",
        *_ENDS,
    ),
    "ticket": _cols(
        "Number || number",
        "Subject | subject | subject",
        "First message | description | =first_message",
        "Status | status | status",
        "Priority | priority | priority",
        "Type | type | type",
        "Category | category | category",
        "Team || team",
        "Channel | channel | channel",
        "Opened at | opened_at | opened_at",
        "First answered at | first_response_at | first_response_at",
        "Resolved at | resolved_at | resolved_at",
        "Closed at | closed_at | closed_at",
        "Satisfaction | satisfaction | satisfaction",
        "Satisfaction reason || satisfaction_reason",
        *_LINKS["company"],
        *_LINKS["contact"],
        *_LINKS["owner"],
        "Tags | tags | =tags",
        "=custom ||",
        *_ENDS,
    ),
    "task": _cols(
        "Task | title | title",
        "Notes | notes | notes",
        "Due at | due_at | due_at",
        "All day | due_all_day | due_all_day",
        "Done at | done_at | done_at",
        "Priority | priority | priority",
        "Repeats | repeat_rule | repeat_rule",
        *_LINKS["owner"],
        *_LINKS["contact"],
        *_LINKS["company"],
        *_LINKS["deal"],
        *_ENDS,
    ),
    "activity": _cols(
        "Activity | kind | kind",
        "At | at | at",
        "Subject | subject | subject",
        "Text | body | body",
        "Direction | direction | direction",
        "Outcome | outcome | outcome",
        "Duration in seconds | duration_seconds | duration_seconds",
        *_LINKS["contact"],
        *_LINKS["company"],
        *_LINKS["deal"],
        "Person | user | @user_id",
        "Person id | owner_ref | #user_id",
        *_ENDS,
    ),
    "appointment": _cols(
        "Title | title | title",
        "Notes | notes | notes",
        "Starts at | starts_at | starts_at",
        "Ends at | ends_at | ends_at",
        "All day | all_day | all_day",
        "Location | location | location",
        "Cancelled at | cancelled_at | cancelled_at",
        "Time zone | time_zone | time_zone",
        *_LINKS["owner"],
        *_LINKS["contact"],
        *_LINKS["company"],
        *_LINKS["deal"],
        *_ENDS,
    ),
    "order": _cols(
        "Order number | number | number",
        "At | at | at",
        "Status | status | status",
        "Channel | channel | channel",
        "Total | total | $total_minor",
        "Refunded | refunded | $refunded_minor",
        "Currency | currency | currency",
        *_LINKS["contact"],
        *_LINKS["company"],
        *_LINKS["deal"],
        "Product | product | =product",
        "Quantity | quantity | =quantity",
        "Unit price | price | =price",
        *_ENDS,
    ),
    "event": _cols(
        "Event | name | name",
        "At | at | at",
        "Event id | message_id | message_id",
        "Anonymous id | anonymous_id | anonymous_id",
        "Revenue | revenue | $revenue_minor",
        "Currency | currency | currency",
        "Order | order_ref | order_ref",
        "Cart | cart_ref | cart_ref",
        *_LINKS["contact"],
        "Properties | properties | =properties",
        *_ENDS,
    ),
}  # fmt: skip


def id_header(kind: str) -> str:
    """Return the header of the ids of a kind, by which the whole file is recognised."""
    return f"{ID_HEADER} ({kind})"


def kind_of_header(header: str) -> str | None:
    """Return the kind that an id's header names, None for any other header."""
    found = _ID.fullmatch(header.strip())
    kind = found.group(1).lower() if found is not None else None
    return kind if kind in COLUMNS else None


def own_delimiter(text: str) -> str:
    """Return what stands behind the first header of a table of ours, "" for any other text."""
    found = _ID.match(text.removeprefix("\ufeff"))
    return found.string[found.end() : found.end() + 1] if found is not None else ""


def point_header(kind: PointKind, place: int, *, label: bool = False) -> str:
    """Return the header of the so-manieth way to reach somebody, from 1."""
    return POINT_WORDS[kind] + (f" {place}" if place > 1 else "") + (" label" if label else "")


def address_header(part: str, place: int) -> str:
    """Return the header of a part of the so-manieth address, from 1."""
    return f"Address{f' {place}' if place > 1 else ''} {ADDRESS_WORDS[part]}"


def custom_header(name: str, type_: FieldType) -> str:
    """Return the header of a field of the workspace's own."""
    return f"{name} (own field, {_TYPE_WORDS[type_]})"


def guarded(text: str) -> str:
    """Return a text that no spreadsheet runs: one apostrophe before =, +, -, @, tab and CR.

    What has apostrophes before such a sign already gets one more, so that `unguarded` is exact.
    Plain numbers stay numbers.
    """
    if not _FORMULA.match(text) or _PLAIN_NUMBER.fullmatch(text):
        return text
    return "'" + text


def unguarded(text: str) -> str:
    """Return the text that `guarded` was given."""
    return text[1:] if _GUARDED.match(text) else text


def own_layout(headers: Sequence[str]) -> Layout | None:
    """Return the layout of a table that this program has written, None for any other."""
    kind = next(filter(None, map(kind_of_header, headers)), None)
    if kind is None:
        return None
    from app.exchange.fields import KINDS

    fields = KINDS[kind].fields
    fixed = {name_key(col.header): col.field for col in COLUMNS[kind]}
    renames: dict[str, str | None] = {}
    for header in headers:
        text = unguarded(header)
        key = name_key(text)
        field = "external_id" if kind_of_header(text) else fixed.get(key, _made_key(kind, text))
        known = field is not None and (":" in field or field in fields)
        renames[name_key(header)] = field if known else None
    title = f"Closeknit {KINDS[kind].plural}"
    return Layout(SYSTEM, title, kind, frozenset(), renames, 0)


def _made_key(kind: str, header: str) -> str | None:
    from app.exchange.field_types import custom_key
    from app.exchange.numbered import numbered_key

    if kind in {"contact", "company"}:
        point = _POINT.fullmatch(header)
        if point is not None:
            word, place, label = point.groups()
            sort = next(k for k, w in POINT_WORDS.items() if w.casefold() == word.casefold())
            return numbered_key(sort.value, int(place or 1), "label" if label else "value")
        address = _ADDRESS.fullmatch(header)
        if address is not None:
            part = address.group(2).lower().replace(" ", "_")
            return numbered_key("address", int(address.group(1) or 1), part)
    custom = _CUSTOM.fullmatch(header)
    if custom is None:
        return None
    types = {word: type_ for type_, word in _TYPE_WORDS.items() if type_ is not FieldType.LINK}
    type_ = types.get(custom.group(2))
    return custom_key(type_, custom.group(1)) if type_ is not None else None
