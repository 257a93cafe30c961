"""Values that records share and that every room may import: money, enums, normal forms."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from functools import lru_cache

# Currencies whose minor unit is not a hundredth (ISO 4217).
_EXPONENTS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    "CLF": 4,
    "UYW": 4,
}


def currency_exponent(currency: str) -> int:
    """Return how many decimals a currency's minor unit has (EUR 2, JPY 0, KWD 3)."""
    return _EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in integer minor units (cents) with its ISO 4217 currency."""

    minor: int
    currency: str

    @classmethod
    def of(cls, major: Decimal | int | str, currency: str) -> "Money":
        """Return money from an amount in major units, rounded half-even to the minor unit."""
        scaled = Decimal(major).scaleb(currency_exponent(currency))
        return cls(int(scaled.to_integral_value(ROUND_HALF_EVEN)), currency)

    @property
    def major(self) -> Decimal:
        """The amount in major units, exactly."""
        return Decimal(self.minor).scaleb(-currency_exponent(self.currency))

    def text(self) -> str:
        """Return the plain decimal text in major units, such as "1234.50"."""
        return f"{self.major:.{currency_exponent(self.currency)}f}"


class Role(StrEnum):
    """What a user may do in a workspace."""

    OWNER = "owner"
    MEMBER = "member"
    READER = "reader"


class Lifecycle(StrEnum):
    """How far a contact has come towards being a customer."""

    SUBSCRIBER = "subscriber"
    LEAD = "lead"
    QUALIFIED = "qualified"
    OPPORTUNITY = "opportunity"
    CUSTOMER = "customer"
    FORMER = "former"


class LeadStatus(StrEnum):
    """What was done about a lead (Frappe CRM)."""

    NEW = "new"
    CONTACTED = "contacted"
    NURTURE = "nurture"
    QUALIFIED = "qualified"
    UNQUALIFIED = "unqualified"
    JUNK = "junk"


class PointKind(StrEnum):
    """The kinds of contact point."""

    EMAIL = "email"
    PHONE = "phone"
    SOCIAL = "social"
    WEBSITE = "website"


class StageType(StrEnum):
    """What a stage means, apart from its name."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class ForecastCategory(StrEnum):
    """The owner's own word on a deal (Zoho)."""

    PIPELINE = "pipeline"
    BEST_CASE = "best_case"
    COMMIT = "commit"
    OMITTED = "omitted"


class LostReason(StrEnum):
    """Why a deal was lost; OTHER needs a note, UNKNOWN is for imported history only."""

    PRICE = "price"
    COMPETITOR = "competitor"
    NO_BUDGET = "no_budget"
    NO_DECISION = "no_decision"
    TIMING = "timing"
    MISSING_FEATURE = "missing_feature"
    NO_ANSWER = "no_answer"
    DUPLICATE = "duplicate"
    OTHER = "other"
    UNKNOWN = "unknown"


class NextStep(StrEnum):
    """The next-activity light of a deal."""

    NONE = "none"
    PLANNED = "planned"
    TODAY = "today"
    LATE = "late"


class ActivityKind(StrEnum):
    """What happened with a customer."""

    CALL = "call"
    EMAIL = "email"
    MEETING = "meeting"
    NOTE = "note"


class Direction(StrEnum):
    """Who began a call or sent a mail."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class CallOutcome(StrEnum):
    """How a call ended."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"
    BUSY = "busy"
    WRONG_NUMBER = "wrong_number"


