"""The invented words of the demo, from resources/demo, and dice that depend on nothing else."""

import json
import random
import re
from bisect import bisect
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any, Generic, TypeVar

from models.values import fold

T = TypeVar("T")

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "demo"
_GERMAN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "\u0131": "i"}
)
_NOT_LETTER = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=8)
def words(name: str) -> Any:
    """Return the content of resources/demo/NAME.json."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def dice(seed: int, purpose: str) -> random.Random:
    """Return a stream of its own for each purpose, so that more deals do not change the people.

    Seeded by text, which Python hashes with SHA-512 and never with the process's own hash.
    """
    return random.Random(f"{seed}/{purpose}")  # noqa: S311  invented data needs no secrecy


class Weighted(Generic[T]):
    """Things to pick from, some more often than others."""

    def __init__(self, pairs: Iterable[tuple[T, float]]) -> None:
        kept = [(item, weight) for item, weight in pairs if weight > 0]
        self.items = [item for item, _weight in kept]
        self._heights = list(accumulate(weight for _item, weight in kept))

    @classmethod
    def of(cls, weights: Mapping[T, float]) -> "Weighted[T]":
        """Return a choice among the keys of a mapping."""
        return cls(weights.items())

    def pick(self, rng: random.Random) -> T:
        """Return one of the things."""
        place = bisect(self._heights, rng.random() * self._heights[-1])
        return self.items[min(place, len(self.items) - 1)]


def slug(text: str) -> str:
    """Return text as it can stand in an address: small letters, digits and hyphens."""
    plain = fold(text.lower().replace("ß", "ss").translate(_GERMAN))
    return _NOT_LETTER.sub("-", plain).strip("-")


def filled(pattern: str, rng: random.Random) -> str:
    """Return a pattern with a digit for each # and a capital for each X."""
    return "".join(
        str(rng.randrange(10))
        if c == "#"
        else rng.choice("ABCDEFGHJKLMNPRSTUVWY")
        if c == "X"
        else c
        for c in pattern
    )
