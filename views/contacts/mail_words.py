"""Says in words who wrote a mail to whom."""

from collections.abc import Sequence
from typing import Final

from app.queries.timeline_entry import MailPerson
from models.values import MailRole
from views.shared.text import tr

_NAMED: Final = 2  # receivers that a line of the timeline names
_ALL: Final = 50


def people_line(people: Sequence[MailPerson], role: MailRole, *, full: bool = False) -> str:
    """Return who has a role in a mail; `full` with every address, else a few names."""
    found = [person for person in people if person.role is role]
    shown = found[: _ALL if full else _NAMED]
    words = [_full(person) if full else person.name or person.address for person in shown]
    line = ", ".join(words)
    left = len(found) - len(shown)
    return tr("{names} and {n} more", names=line, n=left) if left else line


def _full(person: MailPerson) -> str:
    return f"{person.name} <{person.address}>" if person.name else person.address
