"""Salesforce's record ids: which kind of record they name, by their first three characters.

18 characters: 15 that tell upper and lower case apart, and three that say which are upper case
(Salesforce Help, "What are Salesforce IDs composed of?").
"""

import re
from collections.abc import Sequence
from typing import Final

from models.values import name_key

_ID: Final = re.compile(r"[0-9A-Za-z]{15}(?:[A-Z0-5]{3})?")
_DIGITS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_KINDS: Final = {
    "001": "company", "003": "contact", "00Q": "contact", "006": "deal", "005": "user",
    "500": "ticket", "00T": "task", "00U": "appointment", "01t": "product",
}  # fmt: skip
_CUSTOM: Final = re.compile(r"\w__(?:c|pc|r)$", re.IGNORECASE)
_ENOUGH: Final = 0.9


def is_salesforce_id(text: str) -> bool:
    """Say whether a text is an id of Salesforce; of 15 characters only with a known beginning."""
    if not _ID.fullmatch(text):
        return False
    if len(text) == 15:  # noqa: PLR2004  without the check
        return text[:3] in _KINDS
    checks = (
        sum(1 << place for place, char in enumerate(text[start : start + 5]) if char.isupper())
        for start in (0, 5, 10)
    )
    return all(_DIGITS[bits] == char for bits, char in zip(checks, text[15:], strict=True))


def salesforce_kind(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str | None:
    """Return the kind that a table's ids name, "" where none, None for other programs' tables."""
    place = next((i for i, header in enumerate(headers) if name_key(header) == "id"), None)
    if place is not None:
        ids = [row[place].strip() for row in rows if row[place].strip()]
        good = [text for text in ids if is_salesforce_id(text)]
        if ids and len(good) >= _ENOUGH * len(ids):
            kinds = {_KINDS.get(text[:3], "") for text in good}
            return kinds.pop() if len(kinds) == 1 else ""
    return "" if any(_CUSTOM.search(header) for header in headers) else None
