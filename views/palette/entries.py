"""What the palette lists: headings, found records and actions, in groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.queries.palette import FoundRecord, FoundRecords
from models.values import Lifecycle, StageType
from views.palette.actions import RECORD_ACTIONS, Action, matching_actions
from views.shared.format import clock_time, date_words, moment_words, money
from views.shared.text import tr, tr_n

ALL: Final = "all"
KIND_CHIPS: Final = (
    (ALL, "All"),
    ("contact", "People"),
    ("company", "Companies"),
    ("deal", "Deals"),
    ("ticket", "Tickets"),
    ("action", "Actions"),
)
KIND_ICONS: Final = {
    "deal": "handshake",
    "ticket": "ticket",
    "task": "circle-check",
    "appointment": "calendar",
    "activity": "message-square",
    "product": "package",
    "order": "shopping-cart",
    "user": "user",
    "tag": "tag",
}
LIFECYCLE_WORDS: Final = {
    Lifecycle.SUBSCRIBER: ("Subscriber", "neutral"),
    Lifecycle.LEAD: ("Lead", "neutral"),
    Lifecycle.QUALIFIED: ("Qualified", "info"),
    Lifecycle.OPPORTUNITY: ("Opportunity", "info"),
    Lifecycle.CUSTOMER: ("Customer", "good"),
    Lifecycle.FORMER: ("Former customer", "warning"),
}
MAX_ACTIONS: Final = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: a heading, a record, or an action (perhaps about a record)."""

    title: str
    heading: bool = False
    record: FoundRecord | None = None
    action: Action | None = None
    detail: str = ""
    right: str = ""
    pill: tuple[str, str, str | None] | None = None
    icon: str = ""


def heading(words: str) -> Entry:
    """Return a heading."""
    return Entry(words, heading=True)


def record_entry(row: FoundRecord) -> Entry:
    """Return the row of a record with what tells it apart."""
    icon = KIND_ICONS.get(row.kind, "file")
    if row.kind == "contact":
        words = [row.job_title or "", row.company or ""]
        both = tr("{job} at {company}", job=words[0], company=words[1]) if all(words) else ""
        life = LIFECYCLE_WORDS.get(row.lifecycle) if row.lifecycle else None
        return Entry(
            row.title,
            record=row,
            detail=both or words[0] or words[1] or row.email or "",
            pill=(tr(life[0]), life[1], None) if life else None,
        )
    if row.kind == "company":
        parts = [tr("company")]
        if row.people:
            parts.append(tr_n("{n} person", "{n} people", row.people))
        if row.open_deals:
            parts.append(tr_n("{n} open deal", "{n} open deals", row.open_deals))
        return Entry(row.title, record=row, detail=", ".join(parts))
    if row.kind == "deal":
        return Entry(row.title, record=row, detail=_deal_words(row), right=_amount(row), icon=icon)
    if row.kind == "ticket":
        due = (clock_time(row.due_at), "neutral", "timer") if row.due_at is not None else None
        title = f"#{row.number} {row.title}"
        return Entry(title, record=row, detail=row.company or "", pill=due, icon=icon)
    return Entry(row.title, record=row, detail=_other_words(row), icon=icon)


def _deal_words(row: FoundRecord) -> str:
    day = date_words(row.closes_on) if row.closes_on is not None else ""
    if row.stage_type is StageType.OPEN and day:
        return tr("{stage}, closes {day}", stage=row.stage or "", day=day)
    if row.stage_type is not StageType.OPEN and day:
        return tr("{stage}, closed {day}", stage=row.stage or "", day=day)
    return row.stage or ""


def _amount(row: FoundRecord) -> str:
    return money(row.amount_minor, row.currency) if row.amount_minor is not None else ""


def _other_words(row: FoundRecord) -> str:
    parts = [tr({"task": "task", "activity": "note"}.get(row.kind, row.kind.replace("_", " ")))]
    if row.company:
        parts.append(row.company)
    if row.due_at is not None and not row.done:
        parts.append(tr("due {when}", when=moment_words(row.due_at)))
    return ", ".join(parts)


def action_entry(action: Action, record: FoundRecord | None = None) -> Entry:
    """Return the row of an action, about a record where one is given."""
    title = tr(action.words, name=record.title) if record is not None else tr(action.words)
    return Entry(
        title,
        record=record,
        action=action,
        detail=tr(action.note) if action.note else "",
        right=action.keys,
        icon=action.icon,
    )


def entries_for(typed: str, found: FoundRecords, shown: str) -> list[Entry]:
    """Return the groups for what was typed; `shown` narrows to one kind."""
    if shown == "action":
        actions = [action_entry(action) for action in matching_actions(typed)]
        return [heading(tr("Do")), *actions] if actions else []
    rows = [row for row in found.rows if shown in {ALL, row.kind}]
    entries: list[Entry] = []
    if rows and shown == ALL:
        entries += [heading(tr("Best match")), record_entry(rows[0])]
        rows = rows[1:]
    for words, kinds in (
        (tr("People"), {"contact"}),
        (tr("Companies"), {"company"}),
        (tr("Deals and tickets"), {"deal", "ticket"}),
        (tr("More"), None),
    ):
        entries += _group(words, [r for r in rows if _belongs(r.kind, kinds)], shown)
    if shown == ALL:
        entries += _actions(typed, found.rows[:1])
    return entries


def _belongs(kind: str, kinds: set[str] | None) -> bool:
    return kind in kinds if kinds else kind not in {"contact", "company", "deal", "ticket"}


def _group(words: str, rows: Sequence[FoundRecord], shown: str) -> list[Entry]:
    room = 3 if shown == ALL else len(rows)
    return [heading(words), *map(record_entry, rows[:room])] if rows else []


def _actions(typed: str, best: Sequence[FoundRecord]) -> list[Entry]:
    entries = [
        action_entry(action, row) for row in best for action in RECORD_ACTIONS.get(row.kind, ())
    ]
    entries += [action_entry(action) for action in matching_actions(typed)]
    room = MAX_ACTIONS if typed else len(entries)
    return [heading(tr("Do")), *entries[:room]] if entries else []


def record_actions(row: FoundRecord) -> list[Entry]:
    """Return what can be done with one record (Tab)."""
    own = [action_entry(action, row) for action in RECORD_ACTIONS.get(row.kind, ())]
    return [heading(row.title), record_entry(row), *own]
