"""A folder of a mailbox as a table whose rows are the mails that have come to it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from app.exchange.guessing import guess_table
from app.exchange.imap.messages import Arrivals, Message
from app.exchange.mail import parsing
from app.exchange.mail.parsing import row_of_source
from app.exchange.plan import FilePlan
from app.exchange.tables import Cells, Dialect, SourceRow, Stated, Table

HEADERS: Final = ("UID", *parsing.HEADERS)
STATED: Final = Stated(parsing.KIND, "IMAP", parsing.SYSTEM, HEADERS)


@dataclass(frozen=True, slots=True)
class ImapFolder:
    """The mails of a folder as rows numbered from 1; each run of `raw_rows` fetches them anew."""

    arrivals: Arrivals
    stated: Stated = STATED
    dialect: Dialect = field(default_factory=lambda: Dialect("imap", header_row=0))

    def raw_rows(self) -> Iterator[SourceRow]:
        """Yield a row for each mail."""
        for number, message in enumerate(self.arrivals.messages(), start=1):
            yield row_of(number, message)


def row_of(number: int, message: Message) -> SourceRow:
    """Return a mail as a row; what cannot be read is a row that says so."""
    if message.problem:
        blank = ("",) * (len(HEADERS) - 1)
        return SourceRow(number, (str(message.uid), *blank), problem=message.problem)
    row = row_of_source(number, message.raw, message.at)
    if message.note and row.given is not None:
        row.given.problems.append(("body", "", message.note))
    return replace(row, cells=(str(message.uid), *row.cells))


def uid_of(cells: Cells) -> int:
    """Return the UID that stands in a row's cells."""
    return int(cells[0])


def plan_of(table: ImapFolder, name: str, source: str) -> FilePlan:
    """Return the plan that takes a folder in; `name` is what the imports page calls it."""
    arrivals = table.arrivals
    place = Path(name.replace("/", " › ").replace("\\", " › "))
    made = Table(place, table.dialect, HEADERS, (), table, STATED)
    return FilePlan(made, guess_table(made), (), arrivals.last - arrivals.reached, source=source)
