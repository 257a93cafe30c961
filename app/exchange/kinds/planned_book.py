"""What appointments and to-dos of calendars share: who takes part, whose they are, reminders."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from app.database import acting_user
from app.exchange.books import PlainBook
from app.exchange.shaping import Shaped
from app.exchange.values import email_key
from models.clock import now


class PlannedBook(PlainBook):
    """Links what is planned to the first participant who is known; strangers are not made."""

    link_column = "appointment_id"

    def look_up(self, shaped: Sequence[Shaped], ids: Iterable[int]) -> None:
        """Look for the people who take part."""
        del ids
        wanted = [email_key(each) for row in shaped for each in row.extra.get("people", ())]
        directory = self.state.directory
        directory.ask("contact", "email", wanted)
        directory.load("contact", directory.all_candidates("contact", "email", wanted))

    def columns_for_new(self, shaped: Shaped) -> dict[str, Any]:
        """Return the person, their company and the owner."""
        return self._person(shaped, {}) | self._owner(shaped)

    def columns_for_known(
        self, shaped: Shaped, current: dict[str, Any], *, again: bool
    ) -> dict[str, Any]:
        """Return the person where none is known yet."""
        del again
        return self._person(shaped, current)

    def write_new(self, shaped: Shaped, row: dict[str, Any]) -> None:
        """Write the reminder, where it is still to come."""
        minutes = shaped.extra.get("minutes_before")
        start = self.next_start(row)
        if minutes is None or start is None:
            return
        due = start - timedelta(minutes=minutes)
        if due <= now():
            return
        values = {
            self.link_column: row["id"],
            "owner_id": row.get("owner_id"),
            "due_at": due,
            "minutes_before": minutes,
        }
        self.ledger.insert("reminder", values, version=row["row_version"])

    def next_start(self, row: dict[str, Any]) -> datetime | None:
        """Return when what is planned begins next."""
        raise NotImplementedError

    def _owner(self, shaped: Shaped) -> dict[str, Any]:
        session = self.state.directory.session
        if "owner_id" in shaped.columns or session is None or shaped.extra.get("waiting"):
            return {}
        return {"owner_id": acting_user(session)}

    def _person(self, shaped: Shaped, current: dict[str, Any]) -> dict[str, Any]:
        if current.get("contact_id") is not None or "contact_id" in shaped.columns:
            return {}
        directory = self.state.directory
        for address in shaped.extra.get("people", ()):
            for contact_id in directory.candidates("contact", "email", email_key(address)):
                contact = directory.current(contact_id) or {}
                found = {"contact_id": contact_id}
                if current.get("company_id") is None and contact.get("company_id") is not None:
                    found["company_id"] = contact["company_id"]
                return found
        return {}
