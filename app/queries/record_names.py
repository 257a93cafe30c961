"""What records are called, of any kind, for words about fields that point to them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.records import RECORDS

Reference = tuple[str, int]
_NAMES: Final = ("name", "title", "subject", "label")
_KINDS: Final[Mapping[str, str]] = {"owner": "user", "parent": "company", "assignee": "user"}


def reference_of(field: str, value: Any) -> Reference | None:
    """Return which record a field such as `contact_id` points to; None where it is another."""
    if not field.endswith("_id") or not isinstance(value, int):
        return None
    stem = field.removesuffix("_id")
    kind = _KINDS.get(stem, stem)
    return (kind, value) if kind in RECORDS else None


def record_names(session: Session, references: Iterable[Reference]) -> dict[Reference, str]:
    """Return the names of those that there are."""
    wanted: dict[str, set[int]] = {}
    for kind, record_id in references:
        wanted.setdefault(kind, set()).add(record_id)
    found: dict[Reference, str] = {}
    for kind, ids in wanted.items():
        record: Any = RECORDS[kind]
        column = next((getattr(record, name) for name in _NAMES if hasattr(record, name)), None)
        if column is None:
            continue
        for record_id, name in session.execute(select(record.id, column).where(record.id.in_(ids))):
            if name:
                found[kind, record_id] = str(name)
    return found
