"""What belongs to tickets: their numbers, their threads, and comments that come by themselves."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from app.exchange.books import PlainBook
from app.exchange.kinds.placeholders import make_placeholder
from app.exchange.kinds.ticket import stand_in
from app.exchange.kinds.ticket_thread import Comment, Threads, read_comments
from app.exchange.ledger import Ledger
from app.exchange.links import LinkFinder
from app.exchange.shaping import Ref, Shaped
from app.exchange.state import FileState
from app.exchange.values import email_key
from models.values import MessageKind, name_key

_AN_ID: Final = re.compile(r"[0-9a-f]{20,}|[\w-]*\d[\w-]*:[\w-]+|\d+")
_Who = tuple[MessageKind, dict[str, int]]


class TicketBook(PlainBook):
    """Gives tickets their numbers and writes what their rows hold of the thread."""

    def __init__(self, state: FileState, ledger: Ledger) -> None:
        super().__init__(state, ledger)
        self.threads = Threads(state, ledger)
        self.authors = Authors(state, ledger)

    def look_up(self, shaped: Sequence[Shaped], ids: Iterable[int]) -> None:
        """Read the threads of stored tickets, and who has written the comments of the rows."""
        self.threads.load(ids)
        names: set[str] = set()
        for each in shaped:
            cells = each.extra.get("comments")
            if cells:
                each.extra["comments"] = read_comments(cells)
                names.update(c.author for c in each.extra["comments"] if c.author)
        self.authors.ask(names)

    def columns_for_new(self, shaped: Shaped) -> dict[str, Any]:
        """Return the next number, and when the thread begins where no day of opening is given."""
        self.state.next_ticket += 1
        said = [c.at for c in shaped.extra.get("comments", ()) if c.at is not None]
        opened_at = shaped.columns.get("opened_at") or min(said, default=self.ledger.moment)
        return {"number": self.state.next_ticket, "opened_at": opened_at}

    def write_new(self, shaped: Shaped, row: dict[str, Any]) -> None:
        """Write the thread of a new ticket."""
        self._write(shaped, row, own=True)

    def write_more(self, shaped: Shaped, current: dict[str, Any], *, own: bool) -> bool:
        """Write what a stored thread has not yet."""
        return self._write(shaped, current, own=own)

    def _write(self, shaped: Shaped, ticket: dict[str, Any], *, own: bool) -> bool:
        number, added = shaped.draft.row, False
        body = shaped.extra.get("description")
        opened_at: datetime = ticket["opened_at"]
        given = "opened_at" in shaped.draft.values
        if body and self.threads.find(ticket["id"], body, opened_at if given else None) is None:
            who = {"contact_id": ticket.get("contact_id")}
            first = Comment(body, opened_at)
            message = self.threads.add(ticket, first, MessageKind.CUSTOMER, number, own=own, **who)
            for ref in shaped.extra.get("waiting", ()):
                if ref.column == "contact_id":
                    self._wait(message, ref, number)
            added = True
        for comment in shaped.extra.get("comments", ()):
            if self.threads.find(ticket["id"], comment.body, comment.at) is None:
                self._comment(shaped, ticket, comment, own=own)
                added = True
        return added

    def _comment(
        self, shaped: Shaped, ticket: dict[str, Any], comment: Comment, *, own: bool
    ) -> None:
        kind, who = self.authors.of(shaped, ticket, comment.author)
        dated = comment if comment.at else Comment(comment.body, ticket["opened_at"])
        number = shaped.draft.row
        message = self.threads.add(ticket, dated, kind, number, own=own, **who)
        if comment.author and not who and _AN_ID.fullmatch(comment.author):
            self._wait(message, Ref("user_id", ("user",), comment.author), number)

    def _wait(self, message: dict[str, Any], ref: Ref, number: int) -> None:
        """Note that a message's author has not come; noted by itself, as no row is about it."""
        for target in ref.kinds:
            row = self.ledger.insert(
                "pending_link",
                {
                    "system": self.state.plan.system,
                    "target_kind": target,
                    "value": ref.value,
                    "record_kind": "ticket_message",
                    "record_id": message["id"],
                    "column_name": ref.column,
                },
            )
            self.ledger.note_created("pending_link", row, number)


class Authors:
    """Knows who has written a comment, by the name, address or id that stands in it."""

    def __init__(self, state: FileState, ledger: Ledger) -> None:
        self.state = state
        self.directory = state.directory
        self.links = LinkFinder(state, ledger, "ticket")

    def ask(self, names: Iterable[str]) -> None:
        """Look up many authors at once."""
        wanted = list(names)
        self.links.ask("user", wanted)
        self.links.ask("contact", wanted)
        self.directory.ask("contact", "email", [email_key(n) for n in wanted if "@" in n])
        for kind in ("user", "contact"):
            self.directory.ask(kind, f"external:{self.state.plan.system}", wanted)

    def of(self, shaped: Shaped, ticket: dict[str, Any], author: str) -> _Who:
        """Return what kind of message an author's is, and the columns that name the author.

        Who neither reported the ticket nor is a known contact works at the help desk.
        """
        if not author:
            return MessageKind.NOTE, {}
        values = shaped.draft.values
        reporter = {values.get(k) for k in ("contact", "contact_email", "contact_ref")} - {None}
        if name_key(author) in {name_key(str(name)) for name in reporter}:
            found = ticket.get("contact_id")
            return MessageKind.CUSTOMER, {"contact_id": found} if found else {}
        known = self.known(author)
        if known is not None:
            return known
        if _AN_ID.fullmatch(author):
            return MessageKind.REPLY, {}
        if author not in self.state.complained:  # once a name, not once a row
            self.state.complained.add(author)
            shaped.draft.complain(
                "comment:1", author,
                "Nobody here has this name, so a user was made. If it is somebody's other "
                "spelling, assign the records and archive the new user.",
            )  # fmt: skip
        return MessageKind.REPLY, {"user_id": self.links.make("user", author, shaped.draft.row)}

    def known(self, author: str) -> _Who | None:
        """Return who an author is, None where nobody is known by that."""
        external = f"external:{self.state.plan.system}"
        by_id = self.directory.candidates("user", external, author)
        user = by_id[0] if by_id else self.links.find("user", author)
        if user is not None:
            return MessageKind.REPLY, {"user_id": user}
        contacts = self.directory.candidates("contact", external, author)
        if not contacts and "@" in author:
            contacts = self.directory.candidates("contact", "email", email_key(author))
        contact = contacts[0] if contacts else self.links.find("contact", author)
        return None if contact is None else (MessageKind.CUSTOMER, {"contact_id": contact})


