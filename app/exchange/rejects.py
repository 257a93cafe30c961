"""The rows that were not taken, as a file to be mended and read again."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.exchange.drafts import Draft
from app.exchange.plan import FilePlan

# No field of any program is called so: read again, the column is left out.
REASON: Final = "Not taken because"


class RejectFile:
    """Writes the source's own columns and the reason; made only when there is a row to write."""

    def __init__(self, path: Path, plan: FilePlan) -> None:
        self.path = path
        self.rows = 0
        self._plan = plan

    def add(self, rows: Sequence[tuple[Draft, str]]) -> None:
        """Add rows with their reasons."""
        if not rows:
            return
        # BOM, because spreadsheets read UTF-8 without one as something else.
        start = self.rows == 0
        with self.path.open(
            "w" if start else "a", encoding="utf-8-sig" if start else "utf-8", newline=""
        ) as file:
            out = csv.writer(file)
            headers = list(self._plan.table.headers)
            if start:
                out.writerow([*headers, REASON])
            width = len(headers)
            for draft, reason in rows:
                cells = [*draft.cells, *[""] * (width - len(draft.cells))]
                out.writerow([*cells[:width], reason])
        self.rows += len(rows)
