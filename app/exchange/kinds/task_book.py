"""What belongs to tasks beyond their plain columns: people who take part, and the reminder."""

from datetime import datetime
from typing import Any

from app.exchange.kinds.planned_book import PlannedBook


class TaskBook(PlannedBook):
    """Links a task to the first participant who is known, and reminds of it."""

    link_column = "task_id"

    def next_start(self, row: dict[str, Any]) -> datetime | None:
        """Return when the task is due; what is done needs no reminder."""
        due: datetime | None = row.get("due_at")
        return due if row.get("done_at") is None else None
