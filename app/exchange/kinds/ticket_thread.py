"""The threads of a chunk's tickets: what they hold already, and what rows add to them."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from app.exchange.dates import guess_order, parse_moment
from app.exchange.ledger import Ledger
from app.exchange.state import FileState
from models.clock import local_zone
from models.values import MessageKind

MAX_BODY: Final = 1_000_000  # characters; as a person may write
# Other programs note a ticket and its first comment seconds apart.
_SAME: Final = timedelta(minutes=1)
_STAMP: Final = re.compile(r"\s*([^;\n]{6,40});([^;\n]{0,200});(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as a cell holds it; without moment or author where it says neither."""

    body: str
    at: datetime | None = None
    author: str = ""


def read_comments(cells: Iterable[str]) -> list[Comment]:
    """Read cells such as `12/Jan/24 3:45 PM;Ann Lee;It works now`, the oldest first.

    A cell that does not begin with a moment is a comment as a whole.
    """
    parts = [(cell, _STAMP.match(cell)) for cell in cells]
    order = guess_order([found.group(1) for _, found in parts if found])
    zone = local_zone()
    read: list[Comment] = []
    for cell, found in parts:
        at = parse_moment(found.group(1), order, zone) if found else None
        if found is None or at is None:
            read.append(Comment(cell.strip()))
        elif found.group(3).strip():
            read.append(Comment(found.group(3).strip(), at, found.group(2).strip()))
    return sorted(read, key=lambda c: (c.at is None, c.at or datetime.min.replace(tzinfo=UTC)))


class Threads:
    """The messages of tickets, as this chunk sees them."""

    def __init__(self, state: FileState, ledger: Ledger) -> None:
        self.state = state
        self.ledger = ledger
        self.directory = state.directory
        # Ticket → text → its messages: a thread may be long, and every row asks.
        self._texts: dict[int, dict[str, list[dict[str, Any]]]] = {}

    def load(self, ticket_ids: Iterable[int]) -> None:
        """Read the threads of tickets."""
        self.directory.load_children("ticket_message", "ticket_id", ticket_ids)

    def find(self, ticket_id: int, body: str, at: datetime | None) -> dict[str, Any] | None:
        """Return the message that says this at that moment (None: whenever)."""
        for message in self._thread(ticket_id).get(body.strip(), ()):
            if at is None or abs(message["at"] - at) <= _SAME:
                return message
        return None

    def remember(self, message: dict[str, Any]) -> None:
        """Note a message that another part of the import has written."""
        ticket_id: int = message["ticket_id"]
        known = self._thread(ticket_id)
        self.directory.children("ticket_message", ticket_id).append(message)
        known[message["body"].strip()].append(message)

    def _thread(self, ticket_id: int) -> dict[str, list[dict[str, Any]]]:
        found = self._texts.get(ticket_id)
        if found is None:
            found = self._texts[ticket_id] = defaultdict(list)
            for message in self.directory.children("ticket_message", ticket_id):
                found[message["body"].strip()].append(message)
        return found

    def add(
        self,
        ticket: dict[str, Any],
        comment: Comment,
        kind: MessageKind,
        number: int,
        *,
        own: bool,
        **who: Any,
    ) -> dict[str, Any]:
        """Write a message into a ticket's thread; of an own ticket it shares the version."""
        values = {
            "ticket_id": ticket["id"],
            "kind": kind,
            "at": comment.at,
            "body": comment.body[:MAX_BODY],
            **who,
        }
        row = self.ledger.insert(
            "ticket_message", values, version=ticket["row_version"] if own else 0
        )
        if not own:
            self.ledger.note_created("ticket_message", row, number)
        self.directory.add_made(row)
        self.remember(row)
        return row
