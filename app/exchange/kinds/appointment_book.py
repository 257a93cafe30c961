"""What belongs to appointments beyond their plain columns."""

from datetime import datetime
from typing import Any

from app.exchange.kinds.planned_book import PlannedBook
from app.series import next_after
from models.clock import local_zone, now


class AppointmentBook(PlannedBook):
    """Links appointments to who takes part, and reminds of the next time of a series."""

    link_column = "appointment_id"

    def next_start(self, row: dict[str, Any]) -> datetime | None:
        """Return when the appointment takes place next."""
        if row.get("cancelled_at") is not None:
            return None
        if row.get("series"):
            found = next_after(row["series"], now(), local_zone())
            return found.starts_at if found is not None else None
        start: datetime = row["starts_at"]
        return start
