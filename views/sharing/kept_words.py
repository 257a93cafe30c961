"""A change that waits on this computer, in words."""

from collections.abc import Mapping
from typing import Any, Final

from app.clock import now
from app.queries.record_names import Reference, reference_of
from app.sharing.outbox import Kept
from views.shared.conflict_words import label_of, value_words, when_words
from views.shared.text import tr, tr_n

_SILENT: Final = frozenset({"row_version", "opened", "resolution", "currency"})
_LONGEST: Final = 120  # characters of one value
_MOST: Final = 4  # fields in one line
_LABELS: Final = {"body": "Text", "kind": "Kind", "duration_seconds": "Seconds", "at": "When"}
_MAKES: Final = ("create_", "log_", "add_")


def references_of(kept: Kept) -> set[Reference]:
    """Return the records that a change names."""
    found = {reference_of(name, value) for name, value in kept.fields.items()}
    found.add(("user", kept.user_id) if kept.user_id is not None else None)
    return {reference for reference in found if reference is not None}


def title_of(kept: Kept) -> str:
    """Return what was done: "Change contact"."""
    return tr(kept.label)


def fields_words(kept: Kept, names: Mapping[Reference, str], currency: str) -> str:
    """Return the record and the fields: "Lena Ott · City: Köln"."""
    parts: list[str] = []
    makes = kept.command.partition(":")[2].startswith(_MAKES)
    # What it is about comes first.
    ordered = sorted(kept.fields.items(), key=lambda item: reference_of(*item) is None)
    for name, value in ordered:
        if name in _SILENT or value is None or (makes and not value):
            continue
        reference = reference_of(name, value)
        if reference is not None:
            known = names.get(reference)
            if known is None:
                continue
            own = not parts and name not in {"owner_id", "stage_id"}
            parts.append(known if own else f"{label_of(name)}: {known}")
        else:
            parts.append(f"{_label(name)}: {_value(name, value, currency)}")
    if len(parts) > _MOST:
        rest = len(parts) - _MOST
        parts = [*parts[:_MOST], tr_n("and {n} more field", "and {n} more fields", rest)]
    return " · ".join(parts)


def _label(name: str) -> str:
    return tr(_LABELS[name]) if name in _LABELS else label_of(name)


def _value(name: str, value: Any, currency: str) -> str:
    if isinstance(value, list | tuple | set | frozenset):
        return tr_n("{n} record", "{n} records", len(value))
    if isinstance(value, Mapping):
        return ", ".join(str(key) for key in value)
    words = " ".join(value_words(name, value, currency).split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1].rstrip() + "…"


def made_words(kept: Kept, names: Mapping[Reference, str]) -> str:
    """Return when it was made and by whom."""
    when = when_words(kept.at, now())
    who = names.get(("user", kept.user_id)) if kept.user_id is not None else None
    return f"{when} · {who}" if who else when