class TaskPriority(StrEnum):
    """How much a task matters."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class RepeatFrom(StrEnum):
    """When the next occurrence of a repeating task is made."""

    COMPLETION = "completion"
    SCHEDULE = "schedule"


class TaskBucket(StrEnum):
    """Where a task stands on the Today page."""

    OVERDUE = "overdue"
    TODAY = "today"
    TOMORROW = "tomorrow"
    THIS_WEEK = "this_week"
    LATER = "later"


class TicketStatus(StrEnum):
    """The states of a ticket."""

    NEW = "new"
    OPEN = "open"
    WAITING = "waiting"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CLOSED = "closed"

    @property
    def category(self) -> "StatusCategory":
        """Whether the clocks run, stand still or have ended."""
        if self in {TicketStatus.NEW, TicketStatus.OPEN}:
            return StatusCategory.OPEN
        if self in {TicketStatus.WAITING, TicketStatus.ON_HOLD}:
            return StatusCategory.PAUSED
        return StatusCategory.DONE


class StatusCategory(StrEnum):
    """The three categories of ticket status."""

    OPEN = "open"
    PAUSED = "paused"
    DONE = "done"


class TicketPriority(StrEnum):
    """How urgent a ticket is."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class TicketType(StrEnum):
    """What a ticket is about."""

    QUESTION = "question"
    INCIDENT = "incident"
    PROBLEM = "problem"
    COMPLAINT = "complaint"
    REQUEST = "request"


class MessageKind(StrEnum):
    """Who speaks in a ticket's thread."""

    CUSTOMER = "customer"
    REPLY = "reply"
    NOTE = "note"
    SYSTEM = "system"


class FieldType(StrEnum):
    """The types of custom field."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"
    LINK = "link"


class BatchState(StrEnum):
    """How far an import has come."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    UNDOING = "undoing"
    UNDONE = "undone"


class MailRole(StrEnum):
    """What somebody was to a mail."""

    FROM = "from"
    TO = "to"
    CC = "cc"
    BCC = "bcc"


class MailSecurity(StrEnum):
    """How the connection to a mail server is kept from others."""

    TLS = "tls"
    STARTTLS = "starttls"
    PLAIN = "plain"


class WatchState(StrEnum):
    """What became of a file in a watched folder."""

    WAITING = "waiting"  # it is still being written
    DONE = "done"
    FAILED = "failed"


class OrderStatus(StrEnum):
    """How far an order has come."""

    PENDING = "pending"
    PAID = "paid"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


_LATIN_ACCENTS = re.compile("[\u0300-\u036f]+")


def fold(text: str) -> str:
    """Return text in one case and without accents, for comparison only."""
    if text.isascii():  # most names, a tenth of the time
        return text.casefold()
    decomposed = _LATIN_ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    if decomposed.isascii():
        return decomposed.casefold()
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


_NOT_WORD = re.compile(r"[\W_]+")
_LEGAL_FORMS = re.compile(
    r"[\s,]+(?:gmbh(?:\s*&\s*co\.?\s*kg)?|ag|kg|ohg|se|ltd|limited|llc|l\.l\.c|inc|incorporated|"
    r"corp|plc|s\.?a\.?r\.?l|s\.?a|s\.?r\.?l|s\.?p\.?a|b\.?v|n\.?v|oy|ab|a/s|aps|pty)\.?\s*$",
    re.IGNORECASE,
)


def name_key(name: str) -> str:
    """Return the form by which two spellings of a name are the same ("GTX Pro", "GTXPro")."""
    return _NOT_WORD.sub("", fold(name))


def company_key(name: str) -> str:
    """Return the form by which two spellings of a company are the same, legal form left out."""
    shorter = _LEGAL_FORMS.sub("", name.strip())
    return name_key(shorter) or name_key(name)


def normal_email(text: str) -> str:
    """Return an e-mail address in the form that is compared when it is looked up or stored."""
    return text.strip().strip("<>").casefold()


_GMAIL = {"gmail.com", "googlemail.com"}


def comparable_email(text: str) -> str:
    """Return an e-mail for matching only: +suffix off, and Gmail's dots out."""
    local, at, domain = normal_email(text).partition("@")
    if not at:
        return local
    local = local.split("+", 1)[0]
    if domain in _GMAIL:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


@lru_cache(maxsize=65536)
def normal_phone(text: str, region: str = "US") -> str:
    """Return a phone number as E.164 ("+493055570142"), or its digits where it cannot be parsed."""
    import phonenumbers  # noqa: PLC0415  46 ms that the first paint does not pay

    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return re.sub(r"\D", "", text)
    if not phonenumbers.is_possible_number(parsed):
        return re.sub(r"\D", "", text)
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