class TicketMessageBook(PlainBook):
    """Puts comments into their tickets' threads; a ticket that has not come is made for them."""

    def __init__(self, state: FileState, ledger: Ledger) -> None:
        super().__init__(state, ledger)
        self.threads = Threads(state, ledger)
        self.authors = Authors(state, ledger)

    def look_up(self, shaped: Sequence[Shaped], ids: Iterable[int]) -> None:
        """Find each comment's ticket and, in its thread, the comment itself."""
        del ids
        directory = self.state.directory
        self.authors.ask({each.extra["author"] for each in shaped if "author" in each.extra})
        for each in shaped:
            self._place(each)
        tickets = [each.columns["ticket_id"] for each in shaped if "ticket_id" in each.columns]
        directory.load("ticket", tickets)
        directory.load_external("ticket", tickets)
        self.threads.load(tickets)
        found: list[int] = []
        for each in shaped:
            if "ticket_id" in each.columns:
                found += self._find(each)
        directory.load("ticket_message", found)
        directory.load_external("ticket_message", found)

    def write_new(self, shaped: Shaped, row: dict[str, Any]) -> None:
        """Remember the message, and let a ticket that was made for it begin with it."""
        del shaped
        self.threads.remember(row)

    def _place(self, shaped: Shaped) -> None:
        """Put a comment into its ticket; where that has not come, one is made under its id."""
        if "ticket_id" not in shaped.columns:
            waiting = shaped.extra.get("waiting", [])
            ref = next((r for r in waiting if r.column == "ticket_id"), None)
            if ref is None:
                shaped.draft.reject = (
                    "Nothing says which ticket this belongs to. Fill in the ticket's id."
                )
                return
            shaped.extra["waiting"] = [r for r in waiting if r is not ref]
            shaped.columns["ticket_id"] = self._ticket(shaped, ref.value)
        self._name(shaped)

    def _ticket(self, shaped: Shaped, external: str) -> int:
        directory, system = self.state.directory, self.state.plan.system
        made = directory.candidates("ticket", f"external:{system}", external)  # by a row above
        if made:
            return made[0]
        self.state.next_ticket += 1
        values = {
            "number": self.state.next_ticket,
            "subject": stand_in(external),
            "opened_at": shaped.columns["at"],
        }
        row = make_placeholder(
            self.state, self.ledger, "ticket", external, values, shaped.draft.row
        )
        shaped.draft.complain(
            "ticket_ref", external,
            "This ticket has not come yet, so one was made under its id. Import the tickets too: "
            "their rows will fill it in.",
        )  # fmt: skip
        return int(row["id"])

    def _name(self, shaped: Shaped) -> None:
        """Name the author, and conclude from that what kind of message it is."""
        columns, author = shaped.columns, shaped.extra.get("author")
        if author and not {"user_id", "contact_id"} & columns.keys():
            known = self.authors.known(author)
            if known is not None:
                columns.update(known[1])
            elif author not in self.state.complained:
                self.state.complained.add(author)
                shaped.draft.complain(
                    "author", author,
                    "Nobody here has this name, so the message stands without its author. "
                    "Import the people first.",
                )  # fmt: skip
        if "kind" in columns:
            return
        if columns.get("user_id") is not None:
            columns["kind"] = MessageKind.REPLY
        elif columns.get("contact_id") is not None:
            columns["kind"] = MessageKind.CUSTOMER
        else:  # until its author comes
            shaped.defaults["kind"] = MessageKind.CUSTOMER

    def _find(self, shaped: Shaped) -> list[int]:
        """Look for the comment in its thread, and give it the key it is found by."""
        columns, directory = shaped.columns, self.state.directory
        ticket = directory.current(columns["ticket_id"])
        if ticket is not None:
            self._begin(shaped, ticket)
        key = f"{columns['ticket_id']}|{columns['at'].isoformat()}|{columns['body']}"
        shaped.keys.append(("thread", key))
        known = self.threads.find(columns["ticket_id"], columns["body"], columns["at"])
        if known is None:
            return []
        directory.add("ticket_message", "thread", key, known["id"])
        return [known["id"]]

    def _begin(self, shaped: Shaped, ticket: dict[str, Any]) -> None:
        """Let a ticket of which only the id is known begin with its first message."""
        external = self.state.directory.external(ticket["id"]).get(self.state.plan.system)
        at: datetime = shaped.columns["at"]
        if external is None or ticket["subject"] != stand_in(external) or ticket["opened_at"] <= at:
            return
        own = self.state.touched.get(ticket["id"]) in {"created", "made"}
        self.ledger.update("ticket", ticket, {"opened_at": at}, shaped.draft.row, own=own)
