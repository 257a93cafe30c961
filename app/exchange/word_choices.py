"""The words of a file for stages, states and people: which are known here, and what they may be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.exchange.choices import (
    DIRECTIONS,
    KINDS_OF_ACTIVITY,
    LEAD_STATUSES,
    LIFECYCLES,
    LOST_REASONS,
    OUTCOMES,
    PRIORITIES,
    STATUSES,
    TYPES,
    kind_of_activity,
    word_in,
)
from app.exchange.plan import FilePlan
from models.records import Stage, User
from models.values import (
    ActivityKind,
    CallOutcome,
    Direction,
    LeadStatus,
    Lifecycle,
    LostReason,
    TicketPriority,
    TicketStatus,
    TicketType,
    name_key,
)

_PEOPLE: Final = ("owner", "user")
_CHOICES: Final[Mapping[tuple[str, str], tuple[type[StrEnum], Mapping[str, Any]]]] = {
    ("contact", "lifecycle"): (Lifecycle, LIFECYCLES),
    ("contact", "lead_status"): (LeadStatus, LEAD_STATUSES),
    ("deal", "lost_reason"): (LostReason, LOST_REASONS),
    ("ticket", "status"): (TicketStatus, STATUSES),
    ("ticket", "priority"): (TicketPriority, PRIORITIES),
    ("ticket", "type"): (TicketType, TYPES),
    ("activity", "kind"): (ActivityKind, KINDS_OF_ACTIVITY),
    ("activity", "direction"): (Direction, DIRECTIONS),
    ("activity", "outcome"): (CallOutcome, OUTCOMES),
}


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the file, how often it stands there, and what it is read as without help."""

    text: str
    count: int
    known: str | None  # None: nothing here is called so


@dataclass(frozen=True, slots=True)
class FieldWords:
    """The words of one field; `options` are what a word may mean here.

    `makes`: an unknown word becomes a stage or a user of its own, unless the person says what it
    means; otherwise it is left empty.
    """

    field: str
    makes: bool
    options: tuple[str, ...]
    words: tuple[Word, ...]

    @property
    def unknown(self) -> int:
        """How many words nothing here is called."""
        return sum(word.known is None for word in self.words)


def word_choices(session: Session, *, plan: FilePlan) -> list[FieldWords]:
    """Return the fields whose words can be translated, unknown words first; a query."""
    found = []
    for field, words in plan.words.items():
        reader = _reader(session, plan.kind, field)
        if reader is None:
            continue
        known, options, makes = reader
        read = [Word(text, count, known(text)) for text, count in words]
        read.sort(key=lambda word: word.known is not None)
        found.append(FieldWords(field, makes, options, tuple(read)))
    return found


def _reader(
    session: Session, kind: str, field: str
) -> tuple[Callable[[str], str | None], tuple[str, ...], bool] | None:
    """Return what finds a word's meaning, what there is to mean, and whether more can be made."""
    if field == "stage" and kind == "deal":
        return _names(session.scalars(
            select(Stage.name).where(Stage.archived_at.is_(None)).order_by(Stage.position)
        ).all())  # fmt: skip
    if field in _PEOPLE:
        people = session.execute(
            select(User.name, User.email).where(User.archived_at.is_(None)).order_by(User.name)
        ).all()
        addresses = {email.casefold(): name for name, email in people if email}
        by_name, names, makes = _names([name for name, _ in people])
        return lambda text: addresses.get(text.casefold()) or by_name(text), names, makes
    choice = _CHOICES.get((kind, field))
    if choice is None:
        return None
    options, table = choice

    def known(text: str) -> str | None:
        meant = word_in(table, text)
        if meant is None and options is ActivityKind and kind_of_activity(text) != "note":
            meant = kind_of_activity(text)
        return str(meant.value) if meant is not None else None

    return known, tuple(option.value for option in options), False


def _names(
    names: Sequence[str],
) -> tuple[Callable[[str], str | None], tuple[str, ...], bool]:
    by_key = {name_key(name): name for name in reversed(names)}
    return lambda text: by_key.get(name_key(text)), tuple(dict.fromkeys(names)), True
