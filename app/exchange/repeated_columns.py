"""Columns that stand again and again, as trackers write comments and labels: one for each."""

import re
from collections.abc import Sequence
from typing import Final

from models.values import name_key

_REPEAT: Final = re.compile(r"\s*\(\d+\)\s*$")
_WORDS: Final = {
    "comment": "comment|comments|kommentar|kommentare|commentaire|commentaires|comentario|"
    "comentarios|commento|commenti|opmerking|comentário",
    "tag": "label|labels|tag|tags|stichwort|stichwörter|étiquette|étiquettes|etiqueta|etiquetas|"
    "etichette|schlagwort|schlagworte",
}
_SORTS: Final = {
    name_key(word): sort for sort, words in _WORDS.items() for word in words.split("|")
}


def repeated_columns(headers: Sequence[str], kind: str) -> dict[int, str]:
    """Return the columns of tickets that become `comment:N` and `tag:N`, by their place.

    A lone column is none of them: it is an ordinary description or list of tags.
    """
    if kind != "ticket":
        return {}
    found: dict[str, list[int]] = {"comment": [], "tag": []}
    for index, header in enumerate(headers):
        sort = _SORTS.get(name_key(_REPEAT.sub("", header)))
        if sort is not None:
            found[sort].append(index)
    return {
        index: f"{sort}:{n}"
        for sort, places in found.items()
        if len(places) > 1
        for n, index in enumerate(places, start=1)
    }
