"""Outlook's .msg files."""

from pathlib import Path
from typing import Any

from app.exchange.tables import RawTable


def recognises(path: Path, head: bytes) -> bool:
    """Say whether a file is of this format."""
    del path, head
    return False


def open_source(path: Path, head: bytes, **reading: Any) -> RawTable:
    """Open a file of this format."""
    raise NotImplementedError
