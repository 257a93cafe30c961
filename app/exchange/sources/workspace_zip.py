"""A whole workspace as one zip, as our own export writes it: restored, never read row by row."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import UserError
from app.exchange.tables import RawTable

if TYPE_CHECKING:
    from app.workspace import Workspace


def recognises(path: Path, head: bytes) -> bool:
    """Say whether a file is a zip with the manifest of a workspace."""
    if not head.startswith(b"PK\x03\x04"):
        return False
    from app.exchange.zip_archive import is_workspace_zip

    return is_workspace_zip(path)


def open_source(path: Path, head: bytes, **reading: Any) -> RawTable:
    """Refuse it as a table: `restore_zip` takes it whole, into an empty workspace."""
    del head, reading
    raise UserError(
        "{file} is a whole workspace. Restore it into an empty one: "
        "closeknit import {file} -w NEW.closeknit",
        file=path.name,
    )


def restore_zip(workspace: "Workspace", path: Path, *, dry: bool = False) -> dict[str, int]:
    """Fill an empty workspace with what a zip holds; see `app.exchange.restore_zip`."""
    from app.exchange.restore_zip import restore_zip as restore

    return restore(workspace, path, dry=dry)
