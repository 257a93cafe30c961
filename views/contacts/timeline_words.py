"""Says in words what an entry of a timeline is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.queries.timeline_entry import TimelineEntry
from models.values import Direction, MailRole, MessageKind, StageType
from views.contacts.mail_words import people_line
from views.contacts.words import field_word, outcome_word, ticket_pill, value_word
from views.shared.column import Pill
from views.shared.format import DASH, duration_words, money
from views.shared.text import NBHY, tr

Run = tuple[str, int, str]
MAX_FILES: Final = 3  # that a mail's entry shows
_MAX_NAME: Final = 24


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as it is painted: an icon on a tint, words of two weights, a text, pills."""

    icon: str
    tone: str
    runs: tuple[Run, ...]
    body: str = ""
    pills: tuple[Pill, ...] = ()

    @property
    def text(self) -> str:
        """The words in one piece, for screen readers and search."""
        return "".join(text for text, _, _ in self.runs)


def line_of(entry: TimelineEntry, user_id: int | None) -> Line:
    """Return how an entry reads to a user, who is "you"."""
    you = entry.user_id is not None and entry.user_id == user_id
    return _WRITERS[entry.kind](entry, tr("You") if you else entry.who or tr("Somebody"))


def _strong(text: str) -> Run:
    return (text, 600, "text")


def _quiet(text: str) -> Run:
    return (text, 400, "muted")


def _more(*parts: str) -> tuple[Run, ...]:
    words = " · ".join(part for part in parts if part)
    return (_quiet(f" · {words}"),) if words else ()


def _call(entry: TimelineEntry, who: str) -> Line:
    person = entry.person or tr("The customer")
    inbound = entry.direction is Direction.INBOUND
    said = tr("{person} called", person=person) if inbound else tr("{who} called", who=who)
    length = duration_words(entry.duration_seconds) if entry.duration_seconds else ""
    ended = outcome_word(entry.outcome) if entry.outcome else ""
    body = "\n".join(part for part in (entry.title, entry.body) if part)
    return Line("phone", "good", (_strong(said), *_more(length, ended)), body)


def _email(entry: TimelineEntry, who: str) -> Line:
    inbound = entry.direction is Direction.INBOUND
    title = entry.title or tr("an e{hyphen}mail", hyphen=NBHY)
    if not entry.people:  # written down here, not received
        writer = (entry.person or tr("The customer")) if inbound else who
        said = tr("{who} wrote ", who=writer)
        return Line("mail", "info", (_quiet(said), _strong(title)), entry.body)
    sender = people_line(entry.people, MailRole.FROM) or tr("Somebody")
    receivers = people_line(entry.people, MailRole.TO) or people_line(entry.people, MailRole.CC)
    way = tr("{sender} → {receivers}", sender=sender, receivers=receivers) if receivers else sender
    files = tuple(Pill(shortened(file.name), "neutral", "paperclip") for file in entry.files)
    if len(files) > MAX_FILES:
        more = tr("{n} more", n=len(files) - MAX_FILES + 1)
        files = (*files[: MAX_FILES - 1], Pill(more, "neutral", "paperclip"))
    return Line("mail", "info", (_strong(title), _quiet(f" · {way}")), entry.body, files)


def shortened(name: str) -> str:
    """Return a file's name with its ending, as short as a pill."""
    if len(name) <= _MAX_NAME:
        return name
    return f"{name[: _MAX_NAME - 8]}…{name[-7:]}"


def _meeting(entry: TimelineEntry, who: str) -> Line:
    length = duration_words(entry.duration_seconds) if entry.duration_seconds else ""
    title = entry.title or tr("Meeting")
    runs = (_strong(title), *_more(length, tr("with {who}", who=who)))
    return Line("users", "accent", runs, entry.body)


def _note(entry: TimelineEntry, who: str) -> Line:
    body = "\n".join(part for part in (entry.title, entry.body) if part)
    return Line("sticky-note", "warning", (_strong(tr("Note by {who}", who=who)),), body)


def _deal(entry: TimelineEntry, who: str) -> Line:
    amount = (
        money(entry.amount_minor, entry.currency or "EUR") if entry.amount_minor is not None else ""
    )
    name, icon, tone = _strong(entry.title), "handshake", "accent"
    if entry.stage_type is StageType.WON:
        runs = (_quiet(tr("{who} won ", who=who)), name, *_more(amount))
        icon, tone = "trophy", "good"
    elif entry.stage_type is StageType.LOST:
        icon, tone = "circle-x", "bad"
        runs = (_quiet(tr("{who} lost ", who=who)), name, *_more(amount, entry.stage_from or ""))
    elif entry.stage_from is None:
        where = tr("in {stage}", stage=entry.stage_to)
        runs = (_quiet(tr("{who} opened ", who=who)), name, *_more(where, amount))
    else:
        moved = tr("{before} → {after}", before=entry.stage_from, after=entry.stage_to)
        return Line(icon, tone, (_quiet(tr("{who} moved ", who=who)), name), moved)
    return Line(icon, tone, runs)


