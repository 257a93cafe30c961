"""What the shapes of several kinds share: values, choices, rows left out."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.exchange.shaping import Shaped


def copy(shaped: "Shaped", *keys: str) -> None:
    """Put values into the columns of the same names."""
    values = shaped.draft.values
    for key in keys:
        if key in values:
            shaped.columns[key] = values[key]


def choose(shaped: "Shaped", key: str, words: Mapping[str, Any]) -> None:
    """Put our choice for another program's word into its column; tell a word that is unknown."""
    from app.exchange.choices import word_in

    text = shaped.draft.values.get(key)
    if text is None:
        return
    choice = word_in(words, text)
    if choice is None:
        shaped.draft.complain(key, text, "This word is not known here; the usual value was taken.")
    else:
        shaped.columns[key] = choice


def leave_out(shaped: "Shaped", reason: str) -> None:
    """Skip a row for a reason that is no mistake of the file."""
    shaped.draft.reject, shaped.draft.blank = reason, True
