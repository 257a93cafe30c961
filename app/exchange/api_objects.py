"""Objects of other programs that are no customer data, known by the addresses they carry."""

import re
from collections.abc import Mapping
from typing import Final

from app.errors import UserError
from app.exchange.tables import Table

_ADDRESS: Final = re.compile(r"https?://[^/\s]+/api/v\d+/([a-z_]+)/[\w-]+(?:\.json)?/?")
# The last but one part of an object's address → what such objects are.
_NO_RECORDS: Final[Mapping[str, str]] = {
    "groups": "the groups of a help desk: names of teams",
    "group_memberships": "who is in which group of a help desk",
    "brands": "the brands of a help desk",
    "ticket_forms": "the forms of a help desk",
    "ticket_fields": "the fields of a help desk",
    "views": "the views of a help desk",
    "macros": "the macros of a help desk",
    "triggers": "the rules of a help desk",
    "automations": "the rules of a help desk",
    "schedules": "the working hours of a help desk",
}


def refuse_objects(table: Table) -> None:
    """Raise UserError for a table of a program's own settings, saying what they are."""
    for index in range(len(table.headers)):
        cells = [row[index].strip() for row in table.sample if row[index].strip()]
        if not cells:
            continue
        found = [_ADDRESS.fullmatch(cell) for cell in cells]
        kinds = {match.group(1) if match else "" for match in found}
        what = _NO_RECORDS.get(kinds.pop()) if len(kinds) == 1 else None
        if what is not None:
            raise UserError(
                "{file} holds {what}, not customers or tickets, so it was not taken. Import the "
                "people, companies, tickets and comments of the help desk instead.",
                file=table.path.name,
                what=what,
            )
