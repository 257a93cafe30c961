"""Records of which only another program's id is known, until their own row comes."""

from typing import Any

from app.exchange.ledger import Ledger
from app.exchange.state import FileState


def make_placeholder(
    state: FileState, ledger: Ledger, kind: str, external: str, values: dict[str, Any], number: int
) -> dict[str, Any]:
    """Make a record under an id of the file's program; its own row will find it by that."""
    row = ledger.insert(kind, values)
    ledger.note_created(kind, row, number)
    directory, system = state.directory, state.plan.system
    directory.add_made(row)
    state.touched[row["id"]] = "made"
    known = {
        "system": system,
        "record_kind": kind,
        "value": external,
        "record_id": row["id"],
    }
    ledger.insert("external_id", known, version=row["row_version"])
    directory.external(row["id"])[system] = external
    directory.add(kind, f"external:{system}", external, row["id"])
    return row