def _ticket(entry: TimelineEntry, _who: str) -> Line:
    runs = (
        _quiet(tr("Ticket ")),
        _strong(f"#{entry.number} {entry.title}"),
        _quiet(tr(" opened")),
    )
    return Line("ticket", "warning", runs, "", (ticket_pill(entry.status),) if entry.status else ())


def _message(entry: TimelineEntry, who: str) -> Line:
    person = entry.person or tr("The customer")
    ticket = _strong(f"#{entry.number} {entry.title}")
    if entry.message_kind is MessageKind.CUSTOMER:
        runs = (_quiet(tr("{person} wrote in ", person=person)), ticket)
        return Line("message-square", "warning", runs, entry.body)
    if entry.message_kind is MessageKind.NOTE:
        runs = (_quiet(tr("Internal note by {who} in ", who=who)), ticket)
        return Line("sticky-note", "warning", runs, entry.body)
    runs = (_quiet(tr("{who} answered ", who=who)), ticket)
    return Line("message-square-reply", "info", runs, entry.body)


def _order(entry: TimelineEntry, _who: str) -> Line:
    amount = money(entry.amount_minor, entry.currency or "EUR")
    place = tr(" in {channel}", channel=entry.title) if entry.title else ""
    runs = (_quiet(tr("Order ")), _strong(entry.number), _quiet(f"{place} · "), _strong(amount))
    return Line("shopping-bag", "info", runs)


def _task(entry: TimelineEntry, who: str) -> Line:
    runs = (_quiet(tr("{who} did ", who=who)), _strong(entry.title))
    return Line("circle-check", "good", runs, entry.body)


def _appointment(entry: TimelineEntry, who: str) -> Line:
    length = duration_words(entry.duration_seconds) if entry.duration_seconds else ""
    runs = (_strong(entry.title), *_more(length, entry.body, tr("with {who}", who=who)))
    return Line("calendar", "accent", runs)


def _change(entry: TimelineEntry, who: str) -> Line:
    words = [field_word(change.field) for change in entry.fields]
    if [change.field for change in entry.fields] == ["archived_at"]:
        back = not entry.fields[0].after
        said = (
            tr("{who} brought this back", who=who) if back else tr("{who} archived this", who=who)
        )
        return Line("archive", "neutral", (_quiet(said),))
    body = "\n".join(
        tr(
            "{field}: {before} → {after}",
            field=field_word(change.field),
            before=value_word(change.field, change.before) or DASH,
            after=value_word(change.field, change.after) or DASH,
        )
        for change in entry.fields
    )
    changed = _quiet(tr("{who} changed ", who=who))
    return Line("pencil", "neutral", (changed, _strong(", ".join(words))), body)


def _kept(entry: TimelineEntry, who: str) -> Line:
    body = "\n".join(
        tr(
            "{field}: {after} stands, {before} did not",
            field=field_word(change.field),
            after=value_word(change.field, change.after) or DASH,
            before=value_word(change.field, change.before) or DASH,
        )
        for change in entry.fields
    )
    words = ", ".join(field_word(change.field) for change in entry.fields)
    said = _quiet(tr("{who} kept a colleague’s ", who=who))
    return Line("git-merge", "neutral", (said, _strong(words)), body)


def _created(entry: TimelineEntry, who: str) -> Line:
    words = {
        "contact": tr("{who} added this person", who=who),
        "company": tr("{who} added this company", who=who),
    }
    said = words.get(entry.record_kind, tr("{who} added this", who=who))
    return Line("plus", "neutral", (_quiet(said),))


def _deleted(_entry: TimelineEntry, who: str) -> Line:
    return Line("trash-2", "neutral", (_quiet(tr("{who} removed this", who=who)),))


def _import(entry: TimelineEntry, _who: str) -> Line:
    line = tr("line {n}", n=entry.number) if entry.number else ""
    runs = (_quiet(tr("Read from ")), _strong(entry.title), *_more(line))
    return Line("file-up", "neutral", runs)


_WRITERS: Final[dict[str, Callable[[TimelineEntry, str], Line]]] = {
    "call": _call,
    "email": _email,
    "meeting": _meeting,
    "note": _note,
    "deal": _deal,
    "ticket": _ticket,
    "message": _message,
    "order": _order,
    "task": _task,
    "appointment": _appointment,
    "change": _change,
    "kept": _kept,
    "created": _created,
    "deleted": _deleted,
    "import": _import,
}
