"""Which reader a file is for: by its content, never by its name alone.

Each reader is a module of `app.exchange.sources` with two functions, imported only when asked:
`recognises(path, head) -> bool` looks at the first bytes (empty for a folder), and
`open_source(path, head, **reading) -> RawTable` opens the file. The first that recognises it wins;
what nobody does is a table of text.
"""

from importlib import import_module
from pathlib import Path
from typing import Any, Final

from app.errors import UserError
from app.exchange.tables import RawTable

# From the most to the least particular.
READERS: Final = (
    "workspace_zip",
    "own_lines",
    "outlook_message",
    "workbook",
    "packed",
    "vcard",
    "calendar",
    "json_events",
    "json_records",
    "mbox",
    "message",
    "maildir",
    "fixed_width",
)


def open_raw(path: Path, head: bytes, **reading: Any) -> RawTable:
    """Open a file with the reader that recognises it; UserError where none can."""
    from app.exchange.text_table import TextTable

    for name in READERS:
        reader: Any = import_module(f"app.exchange.sources.{name}")
        if reader.recognises(path, head):
            found: RawTable = reader.open_source(path, head, **reading)
            return found
    if path.is_dir():
        raise UserError("{file} is a folder. Choose a file in it.", file=path.name)
    return TextTable(path, head, encoding=reading["encoding"], delimiter=reading["delimiter"])
