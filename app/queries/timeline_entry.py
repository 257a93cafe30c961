"""One line of a timeline, and a page of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.queries.record_facts import FileFact
from models.values import CallOutcome, Direction, MailRole, MessageKind, StageType, TicketStatus


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field's value before and after, in words."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class MailPerson:
    """Somebody who took part in a mail, as the mail names them."""

    role: MailRole
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """What happened: `kind` says which of the other fields are filled."""

    kind: str
    record_kind: str
    record_id: int
    at: datetime
    who: str | None = None
    user_id: int | None = None
    person: str | None = None
    title: str = ""
    body: str = ""
    number: str = ""
    direction: Direction | None = None
    outcome: CallOutcome | None = None
    duration_seconds: int | None = None
    stage_from: str | None = None
    stage_to: str | None = None
    stage_type: StageType | None = None
    status: TicketStatus | None = None
    message_kind: MessageKind | None = None
    amount_minor: int | None = None
    currency: str | None = None
    fields: tuple[FieldChange, ...] = ()
    people: tuple[MailPerson, ...] = ()  # of a mail
    files: tuple[FileFact, ...] = ()  # of a mail


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page, newest first; with `more`, ask again with `before=next_before`."""

    entries: tuple[TimelineEntry, ...]
    more: bool

    @property
    def next_before(self) -> datetime | None:
        """Where the next page begins."""
        return self.entries[-1].at if self.entries and self.more else None


def entry_page(found: Iterable[TimelineEntry], limit: int) -> Timeline:
    """Return the newest `limit` entries; those of one moment stay together on the next page."""
    entries = sorted(found, key=lambda entry: (entry.at, entry.record_id), reverse=True)
    if len(entries) <= limit:
        return Timeline(tuple(entries), more=False)
    cut = entries[limit].at
    page = [entry for entry in entries[:limit] if entry.at > cut]
    return Timeline(tuple(page or entries), more=True)
